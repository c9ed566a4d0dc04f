"""The child's side of a run: execute one snippet cell by cell and send back its record.

The process is fresh: forked from a server that has imported third-party packages and the engine
only. So all of the project's own code is loaded here, from source, and every project file that
the run imports or opens is noted.
"""

from __future__ import annotations
import __future__

import faulthandler
import importlib
import importlib.machinery
import io
import math
import os
import resource
import signal
import sys
import traceback
import types
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from .files import digest
from .record import CellResult, Record, Scalar
from .snippets import Cell, Snippet, docstring, padded

_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag
#: How long a process may go on that does not end at its limit of CPU time.
_LAST_SECONDS = 5
#: Folders below the project that hold nothing of its own.
_FOREIGN = {".cache", ".git", "build", "node_modules", "site"}


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
    """All that a child needs; ``stdout`` and ``stderr`` are files that the parent watches."""

    root: Path
    snippet: Snippet
    limits: Limits
    #: Where modules are found.
    path: tuple[str, ...]
    #: A module that is imported before the first cell.
    startup: str | None
    #: Where the snippet runs: empty, and removed by the parent however the run ends.
    folder: Path
    stdout: Path
    stderr: Path


@dataclass(frozen=True)
class Fault:
    """A run that failed: the snippet's line, if known, and the message."""

    line: int | None
    message: str


def execute(job: Job, answer: Connection) -> None:
    """Run ``job`` in this process and send a :class:`Record` or a :class:`Fault`."""
    os.setsid()
    _redirect(job)
    _limit(job.limits)
    opened = _note_opened_files(job.root)
    _import_from_source(job.root)
    # No snippet may lean on the folder that it happens to be run from.
    sys.path[:] = [entry for entry in job.path if entry and Path(entry) != job.root]
    os.chdir(job.folder)
    result = _run(job, answer, opened)
    faulthandler.cancel_dump_traceback_later()
    answer.send(result)
    answer.close()
    # Threads and exit handlers that a snippet left behind have no say any more.
    os._exit(0)


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


def _redirect(job: Job) -> None:
    for path, number in ((job.stdout, 1), (job.stderr, 2)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        os.dup2(file, number)
        os.close(file)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)


def _own(root: str, path: str) -> str | None:
    """Return ``path`` relative to the project, or None where it is not the project's own."""
    if not path.startswith(root) or path.startswith(f"{sys.prefix}/"):
        return None
    relative = path[len(root) :]
    if "__pycache__" in relative or not _FOREIGN.isdisjoint(relative.split("/")):
        return None
    return relative


def _note_opened_files(root: Path) -> dict[str, str]:
    """Return a table that fills with each project file that this process opens, and its hash.

    Imports open their files too. The hash is taken at the opening: a file that changes while
    the snippet runs must not pass for what the snippet saw.
    """
    opened: dict[str, str] = {}
    prefix = f"{root}/"

    def note(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], str | bytes | os.PathLike):
            path = os.fsdecode(args[0])
            # The project may have been reached through a link.
            own = _own(prefix, os.path.abspath(path)) or _own(prefix, os.path.realpath(path))
            if own is not None and own not in opened:
                opened[own] = ""
                opened[own] = digest(root / own)

    sys.addaudithook(note)
    return opened


class _FromSource(importlib.machinery.SourceFileLoader):
    """Compiles the project's own modules anew: cached bytecode is keyed by time, not content."""

    def get_code(self, fullname: str) -> types.CodeType:
        path = self.get_filename(fullname)
        code: types.CodeType = self.source_to_code(self.get_data(path), path)
        return code


def _import_from_source(root: Path) -> None:
    prefix = f"{root}/"

    def hook(path: str) -> importlib.machinery.FileFinder:
        if _own(prefix, os.path.realpath(path)) is None:
            raise ImportError(path)
        return importlib.machinery.FileFinder(path, (_FromSource, [".py"]))

    sys.path_hooks.insert(0, hook)
    for path in list(sys.path_importer_cache):
        if _own(prefix, os.path.realpath(path)) is not None:
            del sys.path_importer_cache[path]


