"""One build of a site: run what its chapters need, then put the results into them."""

from __future__ import annotations

import html
import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import markdown

from . import blocks, numbers, references, symbols
from . import claims as ledger
from .chapter import Block, Chapter, Citation, Fault, Piece, Span, alone, parse
from .execution import Progress, records_of
from .files import below, found
from .plain import escaped
from .problems import Problem, near_match, read_text
from .record import Record, Scalar
from .settings import Settings
from .snippets import Cell, Snippet, read

#: Where a block is to be put in: the token is a paragraph of its own, or stands on a line alone
#: where HTML is not read as Markdown, as in a plain <div>.
_PLACE = re.compile(
    r"<p>\s*(?P<paragraph>LIVEDOCS\d+X)\s*</p>|^[ \t]*(?P<line>LIVEDOCS\d+X)[ \t]*$", re.MULTILINE
)

#: What a title shows nothing of, or not as it is written.
_UNSEEN = re.compile(r"\[\^[^\]]+\]|\$")
_TAG = re.compile(r"<[^>]*>")


@dataclass
class Rendered:
    """A chapter as Markdown with tokens, and the HTML that takes each token's place."""

    path: str
    markdown: str = ""
    fragments: dict[str, str] = field(default_factory=dict)
    #: The line on which each block begins, by its token.
    lines: dict[str, int] = field(default_factory=dict)

    def add(self, fragment: str, line: int) -> str:
        """Keep a fragment; return the token that stands for it."""
        token = f"LIVEDOCS{len(self.fragments):04}X"
        self.fragments[token], self.lines[token] = fragment, line
        return token


