"""The ledger on the built site: every claim of the essay, its verdict, and what it hangs on."""

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page

from livedocs.checks import claims
from livedocs.ledger import VERDICTS, Claim, Evidence, verdict, weighed
from livedocs.record import Record
from livedocs.settings import load
from livedocs.site import Site
from studies.harness.catalog import NAMES

ROOT = Path(__file__).parents[2]
LEDGER = yaml.safe_load((ROOT / "docs" / "claims.yml").read_text("utf-8"))
WEIGHED = [claim["id"] for claim in LEDGER if "evidence" in claim]
#: What the essay says, a word or two for each claim.
ESSAY = [
    "lstm-vanishing",
    "gru-vanishing",
    "fewer-parameters",
    "one-purpose",
    "effective",
    "one-output",
    "two-gates",
    "gates-decide",
    "update-gate",
    "reset-gate",
    "reset-is-forget",
    "merged-gate",
    "no-cell",
    "keeps-context",
    "long-spans",
    "close-fight",
    "short-gru",
    "long-lstm",
    "lstm-remembers",
    "born-2014",
    "attention-same-time",
    "overshadowed",
    "newer",
    "less-used",
    "still-used",
    "industry-fit",
    "courses",
    "trends",
    "chatbots",
    "why-little-traction",
]


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_every_claim_of_the_essay_is_settled() -> None:
    assert [claim["id"] for claim in LEDGER] == ESSAY


@pytest.mark.parametrize("claim", LEDGER, ids=lambda claim: str(claim["id"]))
def test_a_claim_stands_on_the_page_with_its_verdict(
    built_site: Path, claim: dict[str, Any]
) -> None:
    page = (built_site / "claims.html").read_text("utf-8")
    section = page.partition(f'<h2 id="{claim["id"]}">')[2].partition("<h2")[0]
    assert text(section).strip().startswith(claim["claim"])
    name = claim["verdict"].replace(" ", "-")
    shown = f"<strong>{claim['verdict'].capitalize()}.</strong>"
    assert f'<span class="verdict verdict-{name}">{shown}</span>' in section
    kinds = re.findall(r"<li><strong>[^<]+</strong> of \d, (\w+): ", section)
    given = [kind for one in claim.get("evidence", []) for kind in one if kind != "says"]
    assert sorted(kinds) == sorted(given)
    assert ("What would change the verdict" in section) == ("evidence" in claim)
    assert ("Rests on its sources alone." in section) == ("evidence" not in claim)
    assert ("What would settle it" in section) == ("settle" in claim)
    for work in claim.get("sources", []):
        assert f'href="references.html#{work}"' in section


def test_a_claim_shows_the_rule_itself(built_site: Path) -> None:
    page = (built_site / "claims.html").read_text("utf-8")
    section = page.partition('<h2 id="fewer-parameters">')[2].partition("<h2")[0]
    rule = "gru_is_smaller = gru_total &lt; lstm_total in parameters/formula.py"
    assert f"+8 of 8, proof: {rule}" in text(section)


def test_home_shows_the_tally(built_site: Path) -> None:
    verdicts = Counter(claim["verdict"] for claim in LEDGER)
    page = text((built_site / "index.html").read_text("utf-8"))
    tally = " ".join(f"{name} {verdicts[name]}" for name in VERDICTS if verdicts[name])
    assert f"into {len(LEDGER)} claims " in page
    assert tally in re.sub(r"\s+", " ", page)


def test_the_legend_sifts_the_claims(page_at: Callable[..., Page], http_base: str) -> None:
    page = page_at(f"{http_base}claims.html")
    verdicts = Counter(claim["verdict"] for claim in LEDGER)
    rows = page.locator("tr:has(td:last-child > .verdict)").filter(visible=True)
    for name in ("does not hold", "holds"):
        page.get_by_role("button", name=f"{name} {verdicts[name]}", exact=True).press("Enter")
    assert rows.count() == verdicts["does not hold"] + verdicts["holds"]
    for button in page.get_by_role("button", pressed=True).all()[::-1]:
        button.click()
    assert rows.count() == len(LEDGER)


@pytest.fixture(scope="module")
def site(built_site: Path) -> Site:
    made = Site(load(ROOT))
    made.prepare(lambda line: None)
    return made


