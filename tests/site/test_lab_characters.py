"""The trained models, in node and in a browser, beside PyTorch: all that a step gives."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Page
from torch import Tensor

from gated.characters import HIDDEN_SIZES, encode, load, scene
from gated.probes import record_gates
from livedocs.making import program

ROOT = Path(__file__).parents[2]
LAB = ROOT / "lab"
TEXT = scene()[:1000]
#: How far a number may be off; the LSTM's cell state, which is not held within one, grows to 18.
NEAR, NEAR_C = 1e-5, 5e-5

#: Reads a text, in WebAssembly or not, and gives all that is seen of each step.
READ = """({ Model, trace }, packed, isPlain, text, scaled = {}) => {
  const model = new Model(packed, isPlain)
  model.scaled = scaled
  const { seen, chances } = trace(model, text)
  const found = Object.entries({ ...seen, chances }).map(([name, of]) => [name, [...of]])
  return JSON.stringify([model.isFast, Object.fromEntries(found)])
}"""
IN_NODE = f"""
import {{ readFileSync }} from "node:fs"
const [file, ...question] = JSON.parse(readFileSync(0, "utf-8"))
console.log(({READ})(await import(file), ...question))
"""

#: Leaves out the characters before a place of a text, one after the other.
LEFT_OUT = """
import { readFileSync } from "node:fs"
const [[models, texts], packed, text, at, back] = JSON.parse(readFileSync(0, "utf-8"))
const { Model } = await import(models)
const { Reading, split } = await import(texts)
const reading = new Reading(new Model(packed))
reading.take(split(text, reading.model.characters).places)
while (!reading.isDone) reading.go()
const bits = new Float32Array(back)
for (const _ of reading.leaveOut(at, bits));
console.log(JSON.stringify([...bits]))
"""

Numbers = dict[str, NDArray[np.floating[Any]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the script that brings a page the weights."""
    made = tmp_path_factory.mktemp("lab")
    subprocess.run([sys.executable, LAB / "data.py", made], check=True)
    return made


def packed(folder: Path) -> dict[str, Any]:
    start, _, data = (folder / "characters.js").read_text("utf-8").partition("=")
    assert start == "lab.data['characters']"
    found: dict[str, Any] = json.loads(data)["models"]
    return found


