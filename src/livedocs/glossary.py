"""The words that a site explains: a table of one chapter, with a row for each.

    | **forget gate**, $f$ | How much of its cell state an LSTM keeps | [The LSTM](lstm.md#gates) |

The words in bold, divided by commas, are what chapters may say; what stands in brackets is not. The
link leads to where they are explained at length.
"""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import urldefrag

from .problems import Problem, read_text
from .settings import Settings

_ROW = re.compile(
    r"^\|\s*\*\*(?P<words>[^*|]+)\*\*[^|]*\|(?P<meaning>[^|]+)\|\s*\[[^\]]+\]\((?P<more>[^)]+)\)\s*\|\s*$"
)
_BRACKETS = re.compile(r"\s*\([^)]*\)")
_MARKS = re.compile(r"[*`$]")


@dataclass(frozen=True)
class Term:
    """A row: the words for one thing, in bold, and what they mean, without marks."""

    words: tuple[str, ...]
    meaning: str
    #: The page that explains it at length, and the section, "" for the whole page.
    page: str
    section: str

    @property
    def anchor(self) -> str:
        """The id of its row."""
        return re.sub(r"\W+", "-", self.words[0])


def words_of(bold: str) -> tuple[str, ...]:
    """Return the words that a row has in bold."""
    return tuple(_BRACKETS.sub("", bold).casefold().split(", "))


def load(settings: Settings) -> list[Term]:
    """Return the terms of the site's glossary, none where it has none. Raises Problem."""
    path = settings.glossary
    if path is None:
        return []
    try:
        text = read_text(settings.root / path, path)
    except FileNotFoundError:
        raise Problem(path, None, "not found") from None
    page, terms = path.removeprefix(f"{settings.docs}/"), []
    for number, line in enumerate(text.splitlines(), 1):
        if not re.match(r"\|\s*\*\*", line):
            continue
        row = _ROW.match(line)
        if row is None:
            message = "a row of the glossary is: | **word** | meaning | [page](page.md#section) |"
            raise Problem(path, number, message)
        address, section = urldefrag(row["more"])
        more = posixpath.normpath(posixpath.join(posixpath.dirname(page), address))
        terms.append(
            Term(words_of(row["words"]), _MARKS.sub("", row["meaning"]).strip(), more, section)
        )
    return terms
