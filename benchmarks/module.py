"""The training steps of gated.fast.GRU, its time and peak of memory, and of gated.GRU.

Each is measured beside torch.nn.GRU's.
"""

from collections.abc import Iterator
from statistics import median

from studies.backprop import SIZES, Size, peak, times

from .measure import Row

REPEATS = 15
#: How much faster it must be, and at how many sizes.
FASTER, AT = 1.5, 2
#: Where the plain loop is held to torch.nn's time, and to how many times that.
PLAIN_AT, PLAIN = SIZES["medium"], 1.4


def rows() -> Iterator[Row]:
    """Measure each size: the two layers in turn, and each in a process of its own."""
    gains = []
    for size in SIZES.values():
        ms = {module: median(taken) for module, taken in times("GRU", size, REPEATS).items()}
        gains.append(ms["torch"] / ms["gated"])
        yield Row(
            f"training step at {_named(size)}",
            f"{ms['gated']:.1f} ms",
            f"{ms['torch']:.1f} ms",
            1 / gains[-1],
            "x",
            1,
            compared="torch.nn.GRU at this batch, steps, input size, hidden size",
        )
    yield Row(
        f"training step, peer / ours at the {AT} best",
        "",
        "",
        sorted(gains)[-AT],
        "x",
        FASTER,
        at_least=True,
        compared=f"torch.nn.GRU: the smaller gain of the {AT} sizes where it is largest",
    )
    plain = times("GRU", PLAIN_AT, REPEATS, "plain")
    ms = {module: median(taken) for module, taken in plain.items()}
    yield Row(
        f"plain gated.GRU at {_named(PLAIN_AT)}",
        f"{ms['plain']:.1f} ms",
        f"{ms['torch']:.1f} ms",
        ms["plain"] / ms["torch"],
        "x",
        PLAIN,
        compared="torch.nn.GRU: autograd follows each step of the loop that the chapters show",
    )
    for size in SIZES.values():
        held = {module: peak(module, "GRU", size) for module in ("gated", "torch")}
        yield Row(
            f"peak memory at {_named(size)}",
            f"{held['gated'] / 1e6:.1f} MB",
            f"{held['torch'] / 1e6:.1f} MB",
            held["gated"] / held["torch"],
            "x",
            1,
            compared="torch.nn.GRU: three training steps in a process of its own (see backprop.py)",
        )


def _named(size: Size) -> str:
    return ", ".join(map(str, size))
