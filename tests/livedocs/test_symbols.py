"""Source code is found by symbol, as it stands, with near matches for a wrong name."""

from pathlib import Path

import pytest

from livedocs.settings import Settings
from livedocs.symbols import Excerpt, find

CODE = '''\
"""A module."""
import functools


def plain(x):
    """Return x."""
    z = x + 1
    total: int = z
    a, b = (
        z,
        total,
    )
    z = a * b
    return z


class Cell:
    size = 3

    @functools.cache
    @staticmethod
    def step(x):

        return x


async def later():
    pass
'''


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    package = tmp_path / "src" / "toy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("def top():\n    return 1\n", "utf-8")
    (package / "cells.py").write_text(CODE, "utf-8")
    return Settings(tmp_path)


@pytest.mark.parametrize(
    ("symbol", "first", "last", "source"),
    [
        ("toy.cells.plain:total", 8, 8, "total: int = z"),
        ("toy.cells.plain:z", 7, 13, "z = x + 1\nz = a * b"),
        ("toy.cells.plain:b", 9, 12, "a, b = (\n    z,\n    total,\n)"),
        ("toy.cells.plain:return", 14, 14, "return z"),
        ("toy.cells.later", 27, 28, "async def later():\n    pass"),
        (
            "toy.cells.Cell.step",
            20,
            24,
            "@functools.cache\n@staticmethod\ndef step(x):\n\n    return x",
        ),
        ("toy.cells.Cell:size", 18, 18, "size = 3"),
    ],
)
def test_a_symbol_is_its_source_less_indentation(
    settings: Settings, symbol: str, first: int, last: int, source: str
) -> None:
    assert find(settings, symbol) == Excerpt("src/toy/cells.py", first, last, source)


def test_a_name_of_the_package_itself_is_found(settings: Settings) -> None:
    assert find(settings, "toy.top") == Excerpt(
        "src/toy/__init__.py", 1, 2, "def top():\n    return 1"
    )


@pytest.mark.parametrize(
    ("symbol", "message"),
    [
        ("toy.cell.plain", 'no "cell" in toy.cell.plain.'),
        ("tov.cells.plain", 'no module for "tov.cells.plain". Did you mean "toy.cells"'),
        ("toy.cells.plane", 'no "plane" in toy.cells.plane. Did you mean "plain"'),
        ("toy.cells.Cell.stop", 'no "stop" in toy.cells.Cell.stop. Did you mean "step"?'),
        ("toy.cells.plain:totel", '"toy.cells.plain:totel" assigns no "totel". Did you mean "tot'),
        ("toy.cells.plain:x", '"toy.cells.plain:x" assigns no "x".'),
        ("toy.cells", '"toy.cells" is a module: name one function or class of it'),
    ],
)
def test_a_wrong_symbol_is_said_with_near_matches(
    settings: Settings, symbol: str, message: str
) -> None:
    with pytest.raises(ValueError, match=r"toy|tov") as caught:
        find(settings, symbol)
    assert str(caught.value).startswith(message)


def test_a_source_file_that_is_no_python_is_a_fault(settings: Settings) -> None:
    (settings.root / "src" / "toy" / "cells.py").write_text("def f(:\n", "utf-8")
    with pytest.raises(ValueError, match=r"src/toy/cells.py:1: SyntaxError: "):
        find(settings, "toy.cells.f")
