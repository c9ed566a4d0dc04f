"""Control characters come out as a terminal would leave them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedocs.terminal import shown

_PLAIN = st.text(st.characters(exclude_categories=("Cc", "Cs")))


@given(st.lists(_PLAIN | st.sampled_from(["\n", "\t", "\n\n"])))
def test_a_text_without_control_characters_stays_as_it_is(parts: list[str]) -> None:
    text = "".join(parts)
    assert shown(text) == text


_COLOR = st.from_regex(r"\x1b\[([0-9]{1,3}(;[0-9]{1,3}){0,4})?m", fullmatch=True)
_UNSEEN = _COLOR | st.sampled_from(["\0", "\a", "\x1b]0;title\a", "\x1b]8;;a:b\x1b\\", "\x1b(B"])


@given(st.lists(st.tuples(_PLAIN, _UNSEEN)))
def test_colors_and_what_shows_nothing_go(parts: list[tuple[str, str]]) -> None:
    text = "".join(plain + unseen for plain, unseen in parts)
    assert shown(text) == "".join(plain for plain, _ in parts)


@given(st.text(st.sampled_from("ab\n\t\r\b\0\x1b[]01;2AKJm\x07\x9b\x7f")))
def test_no_control_character_comes_through(text: str) -> None:
    assert not re.search(r"[^\n\t\x20-\x7e]", shown(text))
    assert shown(shown(text)) == shown(text)


@given(st.lists(st.text("abc \r\b"), max_size=4))
def test_each_line_ends_as_it_does_on_a_line_of_cells(lines: list[str]) -> None:
    assert shown("\n".join(lines)) == "\n".join(map(_typed, lines))


def _typed(keys: str) -> str:
    """Return what stands on the paper of a typewriter whose later letters hide earlier ones."""
    paper: dict[int, str] = {}
    column = 0
    for key in keys:
        if key == "\r":
            column = 0
        elif key == "\b":
            column = max(0, column - 1)
        else:
            paper[column] = key
            column += 1
    return "".join(paper[place] for place in sorted(paper))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (" 10%\r 50%\r100%\n", "100%\n"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("waiting...\r\x1b[Kdone\n", "done\n"),
        ("abc\x1b[2D_\n", "a_c\n"),
        ("\nfirst\n", "\nfirst\n"),
        ("a: 1\nb: 1\n\x1b[2Aa: 2\nb: 2\n", "a: 2\nb: 2\n"),
        ("old\nold\x1b[2J\x1b[A\rnew", "new\n"),
        ("\x1b[31mred\x1b[0m\x1b[38;5;9m!\x1b[m", "red!"),
        ("a\x1b[5Gb", "a   b"),
    ],
)
def test_a_progress_bar_leaves_its_last_state(text: str, left: str) -> None:
    assert shown(text) == left