def _run(job: Job, answer: Connection, opened: dict[str, str]) -> Record | Fault:
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        torch.use_deterministic_algorithms(True)
        # Filling new memory would be one more operation than a pasted block runs.
        torch.utils.deterministic.fill_uninitialized_memory = False
    main = types.ModuleType("__main__")
    main.__file__ = str(job.root / job.snippet.path)
    main.__doc__ = docstring(job.snippet)
    sys.modules["__main__"] = main
    sys.argv = [main.__file__]
    if job.startup:
        importlib.import_module(job.startup)
    cells: list[CellResult] = []
    compiler = _Compiler(main.__file__)
    for cell in job.snippet.cells:
        # Should this process be killed, the parent still knows where it was.
        answer.send(cell.line)
        result = _run_cell(job, cell, compiler, main.__dict__)
        if isinstance(result, Fault):
            return result
        cells.append(result)
    values, others = _variables(main.__dict__)
    # The engine itself is part of every key, not a dependency of one snippet.
    engine = _own(f"{job.root}/", str(Path(__file__).parent))
    dependencies = {
        path: known
        for path, known in sorted(opened.items())
        if path != job.snippet.path and not (engine and path.startswith(f"{engine}/"))
    }
    return Record(job.snippet.path, tuple(cells), values, others, dependencies)


class _Compiler:
    """Compiles cells as one script is: what one imports from __future__ holds for the next."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._flags = 0

    def code(self, cell: Cell) -> types.CodeType:
        code: types.CodeType = compile(
            padded(cell), self.file, "exec", self._flags, dont_inherit=True, optimize=0
        )
        self._flags |= code.co_flags & _FUTURE
        return code


def _run_cell(
    job: Job, cell: Cell, compiler: _Compiler, namespace: dict[str, Any]
) -> CellResult | Fault:
    start = os.fstat(1).st_size
    before = dict(namespace)
    file = compiler.file
    raised: str | None = None
    try:
        exec(compiler.code(cell), namespace)
    except BaseException as error:
        if type(error).__name__ != cell.raises:
            expected = f' (the cell declares raises="{cell.raises}")' if cell.raises else ""
            if _is_of_memory(error):
                expected += f" ({job.limits.too_much_memory})"
            return Fault(_line_in(error, file), _message(error) + expected)
        raised = "".join(traceback.format_exception_only(error)).rstrip()
    if cell.raises and raised is None:
        return Fault(
            cell.line, f'"{cell.title}" declares raises="{cell.raises}" but raised nothing'
        )
    times = os.times()
    if sum(times[:4]) > job.limits.seconds:  # with its children, each of which has its own limit
        return Fault(cell.line, job.limits.too_much_computed)
    sys.stdout.flush()
    with job.stdout.open("rb") as written:
        written.seek(start)
        output = written.read().decode("utf-8", "replace")
    name = f"{job.snippet.path}:{cell.title}"
    try:
        figures = [*_plots(name), *_drawings(before, namespace)]
    except Exception as error:
        return Fault(cell.line, f"the figure cannot be drawn: {_message(error)}")
    return CellResult(cell.title, output, tuple(figures), raised)


def _line_in(error: BaseException, file: str) -> int | None:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    return lines[-1] if lines else None


def _is_of_memory(error: BaseException) -> bool:
    """Return whether memory was refused; torch says so in words only."""
    return isinstance(error, MemoryError) or "can't allocate memory" in str(error)


def _message(error: BaseException) -> str:
    """Return the exception on one line."""
    text = " ".join("".join(traceback.format_exception_only(error)).split())
    return text if len(text) <= 500 else text[:500] + " ..."


def _plots(name: str) -> Iterator[str]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    for number in pyplot.get_fignums():
        figure = pyplot.figure(number)
        buffer = io.StringIO()
        # A fixed salt and no date: equal figures get equal bytes.
        with pyplot.rc_context({"svg.hashsalt": f"{name}:{number}", "svg.fonttype": "path"}):
            figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        yield buffer.getvalue()
    pyplot.close("all")


def _drawings(before: dict[str, Any], namespace: dict[str, Any]) -> Iterator[str]:
    drawsvg = sys.modules.get("drawsvg")
    if drawsvg is None:
        return
    for name, value in namespace.items():
        if isinstance(value, drawsvg.Drawing) and before.get(name) is not value:
            yield value.as_svg()


def _variables(namespace: dict[str, Any]) -> tuple[dict[str, Scalar], dict[str, str]]:
    values: dict[str, Scalar] = {}
    others: dict[str, str] = {}
    for name, value in namespace.items():
        if name.startswith("_"):
            continue
        if type(value) in (bool, int, float, str):
            values[name] = value
        else:
            others[name] = type(value).__name__
    return values, others
