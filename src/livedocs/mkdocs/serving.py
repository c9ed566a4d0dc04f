"""What is kept from one build to the next while a site is served, so that an edit costs little.

A page is made again only if something has changed that it is made of; of many, the one in view
goes first. Templates are compiled once. `python -m benchmarks serving` measures what an edit takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemBytecodeCache
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from livedocs.background import Background
from livedocs.files import below, digest, text_digest
from livedocs.site import Site
from livedocs.wheel import Wheel

#: The template of a page that is kept.
_TEMPLATE = "kept.html"
#: How a page asks mkdocstrings for docstrings.
_DOCSTRINGS = re.compile(r"^::: ", re.MULTILINE)
#: How a page asks Material for a list of tags.
_LISTS = "<!-- material/tags"
#: How MkDocs begins to say that a link of a page leads nowhere.
_PAGE_AT_FAULT = re.compile(r"Doc file '([^']+)' contains ")
#: So many chapters are made at once, after the first one, and so many pages of notebooks, which
#: take less: whoever looks at another page need not wait long.
_CHAPTERS, _NOTEBOOKS = 16, 64
#: What stands in the place of a page that has not been made yet; the server reloads it.
_COMING = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{0}</title>'
    '<link rel="icon" href="data:,"><body>'  # else browsers ask for one
    '<h1>{0}</h1><p role="status">This page is being made.</p></body></html>'
)


@dataclass
class _Finished:
    """A page as it was published, and what other pages and the search need to know of it."""

    made_of: str
    output: str = ""
    title: str | None = None
    anchors: frozenset[str] = frozenset()
    found_by: list[dict[str, Any]] = field(default_factory=list)


class Served:
    """The pages of a site while it is served."""

    def __init__(self) -> None:
        self.background = Background(lambda name: self.tell(name))
        #: Called as a snippet has run, with its name, and with "" as what was waited for is there.
        self.tell: Callable[[str], None] = lambda name: None
        #: The source of the page that somebody looks at.
        self.view = "index.md"
        #: How many pages are still to be made, or to be made anew.
        self.left = 1
        #: Whether some page has never been made, so that links to it lead nowhere yet.
        self.has_gaps = True
        self._is_first = True
        #: The pages that MkDocs found fault with while there were gaps.
        self._doubtful: set[str] = set()
        self._finished: dict[str, _Finished] = {}
        self._kept: dict[str, _Finished] = {}
        self._made_of: dict[str, str] = {}
        self._found_by: list[dict[str, Any]] = []

    def begin(
        self, site: Site, notebooks: Mapping[str, str], wheel: Wheel | None, config: MkDocsConfig
    ) -> None:
        """Find the pages of a prepared site, and of notebooks by key, that need not be made."""
        common = _common(site, wheel, config)
        made_of = {source: text_digest(key, common) for source, key in notebooks.items()}
        reference = {path for path, one in site.chapters.items() if _DOCSTRINGS.search(one.text)}
        texts = [site.chapters[path].text for path in sorted(reference)]
        sources = map(digest, below(site.settings.root / site.settings.sources, "*.py"))
        of_reference = text_digest(common, *texts, *sources)  # its pages name one another
        for path in site.chapters:
            whole = of_reference if path in reference else text_digest(common, site.made_of(path))
            made_of[site.page(path)] = whole
        self._made_of = made_of
        # What lists tags is what pages with these tags link to.
        listing = {site.page(path) for path, one in site.chapters.items() if _LISTS in one.text}
        self._kept = {
            source: known
            for source, digested in made_of.items()
            if (known := self._finished.get(source)) and known.made_of == digested
            if source not in listing
        }
        now = {self.view, *listing}
        stale = [source for source in made_of if source not in self._kept and source not in now]
        books = [source for source in stale if source in notebooks]
        together = [site.page(path) for path in reference]
        pages = [source for source in stale if source not in notebooks and source not in together]
        later = stale if self._is_first else [*pages[_CHAPTERS:], *books[_NOTEBOOKS:]]
        if later and self.view not in together:
            later += [source for source in together if source in stale and source not in later]
        for source in later:
            coming = _Finished("", _COMING.format(source))
            self._kept[source] = self._finished.get(source, coming)
        self.left, self._is_first = len(later), False
        self.has_gaps = any(source not in self._finished for source in later)

    def output(self, source: str) -> str:
        """Return a page that is as it was; "" where it is made now."""
        return self._kept[source].output if source in self._kept else ""

    def keeps(self, page: Page) -> bool:
        """Return whether the page is as it was."""
        return page.file.src_uri in self._kept

    def take(self, page: Page, config: MkDocsConfig) -> None:
        """Give a page that is kept what other pages need to know of it."""
        known = self._kept[page.file.src_uri]
        page.title, page.present_anchor_ids = known.title or page.title, set(known.anchors)
        page.meta.update(template=_TEMPLATE, kept=known.output, search={"exclude": True})
        autorefs: Any = config.plugins.get("autorefs")
        for anchor in known.anchors if autorefs else ():
            autorefs.register_anchor(page, anchor)

    def keep(self, page: Page, output: str) -> None:
        """Keep a page that was made now."""
        source = page.file.src_uri
        if source in self._made_of:
            anchors, made_of = frozenset(page.present_anchor_ids or ()), self._made_of[source]
            finished = _Finished(made_of, output, page.title, anchors, self._found_by)
            self._finished[source] = finished

    def forget(self, source: str) -> None:
        """Have a page made at the next build, for its trouble is to be told again."""
        self._finished.pop(source, None)

    def forget_at_fault(self, faults: Iterable[str], *, later: bool) -> None:
        """Have the pages made again that MkDocs finds fault with: now, or where all are there."""
        found = {match[1] for fault in faults if (match := _PAGE_AT_FAULT.match(fault))}
        if later:
            self._doubtful |= found
            return
        self.left += len(self._doubtful)
        for source in found | self._doubtful:
            self.forget(source)
        self._doubtful = set()

    def prepare(self, env: Environment, compiled: Path) -> None:
        """Add the template of pages that are kept; keep in a folder what is compiled of others."""
        assert env.loader is not None
        compiled.mkdir(parents=True, exist_ok=True)
        env.loader = ChoiceLoader([env.loader, DictLoader({_TEMPLATE: "{{ page.meta.kept }}"})])
        env.bytecode_cache = FileSystemBytecodeCache(str(compiled))

    def note_search(self, page: Page, config: MkDocsConfig) -> None:
        """Note what the search took from a page; give it what it took from one that is kept."""
        plugins: dict[str, Any] = {**config.plugins}
        search = next((plugin for name, plugin in plugins.items() if "search" in name), None)
        entries: list[dict[str, Any]] = search.search_index.entries if search else []
        if self.keeps(page):
            entries += self._kept[page.file.src_uri].found_by
        else:  # these stand last
            own = takewhile(
                lambda one: one["location"].partition("#")[0] == page.url, reversed(entries)
            )
            self._found_by = [*own][::-1]


def _common(site: Site, wheel: Wheel | None, config: MkDocsConfig) -> str:
    """Return a digest of what every page is made of: settings, the theme, titles, the wheel."""
    root = site.settings.root
    theme = below(Path(config.theme.custom_dir)) if config.theme.custom_dir else []
    files = [root / "mkdocs.yml", root / "pyproject.toml", *theme]
    # The title of any page, and what its front matter says, may stand on any other.
    heads = [_head(chapter.text) for chapter in site.chapters.values()]
    return text_digest(wheel.name if wheel else "", *map(digest, files), *heads)


def _head(text: str) -> str:
    """Return a chapter's first lines, down to its title."""
    title = re.search(r"^# .+$", text, re.MULTILINE)
    return text[: title.end()] if title else ""
