"""Records kept by content: one is valid while all that it was made from is unchanged."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import platform
import sys
from pathlib import Path

from .files import digest, write_atomically
from .record import Record
from .settings import Settings
from .snippets import Snippet
from .way import Way


class Cache:
    """Records in a folder, one file a snippet version; builds at the same time may share it.

    Each way to run snippets has records of its own.
    """

    def __init__(self, settings: Settings, way: Way | None = None) -> None:
        self._settings = settings
        self._folder = settings.cache_folder / "records"
        self._base = _surroundings(settings, way or Way())
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
        root = self._settings.root
        unchanged = all(digest(root / path) == known for path, known in record.dependencies.items())
        return record if unchanged else None

    def put(self, snippet: Snippet, record: Record) -> None:
        """Keep ``record``, the outcome of running ``snippet``."""
        text = json.dumps(record.to_json(), sort_keys=True)
        checksum = hashlib.sha256(text.encode()).hexdigest()
        write_atomically(self._file(snippet), f"{checksum}\n{text}")

    def _file(self, snippet: Snippet) -> Path:
        key = f"{self._base}\n{snippet.path}\n{snippet.text}"
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _surroundings(settings: Settings, way: Way) -> str:
    """Return a hash of what every run depends on: engine, lock, packages, Python, processor."""
    parts = [
        *(digest(file) for file in sorted(Path(__file__).parent.glob("*.py"))),
        *(digest(settings.root / name) for name in settings.locks),
        *(f"{name} {_version(name)}" for name in settings.provenance),
        repr((settings.preload, settings.seconds, settings.memory_bytes, settings.output_bytes)),
        way.key,
        sys.version,
        platform.platform(),
        _processor(),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


@functools.cache
def _processor() -> str:
    """Return what the processor can do: vector units change the last digits of a product."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return f"{platform.machine()} {platform.processor()}"
    return "\n".join(sorted({line for line in lines if line.startswith(("model name", "flags"))}))
