"""The child's side of a run: execute one snippet cell by cell and send back its record.

The process is fresh: forked from a server that has imported third-party packages and the engine
only. So all of the project's own code is loaded here, from source, and all that the run depends
on is noted. What it does and prints is what the same script does where it is pasted, down to the
threads and exit handlers that come last.
"""

import atexit
import codeop
import faulthandler
import math
import os
import pickle
import pkgutil
import resource
import runpy
import signal
import sys
import tempfile
import threading
import traceback
import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from . import noting
from .files import write_atomically
from .record import CellResult, Record, Scalar
from .settings import Settings
from .snippets import Cell, Snippet, docstring, padded
from .terminal import shown

#: How long a process may go on that does not end at its limit of CPU time.
_LAST_SECONDS = 5
#: No page shows a whole number of more bits; beyond 4,300 digits Python itself prints none.
_LONG_BITS = 1000


@dataclass(frozen=True)
class Job:
    """All that a child needs."""

    settings: Settings
    snippet: Snippet
    #: Where modules are found.
    path: tuple[str, ...]
    #: A file of the project that is run before the first cell.
    startup: str | None
    #: The folder of what the run writes, which the server watches: stdout, stderr, the line of the
    #: cell that runs now, the outcome.
    place: Path

    @property
    def too_much_memory(self) -> str:
        return f"it may take {self.settings.memory_bytes / 1e9:g} GB of memory"

    @property
    def too_much_computed(self) -> str:
        return f"used more than {self.settings.seconds:g} seconds of CPU time"

    @property
    def too_long(self) -> str:
        seconds = self.settings.wall_seconds
        return f"did not end within {seconds:g} seconds: it waits for something"

    def written(self, name: str) -> str:
        """Return what the run has written to a file of its folder, be it nothing yet."""
        file = self.place / name
        return file.read_text("utf-8", "replace") if file.exists() else ""


class Recorder(Protocol):
    """What takes the figures of a kind as raw SVG, each once or for several widths of a page.

    It is made with the snippet's path and the widths, in inches and from narrow to wide.
    """

    def begin(self, cell: str) -> None:
        """From now on, what is shown belongs to ``cell``."""

    def end(self, namespace: dict[str, Any]) -> Iterable[tuple[str, ...]]:
        """Return the figures of the cell that ends now."""


