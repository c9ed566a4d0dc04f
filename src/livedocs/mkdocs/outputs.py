"""HTML of what a block printed: as text, or as the tables that it is."""

import html
from collections.abc import Iterator, Sequence
from itertools import accumulate

from livedocs.tables import Row, Spanning, Table


def text(label: str, style: str, printed: str) -> str:
    """Return a printed text in a group of its own; nothing where nothing was printed."""
    if not printed.strip():
        return ""
    # HTML drops the first line of <pre> where it is empty.
    content = "\n" * printed.startswith("\n") + html.escape(printed.rstrip())
    start = f'<div class="{style}" role="group" aria-label="{label}">'
    return f"{start}<pre>{content}</pre></div>"


def table(found: Table) -> str:
    """Return a table as HTML; its first column names the rows."""
    of_values, count = found.of_values, len(found.of_values)
    parts = [f"<caption>{_lines(found.caption)}</caption>"] if found.caption else []
    parts += ["<thead>", *(f"<tr>{''.join(_head(line, of_values))}</tr>" for line in found.head)]
    parts.append("</thead><tbody>")
    for row in found.rows:
        if isinstance(row, str):
            heading = f'<th scope="rowgroup" colspan="{count}">{html.escape(row)}</th>'
            parts.append(f"</tbody><tbody><tr>{heading}</tr>")
        else:
            parts.append(f"<tr>{''.join(_row(row, of_values))}</tr>")
    parts.append("</tbody>")
    if found.notes:
        parts.append(f'<tfoot><tr><td colspan="{count}">{_lines(found.notes)}</td></tr></tfoot>')
    start = '<div class="snippet-table" role="group" aria-label="Output"><table class="printed">'
    return "\n".join([start, *parts, "</table></div>"])


def _lines(printed: str) -> str:
    return html.escape(printed).replace("\n", "<br>")


def _head(line: Sequence[Spanning], of_values: Sequence[bool]) -> Iterator[str]:
    ends = accumulate(width for _, width in line)
    for (name, width), end in zip(line, ends, strict=True):
        if not name:
            yield "<td></td>" * width
        elif width > 1:
            yield f'<th scope="colgroup" colspan="{width}">{html.escape(name)}</th>'
        else:
            yield f'<th scope="col"{_class(of_values[end - 1])}>{html.escape(name)}</th>'


def _row(row: Row, of_values: Sequence[bool]) -> Iterator[str]:
    for column, (cell, is_value) in enumerate(zip(row, of_values, strict=True)):
        tag = "td" if column or not cell else 'th scope="row"'
        yield f"<{tag}{_class(is_value)}>{html.escape(cell)}</{tag[:2]}>"


def _class(is_value: bool) -> str:
    return ' class="value"' if is_value else ""
