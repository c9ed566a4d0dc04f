"""The trained character model: its files, its training, and what it says when all is not well."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from gated import characters, evidence
from gated.characters import CHARACTERS, CharacterModel, bits_per_character, encode, load, scene

TEXT = "MIRA:\nHold the gate.\n\n" * 30
SHORT: dict[str, Any] = {"batch": 4, "steps": 16, "epochs": 3, "learning_rate": 0.02}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-in data, which the loader takes for the real file."""
    content = (TEXT * 10).encode()
    (tmp_path / characters.DATA_FILE).write_bytes(content)
    monkeypatch.setattr(characters, "DATA_SHA256", hashlib.sha256(content).hexdigest())
    monkeypatch.delenv("GATED_DATA", raising=False)
    return tmp_path


def test_the_weights_are_small_and_those_of_the_record() -> None:
    record = evidence.read("characters")
    file = Path(characters.__file__).with_suffix(".npz")
    assert file.stat().st_size < 200_000
    assert record["weights_kb"] == round(file.stat().st_size / 1000, 1)
    model = load()
    assert sum(weight.numel() for weight in model.parameters()) == record["parameters"]
    assert model.gru.hidden_size == record["units"]
    assert record["recipe"]["epochs_done"] == record["recipe"]["epochs"]
    assert record["data"]["sha256"] == characters.DATA_SHA256


def test_the_trained_model_has_learned_what_a_new_one_has_not() -> None:
    torch.manual_seed(0)
    unseen = bits_per_character(load(), scene(), rows=1)
    assert unseen < 3 < bits_per_character(CharacterModel(), scene(), rows=1)
    # Another writer's text is harder than the rest of the book.
    assert evidence.read("characters")["validation_bits"] < unseen


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


def test_bits_are_those_of_the_definition() -> None:
    model = load()
    text = scene()[:101]
    with torch.no_grad():
        chances = model(encode(text))[0][:-1, 0].softmax(-1)
    told = [chances[k, CHARACTERS.index(c)].item() for k, c in enumerate(text[1:])]
    expected = -sum(math.log2(chance) for chance in told) / len(told)
    assert bits_per_character(model, text, rows=1) == pytest.approx(expected, rel=1e-4)


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


def test_a_text_too_short_for_its_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 128 characters for 64 rows, got 6"):
        bits_per_character(load(), "a gate")
    with pytest.raises(ValueError, match="rows must be at least 1, got 0"):
        bits_per_character(load(), "a gate", rows=0)


def test_a_model_of_no_units_is_refused() -> None:
    with pytest.raises(ValueError, match="hidden_size must be at least 1, got 0"):
        CharacterModel(0)


def test_training_learns_and_is_the_same_again() -> None:
    first, again = ([*characters.train(TEXT, hidden_size=8, recipe=SHORT)][-1] for _ in range(2))
    assert bits_per_character(first, TEXT, rows=4) < 4
    for mine, other in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(mine, other)
    torch.manual_seed(0)
    assert bits_per_character(CharacterModel(8), TEXT, rows=4) > 5


def test_the_command_writes_weights_and_record(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, record = tmp_path / "w.npz", tmp_path / "r.json"
    paths = ["--weights", str(weights), "--record", str(record)]
    assert characters._main(["train", "--data", str(data), "--epochs", "1", *paths]) == 0
    written = json.loads(record.read_text())
    assert written.keys() == evidence.read("characters").keys()
    assert written["training_characters"] == len(TEXT * 10) * 9 // 10
    model = characters._read(weights)
    bits = bits_per_character(model, (TEXT * 10)[: written["training_characters"]])
    assert written["training_bits"] == round(bits, 4)
    assert f"{written['validation_bits']:.4f} bits" in capsys.readouterr().out


def test_data_is_found_by_the_variable(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATED_DATA", str(data))
    assert characters.read_data(None) == TEXT * 10


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        ("no folder", "no data: name its folder by --data or GATED_DATA; it is github.com"),
        ("absent", "no file "),
        ("wrong", "is another file: its sha256 is "),
    ],
)
def test_without_the_data_one_line_says_where_it_comes_from(
    prepare: str, message: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data / characters.DATA_FILE
    if prepare == "absent":
        file.unlink()
    if prepare == "wrong":
        file.write_text("Another text.\n")
    where = [] if prepare == "no folder" else ["--data", str(data)]
    assert characters._main(["train", *where]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err
    assert characters.DATA_SOURCE in said.err
    assert said.err.count("\n") == 1