def execute(job: Job) -> None:
    """Run ``job`` in this process, and leave a fault or a record as the outcome.

    Both are plain data: a snippet may import the engine anew.
    """
    os.setsid()
    for number, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(job.place / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        os.dup2(file, number)
        os.close(file)
    settings = job.settings
    recorders = [pkgutil.resolve_name(name) for name in settings.record]  # the server imported them
    _limit(settings)
    _enter(job)
    # What inspects the stack reads the files of these modules, which every record rests on anyway.
    engine = [Path(__file__).with_name(f"{name}.py") for name in ("worker", "fork_server")]
    # Nor does a run depend on what the engine keeps.
    apart = (job.place, settings.cache_folder, *engine)
    notes = noting.Notes(settings.root, job.place / "notes", apart)
    notes.start()
    fault = record = None
    try:
        record = _Script(job, recorders, notes).record().to_json()
    except _Fault as error:
        fault = error.args
    faulthandler.cancel_dump_traceback_later()
    write_atomically(job.place / "outcome", pickle.dumps((fault, record)))
    os._exit(0)


def _limit(settings: Settings) -> None:
    """End this process where it takes too much, having said in which line, even inside C code."""
    faulthandler.enable(all_threads=False)
    faulthandler.register(signal.SIGXCPU, all_threads=False, chain=True)
    computed = math.ceil(settings.seconds)
    _at_most(resource.RLIMIT_CPU, computed, computed + _LAST_SECONDS)
    if Path("/proc/self/statm").exists():  # elsewhere, systems enforce no such limit
        pages = int(Path("/proc/self/statm").read_text().split()[5])
        memory = pages * resource.getpagesize() + settings.memory_bytes
        _at_most(resource.RLIMIT_DATA, memory, memory)
    faulthandler.dump_traceback_later(settings.wall_seconds, exit=True)


def _at_most(kind: int, soft: int, hard: int) -> None:
    _, allowed = resource.getrlimit(kind)
    if allowed != resource.RLIM_INFINITY:
        soft, hard = min(soft, allowed), min(hard, allowed)
    resource.setrlimit(kind, (soft, hard))


def _enter(job: Job) -> None:
    """Make this the process of a script that starts in an empty folder, in an empty home."""
    for name in ("folder", "home", "temporary"):
        (job.place / name).mkdir()
    os.chdir(job.place / "folder")
    os.environ.update(HOME=str(job.place / "home"), TMPDIR=str(job.place / "temporary"))
    tempfile.tempdir = None
    # No snippet may lean on the folder that it happens to be run from.
    sys.path[:] = [entry for entry in job.path if entry and Path(entry) != job.settings.root]
    for name in [n for n in sys.modules if n.partition(".")[0] == __package__]:
        del sys.modules[name]
    for name, statements in job.settings.reset.items():
        if name in sys.modules:
            exec(statements, {name: sys.modules[name]})


class _Fault(Exception):
    """What is wrong with a run: its line, a message, and where else it arose, as in a Problem."""


class _Script:
    """A snippet as it runs: one program, compiled and executed cell by cell."""

    def __init__(
        self,
        job: Job,
        recorders: Sequence[Callable[[str, tuple[float, ...]], Recorder]],
        notes: noting.Notes,
    ) -> None:
        self._job = job
        self._notes = notes
        self._file = str(job.settings.root / job.snippet.path)
        self._main = types.ModuleType("__main__", docstring(job.snippet))
        self._main.__file__ = self._file
        sys.modules["__main__"] = self._main
        sys.argv = [self._file]
        if job.startup:
            runpy.run_path(str(job.settings.root / job.startup))
        widths = job.settings.figure_widths
        self._recorders = [make(job.snippet.path, widths) for make in recorders]
        #: What cells import from __future__ holds for those that follow.
        self._compile = codeop.Compile()

    def record(self) -> Record:
        """Run all cells, and return what they leave. Raises _Fault."""
        job, cells = self._job, []
        for cell in job.snippet.cells:
            # Should this process be killed, the server still knows where it was.
            (job.place / "line").write_text(str(cell.line))
            cells.append(self.run(cell))
        cells = self.finish(cells)
        values, others = _variables(self._main.__dict__)
        dependencies, programs = noting.read(job.place / "notes")
        dependencies.pop(job.snippet.path, None)
        return Record(job.snippet.path, tuple(cells), values, others, dependencies, tuple(programs))

    def run(self, cell: Cell) -> CellResult:
        starts = self._sizes()
        for recorder in self._recorders:
            recorder.begin(cell.title)
        raised: str | None = None
        try:
            exec(self._compile(padded(cell), self._file, "exec"), self._main.__dict__)
        except BaseException as error:
            if type(error).__name__ == cell.raises:
                raised = "".join(traceback.format_exception_only(error)).rstrip()
            else:
                self._refuse(cell, error, starts)
        if cell.raises and raised is None:
            message = f'"{cell.title}" declares raises="{cell.raises}" but raised nothing'
            raise _Fault(cell.line, message)
        if sum(os.times()[:4]) > self._job.settings.seconds:  # each child has a limit of its own
            raise _Fault(cell.line, self._job.too_much_computed)
        try:
            namespace = self._main.__dict__
            figures = tuple(drawn for one in self._recorders for drawn in one.end(namespace))
        except Exception as error:
            traceback.print_exc()
            message = f"the figure cannot be drawn: {self._message(error)}"
            raise _Fault(cell.line, message) from None
        output, errors = self._written(starts)
        errors = shown(self._without_paths(errors)) if cell.stderr else ""
        return CellResult(cell.title, shown(output), figures, raised, errors)

    def finish(self, cells: Sequence[CellResult]) -> list[CellResult]:
        """Do what Python does at the end of a script; what is printed follows the last cell."""
        starts = self._sizes()
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        output, errors = self._written(starts)
        pairs = list(zip(self._job.snippet.cells, cells, strict=True))
        # No page shows a check, but what is copied to run without it prints this, too.
        last = next((r for c, r in reversed(pairs) if not c.check), cells[-1])
        stderr = any(cell.stderr for cell, result in pairs if result is last)
        late_errors = shown(self._without_paths(errors)) if stderr else ""
        late = replace(last, output=last.output + shown(output), errors=last.errors + late_errors)
        return [late if result is last else result for result in cells]

    def _sizes(self) -> tuple[int, int]:
        sys.stdout.flush()
        sys.stderr.flush()
        return os.fstat(1).st_size, os.fstat(2).st_size

    def _written(self, starts: tuple[int, int]) -> tuple[str, str]:
        """Return what was written to both streams from ``starts`` on."""
        self._sizes()
        texts = []
        for name, start in zip(("stdout", "stderr"), starts, strict=True):
            with (self._job.place / name).open("rb") as written:
                written.seek(start)
                texts.append(written.read().decode("utf-8", "replace"))
        return texts[0], texts[1]

    def _refuse(self, cell: Cell, error: BaseException, starts: tuple[int, int]) -> None:
        """Raise what is wrong with a cell that raised, unless the script was to end there."""
        frames = traceback.extract_tb(error.__traceback__)
        line = next((f.lineno for f in reversed(frames) if f.filename == self._file), cell.line)
        if isinstance(error, SystemExit) and error.code in (None, 0):
            if cell is self._job.snippet.cells[-1]:
                return
            message = "the script ends here, so its later cells would never run: move them"
            message += " to a snippet of their own, or leave the exit out"
            raise _Fault(line, message) from None
        message = self._message(error)
        if isinstance(error, SystemExit) and (errors := self._written(starts)[1].strip()):
            message = f"{message}: {errors.splitlines()[-1]}"  # argparse says why there
        if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
            message += f" ({self._job.too_much_memory})"
        if cell.raises:
            message += f' (the cell declares raises="{cell.raises}")'
        begin = error.__traceback__
        while begin is not None and begin.tb_frame.f_code.co_filename != self._file:
            begin = begin.tb_next  # past the engine's frames
        traceback.print_exception(type(error), error, begin)
        raise _Fault(line, message, self._origin(error, frames)) from None

    def _origin(
        self, error: BaseException, frames: traceback.StackSummary
    ) -> tuple[str, int] | None:
        places = [(frame.filename, frame.lineno) for frame in frames]
        if isinstance(error, SyntaxError):
            places.append((error.filename or "", error.lineno))
        named = [(self._notes.name(file), line) for file, line in places if os.path.isabs(file)]
        own = [(name, line) for name, line in named if name and not name.startswith("/")]
        name, line = own[-1] if own else ("", None)
        return None if line is None or name == self._job.snippet.path else (name, line)

    def _message(self, error: BaseException) -> str:
        text = "".join(traceback.format_exception_only(error))
        if isinstance(error, SyntaxError):
            text = f"{type(error).__name__}: {error.msg}"
        text = " ".join(self._without_paths(text).split())
        return text if len(text) <= 500 else text[:500] + " ..."

    def _without_paths(self, text: str) -> str:
        """Return ``text`` with files named as on every machine."""
        for folder in sorted({str(self._job.settings.root), *sys.path}, key=len, reverse=True):
            text = text.replace(f"{folder}/", "") if len(folder) > 1 else text
        return text


def _variables(namespace: dict[str, Any]) -> tuple[dict[str, Scalar], dict[str, str]]:
    values: dict[str, Scalar] = {}
    others: dict[str, str] = {}
    for name, value in namespace.items():
        if name.startswith("_"):
            continue
        if type(value) is int and value.bit_length() > _LONG_BITS:
            others[name] = f"whole number of {value.bit_length():,} bits"
        elif type(value) in (bool, int, float, str):
            values[name] = value
        else:
            others[name] = type(value).__name__
    return values, others
