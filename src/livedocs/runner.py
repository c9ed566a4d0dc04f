"""The parent's side of a run: many snippets at once, each in a fresh process with limits."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count, islice
from multiprocessing.connection import Connection, wait
from pathlib import Path

from .fork_server import Exit, ForkServer
from .problems import Problem
from .record import Record
from .settings import Settings
from .snippets import Snippet
from .terminal import shown
from .way import Way
from .worker import Job

#: ``python -m`` looks for modules here first, where none of the project's lies.
_STARTED_IN = Path.cwd()
#: How long the server may take to import what it shares, and to start a child.
_START_SECONDS = 300.0
#: How long after its own time limit a child may take to say where it hung.
_GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.05
#: What a run may write to stderr, where libraries are talkative.
_ERROR_BYTES = 1_000_000


@dataclass(frozen=True)
class Ended:
    """How the run of one snippet ended, after so many seconds of CPU time."""

    snippet: Snippet
    outcome: Record | Problem
    seconds: float
    #: All that it wrote, as it wrote it: also what no page shows, and the whole traceback.
    stdout: str
    stderr: str

    @property
    def path(self) -> str:
        return self.snippet.path

    @property
    def said(self) -> str:
        """What the author of a failed run wants to see, set in below a line on the failure."""
        start = "...\n" if len(self.stdout) > _SAID_CHARACTERS else ""
        text = f"{start}{self.stdout[-_SAID_CHARACTERS:]}\n{self.stderr}"
        return textwrap.indent(shown(text).strip("\n"), "    ")


#: How much of what a failed run printed a build shows.
_SAID_CHARACTERS = 2000
Finished = Callable[[Ended], None]
_servers: dict[str, ForkServer] = {}
_numbers = count()


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warm_up(settings: Settings, way: Way | None = None) -> None:
    """Start the server now, so that the first run need not wait for its imports."""
    _server(settings, way or Way())


def run(
    settings: Settings, snippets: Iterable[Snippet], finished: Finished, way: Way | None = None
) -> None:
    """Run each snippet in a process of its own, as many at once as there are cores.

    Takes the next one as a core is free, and calls ``finished`` as each one ends.
    """
    way = way or Way()
    server = _server(settings, way)
    queue = iter(snippets)
    active: list[_Child] = []
    try:
        while True:
            free = islice(queue, cores() - len(active))
            active += [_start(settings, way, server, snippet) for snippet in free]
            if not active:
                break
            wait([server.control, *(c.answer for c in active if not c.silent)], _POLL_SECONDS)
            for child in list(active):
                if ended := child.ended():
                    active.remove(child)
                    finished(ended)
    except ImportError as error:
        raise Problem("pyproject.toml", None, f"[tool.livedocs]: {error}") from None
    finally:
        for child in active:
            child.close()


def _server(settings: Settings, way: Way) -> ForkServer:
    """Return the server for this way: what is imported is fixed once it has started."""
    environment = way.environment(settings.environment, settings.cache_folder)
    preload = [*settings.preload, *(name.partition(":")[0] for name in settings.record)]
    key = repr((preload, sorted(environment.items())))
    if key not in _servers or not _servers[key].alive:
        _servers[key] = ForkServer(preload, environment)
    return _servers[key]


@atexit.register
def _close_servers() -> None:
    for server in _servers.values():
        server.close()


def _start(settings: Settings, way: Way, server: ForkServer, snippet: Snippet) -> _Child:
    number = next(_numbers)
    path = tuple(entry for entry in sys.path if Path(entry) != _STARTED_IN)
    job = Job(settings, snippet, path, way.startup, server.folder / str(number))
    job.place.mkdir()
    deadline = time.monotonic() + _START_SECONDS
    return _Child(job, server, number, server.fork(job, number), deadline)


@dataclass(eq=False)
class _Child:
    job: Job
    server: ForkServer
    number: int
    answer: Connection
    deadline: float
    #: Whether its side of the connection is closed.
    silent: bool = False
    #: Where the cell that runs now starts.
    cell_line: int | None = None

    def ended(self) -> Ended | None:
        """Return how the run ended, or None while it goes on; nothing of it is left then."""
        gone = self.server.exit_of(self.number)
        outcome = self._outcome()
        if outcome is None and gone is None:
            return None
        if gone is None:
            self.server.kill(self.number)
            gone = self.server.exit_of(self.number, block=True)
            assert gone is not None
        outcome = outcome or self._crash(gone)
        stdout, stderr = (_text(file) for file in (self.job.stdout, self.job.stderr))
        self.answer.close()
        shutil.rmtree(self.job.place, ignore_errors=True)
        return Ended(self.job.snippet, outcome, gone.seconds, stdout, stderr)

    def close(self) -> None:
        """Give up a run that goes on."""
        self.server.kill(self.number)
        self.answer.close()

    def _outcome(self) -> Record | Problem | None:
        wall_seconds = self.job.settings.wall_seconds
        while not self.silent and self.answer.poll():
            try:
                kind, content = self.answer.recv()
            except EOFError:
                self.silent = True
                break
            if kind == "record":
                return self._too_much_written() or Record.from_json(content)
            if kind == "fault":
                return Problem(self.job.snippet.path, *content)
            if self.cell_line is None:
                self.deadline = time.monotonic() + wall_seconds + _GRACE_SECONDS
            self.cell_line = content
        if time.monotonic() > self.deadline:
            return self._problem(_too_long(wall_seconds))
        return self._too_much_written()

    def _crash(self, gone: Exit) -> Problem:
        stderr, settings = _text(self.job.stderr), self.job.settings
        late = gone.status == -signal.SIGKILL and gone.seconds > settings.seconds
        if gone.status == -signal.SIGXCPU or late:
            return self._problem(self.job.too_much_computed)
        if "Timeout (" in stderr:
            return self._problem(_too_long(settings.wall_seconds))
        if "std::bad_alloc" in stderr:
            return self._problem(f"asked for more memory: {self.job.too_much_memory}")
        if gone.status < 0:
            return self._problem(f"was killed by {signal.Signals(-gone.status).name}")
        return self._problem(f"left Python with exit status {gone.status}, as os._exit does")

    def _problem(self, message: str) -> Problem:
        """Name the snippet's line in the traceback that faulthandler left, else its cell."""
        path = self.job.snippet.path
        file = re.escape(str(self.job.settings.root / path))
        found = re.findall(rf'File "{file}", line (\d+)', _text(self.job.stderr))
        return Problem(path, int(found[0]) if found else self.cell_line, message)

    def _too_much_written(self) -> Problem | None:
        limits = {self.job.stdout: self.job.settings.output_bytes, self.job.stderr: _ERROR_BYTES}
        for file, limit in limits.items():
            if file.exists() and file.stat().st_size > limit:
                return self._problem(f"wrote more than {limit:,} bytes to {file.name}")
        return None


def _text(file: Path) -> str:
    return file.read_text("utf-8", "replace") if file.exists() else ""


def _too_long(seconds: float) -> str:
    return f"did not end within {seconds:g} seconds: it waits for something"
