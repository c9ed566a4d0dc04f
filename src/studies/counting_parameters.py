"""Study 2 at equal parameters, too: how far a trained network counts, each cell tuned by itself.

In *counting* the LSTM had a third more parameters than the GRU, and its rate was the largest of
three. Here a GRU whose width brings it nearest to the LSTM's parameters runs as well, and for each
language, cell and budget rate, start and clipping are chosen by successive halving among the same
draws; see ``harness.search``. Chrono draws the memory of a unit up to the longest string of the
training. Languages, training and measure are those of *counting*: the largest n such that all
strings up to it are accepted, see ``gated.tasks.languages``. The choice is made within the range of
the training. Then 10 fresh seeds.

The endpoint: the mean over seeds of log2 of the largest n, of at least one. TOP is the most that is
tried, so whoever gets there counts as TOP.

The rule: for each language and budget the difference, GRU minus LSTM, with its 95% interval
(Welch): in doublings of how far they count. The verdict is "equal" if it lies within log2(5/4) by
two one-sided tests, else the cell that counts further by Holm's p below 0.05 over the four, else
"open". Beside it, how many seeds accept all strings of the training. That no trial of a tuning did
so is named, but hinders no verdict: not to learn to count is what the study asks about.

What would change our mind about *counting*: a GRU at equal parameters that is equal, or further, in
both languages. Left out, for the study is to take less than a core-hour: other numbers of units,
the plain RNN, longer trainings.
"""

import math
from dataclasses import asdict
from operator import itemgetter

from gated.tasks.languages import LANGUAGES
from studies import counting
from studies.counting import TOP, UPDATES, WIDTH
from studies.harness.equivalence import LEVEL, judged
from studies.harness.halving import HalvedStudy, Halving
from studies.harness.networks import width_in
from studies.harness.search import SEARCH, largest_norm, rungs
from studies.harness.study import Config, Outcome, Records, Verdicts, grid
from studies.harness.verdicts import gathered

ARMS = ("gru width", "lstm width", "gru parameters")
SEEDS = tuple(range(10))
#: The loss is noted, and the strings of the training are tried, so often in a training.
LOOKS = 20
#: As much further counts as equal.
MARGIN = 5 / 4


def width_of(language: str, budget: str) -> int:
    """Return a cell's units beside an LSTM of WIDTH."""
    return width_in(budget, LANGUAGES[language].letters + 1, WIDTH)


def _run(config: Config, device: str) -> Outcome:
    width, updates = width_of(config["language"], config["budget"]), config["limit"]
    clip = largest_norm(config)
    return counting.trained(config, device, width, updates, clip, updates // LOOKS)


def _rule(records: Records) -> Verdicts:
    """Return who counts further by language and budget; the module says how."""
    found = gathered(records, "language cell budget", lambda outcome: outcome, lambda config: "")
    doublings = {
        at: [math.log2(max(1, one["longest"])) for one in of[""]] for at, of in found.items()
    }
    pairs = {
        f"{language} {budget}": {
            "gru": doublings[f"{language} gru {budget}"],
            "lstm": doublings[f"{language} lstm width"],
        }
        for language in LANGUAGES
        for budget in ("width", "parameters")
    }
    learned = {
        " ".join(one.config[name] for name in ("language", "cell", "budget"))
        for one in records
        if "tuning" in one.config and one.outcome["solved"]
    }
    margins = dict.fromkeys(pairs, math.log2(MARGIN))
    return {
        "counts further": judged(pairs, margins, lower_is_better=False, digits=3),
        "accept their training": {
            at: sum(one["solved"] for one in of[""]) for at, of in found.items()
        },
        "never in tuning": [at for at in found if at not in learned],
    }


_GROUPS: list[Config] = [
    {
        "language": language,
        "length": letters * most,
        "cell": arm.split()[0],
        "budget": arm.split()[1],
    }
    for language, (letters, most) in LANGUAGES.items()
    for arm in ARMS
]

STUDY = HalvedStudy(
    name="counting_parameters",
    question="Does a trained LSTM count further than a GRU of as many parameters, each tuned?",
    groups=_GROUPS,
    halving=Halving(
        **SEARCH,
        rungs=rungs(UPDATES),
        score=lambda config, outcome: counting.STUDY.score(outcome),
        solved=itemgetter("solved"),
    ),
    group=itemgetter("language", "cell", "budget"),
    trials=[one | rest for one in _GROUPS for rest in grid(seed=SEEDS, limit=[UPDATES])],
    run=_run,
    rule=_rule,
    settings="width widths arms top seeds updates looks batch search margin level",
    computed=lambda: {
        "widths": {language: width_of(language, "parameters") for language in LANGUAGES},
        "batch": counting.BATCH,
        "level": LEVEL,
        "search": SEARCH | {"rungs": [*map(asdict, rungs(UPDATES))]},
    },
    tolerance={"longest": TOP, "diverged": 0},
    early=1,
    early_loss=0.1,
)
