"""What a block shows of its snippet, and what must run where it is pasted."""

import ast
import re
from collections.abc import Collection, Iterable, Sequence

from .problems import near_match
from .record import Record
from .snippets import Cell, Snippet


def copied(snippet: Snippet, shown: Sequence[Cell]) -> str:
    """Return what the copy button of a block yields: a whole program."""
    return joined(snippet.preamble, needed(snippet, shown))


def needed(snippet: Snippet, shown: Sequence[Cell]) -> list[Cell]:
    """Return the cells that run where ``shown`` are pasted.

    All cells up to the last one shown, less checks and less cells that raise.
    """
    last = snippet.cells.index(shown[-1])
    return [
        cell
        for cell in snippet.cells[: last + 1]
        if not cell.check and (cell.raises is None or cell in shown)
    ]


def choose(snippet: Snippet, titles: Sequence[str]) -> list[Cell]:
    """Return the cells with these titles, by default all but checks; ValueError for others."""
    if not snippet.shown:
        raise ValueError(f"{snippet.path} has no cell to show: all are checks")
    if not titles:
        return list(snippet.shown)
    known = {re.sub(r"\s*,\s*", ", ", cell.title): cell for cell in snippet.shown}
    chosen, rest = [], list(titles)
    while rest:
        # A title may hold commas of its own.
        ends = range(len(rest), 0, -1)
        end = next((end for end in ends if ", ".join(rest[:end]) in known), 0)
        if not end:
            raise ValueError(
                f'{snippet.path} has no cell "{rest[0]}" to show.{near_match(rest[0], known)}'
            )
        chosen.append(known[", ".join(rest[:end])])
        del rest[:end]
    return [cell for cell in snippet.shown if cell in chosen]


def keep_the_contract(snippet: Snippet, record: Record, shown: Sequence[Cell]) -> None:
    """Raise ValueError where a pasted block could not give just what the page shows."""
    for cell in shown[:-1]:
        if cell.raises:
            raise ValueError(
                f'cell "{cell.title}" of {snippet.path} raises, so nothing after it runs when '
                "pasted: show it last, in a block of its own"
            )
    for cell in snippet.cells[: snippet.cells.index(shown[-1])]:
        if cell in shown or cell.check or cell.raises or cell.hide == "output":
            continue
        result = record.cell(cell.title)
        if result.output or result.figures:
            raise ValueError(
                f'the copied block would also run cell "{cell.title}" of {snippet.path}, whose '
                "output is not shown: show that cell too, or move it to a snippet of its own"
            )


def printed(record: Record, shown: Iterable[Cell]) -> tuple[str, str, list[str]]:
    """Return what cells printed, what they wrote to stderr and what they raised, unless hidden."""
    left = [record.cell(cell.title) for cell in shown if cell.hide != "output"]
    raised = [result.raised for result in left if result.raised]
    return "".join(one.output for one in left), "".join(one.errors for one in left), raised


def figures_shown(record: Record, shown: Iterable[Cell]) -> list[tuple[Cell, int, tuple[str, ...]]]:
    """Return the figures that a page shows of these cells: the cell, the number there, the SVGs."""
    return [
        (cell, number, drawn)
        for cell in shown
        if cell.hide != "output"
        for number, drawn in enumerate(record.cell(cell.title).figures)
    ]


def described(
    record: Record, shown: Sequence[Cell], alts: Sequence[str]
) -> list[tuple[Cell, int, tuple[str, ...], str]]:
    """Return the figures that a page shows, as above, each with its alt text.

    Raises ValueError where there is not one for each.
    """
    drawn = figures_shown(record, shown)
    if len(drawn) != len(alts):
        counts = f"{len(drawn)} figure{'s' * (len(drawn) != 1)} here, but there "
        counts += f"is {len(alts)} alt text" if len(alts) == 1 else f"are {len(alts)} alt texts"
        closed = " (one that its cell closes is not shown)" * (len(drawn) < len(alts))
        raise ValueError(
            f"{record.path} draws {counts}{closed}: describe each figure in a line "
            '"alt: ..." (several as a list)'
        )
    return [(*figure, alt) for figure, alt in zip(drawn, alts, strict=True)]


def refuse_nothing(kind: str, snippet: Snippet, seen: Sequence[str]) -> None:
    """Raise ValueError where a block of this kind shows nothing of its snippet."""
    if not seen:
        fault = "hides here all that it has to show"
        if kind == "figure":
            fault = "leaves no figure open to show"
        raise ValueError(f"{snippet.path} {fault}")


def imports(snippet: Snippet, modules: Collection[str]) -> bool:
    """Return whether a snippet imports one of the modules, or something of them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(snippet.text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return not names.isdisjoint(modules)


def joined(start: str, cells: Iterable[Cell]) -> str:
    """Return the code of cells below what stands at the ``start``."""
    parts = [start, *(cell.source for cell in cells)]
    return "\n\n".join(part for part in parts if part) + "\n"
