"""The study of pixels: what is read and in which order, how it is measured, how it decides."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from studies import pixels
from studies.data import images
from studies.data.files import MissingError
from studies.harness.networks import CELLS, width_in
from studies.harness.study import Config, Record


@pytest.fixture(autouse=True)
def fresh() -> None:
    images.load.cache_clear()


def test_digits_are_scikit_learns_row_by_row_and_each_is_in_one_part() -> None:
    parts = images.load("digits", "plain")
    read = torch.cat([pixels for pixels, _ in (parts.train, parts.valid, parts.test)], 1)
    known = load_digits()
    assert read.shape == (64, 1797, 1)
    of_ours = sorted(tuple(image) for image in (read.squeeze(-1).T * 16).int().tolist())
    assert of_ours == sorted(tuple(image) for image in known.data.astype(int).tolist())
    assert [len(digits) for _, digits in (parts.valid, parts.test)] == [299, 299]


def test_permuted_pixels_are_the_same_pixels_in_one_order_for_all() -> None:
    plain, permuted = (images.load("digits", order).train for order in ("plain", "permuted"))
    assert torch.equal(plain[1], permuted[1])
    assert not torch.equal(plain[0], permuted[0])
    assert torch.equal(plain[0].sort(0).values, permuted[0].sort(0).values)
    # One order for all: as a table of pixels by images, the rows alone have moved.
    rows = {tuple(row) for row in plain[0].squeeze(-1).tolist()}
    assert rows == {tuple(row) for row in permuted[0].squeeze(-1).tolist()}


def test_mnist_is_read_from_the_package_and_averaged(tmp_path: Path) -> None:
    for digit in range(10):
        image = np.full((28, 28), digit / 10)
        image[:2, :2] = [[0.0, 1.0], [0.5, 0.5]]
        (tmp_path / f"{digit}.json").write_text(json.dumps({"data": image.flatten().tolist() * 3}))
    read, shown = images.mnist(tmp_path)
    assert read.shape == (30, 196)
    assert shown.bincount().tolist() == [3] * 10
    torch.testing.assert_close(read[:, 0], torch.full((30,), 0.5))
    torch.testing.assert_close(read[:, 195], shown / 10)


def test_the_real_mnist_is_there_whole() -> None:
    read, shown = images.mnist(images.MNIST)
    assert read.shape == (10_000, 196)
    assert shown.bincount().min() > 800


def test_a_missing_mnist_says_what_brings_it(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="make setup"):
        images.mnist(tmp_path)


def test_a_trial_learns_and_is_measured_by_its_best_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(pixels.UPDATES, "digits", 150)
    config: Config = {
        "images": "digits",
        "order": "plain",
        "cell": "gru",
        "budget": "width",
        "seed": 0,
        "rate": 0.01,
    }
    outcome = pixels.STUDY.run(config, "cpu")
    assert len(outcome["valid"]) == len(outcome["loss"]) == pixels.LOOKS
    assert outcome["loss"][-1] < outcome["loss"][0]
    assert outcome["right"] > 0.25
    assert abs(outcome["right"] - max(outcome["valid"])) < 0.1


def test_the_parameters_of_the_wider_gru_are_those_of_the_lstm() -> None:
    wide = width_in("parameters", 1, pixels.WIDTH)
    sizes = [
        sum(weight.numel() for weight in layer.parameters())
        for layer in (CELLS["gru"](1, wide), CELLS["lstm"](1, 32))
    ]
    assert abs(sizes[0] / sizes[1] - 1) < 0.02


def test_the_rule_compares_each_budget_with_the_same_lstm() -> None:
    right = {"gru width": 0.9, "gru parameters": 0.95, "lstm width": 0.93}
    records = [
        Record(
            config,
            {"right": right.get(f"{config['cell']} {config['budget']}", 0.5)},
            1.0,
            "a",
        )
        for config in pixels.STUDY.trials
    ]
    verdicts = pixels.STUDY.rule(records)
    assert len(verdicts) == 8
    for name, found in verdicts.items():
        assert found["reads better"] == ("lstm" if name.endswith("width") else "gru")
