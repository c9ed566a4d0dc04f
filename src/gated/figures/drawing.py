"""Diagrams of the cells, drawn by code.

One grammar for all: time runs from left to right, the state along the top, inputs come from below,
and a line carries a whole vector. A thick line is carried on to the next step. A filled box is a
layer, with one weight matrix for each line that enters it. A circle or a pill works number by
number and has no weights. The mark around a multiplication says what it is for, in both cells: a
disc keeps the past, a square writes the new, a diamond exposes the memory.

Every function returns a new ``drawsvg.Drawing``, of a package that ``pip install gated[figures]``
brings. ``lit`` names the part that stays in color, and an unknown name is a ValueError; the frames
of one cell differ in nothing but color.
"""

from collections.abc import Sequence
from dataclasses import replace

from gated.extras import extra
from gated.figures import EXPOSE, KEEP, SERIES, WRITE
from gated.figures.sheet import GATED, PLUS, SIGMA, TIMES, WIDTH, Node, Sheet
from gated.options import did_you_mean

with extra("figures"):
    import drawsvg

GRU_PARTS = ("reset", "update", "candidate", "blend")
LSTM_PARTS = ("forget", "input", "candidate", "cell", "output")
#: The ways back through a step, as the drawings of the backward pass light them.
GRU_PATHS = ("keep", "candidate", "reset", "update", "input")
LSTM_PATHS = ("expose", "keep", "written", "output", "input")

HEIGHT = 436
#: Rows of both gated cells, from the top.
STATE, GATE, CANDIDATE, LAYER, PAST, INPUT, BOTTOM = 62, 130, 208, 276, 334, 370, 396
#: Columns of both: the cell's edge, where lines enter, four layers, the last one, the other edge.
LEFT, ENTER, ONE, TWO, THREE, FOUR, LAST, RIGHT = 52, 78, 126, 212, 300, 388, 462, 548
#: Where the two lines into a layer stand beside its center: the input's, and the past's.
FOR_INPUT, FOR_PAST = -13, 13
#: The same columns on the way back, where what enters is added up and needs more room.
BACK = (64, 96, 166, 244, 322, 400, 470, 540)
DELTA, CROSS = "\N{GREEK SMALL LETTER DELTA}", "\N{MULTIPLICATION SIGN}"


def notation() -> drawsvg.Drawing:
    """Draw the legend: every sign that the other drawings use, and what it says."""
    sheet = Sheet(424, SERIES["rnn"]["color"])
    rows = [32 + 60 * number for number in range(7)]
    start, end, middle = 6, 92, 46
    vector, state, copy, over, *layers = rows

    sheet.line("", (start, vector), (end, vector))
    sheet.state("", (start, state), (end, state))
    sheet.line("", (start, copy + 11), (end, copy + 11))
    sheet.line("", (middle, copy + 11), (middle, copy - 11), (end, copy - 11))
    sheet.copy("", middle, copy + 11)
    sheet.line("", (middle, over + 22), (middle, over - 22), arrow=False)
    sheet.bridge((start, over), (end, over))
    sheet.line("", (start, over), (end, over))
    for y, text in zip(layers, (SIGMA, "tanh", "W"), strict=True):
        layer = sheet.box("", end - 30, y, text)
        for aside in [0] if text == "W" else [FOR_INPUT, FOR_PAST]:
            sheet.line("", (start, y + aside), replace(layer, y=y + aside))
    lines = (
        "a line carries|a whole vector",
        "thick: goes on|to the next step",
        "dot: a copy|goes each way",
        "no dot: one line|passes over",
        f"weights and bias,|then {SIGMA}: 0 to 1",
        "weights and bias,|then tanh: -1 to 1",
        "weights and bias|alone",
    )
    _explain(sheet, end + 14, rows, lines)

    right = 352
    sheet.operation("", right, rows[0], TIMES)
    sheet.operation("", right, rows[1], PLUS)
    sheet.pill("", right, rows[2], "1-")
    sheet.pill("", right, rows[3], "tanh")
    for y, mark in zip(rows[4:], (KEEP, WRITE, EXPOSE), strict=True):
        sheet.operation("", right, y, TIMES, mark)
    lines = (
        "multiply,|number by number",
        "add,|number by number",
        "1 minus|each number",
        "tanh of each,|no weights",
        "keeps the past",
        "writes the new",
        "exposes memory",
    )
    _explain(sheet, right + 44, rows, lines)
    return sheet.drawing


