"""One build of a site: run what its chapters need, then put the results into them."""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache, partial
from typing import Any, TypeVar

import markdown

from . import glossary, ledger, paths, works
from .addresses import Place, download_url, seen_from
from .chapter import Block, Chapter, Piece, Span, parse
from .execution import Progress, records_of
from .files import below, digest, locate, text_digest
from .plain import escaped
from .problems import Problem, near_match, read_text
from .record import Record, Scalar
from .settings import Settings
from .showing import choose, figures_shown
from .snippets import Snippet, read

#: What a title shows nothing of, or not as it is written.
_UNSEEN = re.compile(r"\[\^[^\]]+\]|\$")
_TAG = re.compile(r"<[^>]*>")
_POWER = re.compile(r"(?P<digits>\W?[\d.,]+)e\+?(?P<minus>\W?)0*(?P<power>\d*)")
_SOURCE_URL = partial(download_url, suffix=".py")

_Loaded = TypeVar("_Loaded")


class Waiting(Exception):
    """A snippet is still to run: what it gives is not there yet."""


Execute = Callable[
    [Settings, Mapping[str, Snippet], Progress], tuple[dict[str, Record], dict[str, Problem]]
]

#: By snippet, the alt text of each figure that a chapter shows: by cell, number.
Alts = dict[str, dict[tuple[str, int], str]]


