"""Cached contents: one file each, with a checksum, so that a damaged one counts as missing."""

import hashlib
from pathlib import Path

from .files import write_atomically


class Store:
    """Contents by name in a folder, which builds at the same time may share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        """Return what was put under ``name``; None where that is absent or not as it was put."""
        try:
            head, end, content = (self._folder / name).read_bytes().partition(b"\n")
        except OSError:
            return None
        return content if head + end == _head(name, content) else None

    def holds(self, name: str) -> bool:
        """Return whether there is something under ``name``, be it damaged.

        Raises OSError where the folder cannot hold anything.
        """
        try:
            (self._folder / name).stat()
        except FileNotFoundError:
            return False
        return True

    def put(self, name: str, content: bytes) -> None:
        """Keep ``content`` under ``name``, in the place of what was there."""
        write_atomically(self._folder / name, _head(name, content) + content)


def _head(name: str, content: bytes) -> bytes:
    """Return a line with the hash of name and content: under another name, it is damaged."""
    return hashlib.sha256(name.encode() + b"\n" + content).hexdigest().encode() + b"\n"
