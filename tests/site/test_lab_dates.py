"""The trained models that write dates, in node, beside PyTorch, and how their widget is used."""

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from livedocs.making import program
from studies import dates
from studies.harness.provenance import ROOT

NewPage = Callable[..., Page]

#: Lets a model write what each of several sources says.
WRITE = """
import { readFileSync } from "node:fs"
const [file, packed, characters, signs, most, sources] = JSON.parse(readFileSync(0, "utf-8"))
const { EncoderDecoder } = await import(file)
const model = new EncoderDecoder(packed, characters, signs)
const written = sources.map((source) => model.write(source, most))
const plain = (one) => ({ ...one, weights: one.weights.map((row) => [...row]) })
console.log(JSON.stringify(written.map(plain)))
"""
MOST = 32


@pytest.fixture(scope="module")
def data(linked_site: Path) -> dict[str, Any]:
    """Return what the published site holds for the widget."""
    text = (linked_site / "assets" / "lab" / "data" / "dates.js").read_text("utf-8")
    start, _, found = text.partition("=")
    assert start == "lab.data['dates']"
    read: dict[str, Any] = json.loads(found)
    return read


def write(data: dict[str, Any], name: str, texts: list[str]) -> list[dict[str, Any]]:
    file = (ROOT / "lab" / "dates.ts").as_uri()
    sources = [[data["characters"].index(one) for one in text] for text in texts]
    sizes = [len(data["characters"]), len(data["signs"])]
    done = subprocess.run(
        [program("node"), "--input-type=module", "--eval", WRITE],
        input=json.dumps([file, data["models"][name], *sizes, MOST, sources]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@torch.no_grad()
@pytest.mark.parametrize("name", dates.ATTENTION)
def test_each_sign_is_that_of_torch(data: dict[str, Any], name: str) -> None:
    rng = random.Random(0)
    drawn = [dates.lines(1, rng.choice(dates.TESTED_ON), dates.HELD_OUT, rng) for _ in range(200)]
    texts = [text for ((text, _),) in drawn]
    model = dates.load(name).double()
    for text, found in zip(texts, write(data, name, texts), strict=True):
        source, lengths = dates.encode([text])
        said = model.greedy(source, lengths, dates.BEGIN, dates.END, MOST)
        assert found["signs"] == said.tokens[0, : said.lengths[0]].tolist(), text
        target = torch.tensor([[dates.BEGIN, *found["signs"]]])
        logits, weights = model(source, lengths, target)
        steps = len(found["signs"])
        chances = logits[0, :steps].softmax(-1).amax(-1)
        np.testing.assert_allclose(found["chances"], chances, atol=1e-5, rtol=0)
        if weights is None:
            assert found["weights"] == []
        else:
            np.testing.assert_allclose(found["weights"], weights[0, :steps], atol=1e-5, rtol=0)


def test_the_shares_are_those_of_the_models(data: dict[str, Any]) -> None:
    for name in dates.ATTENTION:
        model = dates.load(name)
        for count in dates.TESTED_ON:
            found = dates.right(model, count, data["tested"])
            # On another machine a digit that is all but a tie may come out otherwise.
            assert data["right"][name][str(count)] == pytest.approx(found["lines"], abs=0.01)


def test_no_model_learned_from_a_date_of_the_examples(data: dict[str, Any]) -> None:
    learned = {f"{day:%Y%m%d}" for day in dates.LEARNED}
    held_out = {f"{day:%Y%m%d}" for day in dates.HELD_OUT}
    for example in data["examples"]:
        found = [example["digits"][k : k + 8] for k in range(0, len(example["digits"]), 8)]
        assert {*found} <= held_out - learned
        assert len(example["text"].split(" and ")) == len(found)
    longest = max(len(example["digits"]) // data["digits"] for example in data["examples"])
    assert longest > max(data["trained"]), "one is longer than those of the training"


@pytest.fixture
def reader(new_page: NewPage, file_base: str) -> Locator:
    return opened(new_page(), file_base)


def opened(page: Page, base: str) -> Locator:
    page.goto(f"{base}attention.html")
    page.locator("attention-reader").scroll_into_view_if_needed()
    page.keyboard.press("Shift")  # until a reader does anything, nothing runs
    widget = page.locator("attention-reader > .lab")
    expect(widget).to_be_visible()
    return widget


def written(widget: Locator) -> dict[str, str]:
    """Return what a reader sees each model write."""
    rows = widget.locator(".lab-facts > div").all()
    return {row.locator("dt").inner_text(): row.locator("dd").inner_text() for row in rows}


def test_every_example_is_written_as_the_models_write_it(
    reader: Locator, data: dict[str, Any]
) -> None:
    for example in data["examples"]:
        reader.get_by_role("button", name=example["text"], exact=True).click()
        seen = written(reader)
        for name, title in [("attention", "With attention"), ("fixed", "With the fixed vector")]:
            (found,) = write(data, name, [example["text"]])
            digits = "".join(data["signs"][sign] for sign in found["signs"])
            assert "".join(filter(str.isdigit, seen[title])) == digits
            verdict = "right" if digits == example["digits"] else "wrong"
            assert seen[title].endswith(verdict)


def test_it_writes_digit_by_digit_and_stops_by_itself(reader: Locator) -> None:
    whole = written(reader)
    button = reader.get_by_role("button", name="Write digit by digit")
    button.click()
    assert len(written(reader)["With attention"]) < len(whole["With attention"])
    stop = reader.get_by_role("button", name="Stop")
    stop.click()
    assert written(reader) == whole
    button.click()
    expect(stop).to_have_count(0, timeout=15_000)
    slider = reader.get_by_role("slider", name="Digit", exact=True)
    assert slider.input_value() == slider.get_attribute("max")
    assert written(reader) == whole


def test_arrows_go_through_the_map(reader: Locator) -> None:
    alignment = reader.get_by_role("slider", name="The alignment")
    digit = reader.get_by_role("slider", name="Digit", exact=True)
    alignment.press("ArrowDown")
    assert digit.input_value() == "2"
    before = alignment.get_attribute("aria-valuetext")
    alignment.press("ArrowRight")
    assert digit.input_value() == "2"
    assert alignment.get_attribute("aria-valuetext") != before
    alignment.press("ArrowLeft")
    alignment.press("ArrowUp")
    assert digit.input_value() == "1"
    box = alignment.bounding_box()
    assert box
    reader.page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2)
    assert digit.input_value() == digit.get_attribute("max")
    assert alignment.evaluate("e => getComputedStyle(e).writingMode") == "vertical-lr"


def test_what_cannot_be_read_is_said(reader: Locator) -> None:
    box = reader.get_by_role("textbox")
    box.fill("July 4, 1826")
    expect(reader).to_contain_text("the models do not know it: ,")
    assert "".join(filter(str.isdigit, written(reader)["With attention"])) == "18260704"
    box.fill("é")
    expect(reader).to_contain_text("Type a date.")
    box.fill("a" * 500)
    expect(reader.get_by_role("alert")).to_have_text("Only the first 80 characters are read.")
    assert box.input_value() == "a" * 80
    box.fill("<img src=x onerror=alert(1)>")
    assert not reader.locator("img").count()


def test_a_link_carries_the_date_where_the_reader_asks_for_it(
    new_page: NewPage, file_base: str
) -> None:
    page = new_page(clipboard=True)
    reader = opened(page, file_base)
    reader.get_by_role("textbox").fill("july fourth eighteen twenty six")
    reader.get_by_role("slider", name="Digit", exact=True).press("End")
    page.wait_for_function("location.hash.includes('digit')")
    assert "text" not in page.url
    reader.get_by_role("button", name="Copy a link with this text").click()
    expect(reader).to_contain_text("The link is copied, with your text in it.")
    other = new_page()
    other.goto(page.evaluate("navigator.clipboard.readText()"))
    again = other.locator("attention-reader > .lab")
    expect(again.get_by_role("textbox")).to_have_value("july fourth eighteen twenty six")
    assert written(again) == written(reader)


def test_who_wants_nothing_to_move_gets_no_button_for_it(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    page.emulate_media(reduced_motion="reduce")
    reader = opened(page, file_base)
    expect(reader.get_by_role("button", name="Write digit by digit")).to_have_count(0)
    reader.get_by_role("slider", name="Digit", exact=True).press("End")
    expect(reader).to_contain_text("Digit 8")
