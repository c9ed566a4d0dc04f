"""The wheel that copiers install, built once for each state of its package."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .files import digest, text_digest
from .problems import Problem
from .settings import Settings
from .store import Store


@dataclass(frozen=True)
class Wheel:
    """A wheel: the name that installers read, and the bytes of the file."""

    name: str
    content: bytes


def build(settings: Settings, epoch: int) -> Wheel:
    """Return the wheel of the project's package, with ``epoch`` as the date of its files.

    An unchanged package is not built again. Raises Problem where the build fails.
    """
    folders = [settings.root / settings.sources / str(settings.wheel), *included(settings.root)]
    files = [p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()]
    files = [p for p in files if "__pycache__" not in p.parts]
    parts = [str(epoch), *(f"{p.relative_to(settings.root)} {digest(p)}" for p in files)]
    parts += [digest(settings.root / name) for name in ("pyproject.toml", "README.md", "LICENSE")]
    store, key = Store(settings.cache_folder / "wheels"), text_digest(*parts)
    kept = store.get(key)
    if kept is None:
        # Where the next build removes what one that was killed has left.
        unfinished = settings.cache_folder / "sites"
        unfinished.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=unfinished, prefix=f"{os.getpid()}-") as fresh:
            _hatch(settings.root, Path(fresh), epoch)
            (made,) = Path(fresh).glob("*.whl")
            kept = made.name.encode() + b"\n" + made.read_bytes()
        store.put(key, kept)
    name, _, content = kept.partition(b"\n")
    return Wheel(name.decode(), content)


def included(root: Path) -> list[Path]:
    """Return the folders that the wheel takes in from elsewhere in the project."""
    table: Any = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    for key in ("tool", "hatch", "build", "targets", "wheel", "force-include"):
        table = table.get(key, {})
    return [root / folder for folder in table]


def _hatch(root: Path, target: Path, epoch: int) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Problem("pyproject.toml", None, f"the wheel could not be built: {' '.join(last)}")
