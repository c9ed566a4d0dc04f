"""Study 3: the music rows of Chung et al. 2014, run again; what is read is in ``data.rolls``.

One layer at the unit counts of Chung's Table 1, and a linear layer to the logits of the keys, whose
bias starts from how often each key sounds. A part of a piece starts from a state of zeros, so that
in longer pieces a cell is trained on less of what went before than it has in the test. After each
epoch the whole validation pieces are read; the best weights are kept. An epoch that brings nothing
better halves the rate, and PATIENCE of them in a row end the training. The limit of epochs keeps
the study within an hour on one core: MuseData, the largest set, may still be improving then.

The rule: by data set, the difference of mean test NLL, over all steps that are asked, for each two
cells with a 95% interval from resampled seeds; the lower cell is ahead, or "tie" where the interval
holds zero. The mean over pieces is recorded too: papers do not say which they take. Two guesses
that learn no music are trials without training.

None of the cells has Chung's peepholes or weight noise; Chung's GRU resets before the product.
"""

import copy
import math
from collections import defaultdict
from collections.abc import Callable
from itertools import combinations, repeat
from operator import itemgetter

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from gated.statistics import ahead, difference
from studies.data import Split
from studies.data.rolls import FILES, KEYS, Pieces, batches, guess, load, nll, parts
from studies.harness.networks import CELLS, Model
from studies.harness.study import Config, Outcome, Records, Study, Verdicts, grid
from studies.harness.training import drawn_from, train
from studies.harness.verdicts import gathered

SEEDS = {"JSB Chorales": 10, "Nottingham": 10, "MuseData": 5, "Piano-midi": 5}
RATES = (0.003, 0.01, 0.03)
TUNING_SEEDS = (100,)
#: What learns no music; see rolls.guess.
GUESSES = ("marginals", "last")
#: Chung et al. 2014, Table 1.
UNITS = {"gru": 46, "lstm": 36, "rnn": 100}
EPOCHS = {"JSB Chorales": 60, "Nottingham": 30, "MuseData": 20, "Piano-midi": 30}
#: The training ends after so many epochs that brought nothing better.
PATIENCE = 5
BATCH = 16
#: Steps of a piece that are trained on at once.
PART = 100
CLIP = 1.0
#: So many whole pieces, of nearly equal length, are read at once.
TOGETHER = 32
#: From rolls to the logits of each step's next: a network, or a guess.
Reader = Callable[[Tensor], Tensor]


def network(cell: str, start: Reader) -> Model:
    """Return a network that reads rolls and gives the next step's logits, at first as a guess."""
    model = Model(CELLS[cell](KEYS, UNITS[cell]), UNITS[cell], KEYS)
    with torch.no_grad():
        model.read.bias.copy_(start(model.read.bias))
    return model


def read(model: Reader, pieces: Pieces) -> tuple[Tensor, Tensor]:
    """Return the NLL of each step, (time, pieces), and whether it is asked: pieces are padded."""
    rolls = pad_sequence(list(pieces))
    lengths = torch.tensor([len(piece) for piece in pieces], device=rolls.device)
    asked = torch.arange(1, len(rolls), device=rolls.device)[:, None] < lengths
    return nll(model(rolls[:-1]), rolls[1:]), asked


def loss(model: Model, batch: Pieces) -> Tensor:
    """Return the mean NLL over the asked steps of parts of several lengths."""
    each, asked = read(model, batch)
    return each[asked].mean()


@torch.no_grad()
def evaluate(model: Reader, pieces: Pieces) -> tuple[float, float]:
    """Read whole pieces and return the mean NLL over all asked steps, and that over pieces."""
    by_length = sorted(pieces, key=len)
    totals, counts = [], []
    for start in range(0, len(pieces), TOGETHER):
        each, asked = read(model, by_length[start : start + TOGETHER])
        totals.append((each * asked).sum(0, dtype=torch.float64))
        counts.append(asked.sum(0))
    total, count = torch.cat(totals), torch.cat(counts)
    return float(total.sum() / count.sum()), float((total / count).mean())


