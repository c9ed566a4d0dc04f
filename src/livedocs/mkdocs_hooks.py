"""The adapter: MkDocs's events, answered by the engine. The only module that knows MkDocs."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from functools import cached_property, partial
from html import escape
from pathlib import Path
from typing import Any, Literal

from jinja2 import ChoiceLoader, DictLoader
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, get_toc
from mkdocs.utils import CountHandler

from livedocs import blocks, books, listing, notebooks, pages, provenance, runner, serving
from livedocs.files import below, digest, text_digest, write_atomically
from livedocs.problems import Failed, Problem
from livedocs.settings import Settings, load
from livedocs.site import Rendered, Site
from livedocs.store import Store
from livedocs.templates import COMPILED, compile_once
from livedocs.typeset import FORMULA, Typesetter
from livedocs.wheel import Wheel
from livedocs.wheel import build as build_wheel

log = logging.getLogger("mkdocs.livedocs")

_FIGURE = re.compile(r"<svg\b[^>]*\brole=\"img\".*?</svg>", re.DOTALL)
#: What stands where a figure or a formula will be put in, with the words that search finds there.
_PLACE = re.compile(r'<svg class="livedocs-drawn">.*?</svg>', re.DOTALL)
_UNSEEN = re.compile(r"<math .*?</math>|<[^>]+>", re.DOTALL)
#: How a page asks mkdocstrings for the docstrings of a module.
_DOCSTRINGS = re.compile(r"^::: ", re.MULTILINE)

#: What mkdocs-jupyter's settings say of how a notebook is rendered.
_OPTIONS = (
    "kernel_name",
    "theme",
    "allow_errors",
    "show_input",
    "no_input",
    "no_prompt",
    "remove_tag_config",
    "highlight_extra_classes",
    "include_requirejs",
    "custom_mathjax_url",
)
#: Folders of the site that hold nothing of the author's.
_OURS = ("notebooks", "downloads", "wheels")

Render = Callable[[MkDocsConfig, Files], None]


class _Build:
    """What lives from one event of a build to the next."""

    def __init__(self, settings: Settings, chapters: Iterable[str]) -> None:
        self.settings = settings
        self.site = Site(settings, chapters)
        self.typesetter = Typesetter(
            settings.root / "node_modules", settings.cache_folder / "formulas"
        )
        #: Rendered pages of notebooks and of docstrings, from before.
        self.pages = Store(settings.cache_folder / "pages")
        self.wheel: Wheel | None = None
        self.provenance = provenance.line(settings)
        self.commit = provenance.commit(settings.root)
        #: Chapters by the page's source, and snippet names by that of their notebook.
        self.rendered: dict[str, Rendered] = {}
        self.notebooks: dict[str, str] = {}
        #: The pages of notebooks, where mkdocs-jupyter renders them.
        self.rendering: pages.Rendering | None = None
        #: The executed notebooks to download, by their address.
        self.downloads: dict[str, str] = {}
        #: While serving: a digest of what each page is made of, by its source; the pages that are
        #: as they were; and what the search takes from each of the others.
        self.made_of: dict[str, str] = {}
        self.kept: dict[str, serving.Finished] = {}
        self.found_by: dict[str, list[dict[str, Any]]] = {}
        #: Figures and formulas of each page, put in last: no plugin need read through them.
        self.drawn: dict[str, list[str]] = {}

    def place(self, url: str, config: MkDocsConfig) -> blocks.Place:
        """Return where a block stands that is on the page at ``url``."""
        files_url = ""
        if config.repo_url and self.commit:
            files_url = f"{config.repo_url.rstrip('/')}/blob/{self.commit}"
        wheel_url = f"wheels/{self.wheel.name}" if self.wheel else ""
        return blocks.Place(url, files_url, config.site_url or "", wheel_url)

    def book(self, path: str, config: MkDocsConfig) -> str:
        """Return chapter ``path`` as an executed notebook; "" where it cannot be made."""
        place = self.place("", config)
        install = blocks.install_command(place)
        make = partial(books.book, self.site, path, install, place.site_url)
        made_of = self.made_of.get(path.removeprefix(f"{self.settings.docs}/"), "")
        try:
            return _written_once(path, made_of, make) if made_of else make()
        except (Problem, ValueError):
            return ""  # its page says what is wrong, and where

    def path(self, page: Page) -> str:
        """Return a chapter's path in the project."""
        return f"{self.settings.docs}/{page.file.src_uri}"

    @cached_property
    def docstrings(self) -> str:
        """A digest of all that pages of docstrings are made from, beside their own Markdown."""
        root = self.settings.root
        sources = below(root / self.settings.sources, "*.py")
        files = [root / "mkdocs.yml", *(root / lock for lock in self.settings.locks), *sources]
        parts = [f"{file.relative_to(root)}\n{digest(file)}" for file in files]
        return text_digest(Path(__file__).read_text("utf-8"), *parts)


