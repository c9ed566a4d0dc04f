"""Get the records of snippets: kept ones where they hold, the others from a run."""

from collections.abc import Callable, Mapping
from itertools import count

from . import runner
from .cache import Cache
from .problems import Problem
from .record import Record
from .settings import Settings
from .snippets import Snippet
from .way import Way

Progress = Callable[[str], None]


def records_of(
    settings: Settings, snippets: Mapping[str, Snippet], progress: Progress, way: Way | None = None
) -> tuple[dict[str, Record], dict[str, Problem]]:
    """Return the record of each of the ``snippets``, or what went wrong with it, by its name.

    Each run goes one way; what succeeds is kept.
    """
    cache = Cache(settings, way)
    records = cached(cache, snippets, progress)
    failures: dict[str, Problem] = {}
    stale = {snippet.path: name for name, snippet in snippets.items() if name not in records}
    numbers = count(1)
    told: set[tuple[object, str]] = set()

    def finished(ended: runner.Ended) -> None:
        name = stale[ended.path]
        if isinstance(ended.outcome, Record):
            records[name] = ended.outcome
            cache.put(snippets[name], ended.outcome)
        else:
            failures[name] = ended.outcome
        progress(f"[{next(numbers)}/{len(stale)}] {summary(ended)}")
        if isinstance(ended.outcome, Problem):
            cause = ended.outcome.origin or ended.path, ended.outcome.message
            if cause not in told and ended.written:
                progress(ended.written)
            told.add(cause)

    if stale:
        progress(f"running {len(stale)} of {len(snippets)} snippets")
        # A short program seldom computes for long: begun last, they let all cores end together.
        queue = sorted((snippets[name] for name in stale.values()), key=lambda one: -len(one.text))
        runner.run(settings, queue, finished, way)
    return records, failures


def cached(cache: Cache, snippets: Mapping[str, Snippet], progress: Progress) -> dict[str, Record]:
    """Return the valid records of snippets, by their names."""
    found = {name: cache.get(snippet) for name, snippet in snippets.items()}
    for path in cache.damaged:
        progress(f"warning: the kept record of {path} was damaged; running it again")
    return {name: record for name, record in found.items() if record is not None}


def summary(ended: runner.Ended) -> str:
    """Return the line on a run's end."""
    line = f"{ended.path} {ended.seconds:.1f} s"
    if isinstance(ended.outcome, Problem):
        return f"{line} FAILED"
    programs = " and ".join(ended.outcome.programs)
    return f"{line} (runs at every build: it starts {programs})" if programs else line
