"""What a reader does with the site, in a browser: on a server and from the file system."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[2]
#: Opens all that is folded, as its summaries would.
OPEN = "document.querySelectorAll('article details').forEach(one => { one.open = true })"
PHONE = 390

NewPage = Callable[..., Page]
Violations = Callable[..., list[tuple[str, str, str]]]


def brightness(color: str) -> float:
    """Return the relative luminance of ``rgb(...)``, as WCAG defines it."""
    parts = [int(value) / 255 for value in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(
        weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


def contrast(one: str, other: str) -> float:
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


def assert_whole(page: Page) -> None:
    expect(page.locator("h1[id]")).to_be_visible()
    loaded = page.evaluate(
        "[...document.styleSheets, ...document.scripts].map(e => e.href || e.src)"
    )
    assert any(url.endswith("gated.css") for url in loaded)
    assert any("bundle" in url for url in loaded)
    fonts = page.evaluate(
        """document.fonts.ready.then(
            fonts => [...fonts].filter(f => f.status == 'loaded').map(f => f.family)
        )"""
    )
    assert any("Atkinson Hyperlegible Next" in font for font in fonts)


def test_a_page_opens_whole_from_a_folder(page_at: NewPage, file_base: str, address: str) -> None:
    assert_whole(page_at(file_base + address))


def test_the_copy_button_gives_the_whole_program(new_page: NewPage, base: str) -> None:
    page = new_page(clipboard=True)
    page.goto(base + "gru.html")
    block = page.locator(".snippet[data-copy] >> visible=true").first
    program = (block.get_attribute("data-copy") or "").rstrip()
    code, button = block.locator(".snippet-code code"), block.locator("[data-clipboard-target]")
    assert program.count("\n") > 3
    assert code.inner_text().rstrip() == program

    def click() -> str:
        page.evaluate("navigator.clipboard.writeText('')")
        button.click()
        text: str = page.evaluate("navigator.clipboard.readText()")
        return text

    assert click() == program
    # A block that shows a part of its program still gives all of it.
    code.evaluate("e => e.textContent = e.textContent.split('\\n')[0]")
    assert "\n" not in code.inner_text()
    assert click() == program


def test_output_and_excerpts_offer_no_copy(new_page: NewPage, file_base: str) -> None:
    page = new_page()
    for address in ("gru.html", "lstm.html"):
        page.goto(file_base + address)
        expect(page.locator(".snippet [data-clipboard-target]").first).to_be_attached()
        assert page.locator(".snippet-output").count()
        assert page.locator(".excerpt").count()
        inside = ".snippet-output, .snippet-raises, .snippet-figure"
        assert not page.locator(f":is({inside}) [data-clipboard-target]").count()
        for button in page.locator(".excerpt [data-clipboard-target]").all():
            expect(button).to_be_hidden()


def test_a_page_is_whole_and_axe_finds_no_violation(
    page_at: NewPage, http_base: str, address: str, violations: Violations
) -> None:
    page = page_at(http_base + address, width=PHONE)
    assert_whole(page)
    assert width(page) <= PHONE
    assert not violations(page, "light", "all but colors")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert not violations(page, "light")
    # Of what axe looks at, a scheme changes the colors alone.
    assert not violations(page, "dark", "colors")


def test_axe_finds_no_color_too_faint_on_a_phone(
    page_at: NewPage, http_base: str, page_of_its_kind: str, violations: Violations
) -> None:
    """A width changes no color but in the header, which all pages of a kind share."""
    page = page_at(http_base + page_of_its_kind, width=PHONE)
    assert not violations(page, "light", "colors")
    assert not violations(page, "dark", "colors")


def test_axe_finds_a_color_too_faint_wherever_code_has_it(
    page_at: NewPage, http_base: str, violations: Violations
) -> None:
    page = page_at(f"{http_base}gru.html")
    page.evaluate(OPEN)
    page.add_style_tag(content="pre span.mi { color: #ddd !important }")
    found = violations(page, "light", "colors")
    assert {rule for rule, *_ in found} == {"color-contrast"}


def width(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollWidth")
    return found


def test_a_phone_need_not_scroll_sideways(
    page_at: NewPage, file_base: str, linked_site: Path, addresses: list[str]
) -> None:
    """The pages of each kind are looked at above, with what scripts add."""
    names = {file.relative_to(linked_site).as_posix() for file in linked_site.rglob("*.html")}
    # The page for wrong addresses is made for the server's root alone.
    others = sorted(names - {*addresses, "404.html"})
    assert len(others) > 100
    widths = {name: width(page_at(file_base + name, width=PHONE, scripts=False)) for name in others}
    assert not {name: found for name, found in widths.items() if found > PHONE}


def focused(page: Page) -> dict[str, Any]:
    state: dict[str, Any] = page.evaluate(
        """() => {
            // The theme hides its radio buttons and marks their labels instead.
            const active = document.activeElement;
            const element = active.matches(".md-option") ? active.nextElementSibling : active;
            const style = getComputedStyle(element);
            const box = element.getBoundingClientRect();
            return {
                name: element.className, href: element.getAttribute("href"),
                area: box.width * box.height, x: box.right, y: box.bottom,
                outline: style.outlineStyle == "none" ? 0 : parseFloat(style.outlineWidth),
            };
        }"""
    )
    return state


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keyboard_reaches_what_a_reader_needs(
    new_page: NewPage, file_base: str, scheme: str
) -> None:
    page = new_page(scheme=scheme)
    page.goto(file_base + "gru.html")
    page.keyboard.press("Tab")
    first = focused(page)
    assert "md-skip" in first["name"]
    assert first["href"].startswith("#")
    reached = [first]
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(focused(page))
    names = " ".join(state["name"] for state in reached)
    assert "md-search__input" in names
    assert "md-nav__link" in names
    for state in reached:
        assert state["area"] > 0, state
        assert state["x"] > 0, state
        assert state["y"] > 0, state
        assert state["outline"] >= 1, state


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keyboard_follows_a_link_in_a_drawing(
    new_page: NewPage, file_base: str, scheme: str
) -> None:
    page = new_page(scheme=scheme)
    page.goto(file_base + "which.html")
    link = page.locator("svg a[aria-label^='Try minGRU']")
    thickness = "element => parseFloat(getComputedStyle(element.querySelector('rect')).strokeWidth)"
    before = link.evaluate(thickness)
    page.locator("svg a[aria-label='GRU']").focus()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    assert link.evaluate(thickness) > before
    page.keyboard.press("Enter")
    expect(page).to_have_url(file_base + "return.html#what-it-gains")


def test_a_link_changes_the_page_without_loading_it_anew(new_page: NewPage, http_base: str) -> None:
    page = new_page()
    page.goto(http_base + "index.html", wait_until="networkidle")
    page.evaluate("window.stayed = true")
    page.locator(".md-tabs__link", has_text="Learn").click()
    expect(page).to_have_url(http_base + "gates.html")
    page.locator(".md-nav--primary .md-nav__link[href$='gru.html']").first.click()
    expect(page).to_have_url(http_base + "gru.html")
    expect(page.locator("h1[id]")).to_contain_text("The GRU")
    assert page.evaluate("window.stayed")
    expect(page.locator("article .formula .katex").first).to_be_visible()
    expect(page.locator("article svg[role=img] >> visible=true").first).to_be_visible()
    expect(page.locator(".snippet [data-clipboard-target]").first).to_be_attached()


def test_so_it_does_where_the_site_knows_no_address_of_its_own(
    new_page: NewPage, below: str
) -> None:
    page = new_page()
    page.goto(below + "index.html", wait_until="networkidle")
    page.evaluate("window.stayed = true")
    for name in ("gru.html", "recipes/pack.html", "index.html"):
        link = page.locator(f".md-nav--primary .md-nav__link[href$='{name}']").first
        link.dispatch_event("click", {"bubbles": True, "cancelable": True})
        expect(page).to_have_url(below + name)
    assert page.evaluate("window.stayed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_wrong_address_shows_what_was_meant(
    new_page: NewPage, http_base: str, linked_site: Path, scheme: str, violations: Violations
) -> None:
    """The page for it is the same at whatever depth the address lies."""
    page = new_page(scheme=scheme)
    wrong = http_base + "recipies/deep/pakc.htm"
    page.route(wrong, lambda route: route.fulfill(path=linked_site / "404.html"))
    page.goto(wrong)
    near = page.locator("#near a")
    assert "Pack sequences of unequal length" in near.all_inner_texts()
    assert not violations(page, scheme)
    listed = page.locator(".paths a").evaluate_all("all => all.map(link => link.href)")
    assert len(listed) > 10
    for address in listed:
        assert (linked_site / address.removeprefix(http_base)).is_file()
    page.get_by_role("button", name="Search the site").click()
    page.keyboard.type("reset gate", delay=20)
    expect(page.locator(".md-search-result__link").first).to_be_visible()
    page.keyboard.press("Escape")
    near.first.click()
    expect(page.locator("h1[id]")).to_be_visible()


def test_a_chapter_is_whole_without_scripts(page_at: NewPage, file_base: str, chapter: str) -> None:
    source = (ROOT / "docs" / chapter).with_suffix(".md").read_text("utf-8")
    page = page_at(file_base + chapter, width=PHONE, scripts=False)
    expect(page.locator("h1[id]")).to_be_visible()
    assert width(page) <= PHONE
    page.evaluate(OPEN)
    parts = {
        "article :is(p, li, dd)": True,
        "article .katex-html": "$" in source,
        "article .snippet-code code": "\n```snippet" in source,
        "article .snippet-output pre": "\n```snippet" in source,
        "article .snippet-figure svg": "alt:" in source,
    }
    for selector, wanted in parts.items():
        seen = page.locator(f"{selector} >> visible=true")
        assert seen.count() or not wanted, selector
        if seen.count():
            box = seen.first.bounding_box()
            assert box is not None, selector
            assert box["width"] > 5, selector
            assert box["height"] > 5, selector


@pytest.mark.parametrize("chapter_with_figure", ["gru.html", "lstm.html", "parameters.html"])
def test_the_ink_of_a_figure_follows_the_scheme(
    new_page: NewPage, file_base: str, chapter_with_figure: str
) -> None:
    inks = {}
    for scheme in ("light", "dark"):
        page = new_page(scheme=scheme)
        page.goto(file_base + chapter_with_figure)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        inks[scheme] = page.evaluate(
            "getComputedStyle(document.querySelector('svg[role=img]')).fill"
        )
        assert contrast(inks[scheme], ground) >= 3
        drawn = page.locator("svg[role=img] :is(text, tspan, path)").evaluate_all(
            """all => [...new Set(all.map(e => getComputedStyle(e)).flatMap(s =>
                [s.fill, s.stroke].filter(c => c != "none")))]"""
        )
        assert inks[scheme] in drawn
    assert inks["light"] != inks["dark"]


def test_the_reader_can_choose_the_scheme(new_page: NewPage, http_base: str) -> None:
    page = new_page(scheme="light")
    page.goto(http_base + "gru.html")
    body = page.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    for _ in range(2):
        page.locator(".md-header__option label:not([hidden])").first.click()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.reload()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
