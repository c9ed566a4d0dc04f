"""What a snippet draws, as raw SVG: where it is shown, and again where a later cell changes it.

A class for each library that draws; ``record`` in the settings names those that are used.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import io
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from typing import Any
from weakref import WeakKeyDictionary

_PYPLOT = "matplotlib.pyplot"


@dataclass
class _Plot:
    """The name by which a figure makes its ids, and how it was last shown."""

    salt: str
    svg: str = ""


class Plots:
    """The figures of matplotlib of one run.

    One is shown by ``plt.show()``, which also closes it, as its window is closed by who looks at
    it; else at the end of its cell, and then it stays open.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._cell = ""
        self._taken: list[str] = []
        self._plots: WeakKeyDictionary[Any, _Plot] = WeakKeyDictionary()
        if _PYPLOT in sys.modules:
            self._watch(sys.modules[_PYPLOT])
        else:
            sys.meta_path.insert(0, _AfterImport(self._watch))

    def begin(self, cell: str) -> None:
        """From now on, what is shown belongs to ``cell``."""
        self._cell, self._taken = cell, []

    def end(self, namespace: dict[str, Any]) -> list[str]:
        """Return the figures of the cell that ends now."""
        self._take(closed=True)
        return self._taken

    def _watch(self, pyplot: types.ModuleType) -> None:
        def show(*_: Any, **__: Any) -> None:
            """Show all open figures."""
            self._take(closed=False)
            pyplot.close("all")

        pyplot.show = show  # type: ignore[attr-defined]

    def _take(self, *, closed: bool) -> None:
        pyplot = sys.modules.get(_PYPLOT)
        if pyplot is None:
            return
        numbers = pyplot.get_fignums()
        figures = [pyplot.figure(number) for number in numbers]
        for number, figure in zip(numbers, figures, strict=True):
            if figure not in self._plots:
                self._plots[figure] = _Plot(f"{self._path}:{self._cell}:{number}")
        for figure, plot in list(self._plots.items()):
            if not (figure.stale or not plot.svg) or not (closed or figure in figures):
                continue
            svg = self._drawn(pyplot, figure, plot.salt)
            if svg != plot.svg:
                self._taken.append(svg)
                plot.svg = svg

    def _drawn(self, pyplot: Any, figure: Any, salt: str) -> str:
        buffer = io.StringIO()
        # A fixed salt and no date: equal figures get equal bytes.
        with pyplot.rc_context({"svg.hashsalt": salt, "svg.fonttype": "path"}):
            figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        figure.stale = False  # saving makes it stale itself
        return buffer.getvalue()


class Drawings:
    """The drawings of drawsvg of one run, each at the end of the cell that makes it a variable."""

    def __init__(self, path: str) -> None:
        self._drawings: dict[int, tuple[Any, str]] = {}

    def begin(self, cell: str) -> None:
        """A drawing does not depend on its cell."""

    def end(self, namespace: dict[str, Any]) -> Iterator[str]:
        """Yield the drawings that are new, or have changed, since the last cell."""
        drawsvg = sys.modules.get("drawsvg")
        if drawsvg is None:
            return
        for value in list(namespace.values()):
            if isinstance(value, drawsvg.Drawing):
                svg = value.as_svg()
                if self._drawings.get(id(value), (None, ""))[1] != svg:
                    self._drawings[id(value)] = (value, svg)
                    yield svg


class _AfterImport(importlib.abc.MetaPathFinder):
    """Calls back with pyplot as soon as it has been imported."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        if name != _PYPLOT:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_call(module: types.ModuleType) -> None:
                execute(module)
                self._call(module)

            spec.loader.exec_module = execute_and_call  # type: ignore[method-assign]
        return spec
