"""Holds the private steps to the shapes and dtypes of their types; users never meet this check."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from beartype import beartype
from jaxtyping import jaxtyped

from gated import cells

STEPS = ("_rnn_step", "_gru_step", "_gru_step_reset_before", "_lstm_step")


@pytest.fixture(scope="package", autouse=True)
def _steps_with_checked_types() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            checked = jaxtyped(typechecker=beartype)(getattr(cells, name))
            patch.setattr(cells, name, checked)
        yield


@pytest.fixture
def unchecked_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the check away where torch reads the code of the steps, and would trip over it."""
    for name in STEPS:
        monkeypatch.setattr(cells, name, inspect.unwrap(getattr(cells, name)))
