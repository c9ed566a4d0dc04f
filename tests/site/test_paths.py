"""The three ways through the site, as a reader finds and follows them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

NewPage = Callable[..., Page]
PATHS = ["Learn", "Decide", "Use"]


def steps(page: Page, path: str) -> list[str]:
    """Return the addresses of the steps of a path, as Home lists them."""
    listed = page.locator(".paths > ul > li", has=page.locator("strong", has_text=path))
    return [link.get_attribute("href") or "" for link in listed.locator("a").all()]


def test_the_tabs_are_the_paths_that_home_lists(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    page.goto(file_base + "index.html")
    tabs = page.locator(".md-tabs__link")
    assert [text.strip() for text in tabs.all_inner_texts()][1:] == PATHS
    titles = page.locator(".paths > ul > li > p > strong")
    assert titles.all_inner_texts() == PATHS
    for tab, path in zip(tabs.all()[1:], PATHS, strict=True):
        assert tab.get_attribute("href") == steps(page, path)[0]
    # Beside each step stand its minutes, but for the reference, and those of a path add up.
    for item in page.locator(".paths > ul > li").all():
        total, *each = map(int, re.findall(r"(\d+) min", item.inner_text()))
        assert total == sum(each) > 0
        assert len(each) >= item.locator("a").count() - 1


@pytest.mark.parametrize("path", PATHS)
def test_a_path_can_be_walked_by_the_links_at_the_foot(
    page_at: NewPage, file_base: str, path: str
) -> None:
    page = page_at(file_base + "index.html", scripts=False)
    walked = steps(page, path)
    assert len(walked) > 3
    page.goto(file_base + walked[0])
    for number, address in enumerate(walked, 1):
        expect(page).to_have_url(file_base + address)
        page.wait_for_load_state()  # its foot comes last
        expect(page.locator(".page-head")).to_contain_text(
            f"{path}, step {number} of {len(walked)}"
        )
        onward = page.locator(".page-foot a[rel=next]")
        assert onward.count() == (number < len(walked))
        if number < len(walked):
            onward.click()
    others = page.locator(".page-foot p a").all_inner_texts()
    assert others == [one for one in PATHS if one != path]


def test_all_pages_of_a_tab_are_in_view_beside_a_step(new_page: NewPage, file_base: str) -> None:
    """So they are where a window is 900 pixels high: no group falls below it."""
    for address in ("gru.html", "which.html", "recipes.html"):
        page = new_page()
        page.goto(file_base + address)
        links = page.locator(
            ".md-nav--primary .md-nav__item--active a.md-nav__link >> visible=true"
        )
        boxes = [link.bounding_box() for link in links.all()]
        assert len(boxes) > 5
        for box in boxes:
            assert box is not None
            assert box["y"] + box["height"] < 900


def test_a_page_has_one_title(linked_site: Path) -> None:
    """That of its navigation, of its tab in the browser, and of its heading are the same."""
    seen = 0
    for file in linked_site.glob("*.html"):
        text = file.read_text("utf-8")
        heading = re.search(r"<h1 id=[^>]*>(.*?)<a class=\"headerlink\"", text)
        if heading is None or file.stem in ("index", "404"):
            continue
        seen += 1
        assert f"<title>{heading[1]} - Gated</title>" in text
        entry = rf'href="(?:{file.name}|\./)" class="md-nav__link[^"]*">\s*'
        entry += rf'<span class="md-ellipsis">\s*{re.escape(heading[1])}\s*<'
        assert re.search(entry, text), file.name
    assert seen > 20