def in_node(*arguments: str | Path, asked: object = None) -> str:
    done = subprocess.run(
        [program("node"), *arguments],
        cwd=ROOT,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def read_in_torch(cell: str) -> Numbers:
    """Return all that is seen of each step, in double precision.

    In single precision torch's own rounding, which differs between machines, would use up half of
    what a number may be off.
    """
    model, x = load(cell).double(), encode(TEXT).double()
    gates: dict[str, Tensor] = vars(record_gates(model.layer, x))
    found = {name: of[0, :, 0] for name, of in gates.items()}
    with torch.no_grad():
        found["chances"] = model(x)[0][:, 0].softmax(-1)
    return {name: of.numpy() for name, of in found.items()}


def assert_as_in_torch(found: dict[str, list[float]], cell: str) -> None:
    exact = read_in_torch(cell)
    assert found.keys() == exact.keys()
    for name, several in found.items():
        numbers = np.reshape(several, (len(TEXT), -1))
        assert numbers.shape == exact[name].shape
        by = NEAR_C if name == "c" else NEAR
        np.testing.assert_allclose(numbers, exact[name], atol=by, rtol=0, err_msg=name)


@pytest.mark.parametrize("is_plain", [False, True], ids=["WebAssembly", "JavaScript"])
@pytest.mark.parametrize("cell", HIDDEN_SIZES)
def test_each_step_is_that_of_torch(folder: Path, cell: str, is_plain: bool) -> None:
    asked = [(LAB / "characters.ts").as_uri(), packed(folder)[cell], is_plain, TEXT]
    answer = in_node("--input-type=module", "--eval", IN_NODE, asked=asked)
    is_fast, found = json.loads(answer)
    assert is_fast == (not is_plain)
    assert_as_in_torch(found, cell)


def test_so_it_is_on_a_page_in_the_file_system(new_page: Callable[..., Page], folder: Path) -> None:
    esbuild = ROOT / "node_modules" / "esbuild" / "bin" / "esbuild"
    options = ["--bundle", "--minify", "--global-name=models", f"--outfile={folder}/models.js"]
    in_node(esbuild, LAB / "characters.ts", "--log-level=error", *options)
    scripts = "<script src=characters.js></script><script src=models.js></script>"
    html = f"<!doctype html><script>const lab = {{ data: {{}} }}</script>{scripts}"
    (folder / "page.html").write_text(html, "utf-8")
    page = new_page()
    page.goto((folder / "page.html").as_uri())
    for cell in HIDDEN_SIZES:
        ask = f"([cell, text]) => ({READ})(models, lab.data.characters.models[cell], false, text)"
        is_fast, found = json.loads(page.evaluate(ask, [cell, TEXT]))
        assert is_fast
        assert_as_in_torch(found, cell)


@torch.no_grad()
def stepped(cell: str, text: str, scaled: dict[str, float]) -> Numbers:
    """Return what each step of a model gives by the equations, with gates that are scaled."""
    layer, x = load(cell).double().layer, encode(text).double()[:, 0]
    weight, recurrent, bias, recurrent_bias = layer.parameters()

    def gate(name: str, scores: Tensor) -> Tensor:
        return (scores.sigmoid() * scaled[name]).clamp(max=1)

    h = c = weight.new_zeros(layer.hidden_size)
    found: dict[str, list[Tensor]] = {name: [] for name in ("h", *scaled)}
    for inputs in x @ weight.T + bias:
        u = recurrent @ h + recurrent_bias
        if cell == "gru":
            (xr, xz, xn), (ur, uz, un) = inputs.chunk(3), u.chunk(3)
            gates = {"r": gate("r", xr + ur), "z": gate("z", xz + uz)}
            h = (1 - gates["z"]) * (xn + gates["r"] * un).tanh() + gates["z"] * h
        else:
            i, f, g, o = (inputs + u).chunk(4)
            gates = {"i": gate("i", i), "f": gate("f", f), "o": gate("o", o)}
            c = gates["f"] * c + gates["i"] * g.tanh()
            h = gates["o"] * c.tanh()
        for name, values in {"h": h, **gates}.items():
            found[name].append(values)
    return {name: torch.stack(several).numpy() for name, several in found.items()}


@pytest.mark.parametrize(
    "scaled",
    [
        {"r": 0.4, "z": 1.3},
        {"r": 1.7, "z": 0.0},
        {"i": 0.3, "f": 0.9, "o": 1.8},
        {"i": 1.9, "f": 0.6, "o": 0.5},
    ],
)
def test_gates_that_are_scaled_do_what_the_equations_say(
    folder: Path, scaled: dict[str, float]
) -> None:
    cell, text = "gru" if "z" in scaled else "lstm", TEXT[:200]
    asked = [(LAB / "characters.ts").as_uri(), packed(folder)[cell], False, text, scaled]
    _, found = json.loads(in_node("--input-type=module", "--eval", IN_NODE, asked=asked))
    for name, exact in stepped(cell, text, scaled).items():
        numbers = np.reshape(found[name], (len(text), -1))
        np.testing.assert_allclose(numbers, exact, atol=NEAR_C, rtol=0, err_msg=name)


@pytest.mark.parametrize("cell", HIDDEN_SIZES)
def test_what_a_character_counts_for_is_what_torch_expects_without_it(
    folder: Path, cell: str
) -> None:
    at, back = 171, 12
    files = [(LAB / name).as_uri() for name in ("characters.ts", "text.ts")]
    asked = [files, packed(folder)[cell], TEXT, at, back]
    found = json.loads(in_node("--input-type=module", "--eval", LEFT_OUT, asked=asked))
    model, next_one = load(cell).double(), encode(TEXT[at + 1]).argmax()

    @torch.no_grad()
    def taken(text: str) -> float:
        return float(model(encode(text).double())[0][-1, 0].log_softmax(-1)[next_one])

    whole = taken(TEXT[: at + 1])
    expected = [
        (whole - taken(TEXT[: at - left] + TEXT[at - left + 1 : at + 1])) / np.log(2)
        for left in range(back)
    ]
    np.testing.assert_allclose(found, expected, atol=2e-3)
