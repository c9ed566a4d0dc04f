"""The woven folder built by another generator shows what the site shows."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

Pages = dict[str, tuple[Tag, Tag]]


@pytest.fixture(scope="module")
def pages(woven: Path, built_site: Path) -> Pages:
    """Return the text of each chapter as MkDocs and as Zensical built it."""

    def article(file: Path) -> Tag:
        found = BeautifulSoup(file.read_text("utf-8"), "html.parser").article
        assert found is not None
        return found

    names = [
        page.relative_to(woven / "docs").with_suffix(".html").as_posix()
        for page in (woven / "docs").rglob("*.md")
    ]
    assert len(names) > 50
    return {name: (article(built_site / name), article(woven / "site" / name)) for name in names}


def headings(article: Tag) -> list[str]:
    """Return the level, the text and the id of each heading."""
    found = article.select("h1, h2, h3, h4, h5, h6")
    return [f"{one.name} {one.get('id')}: {''.join(_words(one)).strip()}" for one in found]


def _words(heading: Tag) -> list[str]:
    own = heading.find_all(string=True)
    return [text for text in own if text.find_parent(class_="headerlink") is None]


def code(article: Tag) -> list[str]:
    found = article.select(".highlight:not(.language-text) pre")
    return [one.get_text().rstrip() for one in found]


def outputs(article: Tag) -> list[str]:
    """Return what was printed or raised, and the fences of text that an author wrote."""
    found = article.select(".snippet-output pre, .snippet-raises, .language-text pre")
    return [one.get_text().rstrip().expandtabs(4) for one in found]  # Markdown has no tabs


def figures(article: Tag) -> list[str]:
    """Return the description of each figure."""
    found = article.select("figure.snippet-figure > svg:last-child, img")
    return [str(one.get("aria-label") or one["alt"]) for one in found]


def links(article: Tag) -> list[str]:
    """Return where links lead, in order of address: each puts those to tags at another place.

    Those to the files of snippets are left out: what stands below a block is each one's own. So are
    a chapter's head and foot, words of the glossary, and what sets a widget.
    """
    own = ".headerlink, .chapter-links a, .page-head a, .page-foot a, .term, .widget-step"
    found = [str(one["href"]) for one in article.select(f"a[href]:not({own})")]
    files = {"downloads", "notebooks", "wheels"}
    kept = (one for one in found if not files & {*PurePosixPath(one).parts})
    return sorted(one.removeprefix("./") for one in kept)


@pytest.mark.parametrize("part", [headings, code, outputs, figures, links])
def test_it_shows_what_the_site_shows(pages: Pages, part: Callable[[Tag], list[str]]) -> None:
    parts = {name: (part(site), part(other)) for name, (site, other) in pages.items()}
    assert sum(len(site) for site, _ in parts.values()) > 60
    assert not {
        name: sorted({*site} ^ {*other}) for name, (site, other) in parts.items() if site != other
    }


def test_every_link_and_every_figure_leads_somewhere(woven: Path, pages: Pages) -> None:
    site = woven / "site"
    ids = {
        site / name: {str(one["id"]) for one in other.select("[id]")}
        for name, (_, other) in pages.items()
    }
    astray, seen = [], 0
    for name, (_, other) in pages.items():
        for one in other.select("a[href], img[src]"):
            address = str(one.get("href") or one["src"])
            if urlsplit(address).scheme:
                continue
            path, anchor = urldefrag(address)
            file = ((site / name).parent / unquote(path)).resolve() if path else site / name
            seen += 1
            if not file.is_file() or (anchor and unquote(anchor) not in ids[file]):
                astray.append(f"{name}: {address}")
    assert seen > 1000
    assert not astray
