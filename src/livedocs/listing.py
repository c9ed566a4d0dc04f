"""Which chapters MkDocs publishes: it has the say on what is excluded and what is a draft."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import InclusionLevel, get_files


def chapters(config: MkDocsConfig, *, drafts: bool = False) -> list[str]:
    """Return the published chapters, relative to their folder; while serving, ``drafts`` too."""
    inclusion = InclusionLevel.is_in_serve if drafts else InclusionLevel.is_included
    return [file.src_uri for file in get_files(config).documentation_pages(inclusion=inclusion)]


def chapters_of(root: Path) -> list[str] | None:
    """Return the chapters that the project at ``root`` publishes, None where MkDocs has no say."""
    file = root / "mkdocs.yml"
    return chapters(load_config(str(file))) if file.is_file() else None
