"""Claims whose evidence cannot be weighed, or gives another verdict than theirs."""

from collections.abc import Iterator

from ..ledger import weighed
from ..problems import Problem
from ..site import Site, Waiting


def check(site: Site) -> Iterator[Problem]:
    """Yield what is wrong with the evidence of each claim, or with its verdict."""
    for claim in site.claims:
        files = {one.file for one in claim.evidence}
        if any(file in site.failures and site.uses(file) for file in files):
            continue  # the chapter that shows the snippet says why it has no values
        try:
            weighed(site, claim)
        except Waiting:
            continue
        except ValueError as error:
            yield claim.problem(str(error))
