"""Reading and writing files so that contents, never dates, decide."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


def digest(path: Path) -> str:
    """Return the hash of a file's contents; a missing file has one of its own."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return "absent"


def text_digest(*parts: str) -> str:
    """Return the hash of some texts in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write ``content`` so that any reader, at any moment, sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
