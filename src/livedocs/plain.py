"""Markdown as the site's extensions understand it, made plain for a notebook.

Jupyter knows no admonitions, tabs, footnotes, attribute lists or links between chapters. What
they say stays, in order.
"""

import posixpath
import re
import textwrap

from .scanner import Fence, Prose, scan

_FOLD = re.compile(
    r'^(?P<indent> *)(?:\?\?\?\+?|!!!|===)(?P<kind>[+!]?(?: +[\w-]+)*)(?: +"(?P<title>.*)")?\s*$'
)
_NOTE = re.compile(r"^\[\^(?P<key>[^\]]+)\]:[ \t]*(?P<text>.*)$")
_MARK = re.compile(r"\[\^(?P<key>[^\]]+)\]")
_DROPPED = re.compile(
    r"^\*\[[^\]]+\]: .*$"  # an abbreviation
    r"|^\s*</?(?:div|figure|section)\b[^>]*>\s*$"
    r"|^\s*\{:?[ \t]*[#.][^{}]*\}\s*$"
)
_ATTRIBUTES = re.compile(r"[ \t]*\{:?[ \t]*[#.][^{}]*\}[ \t]*$")
_LINK = re.compile(r"(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]+)\)")

_RELATIVE = re.compile(r'<a href="(?!https?:)[^"]*">(?P<text>.*?)</a>')


#: Characters that Markdown may take for markup.
_MARKUP = re.compile(r"[^\w\s.,:;()%/+-]|_")


def escaped(text: str) -> str:
    """Return Markdown that shows ``text``, whatever it holds."""
    return _MARKUP.sub(lambda character: f"&#{ord(character[0])};", text)


def fenced(language: str, text: str) -> str:
    """Return a fence that no run of backticks in the text can end."""
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}"


def plain(text: str, page: str, site_url: str) -> str:
    """Return ``text``, the Markdown of ``page`` (``gru.md``), without this site's extensions.

    Links to other pages lead to ``site_url``; where that is not known, their words are left.
    """
    lines, notes = _flatten("\n".join(text.splitlines()))
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        if match["key"] not in notes:
            return match[0]
        return f"<sup>{numbers.setdefault(match['key'], len(numbers) + 1)}</sup>"

    def link(match: re.Match[str]) -> str:
        path, _, anchor = match["target"].partition("#")
        if path.startswith(("https:", "http:", "mailto:")):
            return match[0]
        if not site_url or not path.endswith(".md"):
            return match["text"]
        url = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
        address = f"{site_url.rstrip('/')}/{url.removesuffix('.md')}.html"
        return f"[{match['text']}]({address}{'#' * bool(anchor)}{anchor})"

    def adapt(prose: str) -> str:
        return _RELATIVE.sub(r"\g<text>", _LINK.sub(link, _MARK.sub(number, prose)))

    parts = scan("\n".join(lines))
    body = "".join(adapt(part.text) if isinstance(part, Prose) else part.text for part in parts)
    if numbers:
        listed = [f"{place}. {_LINK.sub(link, notes[key])}" for key, place in numbers.items()]
        body = body.rstrip() + "\n\n## Notes\n\n" + "\n".join(listed)
    return body.strip() + "\n"


def _flatten(text: str) -> tuple[list[str], dict[str, str]]:
    """Return the lines with folded and tabbed text unfolded, and the footnotes taken out."""
    lines = text.split("\n")
    fences = {part.line: part.text for part in scan(text) if isinstance(part, Fence)}
    kept: list[str] = []
    notes: dict[str, str] = {}
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if fence := fences.get(number):
            kept += (own := fence.splitlines())
            number += len(own) - 1
        elif note := _NOTE.match(line):
            end = _end_of_indent(lines, number)
            notes[note["key"]] = " ".join([note["text"], *map(str.strip, lines[number:end])])
            number = end
        elif fold := _FOLD.match(line):
            end = _end_of_indent(lines, number, fold["indent"])
            title = fold["title"] or fold["kind"].strip().capitalize()
            inner, more = _flatten(textwrap.dedent("\n".join(lines[number:end])))
            kept += [f"{fold['indent']}{line}" for line in (f"**{title}**", "", *inner, "")]
            notes |= more
            number = end
        elif not _DROPPED.match(line):
            kept.append(_ATTRIBUTES.sub("", line))
    return kept, notes


def _end_of_indent(lines: list[str], start: int, outer: str = "") -> int:
    """Return where the lines end that begin at ``start`` and are indented below ``outer``."""
    end = start
    for number in range(start, len(lines)):
        if lines[number].startswith(f"{outer}    "):
            end = number + 1
        elif lines[number].strip():
            break
    return end
