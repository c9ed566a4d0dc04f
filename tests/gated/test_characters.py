"""The trained character model: its weights, and what it says when all is not well."""

from pathlib import Path
from typing import Any

import pytest
import torch

from gated import characters, evidence
from gated.characters import CHARACTERS, CharacterModel, encode, load, scene


def test_the_weights_are_small_and_those_of_the_record() -> None:
    record = evidence.read("characters")
    file = Path(characters.__file__).with_suffix(".npz")
    assert file.stat().st_size < 200_000
    assert record["weights_kb"] == round(file.stat().st_size / 1000, 1)
    model = load()
    assert sum(weight.numel() for weight in model.parameters()) == record["parameters"]
    assert model.gru.hidden_size == record["units"]


def test_the_scene_has_only_characters_that_the_model_knows() -> None:
    assert set(scene()) <= set(CHARACTERS)
    assert len(set(CHARACTERS)) == len(CHARACTERS)


def test_a_text_is_read_one_character_after_another() -> None:
    x = encode("a gate")
    assert x.shape == (6, 1, len(CHARACTERS))
    assert "".join(CHARACTERS[k] for k in x.argmax(-1).flatten()) == "a gate"
    model = load()
    logits, h = model(x)
    first, state = model(x[:2])
    rest, last = model(x[2:], state)
    torch.testing.assert_close(torch.cat([first, rest]), logits)
    torch.testing.assert_close(last, h)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", ValueError, "text must have at least one character"),
        ("at 9", ValueError, r"the model does not know '9'; it reads letters .* ! \$ & ' , -"),
        (b"gate", TypeError, "text must be a str, got bytes"),
    ],
)
def test_what_cannot_be_read_is_named(text: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        encode(text)


def test_a_model_of_no_units_is_refused() -> None:
    with pytest.raises(ValueError, match="hidden_size must be at least 1, got 0"):
        CharacterModel(0)
