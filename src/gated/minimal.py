r"""minGRU and minLSTM: gates that do not see the state, so that all steps can be run at once.

What is kept and what is written then depends on the input alone, and every step is of the form
$h' = k \odot h + w$ with $k$ and $w$ known beforehand. Two such steps in a row are one of the same
form, which keeps $k_1 k_2$ and writes $k_2 w_1 + w_2$; joining neighbors again and again reaches
every step in $\log_2 L$ rounds in place of $L$ steps. The scan works with logarithms, for which the
candidate must be positive.
"""
# ruff: noqa: F722 (a shape in a type is not Python)

from dataclasses import KW_ONLY, dataclass

import torch
from jaxtyping import Float
from torch import Tensor, lerp, logaddexp, sigmoid
from torch.nn.functional import linear, logsigmoid

from gated.loop import State
from gated.stack import AtOnce, HiddenLayers, Weights

_Steps = Float[Tensor, "time batch hidden"]

#: How far apart the steps are that are joined, round by round, in a program for all lengths.
_SPANS = [2**k for k in range(31)]


def _positive(a: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    """Return a + 0.5, or sigmoid(a) where a is negative: above zero and without a jump."""
    return torch.where(a >= 0, a + 0.5, sigmoid(a))


def _log_positive(a: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    # The branch not taken must have a gradient too; at 0, clamp lets it through and relu does not.
    return torch.where(a >= 0, (a.clamp(min=0) + 0.5).log(), logsigmoid(a))


def _min_gru_step(
    from_x: Float[Tensor, "batch gates"], h: Float[Tensor, "batch hidden"]
) -> Float[Tensor, "batch hidden"]:
    x_z, x_n = from_x.chunk(2, dim=-1)
    z = sigmoid(x_z)
    n = _positive(x_n)
    return lerp(h, n, z)  # (1 - z) * h + z * n


def _min_gru_logs(from_x: Float[Tensor, "time batch gates"]) -> tuple[_Steps, _Steps]:
    """Return the logarithms of what is kept, 1 - z, and of what is written, z * n."""
    x_z, x_n = from_x.chunk(2, dim=-1)
    return logsigmoid(-x_z), logsigmoid(x_z) + _log_positive(x_n)


def _min_lstm_step(
    from_x: Float[Tensor, "batch gates"], h: Float[Tensor, "batch hidden"]
) -> Float[Tensor, "batch hidden"]:
    x_i, x_f, x_g = from_x.chunk(3, dim=-1)
    keep = sigmoid(logsigmoid(x_f) - logsigmoid(x_i))  # f / (f + i), which might be 0 / 0
    g = _positive(x_g)
    return lerp(g, h, keep)  # keep * h + (1 - keep) * g


def _min_lstm_logs(from_x: Float[Tensor, "time batch gates"]) -> tuple[_Steps, _Steps]:
    """Return the logarithms of what is kept, f / (f + i), and of what is written, i / (f + i) g."""
    x_i, x_f, x_g = from_x.chunk(3, dim=-1)
    odds = logsigmoid(x_f) - logsigmoid(x_i)
    return logsigmoid(odds), logsigmoid(-odds) + _log_positive(x_g)


def _scan(log_keep: _Steps, log_write: _Steps, h: Float[Tensor, "batch hidden"]) -> _Steps:
    r"""Return $h' = k \odot h + w$ after every step, all steps at once, from $\log k$ and $\log w$.

    In every round each step takes in as many steps before it as it stands for already. Sums of
    logarithms over the whole sequence, as in the paper's listing, need fewer operations, but they
    grow with the time, and what is left of the digits after the point shrinks.
    """
    join = _join_any_number if _is_length_open(log_keep) else _join
    log_keep, log_write = join(log_keep, log_write)
    # The given state enters as it is, outside of the logarithms: it may be zero or negative.
    return log_keep.exp() * h + log_write.exp()


def _join(log_keep: _Steps, log_write: _Steps) -> tuple[_Steps, _Steps]:
    """Return what each step and all steps before it, taken as one, keep and write."""
    span = 1
    while span < len(log_keep):
        written_before = log_keep[span:] + log_write[:-span]
        log_write = torch.cat([log_write[:span], logaddexp(log_write[span:], written_before)])
        log_keep = torch.cat([log_keep[:span], log_keep[span:] + log_keep[:-span]])
        span *= 2
    return log_keep, log_write


def _join_any_number(log_keep: _Steps, log_write: _Steps) -> tuple[_Steps, _Steps]:
    """Do the same in a program for all lengths: the rounds that a short one lacks change nothing.

    Where there is no step that far back, one stands in that keeps all and writes nothing.
    """
    steps = torch.arange(log_keep.shape[0], device=log_keep.device)
    for span in _SPANS:
        is_there = (steps >= span).view(-1, 1, 1)
        before = (steps - span).clamp(min=0)
        written_before = torch.where(is_there, log_keep + log_write[before], -torch.inf)
        log_write = logaddexp(log_write, written_before)
        log_keep = log_keep + torch.where(is_there, log_keep[before], 0)
    return log_keep, log_write


def _is_length_open(log_keep: Tensor) -> bool:
    """Say whether the number of steps is left open, as in a traced or an exported program."""
    # What torch.export follows line by line (strict=True) shows a plain int in every case.
    line_by_line = torch.compiler.is_exporting() and torch.compiler.is_dynamo_compiling()
    return line_by_line or not isinstance(log_keep.shape[0], int)


@dataclass(eq=False, repr=False)
class _Minimal(AtOnce, HiddenLayers):
    """Layers whose gates do not see the state, so that a scan can run them."""

    _: KW_ONLY
    parallel: bool = True

    def _shapes(self, input_size: int) -> dict[str, tuple[int, ...] | None]:
        shapes = super()._shapes(input_size)
        return {name: shapes[name] for name in ("weight_ih", "bias_ih")}

    def _logs(self, from_x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logarithms of what every step keeps and of what it writes."""
        raise NotImplementedError

    def _runs_at_once(self) -> bool:
        return self.parallel

    def _run_at_once(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        output = _scan(*self._logs(linear(x, w["weight_ih"], w["bias_ih"])), *state)
        return output, (output[-1],)


class MinGRU(_Minimal):
    r"""minGRU: a GRU without reset gate whose update gate and candidate do not see the state.

    $$\begin{aligned}
    z &= \sigma(W_{iz} x + b_{iz}) \\
    n &= g(W_{in} x + b_{in}), \quad
    g(a) = a + \tfrac{1}{2} \text{ for } a \ge 0, \text{ else } \sigma(a) \\
    h' &= (1 - z) \odot h + z \odot n
    \end{aligned}$$

    Here the update gate $z$ writes, as in the paper: where $z = 0$ the state is kept. That is the
    opposite of [`GRU`][gated.GRU], PyTorch and Keras.

    All steps are run at once, by a scan in logarithms, or one after the other with
    `parallel=False`: two ways to the same values and gradients. `layer.parallel` can be set at any
    time. Packed sequences always go step by step.

    A given `hx` is a state: it enters the equation as it is, and may be zero or negative. (The
    paper's listing of the scan sends it through $g$ first, and its listing of the step does not, so
    that the two disagree.)

    Arguments, shapes and errors are those of [`GRU`][gated.GRU], with `parallel` in place of
    `reset_after`. Weights of each layer and direction, z and n one below the other: `weight_ih`
    (2 * hidden_size, input_size) and `bias_ih` (2 * hidden_size,), named `weight_ih_l0` and so on.

    Source: Feng et al., "Were RNNs all we needed?", arXiv 2410.01201, section 3.1 and, for $g$ and
    logarithms, appendix B.
    """

    _gates = 2

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        return (_min_gru_step(from_x, *state),)

    def _logs(self, from_x: Tensor) -> tuple[Tensor, Tensor]:
        return _min_gru_logs(from_x)


class MinLSTM(_Minimal):
    r"""minLSTM: an LSTM without output gate whose gates and candidate do not see the state.

    $$\begin{aligned}
    i &= \sigma(W_{ii} x + b_{ii}) \\
    f &= \sigma(W_{if} x + b_{if}) \\
    n &= g(W_{ig} x + b_{ig}), \quad
    g(a) = a + \tfrac{1}{2} \text{ for } a \ge 0, \text{ else } \sigma(a) \\
    h' &= \frac{f}{f + i} \odot h + \frac{i}{f + i} \odot n
    \end{aligned}$$

    The forget gate $f$ keeps and the input gate $i$ writes, each as its share of their sum. There
    is no cell state: the state is $h$ alone, not a pair.

    Arguments, shapes, errors, `parallel` and what it means are those of [`MinGRU`][gated.MinGRU],
    and so is the way in which a given `hx` enters. Weights of each layer and direction, the blocks
    i, f and g one below the other: `weight_ih` (3 * hidden_size, input_size) and `bias_ih` (3 *
    hidden_size,), named `weight_ih_l0` and so on.

    Source: Feng et al., "Were RNNs all we needed?", arXiv 2410.01201, section 3.2 and, for $g$ and
    logarithms, appendix B.
    """

    _gates = 3

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        return (_min_lstm_step(from_x, *state),)

    def _logs(self, from_x: Tensor) -> tuple[Tensor, Tensor]:
        return _min_lstm_logs(from_x)
