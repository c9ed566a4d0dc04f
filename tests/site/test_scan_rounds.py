"""What a reader does with the scan round by round."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

NewPage = Callable[..., Page]
TAG = "scan-rounds"
STEPS, ROUNDS = 8, 3
#: More than the time for which a round plays, in ms.
ROUND = 2000


def opened(page: Page, address: str) -> Locator:
    page.goto(address)
    page.locator(TAG).scroll_into_view_if_needed()
    page.keyboard.press("Shift")  # until a reader does anything, nothing runs
    widget = page.locator(f"{TAG} > .lab")
    widget.wait_for()
    return widget


@pytest.fixture
def widget(new_page: NewPage, file_base: str) -> Locator:
    return opened(new_page(), f"{file_base}return.html")


def done(widget: Locator) -> tuple[int, int, int]:
    """Return the rounds, and how many states the scan and the loop have, in words as drawn."""
    said = widget.get_by_text(re.compile("^After .* the scan has")).inner_text()
    rounds, scanned, _, looped = map(int, re.findall(r"\d+", said))
    filled = [widget.locator(f".lab-{cell} .lab-filled").count() for cell in ("mingru", "gru")]
    assert filled == [sum(min(2**r, STEPS) for r in range(rounds + 1)), looped]
    return rounds, scanned, looped


def facts(widget: Locator) -> list[str]:
    return widget.locator("dd").all_inner_texts()


def press(widget: Locator, name: str) -> None:
    widget.get_by_role("button", name=name, exact=True).click()


def test_it_begins_at_the_end_where_the_loop_is_half_way(widget: Locator) -> None:
    assert done(widget) == (ROUNDS, 8, 4)
    assert facts(widget) == ["steps 1 to 6", "0 · 0 = 0", "0 · 1 + 0 = 0", "0"]
    expect(widget.get_by_role("img")).to_have_accessible_name(
        "The loop has 4 of 8 states, the scan 8. In the scan step 6 stands for steps 1 to 6."
    )


def test_the_rounds_play_to_the_end_and_stop_by_themselves(
    new_page: NewPage, file_base: str
) -> None:
    page = new_page()
    page.clock.install()
    widget = opened(page, f"{file_base}return.html#{TAG}.round=1")
    page.clock.run_for(5 * ROUND)
    assert done(widget)[0] == 1, "nothing moves by itself"
    press(widget, "Play the rounds")
    assert done(widget) == (0, 1, 1)
    page.clock.run_for(ROUND)
    assert done(widget) == (1, 2, 2)
    widget.get_by_role("slider").press("ArrowLeft")
    page.clock.run_for(ROUND)
    assert done(widget)[0] > 1, "another step does not end it"
    assert facts(widget)[0].endswith("to 5")
    page.clock.run_for(2 * ROUND)
    expect(widget.get_by_role("button", name="Stop")).to_have_count(0)
    assert done(widget) == (ROUNDS, 8, 4)

    press(widget, "Play the rounds")
    press(widget, "Stop")
    page.clock.run_for(3 * ROUND)
    assert done(widget)[0] == 0
    press(widget, "Play the rounds")
    press(widget, "Forward")
    page.clock.run_for(3 * ROUND)
    assert done(widget)[0] == 1, "who goes on alone is left alone"


def test_back_and_forward_go_round_by_round(widget: Locator) -> None:
    for expected in (2, 1, 0, ROUNDS):
        press(widget, "Back")
        assert done(widget)[0] == expected
    for expected in (0, 1, 2, ROUNDS):
        press(widget, "Forward")
        assert done(widget)[0] == expected


def test_arrows_and_a_pointer_choose_the_step_whose_span_is_lit(
    new_page: NewPage, file_base: str
) -> None:
    widget = opened(new_page(), f"{file_base}return.html#{TAG}.round=2")
    slider, lit = widget.get_by_role("slider"), widget.locator(".lab-mark.lab-lit")
    # In each row, those diamonds that the chosen step was joined from.
    assert lit.count() == 4 + 2 + 1
    expect(slider).to_have_attribute("aria-valuetext", "6")
    assert facts(widget) == ["steps 3 to 6", "0 · 1 = 0", "0 · 0 + 0 = 0", "not yet known"]
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "7, mark")
    assert facts(widget)[0] == "steps 4 to 7"
    widget.locator(".lab-ground").nth(4).click()
    expect(slider).to_have_attribute("aria-valuetext", "5, clear")
    assert facts(widget)[0] == "steps 2 to 5"
    slider.press("Home")
    assert lit.count() == 3
    assert facts(widget) == ["step 1 alone", "1", "0", "0"]
    press(widget, "Back")
    press(widget, "Back")
    slider.press("ArrowRight")
    assert facts(widget) == ["step 2 alone", "0", "1", "not yet known"]
    expect(widget.page.locator(".lab-said")).to_have_text(
        "After 0 rounds step 2 stands for step 2 alone, keeps 0 and writes 1; its state is not yet "
        "known. The scan has 1 of 8 states, the loop 1."
    )
    widget.page.wait_for_function(
        "location.hash.includes('round=0') && location.hash.includes('step=2')"
    )


def test_who_wants_nothing_to_move_goes_round_by_round(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    page.emulate_media(reduced_motion="reduce")
    widget = opened(page, f"{file_base}return.html")
    expect(widget.get_by_role("button", name="Play the rounds")).to_have_count(0)
    press(widget, "Forward")
    assert done(widget)[0] == 0
