"""Records kept by content: one is valid while all that it was made from is unchanged."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import sys
from importlib.util import find_spec
from pathlib import Path

from . import drawn, fork_server, noting, record, runner, snippets, terminal, way, worker
from .files import digest, state, write_atomically
from .record import Record
from .settings import Settings
from .snippets import Snippet
from .way import Way

#: The engine's modules that decide what a run gives; a snippet that imports others depends on them.
_ENGINE = (drawn, fork_server, noting, record, runner, snippets, terminal, way, worker)


class Cache:
    """Records in a folder, one file a snippet version; builds at the same time may share it.

    Each way to run snippets has records of its own.
    """

    def __init__(self, settings: Settings, way: Way | None = None) -> None:
        self._settings = settings
        self._folder = settings.cache_folder / "records"
        self._base = _surroundings(settings, way or Way())
        self._states: dict[str, str] = {}
        #: Snippets whose record was damaged, for a warning.
        self.damaged: list[str] = []

    def get(self, snippet: Snippet) -> Record | None:
        """Return the valid record of ``snippet``, or None: then it must be run."""
        file = self._file(snippet)
        try:
            checksum, _, text = file.read_text("utf-8").partition("\n")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            checksum, text = "", ""
        if hashlib.sha256(text.encode()).hexdigest() != checksum:
            self.damaged.append(snippet.path)
            return None
        record = Record.from_json(json.loads(text))
        unchanged = all(self._state(name) == known for name, known in record.dependencies.items())
        return record if unchanged else None

    def put(self, snippet: Snippet, record: Record) -> None:
        """Keep ``record``, the outcome of running ``snippet``, if all is known that it rests on."""
        if record.programs:
            return
        text = json.dumps(record.to_json())
        checksum = hashlib.sha256(text.encode()).hexdigest()
        write_atomically(self._file(snippet), f"{checksum}\n{text}")

    def _state(self, name: str) -> str:
        """Return the state of a file; many records rest on the same."""
        if name not in self._states:
            self._states[name] = state(self._settings.root, name)
        return self._states[name]

    def _file(self, snippet: Snippet) -> Path:
        key = f"{self._base}\n{snippet.path}\n{snippet.text}"
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _surroundings(settings: Settings, way: Way) -> str:
    """Return a hash of what every run rests on: engine, lock, packages, Python, processor."""
    parts = [
        *(digest(Path(str(module.__file__))) for module in _ENGINE),
        *(digest(settings.root / name) for name in settings.locks),
        *installed(),
        repr((settings.preload, settings.seconds, settings.memory_bytes, settings.output_bytes)),
        way.key,
        _startup(way),
        sys.version,
        platform.platform(),
        _processor(),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _startup(way: Way) -> str:
    """Return a hash of the module that a way imports first."""
    found = find_spec(way.startup) if way.startup else None
    return digest(Path(found.origin)) if found and found.origin else ""


@functools.cache
def installed() -> tuple[str, ...]:
    """Return what is installed, with its versions: any of it may be imported, or found missing."""
    folders = [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    kept = {one.name for folder in folders for one in folder.glob("*.dist-info")}
    return tuple(sorted(kept))


@functools.cache
def _processor() -> str:
    """Return what the processor can do: vector units change the last digits of a product."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return f"{platform.machine()} {platform.processor()}"
    return "\n".join(sorted({line for line in lines if line.startswith(("model name", "flags"))}))
