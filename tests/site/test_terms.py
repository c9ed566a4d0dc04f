"""Words of the glossary, abbreviations and footnotes: what they mean shows beside them."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

NewPage = Callable[..., Page]
Violations = Callable[..., list[tuple[str, str, str]]]

SHOWN = ".md-tooltip2--active"
#: What the meanings on a page may weigh, gzipped.
MEANINGS_BYTES = 1_500


def shows(page: Page, host: Locator, meaning: str) -> None:
    """See that a meaning shows by keyboard and by pointer, and that Escape closes it."""
    shown = page.locator(SHOWN)
    host.focus()
    expect(shown).to_have_text(re.compile(re.escape(meaning)))
    described = host.get_attribute("aria-describedby") or host.get_attribute("aria-controls")
    assert described == shown.get_attribute("id")
    host.blur()
    expect(shown).to_have_count(0)
    host.hover()
    expect(shown).to_have_text(re.compile(re.escape(meaning)))
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    page.mouse.move(0, 0)


def test_a_word_an_abbreviation_and_a_footnote_show_what_they_mean(
    new_page: NewPage, base: str
) -> None:
    page = new_page()
    page.goto(base + "gru.html")
    for host in (page.locator("a.term").first, page.locator("abbr[tabindex='0']").first):
        shows(page, host, host.get_attribute("title") or "-")
    note = page.locator("article .footnote-ref").first
    text = page.locator(".footnote li").first.inner_text().partition(",")[0]
    assert len(text) > 5
    shows(page, note, text)


def test_a_tap_shows_the_meaning_and_another_leads_to_the_glossary(
    browser: Browser, file_base: str
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 900}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(file_base + "gates.html")
    word = page.locator("a.term").first
    meaning = word.get_attribute("title") or "-"
    target = word.get_attribute("href") or "-"
    word.tap()
    expect(page.locator(SHOWN)).to_have_text(meaning)
    box = page.locator(f"{SHOWN} > *").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.url == file_base + "gates.html"
    word.tap()
    expect(page).to_have_url(file_base + target)
    row = page.locator(f"tr[id='{target.partition('#')[2]}']")
    expect(row).to_contain_text(meaning)
    expect(row).to_be_in_viewport()
    context.close()


def test_a_shown_meaning_can_be_read(
    page_at: NewPage, http_base: str, violations: Violations
) -> None:
    page = page_at(http_base + "gru.html")
    page.locator("a.term").first.focus()
    expect(page.locator(SHOWN)).to_be_visible()
    for scheme in ("light", "dark"):
        assert not violations(page, scheme, "colors")


def test_meanings_are_light_and_each_word_is_marked_once(linked_site: Path) -> None:
    found = 0
    for file in [*linked_site.glob("*.html"), *linked_site.glob("recipes/*.html")]:
        links = re.findall(r'<a class="term" href="([^"]*)" title="([^"]*)"', file.read_text())
        found += len(links)
        assert len({address for address, _ in links}) == len(links), file
        texts = " ".join(meaning for _, meaning in links).encode()
        assert len(gzip.compress(texts)) <= MEANINGS_BYTES, file
    assert found > 200
