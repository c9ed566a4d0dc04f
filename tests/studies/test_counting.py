"""The study of counting: strings, acceptance and measure are right, and the rule follows."""

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from gated.tasks.languages import (
    LANGUAGES,
    MARK,
    NOTHING,
    accepted,
    draw,
    encoded,
    longest,
    strings,
)
from studies import counting
from studies.harness.study import Config, Outcome, Record


class Counter(nn.Module):
    """What a network has to be: it counts, but after ``limit`` steps upward it counts no more."""

    def __init__(self, letters: int, limit: int) -> None:
        super().__init__()
        self.letters, self.limit = letters, limit

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (time, batch, letters + 1): 1 for the symbol that it names."""
        named = torch.zeros(x.shape[:2], dtype=torch.long)
        for one, string in enumerate(x.argmax(-1).T.tolist()):
            counts = [0] * (self.letters + 1)
            for time, symbol in enumerate(string):
                counts[symbol] = min(self.limit, counts[symbol] + 1)
                done = symbol > 1 and counts[symbol] == counts[1]
                after = (symbol + 1) % (self.letters + 1) if done else symbol
                named[time, one] = 1 if symbol == MARK else after
        return nn.functional.one_hot(named, self.letters + 1).float()


def spelled(symbols: Sequence[int]) -> str:
    return "".join("$abc"[symbol] for symbol in symbols if symbol != NOTHING)


def test_strings_are_those_of_the_languages() -> None:
    read, wanted = strings([1, 3, 2], letters=2)
    assert read.shape == wanted.shape == (7, 3)
    assert [spelled(column) for column in wanted.T.tolist()] == ["ab$", "aaabbb$", "aabb$"]
    assert spelled(read[:, 1].tolist()) == "$aaabbb"
    read, wanted = strings([2], letters=3)
    assert (spelled(read[:, 0].tolist()), spelled(wanted[:, 0].tolist())) == ("$aabbcc", "aabbcc$")


@given(st.lists(st.integers(1, 30), min_size=1, max_size=5), st.sampled_from([2, 3]))
def test_what_is_wanted_is_what_is_read_next(ns: list[int], letters: int) -> None:
    read, wanted = strings(ns, letters)
    for n, inputs, outputs in zip(ns, read.T.tolist(), wanted.T.tolist(), strict=True):
        end = letters * n
        assert [*inputs[1 : end + 1], MARK] == outputs[: end + 1]
        assert set(outputs[end + 1 :]) <= {NOTHING}
        assert [inputs.count(letter) for letter in range(1, letters + 1)] == [n] * letters
    assert encoded(read, letters).shape == (len(read), len(ns), letters + 1)


def test_training_draws_every_n_of_its_range_and_short_ones_more_often() -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = [(draw(49, 3, 16, generator)[0] == 1).sum(0) for _ in range(2000)]
    times = torch.cat(drawn).bincount()
    assert times[0] == 0
    assert len(times) == 50
    assert (times[1:] > 0).all()
    assert times[1] > 20 * times[49]


@pytest.mark.parametrize("letters", [2, 3])
@pytest.mark.parametrize("limit", [1, 7, 130])
def test_the_measure_finds_how_far_a_counter_counts(letters: int, limit: int) -> None:
    counter = Counter(letters, limit)
    assert longest(counter, letters, top=140) == limit
    assert longest(counter, letters, top=min(limit, 120)) == min(limit, 120)  # censored
    assert accepted(counter, range(1, 9), letters).tolist() == [n <= limit for n in range(1, 9)]


class Says(nn.Module):
    """A model that holds one symbol most probable whatever it reads, or the one just read."""

    def __init__(self, symbol: int | None) -> None:
        super().__init__()
        self.symbol = symbol

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (time, batch, symbols)."""
        if self.symbol is None:
            return x
        return torch.zeros_like(x).index_fill(-1, torch.tensor([self.symbol]), 1.0)


@pytest.mark.parametrize("symbol", [None, 0, 1, 2])
def test_who_does_not_count_accepts_nothing(symbol: int | None) -> None:
    assert longest(Says(symbol), 2, top=5) == 0


