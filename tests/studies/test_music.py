"""The study of music: what is read, how it is measured, and which verdicts follow."""

import math
import os
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import savemat
from torch import Tensor

from studies import music
from studies.data import Split, files, rolls
from studies.data.rolls import KEYS, batches, guess, nll, parts
from studies.harness.study import Config, Outcome, Record
from studies.music import evaluate, guessed, loss, network, trained


def piece(steps: int, seed: int) -> Tensor:
    """Return noise: each key sounds at one step in four."""
    drawn = torch.rand(steps, KEYS, generator=torch.Generator().manual_seed(seed))
    return (drawn < 0.25).float()


def clock(steps: int, shift: int) -> Tensor:
    """Return three keys of which each sounds at two steps and then is silent at one."""
    rolls = torch.zeros(steps, KEYS)
    for key in range(3):
        rolls[:, key] = ((torch.arange(steps) + shift + key) % 3 > 0).float()
    return rolls


CLOCKS: Split[rolls.Pieces] = Split(
    *([clock(40 + shift, shift) for shift in range(3)] for _ in range(3))
)


def test_a_file_is_read_by_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = {}
    for number, split in enumerate(("traindata", "validdata", "testdata"), 1):
        cell = np.empty((1, number), dtype=object)
        for i in range(number):
            cell[0, i] = piece(4 + i, seed=number).numpy().astype(np.uint8)
        held[split] = cell
    savemat(tmp_path / "some.mat", held)
    monkeypatch.setattr(files, "path", lambda name: tmp_path / "some.mat")
    read = rolls.load("Nottingham")
    assert [len(split) for split in (read.train, read.valid, read.test)] == [1, 2, 3]
    torch.testing.assert_close(read.test[2], piece(6, seed=3))


def test_bad_data_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(files.VARIABLE, raising=False)
    with pytest.raises(ValueError, match=r"^no music is called 'Bach', only JSB Chorales, N.*$"):
        rolls.load("Bach")
    with pytest.raises(
        files.MissingError, match=r"^MuseData.mat is needed: .* comes from .*TCN.*$"
    ):
        rolls.load("MuseData")
    monkeypatch.setenv(files.VARIABLE, str(tmp_path))
    with pytest.raises(files.MissingError, match=r"holds no MuseData.mat; it comes from .*TCN.*$"):
        rolls.load("MuseData")
    (tmp_path / "MuseData.mat").write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"MuseData.mat: its sha256 is \w+\.\.\., not e8d9eb422e"):
        rolls.load("MuseData")


def test_the_measure_sums_over_keys() -> None:
    silent = torch.zeros(2, KEYS)
    torch.testing.assert_close(nll(silent, piece(2, 0)), torch.full((2,), KEYS * math.log(2)))
    sure = torch.full((1, KEYS), -100.0)
    sounding = torch.zeros(1, KEYS)
    sounding[0, 5] = 1.0
    torch.testing.assert_close(nll(sure, sounding), torch.tensor([100.0]))


@given(st.integers(2, 60), st.integers(1, 20))
def test_parts_ask_for_every_step_but_the_first_once(steps: int, longest: int) -> None:
    whole = torch.arange(steps * KEYS).view(steps, KEYS)
    cut = parts([whole], longest)
    assert torch.equal(torch.cat([part[1:] for part in cut]), whole[1:])
    before = whole[0]
    for part in cut:
        assert torch.equal(part[0], before)
        assert 2 <= len(part) <= longest + 1
        before = part[-1]
    lengths = [len(part) for part in cut]
    assert max(lengths) - min(lengths) <= 1


