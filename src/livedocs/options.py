"""The lines in a fence of the engine's: ``caption: text``, taken as they stand.

The text may be anything, marks that mean something to YAML included. It may be wrapped, its further
lines indented, also below a ``>-``; it may stand in quotation marks; and ``- `` begins each item of
a list.
"""

import re
from collections.abc import Sequence
from itertools import groupby

import yaml

from .problems import Problem, near_match

_KEY = re.compile(r"(?P<key>[^\s:#-][^:]*):(?:[ \t]+(?P<text>.*))?$")
_ITEM = re.compile(r"[ \t]*-(?:[ \t]+(?P<text>.*))?$")
_FOLDED = re.compile(r"[>|][+-]?$")

Options = dict[str, str | list[str]]


def read(path: str, line: int, kind: str, body: str, known: Sequence[str]) -> Options:
    """Return the options in the ``body`` of a fence, which begins at ``line``; raise a Problem."""
    found: dict[str, list[str]] = {}
    goes_on: list[str] | None = None
    for number, text in enumerate(re.split(r"\r\n|\r|\n", body), line + 1):
        if goes_on is not None and (not text.strip() or text[0] in " \t" or _ITEM.match(text)):
            goes_on.append(text)
            continue
        goes_on = None
        if not text.strip() or text.startswith("#"):
            continue
        match = _KEY.match(text.rstrip())
        if match is None:
            message = f'the body of a "{kind}" fence must be lines of "key: value"'
            raise Problem(path, number, message)
        key = match["key"]
        if key not in known:
            raise Problem(path, number, f'a "{kind}" fence has no "{key}".{near_match(key, known)}')
        if key in found:
            raise Problem(path, number, f'"{key}" stands here twice')
        goes_on = found[key] = [(match["text"] or "").strip()]
    return {key: _value(text, more) for key, (text, *more) in found.items()}


def _value(text: str, more: list[str]) -> str | list[str]:
    first = next((line for line in more if line.strip()), "")
    if not text and _ITEM.match(first):
        items: list[list[str]] = []
        for line in more:
            if match := _ITEM.match(line):
                items.append([match["text"] or ""])
            elif line.strip():
                items[-1].append(line)
        return [_text(head.strip(), tail) for head, *tail in items]
    if text.startswith("[") and text.endswith("]") and not first:
        try:
            several = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError):  # the latter for an impossible date
            several = None
        if isinstance(several, list) and all(isinstance(one, str) for one in several):
            return several
    return _text(text, more)


def _text(text: str, more: list[str]) -> str:
    """Return a text and the lines that go on with it as one, its paragraphs kept apart."""
    lines = [line.strip() for line in ([] if _FOLDED.match(text) else [text]) + more]
    whole = "\n\n".join(" ".join(group) for full, group in groupby(lines, bool) if full)
    if len(whole) > 1 and whole[0] == whole[-1] and whole[0] in "\"'":
        try:
            return str(yaml.safe_load(whole))
        except yaml.YAMLError:
            return whole  # such as: "one" and "another"
    return whole