def gru_cell(lit: str | None = None, reset_after: bool = True) -> drawsvg.Drawing:
    r"""Draw one step of a GRU, $h_t = (1 - z) \odot n + z \odot h_{t-1}$.

    Args:
        lit: ``"reset"``, ``"update"``, ``"candidate"``, ``"blend"``, or None for all of them.
        reset_after: whether r multiplies the product $W_{hn} h_{t-1} + b_{hn}$, as in PyTorch
            and as is Keras's default, or $h_{t-1}$ itself, before the product.
    """
    sheet = _cell("gru", lit, GRU_PARTS)
    layers, every = "reset update candidate", " ".join(GRU_PARTS)
    product, gated = (LAYER, CANDIDATE) if reset_after else (CANDIDATE, LAYER)
    z = sheet.box("update", ONE, LAYER, SIGMA)
    r = sheet.box("reset", TWO, LAYER, SIGMA)
    w_hn = sheet.box("candidate", THREE, product, "W_hn")
    w_in = sheet.box("candidate", FOUR, LAYER, "W_in")
    reset = sheet.operation("candidate", THREE, gated, TIMES)
    add = sheet.operation("candidate", FOUR, CANDIDATE, PLUS)
    tanh = sheet.pill("candidate", LAST, CANDIDATE, "tanh")
    keep = sheet.operation("blend", ONE, STATE, TIMES, KEEP)
    rest = sheet.pill("blend", THREE, GATE, "1-")
    write = sheet.operation("blend", LAST, GATE, TIMES, WRITE)
    blend = sheet.operation("blend", LAST, STATE, PLUS)
    lower, upper = (w_hn, reset) if reset_after else (reset, w_hn)
    enter = sheet.copy(every, ENTER, STATE)
    fork = sheet.copy("update blend", ONE, GATE)

    _input(sheet, layers, [(z, FOR_INPUT), (r, FOR_INPUT), (w_in, 0)])
    past = [(ENTER, STATE), (ENTER, PAST)]
    sheet.rail(past, [(z, FOR_PAST), (r, FOR_PAST), (lower, 0)])
    sheet.state(every, (0, STATE), enter)
    sheet.state("blend", enter, keep, blend, (WIDTH, STATE))
    sheet.symbol(every, LEFT / 2, STATE - 18, "h_t-1")
    sheet.symbol("blend", (RIGHT + WIDTH) / 2, STATE - 18, "h_t")

    # z goes to what keeps and, as 1 - z, to what writes.
    sheet.line("update blend", z, fork, rest)
    sheet.line("update blend", fork, keep, color=KEEP, width=GATED)
    sheet.line("blend", rest, write, color=WRITE, width=GATED)
    sheet.symbol("update blend", ONE + 12, CANDIDATE, "z", "start")
    sheet.symbol("blend", FOUR, GATE - 10, "1 - z")
    sheet.word("blend", ONE + 28, STATE - 22, "keep")
    sheet.word("blend", LAST + 24, GATE + 6, "write")

    # r sets how much of the past the candidate n sees.
    corner = [(TWO, CANDIDATE)] if reset_after else []
    sheet.line("reset candidate", r, *corner, reset)
    sheet.symbol("reset candidate", TWO + 44, gated - 12, "r")
    sheet.line("candidate", lower, upper, add, tanh)
    sheet.line("candidate", w_in, add)
    sheet.line("candidate blend", tanh, write)
    sheet.line("blend", write, blend)
    sheet.symbol("candidate blend", LAST + 12, (GATE + CANDIDATE) / 2 + 10, "n", "start")
    return sheet.drawing


