"""The engine's settings: the table ``[tool.livedocs]`` of a project's pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .problems import Problem, near_match, read_text
from .way import Way


@dataclass(frozen=True)
class Settings:
    """Where a site's parts lie and what its snippets may do."""

    root: Path
    docs: str = "docs"
    snippets: str = "snippets"
    sources: str = "src"
    cache: str = ".cache/livedocs"
    expected: str = "tests/expected.toml"
    #: The snippets that are known to print the same on every machine.
    portable: str = "tests/portable.toml"
    #: Files whose change invalidates every record.
    locks: tuple[str, ...] = ()
    #: Third-party modules that the fork server imports once for all snippets.
    preload: tuple[str, ...] = ()
    #: The file of the claims that the site settles, if any.
    claims: str | None = None
    #: The file of the works that chapters cite, if any.
    references: str | None = None
    #: Distributions that the last line of each page names with their versions.
    provenance: tuple[str, ...] = ()
    #: The package whose wheel is built into the site, if any.
    wheel: str | None = None
    #: What one snippet may take: CPU time, and time by the clock for what waits and never ends.
    seconds: float = 20.0
    wall_seconds: float = 300.0
    memory_bytes: int = 4_000_000_000
    #: What one snippet may print.
    output_bytes: int = 20_000
    #: How other machines would run the snippets, each way under its name.
    ways: dict[str, Way] = field(default_factory=dict)
    #: Colors that a figure may use, and the CSS variable that replaces each.
    inks: dict[str, str] = field(default_factory=dict)
    #: Files copied into the site: path in the site -> pattern below the project.
    assets: dict[str, str] = field(default_factory=dict)

    @property
    def docs_folder(self) -> Path:
        return self.root / self.docs

    @property
    def snippets_folder(self) -> Path:
        return self.root / self.snippets

    @property
    def cache_folder(self) -> Path:
        return self.root / self.cache


def load(root: Path) -> Settings:
    """Read the settings of the project at ``root``; a misspelled key is a :class:`Problem`."""
    root = root.resolve()
    try:
        table = tomllib.loads(read_text(root / "pyproject.toml", "pyproject.toml"))
    except FileNotFoundError:
        raise Problem("pyproject.toml", None, f"not found in {root}") from None
    except tomllib.TOMLDecodeError as error:
        raise Problem("pyproject.toml", None, f"not TOML: {error}") from None
    given = table.get("tool", {}).get("livedocs", {})
    known = [f.name for f in fields(Settings) if f.name != "root"]
    _refuse_unknown("[tool.livedocs]", given, known)
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in given.items()
    }
    for title, way in given.get("ways", {}).items():
        _refuse_unknown(f"[tool.livedocs.ways.{title}]", way, [f.name for f in fields(Way)])
    values["ways"] = {title: Way(**way) for title, way in given.get("ways", {}).items()}
    return Settings(root, **values)


def _refuse_unknown(table: str, given: Iterable[str], known: list[str]) -> None:
    for key in given:
        if key not in known:
            message = f'{table} has no "{key}".{near_match(key, known)}'
            raise Problem("pyproject.toml", None, message)