@given(st.lists(st.integers(2, 30), min_size=1, max_size=20), st.integers(1, 6), st.integers(0, 9))
def test_batches_hold_each_part_once_and_lengths_together(
    lengths: list[int], size: int, seed: int
) -> None:
    cut = [torch.full((length, 1), float(i)) for i, length in enumerate(lengths)]
    drawn = batches(cut, size, torch.Generator().manual_seed(seed))
    again = batches(cut, size, torch.Generator().manual_seed(seed))
    order = [int(part[0, 0]) for batch in drawn for part in batch]
    assert Counter(order) == Counter(range(len(cut)))
    assert order == [int(part[0, 0]) for batch in again for part in batch]
    assert all(len(batch) <= size for batch in drawn)
    spans = sorted((min(map(len, batch)), max(map(len, batch))) for batch in drawn)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_guesses_count_from_one() -> None:
    silent = torch.zeros(5, KEYS)
    key = silent.clone()
    key[:, 0] = torch.tensor([1.0, 1.0, 0.0, 1.0, 1.0])  # asked for: 1 0 1 1, after 1 1 0 1
    odds = guess("marginals", [key])(silent)
    torch.testing.assert_close(odds.exp()[:, 0], torch.full((5,), 4 / 2).double())
    torch.testing.assert_close(odds.exp()[:, 1], torch.full((5,), 1 / 5).double())
    after = guess("last", [key])(key).exp()
    wanted = torch.tensor([3 / 2, 3 / 2, 2 / 1, 3 / 2, 3 / 2]).double()
    torch.testing.assert_close(after[:, 0], wanted)


def test_a_guess_is_recorded_like_a_trial() -> None:
    found = guessed("marginals", CLOCKS)
    assert found["train"] == found["valid"] == found["test"]
    by_hand = [
        nll(guess("marginals", CLOCKS.train)(p[:-1]), p[1:].double()).mean() for p in CLOCKS.test
    ]
    assert found["test_by_piece"] == pytest.approx(float(sum(by_hand)) / 3, abs=1e-5)
    assert guessed("last", CLOCKS)["test"] < found["test"]


