"""The records that chapters read: found by name, in the repository and in the wheel."""

import json
from pathlib import Path

import pytest

from gated import evidence

RECORDS = Path(__file__).parents[2] / "docs" / "evidence"


def test_every_record_is_read_by_its_name() -> None:
    assert evidence.names() == sorted(file.stem for file in RECORDS.glob("*.json"))
    for name in evidence.names():
        assert evidence.read(name) == json.loads((RECORDS / f"{name}.json").read_text("utf-8"))


def test_an_unknown_record_is_named_with_the_nearest_one() -> None:
    with pytest.raises(ValueError, match=r"no record is named 'sped'.*did you mean 'speed'\?"):
        evidence.read("sped")


def test_settings_are_those_of_the_record() -> None:
    record = json.loads((RECORDS / "counting.json").read_text("utf-8"))
    assert evidence.settings("counting") == record["settings"]
    assert evidence.settings("counting")["width"] == 10


@pytest.mark.parametrize("name", ["speed", "popularity"])
def test_a_record_that_is_not_a_studys_has_no_settings(name: str) -> None:
    with pytest.raises(ValueError, match=f"the record '{name}' has no settings: it is not that"):
        evidence.settings(name)


def test_trials_are_found_by_their_settings_and_without_those_that_chose_one() -> None:
    found = evidence.trials("counting", language="anbn", cell="lstm")
    assert [one["config"]["seed"] for one in found] == list(range(10))
    assert not any("tuning" in one["config"] for one in evidence.trials("counting"))
    with pytest.raises(ValueError, match=r"no trial of 'counting' has the settings .*'gur'"):
        evidence.trials("counting", cell="gur")
