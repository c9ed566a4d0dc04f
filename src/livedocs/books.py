"""A chapter as one executed notebook: its prose and its code, in the order of the page."""

import ast
import re
from collections.abc import Callable, Iterable

import nbformat

from . import notebooks, symbols
from .addresses import Place
from .chapter import Block, Fault, Piece, Span, Step
from .plain import escaped, fenced, plain
from .problems import Failed, Problem
from .scanner import front_matter
from .showing import choose, joined, needed
from .site import Alts, Site
from .snippets import Cell

_TOKEN = re.compile(r"^([ \t>]*)LIVEDOCS(\d+)X[ \t]*$", re.MULTILINE)
#: Empty lines at either end, those of quotes included.
_NOTHING = re.compile(r"\A(?:[ \t>]*\n)+|(?:\n[ \t>]*)+\Z")


def book(site: Site, path: str, place: Place) -> str:
    """Return the text of the executed notebook of chapter ``path``.

    ``place`` knows what installs the code's package, and where links lead. All code runs from top
    to bottom in one kernel. Raises Failed, ValueError, Problem or Waiting for what the page itself
    cannot show either.
    """
    install = place.install_command if place.wheel_url else ""
    blocks: list[Block] = []

    def token(block: Block) -> str:
        blocks.append(block)
        return f"LIVEDOCS{len(blocks) - 1:04}X"

    text = filled(site, path, place, token)
    if head := front_matter(text):
        text = text[len(head[0]) :]
    first, *texts = _TOKEN.split(plain(text, site.page(path), place.site_url))
    cells = [notebooks.text_cell(_opening(first, site.title(path), install), "title")]
    parts = zip(texts[::3], texts[1::3], texts[2::3], strict=True)
    alts = site.alts()
    # The cells that have run of the snippet that ran last, by its name.
    ran: dict[str, list[Cell]] = {}
    for number, (prefix, token_of, text) in enumerate(parts, 1):
        block = blocks[int(token_of)]
        if block.kind == "source":
            excerpt = symbols.find(site.settings, block.target)
            source = fenced("python", excerpt.source)
            cells.append(notebooks.text_cell(source, f"source-{number}"))
        else:
            cells.append(_cell(site, block, number, ran, alts))
        below = [caption(site, block), _below(text, prefix)]
        if any(below):
            cells.append(notebooks.text_cell("\n\n".join(filter(None, below)), f"text-{number}"))
    return notebooks.written(cells)


def filled(site: Site, path: str, place: Place, text_of: Callable[[Block], str]) -> str:
    """Return chapter ``path`` with ``text_of`` each block, and all else that the engine fills in.

    Raises Failed with all that cannot be filled in, and Waiting where that is not known yet.
    """
    problems: list[Problem] = []

    def fill(piece: Piece) -> str:
        try:
            match piece:
                case Fault(problem=problem):
                    problems.append(problem)
                    return ""
                case Block():
                    return text_of(piece)
                case Step(words=words):  # there is no widget
                    return words
                case Span(kind="wheel"):
                    return f"`{place.install_command}`"
                case Span(kind="repository", name=name):
                    return site.repository_file(name, place)
            return site.text(piece, path)
        except (Problem, ValueError) as error:
            problems.append(site.problem(path, piece.line, str(error)))
            return ""

    text = site.chapters[path].fill(fill)
    if problems:
        raise Failed(problems)
    return text


def _cell(
    site: Site, block: Block, number: int, ran: dict[str, list[Cell]], alts: Alts
) -> nbformat.NotebookNode:
    """Return the cell of a block; note in ``ran`` what runs in it."""
    name, record = block.target, site.record(block.target)
    snippet = site.snippets[name]
    shown = choose(snippet, block.cells)
    cells = needed(snippet, shown)
    new = [cell for cell in cells if cell not in ran.get(name, ())]
    # Only what nothing else ran after may be gone on from: names and random numbers are shared.
    if name in ran and all(cell in new for cell in shown):
        cells = new
        source = joined("", cells)
        ran[name] += cells
    else:
        source = joined(snippet.preamble, cells)
        ran.clear()
        ran[name] = list(cells)
    if block.alts and (name_of := _drawing(shown[-1])):
        source = f"{source.rstrip()}\n{name_of}"
    return notebooks.code_cell(source.rstrip(), record, cells, shown, alts[name], number)


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