def lstm_cell(lit: str | None = None) -> drawsvg.Drawing:
    r"""Draw one step of an LSTM, $c_t = f \odot c_{t-1} + i \odot g$, $h_t = o \odot \tanh c_t$.

    Args:
        lit: ``"forget"``, ``"input"``, ``"candidate"``, ``"cell"``, ``"output"``, or None for all.
    """
    sheet = _cell("lstm", lit, LSTM_PARTS)
    layers = "forget input candidate output"
    f = sheet.box("forget", ONE, LAYER, SIGMA)
    i = sheet.box("input", TWO, LAYER, SIGMA)
    g = sheet.box("candidate", THREE, LAYER, "tanh")
    o = sheet.box("output", FOUR, LAYER, SIGMA)
    keep = sheet.operation("cell", ONE, STATE, TIMES, KEEP)
    write = sheet.operation("cell", THREE, GATE, TIMES, WRITE)
    add = sheet.operation("cell", THREE, STATE, PLUS)
    tanh = sheet.pill("output", LAST, GATE, "tanh")
    expose = sheet.operation("output", LAST, CANDIDATE, TIMES, EXPOSE)
    fork = sheet.copy("cell output", LAST, STATE)

    gates = (f, i, g, o)
    _input(sheet, layers, [(gate, FOR_INPUT) for gate in gates])
    sheet.rail([(ENTER, PAST)], [(gate, FOR_PAST) for gate in gates])
    sheet.state(layers, (0, PAST), (ENTER, PAST), arrow=False)
    sheet.symbol(layers, LEFT / 2, PAST - 18, "h_t-1")

    sheet.state("cell", (0, STATE), keep, add)
    sheet.state("cell output", add, fork)
    sheet.state("cell", fork, (WIDTH, STATE))
    sheet.symbol("cell", LEFT / 2, STATE - 18, "c_t-1")
    sheet.symbol("cell output", (RIGHT + WIDTH) / 2, STATE - 18, "c_t")

    # f goes to what keeps, i to what writes: no two gates share a line.
    sheet.line("forget cell", f, keep, color=KEEP, width=GATED)
    sheet.line("input cell", i, (TWO, GATE), write, color=WRITE, width=GATED)
    sheet.line("candidate cell", g, write)
    sheet.line("cell", write, add)
    sheet.symbol("forget cell", ONE + 12, CANDIDATE, "f", "start")
    sheet.symbol("input cell", TWO + 12, CANDIDATE, "i", "start")
    sheet.symbol("candidate cell", THREE + 12, CANDIDATE, "g", "start")
    sheet.word("cell", ONE + 28, STATE - 22, "keep")
    sheet.word("cell", THREE + 26, GATE + 6, "write")

    # o goes to what exposes the memory c as the output h.
    sheet.line("output", fork, tanh, expose)
    sheet.line("output", o, (FOUR, CANDIDATE), expose, color=EXPOSE, width=GATED)
    sheet.state("output", expose, (LAST, PAST), (WIDTH, PAST))
    sheet.symbol("output", FOUR + 28, CANDIDATE - 10, "o")
    sheet.symbol("output", (RIGHT + WIDTH) / 2, PAST - 18, "h_t")
    sheet.word("output", LAST + 14, CANDIDATE + 46, "expose")
    return sheet.drawing


def gru_backward(lit: str | None = None) -> drawsvg.Drawing:
    r"""Draw the way back through one step of a GRU, from $\delta h_t$ to $\delta h_{t-1}$.

    Everything stands where it stands in `gru_cell`, and the arrows are turned: what was copied is
    added up, and what was added up is copied. A label with a cross is a factor.

    Args:
        lit: ``"keep"``, ``"candidate"``, ``"reset"`` or ``"update"``, which lead to
            $\delta h_{t-1}$, ``"input"``, which leads to $\delta x_t$, or None for all of them.
    """
    left, enter, one, two, three, four, last, right = BACK
    sheet = _cell("gru", lit, GRU_PATHS, left, right)
    every = " ".join(GRU_PATHS)
    past, update, reset = "keep candidate reset update", "update input", "reset input"
    candidate = "candidate reset input"
    written = "candidate reset update input"
    z = sheet.box(update, one, LAYER, SIGMA)
    r = sheet.box(reset, two, LAYER, SIGMA)
    w_hn = sheet.box("candidate", three, LAYER, "W_hn")
    w_in = sheet.box("input", four, LAYER, "W_in")
    heard = sheet.operation(candidate, three, CANDIDATE, TIMES)
    tanh = sheet.pill(candidate, last, CANDIDATE, "tanh")
    keep = sheet.operation("keep update input", one, STATE, TIMES, KEEP)
    both = sheet.operation(update, one, GATE, PLUS)
    minus = sheet.pill(update, three, GATE, "-1")
    write = sheet.operation(written, last, GATE, TIMES, WRITE)
    before = sheet.operation(past, enter, STATE, PLUS)
    blend = sheet.copy(every, last, STATE)
    add = sheet.copy(candidate, four, CANDIDATE)

    _to_input(sheet, [(z, FOR_INPUT, "input"), (r, FOR_INPUT, "input"), (w_in, 0, "input")])
    feet = [(z, FOR_PAST, "update"), (r, FOR_PAST, "reset"), (w_hn, 0, "candidate")]
    total = _sum(sheet, feet, PAST)
    sheet.line(total.parts, total, (enter, PAST), before)
    sheet.state(every, (WIDTH, STATE), blend)
    sheet.state("keep update input", blend, keep)
    sheet.state("keep", keep, before)
    sheet.state(past, before, (0, STATE))
    sheet.symbol(every, (right + WIDTH) / 2, STATE - 18, f"{DELTA}h_t")
    sheet.symbol(past, left / 2, STATE - 18, f"{DELTA}h_t-1")
    sheet.word("keep", one + 28, STATE - 22, f"{CROSS} z")

    # z had a hand in what was kept and, the other way, in what was written.
    sheet.line(update, keep, both, z)
    sheet.line(update, write, minus, both)
    sheet.word(update, one + 12, GATE - 22, f"{CROSS} h_t-1")
    sheet.word(update, four, GATE - 12, f"{CROSS} n")
    sheet.symbol(update, one + 12, CANDIDATE, f"{DELTA}z", "start")

    # n leads to the past that it saw, and to r, which said how much of it.
    sheet.line(written, blend, write)
    sheet.line(candidate, write, tanh, add, heard)
    sheet.line("input", add, w_in)
    sheet.line("candidate", heard, w_hn)
    sheet.line(reset, heard, (two, CANDIDATE), r)
    sheet.word(candidate, four - 42, GATE + 44, f"{CROSS} (1 - z)")
    sheet.symbol(candidate, last + 12, GATE + 48, f"{DELTA}n", "start")
    sheet.word("candidate", three + 12, CANDIDATE + 36, f"{CROSS} r")
    sheet.word(reset, two + 12, CANDIDATE - 14, f"{CROSS} h_n")
    sheet.symbol(reset, two + 12, CANDIDATE + 34, f"{DELTA}r", "start")
    return sheet.drawing


