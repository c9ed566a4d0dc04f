"""What the rules of the studies have in common: results by group, and two of them compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gated.statistics import ahead, difference
from studies.harness.study import Config, Outcome, Record


def gathered(
    records: Sequence[Record], group: Callable[[Config], Any], value: Callable[[Outcome], Any]
) -> dict[Any, list[Any]]:
    """Return what came of the trials proper, in their order, by the group that each belongs to."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for record in records:
        if "tuning" not in record.config:
            found[group(record.config)].append(value(record.outcome))
    return found


def compared(
    word: str, sides: Mapping[str, Sequence[float]], digits: int = 4, *, lowest: bool = False
) -> dict[str, Any]:
    """Return whose mean is highest, or lowest, or "tie", under ``word``, and the difference."""
    (one, ones), (other, others) = sides.items()
    found = difference(ones, others, digits)
    return {word: ahead(found, one, other, lower_is_better=lowest)} | found