class Site:
    """The chapters of a project, their snippets and the records of these."""

    def __init__(self, settings: Settings, chapters: Iterable[str] | None = None) -> None:
        """Take the chapters, relative to their folder; by default all Markdown that lies there."""
        self.settings = settings
        self._published = sorted(settings.docs_folder / name for name in chapters or ())
        self.chapters: dict[str, Chapter] = {}
        self.snippets: dict[str, Snippet] = {}
        self.records: dict[str, Record] = {}
        #: What chapters may cite, by key.
        self.works: dict[str, references.Work] = {}
        #: The chapter that lists the works, if any does.
        self._list_of_works: str | None = None
        self.claims: list[ledger.Claim] = []
        #: What went wrong with a snippet, by its name; its blocks say so at their places.
        self.failures: dict[str, Exception] = {}
        self.problems: list[Problem] = []
        #: The snippets that each chapter needs.
        self._needs: dict[str, dict[str, int]] = {}

    def prepare(self, progress: Progress) -> None:
        """Read all chapters and run each snippet that has no valid record."""
        self.problems = []
        self.chapters = {path: parse(path, text) for path, text in self._read_chapters()}
        self.problems += [p for chapter in self.chapters.values() for p in chapter.problems]
        self.problems += [p for chapter in self.chapters.values() for p in numbers.typed(chapter)]
        self.snippets, self.failures = {}, {}
        self._read_claims()
        self._needs = {path: chapter.snippets() for path, chapter in self.chapters.items()}
        needed = {name for names in self._needs.values() for name in names}
        for name in sorted(needed | self._snippets_of_claims()):
            try:
                self.snippets[name] = read(self.settings, name)
            except (ValueError, Problem) as error:
                self.failures[name] = error
        if self.is_read:
            self._find_unused()
        self._read_works()
        self.records, failed = records_of(self.settings, self.snippets, progress)
        self.failures |= failed
        self._name_shared_causes()

    @property
    def is_read(self) -> bool:
        """Whether every chapter could be read."""
        return len(self.chapters) >= len(self._published)

    def _read_chapters(self) -> Iterable[tuple[str, str]]:
        for file in self._published or below(self.settings.docs_folder, "*.md"):
            path = file.relative_to(self.settings.root).as_posix()
            try:
                yield path, read_text(file, path)
            except FileNotFoundError:
                self.problems.append(Problem(path, None, "cannot be read: a link to nothing"))
            except Problem as problem:
                self.problems.append(problem)

    def _find_unused(self) -> None:
        folder, chapters = self.settings.snippets_folder, below(self.settings.docs_folder, "*.md")
        # What a draft uses is not published, and not in the way either.
        drafts = [file for file in chapters if self._published and file not in self._published]
        waiting = "\n".join(file.read_text("utf-8", "replace") for file in drafts)
        for file in below(folder, "*.py"):
            name = file.relative_to(folder).as_posix()
            known = name in self.snippets or name in self.failures
            if not known and name not in waiting:
                self.problems.append(
                    Problem(
                        f"{self.settings.snippets}/{name}",
                        None,
                        f"no chapter uses it: show it in a chapter of {self.settings.docs}/, "
                        "or delete it",
                    )
                )

    def _read_works(self) -> None:
        try:
            self.works = references.load(self.settings)
        except Problem as problem:
            self.works = {}
            self.problems.append(problem)
        cited = {one.key for chapter in self.chapters.values() for one in chapter.citations}
        cited |= {key for claim in self.claims for key in claim.sources}
        path = self.settings.references or ""
        for work in self.works.values():
            if work.key not in cited:
                self.problems.append(Problem(path, work.line, f'no chapter cites "{work.key}"'))
        self._list_of_works = self._find_list_of_works()
        if self.works and self._list_of_works is None:
            message = "no chapter lists the works: write `{references}` where they belong"
            self.problems.append(Problem(path, None, message))

    def _read_claims(self) -> None:
        try:
            self.claims = ledger.load(self.settings)
        except Problem as problem:
            self.claims = []
            self.problems.append(problem)

    def _snippets_of_claims(self) -> set[str]:
        files = {one.file for claim in self.claims for one in claim.evidence}
        for claim in self.claims:
            files |= parse("", claim.why, claim.line).snippets().keys()
        return {file for file in files if file.endswith(".py")}

    def _find_list_of_works(self) -> str | None:
        """Return the chapter that lists all works."""
        for path, chapter in self.chapters.items():
            if any(span.kind == "references" for span in chapter.spans):
                return path
        return None

    def _name_shared_causes(self) -> None:
        """Where several snippets fail for one line of the project, make that line the problem."""
        causes: dict[tuple[tuple[str, int], str], list[str]] = {}
        for name, failure in self.failures.items():
            if isinstance(failure, Problem) and failure.origin:
                causes.setdefault((failure.origin, failure.message), []).append(name)
        for ((path, line), message), names in causes.items():
            if len(names) > 1:
                problem = Problem(path, line, f"{message} ({len(names)} snippets fail for this)")
                self.problems.append(problem)
                self.failures |= dict.fromkeys(names, problem)

    def render(self, path: str, text: str, first_line: int, place: blocks.Place) -> Rendered:
        """Return chapter ``path``, whose Markdown ``text`` starts at ``first_line`` of the file.

        A block that cannot be built becomes a red box, and a problem.
        """
        rendered = Rendered(path)
        ids: set[str] = set()

        def fill(piece: Piece) -> str:
            match piece:
                case Fault(problem=problem, was_fence=True):
                    box = blocks.problem_box(str(problem))
                    return f"\n\n{rendered.add(box, piece.line)}\n\n"
                case Fault(problem=problem):
                    return _warning(problem)
                case Block():
                    try:
                        built = self._block(piece, path, place, ids)
                    except (ValueError, Problem) as error:
                        built = blocks.problem_box(str(self._problem(path, piece.line, str(error))))
                    return alone(piece.prefix, rendered.add(built, piece.line))
            try:
                if isinstance(piece, Span) and piece.kind == "wheel":
                    return blocks.wheel_line(place)
                return self.text(piece, path)
            except ValueError as error:
                return _warning(self._problem(path, piece.line, str(error)))

        rendered.markdown = parse(path, text, first_line).fill(fill)
        return rendered

    def put_in(self, rendered: Rendered, page: str) -> str:
        """Return the HTML ``page``, made of a rendered chapter, with every fragment in its place.

        A block whose place Markdown made code of, or lost, becomes a problem.
        """
        put: set[str] = set()

        def fragment(match: re.Match[str]) -> str:
            token = match["paragraph"] or match["line"]
            if token not in rendered.fragments or _in_code(page, match.start()):
                return match[0]
            put.add(token)
            return rendered.fragments[token]

        woven = _PLACE.sub(fragment, page)
        for token, line in rendered.lines.items():
            if token not in put:
                message = "a block cannot stand here: begin it at the left, or as far in as the "
                message += "text of its list or note, with an empty line before it"
                problem = self._problem(rendered.path, line, message)
                woven = woven.replace(token, "") + blocks.problem_box(str(problem))
        return woven

    def _problem(self, path: str, line: int, message: str) -> Problem:
        for known in self.problems:
            if str(known) == message:  # several snippets fail for it
                return known
        problem = Problem(path, line, message)
        if str(problem) not in map(str, self.problems):
            self.problems.append(problem)
        return problem

    def text(self, piece: Span | Citation, path: str) -> str:
        """Return the Markdown that takes the place of a piece. Raises ValueError."""
        if isinstance(piece, Span):
            match piece.kind:
                case "references":
                    return references.listed(self.works)
                case "claims":
                    return self._count(piece.name) if piece.name else self._ledger(path)
            return self.value(piece)
        if piece.key not in self.works:
            raise ValueError(f'no work is called "{piece.key}".{near_match(piece.key, self.works)}')
        page = self._list_of_works
        short = self.works[piece.key].short
        if page is None:
            return short
        return f"[{short}]({posixpath.relpath(page, posixpath.dirname(path))}#{piece.key})"

    def _count(self, verdict: str) -> str:
        """Return how many claims have the verdict, or with "all" how many there are."""
        if verdict not in (known := [*ledger.VERDICTS, "all"]):
            raise ValueError(f'no verdict is called "{verdict}".{near_match(verdict, known)}')
        return str(sum(verdict in (claim.verdict, "all") for claim in self.claims))

    def _ledger(self, path: str) -> str:
        """Return all claims with their verdicts, as Markdown for ``path``. Raises ValueError."""
        rows = [f"| [{one.claim}](#{one.id}) | {one.verdict} |" for one in self.claims]
        said = ["\n".join(["| Claim | Verdict |", "| --- | --- |", *rows])]
        for claim in self.claims:
            try:
                said += self._claim(claim, path)
            except ValueError as error:
                place = f"{self.settings.claims}:{claim.line}"
                raise ValueError(f'{place}: "{claim.id}": {error}') from None
        return "\n\n".join(said)

    def stated(self) -> Iterator[tuple[str, Span]]:
        """Yield each value of a snippet that a chapter or a claim states, after that one's file."""
        file = self.settings.claims or ""
        claims = [(file, parse(file, one.why, one.line)) for one in self.claims]
        for path, text in [*self.chapters.items(), *claims]:
            for span in text.spans:
                if span.kind == "value" and span.file.endswith(".py"):
                    yield path, span

    def bears_out(self, evidence: ledger.Evidence, line: int) -> bool:
        """Return whether the rule of a claim on ``line`` is true. Raises ValueError: no value."""

        def value_of(name: str) -> Scalar:
            return self.scalar(Span("value", line, evidence.file, name))

        return ledger.evaluate(evidence.rule, value_of)

    def _claim(self, claim: ledger.Claim, path: str) -> list[str]:
        """Return a claim's paragraphs, once its evidence is seen to be true. Raises ValueError."""
        for one in claim.evidence:
            if not self.bears_out(one, claim.line):
                raise ValueError(f"its evidence is not true: {one.rule} ({one.file})")

        def fill(piece: Piece) -> str:
            match piece:
                case Span(kind="value") | Citation():
                    return self.text(piece, path)
                case Fault(problem=problem):
                    raise ValueError(problem.message)
            raise ValueError('"why" may hold {value} spans and citations, and nothing else')

        why = parse(path, claim.why, claim.line).fill(fill).strip()
        sources = [self.text(Citation(key, claim.line), path) for key in claim.sources]
        rests = [] if claim.evidence else ["Rests on its sources alone."]
        for side in ("for", "against"):
            if own := [one for one in claim.evidence if one.side == side]:
                rules = [f"`{one.rule}` in {_program(one.file, path)}" for one in own]
                rests.append(f"{side.capitalize()} it: {'; '.join(rules)}.")
        if claim.page:
            rests.append(f"[Argued here]({claim.page}).")
        if sources:
            rests.append(f"Sources: {'; '.join(sources)}.")
        return [
            f"## {claim.claim} {{#{claim.id}}}",
            f"**{claim.verdict.capitalize()}.** {why}",
            " ".join(rests),
        ]

    def value(self, span: Span) -> str:
        """Return the text of a ``{value}`` span. Raises ValueError: no such value or format."""
        value = self.scalar(span)
        try:
            text = format(value, span.spec)
            if span.leads and text.isdigit():  # before a full stop it would begin a list
                return f"&#{ord(text[0])};{text[1:]}"
            return escaped(text) if isinstance(value, str) else text
        except (ValueError, OverflowError) as error:
            raise ValueError(
                f'cannot format {span.name} of {span.file} as "{span.spec}": {error}'
            ) from None

    def scalar(self, span: Span) -> Scalar:
        """Return the value that a span names, unformatted. Raises ValueError."""
        if span.file.endswith(".json"):
            return _from_json(self.settings, span)
        record = self.record(span.file)
        if span.name in record.values:
            return record.values[span.name]
        if span.name in record.others:
            kind = record.others[span.name]
            raise ValueError(
                f"{span.name} of {record.path} is a {kind}, not a plain number or text: "
                f"make a top-level variable of it, as by .item() or float()"
            )
        raise ValueError(
            f'{record.path} has no variable "{span.name}".{near_match(span.name, record.values)}'
        )

    def alts(self) -> dict[tuple[str, str, int], str]:
        """Return the alt text of each figure that a chapter shows: by snippet, cell, number."""
        texts: dict[tuple[str, str, int], str] = {}
        for block in (b for chapter in self.chapters.values() for b in chapter.blocks):
            if block.target not in self.records:
                continue
            try:
                shown = blocks.choose(self.snippets[block.target], block.cells)
            except ValueError:
                continue
            figures = blocks.figures_shown(self.records[block.target], shown)
            for (cell, number, _), alt in zip(figures, block.alts, strict=False):
                texts.setdefault((block.target, cell.title, number), alt)
        return texts

    def uses(self, name: str) -> list[str]:
        """Return the chapters that name snippet ``name``."""
        return [path for path, names in self._needs.items() if name in names]

    def title(self, path: str) -> str:
        """Return the title of chapter ``path`` as plain text; where it has none, its path."""
        title = parse(path, self.chapters[path].title)

        def fill(piece: Piece) -> str:
            return self.text(piece, path) if isinstance(piece, Span | Citation) else ""

        try:
            text = title.fill(fill)
        except ValueError:
            return path  # the page itself says what is wrong
        shown = _markdown(f"# {_UNSEEN.sub('', text)}", "attr_list")
        return html.unescape(_TAG.sub("", shown)).strip() or path

    def record(self, name: str) -> Record:
        """Return what the run of a snippet left. Raises ValueError: it failed, it did not run."""
        if name in self.failures:
            raise ValueError(str(self.failures[name]))
        if name not in self.records:
            raise ValueError(f'snippet "{name}" was not run: the chapter changed during the build')
        return self.records[name]

    def _block(self, block: Block, path: str, place: blocks.Place, ids: set[str]) -> str:
        caption = self._caption(block, path)
        if block.kind == "source":
            excerpt = symbols.find(self.settings, block.target)
            return blocks.excerpt_block(place, excerpt, block.target, caption)
        record = self.record(block.target)
        snippet = self.snippets[block.target]
        shown: Sequence[Cell] = blocks.choose(snippet, block.cells)
        build = blocks.snippet_block if block.kind == "snippet" else blocks.figure_block
        return build(self.settings, place, snippet, record, shown, caption, block.alts, ids)

    def _caption(self, block: Block, path: str) -> str:
        if not block.caption:
            return ""
        caption = parse(path, block.caption, block.line)

        def fill(piece: Piece) -> str:
            assert isinstance(piece, Span)
            return self.value(piece)

        return _markdown(caption.fill(fill), "pymdownx.arithmatex")


