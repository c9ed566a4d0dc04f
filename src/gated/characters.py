r"""A small trained model whose gates can be read: a GRU that predicts the next character of a text.

The wheel carries its weights, which [`load`][gated.characters.load] returns. They were trained on
the first nine tenths of *tinyshakespeare*, about a million characters of Shakespeare's plays, by

    python -m gated.characters train --data DIR

which takes minutes on a CPU and writes the weights and docs/evidence/characters.json, their record.
The data is no part of this project: see [`read_data`][gated.characters.read_data].
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from gated import evidence
from gated.fast import GRU
from gated.options import check_sizes
from gated.studies.machines import processor

#: All that the model can read and write, in the order of its inputs and outputs.
CHARACTERS: Final = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HIDDEN_SIZE: Final = 128

DATA_FILE: Final = "tinyshakespeare.txt"
DATA_SHA256: Final = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
DATA_SOURCE: Final = (
    "github.com/karpathy/char-rnn at commit 6f9487a, data/tinyshakespeare/input.txt"
)

_HERE = Path(__file__)
_RECIPE: Final = {
    "optimizer": "Adam",
    "learning_rate": 0.004,
    "schedule": "cosine to zero",
    "clip": 1.0,
    "batch": 32,
    "steps": 64,
    "epochs": 24,
}


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
    tokens = _numbers(text)
    return one_hot(tokens, len(CHARACTERS)).to(torch.get_default_dtype()).unsqueeze(1)


def load() -> CharacterModel:
    """Return the trained model, in single precision."""
    return _read(_HERE.with_suffix(".npz"))


def scene() -> str:
    """Return a scene in the form of the plays that the model was trained on, written for this site.

    The model has never seen it. Names stand above what they say, as in the plays:

        MIRA:
        Who's there? The gate is shut.
    """
    return _HERE.with_name("scene.txt").read_text("utf-8")


def read_data(directory: str | Path | None) -> str:
    """Return the text of tinyshakespeare.

    Args:
        directory: Where the file lies, by default what the variable GATED_DATA names.

    Raises:
        FileNotFoundError: there is no such file, or no directory was named.
        ValueError: the file is another one.
    """
    directory = directory or os.environ.get("GATED_DATA")
    origin = f"it is {DATA_SOURCE}, to be saved as {DATA_FILE}"
    if not directory:
        raise FileNotFoundError(f"no data: name its folder by --data or GATED_DATA; {origin}")
    file = Path(directory) / DATA_FILE
    if not file.is_file():
        raise FileNotFoundError(f"no file {file}; {origin}")
    content = file.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != DATA_SHA256:
        raise ValueError(
            f"{file} is another file: its sha256 is {found}, not {DATA_SHA256}; {origin}"
        )
    return content.decode("ascii")


def bits_per_character(model: CharacterModel, text: str, rows: int = 64) -> float:
    """Return how many bits the model needs for a character of a text, on average.

    The text is cut into rows that are read side by side, each from a state of zero; what is left
    over at the end is not read.

    Raises:
        TypeError: what is no text.
        ValueError: a character that the model does not know, or a text too short for the rows.
    """
    check_sizes(rows=rows)
    total = count = 0.0
    state = None
    with torch.no_grad():
        for x, target in _chunks(_rows(text, rows), 256):
            logits, state = model(x, state)
            total += cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="sum").item()
            count += target.numel()
    return total / count / math.log(2)


def train(
    text: str,
    *,
    hidden_size: int = HIDDEN_SIZE,
    seed: int = 0,
    recipe: dict[str, Any] | None = None,
) -> Iterator[CharacterModel]:
    """Train a model on a text, from new random weights, and yield it after every epoch.

    The text is cut into rows that are read side by side. The state goes on from one step of the
    training to the next, and the gradient does not.

    Args:
        text: What to learn.
        hidden_size: The number of units.
        seed: Decides the random weights.
        recipe: Changes to the recipe of the trained model: "learning_rate", "clip", "batch",
            "steps" and "epochs".

    Raises:
        TypeError: what is no text.
        ValueError: a character that the model does not know, or a text too short for the batch.
    """
    how = {**_RECIPE, **(recipe or {})}
    torch.manual_seed(seed)
    model = CharacterModel(hidden_size)
    rows = _rows(text, how["batch"])
    optimizer = torch.optim.Adam(model.parameters(), lr=how["learning_rate"])
    total = how["epochs"] * sum(1 for _ in _chunks(rows, how["steps"]))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)
    for _ in range(how["epochs"]):
        state: Tensor | None = None
        for x, target in _chunks(rows, how["steps"]):
            logits, state = model(x, state)
            state = state.detach()
            optimizer.zero_grad()
            cross_entropy(logits.flatten(0, 1), target.flatten()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), how["clip"])
            optimizer.step()
            schedule.step()
        yield model


def _numbers(text: str) -> Tensor:
    """Return the place of each character in CHARACTERS: (time,)."""
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
    return torch.tensor([place[character] for character in text])


def _rows(text: str, rows: int) -> Tensor:
    """Cut a text into rows of equal length: (time, rows)."""
    length = len(text) // rows
    if length < 2:
        raise ValueError(
            f"text must have at least {2 * rows} characters for {rows} rows, got {len(text)}"
        )
    return _numbers(text)[: rows * length].reshape(rows, length).T


def _chunks(rows: Tensor, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield some steps at a time: the characters one-hot, and for each the one after it."""
    for x, target in zip(rows[:-1].split(steps), rows[1:].split(steps), strict=True):
        yield one_hot(x, len(CHARACTERS)).to(torch.get_default_dtype()), target


