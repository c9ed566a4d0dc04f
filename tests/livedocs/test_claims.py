"""A claim's verdict follows from its evidence, and its evidence is checked at every build."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from livedocs import checks
from livedocs.addresses import Place
from livedocs.ledger import Claim, Evidence
from livedocs.mkdocs import chapters
from livedocs.plain import escaped
from livedocs.record import Record
from livedocs.settings import load
from livedocs.site import Site
from livedocs.snippets import parse
from livedocs.works import Work

FEWER = """\
- id: fewer
  claim: A GRU has fewer parameters than an LSTM
  verdict: holds
  why: Three blocks of four, `{value} count.py gru` numbers, as in @cho2014.
  evidence:
    - for: count.py gru_is_smaller
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
RULE = "gru < lstm and gru / lstm == 0.75"
COUNT = f"# %% count\ngru, lstm = 150, 200\n\n# %% rules check=true\ngru_is_smaller = {RULE}\n"
SETTINGS = '[tool.livedocs]\nclaims = "docs/claims.yml"\nreferences = "docs/works.yml"\n'


def site(folder: Path, claims: str, snippet: str = COUNT) -> Site:
    (folder / "pyproject.toml").write_text(SETTINGS)
    (folder / "snippets").mkdir()
    (folder / "snippets" / "count.py").write_text(snippet)
    docs = folder / "docs"
    docs.mkdir()
    (docs / "claims.yml").write_text(claims)
    (docs / "works.yml").write_text(WORKS)
    (docs / "a.md").write_text(
        "# A\n\n`{references}`\n\n@cho2014\n\nOf `{claims} all`, not `{value} count.py gru`.\n"
    )
    (docs / "claims.md").write_text("# Claims\n\n`{claims}`\n")
    return prepared(folder)


def prepared(folder: Path) -> Site:
    made = Site(load(folder))
    made.prepare(lambda line: None)
    made.problems += checks.problems(made)
    return made


def rendered(made: Site, path: str) -> str:
    text = (made.settings.root / path).read_text("utf-8")
    return chapters.render(made, path, text, 1, Place("page.html")).markdown


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
        '<a href="notebooks/count.html"><code>count.py</code></a>. [Argued here](a.md). '
        "Sources: [Cho, 2014](a.md#cho2014).\n\n"
        "## The GRU dates from 2014 {#born}\n\n"
        "**Holds.** So says the paper.\n\n"
        "Rests on its sources alone. Sources: [Cho, 2014](a.md#cho2014).\n"
    )
    assert "Of 2, not 150." in rendered(made, "docs/a.md")


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
    lines = "".join(f"    - {side}: count.py gru_is_smaller\n" for side in sides)
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
    more = FEWER.replace("id: fewer", "id: more")
    made = site(tmp_path, BORN + FEWER + more, COUNT.replace("150", "160"))
    faults = [
        f'docs/claims.yml:{line}: "{name}": its evidence is not true: gru_is_smaller (count.py)'
        for line, name in ((6, "fewer"), (14, "more"))
    ]
    assert [str(problem) for problem in made.problems] == faults
    page = rendered(made, "docs/claims.md")
    assert page == f"# Claims\n\n**⚠ {escaped(faults[0])}**\n"
    assert [str(problem) for problem in made.problems] == faults, "each is told once"


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
        *(
            (
                FEWER.replace("count.py gru_is_smaller", evidence),
                f'"fewer" has {fault}: "{evidence}"',
            )
            for fault in ["evidence that does not name a file.py and a variable of it"]
            for evidence in [
                "gru_is_smaller",
                "count.py",
                "count.json gru_is_smaller",
                "count.py gru < lstm",
                "count.py gru <",
                "count.py open('x')",
            ]
        ),
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
    ("given", "instead", "message"),
    [
        (
            "gru_is_smaller",
            "gru_smaller",
            'snippets/count.py has no variable "gru_smaller". Did you mean "gru_is_smaller"',
        ),
        (
            "gru_is_smaller",
            "gru",
            "gru of snippets/count.py must be True or False, and is of type in",
        ),
        (
            "gru_is_smaller",
            "sys",
            "sys of snippets/count.py must be True or False, and is of type mo",
        ),
        (
            "gru_is_smaller",
            "pair_1",
            'snippets/count.py has no line "pair_1 = ..." that a reader co',
        ),
        ("gru_is_smaller", "gru_is_larger", "its evidence is not true: gru_is_larger (count.py)"),
        ("for: count", "for: ../count", 'snippet "../count.py" lies outside snippets/'),
        (
            "for: count",
            "for: cuont",
            'no snippet "cuont.py" in snippets/. Did you mean "count.py"?',
        ),
    ],
)
def test_a_fault_of_the_evidence_names_the_claim(
    tmp_path: Path, given: str, instead: str, message: str
) -> None:
    more = "gru_is_larger = not gru_is_smaller\npair_1, pair_2 = True, True\nimport sys\n"
    made = site(tmp_path, FEWER.replace(given, instead), COUNT + more)
    (problem,) = made.problems
    assert str(problem).startswith(f'docs/claims.yml:1: "fewer": {message}')
    assert f"**⚠ {escaped(str(problem))}**" in rendered(made, "docs/claims.md")
    assert made.problems == [problem], "it is told once"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("gru < lstm or gru / lstm == 0.75", ""),
        ("gru < lstm and gru / lstm == 0.75 or gur == 1", ""),
        ("gur < lstm", "snippets/count.py:5: NameError: name 'gur' is not defined"),
        ("gru / 0 < 1", "snippets/count.py:5: ZeroDivisionError: "),
        ("gru < 'a'", "snippets/count.py:5: TypeError: "),
        ("gru in lstm", "snippets/count.py:5: TypeError: "),
        ("gru <", "snippets/count.py:5: SyntaxError: "),
    ],
)
def test_a_rule_that_cannot_be_told_is_a_fault_of_its_snippet(
    tmp_path: Path, rule: str, message: str
) -> None:
    made = site(tmp_path, FEWER, COUNT.replace(RULE, rule))
    assert made.problems == [], "the chapter says it"
    page = rendered(made, "docs/claims.md")
    if not message:
        assert made.problems == []
        assert f"For it: `{rule}` in " in page
        return
    (problem,) = made.problems
    assert str(problem).startswith(f'docs/claims.md:3: docs/claims.yml:1: "fewer": {message}')