def lstm_backward(lit: str | None = None) -> drawsvg.Drawing:
    r"""Draw the way back through one step of an LSTM, from $\delta h_t$ and $\delta c_t$.

    Everything stands where it stands in `lstm_cell`; the signs are those of `gru_backward`.

    Args:
        lit: ``"expose"``, which leads from $\delta h_t$ to the memory, ``"keep"``, along it to
            $\delta c_{t-1}$, ``"written"`` or ``"output"``, which lead through the gates to
            $\delta h_{t-1}$, ``"input"``, which leads to $\delta x_t$, or None for all of them.
    """
    left, _, one, two, three, four, last, right = BACK
    sheet = _cell("lstm", lit, LSTM_PATHS, left, right)
    memory, written = "keep written input", "written input"
    shown, exposed, output = "expose output input", "expose input", "output input"
    f = sheet.box(written, one, LAYER, SIGMA)
    i = sheet.box(written, two, LAYER, SIGMA)
    g = sheet.box(written, three, LAYER, "tanh")
    o = sheet.box(output, four, LAYER, SIGMA)
    keep = sheet.operation(memory, one, STATE, TIMES, KEEP)
    write = sheet.operation(written, three, GATE, TIMES, WRITE)
    both = sheet.operation("expose keep written input", last, STATE, PLUS)
    tanh = sheet.pill(exposed, last, GATE, "tanh")
    expose = sheet.operation(shown, last, CANDIDATE, TIMES, EXPOSE)
    add = sheet.copy(memory, three, STATE)

    gates = [(f, "written"), (i, "written"), (g, "written"), (o, "output")]
    _to_input(sheet, [(gate, FOR_INPUT, "input") for gate, _ in gates])
    total = _sum(sheet, [(gate, FOR_PAST, parts) for gate, parts in gates], PAST)
    sheet.state(total.parts, total, (0, PAST))
    sheet.symbol(total.parts, left / 2, PAST - 18, f"{DELTA}h_t-1")

    sheet.state(memory, (WIDTH, STATE), both, add, keep)
    sheet.state("keep", keep, (0, STATE))
    sheet.symbol(memory, (right + WIDTH) / 2, STATE - 18, f"{DELTA}c_t")
    sheet.symbol("keep", left / 2, STATE - 18, f"{DELTA}c_t-1")
    sheet.word("keep", one + 28, STATE - 22, f"{CROSS} f")

    # What the memory kept and got leads to f, i and g.
    sheet.line(written, keep, f)
    sheet.line(written, add, write, g)
    sheet.line(written, write, (two, GATE), i)
    sheet.word(written, one + 12, GATE - 18, f"{CROSS} c_t-1")
    sheet.word(written, two + 18, GATE - 12, f"{CROSS} g")
    sheet.word(written, three + 12, GATE + 38, f"{CROSS} i")
    sheet.symbol(written, one + 12, CANDIDATE + 12, f"{DELTA}f", "start")
    sheet.symbol(written, two + 12, CANDIDATE + 12, f"{DELTA}i", "start")
    sheet.symbol(written, three + 12, CANDIDATE + 12, f"{DELTA}g", "start")

    # What was shown leads to the memory, and to o, which said how much of it.
    sheet.state(shown, (WIDTH, PAST), (last, PAST), expose)
    sheet.line(exposed, expose, tanh, both)
    sheet.line(output, expose, (four, CANDIDATE), o)
    sheet.symbol(shown, (right + WIDTH) / 2, PAST - 18, f"{DELTA}h_t")
    sheet.word(exposed, last + 12, GATE + 40, f"{CROSS} o")
    sheet.word(output, three + 16, CANDIDATE - 14, f"{CROSS} tanh c_t")
    sheet.symbol(output, four + 12, CANDIDATE + 34, f"{DELTA}o", "start")
    return sheet.drawing


