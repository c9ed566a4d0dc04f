"""What a run depends on, noted while it runs: by the snippet's process and those that it forks."""

import fcntl
import functools
import importlib.machinery
import json
import os
import site
import sys
import sysconfig
import threading
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import util
from pathlib import Path
from typing import Any

from .files import state

#: Devices, and what the kernel says of itself.
_SYSTEM = ("/dev", "/proc", "/sys")
#: What Python's own events say of other programs, and of changes to the file system.
_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")
#: What a program says that a record's key holds anyway: ``platform.processor()`` runs it.
_KNOWN = "uname"
_CHANGES = (
    "os.chmod",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
)
_READS = ("open", "ctypes.dlopen", "sqlite3.connect")
_LISTS = ("os.listdir", "os.scandir")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
#: Python has no events for these.
_LOOKS = ("stat", "lstat", "access", "readlink")


class Notes:
    """The files that a run opened, listed or looked for, with the state in which each was found.

    A state is taken at the moment of the reading: a file that changes while the snippet runs must
    not pass for what the snippet saw. Names are relative to the project, or absolute outside it;
    what is installed is left out, as part of what every run depends on.
    """

    def __init__(self, root: Path, journal: Path, apart: Sequence[Path]) -> None:
        """Note in the file ``journal``, but nothing of the folders and files ``apart``."""
        self._root = str(root)
        self._apart = tuple(f"{path}/" for path in [*map(str, apart), *_installed(), *_SYSTEM])
        self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._seen: set[str] = set()
        self._local = threading.local()

    def start(self) -> None:
        """Note from now on; this process never stops."""
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and not file.startswith(self._apart):
                self.note(file)
        sys.addaudithook(self._hear)
        for name in _LOOKS:
            _call_before(os, name, self._look)
        _call_before(os, "open", self._open)
        _call_before(util, "spawnv_passfds", self._spawn)
        # What is noted is imported from its source, whatever bytecode is kept of it.
        sys.path_hooks.insert(0, functools.partial(_Finder, self))
        for path in list(sys.path_importer_cache):
            if self.name(path) is not None:
                del sys.path_importer_cache[path]

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self._is_quiet:
            return
        if event in _READS:
            if event == "open" and isinstance(args[2], int) and args[2] & _WRITING:
                self._refuse(args[0])
                if args[2] & os.O_RDWR and not args[2] & (os.O_TRUNC | os.O_EXCL):
                    self.note(args[0])
                self._seen.add(self.name(args[0]) or "")  # what it writes it may read
            else:
                self.note(args[0])
        elif event in _LISTS:
            folder = "." if args[0] is None else args[0]
            self.note(_opened(folder) if isinstance(folder, int) else folder, end="/")
        elif event in _CHANGES:
            for arg in args[:2]:
                self._refuse(arg)
        elif event in _PROGRAMS:
            program = os.fsdecode(args[0]) if args[0] else "?"
            if event == "os.system":
                self._write("program", os.path.basename((program.split() or ["a shell"])[0]))
            elif program != _KNOWN:
                self._write("program", os.path.basename(program))

    def note(self, path: Any, end: str = "") -> None:
        """Note the file at ``path``, or with "/" for ``end`` the names in the folder."""
        if self._is_quiet:
            return
        with self.quietly():
            name = self.name(path)
            if name is None or name + end in self._seen:
                return
            self._seen.add(name + end)
            found = state(Path(self._root), name + end)
            # That the folders above exist need not be noted.
            if not (found == "folder" and name.startswith("/")):
                self._write(found, name + end)

    def _refuse(self, path: Any) -> None:
        name = self.name(path)
        if name is not None and not name.startswith("/"):
            raise PermissionError(
                f"a snippet writes in the folder that it runs in and nowhere in the project: {name}"
            )

    def name(self, path: Any) -> str | None:
        """Return how ``path`` is noted; None for what is not."""
        if not isinstance(path, str | bytes | os.PathLike):
            return None
        with self.quietly():
            text = os.fsdecode(path)
            full = os.path.abspath(text)
            if "__pycache__" in full or f"{full}/".startswith(self._apart):
                return None
            # The project may have been reached through a link.
            for place in (full, os.path.realpath(full)):
                if f"{place}/".startswith(f"{self._root}/"):
                    return place[len(self._root) + 1 :] or "."
            return full

    def _write(self, found: str, name: str) -> None:
        os.write(self._journal, (json.dumps([found, name]) + "\n").encode())

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Note nothing of what happens here."""
        before, self._local.quiet = self._is_quiet, True
        try:
            yield
        finally:
            self._local.quiet = before

    @property
    def _is_quiet(self) -> bool:
        return getattr(self._local, "quiet", False)

    def _look(self, path: Any, *_: Any, dir_fd: int | None = None, **__: Any) -> None:
        self.note(_below(dir_fd, path))

    def _open(self, path: Any, flags: int, *_: Any, dir_fd: int | None = None, **__: Any) -> None:
        """Tell where a file lies whose folder is given as a descriptor: Python's event does not."""
        if dir_fd is not None:
            self._hear("open", (_below(dir_fd, path), None, flags))

    def _spawn(self, path: Any, args: Any, passfds: Any) -> None:
        # The tracker of shared memory is Python's own, and reads nothing.
        if not any("resource_tracker" in str(arg) for arg in args):
            self._write("program", os.path.basename(os.fsdecode(path)))


