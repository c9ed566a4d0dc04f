"""Record how long torch.nn's GRU and LSTM and ours take on this machine, beside one another.

    python -m benchmarks.speed

writes docs/evidence/speed.json, which the chapters draw and quote, in less than six minutes on two
quiet cores. PyTorch hands only the LSTM, and only some of its calls, to a fused kernel of the
library oneDNN; so each cell is timed as PyTorch runs it by default, with oneDNN
(``torch.backends.mkldnn``) off, and in double precision. All that are compared take turns within
one run, so that whatever else the machine does falls on each of them alike: recorded are medians
and quartiles of the times, and of the ratios turn by turn.
"""

from __future__ import annotations

import json
import os
import platform
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, cast

import torch
import torch._inductor.config
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence
from torch.profiler import ProfilerActivity, profile

import gated.fast
from gated import convert
from gated.studies.timing import Step, milliseconds, take_turns
from livedocs.provenance import commit, processor

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "docs" / "evidence" / "speed.json"
SIZES = {
    "small": {"batch": 8, "steps": 32, "input_size": 32, "hidden_size": 32},
    "medium": {"batch": 16, "steps": 64, "input_size": 64, "hidden_size": 128},
    "large": {"batch": 32, "steps": 128, "input_size": 128, "hidden_size": 256},
}
REPEATS = 41

#: Each of these is varied while the others stay as in BASE; the width is that of input and state.
BASE = {"batch": 16, "steps": 64, "width": 128}
VARIED = {
    "batch": (1, 4, 16, 64, 256),
    "steps": (4, 16, 64, 256, 1024),
    "width": (16, 32, 64, 128, 256, 512),
}
#: One step at a time, a batch of one: how wide, and how many steps are timed together.
STREAMED, STREAM_STEPS = (32, 128, 512), 50
#: How long a sequence is compiled: each step makes the program longer, and it takes its time.
COMPILED_STEPS = 8
#: How often all take turns at one point: no more once they took so many seconds, but for a minimum.
SECONDS, LEAST, MOST = 4.0, 15, 41

#: What is compared turn by turn, wherever both are timed.
PAIRS = (
    ("lstm", "gru"),
    *((f"lstm_{how}", f"gru_{how}") for how in ("off", "double", "gated", "onnx")),
    *((f"lstm_{how}", f"gru_{how}") for how in ("layer", "packed")),
    *((f"{cell}_{how}", cell) for cell in ("gru", "lstm") for how in ("gated", "layer", "packed")),
    *((f"{cell}_compiled", f"{cell}_gated") for cell in ("gru", "lstm")),
)


def training_step(layer: nn.Module, x: Tensor) -> None:
    """Run one forward and one backward pass, as training does."""
    layer.zero_grad()
    layer(x)[0].sum().backward()


def inference(layer: nn.Module, x: Tensor | PackedSequence) -> None:
    """Run one forward pass without keeping anything for a backward pass."""
    with torch.no_grad():
        layer(x)


def without_onednn(step: Step) -> Step:
    """Return ``step`` with oneDNN's kernels switched off."""

    def run() -> None:
        with torch.backends.mkldnn.flags(enabled=False):
            step()

    return run


def operations(step: Step) -> dict[str, int]:
    """Return the operations that one ``step`` runs, with how often it runs each."""
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        step()
    return {event.key: event.count for event in profiler.key_averages()}


def spread(values: list[float]) -> list[float]:
    """Return median, lower and upper quartile, with four digits."""
    low, _, high = quantiles(values, n=4)
    return [float(f"{value:.4g}") for value in (median(values), low, high)]


def summary(times: dict[str, list[float]], unit: float = 1.0) -> dict[str, Any]:
    """Return how many turns there were, the times in milliseconds by ``unit``, and the ratios."""
    ratios = {
        f"{one}/{other}": [a / b for a, b in zip(times[one], times[other], strict=True)]
        for one, other in PAIRS
        if one in times and other in times
    }
    return {
        "turns": len(times["gru"]),
        "ms": {name: spread([value / unit for value in taken]) for name, taken in times.items()},
        "ratio": {pair: spread(values) for pair, values in ratios.items()},
    }


