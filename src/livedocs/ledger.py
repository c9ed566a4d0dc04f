"""The ledger: claims, each with a verdict that follows from its evidence at every build.

    - id: fewer-parameters
      claim: A GRU has fewer parameters than an LSTM
      verdict: holds
      why: Three blocks against four.
      evidence:
        - proof: parameters/formula.py gru_is_smaller
          says: What is found, in words, where the rule alone is hard to read.
      settle: What experiment would decide it, if that is not plain.
      page: parameters.md
      sources: [cho2014]

Each piece of evidence has a kind, which gives it a weight, and names a variable of a snippet, such
as ``gru_is_smaller = gru_total < lstm_total``. The variable says which way the piece speaks, and
how far: from 1, wholly for the claim, to -1, wholly against it. True is 1, and False is 0: that a
rule does not hold is no evidence for its opposite, so what speaks against a claim has a minus.
Weight times variable is what the piece says. Which verdict follows is in :func:`verdict`; the entry
states the one that its text was written for. A claim without evidence, such as a date, rests on its
sources, and its entry says so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from math import fsum
from typing import TYPE_CHECKING, Any, Final

from .addresses import seen_from
from .chapter import Chapter, Fault, Piece, Span, parse
from .problems import Entry, Problem, entries, near_match
from .record import Record
from .settings import Settings
from .snippets import Snippet

if TYPE_CHECKING:
    from .site import Site

#: The kinds of evidence: what each weighs, and what it is.
KINDS: Final = {
    "proof": (8, "follows from equations or definitions; a program checks that the code agrees"),
    "study": (4, "an experiment whose rule was fixed before its first trial, on several seeds"),
    "rerun": (3, "a published table, run again by such a rule"),
    "published": (2, "what others have printed or released: figures, dates, programs"),
    "toy": (1, "one small network, or weights that were set by hand"),
}
#: What one side has to say before there is a verdict.
ENOUGH: Final = 2
#: What every kind weighs where a page tells which verdicts hang on the weights.
ALIKE: Final = 4
#: How many times as much it has to say as the other, for a verdict of "mostly" and for a whole one.
MOSTLY, WHOLLY = 2, 9
#: All verdicts, from yes to no, and what each takes.
VERDICTS: Final = {
    "holds": f"at least {WHOLLY} times as much for it as against it",
    "mostly holds": f"at least {MOSTLY} times as much for it as against it",
    "holds in part": f"neither side has {MOSTLY} times as much as the other",
    "mostly does not hold": f"at least {MOSTLY} times as much against it as for it",
    "does not hold": f"at least {WHOLLY} times as much against it as for it",
    "lacks evidence": f"neither side comes to {ENOUGH}",
    "not measurable here": "what would settle it is not to be had",
}


def sides(says: Iterable[float]) -> tuple[float, float]:
    """Return how much pieces of evidence that say this, each with its sign, are for and against."""
    said = [*says]
    return fsum(max(one, 0) for one in said), fsum(max(-one, 0) for one in said)


def verdict(says: Iterable[float]) -> str:
    """Return the verdict that follows from what pieces of evidence say, each with its sign."""
    for_it, against_it = sides(says)
    if max(for_it, against_it) < ENOUGH:
        return "lacks evidence"
    if for_it >= MOSTLY * against_it:
        return "holds" if for_it >= WHOLLY * against_it else "mostly holds"
    if against_it >= MOSTLY * for_it:
        return "does not hold" if against_it >= WHOLLY * for_it else "mostly does not hold"
    return "holds in part"


@dataclass(frozen=True)
class Evidence:
    """A variable of a snippet, and the kind of evidence that it is."""

    kind: str
    file: str
    name: str
    #: What is found, in words, where the page is not to show the rule in their place.
    words: str = ""

    @property
    def weight(self) -> int:
        return KINDS[self.kind][0]

    def says(self, record: Record) -> float:
        """Return the variable's value in the snippet's ``record``, times the weight of its kind.

        Raises ValueError: it is not True, False or a number from -1 to 1.
        """
        value = record.values.get(self.name)
        if isinstance(value, int | float) and -1 <= value <= 1:
            return self.weight * value
        if self.name not in record.values | record.others:
            near = near_match(self.name, record.values)
            raise ValueError(f'{record.path} has no variable "{self.name}".{near}')
        kind = record.others.get(self.name, type(value).__name__)
        found = value if isinstance(value, int | float) else f"of type {kind}"
        raise ValueError(
            f"{self.name} of {record.path} must be True, False or a number from -1 to 1, "
            f"and is {found}"
        )

    def rule(self, snippet: Snippet) -> str:
        """Return the line that assigns the variable. Raises ValueError: none assigns it alone."""
        try:
            return f"{self.name} = {_assigned(snippet.text)[self.name]}"
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
    #: What experiment would settle it.
    settle: str = ""
    sources: tuple[str, ...] = ()
    #: The chapter that argues it, with or without an anchor.
    page: str = ""

    @property
    def texts(self) -> list[Chapter]:
        """What ``why``, ``settle`` and the words of each piece of evidence say, parsed."""
        written = self.why, self.settle, *(one.words for one in self.evidence)
        return [parse(self.file, text, self.line) for text in written]

    def problem(self, message: str) -> Problem:
        return Problem(self.file, self.line, f'"{self.id}": {message}')


def load(settings: Settings) -> list[Claim]:
    """Return all claims; what is wrong with the file is a :class:`Problem` of one line."""
    path, message = settings.claims or "", "must hold a list of claims"
    return [*map(_claim, entries(settings.root, path, message, Claim, "a claim"))]


def snippets(claims: Iterable[Claim]) -> set[str]:
    """Return the snippets that claims rest on, or take values from."""
    named = {one.file for claim in claims for one in claim.evidence}
    return named.union(*(text.snippets() for claim in claims for text in claim.texts))


def weighed(site: Site, claim: Claim) -> dict[Evidence, float]:
    """Return what each piece of a claim's evidence says: what is for it first, the best first.

    Raises ValueError: a piece says nothing that could be weighed, or no line shows its rule, or
    another verdict follows than the one that is stated.
    """
    says = {}
    for one in claim.evidence:
        says[one] = one.says(site.record(one.file))
        one.rule(site.snippets[one.file])
    if says and (given := verdict(says.values())) != claim.verdict:
        pieces = ", ".join(f"{one.name} {_signed(said)}" for one, said in says.items())
        raise ValueError(f'says "{claim.verdict}", but its evidence gives "{given}": {pieces}')
    return dict(sorted(says.items(), key=lambda item: (item[1] <= 0, -abs(item[1]))))


def stated(claims: Sequence[Claim], name: str) -> str:
    """Return the verdict of the claim ``name``, or how many claims have the verdict ``name``.

    With "all" it is how many claims there are, with "bar" a bar of how many have each verdict, with
    "table" a table of all with their verdicts, with "weights" one of what each kind of evidence
    weighs, with "verdicts" one of what each verdict takes. Raises ValueError: no such name.
    """
    verdicts = {claim.id: claim.verdict for claim in claims}
    if name in verdicts:
        return verdicts[name]
    if name == "table":
        rows = [f"| [{one.claim}](#{one.id}) | {_marked(one.verdict)} |" for one in claims]
        return "\n".join(["| Claim | Verdict |", "| --- | --- |", *rows])
    if name == "weights":
        rows = [f"| {kind} | {weight} | {what} |" for kind, (weight, what) in KINDS.items()]
        return "\n".join(["| Kind | Weight | What it is |", "| --- | :-: | --- |", *rows])
    counts = {one: sum(one == each for each in verdicts.values()) for one in VERDICTS}
    if name == "bar":
        return _bar({one: count for one, count in counts.items() if count})
    if name == "verdicts":
        rows = [f"| {_marked(one)} | {takes} | {counts[one]} |" for one, takes in VERDICTS.items()]
        return "\n".join(["| Verdict | What it takes | Claims |", "| --- | --- | :-: |", *rows])
    counts["all"] = len(claims)
    if name not in counts:
        near = near_match(name, [*counts, "bar", "table", "weights", "verdicts", *verdicts])
        raise ValueError(f'no verdict and no claim is called "{name}".{near}')
    return str(counts[name])


def _bar(counts: dict[str, int]) -> str:
    """Return a bar divided as verdicts are, and its legend, which says the same in words."""
    parts = [
        f'<span class="verdict-part {_class(one)}" style="flex-grow: {count}">{count}</span>'
        for one, count in counts.items()
    ]
    legend = [f"<li>{_marked(one)} {count}</li>" for one, count in counts.items()]
    return (
        f'<div class="verdicts"><div class="verdict-bar" aria-hidden="true">{"".join(parts)}</div>'
        f"<ul>{''.join(legend)}</ul></div>"
    )


def _marked(verdict: str, text: str = "") -> str:
    """Return a verdict with the name by which a style sheet marks it."""
    return f'<span class="verdict {_class(verdict)}">{text or verdict}</span>'


def _class(verdict: str) -> str:
    return f"verdict-{verdict.replace(' ', '-')}"


def listed(site: Site, path: str, url: Callable[[str], str]) -> str:
    """Return all claims of a site with what each rests on, as Markdown for the chapter ``path``.

    ``url`` is where a snippet is to be seen. Raises ValueError for what :func:`weighed` does, and
    for a value or a work that there is not.
    """
    parts: list[str] = []
    others = []
    for claim in site.claims:
        try:
            says = weighed(site, claim)
            parts += _paragraphs(site, claim, says, path, url)
        except ValueError as error:
            raise ValueError(str(claim.problem(str(error)))) from None
        alike = verdict(ALIKE * said / one.weight for one, said in says.items())
        if says and alike != claim.verdict:
            others.append(f"[{claim.claim}](#{claim.id}) (*{alike}*)")
    found = (
        f"{len(others)} of these verdicts would be others{': ' * any(others)}{'; '.join(others)}"
    )
    return "\n\n".join([f"If all kinds weighed the same, {found}.", *parts])


def _paragraphs(
    site: Site, claim: Claim, says: dict[Evidence, float], path: str, url: Callable[[str], str]
) -> list[str]:
    def fill(piece: Piece) -> str:
        match piece:
            case Span(kind="value" | "citation"):
                return site.text(piece, path)
            case Fault(problem=problem):
                raise ValueError(problem.message)
        raise ValueError("its texts may hold {value} spans and citations, and nothing else")

    def item(one: Evidence, said: float) -> str:
        """Return what a piece says and by which rule; its snippet is linked to where it is seen."""
        address = seen_from(path.partition("/")[2], url(one.file))
        rule = one.rule(site.snippets[one.file])
        shown, title = f"`{rule}`", ""
        if words[one]:
            shown, title = f"{words[one]}, `{one.name}`", f' title="{escape(rule)}"'
        link = f'<a href="{address}"{title}><code>{one.file}</code></a>'
        return f"- **{_signed(said)}** of {one.weight}, {one.kind}: {shown} in {link}"

    why, settle, *told = (text.fill(fill).strip() for text in claim.texts)
    words = dict(zip(claim.evidence, told, strict=True))
    stated = _marked(claim.verdict, f"**{claim.verdict.capitalize()}.**")
    parts = [f"## {claim.claim} {{#{claim.id}}}", f"{stated} {why}"]
    if says:
        parts += ["\n".join(item(*each) for each in says.items())]
    rests = [_summed(says) if says else "Rests on its sources alone."]
    if settle:
        rests.append(f"What would settle it: {settle}")
    if claim.page:
        rests.append(f"[Argued here]({claim.page}).")
    if claim.sources:
        sources = [site.text(Span("citation", claim.line, name=key), path) for key in claim.sources]
        rests.append(f"Sources: {'; '.join(sources)}.")
    return [*parts, " ".join(rests)]


def _summed(says: dict[Evidence, float]) -> str:
    """Return both sums, and which pieces would each give another verdict if they turned round."""
    found: dict[str, list[str]] = {}
    for one, said in says.items():
        given = verdict((says | {one: -said}).values())
        if given != verdict(says.values()):
            found.setdefault(given, []).append(f"`{one.name}`")
    for_it, against_it = (f"{round(side, 2):g}" for side in sides(says.values()))
    changes = "; ".join(f"{' or '.join(names)} (*{given}*)" for given, names in found.items())
    return (
        f"In sum {for_it} for it and {against_it} against it. What would change the verdict, "
        f"if it came out the other way: {changes or 'no single piece'}."
    )


def _signed(said: float) -> str:
    said = round(said, 2)
    return f"{said:+g}".replace("-", "\N{MINUS SIGN}") if said else "0"


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
    for name in ("page", "settle"):
        if not isinstance(given.get(name, ""), str):
            raise fault(f'"{name}" must be a text')
    evidence = tuple(_evidence(one, fault) for one in given.pop("evidence"))
    sources = tuple(map(str, given.pop("sources")))
    if not evidence and not sources:
        raise fault("needs evidence or a source")
    named = [(one.file, one.name) for one in evidence]
    for file, name in named:
        if named.count((file, name)) > 1:
            raise fault(f'has the same evidence twice: "{file} {name}"')
    return Claim(entry.path, entry.line, evidence=evidence, sources=sources, **given)


def _evidence(given: Any, fault: Callable[[str], Problem]) -> Evidence:
    words = given.pop("says", "") if isinstance(given, dict) else ""
    if not isinstance(words, str):
        raise fault('has evidence whose "says" is not a text')
    if not isinstance(given, dict) or len(given) != 1:
        raise fault('has evidence that is not a line of "kind: file.py variable"')
    ((kind, text),) = given.items()
    if kind not in KINDS:
        known = near_match(str(kind), KINDS) or f" There are {', '.join(KINDS)}."
        raise fault(f'has evidence of an unknown kind, "{kind}".{known}')
    file, _, name = str(text).partition(" ")
    if not file.endswith(".py") or not name.strip().isidentifier():
        raise fault(f'has evidence that does not name a file.py and a variable of it: "{text}"')
    return Evidence(kind, file, name.strip(), words)
