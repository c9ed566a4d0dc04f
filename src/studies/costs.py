"""Study 8: what a step of training and of inference costs, in time and in memory kept.

All layers take turns in one trial, on one thread; every trial is repeated in a process of its own.
Recorded are medians, the ratio LSTM / GRU turn by turn, and, for training, the megabytes that the
forward pass keeps for the backward pass, as PyTorch itself counts what it saves.

A cell counts as faster at a size if all repetitions say so: the median of its ratios lies on its
side of one each time.
"""

from functools import partial
from itertools import product
from operator import itemgetter
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from gated.fast import GRU, LSTM
from gated.minimal import MinGRU
from studies.harness.study import Config, Outcome, Records, Study, Verdicts
from studies.harness.timing import inference, one_by_one, take_turns, training_step
from studies.harness.verdicts import gathered

LAYERS: dict[str, Any] = {
    "torch gru": nn.GRU,
    "torch lstm": nn.LSTM,
    "gated gru": GRU,
    "gated lstm": LSTM,
    "gated mingru": MinGRU,
}
BASE = {"batch": 16, "steps": 64, "width": 128}
VARIED = {"batch": (1, 64, 256), "steps": (16, 512), "width": (32, 512)}
MAKERS = ("torch", "gated")
PASSES = ("training", "inference")
REPETITIONS = 3
SECONDS, LEAST, MOST = 4.0, 9, 31


def _pass(way: str, layer: nn.Module, x: Tensor) -> None:
    (training_step if way == "training" else inference)(layer, x)
    if x.is_cuda:
        torch.cuda.synchronize()


def kept(layer: nn.Module, x: Tensor) -> float:
    """Return the megabytes that a forward pass keeps for the backward pass, weights left out.

    Each piece of memory counts once, however many tensors look at it.
    """
    known = {x.untyped_storage().data_ptr()}
    known |= {weight.untyped_storage().data_ptr() for weight in layer.parameters()}
    found: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            found[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        output = layer(x)  # held until the memory is counted, so that no address is used again
    del output
    return sum(found.values()) / 1e6


def _run(config: Config, device: str) -> Outcome:
    torch.manual_seed(config["seed"])
    width = config["width"]
    x = torch.randn(config["steps"], config["batch"], width, device=device)
    layers = {name: build(width, width).to(device) for name, build in LAYERS.items()}
    steps = {name: partial(_pass, config["pass"], layer, x) for name, layer in layers.items()}
    with torch.no_grad():
        levels = [round(layer(x)[0].square().mean().item(), 6) for layer in layers.values()]
    times = take_turns(steps, SECONDS, LEAST, MOST)
    outcome: Outcome = {
        "loss": levels,  # nothing is trained: the mean square of each output stands for it
        "diverged": False,
        "turns": len(times["torch gru"]),
    }
    for maker in MAKERS:
        turns = zip(times[f"{maker} lstm"], times[f"{maker} gru"], strict=True)
        outcome[f"{maker} lstm/gru"] = round(median(one / other for one, other in turns), 4)
    outcome |= {f"{name} ms": round(median(taken), 4) for name, taken in times.items()}
    if config["pass"] == "training":
        outcome |= {f"{name} MB": round(kept(layer, x), 4) for name, layer in layers.items()}
    return outcome


def _rule(records: Records) -> Verdicts:
    """Return, by maker and pass, at how many sizes which cell is faster, and the range of ratios.

    For training also at how many sizes the LSTM keeps less memory than the GRU.
    """
    verdicts: Verdicts = {}
    memory: Verdicts = {}
    sizes = gathered(records, "pass", lambda outcome: outcome, itemgetter(*BASE))
    for way, maker in product(sizes, MAKERS):
        seeds = sizes[way].values()
        ratios = [[one[f"{maker} lstm/gru"] for one in each] for each in seeds]
        verdicts[f"{maker}, {way}"] = {
            "sizes": len(ratios),
            "lstm faster": sum(max(found) < 1 for found in ratios),
            "gru faster": sum(min(found) > 1 for found in ratios),
            "smallest ratio": min(map(median, ratios)),
            "largest ratio": max(map(median, ratios)),
        }
        if way == "training":
            less = [one[f"{maker} lstm MB"] < one[f"{maker} gru MB"] for one, *_ in seeds]
            memory[f"{maker}, memory"] = {"sizes": len(less), "lstm keeps less": sum(less)}
    return verdicts | memory


STUDY = Study(
    name="costs",
    question="Which cell costs less time and memory, by batch, length and width?",
    trials=[
        {"pass": way, **size, "seed": seed}
        for seed in range(REPETITIONS)
        for size in [BASE, *one_by_one(BASE, VARIED)]
        for way in PASSES
    ],
    run=_run,
    rule=_rule,
    settings="layers base varied passes repetitions seconds least most",
    computed=lambda: {"layers": [*LAYERS]},
    tolerance={"diverged": 0},
    early=len(LAYERS),
    early_loss=1e-3,
    alone=True,
)
