"""Writes what the stepper shows of cells: drawings with their parts, equations, code, examples.

All of it stands elsewhere. The drawings are those of `gated.figures.drawing`: which of their
elements belong to a part is seen by comparing the frame where that part is lit with the one where
all is. Equations are the chapters', code is gated's and that of the chapters' snippets, and so are
the numbers of the examples.

Usage: python lab/cells.py FOLDER; the file is a script that fills in one name of `lab.data`.
"""

import ast
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from gated.figures.drawing import (
    BACK,
    CANDIDATE,
    FOUR,
    GATE,
    GRU_PARTS,
    GRU_PATHS,
    LAST,
    LAYER,
    LSTM_PARTS,
    LSTM_PATHS,
    ONE,
    PAST,
    STATE,
    THREE,
    gru_backward,
    gru_cell,
    lstm_backward,
    lstm_cell,
)
from gated.figures.sheet import MINUS, SIGMA, SYMBOL
from livedocs import settings, symbols
from livedocs.figures import inline
from livedocs.mkdocs.typeset import Typesetter

ROOT = Path(__file__).parents[1]
SETTINGS = settings.load(ROOT)


@dataclass(frozen=True)
class Step:
    """A part of a drawing, or all of it, with its equation, its code and its numbers."""

    part: str
    title: str
    #: How its equation begins in the chapter, or several.
    equation: str = ""
    #: A symbol of gated's, or what the lines of the snippet assign.
    code: str = ""
    #: The equation in numbers, line by line: a name in braces stands for its number.
    numbers: str = ""


@dataclass(frozen=True)
class Place:
    """Where a number stands that has no name in the drawing, or no room beside it."""

    name: str
    parts: str
    x: float
    y: float
    anchor: str = "start"


@dataclass(frozen=True)
class Stepped:
    """A cell, or the way back through one, as the stepper takes the reader through it."""

    title: str
    family: str
    draw: Callable[..., Any]
    parts: Sequence[str]
    chapter: str
    steps: Sequence[Step]
    places: Sequence[Place]
    #: Whose lines are the code of the steps, where it is not gated's.
    snippet: str = ""


#: The quantities that drawings name, and what lab/widgets/cell-stepper.ts calls them.
NAMES = {
    **{name: name for name in "rznfigo"},
    **{f"δ{name}": f"d_{name}" for name in "rznfigo"},
    "x_t": "x",
    "h_t": "h_new",
    "c_t": "c_new",
    f"h_t{MINUS}1": "h",
    f"c_t{MINUS}1": "c",
    "δx_t": "d_x",
    "δh_t": "d_h_new",
    "δc_t": "d_c_new",
    f"δh_t{MINUS}1": "d_h",
    f"δc_t{MINUS}1": "d_c",
    (REST := f"1 {MINUS} z"): "rest",
}
#: How the drawing names what keeps and what writes where z writes.
WRITES = {"z": REST, REST: "z"}
#: How wide a letter of a name is, how far from it a number stands, how far apart two lines are.
LETTER, GAP, LINE = 0.55 * SYMBOL, 5, 22

GRU_WHOLE = Step("", "the whole step", numbers="h was {h}, x is {x}, and h becomes {h_new}")
LSTM_WHOLE = Step(
    "",
    "the whole step",
    numbers="h was {h}, c was {c}, x is {x}|h becomes {h_new}, and c becomes {c_new}",
)
RESET = Step("reset", "the reset gate", "r_t =", "_gru_gates:r", "r = sigma({x_r} + {h_r}) = {r}")
UPDATE = Step(
    "update", "the update gate", "z_t =", "_gru_gates:z", "z = sigma({x_z} + {h_z}) = {z}"
)
BLEND = Step(
    "blend",
    "the blend",
    "h_t = (1 - z_t)",
    "_gru_step:return",
    "h = {rest} · {n} + {z} · {h} = {h_new}",
)
HEARD = r"n_t = \tanh\bigl(W_{in}\, x_t + b_{in} + "

