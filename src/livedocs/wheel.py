"""The wheel that copiers install, built once for each state of its package."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from .files import digest
from .problems import Problem
from .settings import Settings


def build(settings: Settings, epoch: int) -> Path:
    """Return the wheel of the project's package, with ``epoch`` as the date of its files.

    An unchanged package is not built again. Raises Problem where the build fails.
    """
    folders = [settings.root / settings.sources / str(settings.wheel), *_included(settings.root)]
    files = [p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()]
    files = [p for p in files if "__pycache__" not in p.parts]
    parts = [str(epoch), *(f"{p.relative_to(settings.root)} {digest(p)}" for p in files)]
    parts += [digest(settings.root / name) for name in ("pyproject.toml", "README.md", "LICENSE")]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    folder = settings.cache_folder / "wheels" / key
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as fresh:
            _hatch(settings.root, Path(fresh) / key, epoch)
            try:
                (Path(fresh) / key).rename(folder)
            except OSError:
                # Another build of the same state was faster.
                if not folder.is_dir():
                    raise
    return next(folder.glob("*.whl"))


def _included(root: Path) -> list[Path]:
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
