"""Tables in what a snippet prints: columns that stand one below the other, parted by spaces.

The first line of columns is the header, or the first two where the upper one spans columns of the
lower; a fence that names the columns itself says that there is none. Lines of text above are the
caption, those below are notes. Over indented rows a line of text heads a group. Empty lines part
tables.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_CHUNK = re.compile(r"\S+(?: \S+)*")
#: How a value begins: with a digit, also after a sign or a bracket; or that there is none.
_VALUE = re.compile(r"[(+-]*\.?\d|(?:-|nan|inf)$")
_NUMBER = re.compile(r"(?:[+-]?[\d.,]+(?:e[+-]?\d+)?%?|-|nan|inf)$")

Row = tuple[str, ...]
#: A text in a header, and how many columns it spans.
Spanning = tuple[str, int]
#: Where a column begins and ends.
_Extent = tuple[int, int]


@dataclass(frozen=True)
class Table:
    """A table as it was printed."""

    caption: str
    head: tuple[tuple[Spanning, ...], ...]
    #: The cells of each row, or the text over the rows of a group.
    rows: tuple[Row | str, ...]
    notes: str
    #: Of each column, whether it holds values alone.
    of_values: tuple[bool, ...]


def read(text: str, names: Sequence[Sequence[str]] = ()) -> list[Table]:
    """Return the tables in a printed text; raise ValueError, with the line, where it is none.

    ``names`` are those of the columns, once for all tables or for each, where no header is printed.
    """
    lines = [line.rstrip() for line in text.expandtabs().splitlines()]
    parts: list[dict[int, str]] = [{}]
    for number, line in enumerate(lines, 1):
        if line:
            parts[-1][number] = line
        elif parts[-1] and not _heads(*lines[number : number + 2]):
            parts.append({})
    parts = [part for part in parts if part]
    if len(names) not in (0, 1, len(parts)):
        raise ValueError(f'"columns" is a list of {len(names)}, but it prints {len(parts)} tables')
    each = names if len(names) == len(parts) else [*names] * len(parts) or [()] * len(parts)
    return [_table(part, one) for part, one in zip(parts, each, strict=True)]


def _heads(line: str = "", below: str = "") -> bool:
    """Return whether a line is text, and the one below it indented."""
    return bool(line) and not _has_columns(line) and _indent(below) > _indent(line)


def _has_columns(line: str) -> bool:
    words = line.split()
    return bool(_GAP.search(line)) or (len(words) > 1 and all(map(_NUMBER.match, words)))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _table(lines: dict[int, str], names: Sequence[str]) -> Table:
    aligned = [number for number, line in lines.items() if _has_columns(line)]
    if not aligned:
        number, line = next(iter(lines.items()))
        raise ValueError(f'line {number} of the output has no columns: "{line}"')
    headings = {number for number, below in pairwise(lines) if _heads(lines[number], lines[below])}
    if len(headings) == 1:
        headings = set()  # it is the caption
    first, last = min({aligned[0], *headings}), aligned[-1]
    for number, line in lines.items():
        if first < number < last and number not in headings and number not in aligned:
            raise ValueError(f'line {number} of the output is no row of its table: "{line}"')
    height = 0 if names else _height([lines[number] for number in aligned])
    head, body = aligned[:height], aligned[height:]
    if not body:
        raise ValueError(f"line {last} of the output is a header without rows")
    lowest = lines[head[-1]] if head else ""
    columns = _columns(lowest, [lines[number] for number in body], len(names))
    rows = {number: _cells(lines[number], columns) for number in body}
    if names and len(names) != len(columns):
        found = " | ".join(rows[body[0]])
        raise ValueError(f'"columns" names {len(names)}, but the output has {found}')
    _check(lowest, {number: lines[number] for number in body}, columns)
    for (start, end), cells in zip(columns, zip(*rows.values(), strict=True), strict=True):
        if not any(cells):
            raise ValueError(f'nothing stands below "{lowest[start:end]}" in the output')
    named = tuple((name, 1) for name in names)
    return Table(
        "\n".join(line for number, line in lines.items() if number < first),
        (named,) if names else _head([lines[number] for number in head], columns),
        tuple(
            rows.get(number, line.strip())
            for number, line in lines.items()
            if first <= number <= last and number not in head
        ),
        "\n".join(line for number, line in lines.items() if number > last),
        tuple(
            all(_VALUE.match(cell) if place else _NUMBER.match(cell) for cell in column if cell)
            for place, column in enumerate(zip(*rows.values(), strict=True))
        ),
    )


def _height(lines: Sequence[str]) -> int:
    """Return how many lines are the header: one, or two above values that they name."""
    are_values = [bool(_VALUE.match(_GAP.split(line)[-1])) for line in lines]
    return 2 if are_values[-1] and not any(are_values[:2]) else 1


def _columns(header: str, rows: Sequence[str], wanted: int) -> list[_Extent]:
    """Return where the columns are: between what is blank in the header and in all rows.

    A single blank may stand between words. It parts columns if the ``wanted`` number is not
    reached without, and if a text in the header begins behind it, or a row has more than one there,
    or numbers stand on both sides.
    """
    lines = [line for line in (header, *rows) if line]
    filled = [
        any(line[place : place + 1].strip() for line in lines)
        for place in range(max(map(len, lines)))
    ]
    runs = groupby(range(len(filled)), filled.__getitem__)
    extents = [(run[0], run[-1] + 1) for full, places in runs if full and (run := [*places])]

    def holds(extent: _Extent) -> bool:
        return any(row[slice(*extent)].strip() for row in rows)

    def parts(left: _Extent, right: _Extent) -> bool:
        return (
            any(match.start() == right[0] for match in _CHUNK.finditer(header))
            or any(
                left[0] < gap.start() <= left[1] and right[0] <= gap.end() < right[1]
                for row in rows
                for gap in _GAP.finditer(row)
            )
            or all(_NUMBER.match(row[slice(*one)].strip()) for row in rows for one in (left, right))
        )

    # A word that only the header has belongs to the one after it, and the last to that before it.
    extents = _merged(extents, lambda left, right: not holds(left))
    extents = _merged(extents, lambda left, right: not holds(right))
    apart = _merged(extents, lambda left, right: True)
    if len(apart) == wanted:
        return apart
    return _merged(extents, lambda left, right: not parts(left, right))


def _merged(
    extents: Sequence[_Extent], are_one: Callable[[_Extent, _Extent], bool]
) -> list[_Extent]:
    """Return the extents, those merged that are one and have a single blank between them."""
    merged: list[_Extent] = []
    for one in extents:
        if merged and one[0] == merged[-1][1] + 1 and are_one(merged[-1], one):
            merged[-1] = merged[-1][0], one[1]
        else:
            merged.append(one)
    return merged


def _cells(line: str, columns: Sequence[_Extent]) -> Row:
    return tuple(" ".join(line[start:end].split()) for start, end in columns)


def _head(lines: Sequence[str], columns: Sequence[_Extent]) -> tuple[tuple[Spanning, ...], ...]:
    """Return the lines of the header: a text spans also the columns to its right that have none."""
    *upper, lowest = lines
    texts = [_over(columns, line) for line in upper]
    return tuple(map(_spans, [*texts, [(cell, bool(cell)) for cell in _cells(lowest, columns)]]))


def _over(columns: Sequence[_Extent], line: str) -> list[tuple[str, bool]]:
    """Return the text over each column, and whether it begins there.

    It is the one that stands over it, or else the nearest to its left.
    """
    chunks = [*_CHUNK.finditer(line)]
    found: list[tuple[str, bool]] = []
    last = None
    for _, end in columns:
        # Those that begin before the column ends: the last one stands over it, or to its left.
        chunk = next((one for one in reversed(chunks) if one.start() < end), None)
        found.append((chunk[0] if chunk else "", chunk is not last))
        last = chunk
    return found


def _spans(cells: Sequence[tuple[str, bool]]) -> tuple[Spanning, ...]:
    spans: list[Spanning] = []
    for text, begins in cells:
        if begins or not spans or not spans[-1][0]:
            spans.append((text, 1))
        else:
            spans[-1] = spans[-1][0], spans[-1][1] + 1
    return tuple(spans)


def _check(header: str, rows: dict[int, str], columns: Sequence[_Extent]) -> None:
    """Raise ValueError for a row that goes on where the header parts two columns."""
    for gap in _GAP.finditer(header):
        if any(start < gap.start() and gap.end() < end for start, end in columns):
            for number, row in rows.items():
                if "  " not in row[gap.start() : gap.end()].ljust(gap.end() - gap.start()):
                    raise ValueError(f'line {number} of the output runs across columns: "{row}"')
