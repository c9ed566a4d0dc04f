"""Running recorded trials again: the early losses must agree, then what came of them."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from gated.studies import data
from gated.studies.study import Config, Outcome, Record, Study, described


def sample(records: Sequence[Record], count: int, seed: int = 0) -> list[Record]:
    """Return ``count`` of the quickest third of the records: a check is to be quick."""
    quick = sorted(records, key=lambda record: record.seconds)
    pool = quick[: max(count, len(quick) // 3)]
    return random.Random(seed).sample(pool, min(count, len(pool)))


def lacking(study: Study, config: Config) -> str:
    """Return why the trial cannot be run here for want of a data file, or "" where it can."""
    try:
        for name in study.files(config):
            data.path(name)
    except data.MissingError as error:
        return str(error)
    return ""


def disagreement(study: Study, record: Record, device: str = "cpu") -> str:
    """Run a recorded trial again and return what differs, or "" where it agrees.

    The losses of the beginning may differ by rounding, what came of the training by what the
    study's tolerance says. Whether there is a number at all, and any flag, must be the same.
    """
    again = study.run(record.config, device)
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
