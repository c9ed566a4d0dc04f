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
import importlib
import math
import operator
import os
import resource
import signal
import sys
import tempfile
import threading
import traceback
import types
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from . import noting
from .drawn import Figures
from .record import CellResult, Record, Scalar
from .snippets import Cell, Snippet, docstring, padded
from .terminal import shown

_FUTURE = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)
#: How long a process may go on that does not end at its limit of CPU time.
_LAST_SECONDS = 5
#: A whole number of more bits is no number for a page; from 4,301 digits Python prints none.
_LONG_BITS = 1000


@dataclass(frozen=True)
class Limits:
    """What one run may take: CPU time and time by the clock in seconds, memory in bytes."""

    seconds: float
    wall_seconds: float
    memory_bytes: int

    @property
    def too_much_memory(self) -> str:
        return f"it may take {self.memory_bytes / 1e9:g} GB of memory"

    @property
    def too_much_computed(self) -> str:
        return f"used more than {self.seconds:g} seconds of CPU time"


@dataclass(frozen=True)
class Job:
    """All that a child needs."""

    root: Path
    #: Where the engine keeps what it made, which no run depends on.
    cache: Path
    snippet: Snippet
    limits: Limits
    #: Where modules are found.
    path: tuple[str, ...]
    #: A module that is imported before the first cell.
    startup: str | None
    #: Holds the run's own folders, and the streams that the parent watches; the parent removes it.
    place: Path

    @property
    def stdout(self) -> Path:
        return self.place / "stdout"

    @property
    def stderr(self) -> Path:
        return self.place / "stderr"


@dataclass(frozen=True)
class Fault:
    """A run that failed: the snippet's line, if known, and the message.

    ``origin`` is the line of another file of the project in which it happened.
    """

    line: int | None
    message: str
    origin: tuple[str, int] | None = None


def execute(job: Job, answer: Connection) -> None:
    """Run ``job`` in this process and send the line of each cell, then a record or a fault.

    Both are sent as a name and plain data: a snippet may import the engine anew.
    """
    os.setsid()
    _redirect(job)
    _limit(job.limits)
    _enter(job)
    # What inspects the stack reads the files of these modules, which every record rests on anyway.
    engine = [Path(__file__).with_name(f"{name}.py") for name in ("worker", "fork_server")]
    notes = noting.Notes(job.root, job.place / "notes", (job.place, job.cache, *engine))
    notes.start()
    result = _run(job, answer, notes)
    faulthandler.cancel_dump_traceback_later()
    if isinstance(result, Fault):
        answer.send(("fault", (result.line, result.message, result.origin)))
    else:
        answer.send(("record", result.to_json()))
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


def _limit(limits: Limits) -> None:
    """End this process where it takes too much, having said in which line, even inside C code."""
    faulthandler.enable(all_threads=False)
    faulthandler.register(signal.SIGXCPU, all_threads=False, chain=True)
    computed = math.ceil(limits.seconds)
    _at_most(resource.RLIMIT_CPU, computed, computed + _LAST_SECONDS)
    if Path("/proc/self/statm").exists():  # elsewhere, systems enforce no such limit
        pages = int(Path("/proc/self/statm").read_text().split()[5])
        memory = pages * resource.getpagesize() + limits.memory_bytes
        _at_most(resource.RLIMIT_DATA, memory, memory)
    faulthandler.dump_traceback_later(limits.wall_seconds, exit=True)


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
    sys.path[:] = [entry for entry in job.path if entry and Path(entry) != job.root]
    for name in [n for n in sys.modules if n.partition(".")[0] == __package__]:
        del sys.modules[name]
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # all children would draw the server's numbers
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        torch.use_deterministic_algorithms(True)
        # Filling new memory would be one more operation than a pasted block runs.
        torch.utils.deterministic.fill_uninitialized_memory = False