@pytest.fixture(params=WEIGHED)
def claim(request: pytest.FixtureRequest, site: Site) -> Claim:
    return next(one for one in site.claims if one.id == request.param)


def changed(site: Site, pieces: Iterable[Evidence], factor: int) -> Site:
    """Return the site as it would be if these pieces of evidence came out otherwise."""
    made = copy(site)
    made.records = dict(site.records)
    for one in pieces:
        record = made.records[one.file]
        said = {**record.values, one.name: factor * record.values[one.name]}
        made.records[one.file] = replace(record, values=said)
    return made


def test_the_build_stops_where_evidence_comes_out_otherwise(site: Site, claim: Claim) -> None:
    """At least one piece decides: it alone changes the verdict; and so does the lack of all."""
    assert [*claims.check(site)] == []
    stopped = 0
    for one in claim.evidence:
        made = changed(site, [one], -1)
        says = (piece.says(made.record(piece.file)) for piece in claim.evidence)
        given = verdict(says)
        problems = [str(found) for found in claims.check(made) if f'"{claim.id}": ' in str(found)]
        stopped += len(problems)
        assert len(problems) == (given != claim.verdict)
        place = f'docs/claims.yml:{claim.line}: "{claim.id}": says "{claim.verdict}", but its '
        assert all(found.startswith(f'{place}evidence gives "{given}": ') for found in problems)
    assert stopped
    made = changed(site, claim.evidence, 0)
    assert any('evidence gives "lacks evidence"' in str(found) for found in claims.check(made))


def results(rule: str, record: Record) -> Iterator[Any]:
    """Yield what a rule gives: now, and where one number of its snippet comes out otherwise."""
    expression = compile(rule.partition(" = ")[2], rule, "eval")
    yield eval(expression, {}, dict(record.values))
    for name in {node.id for node in ast.walk(ast.parse(rule)) if isinstance(node, ast.Name)}:
        now = record.values.get(name)
        for other in (0, 1, now / 10, 10 * now) if isinstance(now, int | float) else ():
            try:
                yield eval(expression, {}, {**record.values, name: other})
            except ZeroDivisionError:
                continue


def test_a_rule_is_a_sum_of_plain_numbers_that_could_come_out_otherwise(
    site: Site, claim: Claim
) -> None:
    says = weighed(site, claim)
    found = set()
    for one, said in says.items():
        record = site.record(one.file)
        now, *others = results(one.rule(site.snippets[one.file]), record)
        assert now == record.values[one.name]
        assert {*others} - {now}, f"nothing changes {one.name}"
        found |= {verdict((says | {one: one.weight * x}).values()) for x in others if -1 <= x <= 1}
        assert said == one.weight * now
    assert found - {claim.verdict}


def studies_read(record: Record) -> set[str]:
    evidence = [Path(path) for path in record.dependencies if path.startswith("docs/evidence/")]
    return {path.stem for path in evidence if path.suffix == ".json"} & {*NAMES}


def test_a_piece_is_of_the_kind_that_it_says(site: Site, claim: Claim) -> None:
    for one in claim.evidence:
        read = studies_read(site.record(one.file))
        assert bool(read) == (one.kind in ("study", "rerun")), one
        for name in read:
            assert json.loads((ROOT / f"docs/evidence/{name}.json").read_text())["complete"]


def test_a_study_says_no_more_of_a_claim_than_its_weight(site: Site, claim: Claim) -> None:
    said = dict.fromkeys(NAMES, 0.0)
    for one in claim.evidence:
        for name in studies_read(site.record(one.file)):
            said[name] += abs(one.says(site.record(one.file)) / one.weight)
    assert all(share <= 1 + 1e-9 for share in said.values()), said


def test_counting_twice_would_change_the_one_verdict_that_the_page_names(site: Site) -> None:
    """*counting* asks what *counting_parameters* asks, with the same result: here it is added."""
    others = []
    for claim in site.claims:
        says = [(one.file, said) for one, said in weighed(site, claim).items()]
        again = [said for file, said in says if file == "counting/parameters.py"]
        if again and verdict([*again, *(said for _, said in says)]) != claim.verdict:
            others.append(claim.id)
    page = (ROOT / "docs" / "claims.md").read_text("utf-8")
    assert [f"[one verdict](#{one})" in page for one in others] == [True]
