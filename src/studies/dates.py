"""The small models that write dates in digits: their training, which writes the lab's weights.

Two encoder-decoders of GRUs, one with attention and one without, read a line of one or two dates,
character by character, and write the year, month and day of each: "the fourth of july 1826" becomes
18260704. Both are trained by one recipe, on the same lines. Every twentieth day is kept back, and
the models are tested on lines of such days. Lines of three dates are longer than any in training.

Weights are kept as float16, so that they are small, and what is recorded is measured with them so.
"""

import random
from calendar import month_name
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, pad
from torch.nn.utils.rnn import pad_sequence

from gated.seq2seq import EncoderDecoder
from studies.harness.measurement import Measurement
from studies.harness.provenance import ROOT
from studies.harness.training import train

FOLDER: Final = "lab/models"
#: The kind of attention of each model.
ATTENTION: Final[Mapping[str, Any]] = {"attention": "dot", "fixed": None}
WEIGHTS: Final = {name: ROOT / FOLDER / f"dates-{name}.npz" for name in ATTENTION}

#: All that the models read, and all that they write; "<" begins a target, ">" ends it.
CHARACTERS: Final = " abcdefghijklmnopqrstuvwxyz0123456789"
SIGNS: Final = "0123456789<>"
BEGIN, END = SIGNS.index("<"), SIGNS.index(">")

MONTHS: Final = [name.lower() for name in month_name[1:]]
_TO_NINETEEN = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
    thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"""
_ONES = _TO_NINETEEN.split()
_TWENTIES = ["twentieth", *(f"twenty {day}" for day in _ONES[:9])]
DAYS: Final = [*_ONES, *_TWENTIES, "thirtieth", "thirty first"]
FORMS: Final = (
    "the {day} of {month} {year}",
    "{day} of {month} {year}",
    "{month} {day} {year}",
    "{month} the {day} {year}",
    "{number} {month} {year}",
    "{month} {number} {year}",
)
DIGITS: Final = 8

_FIRST, _END = date(1500, 1, 1), date(2100, 1, 1)
_DAYS = [_FIRST + timedelta(day) for day in range((_END - _FIRST).days)]
#: One of those that are kept back; the others are so many days from each other.
_KEPT_BACK, _EVERY = date(1826, 7, 4), 20
HELD_OUT: Final = [day for day in _DAYS if (day - _KEPT_BACK).days % _EVERY == 0]
LEARNED: Final = [day for day in _DAYS if (day - _KEPT_BACK).days % _EVERY]

UNITS: Final = 30
SEED: Final = 0
#: How many dates there are in a line, by turns.
TRAINED_ON: Final = (1, 2)
TESTED_ON: Final = (1, 2, 3)
TESTED: Final = 1000
RECIPE: Final[Mapping[str, Any]] = {
    "optimizer": "Adam",
    "learning_rate": 0.01,
    "schedule": "cosine to zero",
    "clip": 1.0,
    "batch": 32,
    "updates": 4_000,
}

Line = tuple[str, str]


def line(days: Sequence[date], forms: Sequence[str]) -> Line:
    """Return dates as they are read, each in its form, and as they are written."""
    heard = [
        form.format(
            day=DAYS[day.day - 1], number=day.day, month=MONTHS[day.month - 1], year=day.year
        )
        for day, form in zip(days, forms, strict=True)
    ]
    return " and ".join(heard), "".join(f"{day:%Y%m%d}" for day in days)


def lines(count: int, dates: int, days: Sequence[date], rng: random.Random) -> list[Line]:
    """Return lines of so many dates each, drawn from some days, in any forms."""
    return [line(rng.choices(days, k=dates), rng.choices(FORMS, k=dates)) for _ in range(count)]


def encode(texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return texts as a model takes them: (texts, time), and how long each is."""
    rows = [torch.tensor([CHARACTERS.index(one) for one in text]) for text in texts]
    return pad_sequence(rows, batch_first=True), torch.tensor([len(text) for text in texts])


