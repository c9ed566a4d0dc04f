r"""Small trained models whose gates can be read: they predict the next character of a text.

One is a GRU, and beside it stands an LSTM of about as many parameters. The weights, which
[`load`][gated.characters.load] returns, were trained alike on the first nine tenths of
*tinyshakespeare*, about a million characters of Shakespeare's plays. The record "characters" of
[`gated.evidence`][gated.evidence] says how, and by which command.
"""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from gated.fast import GRU, LSTM
from gated.options import check_choice, check_sizes

#: All that a model can read and write, in the order of its inputs and outputs.
CHARACTERS: Final = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: How many units each cell has unless told otherwise: the parameters are then about as many.
HIDDEN_SIZES: Final = {"gru": 128, "lstm": 108}

_HERE = Path(__file__)
#: Where the trained weights of each cell are.
WEIGHTS: Final = {cell: _HERE.with_name(f"characters-{cell}.npz") for cell in HIDDEN_SIZES}


#: h for the GRU, the pair (h, c) for the LSTM.
State = Tensor | tuple[Tensor, Tensor]


class CharacterModel(nn.Module):
    r"""One GRU or LSTM layer over characters, and a linear layer that predicts the next of them.

    Called with `x`, characters one-hot of shape (time, batch, characters), and `hx`, the state of
    shape (1, batch, hidden_size), or zeros if it is missing. Returns `(logits, h)`:

    - `logits`: (time, batch, characters), at each step for the character after it
    - `h`: the last state, (1, batch, hidden_size)

    The state of an LSTM is the pair (h, c) of this shape each. A new model has random weights;
    [`load`][gated.characters.load] returns a trained one.

    Args:
        hidden_size: The number of units, or None for that of the trained model.
        cell: "gru" or "lstm", which is also the name of the layer: `model.gru`, `model.lstm`.

    Raises:
        ValueError: another cell, a size below 1, a tensor of another rank.
        TypeError: an argument of another type.
        RuntimeError: a tensor of another size, dtype or device.
    """

    gru: GRU
    lstm: LSTM

    def __init__(self, hidden_size: int | None = None, cell: str = "gru") -> None:
        check_choice("cell", cell, HIDDEN_SIZES)
        if hidden_size is None:
            hidden_size = HIDDEN_SIZES[cell]
        check_sizes(hidden_size=hidden_size)
        super().__init__()
        if cell == "gru":
            self.gru = GRU(len(CHARACTERS), hidden_size)
        else:
            self.lstm = LSTM(len(CHARACTERS), hidden_size)
        self.cell = cell
        self.predict = nn.Linear(hidden_size, len(CHARACTERS))

    @property
    def layer(self) -> GRU | LSTM:
        """The recurrent layer, whichever it is."""
        return self.gru if self.cell == "gru" else self.lstm

    def forward(self, x: Tensor, hx: State | None = None) -> tuple[Tensor, State]:
        states, h = self.layer(x, hx)
        return self.predict(states), h


def encode(text: str) -> Tensor:
    """Return the characters of a text as the model takes them: one-hot, (time, 1, characters).

    Raises:
        TypeError: what is no text.
        ValueError: no text, or a character that the model does not know.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {type(text).__name__}")
    if not text:
        raise ValueError("text must have at least one character")
    place = {character: k for k, character in enumerate(CHARACTERS)}
    unknown = [character for character in text if character not in place]
    if unknown:
        signs = " ".join(c for c in CHARACTERS if not c.isalpha() and not c.isspace())
        raise ValueError(
            f"the model does not know {unknown[0]!r}; it reads letters without accents, spaces, "
            f"new lines and {signs}"
        )
    tokens = torch.tensor([place[character] for character in text])
    return one_hot(tokens, len(CHARACTERS)).to(torch.get_default_dtype()).unsqueeze(1)


def load(cell: str = "gru") -> CharacterModel:
    """Return the trained model of a cell, "gru" or "lstm", in single precision.

    Raises:
        ValueError: another cell.
    """
    check_choice("cell", cell, WEIGHTS)
    with np.load(WEIGHTS[cell]) as weights:
        found = {name: torch.from_numpy(weights[name]).float() for name in weights.files}
    model = CharacterModel(len(found["predict.weight"][0]), cell)
    model.load_state_dict(found)
    return model


def scene() -> str:
    """Return a scene in the form of the plays that the models learned from, written for this site.

    No model has seen it. Names stand above what they say, as in the plays:

        MIRA:
        Who's there? The gate is shut.
    """
    return _HERE.with_name("scene.txt").read_text("utf-8")
