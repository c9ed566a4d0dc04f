"""The gate lab as a reader uses it: on any text, by pointer and keys, with gates that are held."""

import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, Route, expect
from torch import Tensor

from gated.characters import CHARACTERS, HIDDEN_SIZES, encode, load, scene
from gated.probes import record_gates

NewPage = Callable[..., Page]

PAGE = "lab.html"
#: So many characters are read, and so many are a page of the maps.
LONGEST, COLUMNS = 10_000, 160


@pytest.fixture
def lab(new_page: NewPage, file_base: str) -> Locator:
    return opened(new_page(), file_base + PAGE)


def opened(page: Page, address: str) -> Locator:
    page.goto(address)
    page.locator("gate-lab").scroll_into_view_if_needed()
    page.keyboard.press("Shift")  # until a reader does anything, nothing runs
    widget = page.locator("gate-lab > .lab")
    is_read(widget)
    return widget


def is_read(widget: Locator) -> None:
    expect(widget.locator(".lab-gates")).to_have_attribute("aria-busy", "false", timeout=60_000)


def write(widget: Locator, text: str) -> None:
    widget.get_by_role("textbox", name="Your text").fill(text)
    is_read(widget)


def bits(widget: Locator) -> dict[str, float]:
    """Return how many bits a character takes, by cell."""
    facts = widget.locator(".lab-facts").first
    found = re.findall(r"(GRU|LSTM), for a character\s+([\d.]+) bits", facts.inner_text())
    return {cell.lower(): float(said) for cell, said in found}


def in_torch(cell: str, text: str) -> tuple[dict[str, Tensor], float]:
    """Return what a model goes through over a text, and the bits that a character takes."""
    model, x = load(cell).double(), encode(text).double()
    gates: dict[str, Tensor] = vars(record_gates(model.layer, x))
    with torch.no_grad():
        chances = model(x)[0][:-1].softmax(-1)
    return {name: of[0, :, 0] for name, of in gates.items()}, float(
        -chances[x[1:] > 0].log2().mean()
    )


def test_it_begins_with_the_scene_and_guesses_as_well_as_torch(lab: Locator) -> None:
    assert lab.get_by_role("textbox", name="Your text").input_value() == scene()
    found = bits(lab)
    assert found.keys() == HIDDEN_SIZES.keys()
    for cell, said in found.items():
        _, expected = in_torch(cell, scene())
        assert said == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_maps_are_painted_in_the_colors_that_the_legend_names(
    new_page: NewPage, file_base: str, scheme: str
) -> None:
    lab = opened(new_page(scheme=scheme), file_base + PAGE)
    for number in range(lab.locator("canvas").count()):
        inks, pixels = (
            lab.locator("canvas")
            .nth(number)
            .evaluate(
                """canvas => {
                    const style = getComputedStyle(document.body);
                    const inks = ["--fig-keep", "--fig-write"].map(
                        name => style.getPropertyValue(name));
                    const { width, height } = canvas;
                    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
                    const pixels = [];
                    for (let k = 0; k < data.length; k += 4)
                        if (data[k + 3] > 200) pixels.push([...data.slice(k, k + 3)]);
                    return [inks, pixels];
                }"""
            )
        )
        known = [bytes.fromhex(ink.strip().removeprefix("#")) for ink in inks]
        # A canvas keeps colors times their opacity, which costs the last digit.
        found = {
            ink
            for pixel in pixels
            for ink in known
            if all(abs(one - other) <= 2 for one, other in zip(ink, pixel, strict=True))
        }
        assert found == {*known}


def test_the_table_holds_each_unit_at_the_step_as_torch_has_it(lab: Locator) -> None:
    text = "MIRA:\nIs it you?\n"
    write(lab, text)
    place = lab.get_by_role("slider", name="Place in the text")
    place.press("Home")
    for _ in range(8):
        place.press("ArrowRight")
    for gru, lstm in (("z", "c"), ("r", "f")):
        lab.get_by_label("The map of the GRU").select_option(gru)
        lab.get_by_label("The map of the LSTM").select_option(lstm)
        rows = lab.get_by_role("table", name="All units at 9 of 17: space").get_by_role("row")
        said = [row.split("\t") for row in rows.all_inner_texts()[1:]]
        for column, (cell, name) in enumerate((("gru", gru), ("lstm", lstm)), 1):
            expected = in_torch(cell, text)[0][name][8].tolist()
            found = [
                float(row[column].replace("\N{MINUS SIGN}", "-")) for row in said if row[column]
            ]
            assert found == pytest.approx(expected, abs=0.006)


