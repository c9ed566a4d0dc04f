"""What a reader's connection carries: the limits that the site promises."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

CHAPTER_BYTES = 150_000
NOTEBOOK_BYTES = 30_000
#: What a page loads of the lab before a reader comes to a widget, what looks up words in the
#: search, and all scripts of the lab together.
LOADER_BYTES = 1_000
SEARCH_BYTES = 10_000
LAB_BYTES = 60_000
#: What Python made for one widget, and the weights of the trained models.
DATA_BYTES, WEIGHTS_BYTES = 60_000, 350_000

#: Inline, or as the notebook holds it: in the address of an image.
FIGURE = re.compile(rb'<svg\b.*?</svg>|<img\b[^>]*"data:image/svg[^>]*>', re.DOTALL)


def test_a_chapter_is_light_at_the_first_visit(
    page_at: Callable[..., Page], http_base: str, linked_site: Path, chapter: str
) -> None:
    page = page_at(http_base + chapter)
    if not page.workers:
        page.wait_for_event("worker")
    asked = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    asked += [page.url, *(worker.url for worker in page.workers)]
    counted = {
        name: len(gzip.compress((linked_site / name).read_bytes(), mtime=0))
        for name in {urlsplit(url).path.lstrip("/") for url in asked}
        if name.endswith((".html", ".css", ".js")) and "search_index" not in name
    }
    assert chapter in counted
    of_lab = {name: size for name, size in counted.items() if name.startswith("assets/lab/")}
    assert of_lab.keys() == {"assets/lab/loader.js", "assets/lab/search.js"}
    assert of_lab["assets/lab/loader.js"] <= LOADER_BYTES
    assert of_lab["assets/lab/search.js"] <= SEARCH_BYTES
    assert any(name.endswith(".css") for name in counted)
    assert any(name.endswith(".js") for name in counted)
    assert sum(counted.values()) <= CHAPTER_BYTES, counted


def test_a_notebook_page_is_light_beyond_its_figures(linked_site: Path) -> None:
    sizes = {
        file.stem: len(gzip.compress(FIGURE.sub(b"", file.read_bytes()), mtime=0))
        for file in (linked_site / "notebooks").rglob("*.html")
    }
    assert len(sizes) > 10
    assert max(sizes.values()) <= NOTEBOOK_BYTES, sizes


def test_all_scripts_of_the_lab_together_are_light(linked_site: Path) -> None:
    scripts = [*(linked_site / "assets" / "lab").glob("*.js")]
    assert len(scripts) > 3
    sizes = {one.name: len(gzip.compress(one.read_bytes(), mtime=0)) for one in scripts}
    assert sum(sizes.values()) <= LAB_BYTES, sizes


def test_what_a_widget_knows_is_light(linked_site: Path) -> None:
    files = [*(linked_site / "assets" / "lab" / "data").rglob("*.js")]
    assert len(files) > 2
    sizes = {one.name: len(gzip.compress(one.read_bytes(), mtime=0)) for one in files}
    assert sizes.pop("characters.js") <= WEIGHTS_BYTES
    assert max(sizes.values()) <= DATA_BYTES, sizes
