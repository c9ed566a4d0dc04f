"""Equal input gives equal bytes, also after a build was killed."""

import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

Livedocs = Callable[..., subprocess.CompletedProcess[str]]
Environment = Callable[[Path], dict[str, str]]
Tree = Callable[[Path], dict[str, bytes]]


def test_two_clean_builds_give_equal_bytes(
    built: Path, project: Path, livedocs: Livedocs, tree: Tree
) -> None:
    done = livedocs(project, PYTHONHASHSEED="7", TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    assert done.returncode == 0, done.stderr
    first, second = tree(built / "site"), tree(project / "site")
    assert [name for name in first if first[name] != second.get(name)] == []
    assert first.keys() == second.keys()
    suffixes = [name.rpartition(".")[2] for name in first]
    assert suffixes.count("whl") == 1
    assert suffixes.count("ipynb") == 8
    assert not any(str(built).encode() in data for data in first.values())


def test_the_wheel_has_the_date_of_the_commit(built: Path) -> None:
    (wheel,) = (built / "site" / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        members = archive.infolist()
    assert "toy/words.py" in [member.filename for member in members]
    assert {member.date_time for member in members} == {(2024, 1, 1, 0, 0, 0)}


def test_another_epoch_is_obeyed(built_copy: Path, livedocs: Livedocs) -> None:
    epoch = int(datetime(2020, 5, 17, tzinfo=UTC).timestamp())
    assert livedocs(built_copy, SOURCE_DATE_EPOCH=str(epoch)).returncode == 0
    (wheel,) = (built_copy / "site" / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert {member.date_time[:3] for member in archive.infolist()} == {(2020, 5, 17)}


def test_cells_of_notebooks_keep_their_ids(built: Path) -> None:
    book = nbformat.read(built / "site/downloads/basics/greet.ipynb", as_version=4)
    assert [cell.id for cell in book.cells] == ["title", "1-greet", "2-too-short", "3-as-said"]


@pytest.mark.parametrize("moment", [0.3, "running", "[6/6]", "new site", "swap"])
def test_a_build_after_a_kill_gives_the_bytes_of_a_clean_one(
    built: Path,
    project: Path,
    environment: Environment,
    livedocs: Livedocs,
    tree: Tree,
    moment: float | str,
) -> None:
    temporary = project.parent / "temporary"
    temporary.mkdir()
    _kill_at(project, {**environment(project), "TMPDIR": str(temporary)}, moment)
    assert _gone(project), "processes of the killed build go on"
    assert list(temporary.glob("livedocs-*")) == []
    done = livedocs(project)
    assert done.returncode == 0, done.stderr
    assert tree(project / "site") == tree(built / "site")
    assert list((project / ".cache/livedocs/sites").glob("[0-9]*")) == []
    records = Path(".cache/livedocs/records")
    assert tree(project / records) == tree(built / records)


def _kill_at(root: Path, environment: dict[str, str], moment: float | str) -> None:
    build = subprocess.Popen(
        [sys.executable, "-c", _BUILD, str(root), str(moment)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert build.stderr is not None
    if isinstance(moment, float):
        time.sleep(moment)
        build.kill()
    for line in build.stderr:
        if isinstance(moment, str) and line.startswith(moment):
            build.kill()
            break
    assert build.wait(30) == -signal.SIGKILL, "it ended before it could be killed"
    build.stderr.close()


#: Builds, and kills itself where the moment is one that no output tells.
_BUILD = """\
import os, pathlib, signal, sys
from livedocs.__main__ import main

root, moment = sys.argv[1:]
rename = pathlib.Path.rename
def watched(self, target):
    if moment == "swap" and self.name == "site" or moment == "new site" and target.name == "site":
        if moment == "swap":
            rename(self, target)
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)
pathlib.Path.rename = watched
if moment == "swap":
    (pathlib.Path(root) / "site").mkdir()
sys.exit(main(["--root", root, "build"]))
"""


def _gone(root: Path) -> bool:
    """Return whether every process that names ``root`` ends, given some seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not any(str(root).encode() in _command(path) for path in Path("/proc").glob("[0-9]*")):
            return True
        time.sleep(0.1)
    return False


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
