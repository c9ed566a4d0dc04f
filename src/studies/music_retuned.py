"""Study 3 once more on its two small sets of music: five rates, three seeds of tuning, a margin.

In *music* each cell's rate was chosen from three on one seed. Here it is chosen from five on three
seeds, so that no end of the range need win, for JSB Chorales and Piano-midi. All else is as there,
but all have ten seeds, and no guesses are run.

The endpoint: the mean test NLL in nats, over all steps that are asked. The rule: for each set and
each two cells the difference of the means with its 95% interval (Welch). The verdict is "equal" if
it lies within 0.05 nats by two one-sided tests, else the lower cell by Holm's p below 0.05 over all
six, else "open". A choice at an end of the range is named beside it.

What would change our mind about *music*: a lead of one cell there that turns to the other here, or
to "equal". Left out, for the study is to take less than half a core-hour: the two large sets,
starts of the gates, equal parameters, weight noise.
"""

from dataclasses import replace
from itertools import combinations
from operator import itemgetter

from studies import music
from studies.harness.equivalence import LEVEL, judged
from studies.harness.study import Records, Verdicts, grid
from studies.harness.verdicts import gathered
from studies.music import UNITS

DATA = ("JSB Chorales", "Piano-midi")
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
TUNING_SEEDS = (100, 101, 102)
SEEDS = tuple(range(10))
#: Differences of the NLL in nats as small count as none.
MARGIN = 0.05


def _rule(records: Records) -> Verdicts:
    """Return by data set and two cells which is lower; the module says how."""
    test = gathered(records, "data", itemgetter("test"))
    pairs = {
        f"{data}: {one} - {other}": {one: cells[one], other: cells[other]}
        for data, cells in test.items()
        for one, other in combinations(UNITS, 2)
    }
    rates = gathered(records, "data cell", lambda outcome: 0, lambda config: config["rate"])
    return {
        "lower": judged(pairs, dict.fromkeys(pairs, MARGIN), lower_is_better=True),
        "at an end of the rates": [
            at for at, chosen in rates.items() if not {RATES[0], RATES[-1]}.isdisjoint(chosen)
        ],
    }


STUDY = replace(
    music.STUDY,
    name="music_retuned",
    question="Is the GRU ahead of the LSTM on the two small sets of music, on three tuning seeds?",
    tuning=grid(data=DATA, cell=UNITS, rate=RATES, seed=TUNING_SEEDS, tuning=[1]),
    trials=grid(seed=SEEDS, data=DATA, cell=UNITS),
    rule=_rule,
    settings="units data seeds rates tuning_seeds epochs patience batch part clip margin level",
    computed=lambda: (
        {"level": LEVEL}
        | {
            name: music.STUDY.declared()[name]
            for name in ("units", "epochs", "patience", "batch", "part", "clip")
        }
    ),
)
