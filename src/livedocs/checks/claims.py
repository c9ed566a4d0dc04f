"""Claims whose evidence is not true."""

from collections.abc import Iterator

from ..problems import Problem
from ..site import Site, Waiting


def check(site: Site) -> Iterator[Problem]:
    """Yield each piece of evidence of a claim that is not true, or whose rule no line shows."""
    for claim in site.claims:
        for evidence in claim.evidence:
            if evidence.file in site.failures and site.uses(evidence.file):
                continue  # the chapter that shows the snippet says why it has no values
            try:
                site.rule(evidence)
            except Waiting:
                continue
            except ValueError as error:
                yield claim.problem(str(error))
