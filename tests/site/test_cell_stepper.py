"""What a reader does with the stepper of cells."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from gated.figures.sheet import MINUS

NewPage = Callable[..., Page]
TAG = "cell-stepper"
PHONE = 360
#: More than the time for which a part plays, in ms.
PART = 2000


def open_at(page: Page, address: str, number: int = 0) -> Locator:
    page.goto(address)
    page.locator(TAG).nth(number).scroll_into_view_if_needed()
    page.keyboard.press("Shift")  # until a reader does anything, nothing runs
    widget = page.locator(TAG).nth(number).locator("> .lab")
    widget.wait_for()
    return widget


def where(widget: Locator) -> str:
    return widget.get_by_role("slider").get_attribute("aria-valuetext") or ""


def numbers(widget: Locator) -> dict[str, str]:
    """Return what stands on the lines, by the names that are heard, with a plain hyphen."""
    heard = widget.get_by_role("img").get_attribute("aria-label") or ""
    pairs = heard.partition(" in color. ")[2].removesuffix(".").split("; ")
    found = dict(pair.split(" is ") for pair in pairs)
    assert widget.locator("svg > text").all_text_contents() == [*found.values()]
    return {name.replace(MINUS, "-"): value for name, value in found.items()}


def press(widget: Locator, name: str) -> None:
    widget.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize(
    ("page_name", "number", "cell", "example"),
    [
        ("gru", 0, "GRU", "The latch"),
        ("lstm", 0, "LSTM", "The counter"),
        ("backprop", 0, "GRU, backward", "One step that hears the state alone"),
        ("backprop", 1, "LSTM, backward", "One step that hears the state alone"),
    ],
)
def test_each_chapter_begins_with_its_own_cell(
    new_page: NewPage, file_base: str, page_name: str, number: int, cell: str, example: str
) -> None:
    widget = open_at(new_page(), f"{file_base}{page_name}.html", number)
    expect(widget.get_by_role("radio", name=cell, exact=True)).to_be_checked()
    chosen = widget.get_by_label("Example").locator("option:checked")
    expect(chosen).to_have_text(re.compile(rf"\s*{example}\s*"))
    expect(widget.get_by_role("alert")).to_have_count(0)
    assert "the whole step" in where(widget) or "all ways back" in where(widget)


def test_part_by_part_drawing_equation_and_code_light_up(new_page: NewPage, file_base: str) -> None:
    widget = open_at(new_page(), f"{file_base}gru.html")
    assert where(widget) == "Time step 2 of 8: the whole step"
    lit, equation = widget.locator(".lab-code .lab-lit"), widget.locator(".formula")
    expect(lit).to_have_count(0)
    expect(equation).to_have_count(0)
    for title, code, in_color in [
        ("the reset gate", "r = sigmoid(x_r + h_r)", "0.98"),
        ("the update gate", "z = sigmoid(x_z + h_z)", "0.02"),
        ("the candidate", "n = tanh(x_n + r * h_n)", "1.00"),
        ("the blend", "return lerp(n, h, z)  # (1 - z) * n + z * h", "0.98"),
    ]:
        press(widget, "Forward")
        assert where(widget) == f"Time step 2 of 8: {title}"
        expect(lit).to_have_text([code])
        expect(equation).to_be_visible()
        assert in_color in widget.locator("svg > text.lab-lit").all_text_contents()
        assert widget.locator("svg > text:not(.lab-lit)").count()
    # The state goes on.
    after = numbers(widget)["h t"]
    press(widget, "Forward")
    assert where(widget) == "Time step 3 of 8: the whole step"
    assert numbers(widget)["h t-1"] == after == "0.98"
    press(widget, "Next time step")
    assert where(widget).startswith("Time step 4 of 8")
    press(widget, "Back")
    assert where(widget) == "Time step 3 of 8: the blend"


def test_the_way_back_goes_from_the_last_step_to_the_first(
    new_page: NewPage, file_base: str
) -> None:
    link = f"{file_base}gru.html#{TAG}.cell=lstm-back&{TAG}.at=0"
    widget = open_at(new_page(), link)
    assert where(widget) == "Time step 9 of 9: all ways back"
    leaving = numbers(widget)
    press(widget, "Next time step")
    assert where(widget) == "Time step 8 of 9: all ways back"
    arriving = numbers(widget)
    assert arriving["δh t"] == leaving["δh t-1"]
    assert arriving["δc t"] == leaving["δc t-1"]
    # Back from the first part is the last part of all.
    widget.get_by_role("slider").press("Home")
    press(widget, "Back")
    assert where(widget) == "Time step 1 of 9: to the input"
    press(widget, "Forward")
    assert where(widget) == "Time step 9 of 9: all ways back"


def test_it_plays_when_asked_until_it_is_stopped_or_over(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    page.clock.install()
    widget = open_at(page, f"{file_base}lstm.html")
    page.clock.run_for(5 * PART)
    assert where(widget) == "Time step 2 of 9: the whole step", "nothing moves by itself"
    press(widget, "Play")
    page.clock.run_for(PART)
    moved = where(widget)
    assert moved == "Time step 2 of 9: the input gate"
    press(widget, "Stop")
    page.clock.run_for(5 * PART)
    assert where(widget) == moved
    press(widget, "Play")
    press(widget, "Back")  # who goes by hand has stopped it
    moved = where(widget)
    page.clock.run_for(5 * PART)
    assert where(widget) == moved

    widget.get_by_role("slider").press("End")
    widget.get_by_role("slider").press("ArrowLeft")
    press(widget, "Play")
    assert where(widget) == "Time step 9 of 9: the output"
    expect(widget.get_by_role("button", name="Play")).to_be_visible()
    page.clock.run_for(5 * PART)
    assert where(widget) == "Time step 9 of 9: the output"
    press(widget, "Play")  # from the start again
    assert where(widget) == "Time step 1 of 9: the whole step"
    page.clock.run_for(PART)
    assert where(widget) == "Time step 1 of 9: the forget gate"


def test_who_wants_no_motion_is_offered_none(browser: Browser, file_base: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    widget = open_at(context.new_page(), f"{file_base}gru.html")
    expect(widget.get_by_role("button", name="Forward")).to_be_visible()
    expect(widget.get_by_role("button", name="Play")).to_have_count(0)
    context.close()


def test_z_writes_at_a_switch_and_nothing_else_changes(new_page: NewPage, file_base: str) -> None:
    widget = open_at(new_page(), f"{file_base}gru.html#{TAG}.at=7")
    keeps = numbers(widget)
    equation = widget.locator(".formula .katex-html")
    expect(equation).to_have_text(re.compile("^z"))
    widget.get_by_role("checkbox", name="z writes").check()
    writes = numbers(widget)
    assert (writes.pop("z"), writes.pop("1 - z")) == (keeps.pop("1 - z"), keeps.pop("z"))
    assert writes == keeps
    expect(equation).to_have_text(re.compile(f"^1{MINUS}z"))
    expect(widget).to_contain_text("In the code, z keeps.")
    widget.get_by_role("radio", name="LSTM", exact=True).check()
    expect(widget.get_by_role("checkbox", name="z writes")).to_have_count(0)


def test_the_two_places_of_the_reset_gate_differ(new_page: NewPage, file_base: str) -> None:
    """With a bias inside the product they do, and without one they do not."""
    widget = open_at(new_page(), f"{file_base}gru.html#{TAG}.at=20&{TAG}.weights=true")
    after, before = (
        widget.get_by_role("radio", name=name, exact=True) for name in ("GRU", "GRU, reset before")
    )
    states: dict[str, list[str]] = {}
    for bias in ("0", "2"):
        after.check()
        box = widget.get_by_role("group", name="n", exact=True).get_by_label("bias, state")
        box.fill(bias)
        box.press("Enter")
        for radio in (after, before):
            radio.check()
            slider = widget.get_by_role("slider")
            slider.press("Home")
            for _ in range(4):
                press(widget, "Next time step")
            states.setdefault(bias, []).append(numbers(widget)["h t"])
    assert states["0"][0] == states["0"][1]
    assert states["2"][0] != states["2"][1]


def test_what_is_typed_is_computed_and_what_no_number_is_refused(
    new_page: NewPage, file_base: str
) -> None:
    page = new_page()
    widget = open_at(page, f"{file_base}gru.html")
    box = widget.get_by_label("mark")
    box.fill("0")
    box.press("Enter")
    assert numbers(widget)["x t"] == "0, 0"
    assert numbers(widget)["h t"] == "0.00", "no mark, no state"
    for wrong in ("101", "-1e9", ""):
        box.fill(wrong)
        box.press("Enter")
        alert = widget.get_by_role("alert")
        expect(alert).to_have_text("mark must be a number from -100 to 100.")
        assert box.input_value() == "0"
    page.wait_for_function("location.hash.length > 1")
    page.wait_for_timeout(400)
    again = open_at(new_page(), page.url)
    assert numbers(again) == numbers(widget)
    expect(again.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ("1,2,3", "takes 33 numbers, and the link has 3"),
        ("1,,2", "not numbers from -100 to 100"),
        ("101", "not numbers from"),
        (",".join(["1"] * 5000), "takes 33 numbers, and the link has 5000"),
    ],
)
def test_a_link_with_other_numbers_gets_a_message(
    new_page: NewPage, file_base: str, own: str, message: str
) -> None:
    fresh = numbers(open_at(new_page(), f"{file_base}gru.html"))
    widget = open_at(new_page(), f"{file_base}gru.html#{TAG}.own={own}")
    expect(widget.get_by_role("alert")).to_have_text(re.compile(message))
    assert numbers(widget) == fresh


@pytest.mark.parametrize("cell", ["gru", "lstm-back"])
def test_weights_have_names_and_room_on_a_phone(
    new_page: NewPage,
    file_base: str,
    cell: str,
    violations: Callable[..., list[tuple[str, str, str]]],
) -> None:
    page = new_page(width=PHONE)
    link = f"{file_base}gru.html#{TAG}.weights=true&{TAG}.at=2&{TAG}.cell={cell}"
    widget = open_at(page, link)
    boxes = widget.get_by_role("spinbutton").all()
    assert len(boxes) == {"gru": 15 + 2 + 1, "lstm-back": 28 + 4 + 2 + 2}[cell]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    for box in boxes:
        place = box.bounding_box()
        assert place
        assert place["height"] >= 24
        assert place["x"] + place["width"] <= PHONE
        expect(box).to_have_accessible_name(re.compile(r"\w"))
    before = numbers(widget)
    boxes[-1].press("ArrowUp")
    assert numbers(widget) != before, "the last bias counts"
    assert not violations(page, "light")
