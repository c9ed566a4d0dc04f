"""A record is valid while all that it was made from is unchanged, and no longer."""

from __future__ import annotations

import ast
import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import gated
from livedocs.cache import Cache
from livedocs.settings import load
from livedocs.snippets import parse

ROOT = Path(__file__).parents[2]

Livedocs = Callable[..., subprocess.CompletedProcess[str]]
Environment = Callable[[Path], dict[str, str]]
Tree = Callable[[Path], dict[str, bytes]]


def ran(done: subprocess.CompletedProcess[str]) -> set[str]:
    return set(re.findall(r"^\[\d+/\d+\] snippets/(\S+) ", done.stderr, re.MULTILINE))


def edit(file: Path, before: str, after: str) -> None:
    """Edit so that neither the size nor the date of the file tells."""
    stat = file.stat()
    text = file.read_text("utf-8")
    assert before in text
    assert len(before) == len(after)
    file.write_text(text.replace(before, after), "utf-8")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)


@pytest.mark.parametrize(
    ("file", "before", "after", "users", "shown"),
    [
        ("words.py", "upper", "lower", {"basics/greet.py", "basics/both.py"}, "hello!"),
        ("curves.py", "0.0, 1.0", "0.0, 2.0", {"charts/line.py"}, None),
        ("table.py", "sum(", "max(", {"basics/both.py", "data/rows.py"}, "3 rows, total 4.0"),
        ("rows.txt", "4", "5", {"data/rows.py"}, "3 rows, total 8.0"),
        (
            "__init__.py",
            "modules",
            "MODULES",
            {"basics/greet.py", "basics/both.py", "charts/line.py", "data/rows.py"},
            None,
        ),
    ],
)
def test_an_edit_runs_exactly_the_snippets_that_use_the_file(
    built_copy: Path,
    livedocs: Livedocs,
    file: str,
    before: str,
    after: str,
    users: set[str],
    shown: str | None,
) -> None:
    page = built_copy / "site" / "index.html"
    assert shown is None or shown not in page.read_text("utf-8")
    edit(built_copy / "src" / "toy" / file, before, after)
    done = livedocs(built_copy)
    assert done.returncode == 0, done.stderr
    assert ran(done) == users
    assert shown is None or shown in page.read_text("utf-8")


def test_an_edit_taken_back_runs_nothing_that_is_still_known(
    built: Path, built_copy: Path, livedocs: Livedocs, tree: Tree
) -> None:
    snippet = built_copy / "snippets" / "basics" / "scalars.py"
    edit(snippet, "[1, 2, 4]", "[1, 2, 5]")
    assert ran(livedocs(built_copy)) == {"basics/scalars.py"}
    assert tree(built_copy / "site") != tree(built / "site")
    edit(snippet, "[1, 2, 5]", "[1, 2, 4]")
    assert ran(livedocs(built_copy)) == set()
    assert tree(built_copy / "site") == tree(built / "site")