@pytest.mark.parametrize("cell", music.UNITS)
def test_whole_pieces_are_read_as_one_by_one(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(music, "TOGETHER", 4)
    torch.manual_seed(0)
    pieces = [piece(steps, steps) for steps in (7, 2, 23, 11, 11, 6)]
    model = network(cell, guess("marginals", pieces))
    with torch.no_grad():
        each = [nll(model(p[:-1, None])[:, 0], p[1:]) for p in pieces]
    over_steps, over_pieces = evaluate(model, pieces)
    assert over_steps == pytest.approx(float(torch.cat(each).mean()), rel=1e-5)
    assert over_pieces == pytest.approx(sum(float(e.mean()) for e in each) / 6, rel=1e-5)
    assert loss(model, pieces).item() == pytest.approx(over_steps, rel=1e-5)


def test_a_net_begins_as_the_marginals() -> None:
    model = network("gru", guess("marginals", CLOCKS.train))
    with torch.no_grad():
        model.read.weight.zero_()
    assert evaluate(model, CLOCKS.test)[0] == pytest.approx(
        guessed("marginals", CLOCKS)["test"], abs=2e-5
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(music, "EPOCHS", {"clocks": 30})
    monkeypatch.setattr(music, "BATCH", 3)


def config(**changed: str | int | float) -> Config:
    usual: Config = {"data": "clocks", "cell": "gru", "seed": 0, "rate": 0.03}
    return usual | changed


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("cell", music.UNITS)
def test_training_learns_what_the_last_step_does_not_tell(cell: str) -> None:
    found = trained(config(cell=cell), CLOCKS)
    assert found["test"] < 0.5 * guessed("last", CLOCKS)["test"]
    assert found["valid"] == min(found["curve"])
    assert found["curve"].index(found["valid"]) + 1 == found["best_epoch"]
    assert len(found["loss"]) == found["epochs"] == found["updates"]
    assert not found["diverged"]


@pytest.mark.usefixtures("quick")
def test_equal_configurations_come_out_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(music.EPOCHS, "clocks", 3)
    one, again, other = (trained(config(seed=seed), CLOCKS) for seed in (1, 1, 2))
    assert one == again
    assert one["test"] != other["test"]


@pytest.mark.usefixtures("quick")
def test_a_training_that_diverges_says_so_and_keeps_its_start() -> None:
    found = trained(config(rate=1e36), CLOCKS)
    assert found["diverged"]
    assert found["best_epoch"] == 0
    assert math.isfinite(found["test"])


@pytest.mark.usefixtures("quick")
def test_training_ends_where_nothing_gets_better() -> None:
    found = trained(config(rate=1e-12), CLOCKS)
    assert found["epochs"] <= found["best_epoch"] + music.PATIENCE
    assert found["epochs"] < 30


def recorded(gru: float, lstm: float, rnn: float) -> list[Record]:
    """Return records in which the seeds of a cell lie 0.1 apart."""
    means = {"gru": gru, "lstm": lstm, "rnn": rnn}

    def outcome(config: Config) -> Outcome:
        test = means.get(str(config["cell"]), 11.0) + 0.1 * (int(config["seed"]) % 2)
        return {"test": test, "valid": test, "diverged": False, "loss": []}

    return [Record(config, outcome(config), 1.0, "a") for config in music.STUDY.trials]


@pytest.mark.parametrize(
    ("gru", "lstm", "ahead"), [(8.0, 8.5, "gru"), (8.5, 8.0, "lstm"), (8.0, 8.01, "tie")]
)
def test_the_rule_follows_the_intervals(gru: float, lstm: float, ahead: str) -> None:
    verdicts = music.STUDY.rule(recorded(gru, lstm, rnn=9.5))
    assert set(verdicts) == set(rolls.FILES)
    for of in verdicts.values():
        assert set(of) == {"gru - lstm", "gru - rnn", "lstm - rnn"}
        assert of["gru - lstm"]["ahead"] == ahead
        assert of["gru - lstm"]["difference"] == pytest.approx(gru - lstm)
        assert (of["gru - rnn"]["ahead"], of["lstm - rnn"]["ahead"]) == ("gru", "lstm")


def test_each_cell_has_its_seeds_and_each_guess_one_trial() -> None:
    seeds = Counter((str(c["data"]), str(c["cell"])) for c in music.STUDY.trials)
    for (name, cell), number in seeds.items():
        assert number == (1 if cell in music.GUESSES else music.SEEDS[name])
    assert len(seeds) == len(rolls.FILES) * (len(music.UNITS) + len(music.GUESSES))
    assert {music.SEEDS[name] for name in ("JSB Chorales", "Nottingham")} == {10}
    assert {music.SEEDS[name] for name in ("MuseData", "Piano-midi")} == {5}
    assert {music.STUDY.files(c) for c in music.STUDY.trials} == {
        (file,) for file in rolls.FILES.values()
    }


def test_the_rate_is_chosen_on_validation_and_guesses_have_none() -> None:
    took = {0.003: 8.5, 0.01: 8.2, 0.03: 8.4}
    tuned = [
        Record(c, {"valid": took[float(c["rate"])] + 0.1 * int(c["seed"])}, 1.0, "a")
        for c in music.STUDY.tuning
    ]
    trials = music.STUDY.tuned(tuned)
    assert len(trials) == len(music.STUDY.trials)
    assert {c.get("rate") for c in trials if c["cell"] in music.UNITS} == {0.01}
    assert not any("rate" in c for c in trials if c["cell"] in music.GUESSES)
    assert {c["seed"] for c in music.STUDY.tuning}.isdisjoint(range(10))


@pytest.mark.skipif(
    not os.environ.get(files.VARIABLE), reason=f"{files.VARIABLE} names no folder with the music"
)
@pytest.mark.parametrize(
    ("name", "marginals", "last"),
    [
        ("JSB Chorales", 11.09, 10.49),
        ("Nottingham", 10.26, 5.15),
        ("MuseData", 11.51, 8.56),
        ("Piano-midi", 11.05, 8.26),
    ],
)
def test_the_guesses_are_those_computed_before(name: str, marginals: float, last: float) -> None:
    for kind, expected in [("marginals", marginals), ("last", last)]:
        found = music.STUDY.run({"data": name, "cell": kind, "seed": 0}, "cpu")
        assert found["test"] == pytest.approx(expected, abs=0.006)
