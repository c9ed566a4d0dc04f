"""What a reader does with the widgets: by keyboard, on a phone, by a link, in print."""

import csv
import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

NewPage = Callable[..., Page]
Violations = Callable[..., list[tuple[str, str, str]]]

#: A page that holds each widget.
WIDGETS = {
    "attention-reader": "attention.html",
    "cell-counter": "index.html",
    "convention-switch": "rosetta.html",
    "cell-stepper": "gru.html",
    "evidence-explorer": "length.html",
    "gate-lab": "lab.html",
    "half-life": "gates.html",
    "parameter-calculator": "parameters.html",
    "scan-rounds": "return.html",
}
#: Those with a box for a size.
SIZED = ["half-life", "parameter-calculator"]
PHONE = 360
#: The least side of what a finger or a pointer is to hit.
TARGET = 24
CONTROLS = "button, input, select"
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=WIDGETS)
def tag(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def alive(page: Page, address: str, tag: str) -> Locator:
    """Go to a page, and to its widget; return that once it runs."""
    page.goto(address)
    page.locator(tag).first.scroll_into_view_if_needed()
    page.keyboard.press("Shift")  # until a reader does anything, nothing runs
    widget = page.locator(f"{tag} > .lab").first
    widget.wait_for()
    return widget


def state(widget: Locator) -> str:
    """Return all that a reader can see or hear of a widget, once it is no longer busy."""
    found: str = widget.evaluate(
        """async box => {
            const turn = () => new Promise(done => setTimeout(done, 10));
            while (box.querySelector("[aria-busy=true]")) await turn();
            return JSON.stringify([box.innerText, ...[...box.querySelectorAll("input, select")].map(
                e => [e.value, e.checked, e.getAttribute("aria-valuetext")])]);
        }"""
    )
    return found


def becomes(widget: Locator, expected: str) -> None:
    """Wait until that is what a reader can see: the theme may put another copy in its place."""
    end = time.monotonic() + 10
    while state(widget) != expected:
        assert time.monotonic() < end, state(widget)
        time.sleep(0.05)


def changes(widget: Locator, before: str, name: str) -> None:
    """Wait until a reader sees something else: a browser copies in its own time."""
    end = time.monotonic() + 10
    while state(widget) == before:
        assert time.monotonic() < end, f"{name} does nothing"
        time.sleep(0.05)


def test_until_a_reader_comes_to_it_a_figure_stands_there(
    new_page: NewPage, base: str, tag: str
) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(base + WIDGETS[tag])
    element = page.locator(tag).first
    figure = element.locator("svg[role=img] >> visible=true").first
    expect(page.locator(".lab")).to_have_count(0)
    of_lab = {Path(path).name for path in asked if "/assets/lab/" in path}
    assert of_lab - {"search.js"} == {"loader.js"}
    expect(figure).to_be_visible()

    element.scroll_into_view_if_needed()
    page.keyboard.press("Shift")
    element.locator(".lab").wait_for()
    expect(element.locator("> figure")).to_be_hidden()
    assert {Path(path).name for path in asked if path.endswith("/base.js")} == {"base.js"}


def test_without_scripts_and_in_print_the_figure_stands(
    page_at: NewPage, new_page: NewPage, file_base: str, tag: str
) -> None:
    page = page_at(file_base + WIDGETS[tag], scripts=False)
    expect(page.locator(f"{tag} > figure")).to_be_visible()
    page = new_page()
    widget = alive(page, file_base + WIDGETS[tag], tag)
    page.emulate_media(media="print")
    expect(widget).to_be_hidden()
    expect(page.locator(f"{tag} > figure")).to_be_visible()


def test_a_script_that_does_not_come_leaves_the_figure(
    browser: Browser, file_base: str, tag: str
) -> None:
    page = browser.new_page()  # that it does not come is an error of the page's
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.route("**/base.js", lambda route: route.abort())
    page.goto(file_base + WIDGETS[tag])
    with page.expect_event("requestfailed"):
        page.locator(tag).first.scroll_into_view_if_needed()
        page.keyboard.press("Shift")
    expect(page.locator(f"{tag} > figure")).to_be_visible()
    assert not faults
    page.close()


def nudge(slider: Locator) -> float:
    """Move a slider by a step, to where it has room, and return how far that is."""
    is_last = slider.input_value() == slider.get_attribute("max")
    slider.press("ArrowLeft" if is_last else "ArrowRight")
    step = float(slider.get_attribute("step") or 1)
    return -step if is_last else step


#: What a key changes in each kind of control.
KEYS = {
    "text": "a",
    "number": "ArrowUp",
    "checkbox": "Space",
    "radio": "ArrowRight",
    "select-one": "ArrowDown",
    "button": "Enter",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keyboard_reaches_and_moves_every_control(
    new_page: NewPage, file_base: str, tag: str, scheme: str
) -> None:
    page = new_page(scheme=scheme)
    widget = alive(page, file_base + WIDGETS[tag], tag)
    # A group of radio buttons is one stop.
    stops = widget.locator(CONTROLS).count() - max(widget.locator("[type=radio]").count() - 1, 0)
    assert stops > 3
    there = {*widget.locator(CONTROLS).evaluate_all("all => all.map(e => e.type)")}
    widget.locator(CONTROLS).first.focus()
    if widget.locator("[type=radio]").count():
        widget.locator("[type=radio]:checked").focus()
    seen = set()
    while page.evaluate("document.activeElement.closest('.lab') !== null"):
        control = page.evaluate(
            """() => {
                const e = document.activeElement, style = getComputedStyle(e);
                return [e.type ?? "", e.labels?.[0]?.innerText ?? e.ariaLabel ?? e.innerText,
                    style.outlineStyle == "none" ? 0 : parseFloat(style.outlineWidth)];
            }"""
        )
        kind, name, outline = control
        assert outline >= 2, control
        if not kind or kind == "textarea":  # a formula, which scrolls where it is wide; a text
            page.keyboard.press("Tab")
            continue
        before = state(widget)
        if kind == "range":
            nudge(widget.locator(":focus"))
        else:
            page.keyboard.press(KEYS[kind])
        changes(widget, before, name)
        assert page.evaluate("document.activeElement.closest('.lab') !== null"), name
        seen.add((kind, name))
        page.keyboard.press("Tab")
    assert {kind for kind, _ in seen} == there
    assert len(seen) >= stops - 1  # a box for a number shares the name of its slider


def test_each_control_has_a_name_a_value_and_room(
    new_page: NewPage, file_base: str, tag: str
) -> None:
    page = new_page(width=PHONE)
    widget = alive(page, file_base + WIDGETS[tag], tag)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    expect(widget).to_have_role("group")
    expect(widget).to_have_accessible_name(re.compile(r"\w{4}"))
    for control in widget.locator(CONTROLS).all():
        expect(control).to_have_accessible_name(re.compile(r"\w{3}"))
        # Where a label holds it, the whole label takes the pointer.
        box = control.evaluate(
            """e => {
                const whole = e.type == "checkbox" || e.type == "radio" ? e.closest("label") : e;
                const {width, height, left, right} = whole.getBoundingClientRect();
                return {width, height, left, right};
            }"""
        )
        assert min(box["width"], box["height"]) >= TARGET, (control, box)
        assert box["left"] >= 0
        assert box["right"] <= PHONE
    for slider in widget.get_by_role("slider").all():
        said = slider.get_attribute("aria-valuetext") or ""
        assert re.search(r"\d", said)
        nudge(slider)
        now = slider.get_attribute("aria-valuetext") or ""
        assert now not in ("", said)
        row = slider.locator("xpath=ancestor::div[1]").locator(".lab-value")
        seen = row.evaluate("e => e.value ?? e.textContent")
        assert seen.strip() == now, "what is heard is what is seen"


def test_what_has_changed_is_said_once_nothing_more_changes(
    new_page: NewPage, file_base: str, tag: str
) -> None:
    page = new_page()
    page.add_init_script(
        """window.said = [];
        new MutationObserver(changes => {
            for (const {target} of changes) {
                const region = target.closest?.("[role=status], [aria-live]");
                if (region) window.said.push(region.textContent);
            }
        }).observe(document, {subtree: true, childList: true, characterData: true});"""
    )
    widget = alive(page, file_base + WIDGETS[tag], tag)
    slider = widget.get_by_role("slider").first
    for _ in range(10):
        slider.press("ArrowRight")
    region = page.locator(".lab-said")
    expect(region).to_have_attribute("role", "status")
    expect(region).to_have_text(re.compile(r"\d.*\."))
    assert page.evaluate("said.length") == 1, "one sentence for ten steps"
    slider.press("ArrowLeft")
    expect(region).not_to_have_text(page.evaluate("said[0]"))
    expect(region).to_have_count(1)
    assert not widget.locator("[aria-live], [role=status]").count()


def test_axe_finds_no_violation_in_a_widget_that_runs(
    new_page: NewPage, http_base: str, tag: str, violations: Violations
) -> None:
    page = new_page(width=PHONE)
    link = f"{http_base}{WIDGETS[tag]}#{tag}.nothing=1"  # a message, too
    widget = alive(page, link, tag)
    expect(widget.get_by_role("alert")).to_be_visible()
    assert not violations(page, "light")
    assert not violations(page, "dark", "colors")


def test_letters_in_a_drawing_can_be_read_on_a_phone(
    new_page: NewPage, file_base: str, tag: str
) -> None:
    widget = alive(new_page(width=390), file_base + WIDGETS[tag], tag)
    state(widget)  # until it is no longer busy
    sizes = widget.locator("svg text").evaluate_all(
        """all => all.map(text => {
            const { a, b } = text.getScreenCTM();
            const size = Math.hypot(a, b) * parseFloat(getComputedStyle(text).fontSize);
            return [text.textContent.trim(), size];
        })"""
    )
    assert not [(text, size) for text, size in sizes if size < 12]


def test_nothing_moves_by_itself(new_page: NewPage, file_base: str, tag: str) -> None:
    page = new_page()
    widget = alive(page, file_base + WIDGETS[tag], tag)
    for control in widget.locator("[type=range], button").all():
        control.press("ArrowRight")
        control.hover()
        moving = widget.evaluate("e => e.getAnimations({subtree: true}).length")
        assert moving == 0


def test_a_link_gives_back_the_state(new_page: NewPage, base: str, tag: str) -> None:
    page = new_page()
    widget = alive(page, base + WIDGETS[tag], tag)
    fresh = state(widget)
    for slider in widget.get_by_role("slider").all():
        slider.press("End")
        slider.press("ArrowLeft")
    page.wait_for_function("location.hash.length > 1")
    page.wait_for_timeout(400)  # until no more is to be written
    link, changed = page.url, state(widget)
    assert changed != fresh
    assert urlsplit(link).fragment.startswith(f"{tag}.")
    assert not urlsplit(link).query

    other = new_page()
    other.goto(link)
    again = other.locator(f"{tag} > .lab")
    expect(again).to_be_in_viewport()
    assert state(again) == changed
    again.get_by_role("button", name="Start again").click()
    assert state(again) == fresh
    other.wait_for_function("location.hash == ''")
    # A link within the page.
    other.evaluate("hash => { location.hash = hash }", urlsplit(link).fragment)
    becomes(again, changed)


def test_an_element_says_what_its_widget_begins_with(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    page.goto(file_base + WIDGETS["half-life"])
    page.evaluate(
        "Object.assign(document.querySelector('half-life').dataset, {bias: '2', steps: 'many'})"
    )
    page.locator("half-life").scroll_into_view_if_needed()
    page.keyboard.press("Shift")
    slider = page.get_by_role("slider", name="Bias")
    expect(slider).to_have_value("2")
    expect(page.get_by_role("spinbutton", name="Steps")).to_have_value("30")
    slider.press("End")
    page.wait_for_function("location.hash.length > 1")
    page.get_by_role("button", name="Start again").click()
    expect(slider).to_have_value("2")
    page.wait_for_function("location.hash == ''")


def test_a_way_to_a_heading_leaves_the_state(new_page: NewPage, base: str, tag: str) -> None:
    """At the first one, the theme puts the page that it fetches in the place of this one."""
    page = new_page()
    widget = alive(page, base + WIDGETS[tag], tag)
    widget.get_by_role("slider").first.press("End")
    changed = state(widget)
    page.wait_for_function("location.hash.length > 1")
    is_replaced = page.evaluate("location.protocol") == "http:"
    heading = page.evaluate(
        """tag => {
            window.before = document.querySelector(tag);
            const link = [...document.querySelectorAll(".md-nav--secondary a[href*='#']")].at(-1);
            link.click();
            return link.hash;
        }""",
        tag,
    )
    expect(page).to_have_url(re.compile(f"{heading}$"))
    if is_replaced:
        page.wait_for_function("!window.before.isConnected")
    page.locator(tag).scroll_into_view_if_needed()
    page.keyboard.press("Shift")
    becomes(widget, changed)


DAMAGED = [
    "{tag}.{name}=NaN",
    "{tag}.{name}=1e999",
    "{tag}.{name}=99999999999999999999",
    "{tag}.{name}=-1e5",
    "{tag}.{name}=%00%FF%E2%28",
    "{tag}.{name}=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    "{tag}.{name}",
    "{tag}.__proto__=1",
    "{tag}.nothing=" + "9" * 5000,
]


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_link_gets_a_message_and_the_page_lives(
    new_page: NewPage, file_base: str, tag: str, damage: str
) -> None:
    names = {
        "attention-reader": "digit",
        "cell-counter": "updates",
        "convention-switch": "weights",
        "cell-stepper": "at",
        "evidence-explorer": "trial",
        "gate-lab": "at",
        "half-life": "steps",
        "parameter-calculator": "hidden",
        "scan-rounds": "step",
    }
    name = names[tag]
    page = new_page()
    fresh = state(alive(page, file_base + WIDGETS[tag], tag))
    other = new_page()
    link = file_base + WIDGETS[tag] + "#" + damage.format(tag=tag, name=name)
    widget = alive(other, link, tag)
    alert = widget.get_by_role("alert")
    expect(alert).to_have_count(1)
    expect(alert).to_have_text(re.compile("^The link says "))
    expect(alert).to_be_visible()
    assert len(alert.inner_text()) < 200
    widget.get_by_role("button", name="Start again").click()
    expect(alert).to_have_count(0)
    assert state(widget) == fresh


@pytest.mark.parametrize("tag", SIZED)
def test_a_size_beyond_the_limits_is_refused_where_it_is_typed(
    new_page: NewPage, file_base: str, tag: str
) -> None:
    page = new_page()
    widget = alive(page, file_base + WIDGETS[tag], tag)
    box = widget.locator("[type=number]").first
    before = box.input_value()
    below = int(box.get_attribute("min") or "") - 1
    for wrong in (str(below), "-30", "1e30", "2.5", ""):
        box.fill(wrong)
        box.press("Enter")
        expect(widget.get_by_role("alert")).to_have_text(re.compile("must be a whole number"))
        assert box.input_value() == before
        box.fill("7")
        box.press("Enter")
        expect(widget.get_by_role("alert")).to_have_count(0)
        box.fill(before)
        box.press("Enter")


def test_the_calculator_says_what_no_layer_is_like(new_page: NewPage, file_base: str) -> None:
    tag = "parameter-calculator"
    page = new_page()
    link = f"{file_base}parameters.html#{tag}.cell=lstm&{tag}.hidden=5&{tag}.projection=5"
    widget = alive(page, link, tag)
    expect(widget.get_by_role("alert")).to_have_text(re.compile("not narrower"))
    expect(widget.get_by_role("table")).to_have_count(0)
    widget.get_by_role("radio", name="GRU").check()
    expect(widget.get_by_role("alert")).to_have_count(0)
    expect(widget.get_by_role("table")).to_be_visible()


EXPLORER = "evidence-explorer"


def test_a_pointer_finds_a_trial_and_its_command(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    widget = alive(page, f"{file_base}{WIDGETS[EXPLORER]}#{EXPLORER}.task=adding", EXPLORER)
    slider = widget.get_by_role("slider")
    slider.press("End")
    last = slider.get_attribute("aria-valuetext") or ""
    found = re.fullmatch(r"LSTM, 200 steps, seed \d: (.+) updates, trial ([0-9a-f]{8})", last)
    assert found
    expect(widget.get_by_text(f"python -m studies run length --trial {found[2]}")).to_be_visible()
    ring = widget.locator(".lab-ring").bounding_box()
    assert ring
    slider.press("Home")
    expect(slider).not_to_have_attribute("aria-valuetext", last)
    page.mouse.move(ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
    expect(slider).to_have_attribute("aria-valuetext", last)


def test_what_is_shown_is_saved_as_it_is_in_the_record(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    widget = alive(page, file_base + WIDGETS[EXPLORER], EXPLORER)
    widget.get_by_label("Budget and initialization").select_option("equal width and chrono")
    widget.get_by_role("checkbox", name="GRU", exact=True).uncheck()
    with page.expect_download() as downloading:
        widget.get_by_role("button", name="CSV").click()
    assert downloading.value.suggested_filename == "length-recall.csv"
    with downloading.value.path().open(encoding="utf-8", newline="") as file:
        saved = [*csv.DictReader(file)]
    with (ROOT / "docs" / "evidence" / "length.csv").open(encoding="utf-8", newline="") as file:
        recorded = {row["trial"]: row for row in csv.DictReader(file)}
    assert len(saved) == int(widget.get_by_role("slider").get_attribute("max") or 0) + 1
    for row in saved:
        assert row.items() <= recorded[row["trial"]].items()
        asked = {"task": "recall", "cell": "lstm", "start": "chrono", "budget": "width"}
        assert asked.items() <= row.items()
    expect(widget).to_contain_text(f"{len(saved)} trials went into length-recall.csv.")


def test_the_last_cell_stays_and_a_link_without_any_gets_an_answer(
    new_page: NewPage, file_base: str
) -> None:
    page = new_page()
    widget = alive(page, file_base + WIDGETS[EXPLORER], EXPLORER)
    widget.get_by_role("checkbox", name="GRU", exact=True).uncheck()
    lstm = widget.get_by_role("checkbox", name="LSTM")
    lstm.press("Space")
    expect(lstm).to_be_checked()
    expect(widget.get_by_role("alert")).to_have_text("One cell has to stay.")
    other = new_page()
    link = f"{file_base}{WIDGETS[EXPLORER]}#{EXPLORER}.gru=false&{EXPLORER}.lstm=false"
    widget = alive(other, link, EXPLORER)
    expect(widget).to_contain_text("no chosen cell")
    expect(widget.get_by_role("slider")).to_have_count(0)
    widget.get_by_role("checkbox", name="minGRU").check()
    expect(widget.get_by_role("slider")).to_have_count(1)


@pytest.mark.parametrize("study", ["gradients", "counting", "music"])
def test_a_study_that_is_chosen_comes_and_its_link_leads_there(
    new_page: NewPage, base: str, study: str
) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(Path(urlsplit(request.url).path).name))
    widget = alive(page, f"{base}{WIDGETS[EXPLORER]}", EXPLORER)
    fresh = state(widget)
    assert f"{study}.js" not in asked
    select = widget.get_by_label("Study")
    select.select_option(study)
    command = widget.get_by_text(f"python -m studies run {study} --trial")
    expect(command).to_be_visible()
    expect(select).to_have_value(study)
    assert asked.count(f"{study}.js") == 1
    widget.get_by_role("slider").press("End")
    page.wait_for_function("location.hash.includes('trial')")
    link, changed = page.url, state(widget)
    other = new_page()
    again = alive(other, link, EXPLORER)
    becomes(again, changed)
    expect(again.get_by_role("alert")).to_have_count(0)
    again.get_by_role("button", name="Start again").click()
    becomes(again, fresh)
    expect(again.get_by_label("Study")).to_have_value("length")
    # What is damaged is told of once the study is there.
    other.evaluate(
        "hash => { location.hash = hash }", f"{EXPLORER}.study={study}&{EXPLORER}.task=x"
    )
    expect(again.get_by_role("alert")).to_have_text(re.compile(r"task=x, which is not"))
    expect(again.get_by_label("Study")).to_have_value(study)


def test_a_study_that_does_not_come_leaves_the_one_before(browser: Browser, file_base: str) -> None:
    page = browser.new_page()
    page.route("**/music.js", lambda route: route.abort())
    widget = alive(page, f"{file_base}{WIDGETS[EXPLORER]}", EXPLORER)
    widget.get_by_label("Study").select_option("music")
    expect(widget.get_by_role("alert")).to_have_text(re.compile("did not come"))
    expect(widget.get_by_label("Study")).to_have_value("length")
    expect(widget.get_by_text("python -m studies run length --trial")).to_be_visible()
    page.close()


@pytest.mark.parametrize(
    ("page_name", "study"),
    [("gradients.html", "gradients"), ("counting.html", "counting"), ("tables.html", "music")],
)
def test_a_chapter_begins_with_its_own_study(
    new_page: NewPage, file_base: str, page_name: str, study: str
) -> None:
    widget = alive(new_page(), file_base + page_name, EXPLORER)
    expect(widget.get_by_label("Study")).to_have_value(study)
    expect(widget.get_by_text(f"python -m studies run {study} --trial")).to_be_visible()


SWITCH = "convention-switch"


def test_what_mends_a_difference_makes_the_outputs_agree(new_page: NewPage, file_base: str) -> None:
    widget = alive(new_page(), file_base + WIDGETS[SWITCH], SWITCH)
    expect(widget).to_contain_text("part at step 1")
    widget.get_by_role("checkbox", name="Reorder the blocks").check()
    expect(widget).to_contain_text("agree at all 8 steps.")
    widget.get_by_label("Run by").select_option("keras-before")
    expect(widget).to_contain_text("No weights make up for")
    widget.get_by_role("button", name="Start again").click()
    expect(widget.get_by_label("Run by")).to_have_value("keras")


def test_weights_are_typed_and_what_is_none_is_refused(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    widget = alive(page, file_base + WIDGETS[SWITCH], SWITCH)
    weights = widget.get_by_role("textbox", name="Weights")
    before = weights.input_value()
    for wrong in ("1 2 3", before + "\n0 0 0 0 0", before.replace("0", "x"), "1e9 " + before, ""):
        weights.fill(wrong)
        weights.press("Tab")
        expect(widget.get_by_role("alert")).to_have_text(re.compile("^Write 6 lines of 5 numbers"))
        assert weights.input_value() == before
    weights.fill("\n".join(["0, 0, 0, 0, 0"] * 6))
    weights.press("Tab")
    expect(widget.get_by_role("alert")).to_have_count(0)
    expect(widget).to_contain_text("agree at all 8 steps, on these numbers.")
    inputs = widget.get_by_role("textbox", name="Inputs")
    inputs.fill("1 -1 0.5")
    inputs.press("Tab")
    expect(widget).to_contain_text("agree at all 3 steps")
    page.wait_for_function("location.hash.includes('inputs')")
    again = alive(new_page(), page.url, SWITCH)
    becomes(again, state(widget))


def test_two_copies_on_a_page_have_states_of_their_own(
    new_page: NewPage, file_base: str, tag: str
) -> None:
    page = new_page()
    page.goto(file_base + WIDGETS[tag])
    page.evaluate(
        """tag => {
            const one = document.querySelector(tag);
            one.after(one.cloneNode(true));
        }""",
        tag,
    )
    page.locator(tag).first.scroll_into_view_if_needed()
    page.keyboard.press("Shift")
    one, two = page.locator(f"{tag} > .lab").first, page.locator(f"{tag} > .lab").nth(1)
    one.wait_for()
    page.locator(tag).nth(1).scroll_into_view_if_needed()
    two.wait_for()
    before = [state(one), state(two)]
    two.get_by_role("slider").first.press("ArrowRight")
    assert state(one) == before[0]
    assert state(two) != before[1]
    page.wait_for_function("location.hash.length > 1")
    assert urlsplit(page.url).fragment.startswith(f"{tag}-2.")
    one.get_by_role("slider").first.press("ArrowRight")
    page.wait_for_function(
        f"location.hash.includes('&{tag}.') || location.hash.startsWith('#{tag}.')"
    )
    assert f"{tag}-2." in page.url
    ids = page.locator(f"{tag} .lab [id]").evaluate_all("all => all.map(e => e.id)")
    assert len(ids) == len({*ids})


#: Counts who listens to the window for a change of the hash.
COUNTED = """
window.listening = new Set();
for (const [name, act] of [["addEventListener", "add"], ["removeEventListener", "delete"]]) {
    const known = window[name].bind(window);
    window[name] = (type, listener, ...rest) => {
        if (type == "hashchange") window.listening[act](listener);
        return known(type, listener, ...rest);
    };
}
"""


def test_a_widget_comes_and_goes_with_its_page(new_page: NewPage, http_base: str, tag: str) -> None:
    page = new_page()
    page.add_init_script(COUNTED)
    page.goto(http_base + "glossary.html", wait_until="networkidle")
    page.evaluate("window.stayed = true")
    idle = page.evaluate("listening.size")

    def go(name: str) -> None:
        page.locator(f".md-nav--primary .md-nav__link[href$='{name}']").first.dispatch_event(
            "click", {"bubbles": True, "cancelable": True}
        )
        expect(page).to_have_url(http_base + name)

    for _ in range(20):
        go(WIDGETS[tag])
        element = page.locator(tag)
        expect(element).to_have_count(1)
        element.scroll_into_view_if_needed()
        page.keyboard.press("Shift")
        slider = element.get_by_role("slider").first
        before = float(slider.input_value())
        step = nudge(slider)
        assert float(slider.input_value()) == pytest.approx(before + step)
        expect(page.locator(f"{tag} > .lab")).to_have_count(1)
        # Another widget of the page may have come into view.
        assert page.evaluate("listening.size") == idle + page.locator(".lab").count()
        go("glossary.html")
        expect(page.locator(tag)).to_have_count(0)
    assert page.evaluate("window.stayed"), "the page was loaded once"
    assert page.evaluate("listening.size") == idle
    page.wait_for_timeout(500)
    assert "#" not in page.url, "nothing is written into another page's address"
    assert page.locator(".lab-said").count() == 1
    assert page.evaluate("document.adoptedStyleSheets.length") == 1
    sources = page.locator("script[src*='/lab/']").evaluate_all("all => all.map(e => e.src)")
    assert len(sources) == len({*sources})


def test_a_widget_runs_below_a_path_of_a_site_without_an_address(
    new_page: NewPage, below: str, tag: str
) -> None:
    widget = alive(new_page(), below + WIDGETS[tag], tag)
    before = state(widget)
    widget.get_by_role("slider").first.press("ArrowRight")
    assert state(widget) != before


def test_each_widget_has_a_page_here(linked_site: Path) -> None:
    """So none goes without these tests."""
    pages = {page: page.read_text("utf-8") for page in linked_site.rglob("*.html")}
    lab = linked_site / "assets" / "lab"
    names = {file.stem for file in lab.glob("*.js")} - {"base", "loader", "search"}
    assert names == {*WIDGETS}
    for name in names:
        assert [page for page, text in pages.items() if re.search(f"<{name}[ >]", text)], name
