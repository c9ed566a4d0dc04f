"""The models that write dates: what lines they learn from, and that they learn."""

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gated.seq2seq import EncoderDecoder
from studies import dates
from studies.harness.provenance import ROOT

RECORD = json.loads(dates.STUDY.file(ROOT).read_text("utf-8"))
SHORT: dict[str, Any] = {**dates.RECIPE, "updates": 3}


@pytest.mark.parametrize("name", dates.ATTENTION)
def test_the_record_is_of_the_recipe_that_the_study_declares(name: str) -> None:
    record = RECORD[name]
    assert record["recipe"] == dates.RECIPE
    assert (record["seed"], record["units"]) == (dates.SEED, dates.UNITS)
    assert record["attention"] == dates.ATTENTION[name]
    assert record["right"].keys() == {str(count) for count in dates.TESTED_ON}


def test_a_line_says_its_dates_in_their_forms() -> None:
    days = [date(1826, 7, 4), date(1999, 12, 31)]
    assert dates.line(days, [dates.FORMS[0], dates.FORMS[5]]) == (
        "the fourth of july 1826 and december 31 1999",
        "1826070419991231",
    )


def test_no_day_is_learned_from_and_tested_on() -> None:
    assert not {*dates.LEARNED} & {*dates.HELD_OUT}
    assert {*dates.LEARNED} | {*dates.HELD_OUT} == {*dates._DAYS}
    assert len(dates.LEARNED) > 15 * len(dates.HELD_OUT)
    drawn = dates.lines(200, 2, dates.HELD_OUT, random.Random(0))
    assert {*"".join(text for text, _ in drawn)} <= {*dates.CHARACTERS}


def test_right_is_a_line_that_comes_out_whole() -> None:
    class Parrot(EncoderDecoder):
        """Writes the same date whatever it reads."""

        def greedy(self, source: torch.Tensor, *_: Any) -> Any:
            said = torch.tensor([[*map(int, digits), dates.END]]).expand(len(source), -1)
            return type("Said", (), {"tokens": said})

    tested = dates.lines(50, 1, dates.HELD_OUT, random.Random(dates.SEED))
    digits = tested[0][1]
    expected = sum(written == digits for _, written in tested) / 50
    parrot = Parrot(len(dates.CHARACTERS), len(dates.SIGNS), 2)
    assert dates.right(parrot, 1, 50) == {"lines": expected, "dates": expected}


@pytest.mark.parametrize("name", dates.ATTENTION)
def test_training_is_the_same_again_and_learns(name: str) -> None:
    first, again = (dates.trained(dates.new(name), SHORT) for _ in range(2))
    untrained = dates.new(name).state_dict()
    for key, weight in first.state_dict().items():
        assert torch.equal(weight, again.state_dict()[key])
        assert not torch.equal(weight, untrained[key])


def test_the_weights_are_written_as_they_are_measured(tmp_path: Path) -> None:
    weights = {name: tmp_path / f"{name}.npz" for name in dates.ATTENTION}
    found = dates.measured("attention", weights, SHORT)
    outside = {"command", "commit", "rule", "digest", "machine", "versions", "load_before"}
    assert found.keys() == RECORD["attention"].keys() - outside - {"seconds"}
    with np.load(weights["attention"]) as arrays:
        assert {arrays[name].dtype for name in arrays.files} == {np.dtype("float16")}
    model = dates.load("attention", weights)
    assert found["right"]["1"] == dates.right(model, 1)


def test_attention_reads_what_one_vector_loses() -> None:
    shares = {name: RECORD[name]["right"] for name in dates.ATTENTION}
    assert shares["attention"]["2"]["lines"] > 0.9
    assert shares["fixed"]["2"]["lines"] < 0.1
    assert shares["attention"]["3"]["lines"] < 0.1, "longer than any in training"
