"""The drawings: equal bytes, palette colors, one geometry for all frames, labels clear of lines."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from gated import figures
from gated.figures.drawing import (
    GRU_PARTS,
    GRU_PATHS,
    LSTM_PARTS,
    LSTM_PATHS,
    gru_backward,
    gru_cell,
    lstm_backward,
    lstm_cell,
    notation,
    rnn_cell,
    rnn_unrolled,
)
from gated.figures.sheet import MARKS, PLUS

DRAWINGS: dict[str, Callable[[], Any]] = {
    "notation": notation,
    "rnn": rnn_cell,
    "unrolled": rnn_unrolled,
    "gru, reset before": partial(gru_cell, reset_after=False),
    **{f"gru {part}": partial(gru_cell, part) for part in (None, *GRU_PARTS)},
    **{f"lstm {part}": partial(lstm_cell, part) for part in (None, *LSTM_PARTS)},
    **{f"gru back {path}": partial(gru_backward, path) for path in (None, *GRU_PATHS)},
    **{f"lstm back {path}": partial(lstm_backward, path) for path in (None, *LSTM_PATHS)},
}
CELLS = {
    "gru": (gru_cell, GRU_PARTS),
    "gru, reset before": (partial(gru_cell, reset_after=False), GRU_PARTS),
    "lstm": (lstm_cell, LSTM_PARTS),
    "gru back": (gru_backward, GRU_PATHS),
    "lstm back": (lstm_backward, LSTM_PATHS),
}

every_drawing = pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
every_cell = pytest.mark.parametrize(("draw", "parts"), CELLS.values(), ids=CELLS)

INKS = ("fill", "stroke")

Box = tuple[float, float, float, float]


def elements(drawing: Any) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawing.as_svg()).iter())


def tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def geometry(drawing: Any) -> list[tuple[str, str | None, dict[str, str]]]:
    return [
        (tag(element), element.text, {k: v for k, v in element.items() if k not in INKS})
        for element in elements(drawing)
    ]


def colors(drawing: Any) -> list[str]:
    found = [element.get(ink) for element in elements(drawing) for ink in INKS]
    return [color for color in found if color not in (None, "none")]


@every_drawing
def test_equal_bytes_and_no_ids(draw: Callable[[], Any]) -> None:
    assert draw().as_svg() == draw().as_svg()
    assert not re.search(r"\bid=|url\(|<style", draw().as_svg())


@every_drawing
def test_only_colors_of_the_palette(draw: Callable[[], Any]) -> None:
    used = set(colors(draw()))
    assert len(used) >= 3
    assert used <= figures.PALETTE
    assert set(re.findall(r"#\w+", draw().as_svg())) == used


@every_cell
def test_frames_differ_in_color_only(draw: Callable[..., Any], parts: tuple[str, ...]) -> None:
    whole = geometry(draw(None))
    assert all(geometry(draw(part)) == whole for part in parts)


@every_cell
def test_each_frame_lights_its_own_part(draw: Callable[..., Any], parts: tuple[str, ...]) -> None:
    whole = colors(draw(None))
    frames = [colors(draw(part)) for part in parts]
    assert len(set(map(tuple, frames))) == len(parts)
    for frame in frames:
        changed = {new for new, lit in zip(frame, whole, strict=True) if new != lit}
        # What is dim is gray, or, inside a box, as empty as the paper.
        assert (
            {figures.DIM, figures.MUTED} <= changed <= {figures.DIM, figures.MUTED, figures.PAPER}
        )
    # Every element is lit in at least one frame.
    for number, lit in enumerate(whole):
        assert lit in {frame[number] for frame in frames}


def test_the_two_cells_share_their_marks() -> None:
    gru, lstm = (elements(draw()) for draw in (gru_cell, lstm_cell))
    for color, cells in [
        (figures.KEEP, (gru, lstm)),
        (figures.WRITE, (gru, lstm)),
        (figures.EXPOSE, (lstm,)),
    ]:
        marks = [
            [e.get("d") for e in cell if e.get("fill") == color and e.get("transform")]
            for cell in cells
        ]
        assert len(marks[0]) == 1
        assert all(mark == marks[0] for mark in marks)
    assert figures.EXPOSE not in {element.get("fill") for element in gru}


def mark(element: ElementTree.Element, color: str) -> bool:
    """Say whether this is the mark around a multiplication, in that color."""
    return element.get("fill") == color and element.get("transform") is not None


def row(drawing: Any, name: str) -> float:
    """Return the height at which the named box or pill stands."""
    texts = {f"{e.text}_{e[0].text}" if len(e) else e.text: e for e in elements(drawing)}
    return float(texts[name].get("y", "nan"))


def test_the_reset_gate_multiplies_the_product_or_the_state() -> None:
    after, before = gru_cell(), gru_cell(reset_after=False)
    # After: the product stands among the layers, below r, which multiplies its result.
    assert row(after, "W_hn") == row(after, "W_in") > row(after, "r")
    # Before: r multiplies the state among the layers, and the product stands above it.
    assert row(before, "W_hn") < row(before, "r") < row(before, "W_in")


@pytest.mark.parametrize(
    ("forward", "back"), [(gru_cell, gru_backward), (lstm_cell, lstm_backward)]
)
def test_on_the_way_back_everything_stands_in_its_row(
    forward: Callable[[], Any], back: Callable[[], Any]
) -> None:
    there, here = elements(forward()), elements(back())
    for color in (figures.KEEP, figures.WRITE, figures.EXPOSE):
        rows = [
            [(e.get("d"), e.get("transform", "").split()[-1]) for e in found if mark(e, color)]
            for found in (there, here)
        ]
        assert rows[0] == rows[1]
    boxes = [
        [e.get("y") for e in found if tag(e) == "rect" and e.get("rx") == "6"]
        for found in (there, here)
    ]
    assert boxes[0] == boxes[1]


@pytest.mark.parametrize(
    ("draw", "signs"),
    [
        # Of h, x and z there are six copies there, and back six sums.
        (gru_cell, (2, 6)),
        (gru_backward, (6, 2)),
        (lstm_cell, (1, 7)),
        (lstm_backward, (7, 1)),
    ],
)
def test_on_the_way_back_sums_are_copies_and_copies_sums(
    draw: Callable[[], Any], signs: tuple[int, int]
) -> None:
    found = elements(draw())
    sums = [e for e in found if e.get("d") == PLUS]
    copies = [e for e in found if tag(e) == "circle" and e.get("r") == "6.5"]
    assert (len(sums), len(copies)) == signs


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_unrolled_steps(steps: int) -> None:
    texts = [element.text for element in elements(rnn_unrolled(steps)) if tag(element) == "text"]
    assert texts.count("tanh") == texts.count("x") == texts.count("h") - 1 == steps


@pytest.mark.parametrize(
    ("draw", "lit", "near"),
    [
        (gru_cell, "updates", "update"),
        (gru_cell, "input", None),
        (lstm_cell, "Forget", "forget"),
        (lstm_cell, "blend", None),
        (gru_cell, "", None),
        (gru_backward, "keeps", "keep"),
        (lstm_backward, "candidate", None),
    ],
)
def test_an_unknown_part(draw: Callable[..., Any], lit: str, near: str | None) -> None:
    with pytest.raises(ValueError, match=f"^lit is None or one of .*, not {lit!r}") as caught:
        draw(lit)
    message = str(caught.value)
    assert message.endswith(f"did you mean {near!r}?") if near else "did you mean" not in message


@every_drawing
def test_labels_stay_clear_of_lines_and_inside_the_sheet(draw: Callable[[], Any]) -> None:
    drawing = draw()
    lines = list(strokes(drawing))
    texts = [element for element in elements(drawing) if tag(element) == "text"]
    boxes = [
        rectangle(e) for e in elements(drawing) if tag(e) == "rect" and e.get("fill") != "none"
    ]
    assert lines
    assert texts
    for text in texts:
        label = extent(text)
        assert inside(label, (0, 0, drawing.width, drawing.height)), text.text
        if any(meet(label, box) for box in boxes):
            assert any(inside(label, box) for box in boxes), text.text
        else:
            assert not any(meet(label, line) for line in lines), text.text


def extent(text: ElementTree.Element) -> Box:
    """Return the room that a label takes in a wide font, DejaVu Sans."""
    size = float(text.get("font-size", "nan"))
    wide = 0.6 * size * len(text.text or "")
    wide += sum(
        0.6 * float(index.get("font-size", "nan")) * len(index.text or "") for index in text
    )
    x, y = float(text.get("x", "nan")), float(text.get("y", "nan"))
    left = x - wide * {"start": 0, "middle": 0.5}[text.get("text-anchor", "start")]
    return left, y - 0.75 * size, left + wide, y + (0.25 * size if len(text) else 0)


def rectangle(element: ElementTree.Element) -> Box:
    x, y, wide, high = (float(element.get(key, "nan")) for key in ("x", "y", "width", "height"))
    return x, y, x + wide, y + high


def strokes(drawing: Any) -> Iterator[Box]:
    """Yield what lines, arrow heads, circles, marks and the frame's edges cover."""
    reaches = dict(MARKS.values())
    for element in elements(drawing):
        d, move = element.get("d", ""), element.get("transform")
        if tag(element) == "rect" and element.get("fill") == "none":
            left, top, right, bottom = rectangle(element)
            yield from (
                (left, top, left, bottom),
                (right, top, right, bottom),
                (left, top, right, top),
                (left, bottom, right, bottom),
            )
        elif tag(element) == "circle":
            x, y, r = (float(element.get(key, "nan")) for key in ("cx", "cy", "r"))
            yield x - r, y - r, x + r, y + r
        elif move is not None:
            x, y = map(float, re.findall(r"[\d.]+", move))
            reach = reaches.get(d, 0)
            yield x - reach, y - reach, x + reach, y + reach
        elif tag(element) == "path":
            points = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.,]+", d)]
            half = float(element.get("stroke-width", "0")) / 2
            for (x, y), (to_x, to_y) in pairwise(points):
                left, right = sorted((x, to_x))
                top, bottom = sorted((y, to_y))
                yield left - half, top - half, right + half, bottom + half


def inside(one: Box, other: Box) -> bool:
    return all((one[0] >= other[0], one[1] >= other[1], one[2] <= other[2], one[3] <= other[3]))


def meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
