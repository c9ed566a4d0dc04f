"""What is kept from one build to the next while a site is served, so that an edit costs little.

A page is made again only if something has changed that it is made of; of many, the one in view
goes first. `python -m benchmarks serving` measures what an edit takes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.utils import write_file

from livedocs import paths
from livedocs.background import Background
from livedocs.files import below, digest, text_digest
from livedocs.making import Made
from livedocs.scanner import front_matter
from livedocs.site import Site

#: How a page asks mkdocstrings for docstrings.
_DOCSTRINGS = re.compile(r"^::: ", re.MULTILINE)
#: How a page asks Material for a list of tags.
_LISTS = "<!-- material/tags"
#: How MkDocs begins to say that a link of a page leads nowhere.
_PAGE_AT_FAULT = re.compile(r"Doc file '([^']+)' contains ")
#: So many chapters are made at once, after the first one, and so many pages of notebooks, which
#: take less: whoever looks at another page need not wait long.
_CHAPTERS, _NOTEBOOKS = 16, 64
#: Where pages lie until the build is at its end: whoever asks meanwhile finds the whole one before.
_MADE = ".made"
#: What stands in the place of a page that has not been made yet; the server reloads it.
_COMING = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{0}</title>'
    '<link rel="icon" href="data:,"><body>'  # else browsers ask for one
    '<h1>{0}</h1><p role="status">This page is being made.</p></body></html>'
)


@dataclass
class _Finished:
    """A page that lies in the site, and what other pages need to know of it."""

    digest: str
    file: Path
    title: str | None
    anchors: frozenset[str]


class _Chapter(File):
    """A file for which contents decide, and no dates, whether MkDocs is to make its page."""

    is_kept = False

    def is_modified(self) -> bool:
        return not self.is_kept


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
        #: Whether the build before made the page in view and put off all others for it.
        self._is_view_done = False
        #: A digest of the scripts and styles that pages load.
        self.beside = ""
        #: The pages that MkDocs found fault with while there were gaps.
        self._doubtful: set[str] = set()
        #: The pages that are to be made again, for there was trouble with them.
        self._faulty: set[str] = set()
        self._finished: dict[str, _Finished] = {}
        #: The sources of the pages that are not made now.
        self._kept: set[str] = set()
        self._digests: dict[str, str] = {}
        #: When each file was changed that was copied, and its size, by where it lies in the site.
        self._copied: dict[str, tuple[int, int]] = {}
        #: What the search finds on each page, in the order of the pages.
        self._entries: dict[str, list[dict[str, Any]]] = {}

    def begin(
        self,
        site: Site,
        digests: Mapping[str, str],
        notebooks: Mapping[str, str],
        made: Made,
        config: MkDocsConfig,
    ) -> None:
        """Find the pages of a prepared site that need not be made.

        ``digests`` are of what its chapters are woven from; ``notebooks`` are keys by source.
        """
        common = _common(site, made, config)
        scripts = sorted(one for one in made.files.items() if one[0] != made.wheel_url)
        self.beside = text_digest(*_theme(config), repr(scripts))
        self._digests = {source: text_digest(key, common) for source, key in notebooks.items()}
        reference = {path for path, one in site.chapters.items() if _DOCSTRINGS.search(one.text)}
        texts = [site.chapters[path].text for path in sorted(reference)]
        sources = map(digest, below(site.settings.root / site.settings.sources, "*.py"))
        of_reference = text_digest(common, *texts, *sources)  # its pages name one another
        for path in site.chapters:
            whole = of_reference if path in reference else text_digest(common, digests[path])
            self._digests[site.page(path)] = whole
        # What lists tags is what pages with these tags link to.
        listing = {site.page(path) for path, one in site.chapters.items() if _LISTS in one.text}
        self._kept = {
            source
            for source, digested in self._digests.items()
            if (known := self._finished.get(source)) and known.digest == digested
            if source not in listing
        }
        # Trouble shows on the page in view, too, so it is found again at each build.
        now = {self.view, *listing, *(self._faulty - notebooks.keys())}
        self._faulty = set()
        stale = [one for one in self._digests if one not in self._kept and one not in now]
        books = [source for source in stale if source in notebooks]
        together = [site.page(path) for path in reference]
        pages = [source for source in stale if source not in notebooks and source not in together]
        is_view_alone = self.view in self._digests.keys() - self._kept and not self._is_view_done
        later = stale if is_view_alone else [*pages[_CHAPTERS:], *books[_NOTEBOOKS:]]
        if later and self.view not in together:
            later += [source for source in together if source in stale and source not in later]
        self._kept |= {*later}
        self.left, self._is_view_done = len(later), is_view_alone and bool(later)
        self.has_gaps = any(source not in self._finished for source in later)

    def pass_over(self, files: Files) -> None:
        """Have MkDocs make the pages that are not kept, and copy the files that have changed.

        What is no longer there goes. MkDocs would go by dates, which may go back.
        """
        for source in self._finished.keys() - self._digests.keys():
            self._finished.pop(source).file.unlink(missing_ok=True)
        others = [one for one in files if one.abs_src_path and not one.is_documentation_page()]
        stats = ((one.abs_dest_path, Path(str(one.abs_src_path)).stat()) for one in others)
        copied = {name: (stat.st_mtime_ns, stat.st_size) for name, stat in stats}
        for name, _ in self._copied.items() - copied.items():
            Path(name).unlink(missing_ok=True)
        self._copied = copied
        chapters = files.documentation_pages(inclusion=InclusionLevel.is_in_serve)
        self._entries = {file.src_uri: self._entries.get(file.src_uri, []) for file in chapters}
        for file in list(chapters):
            names = (file.src_uri, file.src_dir, file.dest_dir, file.use_directory_urls)
            chapter = _Chapter(*names, inclusion=file.inclusion)
            chapter.is_kept = self.has(file)
            files.remove(file)
            files.append(chapter)

    def has(self, file: File) -> bool:
        """Return whether a page need not be made now. Where there is none yet, one says so."""
        is_kept = file.src_uri in self._kept
        if is_kept and not Path(file.abs_dest_path).exists():
            write_file(_COMING.format(file.src_uri).encode(), file.abs_dest_path)
        return is_kept

    def introduce(self, site: Site, files: Files, config: MkDocsConfig) -> None:
        """Tell MkDocs where pages go, and its plugins what others need to know of kept ones."""
        for file in files.documentation_pages(inclusion=InclusionLevel.is_in_serve):
            file.abs_dest_path = str(Path(config.site_dir, _MADE, file.dest_uri))
        autorefs, tags = _plugin(config, "autorefs"), _plugin(config, "tags")
        kept = [one.page for one in files if isinstance(one, _Chapter) and one.is_kept]
        for page in filter(None, kept):
            known = self._finished.get(page.file.src_uri)
            path = f"{site.settings.docs}/{page.file.src_uri}"
            _, says = front_matter(site.chapters[path].text) or ("", None)
            page.meta = dict(says or {})
            page.title = known.title if known else site.title(path)
            page.present_anchor_ids = set(known.anchors) if known else set()
            for anchor in page.present_anchor_ids if autorefs else ():
                autorefs.register_anchor(page, anchor)
            if tags:
                tags.mappings.add(page, "")

    def keep(self, page: Page) -> None:
        """Keep a page that was made now."""
        source = page.file.src_uri
        if source in self._digests:
            anchors = frozenset(page.present_anchor_ids or ())
            file = Path(page.file.dest_dir, page.file.dest_uri)
            self._finished[source] = _Finished(self._digests[source], file, page.title, anchors)

    def forget(self, source: str) -> None:
        """Have a page made at the next build, for its trouble is to be told again."""
        self._finished.pop(source, None)
        self._faulty.add(source)

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
        """Keep in a folder what is compiled of templates."""
        compiled.mkdir(parents=True, exist_ok=True)
        env.bytecode_cache = FileSystemBytecodeCache(str(compiled))

    def note_search(self, page: Page, config: MkDocsConfig) -> None:
        """Note what the search took from a page."""
        search = _plugin(config, "search")
        entries = reversed(search.search_index.entries if search else [])  # its own stand last
        own = takewhile(lambda one: one["location"].partition("#")[0] == page.url, entries)
        self._entries[page.file.src_uri] = [*own][::-1]

    def end(self, config: MkDocsConfig) -> None:
        """Put what was made in its place; have the search find what is on the pages kept, too."""
        site, made = Path(config.site_dir), Path(config.site_dir, _MADE)
        for page in below(made):
            (site / page.relative_to(made)).parent.mkdir(parents=True, exist_ok=True)
            page.replace(site / page.relative_to(made))
        if search := _plugin(config, "search"):
            search.search_index.entries = [*chain(*self._entries.values())]


def _plugin(config: MkDocsConfig, name: str) -> Any:
    """Return the plugin of that name, be it Material's own; None where there is none."""
    plugins: dict[str, Any] = {**config.plugins}
    return plugins.get(f"material/{name}", plugins.get(name))


def _theme(config: MkDocsConfig) -> list[str]:
    """Return digests of the theme's files that are the project's own."""
    return [*map(digest, below(Path(config.theme.custom_dir)))] if config.theme.custom_dir else []


def _common(site: Site, made: Made, config: MkDocsConfig) -> str:
    """Return a digest of what every page is made of: settings, theme, titles, words, the wheel."""
    root = site.settings.root
    files = [root / "mkdocs.yml", root / "pyproject.toml"]
    # The title of any page, its minutes, and what its front matter says, may stand on any other.
    heads = [
        f"{front_matter(one.text)} {site.title(path)} {paths.minutes(site, site.page(path))}"
        for path, one in site.chapters.items()
    ]
    words = map(repr, site.terms)
    return text_digest(made.wheel_url, *map(digest, files), *_theme(config), *heads, *words)