#: Between the rows of layers and candidates, and of gates and the state; below the state.
BETWEEN, ABOVE, BELOW = (LAYER + CANDIDATE) / 2 + 6, (GATE + STATE) / 2 + 10, STATE + 24
TERMS = (
    Place("kept", "blend", ONE + 30, BELOW),
    Place("written", "blend", LAST + 10, ABOVE),
    Place("x_n", "candidate", FOUR + 9, BETWEEN),
    Place("a_n", "candidate", (FOUR + LAST) / 2 - 6, CANDIDATE - 21, "middle"),
)
_, ENTER, BACK_ONE, BACK_TWO, BACK_THREE, BACK_FOUR, BACK_LAST, _ = BACK
#: Right of a line from a layer of the way back, down to the sum.
FOOT, LEAVES = 22, (LAYER + PAST) / 2 + 12

STEPPED = {
    "gru": Stepped(
        "GRU",
        "gru",
        gru_cell,
        GRU_PARTS,
        "gru",
        (
            GRU_WHOLE,
            RESET,
            UPDATE,
            Step(
                "candidate",
                "the candidate",
                f"{HEARD}r_t",
                "_gru_gates:n",
                "n = tanh({x_n} + {r} · {h_n}) = {n}",
            ),
            BLEND,
        ),
        (
            *TERMS,
            Place("h_n", "candidate", THREE + 9, BETWEEN),
            Place("heard", "candidate", (THREE + FOUR) / 2, CANDIDATE - 8, "middle"),
        ),
    ),
    "gru-before": Stepped(
        "GRU, reset before",
        "gru",
        partial(gru_cell, reset_after=False),
        GRU_PARTS,
        "gru",
        (
            GRU_WHOLE,
            RESET,
            UPDATE,
            Step(
                "candidate",
                "the candidate",
                f"{HEARD}W_{{hn}}",
                "_gru_gates_reset_before:n",
                "r · h = {r} · {h} = {seen}|n = tanh({x_n} + {heard}) = {n}",
            ),
            BLEND,
        ),
        (
            *TERMS,
            Place("seen", "candidate", THREE + 9, BETWEEN),
            Place("heard", "candidate", (THREE + FOUR) / 2 + 8, CANDIDATE - 8, "middle"),
        ),
    ),
    "lstm": Stepped(
        "LSTM",
        "lstm",
        lstm_cell,
        LSTM_PARTS,
        "lstm",
        (
            LSTM_WHOLE,
            *(
                Step(
                    part,
                    title,
                    f"{name}_t =",
                    f"_lstm_gates:{name}",
                    f"{name} = {function}({{x_{name}}} + {{h_{name}}}) = {{{name}}}",
                )
                for part, title, name, function in (
                    ("forget", "the forget gate", "f", "sigma"),
                    ("input", "the input gate", "i", "sigma"),
                    ("candidate", "the candidate", "g", "tanh"),
                )
            ),
            Step(
                "cell",
                "the cell state",
                r"c_t = f_t \odot c_{t-1} + i_t",
                "_lstm_step:c",
                "c = {f} · {c} + {i} · {g} = {c_new}",
            ),
            Step(
                "output",
                "the output",
                r"o_t =|h_t = o_t",
                "_lstm_gates:o _lstm_step:h",
                "o = sigma({x_o} + {h_o}) = {o}|h = {o} · tanh({c_new}) = {h_new}",
            ),
        ),
        (
            Place("kept", "cell", ONE + 30, BELOW),
            Place("written", "cell", THREE + 10, ABOVE),
            Place("shown", "output", LAST + 10, (GATE + CANDIDATE) / 2 + 1),
        ),
    ),
    "gru-back": Stepped(
        "GRU, backward",
        "gru",
        gru_backward,
        GRU_PATHS,
        "backprop",
        (
            Step(
                "",
                "all ways back",
                r"\delta h_{t-1} ={} & z_t",
                "",
                "δh = {keep} + {candidate} + {reset} + {update} = {d_h}",
            ),
            Step("keep", "what keeps", r"\text{keep} =", "keep", "keep = {z} · {d_h_new} = {keep}"),
            Step(
                "candidate",
                "through the candidate",
                r"\delta n_t &=",
                "d_n d_a_n candidate",
                "δn = {rest} · {d_h_new} = {d_n}|δa_n = {slope_n} · {d_n} = {d_a_n}|"
                "candidate = {w_n} · {r} · {d_a_n} = {candidate}",
            ),
            Step(
                "reset",
                "through the reset gate",
                r"\delta r_t &=",
                "d_r d_a_r reset",
                "δr = {h_n} · {d_a_n} = {d_r}|δa_r = {slope_r} · {d_r} = {d_a_r}|"
                "reset = {w_r} · {d_a_r} = {reset}",
            ),
            Step(
                "update",
                "through the update gate",
                r"\delta z_t &=",
                "d_z d_a_z update",
                "δz = ({h} - {n}) · {d_h_new} = {d_z}|δa_z = {slope_z} · {d_z} = {d_a_z}|"
                "update = {w_z} · {d_a_z} = {update}",
            ),
            Step("input", "to the input", r"\delta x_t = W_{ir}", "", "δx = {d_x}"),
        ),
        (
            Place("d_z", "update input", BACK_ONE + 12, CANDIDATE - 22),
            Place("d_r", "reset input", BACK_TWO - 9, BETWEEN, "end"),
            Place("d_a_n", "candidate reset input", BACK_FOUR + 9, BETWEEN),
            Place("keep", "keep", (ENTER + BACK_ONE) / 2 - 9, BELOW + 4, "middle"),
            Place("candidate", "candidate", BACK_THREE + 9, LEAVES),
            Place("reset", "reset", BACK_TWO + FOOT, LEAVES),
            Place("update", "update", BACK_ONE + FOOT, LEAVES),
        ),
        "gru_step",
    ),
    "lstm-back": Stepped(
        "LSTM, backward",
        "lstm",
        lstm_backward,
        LSTM_PATHS,
        "backprop",
        (
            Step(
                "",
                "all ways back",
                r"\delta h_{t-1} ={} & W_{hi}",
                "back",
                "δh = {w_i} · {d_a_i} + {w_f} · {d_a_f} "
                "+ {w_g} · {d_a_g} + {w_o} · {d_a_o} = {d_h}",
            ),
            Step(
                "expose",
                "back to the memory",
                r"\delta c_t \leftarrow",
                "d_c",
                "δc = {d_c_new} + {o} · {slope_c} · {d_h_new} = {d_c_sum}",
            ),
            Step(
                "keep",
                "along the memory",
                r"\delta c_{t-1} =",
                "keep",
                "δc = {f} · {d_c_sum} = {d_c}",
            ),
            Step(
                "written",
                "through what was kept and written",
                r"\delta a_i &=",
                "d_a_i d_a_f d_a_g",
                "δa_i = {g} · {slope_i} · {d_c_sum} = {d_a_i}|"
                "δa_f = {c} · {slope_f} · {d_c_sum} = {d_a_f}|"
                "δa_g = {i} · {slope_g} · {d_c_sum} = {d_a_g}",
            ),
            Step(
                "output",
                "through the output gate",
                r"\delta a_o =",
                "d_a_o",
                "δa_o = {shown} · {slope_o} · {d_h_new} = {d_a_o}",
            ),
            Step("input", "to the input", r"\delta x_t = W_{ii}", "", "δx = {d_x}"),
        ),
        (
            *(
                Place(name, "written input", column + 12, BETWEEN)
                for name, column in zip(
                    ("d_f", "d_i", "d_g"), (BACK_ONE, BACK_TWO, BACK_THREE), strict=True
                )
            ),
            Place("d_c_sum", "keep written input", BACK_FOUR, STATE - 12, "middle"),
        ),
        "lstm_step",
    ),
}