def test_what_the_models_do_not_know_is_shown_as_such(lab: Locator) -> None:
    write(lab, "Ab é1\tcd")
    said = lab.get_by_text("Not read, for the models do not know them:")
    expect(said).to_have_text(re.compile("them: é 1 tab"))
    expect(lab.get_by_text("8 characters")).to_be_visible()
    expect(lab.locator(".lab-signs s").first).to_have_text("é")
    marked = lab.locator(".lab-gru .lab-signs s").all_text_contents()
    assert marked == ["é", "1", "\t"]
    known, expected = bits(lab), "Ab cd"
    for cell, found in known.items():
        assert found == pytest.approx(in_torch(cell, expected)[1], abs=0.006)
    for text in ("é", ""):
        write(lab, text)
        expect(lab.locator(".lab-facts").first).to_contain_text("nothing to guess")
    lab.get_by_role("button", name="Put the scene back").click()
    assert lab.get_by_role("textbox", name="Your text").input_value() == scene()


def test_the_longest_text_is_read_to_its_end(lab: Locator) -> None:
    text = (scene() * 2)[:LONGEST]
    box = lab.get_by_role("textbox", name="Your text")
    box.evaluate(
        """(box, text) => {
            box.value = text;
            box.dispatchEvent(new Event("input", {bubbles: true}));
        }""",
        text + "more",
    )
    is_read(lab)
    assert box.input_value() == text
    for cell, said in bits(lab).items():
        assert said == pytest.approx(in_torch(cell, text)[1], abs=0.006)
    over = lab.get_by_role("slider", name="Time, over the maps")
    over.press("End")
    expect(over).to_have_attribute("aria-valuetext", re.compile("^10,000 of 10,000: "))


def test_time_goes_by_pointer_and_by_keys_beyond_a_page(lab: Locator) -> None:
    over = lab.get_by_role("slider", name="Time, over the maps")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box

    def at() -> int:
        said = re.match(r"[\d,]+", over.get_attribute("aria-valuetext") or "")
        assert said
        return int(said[0].replace(",", ""))

    def x(column: int) -> float:
        assert box
        return box["x"] + box["width"] * (column + 0.5) / COLUMNS

    mouse = lab.page.mouse
    for column in (0, 40, COLUMNS - 1):
        mouse.move(x(column), box["y"] + box["height"] / 4)
        assert at() == column + 1
    mouse.down()
    mouse.move(x(80), box["y"] + box["height"] * 3 / 4, steps=4)
    mouse.up()
    assert at() == 81
    mouse.move(0, 0)
    for key, place in {
        "ArrowRight": 82,
        "ArrowLeft": 81,
        "PageUp": 81 + COLUMNS,
        "ArrowUp": 82 + COLUMNS,
        "PageDown": 82,
        "End": len(scene()),
        "Home": 1,
    }.items():
        over.press(key)
        assert at() == place
    over.press("PageUp")
    over.press("ArrowLeft")  # back over the edge of a page
    assert at() == COLUMNS
    shown = lab.locator(".lab-here").first
    assert shown.text_content() == scene()[COLUMNS - 1].replace("\n", "↵\n")


def test_a_gate_that_is_held_changes_what_is_remembered_and_guessed(lab: Locator) -> None:
    free = bits(lab)
    for cell, name, value in (("GRU", "z", "1"), ("LSTM", "f", "0")):
        expected = lab.get_by_role("table", name=f"Next, says the {cell}").inner_text()
        lab.get_by_label(f"Hold or scale, in the {cell}").select_option(name + value)
        is_read(lab)
        side = lab.locator(f".lab-{cell.lower()}").first
        expect(side.locator(".lab-unit div").filter(has_text=name)).to_have_text(
            re.compile(rf"{name}\s*{value}\.00")
        )
        assert lab.get_by_role("table", name=f"Next, says the {cell}").inner_text() != expected
        said = lab.locator(".lab-facts").first
        expect(said).to_contain_text(f"{free[cell.lower()]:.2f} as trained")
        assert bits(lab)[cell.lower()] > free[cell.lower()]
    lab.get_by_role("button", name="Start again").click()
    is_read(lab)
    assert bits(lab) == free


def test_what_both_write_hangs_on_seed_and_temperature_and_a_link_gives_it_again(
    lab: Locator, new_page: NewPage
) -> None:
    tick = lab.get_by_role("checkbox", name="Let both write on from here")
    tick.check()

    def written(widget: Locator) -> list[str]:
        texts = widget.locator("p.lab-signs").all_text_contents()
        assert [len(text) for text in texts] == [120, 120]
        return texts

    first = written(lab)
    assert first[0] != first[1]
    seed = lab.get_by_label("Seed, exactly")
    seed.fill("7")
    seed.press("Enter")
    other = written(lab)
    assert other != first
    lab.get_by_role("slider", name="Temperature").press("End")
    assert written(lab) != other
    lab.page.wait_for_function("location.hash.includes('temperature')")
    again = opened(new_page(), lab.page.url)
    assert written(again) == written(lab)