def test_an_edit_to_prose_runs_nothing(built_copy: Path, livedocs: Livedocs) -> None:
    chapter = built_copy / "docs" / "index.md"
    chapter.write_text(chapter.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    done = livedocs(built_copy)
    assert (done.returncode, done.stderr) == (0, "site/ is ready\n")
    assert "One more sentence." in (built_copy / "site" / "index.html").read_text("utf-8")


def test_a_changed_lock_runs_everything(built_copy: Path, livedocs: Livedocs) -> None:
    edit(built_copy / "requirements.lock", "numpy", "NumPy")
    assert len(ran(livedocs(built_copy))) == 6


def test_a_failure_is_never_kept(built_copy: Path, livedocs: Livedocs) -> None:
    edit(built_copy / "snippets" / "basics" / "scalars.py", "[1, 2, 4]", "[1, 0//0]")
    for _ in range(2):
        done = livedocs(built_copy)
        assert done.returncode == 1
        assert ran(done) == {"basics/scalars.py"}
        assert "ZeroDivisionError: " in done.stderr


def test_two_builds_at_once_share_a_cache(
    built: Path, project: Path, environment: Environment, tree: Tree
) -> None:
    command = [sys.executable, "-m", "livedocs", "--root", str(project), "build"]
    builds = [
        subprocess.Popen(
            command, env=environment(project), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(2)
    ]
    outputs = [build.communicate()[0].decode() for build in builds]
    assert [build.returncode for build in builds] == [0, 0], "\n".join(outputs)
    assert tree(project / "site") == tree(built / "site")
    records = Path(".cache/livedocs/records")
    assert tree(project / records) == tree(built / records)


@pytest.fixture(scope="module")
def copy_of_the_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this project's code and of the records that its last build left."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("src", "snippets", "docs", ".cache/livedocs/records"):
        shutil.copytree(
            ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", ".new-*")
        )
    for name in ("pyproject.toml", *load(ROOT).locks):
        shutil.copy(ROOT / name, root / name)
    names = set(_names(root))
    assert _valid(root) == names, "some records are not of this state: run `make site` first"
    return root


def _names(root: Path) -> list[str]:
    folder = root / "snippets"
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.py"))
    assert len(names) >= 12
    return names


def _valid(root: Path) -> set[str]:
    settings = load(root)
    cache = Cache(settings)
    texts = {f"snippets/{name}": (root / "snippets" / name).read_text() for name in _names(root)}
    found = {path for path, text in texts.items() if cache.get(_parsed(path, text)) is not None}
    return {path.removeprefix("snippets/") for path in found}


_parsed = functools.cache(parse)


PACKAGE = ROOT / "src" / "gated"
OWN = sorted(
    file.relative_to(PACKAGE).as_posix()
    for pattern in ("*.py", "*.mplstyle")
    for file in PACKAGE.rglob(pattern)
)


@pytest.mark.parametrize("name", OWN)
def test_an_edit_to_a_module_of_gated_runs_exactly_the_snippets_that_import_it(
    copy_of_the_project: Path, name: str
) -> None:
    root = copy_of_the_project
    names = set(_names(root))
    expected = {n for n in names if name in _imported(root, root / "snippets" / n)}
    assert expected != names
    file = root / "src" / "gated" / name
    before = file.read_bytes()
    file.write_bytes(before + b"\n")
    try:
        assert names - _valid(root) == expected
    finally:
        file.write_bytes(before)


def _imported(root: Path, snippet: Path) -> set[str]:
    """Return the files of gated that importing all that ``snippet`` imports would load."""
    package = root / "src" / "gated"
    found: set[str] = set()
    waiting = [snippet]
    while waiting:
        for name in _used(waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(package / name)
    return found


@functools.cache
def _used(file: Path) -> tuple[str, ...]:
    return tuple(_uses(file))


def _uses(file: Path) -> Iterator[str]:
    """Return the files of gated that ``file`` names: modules, lazy names and the styles."""
    if file.suffix != ".py":
        return
    tree = ast.parse(file.read_text("utf-8"))
    statements = [*_at_import(tree.body)]
    modules = {
        name.asname or name.name: name.name
        for node in statements
        if isinstance(node, ast.Import)
        for name in node.names
    }
    imported = list(modules.values())
    for node in statements:
        if isinstance(node, ast.ImportFrom) and not node.level:
            imported += [f"{node.module}.{name.name}" for name in node.names]
    imported += [
        f"{modules[node.value.id]}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in modules
    ]
    for dotted in imported:
        package, _, rest = dotted.partition(".")
        if package == "gated":
            yield "__init__.py"
            yield from _files_of(rest)
    for style in PACKAGE.rglob("*.mplstyle"):
        folder = style.parent.relative_to(PACKAGE)
        name = ".".join(["gated", *folder.parts, style.stem])
        if file.parents[1].name == "snippets" and f'"{name}"' in file.read_text("utf-8"):
            yield "__init__.py"
            yield (folder / "__init__.py").as_posix()
            yield (folder / style.name).as_posix()


def _at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Return the statements that run when a file is imported, those in functions left out."""
    for node in body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        for name in ("body", "orelse"):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield from _at_import(getattr(node, name, []))


def _files_of(dotted: str) -> Iterator[str]:
    """Return the files of a module, its packages first, or of the module that a lazy name is in."""
    parts = dotted.split(".")
    prefixes = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    files = [f"{path}{end}" for path in prefixes for end in ("/__init__.py", ".py")]
    homes = [module for module, names in gated._HOMES.items() if parts[0] in names]
    files += [f"{module.removeprefix('gated.')}.py" for module in homes]
    return (file for file in files if file in OWN)
