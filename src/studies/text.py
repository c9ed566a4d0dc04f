"""Study 5: the characters of a text, by how much of it a network may look back on.

Networks with as many parameters as one with an LSTM of WIDTH units, or nearest to it, learn to name
the next character; the linear layer counts, for a wide state needs a large one. They are trained,
and tested, on windows of so many characters, each from a state of zero; whatever the length, all
see as much text.

The measure is the loss in bits for each character, at every position of a window. The rule: for
each length, the difference of the mean losses to the GRU's over whole windows, with a 95% interval
from resampled seeds. Where it leaves zero out, one of the two is better.
"""

import math
from functools import cache, partial
from operator import itemgetter

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from gated.characters import CHARACTERS
from studies.data import plays
from studies.harness.networks import CELLS, Model, build, nearest_width
from studies.harness.study import Config, Outcome, Records, Study, Verdicts, grid
from studies.harness.training import drawn_from, train
from studies.harness.verdicts import compared, gathered

LETTERS = len(CHARACTERS)
WIDTH = 96  # of the LSTM
UPDATES = 800
LOOK_EVERY = 80
READ = 2048  # characters at an update
CLIP = 1.0
CONTEXTS = (16, 64, 256)
TUNED_AT = 64
NETWORKS = ("gru", "lstm", "mingru")
SEEDS = tuple(range(5))
RATES = (0.003, 0.01, 0.03)
TUNING_SEEDS = (100, 101)


def network(cell: str, width: int) -> Model:
    """Return a network that scores every character to come."""
    return Model(CELLS[cell](LETTERS, width), width, LETTERS)


def losses(model: nn.Module, windows: Tensor) -> Tensor:
    """Return the loss at each position in nats, of windows (context + 1, windows)."""
    scores = model(one_hot(windows[:-1], LETTERS).float())
    return cross_entropy(scores.movedim(-1, 1), windows[1:], reduction="none")


def drawn_loss(
    model: nn.Module, letters: Tensor, context: int, drawn: Generator, device: str
) -> Tensor:
    """Return the mean loss in nats over the next windows, which are drawn from the letters."""
    steps = torch.arange(context + 1).unsqueeze(1)
    begin = torch.randint(len(letters) - context, (READ // context,), generator=drawn)
    return losses(model, letters[begin + steps].to(device)).mean()


def _run(config: Config, device: str) -> Outcome:
    """Train from the configuration's seed.

    Returns:
        ``bits``, the measure over whole windows; ``by_position``, at each position; ``valid``, as
        ``bits`` on validation; ``loss``, the mean training loss between looks, in nats;
        ``diverged``, whether it left the numbers.
    """
    text, context = plays.split(plays.read()), config["context"]
    model = build(config, LETTERS, hidden_size(config["cell"]), LETTERS, device=device)
    drawn = drawn_from(config["seed"])
    adam = torch.optim.Adam(model.parameters(), lr=config["rate"])
    falling = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, UPDATES)
    loss = partial(drawn_loss, model, text.train, context, drawn, device)
    course = train(model, adam, loss, UPDATES, LOOK_EVERY, schedule=falling, clip=CLIP)
    by_position = bits(model, text.test, context, device)
    return {
        "bits": round(by_position.mean().item(), 5),
        "by_position": [round(one, 4) for one in by_position.tolist()],
        "valid": round(bits(model, text.valid, context, device).mean().item(), 5),
        "loss": course.losses,
        "diverged": course.diverged,
    }


@cache
def hidden_size(cell: str) -> int:
    """Return the width of a network that has nearest to as many parameters as the LSTM's."""
    return nearest_width(network, cell, WIDTH, range(1, 8 * WIDTH))


@torch.no_grad()
def bits(model: nn.Module, letters: Tensor, context: int, device: str) -> Tensor:
    """Return the mean loss in bits at each position, (context,), over windows side by side."""
    windows = letters[: len(letters) // (context + 1) * (context + 1)].view(-1, context + 1)
    return losses(model, windows.T.to(device)).mean(1).cpu() / math.log(2)


def _rule(records: Records) -> Verdicts:
    """Return, by length, how the LSTM and minGRU compare with the GRU; the module says how."""
    return {
        f"{context} {cell}": compared("better", cells, pair=(cell, "gru"), lowest=True)
        for context, cells in gathered(records, "context", itemgetter("bits")).items()
        for cell in NETWORKS[1:]
    }


STUDY = Study(
    name="text",
    question="Which cell names the next character best, by how far it may look back?",
    tuning=grid(context=[TUNED_AT], cell=NETWORKS, rate=RATES, seed=TUNING_SEEDS, tuning=[1]),
    group=itemgetter("cell"),
    score=lambda outcome: (math.inf if outcome["diverged"] else outcome["valid"],),
    trials=grid(seed=SEEDS, context=CONTEXTS, cell=NETWORKS),
    run=_run,
    rule=_rule,
    settings=(
        "networks widths contexts updates look_every read clip seeds rates tuned_at tuning_seeds"
    ),
    computed=lambda: {"widths": {cell: hidden_size(cell) for cell in NETWORKS}},
    # Runs on one and on two threads, and with another instruction set, were equal to five digits.
    tolerance={"bits": 0.05, "diverged": 0},
    files=lambda config: (plays.FILE,),
)
