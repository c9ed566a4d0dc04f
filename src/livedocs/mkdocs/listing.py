"""Which chapters MkDocs publishes: it has the say on what is excluded and what is a draft."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, InclusionLevel, get_files

from livedocs.addresses import MADE
from livedocs.problems import Failed, Problem, near_match
from livedocs.settings import Settings


def chapters(config: MkDocsConfig, *, drafts: bool = False) -> dict[str, tuple[str, ...]]:
    """Return the published chapters, relative to their folder; while serving, ``drafts`` too.

    They come in the order of the navigation, each with the titles of the groups in which it stands
    there, and then those that it does not name.
    """
    inclusion = InclusionLevel.is_in_serve if drafts else InclusionLevel.is_included
    pages = get_files(config).documentation_pages(inclusion=inclusion)
    groups = dict(_named(config.nav))
    places = {source: place for place, source in enumerate(groups)}
    names = sorted((page.src_uri for page in pages), key=lambda one: places.get(one, len(places)))
    return {name: groups.get(name, ()) for name in names}


def _named(nav: Any, groups: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each page that a navigation names, with the groups around it."""
    match nav:
        case str():
            yield nav, groups
        case list():
            for part in nav:
                yield from _named(part, groups)
        case dict():
            for title, part in nav.items():
                yield from _named(part, groups if isinstance(part, str) else (*groups, title))


def chapters_of(root: Path) -> dict[str, tuple[str, ...]] | None:
    """Return the chapters that the project at ``root`` publishes, None where MkDocs has no say."""
    file = root / "mkdocs.yml"
    return chapters(load_config(str(file))) if file.is_file() else None


def misnamed(config: MkDocsConfig, settings: Settings) -> Iterator[Problem]:
    """Yield each page of the navigation that does not exist, and each page that it lacks.

    The latter are no problem where MkDocs is not told to warn of them.
    """
    files = get_files(config)
    text = Path(config.config_file_path).read_text("utf-8")
    named = dict(_named(config.nav))
    pages = files.documentation_pages()
    missing = [
        page.src_uri
        for page in pages
        if page.inclusion == InclusionLevel.INCLUDED and page.src_uri not in named
    ]
    for name in named:
        is_own = not urlsplit(name).scheme and name.partition("/")[0] not in ("", *MADE)
        if is_own and files.get_file_from_path(name) is None:
            place = re.search(rf"(?<![\w/.-]){re.escape(name)}(?![\w/.-])", text)
            line = text.count("\n", 0, place.start()) + 1 if place else None
            near = near_match(name, missing) or near_match(name, [one.src_uri for one in pages])
            yield Problem("mkdocs.yml", line, f'nav names "{name}", which is no chapter.{near}')
    if named and config.validation.nav.omitted_files >= logging.WARNING:
        for name in missing:
            message = "no reader gets here: name it in nav, in mkdocs.yml"
            yield Problem(f"{settings.docs}/{name}", None, message)


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
