"""Works that no chapter cites, or no chapter lists."""

from collections.abc import Iterator

from ..problems import Problem
from ..site import Site


def check(site: Site) -> Iterator[Problem]:
    """Yield each work that neither a chapter nor a claim cites, and the want of a list of them."""
    path = site.settings.references or ""
    spans = (span for chapter in site.chapters.values() for span in chapter.spans)
    cited = {span.name for span in spans if span.kind == "citation"}
    cited |= {key for claim in site.claims for key in claim.sources}
    for work in site.works.values():
        if work.key not in cited:
            yield Problem(path, work.line, f'no chapter cites "{work.key}"')
    if site.works and site.list_of_works is None:
        message = "no chapter lists the works: write `{references}` where they belong"
        yield Problem(path, None, message)
