"""Typed numbers are found where they look measured, and nowhere else."""

import pytest

from livedocs.chapter import parse
from livedocs.checks.numbers import typed
from livedocs.problems import Problem


def found_in(text: str) -> list[Problem]:
    return typed(parse("docs/a.md", text))


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("It takes 3.5 steps.", "3.5"),
        ("It is 25% smaller.", "25%"),
        ("It is 25 % smaller.", "25 %"),
        ("It takes 12 ms.", "12 ms"),
        ("It is 1,361 times as fast.", "1,361 times"),
        ("A 2-fold gain.", "2-fold"),
        ("A loss of −0.4 at the end.", "−0.4"),  # noqa: RUF001
        ("| GRU | 0.91 |", "0.91"),
        ("> Quoted, 0.5 too.", "0.5"),
        ("It takes 20\nseconds.", "20 seconds"),
    ],
)
def test_a_number_that_looks_measured_is_found(prose: str, found: str) -> None:
    (problem,) = found_in(f"# Title\n\nText.\n\n{prose}\n")
    assert str(problem).startswith(f'docs/a.md:5: "{found}" looks measured: ')


@pytest.mark.parametrize(
    "text",
    [
        "Two gates, 3 blocks, 1997, version 1, 64 units and 0 biases.",
        "Set `x = 0.5`, or `{value} a.py x:.2f` ms.",
        "With $z = 0.5$ and $$\n0.25\n$$ it stays.",
        "They report 0.91.[^a]\n\n[^a]: Table 2: 0.91.",
        "@cho2014 report 0.91.",
        "```python\nx = 0.5\n```",
        "    indented = 0.5",
        "<!-- Not 0.5,\n\nnor 0.6. -->",
        "```snippet a.py\ncaption: $0.5$ or `0.5`\nalt: 0.5\n```",
        "[text](https://a.b/0.5/12ms)",
        "---\nversion: 0.5\n---\n# Title",
        "It needs 1.2.3 at least.",
        "See 2107.02248v1.",
        "Between 3 sets and 5xy.",
    ],
)
def test_other_numbers_may_be_typed(text: str) -> None:
    assert found_in(text) == []


def test_a_citation_serves_its_own_paragraph_only() -> None:
    text = "They report 0.91.[^a]\n\nWe saw 0.92.\n\nAnd 0.93.\n"
    assert [problem.line for problem in found_in(text)] == [3, 5]


def test_a_caption_is_prose_too() -> None:
    text = "Text.\n\n```figure a.py\nalt: 0.4\ncaption: In 0.5 ms.\n```\n"
    (problem,) = found_in(text)
    assert str(problem).startswith('docs/a.md:3: "0.5" looks measured: ')
