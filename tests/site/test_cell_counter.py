"""The counter on Home as a reader uses it: its buttons, pressed and held, and the race."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

NewPage = Callable[..., Page]

#: So many marks it takes, and so many there are at first.
MOST, AT_FIRST = 240, 12


@pytest.fixture
def counter(new_page: NewPage, file_base: str) -> Locator:
    return opened(new_page(), f"{file_base}index.html")


def opened(page: Page, address: str) -> Locator:
    page.goto(address)
    page.locator("cell-counter").scroll_into_view_if_needed()
    page.keyboard.press("Shift")  # until a reader does anything, nothing runs
    widget = page.locator("cell-counter > .lab")
    expect(widget).to_be_visible()
    return widget


def states(widget: Locator) -> tuple[float, float]:
    """Return the states of the LSTM and of the GRU, as the sentence says them."""
    said = widget.get_by_text(re.compile("^After .*stands at")).inner_text()
    lstm, gru = re.findall(r"stands at (\N{MINUS SIGN}?[\d.]+)", said)
    return float(lstm.replace("\N{MINUS SIGN}", "-")), float(gru.replace("\N{MINUS SIGN}", "-"))


def test_it_begins_where_the_two_part(counter: Locator) -> None:
    assert states(counter) == (12, 0.72)
    expect(counter).to_contain_text("and one more mark changes it by 0.03.")


def test_each_way_to_press_a_button_feeds_one(counter: Locator) -> None:
    mark = counter.get_by_role("button", name="Mark", exact=False).first
    count = AT_FIRST
    presses: list[Callable[[], object]] = [
        mark.click,
        lambda: mark.press("Enter"),
        lambda: mark.press("Space"),
        lambda: mark.evaluate("e => e.click()"),  # as a screen reader does
        mark.click,
    ]
    for press in presses:
        press()
        count += 1
        assert states(counter)[0] == count
    counter.get_by_role("button", name="Opposite mark").press("Enter")
    assert states(counter)[0] == count - 1
    counter.get_by_role("button", name="Clear").click()
    assert states(counter) == (0, 0)
    expect(counter).to_contain_text("After no mark")


def test_a_button_that_is_held_feeds_on_and_stops(counter: Locator) -> None:
    page = counter.page
    mark = counter.get_by_role("button", name="Mark").first
    mark.focus()
    for _ in range(3):
        page.keyboard.down("Space")  # a held key repeats
    page.keyboard.up("Space")
    assert states(counter)[0] == AT_FIRST + 3
    mark.hover()
    page.mouse.down()
    expect(counter).to_contain_text(re.compile(r"After (2[4-9]|[3-9]\d) marks"))
    page.mouse.up()
    before = states(counter)
    page.wait_for_timeout(300)
    assert states(counter) == before
    page.mouse.down()
    page.mouse.move(1, 1)
    before = states(counter)
    page.wait_for_timeout(600)
    assert states(counter) == before, "a pointer that leaves lets go"


def test_more_marks_than_fit_are_refused(new_page: NewPage, file_base: str) -> None:
    widget = opened(new_page(), f"{file_base}index.html#cell-counter.fed=m{MOST}")
    assert states(widget)[0] == MOST
    widget.get_by_role("button", name="Mark").first.click()
    expect(widget.get_by_role("alert")).to_contain_text(f"{MOST} marks are as many as fit here")
    assert states(widget)[0] == MOST
    widget = opened(new_page(), f"{file_base}index.html#cell-counter.fed=m{MOST}o1")
    expect(widget.get_by_role("alert")).to_contain_text("The link says")
    assert states(widget)[0] == AT_FIRST


def test_gates_decide_who_counts(counter: Locator) -> None:
    lstm = counter.get_by_role("slider", name="forget gate")
    lstm.fill("0.5")
    assert states(counter)[0] == 2, "one that forgets saturates, too"
    gru = counter.get_by_role("slider", name="update gate")
    gru.press("End")
    assert states(counter)[1] == 0, "one that keeps all writes nothing"


def test_the_race_runs_to_its_end_by_itself(counter: Locator) -> None:
    slider = counter.get_by_role("slider", name="Updates")
    end = slider.input_value()
    assert end == slider.get_attribute("max")
    counter.get_by_role("button", name="Watch them learn").click()
    assert slider.input_value() != end
    counter.get_by_role("button", name="Stop").click()
    stopped = slider.input_value()
    assert stopped != end
    counter.page.wait_for_timeout(400)
    assert slider.input_value() == stopped
    counter.get_by_role("button", name="Watch them learn").click()
    expect(counter.get_by_role("button", name="Stop")).to_have_count(0, timeout=30_000)
    assert slider.input_value() == end


def test_who_wants_nothing_to_move_drags_the_race(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    page.emulate_media(reduced_motion="reduce")
    widget = opened(page, f"{file_base}index.html")
    expect(widget.get_by_role("button", name="Watch them learn")).to_have_count(0)
    widget.get_by_role("slider", name="Updates").press("Home")
    expect(widget).to_contain_text("After 0 updates 0 of 10 GRUs and 0 of 10 LSTMs")
