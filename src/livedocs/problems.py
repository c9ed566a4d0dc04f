"""What is wrong with a site, said in one line that names file and line."""

import difflib
import os
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml
from click import ClickException

#: In C where PyYAML has it: ten times as fast, and less clear on what is wrong.
_FAST_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
            file = Path(os.fspath(error.filename))
            name = file.relative_to(root) if root in file.parents else file
            return [f"error: {name}: {error.strerror}"]
        case _ if isinstance(error, ClickException) or type(error) in (OSError, ValueError):
            # Their texts were written for the author, as those of MkDocs's errors.
            return [f"error: {' '.join(str(error).split())}"]
    message = " ".join("".join(traceback.format_exception_only(error)).split())
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(__file__).parent in Path(frame.filename).parents]
    place = f" at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    return [f"error: {message} (which the engine did not expect{place})"]


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


@dataclass(frozen=True)
class Entry:
    """What an entry of a YAML file says, and where; ``name`` is what its faults call it."""

    path: str
    line: int
    #: Its key, where the file has keys.
    key: str
    name: str
    given: dict[str, Any]

    def fault(self, message: str) -> Problem:
        return Problem(self.path, self.line, f"{self.name} {message}")


def entries(
    root: Path, path: str, message: str, kind: type[Any], title: str = ""
) -> Iterator[Entry]:
    """Yield the entries of the YAML file ``path`` below ``root``: none where that is "".

    The file is a list, whose entries are called by their ids, or else by ``title``; without one, it
    names each by a key. ``kind`` is the dataclass with the names of what an entry says. Raises
    Problem, with ``message`` for another file.
    """
    if not path:
        return
    try:
        text = read_text(root / path, path)
    except FileNotFoundError:
        raise Problem(path, None, "not found") from None
    try:
        try:
            node = yaml.compose(text, Loader=_FAST_LOADER)
        except yaml.YAMLError:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        fault = getattr(error, "problem", None) or error
        hint = 'a text that begins with a mark or holds ": " or " #" needs quotation marks'
        raise Problem(path, line, f"not YAML: {fault}; {hint}") from None
    if node is None:
        return
    if not isinstance(node, yaml.SequenceNode if title else yaml.MappingNode):
        raise Problem(path, None, message)
    known: set[str] = set()
    for part in node.value:
        first, content = (part, part) if title else part
        line, key = first.start_mark.line + 1, "" if title else str(first.value)
        name = title or f'"{key}"'
        try:
            given = yaml.constructor.SafeConstructor().construct_document(content)
        except (yaml.YAMLError, ValueError) as error:
            fault = f"not YAML: {getattr(error, 'problem', None) or error}"
            raise Problem(path, line, fault) from None
        if not isinstance(given, dict):
            raise Problem(path, line, f'{name} must be lines of "name: value"')
        entry = Entry(path, line, key, f'"{given["id"]}"' if "id" in given else name, given)
        if entry.name in known:
            raise entry.fault("stands here twice")
        known.add(entry.name)
        if unknown := unknown_name(given, kind, "file", "key", "line"):
            raise entry.fault(unknown)
        yield entry


def unknown_name(given: Iterable[str], kind: type[Any], *internal: str) -> str:
    """Return what is wrong with the first name that is not that of a field of a dataclass, or "".

    ``internal`` are fields that nobody writes.
    """
    known = [field.name for field in fields(kind) if field.name not in internal]
    faults = (f'has no "{n}".{near_match(str(n), known)}' for n in given if n not in known)
    return next(faults, "")


def near_match(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean "x"?`` for the closest known words, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
    if not close:
        return ""
    return " Did you mean " + " or ".join(f'"{name}"' for name in close) + "?"
