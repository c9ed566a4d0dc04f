"""Which chapters MkDocs publishes: it has the say on what is excluded and what is a draft."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, InclusionLevel, get_files

from livedocs.addresses import MADE
from livedocs.problems import Failed, Problem
from livedocs.settings import Settings


def chapters(config: MkDocsConfig, *, drafts: bool = False) -> list[str]:
    """Return the published chapters, relative to their folder; while serving, ``drafts`` too.

    They come in the order of the navigation, and then those that it does not name.
    """
    inclusion = InclusionLevel.is_in_serve if drafts else InclusionLevel.is_included
    pages = get_files(config).documentation_pages(inclusion=inclusion)
    places = {source: place for place, source in enumerate(_named(config.nav))}
    return sorted((page.src_uri for page in pages), key=lambda one: places.get(one, len(places)))


def _named(nav: Any) -> Iterator[str]:
    match nav:
        case str():
            yield nav
        case dict() | list():
            for part in nav.values() if isinstance(nav, dict) else nav:
                yield from _named(part)


def chapters_of(root: Path) -> list[str] | None:
    """Return the chapters that the project at ``root`` publishes, None where MkDocs has no say."""
    file = root / "mkdocs.yml"
    return chapters(load_config(str(file))) if file.is_file() else None


def refuse_what_would_be_overwritten(files: Files, settings: Settings) -> None:
    """Raise Failed where an author's files lie in folders that hold what the engine makes."""
    message = '"{}" holds what the engine makes: move this to another folder'
    problems = [
        Problem(f"{settings.docs}/{file.src_uri}", None, message.format(folder))
        for file in files
        if (folder := file.src_uri.partition("/")[0]) in MADE and folder != file.src_uri
        if file.src_dir and Path(file.src_dir) == settings.docs_folder
        if file.inclusion != InclusionLevel.EXCLUDED
    ]
    if problems:
        raise Failed(problems)
