"""Source code by symbol, never by line number."""

import ast
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from .files import found
from .problems import near_match
from .settings import Settings

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Excerpt:
    """Code of ``path`` between the lines ``first`` and ``last``, less its indentation."""

    path: str
    first: int
    last: int
    source: str


def find(settings: Settings, symbol: str) -> Excerpt:
    """Return the source of ``package.module.name`` or of ``package.module.name:local``.

    The second form gives only the statements of that function that assign ``local``.
    Raises ValueError with near matches where there is no such module, name or local.
    """
    dotted, _, local = symbol.partition(":")
    file, names = _module(settings, dotted)
    text, path = file.read_text("utf-8"), file.relative_to(settings.root).as_posix()
    try:
        node: ast.Module | _Definition = ast.parse(text)
    except SyntaxError as error:
        raise ValueError(f"{path}:{error.lineno}: SyntaxError: {error.msg}") from None
    for name in names:
        inner = {child.name: child for child in node.body if isinstance(child, _Definition)}
        if name not in inner:
            raise ValueError(f'no "{name}" in {dotted}.{near_match(name, inner)}')
        node = inner[name]
    if isinstance(node, ast.Module):
        raise ValueError(f'"{symbol}" is a module: name one function or class of it')
    spans = _assignments(node, local, symbol) if local else [_span(node)]
    numbered = re.split(r"\r\n|\r|\n", text)  # only these end a line for Python
    lines = [line for first, last in spans for line in numbered[first - 1 : last]]
    return Excerpt(path, spans[0][0], spans[-1][1], textwrap.dedent("\n".join(lines)))


def _module(settings: Settings, dotted: str) -> tuple[Path, list[str]]:
    parts, folder = dotted.split("."), settings.root / settings.sources
    for count in range(len(parts), 0, -1):
        base = folder / Path(*parts[:count])
        for file in (base.with_suffix(".py"), base / "__init__.py"):
            if found(file):
                return file, parts[count:]
    modules = [
        ".".join(file.relative_to(folder).with_suffix("").parts) for file in folder.rglob("*.py")
    ]
    raise ValueError(f'no module for "{dotted}".{near_match(dotted, modules)}')


def _span(node: _Definition | ast.stmt) -> tuple[int, int]:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return first, node.end_lineno or node.lineno


def _assignments(node: _Definition, local: str, symbol: str) -> list[tuple[int, int]]:
    assigned: dict[str, list[tuple[int, int]]] = {}
    for statement in node.body:
        for name in _names_assigned(statement):
            assigned.setdefault(name, []).append(_span(statement))
    if local not in assigned:
        raise ValueError(f'"{symbol}" assigns no "{local}".{near_match(local, assigned)}')
    return assigned[local]


def _names_assigned(statement: ast.stmt) -> list[str]:
    """Return the names that ``statement`` binds; what a function returns is named "return"."""
    match statement:
        case ast.Return():
            return ["return"]
        case ast.Assign(targets=targets):
            names = [node for target in targets for node in ast.walk(target)]
        case ast.AnnAssign(target=target):
            names = list(ast.walk(target))
        case _:
            names = []
    return [node.id for node in names if isinstance(node, ast.Name)]
