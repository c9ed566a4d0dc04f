"""The comparisons that the prose draws from recorded timings hold in the record."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from studies.harness.measurement import dumped
from studies.harness.timing import one_by_one, take_turns
from studies.speed import (
    BASE,
    PAIRS,
    SIZES,
    STREAMED,
    VARIED,
    candidates_at,
    measure,
    summary,
)

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "docs" / "evidence" / "speed.json"
RATIO_OF_PARAMETERS = 4 / 3


@pytest.fixture(scope="module")
def speed() -> dict[str, Any]:
    record: dict[str, Any] = json.loads(RECORD.read_text())
    return record


def test_the_record_says_how_it_was_made(speed: dict[str, Any]) -> None:
    assert speed["command"] in ("python -m benchmarks.speed", "python -m studies run speed")
    assert speed["machine"].keys() == {"cpu", "cores", "threads", "capability"}
    assert speed["versions"].keys() == {"python", "torch"}
    assert all([*speed["machine"].values(), *speed["versions"].values()])
    assert speed["dtype"] == "float32"
    assert speed["repeats"] >= 21


@pytest.mark.parametrize("size", SIZES)
def test_the_record_is_of_the_sizes_that_the_command_measures(
    speed: dict[str, Any], size: str
) -> None:
    assert speed[size].items() >= SIZES[size].items()


@pytest.mark.parametrize("size", SIZES)
def test_the_fused_lstm_is_the_faster_cell(speed: dict[str, Any], size: str) -> None:
    step = speed[size]
    assert step["lstm_fused"]
    assert not step["gru_fused"]
    assert not step["lstm_unfused_fused"]
    assert step["lstm_ms"] < step["gru_ms"]
    assert step["lstm_operations"] < step["gru_operations"] / 10


@pytest.mark.parametrize("size", SIZES)
def test_the_lstm_slows_down_without_onednn(speed: dict[str, Any], size: str) -> None:
    assert speed[size]["lstm_unfused_ms"] > speed[size]["lstm_ms"]


def test_built_alike_only_the_large_lstm_pays_for_its_parameters(speed: dict[str, Any]) -> None:
    small, large = (speed[size]["lstm_unfused_to_gru"] for size in ("small", "large"))
    assert large > 1.1
    assert abs(small - RATIO_OF_PARAMETERS) > abs(large - RATIO_OF_PARAMETERS)
    assert speed["small"]["gru_operations"] > 1000


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cell", ["lstm", "lstm_unfused"])
def test_the_ratios_are_those_of_the_times(speed: dict[str, Any], size: str, cell: str) -> None:
    step = speed[size]
    assert step[f"{cell}_to_gru"] == pytest.approx(step[f"{cell}_ms"] / step["gru_ms"], rel=1e-2)


def test_every_recorded_number_that_a_page_quotes_is_in_the_record(speed: dict[str, Any]) -> None:
    quoted = re.compile(r"`\{value\} evidence/speed\.json ([\w.]+)")
    pages = (ROOT / "docs").glob("*.md")
    names = [name for page in pages for name in quoted.findall(page.read_text())]
    assert names
    for name in names:
        value: Any = speed
        for key in name.split("."):
            value = value[key]
        assert isinstance(value, int | float | str)


@pytest.mark.filterwarnings("ignore:TF32 acceleration on top of oneDNN")
def test_measuring_counts_and_times_what_the_record_holds(speed: dict[str, Any]) -> None:
    again = measure(batch=2, steps=3, input_size=4, hidden_size=5)
    assert again.keys() | SIZES["small"].keys() == speed["small"].keys()
    assert all(value > 0 for key, value in again.items() if key.endswith("_ms"))


def test_the_record_varies_each_side_alone_and_fits_on_a_page(speed: dict[str, Any]) -> None:
    assert RECORD.stat().st_size < 60_000
    assert speed["base"] == BASE
    assert [{side: one[side] for side in BASE} for one in speed["layers"]] == one_by_one(
        BASE, VARIED
    )
    assert [one["width"] for one in speed["one_thread"]] == [*VARIED["width"]]
    assert [one["width"] for one in speed["streaming"]] == [*STREAMED]
    assert dumped(speed) == RECORD.read_text()


def test_every_median_lies_within_its_quartiles(speed: dict[str, Any]) -> None:
    modes = [one[mode] for one in speed["layers"] for mode in ("train", "infer")]
    modes += [one["train"] for one in speed["one_thread"]] + speed["streaming"]
    modes += [speed["packed"]["infer"], speed["compiled"]["infer"]]
    for mode in modes:
        assert mode["turns"] >= 3
        assert mode["ratio"].keys() <= {f"{one}/{other}" for one, other in PAIRS}
        for middle, low, high in [*mode["ms"].values(), *mode["ratio"].values()]:
            assert 0 < low <= middle <= high


@pytest.mark.filterwarnings("ignore:TF32 acceleration on top of oneDNN")
@pytest.mark.parametrize("mode", ["train", "infer"])
def test_at_each_point_all_take_turns(speed: dict[str, Any], mode: str) -> None:
    times = take_turns(candidates_at(batch=2, steps=3, width=4, mode=mode), 0, least=3, most=5)
    assert all(len(taken) == 3 for taken in times.values())
    found = summary(times)
    for part in ("ms", "ratio"):
        assert found[part].keys() == speed["layers"][0][mode][part].keys()
