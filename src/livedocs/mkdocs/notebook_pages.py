"""Notebook pages as mkdocs-jupyter makes them, less what does not belong on this site."""

import base64
import importlib.metadata
import json
import logging
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs_jupyter import convert, nbconvert2  # noqa: F401 (the first sets ids of headings)
from mkdocs_jupyter.config import settings as package
from mkdocs_jupyter.preprocessors import SubCell
from nbconvert.exporters import HTMLExporter

from livedocs.files import digest, text_digest
from livedocs.runner import cores
from livedocs.store import Store

#: So many notebooks are worth processes of their own, which take a second to start.
_MANY = 16
#: What mkdocs-jupyter's settings say of how a notebook is rendered.
_OPTIONS = ("theme", "include_requirejs", "custom_mathjax_url")
_SHOWN = ("show_input", "no_input", "no_prompt", "remove_tag_config")

_GONE = re.compile(
    r"<(?P<element>script|style)\b.*?</(?P=element)>"
    r"|<!--.*?-->"
    r'|<div class="zeroclipboard-container">.*?</clipboard-copy>\s*</div>'
    r'|<div (?=[^>]*"clipboard-copy-txt")[^>]*>.*?</div>'
    r'|<div class="jp-InputPrompt[^>]*>.*?</div>'
    r'|<div class="jp-Collapser[^>]*>\s*</div>'
    r'|<a class="anchor-link".*?</a>',
    re.DOTALL,
)
_TAB_STOP = re.compile(r'(<div class="jp-[^>]*?) tabindex="0"')
_CELL_ID = re.compile(r'(<div class="jp-[^>]* id="cell-)id=')
_CODE = re.compile(
    r'<div class="highlight-ipynb[^"]*"><pre>(?:<span></span>)?(.*?)</pre></div>', re.DOTALL
)
_FIGURE = re.compile(r'<img alt="[^"]*" src="data:image/svg\+xml;base64,(?P<svg>[^"]*)"')
_LABEL = re.compile(r'aria-label="([^"]*)"')
_TAGGED = re.compile(r"\bcelltag_(?:fold|hide)-")


def options_of(config: MkDocsConfig) -> str:
    """Return in JSON what mkdocs-jupyter's settings say of notebooks; "" where it is not used."""
    if "mkdocs-jupyter" not in config.plugins:
        return ""
    given = config.plugins["mkdocs-jupyter"].config
    return json.dumps({name: given[name] for name in (*_OPTIONS, *_SHOWN)})


def notebook_source(name: str) -> str:
    """Return the source of the page of a snippet's notebook, as MkDocs has sources."""
    return f"notebooks/{name.removesuffix('.py')}.md"


