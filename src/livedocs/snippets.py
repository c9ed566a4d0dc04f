"""Percent scripts: one small Python file, divided into titled cells.

A cell starts with ``# %% title``; the line may end in options:

- ``raises="ExceptionName"``: the cell must raise it;
- ``check=true``: asserts that no page shows;
- ``stderr=true``: a page shows also what the cell writes to stderr;
- ``fold="code"`` or ``fold="output"``: a page shows that part once a reader opens it;
- ``hide="code"`` or ``hide="output"``: a page does not show that part.

Jupytext reads the same files.
"""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from .files import locate
from .problems import Problem, near_match, read_text
from .settings import Settings

_HEADER = re.compile(r"^# %%(?:\s+(?P<rest>.*\S))?\s*$")
#: What jupytext and editors take for the start of a cell, too.
_LOOSE_HEADER = re.compile(r"^\s*#\s*%%")
_OPTION = re.compile(r'\s*\b(?P<key>\w+)=(?P<value>"[^"]*"|\w+)$')
#: How jupytext and editors mark a cell of text.
_TEXT = re.compile(r"\[(?:markdown|md|raw)\]$")
#: The values of each option; None stands for the name of an exception.
_VALUES = {
    "raises": None,
    "check": ("true",),
    "stderr": ("true",),
    "fold": ('"code"', '"output"'),
    "hide": ('"code"', '"output"'),
}

Part = Literal["code", "output"]


@dataclass(frozen=True)
class Cell:
    """One cell: its code, and the line of the file at which that code starts."""

    title: str
    line: int
    source: str
    raises: str | None = None
    check: bool = False
    stderr: bool = False
    fold: Part | None = None
    hide: Part | None = None


@dataclass(frozen=True)
class Snippet:
    """A parsed script; ``path`` is relative to the project, with forward slashes."""

    path: str
    text: str
    #: Comments, and the script's docstring.
    preamble: str
    cells: tuple[Cell, ...]

    @property
    def shown(self) -> tuple[Cell, ...]:
        """The cells that a page may show: all but checks."""
        return tuple(cell for cell in self.cells if not cell.check)


def read(settings: Settings, name: str) -> Snippet:
    """Parse snippet ``name`` (``gru/step.py``).

    Raises ValueError where there is none of this name in the snippets folder, Problem for a bad
    file.
    """
    file = locate(settings.snippets_folder, name, "snippet", settings.snippets)
    path = f"{settings.snippets}/{name}"
    return parse(path, read_text(file, path))


@lru_cache(maxsize=2**12)  # of all texts, an edit changes one
def parse(path: str, text: str) -> Snippet:
    """Divide ``text`` into cells; every fault is a :class:`Problem` with its line."""
    text = text.removeprefix("\ufeff")  # some editors begin a file with a mark
    # Only these end a line for Python; str.splitlines knows more.
    lines = re.split(r"\r\n|\r|\n", text)
    starts = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    for number, line in enumerate(lines):
        if _LOOSE_HEADER.match(line) and number not in starts:
            raise Problem(path, number + 1, 'write "# %% title", from the start of the line')
    if not starts:
        raise Problem(path, 1, 'no cells: start the first one with "# %% title"')
    preamble = _preamble(path, lines[: starts[0]])
    cells: list[Cell] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        cell = _cell(path, lines[start], start + 1, lines[start + 1 : end])
        if any(cell.title == other.title for other in cells):
            raise Problem(path, start + 1, f'two cells are titled "{cell.title}"')
        cells.append(cell)
    # Cells that are right by themselves may be wrong as one script, which is what is copied.
    _check_syntax(path, text)
    return Snippet(path, text, preamble, tuple(cells))


def padded(cell: Cell) -> str:
    """Return the cell's source moved to its lines in the file, so that errors name them."""
    return "\n" * (cell.line - 1) + cell.source


def docstring(snippet: Snippet) -> str | None:
    """Return the script's docstring as it stands before its first cell."""
    return ast.get_docstring(ast.parse(snippet.preamble), clean=False)


def _preamble(path: str, lines: list[str]) -> str:
    text = "\n".join(lines)
    _check_syntax(path, text)
    tree = ast.parse(text)
    is_docstring = ast.get_docstring(tree) is not None
    for statement in tree.body[is_docstring:]:
        message = 'only comments and a docstring may stand before the first "# %% title"'
        raise Problem(path, statement.lineno, message)
    return text.strip()


def _cell(path: str, header: str, header_line: int, body: list[str]) -> Cell:
    match = _HEADER.match(header)
    assert match is not None
    title, options = _options(path, header_line, match["rest"] or "")
    if not title:
        raise Problem(path, header_line, 'a cell needs a title: "# %% title"')
    if _TEXT.search(title):
        message = f'a snippet holds code: write the text of "{title}" into a chapter'
        raise Problem(path, header_line, message)
    leading = next((i for i, line in enumerate(body) if line.strip()), 0)
    cell = Cell(
        title=title,
        line=header_line + 1 + leading,
        source="\n".join(body[leading:]).rstrip(),
        **options,
    )
    _check_syntax(path, padded(cell))
    return cell


def _check_syntax(path: str, code: str) -> None:
    try:
        compile(code, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Problem(path, error.lineno, f"SyntaxError: {error.msg}") from None
    except ValueError as error:
        raise Problem(path, None, str(error)) from None


def _options(path: str, line: int, rest: str) -> tuple[str, dict[str, Any]]:
    options: dict[str, Any] = {}
    while match := _OPTION.search(rest):
        rest = rest[: match.start()].rstrip()
        key, value = match["key"], match["value"]
        if key not in _VALUES:
            message = f'a cell has no option "{key}".{near_match(key, _VALUES)}'
            raise Problem(path, line, message)
        known, bare = _VALUES[key], value.strip('"')
        if known is None and not (value != bare and bare.isidentifier()):
            message = f'{key}={value} is not the name of an exception, as in {key}="ValueError"'
            raise Problem(path, line, message)
        if known is not None and value not in known:
            ways = " or ".join(f"{key}={one}" for one in known)
            raise Problem(path, line, f"{key}={value}: write {ways}, or leave it out")
        options[key] = bare if bare != value else True
    if "=" in rest:
        raise Problem(path, line, 'a title holds no "=", which jupytext takes for an option')
    if "check" in options and (others := sorted(options.keys() & {"stderr", "fold", "hide"})):
        raise Problem(path, line, f"no page shows a check: leave {' and '.join(others)} out")
    if "fold" in options and options["fold"] == options.get("hide"):
        raise Problem(path, line, "what is hidden cannot be folded: leave one of the two out")
    return rest, options
