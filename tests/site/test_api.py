"""The reference: every public name has an entry that explains it, made from its docstring."""

import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import getdoc, getmembers, isclass, isfunction
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "api").glob("*.md"))
#: The first that a page shows is its module.
MODULES = [page.read_text("utf-8").partition("::: ")[2].split()[0] for page in PAGES]
#: Modules that others are made of, whose public names are imported from elsewhere.
INNER = {
    "cells",
    "checks",
    "extras",
    "layers",
    "loop",
    "modules",
    "options",
    "stack",
}

#: What an entry's heading names, and what stands below it, entries within it left out.
ENTRIES = """() => Object.fromEntries(
    [...document.querySelectorAll(".doc-object")].map(entry => {
        const own = entry.querySelector(":scope > .doc-contents")?.cloneNode(true);
        own?.querySelectorAll(".doc-children, details").forEach(part => part.remove());
        const heading = entry.querySelector(":scope > .doc-heading");
        return [heading?.id, own?.textContent.trim() ?? ""];
    })
)"""


@pytest.fixture(scope="module")
def entries(browser: Browser, file_base: str) -> Iterator[dict[str, str]]:
    """Yield the text of every entry of the reference, by its anchor."""
    found: dict[str, str] = {}
    context = browser.new_context()
    page = context.new_page()
    for source in PAGES:
        page.goto(f"{file_base}api/{source.stem}.html")
        found |= page.evaluate(ENTRIES)
    yield found
    context.close()


@pytest.fixture(scope="module")
def written(linked_site: Path) -> dict[str, str]:
    """Return the HTML of the pages of the reference."""
    return {file.name: file.read_text("utf-8") for file in (linked_site / "api").glob("*.html")}


def public(module: str) -> dict[str, str]:
    """Return the docstrings of a module's names by anchor: where the name is, or is made."""
    found = import_module(module)
    names = getattr(found, "__all__", None) or [
        name
        for name, value in getmembers(found, lambda value: isclass(value) or isfunction(value))
        if not name.startswith("_") and value.__module__ == module
    ]
    return {name: getdoc(getattr(found, name)) or "" for name in names}


def anchors(module: str, name: str) -> set[str]:
    return {f"{module}.{name}", f"{getattr(import_module(module), name).__module__}.{name}"}


def test_every_public_module_has_a_page() -> None:
    folder = ROOT / "src" / "gated"
    modules = {path.stem for path in folder.glob("[a-z]*.py")}
    modules |= {path.parent.name for path in folder.glob("[a-z]*/__init__.py")}
    modules.add("figures.drawing")  # a page of its own in a package
    assert {f"gated.{name}" for name in modules - INNER} | {"gated"} == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_has_an_entry_that_explains_it(
    entries: dict[str, str], module: str
) -> None:
    assert len(entries[module]) > 100, "the module says what it is for"
    for name, docstring in public(module).items():
        (anchor,) = anchors(module, name) & entries.keys()
        # A formula is written in another way than it reads.
        words = re.findall(r"\w+", docstring.partition("$")[0])[:5]
        assert words, anchor
        assert words == re.findall(r"\w+", entries[anchor])[: len(words)], anchor
        assert "Source:" in entries[anchor] or len(entries[anchor]) > 20, anchor


def test_what_is_private_has_no_entry(entries: dict[str, str], written: dict[str, str]) -> None:
    assert len(entries) > 50
    assert not [anchor for anchor in entries if re.search(r"\._|^_|__", anchor)]
    signatures = re.compile(r'<div class="doc-signature.*?</div>', re.DOTALL)
    for name, page in written.items():
        code = re.sub(r"<[^>]+>", "", " ".join(signatures.findall(page)))
        assert not re.search(r"\b_[a-z]\w*", code), name


def test_no_page_tells_where_it_was_made(written: dict[str, str], shared: Path) -> None:
    folders = {str(ROOT), str(shared), sys.prefix, "site-packages", "/home/", "/tmp/"}
    assert len(written) == len(PAGES)
    assert not {
        (name, folder) for name, page in written.items() for folder in folders if folder in page
    }


def test_formulas_of_docstrings_are_typeset(
    entries: dict[str, str], written: dict[str, str]
) -> None:
    for name in ("gated.html", "family.html", "probes.html", "parameters.html"):
        assert 'class="katex"' in written[name]
        assert 'class="formula"' in written[name]
    for name, page in written.items():
        assert "arithmatex" not in page, name
    assert not [anchor for anchor, text in entries.items() if "$" in text or "\\(" in text]


def test_names_in_docstrings_lead_to_their_entries(written: dict[str, str]) -> None:
    assert not [name for name, page in written.items() if "<autoref" in page]
    links = re.findall(r'<a class="autorefs[^"]*" [^>]*href="([^"]*)"', written["gated.html"])
    assert "#gated.GRUCell" in links
    assert "family.html#gated.family.MGU" in links, "imported from gated, and made elsewhere"
    returned = re.findall(r'href="([^"]*)"', written["probes.html"])
    assert "#gated.probes.GRUGates" in returned, "a type in a signature"


def test_search_finds_a_name(new_page: Callable[..., Page], file_base: str) -> None:
    page = new_page()
    page.goto(file_base + "index.html")
    page.locator(".md-search__input").click()
    page.keyboard.type("geometric_mean", delay=20)
    hit = page.locator(".md-search-result__link[href*='api/probes.html']").first
    hit.click()
    expect(page).to_have_url(re.compile(r"api/probes\.html"))


def test_code_is_folded_and_nothing_but_a_program_offers_a_copy(
    new_page: Callable[..., Page], file_base: str
) -> None:
    page = new_page(width=390)
    page.goto(f"{file_base}api/reference.html")
    expect(page.locator(".doc-signature").first).to_be_visible()
    code = page.locator("details.mkdocstrings-source pre").first
    expect(code).to_be_hidden()
    page.locator("details.mkdocstrings-source summary").first.click()
    expect(code).to_be_visible()
    for button in page.locator(".doc-object [data-clipboard-target]").all():
        expect(button).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