def _save(model: CharacterModel, file: Path) -> None:
    """Write the weights as float16, so that they are small."""
    weights: dict[str, Any] = {
        name: weight.half().numpy() for name, weight in model.state_dict().items()
    }
    np.savez_compressed(file, **weights)


def _read(file: Path) -> CharacterModel:
    with np.load(file) as weights:
        found = {name: torch.from_numpy(weights[name]).float() for name in weights.files}
    model = CharacterModel(len(found["predict.weight"][0]))
    model.load_state_dict(found)
    return model


def _main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m gated.characters", description="Train the model.")
    commands = parser.add_subparsers(required=True)
    options = commands.add_parser("train", help="train it and write weights and record")
    options.add_argument("--data", metavar="DIR", help=f"where {DATA_FILE} lies")
    options.add_argument("--weights", type=Path, default=_HERE.with_suffix(".npz"))
    options.add_argument("--record", type=Path, default=evidence._folder() / "characters.json")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--epochs", type=int, default=_RECIPE["epochs"])
    given = parser.parse_args(arguments)
    try:
        text = read_data(given.data)
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    cut = len(text) * 9 // 10
    learned, kept_back = text[:cut], text[cut:]
    recipe = {**_RECIPE, "epochs": given.epochs}
    start = perf_counter()
    for epoch, model in enumerate(train(learned, seed=given.seed, recipe=recipe), start=1):
        seconds = perf_counter() - start
        _save(model, given.weights)
        written = _read(given.weights)
        record = {
            "command": "python -m gated.characters train",
            "machine": {
                "cpu": processor(),
                "cores": os.cpu_count(),
                "threads": torch.get_num_threads(),
                "capability": torch.backends.cpu.get_cpu_capability(),
            },
            "versions": {
                "python": platform.python_version(),
                "torch": torch.__version__,
                "numpy": np.__version__,
            },
            "data": {"file": DATA_FILE, "sha256": DATA_SHA256, "source": DATA_SOURCE},
            "training_characters": len(learned),
            "validation_characters": len(kept_back),
            "units": HIDDEN_SIZE,
            "parameters": sum(weight.numel() for weight in model.parameters()),
            "weights_kb": round(given.weights.stat().st_size / 1000, 1),
            "weights_dtype": "float16",
            "recipe": {**_RECIPE, "epochs": given.epochs, "epochs_done": epoch},
            "seed": given.seed,
            "training_bits": round(bits_per_character(written, learned), 4),
            "validation_bits": round(bits_per_character(written, kept_back), 4),
            "seconds": round(seconds, 1),
        }
        given.record.write_text(json.dumps(record, indent=2) + "\n")
        print(f"{epoch:3} {record['validation_bits']:.4f} bits {seconds:6.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
