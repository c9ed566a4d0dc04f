"""A chapter's Markdown: find the engine's fences and spans, and put results in their place.

What stands in an ordinary fence, in indented code, in a comment or in a longer code span is text
about the syntax and stays as it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from . import options
from .problems import Problem, near_match
from .scanner import LINE, Fence, Prose, Verbatim, front_matter, newlines, scan

_KINDS = ("snippet", "figure", "source")
_DRAWN = ("caption", "alt", "widget")
_OPTIONS = {
    "snippet": (*_DRAWN, "code", "output", "columns"),
    "figure": _DRAWN,
    "source": ("caption",),
}
#: The spans that make several paragraphs, or a table.
_LISTS = re.compile(r"references|claims(?: (?:bar|table|weights|verdicts))?|paths\b.*")
_MARK = r"\{(?P<kind>value|wheel|repository|references|claims|paths)\}"
_SPAN = re.compile(rf"{_MARK}\s*(?P<text>.*)", re.DOTALL)
#: What stands in a paragraph beside its words: escaped marks, code spans, marks that open none, and
#: comments, which are not prose; citations; links that set a widget; and the start of what should
#: have been whole.
_INLINE = re.compile(
    r"\\.|(?P<marks>`+)(?!`)(?:(?P<code>.+?)(?<!`)(?P=marks)(?!`))?|<!--(?:(?!<!--|-->).)*-->"
    rf"|(?<![\w@/.])@(?P<key>[A-Za-z]+\d{{4}}[a-z]?)\b"
    r"|\[(?P<words>[^\[\]]+)\]\((?P<address>#(?P<widget>[a-z]+(?:-\w+)+)\.[^\s()=]+=[^\s()]*)\)"
    rf"|(?P<cut>{_MARK}|<!--)",
    re.DOTALL,
)
#: What is not read as words in a chapter's prose, in the order in which it is to be blanked out.
_UNREAD = [
    re.compile(r"\$\$.*?\$\$", re.DOTALL),
    re.compile(r"\$[^$\n]+(?:\n[^$\n]+)?\$"),
    re.compile(r"\]\([^)]*\)|<[^>\n]+>|https?://\S+"),
]
#: A fence that begins in the midst of a line.
_MISPLACED = re.compile(
    r"(?:`{3,}|~{3,})[ \t]*(?P<kind>snippet|figure|source)[ \t]+[^\s`~]+[^`~\r\n]*$", re.MULTILINE
)
#: MkDocs resolves and checks links in a chapter's own Markdown only, and a caption is not that.
_LINK = re.compile(r"\]\([^)]*\.md\b")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]")
_FENCE_IN_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[ \t]*[^\s`]", re.MULTILINE)
_HEADING = re.compile(
    r" {0,3}#[ \t]*(?P<text>[^#\r\n].*?)[ \t]*#*\s*$|(?P<underlined>[^\r\n]+)\r?\n=+[ \t]*\s*$"
)


@dataclass(frozen=True)
class Widget:
    """The custom element that a figure stands in, and what its fence tells it."""

    name: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Block:
    """A fence of the engine's: ``kind`` is snippet, figure or source."""

    kind: str
    target: str
    line: int
    #: What stands before it on its line: indentation and marks of quotes.
    prefix: str
    cells: tuple[str, ...] = ()
    caption: str = ""
    alts: tuple[str, ...] = ()
    widget: Widget | None = None
    #: "open" or "folded": whether its code is seen at once. Without it, its snippet decides.
    code: str = ""
    #: Whether what it prints is a table.
    is_table: bool = False
    #: The names of the columns where no header is printed: of all tables, or of each.
    columns: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Span:
    """An inline code span of the engine's: ``{value} file name:spec``, ``{wheel}``,
    ``{repository}`` with the path of a file in it, ``{references}``, ``{claims}``, alone or with a
    name that :func:`.ledger.stated` knows, or ``{paths}``, alone or with the title of one; or a
    citation of the work with the key ``name`` in the prose: ``@cho2014``.
    """

    kind: str
    line: int
    file: str = ""
    name: str = ""
    spec: str = ""
    #: Whether nothing stands before it on its line.
    leads: bool = False


