"""Short or long on real data: images pixel by pixel, and the characters of a text.

What *decisive* asks on made tasks, asked where nobody made the answer: MNIST at 196 steps, in plain
and in permuted order, and tinyshakespeare in windows of 16, 64 and 256 characters; what is read is
in ``data.images`` and ``data.plays``. GRU and LSTM, at equal width, and the GRU once more with the
LSTM's parameters. For each cell, data and length by itself, rate, start and clipping are chosen by
successive halving among the same draws; see ``harness.search``. Then 10 fresh seeds. The rate falls
to zero over LIMIT updates, some forty times over the images and eight times over the text. (In one
LSTM on the text, run before to see how long it takes, twice as many updates took another two
hundredths of a bit off the test.)

The endpoint: on the test part, the share of images named wrong, or the bits for each character, by
the weights that were best in any look at the validation part. Less is better.

The rule: for each data, length and budget the difference of the means, GRU minus LSTM, with its 95%
interval (Welch). The verdict is "equal" if the difference lies within the margin by two one-sided
tests: 2 percentage points of the images, 0.03 bits. Else it is the better cell by Holm's p below
0.05 over all comparisons, else "open". There is none where a cell never learned in its tuning, not
even among twice the draws: named half of the validation images, or came below 3 bits.

What a data set says to "the GRU for short sequences, the LSTM for long ones", at equal width:

- The images are long. They agree if the LSTM is better in one order and the GRU in none. They
  contradict if the GRU is better in one and the LSTM in none, or if both orders are equal.
- The text has a short and a long end. It agrees if the LSTM gains from 16 to 256 characters: if the
  interval of the change of the difference lies above zero. It contradicts if the interval lies
  below zero, or if the change lies within the margin by two one-sided tests.
- All else is open.

What would change our mind: a longer training, or a wider search, that turns a verdict round; the
same on all 784 pixels, more images or a larger text; wider networks, or dropout. All of these are
left out: the study is to take about six core-hours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LinearLR

from studies import pixels, text
from studies.data import images, plays
from studies.harness.equivalence import LEVEL, Contrast, judged
from studies.harness.halving import HalvedStudy, Halving
from studies.harness.networks import Model, build, width_in
from studies.harness.search import SEARCH, largest_norm, rungs
from studies.harness.study import Config, Outcome, Records, Verdicts, grid
from studies.harness.training import drawn_from, train

LIMIT = 4000
LENGTHS = {"plain": (196,), "permuted": (196,), "text": (16, 64, 256)}
ORDERS = ("plain", "permuted")
SHORT, LONG = LENGTHS["text"][0], LENGTHS["text"][-1]
ARMS = ("gru width", "lstm width", "gru parameters")
SEEDS = tuple(range(10))
#: How often in a training the validation part is read.
LOOKS = 20
#: Over so many updates the loss is taken: after the first few other processors have drifted off.
NOTED_OVER = 10
#: Differences as small count as none.
MARGINS = {"plain": 0.02, "permuted": 0.02, "text": 0.03}
#: Whoever comes so low on the validation part has learned something.
BARS = {"plain": 0.5, "permuted": 0.5, "text": 3.0}


class _Reader(NamedTuple):
    """A network, the loss of its next batch, and its measure on two parts."""

    model: Model
    loss: Callable[[], Tensor]
    valid: Callable[[], float]
    test: Callable[[], float]


def _of_images(config: Config, device: str) -> _Reader:
    parts = pixels.on(device, images.load("mnist", config["data"]))
    width = width_in(config["budget"], 1, pixels.WIDTH)
    model = build(config, 1, width, images.CLASSES, 1, device)
    return _Reader(
        model,
        partial(pixels.drawn_loss, model, parts.train, drawn_from(config["seed"])),
        lambda: 1 - pixels.share_right(model, parts.valid),
        lambda: 1 - pixels.share_right(model, parts.test),
    )


def _of_text(config: Config, device: str) -> _Reader:
    parts, length = plays.split(plays.read()), config["length"]
    width = text.hidden_size("gru") if config["budget"] == "parameters" else text.WIDTH
    model = build(config, text.LETTERS, width, text.LETTERS, device=device)
    drawn = drawn_from(config["seed"])
    return _Reader(
        model,
        partial(text.drawn_loss, model, parts.train, length, drawn, device),
        lambda: text.bits(model, parts.valid, length, device).mean().item(),
        lambda: text.bits(model, parts.test, length, device).mean().item(),
    )


def _run(config: Config, device: str) -> Outcome:
    """Train from the configuration's seed.

    Returns:
        ``test``, the endpoint; ``best``, the least on validation, and ``valid``, that of each look,
        the first of them at the weights from the start; ``learned``, whether the best came down to
        the bar; ``loss``, the mean of the NOTED_OVER updates after each look but the last;
        ``diverged``, whether it left the numbers.
    """
    reader = (_of_text if config["data"] == "text" else _of_images)(config, device)
    adam = torch.optim.Adam(reader.model.parameters(), lr=config["rate"])
    valid = [round(reader.valid(), 5)]
    best, test = valid[0], reader.test()
    notes = 0

    def note() -> None:
        nonlocal best, test, notes
        notes += 1
        if notes % every == 0:
            valid.append(round(reader.valid(), 5))
            if valid[-1] < best:
                best, test = valid[-1], reader.test()

    every = config["limit"] // LOOKS // NOTED_OVER
    course = train(
        reader.model,
        adam,
        reader.loss,
        config["limit"],
        NOTED_OVER,
        look=note,
        schedule=LinearLR(adam, 1.0, 0.0, config["limit"]),
        clip=largest_norm(config),
        digits=4,
    )
    return {
        "test": round(test, 5),
        "best": best,
        "learned": best <= BARS[config["data"]],
        "diverged": course.diverged,
        "valid": valid,
        "loss": course.losses[::every],
    }


def _groups() -> list[Config]:
    return [
        {"data": data, "length": length, "cell": arm.split()[0], "budget": arm.split()[1]}
        for data, lengths in LENGTHS.items()
        for length in lengths
        for arm in ARMS
    ]


#: The arms that are compared, by budget.
_SIDES = {"width": ("gru width", "lstm width"), "parameters": ("gru parameters", "lstm width")}


def _rule(records: Records) -> Verdicts:
    """Return how the cells compare, and what that says to the saying; the module says how."""
    found: dict[tuple[str, int, str], list[float]] = {
        (one["data"], one["length"], f"{one['cell']} {one['budget']}"): [] for one in _groups()
    }
    learned = set()
    for record in records:
        config = record.config
        at = config["data"], config["length"], f"{config['cell']} {config['budget']}"
        if "tuning" not in config:
            found[at].append(record.outcome["test"])
        elif record.outcome["learned"]:
            learned.add(at)
    pairs = {
        (data, length, budget): {side.split()[0]: found[data, length, side] for side in sides}
        for data, lengths in LENGTHS.items()
        for length in lengths
        for budget, sides in _SIDES.items()
        if all((data, length, side) in learned for side in sides)
    }
    named = {" ".join(map(str, at)): sides for at, sides in pairs.items()}
    verdicts = judged(
        named, {at: MARGINS[at.split()[0]] for at in named}, lower_is_better=True, digits=5
    )
    change = _change(pairs)
    return {
        "the saying": {
            "images": _of_orders([_better(verdicts, order) for order in ORDERS]),
            "text": change["says"],
        },
        "from the short to the long end": change,
        "by length": verdicts,
        "no verdict": [" ".join(map(str, at)) for at in found if at not in learned],
    }


def _better(verdicts: Mapping[str, Any], order: str) -> str:
    at = f"{order} {LENGTHS[order][0]} width"
    return str(verdicts[at]["better"]) if at in verdicts else "open"


def _of_orders(better: Sequence[str]) -> str:
    """Return what the images say to the saying, of who is better in each order."""
    if ("gru" in better) == ("lstm" in better):
        return "contradicts" if set(better) == {"equal"} else "open"
    return "agrees" if "lstm" in better else "contradicts"


def _change(pairs: Mapping[tuple[str, int, str], Any]) -> dict[str, Any]:
    """Return how the difference on the text changes with its length, and what that says."""
    short, long = (("text", length, "width") for length in (SHORT, LONG))
    if short not in pairs or long not in pairs:
        return {"says": "open"}
    change = Contrast.of(
        [pairs[long]["gru"], pairs[short]["lstm"]], [pairs[long]["lstm"], pairs[short]["gru"]]
    )
    (low, high), alike = change.interval(), change.p_beyond(MARGINS["text"])
    says = "agrees" if low > 0 else "contradicts" if high < 0 or alike < LEVEL else "open"
    return {"says": says, **change.described(5), "equal, p": float(f"{alike:.2g}")}


STUDY = HalvedStudy(
    name="real",
    question="Is the GRU better on short and the LSTM on long sequences of real data, each tuned?",
    groups=_groups(),
    halving=Halving(
        **SEARCH,
        rungs=rungs(LIMIT),
        score=lambda config, outcome: (outcome["best"],),
        solved=itemgetter("learned"),
    ),
    group=itemgetter("data", "length", "cell", "budget"),
    trials=[group | rest for group in _groups() for rest in grid(seed=SEEDS, limit=[LIMIT])],
    run=_run,
    rule=_rule,
    settings="limit lengths arms widths batches seeds looks noted_over search margins bars level",
    computed=lambda: {
        "widths": {
            "images": {
                "width": pixels.WIDTH,
                "parameters": width_in("parameters", 1, pixels.WIDTH),
            },
            "text": {"width": text.WIDTH, "parameters": text.hidden_size("gru")},
        },
        "batches": {"images": pixels.BATCH, "characters": text.READ},
        "search": SEARCH | {"rungs": [*map(asdict, rungs(LIMIT))]},
    },
    files=lambda config: (plays.FILE,) if config["data"] == "text" else (),
    tolerance={"test": 0.2, "diverged": 0},
    early=1,
    early_loss=0.06,
)