def new(name: str, units: int = UNITS) -> EncoderDecoder:
    """Return a model that has learned nothing."""
    torch.manual_seed(SEED)
    return EncoderDecoder(len(CHARACTERS), len(SIGNS), units, "gru", ATTENTION[name])


def trained(
    model: EncoderDecoder,
    recipe: Mapping[str, Any] = RECIPE,
    look: Callable[[], None] = lambda: None,
    look_every: int = 500,
) -> EncoderDecoder:
    """Train a model in place, and look at it every so many updates."""
    rng = random.Random(SEED)
    adam = torch.optim.Adam(model.parameters(), lr=recipe["learning_rate"])
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, recipe["updates"])
    turn = 0

    def loss() -> Tensor:
        nonlocal turn
        drawn = lines(recipe["batch"], TRAINED_ON[turn % len(TRAINED_ON)], LEARNED, rng)
        turn += 1
        source, lengths = encode([heard for heard, _ in drawn])
        target = _targets(drawn)
        logits, _ = model(source, lengths, target[:, :-1])
        return cross_entropy(logits.mT, target[:, 1:])

    updates, clip = recipe["updates"], recipe["clip"]
    train(model, adam, loss, updates, look_every, look=look, schedule=falling, clip=clip)
    return model


def right(model: EncoderDecoder, dates: int, count: int = TESTED) -> dict[str, float]:
    """Return the shares of lines, and of dates, that come out right of days never learned from."""
    tested = lines(count, dates, HELD_OUT, random.Random(SEED))
    source, lengths = encode([heard for heard, _ in tested])
    target = _targets(tested)[:, 1:]
    said = model.greedy(source, lengths, BEGIN, END, target.shape[1]).tokens
    same = pad(said, (0, target.shape[1] - said.shape[1]), value=END) == target
    each = same[:, :-1].unflatten(1, (dates, DIGITS)).all(2).double()
    whole = same.all(1).double()
    return {"lines": round(whole.mean().item(), 4), "dates": round(each.mean().item(), 4)}


def load(name: str, weights: Mapping[str, Path] = WEIGHTS) -> EncoderDecoder:
    """Return a trained model, in single precision."""
    with np.load(weights[name]) as arrays:
        found = {key: torch.from_numpy(arrays[key]).float() for key in arrays.files}
    model = new(name, len(found["predict.weight"][0]))
    model.load_state_dict(found)
    return model


def measured(
    name: str, weights: Mapping[str, Path] = WEIGHTS, recipe: Mapping[str, Any] = RECIPE
) -> dict[str, Any]:
    """Train a model, write its weights, and return what is recorded."""
    model = new(name)
    trained(model, recipe, look=lambda: _print(model))
    arrays: dict[str, Any] = {key: of.half().numpy() for key, of in model.state_dict().items()}
    weights[name].parent.mkdir(exist_ok=True)
    np.savez_compressed(weights[name], **arrays)
    kept = load(name, weights)
    return {
        "attention": ATTENTION[name],
        "units": UNITS,
        "parameters": sum(weight.numel() for weight in kept.parameters()),
        "weights_dtype": "float16",
        "recipe": dict(recipe),
        "seed": SEED,
        "trained_on": [*TRAINED_ON],
        "tested": TESTED,
        "right": {str(dates): right(kept, dates) for dates in TESTED_ON},
    }


def _print(model: EncoderDecoder) -> None:
    print(*(right(model, dates, 100) for dates in TESTED_ON), flush=True)


def _targets(drawn: Sequence[Line]) -> Tensor:
    """Return what is to be written, between the signs that begin and end it: (lines, time)."""
    return torch.tensor([[SIGNS.index(one) for one in f"<{digits}>"] for _, digits in drawn])


STUDY = Measurement(
    name="dates",
    question="What do the small models come to that write dates in digits in the lab?",
    measure=measured,
    threads=1,
    parts=tuple(ATTENTION),
    folder=FOLDER,
)
