"""The vocabulary of the diagrams: lines, rails, boxes, operations and labels on one sheet.

Each element is lit, in its color, or dim, in gray; nothing else about it ever changes. Circles and
signs are strokes, not letters, so that only the labels depend on a font.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from gated.extras import extra
from gated.figures import DIM, EXPOSE, INK, KEEP, MUTED, PAPER, WRITE

with extra("figures"):
    import drawsvg

Point = tuple[float, float]

SIGMA, MINUS = "\N{GREEK SMALL LETTER SIGMA}", "\N{MINUS SIGN}"
#: Of every sheet.
WIDTH = 600
#: Widths of a line: any, a gate's, a state's.
THIN, GATED, THICK = 3.0, 4.5, 6.0
#: Sizes of text: a quantity, a word. On a phone, which shows the sheet at 0.6, none is too small.
SYMBOL, WORD = 23, 20
#: Layers, from the lowest.
LINES, NODES, TEXTS = range(3)
#: What stands around a multiplication: its SVG path and how far it reaches from the center.
MARKS: Mapping[str, tuple[str, int]] = {
    KEEP: ("M-22,0 A22,22 0 1 1 22,0 A22,22 0 1 1 -22,0 Z", 22),
    WRITE: ("M-20,-20 H20 V20 H-20 Z", 20),
    EXPOSE: ("M0,-27 L27,0 L0,27 L-27,0 Z", 27),
}
TIMES, PLUS = "M-6,-6 L6,6 M-6,6 L6,-6", "M-8,0 H8 M0,-8 V8"


@dataclass(frozen=True)
class Node:
    """What stands at ``(x, y)``, reaches ``wide`` and ``high`` from there, lit in ``parts``."""

    x: float
    y: float
    wide: float
    high: float
    parts: str = ""
    is_copy: bool = False


class Sheet:
    """A drawing in progress.

    ``parts`` names, separated by spaces, the frames in which an element is lit. ``lit`` is the
    frame to draw; where it is None, all is lit. Nodes lie above lines, whatever comes first.
    """

    def __init__(self, height: float, color: str, lit: str | None = None) -> None:
        self.drawing = drawsvg.Drawing(WIDTH, height, font_family="sans-serif")
        self.color = color
        self.lit = lit

    def frame(self, left: float, top: float, right: float, bottom: float) -> None:
        size = (right - left, bottom - top)
        style = {"rx": 18, "fill": "none", "stroke": DIM, "stroke_width": 2}
        self.drawing.append(drawsvg.Rectangle(left, top, *size, **style), z=LINES)

    def line(
        self,
        parts: str,
        *path: Point | Node,
        color: str = INK,
        width: float = THIN,
        arrow: bool = True,
    ) -> None:
        """Draw a line with rounded corners; an arrow ends where each node on the way begins."""
        ink = self._ink(parts, color)
        nodes = [k for k, at in enumerate(path[1:-1], 1) if isinstance(at, Node)]
        for start, end in pairwise([0, *nodes, len(path) - 1]):
            points, goal = _reach(path[start : end + 1]), path[end]
            if arrow and not (isinstance(goal, Node) and goal.is_copy):
                head, points[-1] = _head(points[-2], points[-1], width)
                self._path(head, fill=ink)
            self._path(_rounded(points), fill="none", stroke=ink, stroke_width=width)

    def state(self, parts: str, *path: Point | Node, arrow: bool = True) -> None:
        """Draw a thick line: what it carries goes on to the next step."""
        self.line(parts, *path, color=self.color, width=THICK, arrow=arrow)

    def bridge(self, start: Point, end: Point) -> None:
        """Make room for a line that passes over the lines drawn so far."""
        self._path(_rounded(_reach([start, end])), stroke=PAPER, stroke_width=4 * THIN)

    def rail(self, path: Sequence[Point], feet: Sequence[tuple[Node, float]]) -> None:
        """Run along ``path``, then to the right, and send a copy up into each node of ``feet``.

        Each foot stands beside its node's center by the offset given. The rail passes over the
        lines that it crosses.
        """
        start = list(path)
        for number, (node, offset) in enumerate(feet):
            parts = " ".join(other.parts for other, _ in feet[number:])
            stop = (node.x + offset, path[-1][1])
            foot = replace(node, x=stop[0])
            self.bridge(start[-1], stop)
            if number == len(feet) - 1:
                self.line(parts, *start, stop, foot)
            else:
                self.line(parts, *start, stop, arrow=False)
                self.line(node.parts, stop, foot)
                self.copy(parts, *stop)
            start = [stop]

    def copy(self, parts: str, x: float, y: float) -> Node:
        """A dot, from which what comes goes on each way; no arrow ends in it."""
        self.drawing.append(drawsvg.Circle(x, y, 6.5, fill=self._ink(parts)), z=NODES)
        return Node(x, y, 0, 0, parts, is_copy=True)

    def box(self, parts: str, x: float, y: float, text: str) -> Node:
        """A layer: weights for each line that enters, and the function ``text`` of their sum."""
        node = Node(x, y, 30, 23, parts)
        fill = self.color if self._is_lit(parts) else PAPER
        self._rectangle(node, rx=6, fill=fill, stroke=self._ink(parts, self.color))
        style = {"font_style": "italic"} if "_" in text else {}
        self._text(x, y + 7, text, self._ink(parts, PAPER, MUTED), WORD, **style)
        return node

    def operation(self, parts: str, x: float, y: float, sign: str, mark: str = "") -> Node:
        """A circle with TIMES or PLUS, number by number; ``mark`` is KEEP, WRITE or EXPOSE."""
        reach = 15
        if mark:
            shape, reach = MARKS[mark]
            self._path(shape, (x, y), z=NODES, fill=self._ink(parts, mark))
        ink = self._ink(parts)
        style = {"fill": PAPER, "stroke": ink, "stroke_width": 2}
        self.drawing.append(drawsvg.Circle(x, y, 15, **style), z=NODES)
        self._path(sign, (x, y), z=NODES, stroke=ink, stroke_width=THIN)
        return Node(x, y, reach, reach, parts)

    def pill(self, parts: str, x: float, y: float, text: str) -> Node:
        """A function without weights, taken number by number."""
        node = Node(x, y, 12 + 5 * len(text), 16, parts)
        self._rectangle(node, rx=16, fill=PAPER, stroke=self._ink(parts))
        self._text(x, y + 6, text, self._ink(parts, dim=MUTED), WORD)
        return node

    def symbol(self, parts: str, x: float, y: float, text: str, anchor: str = "middle") -> None:
        """Write a quantity, such as ``h_t``."""
        ink = self._ink(parts, dim=MUTED)
        self._text(x, y, text, ink, SYMBOL, anchor, font_style="italic")

    def word(self, parts: str, x: float, y: float, text: str, anchor: str = "start") -> None:
        self._text(x, y, text, self._ink(parts, dim=MUTED), WORD, anchor)

    def _is_lit(self, parts: str) -> bool:
        return self.lit is None or self.lit in parts.split()

    def _ink(self, parts: str, color: str = INK, dim: str = DIM) -> str:
        return color if self._is_lit(parts) else dim

    def _path(self, d: str, at: Point | None = None, z: int = LINES, **style: Any) -> None:
        if at is not None:
            style["transform"] = f"translate({at[0]:g} {at[1]:g})"
        self.drawing.append(drawsvg.Path(d, **style), z=z)

    def _rectangle(self, node: Node, **style: Any) -> None:
        corner = (node.x - node.wide, node.y - node.high)
        size = (2 * node.wide, 2 * node.high)
        self.drawing.append(drawsvg.Rectangle(*corner, *size, stroke_width=2, **style), z=NODES)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        ink: str,
        size: int,
        anchor: str = "middle",
        **style: str,
    ) -> None:
        name, _, index = text.replace("-", MINUS).partition("_")
        element = drawsvg.Text(name, size, x, y, fill=ink, text_anchor=anchor, **style)
        if index:
            element.append(drawsvg.TSpan(index, dy=5, font_size=round(0.75 * size)))
        self.drawing.append(element, z=TEXTS)


# A point of a line is a complex number here: x + y * 1j, so that 1j turns by a right angle.


def _reach(path: Sequence[Point | Node]) -> list[complex]:
    """Return the points of a path; one that ends in a node ends at the node's edge."""
    points = [complex(at.x, at.y) if isinstance(at, Node) else complex(*at) for at in path]
    if isinstance(node := path[-1], Node):
        back = _direction(points[-1], points[-2])
        points[-1] += complex(node.wide * back.real, node.high * back.imag)
    return points


def _head(start: complex, tip: complex, width: float) -> tuple[str, complex]:
    """Return the arrow head at ``tip`` and the point where the line before it ends."""
    ahead = _direction(start, tip)
    end, side = tip - (6 + 2 * width) * ahead, (3 + width) * ahead * 1j
    return f"M{_pair(tip)} L{_pair(end + side)} L{_pair(end - side)} Z", end


def _rounded(points: Sequence[complex], radius: float = 12) -> str:
    curve = [f"M{_pair(points[0])}"]
    for (before, corner), (_, after) in pairwise(pairwise(points)):
        leave = corner + radius * _direction(corner, before)
        join = corner + radius * _direction(corner, after)
        curve.append(f"L{_pair(leave)} Q{_pair(corner)} {_pair(join)}")
    return " ".join([*curve, f"L{_pair(points[-1])}"])


def _direction(start: complex, end: complex) -> complex:
    return (end - start) / abs(end - start)


def _pair(point: complex) -> str:
    return f"{point.real:g},{point.imag:g}"
