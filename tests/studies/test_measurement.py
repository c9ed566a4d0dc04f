"""What is measured in one go: it says on what, is written whole, and has no trials."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gated import evidence
from studies import __main__ as commands
from studies import backprop, scan
from studies.__main__ import main
from studies.harness import provenance
from studies.harness.catalog import MEASURED, measurement
from studies.harness.measurement import Measurement, dumped


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a measurement called speed, which takes no time."""
    (tmp_path / "docs" / "evidence").mkdir(parents=True)

    def measure() -> dict[str, Any]:
        return {"threads seen": torch.get_num_threads(), "times": [1.5, 2.5]}

    made = Measurement("speed", "?", measure, threads=1)
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    monkeypatch.setattr(commands, "measurement", lambda name: made)
    monkeypatch.setattr(provenance, "guard", lambda study: {"rule": "a", "digest": "now"})
    monkeypatch.setattr(provenance, "digest", lambda study: "now")
    return made.file(tmp_path)


def test_a_record_says_on_what_and_by_what_it_was_measured(
    toy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "speed"]) == 0
    assert capsys.readouterr().out == "wrote docs/evidence/speed.json\n"
    found = json.loads(toy.read_text("utf-8"))
    assert found["command"] == "python -m studies run speed"
    assert (found["rule"], found["digest"]) == ("a", "now")
    assert found["machine"].keys() == {"cpu", "cores", "threads", "capability"}
    assert found["machine"]["threads"] == found["threads seen"] == 1
    assert found["versions"]["torch"] == torch.__version__
    assert found["times"] == [1.5, 2.5]
    assert found["seconds"] >= 0
    assert [*toy.parent.iterdir()] == [toy]


def test_status_and_report_tell_of_the_record(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("status", "report"):
        assert main([command, "speed"]) == 1
        assert capsys.readouterr().err == 'error: "speed" is not recorded yet: run it first\n'
    main(["run", "speed"])
    capsys.readouterr()
    assert main(["report", "speed"]) == 0
    assert capsys.readouterr().out == toy.read_text("utf-8")
    assert main(["status", "speed"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"speed: recorded with torch {torch.__version__} on ")
    monkeypatch.setattr(provenance, "digest", lambda study: "later")
    main(["status", "speed"])
    _, note = capsys.readouterr().out.splitlines()
    assert note.startswith("note: what decides it has changed since it was recorded, at commit ")


def test_each_part_is_recorded_by_itself(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured: list[str] = []

    def measure(part: str) -> dict[str, Any]:
        measured.append(part)
        return {"turn": len(measured)}

    made = Measurement("speed", "?", measure, threads=1, parts=("one", "two"))
    monkeypatch.setattr(commands, "measurement", lambda name: made)
    assert main(["run", "speed", "--only", "two"]) == 0
    assert main(["status", "speed"]) == 0
    wrote, status = capsys.readouterr().out.splitlines()
    assert wrote == "wrote docs/evidence/speed.json"
    assert status.startswith("speed two: recorded with torch ")
    assert main(["run", "speed"]) == 0
    first = json.loads(toy.read_text("utf-8"))
    assert {part: found["turn"] for part, found in first.items()} == {"one": 2, "two": 3}
    assert first["one"]["command"] == "python -m studies run speed --only one"
    assert main(["run", "speed", "--only", "one"]) == 0
    assert measured == ["two", "one", "two", "one"]
    second = json.loads(toy.read_text("utf-8"))
    assert (second["one"]["turn"], second["two"]) == (4, first["two"])
    capsys.readouterr()
    assert main(["run", "speed", "--only", "tow"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "error: Unknown --only: 'tow' is not one of 'one', 'two'; did you mean 'two'?"
    assert len(measured) == 4


def test_what_was_measured_before_an_interruption_is_recorded(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(part: str) -> dict[str, Any]:
        if part == "two":
            raise KeyboardInterrupt
        return {"turn": 1}

    made = Measurement("speed", "?", measure, threads=1, parts=("one", "two"))
    monkeypatch.setattr(commands, "measurement", lambda name: made)
    assert main(["run", "speed"]) == 130
    assert json.loads(toy.read_text("utf-8")).keys() == {"one"}


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "speed"], '"speed" is measured in one go: it has no trials'),
        (["run", "speed", "--only", "x"], '"speed" is measured in one go, here: leave out --only'),
        (["run", "speed", "--trial", "x"], '"speed" is measured in one go, here: leave out --tri'),
        (["run", "speed", "--cluster", "x"], '"speed" is measured in one go, here: leave out --cl'),
        (["run", "speed", "--device", "cuda"], '"speed" is measured in one go, here: leave out --'),
        (["run", "sped"], "no study is called \"sped\"; did you mean 'speed'?"),
    ],
)
def test_what_it_cannot_do_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {said}")


NUMBERS = st.lists(st.floats(allow_nan=False, allow_infinity=False))
WORDS = st.text("abc_ é")


@given(st.dictionaries(WORDS, NUMBERS | st.lists(NUMBERS) | WORDS | st.none()))
def test_a_record_is_read_as_it_was_and_its_lists_of_numbers_stand_on_one_line(
    found: dict[str, Any],
) -> None:
    assert json.loads(dumped(found)) == found
    assert '"a": [ 1.0, -2e-05, 3.25 ]\n' in dumped({"a": [1.0, -2e-5, 3.25]})


@pytest.mark.parametrize("name", MEASURED)
def test_each_is_recorded_and_declared_under_its_name(name: str) -> None:
    made = measurement(name)
    found = json.loads(made.file(provenance.ROOT).read_text("utf-8"))
    assert made.name == name
    if made.parts:
        assert found.keys() == set(made.parts)
    for one in [found[part] for part in made.parts] or [found]:
        assert {"command", "machine", "versions"} <= one.keys()


def test_the_records_of_scan_and_backprop_are_of_what_they_measure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backprop, "peak", lambda *size: 1e6)  # ten processes otherwise
    found = evidence.read("scan")
    assert (found["width"], found["repeats"]) == (scan.WIDTH, scan.REPEATS)
    assert (found["batches"], found["steps"]) == ([*scan.BATCHES], [*scan.STEPS])
    again = scan.measure(1, 2, repeats=2)
    assert again.keys() == found["batch_1"]["steps_32"].keys()
    gru = evidence.read("backprop")["narrow"]["gru"]
    assert backprop.measure("GRU", (1, 2, 1, 1), repeats=2).keys() == gru.keys()
