r"""How long a layer remembers before it has learned anything: the biases of the gates that keep.

A gate that keeps the share $k$ of the state at every step keeps $k^t$ after $t$ steps: half of it
after $\ln 0.5 / \ln k$, the half-life. With a bias $b$, and nothing yet from the weights, $k =
\sigma(b)$: a half-life of one step at $b = 0$, where torch.nn's draws are centered.

Two biases that are added do the work of one, so it is their sum that counts: the functions here
put it into `bias_ih` and zero into `bias_hh`, or one half each into two that are one tensor. Where
a gate writes in place of keeping, the sign turns. All change the layer in place and return it.
"""

import math
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from gated.cells import GRUCell, LSTMCell
from gated.family import MGU, CoupledLSTM, PeepholeLSTM
from gated.layers import GRU, LSTM
from gated.minimal import MinGRU, MinLSTM
from gated.modules import suffixes
from gated.options import as_int

Layer = TypeVar("Layer", bound=nn.Module)

#: Signs by gate: 1 where it keeps, -1 where it writes.
Signs = Mapping[str, int]


class _Kind(NamedTuple):
    types: tuple[type[nn.Module], ...]
    #: The blocks of its biases, in order.
    blocks: str
    #: The gates that set the share that is kept.
    keeping: Signs
    #: The gate that writes instead, where there is a separate one.
    writing: Signs


_KINDS = (
    _Kind((nn.GRU, nn.GRUCell, GRU, GRUCell), "rzn", {"z": 1}, {}),
    _Kind((nn.LSTM, nn.LSTMCell, LSTM, LSTMCell, PeepholeLSTM), "ifgo", {"f": 1}, {"i": -1}),
    _Kind((CoupledLSTM,), "fgo", {"f": 1}, {}),
    _Kind((MGU,), "fn", {"f": -1}, {}),
    _Kind((MinGRU,), "zn", {"z": -1}, {}),
    # It keeps f / (f + i), which is the sigmoid of b_f where b_i = -b_f.
    _Kind((MinLSTM,), "ifg", {"f": 1, "i": -1}, {}),
)


def forget_bias_(layer: Layer, value: float = 1.0) -> Layer:
    r"""Set the bias of the gate that keeps, so that it starts at $\sigma(\text{value})$.

    That is the forget gate $f$ of an LSTM, the update gate $z$ of a GRU, and $f / (f + i)$ of a
    minLSTM, whose two biases become `value` and `-value`. In an MGU and a minGRU the gate writes:
    its bias becomes `-value`, and $1 - \sigma(-\text{value})$, the same share, is kept. The biases
    of the other gates, and all weights, stay as they are.

    Args:
        layer: A GRU or an LSTM of torch.nn or gated, a cell of either, or one of their relatives:
            `MGU`, `CoupledLSTM`, `PeepholeLSTM`, `MinGRU`, `MinLSTM`. All layers and directions
            are set.
        value: What both biases of the gate add up to. With 1, a half-life of 2.2 steps.

    Raises:
        TypeError: another kind of layer, a value that is not a number.
        ValueError: a layer without biases or with biases that cannot be set, as pruned ones cannot;
            a value that is not finite.

    Source: Gers, Schmidhuber and Cummins, "Learning to forget", Neural Computation 12(10), 2000;
    Jozefowicz, Zaremba and Sutskever, "An empirical exploration of recurrent network
    architectures", ICML 2015, model LSTM-b.
    """
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"value must be a number, got {value!r} ({type(value).__name__})")
    if not math.isfinite(value):
        raise ValueError(f"value must be finite, got {value}")
    kind = _kind_of(layer)
    return _set_biases(layer, kind.blocks, kind.keeping, lambda some: some.fill_(float(value)))


def chrono_(layer: Layer, longest: int) -> Layer:
    r"""Draw the biases of the gate that keeps so that units remember over all times up to one.

    The chrono initialization: for each unit $b_f = \ln u$ with $u$ uniform between 1 and `longest`
    - 1, and $b_i = -b_f$. A unit then keeps the share $u / (u + 1)$, and forgets within about
    $u + 1$ steps: from 2 to `longest`. The GRU, which has no input gate, draws the bias of $z$;
    where one gate writes, as in an MGU and a minGRU, it is $-\ln u$. The biases of the other gates,
    and all weights, stay as they are.

    Args:
        layer: As for [`forget_bias_`][gated.initialization.forget_bias_].
        longest: Over how many steps, at most, something is to be remembered.

    Raises:
        TypeError: another kind of layer, a number of steps that is not an int.
        ValueError: a layer without biases or with biases that cannot be set, as pruned ones cannot;
            fewer than 2 steps.

    Source: Tallec and Ollivier, "Can recurrent neural networks warp time?", arXiv 1804.11188,
    section 3.
    """
    if (longest := as_int("longest", longest)) < 2:
        raise ValueError(f"longest must be at least 2, got {longest}")
    kind, top = _kind_of(layer), longest - 1
    signs = {**kind.keeping, **kind.writing}
    return _set_biases(layer, kind.blocks, signs, lambda some: some.uniform_(1, top).log_())


def _kind_of(layer: nn.Module) -> _Kind:
    for kind in _KINDS:
        if isinstance(layer, kind.types):
            return kind
    known = dict.fromkeys(one.__name__ for kind in _KINDS for one in kind.types)
    raise TypeError(
        f"layer must have a gate that keeps ({', '.join(known)}), got {type(layer).__name__}"
    )


@torch.no_grad()
def _set_biases(layer: Layer, blocks: str, signs: Signs, fill: Callable[[Tensor], Tensor]) -> Layer:
    """Give the gates what `fill` puts into a tensor, each with its sign, in sum of both biases."""
    for bias_ih, bias_hh in _biases_of(layer):
        size = len(bias_ih) // len(blocks)
        filled = fill(bias_ih.new_empty(size))
        for gate, sign in signs.items():
            block = slice(start := blocks.index(gate) * size, start + size)
            if bias_hh is not None:
                bias_hh[block] = 0
            bias_ih[block] = sign * filled / (2 if bias_hh is bias_ih else 1)
    return layer


def _biases_of(layer: Any) -> list[tuple[nn.Parameter, nn.Parameter | None]]:
    """Return bias_ih and bias_hh of each layer and direction; the second is None in a minGRU."""
    if not layer.bias:
        raise ValueError(f"layer must have biases, got {layer}")
    ends = [end for ends in suffixes(layer) for end in ends]
    parts = ("bias_ih",) if isinstance(layer, MinGRU | MinLSTM) else ("bias_ih", "bias_hh")
    for name in (part + end for end in ends for part in parts):
        if name not in layer._parameters:
            raise ValueError(
                f"layer computes {name} from other tensors, as where it is pruned or parametrized, "
                "so it cannot be set; set the biases first"
            )
    pairs = [
        (getattr(layer, "bias_ih" + end), getattr(layer, "bias_hh" + end, None)) for end in ends
    ]
    # Where one tensor is bias_ih here and bias_hh there, one sum would undo another.
    both = {one for one, other in pairs if one is other}
    ih = {one for one, other in pairs if one is not other}
    hh = {other for one, other in pairs if other is not None and one is not other}
    if both & ih or both & hh or ih & hh:
        raise ValueError(
            "layer uses one tensor as bias_ih and as bias_hh in different places, so not "
            "every sum can be set"
        )
    return pairs
