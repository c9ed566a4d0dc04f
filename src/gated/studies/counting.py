"""Study 2: how far a small trained network counts.

After Weiss, Goldberg and Yahav, arXiv 1805.04908: networks of ten units learn to name the next
symbol in the strings of a^n b^n, n below 100, and of a^n b^n c^n, n below 50. Then they get longer
strings. The measure is the largest n such that all strings up to it are accepted; what that means
is in ``gated.tasks.languages``. It is looked for up to 1000; whoever gets there is censored.

GRU (ours: it is the faster one on a CPU, and gives the values of PyTorch's) and LSTM (PyTorch's)
have ten seeds, the plain RNN (PyTorch's) has five. All see the same strings, as often, with Adam
and a rate that falls to zero. The rate to start from is chosen once for each language and cell, on
seeds of its own, after a shorter training, and within its range: longer strings have no say in it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gated.statistics import ahead, difference
from gated.studies.study import Config, Outcome, Record, Study, Tolerance
from gated.studies.training import CELLS
from gated.tasks.languages import LANGUAGES, NOTHING, accepted, draw, encoded, longest

WIDTH = 10
TOP = 1000
RATES = (0.003, 0.01, 0.03)
TUNING_SEEDS = (100, 101)
SEEDS = {"gru": 10, "lstm": 10, "rnn": 5}
UPDATES = 7000
TUNING_UPDATES = 2800
BATCH = 16
CLIP = 1.0
#: After every so many updates the loss is noted, and the strings of the training are tried.
LOOK_EVERY = 350


class Model(nn.Module):
    """A recurrent layer and a linear layer that names the next symbol after every step."""

    def __init__(self, cell: str, letters: int, width: int = WIDTH) -> None:
        super().__init__()
        self.layer = CELLS[cell](letters + 1, width)
        self.read = nn.Linear(width, letters + 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of all symbols: (time, batch, letters + 1), as ``x``."""
        scores: Tensor = self.read(self.layer(x)[0])
        return scores


def _run(config: Config, device: str) -> Outcome:
    """Train from the configuration's seed and return how far the network counts.

    Returns:
        ``longest``, the measure; ``right``, how many of the training's strings were accepted at
        each look; ``solved``, whether all were at the last; ``diverged``, whether the loss left the
        numbers; ``loss``, its mean between looks.
    """
    letters, most = LANGUAGES[str(config["language"])]
    torch.manual_seed(int(config["seed"]))
    model = Model(str(config["cell"]), letters).to(device)
    data = torch.Generator().manual_seed(1_000_003 * (int(config["seed"]) + 1))
    adam = torch.optim.Adam(model.parameters(), lr=float(config["rate"]), fused=True)
    updates = TUNING_UPDATES if "tuning" in config else UPDATES
    falling = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, updates)
    losses: list[float] = []
    right: list[int] = []
    since_look: list[float] = []
    for update in range(1, updates + 1):
        read, wanted = (part.to(device) for part in draw(most, letters, BATCH, data))
        scores = model(encoded(read, letters))
        loss = cross_entropy(scores.flatten(0, 1), wanted.flatten(), ignore_index=NOTHING)
        since_look.append(loss.item())
        if not math.isfinite(since_look[-1]):
            break
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        adam.step()
        falling.step()
        if update % LOOK_EVERY == 0:
            losses.append(round(fmean(since_look), 5))
            right.append(int(accepted(model, range(1, most + 1), letters).sum()))
            since_look = []
    diverged = bool(since_look)
    return {
        "longest": 0 if diverged else longest(model, letters, TOP),
        "solved": not diverged and right[-1] == most,
        "diverged": diverged,
        "right": right,
        "loss": losses,
    }


def _group(config: Config) -> str:
    return f"{config['language']} {config['cell']}"


def _choose(records: Sequence[Record]) -> Mapping[str, Config]:
    """Choose for each group the rate with the most training strings accepted; then the least loss.

    Both are means over the tuning's seeds, at the end of training. A trial that diverged has none.
    """
    scores: dict[str, dict[float, list[tuple[float, float]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for record in records:
        out = record.outcome
        end = (0.0, -9.0) if out["diverged"] else (float(out["right"][-1]), -out["loss"][-1])
        scores[_group(record.config)][float(record.config["rate"])].append(end)

    def mean(score: tuple[float, list[tuple[float, float]]]) -> tuple[float, float]:
        return fmean(right for right, _ in score[1]), fmean(loss for _, loss in score[1])

    return {group: {"rate": max(rates.items(), key=mean)[0]} for group, rates in scores.items()}


def _rule(records: Sequence[Record]) -> dict[str, Any]:
    """Return the verdicts: for each language, which of GRU and LSTM counts further.

    That is decided by the difference of the means over seeds of the largest n, GRU minus LSTM, with
    a 95% interval from resampled seeds. Where the interval holds zero it is a tie.
    """
    found: dict[str, list[int]] = defaultdict(list)
    for record in records:
        if "tuning" not in record.config:
            found[_group(record.config)].append(record.outcome["longest"])
    verdicts: dict[str, Any] = {}
    for language in LANGUAGES:
        apart = difference(found[f"{language} gru"], found[f"{language} lstm"], digits=1)
        further = ahead(apart, "gru", "lstm", lower_is_better=False)
        verdicts[language] = {"counts further": further} | apart
    return verdicts


def _trial(language: str, cell: str, seed: int) -> Config:
    return {"language": language, "cell": cell, "seed": seed}


STUDY = Study(
    name="counting",
    question="Does a trained LSTM count further than a trained GRU?",
    tuning=[
        _trial(language, cell, seed) | {"rate": rate, "tuning": 1}
        for language in LANGUAGES
        for cell in SEEDS
        for rate in RATES
        for seed in TUNING_SEEDS
    ],
    choose=_choose,
    group=_group,
    trials=[
        _trial(language, cell, seed)
        for seed in range(max(SEEDS.values()))
        for language in LANGUAGES
        for cell, seeds in SEEDS.items()
        if seed < seeds
    ],
    run=_run,
    rule=_rule,
    # Runs on one and on two threads were equal in all digits. Another processor rounds otherwise,
    # and then the end of training may differ; its beginning may not.
    tolerance=Tolerance(early_loss=0.02, early=2, outcome={"longest": TOP, "diverged": 0}),
)
