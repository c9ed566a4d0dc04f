"""What comes in wrong gets one line that names the argument, what came, and what was expected."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from packaging.version import Version
from torch import zeros
from torch.nn.utils.rnn import pack_sequence

import gated

Call = Callable[[Any], object]

#: Calls of a module of gated or torch.nn that raise the same kind of error in both.
SHARED: list[tuple[Call, type[Exception], str]] = [
    (
        lambda nn: nn.GRU(3, 5)(zeros(2, 2, 4)),
        RuntimeError,
        "GRU: input.size(-1) must be equal to input_size = 3, got shape (2, 2, 4)",
    ),
    (
        lambda nn: nn.GRU(3, 5)(zeros(3)),
        ValueError,
        "GRU: input must be 2D or 3D, got 1D of shape (3,)",
    ),
    (
        lambda nn: nn.RNN(3, 5)(zeros(2, 2, 3).double()),
        ValueError,
        "RNN: input must be torch.float32 like the weights, got torch.float64",
    ),
    (
        lambda nn: nn.LSTM(3, 5)(zeros(2, 2, 3).long()),
        ValueError,
        "LSTM: input must be torch.float32 like the weights, got torch.int64",
    ),
    (
        lambda nn: nn.GRU(3, 5)(zeros(0, 2, 3)),
        RuntimeError,
        "GRU: Expected sequence length to be larger than 0 in RNN layers, got shape (0, 2, 3)",
    ),
    (
        lambda nn: nn.GRU(3, 5, batch_first=True)(zeros(2, 0, 3)),
        RuntimeError,
        "GRU: Expected sequence length to be larger than 0 in RNN layers, got shape (2, 0, 3)",
    ),
    (
        lambda nn: nn.GRU(3, 5, 2, bidirectional=True)(zeros(2, 7, 3), zeros(2, 7, 5)),
        RuntimeError,
        "GRU: Expected hidden state hx of shape "
        "(num_layers * directions, batch, hidden_size) = (4, 7, 5), "
        "got (2, 7, 5)",
    ),
    (
        lambda nn: nn.GRU(3, 5)(zeros(2, 7, 3), zeros(7, 5)),
        RuntimeError,
        "GRU: Expected hidden state hx of shape "
        "(num_layers * directions, batch, hidden_size) = (1, 7, 5), "
        "got (7, 5)",
    ),
    (
        lambda nn: nn.RNN(3, 5)(zeros(2, 3), zeros(1, 1, 5)),
        RuntimeError,
        "RNN: Expected hidden state hx of shape "
        "(num_layers * directions, hidden_size) = (1, 5), got (1, 1, 5)",
    ),
    (
        lambda nn: nn.GRU(3, 5)(zeros(2, 7, 3), zeros(1, 7, 5).double()),
        RuntimeError,
        "GRU: hx must be torch.float32 like the weights, got torch.float64",
    ),
    (
        lambda nn: nn.LSTM(3, 5)(zeros(2, 7, 3), (zeros(1, 7, 5), zeros(1, 7, 4))),
        RuntimeError,
        "LSTM: Expected hidden state hx[1] of shape "
        "(num_layers * directions, batch, hidden_size) = (1, 7, 5), "
        "got (1, 7, 4)",
    ),
    (
        lambda nn: nn.GRUCell(3, 5)(zeros(2, 4)),
        RuntimeError,
        "GRUCell: input.size(-1) must be equal to input_size = 3, got shape (2, 4)",
    ),
    (
        lambda nn: nn.GRUCell(3, 5)(zeros(2, 2, 3)),
        ValueError,
        "GRUCell: input must be 1D or 2D, got 3D of shape (2, 2, 3)",
    ),
    (
        lambda nn: nn.GRUCell(3, 5)(zeros(2, 3), zeros(1, 2, 5)),
        ValueError,
        "GRUCell: hx must be 1D or 2D, got 3D of shape (1, 2, 5)",
    ),
    (
        lambda nn: nn.RNNCell(3, 5)(zeros(2, 3), zeros(4, 5)),
        RuntimeError,
        "RNNCell: Expected hidden state hx of shape (batch, hidden_size) = (2, 5), got (4, 5)",
    ),
    (
        lambda nn: nn.GRUCell(3, 5)(zeros(3), zeros(1, 5)),
        RuntimeError,
        "GRUCell: Expected hidden state hx of shape (hidden_size) = (5,), got (1, 5)",
    ),
    (
        lambda nn: nn.GRUCell(3, 5)(zeros(2, 3).double()),
        RuntimeError,
        "GRUCell: input must be torch.float32 like the weights, got torch.float64",
    ),
    (
        lambda nn: nn.LSTMCell(3, 5)(zeros(2, 3), (zeros(2, 5), zeros(2, 6))),
        RuntimeError,
        "LSTMCell: Expected hidden state hx[1] of shape (batch, hidden_size) = (2, 5), got (2, 6)",
    ),
    (
        lambda nn: nn.LSTMCell(3, 5)(zeros(2, 3), zeros(2, 5)),
        TypeError,
        "LSTMCell: hx must be a pair of tensors (h, c), got Tensor",
    ),
    (
        lambda nn: nn.GRU(3, 5)(zeros(2, 2, 3, device="meta")),
        RuntimeError,
        "GRU: input must be on cpu like the weights, got meta",
    ),
    (
        lambda nn: nn.LSTM(3, 5)(zeros(2, 7, 3), (zeros(1, 7, 5), zeros(1, 7, 5, device="meta"))),
        RuntimeError,
        "LSTM: hx[1] must be on cpu like the weights, got meta",
    ),
    (
        lambda nn: nn.GRUCell(3, 5)(zeros(2, 3, device="meta")),
        RuntimeError,
        "GRUCell: input must be on cpu like the weights, got meta",
    ),
    (
        lambda nn: nn.GRU(3, 5)(pack_sequence([zeros(2, 4)])),
        RuntimeError,
        "GRU: input.size(-1) must be equal to input_size = 3, got shape (2, 4)",
    ),
    (
        lambda nn: nn.GRU(3, 5)(pack_sequence([zeros(2, 3), zeros(1, 3)]), zeros(1, 3, 5)),
        RuntimeError,
        "GRU: Expected hidden state hx of shape "
        "(num_layers * directions, batch, hidden_size) = (1, 2, 5), "
        "got (1, 3, 5)",
    ),
    (
        lambda nn: nn.LSTM(3, 5, proj_size=2)(zeros(2, 7, 3), (zeros(1, 7, 5), zeros(1, 7, 5))),
        RuntimeError,
        "LSTM: Expected hidden state hx[0] of shape "
        "(num_layers * directions, batch, proj_size) = (1, 7, 2), "
        "got (1, 7, 5)",
    ),
    (
        lambda nn: nn.LSTM(3, 5, proj_size=5),
        ValueError,
        "proj_size must be 0, for none, or below hidden_size = 5, got 5",
    ),
    (
        lambda nn: nn.LSTM(3, 5, proj_size=-1),
        ValueError,
        "proj_size must be 0, for none, or below hidden_size = 5, got -1",
    ),
    (lambda nn: nn.GRU(3, -1), ValueError, "hidden_size must be at least 1, got -1"),
    (lambda nn: nn.GRU(3, 5, 0), ValueError, "num_layers must be at least 1, got 0"),
    (lambda nn: nn.GRU(3.0, 5), TypeError, "input_size must be an int, got 3.0 (float)"),
    (lambda nn: nn.GRUCell(3, 5.5), TypeError, "hidden_size must be an int, got 5.5 (float)"),
    (lambda nn: nn.GRU(3, 5, 1.5), TypeError, "num_layers must be an int, got 1.5 (float)"),
    (
        lambda nn: nn.GRU(3, 5, 2, dropout=1.5),
        ValueError,
        "dropout must be a number from 0 to 1, got 1.5",
    ),
    (
        lambda nn: nn.GRU(3, 5, 2, dropout="half"),
        ValueError,
        "dropout must be a number from 0 to 1, got 'half'",
    ),
    (
        lambda nn: nn.RNN(3, 5, nonlinearity="tanhh"),
        ValueError,
        "Unknown nonlinearity: 'tanhh' is not one of 'tanh', 'relu'; did you mean 'tanh'?",
    ),
]

#: Where torch.nn raises something that only its inside explains, or nothing.
OURS: list[tuple[Call, type[Exception], str]] = [
    (lambda nn: nn.GRU(3, 5)([1, 2]), TypeError, "GRU: input must be a Tensor, got list"),
    (
        lambda nn: nn.LSTM(3, 5, proj_size=2.5),
        TypeError,
        "proj_size must be an int, got 2.5 (float)",
    ),
    (
        lambda nn: nn.GRU(3, 5)(pack_sequence([zeros(2, 3).double()])),
        ValueError,
        "GRU: input must be torch.float32 like the weights, got torch.float64",
    ),
    (
        lambda nn: nn.GRU(3, 5)(zeros(2, 7, 3), (zeros(1, 7, 5), zeros(1, 7, 5))),
        TypeError,
        "GRU: hx must be a Tensor, got tuple",
    ),
    (
        lambda nn: nn.GRUCell(3, 5)(zeros(2, 3), "zero"),
        TypeError,
        "GRUCell: hx must be a Tensor, got str",
    ),
    (
        lambda nn: nn.LSTM(3, 5)(zeros(2, 7, 3), zeros(1, 7, 5)),
        TypeError,
        "LSTM: hx must be a pair of tensors (h, c), got Tensor",
    ),
    (
        lambda nn: nn.LSTM(3, 5)(zeros(2, 7, 3), (zeros(1, 7, 5),)),
        TypeError,
        "LSTM: hx must be a pair of tensors (h, c), got (Tensor)",
    ),
    (
        lambda nn: nn.LSTM(3, 5)(zeros(2, 7, 3), (zeros(1, 7, 5), None)),
        TypeError,
        "LSTM: hx must be a pair of tensors (h, c), got (Tensor, NoneType)",
    ),
    (lambda nn: nn.GRUCell(-1, 5), ValueError, "input_size must be at least 0, got -1"),
    (lambda nn: nn.GRU(True, 5), TypeError, "input_size must be an int, got True (bool)"),
    (
        lambda nn: nn.GRU(3, 5, bidirectional=2),
        TypeError,
        "bidirectional must be True or False, got 2 (int)",
    ),
    (
        lambda nn: nn.RNNCell(3, 5, nonlinearity="sigmoid"),
        ValueError,
        "Unknown nonlinearity: 'sigmoid' is not one of 'tanh', 'relu'",
    ),
    (
        lambda nn: nn.GRUCell(3, 5, reset_after="no"),
        TypeError,
        "reset_after must be True or False, got 'no' (str)",
    ),
]


#: What torch.nn looks at from version 2.11 on.
LATER: list[tuple[Call, type[Exception], str]] = [
    (lambda nn: nn.GRU(0, 5), ValueError, "input_size must be at least 1, got 0"),
    (lambda nn: nn.GRU(3, 5, bias=1), TypeError, "bias must be True or False, got 1 (int)"),
    (
        lambda nn: nn.GRU(3, 5, batch_first=None),
        TypeError,
        "batch_first must be True or False, got None (NoneType)",
    ),
]
(SHARED if Version(torch.__version__) >= Version("2.11") else OURS).extend(LATER)


@pytest.mark.parametrize(("call", "error", "message"), SHARED + OURS)
def test_an_error_says_what_came_and_what_was_expected(
    call: Call, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        call(gated)
    assert str(raised.value) == message
    assert type(raised.value) is error


@pytest.mark.parametrize(("call", "error", "message"), SHARED)
def test_torch_raises_the_same_kind(call: Call, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        call(torch.nn)
    assert type(raised.value) is error
    assert str(raised.value) != message


def test_an_error_names_the_class_of_the_user() -> None:
    class Reader(gated.GRU):
        pass

    with pytest.raises(ValueError, match=r"^Reader: input must be 2D or 3D"):
        Reader(3, 5)(zeros(3))
