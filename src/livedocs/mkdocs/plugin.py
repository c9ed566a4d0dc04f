"""The plugin for MkDocs: its events, answered by the engine."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Literal

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from livedocs import checks, making, provenance, weave
from livedocs.addresses import Place, download_url
from livedocs.execution import records_of
from livedocs.problems import Failed
from livedocs.settings import load
from livedocs.site import Site
from livedocs.store import Store

from . import chapters, drawn_links, heads, listing, notebook_pages
from .aside import Aside
from .notebook_pages import Notebooks, notebook_source
from .serving import Served
from .terms import Terms
from .typeset import Typesetter

log = logging.getLogger("mkdocs.livedocs")

#: How a page asks mkdocstrings for docstrings.
_DOCSTRINGS = re.compile(r"^::: ", re.MULTILINE)
#: What stands for the last line of each page, which an edit of any file changes.
_LAST = "<!-- livedocs: last line -->"
#: What stands for a notebook, while serving, until it is rendered.
_COMING = '<p class="livedocs-waiting" role="status">This notebook is being rendered.</p>'


class _Options(Config):  # type: ignore[no-untyped-call]
    #: The folder of KaTeX, which typesets formulas.
    katex = config_options.Type(str, default="node_modules/katex")


class LivedocsPlugin(BasePlugin[_Options]):  # type: ignore[no-untyped-call]
    """Runs what the chapters need and puts the results into them."""

    def __init__(self) -> None:
        self._weaver, self._notebooks = weave.Weaver(), Notebooks()
        self._published: weave.Files = {}
        #: What is kept from one build to the next, where the site is served.
        self.served: Served | None = None

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        self.served = Served() if command == "serve" else None

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        root = Path(config.config_file_path).parent
        provenance.fix_environment(root)
        self._settings = settings = load(root)
        execute = self.served.background.records_of if self.served else records_of
        published = listing.chapters(config, drafts=self.served is not None)
        self.site = Site(settings, published, execute)
        self._typesetter = Typesetter(root / self.config.katex, settings.cache_folder / "formulas")
        self._commit, self._provenance = provenance.commit(root), provenance.line(settings)
        self._made = making.Made()
        self._rendered: dict[str, chapters.Rendered] = {}
        #: The snippet of each notebook, and the key of its page, by that page's source.
        self._names: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._aside = Aside(self.site, self._typesetter)
        self._terms = Terms(self.site)
        config.markdown_extensions.append(self._terms)  # type: ignore[arg-type]
        if config.repo_url:
            config.edit_uri = f"edit/main/{settings.docs}/"
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        # Commands are programs of their own, so they cost no time beside the snippets.
        with ThreadPoolExecutor(max_workers=1) as pool:
            made = pool.submit(making.build, self._settings)
            self.site.prepare(log.info)
            self.site.problems += checks.problems(self.site)
            self.site.problems += listing.misnamed(config, self._settings)
        self._made = made.result()
        if not self.site.is_read:  # and MkDocs could not read it either
            raise Failed(self.site.problems)
        self._woven = self._weaver.files(self.site, self._place("", config), self._made)

    @event_priority(100)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        listing.refuse_what_would_be_overwritten(files, self._settings)
        for url, path in weave.assets(self._settings).items():
            files.append(File.generated(config, url, abs_src_path=str(path)))
        options = notebook_pages.options_of(config)
        names = {notebook_source(name): name for name in self.site.records if options}
        texts = {one: self._woven.get(download_url(name, ".ipynb")) for one, name in names.items()}
        done = partial(self.served.tell, "") if self.served else None
        kept = Store(self._settings.cache_folder / "pages")
        self._keys = self._notebooks.begin(texts, options, kept, done=done)
        self._names = {source: names[source] for source in self._keys}
        if self.served:
            self.served.begin(self.site, self._weaver.digests, self._keys, self._made, config)
            self.served.pass_over(files)
        for source in self._keys:
            file = File.generated(config, source, content="")
            if not (self.served and self.served.has(file)):
                files.append(file)
        return files

    def on_nav(self, nav: Any, *, config: MkDocsConfig, files: Files) -> None:
        if self.served:
            self.served.introduce(self.site, files, config)

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        source = page.file.src_uri
        if name := self._names.get(source):
            # The chapters show the same code and output: found once is enough.
            page.meta.update(search={"exclude": True}, hide=["toc"], title=name)
            if config.repo_url:
                edit = f"{config.repo_url.rstrip('/')}/edit/main"
                page.edit_url = f"{edit}/{self._settings.snippets}/{name}"
            return ""
        if _DOCSTRINGS.search(markdown):
            # Who looks for an idea wants its chapter.
            page.meta.setdefault("search", {"boost": 0.2})
        path, self._terms.page = self._path(page), source
        raw = (self._settings.root / path).read_text("utf-8")
        # MkDocs strips the front matter; lines are counted in the file as it is.
        first_line = raw[: raw.rindex(markdown)].count("\n") + 1 if markdown in raw else 1
        place = self._place(page.url, config)
        parts = self.site, path, markdown, first_line, place, self._weaver.digests[path]
        self._rendered[source] = chapters.kept(*parts)
        return self._rendered[source].markdown

    @event_priority(-100)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        source, place = page.file.src_uri, self._place(page.url, config)
        if name := self._names.get(source):
            book = self._notebooks.page(self._keys[source], wait=not self.served)
            return (book or _COMING) + chapters.explained_in(self.site, name, place) + _LAST
        html = chapters.put_in(self.site, self._rendered[source], html)
        wrong = partial(self.site.problem, self._path(page), None)
        html = drawn_links.lead(html, page, files, wrong)
        html = heads.put(self.site, source, self._woven, place, html)
        # Google's style has no section for sources; this makes theirs look like the others.
        section = '<p><span class="doc-section-title">Source:</span> '
        return self._aside.put(html.replace("<p>Source: ", section), source) + _LAST

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> None:
        self._typesetter.close()
        if self.served:
            self.served.prepare(env, self._settings.cache_folder / "templates")
        if self.site.problems and not self.served:
            raise Failed(self.site.problems)
        for problem in self.site.problems:
            log.error(str(problem))

    @event_priority(-100)  # after the search
    def on_page_context(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Any) -> None:
        if self.served:
            self.served.note_search(page, config)

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        source = page.file.src_uri
        output = self._with_last_line(self._aside.back(output, source))
        if self.served:
            if _COMING in output or self._path(page) in {one.path for one in self.site.problems}:
                self.served.forget(source)
            else:
                self.served.keep(page)
        return output

    @event_priority(100)  # before the search writes what it found
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        weave.write(self._woven, Path(config.site_dir), self._published)
        if self.served:
            self._published = self._woven
            self.served.end(config)

    def _with_last_line(self, page: str) -> str:
        last = f'\n<p class="provenance" data-search-exclude>{self._provenance}</p>'
        return page.replace(_LAST, last)

    def on_shutdown(self) -> None:
        self._notebooks.close()
        if self.served:
            self.served.background.close()

    def _place(self, url: str, config: MkDocsConfig) -> Place:
        """Return where a block stands that is on the page at ``url``."""
        repository = (config.repo_url or "").rstrip("/")
        files_url = f"{repository}/blob/{self._commit}" if repository and self._commit else ""
        return Place(url, files_url, config.site_url or "", self._made.wheel_url)

    def _path(self, page: Page) -> str:
        """Return a chapter's path in the project."""
        return f"{self._settings.docs}/{page.file.src_uri}"
