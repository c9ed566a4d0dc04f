"""Running recorded trials again: the early losses must agree, then what came of them."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from studies.data import files
from studies.harness.study import Config, Outcome, Record, Study, described


def sample(records: Sequence[Record], count: int, seed: int = 0) -> list[Record]:
    """Return ``count`` of the quickest third of the records: a check is to be quick."""
    quick = sorted(records, key=lambda record: record.seconds)
    pool = quick[: max(count, len(quick) // 3)]
    return random.Random(seed).sample(pool, min(count, len(pool)))


def check_files(study: Study, config: Config) -> None:
    """Raise MissingError where a data file that the trial needs is not here."""
    for name in study.files(config):
        files.path(name)


def disagreement(study: Study, record: Record, again: Outcome) -> str:
    """Return what differs between a record and what its trial gave again, or "" where they agree.

    The losses of the beginning may differ by rounding, what came of the training by what the
    study's tolerance says. Whether there is a number at all, and any flag, must be the same.
    """
    name = described(record.config)
    losses = zip(_early(study, record.outcome), _early(study, again), strict=False)
    for number, (before, now) in enumerate(losses, 1):
        if not math.isclose(before, now, rel_tol=study.tolerance.early_loss):
            return f"{name}: loss {number} was {before:g} and is {now:g}"
    for key, allowed in study.tolerance.outcome.items():
        before, now = record.outcome[key], again[key]
        if not _alike(before, now, allowed):
            return f"{name}: {key} was {before} and is {now}"
    return ""


def side_by_side(study: Study, record: Record, again: Outcome) -> list[str]:
    """Return lines that show what a trial gave and gives: each number, and the first losses."""
    both = [
        (name, value, again[name])
        for name, value in record.outcome.items()
        if not isinstance(value, list | dict)
    ]
    losses = zip(_early(study, record.outcome), _early(study, again), strict=False)
    both += [(f"loss {number}", *pair) for number, pair in enumerate(losses, 1)]
    wide = max(len(name) for name, *_ in both)
    return [f"{name:{wide}}  {before!s:>12}  {now!s:>12}" for name, before, now in both]


def _alike(before: object, now: object, allowed: float) -> bool:
    if isinstance(before, bool) or isinstance(now, bool) or before is None or now is None:
        return before is now
    return abs(float(str(before)) - float(str(now))) <= allowed


def _early(study: Study, outcome: Outcome) -> list[float]:
    """Return the first losses, without those that are no numbers."""
    losses: list[float | None] = outcome["loss"]
    return [
        loss for loss in losses[: study.tolerance.early] if loss is not None and math.isfinite(loss)
    ]
