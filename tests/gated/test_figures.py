"""The look of the charts: only known colors, told apart without color, legible on white."""

import io
import re
import tomllib
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from gated import figures

TEXT_SIZES = {
    *("font.size", "legend.fontsize", "axes.titlesize"),
    *("axes.labelsize", "xtick.labelsize", "ytick.labelsize"),
}


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def chart() -> str:
    with plt.style.context("gated.figures.chart"):
        fig, ax = plt.subplots()
        for name, series in figures.SERIES.items():
            ax.plot([0, 1, 2], [1, 3, 2], label=name, **series)
        for _ in range(6):
            ax.plot([0, 2], [0, 1])
        ax.bar([0], [1])
        ax.set(title="$h_t$ over time", xlabel="step", ylabel="value")
        ax.legend()
        buffer = io.StringIO()
        fig.savefig(buffer, format="svg", metadata={"Date": None})
        plt.close(fig)
    return buffer.getvalue()


def test_white_against_black_is_21_to_1() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("name", figures.SERIES)
def test_series_stand_out_on_white(name: str) -> None:
    assert contrast(figures.SERIES[name]["color"], figures.PAPER) >= 3


def test_text_that_stands_back_is_still_legible() -> None:
    assert contrast(figures.MUTED, figures.PAPER) >= 4.5


@pytest.mark.parametrize("trait", ["color", "linestyle", "marker"])
def test_each_trait_alone_tells_the_series_apart(trait: str) -> None:
    assert len({series[trait] for series in figures.SERIES.values()}) == len(figures.SERIES) == 5


def test_a_chart_uses_the_palette_only_and_has_no_background() -> None:
    svg = chart()
    used = set(re.findall(r"#[0-9a-fA-F]{6}\b", svg))
    assert len(used) >= 7
    assert used <= {color.lower() for color in figures.PALETTE}
    page = re.search(r'<g id="patch_1">\s*<path[^>]*style="([^"]*)"', svg)
    assert page is not None
    assert "fill: none" in page[1]


def test_the_site_knows_every_color() -> None:
    settings = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert set(settings["tool"]["livedocs"]["inks"]) == figures.PALETTE


def test_the_style_is_legible_on_a_phone() -> None:
    with plt.style.context("gated.figures.chart"):
        sizes = [value for name, value in mpl.rcParams.items() if name in TEXT_SIZES]
        assert len(sizes) == len(TEXT_SIZES)
        assert min(sizes) >= 10
        assert tuple(mpl.rcParams["figure.figsize"]) == (6.4, 3.4)
        assert mpl.rcParams["svg.fonttype"] == "path"
        for color in mpl.rcParams["axes.prop_cycle"].by_key()["color"]:
            assert contrast(f"#{color.lstrip('#')}", figures.PAPER) >= 3