def test_a_gap_ends_the_measure() -> None:
    class Gap(Counter):
        """A counter that fails at n = 4 only."""

        def forward(self, x: Tensor) -> Tensor:
            gap = (x.argmax(-1) == 1).sum(0) == 4
            return super().forward(x) * ~gap.unsqueeze(-1)

    assert accepted(Gap(2, 99), range(1, 9), 2).tolist() == [n != 4 for n in range(1, 9)]
    assert longest(Gap(2, 99), 2, top=50) == 3


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a trial have 40 updates."""
    monkeypatch.setattr(counting, "UPDATES", 40)
    monkeypatch.setattr(counting, "LOOK_EVERY", 10)


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("cell", counting.SEEDS)
def test_a_trial_says_what_the_measure_and_verify_need(cell: str) -> None:
    config: Config = {"language": "anbncn", "cell": cell, "seed": 0, "rate": 0.01}
    out = counting.STUDY.run(config, "cpu")
    assert out == counting.STUDY.run(config, "cpu")
    assert len(out["loss"]) == len(out["right"]) == 4
    assert out["loss"][-1] < out["loss"][0]
    assert (out["diverged"], out["solved"]) == (False, False)
    assert set(counting.STUDY.tolerance) <= set(out)
    other = counting.STUDY.run(config | {"seed": 1}, "cpu")
    assert other["loss"] != out["loss"]


@pytest.mark.usefixtures("brief")
def test_a_trial_that_diverges_is_a_result() -> None:
    config: Config = {"language": "anbn", "cell": "rnn", "seed": 0, "rate": float("inf")}
    out = counting.STUDY.run(config, "cpu")
    assert (out["diverged"], out["solved"], out["longest"]) == (True, False, 0)


def outcome(longest: int = 0, right: int = 0, loss: float = 1.0, diverged: bool = False) -> Outcome:
    noted = {"right": [], "loss": []} if diverged else {"right": [0, right], "loss": [2.0, loss]}
    return {"longest": longest, "solved": False, "diverged": diverged} | noted


def recorded(gru: Sequence[int], lstm: Sequence[int]) -> list[Record]:
    """Return records with these largest n of the two cells by seed, and what the rule ignores."""
    found = {"gru": gru, "lstm": lstm, "rnn": [1000] * 10}
    trials = [
        Record(config, outcome(found[str(config["cell"])][int(config["seed"])]), 1.0, "a")
        for config in counting.STUDY.trials
    ]
    return trials + [Record(config, outcome(777), 1.0, "a") for config in counting.STUDY.tuning]


NEAR = (40, 45, 50, 52, 53, 55, 56, 60, 62, 70)
FAR = (110, 112, 115, 120, 121, 125, 130, 140, 150, 300)
MEAN_NEAR, MEAN_FAR = sum(NEAR) / 10, sum(FAR) / 10


@pytest.mark.parametrize(
    ("gru", "lstm", "further", "difference"),
    [
        (NEAR, FAR, "lstm", MEAN_NEAR - MEAN_FAR),
        (FAR, NEAR, "gru", MEAN_FAR - MEAN_NEAR),
        (NEAR, NEAR, "tie", 0),
        ([1000] * 10, [1000] * 10, "tie", 0),  # both censored
        (NEAR, [1000] * 10, "lstm", MEAN_NEAR - 1000),
        ([0] * 9 + [1000], NEAR, "tie", 100 - MEAN_NEAR),
    ],
)
def test_the_rule_follows_the_intervals(
    gru: Sequence[int], lstm: Sequence[int], further: str, difference: float
) -> None:
    verdicts = counting.STUDY.rule(recorded(gru, lstm))
    assert set(verdicts) == set(LANGUAGES)
    for verdict in verdicts.values():
        assert verdict["counts further"] == further
        assert verdict["difference"] == pytest.approx(difference)
        assert verdict["low"] <= difference <= verdict["high"]


def test_the_rate_is_chosen_within_the_range_of_training() -> None:
    def chosen(by_rate: dict[float, Outcome]) -> set[object]:
        records = [
            Record(config, by_rate[float(config["rate"])], 1.0, "a")
            for config in counting.STUDY.tuning
        ]
        return {settings["rate"] for settings in counting.STUDY.choose(records).values()}

    few, many = outcome(longest=500, right=20), outcome(longest=30, right=30)
    rates = counting.RATES
    assert chosen(dict.fromkeys(rates, few) | {rates[1]: many}) == {rates[1]}
    assert chosen(dict.fromkeys(rates, many) | {rates[2]: outcome(right=30, loss=0.5)}) == {
        rates[2]
    }
    assert chosen(dict.fromkeys(rates, outcome(diverged=True)) | {rates[0]: outcome()}) == {
        rates[0]
    }


def test_the_study_has_the_seeds_that_it_promises() -> None:
    for language in LANGUAGES:
        for cell, seeds in (("gru", 10), ("lstm", 10), ("rnn", 5)):
            found = [
                config["seed"]
                for config in counting.STUDY.trials
                if (config["language"], config["cell"]) == (language, cell)
            ]
            assert found == list(range(seeds))
    groups = {counting.STUDY.group(config) for config in counting.STUDY.trials}
    assert groups == {counting.STUDY.group(config) for config in counting.STUDY.tuning}
    assert not {c["seed"] for c in counting.STUDY.tuning} & set(range(10))
