"""The ledger on the built site: every claim of the essay, its verdict, and the tally on Home."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LEDGER = yaml.safe_load((ROOT / "docs" / "claims.yml").read_text("utf-8"))
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
    assert f"<strong>{claim['verdict'].capitalize()}.</strong>" in section
    for side in ("for", "against"):
        rules = [one[side] for one in claim.get("evidence", []) if side in one]
        assert (f"{side.capitalize()} it: " in section) == bool(rules)
    assert ("Rests on its sources alone." in section) == ("evidence" not in claim)
    for work in claim.get("sources", []):
        assert f'href="references.html#{work}"' in section


def test_a_claim_shows_the_rule_itself(built_site: Path) -> None:
    page = (built_site / "claims.html").read_text("utf-8")
    section = page.partition('<h2 id="fewer-parameters">')[2].partition("<h2")[0]
    assert "For it: gru_total &lt; lstm_total in parameters/formula.py ." in text(section)


def test_home_shows_the_tally(built_site: Path) -> None:
    verdicts = Counter(claim["verdict"] for claim in LEDGER)
    page = text((built_site / "index.html").read_text("utf-8"))
    names = ["holds", "holds with a condition", "does not hold", "not measurable here"]
    tally = " ".join([*names, *(str(verdicts[name]) for name in names)])
    assert f"Of {len(LEDGER)} claims , {tally}" in page
