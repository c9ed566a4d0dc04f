"""What readers type, and the pages that they find: on a server and from the file system."""

import re
from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

NewPage = Callable[..., Page]

_TROUBLE = "troubleshooting.html#"
#: The questions that are asked most, as people type them, and what is to be among the first three.
QUESTIONS = {
    "reset gate before or after": [
        f"{_TROUBLE}is-the-reset-gate-before-or-after-the-matrix-product"
    ],
    "forget gate bias 0 or 1": [
        f"{_TROUBLE}should-the-forget-gates-bias-be-0-or-1",
        "lstm.html#the-forget-gate-and-its-bias",
    ],
    "two biases": [
        f"{_TROUBLE}why-doesnt-my-parameter-count-match-and-why-two-biases",
        "parameters.html#why-two-biases-and-which-matter",
    ],
    "batch_first": [f"{_TROUBLE}why-expected-hidden-size-when-i-said-batch_firsttrue"],
    "gate order": ["rosetta.html#blocks-in-another-order"],
    "output vs h_n": [f"{_TROUBLE}output-h_n-or-c_n-which-one-do-i-take"],
    "z or 1-z": ["rosetta.html#z-or-1-z"],
    "dropout one layer": [f"{_TROUBLE}why-does-dropout-do-nothing", "recipes/dropout.html"],
    "detach": [f"{_TROUBLE}why-trying-to-backward-through-the-graph-a-second-time"],
    "padding last state": [f"{_TROUBLE}does-padding-change-the-last-state"],
    "swap gru lstm tuple": ["recipes/swap.html"],
    "gru slower than lstm": [f"{_TROUBLE}why-is-my-gru-slower-than-my-lstm"],
    "gru mobile": [f"{_TROUBLE}does-a-gru-run-on-a-phone-or-a-microcontroller"],
    "gru or lstm when": ["index.html"],
    "gates less than 1 gradients vanish": ["gates.html"],
    "seeds nondeterminism": ["recipes/reproduce.html"],
    "nan exploding": [f"{_TROUBLE}why-is-my-loss-nan"],
    "what are units": [f"{_TROUBLE}what-are-units"],
    "hand-written cell differs from nn.LSTM": [
        f"{_TROUBLE}why-does-my-own-cell-differ-from-nnlstm"
    ],
    "bahdanau attention": ["attention.html"],
    "why a reset gate": ["gru.html#questions"],
    "why tanh twice": ["lstm.html#questions"],
    "are rnns obsolete": ["history.html#questions"],
}
TERMS = {
    "vanishing gradient": ["gates.html"],
    "h_n": [f"{_TROUBLE}output-h_n-or-c_n-which-one-do-i-take"],
    "slower": [f"{_TROUBLE}why-is-my-gru-slower-than-my-lstm"],
    "dropout": ["recipes/dropout.html", f"{_TROUBLE}why-does-dropout-do-nothing"],
    "initialization": ["recipes/initialize.html"],
    "GRU": ["gru.html"],
    "lstm": ["lstm.html"],
    "attention": ["attention.html"],
    "speed": ["speed.html"],
    "GRUCell": ["api/gated.html"],
}
AMONG_PUNCTUATION = {
    "seq2seq": ["api/seq2seq.html"],
    "gated.seq2seq": ["api/seq2seq.html"],
    "gru:": ["gru.html"],
    "nn.GRU": ["gru.html"],
    "hidden_size": [f"{_TROUBLE}why-expected-hidden-size-when-i-said-batch_firsttrue"],
    "reset_after=False": ["rosetta.html"],
    "z=1": ["rosetta.html#z-or-1-z"],
    "1\N{MINUS SIGN}z": ["rosetta.html#z-or-1-z"],
}
#: What takes the place of which letters: one of them is missing, wrong, twice there, or elsewhere.
MISSPELLED = {
    "vanishing gradient": ("hi", "h"),
    "slower": ("we", "ew"),
    "dropout": ("po", "op"),
    "initialization": ("z", "s"),
    "attention": ("tt", "t"),
    "forget gate bias 0 or 1": ("te", "et"),
    "padding last state": ("dd", "ddd"),
    "gru mobile": ("il", "ill"),
    "why tanh twice": ("nh", "hn"),
    "are rnns obsolete": ("le", "la"),
    "bahdanau attention": ("na", "no"),
    "hidden_size": ("dd", "d"),
}
EXPECTED = QUESTIONS | TERMS | AMONG_PUNCTUATION
EXPECTED |= {meant.replace(*letters): EXPECTED[meant] for meant, letters in MISSPELLED.items()}

