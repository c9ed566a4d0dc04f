"""Curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def line(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = np.linspace(0.0, 1.0, count)
    return x, x
