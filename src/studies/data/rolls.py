"""Piano rolls: which of the 88 keys sound at each step, in the four data sets of Chung et al. 2014.

The sets are Boulanger-Lewandowski's of 2012, in the split that came with them. A step is foretold
from those before it, so a piece of T steps asks for its last T - 1. The measure is the negative log
likelihood in nats: the binary cross entropies of a step's 88 keys are summed.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from scipy.io import loadmat
from torch import Generator, Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from studies.data import Split, files

KEYS = 88
FILES = {
    "JSB Chorales": "JSB_Chorales.mat",
    "Nottingham": "Nottingham.mat",
    "MuseData": "MuseData.mat",
    "Piano-midi": "Piano_midi.mat",
}
#: The pieces of a part of a data set, each (steps, KEYS) of 0.0 and 1.0.
Pieces = Sequence[Tensor]


def load(name: str) -> Split[Pieces]:
    """Read a data set, once its file's checksum is seen to be right.

    Raises:
        ValueError: no file, another file, or no such data set.
    """
    if name not in FILES:
        raise ValueError(f"no music is called {name!r}, only {', '.join(FILES)}")
    file = loadmat(str(files.path(FILES[name])))
    splits = ("traindata", "validdata", "testdata")
    return Split(*([torch.from_numpy(one).float() for one in file[split][0]] for split in splits))


def nll(logits: Tensor, rolls: Tensor) -> Tensor:
    """Return the negative log likelihood in nats of each step: (..., KEYS) to (...)."""
    return binary_cross_entropy_with_logits(logits, rolls.to(logits), reduction="none").sum(-1)


def parts(pieces: Pieces, longest: int) -> list[Tensor]:
    """Cut pieces into equal parts that ask for at most ``longest`` steps each.

    A part begins with the step before the first that it asks for, so that every step but a piece's
    first is asked for once.
    """
    cut = []
    for piece in pieces:
        asked = len(piece) - 1
        number = -(-asked // longest)
        ends = [asked * i // number for i in range(number + 1)]
        cut += [piece[a : b + 1] for a, b in pairwise(ends)]
    return cut


def batches(cut: Pieces, size: int, generator: Generator) -> list[list[Tensor]]:
    """Return all parts in batches of nearly equal length, drawn anew at each call."""
    drawn = torch.randperm(len(cut), generator=generator).tolist()
    drawn.sort(key=lambda i: len(cut[i]))  # stable: equals stay as they were drawn
    grouped = [[cut[i] for i in drawn[a : a + size]] for a in range(0, len(drawn), size)]
    return [grouped[i] for i in torch.randperm(len(grouped), generator=generator).tolist()]


def guess(kind: str, train: Pieces) -> Callable[[Tensor], Tensor]:
    """Fit a guess that learns no music: from rolls, (steps, KEYS), to logits of the steps after.

    ``marginals``: each key sounds as often as it does at all. ``last``: each key by itself, as
    often as it does after a step in which it sounded, or was silent. Every count starts from one.
    """
    before = torch.cat([piece[:-1] for piece in train]).double()
    asked = torch.cat([piece[1:] for piece in train]).double()

    def log_odds(among: Tensor) -> Tensor:
        return torch.logit(((asked * among).sum(0) + 1) / (among.sum(0) + 2))

    if kind == "marginals":
        always = log_odds(torch.ones_like(asked))
        return lambda rolls: always.expand_as(rolls)
    after_sound, after_silence = log_odds(before), log_odds(1 - before)
    return lambda rolls: torch.where(rolls > 0, after_sound, after_silence)