def cells() -> dict[str, Any]:
    """Return each cell that can be stepped through, GRUs with each meaning of z, and examples."""
    typesetter = Typesetter(ROOT / "node_modules/katex", SETTINGS.cache_folder / "formulas")
    shown = {name: _shown(stepped, typesetter) for name, stepped in STEPPED.items()}
    for name in ("gru", "gru-before"):
        shown[f"{name}-writes"] = _shown(STEPPED[name], typesetter, writes=True)
    typesetter.close()
    return {"cells": shown, "examples": {"gru": _gru_examples(), "lstm": _lstm_examples()}}


def _shown(stepped: Stepped, typesetter: Typesetter, writes: bool = False) -> dict[str, Any]:
    """Return what the stepper knows of a cell; with ``writes``, z is what writes."""
    whole, *frames = (_parsed(stepped.draw(part)) for part in (None, *stepped.parts))
    drawn, numbers = [], []
    for element, *others in zip(whole, *frames, strict=True):
        name = _name(element)
        label = WRITES.get(name, name) if writes else name
        lit, *each = (_markup(one).replace(f">{name}<", f">{label}<") for one in (element, *others))
        parts = [part for part, markup in zip(stepped.parts, each, strict=True) if markup == lit]
        dim = next((markup for markup in each if markup != lit), lit)
        drawn.append({"parts": parts, "lit": lit, "dim": dim})
        if name in NAMES and NAMES[name] not in {one.name for one in stepped.places}:
            numbers.append(
                {
                    "name": NAMES[name],
                    "label": label.replace("_", " "),
                    "parts": parts,
                    **_beside(element, label),
                }
            )
    numbers += [
        {
            "name": one.name,
            "label": one.name,
            "parts": one.parts.split(),
            "x": one.x,
            "y": one.y,
            "anchor": one.anchor,
        }
        for one in stepped.places
    ]
    return {
        "title": stepped.title,
        "family": stepped.family,
        "box": whole.get("viewBox"),
        "drawn": drawn,
        "numbers": numbers,
        "steps": [_step(stepped, step, typesetter, writes) for step in stepped.steps],
    }


