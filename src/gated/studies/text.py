"""Study 5: the characters of a text, by how much of it a network may look back on.

GRU (ours), LSTM (PyTorch's) and minGRU (ours, a step after the other) learn to name the next
character of tinyshakespeare, a linear layer reading each state. They have as many parameters as
with an LSTM of 96 units, or nearest to it; the linear layer counts, for a wide state needs a large
one. A network is trained, and tested, on windows of so many characters, each from a state of zero;
whatever the length, an update sees 2048 characters and every network 800 updates, so all see as
much text. Adam with a rate that falls to zero; the rate to start from is chosen once for each cell
on validation, at the middle length, on seeds of its own. Five seeds each.

The measure is the loss in bits for each character, at every position of a window, over the last
twentieth of the text; the twentieth before it is for validation. The rule: for each length, the
difference of the mean losses to the GRU's over whole windows, with a 95% interval from resampled
seeds. Where it leaves zero out, one of the two is better.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from statistics import fmean
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from gated.characters import CHARACTERS, DATA_FILE, encode
from gated.statistics import ahead, difference
from gated.studies import data
from gated.studies.study import Config, Outcome, Record, Study, Tolerance
from gated.studies.training import CELLS, nearest_width

LETTERS = len(CHARACTERS)
WIDTH = 96  # of the LSTM
UPDATES = 800
LOOK_EVERY = 80
READ = 2048  # characters at an update
CLIP = 1.0
CONTEXTS = (16, 64, 256)
TUNED_AT = 64
NETWORKS = ("gru", "lstm", "mingru")
SEEDS = range(5)
RATES = (0.003, 0.01, 0.03)
TUNING_SEEDS = (100, 101)


class Parts:
    """The places of the text's characters among all: to train on, to validate, to test."""

    def __init__(self, text: str) -> None:
        letters = encode(text).argmax(-1).squeeze(1)
        twentieth = len(letters) // 20
        self.train, self.valid, self.test = letters.split(
            [len(letters) - 2 * twentieth, twentieth, twentieth]
        )


@cache
def parts() -> Parts:
    """Return the text; see ``gated.studies.data`` for what happens where it is not there."""
    return Parts(data.path(DATA_FILE).read_text("ascii"))


class Reader(nn.Module):
    """A recurrent layer and a linear layer that scores every character to come."""

    def __init__(self, cell: str, width: int) -> None:
        super().__init__()
        self.layer, self.score = CELLS[cell](LETTERS, width), nn.Linear(width, LETTERS)

    def forward(self, windows: Tensor) -> Tensor:
        """Return the loss at each position in nats, of windows (context + 1, windows)."""
        x = one_hot(windows[:-1], LETTERS).float()
        scores = self.score(self.layer(x)[0]).flatten(0, 1)
        loss = cross_entropy(scores, windows[1:].flatten(), reduction="none")
        return loss.view(x.shape[:2])


def _run(config: Config, device: str) -> Outcome:
    """Train from the configuration's seed.

    Returns:
        ``bits``, the measure over whole windows; ``by_position``, at each position; ``valid``, as
        ``bits`` on validation; ``loss``, the mean training loss between looks, in nats;
        ``diverged``, whether it left the numbers.
    """
    text, context = parts(), int(config["context"])
    torch.manual_seed(int(config["seed"]))
    cell = str(config["cell"])
    model = Reader(cell, hidden_size(cell)).to(device)
    drawn = torch.Generator().manual_seed(1_000_003 * (int(config["seed"]) + 1))
    adam = torch.optim.Adam(model.parameters(), lr=float(config["rate"]))
    falling = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, UPDATES)
    steps = torch.arange(context + 1).unsqueeze(1)
    losses: list[float] = []
    since_look: list[float] = []
    for update in range(1, UPDATES + 1):
        begin = torch.randint(len(text.train) - context, (READ // context,), generator=drawn)
        loss = model(text.train[begin + steps].to(device)).mean()
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
            since_look = []
    by_position = bits(model, text.test, context, device)
    return {
        "bits": round(by_position.mean().item(), 5),
        "by_position": [round(one, 4) for one in by_position.tolist()],
        "valid": round(bits(model, text.valid, context, device).mean().item(), 5),
        "loss": losses,
        "diverged": bool(since_look),
    }


@cache
def hidden_size(cell: str) -> int:
    """Return the width of a network that has nearest to as many parameters as the LSTM's."""
    with torch.device("meta"):
        wanted = sum(weight.numel() for weight in Reader("lstm", WIDTH).parameters())
    return nearest_width(wanted, lambda width: Reader(cell, width), range(1, 8 * WIDTH))


@torch.no_grad()
def bits(model: Reader, letters: Tensor, context: int, device: str) -> Tensor:
    """Return the mean loss in bits at each position, (context,), over windows side by side."""
    windows = letters[: len(letters) // (context + 1) * (context + 1)].view(-1, context + 1)
    nats: Tensor = model(windows.T.to(device)).mean(1).cpu()
    return nats / math.log(2)


def _trial(cell: str, context: int, seed: int) -> Config:
    return {"cell": cell, "context": context, "seed": seed}


def _choose(records: Sequence[Record]) -> Mapping[str, Config]:
    """Choose for each cell the rate with the least mean loss on validation."""
    found: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        loss = math.inf if record.outcome["diverged"] else record.outcome["valid"]
        found[str(record.config["cell"])][float(record.config["rate"])].append(loss)
    return {
        cell: {"rate": min(rates, key=lambda rate: fmean(rates[rate]))}
        for cell, rates in found.items()
    }


def _rule(records: Sequence[Record]) -> dict[str, Any]:
    """Return, by length, how the LSTM and minGRU compare with the GRU; the module says how."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for record in records:
        if "tuning" not in record.config:
            group = str(record.config["cell"]), int(record.config["context"])
            found[group].append(record.outcome["bits"])
    verdicts: dict[str, Any] = {}
    for context in CONTEXTS:
        for cell in NETWORKS[1:]:
            apart = difference(found[cell, context], found["gru", context])
            better = ahead(apart, cell, "gru", lower_is_better=True)
            verdicts[f"{context} {cell}"] = {"better": better} | apart
    return verdicts


STUDY = Study(
    name="text",
    question="Which cell names the next character best, by how far it may look back?",
    tuning=[
        _trial(cell, TUNED_AT, seed) | {"rate": rate, "tuning": 1}
        for cell in NETWORKS
        for rate in RATES
        for seed in TUNING_SEEDS
    ],
    choose=_choose,
    group=lambda config: str(config["cell"]),
    trials=[
        _trial(cell, context, seed) for seed in SEEDS for context in CONTEXTS for cell in NETWORKS
    ],
    run=_run,
    rule=_rule,
    # Runs on one and on two threads, and with another instruction set, were equal to five digits.
    tolerance=Tolerance(early_loss=0.02, early=2, outcome={"bits": 0.05, "diverged": 0}),
    files=lambda config: (DATA_FILE,),
)
