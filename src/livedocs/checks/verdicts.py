"""Verdicts of claims that were typed, where the ledger should give them."""

import re
from collections.abc import Iterator

from ..chapter import Chapter
from ..ledger import VERDICTS
from ..problems import Problem
from ..site import Site

#: A verdict in prose. "Holds" alone is too common a word.
_VERDICT = re.compile(
    "|".join(name.replace(" ", r"\s+") for name in VERDICTS if " " in name), re.IGNORECASE
)
_LINK = re.compile(r"\]\((?:[^()\s]*/)?(?P<page>[^()\s/#]+)#(?P<id>[\w-]+)\)")


def check(site: Site) -> Iterator[Problem]:
    """Yield each verdict that a chapter states by itself, and each claim linked to without its own.

    Two pages cannot contradict each other about a claim, nor the ledger, if both take the verdict
    from there: ``{claims} fewer-parameters``.
    """
    ids = {claim.id for claim in site.claims}
    lists = {path for path, chapter in site.chapters.items() if _lists_claims(chapter)}
    for path, chapter in site.chapters.items():
        if ids and path not in lists:  # the page of all claims says what each verdict means
            yield from typed(chapter, ids, {page.rpartition("/")[2] for page in lists})


def typed(chapter: Chapter, ids: set[str], pages: set[str]) -> Iterator[Problem]:
    """Yield what is wrong in a chapter, where these are all claims, listed on these pages."""
    spans = [span for span in chapter.spans if span.kind == "claims"]
    line = 1
    for paragraph in re.split(r"(\n[ \t\r]*\n)", chapter.prose):
        last = line + paragraph.count("\n")
        given = {span.name for span in spans if line <= span.line <= last}
        for match in _LINK.finditer(paragraph):
            if match["page"] in pages and match["id"] in ids - given:
                yield Problem(
                    chapter.path,
                    line + paragraph.count("\n", 0, match.start()),
                    f'a link to the claim "{match["id"]}" goes with its verdict: write '
                    f"`{{claims}} {match['id']}` in the same paragraph",
                )
        stated = None if given else _VERDICT.search(paragraph)
        if stated:
            yield Problem(
                chapter.path,
                line + paragraph.count("\n", 0, stated.start()),
                f'"{" ".join(stated[0].split())}" is a verdict: take it from the ledger '
                "(`{claims} name-of-the-claim`), or say it in other words",
            )
        line = last


def _lists_claims(chapter: Chapter) -> bool:
    return any(span.kind == "claims" and not span.name for span in chapter.spans)