def layers_at(width: int) -> dict[str, nn.Module]:
    """Return each kind of layer, named as in the record but for what its call decides."""
    torch.manual_seed(0)
    gru, lstm = nn.GRU(width, width), nn.LSTM(width, width)
    return {
        "gru": gru,
        "lstm": lstm,
        "gru_double": nn.GRU(width, width).double(),
        "lstm_double": nn.LSTM(width, width).double(),
        "gru_gated": gated.fast.GRU(width, width),
        "lstm_gated": gated.fast.LSTM(width, width),
    }


def candidates_at(batch: int, steps: int, width: int, mode: str) -> dict[str, Step]:
    """Return what takes turns at one point, in one mode: "train" or "infer"."""
    call = training_step if mode == "train" else inference
    x = torch.randn(steps, batch, width)
    layers = layers_at(width)

    def bind(layer: nn.Module) -> Step:
        given = x.to(next(layer.parameters()).dtype)
        return lambda: call(layer, given)

    found = {name: bind(layer) for name, layer in layers.items()}
    found |= {f"{name}_off": without_onednn(found[name]) for name in ("gru", "lstm")}
    if mode == "infer":
        found |= {f"{name}_onnx": in_onnx_runtime(layers[name], x) for name in ("gru", "lstm")}
    return found


def in_onnx_runtime(layer: nn.Module, x: Tensor) -> Step:
    """Return a run of the same layer in ONNX Runtime, on as many threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    # Its threads wait for work by turning in place: that would slow down who comes next.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model = convert.onnx_model(layer).SerializeToString()  # type: ignore[arg-type]
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    given = {"input": x.numpy()}
    return lambda: session.run(["output"], given)


def points() -> Iterator[dict[str, int]]:
    """Give every point of the grid once: BASE with one of its sides varied."""
    seen = []
    for side, values in VARIED.items():
        for value in values:
            point = {**BASE, side: value}
            if point not in seen:
                seen.append(point)
                yield point


def measure_layers(point: dict[str, int]) -> dict[str, Any]:
    """Return all that is recorded of one point."""
    return {
        **point,
        **{
            mode: summary(take_turns(candidates_at(**point, mode=mode), SECONDS, LEAST, MOST))
            for mode in ("train", "infer")
        },
    }


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch work on one thread for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def measure_on_one_thread(width: int) -> dict[str, Any]:
    """Return the training step at one width on one thread, of torch.nn's layers alone."""
    point = {**BASE, "width": width}
    with one_thread():
        every = candidates_at(**point, mode="train")
        kept = {name: every[name] for name in ("gru", "lstm", "gru_off", "lstm_off")}
        return {**point, "train": summary(take_turns(kept, SECONDS, LEAST, MOST))}


