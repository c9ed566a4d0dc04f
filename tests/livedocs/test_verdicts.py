"""A chapter takes the verdict of a claim from the ledger."""

from pathlib import Path

import pytest

from livedocs import checks
from livedocs.addresses import Place
from livedocs.chapter import parse
from livedocs.checks.verdicts import typed
from livedocs.mkdocs import chapters
from livedocs.settings import load
from livedocs.site import Site

IDS = {"fewer", "long-lstm"}
LEDGER = """\
- id: fewer
  claim: A GRU has fewer parameters than an LSTM
  verdict: holds
  why: Three blocks of four.
  sources: [cho2014]
- id: long-lstm
  claim: On long sequences the LSTM does better
  verdict: does not hold
  why: It does not.
  sources: [cho2014]
"""
WORKS = """\
cho2014:
  authors: [Kyunghyun Cho]
  title: Learning phrase representations
  year: 2014
  url: https://arxiv.org/abs/1406.1078
"""
SETTINGS = '[tool.livedocs]\nclaims = "docs/claims.yml"\nreferences = "docs/works.yml"\n'


def found_in(text: str) -> list[str]:
    return [str(one) for one in typed(parse("docs/a.md", text), IDS, {"claims.md"})]


@pytest.mark.parametrize(
    ("prose", "line", "message"),
    [
        ("No: see [there](claims.md#fewer).", 5, 'a link to the claim "fewer" goes with its '),
        ("[So](more/claims.md#fewer), `{claims} long-lstm`.", 5, 'a link to the claim "fewer" '),
        ("| Take | a |\n| --- | --- |\n| [GRU](claims.md#fewer) | b |", 7, "a link to the claim "),
        ("It does not\nhold as a rule.", 5, '"does not hold" is a verdict: take it from the '),
        ("This, and\n**mostly holds**.", 6, '"mostly holds" is a verdict: '),
        ('??? question "A?"\n\n    Not measurable here.', 7, '"Not measurable here" is a '),
    ],
)
def test_a_typed_verdict_and_a_link_without_one_are_found(
    prose: str, line: int, message: str
) -> None:
    (problem,) = found_in(f"# Title\n\nText.\n\n{prose}\n\nMore.\n")
    assert problem.startswith(f"docs/a.md:{line}: {message}")


@pytest.mark.parametrize(
    "prose",
    [
        "[Long](claims.md#long-lstm): `{claims} long-lstm`.",
        "The claim that [it\nis long](claims.md#long-lstm) `{claims} long-lstm` here.",
        "| [A](claims.md#fewer) | [B](claims.md#long-lstm) |\n| --- | --- |\n"
        "| `{claims} fewer` | `{claims} long-lstm` |",
        "| mostly holds | does not hold |\n| --- | --- |\n"
        "| `{claims} mostly holds` | `{claims} does not hold` |",
        "See [all](claims.md), or [how](claims.md#the-programs).",
        "A unit holds, another does not; `does not hold` is code.",
        "[Elsewhere](others.md#fewer).",
    ],
)
def test_what_comes_from_the_ledger_is_in_order(prose: str) -> None:
    assert found_in(f"# Title\n\n{prose}\n") == []


def prepared(folder: Path, ledger: str) -> Site:
    (folder / "pyproject.toml").write_text(SETTINGS)
    (folder / "snippets").mkdir()
    docs = folder / "docs"
    docs.mkdir()
    (docs / "claims.yml").write_text(ledger)
    (docs / "works.yml").write_text(WORKS)
    (docs / "claims.md").write_text("# Claims\n\nOr it does not hold.\n\n`{claims}`\n")
    (docs / "a.md").write_text(
        "# A\n\n`{references}`\n\n@cho2014\n\nThat [it is long](claims.md#long-lstm) "
        "`{claims} long-lstm`.\n\nIt does not hold.\n"
    )
    made = Site(load(folder))
    made.prepare(lambda line: None)
    made.problems += checks.problems(made)
    return made


def test_a_page_says_the_verdict_that_the_ledger_has(tmp_path: Path) -> None:
    made = prepared(tmp_path, LEDGER)
    (problem,) = made.problems
    assert str(problem).startswith('docs/a.md:9: "does not hold" is a verdict')
    text = (tmp_path / "docs" / "a.md").read_text()
    page = chapters.render(made, "docs/a.md", text, 1, Place("page.html")).markdown
    assert "That [it is long](claims.md#long-lstm) does not hold.\n" in page


def test_without_a_ledger_there_are_no_verdicts(tmp_path: Path) -> None:
    made = prepared(tmp_path, "[]\n")
    assert [one for one in made.problems if "is a verdict" in str(one)] == []
