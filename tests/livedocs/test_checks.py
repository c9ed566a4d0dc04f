"""The checks of a site's prose are a list: a file for each."""

from pathlib import Path

from livedocs import checks
from livedocs.checks import CHECKS


def test_a_build_runs_every_check_but_that_of_the_committed_values() -> None:
    files = {file.stem for file in Path(str(checks.__file__)).parent.glob("*.py")}
    names = [check.__module__.rpartition(".")[2] for check in CHECKS]
    assert sorted(names) == sorted(files - {"__init__", "expected"})
