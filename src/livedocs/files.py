"""Reading and writing files so that contents, never dates, decide."""

import hashlib
import os
import stat
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from .problems import near_match

#: The states of what is not a readable file.
_OTHERS = ("absent", "folder", "special", "unreadable")


def below(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the files below ``folder`` whose names match, in order.

    What is hidden, such as an editor's lock, and links to nothing are left out.
    """
    found = (path for path in folder.rglob(pattern) if path.is_file())
    return sorted(path for path in found if not _is_hidden(path.relative_to(folder)))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def digest(path: Path) -> str:
    """Return the hash of a file's contents, or a word for what is missing or not a file."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            return "folder" if stat.S_ISDIR(mode) else "special"
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    except OSError:
        return "unreadable"


def is_file(state: str) -> bool:
    """Return whether a state is that of a file or of a list, and not of something missing."""
    return state not in _OTHERS


def state(root: Path, name: str) -> str:
    """Return the digest of the file ``name`` below ``root``, or with "/" at its end of the list.

    The list is that of the names in a folder, and tells files from folders.
    """
    if not name.endswith("/"):
        return digest(root / name)
    try:
        with os.scandir(root / name) as entries:
            kinds = [
                f"{one.name} {one.is_symlink()} {one.is_dir()}"
                for one in entries
                if one.name != "__pycache__"
            ]
    except OSError:
        return digest(root / name)
    return text_digest(*sorted(kinds))


def found(path: Path) -> bool:
    """Return whether ``path`` is a file; it may be too long for one."""
    try:
        return path.is_file()
    except OSError:
        return False


def locate(folder: Path, name: str, kind: str, home: str, pattern: str = "*.py") -> Path:
    """Return the file ``name`` below ``folder``, which is called ``home`` where that is wrong.

    Raises ValueError: outside the folder, or no such file, with near matches of the pattern.
    """
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise ValueError(f'{kind} "{name}" lies outside {home}/')
    if not found(file):
        names = [path.relative_to(folder).as_posix() for path in folder.rglob(pattern)]
        raise ValueError(f'no {kind} "{name}" in {home}/.{near_match(name, names)}')
    return file


def text_digest(*parts: str) -> str:
    """Return the hash of some texts in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read_toml(file: Path) -> dict[str, Any]:
    """Return what a file that the engine wrote holds; nothing where there is none."""
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write ``content`` so that any reader, at any moment, sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".new-{os.getpid()}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
