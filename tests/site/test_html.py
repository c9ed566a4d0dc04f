"""What holds for every page of the finished site, as it lies on the disk."""

import importlib.metadata
import platform
import posixpath
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from livedocs import provenance


@dataclass
class Contents:
    """What a page holds of the things that must be right on each."""

    headings: int = 0
    ids: list[str] = field(default_factory=list)
    figures: list[dict[str, str]] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    provenance: str = ""
    code: list[str] = field(default_factory=list)


class Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.contents = Contents()
        self._in_provenance = False
        self._divs: list[bool] = []  # for each open one, whether it is that of highlighted code
        self._in_code = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.contents.headings += tag == "h1"
        if "id" in given:
            self.contents.ids.append(given["id"])
        # Icons have no size of their own, and the strokes of formulas are measured in letters.
        if tag == "svg" and not given.get("width", "em").endswith("em"):
            self.contents.figures.append(given)
        if tag == "a":
            self.contents.links.append(given)
        if given.get("class") == "provenance":
            self._in_provenance = True
        if tag == "div":
            self._divs.append("highlight" in given.get("class", "").split())
        if tag == "pre" and any(self._divs):
            self._in_code = True
            self.contents.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_provenance = self._in_provenance and tag != "p"
        self._in_code = self._in_code and tag != "pre"
        if tag == "div":
            self._divs.pop()

    def handle_data(self, data: str) -> None:
        if self._in_provenance:
            self.contents.provenance += data
        if self._in_code:
            self.contents.code[-1] += data


def read(site: Path) -> dict[str, Contents]:
    return {
        file.relative_to(site).as_posix(): Reader(file.read_text("utf-8")).contents
        for file in sorted(site.rglob("*.html"))
        if file.name != "404.html"
    }


@pytest.fixture(scope="module")
def pages(linked_site: Path) -> dict[str, Contents]:
    found = read(linked_site)
    assert len(found) > 15
    return found


def test_one_heading_names_the_page(pages: dict[str, Contents]) -> None:
    assert not {name: page.headings for name, page in pages.items() if page.headings != 1}


def test_ids_are_unique(pages: dict[str, Contents]) -> None:
    twice = {
        name: sorted({i for i in page.ids if page.ids.count(i) > 1}) for name, page in pages.items()
    }
    assert all(page.ids for page in pages.values())
    assert not {name: ids for name, ids in twice.items() if ids}


def test_every_figure_is_one_image_or_holds_links_and_has_a_description(
    pages: dict[str, Contents],
) -> None:
    figures = [(name, figure) for name, page in pages.items() for figure in page.figures]
    assert len(figures) > 20
    assert not [
        name
        for name, figure in figures
        if figure.get("role") not in ("img", "group") or len(figure.get("aria-label", "")) < 20
    ]


def test_a_shared_link_shows_the_card_of_its_chapter(
    linked_site: Path, unlinked_site: Path
) -> None:
    pattern = re.compile(r'<meta property="og:image" content="([^"]+)">')
    cards = {}
    pages = {file.name for file in linked_site.glob("*.html")} - {"404.html"}
    for name in (*pages, "recipes/classify.html"):
        (image,) = pattern.findall((linked_site / name).read_text("utf-8"))
        cards[name] = linked_site / urlsplit(image).path[1:]
        with Image.open(cards[name]) as card:
            assert card.size == (1200, 630)
    assert cards["gru.html"] != cards["lstm.html"]
    assert cards["gru.html"].read_bytes() != cards["lstm.html"].read_bytes()
    assert not pattern.search((unlinked_site / "gru.html").read_text("utf-8"))
    assert not (unlinked_site / "assets" / "cards").exists()


def too_long(pages: dict[str, Contents]) -> list[tuple[str, str]]:
    """Return the lines of code that are cut off beside the navigation, and their pages."""
    return [
        (name, line)
        for name, page in pages.items()
        # The API reference shows signatures and sources as the package has them.
        if not name.startswith("api/")
        for block in page.code
        for line in block.splitlines()
        if len(line) > 76
    ]


def test_no_line_of_code_is_too_long(pages: dict[str, Contents]) -> None:
    assert sum(len(page.code) for page in pages.values()) > 500
    assert not too_long(pages)


def test_a_line_of_code_that_is_too_long_is_found() -> None:
    page = '<div class="highlight"><pre><code><b>{}</b>x\n</code></pre></div><pre>{}</pre>'
    longest, longer = (
        Reader(page.format(columns * "x", 99 * "y")).contents for columns in (75, 76)
    )
    assert too_long({"a": longest, "b": longer, "api/c": longer}) == [("b", 77 * "x")]


def test_a_link_in_a_figure_leads_to_a_page_and_a_heading(pages: dict[str, Contents]) -> None:
    """The check of links reads ``href`` alone."""
    led = [
        (name, *link["xlink:href"].partition("#")[::2], link.get("aria-label"))
        for name, page in pages.items()
        for link in page.links
        if "xlink:href" in link
    ]
    assert len(led) > 5
    for name, path, anchor, label in led:
        target = pages[posixpath.join(posixpath.dirname(name), path) if path else name]
        assert not anchor or anchor in target.ids, (name, path, anchor)
        assert label, (name, path)


def test_the_last_line_says_what_made_the_page(pages: dict[str, Contents]) -> None:
    lines = {page.provenance for page in pages.values()}
    assert len(lines) == 1, "every page has the same line"
    (line,) = lines
    assert re.search(r"commit [0-9a-f]{10}\b", line)
    assert f"torch {importlib.metadata.version('torch')}" in line
    assert provenance.processor() in line
    assert platform.node() not in line
    assert not re.search(r"\d ?(s|ms|sec|seconds|minutes)\b|\d:\d\d", line)


def test_pages_link_to_their_source_where_the_repository_is_known(
    pages: dict[str, Contents], unlinked_site: Path
) -> None:
    for name, page in pages.items():
        edits = [a["href"] for a in page.links if a.get("rel") == "edit"]
        folder, suffix = ("snippets", ".py") if name.startswith("notebooks/") else ("docs", ".md")
        source = name.removeprefix("notebooks/").removesuffix(".html") + suffix
        assert edits == [f"https://github.com/example/gated/edit/main/{folder}/{source}"]
    sources = {a["href"] for a in pages["gru.html"].links if "/example/gated/blob/" in a["href"]}
    assert any(re.search(r"/blob/[0-9a-f]{40}/snippets/\w+/\w+\.py#L\d+-L\d+$", s) for s in sources)
    assert any(re.search(r"/blob/[0-9a-f]{40}/src/gated/\w+\.py#L\d+-L\d+$", s) for s in sources)
    for name, page in read(unlinked_site).items():
        assert not [a for a in page.links if a.get("rel") == "edit"], name
        own = re.compile(
            r"/blob/[^/]+/(snippets|src/gated)/"
        )  # other projects' sources are linked as ever
        assert not [a for a in page.links if own.search(a.get("href", ""))], name
        assert not [a for a in page.links if a.get("class") == "md-source"], name