@dataclass(frozen=True)
class Step:
    """A link that sets a widget of its page: ``[words](#half-life.bias=2)``.

    ``widget`` is the name of the widget; from the second of a page on, with its number.
    """

    line: int
    words: str
    address: str
    widget: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with a piece, and whether that was a fence."""

    problem: Problem
    was_fence: bool = False

    @property
    def line(self) -> int:
        assert self.problem.line is not None
        return self.problem.line


#: What the engine puts something else in the place of.
Piece = Block | Span | Step | Fault


@dataclass(eq=False)
class Chapter:
    """A parsed chapter: its Markdown in pieces; a fault stands where a faulty piece stood."""

    path: str
    text: str = ""
    pieces: list[str | Piece] = field(default_factory=list)
    #: The prose alone, on its lines.
    prose: str = ""
    #: The title that its front matter gives, or else its first heading, in Markdown.
    title: str = ""

    @property
    def problems(self) -> list[Problem]:
        return [piece.problem for piece in self.pieces if isinstance(piece, Fault)]

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
        """Return the Markdown with ``text_of`` each of the engine's pieces in its place.

        What takes a block's place stands between empty lines, as far in as its fence stood.
        """
        filled, above = "", None
        for piece in self.pieces:
            text = piece if isinstance(piece, str) else text_of(piece)
            prefix = piece.prefix if isinstance(piece, Block) else None
            if prefix is not None:
                text = _indented(text, prefix)
            parted = above if prefix is None else prefix
            if parted is not None and filled and text:
                filled += _parting(filled, text, parted)
            filled, above = filled + text, prefix if text else above
        return filled


@lru_cache(maxsize=2**12)  # of all texts, an edit changes one
def parse(path: str, text: str, first_line: int = 1) -> Chapter:
    """Parse Markdown ``text``, whose first line is line ``first_line`` of file ``path``.

    Faults are kept in ``problems``, so that all are reported together.
    """
    chapter = _Parsed(path, text)
    chapter.feed(text, first_line)
    return chapter


def words(prose: str) -> str:
    """Return a chapter's prose on its lines, without formulas, tags and addresses."""
    for pattern in _UNREAD:
        prose = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), prose)
    return prose


def _indented(text: str, prefix: str) -> str:
    lines = text.split("\n")
    return "".join(f"{prefix}{line}\n" if line else f"{prefix.rstrip()}\n" for line in lines)


def _parting(above: str, below: str, prefix: str) -> str:
    """Return the empty line between two texts of which one has this prefix, unless it is there."""
    last, first = above[above.rfind("\n", 0, -1) + 1 :], below.partition("\n")[0]
    empty = prefix.strip()
    return "" if {last.strip(), first.strip()} & {"", empty} else f"{prefix.rstrip()}\n"


