"""The training of the character model: what it learns and writes, and where its text is from."""

import hashlib
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gated import evidence
from gated.characters import CHARACTERS, HIDDEN_SIZES, CharacterModel, encode, load, scene
from studies.__main__ import main
from studies.characters import RECIPE, SEED, bits_per_character, measured, trained
from studies.data import files, plays
from studies.harness import provenance

TEXT = "MIRA:\nHold the gate.\n\n" * 30
CELLS = [*HIDDEN_SIZES]
SHORT: dict[str, Any] = {**RECIPE, "batch": 4, "steps": 16, "epochs": 3, "learning_rate": 0.02}


@pytest.mark.parametrize("cell", CELLS)
def test_the_record_is_of_the_text_and_the_recipe_that_the_study_declares(cell: str) -> None:
    record = evidence.read("characters")[cell]
    assert record["data"]["sha256"] == files.FILES[plays.FILE].sha256
    assert record["recipe"].items() >= RECIPE.items()
    assert record["recipe"].get("epochs_done", RECIPE["epochs"]) == RECIPE["epochs"]
    assert record["seed"] == SEED


@pytest.mark.parametrize("cell", CELLS)
def test_the_trained_model_has_learned_what_a_new_one_has_not(cell: str) -> None:
    torch.manual_seed(0)
    unseen = bits_per_character(load(cell), scene(), rows=1)
    assert unseen < 3 < bits_per_character(CharacterModel(cell=cell), scene(), rows=1)
    # Another writer's text is harder than the rest of the book.
    assert evidence.read("characters")[cell]["validation_bits"] < unseen


@pytest.mark.skipif(
    not os.environ.get(files.VARIABLE), reason=f"{files.VARIABLE} names no folder with the plays"
)
@pytest.mark.parametrize("cell", CELLS)
def test_the_recorded_bits_are_those_of_the_weights(cell: str) -> None:
    record, text = evidence.read("characters")[cell], plays.read()
    found = bits_per_character(load(cell), text[record["training_characters"] :])
    assert found == pytest.approx(record["validation_bits"], abs=2e-4)


@pytest.mark.parametrize("cell", CELLS)
def test_bits_are_those_of_the_definition(cell: str) -> None:
    model = load(cell)
    text = scene()[:101]
    with torch.no_grad():
        chances = model(encode(text))[0][:-1, 0].softmax(-1)
    told = [chances[k, CHARACTERS.index(c)].item() for k, c in enumerate(text[1:])]
    expected = -sum(math.log2(chance) for chance in told) / len(told)
    assert bits_per_character(model, text, rows=1) == pytest.approx(expected, rel=1e-4)


def test_a_text_too_short_for_its_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 128 characters for 64 rows, got 6"):
        bits_per_character(load(), "a gate")
    with pytest.raises(ValueError, match="rows must be at least 1, got 0"):
        bits_per_character(load(), "a gate", rows=0)


def new_and_trained(cell: str) -> CharacterModel:
    torch.manual_seed(0)
    return trained(TEXT, CharacterModel(8, cell), SHORT)


@pytest.mark.parametrize("cell", CELLS)
def test_training_learns_and_is_the_same_again(cell: str) -> None:
    first, again = new_and_trained(cell), new_and_trained(cell)
    assert bits_per_character(first, TEXT, rows=4) < 4
    for mine, other in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(mine, other)
    torch.manual_seed(0)
    assert bits_per_character(CharacterModel(8, cell), TEXT, rows=4) > 5


def test_each_epoch_reads_the_whole_text_and_is_looked_at() -> None:
    looks: list[int] = []
    trained(TEXT, CharacterModel(8), SHORT, look=lambda: looks.append(1))
    assert len(looks) == SHORT["epochs"]


@pytest.mark.parametrize("cell", CELLS)
def test_the_weights_are_written_as_they_are_measured(
    cell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, weights = TEXT * 10, tmp_path / "w.npz"
    found = measured(cell, text, weights, {**RECIPE, "epochs": 1})
    old = evidence.read("characters")[cell]
    # What every measurement records; that of the GRU is of before the last four.
    outside = {"command", "machine", "versions", "seconds"}
    outside |= {"commit", "rule", "digest", "load_before"}
    assert found.keys() == old.keys() - outside
    assert found["training_characters"] == len(text) * 9 // 10
    model = CharacterModel(cell=cell)
    with np.load(weights) as arrays:
        assert {arrays[name].dtype for name in arrays.files} == {np.dtype("float16")}
        model.load_state_dict({name: torch.from_numpy(arrays[name]) for name in arrays.files})
    learned, kept_back = text[: found["training_characters"]], text[found["training_characters"] :]
    assert found["training_bits"] == round(bits_per_character(model, learned), 4)
    assert found["validation_bits"] == round(bits_per_character(model, kept_back), 4)
    assert found["weights_kb"] == round(weights.stat().st_size / 1000, 1)
    (line,) = capsys.readouterr().out.splitlines()
    assert float(line.removesuffix(" bits")) == pytest.approx(found["validation_bits"], abs=0.01)


def test_the_text_is_found_by_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / plays.FILE).write_text(TEXT, "ascii")
    same = files._File(hashlib.sha256(TEXT.encode()).hexdigest(), "here")
    monkeypatch.setitem(files.FILES, plays.FILE, same)
    monkeypatch.setenv("GATED_DATA", str(tmp_path))
    assert plays.read() == TEXT


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        ("no folder", "tinyshakespeare.txt is needed: name the folder that holds it with --data"),
        ("absent", "holds no tinyshakespeare.txt; it comes from"),
        ("wrong", "tinyshakespeare.txt: its sha256 is "),
    ],
)
def test_without_the_text_one_line_says_where_it_comes_from(
    prepare: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("GATED_DATA", raising=False)
    monkeypatch.setattr(provenance, "guard", lambda study: {})  # whatever is being edited
    if prepare == "wrong":
        (tmp_path / plays.FILE).write_text("Another text.\n")
    where = [] if prepare == "no folder" else ["--data", str(tmp_path)]
    with monkeypatch.context() as patch:
        patch.setenv("GATED_DATA", "")  # so that what --data sets is undone
        assert main(["run", "characters", *where]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err
    assert files.FILES[plays.FILE].source in said.err
    assert said.err.count("\n") == 1
