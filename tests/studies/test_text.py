"""The study of text: its windows, its measure by position, its sizes, how it decides."""

import math

import pytest
import torch
from torch import Tensor

from gated.characters import CHARACTERS, scene
from studies import text
from studies.data import Split, plays
from studies.harness.study import Config, Record


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Split[Tensor]:
    """Let the study read our own scene, again and again, in place of the plays."""
    monkeypatch.setattr(plays, "read", lambda: scene() * 40)
    return plays.split(plays.read())


def test_the_parts_are_the_text_in_order(short: Split[Tensor]) -> None:
    whole = torch.cat([short.train, short.valid, short.test])
    assert "".join(CHARACTERS[letter] for letter in whole.tolist()) == scene() * 40
    assert len(short.valid) == len(short.test) == len(whole) // 20


@pytest.mark.parametrize("cell", text.NETWORKS)
def test_networks_have_as_many_parameters(cell: str) -> None:
    sizes = [
        sum(weight.numel() for weight in text.network(one, width).parameters())
        for one, width in ((cell, text.hidden_size(cell)), ("lstm", text.WIDTH))
    ]
    assert abs(sizes[0] / sizes[1] - 1) < 0.01


def test_the_loss_is_that_of_the_next_character_at_each_position() -> None:
    torch.manual_seed(0)
    model = text.network("lstm", 8)
    windows = torch.randint(text.LETTERS, (6, 3))
    scores = model.read(
        model.layer(torch.nn.functional.one_hot(windows[:-1], text.LETTERS).float())[0]
    )
    chances = scores.softmax(-1)
    for at in range(5):
        for window in range(3):
            wanted = -chances[at, window, windows[at + 1, window]].log()
            torch.testing.assert_close(text.losses(model, windows)[at, window], wanted)


def test_a_network_that_knows_nothing_needs_all_the_bits() -> None:
    model = text.network("lstm", 4)
    torch.nn.init.zeros_(model.read.weight)
    torch.nn.init.zeros_(model.read.bias)
    found = text.bits(model, torch.arange(60) % text.LETTERS, 7, "cpu")
    torch.testing.assert_close(found, torch.full((7,), math.log2(text.LETTERS)))


@pytest.mark.usefixtures("short")
def test_a_trial_learns_and_later_positions_are_easier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "UPDATES", 80)
    config: Config = {"cell": "gru", "context": 16, "seed": 0, "rate": 0.01}
    outcome = text.STUDY.run(config, "cpu")
    assert not outcome["diverged"]
    assert len(outcome["by_position"]) == 16
    assert outcome["bits"] < math.log2(text.LETTERS) - 1
    assert outcome["by_position"][0] > sum(outcome["by_position"][8:]) / 8


def test_the_rule_compares_with_the_gru_at_each_length() -> None:
    bits = {"gru": 2.0, "lstm": 2.1, "mingru": 1.9}
    records = [
        Record(config, {"bits": bits[str(config["cell"])]}, 1.0, "a")
        for config in text.STUDY.trials
    ]
    verdicts = text.STUDY.rule(records)
    assert {name: found["better"] for name, found in verdicts.items()} == {
        f"{context} {cell}": better
        for context in text.CONTEXTS
        for cell, better in (("lstm", "gru"), ("mingru", "mingru"))
    }
