"""A chapter as one executed notebook: its prose and its code, in the order of the page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import replace

import nbformat

from . import notebooks, symbols
from .addresses import Place
from .chapter import Block, Fault, Piece, Span
from .plain import escaped, plain
from .scanner import front_matter
from .showing import choose, joined, needed
from .site import Site
from .snippets import Cell

_TOKEN = re.compile(r"^([ \t>]*)LIVEDOCS(\d+)X[ \t]*$", re.MULTILINE)
#: Empty lines at either end, those of quotes included.
_NOTHING = re.compile(r"\A(?:[ \t>]*\n)+|(?:\n[ \t>]*)+\Z")


def book(site: Site, path: str, place: Place) -> str:
    """Return the text of the executed notebook of chapter ``path``.

    ``place`` knows what installs the code's package, and where links lead. All code runs from top
    to bottom in one kernel. Raises ValueError, Problem or Waiting for what the page itself cannot
    show either.
    """
    install = place.install_command if place.wheel_url else ""
    blocks: list[Block] = []

    def fill(piece: Piece) -> str:
        match piece:
            case Fault(problem=problem):
                raise problem
            case Block():
                blocks.append(piece)
                return f"LIVEDOCS{len(blocks) - 1:04}X"
            case Span(kind="wheel"):
                return f"`{place.install_command}`"
        return site.text(piece, path)

    text = site.chapters[path].fill(fill)
    if head := front_matter(text):
        text = text[len(head.text) :]
    first, *texts = _TOKEN.split(plain(text, site.page(path), place.site_url))
    pages = _Pages(site)
    cells = [notebooks.text_cell(_opening(first, site.title(path), install), "title")]
    parts = zip(texts[::3], texts[1::3], texts[2::3], strict=True)
    for number, (prefix, token, text) in enumerate(parts, 1):
        block = blocks[int(token)]
        cells.append(pages.cell(block, number))
        below = [caption(site, block), _below(text, prefix)]
        if any(below):
            cells.append(notebooks.text_cell("\n\n".join(filter(None, below)), f"text-{number}"))
    return notebooks.written(cells)


class _Pages:
    """Makes cells of blocks, and knows what ran before."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._alts = site.alts()
        #: The snippet whose cells ran last, and which of them did.
        self._last = ""
        self._ran: list[Cell] = []

    def cell(self, block: Block, number: int) -> nbformat.NotebookNode:
        site, name = self._site, block.target
        if block.kind == "source":
            excerpt = symbols.find(site.settings, name)
            return notebooks.text_cell(f"```python\n{excerpt.source}\n```", f"source-{number}")
        record = site.record(name)
        snippet = site.snippets[name]
        shown = choose(snippet, block.cells)
        cells = needed(snippet, shown)
        new = [cell for cell in cells if cell not in self._ran]
        # Only what nothing else ran after may be gone on from: names and random numbers are shared.
        if name == self._last and all(cell in new for cell in shown):
            cells = new
            source = joined("", cells)
            self._ran += cells
        else:
            source = joined(snippet.preamble, cells)
            self._last, self._ran = name, list(cells)
        results = [record.cell(cell.title) for cell in cells]
        # A figure's fence leaves out what is drawn before it.
        results = [
            r if cell in shown else replace(r, figures=())
            for cell, r in zip(cells, results, strict=True)
        ]
        if block.alts and (name_of := _drawing(shown[-1])):
            source = f"{source.rstrip()}\n{name_of}"
        alts = {(title, n): text for (of, title, n), text in self._alts.items() if of == name}
        return notebooks.code_cell(source.rstrip(), cells, results, shown, alts, number)


def _drawing(cell: Cell) -> str:
    """Return the variable that a cell ends by setting: a kernel shows it where it is named last.

    Figures of matplotlib show themselves, so cells that draw with it end otherwise.
    """
    match ast.parse(cell.source).body:
        case [*_, ast.Assign(targets=[ast.Name(id=name), *_])]:
            return name
    return ""


def _below(text: str, prefix: str) -> str:
    """Return what stands below a block, no longer indented as the list in which it stood."""
    indent = prefix.partition(">")[0]
    lines = text.split("\n")
    within = [not line.strip() or line.startswith(indent) for line in lines]
    end = [*within, False].index(False)
    below = "\n".join([*(line.removeprefix(indent) for line in lines[:end]), *lines[end:]])
    return _NOTHING.sub("", below).strip()


def _opening(text: str, title: str, install: str) -> str:
    """Return the first text of a chapter, with a line below its title on what this is."""
    first, _, rest = text.strip().partition("\n")
    if first.startswith("# "):
        title = first
    else:
        title, rest = f"# {escaped(title)}", text.strip()
    note = "*This is a chapter of a website as one executed notebook: run it from top to bottom."
    note += f" What its code needs: `{install}`*" if install else "*"
    return f"{title}\n\n{note}\n\n{rest.strip()}".rstrip()


def caption(site: Site, block: Block) -> str:
    """Return the caption of a block, set off from the text around it. Raises ValueError."""
    text = site.plain_caption(block, "").strip()
    return f"*{text}*" if text and "*" not in text else text


def has_code(blocks: Iterable[Block]) -> bool:
    """Return whether a chapter with these blocks shows code that runs: a gallery shows none."""
    return any(block.kind == "snippet" for block in blocks)
