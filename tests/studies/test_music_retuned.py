"""The study of music once more: five rates on three seeds, and how it decides."""

import random
from collections.abc import Mapping

import pytest

from studies import music
from studies import music_retuned as retuned
from studies.harness.study import Record, Records

STUDY = retuned.STUDY


def recorded(means: Mapping[str, float], spread: float = 0.02, rate: float = 0.01) -> Records:
    draw = random.Random(0)
    return [
        Record(one | {"rate": rate}, {"test": draw.gauss(means[one["cell"]], spread)}, 1.0, "a")
        for one in STUDY.trials
    ]


@pytest.mark.parametrize(
    ("gru", "spread", "lower"),
    [(8.3, 0.02, "gru"), (8.7, 0.02, "lstm"), (8.5, 0.02, "equal"), (8.5, 0.3, "open")],
)
def test_the_rule_follows_mean_spread_and_margin(gru: float, spread: float, lower: str) -> None:
    verdicts = STUDY.rule(recorded({"gru": gru, "lstm": 8.5, "rnn": 10.0}, spread))
    assert len(verdicts["lower"]) == 6
    for data in retuned.DATA:
        assert verdicts["lower"][f"{data}: gru - lstm"]["better"] == lower
        assert verdicts["lower"][f"{data}: lstm - rnn"]["better"] == "lstm"
    assert verdicts["at an end of the rates"] == []


def test_a_choice_at_an_end_is_named() -> None:
    at_the_end = recorded(dict.fromkeys(music.UNITS, 8.5), rate=retuned.RATES[-1])
    named = STUDY.rule(at_the_end)["at an end of the rates"]
    assert named == [f"{data} {cell}" for data in retuned.DATA for cell in music.UNITS]


def test_all_but_tuning_and_seeds_is_as_in_music() -> None:
    assert STUDY.run is music.STUDY.run
    assert set(music.RATES) < set(retuned.RATES)
    assert len(retuned.TUNING_SEEDS) == 3
    assert set(retuned.TUNING_SEEDS).isdisjoint(retuned.SEEDS)
    assert len(STUDY.tuning) == 2 * 3 * 5 * 3
    assert len(STUDY.trials) == 2 * 3 * 10
    first, second = STUDY.declared(), music.STUDY.declared()
    assert first["tuning_seeds"] != second["tuning_seeds"]
    assert {name: first[name] for name in ("epochs", "part")} == {
        name: second[name] for name in ("epochs", "part")
    }
