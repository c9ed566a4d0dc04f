"""What one run of a snippet left behind: the only thing that pages, notebooks and tests read."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Self

Scalar = int | float | bool | str


@dataclass(frozen=True)
class CellResult:
    """Output of one cell: its stdout, its figures, and what it raised, as shown.

    A figure is raw SVG, once or for several widths of a page, the narrowest first.
    ``errors`` is its stderr, where the cell asks for it.
    """

    title: str
    output: str = ""
    figures: tuple[tuple[str, ...], ...] = ()
    raised: str | None = None
    errors: str = ""


@dataclass(frozen=True)
class Record:
    """One execution of one snippet."""

    path: str
    cells: tuple[CellResult, ...]
    #: Top-level variables that are plain scalars.
    values: dict[str, Scalar] = field(default_factory=dict)
    #: Type names of the other top-level variables, for error messages.
    others: dict[str, str] = field(default_factory=dict)
    #: Files that the run imported, opened, listed or looked for, with the state of each.
    dependencies: dict[str, str] = field(default_factory=dict)
    #: Other programs that it started, which may depend on anything.
    programs: tuple[str, ...] = ()

    def cell(self, title: str) -> CellResult:
        return next(cell for cell in self.cells if cell.title == title)

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        cells = tuple(
            CellResult(**{**one, "figures": tuple(map(tuple, one["figures"]))})
            for one in data["cells"]
        )
        return cls(**{**data, "cells": cells, "programs": tuple(data["programs"])})