def test_what_the_page_says_of_gates_that_are_held_is_so(lab: Locator) -> None:
    held = lab.get_by_label("Hold or scale, in the GRU")
    found = {}
    for name in ("none", "z0", "r0", "r1"):
        held.select_option(name)
        is_read(lab)
        found[name] = bits(lab)["gru"]
    uniform = math.log2(len(CHARACTERS))
    assert found["none"] < found["z0"] < found["r0"] < uniform < found["r1"]


def test_a_gate_is_scaled_by_a_factor_and_by_one_it_is_as_trained(lab: Locator) -> None:
    free = bits(lab)
    lab.get_by_label("Hold or scale, in the LSTM").select_option("ox")
    factor = lab.get_by_role("slider", name="o of the LSTM, times")
    expect(factor).to_have_value("0.5")
    is_read(lab)
    scaled = bits(lab)
    assert scaled["lstm"] > free["lstm"] + 0.1
    assert scaled["gru"] == free["gru"]
    value = lab.locator(".lab-lstm .lab-unit div").filter(has_text="o")
    assert 0 < float(value.locator("dd").inner_text()) <= 0.5
    for _ in range(5):
        factor.press("ArrowRight")
    expect(factor).to_have_attribute("aria-valuetext", "1.0")
    is_read(lab)
    assert bits(lab) == free


def test_a_link_that_holds_a_gate_tells_the_bits_as_trained_too(
    lab: Locator, new_page: NewPage, file_base: str
) -> None:
    free = bits(lab)["lstm"]
    held = opened(new_page(), f"{file_base}{PAGE}#gate-lab.heldLSTM=f0")
    expect(held.locator(".lab-facts").first).to_contain_text(f"{free:.2f} as trained")


def test_the_text_shows_what_its_characters_count_for(lab: Locator) -> None:
    write(lab, "The gate is shut. The gate is")
    lab.get_by_role("slider", name="Place in the text").press("End")
    lab.get_by_role("checkbox", name="how far back").check()
    is_read(lab)
    for cell in HIDDEN_SIZES:
        side = lab.locator(f".lab-{cell}").first
        said = re.search(r"Nine tenths of what counts lie in the last (\d+)\.", side.inner_text())
        assert said
        shares = side.locator(".lab-signs span").evaluate_all(
            "all => all.map(e => parseFloat(e.style.getPropertyValue('--share')))"
        )
        assert shares[-1] > 0
        last = int(said[1])
        assert max(shares[-last:]) == max(shares)
    # Where the reader is at the start, there is nothing before it.
    lab.get_by_role("slider", name="Place in the text").press("Home")
    is_read(lab)
    side = lab.locator(".lab-gru").first
    expect(side).to_contain_text("in the last 1.")


def test_a_unit_that_tells_something_is_gone_to(lab: Locator) -> None:
    for cell, title in (("gru", "GRU"), ("lstm", "LSTM")):
        table = lab.get_by_role("table", name=f"Units of the {title} by what they tell")
        for button in table.get_by_role("button").all()[1:]:
            named = re.match(
                r"(\w) (\d+): .* \d\.\d\d; best of [\d,]+ untrained \d\.\d\d$",
                button.get_attribute("aria-label") or "",
            )
            assert named
            button.press("Enter")
            expect(button).to_have_attribute("aria-pressed", "true")
            expect(lab.get_by_label(f"The map of the {title}")).to_have_value(named[1])
            expect(lab.get_by_label(f"Unit of the {title}, exactly")).to_have_value(named[2])
        expect(lab.locator(f".lab-{cell} .lab-none")).not_to_have_count(0)


def test_the_tour_leads_to_its_widgets_and_back(new_page: NewPage, base: str) -> None:
    page = new_page(width=390)
    page.goto(base + PAGE)
    links = page.locator("a.widget-step")
    expect(links).to_have_count(6)
    expect(page.locator(".lab")).to_have_count(0)
    heard = ""
    for number in range(6):
        link = links.nth(number)
        led = link.evaluate("link => link.hash")
        widget = page.locator(f"{led[1:].partition('.')[0]} > .lab")
        for way in ("first", "again"):
            link.press("Enter")
            expect(widget, way).to_be_focused()
            box = widget.bounding_box()
            assert box
            assert 0 < box["y"] < 200, "below the head of the page"
            expect(page.get_by_role("alert")).to_have_count(0)
            expect(page.locator(".lab-said")).not_to_have_text(heard)
            widget.get_by_role("button", name="Back to the text").press("Enter")
            expect(link).to_be_focused()
        heard = page.locator(".lab-said").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.go_back()
    expect(page.locator("gate-lab > .lab")).to_be_focused()
    expect(page.get_by_role("checkbox", name="how far back")).to_be_checked()


