"""What is wrong with a site, said in one line that names file and line."""

from __future__ import annotations

import difflib
import os
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from click import ClickException


class Problem(Exception):
    """One fault in one file, as a contributor reads it: ``docs/gru.md:57: what is wrong``.

    A chapter that meets a fault of a snippet keeps the snippet's place as the inner part:
    ``docs/gru.md:57: snippets/gru/step.py:23: RuntimeError: ...``.
    """

    def __init__(
        self, path: str, line: int | None, message: str, origin: tuple[str, int] | None = None
    ) -> None:
        super().__init__(path, line, message)
        self.path = path
        self.line = line
        self.message = message
        #: Where else in the project the fault arose: a file, and its line.
        self.origin = origin

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        origin = f" (from {self.origin[0]}:{self.origin[1]})" if self.origin else ""
        return f"{place}: {self.message}{origin}"


class Failed(Exception):
    """All problems of one build, reported together."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def lines(error: BaseException, root: Path) -> list[str]:
    """Return what went wrong in the project at ``root``, a line for each fault."""
    match error:
        case Failed():
            return [str(problem) for problem in error.problems]
        case Problem():
            return [str(error)]
        case OSError(strerror=str(), filename=str() | os.PathLike()):
            return [f"error: {_relative(error.filename, root)}: {error.strerror}"]
        case _ if _is_told(error):
            return [f"error: {' '.join(str(error).split())}"]
    said = " ".join("".join(traceback.format_exception_only(error)).split())
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent == Path(__file__).parent]
    place = f" at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    return [f"error: {said} (which the engine did not expect{place})"]


def _is_told(error: BaseException) -> bool:
    """Return whether an error's text was written for the author, as that of MkDocs's errors."""
    return isinstance(error, ClickException) or type(error) in (OSError, ValueError)


def _relative(path: str | os.PathLike[str], root: Path) -> str:
    file = Path(os.fspath(path))
    return file.relative_to(root).as_posix() if root in file.parents else str(file)


def read_text(file: Path, path: str) -> str:
    """Return the text of ``file``, named ``path`` in the problem where it cannot be read.

    Raises FileNotFoundError where there is none.
    """
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Problem(path, None, f"cannot be read: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Problem(path, line, f"not UTF-8: byte {data[error.start]:#04x}") from None


def read_yaml(file: Path, path: str) -> yaml.Node | None:
    """Return the YAML of ``file``, every part with its line; a fault is a problem of ``path``."""
    try:
        return yaml.compose(read_text(file, path), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise Problem(path, None, "not found") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        message = (
            f"not YAML: {getattr(error, 'problem', None) or error}; a text that begins with a "
        )
        message += 'mark or holds ": " or " #" needs quotation marks'
        raise Problem(path, line, message) from None


def entry(node: yaml.Node) -> Any:
    """Return what a part of a file says; ValueError where YAML knows no such thing."""
    try:
        return yaml.constructor.SafeConstructor().construct_document(node)
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(getattr(error, "problem", None) or str(error)) from None


def near_match(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean "x"?`` for the closest known words, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
    if not close:
        return ""
    return " Did you mean " + " or ".join(f'"{name}"' for name in close) + "?"
