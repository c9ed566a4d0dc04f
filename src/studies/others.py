"""Beside the two cells of *decisive*: the plain RNN and minGRU on its tasks, as context.

The three tasks over 10, 30 and 100 steps, at 32 units like the cells of *decisive*, with its search
at each length, its limit and its endpoint; but 8 seeds. A plain RNN has no gate that keeps, so
nothing of it is started otherwise: of what it draws, rate and clipping alone count. At equal width
both have far fewer parameters than a GRU: the RNN a third, and minGRU, whose gates do not see the
state, fewer still.

The rule gives no verdict, on the saying or on anything else. For each task, length and cell it says
how many seeds solved the task, the median of their updates, those at the limit counting as the
limit, and whether any trial of the tuning solved it.

What would change our mind: nothing, for no verdict rests on this. Left out, for the study is to
take four core-hours: 300 and 1,000 steps, equal parameters, and two layers, without which minGRU's
gates see one input and no more.
"""

from dataclasses import replace
from statistics import median

from gated.tasks import TASKS
from studies import decisive
from studies.decisive import LIMIT, RECIPE
from studies.harness.study import Config, Outcome, Records, Verdicts, grid
from studies.harness.verdicts import gathered

CELLS = ("rnn", "mingru")
LENGTHS = (10, 30, 100)
SEEDS = tuple(range(8))


def _run(config: Config, device: str) -> Outcome:
    start = "default" if config["cell"] == "rnn" else config["start"]
    return decisive.STUDY.run(config | {"start": start}, device)


def _rule(records: Records) -> Verdicts:
    """Return what came of each cell in each task and length; the module says what."""
    names = "task length cell"
    solved_in_tuning = {
        " ".join(str(one.config[name]) for name in names.split())
        for one in records
        if "tuning" in one.config and one.outcome["solved_at"] is not None
    }
    found = gathered(records, names, RECIPE.updates, within=lambda config: "updates")
    return {
        at: {
            "solved": sum(took < LIMIT for took in of["updates"]),
            "seeds": len(of["updates"]),
            "updates": median(of["updates"]),
            "solved in tuning": at in solved_in_tuning,
        }
        for at, of in found.items()
    }


_GROUPS = [config | {"budget": "width"} for config in grid(length=LENGTHS, task=TASKS, cell=CELLS)]

STUDY = replace(
    decisive.STUDY,
    name="others",
    question="How do a plain RNN and minGRU fare on the tasks of decisive, tuned as its cells are?",
    groups=_GROUPS,
    trials=[one | {"seed": seed, "limit": LIMIT} for one in _GROUPS for seed in SEEDS],
    run=_run,
    rule=_rule,
    settings="recipe cells lengths width seeds search noted_every",
    computed=lambda: {
        name: decisive.STUDY.declared()[name] for name in ("width", "search", "noted_every")
    },
)