def _parsed(drawing: Any) -> ElementTree.Element:
    """Return a drawing as it stands on pages: its colors are those of the page."""
    return ElementTree.fromstring(inline(drawing.as_svg(), prefix="", alt="", inks=SETTINGS.inks))


def _markup(element: ElementTree.Element) -> str:
    return ElementTree.tostring(element, "unicode").replace(
        ' xmlns="http://www.w3.org/2000/svg"', ""
    )


def _name(element: ElementTree.Element) -> str:
    """Return what a text of a drawing says, as "h_t"."""
    return "_".join(element.itertext())


def _beside(element: ElementTree.Element, label: str) -> dict[str, Any]:
    """Return where the number of a quantity stands: right of its name, or above it."""
    x, y, anchor = (
        float(element.attrib["x"]),
        float(element.attrib["y"]),
        element.attrib["text-anchor"],
    )
    if anchor == "middle" or label == REST:
        return {"x": x, "y": y - LINE, "anchor": anchor}
    return {"x": x + LETTER * len(label.replace("_", "")) + GAP, "y": y, "anchor": anchor}


def _step(stepped: Stepped, step: Step, typesetter: Typesetter, writes: bool) -> dict[str, str]:
    equations = [_equation(stepped.chapter, start) for start in step.equation.split("|") if start]
    numbers = step.numbers
    if writes:
        equations = [_written(tex) for tex in equations]
        numbers = numbers.replace("z = ", "1 - z = ")
    formulas = [typesetter.typeset(_formula(tex), _refuse) for tex in equations]
    return {
        "part": step.part,
        "title": step.title,
        "equation": "".join(formulas),
        "code": _code(stepped, step),
        "numbers": numbers.replace("-", MINUS).replace("sigma", SIGMA),
    }


def _written(tex: str) -> str:
    """Return an equation of a z that keeps as one of a z that writes."""
    swapped = tex.replace("(1 - z_t)", "Z").replace("z_t", "(1 - z_t)").replace("Z", "z_t")
    return swapped.replace("(1 - z_t) =", "1 - z_t =")


def _formula(tex: str) -> str:
    """Return a formula as Markdown leaves it for the typesetter."""
    return f'<div class="arithmatex">\\[{escape(tex)}\\]</div>'


def _refuse(tex: str, message: str) -> str:
    raise ValueError(f"{message}: {tex}")


def _equation(chapter: str, start: str) -> str:
    """Return the equation of a chapter that begins like this."""
    text = (ROOT / "docs" / f"{chapter}.md").read_text("utf-8")
    for tex in re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL):
        if tex.removeprefix("\\begin{aligned}\n").startswith(start):
            return str(tex)
    raise SystemExit(f"docs/{chapter}.md:1: the stepper finds no equation that begins {start}")


def _code(stepped: Stepped, step: Step) -> str:
    """Return the lines of code of a step."""
    if not stepped.snippet:
        names = [f"gated.cells.{name}" for name in step.code.split()]
        return "\n".join(symbols.find(SETTINGS, name).source for name in names)
    lines = _snippet(f"backprop/{stepped.snippet}").splitlines()
    return "\n".join(line for line in lines if line.partition(" = ")[0] in step.code.split())


def _snippet(name: str) -> str:
    return (ROOT / "snippets" / f"{name}.py").read_text("utf-8")


# An example's numbers are those of lab/widgets/cell-stepper.ts: the weights of the input, gate by
# gate, those of the state, both biases, the state before the first step, the gradient that comes to
# the last one, and the inputs, step by step.


