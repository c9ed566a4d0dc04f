"""How the blocks of a chapter are shown: results, folded code, tables, files, on every medium."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Page, expect

NewPage = Callable[..., Page]
PHONE = 390
#: What stops the tabulator key on the way through a chapter, beside the links of its sentences.
STOPS = 60
FOLDED = ".snippet:has(.snippet-foot > .snippet-fold)"
PANES = ".md-typeset :is(pre, pre > code, .formula, .snippet-table, .md-typeset__scrollwrap)"


@pytest.fixture(scope="module")
def blocks(linked_site: Path) -> list[Tag]:
    """Return all blocks of all chapters."""
    return [
        block
        for file in sorted(linked_site.glob("*.html"))
        for block in BeautifulSoup(file.read_text("utf-8"), "html.parser").select(".snippet")
    ]


def test_code_that_reads_records_is_folded_below_what_it_gives(blocks: list[Tag]) -> None:
    imports = re.compile(r"^from gated(\.| import (\w+, )*)evidence", re.MULTILINE)
    results = ".snippet-output, .snippet-table, .snippet-figure"
    reading = [
        block
        for block in blocks
        if imports.search(str(block.get("data-copy"))) and block.select(results)
    ]
    assert len(reading) > 20
    for block in reading:
        first, code = block.find("div"), block.select_one(".snippet-code")
        assert first is not None
        assert code is not None
        assert first["class"] != ["snippet-code"]
        assert code.find_parent("details") is not None


def test_a_table_says_what_its_code_prints(blocks: list[Tag]) -> None:
    tabular = [block for block in blocks if block.select(".snippet-table")]
    assert len(tabular) > 50
    for block in tabular:
        assert block.select("thead th[scope^=col]")
        (output,) = block.select(".snippet-files .snippet-output pre")
        words = output.get_text().split()
        for table in reversed(block.select("table")):
            below = " ".join(part.get_text(" ") for part in table.select("tbody, tfoot")).split()
            last = len(words) - words[::-1].index(below[-1])
            assert words[last - len(below) : last] == below
            words = words[: last - len(below)]


def test_folded_code_opens_and_is_copied_without_that(new_page: NewPage, base: str) -> None:
    page = new_page(clipboard=True)
    page.goto(base + "length.html")
    block = page.locator(FOLDED).first
    code = block.locator(".snippet-code code")
    expect(code).to_be_hidden()
    expect(block.locator(".snippet-output, .snippet-table, .snippet-figure").first).to_be_visible()
    block.get_by_role("button", name="Copy the code").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (block.get_attribute("data-copy") or "").rstrip()
    expect(code).to_be_hidden()
    block.get_by_text("Show the code").press("Enter")
    expect(code).to_be_visible()
    assert code.inner_text().rstrip() == copied
    assert block.locator("[data-clipboard-target]").count() == 1


def test_files_are_in_a_menu_that_names_them(page_at: NewPage, http_base: str) -> None:
    page = page_at(http_base + "gru.html")
    menu = page.locator(".snippet-files").first
    links = menu.get_by_role("link")
    assert links.count() == 0
    menu.get_by_label(re.compile(r"^Files of \w+/\w+\.py$")).press("Enter")
    expect(links).to_have_text(
        [
            re.compile(r"^Download \w+\.py$"),
            re.compile(r"^Download \w+\.ipynb, an executed notebook$"),
            "Read the notebook as a page",
            "Its lines in the repository",
        ]
    )


def test_a_chapter_has_few_tab_stops(page_at: NewPage, file_base: str, chapter: str) -> None:
    page = page_at(file_base + chapter)
    page.evaluate("document.fonts.ready")
    found = page.evaluate(
        """() => [...document.querySelectorAll(
            "article :is(a[href], button, input, select, textarea, summary, [tabindex])"
        )].filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility())
          .filter(e => !e.matches("a") || e.closest(".snippet"))
          .map(e => `${e.tagName} ${e.className}`)"""
    )
    assert len(found) <= STOPS, found


@pytest.mark.parametrize("width", [1280, PHONE])
@pytest.mark.parametrize(
    "address", ["gru.html", "rosetta.html", "api/gated.html", "attention.html"]
)
def test_what_scrolls_is_a_tab_stop_and_nothing_else_is(
    page_at: NewPage, file_base: str, address: str, width: int
) -> None:
    page = page_at(file_base + address, width=width)
    page.wait_for_function(
        """panes => [...document.querySelectorAll(panes)].every(
            e => (e.scrollWidth > e.clientWidth + 1) == (e.tabIndex == 0))""",
        arg=PANES,
    )


def test_code_of_76_columns_fits_and_wider_code_shows_that_it_goes_on(
    page_at: NewPage, file_base: str
) -> None:
    page = page_at(file_base + "gru.html")
    code = page.locator(".snippet-code code >> visible=true").first
    for columns, scrolls in [(76, False), (120, True)]:
        width = code.evaluate(
            "(e, n) => { e.textContent = 'x'.repeat(n); return e.scrollWidth - e.clientWidth }",
            columns,
        )
        assert (width > 0) == scrolls
    # Two covers move with the code, and the shadows below them with the pane.
    expect(code).to_have_css("background-attachment", "local, local, scroll, scroll, scroll")
    ground, shadow = code.evaluate(
        """e => [getComputedStyle(e).backgroundColor,
                getComputedStyle(e).backgroundImage.match(/rgba?\\([^)]*\\)/g).at(-2)]"""
    )
    assert ground != shadow


def test_on_a_phone_words_of_code_and_the_marks_of_headings_stay_whole(
    page_at: NewPage, file_base: str, chapter: str
) -> None:
    page = page_at(file_base + chapter, width=PHONE)
    page.evaluate("document.fonts.ready")
    broken = page.evaluate(
        """() => [...document.querySelectorAll("article :is(p, li, td, dd) > code")]
            .filter(e => e.checkVisibility() && e.textContent.length <= 30)
            .filter(e => e.getClientRects().length > 1).map(e => e.textContent)"""
    )
    assert not broken
    alone = page.evaluate(
        """() => [...document.querySelectorAll("article .headerlink")].filter(link => {
            const range = document.createRange();
            range.setStart(link.parentElement, 0);
            range.setEndBefore(link);
            const last = [...range.getClientRects()].at(-1);
            return last && link.getBoundingClientRect().top >= last.bottom;
        }).map(link => link.parentElement.textContent)"""
    )
    assert not alone


def test_on_paper_folded_code_is_there_and_no_control(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    page.goto(file_base + "length.html")
    block = page.locator(FOLDED).first
    code = block.locator(".snippet-code code")
    assert not code.evaluate("e => e.checkVisibility()")
    page.emulate_media(media="print")
    assert code.evaluate("e => e.checkVisibility() && e.getBoundingClientRect().height > 20")
    controls = "article :is(button, .snippet-files, .snippet-fold > summary, .chapter-links)"
    shown = page.locator(controls).evaluate_all(
        "all => all.filter(e => e.checkVisibility() && !e.closest('evidence-explorer'))"
        ".map(e => e.className)"
    )
    assert not shown
    for name in ("h2", "h3"):
        expect(page.locator(f"article {name}").first).to_have_css("break-after", "avoid")
