"""A fresh clone with nothing cached: its set-up beside pip's, and all tests, cold and warm."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from .measure import ROOT, Row


def rows() -> Iterator[Row]:
    """Measure what a newcomer waits for. Only what is committed takes part."""
    with TemporaryDirectory(prefix="gated-bench-") as name:
        folder = Path(name).resolve()
        subprocess.run(["git", "clone", "--quiet", ROOT, folder / "clone"], check=True)
        yield set_up(folder)
        yield test(folder, "all tests, in a fresh clone", 15)
        yield test(folder, "all tests, nothing changed", 3)


def set_up(folder: Path) -> Row:
    """Set up a clone, beside the same done by pip, one package after the other."""
    tools = folder / "pip" / "bin"
    pip: list[str | Path] = [tools / "pip", "install", "--no-deps", "--quiet"]
    theirs = _seconds(folder, "pip", [sys.executable, "-m", "venv", folder / "pip"])
    theirs += _seconds(folder, "pip", [*pip, "--require-hashes", "-r", "requirements.lock"])
    theirs += _seconds(folder, "pip", [*pip, f"torch=={version('torch').partition('+')[0]}"])
    theirs += _seconds(folder, "pip", [*pip, "--no-build-isolation", "--editable", "."])
    theirs += _seconds(folder, "pip", [tools / "npm", "ci"])
    ours = _seconds(folder, "make", ["make", "setup"])
    return Row(
        "set-up, nothing cached: peer / ours",
        f"{ours:.0f} s",
        f"{theirs:.0f} s",
        theirs / ours,
        "x",
        2,
        at_least=True,
        compared="pip and npm installing the same packages, all locked",
    )


def test(folder: Path, what: str, minutes: float) -> Row:
    """Run all tests of the clone."""
    took = _seconds(folder, "make", ["make", "test"]) / 60
    compared = "nothing: from the command to its end"
    return Row(what, f"{took:.1f} min", "0 min", took, " min", minutes, compared=compared)


def _seconds(folder: Path, caches: str, command: list[str | Path]) -> float:
    """Run ``command`` in the clone, with caches of its own, and return how long it took."""
    own = {name: str(folder / f"{caches}-cache") for name in ("XDG_CACHE_HOME", "PIP_CACHE_DIR")}
    own |= {"UV_CACHE_DIR": f"{own['XDG_CACHE_HOME']}/uv", "npm_config_cache": own["PIP_CACHE_DIR"]}
    # What `make bench` was told, such as VENV=, is not meant for the clone.
    own |= {"MAKEFLAGS": "", "MAKEOVERRIDES": ""}
    start = perf_counter()
    done = subprocess.run(
        command, cwd=folder / "clone", env={**os.environ, **own}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return perf_counter() - start
