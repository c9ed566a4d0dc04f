"""Snippets that run while pages are served: what has ended is there at the next build."""

import threading
from collections.abc import Callable, Iterator, Mapping

from . import runner
from .cache import Cache
from .execution import Progress, cached, summary
from .problems import Problem
from .record import Record
from .settings import Settings
from .snippets import Snippet

#: How long a build waits for a few snippets, which spares it a second one.
_PATIENCE_SECONDS = 1.5
_FEW = 4


class Background(Iterator[Snippet]):
    """Runs snippets in a thread, those first that somebody looks at.

    It iterates over what is to run next; where nothing is, there may be more later.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Call ``tell`` with the name of each snippet whose run has come to its end."""
        self._tell = tell
        self._condition = threading.Condition()
        self._is_busy = self._is_closed = False
        self._settings: Settings | None = None
        self._progress: Progress = print
        #: What is to run, by name, in order.
        self._waiting: dict[str, Snippet] = {}
        #: The name of what runs now, and how often files had changed when that began.
        self._running: dict[Snippet, tuple[str, int]] = {}
        #: What came of runs that no cache keeps.
        self._outcomes: dict[Snippet, Record | Problem] = {}
        self._wanted: tuple[str, ...] = ()
        self._changes = self._done = 0

    @property
    def progress(self) -> tuple[int, int]:
        """How many snippets have run, and of how many; both are 0 where none is left."""
        left = len(self._waiting) + len(self._running)
        return (self._done, self._done + left) if left else (0, 0)

    @property
    def left(self) -> set[str]:
        """The snippets that have not come to their end."""
        return {*self._waiting, *(name for name, _ in list(self._running.values()))}

    def want(self, *names: str) -> None:
        """Let these run before all others."""
        self._wanted = names

    def close(self) -> None:
        """Begin nothing more: this process comes to its end."""
        with self._condition:
            self._is_closed = True

    def forget(self) -> None:
        """A file has changed: what failed may come out otherwise."""
        with self._condition:
            self._changes += 1
            self._outcomes.clear()

    def records_of(
        self, settings: Settings, snippets: Mapping[str, Snippet], progress: Progress
    ) -> tuple[dict[str, Record], dict[str, Problem]]:
        """Return what is known of snippets, records and failures; begin to run the others."""
        self._settings, self._progress = settings, progress
        records = cached(Cache(settings), snippets, progress)
        with self._condition:
            left = {
                n: s for n, s in snippets.items() if n not in records and s not in self._outcomes
            }
            self._waiting = {n: s for n, s in left.items() if s not in self._running}
            if self._waiting and not self._is_busy:
                progress(f"running {len(self._waiting)} of {len(snippets)} snippets")
                self._is_busy, self._done = True, 0
                threading.Thread(target=self._run, daemon=True).start()
            if not self._is_busy:  # the next edit need not wait for what snippets import
                runner.warm_up(settings)
            if len(left) <= _FEW:
                self._condition.wait_for(lambda: not self.left & left.keys(), _PATIENCE_SECONDS)
            outcomes = {n: self._outcomes.get(s) for n, s in snippets.items() if n not in records}
        records |= cached(Cache(settings), left, progress)
        records |= {n: one for n, one in outcomes.items() if isinstance(one, Record)}
        return records, {n: one for n, one in outcomes.items() if isinstance(one, Problem)}

    def _run(self) -> None:
        assert self._settings is not None
        while True:
            try:
                runner.run(self._settings, self, self._finished)
            except OSError:
                if not self._is_closed:  # else the server of the runs is gone already
                    raise
                return
            except Problem as problem:  # nothing can run
                with self._condition:
                    ended = [*self._running, *self._waiting.values()]
                    self._outcomes |= dict.fromkeys(ended, problem)
                    self._waiting, self._running = {}, {}
            with self._condition:
                if self._is_closed or not self._waiting:
                    self._is_busy = False
                    self._condition.notify_all()
                    break
        self._tell("")

    def __next__(self) -> Snippet:
        with self._condition:
            if self._is_closed or not self._waiting:
                raise StopIteration
            first = next(iter(self._waiting))
            name = next((name for name in self._wanted if name in self._waiting), first)
            snippet = self._waiting.pop(name)
            self._running[snippet] = name, self._changes
        return snippet

    def _finished(self, ended: runner.Ended) -> None:
        assert self._settings is not None
        snippet, outcome = ended.snippet, ended.outcome
        with self._condition:
            name, changes = self._running.pop(snippet)
            if isinstance(outcome, Record) and not outcome.programs:
                Cache(self._settings).put(snippet, outcome)
            elif changes == self._changes:
                self._outcomes[snippet] = outcome
            else:
                self._waiting.setdefault(name, snippet)
            self._done += 1
            done, count = self.progress
            self._condition.notify_all()
        self._progress(f"[{done or self._done}/{count or self._done}] {summary(ended)}")
        if isinstance(outcome, Problem) and ended.written:
            self._progress(ended.written)
        self._tell(name)
