"""What the server keeps from one build to the next, so that an edit costs what it touches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .files import below, digest, text_digest
from .site import Site

#: Excerpts of the library, and its docstrings.
_SHOWS_SOURCES = re.compile(r"^[ \t]*(?:`{3,}|~{3,}) ?source |^::: ", re.MULTILINE)
#: The template of a page that is as it was.
TEMPLATE = "as-it-was.html"
TEMPLATES = {TEMPLATE: "{{ page.meta.as_it_was }}"}


#: How MkDocs begins to say that a link of a page leads nowhere.
_PAGE_AT_FAULT = re.compile(r"Doc file '([^']+)' contains ")


@dataclass
class Finished:
    """A page as it was published, and what other pages and the search need to know of it."""

    made_of: str
    output: str = ""
    title: str | None = None
    anchors: frozenset[str] = frozenset()
    found_by: list[dict[str, Any]] = field(default_factory=list)


#: The pages as they were last, by source.
PAGES: dict[str, Finished] = {}


def forget(fault: str) -> None:
    """Have a page made anew that MkDocs found fault with: the next build is to say so again."""
    if match := _PAGE_AT_FAULT.match(fault):
        PAGES.pop(match[1], None)


def common(site: Site, provenance: str, others: Iterable[Path]) -> str:
    """Return a digest of what every page is made of: its last line, the files ``others``, ..."""
    settings = site.settings
    root, docs = settings.root, settings.docs_folder
    files = [root / "mkdocs.yml", root / "pyproject.toml", *others, *below(docs, "*.json")]
    files += [root / name for name in (settings.references, settings.claims) if name]
    # The title of any page, and what its front matter says, may stand on any other.
    heads = [_head((root / path).read_text("utf-8")) for path in site.chapters]
    return text_digest(provenance, *map(digest, files), *heads)


def made_of(site: Site, path: str, common: str) -> str:
    """Return a digest of what the page of chapter ``path`` is made of."""
    settings, chapter = site.settings, site.chapters[path]
    text = (settings.root / path).read_text("utf-8")
    names = set(chapter.snippets())
    if any(span.kind == "claims" for span in chapter.spans):
        names = set(site.snippets)
    parts = [common, text, *(repr(site.records.get(name)) for name in sorted(names))]
    if _SHOWS_SOURCES.search(text):
        parts += map(digest, below(settings.root / settings.sources, "*.py"))
    return text_digest(*parts)


def _head(text: str) -> str:
    """Return a chapter's first lines, down to its title."""
    title = re.search(r"^# .+$", text, re.MULTILINE)
    return text[: title.end()] if title else ""
