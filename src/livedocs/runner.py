"""The parent's side of a run: many snippets at once, each in a fresh process with limits."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from .problems import Problem
from .record import Record
from .settings import Settings
from .snippets import Snippet
from .worker import Fault, Job, execute

#: One thread, a fixed hash seed and no screen, so that equal input gives equal output.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "agg",
}
#: How long the server may take to import what it shares, and to start a child.
_START_SECONDS = 120.0
#: How long after its own time limit a child may take to say where it hung.
_GRACE_SECONDS = 1.0
_POLL_SECONDS = 0.05

Finished = Callable[[str, Record | Problem, float], None]


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warm_up(settings: Settings) -> None:
    """Start the server now, so that the first run need not wait for its imports."""
    if _context(settings).get_start_method() == "forkserver":
        with _fixed_environment():
            forkserver.ensure_running()


def run(settings: Settings, snippets: Iterable[Snippet], finished: Finished) -> None:
    """Run each snippet in a process of its own, as many at once as there are cores.

    Calls ``finished(path, outcome, seconds)`` as each one ends.
    """
    context = _context(settings)
    queue = list(snippets)[::-1]
    active: list[_Child] = []
    with tempfile.TemporaryDirectory(prefix="livedocs-") as folder:
        try:
            while queue or active:
                while queue and len(active) < cores():
                    active.append(_start(settings, context, queue.pop(), Path(folder)))
                wait([child.answer for child in active], timeout=_POLL_SECONDS)
                for child in list(active):
                    outcome = child.outcome(settings)
                    if outcome is not None:
                        active.remove(child)
                        child.end()
                        finished(child.snippet.path, outcome, child.seconds)
        finally:
            for child in active:
                child.end()


@contextmanager
def _fixed_environment() -> Iterator[None]:
    """Set the server's environment only while it may be starting: it inherits ours."""
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Hide this program from the child, which would import it again."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _context(settings: Settings) -> Any:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(settings.preload))
    return context


def _start(settings: Settings, context: Any, snippet: Snippet, folder: Path) -> _Child:
    place = Path(tempfile.mkdtemp(dir=folder))
    job = Job(
        settings.root,
        snippet,
        settings.seconds,
        folder=place / "empty",
        stdout=place / "stdout",
        stderr=place / "stderr",
    )
    job.folder.mkdir()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=execute, args=(job, sender), daemon=True)
    with _fixed_environment(), _no_main_module():
        process.start()
    sender.close()
    return _Child(snippet, job, process, receiver, time.monotonic() + _START_SECONDS)


@dataclass(eq=False)
class _Child:
    snippet: Snippet
    job: Job
    process: Any
    answer: Connection
    deadline: float
    #: When the first cell started, and where the cell that runs now starts.
    began: float | None = None
    cell_line: int | None = None

    @property
    def seconds(self) -> float:
        """How long the snippet itself has run."""
        return 0.0 if self.began is None else time.monotonic() - self.began

    def outcome(self, settings: Settings) -> Record | Problem | None:
        """Return how the run ended, or None while it goes on."""
        while self.answer.poll():
            try:
                result = self.answer.recv()
            except EOFError:
                return self._crash(settings)
            if isinstance(result, Record):
                return (
                    self._problem(_too_much(settings)) if self._wrote_too_much(settings) else result
                )
            if isinstance(result, Fault):
                return Problem(self.snippet.path, result.line, result.message)
            if self.began is None:
                self.began = time.monotonic()
                self.deadline = self.began + settings.seconds + _GRACE_SECONDS
            self.cell_line = result
        if self._wrote_too_much(settings):
            return self._problem(_too_much(settings))
        if time.monotonic() > self.deadline:
            return self._problem(_too_long(settings))
        return None

    def end(self) -> None:
        """Kill what is left of the run, helpers of its own included."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self.process.kill()
        self.process.join()
        self.answer.close()

    def _crash(self, settings: Settings) -> Problem:
        self.process.join()
        code = self.process.exitcode
        if "Timeout (" in self._errors():
            return self._problem(_too_long(settings))
        if code < 0:
            return self._problem(f"was killed by {signal.Signals(-code).name}")
        return self._problem(f"left Python with exit status {code}, as os._exit does")

    def _problem(self, message: str) -> Problem:
        """Name the snippet's line in the traceback that faulthandler left, else its cell."""
        file = re.escape(str(self.job.root / self.snippet.path))
        found = re.findall(rf'File "{file}", line (\d+)', self._errors())
        return Problem(self.snippet.path, int(found[0]) if found else self.cell_line, message)

    def _wrote_too_much(self, settings: Settings) -> bool:
        streams = (self.job.stdout, self.job.stderr)
        return any(s.exists() and s.stat().st_size > settings.output_bytes for s in streams)

    def _errors(self) -> str:
        return self.job.stderr.read_text("utf-8", "replace") if self.job.stderr.exists() else ""


def _too_long(settings: Settings) -> str:
    return f"ran longer than {settings.seconds:g} seconds"


def _too_much(settings: Settings) -> str:
    return f"wrote more than {settings.output_bytes:,} bytes"
