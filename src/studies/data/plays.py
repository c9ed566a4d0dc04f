"""The plays: tinyshakespeare, about a million characters, as their places among all that occur."""

from functools import cache
from typing import Final

from torch import Tensor

from gated.characters import encode
from studies.data import Split, files

FILE: Final = "tinyshakespeare.txt"


def places(text: str) -> Tensor:
    """Return the place of each character of a text among those that occur: (time,)."""
    return encode(text).argmax(-1).squeeze(1)


@cache
def split(text: str) -> Split[Tensor]:
    """Return the places of a text's characters, the last two twentieths to validate and to test."""
    letters = places(text)
    twentieth = len(letters) // 20
    return Split(*letters.split([len(letters) - 2 * twentieth, twentieth, twentieth]))


def read() -> str:
    """Return the text; see ``studies.data.files`` for what happens where it is not there."""
    return files.path(FILE).read_text("ascii")
