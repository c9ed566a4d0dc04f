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
            checksum, _, content = (self._folder / name).read_bytes().partition(b"\n")
        except OSError:
            return None
        return content if checksum == _checksum(name, content) else None

    def put(self, name: str, content: bytes) -> None:
        """Keep ``content`` under ``name``, in the place of what was there."""
        write_atomically(self._folder / name, _checksum(name, content) + b"\n" + content)


def _checksum(name: str, content: bytes) -> bytes:
    """Return the hash of a thing under its name: one that was put elsewhere is damaged here."""
    return hashlib.sha256(name.encode() + b"\n" + content).hexdigest().encode()
