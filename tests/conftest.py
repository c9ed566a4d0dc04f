"""What tests of the whole site share."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def built_site() -> Path:
    """The site as ``make site`` left it; ``make test`` builds it before the tests."""
    site = ROOT / "site"
    if not (site / "index.html").is_file():
        pytest.fail("there is no site/ to test: run `make site` first")
    return site