@pytest.mark.parametrize(
    ("given", "instead", "message"),
    [
        ("[cho2014]", "[chu2014]", 'no work is called "chu2014". Did you mean "cho2014"?'),
        ("Three", "So `{wheel}`", '"why" may hold {value} spans and citations, and nothing else'),
    ],
)
def test_a_fault_of_what_is_said_names_the_claim(
    tmp_path: Path, given: str, instead: str, message: str
) -> None:
    made = site(tmp_path, FEWER.replace(given, instead))
    rendered(made, "docs/claims.md")
    (problem,) = made.problems
    assert str(problem) == f'docs/claims.md:3: docs/claims.yml:1: "fewer": {message}'


def test_an_unknown_verdict_is_not_counted(tmp_path: Path) -> None:
    made = site(tmp_path, FEWER)
    (made.settings.root / "docs/b.md").write_text("`{claims} hold`")
    rendered(made, "docs/b.md")
    assert [str(problem) for problem in made.problems] == [
        'docs/b.md:1: no verdict and no claim is called "hold". Did you mean "holds"?'
    ]


def test_a_page_that_is_kept_while_serving_shows_the_rule_of_now(tmp_path: Path) -> None:
    before = site(tmp_path, FEWER)
    (tmp_path / "docs" / "b.md").write_text("That `{claims} fewer`.\n")
    before.prepare(lambda message: None)
    (tmp_path / "snippets" / "count.py").write_text(COUNT.replace(RULE, "lstm > gru"))
    now = prepared(tmp_path)
    assert now.records == before.records
    old, new = before.digests(), now.digests()
    assert old["docs/claims.md"] != new["docs/claims.md"]
    assert old["docs/b.md"] == new["docs/b.md"], "a verdict alone does not need the snippet"


_RULES = st.recursive(
    st.sampled_from(["gru", "lstm.total", "0.96", "1e-6", '"gru"', "'two  spaces'", "True"]),
    lambda inner: (
        st.builds(
            "({}{}{})".format,
            inner,
            st.sampled_from([" < ", " and ", "-", " or\n ", " ==#\n"]),
            inner,
        )
        | st.builds("abs({})".format, inner)
        | st.builds("not {}".format, inner).map("({})".format)
    ),
    max_leaves=5,
)


@given(rule=_RULES)
def test_the_rule_that_is_shown_is_the_last_one_assigned(rule: str) -> None:
    text = f"# %% rules\nx = 1\nx = {rule}\ny = 2\n\ndef f():\n    x = 3\n"
    record = Record("snippets/a.py", (), {"x": True})
    shown = Evidence("for", "a.py", "x").rule(parse("snippets/a.py", text), record)
    assert "\n" not in shown
    assert "#" not in shown
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(rule))


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.sampled_from(["holds", "count.py gru_is_smaller", "gru", "`{value} count.py gru`", ""]),
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
    made = prepared(root)
    shown = rendered(made, "docs/claims.md")
    assert made.problems or f"**{claim['verdict'].capitalize()}.**" in shown
    assert all("\n" not in str(problem) for problem in made.problems)


@settings(max_examples=50)
@given(field=st.sampled_from([field.name for field in fields(Work)]), value=_ANYTHING)
def test_any_work_is_listed_or_is_a_fault(root: Path, field: str, value: object) -> None:
    work = yaml.safe_load(WORKS)["cho2014"]
    (root / "docs/works.yml").write_text(yaml.safe_dump({"cho2014": {**work, field: value}}))
    made = prepared(root)
    assert made.problems or 'id="cho2014"' in rendered(made, "docs/a.md")
