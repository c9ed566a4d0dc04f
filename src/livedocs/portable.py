"""Run the snippets as other machines would, and name all that then comes out otherwise.

The ways are the project's, ``[tool.livedocs.ways]``: fewer vector units, more threads, another
seed for hashes, numbers that differ in the last place. What a page prints and says must hold in
all of them, or a block that is pasted elsewhere prints something else.
"""

import copy
import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest

from .checks import expected
from .execution import Progress, records_of
from .files import digest, read_toml, text_digest, write_atomically
from .problems import Problem
from .record import CellResult
from .site import Site

Findings = dict[str, list[Problem]]

#: How many times the CPU time of the usual way another one may take.
_PATIENCE = 3.0


def run(site: Site, names: Collection[str], progress: Progress) -> Findings:
    """Run snippets of a prepared site in every way; a run that is kept is not repeated.

    Returns what differs from what the site has, by snippet.
    """
    settings = site.settings
    patient = replace(settings, seconds=_PATIENCE * settings.seconds)
    snippets = {name: site.snippets[name] for name in sorted(names)}
    findings: dict[str, list[Problem]] = defaultdict(list)
    sites = [site]
    for title, way in settings.ways.items():
        records, failures = records_of(patient, snippets, _titled(title, progress), way)
        other = copy.copy(site)
        other.records = {**site.records, **records}
        sites.append(other)
        for name, failure in failures.items():
            findings[name].append(_in_way(title, failure))
        for name in records:
            findings[name] += [_in_way(title, one) for one in _compare(site, other, name)]
    table = expected.table(site)
    for span in {(span.file, span.name): span for _, span in site.stated()}.values():
        if span.file in snippets and isinstance(site.scalar(span), float):
            values = [float(other.scalar(span)) for other in sites]
            for fault in expected.unsteady(span.name, table[span.file][span.name], values):
                findings[span.file].append(Problem(site.snippets[span.file].path, None, fault))
    return {name: problems for name, problems in findings.items() if problems}


def unproven(site: Site) -> list[str]:
    """Return the snippets of which no pass is committed for what they are and print here."""
    known = read_toml(site.settings.root / site.settings.portable)
    return [name for name in site.records if known.get(name) != _mark(site, name)]


def commit(site: Site, names: Iterable[str], findings: Findings) -> None:
    """Commit the passes of those of ``names`` of which nothing was found."""
    file = site.settings.root / site.settings.portable
    known = read_toml(file)
    known |= {name: _mark(site, name) for name in names if name not in findings}
    lines = ["# Snippets that print the same in every way. Written by `make portable`."]
    lines += [f'"{name}" = "{known[name]}"' for name in sorted(known) if name in site.records]
    write_atomically(file, "\n".join([*lines, ""]))


def _mark(site: Site, name: str) -> str:
    """Return a hash of all that decides what the snippet prints, but the machine, and of that."""
    settings, record = site.settings, site.records[name]
    # What lies outside the project, and what is looked for in vain, depends on the machine.
    dependencies = [
        f"{path} {known}"
        for path, known in sorted(record.dependencies.items())
        if not path.startswith("/") and known not in ("absent", "folder")
    ]
    locks = [digest(settings.root / path) for path in settings.locks]
    ways = [f"{title} {way.key}" for title, way in settings.ways.items()]
    printed = [f"{cell.output}{cell.errors}{cell.raised}" for cell in record.cells]
    return text_digest(site.snippets[name].text, *dependencies, *locks, *ways, *printed)[:16]


def _compare(site: Site, other: Site, name: str) -> Iterator[Problem]:
    """Yield what comes out otherwise of snippet ``name`` in ``other``."""
    snippet = site.snippets[name]
    records = (site.records[name].cells, other.records[name].cells)
    for cell, before, now in zip(snippet.cells, *records, strict=True):
        for here, there in _changed_lines(_printed(before), _printed(now)):
            yield Problem(snippet.path, cell.line, f'prints "{there}" in place of "{here}"')
    for path, span in site.stated():
        if span.file == name and (here := site.value(span)) != (there := other.value(span)):
            message = f'{span.name} of {name} is "{there}" in place of "{here}"'
            yield Problem(path, span.line, message)
    for claim in site.claims:
        for one in claim.evidence:
            if one.file == name:
                first, second = (one.says(each.records[name]) for each in (site, other))
                if first != second:
                    yield claim.problem(
                        f"{one.name} of {name} says {second:g} in place of {first:g}"
                    )


def _in_way(title: str, problem: Problem) -> Problem:
    return Problem(problem.path, problem.line, f"{title}: {problem.message}")


def _titled(title: str, progress: Progress) -> Progress:
    return lambda line: progress(f"{title}: {line}")


def _printed(cell: CellResult) -> list[str]:
    return f"{cell.output}{cell.raised or ''}".splitlines()


def _changed_lines(before: list[str], now: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each line that differs, beside the one that stands in its place."""
    matcher = difflib.SequenceMatcher(None, before, now, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            yield from zip_longest(before[a:b], now[c:d], fillvalue="")
