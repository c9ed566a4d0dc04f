"""Values in prose are committed with tolerances; a change is a diff."""

import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedocs.chapter import parse
from livedocs.checks import expected
from livedocs.record import Record
from livedocs.settings import Settings
from livedocs.site import Site

Livedocs = Callable[..., subprocess.CompletedProcess[str]]

MEAN = "mean = { value = 2.3333333333333335, tolerance = 0.005 }"


@pytest.fixture
def accepted(tmp_path: Path, built_without_charts: Path, livedocs: Livedocs) -> Path:
    """A built project whose values were accepted."""
    root = shutil.copytree(built_without_charts, tmp_path / "project")
    done = livedocs(root, "accept")
    assert done.returncode == 0, done.stderr
    assert MEAN in done.stdout
    return root


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")


def test_values_are_kept_and_compared_with_tolerances(accepted: Path, livedocs: Livedocs) -> None:
    file = accepted / "tests" / "expected.toml"
    assert tomllib.loads(file.read_text("utf-8")) == {
        "basics/greet.py": {"length": {"value": 6}},
        "basics/scalars.py": {
            "exact": {"value": True},
            "mean": {"value": 7 / 3, "tolerance": 0.005},
            "name": {"value": "three numbers"},
        },
    }
    same = livedocs(accepted, "expected")
    assert (same.returncode, same.stdout) == (0, "")

    snippet = accepted / "snippets" / "basics" / "scalars.py"
    edit(snippet, "mean = float(np.mean([1, 2, 4]))", "mean = 2.3335")
    edit(snippet, "exact = mean == 7 / 3", "exact = True")
    within = livedocs(accepted, "expected")
    assert (within.returncode, within.stdout) == (0, "")

    edit(snippet, "mean = 2.3335", "mean = 2.4")
    edit(snippet, '"three numbers"', '"three \\"n\\"\\n\\\\"')
    beyond = livedocs(accepted, "expected")
    assert beyond.returncode == 1
    changed = [line for line in beyond.stdout.splitlines() if line[:1] in "+-"]
    assert changed[2:] == [
        f"-{MEAN}",
        '-name = { value = "three numbers" }',
        "+mean = { value = 2.4, tolerance = 0.005 }",
        '+name = { value = "three \\"n\\"\\n\\\\" }',
    ]
    assert beyond.stderr.splitlines()[-2:] == [
        "tests/expected.toml: prose states other values; if the change is right: make accept",
        "1 problem",
    ]

    edit(file, "tolerance = 0.005", "tolerance = 0.25")
    wide = livedocs(accepted, "accept")
    assert wide.returncode == 0
    table = tomllib.loads(file.read_text("utf-8"))["basics/scalars.py"]
    assert table["mean"] == {"value": 7 / 3, "tolerance": 0.25}, "2.4 is within it"
    assert table["name"] == {"value": 'three "n"\n\\'}

    edit(snippet, "mean = 2.4", "mean = 9.0")
    assert livedocs(accepted, "accept").returncode == 0
    table = tomllib.loads(file.read_text("utf-8"))["basics/scalars.py"]
    assert table["mean"] == {"value": 9.0, "tolerance": 0.25}, "a tolerance by hand is kept"


def test_a_value_that_no_prose_states_any_more_is_a_change(
    accepted: Path, livedocs: Livedocs
) -> None:
    edit(accepted / "docs" / "index.md", "the mean is `{value} basics/scalars.py mean:.2f`,", "")
    done = livedocs(accepted, "expected")
    assert done.returncode == 1
    assert f"-{MEAN}" in done.stdout.splitlines()


def test_a_value_that_a_claim_states_is_one_too(accepted: Path, livedocs: Livedocs) -> None:
    edit(accepted / "docs" / "index.md", "the mean is `{value} basics/scalars.py mean:.2f`,", "")
    edit(accepted / "pyproject.toml", "[tool.livedocs]", '[tool.livedocs]\nclaims = "claims.yml"')
    (accepted / "claims.yml").write_text(
        "- id: mean\n  claim: It is high\n  verdict: holds\n"
        "  why: It is `{value} basics/scalars.py mean:.2f`.\n"
        "  evidence:\n    - proof: basics/scalars.py exact\n",
        "utf-8",
    )
    done = livedocs(accepted, "expected")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_faults_of_the_project_come_first(accepted: Path, livedocs: Livedocs) -> None:
    file = accepted / "tests" / "expected.toml"
    before = file.read_bytes()
    edit(accepted / "snippets" / "basics" / "scalars.py", "[1, 2, 4]", "[1, 1 / 0]")
    edit(accepted / "docs" / "index.md", "basics/greet.py length", "basics/greet.py lengths")
    for command in ("expected", "accept"):
        done = livedocs(accepted, command)
        assert done.returncode == 1
        assert "ZeroDivisionError" in done.stderr
        assert "livedocs" not in done.stderr, "the traceback is the snippet's alone"
    assert file.read_bytes() == before


def test_an_unknown_value_names_its_place(accepted: Path, livedocs: Livedocs) -> None:
    edit(accepted / "docs" / "index.md", "basics/greet.py length", "basics/greet.py lengths")
    done = livedocs(accepted, "expected")
    assert done.returncode == 1
    assert (
        "docs/index.md:6: snippets/basics/greet.py has no variable "
        '"lengths". Did you mean "length"?' in done.stderr.splitlines()
    )


@given(text=st.text(st.characters(exclude_categories=["Cs"])), number=st.floats() | st.integers())
def test_any_value_survives_the_file(text: str, number: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Settings(Path(folder), expected="expected.toml"))
        prose = "`{value} a.py name` `{value} a.py größe:.1e`"
        site.chapters = {"docs/a.md": parse("docs/a.md", prose)}
        site.records = {"a.py": Record("snippets/a.py", (), {"name": text, "größe": number})}
        expected.accept(site)
        kept = tomllib.loads((Path(folder) / "expected.toml").read_text("utf-8"))["a.py"]
        assert kept["name"]["value"] == text
        assert kept["größe"]["value"] == pytest.approx(number, rel=0, abs=0, nan_ok=True)
        assert expected.compare(site) == ""
