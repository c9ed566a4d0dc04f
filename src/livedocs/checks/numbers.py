"""Numbers that were typed into prose, where a record, a source or a formula should give them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from ..chapter import Chapter, parse, words
from ..problems import Problem
from ..site import Site

_UNIT = r"(?:%|(?:percent|ms|µs|s|seconds?|minutes?|hours?|[kKMG]i?B|times|fold|x)\b|×)"  # noqa: RUF001
#: A number with a decimal point, or one with a unit; no version such as 1.2.3, no arXiv id.
_MEASURED = re.compile(
    rf"(?<![\w.#/-])(?!\d{{4}}\.\d{{4,5}})[-−+]?\d[\d,]*(?:\.\d+(?!\d*\.\d)|(?:\.\d+)?[\s-]?{_UNIT})"  # noqa: RUF001
)
_SOURCED = re.compile(r"\[\^[^\]]+\]|(?<![\w@/.])@[A-Za-z]+\d{4}")


def check(site: Site) -> Iterator[Problem]:
    """Yield each number that was typed into a chapter."""
    for chapter in site.chapters.values():
        yield from typed(chapter)


@lru_cache(maxsize=2**10)  # of all chapters, an edit changes one
def typed(chapter: Chapter) -> list[Problem]:
    """Return what looks measured in a chapter and the captions of its blocks, and yet was typed.

    A number may stand in a paragraph with a footnote or a citation, and in math, as the constants
    of an example do.
    """
    captions = [(parse(chapter.path, b.caption, b.line).prose, b.line) for b in chapter.blocks]
    problems = []
    for prose, line in [(chapter.prose, 1), *captions]:
        for paragraph in re.split(r"(\n[ \t\r]*\n)", words(prose)):
            for match in _MEASURED.finditer(paragraph) if not _SOURCED.search(paragraph) else ():
                message = (
                    f'"{" ".join(match[0].split())}" looks measured: take it from a record '
                    "(`{value} file name`), cite its source in the paragraph, or set what was "
                    "chosen as math ($...$)"
                )
                before = paragraph.count("\n", 0, match.start())
                problems.append(Problem(chapter.path, line + before, message))
            line += paragraph.count("\n")
    return problems
