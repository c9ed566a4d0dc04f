"""A chapter's Markdown: find the engine's fences and spans, and put results in their place.

A line scanner that knows fences, not one big expression: what stands inside an ordinary code
fence, or inside a longer code span, is text about the syntax and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from .problems import Problem, near_match

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_KINDS = ("snippet", "figure", "source")
_OPTIONS = {"snippet": ("caption", "alt"), "figure": ("caption", "alt"), "source": ("caption",)}
_SPAN = re.compile(r"\{(?P<kind>value|wheel)\}\s*(?P<text>.*)", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fence of the engine's: ``kind`` is snippet, figure or source."""

    kind: str
    target: str
    line: int
    indent: str
    cells: tuple[str, ...] = ()
    caption: str | None = None
    alts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """An inline code span of the engine's: ``{value} file name:spec`` or ``{wheel}``."""

    kind: str
    line: int
    file: str = ""
    name: str = ""
    spec: str = ""


@dataclass
class Chapter:
    """A parsed chapter: pieces of Markdown between blocks and spans, in order."""

    path: str
    pieces: list[str | Block | Span] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def blocks(self) -> Iterator[Block]:
        return (piece for piece in self.pieces if isinstance(piece, Block))

    @property
    def spans(self) -> Iterator[Span]:
        return (piece for piece in self.pieces if isinstance(piece, Span))

    def snippets(self) -> dict[str, int]:
        """Return the snippets that the chapter needs, with the first line that names each."""
        needed: dict[str, int] = {}
        for piece in self.pieces:
            if isinstance(piece, Block) and piece.kind != "source":
                needed.setdefault(piece.target, piece.line)
            elif isinstance(piece, Span) and piece.file.endswith(".py"):
                needed.setdefault(piece.file, piece.line)
        return needed

    def fill(self, text_of: Callable[[Block | Span], str]) -> str:
        """Return the Markdown with ``text_of`` each block and span in its place."""
        return "".join(piece if isinstance(piece, str) else text_of(piece) for piece in self.pieces)


def parse(path: str, text: str, first_line: int = 1) -> Chapter:
    """Parse Markdown ``text``, whose first line is line ``first_line`` of file ``path``.

    Faults are kept in ``problems``, so that all are reported at once.
    """
    chapter = Chapter(path)
    lines = text.splitlines(keepends=True)
    number = 0
    while number < len(lines):
        match = _FENCE.match(lines[number].rstrip("\r\n"))
        if match is None:
            _scan_line(chapter, lines[number], first_line + number)
            number += 1
            continue
        end = _end_of_fence(lines, number, match)
        kind, _, target = match["info"].strip().partition(" ")
        if kind in _KINDS:
            body = "".join(lines[number + 1 : end])
            _add_block(chapter, kind, target.strip(), match["indent"], body, first_line + number)
        else:
            chapter.pieces.append("".join(lines[number : end + 1]))
        number = end + 1
    return chapter


def _end_of_fence(lines: list[str], start: int, opening: re.Match[str]) -> int:
    marks = opening["marks"]
    closing = re.compile(rf"^[ \t]*{re.escape(marks[0])}{{{len(marks)},}}[ \t]*$")
    for number in range(start + 1, len(lines)):
        if closing.match(lines[number].rstrip("\r\n")):
            return number
    return len(lines)


def _add_block(chapter: Chapter, kind: str, target: str, indent: str, body: str, line: int) -> None:
    def fault(message: str) -> None:
        chapter.problems.append(Problem(chapter.path, line, message))

    try:
        options: Any = yaml.safe_load(body) if body.strip() else {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        offset = mark.line + 1 if mark else 0
        problem = getattr(error, "problem", None) or "not YAML"
        chapter.problems.append(
            Problem(chapter.path, line + offset, f'the body of a "{kind}" fence: {problem}')
        )
        return
    if not isinstance(options, dict):
        fault(f'the body of a "{kind}" fence must be lines of "key: value"')
        return
    known = _OPTIONS[kind]
    for key in options:
        if key not in known:
            fault(f'a "{kind}" fence has no "{key}".{near_match(str(key), known)}')
            return
    file, _, cells = target.partition("#")
    if not file:
        fault(f'a "{kind}" fence must name its {"symbol" if kind == "source" else "snippet"}')
        return
    alts = options.get("alt") or ()
    chapter.pieces.append(
        Block(
            kind=kind,
            target=file,
            line=line,
            indent=indent,
            cells=tuple(title.strip() for title in cells.split(",")) if cells else (),
            caption=options.get("caption"),
            alts=tuple(alts) if isinstance(alts, list) else (alts,) if alts else (),
        )
    )


def _scan_line(chapter: Chapter, line: str, number: int) -> None:
    """Split one line of prose at the engine's code spans."""
    rest = line
    while opening := re.search(r"`+", rest):
        marks = opening[0]
        closing = re.search(rf"(?<!`){marks}(?!`)", rest[opening.end() :])
        if closing is None:
            chapter.pieces.append(rest[: opening.end()])
            rest = rest[opening.end() :]
            continue
        content = rest[opening.end() : opening.end() + closing.start()]
        end = opening.end() + closing.end()
        span = _span(chapter, content.strip(), number)
        if span is None:
            chapter.pieces.append(rest[:end])
        else:
            chapter.pieces += [rest[: opening.start()], span]
        rest = rest[end:]
    chapter.pieces.append(rest)


def _span(chapter: Chapter, content: str, line: int) -> Span | None:
    match = _SPAN.fullmatch(content)
    if match is None:
        return None
    if match["kind"] == "wheel":
        return Span("wheel", line)
    file, _, rest = match["text"].partition(" ")
    name, _, spec = rest.strip().partition(":")
    if not file.endswith((".py", ".json")) or not name:
        chapter.problems.append(
            Problem(chapter.path, line, f'write "{{value}} file.py name:format", not "{content}"')
        )
        return None
    return Span("value", line, file, name, spec)
