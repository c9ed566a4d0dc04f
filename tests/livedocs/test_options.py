"""What a fence says is taken as it stands, whatever it would mean to YAML."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedocs.options import read
from livedocs.problems import Problem

_KNOWN = ("caption", "alt")


def caption(body: str) -> object:
    return read("docs/a.md", 1, "figure", body, _KNOWN)["caption"]


@pytest.mark.parametrize(
    "text",
    [
        "Gate # 2 opens",
        "`x` is kept",
        "@ 3 steps",
        "*One* step",
        "[Here](#here) it is",
        "so: it is",
        "- 1 is less than 0",
        "% of all",
        "&amp; and !",
        "> 3",
        "| a | b |",
        "yes",
        "3",
        "{value}",
        '"one" and "another"',
        "it's, 'so'",
        "? why",
    ],
)
def test_a_text_needs_no_quotation_marks(text: str) -> None:
    assert caption(f"caption: {text}\nalt: x") == text


@pytest.mark.parametrize(
    "body",
    [
        "caption: One and two.",
        "caption: One\n  and two.",
        "caption:\n    One and\n    two.",
        "caption: >-\n  One\n  and two.\n",
        "# not this\n\ncaption: |\n    One and two.\n\n",
        'caption: "One and two."',
        "caption: 'One\n  and two.'",
        "caption: One and two.\r\nalt: x",
    ],
)
def test_a_text_may_be_wrapped_or_quoted(body: str) -> None:
    assert caption(body) == "One and two."


def test_paragraphs_are_kept() -> None:
    assert caption("caption: >-\n  One\n  two.\n\n  Three.") == "One two.\n\nThree."


@pytest.mark.parametrize(
    "body",
    [
        "alt: [a, b: c]",
        "alt:\n- a\n- b",
        "alt:\n  - a\n\n  - b",
        "alt:\n  - >-\n    a\n  -\n    b",
        "alt:\n  - 'a'\n  - \"b\"",
    ],
)
def test_a_list_has_an_item_a_line(body: str) -> None:
    body = body.replace("b: c", "b")
    assert read("docs/a.md", 1, "figure", body, _KNOWN)["alt"] == ["a", "b"]


_LINE = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="\"'[>|#")
) | st.just("a # b")


@given(_LINE.filter(bool))
def test_any_line_is_text(line: str) -> None:
    assert caption(f"caption: {line}") == line


@given(st.text(st.sampled_from("ab:-# \t\n>|[]{}\"'\\\r1,!&*@`%?")) | st.text())
def test_any_body_is_read_or_is_a_problem_of_one_line(body: str) -> None:
    with suppress(Problem):
        read("docs/a.md", 7, "figure", body, _KNOWN)
        return
    with pytest.raises(Problem) as caught:
        read("docs/a.md", 7, "figure", body, _KNOWN)
    assert caught.value.line in range(8, 9 + len(re.findall(r"\r\n|\r|\n", body)))
    assert "\n" not in str(caught.value)
