"""The values that prose states, committed with tolerances, so that a change shows as a diff."""

import difflib
import json
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..files import read_toml, write_atomically
from ..record import Scalar
from ..site import Site

Table = dict[str, dict[str, dict[str, Scalar]]]

#: How many times the largest spread seen a tolerance must be.
_SAFETY = 3.0


def compare(site: Site) -> str:
    """Return a diff from the committed values to this build's, empty where all of them hold."""
    file, name = _file(site), site.settings.expected
    before = file.read_text("utf-8") if file.is_file() else ""
    both = before.splitlines(), _dump(table(site)).splitlines()
    return "\n".join(difflib.unified_diff(*both, name, name, n=1, lineterm=""))


def accept(site: Site) -> str:
    """Commit this build's values to the file, and return the diff."""
    diff = compare(site)
    write_atomically(_file(site), _dump(table(site)))
    return diff


def changed(site: Site) -> list[str]:
    """Return the snippets of which a value would be committed that is not yet."""
    known = read_toml(_file(site))
    return [file for file, entries in table(site).items() if entries != known.get(file)]


def table(site: Site) -> Table:
    """Return the values that prose states, as they would be committed now, by file and name.

    Those within the tolerance of what is committed stay as they are there.
    """
    known: Table = read_toml(_file(site))
    merged: Table = {}
    stated = (span for _, span in site.stated())
    for span in sorted(stated, key=lambda span: (span.file, span.name)):
        value = site.scalar(span)
        entry = known.get(span.file, {}).get(span.name)
        if entry is None or not _holds(value, entry):
            tolerance = entry.get("tolerance") if entry else None
            entry = {"value": value}
            if isinstance(value, float):
                entry["tolerance"] = tolerance or _half_a_digit(value, span.spec)
        merged.setdefault(span.file, {}).setdefault(span.name, entry)
    return merged


def unsteady(name: str, entry: dict[str, Scalar], values: Sequence[float]) -> Iterator[str]:
    """Yield what is wrong with the tolerance of a value that came out as each of ``values``."""
    tolerance, spread = float(entry["tolerance"]), max(values) - min(values)
    if tolerance < (least := _SAFETY * spread):
        mend = f"allow {least:.2g}, or state what is steadier"
        yield f"{name} has a tolerance of {tolerance:.2g}, and a spread of {spread:.2g}: {mend}"
    elif off := [value for value in values if not _holds(value, entry)]:
        yield f"{name} is {off[0]:g}, not {entry['value']:g} within {tolerance:.2g}"


def _file(site: Site) -> Path:
    return site.settings.root / site.settings.expected


def _holds(value: Scalar, entry: dict[str, Scalar]) -> bool:
    expected = entry["value"]
    if isinstance(value, float) and isinstance(expected, float | int):
        return math.isclose(value, expected, rel_tol=0.0, abs_tol=float(entry.get("tolerance", 0)))
    return type(value) is type(expected) and value == expected


def _half_a_digit(value: float, spec: str) -> float:
    """Return half a unit of the last digit that ``spec`` shows of ``value``."""
    match = re.search(r"\.(\d+)([f%e])", spec)
    if match is None or not math.isfinite(value):
        return abs(value) * 1e-6
    digits = int(match[1]) + (2 if match[2] == "%" else 0)
    scale = math.floor(math.log10(abs(value))) if match[2] == "e" and value else 0
    return 0.5 * 10.0 ** (scale - digits)


def _dump(table: Table) -> str:
    lines = ["# The values that prose states. Written by `make accept`; review the diff.\n"]
    for file, entries in table.items():
        lines.append(f'["{file}"]')
        for name, entry in entries.items():
            fields = ", ".join(f"{key} = {_literal(value)}" for key, value in entry.items())
            key = name if name.isascii() else _literal(name)
            lines.append(f"{key} = {{ {fields} }}")
        lines.append("")
    return "\n".join(lines)


def _literal(value: Scalar) -> str:
    if isinstance(value, float):  # which may be infinite
        return repr(value)
    # What else is JSON is TOML, but for this character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
