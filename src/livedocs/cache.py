"""Records kept by content: one is valid while all that it was made from is unchanged."""

import functools
import json
import platform
import sys
from importlib.util import find_spec
from pathlib import Path

from . import fork_server, noting, record, runner, snippets, terminal, way, worker
from .files import digest, state, text_digest
from .provenance import cpuinfo
from .record import Record
from .settings import Settings
from .snippets import Snippet
from .store import Store
from .way import Way

#: The engine's modules that decide what a run gives; a snippet that imports others depends on them.
_ENGINE = (fork_server, noting, record, runner, snippets, terminal, way, worker)


class Cache:
    """Records in a folder, one file a snippet version; builds at the same time may share it.

    Each way to run snippets has records of its own.
    """

    def __init__(self, settings: Settings, way: Way | None = None) -> None:
        self._store = Store(settings.cache_folder / "records")
        self._base = _surroundings(settings, way or Way())
        # Many records rest on the same file.
        self._state = functools.cache(functools.partial(state, settings.root))
        #: Snippets whose record was damaged, for a warning.
        self.damaged: list[str] = []

    def get(self, snippet: Snippet) -> Record | None:
        """Return the valid record of ``snippet``, or None: then it must be run."""
        name = self._name(snippet)
        content = self._store.get(name)
        if content is None:
            if self._store.holds(name):
                self.damaged.append(snippet.path)
            return None
        record = Record.from_json(json.loads(content))
        unchanged = all(self._state(name) == known for name, known in record.dependencies.items())
        return record if unchanged else None

    def put(self, snippet: Snippet, record: Record) -> None:
        """Keep ``record``, the outcome of running ``snippet``, if all is known that it rests on."""
        if not record.programs:
            self._store.put(self._name(snippet), json.dumps(record.to_json()).encode())

    def _name(self, snippet: Snippet) -> str:
        return f"{text_digest(self._base, snippet.path, snippet.text)}.json"


def _surroundings(settings: Settings, way: Way) -> str:
    """Return a hash of what every run rests on: engine, lock, packages, Python, processor."""
    parts = [
        *(digest(Path(str(module.__file__))) for module in _ENGINE),
        *(_source(name.partition(":")[0]) for name in settings.record),
        *(digest(settings.root / name) for name in settings.locks),
        *installed(),
        repr((settings.preload, settings.seconds, settings.memory_bytes, settings.output_bytes)),
        repr((settings.reset, settings.record, settings.figure_widths, settings.environment)),
        way.key,
        digest(settings.root / way.startup) if way.startup else "",
        sys.version,
        platform.platform(),
        _processor(),
    ]
    return text_digest(*parts)


def _source(module: str) -> str:
    """Return a hash of a module's source, where it has one."""
    found = find_spec(module)
    return digest(Path(found.origin)) if found and found.origin else ""


@functools.cache
def installed() -> tuple[str, ...]:
    """Return what is installed, with its versions: any of it may be imported, or found missing."""
    folders = [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    return tuple(sorted({one.name for folder in folders for one in folder.glob("*.dist-info")}))


@functools.cache
def _processor() -> str:
    """Return what the processor can do: vector units change the last digits of a product."""
    lines = {line for line in cpuinfo() if line.startswith(("model name", "flags"))}
    return "\n".join(sorted(lines)) or f"{platform.machine()} {platform.processor()}"
