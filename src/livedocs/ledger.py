"""The ledger: claims, each with a verdict that its evidence must bear out at every build.

    - id: fewer-parameters
      claim: A GRU has fewer parameters than an LSTM
      verdict: holds
      why: Three blocks against four.
      evidence:
        - for: parameters/formula.py gru_is_smaller
      page: parameters.md
      sources: [cho2014]

Each piece of evidence names a snippet and a variable of it that must be True, such as
``gru_is_smaller = gru_total < lstm_total``. What is ``for`` the claim and what is ``against`` it
decide the verdict: it holds, or does not, or holds with a condition where there is some of both. A
claim without evidence, such as a date, rests on its sources, and its entry says so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .addresses import seen_from
from .chapter import Chapter, Fault, Piece, Span, parse
from .problems import Entry, Problem, entries, near_match
from .record import Record
from .settings import Settings
from .snippets import Snippet

if TYPE_CHECKING:
    from .site import Site

#: Which kinds of evidence each verdict needs.
VERDICTS: Final[dict[str, set[str]]] = {
    "holds": {"for"},
    "holds with a condition": {"for", "against"},
    "does not hold": {"against"},
    "not measurable here": set(),
}


@dataclass(frozen=True)
class Evidence:
    """A variable of a snippet that must be True, and which way it speaks."""

    side: str
    file: str
    name: str

    def is_true(self, record: Record) -> bool:
        """Return the variable's value in the snippet's ``record``. Raises ValueError: no bool."""
        value = record.values.get(self.name)
        if isinstance(value, bool):
            return value
        if self.name not in record.values | record.others:
            known = [name for name, value in record.values.items() if isinstance(value, bool)]
            near = near_match(self.name, known)
            raise ValueError(f'{record.path} has no variable "{self.name}".{near}')
        kind = record.others.get(self.name, type(value).__name__)
        raise ValueError(
            f"{self.name} of {record.path} must be True or False, and is of type {kind}"
        )

    def rule(self, snippet: Snippet, record: Record) -> str:
        """Return the expression that the snippet assigns to the variable.

        Raises ValueError: it is not true, or no top-level statement assigns it alone.
        """
        if not self.is_true(record):
            raise ValueError(f"its evidence is not true: {self.name} ({self.file})")
        try:
            return _assigned(snippet.text)[self.name]
        except KeyError:
            message = f'{snippet.path} has no line "{self.name} = ..." that a reader could see'
            raise ValueError(message) from None


@lru_cache  # many pieces of evidence stand in one snippet, and each is shown in several forms
def _assigned(program: str) -> dict[str, str]:
    """Return what top-level statements of a program assign to each name alone, as it is written."""
    found: dict[str, str] = {}
    for statement in ast.parse(program).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                rule = ast.get_source_segment(program, value) or ""
                found[name] = ast.unparse(value) if "\n" in rule else rule
    return found


@dataclass(frozen=True)
class Claim:
    """One entry, and the file and the line on which it begins."""

    file: str
    line: int
    id: str
    claim: str
    verdict: str
    why: str
    evidence: tuple[Evidence, ...] = ()
    sources: tuple[str, ...] = ()
    #: The chapter that argues it, with or without an anchor.
    page: str = ""

    @property
    def reason(self) -> Chapter:
        """What ``why`` says, parsed."""
        return parse(self.file, self.why, self.line)

    def problem(self, message: str) -> Problem:
        return Problem(self.file, self.line, f'"{self.id}": {message}')


def load(settings: Settings) -> list[Claim]:
    """Return all claims; what is wrong with the file is a :class:`Problem` of one line."""
    path, message = settings.claims or "", "must hold a list of claims"
    return [*map(_claim, entries(settings.root, path, message, Claim, "a claim"))]


def snippets(claims: Iterable[Claim]) -> set[str]:
    """Return the snippets that claims rest on, or take values from."""
    named = {one.file for claim in claims for one in claim.evidence}
    return named.union(*(claim.reason.snippets() for claim in claims))


def stated(claims: Sequence[Claim], name: str) -> str:
    """Return the verdict of the claim ``name``, or how many claims have the verdict ``name``.

    With "all" it is how many claims there are. Raises ValueError: no such claim or verdict.
    """
    verdicts = {claim.id: claim.verdict for claim in claims}
    if name in verdicts:
        return verdicts[name]
    if name not in (known := [*VERDICTS, "all"]):
        near = near_match(name, [*known, *verdicts])
        raise ValueError(f'no verdict and no claim is called "{name}".{near}')
    return str(sum(name in (verdict, "all") for verdict in verdicts.values()))


def listed(site: Site, path: str, url: Callable[[str], str]) -> str:
    """Return all claims of a site with their verdicts, as Markdown for the chapter ``path``.

    ``url`` is where a snippet is to be seen. Raises ValueError for evidence that is not true, and
    for a value or a work that there is not.
    """
    rows = [f"| [{one.claim}](#{one.id}) | {one.verdict} |" for one in site.claims]
    parts = ["\n".join(["| Claim | Verdict |", "| --- | --- |", *rows])]
    for claim in site.claims:
        try:
            parts += _paragraphs(site, claim, path, url)
        except ValueError as error:
            raise ValueError(str(claim.problem(str(error)))) from None
    return "\n\n".join(parts)


def _paragraphs(site: Site, claim: Claim, path: str, url: Callable[[str], str]) -> list[str]:
    def fill(piece: Piece) -> str:
        match piece:
            case Span(kind="value" | "citation"):
                return site.text(piece, path)
            case Fault(problem=problem):
                raise ValueError(problem.message)
        raise ValueError('"why" may hold {value} spans and citations, and nothing else')

    def rule(one: Evidence) -> str:
        """Return the rule of a piece of evidence, and the snippet, linked to where it is seen."""
        address = seen_from(path.partition("/")[2], url(one.file))
        return f'`{site.rule(one)}` in <a href="{address}"><code>{one.file}</code></a>'

    rests = [] if claim.evidence else ["Rests on its sources alone."]
    sides = ("for", "against")
    rules = {side: [rule(one) for one in claim.evidence if one.side == side] for side in sides}
    rests += [f"{side.capitalize()} it: {'; '.join(own)}." for side, own in rules.items() if own]
    why = claim.reason.fill(fill).strip()
    if claim.page:
        rests.append(f"[Argued here]({claim.page}).")
    if claim.sources:
        sources = [site.text(Span("citation", claim.line, name=key), path) for key in claim.sources]
        rests.append(f"Sources: {'; '.join(sources)}.")
    return [
        f"## {claim.claim} {{#{claim.id}}}",
        f"**{claim.verdict.capitalize()}.** {why}",
        " ".join(rests),
    ]


def _claim(entry: Entry) -> Claim:
    given, fault = entry.given, entry.fault
    for name in ("id", "claim", "verdict", "why"):
        if not isinstance(given.get(name), str) or not given[name].strip():
            raise fault(f'needs "{name}", a text')
    if given["verdict"] not in VERDICTS:
        raise fault(f'has no verdict "{given["verdict"]}".{near_match(given["verdict"], VERDICTS)}')
    for name in ("evidence", "sources"):
        if not isinstance(given.setdefault(name, []), list):
            raise fault(f'"{name}" must be a list')
    if not isinstance(given.get("page", ""), str):
        raise fault('"page" must be a text')
    evidence = tuple(_evidence(one, fault) for one in given.pop("evidence"))
    sources = tuple(map(str, given.pop("sources")))
    if not evidence and not sources:
        raise fault("needs evidence or a source")
    claim = Claim(entry.path, entry.line, evidence=evidence, sources=sources, **given)
    sides = {one.side for one in evidence}
    if evidence and VERDICTS[claim.verdict] != sides:
        allowed = " or ".join(f'"{one}"' for one, needed in VERDICTS.items() if needed == sides)
        found = " and ".join(sorted(sides))
        raise fault(f'says "{claim.verdict}", but its evidence is {found} it: {allowed}')
    return claim


def _evidence(given: Any, fault: Callable[[str], Problem]) -> Evidence:
    if not isinstance(given, dict) or len(given) != 1 or not {*given} <= {"for", "against"}:
        raise fault('has evidence that is not a line of "for: file name" or "against: file name"')
    ((side, text),) = given.items()
    file, _, name = str(text).partition(" ")
    if not file.endswith(".py") or not name.strip().isidentifier():
        raise fault(f'has evidence that does not name a file.py and a variable of it: "{text}"')
    return Evidence(side, file, name.strip())