def trained(config: Config, rolls: Split[Pieces], device: str = "cpu") -> Outcome:
    """Train from the configuration's seed, and return what came of it.

    Returns:
        ``train``, ``valid``, ``test``, the mean NLL of each split with the weights of
        ``best_epoch``, 0 for those from the start; ``test_by_piece``, the test's mean over pieces;
        ``epochs`` trained; ``updates``; ``diverged``, whether the loss left the numbers; ``loss``,
        the mean of each epoch's batches; ``curve``, validation's NLL after each epoch.
    """
    torch.manual_seed(config["seed"])
    model = network(config["cell"], guess("marginals", rolls.train)).to(device)
    drawn = drawn_from(config["seed"])
    adam = torch.optim.Adam(model.parameters(), lr=config["rate"])
    cut = parts(rolls.train, PART)
    an_epoch = -(-len(cut) // BATCH)
    each = (batch for _ in repeat(None) for batch in batches(cut, BATCH, drawn))
    kept, best, best_epoch = copy.deepcopy(model), evaluate(model, rolls.valid)[0], 0
    curve: list[float] = []

    def look() -> bool:
        nonlocal kept, best, best_epoch
        valid = evaluate(model, rolls.valid)[0]
        if not math.isfinite(valid):
            return True
        curve.append(round(valid, 5))
        if valid < best:
            kept, best, best_epoch = copy.deepcopy(model), valid, len(curve)
        else:
            adam.param_groups[0]["lr"] /= 2
        return len(curve) == best_epoch + PATIENCE

    course = train(
        model,
        adam,
        lambda: loss(model, next(each)),
        updates=EPOCHS[config["data"]] * an_epoch,
        look_every=an_epoch,
        look=look,
        clip=CLIP,
    )
    diverged = course.updates > len(curve) * an_epoch  # in an epoch, or at the look after it
    return _outcome(kept, rolls) | {
        "epochs": len(curve) + diverged,
        "best_epoch": best_epoch,
        "updates": course.updates,
        "diverged": diverged,
        "loss": course.losses[: len(curve)],
        "curve": curve,
    }


def guessed(kind: str, rolls: Split[Pieces]) -> Outcome:
    """Return what came of a guess, in the form of ``trained``."""
    return _outcome(guess(kind, rolls.train), rolls) | {"epochs": 0, "best_epoch": 0, "updates": 0}


def _outcome(model: Reader, rolls: Split[Pieces]) -> Outcome:
    (train, _), (valid, _), (test, by_piece) = (evaluate(model, pieces) for pieces in rolls)
    found = {"train": train, "valid": valid, "test": test, "test_by_piece": by_piece}
    rounded = {name: round(mean, 5) for name, mean in found.items()}
    return rounded | {"diverged": False, "loss": [], "curve": []}


def _run(config: Config, device: str) -> Outcome:
    read = load(config["data"])
    rolls: Split[Pieces] = Split(*([piece.to(device) for piece in pieces] for pieces in read))
    if config["cell"] in GUESSES:
        return guessed(config["cell"], rolls)
    return trained(config, rolls, device)


def _rule(records: Records) -> Verdicts:
    """Return, by data set and by two cells, the difference of test NLL and which is ahead."""
    verdicts: Verdicts = defaultdict(dict)
    for data, cells in gathered(records, "data", itemgetter("test")).items():
        for one, other in combinations(UNITS, 2):
            found = difference(cells[one], cells[other])
            ahead_is = ahead(found, one, other, lower_is_better=True)
            verdicts[data][f"{one} - {other}"] = found | {"ahead": ahead_is}
    return dict(verdicts)


STUDY = Study(
    name="music",
    question="Is the GRU ahead of the LSTM on Chung 2014's four sets of music, at its unit counts?",
    tuning=grid(data=FILES, cell=UNITS, rate=RATES, seed=TUNING_SEEDS, tuning=[1]),
    group=itemgetter("data", "cell"),
    score=lambda outcome: (outcome["valid"],),
    trials=grid(data=FILES, cell=GUESSES, seed=[0])
    + [
        config
        for config in grid(seed=range(10), data=FILES, cell=UNITS)
        if config["seed"] < SEEDS[config["data"]]
    ],
    run=_run,
    rule=_rule,
    settings="units keys guesses seeds rates tuning_seeds epochs patience batch part clip",
    # Two numbers of threads, and two sets of CPU instructions, agreed within 0.0001. An epoch more
    # or less before the end would cost some hundredths.
    tolerance={"test": 0.05, "diverged": 0},
    early=3,
    early_loss=0.001,
    files=lambda config: (FILES[config["data"]],),
)