def measure_packed() -> dict[str, Any]:
    """Return inference at BASE where sequences end early: with padding, and packed."""
    torch.manual_seed(0)
    batch, steps, width = BASE.values()
    lengths = torch.linspace(steps, steps // 2, batch).round().long()
    padded = torch.randn(steps, batch, width)
    packed = pack_padded_sequence(padded, lengths)
    gru, lstm = nn.GRU(width, width), nn.LSTM(width, width)
    candidates: dict[str, Step] = {
        "gru": lambda: inference(gru, padded),
        "lstm": lambda: inference(lstm, padded),
        "gru_packed": lambda: inference(gru, packed),
        "lstm_packed": lambda: inference(lstm, packed),
    }
    share = lengths.sum().item() / (batch * steps)
    times = take_turns(candidates, SECONDS, LEAST, MOST)
    return {**BASE, "real_steps": round(share, 4), "infer": summary(times)}


def measure_compiled() -> dict[str, Any]:
    """Return inference of our layers through torch.compile, which needs a C++ compiler."""
    torch.manual_seed(0)
    point = {**BASE, "steps": COMPILED_STEPS}
    x = torch.randn(point["steps"], point["batch"], point["width"])
    candidates: dict[str, Step] = {}
    seconds = {}
    with torch._inductor.config.patch(force_disable_caches=True):
        torch.compile(nn.Tanh())(x)  # what the compiler sets up once does not count
        for name, layer in layers_at(point["width"]).items():
            if not name.endswith("_double"):
                candidates[name] = partial(inference, layer, x)
            if name.endswith("_gated"):
                cell = name.removesuffix("_gated")
                compiled = partial(inference, cast(nn.Module, torch.compile(layer)), x)
                seconds[cell] = round(milliseconds(compiled) / 1000, 1)
                candidates[f"{cell}_compiled"] = compiled
    times = take_turns(candidates, SECONDS, LEAST, MOST)
    return {**point, "compile_seconds": seconds, "infer": summary(times)}


def measure_streaming(width: int) -> dict[str, Any]:
    """Return the time of one step, batch one, one thread: cells, and layers for one step."""
    torch.manual_seed(0)
    rows = torch.randn(STREAM_STEPS, 1, width)

    def cell(kind: nn.Module) -> Step:
        def run() -> None:
            state = None
            with torch.no_grad():
                for row in rows:
                    state = kind(row, state)

        return run

    def layer(kind: nn.Module) -> Step:
        def run() -> None:
            state = None
            with torch.no_grad():
                for row in rows:
                    _, state = kind(row[None], state)

        return run

    candidates = {
        "gru": cell(nn.GRUCell(width, width)),
        "lstm": cell(nn.LSTMCell(width, width)),
        "gru_gated": cell(gated.GRUCell(width, width)),
        "lstm_gated": cell(gated.LSTMCell(width, width)),
        "gru_layer": layer(nn.GRU(width, width)),
        "lstm_layer": layer(nn.LSTM(width, width)),
    }
    with one_thread():  # more would only wait for one another
        times = take_turns(candidates, SECONDS, LEAST, MOST)
    return {"width": width, **summary(times, unit=STREAM_STEPS)}


def measure(batch: int, steps: int, input_size: int, hidden_size: int) -> dict[str, float]:
    """Return median times, their ratios to the GRU's, and the operations of each step."""
    torch.manual_seed(0)
    x = torch.randn(steps, batch, input_size)
    gru, lstm = nn.GRU(input_size, hidden_size), nn.LSTM(input_size, hidden_size)
    turns: dict[str, Step] = {
        "gru": lambda: training_step(gru, x),
        "lstm": lambda: training_step(lstm, x),
        "lstm_unfused": without_onednn(lambda: training_step(lstm, x)),
    }
    counted = {name: operations(step) for name, step in turns.items()}
    times = take_turns(turns, 0, REPEATS, REPEATS)
    medians = {name: median(values) for name, values in times.items()}
    return {
        **{f"{name}_ms": round(value, 4) for name, value in medians.items()},
        "lstm_to_gru": round(medians["lstm"] / medians["gru"], 4),
        "lstm_unfused_to_gru": round(medians["lstm_unfused"] / medians["gru"], 4),
        **{f"{name}_operations": sum(found.values()) for name, found in counted.items()},
        **{f"{name}_fused": "aten::mkldnn_rnn_layer" in found for name, found in counted.items()},
    }


def dumped(record: dict[str, Any]) -> str:
    """Return the record as JSON, each list of numbers on one line."""
    text = json.dumps(record, indent=1)
    return re.sub(r"\[[\d\s.,e+-]+\]", lambda found: " ".join(found[0].split()), text) + "\n"


def main() -> None:
    """Measure everything and write the record."""
    # The switch for oneDNN sets its TF32 mode too, and a CPU build warns that it has none.
    warnings.filterwarnings("ignore", message="TF32 acceleration on top of oneDNN")
    start, load = perf_counter(), os.getloadavg()[0]
    record: dict[str, Any] = {
        "command": "python -m benchmarks.speed",
        "commit": commit(ROOT),
        "machine": {
            "cpu": processor(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "capability": torch.backends.cpu.get_cpu_capability(),
        },
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        #: How many processes wanted a core in the minute before.
        "load_before": round(load, 2),
        "repeats": REPEATS,
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        **{name: {**size, **measure(**size)} for name, size in SIZES.items()},
        "base": BASE,
        "layers": [measure_layers(point) for point in points()],
        "one_thread": [measure_on_one_thread(width) for width in VARIED["width"]],
        "packed": measure_packed(),
        "compiled": measure_compiled(),
        "streaming": [measure_streaming(width) for width in STREAMED],
    }
    record["seconds"] = round(perf_counter() - start)
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    RECORD.write_text(dumped(record))
    print(f"wrote {RECORD} after {record['seconds']} s")


if __name__ == "__main__":
    main()
