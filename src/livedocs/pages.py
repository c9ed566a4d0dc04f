"""Notebook pages as mkdocs-jupyter makes them, less what does not belong into this site."""

from __future__ import annotations

import base64
import importlib.metadata
import logging
import multiprocessing
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from mkdocs_jupyter import convert

from .files import digest, text_digest
from .runner import cores
from .store import Store
from .templates import compile_once

#: So many notebooks are worth processes of their own, which take a second to start.
_MANY = 16

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
_OUTPUT = re.compile(r"<pre>(?!<code>)")


class Rendering:
    """The pages of notebooks: those that are not kept are rendered beside all else."""

    def __init__(
        self, folder: Path, texts: Mapping[str, str], options: Mapping[str, Any], kept: Store
    ) -> None:
        """Begin with mkdocs-jupyter's ``options``; ``texts`` are the notebooks in ``folder``."""
        versions = [importlib.metadata.version(name) for name in ("mkdocs-jupyter", "nbconvert")]
        makers = [*versions, repr(options), digest(Path(__file__))]
        self._names = {name: f"{text_digest(*makers, text)}.html" for name, text in texts.items()}
        self._kept = kept
        self._pages = {
            name: page.decode()
            for name, key in self._names.items()
            if (page := kept.get(key)) is not None
        }
        missing = [name for name in texts if name not in self._pages]
        paths = [str(folder / name) for name in missing]
        pages = _beside(paths, options) if len(paths) >= _MANY else _here(paths, options)
        self._rendered = zip(missing, pages, strict=True)

    def page(self, name: str) -> str:
        """Return the page of a notebook, once it is rendered."""
        while name not in self._pages:
            done, page = next(self._rendered)
            self._kept.put(self._names[done], page.encode())
            self._pages[done] = page
        return self._pages[name]


def _here(paths: Sequence[str], options: Mapping[str, Any]) -> Iterator[str]:
    return (_page(path, options) for path in paths)


def _beside(paths: Sequence[str], options: Mapping[str, Any]) -> Iterator[str]:
    """Render in as many processes as there are cores, while the build goes on."""
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe(duplex=False) for _ in range(cores())]
    for number, (_, sender) in enumerate(pipes):
        share = (paths[number :: len(pipes)], options, sender)
        context.Process(target=_render_share, args=share, daemon=True).start()
        sender.close()
    return _received([receiver for receiver, _ in pipes], len(paths))


def _received(receivers: Sequence[Connection], count: int) -> Iterator[str]:
    for number in range(count):
        page = receivers[number % len(receivers)].recv()
        if isinstance(page, Exception):
            raise page
        yield page


def _render_share(paths: Sequence[str], options: Mapping[str, Any], sender: Connection) -> None:
    """Send the page of each notebook, or the exception that ended it; stop with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    compile_once()
    for path in paths:
        try:
            sender.send(_page(path, options))
        except BrokenPipeError:
            return
        except Exception as error:
            sender.send(error)


def _page(path: str, options: Mapping[str, Any]) -> str:
    return plain_notebook(convert.nb2html(path, **options))


def plain_notebook(content: str) -> str:
    """Return the notebook ``content`` with its text, code, outputs and figures only.

    Gone are 575 KB of inlined styles and all scripts, among them one that would load mermaid
    from another host. Code is marked up as on every other page, so that the theme's colors and
    copy button serve it.
    """
    content = _GONE.sub("", content)
    # The tabulator key stops at what may scroll, and at nothing else.
    content = _TAB_STOP.sub(r"\1", content)
    # The theme's copy button finds its code by this id, in a selector that "=" would break.
    content = _CELL_ID.sub(r"\1", content)
    content = _CODE.sub(r'<div class="highlight"><pre><code>\1</code></pre></div>', content)
    content = _fold(_FIGURE.sub(_described, content))
    return _OUTPUT.sub('<pre tabindex="0">', content)


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
