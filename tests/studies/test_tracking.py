"""The study of state: what its tasks ask, that its cells are of one size, how it decides."""

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gated.parameters import count
from gated.tasks.state import KEYS, STATE_TASKS, Attention
from studies import tracking
from studies.harness.networks import CELLS
from studies.harness.study import Config, Record
from studies.harness.training import Recipe

#: Without a recurrent matrix, and on two inputs, no allowed width is enough.
WIDE = ("parity", "mingru")


@given(st.integers(1, 50), st.integers(0, 100))
def test_parity_is_that_of_the_ones_so_far(length: int, seed: int) -> None:
    x, odd = STATE_TASKS["parity"].batch(length, 5, torch.Generator().manual_seed(seed))
    for step in range(length):
        assert torch.equal(x[: step + 1, :, 1].sum(0).long() % 2, odd[step])


@given(st.integers(1, 20), st.integers(0, 100))
def test_the_value_that_is_asked_for_stands_beside_its_key(pairs: int, seed: int) -> None:
    x, wanted = STATE_TASKS["lookup"].batch(pairs, 7, torch.Generator().manual_seed(seed))
    keys, values = x[..., :KEYS].argmax(-1), x[..., KEYS:]
    assert (values[-1] == 0).all(), "the question comes without its answer"
    for sequence in range(7):
        *seen, asked = keys[:, sequence].tolist()
        assert len(set(seen)) == pairs
        at = seen.index(asked)
        assert values[at, sequence].argmax() == wanted[0, sequence]


@pytest.mark.parametrize(
    ("task", "cell"),
    sorted({(task, cell) for task in STATE_TASKS for cell in tracking.SEEDS} - {WIDE}),
)
def test_all_cells_have_about_as_many_parameters(task: str, cell: str) -> None:
    inputs = STATE_TASKS[task].input_size
    layer = CELLS[cell](inputs, tracking.width_of(cell, inputs))
    ratio = sum(w.numel() for w in layer.parameters()) / count("lstm", inputs, 32).total
    assert 0.85 < ratio < 1.15


def test_where_no_width_is_enough_it_is_the_widest() -> None:
    assert tracking.width_of("mingru", STATE_TASKS["parity"].input_size) == tracking.WIDEST


def test_attention_sees_no_step_to_come_and_tells_positions_apart() -> None:
    torch.manual_seed(0)
    layer = Attention(3, 8)
    x = torch.randn(6, 2, 3)
    before = layer(x)[0]
    x[4:] = 0.0
    after = layer(x)[0]
    torch.testing.assert_close(after[:4], before[:4])
    assert not torch.allclose(after[4:], before[4:])
    same = layer(torch.ones(5, 1, 3))[0]
    assert not torch.allclose(same[1], same[4])


def test_a_trial_is_tested_on_longer_sequences_too() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracking, "RECIPE", Recipe(limit=300))
        config: Config = {"task": "parity", "cell": "gru", "length": 40, "seed": 0, "rate": 0.01}
        outcome = tracking.STUDY.run(config, "cpu")
    assert outcome["solved_at"] is not None
    assert outcome["error at 80"] < 0.1


def outcome_of(solved_at: int | None) -> dict[str, Any]:
    return {"solved_at": solved_at, "error": 0.0, "diverged": False, "loss": []}


def test_the_rule_counts_solved_seeds_and_compares_with_the_gru() -> None:
    took = {"gru": 500, "lstm": 900, "rnn": None, "mingru": 500, "attention": 200}
    records = [
        Record(config, outcome_of(took[str(config["cell"])]), 1.0, "a")
        for config in tracking.STUDY.trials
    ]
    verdicts = tracking.STUDY.rule(records)
    assert set(verdicts) == {"parity 40", "lookup 2", "lookup 4", "lookup 8"}
    for found in verdicts.values():
        assert {cell: one["sooner"] for cell, one in found.items()} == {
            "gru": "tie",
            "lstm": "gru",
            "rnn": "gru",
            "mingru": "tie",
            "attention": "attention",
        }
        assert (found["rnn"]["solved"], found["lstm"]["solved"]) == (0, 10)
        assert found["lstm"]["difference"] == 400
