"""Figures as a page shows them: as wide as there is room, with letters that can be read."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

NewPage = Callable[..., Page]
PHONE = 390
#: Of every text in a figure in view: how high its letters are, and how far it is out of the figure.
TEXTS = """() => [...document.querySelectorAll("figure.snippet-figure svg")].flatMap(svg => {
    const frame = svg.getBoundingClientRect();
    if (!frame.width) return [];
    const scale = frame.width / svg.viewBox.baseVal.width;
    return [...svg.querySelectorAll("text")].map(text => {
        const box = text.getBoundingClientRect();
        const sizes = [text, ...text.children].map(e => parseFloat(getComputedStyle(e).fontSize));
        return {
            text: text.textContent.trim(),
            size: scale * Math.max(...sizes),
            outside: Math.abs(text.getCTM().b) > 0.5 // it reads upwards
                ? Math.max(frame.top - box.top, box.bottom - frame.bottom)
                : Math.max(frame.left - box.left, box.right - frame.right),
            font: getComputedStyle(text).fontFamily,
        };
    });
})"""
SHOWN = """() => [...document.querySelectorAll("figure.snippet-figure")].map(figure => ({
    room: figure.clientWidth - 2 * parseFloat(getComputedStyle(figure).paddingLeft),
    own: [...figure.children].map(svg => parseFloat(svg.getAttribute("width"))),
    shown: [...figure.children].map(svg => svg.getBoundingClientRect().width),
}))"""


def opened(page_at: NewPage, address: str, width: int) -> Page:
    page = page_at(address, width=width, scripts=False)
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
    return page


def test_letters_in_a_figure_can_be_read_on_a_phone(
    page_at: NewPage, file_base: str, chapter: str
) -> None:
    texts: list[dict[str, Any]] = opened(page_at, file_base + chapter, PHONE).evaluate(TEXTS)
    assert not [(one["text"], one["size"]) for one in texts if one["size"] < 12]


@pytest.mark.parametrize("width", [PHONE, 1280])
def test_no_text_is_cut_off_at_the_edge_of_a_figure(
    page_at: NewPage, file_base: str, chapter: str, width: int
) -> None:
    texts: list[dict[str, Any]] = opened(page_at, file_base + chapter, width).evaluate(TEXTS)
    assert not [one["text"] for one in texts if one["outside"] > 1]


@pytest.mark.parametrize("width", [PHONE, 1280])
def test_a_figure_fills_the_column_and_is_shown_once(
    page_at: NewPage, file_base: str, chapter: str, width: int
) -> None:
    for figure in opened(page_at, file_base + chapter, width).evaluate(SHOWN):
        (shown,) = filter(None, figure["shown"])
        own = figure["own"][figure["shown"].index(shown)]
        assert shown == pytest.approx(min(figure["room"], 1.25 * own), abs=1)


def test_on_paper_a_chart_is_as_wide_as_the_column(page_at: NewPage, file_base: str) -> None:
    page = opened(page_at, file_base + "gradients.html", 620)
    page.emulate_media(media="print")
    shown = [figure["shown"] for figure in page.evaluate(SHOWN)]
    page.emulate_media(media="screen")
    assert shown
    assert all(not narrow and wide > 500 for narrow, wide in shown)


def test_the_typeface_of_a_chart_is_that_of_the_page(page_at: NewPage, file_base: str) -> None:
    page = opened(page_at, file_base + "gru.html", 1280)
    fonts = {one["font"] for one in page.evaluate(TEXTS)}
    page_font = page.evaluate("getComputedStyle(document.body).fontFamily").split(",")[0]
    assert {font.split(",")[0] for font in fonts} == {page_font}
