"""The engine's settings: the table ``[tool.livedocs]`` of a project's pyproject.toml."""

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, TypeVar

from .problems import Problem, read_text, unknown_name
from .way import Way

_Table = TypeVar("_Table")


@dataclass(frozen=True)
class Making:
    """How files of the site are made, and from which files of the project."""

    #: The program and its arguments; the folder in which it puts the files is added.
    command: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    #: Environment variables that decide what comes out.
    variables: tuple[str, ...] = ()
    #: The environment variable without which there is no use for the files, if any.
    needs: str = ""


@dataclass(frozen=True)
class Settings:
    """Where a site's parts lie and what its snippets may do."""

    root: Path
    docs: str = "docs"
    snippets: str = "snippets"
    sources: str = "src"
    cache: str = ".cache/livedocs"
    #: The function, as "module:name", that lists the published chapters of a project, given its
    #: root, each with the groups that it stands in; without one, all Markdown below ``docs`` is
    #: published.
    chapters: str | None = None
    #: Patterns of chapters that another program fills in: they are copied as they are.
    unwoven: tuple[str, ...] = ()
    expected: str = "tests/expected.toml"
    #: The snippets that are known to print the same on every machine.
    portable: str = "tests/portable.toml"
    #: Files whose change invalidates every record.
    locks: tuple[str, ...] = ()
    #: Third-party modules that the fork server imports once for all snippets.
    preload: tuple[str, ...] = ()
    #: What each run does first with a module that was preloaded, in Python, by its name.
    reset: dict[str, str] = field(default_factory=dict)
    #: The classes that record what a cell draws, as "module:name"; see livedocs.drawn.
    record: tuple[str, ...] = ("livedocs.drawn:Drawn",)
    #: How wide a page may show a figure, in inches and from narrow to wide; see livedocs.drawn.
    figure_widths: tuple[float, ...] = ()
    #: Environment variables of every run; {cache} and {threads} are filled in.
    environment: dict[str, str] = field(default_factory=dict)
    #: The file of the claims that the site settles, if any.
    claims: str | None = None
    #: The chapter with the words that the site explains, if any.
    glossary: str | None = None
    #: The file of the works that chapters cite, if any.
    references: str | None = None
    #: How many words of prose a reader takes in.
    words_per_minute: int = 200
    #: Distributions that the last line of each page names with their versions.
    provenance: tuple[str, ...] = ()
    #: What makes the wheel that copiers install.
    wheel: Making | None = None
    #: What makes other files: folder in the site, such as "assets/", -> how.
    made: dict[str, Making] = field(default_factory=dict)
    #: Modules that only give what was recorded: a block of a snippet that imports one shows its
    #: results, and its code once a reader opens it.
    folded: tuple[str, ...] = ()
    #: The files whose names are those of the custom elements that a figure may stand in.
    widgets: str | None = None
    #: What a fence may tell a widget: name of the widget -> option -> its values.
    widget_options: dict[str, dict[str, list[str]]] = field(default_factory=dict)
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

    @property
    def made_from(self) -> list[Path]:
        """The files and folders from which commands make something."""
        makings = [*self.made.values(), *filter(None, [self.wheel])]
        return [self.root / name for making in makings for name in making.sources]

    def is_woven(self, page: str) -> bool:
        """Return whether no other program fills a chapter in."""
        return not any(fnmatch(page, pattern) for pattern in self.unwoven)

    @property
    def widget_names(self) -> list[str]:
        return sorted(file.stem for file in self.root.glob(self.widgets)) if self.widgets else []


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
    ways = given.get("ways", {}).items()
    given["ways"] = {title: _read(f".ways.{title}", way, Way) for title, way in ways}
    if "wheel" in given:
        given["wheel"] = _read(".wheel", given["wheel"], Making)
    made = given.get("made", {}).items()
    given["made"] = {target: _read(f".made.{target}", one, Making) for target, one in made}
    return _read("", given, Settings, root=root)


def _read(table: str, given: dict[str, Any], kind: type[_Table], **others: Path) -> _Table:
    if message := unknown_name(given, kind, *others):
        raise Problem("pyproject.toml", None, f"[tool.livedocs{table}] {message}")
    values = {key: tuple(one) if isinstance(one, list) else one for key, one in given.items()}
    return kind(**others, **values)
