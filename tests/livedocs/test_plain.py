"""Markdown of the site made plain: what its extensions fold, tab and note stays, in order."""

import textwrap

import pytest

from livedocs.plain import plain


def made_plain(text: str, page: str = "gru.md", site_url: str = "") -> str:
    return plain(textwrap.dedent(text).lstrip("\n"), page, site_url)


@pytest.mark.parametrize(
    "opening",
    ['??? question "Why?"', '???+ note "Why?"', '!!! warning "Why?"', '=== "Why?"', "??? why?"],
)
def test_what_is_folded_stands_below_its_title(opening: str) -> None:
    text = f"Before.\n\n{opening}\n\n    Because.\n\n    - one\n        - two\n\nAfter.\n"
    if "Why?" not in opening:
        opening = opening.replace("why?", "why")
        text = text.replace("why?", "why")
        assert made_plain(text).splitlines()[2] == "**Why**"
        return
    assert [line for line in made_plain(text).splitlines() if line] == [
        "Before.",
        "**Why?**",
        "Because.",
        "- one",
        "    - two",
        "After.",
    ]


def test_folds_within_folds_are_unfolded() -> None:
    text = """
        ??? question "One"

            === "Two"

                Text.[^a]

                [^a]: A note.
    """
    lines = [line for line in made_plain(text).splitlines() if line]
    assert lines == ["**One**", "**Two**", "Text.<sup>1</sup>", "## Notes", "1. A note."]


def test_footnotes_are_numbered_as_they_are_met() -> None:
    text = """
        One[^b] and two,[^a] one again.[^b] Not [^c].

        [^a]: A, which
            goes on.
        [^b]: B.
    """
    assert made_plain(text) == (
        "One<sup>1</sup> and two,<sup>2</sup> one again.<sup>1</sup> Not [^c].\n\n"
        "## Notes\n\n1. B.\n2. A, which goes on.\n"
    )


def test_links_lead_to_the_site_where_it_is_known() -> None:
    text = "[LSTM](lstm.md#state), [`x`](../api/x.md), [web](https://a.b/c.md) [here](#top)"
    assert made_plain('<a href="notebooks/a.html">a</a>') == "a\n"
    assert made_plain(text) == "LSTM, `x`, [web](https://a.b/c.md) here\n"
    assert made_plain(text, "more/gru.md", "https://site.example/") == (
        "[LSTM](https://site.example/more/lstm.html#state), "
        "[`x`](https://site.example/api/x.html), [web](https://a.b/c.md) here\n"
    )


def test_what_only_the_site_understands_is_left_out() -> None:
    text = """
        # Title {#top}

        *[GRU]: gated recurrent unit

        <div class="grid cards" markdown>

        - A card
        {: .wide }

        </div>

        A set $\\{#1\\}$.
    """
    assert [line for line in made_plain(text).splitlines() if line] == [
        "# Title",
        "- A card",
        "A set $\\{#1\\}$.",
    ]


def test_code_stays_as_it_is() -> None:
    code = '```python\n# ??? note "x"\ny[^a] = [x](y.md)\n*[GRU]: no\n```'
    assert made_plain(f"{code}\n\nText.[^a]\n\n[^a]: A.\n").startswith(f"{code}\n\nText.<sup>")


def test_what_is_no_prose_stays_as_it_is() -> None:
    text = "Text:\n\n    y[^a] = [x](y.md)\n\n<!-- [x](y.md) -->\n\nText.[^a]\n\n[^a]: A.\n"
    assert made_plain(text).startswith(text.partition("Text.[^a]")[0])


def test_a_fence_ends_where_its_own_marks_stand() -> None:
    code = "````text\n```\n[x](y.md)\n~~~\n\n````"
    assert made_plain(f"{code}\n[x](y.md)\n") == f"{code}\nx\n"


def test_folds_in_lists_are_unfolded_there() -> None:
    text = """
        - One

            !!! note "Why"
                Because.

            More.

        > ```text
        > ??? no "fold" [^a] [x](y.md)
        > ```
    """
    assert [line for line in made_plain(text).splitlines() if line.strip()] == [
        "- One",
        "    **Why**",
        "    Because.",
        "    More.",
        "> ```text",
        '> ??? no "fold" [^a] [x](y.md)',
        "> ```",
    ]
