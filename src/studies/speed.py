"""How long torch.nn's GRU and LSTM and ours take on this machine, beside one another.

It takes less than six minutes on two quiet cores. PyTorch hands only the LSTM, and only some of its
calls, to a fused kernel of the library oneDNN; so each cell is timed as PyTorch runs it by default,
with oneDNN (``torch.backends.mkldnn``) off, and in double precision. All take turns; recorded are
medians and quartiles of the times, and of the ratios turn by turn.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from operator import truediv
from statistics import median
from typing import Any, cast

import torch
import torch._inductor.config
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

import gated.fast
from gated import convert
from studies.harness.measurement import Measurement
from studies.harness.timing import (
    Step,
    inference,
    milliseconds,
    one_by_one,
    operations,
    quartiles,
    take_turns,
    training_step,
)

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

KINDS, CELLS = ("GRU", "LSTM"), ("gru", "lstm")
#: What is compared turn by turn, wherever both are timed.
PAIRS = (
    ("lstm", "gru"),
    *((f"lstm_{how}", f"gru_{how}") for how in ("off", "double", "gated", "onnx")),
    *((f"lstm_{how}", f"gru_{how}") for how in ("layer", "packed")),
    *((f"{cell}_{how}", cell) for cell in CELLS for how in ("gated", "layer", "packed")),
    *((f"{cell}_compiled", f"{cell}_gated") for cell in CELLS),
)


def without_onednn(step: Step) -> Step:
    """Return a step with oneDNN's kernels switched off."""
    return torch.backends.mkldnn.flags(enabled=False)(step)


def _spread(values: Sequence[float]) -> list[float]:
    """Return median, lower and upper quartile, with four digits."""
    return [float(f"{value:.4g}") for value in quartiles(values).values()]


def summary(times: Mapping[str, Sequence[float]], unit: float = 1.0) -> dict[str, Any]:
    """Return how many turns there were, the times in milliseconds by ``unit``, and the ratios."""
    return {
        "turns": len(times["gru"]),
        "ms": {name: _spread([value / unit for value in taken]) for name, taken in times.items()},
        "ratio": {
            f"{one}/{other}": _spread(list(map(truediv, times[one], times[other])))
            for one, other in PAIRS
            if one in times and other in times
        },
    }


def _timed(candidates: Mapping[str, Step], unit: float = 1.0) -> dict[str, Any]:
    """Return the summary of candidates that take turns."""
    return summary(take_turns(candidates, SECONDS, LEAST, MOST), unit)


def _both(module: Any, width: int, suffix: str = "") -> dict[str, nn.Module]:
    """Return a module's GRU and LSTM, named as in the record."""
    return {f"{name.lower()}{suffix}": getattr(module, name)(width, width) for name in KINDS}


def candidates_at(batch: int, steps: int, width: int, mode: str) -> dict[str, Step]:
    """Return what takes turns at one point, in one mode: "train" or "infer"."""
    torch.manual_seed(0)
    call = training_step if mode == "train" else inference
    doubles = {name: layer.double() for name, layer in _both(nn, width, "_double").items()}
    layers = _both(nn, width) | doubles | _both(gated.fast, width, "_gated")
    x = torch.randn(steps, batch, width)
    found: dict[str, Step] = {
        name: partial(call, layer, x.to(next(layer.parameters()).dtype))
        for name, layer in layers.items()
    }
    found |= {f"{name}_off": without_onednn(found[name]) for name in CELLS}
    if mode == "infer":
        found |= {f"{name}_onnx": in_onnx_runtime(layers[name], x) for name in CELLS}
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


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch work on one thread for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@one_thread()
def measure_on_one_thread(width: int) -> dict[str, Any]:
    """Return the training step at one width on one thread, of torch.nn's layers alone."""
    point = {**BASE, "width": width}
    every = candidates_at(**point, mode="train")
    kept = {name: every[name] for name in (*CELLS, *(f"{cell}_off" for cell in CELLS))}
    return {**point, "train": _timed(kept)}