class Site:
    """The chapters of a project, their snippets and the records of these."""

    def __init__(
        self,
        settings: Settings,
        chapters: Mapping[str, tuple[str, ...]] | None = None,
        execute: Execute = records_of,
    ) -> None:
        """Take the chapters, relative to their folder, each with the groups that it stands in.

        By default they are all Markdown that lies there, in no groups.
        ``execute`` gives the records of snippets; those that it does not give yet are waited for.
        """
        self.settings = settings
        self._execute = execute
        #: The files of the chapters, where they were given.
        self.published = [settings.docs_folder / name for name in chapters or ()]
        self.groups = dict(chapters or {})
        self.chapters: dict[str, Chapter] = {}
        self.snippets: dict[str, Snippet] = {}
        self.records: dict[str, Record] = {}
        #: What chapters may cite, by key.
        self.works: dict[str, works.Work] = {}
        #: The chapter that lists the works, if any does.
        self.list_of_works: str | None = None
        self.claims: list[ledger.Claim] = []
        #: The words that the glossary explains.
        self.terms: list[glossary.Term] = []
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
        self.snippets, self.failures = {}, {}
        self.claims = self._loaded(ledger.load) or []
        self.works = self._loaded(works.load) or {}
        self.terms = self._loaded(glossary.load) or []
        spans = ((path, span) for path, chapter in self.chapters.items() for span in chapter.spans)
        self.list_of_works = next((path for path, s in spans if s.kind == "references"), None)
        self._needs = {path: chapter.snippets() for path, chapter in self.chapters.items()}
        # In the order in which they are read: while serving, it is that of their runs.
        needed = [name for names in self._needs.values() for name in names]
        for name in dict.fromkeys([*needed, *sorted(ledger.snippets(self.claims))]):
            try:
                self.snippets[name] = read(self.settings, name)
            except (ValueError, Problem) as error:
                self.failures[name] = error
        self.records, failed = self._execute(self.settings, self.snippets, progress)
        self.failures |= failed
        self._name_shared_causes()

    @property
    def is_read(self) -> bool:
        """Whether every chapter could be read."""
        return len(self.chapters) >= len(self.published)

    def _read_chapters(self) -> Iterable[tuple[str, str]]:
        for file in self.published or below(self.settings.docs_folder, "*.md"):
            path = file.relative_to(self.settings.root).as_posix()
            try:
                yield path, read_text(file, path)
            except FileNotFoundError:
                self.problems.append(Problem(path, None, "cannot be read: a link to nothing"))
            except Problem as problem:
                self.problems.append(problem)

    def _loaded(self, load: Callable[[Settings], _Loaded]) -> _Loaded | None:
        """Return what a file of the project holds; None where that is a problem."""
        try:
            return load(self.settings)
        except Problem as problem:
            self.problems.append(problem)
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

    def problem(self, path: str, line: int | None, message: str) -> Problem:
        """Note what is wrong at a place, once; return it."""
        problem = Problem(path, line, message)
        for known in self.problems:
            # Where several snippets fail for one line, what is known is the message itself.
            if str(known) in (message, str(problem)):
                return known
        self.problems.append(problem)
        return problem

    def text(self, piece: Span, path: str, program_url: Callable[[str], str] = _SOURCE_URL) -> str:
        """Return the Markdown that takes the place of a piece. Raises ValueError.

        ``program_url`` gives the address at which a reader finds a snippet.
        """
        match piece.kind:
            case "references":
                return works.listed(self.works)
            case "claims" if piece.name:
                return ledger.stated(self.claims, piece.name)
            case "paths":
                return paths.listed(self, path, piece.name)
            case "claims":
                return ledger.listed(self, path, program_url)
            case "citation":
                return self._citation(piece.name, path)
        return self.value(piece)

    def repository_file(self, name: str, place: Place) -> str:
        """Return a file's name, linked where the repository is known. Raises ValueError."""
        if not (self.settings.root / name).is_file():
            raise ValueError(f'the repository has no file "{name}"')
        return f"[`{name}`]({place.files_url}/{name})" if place.files_url else f"`{name}`"

    def _citation(self, key: str, path: str) -> str:
        if key not in self.works:
            raise ValueError(f'no work is called "{key}".{near_match(key, self.works)}')
        page, short = self.list_of_works, self.works[key].short
        return f"[{short}]({seen_from(path, page)}#{key})" if page else short

    def stated(self) -> Iterator[tuple[str, Span]]:
        """Yield each value of a snippet that a chapter or a claim states, after that one's file."""
        claims = [(one.file, text) for one in self.claims for text in one.texts]
        for path, text in [*self.chapters.items(), *claims]:
            for span in text.spans:
                if span.kind == "value" and span.file.endswith(".py"):
                    yield path, span

    def value(self, span: Span) -> str:
        """Return the text of a ``{value}`` span. Raises ValueError: no such value or format."""
        value = self.scalar(span)
        try:
            text = format(value, span.spec)
        except (ValueError, OverflowError) as error:
            message = f'cannot format {span.name} of {span.file} as "{span.spec}": {error}'
            raise ValueError(message) from None
        if span.leads and text.isdigit():  # before a full stop it would begin a list
            return f"&#{ord(text[0])};{text[1:]}"
        return escaped(text) if isinstance(value, str) else _typeset(text)

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

    def alts(self) -> Alts:
        """Return the alt texts that chapters give."""
        texts: Alts = {name: {} for name in self.records}
        for block in (b for chapter in self.chapters.values() for b in chapter.blocks):
            if block.target not in self.records:
                continue
            try:
                shown = choose(self.snippets[block.target], block.cells)
            except ValueError:
                continue
            drawn = figures_shown(self.records[block.target], shown)
            for (cell, number, _), alt in zip(drawn, block.alts, strict=False):
                texts[block.target].setdefault((cell.title, number), alt)
        return texts

    def uses(self, name: str) -> list[str]:
        """Return the chapters that name snippet ``name``."""
        return [path for path, names in self._needs.items() if name in names]

    def page(self, path: str) -> str:
        """Return the source of chapter ``path`` below the folder of all chapters."""
        return path.removeprefix(f"{self.settings.docs}/")

    def digests(self) -> dict[str, str]:
        """Return of each chapter a digest of all that it is woven from."""
        settings = self.settings
        of_file, of_snippet = cache(digest), cache(self._digest)
        sources = cache(lambda: [*map(digest, below(settings.root / settings.sources, "*.py"))])
        digests = {}
        for path, chapter in self.chapters.items():
            spans = list(chapter.spans)
            names = set(chapter.snippets())
            if any(span.kind == "claims" and not span.name for span in spans):
                names |= ledger.snippets(self.claims)
            files = [name for name in (settings.references, settings.claims) if name]
            files += [f"{settings.docs}/{span.file}" for span in spans if span.kind == "value"]
            parts = [chapter.text, str(self.list_of_works)]
            parts += (of_file(settings.root / name) for name in files)
            parts += map(of_snippet, sorted(names))
            if any(block.kind == "source" for block in chapter.blocks):
                parts += sources()
            if any(span.kind == "paths" for span in spans):
                parts.append(paths.listed(self, path, ""))
            digests[path] = text_digest(*parts)
        return digests

    def _digest(self, name: str) -> str:
        """Return a digest of a snippet and of what its run left."""
        return text_digest(repr((self.snippets.get(name), self.records.get(name))))

    def title(self, path: str) -> str:
        """Return the title of chapter ``path`` as plain text; where it has none, its path."""
        try:
            text = self._filled(self.chapters[path].title, path)
        except (ValueError, Waiting):
            return path  # the page itself says what is wrong
        shown = _markdown(f"# {_UNSEEN.sub('', text)}", "attr_list")
        return html.unescape(_TAG.sub("", shown)).strip() or path

    def record(self, name: str) -> Record:
        """Return what the run of a snippet left.

        Raises ValueError: it failed, it did not run; Waiting: it is still to run.
        """
        if name in self.failures:
            raise ValueError(str(self.failures[name]))
        if name in self.snippets and name not in self.records:
            raise Waiting(name)
        if name not in self.records:
            raise ValueError(f'snippet "{name}" was not run: the chapter changed during the build')
        return self.records[name]

    def caption(self, block: Block, path: str) -> str:
        """Return the HTML of a block's caption. Raises ValueError."""
        return _markdown(self.plain_caption(block, path), "pymdownx.arithmatex")

    def plain_caption(self, block: Block, path: str) -> str:
        """Return a block's caption as Markdown. Raises ValueError."""
        return self._filled(block.caption, path, block.line)

    def _filled(self, text: str, path: str, line: int = 1) -> str:
        """Return a short Markdown text of a chapter with its values and citations filled in."""

        def fill(piece: Piece) -> str:
            return self.text(piece, path) if isinstance(piece, Span) else ""

        return parse(path, text, line).fill(fill)


def _typeset(number: str) -> str:
    """Return a formatted number as people print it: 7e-13 as a power of ten, with a minus sign."""
    number = number.replace("-", "\N{MINUS SIGN}")
    match = _POWER.fullmatch(number)
    if not match:
        return number
    digits, minus, power = match.groups()
    if not power:
        return digits
    raised = f"10<sup>{minus}{power}</sup>"
    return raised if digits == "1" else f"{digits} · {raised}"


@lru_cache(maxsize=2**10)  # titles are asked for at each build, and each time they are linked
def _markdown(text: str, extension: str) -> str:
    configs = {"pymdownx.arithmatex": {"generic": True}}
    return markdown.markdown(text, extensions=[extension], extension_configs=configs)


_loaded = lru_cache(json.loads)  # a page names many values of a file


def _from_json(settings: Settings, span: Span) -> Scalar:
    file = locate(settings.docs_folder, span.file, "file", settings.docs, "*.json")
    try:
        value: Any = _loaded(read_text(file, f"{settings.docs}/{span.file}"))
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