class _Parsed(Chapter):
    """A chapter that makes its pieces of a text."""

    def feed(self, text: str, first_line: int) -> None:
        for part in scan(text, first_line):
            match part:
                case Prose():
                    self._prose(part)
                case Verbatim():
                    self._verbatim(part)
                case Fence():
                    self._fence(part)

    def _prose(self, part: Prose) -> None:
        """Divide a paragraph at its code spans, comments and citations."""
        text, start = part.text, 0

        def line_at(position: int) -> int:
            return part.line + newlines(text[:position])

        if not self.title and (heading := _HEADING.match(text)):
            self.title = (heading["text"] or heading["underlined"]).strip()
        for match in _INLINE.finditer(text):
            self._keep(text[start : match.start()], is_prose=True)
            line, start = line_at(match.start()), match.end()
            if match["key"]:
                self._keep(match[0], Span("citation", line, name=match["key"]), is_prose=True)
            elif match["words"]:
                self._keep(match[0], self._step(match, line), is_prose=True)
            elif match["cut"]:
                message = f"a {match[0]} span must stand between single backticks"
                if not match["kind"]:
                    message = "this comment goes beyond its paragraph: begin it on a new line"
                self._keep(match[0], is_prose=True)
                self._fault(line, message)
            else:
                piece: Piece | None = None
                code = re.sub(r"[\r\n]+[ \t>]*", " ", match["code"] or "").strip()
                if span := _SPAN.fullmatch(code):
                    leads = not text[: match.start()].rpartition("\n")[2].strip()
                    ends = not text[start:].partition("\n")[0].strip()
                    piece = self._span(span, line, leads=leads, ends=ends)
                self._keep(match[0], piece)
        self._keep(text[start:], is_prose=True)
        for fence in _MISPLACED.finditer(text):
            self._fault(line_at(fence.start()), "a fence begins its line")

    def _keep(self, raw: str, piece: Piece | None = None, *, is_prose: bool = False) -> None:
        """Keep a text, or the piece that takes its place."""
        self.pieces.append(raw if piece is None else piece)
        self.prose += raw if is_prose else re.sub(r"[^\r\n]", " ", raw)

    def _problem(self, line: int, message: str) -> Problem:
        return Problem(self.path, line, message)

    def _fault(self, line: int, message: str, *, was_fence: bool = False) -> None:
        self.pieces.append(Fault(self._problem(line, message), was_fence))

    def _verbatim(self, part: Verbatim) -> None:
        self._keep(part.text)
        if part.open:
            self._fault(part.line, "this comment is never closed: --> ends it")
        elif part.line == 1 and (head := front_matter(part.text)):
            self._front_matter(*head)

    def _front_matter(self, text: str, says: dict[str, Any] | None) -> None:
        if says is None:
            self._fault(1, "this front matter is not YAML: put its texts in quotation marks")
            return
        for match in re.finditer(_MARK, text):
            line = 1 + newlines(text[: match.start()])
            self._fault(line, f"front matter holds no {match[0]} spans: it is shown as it is")
        title = says.get("title")
        self.title = title.strip() if isinstance(title, str) else ""

    def _step(self, match: re.Match[str], line: int) -> Step | Fault:
        if cut := re.search(_MARK, match["words"]):
            return Fault(self._problem(line, f"a link to a widget holds no {cut[0]} spans"))
        return Step(line, match["words"], match["address"], match["widget"])

    def _span(self, match: re.Match[str], line: int, *, leads: bool, ends: bool) -> Span | Fault:
        kind = match["kind"]
        if kind == "value":
            file, _, rest = match["text"].partition(" ")
            name, _, spec = rest.strip().partition(":")
            if file.endswith((".py", ".json")) and name:
                return Span("value", line, file, name, spec, leads)
            message = f'write "{{value}} file.py name:format", not "{match[0]}"'
        else:
            name = match["text"].strip()
            if (leads and ends) or not _LISTS.fullmatch(f"{kind} {name}".strip()):
                return Span(kind, line, name=name)
            message = f"{match[0]} gives a list: it must stand alone on its line"
        return Fault(self._problem(line, message))

    def _fence(self, part: Fence) -> None:
        kind, target = [*part.info.split(maxsplit=1), "", ""][:2]
        is_own, target = kind in _KINDS, target.strip()
        if is_own and (not part.closed or _FENCE_IN_FENCE.search(part.body)):
            self._fault(part.line, f'this "{kind}" fence is never closed', was_fence=True)
            # Whatever stands below it must be read all the same.
            lines = LINE.findall(part.text)
            below = (one.lstrip(" \t>") for one in lines[1:])
            ends = (
                n for n, one in enumerate(below, 1) if not one.strip() or _FENCE_IN_FENCE.match(one)
            )
            end = next(ends, len(lines))
            self._keep("".join(lines[:end]))
            self.feed("".join(lines[end:]), part.line + end)
        elif is_own:
            try:
                self._keep(part.text, self._block(part, kind, target))
            except Problem as problem:
                self._keep(part.text, Fault(problem, was_fence=True))
        elif target.partition("#")[0].endswith(".py"):
            message = f'no fence is called "{kind}".{near_match(kind, _KINDS)}'
            self._fault(part.line, message, was_fence=True)
        else:
            if not part.closed:
                self._fault(part.line, "this fence is never closed", was_fence=True)
            self._keep(part.text)

    def _block(self, part: Fence, kind: str, target: str) -> Block:
        fault = partial(self._problem, part.line)
        file, _, cells = target.partition("#")
        if not file:
            raise fault(
                f'a "{kind}" fence must name its {"symbol" if kind == "source" else "snippet"}'
            )
        if part.containers is None:
            raise fault("this fence is indented, and stands in no list: begin it at the left")
        if "note" in part.containers:
            raise fault("a footnote holds no fences: put this one into the text")
        given = options.read(self.path, part.line, kind, part.body, _OPTIONS[kind])
        alt = given.get("alt") or []
        alts = alt if isinstance(alt, list) else [alt]
        if not all(text.strip() for text in alts):
            raise fault('"alt" must be text, or a list of texts')
        caption = given.get("caption") or ""
        if not isinstance(caption, str):
            raise fault('"caption" must be text')
        self._check_caption(caption, part.line)
        code, output = given.get("code", ""), given.get("output", "")
        if code not in ("", "open", "folded"):
            raise fault(f'write "code: open" or "code: folded", not "code: {code}"')
        if output not in ("", "table"):
            raise fault(f'write "output: table", not "output: {output}"')
        columns = given.get("columns") or []
        if columns and not output:
            raise fault('"columns" names those of a table: write "output: table" above it')
        rows = columns if isinstance(columns, list) else [columns]
        return Block(
            kind,
            file,
            part.line,
            part.prefix,
            cells=tuple(title.strip() for title in cells.split(",")) if cells else (),
            caption=caption,
            alts=tuple(alts),
            widget=self._widget(given.get("widget") or "", part.line),
            code=str(code),
            is_table=output == "table",
            columns=tuple(tuple(map(str.strip, row.split("|"))) for row in rows),
        )

    def _widget(self, text: str | list[str], line: int) -> Widget | None:
        if not isinstance(text, str):
            raise self._problem(line, '"widget" must be one name')
        name, *options = text.split() or [""]
        pairs = [option.partition("=") for option in options]
        for option, (key, _, value) in zip(options, pairs, strict=True):
            if not (key and value):
                message = f'write "widget: {name} key=value", not "{option}"'
                raise self._problem(line, message)
        given = {key: value for key, _, value in pairs}
        if len(given) < len(pairs):
            raise self._problem(line, "an option of this widget stands here twice")
        return Widget(name, tuple(given.items())) if name else None

    def _check_caption(self, caption: str, line: int) -> None:
        fault = partial(self._problem, line)
        if _LINK.search(caption):
            raise fault("a caption holds no links to chapters: put the link into the prose")
        inner = parse(self.path, caption, line)
        if _FOOTNOTE.search(inner.prose):
            raise fault("a caption holds no footnotes: put what has a source into the prose")
        for problem in inner.problems:
            raise problem
        own = [piece for piece in inner.pieces if not isinstance(piece, str)]
        if any(not isinstance(piece, Span) or piece.kind != "value" for piece in own):
            raise fault("a caption may hold {value} spans, and nothing else of the engine's")
