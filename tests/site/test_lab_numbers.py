"""The numbers of the widgets, computed by node as a browser would, beside gated's and torch's."""

import csv
import json
import math
import random
import re
import subprocess
from collections.abc import Callable
from functools import partial
from itertools import chain, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, spearmanr
from torch import nn

from gated import GRU, GRUCell, evidence
from gated.characters import HIDDEN_SIZES, CharacterModel, encode, load, scene
from gated.convert.blocks import reorder
from gated.convert.conventions import KNOWN
from gated.figures.drawing import GRU_PARTS, GRU_PATHS, LSTM_PARTS, LSTM_PATHS
from gated.figures.sheet import MINUS
from gated.initialization import forget_bias_
from gated.parameters import BIASES, BLOCKS, count
from gated.probes import record_gates
from gated.statistics import difference, middle
from livedocs.making import program
from studies.harness.study import trial_id

ROOT = Path(__file__).parents[2]
LAB = ROOT / "lab"

#: Applies a function of a widget's module to each of several lists of arguments.
ASK = """
import { readFileSync } from "node:fs"
const [file, name, several] = JSON.parse(readFileSync(0, "utf-8"))
const functions = await import(file)
console.log(JSON.stringify(several.map((given) => functions[name](...given))))
"""


def ask(module: str, function: str, several: list[list[Any]]) -> list[Any]:
    """Return what a function of a module, or of a widget, gives for each list of arguments."""
    file = next(LAB.rglob(f"{module}.ts"))
    question = json.dumps([file.as_uri(), function, several])
    done = subprocess.run(
        [program("node"), "--input-type=module", "--eval", ASK],
        input=question,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    assert len(answers) == len(several)
    return answers


@pytest.fixture(scope="module")
def known(linked_site: Path) -> Callable[[str], Any]:
    """Return what the published site holds for a widget."""

    def read(name: str) -> Any:
        text = (linked_site / "assets" / "lab" / "data" / f"{name}.js").read_text("utf-8")
        start, _, data = text.partition("=")
        assert start == f"lab.data['{name}']"
        return json.loads(data)

    return read


def settings(number: int) -> list[dict[str, Any]]:
    """Return random settings of the calculator, of every cell in every convention."""
    draw = random.Random(0)
    found: list[dict[str, Any]] = []
    while len(found) < number:
        hidden = draw.choice([1, 5, 64, draw.randint(2, 4096)])
        cell = draw.choice(list(BLOCKS))
        setting = {
            "cell": cell,
            "convention": draw.choice(list(BIASES)),
            "input": draw.choice([1, 3, draw.randint(1, 4096)]),
            "hidden": hidden,
            "layers": draw.randint(1, 16),
            "bidirectional": draw.random() < 0.5,
            "bias": draw.random() < 0.8,
            "peepholes": draw.random() < 0.5,
            "projection": draw.choice([0, draw.randrange(hidden)]),
        }
        found.append(setting)
    return found


def counted(setting: dict[str, Any]) -> Any:
    """Return gated's count; the calculator hides what another cell than the LSTM has not."""
    is_lstm = setting["cell"] == "lstm"
    return count(
        setting["cell"],
        setting["input"],
        setting["hidden"],
        setting["layers"],
        setting["bidirectional"],
        setting["bias"],
        setting["convention"],
        peepholes=is_lstm and setting["peepholes"],
        proj_size=setting["projection"] if is_lstm else 0,
    )


def test_the_calculator_counts_as_gated_does_in_all_conventions(
    known: Callable[[str], Any],
) -> None:
    data = known("parameters")
    several = settings(500)
    faults = ask("parameter-calculator", "fault", [[one, data] for one in several])
    answers = ask("parameter-calculator", "parts", [[one, data] for one in several])
    seen = set()
    for setting, fault, parts in zip(several, faults, answers, strict=True):
        try:
            expected = counted(setting)
        except ValueError:
            assert fault, setting
            continue
        assert not fault, setting
        wanted = {
            "Input": expected.input,
            "Recurrent": expected.recurrent,
            "Biases": expected.biases,
            "Peepholes": expected.peepholes,
            "Projection": expected.projection,
        }
        shown = {part["name"]: part["count"] for part in parts}
        assert shown == {name: number for name, number in wanted.items() if number}, setting
        letters = {
            "d": setting["input"],
            "H": setting["hidden"],
            "L": setting["layers"],
            "D": 2 if setting["bidirectional"] else 1,
            "p": setting["projection"],
        }
        for part in parts:
            assert eval(part["formula"], {}, letters) == part["count"], (setting, part)
        seen.add((setting["cell"], setting["convention"]))
    assert len(seen) == sum(map(len, BIASES.values())), "every cell of every convention"


def test_the_calculator_says_what_no_layer_is_like(known: Callable[[str], Any]) -> None:
    like = settings(1)[0] | {"convention": "pytorch", "hidden": 5}
    several = [
        like | {"cell": "lstm", "projection": 5},
        like | {"cell": "gru", "projection": 5},
        like | {"cell": "rnn", "convention": "equinox"},
    ]
    data = known("parameters")
    answers = ask("parameter-calculator", "fault", [[one, data] for one in several])
    assert answers == [
        "A projection to 5 is not narrower than 5 units.",
        "",
        "Equinox has no Plain RNN.",
    ]


def test_at_the_same_budget_another_cell_is_as_wide_as_it_can_be(
    known: Callable[[str], Any],
) -> None:
    data = known("parameters")
    asked = [(one, cell) for one in settings(60) for cell in BLOCKS if cell in ("gru", "lstm")]
    asked = [(one, cell) for one, cell in asked if one["cell"] in BIASES[one["convention"]]]
    several = [[one, cell, data] for one, cell in asked]
    for (one, cell), units in zip(
        asked, ask("parameter-calculator", "affordable", several), strict=True
    ):
        budget = counted(one).total

        def cost(hidden: int, one: dict[str, Any] = one, cell: str = cell) -> int:
            other = {"cell": cell, "hidden": hidden, "peepholes": False, "projection": 0}
            return int(counted(one | other).total)

        assert cost(units + 1) > budget
        assert units == 0 or cost(units) <= budget


@torch.no_grad()
def left_of_a_state(bias: float, steps: int) -> float:
    """Return what a GRU of torch's with this gate bias leaves of a state of one."""
    layer = nn.GRU(1, 1, dtype=torch.float64)
    for weights in layer.parameters():
        weights.zero_()
    forget_bias_(layer, bias)
    states, _ = layer(weights.new_zeros(steps, 1), weights.new_ones(1, 1))
    return float(states[-1, 0])


def test_half_lives_are_those_of_a_layer() -> None:
    biases = [-4.0, -1.3, 0.0, 1.0, 2.0, 3.9, 5.0, 10.0]
    kept = ask("half-life", "kept", [[bias] for bias in biases])
    lives = ask("half-life", "halfLife", [[bias] for bias in biases])
    for bias, share, life in zip(biases, kept, lives, strict=True):
        assert share == pytest.approx(left_of_a_state(bias, 1), rel=1e-12)
        assert share**life == pytest.approx(0.5, rel=1e-9)
    steps = [1, 2, 30, 400]
    several = [[bias, step] for bias in biases for step in steps]
    for (bias, step), share in zip(several, ask("half-life", "left", several), strict=True):
        assert share == pytest.approx(left_of_a_state(float(bias), int(step)), rel=1e-9)


# Keras hands NumPy an array in a way that NumPy has deprecated.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_layers_start_as_the_widget_says(
    known: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch_, keras_, chrono = known("half-life")["starts"]
    bound = 2 / math.sqrt(64)  # each of two biases is drawn within one over the root
    assert -bound <= torch_["lowest"] <= torch_["median"] <= torch_["highest"] <= bound
    assert torch_["median"] == 0

    monkeypatch.setenv("KERAS_BACKEND", "torch")  # read as Keras is imported
    import keras

    layer = keras.layers.LSTM(8)
    layer.build((None, None, 1))
    *_, bias = layer.get_weights()
    forget = bias[8:16]
    assert {keras_["lowest"], keras_["median"], keras_["highest"]} == {*forget.tolist()}

    longest = 100
    assert chrono["name"] == f"Chrono, up to {longest} steps"
    assert (chrono["lowest"], chrono["highest"]) == (0, round(math.log(longest - 1), 1))
    assert chrono["median"] == round(math.log(longest / 2), 1)


def test_a_scan_joins_what_a_loop_of_torchs_goes_through(known: Callable[[str], Any]) -> None:
    """After each round a step stands for all as far back as the span, and a loop over them."""
    torch.manual_seed(0)
    latch = known("scan")
    several = [{name: double(latch[name]) for name in ("keep", "write")}]
    for steps in (1, 2, 5, 8, 13):
        shares = torch.rand(steps, dtype=torch.float64)
        several.append({"keep": shares, "write": torch.randn(steps, dtype=torch.float64)})
    asked = [[{name: row.tolist() for name, row in one.items()}] for one in several]
    for one, rows in zip(several, ask("scan-rounds", "scan", asked), strict=True):
        steps = len(one["keep"])
        assert 2 ** (len(rows) - 1) >= steps > 2 ** (len(rows) - 1) // 2
        for number, row in enumerate(rows):
            for t, joined in enumerate(row):
                span = slice(max(0, t + 1 - 2**number), t + 1)
                # A loop that begins at 0 ends at what is written; from 1 what is kept comes on top.
                states = double([0, 1])
                for keep, write in zip(one["keep"][span], one["write"][span], strict=True):
                    states = keep * states + write
                written, both = states.tolist()
                assert joined["write"] == pytest.approx(written, rel=1e-12, abs=1e-12)
                assert joined["keep"] == pytest.approx(both - written, rel=1e-12, abs=1e-12)


def test_the_scan_goes_through_the_rounds_that_its_chapter_prints(
    known: Callable[[str], Any], linked_site: Path
) -> None:
    latch = known("scan")
    kinds = {"": (1, 0), "mark": (0, 1), "clear": (0, 0)}
    steps = [*zip(latch["keep"], latch["write"], strict=True)]
    assert steps == [kinds[event] for event in latch["events"]]
    (rows,) = ask("scan-rounds", "scan", [[latch]])
    page = (linked_site / "return.html").read_text("utf-8")
    printed = dict(re.findall(r"^span (\d+) (\[[\d, ]+\])$", page, re.MULTILINE))
    seen = {2**r: [one["write"] for one in row] for r, row in enumerate(rows)}
    assert {int(span): json.loads(row) for span, row in printed.items()} == {
        span: row for span, row in seen.items() if span > 1
    }


#: The rows of a GRU of two units: r, z and n in PyTorch's order.
GATE_ROWS = dict(zip("rzn", torch.arange(6).reshape(3, 2).tolist(), strict=True))


def double(numbers: list[Any]) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def switched(number: int, conventions: dict[str, Any]) -> list[dict[str, Any]]:
    """Return random settings of the switch, of random weights and inputs."""
    draw = random.Random(0)

    def several(count: int) -> str:
        return " ".join(f"{draw.uniform(-3, 3):.6f}" for _ in range(count))

    return [
        {
            "from": draw.choice([*conventions]),
            "to": draw.choice([*conventions]),
            **{mend: draw.random() < 0.5 for mend in ("reorder", "negate", "add")},
            "seed": 0,
            "weights": "\n".join(several(5) for _ in range(6)),
            "inputs": several(draw.randint(1, 16)),
        }
        for _ in range(number)
    ]


def computed(
    rows: torch.Tensor, convention: dict[str, Any], inputs: torch.Tensor, *, torchs: bool = False
) -> torch.Tensor:
    """Return the outputs of torch's or gated's GRU for rows in the order r, z, n."""
    rows = rows.clone()
    if convention["z"] == "writes":
        rows[GATE_ROWS["z"]] *= -1
    weights = [rows[:, :1], rows[:, 1:3], rows[:, 3], rows[:, 4]]
    layer: nn.Module = nn.GRU(1, 2, dtype=torch.float64)
    if not torchs:
        layer = GRU(1, 2, reset_after=convention["reset"] == "after", dtype=torch.float64)
    layer.load_state_dict(dict(zip(layer.state_dict(), weights, strict=True)))
    states: torch.Tensor = layer(inputs[:, None])[0].detach()
    return states


def rows_of(state: dict[str, Any], from_: dict[str, Any]) -> torch.Tensor:
    """Return the rows of r, z and n that a file of this convention has."""
    given = double([[float(w) for w in line.split()] for line in state["weights"].splitlines()])
    rows = torch.from_numpy(reorder(given.numpy(), from_["order"] or "rzn", "rzn"))
    for gate, number in (from_["biases"] or {}).items():
        if number == 1:
            rows[GATE_ROWS[gate], 4] = 0
    return rows


def test_the_switch_computes_as_torch_and_gated_do_under_each_convention(
    known: Callable[[str], Any],
) -> None:
    data = known("conventions")
    conventions = data["conventions"]
    several = switched(200, conventions)
    answers = ask("convention-switch", "outputs", [[state, data] for state in several])
    seen = set()
    for state, (one, other) in zip(several, answers, strict=True):
        from_, to = conventions[state["from"]], conventions[state["to"]]
        inputs = double([float(word) for word in state["inputs"].split()])
        rows = rows_of(state, from_)
        for torchs in {False, from_["reset"] == "after"}:
            expected = computed(rows, from_, inputs, torchs=torchs)
            assert (expected - double(one)).abs().max() <= 1e-12, state

        for gate, number in (to["biases"] or {}).items():
            if number == 1:
                if state["add"] and not (gate == "n" and from_["reset"] == "after"):
                    rows[GATE_ROWS[gate], 3] += rows[GATE_ROWS[gate], 4]
                rows[GATE_ROWS[gate], 4] = 0
        if state["negate"] and from_["z"] != to["z"]:
            rows[GATE_ROWS["z"]] *= -1
        if from_["order"] and to["order"] and not state["reorder"]:
            file = reorder(rows.numpy(), "rzn", from_["order"])
            rows = torch.from_numpy(reorder(file, to["order"], "rzn"))
        for torchs in {False, to["reset"] == "after"}:
            expected = computed(rows, to, inputs, torchs=torchs)
            assert (expected - double(other)).abs().max() <= 1e-12, state
        seen.add((from_["reset"], from_["z"], to["reset"], to["z"]))
    assert len(seen) == 9, "each two of three functions"


def test_what_can_be_mended_is_and_the_switch_says_what_cannot(
    known: Callable[[str], Any],
) -> None:
    data = known("conventions")
    mended = {"reorder": True, "negate": True, "add": True}
    several = [
        {"from": one, "to": other, "seed": seed, "weights": "", "inputs": "", **mended}
        for one, other in product(data["conventions"], repeat=2)
        for seed in range(len(data["drawn"]))
    ]
    asked = [[state, data] for state in several]
    left = ask("convention-switch", "differences", asked)
    said = ask("convention-switch", "verdict", asked)
    for state, found, text, (one, other) in zip(
        several, left, said, ask("convention-switch", "outputs", asked), strict=True
    ):
        apart = (double(one) - double(other)).abs().amax(1)
        lost = [each["name"] for each in found if not each["mend"]]
        if not lost:
            assert apart.max() < 1e-12, state
            assert "agree at all 8 steps." in text
            continue
        first = [gap > 1e-5 for gap in apart.tolist()].index(True)
        assert f"part at step {first + 1}, by" in text
        assert ("another place of the reset gate" in text) == ("Reset" in lost)
        assert ("b_hn has no place" in text) == ("b_hn" in lost)


def test_the_switch_knows_what_the_conversions_know(known: Callable[[str], Any]) -> None:
    for one in known("conventions")["conventions"].values():
        if one["order"]:
            assert one["z"] == "keeps"
            whose = KNOWN[one["order"], one["reset"] == "after"]
            words = {*re.findall(r"\w+", one["name"])} - {"linen", "nnx"}
            assert words <= {*re.findall(r"\w+", whose)}


#: What may be chosen in the explorer, as the record calls it; of an LSTM the width is the same.
COMPARED = {
    "equal width": {"budget": "width", "start": "default"},
    "equal parameters": {"budget": "parameters", "start": "default"},
    "equal width and bias 1": {"budget": "width", "start": "bias 1"},
    "equal width and chrono": {"budget": "width", "start": "chrono"},
}
CHOSEN = {
    "study": "length",
    "measure": "solved_at",
    "gru": True,
    "lstm": True,
    "rnn": False,
    "mingru": False,
    "trial": "",
}


def recorded(task: str, compared: str, cell: str) -> dict[int, list[dict[str, Any]]]:
    """Return the trials of the record by length, without the help of what made the data."""
    setting = {"task": task, "cell": cell} | COMPARED[compared]
    if cell == "lstm":
        setting["budget"] = "width"
    found: dict[int, list[dict[str, Any]]] = {}
    for one in evidence.read("length")["trials"]:
        if "tuning" not in one["config"] and setting.items() <= one["config"].items():
            found.setdefault(one["config"]["length"], []).append(one)
    return found


def updates(trials: list[dict[str, Any]]) -> list[int]:
    limit = evidence.settings("length")["limit"]
    return [one["outcome"]["solved_at"] or limit for one in trials]


def outcome(study: str, column: str, trial: dict[str, Any]) -> Any:
    """Return what a trial came to by a measure of the explorer's, from the record."""
    found = trial["outcome"]
    if study != "gradients":
        return found[column]
    kind, _, when = column.rpartition("_")
    return found[when]["whole"][-1] if kind == "gradient" else found[when]["half_life"]


@pytest.mark.parametrize("study", ["length", "gradients", "counting", "music"])
def test_the_explorer_shows_every_trial_of_the_record_and_no_other(
    known: Callable[[str], Any], study: str
) -> None:
    data = known(f"evidence/{study}")
    assert data["study"] == study
    trials = {trial_id(one["config"]): one for one in evidence.read(study)["trials"]}
    seen: set[str] = set()
    for arm in data["arms"]:
        for seed in arm["seeds"]:
            one = trials[seed["trial"]]
            assert dict(zip(data["settings"], seed["settings"], strict=True)) == one["config"]
            columns = [measure["column"] for measure in data["measures"]]
            assert seed["values"] == [outcome(study, column, one) for column in columns]
            seen.add(seed["trial"])
        names = {seed["trial"] for seed in arm["seeds"]}
        for measure, interval in zip(data["measures"], arm["middles"], strict=True):
            values = [
                outcome(study, measure["column"], one)
                for name, one in trials.items()
                if name in names
            ]
            assert interval == [*middle([measure["limit"] if v is None else v for v in values])]
    cells = {"gru", "lstm", "rnn", "mingru"}
    assert seen == {
        name
        for name, one in trials.items()
        if "tuning" not in one["config"] and one["config"]["cell"] in cells
    }
    with (ROOT / "docs" / "evidence" / f"{study}.csv").open(encoding="utf-8", newline="") as file:
        assert seen <= {row["trial"] for row in csv.DictReader(file) if not row.get("tuning")}


@pytest.mark.parametrize(
    ("study", "curve"), [("length", "errors"), ("counting", "right"), ("music", "curve")]
)
def test_the_explorer_draws_what_is_recorded_along_a_training(
    known: Callable[[str], Any], study: str, curve: str
) -> None:
    data = known(f"evidence/{study}")
    trials = {trial_id(one["config"]): one for one in evidence.read(study)["trials"]}
    for arm in data["arms"]:
        for seed in arm["seeds"]:
            drawn = trials[seed["trial"]]["outcome"][curve]
            assert len(seed["curve"]) == len(drawn) <= len(data["curve"]["xs"])
            for value, recorded in zip(seed["curve"], drawn, strict=True):
                assert value == (recorded and pytest.approx(recorded, rel=0.0051))


def test_the_explorer_draws_a_seed_where_its_updates_are(known: Callable[[str], Any]) -> None:
    data = known("evidence/length")
    state = CHOSEN | {"task": "copying", "compared": "equal width"}
    (dots,) = ask("evidence-explorer", "dots", [[state, data]])
    assert len(dots) == 120
    heights: dict[Any, set[float]] = {}
    for dot in dots:
        assert 0 <= dot["x"] <= 1
        heights.setdefault(dot["value"], set()).add(dot["y"])
    assert all(len(several) == 1 for several in heights.values())
    unsolved = heights.pop(None)
    tops = [min(heights[solved]) for solved in sorted(heights)]
    assert tops == sorted(tops, reverse=True), "more updates stand higher"
    assert max(unsolved) < tops[-1], "and above all who never solved it"
    least, *more = sorted(heights)
    each = [
        (min(heights[least]) - min(heights[solved])) / math.log(solved / least) for solved in more
    ]
    assert each == pytest.approx([each[0]] * len(each)), "the scale is logarithmic"


@pytest.mark.parametrize("compared", COMPARED)
@pytest.mark.parametrize("task", ["recall", "adding", "copying"])
def test_the_explorer_says_who_was_ahead_in_the_record(
    known: Callable[[str], Any], task: str, compared: str
) -> None:
    data = known("evidence/length")
    (said,) = ask(
        "evidence-explorer", "verdict", [[CHOSEN | {"task": task, "compared": compared}, data]]
    )
    gru, lstm = (recorded(task, compared, cell) for cell in ("gru", "lstm"))
    assert gru.keys() == lstm.keys() != set()
    ends: dict[str, list[int]] = {}
    for length in sorted(gru):
        apart = difference(updates(gru[length]), updates(lstm[length]))
        ahead = "GRU" if apart["high"] < 0 else "LSTM" if apart["low"] > 0 else "no difference"
        ends.setdefault(ahead, []).append(length)
    heard = {
        who: [int(number) for number in re.findall(r"\d+", lengths)]
        for who, lengths in re.findall(
            r"(GRU|LSTM|no difference) (?:learned sooner|could be told) over ([\d, and]+) steps",
            said,
        )
    }
    assert heard == ends, said


def test_the_explorer_counts_who_solved_it_and_says_how_rates_were_chosen(
    known: Callable[[str], Any],
) -> None:
    data = known("evidence/length")
    state = CHOSEN | {"task": "recall", "compared": "equal width", "rnn": True}
    (said,) = ask("evidence-explorer", "verdict", [[state, data]])
    for cell, name in {"gru": "GRU", "lstm": "LSTM", "rnn": "plain RNN"}.items():
        trials = [*chain(*recorded("recall", "equal width", cell).values())]
        solved = sum(one["outcome"]["solved_at"] is not None for one in trials)
        assert f"{solved} of {len(trials)} with the {name}" in said

    tried = chose("recall", "lstm")
    solved = sum(one["outcome"]["solved_at"] is not None for one in tried)
    (rates,) = ask("evidence-explorer", "rates", [[state, data]])
    rate = recorded("recall", "equal width", "lstm")[5][0]["config"]["rate"]
    assert f"LSTM {rate} ({solved} of {len(tried)})" in rates


@torch.no_grad()
def fed(cell: str, keep: float, marks: list[int]) -> list[float]:
    """Return the state of a unit of torch's that counts marks, before the first and after each."""
    layer = {"gru": nn.GRU, "lstm": nn.LSTM}[cell](1, 1, dtype=torch.float64)
    for weights in layer.parameters():
        weights.zero_()
    is_open = 40.0
    gate = math.log(keep / (1 - keep)) if keep < 1 else is_open
    biases = [0, gate, 0] if cell == "gru" else [is_open, gate, 0, is_open]
    layer.bias_ih_l0[:] = torch.tensor(biases)
    layer.weight_ih_l0[2] = 20  # the candidate is the mark
    states, hx = [0.0], None
    for mark in marks:
        _, hx = layer(torch.tensor([[float(mark)]], dtype=torch.float64), hx)
        states.append(float(hx if cell == "gru" else hx[1]))
    return states


def test_the_counter_counts_as_layers_of_torch_do(known: Callable[[str], Any]) -> None:
    data = known("home/counter")
    draw = random.Random(0)
    several = []
    for _ in range(200):
        keep = draw.choice([1, 0.5, draw.uniform(0.5, 1)])
        marks = draw.choices([1, -1], [2, 1], k=draw.randrange(240))
        several.append([draw.choice(["gru", "lstm"]), keep, marks, data])
    for setting, states in zip(several, ask("cell-counter", "states", several), strict=True):
        assert states == pytest.approx(fed(*setting[:3]), rel=1e-6, abs=1e-6)


def test_the_counter_says_what_layers_of_torch_come_to(known: Callable[[str], Any]) -> None:
    data = known("home/counter")
    several = [("m12", 1, 0.9), ("m60o60", 1, 0.9), ("o1m2", 0.75, 0.5), ("", 1, 1)]
    asked = [[{"fed": text, "lstm": f, "gru": z}, data] for text, f, z in several]
    runs = ask("cell-counter", "marks", [[text] for text, _, _ in several])
    for (_, f, z), marks, said in zip(
        several, runs, ask("cell-counter", "seen", asked), strict=True
    ):
        numbers = [
            float(one) for one in re.findall(r"-?\d+\.\d+", said.replace("\N{MINUS SIGN}", "-"))
        ]
        expected = []
        for cell, keep in [("lstm", f), ("gru", z)]:
            *_, now, after = fed(cell, keep, [*marks, 1])
            expected += [now, after - now]
        assert numbers == pytest.approx(expected, abs=0.0051), said
    assert ask("cell-counter", "marks", [["m1x"], ["m999"], ["m100o100m41"]]) == [None] * 3


def test_the_race_is_one_that_the_gru_wins_in_the_record(known: Callable[[str], Any]) -> None:
    data = known("home/counter")
    race = data["race"]
    assert race["task"] == "recall"
    verdict = evidence.read("length")["verdicts"]["long, equal parameters"]["tasks"]["recall"]
    assert verdict["high"] < 0, "the GRU took fewer updates"
    for cell in ("gru", "lstm"):
        trials = recorded("recall", "equal parameters", cell)[race["length"]]
        seeds = race["cells"][cell]["seeds"]
        assert sorted(updates(trials)) == [one["solved_at"] or race["limit"] for one in seeds]
        assert race["cells"][cell]["median"] == middle(updates(trials))[0]
        solved_at = [one["outcome"]["solved_at"] for one in trials]
        for most in (0, 300, race["limit"]):
            solved = sum(one is not None and one <= most for one in solved_at)
            (said,) = ask("cell-counter", "solved", [[most, data]])
            assert f"{solved} of {len(trials)} {cell.upper()}s" in said
    longer = recorded("recall", "equal parameters", "gru")
    for length, trials in longer.items():
        is_solved = all(one["outcome"]["solved_at"] for one in trials)
        assert is_solved or length != race["length"]
        assert not is_solved or length <= race["length"]


def chose(task: str, cell: str) -> list[dict[str, Any]]:
    """Return the trials that chose a cell's rate at equal width."""
    asked = {"task": task, "cell": cell, "budget": "width", "tuning": 1}
    return [
        one for one in evidence.read("length")["trials"] if asked.items() <= one["config"].items()
    ]


@pytest.mark.parametrize("task", ["recall", "adding", "copying"])
def test_a_rate_that_was_chosen_among_failures_gives_no_verdict(
    known: Callable[[str], Any], task: str
) -> None:
    state = CHOSEN | {"task": task, "compared": "equal width", "rnn": True, "mingru": True}
    (said,) = ask("evidence-explorer", "verdict", [[state, known("evidence/length")]])
    names = {"gru": "GRU", "lstm": "LSTM", "rnn": "plain RNN", "mingru": "minGRU"}
    for cell, name in names.items():
        tried = chose(task, cell)
        solved = sum(one["outcome"]["solved_at"] is not None for one in tried)
        doubt = re.search(rf"no verdict on the {name}: .*? (none|only (\d)) of the (\d)", said)
        assert (doubt is not None) == (solved < len(tried) / 4)
        if doubt:
            assert (int(doubt[2] or 0), int(doubt[3])) == (solved, len(tried))


#: Studies with one measure: what its leader did, and where the study's own verdicts say who it is.
OWN_VERDICTS: dict[str, tuple[str, str, Callable[[Any], str]]] = {
    "counting": ("longest", "counted further", lambda found: found["counts further"]),
    "music": ("test", "had the lower loss", lambda found: found["gru - lstm"]["ahead"]),
}


@pytest.mark.parametrize("study", OWN_VERDICTS)
def test_the_explorer_says_of_each_task_what_its_study_says(
    known: Callable[[str], Any], study: str
) -> None:
    column, verb, ahead = OWN_VERDICTS[study]
    data = known(f"evidence/{study}")
    for task, verdict in evidence.read(study)["verdicts"].items():
        state = CHOSEN | {"study": study, "task": task, "compared": "", "measure": column}
        (said,) = ask("evidence-explorer", "verdict", [[state, data]])
        assert said.endswith(f", the {ahead(verdict).upper()} {verb}.")


def test_the_explorer_says_from_which_starts_more_of_a_gradient_comes_back(
    known: Callable[[str], Any],
) -> None:
    data = known("evidence/gradients")
    verdicts = evidence.read("gradients")["verdicts"]
    for task in data["tasks"]:
        state = CHOSEN | {
            "study": "gradients",
            "task": task,
            "compared": "",
            "measure": "gradient_after",
        }
        (said,) = ask("evidence-explorer", "verdict", [[state, data]])
        for part in said.rstrip(".").split("; "):
            who = re.search("GRU|LSTM|no difference", part)
            starts = re.search(r"with the initializations? (.*)$", part)
            assert who
            assert starts
            for start in re.split(", | and ", starts[1]):
                better = verdicts[f"{task} {start}"].pop("more reaches back")
                assert who[0] == {"gru": "GRU", "lstm": "LSTM", "tie": "no difference"}[better]
        assert not any("more reaches back" in verdicts[f"{task} {at}"] for at in data["places"])


#: What a step of the stepper carries, by the names that it has there.
Step = dict[str, torch.Tensor]
GATES = {"gru": "rzn", "lstm": "ifgo"}


class Drawn:
    """A unit with random numbers, run by PyTorch's operations in double precision."""

    def __init__(self, cell: str, seed: int) -> None:
        torch.manual_seed(seed)
        self.cell, self.family = cell, cell.partition("-")[0]
        gates, states = len(GATES[self.family]), 1 + (self.family == "lstm")
        self.inputs = random.Random(seed).randint(1, 4)
        steps = random.Random(seed).randint(1, 6)

        def draw(*size: int) -> torch.Tensor:
            return 4 * torch.rand(*size, dtype=torch.float64) - 2

        self.weights = draw(gates, self.inputs), draw(gates, 1), draw(gates), draw(gates)
        self.state, self.gradient = draw(states), draw(states)
        self.seen = draw(steps, self.inputs).requires_grad_()

    @property
    def numbers(self) -> list[float]:
        several = (*self.weights, self.state, self.gradient, self.seen)
        return [number for one in several for number in one.flatten().tolist()]

    def run(self) -> list[Step]:
        """Return all steps, with the gradients of all that has one."""
        steps = []
        h, *c = (one.requires_grad_() for one in self.state.clone().unbind())
        for x in self.seen:
            steps.append(self._gru(x, h) if self.family == "gru" else self._lstm(x, h, *c))
            h, c = steps[-1]["h_new"], [steps[-1]["c_carried"]] if c else []
        for step in steps:
            for one in step.values():
                one.retain_grad()
        loss = torch.stack([h, *c]) @ self.gradient
        loss.backward()
        return steps

    def _shares(self, x: torch.Tensor, h: torch.Tensor) -> Step:
        w_x, w_h, b_x, b_h = self.weights
        found = {}
        for k, gate in enumerate(GATES[self.family]):
            found[f"x_{gate}"] = w_x[k] @ x + b_x[k]
            # A copy of the state for each way back.
            found[f"to_{gate}"] = copy = h.clone()
            found[f"h_{gate}"] = w_h[k, 0] * copy + b_h[k]
        return found

    def _gru(self, x: torch.Tensor, h: torch.Tensor) -> Step:
        s = self._shares(x, h)
        a_r, a_z = s["x_r"] + s["h_r"], s["x_z"] + s["h_z"]
        r, z = torch.sigmoid(a_r), torch.sigmoid(a_z)
        seen = r * s["to_n"]
        if self.cell == "gru-before":
            heard = self.weights[1][2, 0] * seen + self.weights[3][2]
        else:
            heard = r * s["h_n"]
        a_n = s["x_n"] + heard
        n = torch.tanh(a_n)
        rest, to_keep = 1 - z, h.clone()
        kept, written = z * to_keep, rest * n
        found = {"a_r": a_r, "a_z": a_z, "a_n": a_n, "r": r, "z": z, "n": n, "heard": heard}
        found |= {"rest": rest, "kept": kept, "written": written, "to_keep": to_keep}
        return s | found | {"h": h, "h_new": kept + written}

    def _lstm(self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor) -> Step:
        s = self._shares(x, h)
        a = {gate: s[f"x_{gate}"] + s[f"h_{gate}"] for gate in "ifgo"}
        i, f, o = (torch.sigmoid(a[gate]) for gate in "ifo")
        g = torch.tanh(a["g"])
        kept, written = f * c, i * g
        c_new = kept + written
        # What goes on to the next step gets a gradient of its own.
        carried, shown = c_new.clone(), torch.tanh(c_new)
        found = {f"a_{gate}": one for gate, one in a.items()} | {"i": i, "f": f, "g": g, "o": o}
        found |= {"kept": kept, "written": written, "c_new": c_new, "c_carried": carried}
        return s | found | {"h": h, "c": c, "shown": shown, "h_new": o * shown}

    def layer(self) -> list[float]:
        """Return the last state that gated's or PyTorch's own cell comes to."""
        kinds: dict[str, Callable[..., nn.Module]] = {
            "gru": nn.GRUCell,
            "gru-before": partial(GRUCell, reset_after=False),
            "lstm": nn.LSTMCell,
        }
        cell = kinds[self.cell.removesuffix("-back")](self.inputs, 1).double()
        for parameter, weights in zip(cell.parameters(), self.weights, strict=True):
            parameter.data = weights
        state = self.state[:, None, None].unbind()
        for x in self.seen.detach():
            after = cell(x[None], state if len(state) > 1 else state[0])
            state = after if isinstance(after, tuple) else (after,)
        return [one.item() for one in state]


def close(value: torch.Tensor | None) -> Any:
    return pytest.approx(0.0 if value is None else value.tolist(), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("cell", ["gru", "gru-before", "lstm"])
def test_the_stepper_carries_what_torch_computes(cell: str) -> None:
    several = [Drawn(cell, seed) for seed in range(200)]
    answers = ask("unit", "run", [[cell, one.inputs, one.numbers] for one in several])
    for one, steps in zip(several, answers, strict=True):
        expected = one.run()
        assert len(steps) == len(expected)
        for step, wanted, x in zip(steps, expected, one.seen, strict=True):
            assert step["x"] == close(x)
            named = {name: value for name, value in wanted.items() if name in step}
            assert len(named) > 12
            for name, value in named.items():
                assert step[name] == close(value), (cell, name)
        last = [steps[-1][name] for name in ("h_new", "c_new") if name in steps[-1]]
        assert last == pytest.approx(one.layer(), rel=1e-12, abs=1e-12)


#: The stepper's gradients, and what autograd calls them: the gradient of which quantity.
WAYS = {
    "gru-back": {
        "keep": "to_keep",
        "candidate": "to_n",
        "reset": "to_r",
        "update": "to_z",
        **{f"d_{name}": name for name in ("h", "h_new", "n", "r", "z", "a_n", "a_r", "a_z")},
    },
    "lstm-back": {
        "d_c_sum": "c_new",
        "d_c_new": "c_carried",
        **{f"d_{name}": name for name in ("h", "h_new", "c", "i", "f", "g", "o")},
        **{f"d_a_{gate}": f"a_{gate}" for gate in "ifgo"},
    },
}


@pytest.mark.parametrize("cell", WAYS)
def test_the_stepper_goes_back_as_autograd_does(cell: str) -> None:
    several = [Drawn(cell, seed) for seed in range(200)]
    answers = ask("unit", "run", [[cell, one.inputs, one.numbers] for one in several])
    for one, steps in zip(several, answers, strict=True):
        expected = one.run()
        assert one.seen.grad is not None
        for step, wanted, d_x in zip(steps, expected, one.seen.grad, strict=True):
            assert step["d_x"] == close(d_x)
            for name, of in WAYS[cell].items():
                assert step[name] == close(wanted[of].grad), (cell, name)
            for gate in GATES[one.family]:
                value, slope = step[gate], step[f"slope_{gate}"]
                is_tanh = gate in "ng"
                assert slope == pytest.approx(1 - value**2 if is_tanh else value * (1 - value))
        if cell == "lstm-back":
            assert steps[0]["slope_c"] == pytest.approx(1 - steps[0]["shown"] ** 2)


def test_all_that_the_stepper_names_is_carried_and_said(known: Callable[[str], Any]) -> None:
    data = known("cells/cells")
    parts = {"gru": GRU_PARTS, "lstm": LSTM_PARTS, "gru-back": GRU_PATHS, "lstm-back": LSTM_PATHS}
    for name, cell in data["cells"].items():
        kind = name.removesuffix("-writes")
        example = data["examples"][cell["family"]]["running"]
        asked = [kind, len(example["inputs"]), example["numbers"]]
        (steps,) = ask("unit", "run", [asked])
        assert len(steps) == example["steps"]
        said = "|".join(step["numbers"] for step in cell["steps"])
        shown = {number["name"] for number in cell["numbers"]} | {*re.findall(r"{(\w+)}", said)}
        assert shown <= steps[0].keys(), name
        whole, *others = (step["part"] for step in cell["steps"])
        assert not whole
        assert {*others} == {*parts[kind.removesuffix("-before")]}
        for step in cell["steps"][1:]:
            # Something is lit, something dim, and what is lit has an equation.
            lit = [step["part"] in one["parts"] for one in cell["drawn"]]
            assert any(lit), name
            assert not all(lit), name
            assert "katex" in step["equation"]
            assert step["code"] or step["part"] == "input"
    keeps, writes = data["cells"]["gru"], data["cells"]["gru-writes"]
    labels = [{one["name"]: one["label"] for one in cell["numbers"]} for cell in (keeps, writes)]
    assert labels[0]["z"] == labels[1]["rest"] == "z"
    assert labels[0]["rest"] == labels[1]["z"] == f"1 {MINUS} z"


def test_the_examples_do_what_the_chapters_say(known: Callable[[str], Any]) -> None:
    examples = known("cells/cells")["examples"]

    def states(cell: str, name: str) -> list[dict[str, float]]:
        example = examples[cell.partition("-")[0]][name]
        asked = [cell, len(example["inputs"]), example["numbers"]]
        found: list[dict[str, float]] = ask("unit", "run", [asked])[0]
        return found

    latch = [step["h_new"] > 0.5 for step in states("gru", "running")]
    assert latch == [False, True, True, True, False, False, True, True]
    counter = [round(step["c_new"]) for step in states("lstm", "running")]
    assert counter == [1, 2, 2, 2, 1, 0, 1, 1, 1]  # ((a?).(b?
    (step,) = states("gru-back", "hears")
    assert step["h"] == 0.5
    assert step["d_h_new"] == 1
    assert step["keep"] > step["candidate"] > step["reset"] > 0 > step["update"]
    (step,) = states("lstm-back", "hears")
    assert (step["h"], step["c"], step["d_h_new"], step["d_c_new"]) == (0.5, 1, 1, 0.5)
    for cell in ("gru", "lstm"):
        weights = examples[cell]["drawn"]["numbers"]
        assert max(map(abs, weights)) <= 1
        assert len({*weights}) > 20


Floats = NDArray[np.float64]


def read_of(model: CharacterModel, names: str) -> Floats:
    """Return what a model goes through over the scene: (steps, values), gate by gate."""
    gates = record_gates(model.double().layer, encode(scene()).double())
    return np.concatenate([getattr(gates, name)[0, :, 0].numpy() for name in names], axis=1)


def told(values: Floats, is_there: NDArray[np.bool_]) -> Floats:
    """Return how often each value is higher where something is than elsewhere."""
    there, elsewhere = values[is_there], values[~is_there]
    statistic = mannwhitneyu(there, elsewhere, axis=0, method="asymptotic").statistic
    found: Floats = statistic / (len(there) * len(elsewhere))
    return found


def speakers() -> NDArray[np.bool_]:
    """Return which characters of the scene are of a speaker's name, which opens each speech."""
    found: list[bool] = []
    for speech in scene().split("\n\n"):
        name = speech.partition(":\n")[0]
        found += [k < len(name) for k in range(len(speech) + 2)]
    return np.array(found[: len(scene())])


@pytest.mark.parametrize(("cell", "names"), [("gru", "hzr"), ("lstm", "hcfio")])
def test_the_units_that_tell_something_are_those_of_held_out_text(
    known: Callable[[str], Any], cell: str, names: str
) -> None:
    model = known("characters")["models"][cell]
    finds = {find["label"]: find for find in model["finds"]}
    text, units = scene(), HIDDEN_SIZES[cell]
    first, second = slice(len(text) // 2), slice(len(text) // 2, None)
    trained = read_of(load(cell), names)
    torch.manual_seed(0)
    untrained = np.concatenate([read_of(CharacterModel(cell=cell), names) for _ in range(3)], 1)
    assert model["untrained"] == untrained.shape[1]

    place = [len(text[: k + 1].rpartition("\n")[2]) for k in range(len(text))]

    def along(values: Floats, part: slice) -> Floats:
        each = (spearmanr(place[part], one).statistic for one in values[part].T)
        return np.array([*each])

    def apart(is_there: NDArray[np.bool_]) -> Callable[[Floats, slice], Floats]:
        return lambda values, part: 2 * told(values[part], is_there[part]) - 1

    capital = np.array([one.isupper() for one in text])
    scores = {
        "line position": along,
        "capital letter": apart(capital),
        "vowel": apart(np.array([one in "aeiouAEIOU" for one in text])),
        "speaker's name": apart(speakers()),
    }
    for label, score in scores.items():
        find = finds[label]
        picked, known_by = score(trained, first), score(trained, second)
        best = int(np.abs(picked).argmax())
        assert (find["seen"], find["unit"]) == (names[best // units], best % units), label
        floor = (np.sign(score(untrained, first)) * score(untrained, second)).max()
        expected = [np.sign(picked[best]) * known_by[best], floor]
        if label != "line position":
            expected = [(1 + one) / 2 for one in expected]
        assert [find["score"], find["floor"]] == pytest.approx(expected, abs=0.0051), label
    assert finds["line position"]["score"] > 2 * finds["line position"]["floor"]
    assert finds["inside quotes"]["score"] < finds["inside quotes"]["floor"], "nothing was found"
