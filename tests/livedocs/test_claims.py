"""A claim's verdict follows from its evidence, which is weighed at every build."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from livedocs import checks
from livedocs.addresses import Place
from livedocs.ledger import ENOUGH, KINDS, MOSTLY, VERDICTS, WHOLLY, Claim, Evidence, verdict
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
    - proof: count.py gru_is_smaller
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
    (docs / "claims.md").write_text("# Claims\n\n`{claims} table`\n\n`{claims}`\n")
    return prepared(folder)


def prepared(folder: Path) -> Site:
    made = Site(load(folder))
    made.prepare(lambda line: None)
    made.problems += checks.problems(made)
    return made


def rendered(made: Site, path: str) -> str:
    text = (made.settings.root / path).read_text("utf-8")
    return chapters.render(made, path, text, 1, Place("page.html")).markdown


#: How a verdict stands on a page.
HOLDS = '<span class="verdict verdict-holds">{}</span>'


def test_a_claim_shows_verdict_reason_evidence_and_sources(tmp_path: Path) -> None:
    made = site(tmp_path, FEWER + BORN)
    assert made.problems == []
    assert rendered(made, "docs/claims.md") == (
        "# Claims\n\n"
        "| Claim | Verdict |\n| --- | --- |\n"
        f"| [A GRU has fewer parameters than an LSTM](#fewer) | {HOLDS.format('holds')} |\n"
        f"| [The GRU dates from 2014](#born) | {HOLDS.format('holds')} |\n\n"
        "If all kinds weighed the same, 0 of these verdicts would be others.\n\n"
        "## A GRU has fewer parameters than an LSTM {#fewer}\n\n"
        f"{HOLDS.format('**Holds.**')} Three blocks of four, 150 numbers, as in "
        "[Cho, 2014](a.md#cho2014).\n\n"
        "- **+8** of 8, proof: `gru_is_smaller = gru < lstm and gru / lstm == 0.75` in "
        '<a href="notebooks/count.html"><code>count.py</code></a>\n\n'
        "In sum 8 for it and 0 against it. What would change the verdict, if it came out the other "
        "way: `gru_is_smaller` (*does not hold*). [Argued here](a.md). "
        "Sources: [Cho, 2014](a.md#cho2014).\n\n"
        "## The GRU dates from 2014 {#born}\n\n"
        f"{HOLDS.format('**Holds.**')} So says the paper.\n\n"
        "Rests on its sources alone. Sources: [Cho, 2014](a.md#cho2014).\n"
    )
    assert "Of 2, not 150." in rendered(made, "docs/a.md")


def test_evidence_in_words_has_its_rule_a_click_away(tmp_path: Path) -> None:
    says = "smaller\n      says: the GRU has `{value} count.py gru`\n"
    made = site(tmp_path, FEWER.replace("smaller\n", says))
    assert made.problems == []
    assert (
        "- **+8** of 8, proof: the GRU has 150, `gru_is_smaller` in "
        '<a href="notebooks/count.html" title="gru_is_smaller = gru &lt; lstm and gru / lstm == '
        '0.75"><code>count.py</code></a>\n'
    ) in rendered(made, "docs/claims.md")


#: A rule on each side, and one that says nothing.
SIDES = "wholly = True\nhalf = gru / lstm - 0.25\nnothing = gru > lstm\nno = -(gru < lstm)\n"


@pytest.mark.parametrize(
    ("evidence", "follows"),
    [
        (["proof wholly"], "holds"),
        (["study half"], "holds"),
        (["toy wholly"], "lacks evidence"),
        (["published half"], "lacks evidence"),
        (["proof nothing"], "lacks evidence"),
        (["published wholly", "toy nothing"], "holds"),
        (["proof wholly", "toy no"], "mostly holds"),
        (["study wholly", "published no"], "mostly holds"),
        (["study wholly", "rerun no"], "holds in part"),
        (["proof half", "study no"], "holds in part"),
        (["toy wholly", "toy no"], "lacks evidence"),
        (["published half", "study no"], "mostly does not hold"),
        (["proof no"], "does not hold"),
    ],
)
def test_a_verdict_follows_from_its_evidence(
    tmp_path: Path, evidence: list[str], follows: str
) -> None:
    lines = "".join(f"    - {one.replace(' ', ': count.py ')}\n" for one in evidence)
    claim = f"- id: ID\n  claim: C\n  verdict: VERDICT\n  why: W\n  evidence:\n{lines}"
    claims = "".join(
        claim.replace("ID", f"x{n}").replace("VERDICT", each) for n, each in enumerate(VERDICTS)
    )
    made = site(tmp_path, claims, COUNT + SIDES)
    others = [f'"x{n}": says "{each}"' for n, each in enumerate(VERDICTS) if each != follows]
    assert len(made.problems) == len(others) == len(VERDICTS) - 1
    for problem, other in zip(made.problems, others, strict=True):
        assert problem.path == "docs/claims.yml"
        assert problem.message.startswith(f'{other}, but its evidence gives "{follows}": ')


def test_evidence_is_listed_from_the_best_for_a_claim_to_the_least_against_it(
    tmp_path: Path,
) -> None:
    names = ["toy: count.py no", "study: count.py nothing", "published: count.py half"]
    names += ["proof: count.py wholly", "study: count.py no_too"]
    more = FEWER.replace("verdict: holds", "verdict: holds in part")
    more = more.replace("proof: count.py gru_is_smaller", "\n    - ".join(names))
    more += "  settle: Count `{value} count.py lstm` anew.\n"
    made = site(tmp_path, more, f"{COUNT}{SIDES}no_too = no\n")
    assert made.problems == []
    page = rendered(made, "docs/claims.md")
    items = [line.partition(" in <a")[0] for line in page.splitlines() if line.startswith("- ")]
    assert items == [
        "- **+8** of 8, proof: `wholly = True`",
        "- **+1** of 2, published: `half = gru / lstm - 0.25`",
        "- **\N{MINUS SIGN}4** of 4, study: `no_too = no`",
        "- **\N{MINUS SIGN}1** of 1, toy: `no = -(gru < lstm)`",
        "- **0** of 4, study: `nothing = gru > lstm`",
    ]
    assert (
        "In sum 9 for it and 5 against it. What would change the verdict, if it came out the other "
        "way: `wholly` (*does not hold*); `no_too` (*holds*); `no` (*mostly holds*). "
        "What would settle it: Count 200 anew." in page
    )


SAYS = st.lists(st.integers(-64, 64).map(lambda n: n / 8), max_size=6)
#: From no to yes; what is not known lies between.
ORDER = [
    {"does not hold"},
    {"mostly does not hold"},
    {"holds in part", "lacks evidence"},
    {"mostly holds"},
    {"holds"},
]


def place(says: list[float]) -> int:
    return next(n for n, verdicts in enumerate(ORDER) if verdict(says) in verdicts)


@given(says=SAYS)
def test_the_opposite_of_all_evidence_gives_the_opposite_verdict(says: list[float]) -> None:
    assert place([-one for one in says]) == len(ORDER) - 1 - place(says)


@given(says=SAYS, data=st.data())
def test_the_order_of_evidence_does_not_matter(says: list[float], data: st.DataObject) -> None:
    assert verdict(data.draw(st.permutations(says))) == verdict(says)


@given(says=SAYS, more=st.integers(0, 64).map(lambda n: n / 8))
def test_evidence_for_a_claim_never_speaks_against_it(says: list[float], more: float) -> None:
    assert place([*says, more]) >= place(says)
    assert place([*says, -more]) <= place(says)
    for n, said in enumerate(says):
        assert place([*says[:n], said + more, *says[n + 1 :]]) >= place(says)


@given(says=SAYS)
def test_what_says_nothing_changes_nothing(says: list[float]) -> None:
    assert verdict([*says, 0]) == verdict(says)


@given(says=SAYS)
def test_no_verdict_without_enough_evidence_and_none_of_a_toy_alone(says: list[float]) -> None:
    for_it = sum(one for one in says if one > 0)
    against_it = sum(-one for one in says if one < 0)
    assert (verdict(says) == "lacks evidence") == (max(for_it, against_it) < ENOUGH)
    assert KINDS["toy"][0] < ENOUGH <= KINDS["published"][0]
    assert 1 < MOSTLY < WHOLLY


def test_the_weights_and_the_rule_are_shown_as_they_are(tmp_path: Path) -> None:
    made = site(tmp_path, FEWER + BORN)
    (made.settings.root / "docs/b.md").write_text("`{claims} weights`\n\n`{claims} verdicts`\n")
    rows = [line.split(" | ") for line in rendered(made, "docs/b.md").splitlines()]
    cells = [[cell.strip("| ") for cell in row] for row in rows if len(row) == 3]
    weights, verdicts = cells[2 : 2 + len(KINDS)], cells[4 + len(KINDS) :]
    assert [(kind, int(weight)) for kind, weight, _ in weights] == [
        (kind, weight) for kind, (weight, _) in KINDS.items()
    ]
    shown = [re.sub(r"<[^>]*>", "", one) for one, _, _ in verdicts]
    assert shown == [*VERDICTS]
    assert [count for _, _, count in verdicts] == ["2", *"000000"]
    assert (str(WHOLLY) in verdicts[0][1], str(MOSTLY) in verdicts[1][1]) == (True, True)
    assert str(ENOUGH) in verdicts[5][1]


def test_the_bar_is_divided_as_the_verdicts_are(tmp_path: Path) -> None:
    in_part = FEWER.replace("id: fewer", "id: part").replace("holds", "holds in part")
    in_part = in_part.replace("smaller\n", "smaller\n    - proof: count.py no\n")
    made = site(tmp_path, FEWER + BORN + in_part, COUNT + SIDES)
    (made.settings.root / "docs/b.md").write_text("`{claims} bar`\n")
    bar = rendered(made, "docs/b.md")
    parts = re.findall(r'verdict-part verdict-([\w-]+)" style="flex-grow: (\d)">(\d)<', bar)
    assert parts == [("holds", "2", "2"), ("holds-in-part", "1", "1")]
    words = re.sub(r"<[^>]*>", "", bar.replace("<li>", "; ")).strip()
    assert words == "21; holds 2; holds in part 1"


def test_verdicts_that_hang_on_the_weights_are_named(tmp_path: Path) -> None:
    hangs = FEWER.replace("id: fewer", "id: hangs").replace(
        "verdict: holds", "verdict: mostly holds"
    )
    hangs = hangs.replace("smaller\n", "smaller\n    - toy: count.py no\n")
    made = site(tmp_path, FEWER + hangs, COUNT + SIDES)
    assert made.problems == []
    assert (
        "If all kinds weighed the same, 1 of these verdicts would be others: "
        "[A GRU has fewer parameters than an LSTM](#hangs) (*holds in part*).\n"
        in rendered(made, "docs/claims.md")
    )


def test_a_verdict_that_its_evidence_no_longer_gives_is_a_fault(tmp_path: Path) -> None:
    more = FEWER.replace("id: fewer", "id: more")
    made = site(tmp_path, BORN + FEWER + more, COUNT.replace("150", "160"))
    faults = [
        f'docs/claims.yml:{line}: "{name}": says "holds", but its evidence gives '
        '"lacks evidence": gru_is_smaller 0'
        for line, name in ((6, "fewer"), (14, "more"))
    ]
    assert [str(problem) for problem in made.problems] == faults
    page = rendered(made, "docs/claims.md")
    assert page.endswith(f"\n\n**⚠ {escaped(faults[0])}**\n")
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
        (
            FEWER.replace("- proof:", "- studies:"),
            '"fewer" has evidence of an unknown kind, "studies". Did you mean "study"?',
        ),
        (
            FEWER.replace("- proof:", "- for:"),
            '"fewer" has evidence of an unknown kind, "for". There are proof, study, rerun, ',
        ),
        (
            FEWER.replace("- proof:", "-"),
            '"fewer" has evidence that is not a line of "kind: file.py variable"',
        ),
        (
            FEWER.replace("  page", "    - toy: count.py gru_is_smaller\n  page"),
            '"fewer" has the same evidence twice: "count.py gru_is_smaller"',
        ),
        (
            FEWER.replace("verdict: holds", "verdict: not measurable here"),
            '"fewer": says "not measurable here", but its evidence gives "holds": gru_is_smaller ',
        ),
        (BORN + "  settle: 3\n", '"born" "settle" must be a text'),
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
            "gru of snippets/count.py must be True, False or a number from -1 to 1, and is 150",
        ),
        (
            "gru_is_smaller",
            "sys",
            "sys of snippets/count.py must be True, False or a number from -1 to 1, and is of type",
        ),
        (
            "gru_is_smaller",
            "pair_1",
            'snippets/count.py has no line "pair_1 = ..." that a reader co',
        ),
        (
            "gru_is_smaller",
            "lost",
            "lost of snippets/count.py must be True, False or a number from",
        ),
        (
            "gru_is_smaller",
            "gru_is_larger",
            'says "holds", but its evidence gives "lacks evidence": gru_is_larger 0',
        ),
        ("proof: count", "proof: ../count", 'snippet "../count.py" lies outside snippets/'),
        (
            "proof: count",
            "proof: cuont",
            'no snippet "cuont.py" in snippets/. Did you mean "count.py"?',
        ),
    ],
)
def test_a_fault_of_the_evidence_names_the_claim(
    tmp_path: Path, given: str, instead: str, message: str
) -> None:
    more = "gru_is_larger = not gru_is_smaller\npair_1, pair_2 = True, True\nimport sys\n"
    more += "lost = float('nan')\n"
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
        assert f"proof: `gru_is_smaller = {rule}` in " in page
        return
    (problem,) = made.problems
    assert str(problem).startswith(f'docs/claims.md:5: docs/claims.yml:1: "fewer": {message}')


@pytest.mark.parametrize(
    ("given", "instead", "message"),
    [
        ("[cho2014]", "[chu2014]", 'no work is called "chu2014". Did you mean "cho2014"?'),
        (
            "Three",
            "So `{wheel}`",
            "its texts may hold {value} spans and citations, and nothing else",
        ),
    ],
)
def test_a_fault_of_what_is_said_names_the_claim(
    tmp_path: Path, given: str, instead: str, message: str
) -> None:
    made = site(tmp_path, FEWER.replace(given, instead))
    rendered(made, "docs/claims.md")
    (problem,) = made.problems
    assert str(problem) == f'docs/claims.md:5: docs/claims.yml:1: "fewer": {message}'


def test_an_unknown_verdict_is_not_counted(tmp_path: Path) -> None:
    made = site(tmp_path, FEWER)
    (made.settings.root / "docs/b.md").write_text("`{claims} hold`")
    rendered(made, "docs/b.md")
    assert [str(problem) for problem in made.problems] == [
        'docs/b.md:1: no verdict and no claim is called "hold". '
        'Did you mean "holds" or "mostly holds"?'
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
    shown = Evidence("proof", "a.py", "x").rule(parse("snippets/a.py", text))
    assert "\n" not in shown
    assert "#" not in shown
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(f"x = {rule}"))


@given(value=st.floats(-1, 1) | st.booleans(), kind=st.sampled_from([*KINDS]))
def test_a_piece_says_its_value_times_its_weight(value: float, kind: str) -> None:
    record = Record("snippets/a.py", (), {"x": value})
    assert Evidence(kind, "a.py", "x").says(record) == KINDS[kind][0] * value


@given(value=st.floats().filter(lambda one: not -1 <= one <= 1) | st.text())
def test_a_piece_of_another_value_cannot_be_weighed(value: float | str) -> None:
    with pytest.raises(ValueError, match=r"^x of snippets/a\.py must be True, "):
        Evidence("proof", "a.py", "x").says(Record("snippets/a.py", (), {"x": value}))


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.sampled_from(["holds", "count.py gru_is_smaller", "gru", "`{value} count.py gru`", ""]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["proof", "toy", "x"]), inner, max_size=2)
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
