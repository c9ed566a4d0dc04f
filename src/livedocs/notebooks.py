"""A record as an executed notebook: one file is both a page of the site and a download."""

import re
from collections.abc import Mapping, Sequence

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from .figures import opaque
from .plain import escaped
from .record import Record
from .showing import figures_shown, printed
from .snippets import Cell, Snippet


def notebook(
    snippet: Snippet,
    record: Record,
    alts: Mapping[tuple[str, int], str],
    chapters: Sequence[str],
) -> str:
    """Return the text of the executed notebook of ``snippet``.

    ``alts`` gives the alt text of figure ``n`` of a cell by (title, n); ``chapters`` are the
    titles of the chapters that use the snippet. Raises ValueError for a figure that is not SVG.
    """
    chapter = " and ".join(map(escaped, chapters))
    name = snippet.path.partition("/")[2]
    title = f"# {name}\n\nFrom the chapter {chapter}."
    cells = [new_markdown_cell(title, id="title")]
    if snippet.preamble:
        cells.append(new_code_cell(snippet.preamble, id="install"))
    for number, cell in enumerate(snippet.cells, 1):
        made = code_cell(cell.source, record, [cell], [cell], alts, number)
        made.metadata["title"] = cell.title
        cells.append(made)
    return written(cells)


def text_cell(text: str, name: str) -> nbformat.NotebookNode:
    """Return a cell of prose; no other of its notebook may have the same name."""
    cell: nbformat.NotebookNode = new_markdown_cell(text, id=name)
    return cell


def code_cell(
    source: str,
    record: Record,
    cells: Sequence[Cell],
    shown: Sequence[Cell],
    alts: Mapping[tuple[str, int], str],
    number: int,
) -> nbformat.NotebookNode:
    """Return one executed cell, the ``number``-th, made of ``cells`` of a snippet.

    It is folded where those of them are that a page shows. What a page hides is folded, too, if it
    is code, which must run, and left out if it is output.
    """
    made: nbformat.NotebookNode = new_code_cell(
        source,
        id=_cell_id(cells[-1].title, number),
        execution_count=number,
        outputs=_outputs(record, cells, shown, alts),
        metadata={"tags": tags} if (tags := _tags(cells, shown)) else {},
    )
    folded = {"source_hidden": "fold-code" in tags, "outputs_hidden": "fold-output" in tags}
    if any(folded.values()):
        made.metadata["jupyter"] = {name: True for name, is_so in folded.items() if is_so}
    return made


def written(cells: Sequence[nbformat.NotebookNode]) -> str:
    """Return the text of a notebook with these cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = new_notebook(
        cells=list(cells), metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    return str(nbformat.writes(book)) + "\n"


def _cell_id(title: str, number: int) -> str:
    """Return a cell id made from its title: nbformat's own ids are random."""
    slug = re.sub(r"\W+", "-", title.lower(), flags=re.ASCII).strip("-")[:50]
    return f"{number}-{slug}" if slug else str(number)


def _tags(cells: Sequence[Cell], shown: Sequence[Cell]) -> list[str]:
    """Return what a notebook, and its page, are to know of a cell."""
    tags = {
        "raises-exception": any(cell.raises for cell in cells),
        "check": any(cell.check for cell in cells),
        "fold-code": all("code" in (cell.fold, cell.hide) for cell in shown),
        "hide-code": all(cell.hide == "code" for cell in shown),
        "fold-output": all(cell.fold == "output" for cell in shown),
    }
    return [tag for tag, is_so in tags.items() if is_so]


def _outputs(
    record: Record,
    cells: Sequence[Cell],
    shown: Sequence[Cell],
    alts: Mapping[tuple[str, int], str],
) -> list[nbformat.NotebookNode]:
    output, errors, raised = printed(record, cells)
    streams = {"stdout": output, "stderr": errors}
    outputs = [new_output("stream", name=name, text=text) for name, text in streams.items() if text]
    # A figure's fence leaves out what is drawn before it.
    for cell, number, drawn in figures_shown(record, (cell for cell in cells if cell in shown)):
        alt = alts.get((cell.title, number), f"figure {number + 1} of {cell.title}")
        try:
            drawing = opaque(drawn[-1], alt=alt)
        except ValueError as error:
            raise ValueError(f'cell "{cell.title}": {error}') from None
        data = {"image/svg+xml": drawing, "text/plain": alt}
        outputs.append(new_output("display_data", data=data))
    for text in raised:
        kind, _, message = text.partition(": ")
        trace = text.splitlines()
        outputs.append(new_output("error", ename=kind, evalue=message, traceback=trace))
    return outputs
