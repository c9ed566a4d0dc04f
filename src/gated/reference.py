r"""RNN, GRU and LSTM in NumPy, the plain way: one step after the other, one sequence at a time.

Nothing here is fast or clever, so that nothing can hide: all else is compared with these loops.
Each runs one layer in one direction, in float64, and returns the output and the last state. With L
time steps and a batch of N:

- `input`: (L, N, input_size); L and N may be 0
- `hx`, the state before the first step: (N, hidden_size), or None for zeros
- `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`: as in torch.nn, one block for each gate, r, z, n
  for the GRU and i, f, g, o for the LSTM; a bias that is None counts as zeros
- output: (L, N, hidden_size)

All come as anything that `np.asarray` takes, and stay as they are.

Raises:
    TypeError: an argument that does not hold real numbers.
    ValueError: an array of another shape, an unknown nonlinearity.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gated.options import check_choice, check_flags

Array = NDArray[np.float64]


def rnn(
    input: ArrayLike,
    hx: ArrayLike | None,
    weight_ih: ArrayLike,
    weight_hh: ArrayLike,
    bias_ih: ArrayLike | None = None,
    bias_hh: ArrayLike | None = None,
    nonlinearity: str = "tanh",
) -> tuple[Array, Array]:
    """Run a plain RNN with "tanh" or "relu"; return (output, h_n).

    Source: Elman, "Finding structure in time", Cognitive Science 14, 1990, figure 2.
    """
    check_choice("nonlinearity", nonlinearity, ("tanh", "relu"))
    x, W_ih, W_hh, b_ih, b_hh = _arrays(1, input, weight_ih, weight_hh, bias_ih, bias_hh)
    h = _state("hx", hx, x, W_hh)
    output = np.empty((*x.shape[:2], W_hh.shape[1]))
    for t, k in np.ndindex(x.shape[:2]):
        a = W_ih @ x[t, k] + b_ih + W_hh @ h[k] + b_hh
        h[k] = np.tanh(a) if nonlinearity == "tanh" else np.maximum(a, 0)
        output[t, k] = h[k]
    return output, h


def gru(
    input: ArrayLike,
    hx: ArrayLike | None,
    weight_ih: ArrayLike,
    weight_hh: ArrayLike,
    bias_ih: ArrayLike | None = None,
    bias_hh: ArrayLike | None = None,
    reset_after: bool = True,
) -> tuple[Array, Array]:
    """Run a GRU whose update gate z keeps the past; return (output, h_n).

    The reset gate acts after the product with the state's weights, as in PyTorch, or before it.

    Source: Cho et al., arXiv 1406.1078, section 2.3: version 1 resets after, version 3 before.
    """
    check_flags(reset_after=reset_after)
    x, *weights = _arrays(3, input, weight_ih, weight_hh, bias_ih, bias_hh)
    h = _state("hx", hx, x, weights[1])
    (W_ir, W_iz, W_in), (W_hr, W_hz, W_hn), (b_ir, b_iz, b_in), (b_hr, b_hz, b_hn) = (
        np.split(weight, 3) for weight in weights
    )
    output = np.empty((*x.shape[:2], h.shape[1]))
    for t, k in np.ndindex(x.shape[:2]):
        r = _sigmoid(W_ir @ x[t, k] + b_ir + W_hr @ h[k] + b_hr)
        z = _sigmoid(W_iz @ x[t, k] + b_iz + W_hz @ h[k] + b_hz)
        if reset_after:
            n = np.tanh(W_in @ x[t, k] + b_in + r * (W_hn @ h[k] + b_hn))
        else:
            n = np.tanh(W_in @ x[t, k] + b_in + W_hn @ (r * h[k]) + b_hn)
        h[k] = (1 - z) * n + z * h[k]
        output[t, k] = h[k]
    return output, h


def lstm(
    input: ArrayLike,
    hx: tuple[ArrayLike, ArrayLike] | None,
    weight_ih: ArrayLike,
    weight_hh: ArrayLike,
    bias_ih: ArrayLike | None = None,
    bias_hh: ArrayLike | None = None,
) -> tuple[Array, tuple[Array, Array]]:
    """Run an LSTM from the pair (h, c); return (output, (h_n, c_n)).

    Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997,
    section 4; the forget gate is from Gers, Schmidhuber and Cummins, "Learning to forget", Neural
    Computation 12(10), 2000, section 3.
    """
    if hx is not None and (not isinstance(hx, tuple | list) or len(hx) != 2):
        raise TypeError(f"hx must be a pair of arrays (h, c), got {type(hx).__name__}")
    x, *weights = _arrays(4, input, weight_ih, weight_hh, bias_ih, bias_hh)
    h, c = (_state(f"hx[{part}]", hx and hx[part], x, weights[1]) for part in (0, 1))
    (
        (W_ii, W_if, W_ig, W_io),
        (W_hi, W_hf, W_hg, W_ho),
        (b_ii, b_if, b_ig, b_io),
        (b_hi, b_hf, b_hg, b_ho),
    ) = (np.split(weight, 4) for weight in weights)
    output = np.empty((*x.shape[:2], h.shape[1]))
    for t, k in np.ndindex(x.shape[:2]):
        i = _sigmoid(W_ii @ x[t, k] + b_ii + W_hi @ h[k] + b_hi)
        f = _sigmoid(W_if @ x[t, k] + b_if + W_hf @ h[k] + b_hf)
        g = np.tanh(W_ig @ x[t, k] + b_ig + W_hg @ h[k] + b_hg)
        o = _sigmoid(W_io @ x[t, k] + b_io + W_ho @ h[k] + b_ho)
        c[k] = f * c[k] + i * g
        h[k] = o * np.tanh(c[k])
        output[t, k] = h[k]
    return output, (h, c)


def _sigmoid(a: Array) -> Array:
    return (1 + np.tanh(a / 2)) / 2  # 1 / (1 + exp(-a)), which would overflow


def _arrays(
    gates: int,
    input: ArrayLike,
    weight_ih: ArrayLike,
    weight_hh: ArrayLike,
    bias_ih: ArrayLike | None,
    bias_hh: ArrayLike | None,
) -> tuple[Array, ...]:
    """Return the input and the weights as arrays of float64, once their shapes are seen to fit."""
    x, w_ih, w_hh = (
        _array(name, value)
        for name, value in (("input", input), ("weight_ih", weight_ih), ("weight_hh", weight_hh))
    )
    if x.ndim != 3:
        raise ValueError(f"input must be 3D, (time, batch, input_size), got shape {x.shape}")
    rows = w_hh.shape[0] if w_hh.ndim == 2 else 0
    if rows == 0 or rows != gates * w_hh.shape[1]:
        raise ValueError(
            f"weight_hh must have shape ({gates} * hidden_size, hidden_size), got {w_hh.shape}"
        )
    b_ih, b_hh = (
        np.zeros(rows) if value is None else _array(name, value)
        for name, value in (("bias_ih", bias_ih), ("bias_hh", bias_hh))
    )
    for name, array, expected in (
        ("weight_ih", w_ih, (rows, x.shape[2])),
        ("bias_ih", b_ih, (rows,)),
        ("bias_hh", b_hh, (rows,)),
    ):
        if array.shape != expected:
            raise ValueError(f"{name} must have shape {expected}, got {array.shape}")
    return x, w_ih, w_hh, b_ih, b_hh


def _state(name: str, given: ArrayLike | None, x: Array, w_hh: Array) -> Array:
    """Return the given state, or zeros, as an array that the loop may change."""
    expected = (x.shape[1], w_hh.shape[1])
    h = np.zeros(expected) if given is None else _array(name, given).copy()
    if h.shape != expected:
        raise ValueError(f"{name} must have shape (batch, hidden_size) = {expected}, got {h.shape}")
    return h


def _array(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers, got {array.dtype}")
    return array.astype(np.float64)
