"""A chapter's fences and spans are found where Markdown has them, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedocs.chapter import Block, Chapter, Span, Step, parse


def text(chapter: Chapter) -> str:
    return chapter.fill(lambda piece: f"<{getattr(piece, 'kind', 'fault')} {piece.line}>")


def unchanged(markdown: str) -> None:
    chapter = parse("docs/a.md", markdown)
    assert chapter.problems == []
    assert [*chapter.blocks, *chapter.spans] == []
    assert text(chapter) == markdown


def test_a_block_has_its_target_cells_caption_and_alt_texts() -> None:
    chapter = parse(
        "docs/a.md",
        "One\n\n```snippet gru/step.py#first, second one\n"
        "caption: A *step*.\nalt: [a, b]\n```\nTwo\n",
    )
    assert list(chapter.blocks) == [
        Block("snippet", "gru/step.py", 3, "", ("first", "second one"), "A *step*.", ("a", "b"))
    ]
    assert text(chapter) == "One\n\n<snippet 3>\n\nTwo\n"


def test_a_block_may_fold_its_code_and_print_a_table() -> None:
    head, end = "```snippet a.py\ncode: folded\noutput: table\n", "```\n"
    one, two = ("a", "b c"), ("d",)
    for columns, names in {
        "": (),
        "columns: a | b c\n": (one,),
        "columns:\n  - a | b c\n  - d\n": (one, two),
    }.items():
        (block,) = parse("docs/a.md", head + columns + end).blocks
        assert (block.code, block.is_table, block.columns) == ("folded", True, names)


@pytest.mark.parametrize("gap", [[], [""]])
@pytest.mark.parametrize("prefix", ["", "    ", "> ", ">     "])
def test_a_block_stands_between_single_empty_lines(prefix: str, gap: list[str]) -> None:
    above = {"    ": "- Item\n\n", ">     ": "> - Item\n>\n"}.get(prefix, "")

    def below(*lines: str) -> str:
        return above + "".join(f"{f'{prefix}{line}'.rstrip()}\n" for line in lines)

    blocks = ["```snippet a.py", "```", "```figure b.py", "```"]
    first = above.count("\n") + len(gap) + 2
    shown = ["", f"<snippet {first}>", "", f"<figure {first + 2}>", ""]
    chapter = parse("docs/a.md", below("One", *gap, *blocks, *gap, "Two"))
    assert text(chapter) == below("One", *shown, "Two")


@pytest.mark.parametrize("kind", ["snippet", "figure"])
def test_a_block_needs_no_body(kind: str) -> None:
    (block,) = parse("docs/a.md", f"```{kind} gru/step.py\n```\n").blocks
    assert (block.kind, block.target, block.cells, block.caption, block.alts) == (
        kind,
        "gru/step.py",
        (),
        "",
        (),
    )


def test_a_source_block_names_a_symbol() -> None:
    (block,) = parse("docs/a.md", "```source gated.cells._gru_step:z\n```\n").blocks
    assert (block.kind, block.target) == ("source", "gated.cells._gru_step:z")


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("```", "```"), ("~~~", "~~~"), ("````", "````"), ("```", "`````"), ("``` ", "```  ")],
)
def test_fences_are_of_backticks_or_tildes(opening: str, closing: str) -> None:
    chapter = parse("docs/a.md", f"{opening}snippet a.py\nalt: x\n{closing}\nAfter\n")
    assert [block.target for block in chapter.blocks] == ["a.py"]
    assert text(chapter) == "<snippet 1>\n\nAfter\n"


@pytest.mark.parametrize(
    ("markdown", "indent"),
    [
        ("- item\n\n    ```snippet a.py\n    alt: x\n    ```\n", "    "),
        ("!!! note\n    ```snippet a.py\n    alt: x\n    ```\n", "    "),
        ("- a\n    - b\n\n        ```snippet a.py\n        alt: x\n        ```\n", "        "),
        ("- item\n\n\t~~~snippet a.py\n    alt: x\n\t~~~\n", "\t"),
        ("- a\n- b\n    ```snippet a.py\n    alt: x\n    ```\n", "    "),
        ("> a\n>\n> ```snippet a.py\n> alt: x\n> ```\n", "> "),
        ("> - a\n>\n>     ```snippet a.py\n>     alt: x\n>     ```\n", ">     "),
        ("- > a\n\n    > ```snippet a.py\n    > alt: x\n    > ```\n", "    > "),
        ('=== "A"\n\n    1. a\n\n        ```snippet a.py\n        alt: x\n        ```\n', " " * 8),
        ("[^1]: a\n```snippet a.py\nalt: x\n```\n", ""),
        ("text\n\n  ```snippet a.py\n  alt: x\n  ```\n", "  "),
    ],
)
def test_a_block_may_stand_in_a_list_a_quote_or_an_admonition(markdown: str, indent: str) -> None:
    chapter = parse("docs/a.md", markdown)
    assert chapter.problems == []
    (block,) = chapter.blocks
    assert (block.target, block.prefix, block.alts) == ("a.py", indent, ("x",))


@pytest.mark.parametrize(
    "markdown",
    [
        "````markdown\n```snippet a.py\n```\n`{value} a.py b`\n````\n",
        "~~~text\n```figure a.py\n```\n~~~\n",
        "```python\n# `{value} a.py b`\n```\n",
        "```\nsnippet a.py\n```\n",
        '```{.python title="snippet"}\n```\n',
        "Write `` `{value} a.py b` `` in prose.\n",
        "Write ``` ``{value} a.py b`` ``` in prose.\n",
        "The word `value` and `{values} a.py b`.\n",
        "An unpaired ` stays, as do ``` three.\n",
        "<!-- `{value} a.py b`\n\n```snippet a.py\n```\n-->\nText.\n",
        "Not <!-- `{value} a.py b`\n@cho2014 --> now.\n",
        "<pre>\n```snippet a.py\n```\n\n`{value} a.py b`\n</pre>\n",
        "Text.\n\n    ```snippet a.py\n    ```\n\n    `{value} a.py b` @cho2014\n",
        "- Text.\n\n        ```snippet a.py\n        ```\n",
        "> Text.\n>\n>     ```snippet a.py\n>     ```\n",
        "> ```text\n> ```snippet a.py\n> ```\n",
        "!!! note\n    Text.\n\nText.\n\n    ```snippet a.py\n    ```\n",
        "An escaped \\`{values}\\`.\n",
        "",
        "no newline at the end",
    ],
)
def test_text_about_the_syntax_is_left_alone(markdown: str) -> None:
    unchanged(markdown)


def test_a_shorter_fence_does_not_close_a_longer_one() -> None:
    chapter = parse("docs/a.md", "````text\n```\n```snippet a.py\n```\n````\n```figure b.py\n```\n")
    assert [(block.kind, block.line) for block in chapter.blocks] == [("figure", 6)]


def test_spans_have_file_name_and_format() -> None:
    markdown = "A `{value} gru/a.py kept:.2f` `{value} e/b.json gru.ms` and `code`, `{wheel}`.\n"
    chapter = parse("docs/a.md", markdown)
    assert list(chapter.spans) == [
        Span("value", 1, "gru/a.py", "kept", ".2f"),
        Span("value", 1, "e/b.json", "gru.ms", ""),
        Span("wheel", 1),
    ]
    assert text(chapter) == "A <value 1> <value 1> and `code`, <wheel 1>.\n"


@pytest.mark.parametrize(
    "markdown", ["a `{value} b.py\nc`", "> a\n> `{value} b.py\n> c`", "x `y\nz` `{value} b.py c`"]
)
def test_a_span_may_go_on_in_the_next_line(markdown: str) -> None:
    chapter = parse("docs/a.md", markdown)
    assert [(span.file, span.name) for span in chapter.spans] == [("b.py", "c")]
    assert not chapter.problems


@pytest.mark.parametrize(
    ("markdown", "title"),
    [
        ("---\ntitle: The `A`\n---\n# B\n", "The `A`"),
        ("---\ntags: [a]\n---\n# B {#b}\n", "B {#b}"),
        ("```python\n# not me\n```\n\n    # nor me\n\n<!-- \n# nor me -->\n# B #\n# C\n", "B"),
        ("Text.\n\nB\n===\n", "B"),
        ("## Smaller\n", ""),
    ],
)
def test_a_chapter_has_a_title(markdown: str, title: str) -> None:
    assert parse("docs/a.md", markdown).title == title


def test_a_span_knows_whether_it_leads_its_line() -> None:
    chapter = parse("docs/a.md", "- it is\n  `{value} a.py b`. Then `{value} a.py c`\n")
    assert [(span.name, span.leads) for span in chapter.spans] == [("b", True), ("c", False)]


def test_spans_stand_in_tables_lists_headings_and_admonitions() -> None:
    span = "`{value} a.py b`"
    markdown = (
        f"# {span}\n\n| a | {span} |\n|---|---|\n\n- {span}\n\n!!! note\n    {span}\n[^1]: {span}\n"
    )
    chapter = parse("docs/a.md", markdown)
    assert [s.line for s in chapter.spans] == [1, 3, 6, 9, 10]


def test_the_captions_of_blocks_need_their_snippets_too() -> None:
    chapter = parse(
        "docs/a.md", "```source gated.cells\ncaption: It keeps `{value} gru/b.py kept:.1f`.\n```\n"
    )
    assert chapter.snippets() == {"gru/b.py": 1}
    assert list(chapter.spans) == [Span("value", 1, "gru/b.py", "kept", ".1f")]


def test_a_chapter_needs_each_snippet_once_where_it_first_names_it() -> None:
    chapter = parse(
        "docs/a.md",
        "`{value} b.py x` `{value} c.json x`\n```snippet a.py\n```\n"
        "```figure b.py\n```\n```source s\n```\n",
    )
    assert chapter.snippets() == {"b.py": 1, "a.py": 2}


def test_lines_are_counted_in_the_file_after_its_front_matter() -> None:
    whole = "---\ntitle: A\n---\n# A\n`{value} a.py b`\n```snippet a.py\nx: 1\n```\n"
    body = whole.split("---\n", 2)[2]
    offset = parse("docs/a.md", body, 4)
    counted = parse("docs/a.md", whole)
    assert [span.line for span in offset.spans] == [span.line for span in counted.spans] == [5]
    assert [p.line for p in offset.problems] == [p.line for p in counted.problems] == [7]


@pytest.mark.parametrize(
    ("markdown", "line", "message"),
    [
        ("\n```snippet\n```\n", 2, 'a "snippet" fence must name its snippet'),
        ("\n```source\n```\n", 2, 'a "source" fence must name its symbol'),
        ("```figure #cell\n```\n", 1, 'a "figure" fence must name its snippet'),
        ("```snippet a.py\natl: x\n```\n", 2, 'has no "atl". Did you mean "alt"?'),
        ("```source a.b\nalt: x\n```\n", 2, 'a "source" fence has no "alt".'),
        ("```snippet a.py\njust words\n```\n", 2, 'must be lines of "key: value"'),
        ("```snippet a.py\n- a\n```\n", 2, 'must be lines of "key: value"'),
        ("```snippet a.py\nalt: x\n\nalt: y\n```\n", 4, '"alt" stands here twice'),
        ("```snippet a.py\nalt: [a, ' ']\n```\n", 1, '"alt" must be text, or a list of texts'),
        ("```snippet a.py\ncaption:\n- a\n```\n", 1, '"caption" must be text'),
        ("```figure a.py\nwidget: [a, b]\n```\n", 1, '"widget" must be one name'),
        ("```figure a.py\nwidget: a b\n```\n", 1, 'write "widget: a key=value", not "b"'),
        ("```figure a.py\nwidget: a b= c=1\n```\n", 1, 'key=value", not "b="'),
        ("```figure a.py\nwidget: a b=1 b=2\n```\n", 1, "stands here twice"),
        ("```snippet a.py\ncaption: a[^1]\n```\n", 1, "a caption holds no footnotes"),
        ("```snippet a.py\ncaption: a `{value} b`\n```\n", 1, 'write "{value} file.py name:'),
        ("```snippet a.py\ncaption: a `{wheel}`\n```\n", 1, "a caption may hold {value} spans"),
        ("```snippet a.py\ncaption: a [b](b.md#c)\n```\n", 1, "a caption holds no links"),
        ("```snippet a.py\ncode: shut\n```\n", 1, 'write "code: open" or "code: folded", not'),
        ("```snippet a.py\noutput: csv\n```\n", 1, 'write "output: table", not "output: csv"'),
        ("```snippet a.py\ncolumns: a\n```\n", 1, '"columns" names those of a table'),
        ("```figure a.py\ncode: folded\n```\n", 2, 'a "figure" fence has no "code"'),
        ("a\n```snippets a.py\n```\n", 2, 'no fence is called "snippets". Did you mean "snippet"?'),
        ("a\n`{value} a.py`\n", 2, 'write "{value} file.py name:format", not "{value} a.py"'),
        ("a\nb `{value}`\n", 2, 'write "{value} file.py name:format", not "{value}"'),
        ("`{value} a.txt b`\n", 1, 'write "{value} file.py name:format"'),
        ("a\n`{value} a.py\n\nb`\n", 2, "a {value} span must stand between single backticks"),
        ("a\n- `{claims}`\n", 2, "{claims} gives a list: it must stand alone on its line"),
        ("a `{claims} weights`\n", 1, "{claims} weights gives a list: it must stand alone on"),
        ("# See `{references}`\n", 1, "{references} gives a list"),
        ("a\n{value} a.py b\n", 2, "a {value} span must stand between single backticks"),
        ("---\ntitle: A\nx: 'a `{value} a.py b`'\n---\n", 3, "front matter holds no {value} spans"),
        ("---\nx: `{value} a.py b`\n---\n", 1, "this front matter is not YAML"),
        ("a\n\n```text\n`{value} a.py b`", 3, "this fence is never closed"),
        ("- a\n\n    ```text\n    a\n\nb\n", 3, "this fence is never closed"),
        ("> ```text\n> a\n\nb\n", 1, "this fence is never closed"),
        ("```snippet a.py\nalt: x\n\n# More\n", 1, 'this "snippet" fence is never closed'),
        ("```snippet a.py\n\n```text\na\n```\n", 1, 'this "snippet" fence is never closed'),
        ("a\n\n<!-- b\n\n`c`\n", 3, "this comment is never closed"),
        ("a\n    ```snippet a.py\n    ```\n", 2, "this fence is indented, and stands in no list"),
        ("[^1]: a\n\n    ```snippet a.py\n    ```\n", 3, "a footnote holds no fences"),
    ],
)
def test_a_fault_names_its_line(markdown: str, line: int, message: str) -> None:
    (problem,) = parse("docs/a.md", markdown).problems
    assert (problem.path, problem.line) == ("docs/a.md", line)
    assert message in problem.message
    assert "\n" not in str(problem)


def test_all_faults_of_a_chapter_are_kept() -> None:
    markdown = "```snippet\n```\n`{value} a`\n```figure a.py\nx: 1\n```\n`{value} b`\n"
    markdown += "```source a.b\n\n`{value} c` `{value} a.py d`\n"
    chapter = parse("docs/a.md", markdown)
    assert [p.line for p in chapter.problems] == [1, 3, 5, 7, 8, 10]
    assert [span.line for span in chapter.spans] == [10]


@pytest.mark.parametrize("start", ["- ", "1. ", "Text ", ": ", "- > ", "| "])
def test_a_fence_in_the_midst_of_a_line_is_a_fault(start: str) -> None:
    problems = parse("docs/a.md", f"a\n\n{start}```snippet a.py\n  ```\n").problems
    assert str(problems[0]) == "docs/a.md:3: a fence begins its line"


_WORDS = st.sampled_from(
    [
        "word", "`", "``", "```", "````", "~~~", "\n", "\n\n", "    ", "\t", "- ", "> ", "$x$",
        "python", "{", "}", "{values}", "#", ":", "\r\n", "\u2028", "\x0c", "é", "|", "\\`", "[^1]",
    ]
)  # fmt: skip


@given(st.lists(_WORDS).map("".join) | st.text())
def test_markdown_without_the_engines_syntax_comes_back_unchanged(markdown: str) -> None:
    chapter = parse("docs/a.md", markdown)
    assert [*chapter.blocks, *chapter.spans] == []
    assert all("never closed" in problem.message for problem in chapter.problems)
    assert "".join(piece for piece in chapter.pieces if isinstance(piece, str)) == markdown


@given(st.lists(_WORDS | st.sampled_from(["`{value} a.py b`", "```snippet a.py\n```\n"])))
def test_prose_stands_on_the_lines_of_the_chapter(words: list[str]) -> None:
    markdown = "".join(words)
    prose = parse("docs/a.md", markdown).prose
    assert len(prose) == len(markdown)
    assert all(own in (one, " ") for own, one in zip(prose, markdown, strict=True))


def test_a_link_that_sets_a_widget_is_found_with_its_words() -> None:
    chapter = parse(
        "docs/a.md",
        "One [*do* `it`](#half-life.bias=-2.5&half-life.steps=9),\n[two](#gate-lab-2.x=).\n",
    )
    assert [piece for piece in chapter.pieces if isinstance(piece, Step)] == [
        Step(1, "*do* `it`", "#half-life.bias=-2.5&half-life.steps=9", "half-life"),
        Step(2, "two", "#gate-lab-2.x=", "gate-lab-2"),
    ]
    assert "[two]" in chapter.prose, "what it says is prose"


@pytest.mark.parametrize(
    "link",
    ["[a](#a-heading)", "[a](b.md#half-life.bias=2)", "[a](#heading.a=1)", "`[a](#half-life.b=1)`"],
)
def test_other_links_are_left_to_the_generator(link: str) -> None:
    unchanged(f"One {link}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a `{value} a.py x`](#half-life.bias=2)", "a link to a widget holds no {value} spans"),
        (
            "```figure a.py\ncaption: See [a](#half-life.bias=2).\n```",
            "a caption may hold {value} spans, and nothing else of the engine's",
        ),
    ],
)
def test_a_link_to_a_widget_that_cannot_be_is_a_fault(text: str, message: str) -> None:
    (problem,) = parse("docs/a.md", f"{text}\n").problems
    assert problem.message == message