def _gru_examples() -> dict[str, Any]:
    latch, one = _given("gru/latch"), _given("backprop/gru_step")
    names = ["mark", "clear"]
    seen = [[float(event == name) for name in names] for event in latch["enumerate"]]
    heard = [one[f"W_h{gate}"] for gate in "rzn"]
    return {
        "running": _example("The latch", names, _weights(latch, 3), [0.0], [1.0], seen),
        "hears": _hears(heard, 2, [one["h"]], [one["d_h"]]),
        "drawn": _drawn(3, 2, 1),
    }


def _lstm_examples() -> dict[str, Any]:
    depth, one = _given("lstm/depth"), _given("backprop/lstm_step")
    names = ["open", "close", "ask", "end"]
    seen = [[float(sign == mark) for mark in "()?."] for sign in depth["enumerate"]]
    heard = [one[f"W_h{gate}"] for gate in "ifgo"]
    return {
        "running": _example("The counter", names, _weights(depth, 4), [0.0] * 2, [1.0, 0.0], seen),
        "hears": _hears(heard, 4, [one["h"], one["c"]], [one["d_h"], one["d_c"]]),
        "drawn": _drawn(4, 4, 2),
    }


#: Weights of the input and of the state, and both biases, gate by gate.
Weights = Sequence[Any]


def _example(
    title: str,
    inputs: Sequence[str],
    weights: Weights,
    state: Sequence[float],
    gradient: Sequence[float],
    seen: Sequence[Sequence[float]],
) -> dict[str, Any]:
    numbers = [*_flat(weights), *state, *gradient, *_flat(seen)]
    return {"title": title, "inputs": inputs, "steps": len(seen), "numbers": numbers}


def _flat(values: Any) -> Iterator[float]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _flat(value)
        else:
            yield value


def _hears(
    heard: list[float], inputs: int, state: list[float], gradient: list[float]
) -> dict[str, Any]:
    """Return the example of the chapter on the way back: one step that hears its state alone."""
    gates = len(heard)
    weights = [[0.0] * inputs] * gates, heard, [0.0] * gates, [0.0] * gates
    title = "One step that hears the state alone"
    return _example(title, _numbered(inputs), weights, state, gradient, [[0.0] * inputs])


def _drawn(gates: int, inputs: int, states: int, steps: int = 8) -> dict[str, Any]:
    """Return an example with weights as PyTorch's default initialization draws: from -1 to 1."""
    draw = random.Random(0)

    def row(count: int) -> list[float]:
        return [round(draw.uniform(-1, 1), 2) for _ in range(count)]

    weights = [row(inputs) for _ in range(gates)], row(gates), row(gates), row(gates)
    seen = [row(inputs) for _ in range(steps)]
    gradient = [1.0, 0.0][:states]
    title = "Default initialization"
    return _example(title, _numbered(inputs), weights, [0.0] * states, gradient, seen)


def _numbered(inputs: int) -> list[str]:
    return [f"x{'₁₂₃₄'[number]}" for number in range(inputs)]


def _weights(given: dict[str, Any], gates: int) -> Weights:
    """Return what a snippet gives its cell; one number stands for all gates."""
    several = [
        given[f"cell.{name}[:]"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
    first, *others = (one if isinstance(one, list) else [one] * gates for one in several)
    return [first, *others]


def _given(name: str) -> dict[str, Any]:
    """Return the numbers that a snippet assigns, by name, and what it enumerates."""
    found: dict[str, Any] = {}
    pairs: list[tuple[ast.expr, ast.expr]]
    for node in ast.walk(ast.parse(_snippet(name))):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                pairs = [*zip(targets, values, strict=True)]
            case ast.Assign(targets=targets, value=value):
                pairs = [(target, value) for target in targets]
            case ast.Call(func=ast.Name("enumerate") as called, args=[value, *_]):
                pairs = [(called, value)]
            case _:
                pairs = []
        for target, value in pairs:
            if isinstance(value, ast.Call) and ast.unparse(value.func) == "torch.tensor":
                value = value.args[0]
            try:
                found.setdefault(ast.unparse(target), ast.literal_eval(value))
            except ValueError:
                continue  # no number: it is computed
    return found


if __name__ == "__main__":
    text = json.dumps(cells(), ensure_ascii=False, separators=(",", ":"))
    Path(sys.argv[1], "cells.js").write_text(f"lab.data['cells/cells']={text}\n", "utf-8")
