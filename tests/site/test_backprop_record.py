"""The comparisons that the chapter on backpropagation draws from its recorded timings hold."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from studies.backprop import SIZES

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "docs" / "evidence" / "backprop.json"
KINDS = ("gru", "lstm")


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RECORD.read_text())
    return found


def test_the_record_says_how_it_was_made(record: dict[str, Any]) -> None:
    commands = ("python -m benchmarks.backprop", "python -m studies run backprop")
    assert record["command"] in commands
    assert re.fullmatch(r"[0-9a-f]{40}", record["commit"])
    assert record["machine"].keys() == {"cpu", "cores", "threads", "capability"}
    assert record["versions"].keys() == {"python", "torch"}
    assert all([*record["machine"].values(), *record["versions"].values()])
    assert record["dtype"] == "float32"
    assert record["repeats"] >= 21


def test_the_record_is_of_the_sizes_that_the_command_measures(record: dict[str, Any]) -> None:
    labels = ("batch", "steps", "input_size", "hidden_size")
    assert [tuple(record[name][label] for label in labels) for name in SIZES] == list(
        SIZES.values()
    )


@pytest.mark.parametrize("name", SIZES)
def test_by_hand_the_gru_is_faster_and_takes_less_memory(record: dict[str, Any], name: str) -> None:
    gru = record[name]["gru"]
    assert not record["torch_gru_fused"]
    assert gru["gated_ms"] < gru["torch_ms"]
    assert gru["gain"] > 1
    assert gru["gated_peak_mb"] <= gru["torch_peak_mb"]


def test_the_gain_is_smallest_at_the_wide_size(record: dict[str, Any]) -> None:
    gains = {name: record[name]["gru"]["gain"] for name in SIZES}
    assert min(gains, key=lambda name: gains[name]) == "wide"


@pytest.mark.parametrize("name", SIZES)
def test_the_fused_lstm_of_pytorch_stays_ahead(record: dict[str, Any], name: str) -> None:
    assert record["torch_lstm_fused"]
    assert record[name]["lstm"]["gain"] < 1


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_gain_is_that_of_the_times(record: dict[str, Any], name: str, kind: str) -> None:
    step = record[name][kind]
    assert step["gain_low"] <= step["gain"] <= step["gain_high"]
    assert step["gain"] == pytest.approx(step["torch_ms"] / step["gated_ms"], rel=0.2)


def test_every_recorded_number_that_a_page_quotes_is_in_the_record(record: dict[str, Any]) -> None:
    quoted = re.compile(r"`\{value\} evidence/backprop\.json ([\w.]+)")
    names = quoted.findall((ROOT / "docs" / "backprop.md").read_text())
    assert names
    for name in names:
        value: Any = record
        for key in name.split("."):
            value = value[key]
        assert isinstance(value, int | float | str)
