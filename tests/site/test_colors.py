"""The colors of text, code and figures stand out from their ground in both schemes."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSS = (ROOT / "theme" / "assets" / "stylesheets" / "gated.css").read_text("utf-8")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["livedocs"]
#: The ground itself, and what recedes on purpose.
FAINT = {"--fig-paper", "--fig-dim"}


def variables(scheme: str) -> dict[str, str]:
    block = re.search(
        rf'^\[data-md-color-scheme="{scheme}"\] {{\n(.*?)^}}', CSS, re.DOTALL | re.MULTILINE
    )
    assert block is not None
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", block[1]))


@pytest.fixture(params=["default", "slate"])
def scheme(request: pytest.FixtureRequest) -> dict[str, str]:
    return variables(request.param)


def luminance(color: str) -> float:
    """Return the relative luminance of ``#rrggbb``, as WCAG 2 defines it."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_ink_of_a_figure_stands_out_from_the_page(scheme: dict[str, str]) -> None:
    inks = {name for name in scheme if name.startswith("--fig-")}
    assert inks == set(SETTINGS["inks"].values())
    assert scheme["--fig-paper"] == scheme["--md-default-bg-color"]
    faint = {
        name: round(contrast(scheme[name], scheme["--fig-paper"]), 2)
        for name in inks - FAINT
        if contrast(scheme[name], scheme["--fig-paper"]) < 3
    }
    assert not faint


def test_text_and_code_can_be_read(scheme: dict[str, str]) -> None:
    page, code = scheme["--md-default-bg-color"], scheme["--md-code-bg-color"]
    on_code = [name for name in scheme if name.startswith("--md-code-hl-")]
    assert len(on_code) > 8
    pairs = [(name, code) for name in [*on_code, "--md-code-fg-color"]]
    pairs += [
        (name, page)
        for name in ("--md-typeset-color", "--md-typeset-a-color", "--md-default-fg-color--light")
    ]
    pairs += [(name, page) for name in ("--md-accent-fg-color", "--fig-ink", "--fig-muted")]
    assert not [name for name, ground in pairs if contrast(scheme[name], ground) < 4.5]
