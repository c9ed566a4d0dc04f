"""Study 8: what a step of training and of inference costs, in time and in memory kept.

At each size, PyTorch's GRU and LSTM, ours, and our minGRU, which runs all steps at once, take turns
in one trial: what is compared ran side by side, on one thread. One side of the size is varied while
the others stay. The seed is the repetition: every trial is run in a process of its own three times.
Recorded are medians, the ratio LSTM / GRU turn by turn, and, for training, the megabytes that the
forward pass keeps for the backward pass, as PyTorch itself counts what it saves.

A cell counts as faster at a size if all three repetitions say so: the median of its ratios lies on
its side of one each time. Trials of this study run alone, one after the other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from gated.fast import GRU, LSTM
from gated.minimal import MinGRU
from gated.studies.study import Config, Outcome, Record, Study, Tolerance
from gated.studies.timing import Step, take_turns

LAYERS: dict[str, Any] = {
    "torch gru": nn.GRU,
    "torch lstm": nn.LSTM,
    "gated gru": GRU,
    "gated lstm": LSTM,
    "gated mingru": MinGRU,
}
BASE = {"batch": 16, "steps": 64, "width": 128}
VARIED = {"batch": (1, 64, 256), "steps": (16, 512), "width": (32, 512)}
PASSES = ("training", "inference")
REPETITIONS = 3
SECONDS, LEAST, MOST = 4.0, 9, 31


def _sizes() -> list[dict[str, int]]:
    return [BASE, *(BASE | {side: size} for side, sizes in VARIED.items() for size in sizes)]


def _train(layer: nn.Module, x: Tensor) -> None:
    layer.zero_grad()
    layer(x)[0].sum().backward()
    if x.is_cuda:
        torch.cuda.synchronize()


def _infer(layer: nn.Module, x: Tensor) -> None:
    with torch.no_grad():
        layer(x)
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
    torch.manual_seed(int(config["seed"]))
    width = int(config["width"])
    x = torch.randn(int(config["steps"]), int(config["batch"]), width, device=device)
    layers = {name: build(width, width).to(device) for name, build in LAYERS.items()}
    step = _train if config["pass"] == "training" else _infer
    steps: dict[str, Step] = {name: partial(step, layer, x) for name, layer in layers.items()}
    with torch.no_grad():
        levels = [round(layer(x)[0].square().mean().item(), 6) for layer in layers.values()]
    times = take_turns(steps, SECONDS, LEAST, MOST)
    outcome: Outcome = {
        "loss": levels,  # nothing is trained: the mean square of each output stands for it
        "diverged": False,
        "turns": len(times["torch gru"]),
    }
    for maker in ("torch", "gated"):
        turns = zip(times[f"{maker} lstm"], times[f"{maker} gru"], strict=True)
        outcome[f"{maker} lstm/gru"] = round(median(one / other for one, other in turns), 4)
    outcome |= {f"{name} ms": round(median(taken), 4) for name, taken in times.items()}
    if config["pass"] == "training":
        outcome |= {f"{name} MB": round(kept(layer, x), 4) for name, layer in layers.items()}
    return outcome


def _rule(records: Sequence[Record]) -> dict[str, Any]:
    """Return, by maker and pass, at how many sizes which cell is faster, and the range of ratios.

    For training also at how many sizes the LSTM keeps less memory than the GRU.
    """
    ratios: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    less: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for record in records:
        config, outcome = record.config, record.outcome
        size = " ".join(f"{config[side]}" for side in BASE)
        for maker in ("torch", "gated"):
            name = f"{maker}, {config['pass']}"
            ratios[name][size].append(outcome[f"{maker} lstm/gru"])
            if config["pass"] == "training" and config["seed"] == 0:
                sizes[maker] += 1
                less[maker] += outcome[f"{maker} lstm MB"] < outcome[f"{maker} gru MB"]
    verdicts: dict[str, Any] = {
        name: {
            "sizes": len(by_size),
            "lstm faster": sum(max(found) < 1 for found in by_size.values()),
            "gru faster": sum(min(found) > 1 for found in by_size.values()),
            "smallest ratio": min(map(median, by_size.values())),
            "largest ratio": max(map(median, by_size.values())),
        }
        for name, by_size in ratios.items()
    }
    for maker, count in sizes.items():
        verdicts[f"{maker}, memory"] = {"sizes": count, "lstm keeps less": less[maker]}
    return verdicts


STUDY = Study(
    name="costs",
    question="Which cell costs less time and memory, by batch, length and width?",
    trials=[
        {"pass": way, **size, "seed": seed}
        for seed in range(REPETITIONS)
        for size in _sizes()
        for way in PASSES
    ],
    run=_run,
    rule=_rule,
    tolerance=Tolerance(early_loss=1e-3, early=len(LAYERS), outcome={"diverged": 0}),
    alone=True,
)