class Notebooks:
    """The pages of notebooks: those that are not kept are rendered in processes of their own."""

    def __init__(self) -> None:
        self._kept: Store | None = None
        self._pool: ProcessPoolExecutor | None = None
        #: Pages that are being rendered, by key.
        self._futures: dict[str, Future[str]] = {}

    def close(self) -> None:
        """Give up what is not rendered yet."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def begin(
        self,
        texts: Mapping[str, Any],
        options: str,
        kept: Store,
        *,
        done: Callable[[], None] | None = None,
    ) -> dict[str, str]:
        """Begin to render those that are texts; return the key of each one's page, by its name.

        With ``done``, which is called as the last of them is there, all are rendered elsewhere.
        """
        keys = {name: _key(text, options) for name, text in texts.items() if isinstance(text, str)}
        self._kept = kept
        missing = [
            name for name, key in keys.items() if key not in self._futures and not kept.get(key)
        ]
        if done or len(missing) >= _MANY:
            pool = self._pool = self._pool or _pool(1 if done else cores())
            for name in missing:
                future = pool.submit(_page, texts[name], options)
                future.add_done_callback(partial(self._keep, kept, keys[name], done))
                self._futures[keys[name]] = future
        else:
            for name in missing:
                kept.put(keys[name], _page(texts[name], options).encode())
        return keys

    def page(self, key: str, *, wait: bool = True) -> str | None:
        """Return a page once it is rendered; None where that is not to be waited for.

        Raises what was raised where it was rendered.
        """
        future = self._futures.get(key)
        if future and (wait or future.done()):
            return future.result()
        page = self._kept.get(key) if self._kept else None
        return page.decode() if page is not None else None

    def _keep(
        self, kept: Store, key: str, done: Callable[[], None] | None, future: Future[str]
    ) -> None:
        if future.cancelled():
            return
        if not future.exception():
            kept.put(key, future.result().encode())
        if done and all(one.done() for one in self._futures.values()):
            done()


def _pool(size: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(size, mp_context=context, initializer=_stop_with_the_parent)


def _stop_with_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger("traitlets").setLevel(logging.ERROR)

    def watch() -> None:
        parent = multiprocessing.parent_process()
        assert parent is not None
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@lru_cache
def _maker(options: str) -> str:
    """Return a digest of what makes pages of notebooks."""
    versions = [importlib.metadata.version(name) for name in ("mkdocs-jupyter", "nbconvert")]
    return text_digest(*versions, options, digest(Path(__file__)))


def _key(text: str, options: str) -> str:
    return f"{text_digest(_maker(options), text)}.html"


def _page(text: str, options: str) -> str:
    """Return the page of a notebook, as mkdocs-jupyter's own function makes it of a file.

    That one compiles the same templates anew for each notebook, a third of its work.
    """
    notebook = nbformat.reads(text, as_version=4)
    resources = {"mkdocs": {"include_requirejs": json.loads(options)["include_requirejs"]}}
    nbconvert2.cell_id = 0  # the numbers of its cells begin anew
    content, _ = _exporter(options).from_notebook_node(notebook, resources=resources)
    return plain_notebook(content)


@lru_cache
def _exporter(options: str) -> HTMLExporter:
    """Return what mkdocs-jupyter makes anew for each notebook."""
    given = json.loads(options)
    return HTMLExporter(  # type: ignore[no-untyped-call]
        config=nbconvert2.get_nbconvert_app(**{name: given[name] for name in _SHOWN}).config,
        template_file="mkdocs_html/notebook.html.j2",
        extra_template_paths=[package.templates_dir],
        preprocessors=[SubCell],
        filters={
            "highlight_code": nbconvert2.mk_custom_highlight_code(),
            "clean_html": lambda drawing: drawing if isinstance(drawing, str) else drawing.decode(),
        },
        theme=given["theme"],
        mathjax_url=given["custom_mathjax_url"],
    )


def plain_notebook(content: str) -> str:
    """Return the notebook ``content`` with its text, code, outputs and figures only.

    Gone are 575 KB of inlined styles and all scripts, among them one that would load mermaid
    from another host. Code is marked up as on every other page, so that the theme's colors and
    copy button serve it.
    """
    content = _GONE.sub("", content)
    # The tabulator key stops at what scrolls, which a browser knows, and at nothing else.
    content = _TAB_STOP.sub(r"\1", content)
    # The theme's copy button finds its code by this id, in a selector that "=" would break.
    content = _CELL_ID.sub(r"\1", content)
    content = _CODE.sub(r'<div class="highlight"><pre><code>\1</code></pre></div>', content)
    return _fold(_FIGURE.sub(_described, content))


def _fold(content: str) -> str:
    """Fold the parts of cells that are tagged so, and take out what is hidden."""
    if not _TAGGED.search(content):
        return content
    page = BeautifulSoup(content, "html.parser")
    for hidden in page.select(".celltag_hide-code > .jp-Cell-inputWrapper"):
        hidden.decompose()
    for tag, part in (("code", "input"), ("output", "output")):
        for folded in page.select(f".celltag_fold-{tag} > .jp-Cell-{part}Wrapper"):
            summary = page.new_tag("summary")
            summary.string = tag.capitalize()
            folded.wrap(page.new_tag("details")).insert(0, summary)
    return str(page)


def _described(image: re.Match[str]) -> str:
    """Give an image the description that its drawing carries; nbconvert says that it has none."""
    label = _LABEL.search(base64.b64decode(image["svg"]).decode())
    alt = label[1] if label else ""
    return f'<img alt="{alt}" src="data:image/svg+xml;base64,{image["svg"]}"'