_build: _Build
_command = "build"
#: While serving: the notebooks to download, with what each was made of: few are made anew.
_written: dict[str, tuple[str, str]] = {}


def on_startup(command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
    global _command
    _command = command
    compile_once()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    global _build
    root = Path(config.config_file_path).parent
    provenance.fix_environment(root)
    _build = _Build(load(root), listing.chapters(config, drafts=_command == "serve"))
    if config.repo_url:
        config.edit_uri = f"edit/main/{_build.settings.docs}/"
    if _command == "serve":
        runner.warm_up(_build.settings)
    return config


def on_pre_build(config: MkDocsConfig) -> None:
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    # The wheel is made by another program, so it costs no time beside the snippets.
    with ThreadPoolExecutor(max_workers=1) as pool:
        made = pool.submit(build_wheel, _build.settings, epoch) if _build.settings.wheel else None
        _build.site.prepare(log.info)
    _build.wheel = made.result() if made else None
    if not _build.site.is_read:  # and MkDocs could not read it either
        raise Failed(_build.site.problems)


def _find_what_is_as_it_was(config: MkDocsConfig) -> None:
    """Find the chapters whose pages would come out as they were, and say what each is made of."""
    wheel = _build.wheel.name if _build.wheel else ""
    common = serving.common(_build.site, f"{_build.provenance}\n{wheel}", _theme(config))
    for path in _build.site.chapters:
        source = path.removeprefix(f"{_build.settings.docs}/")
        made_of = _build.made_of[source] = serving.made_of(_build.site, path, common)
        if (finished := serving.PAGES.get(source)) and finished.made_of == made_of:
            _build.kept[source] = finished


def _theme(config: MkDocsConfig) -> list[Path]:
    return below(Path(config.theme.custom_dir)) if config.theme.custom_dir else []


def _written_once(name: str, made_of: str, make: Callable[[], str]) -> str:
    """Return the notebook ``name``, made again only if it is made of something else."""
    if _command != "serve":
        return make()
    if _written.get(name, ("", ""))[0] != made_of:
        _written[name] = made_of, make()
    return _written[name][1]


@event_priority(100)
def _add_notebook_pages(files: Files, config: MkDocsConfig) -> Files:
    """Add the notebooks before mkdocs-jupyter looks for its pages."""
    _refuse_what_would_be_overwritten(files)
    if _command == "serve":
        _find_what_is_as_it_was(config)
    site, folder = _build.site, _build.settings.cache_folder / "notebooks"
    texts: dict[str, str] = {}
    look = text_digest(*map(digest, [Path(config.config_file_path), *_theme(config)]))
    alts = site.alts()
    for name, record in site.records.items():
        mine = {(title, n): text for (of, title, n), text in alts.items() if of == name}
        titles = [site.title(path) for path in site.uses(name)]
        parts = (site.snippets[name], record, mine, titles)
        try:
            text = _written_once(name, repr(parts), partial(notebooks.notebook, *parts))
        except ValueError as error:
            site.problems.append(Problem(record.path, None, str(error)))
            continue
        source = f"notebooks/{name.removesuffix('.py')}.ipynb"
        _build.notebooks[source] = name
        _build.downloads[blocks.download_url(name, ".ipynb")] = text
        made_of = text_digest(text, _build.provenance, look)
        _build.made_of[source] = made_of
        if (finished := serving.PAGES.get(source)) and finished.made_of == made_of:
            address = source.replace(".ipynb", ".html")
            files.append(File.generated(config, address, content=finished.output))
            continue
        if digest(folder / source) != text_digest(text):
            write_atomically(folder / source, text)
        files.append(File(source, str(folder), config.site_dir, config.use_directory_urls))
        texts[source] = text
    if "mkdocs-jupyter" in config.plugins:
        given = config.plugins["mkdocs-jupyter"].config
        options = {key: given[key] for key in _OPTIONS}
        _build.rendering = pages.Rendering(folder, texts, options, _build.pages)
    return files


def _refuse_what_would_be_overwritten(files: Files) -> None:
    docs = _build.settings.docs_folder
    own = [
        file.src_uri
        for file in files
        if file.src_dir and Path(file.src_dir) == docs and file.inclusion != InclusionLevel.EXCLUDED
    ]
    problems = [
        Problem(
            f"{_build.settings.docs}/{path}",
            None,
            f'"{folder}" holds what the engine makes: move this to another folder',
        )
        for path in own
        if (folder := path.partition("/")[0]) in _OURS and folder != path
    ]
    if problems:
        raise Failed(problems)


@event_priority(-100)
def _add_static_files(files: Files, config: MkDocsConfig) -> Files:
    """Add downloads, wheel and assets after every plugin has taken its pages."""
    settings = _build.settings
    made: dict[str, str | bytes] = {**_build.downloads}
    for name in _build.notebooks.values():
        made[blocks.download_url(name, ".py")] = _build.site.snippets[name].text
    for chapter in _build.site.chapters.values():
        if books.has_code(chapter.blocks):
            address = books.url(chapter.path.removeprefix(f"{settings.docs}/"))
            made[address] = _build.book(chapter.path, config)
    if _build.wheel:
        made[f"wheels/{_build.wheel.name}"] = _build.wheel.content
    static: dict[str, Path] = {}
    for target, pattern in settings.assets.items():
        found = sorted(settings.root.glob(pattern))
        if not found:
            raise Problem(
                "pyproject.toml", None, f'no file matches "{pattern}" of [tool.livedocs.assets]'
            )
        for path in found:
            static[f"{target}{path.name}" if target.endswith("/") else target] = path
    for url, content in made.items():
        files.append(File.generated(config, url, content=content))
    for url, path in static.items():
        files.append(File.generated(config, url, abs_src_path=str(path)))
    return files


on_files = CombinedEvent(_add_notebook_pages, _add_static_files)


@event_priority(-100)
def on_pre_page(page: Page, config: MkDocsConfig, files: Files) -> Page:
    """Keep the pages that are slow to render: mkdocs-jupyter's and mkdocstrings's."""
    source = page.file.src_uri
    if finished := _build.kept.get(source):
        page.render = partial(_as_it_was, page, finished)  # type: ignore[method-assign]
    if _build.rendering and source in _build.notebooks:
        page.render = partial(_notebook, page, _build.rendering)  # type: ignore[method-assign]
    else:
        page.render = partial(_docstrings_once, page, page.render)  # type: ignore[method-assign]
    return page


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str | None:
    name = _build.notebooks.get(page.file.src_uri)
    if name is not None:
        # The chapters show the same code and output: found once is enough.
        page.meta["search"] = {"exclude": True}
        page.meta["hide"] = ["toc"]
        if page.edit_url:
            page.edit_url = page.edit_url.replace(
                f"{_build.settings.docs}/{page.file.src_uri}", f"{_build.settings.snippets}/{name}"
            )
        return None
    if finished := _build.kept.get(page.file.src_uri):
        page.meta["template"], page.meta["as_it_was"] = serving.TEMPLATE, finished.output
        # Names in docstrings are what other pages may refer to.
        return None if _DOCSTRINGS.search(markdown) else ""
    raw = (_build.settings.root / _build.path(page)).read_text("utf-8")
    # MkDocs strips the front matter; lines are counted in the file as it is.
    first_line = raw[: raw.rindex(markdown)].count("\n") + 1 if markdown in raw else 1
    rendered = _build.site.render(
        _build.path(page), markdown, first_line, _build.place(page.url, config)
    )
    _build.rendered[page.file.src_uri] = rendered
    return rendered.markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    last = f'\n<p class="provenance" data-search-exclude>{_build.provenance}</p>'
    name = _build.notebooks.get(page.file.src_uri)
    if name is not None:
        return html + _links_to_chapters(name, page, config) + last
    if page.file.src_uri in _build.kept:
        return html
    path = _build.path(page)

    def fault(tex: str, message: str) -> str:
        problem = Problem(*_place_of(tex, path), message)
        _build.site.problems.append(problem)
        return blocks.problem_box(str(problem))

    drawn: list[str] = []
    _build.drawn[page.file.src_uri] = drawn

    def put_off(match: re.Match[str]) -> str:
        if match["tag"] is None:
            drawn.append(match[0])
            return _place("")
        drawn.append(_build.typesetter.typeset(match[0], fault))
        return _place(_UNSEEN.sub("", drawn[-1]))

    html = _build.site.put_in(_build.rendered[page.file.src_uri], html)
    if books.has_code(_build.site.chapters[path].blocks):
        html = _with_download(
            html, _build.place(page.url, config).link(books.url(page.file.src_uri))
        )
    return re.sub(f"{_FIGURE.pattern}|{FORMULA.pattern}", put_off, html, flags=re.DOTALL) + last


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    source = page.file.src_uri
    drawn = iter(_build.drawn.get(source, []))
    output = _PLACE.sub(lambda match: next(drawn), output)
    if _command == "serve" and source not in _build.kept:
        serving.PAGES.pop(source, None)
        # Trouble is to be told again at the next build.
        if _build.path(page) not in {problem.path for problem in _build.site.problems}:
            anchors = frozenset(page.present_anchor_ids or ())
            found_by = _build.found_by.get(source, [])
            made_of = _build.made_of[source]
            serving.PAGES[source] = serving.Finished(made_of, output, page.title, anchors, found_by)
    return output


def on_env(env: Any, config: MkDocsConfig, files: Files) -> None:
    _build.typesetter.close()
    if _command == "serve":
        env.loader = ChoiceLoader([env.loader, DictLoader(serving.TEMPLATES)])
        env.bytecode_cache = COMPILED
        _keep_what_search_finds(config)
    problems = _build.site.problems
    if problems and _command != "serve":
        raise Failed(problems)
    for problem in problems:
        log.error(str(problem))


def _place(words: str) -> str:
    return f'<svg class="livedocs-drawn">{words}</svg>'


def _place_of(tex: str, path: str) -> tuple[str, int | None]:
    """Return where a formula stands: in the chapter ``path``, or in a docstring that it shows."""
    pattern = re.compile(r"\s+".join(map(re.escape, tex.split())))
    root = _build.settings.root
    for file in [root / path, *below(root / _build.settings.sources, "*.py")]:
        text = file.read_text("utf-8", "replace")
        if match := pattern.search(text):
            return file.relative_to(root).as_posix(), text[: match.start()].count("\n") + 1
    return path, None


def _as_it_was(page: Page, finished: serving.Finished, config: MkDocsConfig, files: Files) -> None:
    """Give a page that is kept what other pages need to know of it."""
    page.title, page.content, page.toc = finished.title, "", get_toc([])
    page.present_anchor_ids = set(finished.anchors)


def _keep_what_search_finds(config: MkDocsConfig) -> None:
    """Have the search take pages that are kept as it took them before."""
    plugins: dict[str, Any] = {**config.plugins}
    search = next((plugin for name, plugin in plugins.items() if "search" in name), None)
    if search is None:
        return
    index = search.search_index
    add = index.add_entry_from_context

    def add_once(page: Page) -> None:
        if finished := _build.kept.get(page.file.src_uri):
            index.entries += finished.found_by
            return
        before = len(index.entries)
        add(page)
        _build.found_by[page.file.src_uri] = index.entries[before:]

    index.add_entry_from_context = add_once


def _notebook(page: Page, rendering: pages.Rendering, config: MkDocsConfig, files: Files) -> None:
    """Give a notebook the page that is rendered of it."""
    source = page.file.src_uri
    page.title, page.content = _build.notebooks[source], rendering.page(source)
    page.toc = get_toc([])


def _docstrings_once(page: Page, render: Render, config: MkDocsConfig, files: Files) -> None:
    """Render a page that shows docstrings, unless it was made from the same sources before."""
    if "mkdocstrings" not in config.plugins or not _DOCSTRINGS.search(page.markdown or ""):
        render(config, files)
        return
    page.meta.setdefault("search", {"boost": 0.5})  # who looks for an idea wants its chapter
    autorefs: Any = config.plugins["autorefs"]
    made_from = text_digest(_build.docstrings, page.markdown or "")
    name = f"{page.file.src_uri}.json"
    kept = json.loads(_build.pages.get(name) or "{}")
    if kept.get("made_from") == made_from:
        page.content, page.toc = kept["content"], get_toc(kept["toc"])
        page.present_anchor_ids = set(kept["ids"])
        for names, options in kept["anchors"]:
            autorefs.register_anchor(page, *names, **options)
        return
    anchors = []
    register = autorefs.register_anchor

    def note(page: Page, *names: str, **options: Any) -> None:
        anchors.append((names, options))
        register(page, *names, **options)

    warnings = CountHandler(level=logging.WARNING)
    logging.getLogger("mkdocs").addHandler(warnings)
    autorefs.register_anchor = note
    try:
        with chdir(_build.settings.root):  # from where Griffe names the files of sources
            render(config, files)
    finally:
        autorefs.register_anchor = register
        logging.getLogger("mkdocs").removeHandler(warnings)
    # Google's style has no section for sources; this makes theirs look like the others.
    title = '<p><span class="doc-section-title">Source:</span> '
    page.content = (page.content or "").replace("<p>Source: ", title)
    if not warnings.counts:  # which the next build must give again
        kept = {
            "made_from": made_from,
            "content": page.content,
            "toc": [_token(link) for link in page.toc],
            "ids": sorted(page.present_anchor_ids or ()),
            "anchors": anchors,
        }
        _build.pages.put(name, json.dumps(kept).encode())


def _token(link: AnchorLink) -> dict[str, Any]:
    children = [_token(child) for child in link.children]
    return {"name": link.title, "id": link.id, "level": link.level, "children": children}


def _links_to_chapters(name: str, page: Page, config: MkDocsConfig) -> str:
    place = _build.place(page.url, config)
    paths = [path.removeprefix(f"{_build.settings.docs}/") for path in _build.site.uses(name)]
    links = [
        f'<a href="{place.link(path.removesuffix(".md"))}.html">'
        f"{escape(_build.site.title(f'{_build.settings.docs}/{path}'))}</a>"
        for path in paths
    ]
    return f'\n<p class="snippet-links">Explained in {", ".join(links)}</p>'


def _with_download(html: str, url: str) -> str:
    """Offer, below its title, a chapter as a notebook."""
    link = f'<a href="{url}" download>This page as an executed notebook</a>'
    line = f'<p class="chapter-links" data-search-exclude>{link}</p>'
    return html.replace("</h1>", f"</h1>\n{line}", 1)