def _run(job: Job, answer: Connection, notes: noting.Notes) -> Record | Fault:
    main = types.ModuleType("__main__")
    main.__file__ = str(job.root / job.snippet.path)
    main.__doc__ = docstring(job.snippet)
    sys.modules["__main__"] = main
    sys.argv = [main.__file__]
    figures = Figures(job.snippet.path)
    if job.startup:
        importlib.import_module(job.startup)
    script = _Script(job, main, figures, notes)
    cells: list[CellResult] = []
    for cell in job.snippet.cells:
        # Should this process be killed, the parent still knows where it was.
        answer.send(("line", cell.line))
        result = script.run(cell)
        if isinstance(result, Fault):
            return result
        cells.append(result)
    cells = script.finish(cells)
    values, others = _variables(main.__dict__)
    dependencies, programs = noting.read(job.place / "notes")
    dependencies.pop(job.snippet.path, None)
    return Record(job.snippet.path, tuple(cells), values, others, dependencies, tuple(programs))


class _Script:
    """A snippet as it runs: one program, compiled and executed cell by cell."""

    def __init__(
        self, job: Job, main: types.ModuleType, figures: Figures, notes: noting.Notes
    ) -> None:
        self._job = job
        self._main = main
        self._file = str(main.__file__)
        self._figures = figures
        self._notes = notes
        #: What cells import from __future__ holds for those that follow.
        self._flags = 0

    def run(self, cell: Cell) -> CellResult | Fault:
        starts = self._sizes()
        self._figures.begin(cell.title)
        raised: str | None = None
        try:
            exec(self._compiled(cell), self._main.__dict__)
        except BaseException as error:
            if type(error).__name__ == cell.raises:
                raised = "".join(traceback.format_exception_only(error)).rstrip()
            elif fault := self._fault(cell, error, starts):
                return fault
        if cell.raises and raised is None:
            message = f'"{cell.title}" declares raises="{cell.raises}" but raised nothing'
            return Fault(cell.line, message)
        if sum(os.times()[:4]) > self._job.limits.seconds:  # each child has a limit of its own
            return Fault(cell.line, self._job.limits.too_much_computed)
        try:
            figures = self._figures.end(self._main.__dict__)
        except Exception as error:
            traceback.print_exc()
            return Fault(cell.line, f"the figure cannot be drawn: {self._message(error)}")
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
        late = CellResult(
            last.title,
            last.output + shown(output),
            last.figures,
            last.raised,
            last.errors + (shown(self._without_paths(errors)) if stderr else ""),
        )
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

    def _fault(self, cell: Cell, error: BaseException, starts: tuple[int, int]) -> Fault | None:
        """Return what is wrong with a cell that raised; None where the script was to end there."""
        frames = traceback.extract_tb(error.__traceback__)
        line = next((f.lineno for f in reversed(frames) if f.filename == self._file), cell.line)
        if isinstance(error, SystemExit) and error.code in (None, 0):
            if cell is self._job.snippet.cells[-1]:
                return None
            message = "the script ends here, so its later cells would never run: move them"
            return Fault(line, f"{message} to a snippet of their own, or leave the exit out")
        message = self._message(error)
        if isinstance(error, SystemExit) and (said := self._written(starts)[1].strip()):
            message = f"{message}: {said.splitlines()[-1]}"  # argparse says why there
        if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
            message += f" ({self._job.limits.too_much_memory})"
        if cell.raises:
            message += f' (the cell declares raises="{cell.raises}")'
        self._tell(error)
        return Fault(line, message, self._origin(error, frames))

    def _tell(self, error: BaseException) -> None:
        """Write the traceback, less the engine's frames, to where Python writes it."""
        begin = error.__traceback__
        while begin is not None and begin.tb_frame.f_code.co_filename != self._file:
            begin = begin.tb_next
        traceback.print_exception(type(error), error, begin)

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
        """Return the exception on one line."""
        text = "".join(traceback.format_exception_only(error))
        if isinstance(error, SyntaxError):
            text = f"{type(error).__name__}: {error.msg}"
        text = " ".join(self._without_paths(text).split())
        return text if len(text) <= 500 else text[:500] + " ..."

    def _without_paths(self, text: str) -> str:
        """Return ``text`` with files named as on every machine."""
        for folder in sorted({str(self._job.root), *sys.path}, key=len, reverse=True):
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
