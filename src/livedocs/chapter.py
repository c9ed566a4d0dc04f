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
_SPAN = re.compile(r"\{(?P<kind>value|wheel|references|claims)\}\s*(?P<text>.*)", re.DOTALL)
_CITATION = re.compile(r"(?<![\w@/.])@(?P<key>[A-Za-z]+\d{4}[a-z]?)\b")
#: MkDocs resolves and checks links in a chapter's own Markdown only, and a caption is not that.
_LINK = re.compile(r"\]\([^)]*\.md\b")
_CUT = re.compile(r"\{(?:value|wheel|references|claims)\}")


@dataclass(frozen=True)
class Block:
    """A fence of the engine's: ``kind`` is snippet, figure or source."""

    kind: str
    target: str
    line: int
    indent: str
    cells: tuple[str, ...] = ()
    caption: str = ""
    alts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """An inline code span of the engine's: ``{value} file name:spec``, ``{wheel}``,
    ``{references}``, or ``{claims}``, alone or with the verdict whose number is wanted.
    """

    kind: str
    line: int
    file: str = ""
    name: str = ""
    spec: str = ""
    #: Whether nothing stands before it on its line.
    leads: bool = False


@dataclass(frozen=True)
class Citation:
    """The key of a work in the prose: ``@cho2014``."""

    key: str
    line: int


#: What the engine puts something else in the place of.
Piece = Block | Span | Citation | Problem


@dataclass
class Chapter:
    """A parsed chapter: its Markdown in pieces; a problem stands where a faulty piece stood."""

    path: str
    pieces: list[str | Piece] = field(default_factory=list)

    @property
    def problems(self) -> list[Problem]:
        return [piece for piece in self.pieces if isinstance(piece, Problem)]

    @property
    def blocks(self) -> Iterator[Block]:
        return (piece for piece in self.pieces if isinstance(piece, Block))

    @property
    def spans(self) -> Iterator[Span]:
        """All spans, those in the captions of blocks included."""
        for piece in self.pieces:
            if isinstance(piece, Span):
                yield piece
            elif isinstance(piece, Block) and piece.caption:
                yield from parse(self.path, piece.caption, piece.line).spans

    @property
    def citations(self) -> Iterator[Citation]:
        return (piece for piece in self.pieces if isinstance(piece, Citation))

    def snippets(self) -> dict[str, int]:
        """Return the snippets that the chapter needs, with the first line that names each."""
        needed: dict[str, int] = {}
        for piece in self.pieces:
            if isinstance(piece, Block) and piece.kind != "source":
                needed.setdefault(piece.target, piece.line)
        for span in self.spans:
            if span.file.endswith(".py"):
                needed[span.file] = min(span.line, needed.get(span.file, span.line))
        return dict(sorted(needed.items(), key=lambda item: item[1]))

    def fill(self, text_of: Callable[[Piece], str]) -> str:
        """Return the Markdown with ``text_of`` each of the engine's pieces in its place."""
        return "".join(piece if isinstance(piece, str) else text_of(piece) for piece in self.pieces)


def parse(path: str, text: str, first_line: int = 1) -> Chapter:
    """Parse Markdown ``text``, whose first line is line ``first_line`` of file ``path``.

    Faults are kept in ``problems``, so that all are reported together.
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
        kind, target = [*match["info"].split(maxsplit=1), "", ""][:2]
        if kind in _KINDS:
            body = "".join(lines[number + 1 : end])
            _add_block(chapter, kind, target.strip(), match["indent"], body, first_line + number)
        elif target.strip().partition("#")[0].endswith(".py"):
            message = f'no fence is called "{kind}".{near_match(kind, _KINDS)}'
            chapter.pieces += ["\n", Problem(chapter.path, first_line + number, message), "\n\n"]
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
    def fault(message: str, offset: int = 0) -> None:
        # The empty lines make a paragraph of it, where a page shows it while being served.
        chapter.pieces += ["\n", Problem(chapter.path, line + offset, message), "\n\n"]

    try:
        options: Any = yaml.safe_load(body) if body.strip() else {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not YAML"
        fault(f'the body of a "{kind}" fence: {problem}', mark.line + 1 if mark else 0)
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
    alt = options.get("alt") or []
    alts = alt if isinstance(alt, list) else [alt]
    if not all(isinstance(text, str) and text.strip() for text in alts):
        fault('"alt" must be text, or a list of texts: put it in quotation marks')
        return
    caption = options.get("caption") or ""
    if not isinstance(caption, str):
        fault('"caption" must be text: put it in quotation marks')
        return
    if _LINK.search(caption):
        fault("a caption holds no links to chapters: put the link into the prose")
        return
    inner = parse(chapter.path, caption, line)
    if inner.problems:
        chapter.pieces += ["\n", *inner.problems, "\n\n"]
        return
    others = [*inner.blocks, *inner.citations]
    if any(span.kind != "value" for span in inner.spans) or others:
        fault("a caption may hold {value} spans, and nothing else of the engine's")
        return
    chapter.pieces.append(
        Block(
            kind=kind,
            target=file,
            line=line,
            indent=indent,
            cells=tuple(title.strip() for title in cells.split(",")) if cells else (),
            caption=caption,
            alts=tuple(alts),
        )
    )


def _scan_line(chapter: Chapter, line: str, number: int) -> None:
    """Split one line of prose at the engine's code spans."""
    rest = line
    while opening := re.search(r"`+", rest):
        marks = opening[0]
        closing = re.search(rf"(?<!`){marks}(?!`)", rest[opening.end() :])
        if closing is None:
            _add_prose(chapter, rest[: opening.end()], number)
            rest = rest[opening.end() :]
            continue
        end = opening.end() + closing.end()
        content = rest[opening.end() : opening.end() + closing.start()].strip()
        match = _SPAN.fullmatch(content)
        _add_prose(chapter, rest[: opening.start()], number)
        code = rest[opening.start() : end]
        leads = not line[: len(line) - len(rest) + opening.start()].strip()
        chapter.pieces.append(code if match is None else _span(chapter, match, number, leads))
        rest = rest[end:]
    _add_prose(chapter, rest, number)


def _add_prose(chapter: Chapter, prose: str, line: int) -> None:
    """Keep text outside of code spans; what looks like a span of ours there was cut apart."""
    start = 0
    for match in _CITATION.finditer(prose):
        chapter.pieces += [prose[start : match.start()], Citation(match["key"], line)]
        start = match.end()
    chapter.pieces.append(prose[start:])
    for match in _CUT.finditer(prose):
        message = f"a {match[0]} span must stand on one line, between single backticks"
        chapter.pieces.append(Problem(chapter.path, line, message))


def _span(chapter: Chapter, match: re.Match[str], line: int, leads: bool) -> Span | Problem:
    if match["kind"] != "value":
        return Span(match["kind"], line, name=match["text"].strip())
    file, _, rest = match["text"].partition(" ")
    name, _, spec = rest.strip().partition(":")
    if not file.endswith((".py", ".json")) or not name:
        message = f'write "{{value}} file.py name:format", not "{match[0]}"'
        return Problem(chapter.path, line, message)
    return Span("value", line, file, name, spec, leads)
