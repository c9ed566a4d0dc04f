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
READ = """({ Model, trace }, packed, isPlain, text) => {
  const model = new Model(packed, isPlain)
  const { seen, chances } = trace(model, text)
  const found = Object.entries({ ...seen, chances }).map(([name, of]) => [name, [...of]])
  return JSON.stringify([model.isFast, Object.fromEntries(found)])
}"""
IN_NODE = f"""
import {{ readFileSync }} from "node:fs"
const [file, ...question] = JSON.parse(readFileSync(0, "utf-8"))
console.log(({READ})(await import(file), ...question))
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