@lru_cache(maxsize=2**10)  # titles are asked for at each build, and each time they are linked
def _markdown(text: str, extension: str) -> str:
    configs = {"pymdownx.arithmatex": {"generic": True}}
    return markdown.markdown(text, extensions=[extension], extension_configs=configs)


def _warning(problem: Problem) -> str:
    """Return what is wrong in a sentence, as Markdown of that sentence."""
    return f"**⚠ {escaped(str(problem))}**"


def _in_code(page: str, position: int) -> bool:
    """Return whether a place of the HTML ``page`` lies within code."""
    return page.rfind("<pre", 0, position) > page.rfind("</pre>", 0, position)


def _program(file: str, path: str) -> str:
    """Return the name of a snippet or a record, linked to what a reader may see of it."""
    target = blocks.notebook_url(file) if file.endswith(".py") else file
    page = path.partition("/")[2]
    url = posixpath.relpath(target, posixpath.dirname(page) or ".")
    return f'<a href="{url}"><code>{file}</code></a>'


def _from_json(settings: Settings, span: Span) -> Scalar:
    file = settings.docs_folder / span.file
    if not file.resolve().is_relative_to(settings.docs_folder.resolve()):
        raise ValueError(f'file "{span.file}" lies outside {settings.docs}/')
    if not found(file):
        names = [p.relative_to(settings.docs_folder).as_posix() for p in _jsons(settings)]
        raise ValueError(
            f'no file "{span.file}" in {settings.docs}/.{near_match(span.file, names)}'
        )
    try:
        value: Any = json.loads(read_text(file, f"{settings.docs}/{span.file}"))
    except Problem as problem:
        raise ValueError(str(problem)) from None
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{settings.docs}/{span.file}:{error.lineno}: not JSON: {error.msg}"
        ) from None
    for key in span.name.split("."):
        if not isinstance(value, dict) or key not in value:
            known = value if isinstance(value, dict) else ()
            raise ValueError(f'{span.file} has no "{span.name}".{near_match(key, known)}')
        value = value[key]
    if not isinstance(value, int | float | str):
        raise ValueError(f"{span.name} of {span.file} is not a plain number or text")
    return value


def _jsons(settings: Settings) -> Iterable[Path]:
    return settings.docs_folder.rglob("*.json")