def read(journal: Path) -> tuple[dict[str, str], list[str]]:
    """Return the noted states by name, and the other programs that were started."""
    states: dict[str, str] = {}
    programs: set[str] = set()
    for line in journal.read_text("utf-8").splitlines():
        found, name = json.loads(line)
        if found == "program":
            programs.add(name)
        else:
            states.setdefault(name, found)
    return dict(sorted(states.items())), sorted(programs)


def _call_before(module: types.ModuleType, name: str, call: Callable[..., None]) -> None:
    """Have ``call`` called with what a function of a module is given, before that itself is."""
    function = getattr(module, name)

    @functools.wraps(function)
    def calling(*args: Any, **options: Any) -> Any:
        call(*args, **options)
        return function(*args, **options)

    for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        if function in able:  # of what it may be given in the place of a path
            able.add(calling)
    setattr(module, name, calling)


def _below(folder: int | None, path: Any) -> Any:
    """Return where ``path`` leads from an open folder, or from here where there is none."""
    if folder is None:
        return path
    place = _opened(folder)
    return place and os.path.join(place, os.fsdecode(path))


def _opened(descriptor: int) -> str | None:
    """Return the path of an open file; None where none is open: the call itself will say so."""
    try:
        if hasattr(fcntl, "F_GETPATH"):  # on macOS
            return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return None


def _installed() -> set[str]:
    """Return the folders of Python and of what is installed in it."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {sysconfig.get_path(name) for name in names} | set(site.getsitepackages())
    if sys.prefix != sys.base_prefix:
        folders.add(sys.prefix)
    return folders | {os.path.realpath(folder) for folder in folders}


class _FromSource(importlib.machinery.SourceFileLoader):
    """Compiles modules anew: cached bytecode is keyed by time, not content."""

    def get_code(self, fullname: str) -> types.CodeType:
        path = self.get_filename(fullname)
        code: types.CodeType = self.source_to_code(self.get_data(path), path)
        return code


class _Finder(importlib.machinery.FileFinder):
    """Finds modules in one folder, and notes where it looked for them."""

    def __init__(self, notes: Notes, path: str) -> None:
        """Raise ImportError where this is no folder of which anything is noted."""
        with notes.quietly():
            is_noted, is_folder = notes.name(path) is not None, os.path.isdir(path)
        if is_noted and not is_folder:
            notes.note(path)  # that it is not there
        if not is_noted or not is_folder:
            raise ImportError(path)
        super().__init__(path, (_FromSource, [".py"]))
        self._notes = notes

    def find_spec(
        self, fullname: str, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        with self._notes.quietly():
            spec = super().find_spec(fullname, target)
        start = os.path.join(self.path, fullname.rpartition(".")[2])
        for candidate in (f"{start}/__init__.py", f"{start}.py", start):
            self._notes.note(candidate)
            if spec is not None and spec.origin == candidate:
                break
        return spec
