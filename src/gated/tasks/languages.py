"""The languages that ask for counting, a^n b^n and a^n b^n c^n, as tasks of the next symbol.

Every string begins and ends with a mark. A network reads the mark and the letters, and names after
each what comes next: the next letter, or the mark.
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import one_hot

#: The mark at both ends; the letters are 1, 2, ...
MARK = 0
#: In what is wanted: no symbol, since the string has ended.
NOTHING = -1
#: Strings that are tried in one go.
AT_ONCE = 100


class Language(NamedTuple):
    """A language: how many letters it has, and the largest n that is trained on."""

    letters: int
    most: int


#: As Weiss, Goldberg and Yahav trained (arXiv 1805.04908): n below 100, and below 50.
LANGUAGES = {"anbn": Language(2, 99), "anbncn": Language(3, 49)}


def strings(ns: Iterable[int], letters: int) -> tuple[Tensor, Tensor]:
    """Return the strings of ``ns``, each letter n times, as what is read and what comes next.

    Returns:
        (time, strings) each, with time for the longest; a string that has ended reads marks, and
        NOTHING is wanted of it.
    """
    repeats = torch.as_tensor(list(ns))
    time = torch.arange(letters * int(repeats.max()) + 1).unsqueeze(1)
    ends = letters * repeats
    read = torch.where(time <= ends, (time + repeats - 1) // repeats, MARK)
    wanted = torch.where(time < ends, time // repeats + 1, MARK)
    return read, wanted.masked_fill(time > ends, NOTHING)


def encoded(read: Tensor, letters: int) -> Tensor:
    """Return the symbols as the networks read them: (time, strings, letters + 1)."""
    return one_hot(read, letters + 1).float()


def draw(most: int, letters: int, count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Return ``count`` strings to train on, short ones more often than long ones.

    First the largest n that may occur is drawn from 1 to ``most``, evenly on a log scale; then each
    string's n, evenly from 1 to that. So all n up to ``most`` occur, and an update costs little.
    """
    scale = torch.rand((), generator=generator)
    largest = min(most, int((most + 1) ** float(scale)))
    return strings(torch.randint(1, largest + 1, (count,), generator=generator).tolist(), letters)


def accepted(model: nn.Module, ns: Iterable[int], letters: int) -> Tensor:
    """Return which of the strings of ``ns`` the model accepts: (strings,) of bool.

    It accepts a string if, after every symbol of it, the symbol that it holds most probable is one
    that may come next. After an ``a`` that may be ``a`` or ``b``, elsewhere it is one symbol only.
    """
    read, wanted = strings(ns, letters)
    with torch.no_grad():
        named: Tensor = model(encoded(read, letters)).argmax(-1)
    open_end = (read == 1) & ((named == 1) | (named == 2))
    lawful = (named == wanted) | open_end | (wanted == NOTHING)
    return lawful.all(0)


def longest(model: nn.Module, letters: int, top: int) -> int:
    """Return the largest n up to ``top`` such that the model accepts all strings up to it."""
    for first in range(1, top + 1, AT_ONCE):
        ns = range(first, min(first + AT_ONCE, top + 1))
        right = accepted(model, ns, letters)
        if not right.all():
            return first - 1 + int(right.int().argmin())
    return top
