"""What a snippet draws, as raw SVG: where it is shown, and again where a later cell changes it."""

import importlib.util
import io
import sys
import types
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from typing import Any
from weakref import WeakKeyDictionary

_PYPLOT = "matplotlib.pyplot"


class Drawn:
    """The figures of matplotlib and the drawings of drawsvg of one run.

    A figure is shown by ``plt.show()``, which also closes it, as its window is closed by who looks
    at it; else at the end of its cell, and then it stays open. A drawing is shown at the end of the
    cell that makes it a variable.

    A figure that lays itself out is drawn anew for each of the ``widths``, given in inches, unless
    it is smaller than the least of them: its letters keep their size where a page is narrow.
    """

    def __init__(self, path: str, widths: tuple[float, ...]) -> None:
        self._path = path
        self._widths = widths
        self._cell = ""
        self._taken: list[tuple[str, ...]] = []
        #: By figure, the name by which it makes its ids, and how it was last shown.
        self._plots: WeakKeyDictionary[Any, tuple[str, tuple[str, ...]]] = WeakKeyDictionary()
        self._drawings: dict[int, tuple[Any, str]] = {}
        if _PYPLOT in sys.modules:
            self._watch(sys.modules[_PYPLOT])
        else:
            sys.meta_path.insert(0, self)

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        """Have pyplot watched as soon as it has been imported."""
        if name != _PYPLOT:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_watch(module: types.ModuleType) -> None:
                execute(module)
                self._watch(module)

            spec.loader.exec_module = execute_and_watch  # type: ignore[method-assign]
        return spec

    def begin(self, cell: str) -> None:
        """From now on, what is shown belongs to ``cell``."""
        self._cell, self._taken = cell, []

    def end(self, namespace: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
        """Return what the cell has shown that ends now."""
        self._take(closed=True)
        return (*self._taken, *self._changed_drawings(namespace))

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
                self._plots[figure] = f"{self._path}:{self._cell}:{number}", ()
        for figure, (salt, before) in list(self._plots.items()):
            if not (figure.stale or not before) or not (closed or figure in figures):
                continue
            drawn = self._drawn(pyplot, figure, salt)
            if drawn != before:
                self._taken.append(drawn)
                self._plots[figure] = salt, drawn

    def _drawn(self, pyplot: Any, figure: Any, salt: str) -> tuple[str, ...]:
        own = figure.get_size_inches()
        is_laid_out = figure.get_layout_engine() is not None
        is_fixed = all(axes.get_aspect() != "auto" for axes in figure.axes)
        if not is_laid_out or is_fixed or own[0] < min(self._widths, default=own[0]):
            return (_saved(pyplot, figure, salt),)
        drawn = []
        for width in self._widths or own[:1]:
            figure.set_size_inches(width, own[1])
            drawn.append(_saved(pyplot, figure, salt))
        figure.set_size_inches(own)
        figure.stale = False
        return tuple(drawn)

    def _changed_drawings(self, namespace: dict[str, Any]) -> Iterator[tuple[str]]:
        drawsvg = sys.modules.get("drawsvg")
        if drawsvg is None:
            return
        for value in list(namespace.values()):
            if isinstance(value, drawsvg.Drawing):
                svg = value.as_svg()
                if self._drawings.get(id(value), (None, ""))[1] != svg:
                    self._drawings[id(value)] = (value, svg)
                    yield (svg,)


def _saved(pyplot: Any, figure: Any, salt: str) -> str:
    buffer = io.StringIO()
    # A fixed salt and no date: equal figures get equal bytes. Text is in the page's typeface.
    with pyplot.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    figure.stale = False  # saving makes it stale itself
    return buffer.getvalue()
