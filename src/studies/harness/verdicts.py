"""What the rules of the studies have in common: results by group, and two of them compared."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from gated.statistics import ahead, difference
from studies.harness.study import Config, Outcome, Records, Verdicts


def gathered(
    records: Records,
    names: str,
    value: Callable[[Outcome], Any],
    within: Callable[[Config], Any] = itemgetter("cell"),
) -> dict[str, dict[Any, list[Any]]]:
    """Return what came of the trials proper, in their order, by group and ``within`` it.

    The groups are called as verdicts are: by the settings ``names``, which spaces part here too.
    """
    found: dict[str, dict[Any, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        if "tuning" not in record.config:
            group = " ".join(str(record.config[name]) for name in names.split())
            found[group][within(record.config)].append(value(record.outcome))
    return found


def ruled(
    records: Records,
    word: str,
    names: str,
    value: Callable[[Outcome], Any],
    digits: int = 4,
    *,
    lowest: bool = False,
) -> Verdicts:
    """Return in each group how GRU and LSTM compare; see ``gathered`` and ``compared``."""
    found = gathered(records, names, value)
    return {at: compared(word, cells, digits, lowest=lowest) for at, cells in found.items()}


def compared(
    word: str,
    found: Mapping[str, Sequence[float]],
    digits: int = 4,
    *,
    pair: tuple[str, str] = ("gru", "lstm"),
    lowest: bool = False,
) -> Verdicts:
    """Return whose mean is highest, or lowest, or "tie", under ``word``, and the difference."""
    one, other = pair
    apart = difference(found[one], found[other], digits)
    return {word: ahead(apart, one, other, lower_is_better=lowest)} | apart