def test_the_units_of_the_tour_are_those_that_the_table_names(
    new_page: NewPage, file_base: str
) -> None:
    page = new_page()
    page.goto(file_base + PAGE)
    page.get_by_role("link", name="Ask what a unit means.").press("Enter")
    lab = page.locator("gate-lab > .lab")
    is_read(lab)
    for title in ("GRU", "LSTM"):
        table = lab.get_by_role("table", name=f"Units of the {title} by what they tell")
        unit = table.get_by_role("row", name="line position").get_by_role("button").inner_text()
        expect(lab.get_by_label(f"Unit of the {title}, exactly")).to_have_value(unit.split()[1])


def test_the_small_lab_of_a_chapter_has_one_model(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    lab = opened(page, file_base + "reading.html")
    assert bits(lab).keys() == {"gru"}
    expect(lab.locator("canvas")).to_have_count(1)
    expect(lab.get_by_role("checkbox")).to_have_count(0)
    expect(lab.get_by_label("Hold or scale")).to_have_count(0)
    table = lab.get_by_role("table", name="All units at")
    expect(table.get_by_role("columnheader")).to_have_text(["Unit", "GRU, h"])
    page.get_by_role("link", name="Unit 27").press("Enter")
    expect(lab).to_be_focused()
    expect(lab.get_by_label("The map of the GRU")).to_have_value("r")
    expect(lab.get_by_label("Unit of the GRU, exactly")).to_have_value("27")
    assert "LSTM" not in lab.inner_text()


def test_a_link_carries_the_text_where_the_reader_asks_for_it(
    new_page: NewPage, file_base: str
) -> None:
    page = new_page(clipboard=True)
    lab = opened(page, file_base + PAGE)
    copying = lab.get_by_role("button", name="Copy a link with this text")
    expect(copying).to_have_count(0)  # it is the site's own
    text = "A & B = 100%?\n#one\n\tEnd+é"
    write(lab, text)
    lab.get_by_role("slider", name="Place in the text").press("End")
    copying.click()
    expect(lab).to_contain_text("The link is copied, with your text in it.")
    link = page.evaluate("navigator.clipboard.readText()")
    page.wait_for_timeout(400)
    assert "text" not in page.url, "the page's own link holds it no more than before"

    other = new_page()
    again = opened(other, link)
    assert again.get_by_role("textbox", name="Your text").input_value() == text
    said = "aria-valuetext"
    places = [one.get_by_role("slider", name="Place in the text") for one in (lab, again)]
    assert places[0].get_attribute(said) == places[1].get_attribute(said)
    # From an edit on it is the reader's, and in no link.
    write(again, "Mine.")
    again.get_by_role("slider", name="Place in the text").press("Home")
    other.wait_for_function("!location.hash.includes('text')")

    write(lab, "x" * 2001)
    copying.click()
    expect(lab.get_by_role("alert")).to_have_text(
        "A link holds up to 2,000 characters of text, not 2,001."
    )
    damaged = opened(new_page(), f"{file_base}{PAGE}#gate-lab.text={'x' * 2001}")
    expect(damaged.get_by_role("alert")).to_have_text(
        re.compile("^The link says gate-lab.text=x+…")
    )
    assert damaged.get_by_role("textbox", name="Your text").input_value() == scene()


def test_a_text_stays_on_the_page_and_out_of_the_link(lab: Locator, new_page: NewPage) -> None:
    secret = "What only I know.\n"
    write(lab, secret)
    lab.get_by_role("slider", name="Place in the text").press("Home")
    lab.page.wait_for_function("location.hash.length > 1")
    lab.page.wait_for_timeout(400)
    assert "only" not in lab.page.url
    other = opened(new_page(), lab.page.url)
    assert other.get_by_role("textbox", name="Your text").input_value() == scene()


@pytest.mark.parametrize("damage", ["missing", "cut", "short"])
def test_without_its_weights_it_says_so_and_the_figure_stays(
    browser: Browser, file_base: str, linked_site: Path, damage: str
) -> None:
    weights = (linked_site / "assets" / "lab" / "data" / "characters.js").read_text("utf-8")
    bodies = {
        "cut": weights[: len(weights) // 2],
        "short": re.sub(r'("weights":"[^"]{800})[^"]*', r"\1", weights),
    }

    def answer(route: Route) -> None:
        if damage == "missing":
            route.abort()
        else:
            route.fulfill(body=bodies[damage], content_type="text/javascript")

    page = browser.new_page()  # that they are damaged is an error of the page's
    page.route("**/characters.js", answer)
    page.goto(file_base + PAGE)
    page.locator("gate-lab").scroll_into_view_if_needed()
    page.keyboard.press("Shift")
    alert = page.locator("gate-lab").get_by_role("alert")
    why = "damaged" if damage == "short" else "did not come"
    expect(alert).to_have_text(re.compile(why))
    expect(page.locator("gate-lab > figure")).to_be_visible()
    page.close()