def measure_packed() -> dict[str, Any]:
    """Return inference at BASE where sequences end early: with padding, and packed."""
    torch.manual_seed(0)
    batch, steps, width = BASE.values()
    lengths = torch.linspace(steps, steps // 2, batch).round().long()
    padded = torch.randn(steps, batch, width)
    inputs: dict[str, Any] = {"": padded, "_packed": pack_padded_sequence(padded, lengths)}
    candidates = {
        f"{cell}{ending}": partial(inference, layer, x)
        for cell, layer in _both(nn, width).items()
        for ending, x in inputs.items()
    }
    share = lengths.sum().item() / (batch * steps)
    return {**BASE, "real_steps": round(share, 4), "infer": _timed(candidates)}


def measure_compiled() -> dict[str, Any]:
    """Return inference of our layers through torch.compile, which needs a C++ compiler."""
    torch.manual_seed(0)
    point = {**BASE, "steps": COMPILED_STEPS}
    x = torch.randn(point["steps"], point["batch"], point["width"])
    layers = _both(nn, point["width"]) | _both(gated.fast, point["width"], "_gated")
    candidates: dict[str, Step] = {
        name: partial(inference, layer, x) for name, layer in layers.items()
    }
    seconds = {}
    with torch._inductor.config.patch(force_disable_caches=True):
        torch.compile(nn.Tanh())(x)  # what the compiler sets up once does not count
        for cell in CELLS:
            compiled = cast(nn.Module, torch.compile(layers[f"{cell}_gated"]))
            candidates[f"{cell}_compiled"] = partial(inference, compiled, x)
            seconds[cell] = round(milliseconds(candidates[f"{cell}_compiled"]) / 1000, 1)
    return {**point, "compile_seconds": seconds, "infer": _timed(candidates)}


@one_thread()  # more would only wait for one another
def measure_streaming(width: int) -> dict[str, Any]:
    """Return the time of one step, batch one, one thread: cells, and layers for one step."""
    torch.manual_seed(0)
    rows = torch.randn(STREAM_STEPS, 1, width)

    def stream(step: Callable[[Tensor, Any], Any]) -> None:
        state = None
        with torch.no_grad():
            for row in rows:
                state = step(row, state)

    def one_step(layer: nn.Module) -> Callable[[Tensor, Any], Any]:
        return lambda row, state: layer(row[None], state)[1]

    steps: dict[str, Callable[..., Any]] = {
        "gru": nn.GRUCell(width, width),
        "lstm": nn.LSTMCell(width, width),
        "gru_gated": gated.GRUCell(width, width),
        "lstm_gated": gated.LSTMCell(width, width),
        "gru_layer": one_step(nn.GRU(width, width)),
        "lstm_layer": one_step(nn.LSTM(width, width)),
    }
    candidates = {name: partial(stream, step) for name, step in steps.items()}
    return {"width": width, **_timed(candidates, unit=STREAM_STEPS)}


def measure(batch: int, steps: int, input_size: int, hidden_size: int) -> dict[str, float]:
    """Return median times, their ratios to the GRU's, and the operations of each step."""
    torch.manual_seed(0)
    x = torch.randn(steps, batch, input_size)
    turns: dict[str, Step] = {
        "gru": partial(training_step, nn.GRU(input_size, hidden_size), x),
        "lstm": partial(training_step, nn.LSTM(input_size, hidden_size), x),
    }
    turns["lstm_unfused"] = without_onednn(turns["lstm"])
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


def measured() -> dict[str, Any]:
    """Measure everything and return what is recorded."""
    # The switch for oneDNN sets its TF32 mode too, and a CPU build warns that it has none.
    warnings.filterwarnings("ignore", message="TF32 acceleration on top of oneDNN")
    return {
        "repeats": REPEATS,
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        **{name: {**size, **measure(**size)} for name, size in SIZES.items()},
        "base": BASE,
        "layers": [
            point | {mode: _timed(candidates_at(**point, mode=mode)) for mode in ("train", "infer")}
            for point in one_by_one(BASE, VARIED)
        ],
        "one_thread": [measure_on_one_thread(width) for width in VARIED["width"]],
        "packed": measure_packed(),
        "compiled": measure_compiled(),
        "streaming": [measure_streaming(width) for width in STREAMED],
    }


STUDY = Measurement(
    name="speed",
    question="How long do GRU and LSTM take, PyTorch's and ours, by size and by kernel?",
    measure=measured,
)
