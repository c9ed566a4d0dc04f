"""How many characters a second the lab's models read, and how long its page lets a reader wait.

Node runs the models with SIMD in WebAssembly and without; Chromium runs the page.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

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
#: So long a text the lab reads, and so long in milliseconds it may keep the page from all else.
LONGEST, BLOCKS, FRAME = 10_000, 50.0, 8.0
#: Pastes a text; gives the longest time in which the page could do nothing else, in milliseconds,
#: and the whole time, until both models have read it.
PASTE = """async ([lab, text]) => {
  const gates = lab.querySelector(".lab-gates")
  const { port1, port2 } = new MessageChannel()
  let last = performance.now(), longest = 0
  port1.onmessage = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    port2.postMessage(0)
  }
  const box = lab.querySelector("textarea")
  box.value = text
  const start = performance.now()
  port2.postMessage(0)
  box.dispatchEvent(new Event("input", { bubbles: true }))
  box.dispatchEvent(new Event("change", { bubbles: true }))
  do await new Promise((done) => setTimeout(done))
  while (gates.getAttribute("aria-busy") !== "false")
  port1.close()
  return [longest, performance.now() - start]
}"""
#: Goes step by step through the text; gives the work that each step takes, layout included.
DRAG = """([lab, slider]) => {
  const work = []
  for (let at = 1; at <= 200; at++) {
    const start = performance.now()
    slider.value = String(at)
    slider.dispatchEvent(new Event("input", { bubbles: true }))
    lab.getBoundingClientRect()
    work.push(performance.now() - start)
  }
  return work
}"""


def rows() -> Iterator[Row]:
    """Measure each cell, then the page."""
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
    blocked, whole, frame = _page()
    nothing = "nothing: in Chromium, {}"
    for what, took, bar, where in (
        (f"{LONGEST:,} characters, both: longest block", blocked, BLOCKS, "from paste to read"),
        ("one step of a drag, both maps", frame, FRAME, "the middle of 200, with layout"),
    ):
        compared = nothing.format(where)
        yield Row(what, f"{took:.1f} ms", "0 ms", took, " ms", bar, compared=compared)
    speed = 1000 * LONGEST / whole
    yield Row(
        "characters a second, through both, in Chromium",
        f"{speed:,.0f}",
        "-",
        speed / 20_000,
        "x",
        1,
        compared="20,000 a second, with all that the page does meanwhile",
        at_least=True,
    )


def _page() -> tuple[float, float, float]:
    """Return the longest block and the whole time of a long text, and the work of a drag's step.

    The best of five for the first two. In milliseconds.
    """
    file = ROOT / "site" / "lab.html"
    if not file.is_file():
        raise RuntimeError("there is no site/lab.html to measure: run `make site` first")
    text = (scene() * (LONGEST // len(scene()) + 1))[:LONGEST]
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(file.as_uri())
        page.locator("gate-lab").scroll_into_view_if_needed()
        page.keyboard.press("Shift")  # until a reader does anything, nothing runs
        lab = page.locator("gate-lab > .lab")
        lab.locator(".lab-gates[aria-busy=false]").wait_for()
        slider = lab.get_by_role("slider", name="Place in the text").element_handle()
        work = page.evaluate(DRAG, [lab.element_handle(), slider])
        pasted = []
        for turn in range(5):
            another = text[turn:] + text[:turn]
            pasted.append(page.evaluate(PASTE, [lab.element_handle(), another]))
        browser.close()
    return min(block for block, _ in pasted), min(whole for _, whole in pasted), median(work)


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
