"""How many characters a second the lab's models read, with SIMD in WebAssembly and without.

Node runs them as a browser would.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gated.characters import scene
from livedocs.making import program

from .measure import ROOT, Row

#: How much faster than plain JavaScript it must be.
FASTER = 2.5
TURNS = 41

#: Gives the middle of the speeds over a text, each way in turn.
ASK = """
import { readFileSync } from "node:fs"
const [file, packed, text, turns] = JSON.parse(readFileSync(0, "utf-8"))
const { Model } = await import(file)
const models = [new Model(packed), new Model(packed, true)]
const places = models[0].places(text)
const speeds = [[], []]
for (let turn = 0; turn < turns; turn++) {
  models.forEach((model, at) => {
    const start = performance.now()
    for (const place of places) model.step(place)
    speeds[at].push((1000 * places.length) / (performance.now() - start))
  })
}
console.log(JSON.stringify(speeds.map((all) => all.sort((a, b) => a - b)[(turns - 1) / 2])))
"""


def rows() -> Iterator[Row]:
    """Measure each cell."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, ROOT / "lab" / "data.py", folder], check=True)
        _, _, data = Path(folder, "characters.js").read_text("utf-8").partition("=")
    for cell, packed in json.loads(data)["models"].items():
        fast, plain = _speeds(packed)
        yield Row(
            f"characters a second, {cell.upper()} of {packed['units']}",
            f"{fast:,.0f}",
            f"{plain:,.0f}",
            fast / plain,
            "x",
            FASTER,
            compared="the same model with its matrix products in plain JavaScript",
            at_least=True,
        )


def _speeds(packed: dict[str, Any]) -> tuple[float, float]:
    """Return how many characters are read in a second, in WebAssembly and in JavaScript."""
    file = (ROOT / "lab" / "characters.ts").as_uri()
    done = subprocess.run(
        [program("node"), "--input-type=module", "--eval", ASK],
        input=json.dumps([file, packed, scene()[:1000], TURNS]),
        capture_output=True,
        text=True,
        check=True,
    )
    fast, plain = json.loads(done.stdout)
    return fast, plain
