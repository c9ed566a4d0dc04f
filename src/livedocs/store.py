"""Kept things: one file each, verified by content, so that a damaged one is as good as none."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .files import write_atomically


class Store:
    """Things in a folder by name; builds at the same time may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        """Return what was put under ``name``; None where that is absent or not as it was put."""
        try:
            head, end, content = (self._folder / name).read_bytes().partition(b"\n")
        except OSError:
            return None
        return content if head + end == _head(name, content) else None

    def put(self, name: str, content: bytes) -> None:
        """Keep ``content`` under ``name``, in the place of what was there."""
        write_atomically(self._folder / name, _head(name, content) + content)


def _head(name: str, content: bytes) -> bytes:
    """Return a line with the hash of a thing under its name: put elsewhere, it is damaged there."""
    return hashlib.sha256(name.encode() + b"\n" + content).hexdigest().encode() + b"\n"
