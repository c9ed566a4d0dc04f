"""A site as plain Markdown with its files: for any generator of sites, and for who reads text.

Each chapter is woven: code, output, figures, values and citations stand where it names them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

from . import books, notebooks, symbols
from .addresses import Place, chapter_url, download_url, figure_url, seen_from
from .chapter import Block, Fault, Piece, Span
from .figures import opaque
from .files import below
from .problems import Failed, Problem
from .settings import Settings
from .showing import choose, described, joined, keep_the_contract, refuse_nothing
from .site import Site, Waiting
from .wheel import Wheel

Files = dict[str, str | bytes]


def markdown(site: Site, path: str, place: Place) -> str:
    """Return chapter ``path`` woven.

    Raises Failed with all that cannot be woven, and Waiting where that is not known yet.
    """
    problems: list[Problem] = []

    def fill(piece: Piece) -> str:
        try:
            match piece:
                case Fault(problem=problem):
                    problems.append(problem)
                    return ""
                case Block():
                    return _block(site, piece, path)
                case Span(kind="wheel"):
                    return f"`{place.install_command}`"
            return site.text(piece, path)
        except (Problem, ValueError) as error:
            problems.append(site.problem(path, piece.line, str(error)))
            return ""

    text = site.chapters[path].fill(fill)
    if problems:
        raise Failed(problems)
    return text


class Weaver:
    """Weaves a site again and again; what has not changed is not made again."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[str, str]] = {}

    def files(self, site: Site, place: Place, wheel: Wheel | None) -> Files:
        """Return all files that are made, by their addresses.

        What cannot be made is left out, and is a problem of the site.
        """
        files: Files = {wheel.url: wheel.content} if wheel else {}
        alts = site.alts()
        for name, record in site.records.items():
            snippet = site.snippets[name]
            own = {(title, n): alt for (of, title, n), alt in alts.items() if of == name}
            titles = [site.title(path) for path in site.uses(name)]
            parts = (snippet, record, own, titles)
            files[download_url(name, ".py")] = snippet.text
            address = download_url(name, ".ipynb")
            try:
                files[address] = self._once(
                    address, repr(parts), partial(notebooks.notebook, *parts)
                )
                for (cell, number), alt in own.items():
                    svg, address = record.cell(cell).figures[number], figure_url(name, cell, number)
                    draw = partial(opaque, svg, alt=alt)
                    files[address] = self._once(address, f"{alt}\n{svg}", draw)
            except ValueError as error:
                site.problem(record.path, None, str(error))
        for path, chapter in site.chapters.items():
            if any(fnmatch(site.page(path), pattern) for pattern in site.settings.unwoven):
                continue
            page, made_of = site.page(path), f"{site.made_of(path)} {place}"
            makers = {page: markdown}
            if books.has_code(chapter.blocks):
                makers[chapter_url(page)] = books.book
            for address, make in makers.items():
                try:
                    files[address] = self._once(address, made_of, partial(make, site, path, place))
                except (Failed, Problem, ValueError, Waiting):
                    continue  # what is wrong with the text is wrong with the notebook too
        files["llms.txt"] = _llms(site, files, place)
        return files

    def _once(self, name: str, made_of: str, make: Callable[[], str]) -> str:
        if self._made.get(name, ("", ""))[0] != made_of:
            self._made[name] = made_of, make()
        return self._made[name][1]


def copied(site: Site) -> dict[str, Path]:
    """Return the files that are as they were written, by their addresses.

    They are the unwoven chapters, what lies beside the chapters, and the assets. Drafts are none.
    """
    folder = site.settings.docs_folder
    paths = [path for path in below(folder) if path.suffix != ".md"]
    paths += [site.settings.root / path for path in site.chapters]
    return {p.relative_to(folder).as_posix(): p for p in paths} | assets(site.settings)


def assets(settings: Settings) -> dict[str, Path]:
    """Return the files that the settings copy into the site, by their addresses."""
    found: dict[str, Path] = {}
    for target, pattern in settings.assets.items():
        files = sorted(settings.root.glob(pattern))
        if not files:
            message = f'no file matches "{pattern}" of [tool.livedocs.assets]'
            raise Problem("pyproject.toml", None, message)
        for file in files:
            found[f"{target}{file.name}" if target.endswith("/") else target] = file
    return found


def _llms(site: Site, files: Mapping[str, object], place: Place) -> str:
    """Return the list of all chapters as the convention of llms.txt has it."""
    start = f"{place.site_url.rstrip('/')}/" if place.site_url else ""
    pages = {site.page(path): site.title(path) for path in site.chapters}
    first = pages.get("index.md") or next(iter(pages.values()), "")
    listed = {page: _words(title) for page, title in pages.items() if page in files}
    lines = [f"- [{title}]({start}{page})" for page, title in listed.items()]
    return "\n".join([f"# {first}", "", "## Chapters", "", *lines, ""])


def _block(site: Site, block: Block, path: str) -> str:
    """Return a block as Markdown: what its page shows, in the same order."""
    caption = books.caption(site, block)
    if block.kind == "source":
        excerpt = symbols.find(site.settings, block.target)
        return _parts(f"From `{block.target}`:", _fenced("python", excerpt.source), caption)
    name, record = block.target, site.record(block.target)
    snippet = site.snippets[name]
    shown = choose(snippet, block.cells)
    parts: list[str] = []
    if block.kind == "snippet":
        keep_the_contract(snippet, record, shown)
        if visible := [cell for cell in shown if cell.hide != "code"]:
            parts.append(_fenced("python", joined(snippet.preamble, visible)))
        left = [record.cell(cell.title) for cell in shown if cell.hide != "output"]
        printed = ["".join(one.output for one in left), "".join(one.errors for one in left)]
        printed += [one.raised for one in left if one.raised]
        parts += [_fenced("text", text) for text in printed if text.strip()]
    page = site.page(path)
    for cell, number, _, alt in described(record, shown, block.alts):
        address = figure_url(name, cell.title, number)
        parts.append(f"![{_words(alt)}]({seen_from(page, address)})")
    refuse_nothing(block.kind, snippet, parts)
    down = seen_from(page, download_url(name, ""))
    links = f"[{name}]({down}.py) · [as a notebook]({down}.ipynb)"
    return _parts(*parts, caption, links)


def _words(text: str) -> str:
    """Return a text as Markdown between brackets."""
    return re.sub(r"([\[\]\\])", r"\\\1", " ".join(text.split()))


def _fenced(language: str, text: str) -> str:
    """Return a fence that no run of backticks in the text can end."""
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}"


def _parts(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
