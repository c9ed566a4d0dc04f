"""The child's side of a run: execute one snippet cell by cell and send back its record.

The process is fresh: forked from a server that has imported third-party packages and the engine
only. So all of the project's own code is loaded here, from source, and all that the run depends
on is noted. What it does and prints is what the same script does where it is pasted, down to the
threads and exit handlers that come last.
"""

from __future__ import annotations
import __future__

import atexit
import faulthandler
import functools
import math
import operator
import os
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
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from . import noting
from .problems import Problem
from .record import CellResult, Record, Scalar
from .settings import Settings
from .snippets import Cell, Snippet, docstring, padded
from .terminal import shown

_FUTURE = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)
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
    #: The folder of the run's own folders and streams; the parent watches and removes it.
    place: Path

    @property
    def stdout(self) -> Path:
        return self.place / "stdout"

    @property
    def stderr(self) -> Path:
        return self.place / "stderr"

    @property
    def too_much_memory(self) -> str:
        return f"it may take {self.settings.memory_bytes / 1e9:g} GB of memory"

    @property
    def too_much_computed(self) -> str:
        return f"used more than {self.settings.seconds:g} seconds of CPU time"


class Recorder(Protocol):
    """What takes the figures of a kind as raw SVG; it is made with the snippet's path."""

    def begin(self, cell: str) -> None:
        """From now on, what is shown belongs to ``cell``."""

    def end(self, namespace: dict[str, Any]) -> Iterable[str]:
        """Return the figures of the cell that ends now."""


def execute(job: Job, answer: Connection) -> None:
    """Run ``job`` in this process and send the line of each cell, then a record or a fault.

    Both are sent as a name and plain data: a snippet may import the engine anew.
    """
    os.setsid()
    _redirect(job)
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
    try:
        said: tuple[str, Any] = "record", _run(job, recorders, answer, notes).to_json()
    except Problem as problem:
        said = "fault", (problem.line, problem.message, problem.origin)
    faulthandler.cancel_dump_traceback_later()
    answer.send(said)
    answer.close()
    os._exit(0)


def _redirect(job: Job) -> None:
    for path, number in ((job.stdout, 1), (job.stderr, 2)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        os.dup2(file, number)
        os.close(file)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)
    sys.stderr = open(
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )


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


def _run(
    job: Job,
    recorders: Sequence[Callable[[str], Recorder]],
    answer: Connection,
    notes: noting.Notes,
) -> Record:
    """Return what the run leaves. Raises Problem where it fails."""
    main = types.ModuleType("__main__")
    main.__file__ = str(job.settings.root / job.snippet.path)
    main.__doc__ = docstring(job.snippet)
    sys.modules["__main__"] = main
    sys.argv = [main.__file__]
    if job.startup:
        runpy.run_path(str(job.settings.root / job.startup))
    script = _Script(job, main, [make(job.snippet.path) for make in recorders], notes)
    cells: list[CellResult] = []
    for cell in job.snippet.cells:
        # Should this process be killed, the parent still knows where it was.
        answer.send(("line", cell.line))
        cells.append(script.run(cell))
    cells = script.finish(cells)
    values, others = _variables(main.__dict__)
    dependencies, programs = noting.read(job.place / "notes")
    dependencies.pop(job.snippet.path, None)
    return Record(job.snippet.path, tuple(cells), values, others, dependencies, tuple(programs))


class _Script:
    """A snippet as it runs: one program, compiled and executed cell by cell."""

    def __init__(
        self, job: Job, main: types.ModuleType, recorders: Sequence[Recorder], notes: noting.Notes
    ) -> None:
        self._job = job
        self._main = main
        self._file = str(main.__file__)
        self._recorders = recorders
        self._notes = notes
        #: What cells import from __future__ holds for those that follow.
        self._flags = 0

    def run(self, cell: Cell) -> CellResult:
        starts = self._sizes()
        for recorder in self._recorders:
            recorder.begin(cell.title)
        raised: str | None = None
        try:
            exec(self._compiled(cell), self._main.__dict__)
        except BaseException as error:
            if type(error).__name__ == cell.raises:
                raised = "".join(traceback.format_exception_only(error)).rstrip()
            else:
                self._refuse(cell, error, starts)
        if cell.raises and raised is None:
            message = f'"{cell.title}" declares raises="{cell.raises}" but raised nothing'
            raise self._problem(cell.line, message)
        if sum(os.times()[:4]) > self._job.settings.seconds:  # each child has a limit of its own
            raise self._problem(cell.line, self._job.too_much_computed)
        try:
            namespace = self._main.__dict__
            figures = tuple(svg for one in self._recorders for svg in one.end(namespace))
        except Exception as error:
            traceback.print_exc()
            message = f"the figure cannot be drawn: {self._message(error)}"
            raise self._problem(cell.line, message) from None
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

    def _compiled(self, cell: Cell) -> types.CodeType:
        code: types.CodeType = compile(
            padded(cell), self._file, "exec", self._flags, dont_inherit=True, optimize=0
        )
        self._flags |= code.co_flags & _FUTURE
        return code

    def _sizes(self) -> tuple[int, int]:
        sys.stdout.flush()
        sys.stderr.flush()
        return os.fstat(1).st_size, os.fstat(2).st_size

    def _written(self, starts: tuple[int, int]) -> tuple[str, str]:
        """Return what was written to both streams from ``starts`` on."""
        self._sizes()
        texts = []
        for file, start in zip((self._job.stdout, self._job.stderr), starts, strict=True):
            with file.open("rb") as written:
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
            raise self._problem(line, message) from None
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
        raise self._problem(line, message, self._origin(error, frames)) from None

    def _problem(
        self, line: int | None, message: str, origin: tuple[str, int] | None = None
    ) -> Problem:
        return Problem(self._job.snippet.path, line, message, origin)

    def _origin(
        self, error: BaseException, frames: traceback.StackSummary
    ) -> tuple[str, int] | None:
        places = [(frame.filename, frame.lineno) for frame in frames]
        if isinstance(error, SyntaxError):
            places.append((error.filename or "", error.lineno))
        named = [(self._notes.name(file), line) for file, line in places if os.path.isabs(file)]
        own = [(name, line) for name, line in named if name and not name.startswith("/")]
        if not own or own[-1][0] == self._job.snippet.path or own[-1][1] is None:
            return None
        return own[-1][0], own[-1][1]

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
