"""Snippets that no chapter uses."""

from collections.abc import Iterator

from ..files import below
from ..problems import Problem
from ..site import Site


def check(site: Site) -> Iterator[Problem]:
    """Yield each snippet that no chapter and no claim uses."""
    settings = site.settings
    if not site.is_read:  # what cannot be read may use it
        return
    chapters = below(settings.docs_folder, "*.md")
    # What a draft uses is not published, and not in the way either.
    drafts = [file for file in chapters if site.published and file not in site.published]
    waiting = "\n".join(file.read_text("utf-8", "replace") for file in drafts)
    for file in below(settings.snippets_folder, "*.py"):
        name = file.relative_to(settings.snippets_folder).as_posix()
        known = name in site.snippets or name in site.failures
        if not known and name not in waiting:
            message = f"no chapter uses it: show it in a chapter of {settings.docs}/, or delete it"
            yield Problem(f"{settings.snippets}/{name}", None, message)
