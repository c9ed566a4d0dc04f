"""What decides the results of a study: its own source, and all of the project that it imports."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

from studies.harness.machines import ROOT, git

_SOURCE = ROOT / "src"


def deciding(study: str) -> list[Path]:
    """Return the files of a study's module and of all of the project's that it imports, in turn.

    They are found in the text, so that what is imported within a function, or for types alone, is
    among them too.
    """
    found: set[Path] = set()
    waiting = [f"studies.{study}"]
    while waiting:
        for file in _files(waiting.pop()):
            if file not in found:
                found.add(file)
                waiting += _imported(file)
    return sorted(found)


def digest(study: str) -> str:
    """Return a hash of the contents of all that decides a study."""
    whole = hashlib.sha256()
    for file in deciding(study):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{file.relative_to(_SOURCE).as_posix()} {content}\n".encode())
    return whole.hexdigest()


def guard(study: str) -> dict[str, str]:
    """Return what a run records of all that decides a study: its hash, and its last commit.

    Raises:
        ValueError: some of it has changes that are not committed, or lies in no repository.
    """
    paths = [file.relative_to(ROOT).as_posix() for file in deciding(study)]
    if changed := git("status", "--porcelain", "--", *paths):
        path = changed.splitlines()[0].split()[-1]
        raise ValueError(f"{path} has changes: commit what decides a study before its first trial")
    commit = git("log", "-1", "--format=%H", "--", *paths)
    if not commit:
        raise ValueError(
            f"src/studies/{study}.py is in no commit: commit what decides a study before its "
            "first trial"
        )
    return {"rule": commit, "digest": digest(study)}


def _files(module: str) -> Iterator[Path]:
    """Yield the project's files that importing a module runs: its own, and its packages'."""
    path = _SOURCE
    for part in module.split("."):
        path = path / part
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                yield file


def _imported(file: Path) -> Iterator[str]:
    """Yield the names of all that a file imports, whether they are modules or names in them."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
