r"""A small trained model whose gates can be read: a GRU that predicts the next character of a text.

The weights, which [`load`][gated.characters.load] returns, were trained on the first nine tenths of
*tinyshakespeare*, about a million characters of Shakespeare's plays. The record "characters" of
[`gated.evidence`][gated.evidence] says how, and by which command.
"""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from gated.fast import GRU
from gated.options import check_sizes

#: All that the model can read and write, in the order of its inputs and outputs.
CHARACTERS: Final = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HIDDEN_SIZE: Final = 128

_HERE = Path(__file__)


class CharacterModel(nn.Module):
    r"""One GRU layer over characters, and one linear layer that predicts the next of them.

    Called with `x`, characters one-hot of shape (time, batch, characters), and `hx`, the state of
    shape (1, batch, hidden_size), or zeros if it is missing. Returns `(logits, h)`:

    - `logits`: (time, batch, characters), at each step for the character after it
    - `h`: the last state, (1, batch, hidden_size)

    A new model has random weights; [`load`][gated.characters.load] returns the trained one.

    Args:
        hidden_size: The number of units.

    Raises:
        ValueError: a size below 1, a tensor of another rank.
        TypeError: an argument of another type.
        RuntimeError: a tensor of another size, dtype or device.
    """

    def __init__(self, hidden_size: int = HIDDEN_SIZE) -> None:
        check_sizes(hidden_size=hidden_size)
        super().__init__()
        self.gru = GRU(len(CHARACTERS), hidden_size)
        self.predict = nn.Linear(hidden_size, len(CHARACTERS))

    def forward(self, x: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        states, h = self.gru(x, hx)
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


def load() -> CharacterModel:
    """Return the trained model, in single precision."""
    with np.load(_HERE.with_suffix(".npz")) as weights:
        found = {name: torch.from_numpy(weights[name]).float() for name in weights.files}
    model = CharacterModel(len(found["predict.weight"][0]))
    model.load_state_dict(found)
    return model


def scene() -> str:
    """Return a scene in the form of the plays that the model was trained on, written for this site.

    The model has never seen it. Names stand above what they say, as in the plays:

        MIRA:
        Who's there? The gate is shut.
    """
    return _HERE.with_name("scene.txt").read_text("utf-8")
