"""Where Markdown has prose, code, comments and fences.

It reads as Python-Markdown does with the extensions of this site: whatever belongs to a list item,
an admonition, a tab or a footnote is indented by four columns a level, and what is indented further
after an empty line is code. Quoted lines are read below their ``>``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Literal

import yaml

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?P<yaml>.*?\n)(?:---|\.\.\.)[ \t]*\r?\n", re.DOTALL)
_LINE = re.compile(
    r"(?P<prefix>(?P<quotes>(?:[ \t]*>)*)(?P<indent>[ \t]*))(?P<rest>[^\r\n]*)(?:\r\n|\r|\n)?"
)
_FENCE = re.compile(r"(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`\r\n]*)$")
_RAW = re.compile(r"<(?:!--|(?P<tag>pre|script|style|textarea)\b)", re.IGNORECASE)
_ITEM = re.compile(r"(?:[-*+]|\d+\.)[ \t]")
_NOTE = re.compile(r"\[\^[^\]]+\]:")
_FOLD = re.compile(r"(?:!!!|\?\?\?\+?|===[+!]?|:)[ \t]")
_HEADING = re.compile(r"#{1,6}(?!#)")
_COLUMNS = 4

Container = Literal["item", "note", "fold"]


@dataclass(frozen=True)
class Prose:
    """Lines of one paragraph, one heading, one item, or one row of a table; or empty lines."""

    line: int
    text: str


@dataclass(frozen=True)
class Verbatim:
    """What is not prose: front matter, a comment, indented code, raw HTML for code."""

    line: int
    text: str
    #: Whether it is a comment whose end is missing.
    open: bool = False


@dataclass(frozen=True)
class Fence:
    """A fence and what stands in it."""

    line: int
    text: str
    #: What stands before its marks: indentation and marks of quotes.
    prefix: str
    info: str
    #: What it holds, less the prefix.
    body: str
    closed: bool
    #: What it stands in, innermost last; None where it is indented without standing in anything.
    containers: tuple[Container, ...] | None


Part = Prose | Verbatim | Fence


@lru_cache(maxsize=2**10)  # of all texts, an edit changes one
def front_matter(text: str) -> tuple[str, dict[str, Any] | None] | None:
    """Return the front matter of a whole chapter, as MkDocs finds it.

    That is its lines and what they say: None where they are not YAML.
    """
    match = _FRONT_MATTER.match(text)
    if match is None:
        return None
    try:
        says = yaml.safe_load(match["yaml"])
    except (yaml.YAMLError, ValueError):  # the latter for an impossible date
        return match[0], None
    return (match[0], says) if isinstance(says, dict) else None


def newlines(text: str) -> int:
    """Return how many lines end in ``text``."""
    return len(re.findall(r"\r\n|\r|\n", text))


def scan(text: str, first_line: int = 1) -> Iterator[Part]:
    """Divide ``text``, whose first line is ``first_line``, into parts; joined they are the text.

    Front matter is looked for where the text is a whole file.
    """
    position = 0
    if first_line == 1 and (head := front_matter(text)):
        yield Verbatim(1, head[0])
        position = len(head[0])
    yield from _Scanner(text, position, first_line).parts()


class _Line:
    """The line of a text that begins at a position."""

    def __init__(self, text: str, position: int) -> None:
        match = _LINE.match(text, position)
        assert match is not None
        self.text, self.prefix, self.rest = match[0], match["prefix"], match["rest"]
        self.end = match.end()
        self.empty = not self.rest.strip()
        self.quotes = match["quotes"].count(">")
        #: How far it is indented, below its quote and before the quote.
        self.columns = len(match["indent"].expandtabs(_COLUMNS))
        if self.quotes and self.columns:
            self.columns -= 1
        self.outer = len(match["quotes"].partition(">")[0].expandtabs(_COLUMNS))


class _Scanner:
    def __init__(self, text: str, position: int, first_line: int) -> None:
        self._text = text
        self._position = position
        self._number = first_line + newlines(text[:position])
        #: The containers that are open here, for each depth of quotes.
        self._open: list[list[Container]] = [[]]
        #: Whether a paragraph begins here: after an empty line, a heading, a fence.
        self._fresh = True

    def parts(self) -> Iterator[Part]:
        while self._position < len(self._text):
            line = _Line(self._text, self._position)
            if line.empty:
                self._fresh = True
                yield Prose(*self._take(line.end))
            elif not self._enter(line):
                yield Verbatim(*self._take(line.end))
            elif fence := _FENCE.match(line.rest):
                yield self._fence(line, fence)
                self._fresh = True
            elif raw := _RAW.match(line.rest):
                yield self._raw(line, raw)
            else:
                yield self._prose(line)

    def _take(self, end: int) -> tuple[int, str]:
        """Go on to ``end``; return the line on which this part begins, and its text."""
        number, text = self._number, self._text[self._position : end]
        self._position, self._number = end, number + newlines(text)
        return number, text

    def _enter(self, line: _Line) -> bool:
        """Close and open containers at a line that is not empty. Return False where it is code."""
        if line.quotes:
            level = line.outer // _COLUMNS
            if level > len(self._open[0]):
                return not self._fresh
            if self._fresh:
                del self._open[0][level:]
            if line.quotes >= len(self._open):
                self._open += [[] for _ in range(line.quotes + 1 - len(self._open))]
                self._fresh = True
        del self._open[line.quotes + 1 :]
        inside, level = self._open[line.quotes], line.columns // _COLUMNS
        if level > len(inside):
            return not self._fresh
        opened = self._opened(line, inside[max(level - 1, 0) : level + 1])
        if self._fresh or opened:
            del inside[level:]
        if opened:
            inside.append(opened)
        return True

    def _opened(self, line: _Line, around: list[Container]) -> Container | None:
        """Return what a line opens. No list begins in the midst of a paragraph."""
        if _ITEM.match(line.rest) and (self._fresh or "item" in around):
            return "item"
        if _NOTE.match(line.rest):
            return "note"
        return "fold" if _FOLD.match(line.rest) else None

    def _fence(self, line: _Line, opening: re.Match[str]) -> Fence:
        marks = opening["marks"]
        closing = re.compile(rf"{re.escape(marks[0])}{{{len(marks)},}}[ \t]*$")
        level = line.columns // _COLUMNS
        *around, inside = self._open
        stray = level > len(inside)
        del inside[level:]
        containers = None if stray else (*chain.from_iterable(around), *inside)
        body: list[str] = []
        end, closed = line.end, False
        while end < len(self._text):
            inner = _Line(self._text, end)
            if inner.quotes < line.quotes:
                break
            if inner.quotes == line.quotes and closing.match(inner.rest):
                end, closed = inner.end, True
                break
            left = inner.quotes == line.quotes and inner.columns // _COLUMNS < level
            if left and not inner.empty:
                break
            body.append(_less(line, inner))
            end = inner.end
        info = opening["info"].strip()
        return Fence(*self._take(end), line.prefix, info, "".join(body), closed, containers)

    def _raw(self, line: _Line, opening: re.Match[str]) -> Part:
        start = self._position + len(line.prefix)
        closing = rf"</{opening['tag']}\s*>" if opening["tag"] else "-->"
        found = re.compile(closing, re.IGNORECASE).search(self._text, start + len(opening[0]))
        if found is not None:
            return Verbatim(*self._take(found.end()))
        if opening["tag"]:
            return self._prose(line)
        return Verbatim(*self._take(line.end), open=True)

    def _prose(self, line: _Line) -> Prose:
        """Take a line and those that go on with its paragraph."""
        self._fresh = bool(_HEADING.match(line.rest))
        end = line.end
        while not self._fresh and end < len(self._text):
            more = _Line(self._text, end)
            if more.empty or more.quotes != line.quotes or self._begins(more):
                break
            end = more.end
        return Prose(*self._take(end))

    def _begins(self, line: _Line) -> bool:
        """Return whether a line begins something of its own below a paragraph."""
        starts = (_FENCE, _RAW, _ITEM, _NOTE, _FOLD, _HEADING)
        return line.rest.startswith("|") or any(start.match(line.rest) for start in starts)


def _less(opening: _Line, inner: _Line) -> str:
    """Return a line of a fence without what stands before the fence."""
    if inner.quotes > opening.quotes:
        return inner.text[len(opening.prefix) :]
    columns = max(inner.columns - opening.columns, 0)
    return " " * columns + inner.text[len(inner.prefix) :]
