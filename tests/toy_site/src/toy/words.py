"""Words."""

from __future__ import annotations


def shout(word: str) -> str:
    """Return ``word`` in capitals. Raises ValueError for no word."""
    if not word:
        raise ValueError("a word needs letters")
    loud = word.upper()
    return loud + "!"
