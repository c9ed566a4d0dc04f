"""A claim's verdict follows from its evidence, and its evidence is checked at every build."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from livedocs.blocks import Place
from livedocs.claims import Claim, evaluate
from livedocs.references import Work
from livedocs.settings import load
from livedocs.site import Site

FEWER = """\
- id: fewer
  claim: A GRU has fewer parameters than an LSTM
  verdict: holds
  why: Three blocks of four, `{value} count.json gru` numbers, as in @cho2014.
  evidence:
    - for: count.json gru < lstm and gru / lstm == 0.75
  page: a.md
  sources: [cho2014]
"""
BORN = """\
- id: born
  claim: The GRU dates from 2014
  verdict: holds
  why: So says the paper.
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


def site(folder: Path, claims: str, **values: Any) -> Site:
    (folder / "pyproject.toml").write_text(SETTINGS)
    (folder / "snippets").mkdir()
    docs = folder / "docs"
    docs.mkdir()
    (docs / "claims.yml").write_text(claims)
    (docs / "works.yml").write_text(WORKS)
    (docs / "a.md").write_text("# A\n\n`{references}`\n\n@cho2014\n\nOf `{claims} all`.\n")
    (docs / "claims.md").write_text("# Claims\n\n`{claims}`\n")
    (docs / "count.json").write_text(json.dumps({"gru": 150, "lstm": 200, **values}))
    made = Site(load(folder))
    made.prepare(lambda line: None)
    return made


def rendered(made: Site, path: str) -> str:
    text = (made.settings.root / path).read_text("utf-8")
    return made.render(path, text, 1, Place("page.html")).markdown


def test_a_claim_shows_verdict_reason_evidence_and_sources(tmp_path: Path) -> None:
    made = site(tmp_path, FEWER + BORN)
    assert made.problems == []
    assert rendered(made, "docs/claims.md") == (
        "# Claims\n\n"
        "| Claim | Verdict |\n| --- | --- |\n"
        "| [A GRU has fewer parameters than an LSTM](#fewer) | holds |\n"
        "| [The GRU dates from 2014](#born) | holds |\n\n"
        "## A GRU has fewer parameters than an LSTM {#fewer}\n\n"
        "**Holds.** Three blocks of four, 150 numbers, as in [Cho, 2014](a.md#cho2014).\n\n"
        "For it: `gru < lstm and gru / lstm == 0.75` in "
        '<a href="count.json"><code>count.json</code></a>. [Argued here](a.md). '
        "Sources: [Cho, 2014](a.md#cho2014).\n\n"
        "## The GRU dates from 2014 {#born}\n\n"
        "**Holds.** So says the paper.\n\n"
        "Rests on its sources alone. Sources: [Cho, 2014](a.md#cho2014).\n"
    )
    assert "Of 2." in rendered(made, "docs/a.md")


@pytest.mark.parametrize(
    ("verdict", "sides", "agrees"),
    [
        ("holds", ["for"], True),
        ("holds", ["for", "against"], False),
        ("holds", ["against"], False),
        ("holds with a condition", ["for", "against"], True),
        ("holds with a condition", ["for"], False),
        ("does not hold", ["against"], True),
        ("does not hold", ["for"], False),
        ("not measurable here", ["for"], False),
    ],
)
def test_a_verdict_follows_from_the_sides_of_its_evidence(
    tmp_path: Path, verdict: str, sides: list[str], agrees: bool
) -> None:
    lines = "".join(f"    - {side}: count.json gru < lstm\n" for side in sides)
    claim = f"- id: x\n  claim: C\n  verdict: {verdict}\n  why: W\n  evidence:\n{lines}"
    made = site(tmp_path, claim)
    if agrees:
        assert made.problems == []
    else:
        (problem,) = made.problems
        said = " and ".join(sorted(sides))
        assert str(problem).startswith(
            f'docs/claims.yml:1: "x" says "{verdict}", but its evidence is {said} it: '
        )