#: What a page that was found shows: the addresses of its sections, but for those that are folded.
_SHOWN = """items => items.map(item =>
    [...item.querySelectorAll(":scope > a")].map(({ href }) => href)
)"""
#: What follows a title in an excerpt, by tag: nothing, a paragraph, or one and a line of code.
_EXCERPTS = """articles => articles.map(article =>
    [...article.querySelectorAll("h2 ~ p, h1 ~ p")].map(
        one => [one.textContent, one.children.length == 1 && one.firstChild.tagName == "CODE"]
    )
)"""


def search(page: Page, typed: str) -> Locator:
    """Type into the emptied search; return the pages that were found."""
    field = page.locator(".md-search__input")
    pages = page.locator(".md-search-result__item")
    field.fill("")
    field.press("Backspace")
    expect(pages).to_have_count(0)
    field.fill(typed[:-1])
    field.press_sequentially(typed[-1])
    expect(pages.first).to_be_visible()
    return pages


@pytest.fixture
def page(new_page: NewPage, base: str) -> Page:
    """Return a page whose search is open."""
    page = new_page()
    page.goto(base + "index.html")
    page.locator(".md-search__input").click()
    return page


def test_what_readers_type_finds_its_page(page: Page, base: str) -> None:
    missed = {}
    for typed, addresses in EXPECTED.items():
        first: list[list[str]] = search(page, typed).evaluate_all(_SHOWN)[:3]
        shown = {re.sub(r"\?[^#]*", "", href).removeprefix(base) for href in chain(*first)}
        if not shown.issuperset(addresses):
            missed[typed] = shown
    assert missed == {}


def test_excerpts_begin_with_prose(page: Page) -> None:
    excerpts: list[list[tuple[str, bool]]] = []
    for typed in ("hidden_size", "reset_after=False", "clip_grad_norm_", "backward", "GRU"):
        search(page, typed)
        teasers = page.locator(".md-search-result__article").evaluate_all(_EXCERPTS)
        excerpts += [teaser for teaser in teasers if teaser]
    assert len(excerpts) > 20
    assert any(is_code for teaser in excerpts for _, is_code in teaser)
    for teaser in excerpts:
        assert [is_code for _, is_code in teaser] in ([False], [False, True]), teaser
        assert all(len(text) < 200 for text, _ in teaser), teaser
    expect(page.locator(".md-search-result pre")).to_have_count(0)


def test_a_word_may_go_on_as_one_of_a_title(page: Page) -> None:
    suggestions = {"para": "parameters", "drop": "dropout", "vanishing grad": "vanishing gradient"}
    for typed, whole in suggestions.items():
        search(page, typed)
        expect(page.locator(".md-search__suggest")).to_have_text(whole)
    for typed in ("parameters", "dropout"):
        search(page, typed)
        expect(page.locator(".md-search__suggest")).to_have_text("")


def test_chapters_stand_before_the_reference(page: Page) -> None:
    for typed in ("initialization", "attention", "parameters"):
        shown: list[Any] = search(page, typed).evaluate_all(_SHOWN)
        is_reference = ["/api/" in hrefs[0] for hrefs in shown]
        assert True in is_reference
        assert is_reference.index(True) > 0


def test_a_page_highlights_what_was_looked_for(page: Page) -> None:
    search(page, "reset gates")
    page.locator(".md-search-result__link[href*='gru.html']").first.click()
    expect(page).to_have_url(re.compile(r"gru\.html"))
    expect(page.locator("h1[id]")).to_contain_text("The GRU")
    for word in ("reset", "gate"):
        marks = page.locator("article mark").filter(has_text=re.compile(rf"\b{word}\b"))
        expect(marks.first).to_be_attached()
