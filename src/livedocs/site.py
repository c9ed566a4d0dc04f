"""One build of a site: run what its chapters need, then put the results into them."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import markdown

from . import blocks, numbers, references, runner, symbols
from . import claims as ledger
from .cache import Cache
from .chapter import Block, Chapter, Citation, Piece, Span, parse
from .problems import Problem, near_match, read_text
from .record import Record, Scalar
from .settings import Settings
from .snippets import Cell, Snippet, read

#: What Markdown would take for markup in a text that is none.
_MARKUP = re.compile(r"[^\w\s.,:;()%/+-]|_")

Progress = Callable[[str], None]


@dataclass
class Rendered:
    """A chapter as Markdown with tokens, and the HTML that takes each token's place."""

    markdown: str
    fragments: dict[str, str] = field(default_factory=dict)

    def into(self, page: str) -> str:
        """Return the HTML ``page``, made from ``markdown``, with every fragment in place."""
        for token, fragment in self.fragments.items():
            paragraph = f"<p>{token}</p>"
            page = page.replace(paragraph if paragraph in page else token, fragment)
        return page


class Site:
    """The chapters of a project, their snippets and the records of these."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.chapters: dict[str, Chapter] = {}
        self.snippets: dict[str, Snippet] = {}
        self.records: dict[str, Record] = {}
        #: What chapters may cite, by key.
        self.works: dict[str, references.Work] = {}
        self.claims: list[ledger.Claim] = []
        #: What went wrong with a snippet, by its name; its blocks say so at their places.
        self.failures: dict[str, Exception] = {}
        self.problems: list[Problem] = []
        #: The snippets that each chapter needs.
        self._needs: dict[str, dict[str, int]] = {}

    def prepare(self, progress: Progress) -> None:
        """Read all chapters and run each snippet that has no valid record."""
        texts = dict(self._read_chapters())
        self.chapters = {path: parse(path, text) for path, text in texts.items()}
        self.problems = [p for chapter in self.chapters.values() for p in chapter.problems]
        self.problems += [p for path, text in texts.items() for p in numbers.typed(path, text)]
        self.snippets, self.records, self.failures = {}, {}, {}
        self._read_claims()
        self._needs = {path: chapter.snippets() for path, chapter in self.chapters.items()}
        needed = {name for names in self._needs.values() for name in names}
        for name in sorted(needed | self._snippets_of_claims()):
            try:
                self.snippets[name] = read(self.settings, name)
            except (ValueError, Problem) as error:
                self.failures[name] = error
        self._find_unused()
        self._read_works()
        self._run(progress)

    def _read_chapters(self) -> Iterable[tuple[str, str]]:
        for file in sorted(self.settings.docs_folder.rglob("*.md")):
            path = file.relative_to(self.settings.root).as_posix()
            yield path, read_text(file, path)

    def _find_unused(self) -> None:
        folder = self.settings.snippets_folder
        for file in sorted(folder.rglob("*.py")):
            name = file.relative_to(folder).as_posix()
            if name not in self.snippets and name not in self.failures:
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
        if self.works and self._list_of_works() is None:
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

    def _list_of_works(self) -> str | None:
        """Return the chapter that lists all works."""
        for path, chapter in self.chapters.items():
            if any(span.kind == "references" for span in chapter.spans):
                return path
        return None

    def _run(self, progress: Progress) -> None:
        cache = Cache(self.settings)
        stale: dict[str, str] = {}
        for name, snippet in self.snippets.items():
            record = cache.get(snippet)
            if record is None:
                stale[snippet.path] = name
            else:
                self.records[name] = record
        for path in cache.damaged:
            progress(f"warning: the kept record of {path} was damaged; running it again")
        done = 0
        told: set[tuple[object, str]] = set()

        def finished(ended: runner.Ended) -> None:
            nonlocal done
            done += 1
            name = stale[ended.path]
            if isinstance(ended.outcome, Record):
                self.records[name] = ended.outcome
                cache.put(self.snippets[name], ended.outcome)
            else:
                self.failures[name] = ended.outcome
            progress(f"[{done}/{len(stale)}] {ended.path} {ended.seconds:.1f} s{_remark(ended)}")
            if isinstance(ended.outcome, Problem):
                cause = ended.outcome.origin or ended.path, ended.outcome.message
                if cause not in told and ended.said:
                    progress(ended.said)
                told.add(cause)

        if stale:
            progress(f"running {len(stale)} of {len(self.snippets)} snippets")
            runner.run(self.settings, [self.snippets[name] for name in stale.values()], finished)
        self._name_shared_causes()

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
        chapter = parse(path, text, first_line)
        rendered = Rendered("")

        def fill(piece: Piece) -> str:
            if isinstance(piece, Citation) or (isinstance(piece, Span) and piece.kind != "wheel"):
                try:
                    return self.text(piece, path)
                except ValueError as error:
                    problem = self._problem(path, piece.line, error)
                    return f"**⚠ {problem}**"
            token = f"LIVEDOCS{len(rendered.fragments):04}X"
            if isinstance(piece, Problem):
                rendered.fragments[token] = blocks.problem_box(str(piece))
                return token
            try:
                if isinstance(piece, Span):
                    rendered.fragments[token] = blocks.wheel_line(place)
                else:
                    rendered.fragments[token] = self._block(piece, path, place)
            except (ValueError, Problem) as error:
                problem = self._problem(path, piece.line, error)
                rendered.fragments[token] = blocks.problem_box(str(problem))
            if isinstance(piece, Span):
                return token
            return f"\n{piece.indent}{token}\n\n"

        rendered.markdown = chapter.fill(fill)
        return rendered

    def _problem(self, path: str, line: int, error: Exception) -> Problem:
        for known in self.problems:
            if str(known) == str(error):  # several snippets fail for it
                return known
        problem = Problem(path, line, str(error))
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
        page = self._list_of_works()
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

    def _claim(self, claim: ledger.Claim, path: str) -> list[str]:
        """Return a claim's paragraphs, once its evidence is seen to be true. Raises ValueError."""
        for one in claim.evidence:

            def value_of(name: str, file: str = one.file) -> Scalar:
                return self.scalar(Span("value", claim.line, file, name))

            if not ledger.evaluate(one.rule, value_of):
                raise ValueError(f"its evidence is not true: {one.rule} ({one.file})")

        def fill(piece: Piece) -> str:
            if isinstance(piece, Block | Problem):
                raise ValueError('"why" may hold {value} spans and citations, and no fences')
            return self.text(piece, path)

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
            return _MARKUP.sub(_entity, text) if isinstance(value, str) else text
        except ValueError as error:
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
            record = self.records[block.target]
            figures = [
                (c.title, n) for c in shown for n in range(len(record.cell(c.title).figures))
            ]
            for (title, number), alt in zip(figures, block.alts, strict=False):
                texts.setdefault((block.target, title, number), alt)
        return texts

    def uses(self, name: str) -> list[str]:
        """Return the chapters that name snippet ``name``."""
        return [path for path, names in self._needs.items() if name in names]

    def record(self, name: str) -> Record:
        if name in self.failures:
            raise ValueError(str(self.failures[name]))
        return self.records[name]

    def _block(self, block: Block, path: str, place: blocks.Place) -> str:
        caption = self._caption(block, path)
        if block.kind == "source":
            excerpt = symbols.find(self.settings, block.target)
            return blocks.excerpt_block(place, excerpt, block.target, caption)
        record = self.record(block.target)
        snippet = self.snippets[block.target]
        shown: Sequence[Cell] = blocks.choose(snippet, block.cells)
        build = blocks.snippet_block if block.kind == "snippet" else blocks.figure_block
        return build(self.settings, place, snippet, record, shown, caption, block.alts)

    def _caption(self, block: Block, path: str) -> str:
        if not block.caption:
            return ""
        caption = parse(path, block.caption, block.line)

        def fill(piece: Piece) -> str:
            assert isinstance(piece, Span)
            return self.value(piece)

        extensions = ["pymdownx.arithmatex"]
        configs = {"pymdownx.arithmatex": {"generic": True}}
        return markdown.markdown(
            caption.fill(fill), extensions=extensions, extension_configs=configs
        )


def _entity(character: re.Match[str]) -> str:
    return f"&#{ord(character[0])};"


def _program(file: str, path: str) -> str:
    """Return the name of a snippet or a record, linked to what a reader may see of it."""
    target = blocks.notebook_url(file) if file.endswith(".py") else file
    page = path.partition("/")[2]
    url = posixpath.relpath(target, posixpath.dirname(page) or ".")
    return f'<a href="{url}"><code>{file}</code></a>'


def _from_json(settings: Settings, span: Span) -> Scalar:
    file = settings.docs_folder / span.file
    try:
        value: Any = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        names = [p.relative_to(settings.docs_folder).as_posix() for p in _jsons(settings)]
        raise ValueError(
            f'no file "{span.file}" in {settings.docs}/.{near_match(span.file, names)}'
        ) from None
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


def _remark(ended: runner.Ended) -> str:
    """Return what the line on a run's end says besides its time."""
    if isinstance(ended.outcome, Problem):
        return " FAILED"
    programs = " and ".join(ended.outcome.programs)
    return f" (runs at every build: it starts {programs})" if programs else ""