def test_evidence_that_is_no_longer_true_is_a_fault(tmp_path: Path) -> None:
    made = site(tmp_path, BORN + FEWER, gru=160)
    rendered(made, "docs/claims.md")
    assert [str(problem) for problem in made.problems] == [
        'docs/claims.md:3: docs/claims.yml:6: "fewer": its evidence is not true: '
        "gru < lstm and gru / lstm == 0.75 (count.json)"
    ]


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        (
            FEWER.replace("verdict: holds", "verdict: hold"),
            '"fewer" has no verdict "hold". Did you',
        ),
        (FEWER.replace("why", "wy"), '"fewer" has no "wy". Did you mean "why"?'),
        (BORN.replace("  sources: [cho2014]\n", ""), '"born" needs evidence or a source'),
        (BORN.replace("why: So says the paper.", "why: 3"), '"born" needs "why", a text'),
        (FEWER.replace("count.json gru", "gru"), '"fewer" has evidence without a file or a rule: '),
        (FEWER.replace("- for:", "- with:"), '"fewer" has evidence that is not a line of "for: '),
        ("- x", 'a claim must be lines of "name: value"'),
        (BORN + BORN, '"born" stands here twice'),
        (BORN.replace("[cho2014]", "cho2014"), '"born" "sources" must be a list'),
        (BORN + "  page: 3\n", '"born" "page" must be a text'),
        (BORN.replace("The GRU", "!!python/name:os The GRU"), "not YAML: could not determine a"),
        (BORN.replace("So says the paper.", "2024-13-45"), "not YAML: month must be in 1..12"),
        (BORN.replace("So", "`So`"), "not YAML: found character '`' that cannot start any token"),
        ("a: b", "must hold a list of claims"),
    ],
)
def test_a_fault_of_the_file_names_the_claim(tmp_path: Path, claims: str, message: str) -> None:
    (problem, *_) = site(tmp_path, claims).problems
    assert problem.path == "docs/claims.yml"
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        (FEWER.replace("gru <", "gur <"), 'count.json has no "gur". Did you mean "gru"?'),
        (FEWER.replace("gru < lstm and", "gru < lstm or"), ""),
        (FEWER.replace("== 0.75", "== 0.75 or gur == 1"), 'count.json has no "gur". Did you'),
        (FEWER.replace("[cho2014]", "[chu2014]"), 'no work is called "chu2014". Did you mean'),
        (FEWER.replace("gru < lstm and gru / lstm == 0.75", "open('x')"), "not a rule: "),
        (FEWER.replace("gru < lstm and gru / lstm == 0.75", "gru + 1"), "not a rule, for it is"),
        (FEWER.replace("gru < lstm and gru / lstm == 0.75", "gru <"), "not a rule: 'gru <': inv"),
        (FEWER.replace("gru < lstm and", "gru / 0 < 1 and"), "cannot be told: 'gru / 0 < 1 and"),
        (FEWER.replace("gru < lstm and", "gru < 'a' and"), "cannot be told: \"gru < 'a' and"),
        (FEWER.replace("gru < lstm and", "gru in lstm and"), "not a rule: 'gru in lstm and"),
        (
            FEWER.replace("Three", "So `{wheel}`"),
            '"why" may hold {value} spans and citations, and',
        ),
        (FEWER.replace("for: count", "for: ../count"), 'file "../count.json" lies outside docs/'),
    ],
)
def test_a_fault_of_the_evidence_names_the_claim(tmp_path: Path, claims: str, message: str) -> None:
    made = site(tmp_path, claims)
    rendered(made, "docs/claims.md")
    if not message:
        assert made.problems == []
        return
    (problem,) = made.problems
    assert str(problem).startswith(f'docs/claims.md:3: docs/claims.yml:1: "fewer": {message}')


def test_an_unknown_verdict_is_not_counted(tmp_path: Path) -> None:
    made = site(tmp_path, FEWER)
    (made.settings.root / "docs/b.md").write_text("`{claims} hold`")
    rendered(made, "docs/b.md")
    assert [str(problem) for problem in made.problems] == [
        'docs/b.md:1: no verdict is called "hold". Did you mean "holds"?'
    ]


@given(a=st.integers(-9, 9), b=st.integers(-9, 9), c=st.integers(-9, 9))
def test_a_rule_means_what_it_means_in_python(a: int, b: int, c: int) -> None:
    values = {"a": a, "x.b": b, "c": c}
    for rule in ("a < x.b <= c", "abs(a - c) * 2 > 3 or not a == x.b", "a != -c and x.b + 1 >= a"):
        python = eval(rule.replace("x.b", "b"), {}, {"a": a, "b": b, "c": c})
        assert evaluate(rule, values.__getitem__) is python


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.sampled_from(["holds", "count.json gru < lstm", "gru", "`{value} count.json gru`", ""]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["for", "against", "x"]), inner, max_size=2)
    ),
    max_leaves=3,
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site(tmp_path_factory.mktemp("claims"), FEWER).settings.root


@settings(max_examples=50)
@given(field=st.sampled_from([field.name for field in fields(Claim)]), value=_ANYTHING)
def test_any_claim_is_shown_or_is_a_fault(root: Path, field: str, value: object) -> None:
    claim = yaml.safe_load(FEWER)[0]
    (root / "docs/claims.yml").write_text(yaml.safe_dump([{**claim, field: value}]), "utf-8")
    made = Site(load(root))
    made.prepare(lambda line: None)
    shown = rendered(made, "docs/claims.md")
    assert made.problems or f"**{claim['verdict'].capitalize()}.**" in shown
    assert all("\n" not in str(problem) for problem in made.problems)


@settings(max_examples=50)
@given(field=st.sampled_from([field.name for field in fields(Work)]), value=_ANYTHING)
def test_any_work_is_listed_or_is_a_fault(root: Path, field: str, value: object) -> None:
    work = yaml.safe_load(WORKS)["cho2014"]
    (root / "docs/works.yml").write_text(yaml.safe_dump({"cho2014": {**work, field: value}}))
    made = Site(load(root))
    made.prepare(lambda line: None)
    assert made.problems or 'id="cho2014"' in rendered(made, "docs/a.md")