def rnn_cell() -> drawsvg.Drawing:
    r"""Draw a plain RNN's step, $h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})$."""
    sheet = Sheet(166, SERIES["rnn"]["color"])
    sheet.frame(LEFT, 14, RIGHT, 124)
    layer = sheet.box("", WIDTH / 2, STATE, "tanh")
    sheet.state("", (0, STATE), layer, (WIDTH, STATE))
    sheet.line("", (WIDTH / 2, 166), layer)
    sheet.symbol("", LEFT / 2, STATE - 18, "h_t-1")
    sheet.symbol("", (RIGHT + WIDTH) / 2, STATE - 18, "h_t")
    sheet.symbol("", WIDTH / 2 + 14, 156, "x_t", "start")
    return sheet.drawing


def rnn_unrolled(steps: int = 3) -> drawsvg.Drawing:
    """Draw a plain RNN over several steps: one and the same layer, used again at each."""
    sheet = Sheet(166, SERIES["rnn"]["color"])
    stride = WIDTH / (steps + 0.5)
    layers = []
    for step in range(1, steps + 1):
        x = (step - 0.25) * stride
        layers.append(sheet.box("", x, STATE, "tanh"))
        sheet.line("", (x, 166), layers[-1])
        sheet.symbol("", x - stride / 2 - 8, STATE - 18, f"h_{step - 1}")
        sheet.symbol("", x + 14, 156, f"x_{step}", "start")
    sheet.state("", (0, STATE), *layers, (WIDTH, STATE))
    sheet.symbol("", WIDTH - stride / 4, STATE - 18, f"h_{steps}")
    return sheet.drawing


def _cell(
    family: str, lit: str | None, parts: Sequence[str], left: float = LEFT, right: float = RIGHT
) -> Sheet:
    if lit is not None and lit not in parts:
        raise ValueError(
            f"lit is None or one of {', '.join(parts)}, not {lit!r}" + did_you_mean(str(lit), parts)
        )
    sheet = Sheet(HEIGHT, SERIES[family]["color"], lit)
    sheet.frame(left, 14, right, BOTTOM)
    return sheet


def _input(sheet: Sheet, parts: str, feet: Sequence[tuple[Node, float]]) -> None:
    sheet.rail([(ENTER, HEIGHT), (ENTER, INPUT)], feet)
    sheet.symbol(parts, ENTER + 14, HEIGHT - 10, "x_t", "start")


def _sum(sheet: Sheet, feet: Sequence[tuple[Node, float, str]], y: float) -> Node:
    """Lead a line down from each foot to the height ``y``, add them up from right to left.

    It is a rail turned round: each foot is a node, how far beside its center the line begins, and
    the line's parts. Returns the last sum.
    """
    node, aside, parts = feet[-1]
    x = node.x + aside
    start: list[Node | tuple[float, float]] = [(x, node.y), (x, y)]
    for node, aside, own in reversed(feet[:-1]):
        total = sheet.operation(f"{parts} {own}", node.x + aside, y, PLUS)
        sheet.bridge((x, y), (total.x, y))
        sheet.line(parts, *start, total)
        sheet.line(own, (total.x, node.y), total)
        x, start, parts = total.x, [total], total.parts
    sheet.bridge((x, y), (BACK[1], y))
    return total


def _to_input(sheet: Sheet, feet: Sequence[tuple[Node, float, str]]) -> None:
    enter = BACK[1]
    sheet.line("input", _sum(sheet, feet, INPUT), (enter, INPUT), (enter, HEIGHT))
    sheet.symbol("input", enter + 14, HEIGHT - 10, f"{DELTA}x_t", "start")


def _explain(sheet: Sheet, x: float, rows: Sequence[float], texts: Sequence[str]) -> None:
    for y, text in zip(rows, texts, strict=True):
        lines = text.split("|")
        for number, line in enumerate(lines):
            sheet.word("", x, y + 6 + 22 * number - 11 * (len(lines) - 1), line)
