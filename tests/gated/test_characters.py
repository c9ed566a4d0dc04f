"""The trained character models: their weights, and what they say when all is not well."""

import math
import re
from typing import Any

import numpy as np
import pytest
import torch

from gated import evidence, reference
from gated.characters import (
    CHARACTERS,
    HIDDEN_SIZES,
    WEIGHTS,
    CharacterModel,
    encode,
    load,
    scene,
)

CELLS = [*HIDDEN_SIZES]


@pytest.mark.parametrize("cell", CELLS)
def test_the_weights_are_small_and_those_of_the_record(cell: str) -> None:
    record = evidence.read("characters")[cell]
    size = WEIGHTS[cell].stat().st_size
    assert size < 200_000
    assert record["weights_kb"] == round(size / 1000, 1)
    model = load(cell)
    assert sum(weight.numel() for weight in model.parameters()) == record["parameters"]
    assert model.layer.hidden_size == record["units"] == HIDDEN_SIZES[cell]
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


@pytest.mark.parametrize("cell", CELLS)
def test_a_trained_model_is_what_its_weights_make_of_it(cell: str) -> None:
    """Without torch, from the file alone: the chances of a part of the scene, and so its bits."""
    with np.load(WEIGHTS[cell]) as arrays:
        weights = {name: arrays[name].astype(float) for name in arrays.files}
    text = scene()[:400]
    x = encode(text)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    of_layer = [weights[f"{cell}.{name}_l0"] for name in names]
    run = reference.gru if cell == "gru" else reference.lstm
    states = run(x.numpy(), None, *of_layer)[0][:, 0]
    logits = states @ weights["predict.weight"].T + weights["predict.bias"]
    told = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    with torch.no_grad():
        found = load(cell)(x)[0][:, 0].log_softmax(-1)
    np.testing.assert_allclose(found.numpy(), told, atol=1e-4, rtol=0)
    bits = [-told[k, CHARACTERS.index(c)] / math.log(2) for k, c in enumerate(text[1:])]
    assert np.mean(bits) < 3.5


def test_the_cells_are_of_about_as_many_parameters() -> None:
    gru, lstm = (evidence.read("characters")[cell]["parameters"] for cell in ("gru", "lstm"))
    assert lstm == pytest.approx(gru, rel=0.01)
    assert type(load().layer) is type(load("gru").layer) is type(CharacterModel().gru)
    assert type(load("lstm").layer) is type(CharacterModel(3, "lstm").lstm)


def test_the_scene_has_only_characters_that_the_model_knows() -> None:
    assert set(scene()) <= set(CHARACTERS)
    assert len(set(CHARACTERS)) == len(CHARACTERS)


@pytest.mark.parametrize("cell", CELLS)
def test_a_text_is_read_one_character_after_another(cell: str) -> None:
    x = encode("a gate")
    assert x.shape == (6, 1, len(CHARACTERS))
    assert "".join(CHARACTERS[k] for k in x.argmax(-1).flatten()) == "a gate"
    model = load(cell)
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


def test_a_cell_that_there_is_not_is_refused() -> None:
    message = "Unknown cell: 'ltsm' is not one of 'gru', 'lstm'; did you mean 'lstm'?"
    for make in (load, lambda cell: CharacterModel(8, cell)):
        with pytest.raises(ValueError, match=re.escape(message)):
            make("ltsm")
