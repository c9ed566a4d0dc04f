"""Tuning by successive halving: many settings are tried for short, the best third goes on."""

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from studies.harness.study import Config, Outcome, Records, Study, key

#: Gives trials to run, is sent what came of them, and in the end returns what was found.
_Found = tuple[tuple[float, ...], Config]
_Search = Generator[list[Config], list[Outcome], _Found]


@dataclass(frozen=True)
class Rung:
    """How long settings are tried that have come so far, and from which seeds."""

    limit: int
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Halving:
    """Where settings are drawn from, and how the best are found.

    Every group draws the same settings, so that no cell has the better luck. Where nothing solves
    its task in any trial, as many are drawn again. Where the best rate lies in the outer eighth of
    the range (by logarithms), ``more`` are drawn from as far beyond as three eighths of it; that is
    done again for the wider range, but no more than ``extensions`` times.

    Attributes:
        low: The lowest rate; rates are log-uniform.
        high: The highest one.
        others: The other settings by name, each with the values that it is drawn from.
        draws: How many settings a search begins with.
        rungs: The trials of each step; the best third of its settings goes on to the next.
        more: How many settings are drawn beyond an end of the range.
        extensions: How often, at most.
        score: What is least for the best settings, on average over the seeds of a rung, of a trial
            and what came of it. Of equals in its first number the second decides, and so on.
        solved: Whether a trial solved its task.
    """

    low: float
    high: float
    others: Mapping[str, Sequence[Any]]
    draws: int
    rungs: tuple[Rung, ...]
    more: int
    extensions: int
    score: Callable[[Config, Outcome], tuple[float, ...]]
    solved: Callable[[Outcome], bool]

    def drawn(self, lot: int, count: int, low: float, high: float) -> list[Config]:
        """Return the settings of a lot, which are the same at every call."""
        draw = np.random.default_rng([7, lot])
        rates = np.exp(draw.uniform(math.log(low), math.log(high), count))
        settings: list[Config] = [{"rate": float(f"{rate:.3g}")} for rate in rates]
        for name, values in self.others.items():
            for one, place in zip(settings, draw.integers(len(values), size=count), strict=True):
                one[name] = values[place]
        return settings

    def search(self) -> Generator[list[Config], list[Outcome], Config]:
        """Give trials to run, be sent what came of them, and return the settings that win."""
        low, high = self.low, self.high
        best, is_solved = yield from self._climb(self.drawn(0, self.draws, low, high))
        if not is_solved:
            again, _ = yield from self._climb(self.drawn(1, self.draws, low, high))
            best = min(best, again, key=lambda found: found[0])
        edge = math.log(high / low) / 8
        for lot in range(2, 2 + self.extensions):
            rate, wider = best[1]["rate"], math.exp(3 * edge)
            if math.log(rate / low) < edge:
                low, ends = low / wider, (low / wider, low)
            elif math.log(high / rate) < edge:
                high, ends = high * wider, (high, high * wider)
            else:
                break
            beyond, _ = yield from self._climb(self.drawn(lot, self.more, *ends))
            best = min(best, beyond, key=lambda found: found[0])
        return best[1]

    def _climb(
        self, settings: list[Config]
    ) -> Generator[list[Config], list[Outcome], tuple[_Found, bool]]:
        """Return the best of a lot with its score on the last rung, and whether any solved."""
        is_solved = False
        ranked: list[_Found] = []
        for step, rung in enumerate(self.rungs, 1):
            settings = settings[: math.ceil(len(settings) / 3)] if step > 1 else settings
            trials = [
                one | {"seed": seed, "limit": rung.limit, "tuning": step}
                for one in settings
                for seed in rung.seeds
            ]
            outcomes = yield trials
            is_solved |= any(map(self.solved, outcomes))
            scores = list(map(self.score, trials, outcomes))
            count = len(rung.seeds)
            ranked = [
                (tuple(map(fmean, zip(*scores[n * count : (n + 1) * count], strict=True))), one)
                for n, one in enumerate(settings)
            ]
            ranked.sort(key=lambda found: found[0])
            settings = [one for _, one in ranked]
        return ranked[0], is_solved


@dataclass(frozen=True, kw_only=True)
class HalvedStudy(Study):
    """A study whose every group is tuned by successive halving.

    Attributes:
        groups: The groups: what all trials of one have in common.
        halving: How each is tuned.
    """

    groups: Sequence[Config]
    halving: Halving

    def searched(self, records: Records) -> list[Config]:
        """Return the trials of the tuning that are known by now, in their order."""
        return [trial for trials, _ in self._followed(records) for trial in trials]

    def choose(self, records: Records) -> dict[Any, Config]:
        """Return the settings that won, of each group whose search is at its end."""
        found = zip(self.groups, self._followed(records), strict=True)
        return {self.group(one): best for one, (_, best) in found if best is not None}

    def _followed(self, records: Records) -> list[tuple[list[Config], Config | None]]:
        """Return of each group the trials that are known, and the settings if they are found."""
        outcomes = {key(one.config): one.outcome for one in records if "tuning" in one.config}
        return [_followed(self.halving, group, outcomes) for group in self.groups]


def _followed(
    halving: Halving, group: Config, outcomes: Mapping[str, Outcome]
) -> tuple[list[Config], Config | None]:
    known: list[Config] = []
    search = halving.search()
    batch = next(search)
    while True:
        trials = [group | trial for trial in batch]
        known += trials
        try:
            batch = search.send([outcomes[key(trial)] for trial in trials])
        except KeyError:  # some have not ended, so nobody knows yet what goes on
            return known, None
        except StopIteration as found:
            return known, found.value
