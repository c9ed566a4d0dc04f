"""Study 3: the music rows of Chung et al. 2014, run again.

Is the GRU ahead of the LSTM, and either of a plain tanh RNN, on four data sets of piano rolls, at
the unit counts of Chung's Table 1? Ten seeds on JSB Chorales and Nottingham, five on MuseData and
Piano-midi. The learning rate is chosen once for each data set and cell, on validation, on a seed of
its own.

What is trained: one layer of 46 GRU, 36 LSTM or 100 tanh units, and a linear layer to the logits of
88 keys, whose bias starts from how often each key sounds; all else starts as PyTorch starts it.
Adam, with the gradient's norm clipped at 1 as in Chung's recipe, on batches of parts of pieces. A
part asks for at most 100 steps and starts from a state of zeros, so that in longer pieces a cell is
trained on less of what went before than it has in the test. After each epoch the whole validation
pieces are read; the best weights are kept. An epoch that brings nothing better halves the rate, and
five of them in a row end the training, as does the limit of epochs. That limit keeps the study
within an hour on one core: MuseData, the largest set, has the lowest, and may still be improving.

The measure: the negative log likelihood in nats of the next step's 88 keys, summed over keys and
averaged over all steps of a split but each piece's first. Pieces are read whole. The test's mean
over pieces, each by the mean of its steps, is recorded too: papers do not say which they take.

The rule: by data set, the difference of mean test NLL for each two cells with a 95% interval from
resampled seeds; the lower cell is ahead, or "tie" where the interval holds zero. Beside the cells
stand two guesses that learn no music, as trials without training.

Which code: training.CELLS, our GRU, which gives the values of PyTorch's, and PyTorch's LSTM and
RNN. None has Chung's peepholes or weight noise; Chung's GRU resets before the product.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import Any

from gated.statistics import ahead, difference
from gated.studies.music_training import UNITS, guessed, train
from gated.studies.rolls import FILES, Rolls, load
from gated.studies.study import Config, Outcome, Record, Study, Tolerance

SEEDS = {"JSB Chorales": 10, "Nottingham": 10, "MuseData": 5, "Piano-midi": 5}
RATES = (0.003, 0.01, 0.03)
TUNING_SEEDS = (100,)
#: What learns no music; see rolls.guess.
GUESSES = ("marginals", "last")


def _run(config: Config, device: str) -> Outcome:
    rolls = load(str(config["data"]))
    if config["cell"] in GUESSES:
        return guessed(str(config["cell"]), rolls)
    if device != "cpu":
        rolls = Rolls(*([p.to(device) for p in s] for s in (rolls.train, rolls.valid, rolls.test)))
    return train(config, rolls, device)


def _trial(data: str, cell: str, seed: int) -> Config:
    return {"data": data, "cell": cell, "seed": seed}


def _trials() -> list[Config]:
    guesses = [_trial(data, kind, 0) for data in FILES for kind in GUESSES]
    return guesses + [
        _trial(data, cell, seed)
        for seed in range(max(SEEDS.values()))
        for data in FILES
        for cell in UNITS
        if seed < SEEDS[data]
    ]


def _tuning() -> list[Config]:
    return [
        _trial(data, cell, seed) | {"rate": rate, "tuning": 1}
        for data in FILES
        for cell in UNITS
        for rate in RATES
        for seed in TUNING_SEEDS
    ]


def _group(config: Config) -> str:
    return f"{config['data']} {config['cell']}"


def _choose(records: Sequence[Record]) -> Mapping[str, Config]:
    """Choose, for each data set and cell, the rate with the lowest mean validation NLL."""
    found: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        rate = float(record.config["rate"])
        found[_group(record.config)][rate].append(record.outcome["valid"])
    chosen = {group: min(of, key=lambda rate: fmean(of[rate])) for group, of in found.items()}
    nothing: dict[str, Config] = {f"{data} {kind}": {} for data in FILES for kind in GUESSES}
    return nothing | {group: {"rate": rate} for group, rate in chosen.items()}


def _rule(records: Sequence[Record]) -> dict[str, Any]:
    """Return, by data set and by two cells, the difference of test NLL and which is ahead."""
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    for record in records:
        if "tuning" not in record.config:
            of = str(record.config["data"]), str(record.config["cell"])
            taken[of].append(record.outcome["test"])
    verdicts: dict[str, Any] = {}
    for data in FILES:
        verdicts[data] = {}
        for one, other in combinations(UNITS, 2):
            found = difference(taken[data, one], taken[data, other])
            ahead_is = ahead(found, one, other, lower_is_better=True)
            verdicts[data][f"{one} - {other}"] = found | {"ahead": ahead_is}
    return verdicts


STUDY = Study(
    name="music",
    question="Is the GRU ahead of the LSTM on Chung 2014's four sets of music, at its unit counts?",
    tuning=_tuning(),
    choose=_choose,
    group=_group,
    trials=_trials(),
    run=_run,
    rule=_rule,
    # Two numbers of threads, and two sets of CPU instructions, agreed within 0.0001. An epoch more
    # or less before the end would cost some hundredths.
    tolerance=Tolerance(early_loss=0.001, early=3, outcome={"test": 0.05, "diverged": 0}),
    files=lambda config: (FILES[str(config["data"])],),
)
