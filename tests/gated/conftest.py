"""Tests run torch on one thread, and hold its private steps to the types that they declare.

Users never meet that check.
"""

import inspect
from collections.abc import Iterator

import pytest
import torch
from beartype import beartype
from jaxtyping import jaxtyped

from gated import attention, cells, family, minimal

STEPS = {
    cells: (
        "_rnn_step",
        "_gru_gates",
        "_gru_gates_reset_before",
        "_gru_step",
        "_lstm_gates",
        "_lstm_step",
    ),
    family: ("_mgu_step", "_coupled_lstm_step", "_peephole_lstm_step"),
    minimal: (
        "_min_gru_step",
        "_min_gru_logs",
        "_min_lstm_step",
        "_min_lstm_logs",
        "_scan",
        "_join",
        "_join_any_number",
    ),
    attention: ("_additive_scores", "_general_scores", "_dot_scores", "_scaled_dot_scores"),
}
EACH = [(module, name) for module, names in STEPS.items() for name in names]


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    """Keep torch to one thread: products this small only lose by sharing.

    It shares out even a logsigmoid of eight numbers, and where other tests have the other cores,
    each such step waits for one of them.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="package", autouse=True)
def _steps_with_checked_types() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module, name in EACH:
            checked = jaxtyped(typechecker=beartype)(getattr(module, name))
            patch.setattr(module, name, checked)
        yield


@pytest.fixture
def unchecked_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the check away where torch reads the code of the steps, and would trip over it."""
    for module, name in EACH:
        monkeypatch.setattr(module, name, inspect.unwrap(getattr(module, name)))
