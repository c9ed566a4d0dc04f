"""The wheel that copiers install, built once for each state of its package."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .files import digest, text_digest
from .problems import Problem
from .settings import Settings
from .store import Store


@dataclass(frozen=True)
class Wheel:
    """A wheel: the name that installers read, and the bytes of the file."""

    name: str
    content: bytes

    @property
    def url(self) -> str:
        """Its address below the site."""
        return f"wheels/{self.name}"


def build(settings: Settings) -> Wheel | None:
    """Return the wheel of the project's package, None where it has none.

    It is made by the command of the settings, unless nothing has changed that it is made from; the
    date of its files is SOURCE_DATE_EPOCH. Raises Problem where that fails.
    """
    if settings.wheel is None:
        return None
    epoch = os.environ["SOURCE_DATE_EPOCH"]
    command, sources = settings.wheel.command, settings.wheel.sources
    files = [file for name in sources for file in _files(settings.root / name)]
    parts = [epoch, repr(command)]
    parts += [str(os.environ.get(name)) for name in settings.wheel.variables]
    parts += [f"{file.relative_to(settings.root)} {digest(file)}" for file in files]
    store, key = Store(settings.cache_folder / "wheels"), text_digest(*parts)
    cached = store.get(key)
    if cached is None:
        # Where the next build removes what one that was killed has left.
        unfinished = settings.cache_folder / "sites"
        unfinished.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=unfinished, prefix=f"{os.getpid()}-") as fresh:
            _run([*command, fresh], settings.root)
            (file,) = Path(fresh).glob("*.whl")
            cached = file.name.encode() + b"\n" + file.read_bytes()
        store.put(key, cached)
    name, _, content = cached.partition(b"\n")
    return Wheel(name.decode(), content)


def _files(source: Path) -> list[Path]:
    found = sorted(source.rglob("*")) if source.is_dir() else [source]
    return [file for file in found if file.is_file() and "__pycache__" not in file.parts]


def _run(command: list[str], root: Path) -> None:
    program = sys.executable if command[0] == "python" else command[0]
    words = [program, *command[1:]]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Problem("pyproject.toml", None, f"the wheel could not be built: {' '.join(last)}")
