"""HTML of what a chapter embeds: code, output, figures and the links beneath."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count, groupby

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from .figures import inline
from .plain import escaped
from .problems import Problem, near_match
from .record import Record
from .settings import Settings
from .snippets import Cell, Snippet
from .symbols import Excerpt


@dataclass(frozen=True)
class Place:
    """Where a block stands: the page's own address, and the addresses it may link to."""

    page_url: str
    #: Address of the repository's files at this commit, or "" for no links to sources.
    files_url: str = ""
    #: Address of the published site, or "" where it is not known.
    site_url: str = ""
    #: The wheel's address below the site.
    wheel_url: str = ""

    def link(self, url: str) -> str:
        """Return the address of ``url`` (relative to the site) as seen from the page."""
        return posixpath.relpath(url, posixpath.dirname(self.page_url) or ".")


def notebook_url(name: str) -> str:
    """Return the page of snippet ``name`` (``gru/step.py``) as a notebook."""
    return f"notebooks/{name.removesuffix('.py')}.html"


def download_url(name: str, suffix: str) -> str:
    """Return the download of snippet ``name`` with ``suffix`` (``.py`` or ``.ipynb``)."""
    return f"downloads/{name.removesuffix('.py')}{suffix}"


def code(source: str) -> str:
    """Return highlighted Python, marked up as Material's own blocks are."""
    formatter: HtmlFormatter[str] = HtmlFormatter(cssclass="highlight", wrapcode=True)
    return str(highlight(source, PythonLexer(), formatter))


def copied(snippet: Snippet, shown: Sequence[Cell]) -> str:
    """Return what the copy button of a block yields: a whole program."""
    return program(snippet, needed(snippet, shown))


def needed(snippet: Snippet, shown: Sequence[Cell]) -> list[Cell]:
    """Return the cells that run where ``shown`` are pasted.

    All cells up to the last one shown, less checks and less cells that raise.
    """
    last = snippet.cells.index(shown[-1])
    return [
        cell
        for cell in snippet.cells[: last + 1]
        if not cell.check and (cell.raises is None or cell in shown)
    ]


def choose(snippet: Snippet, titles: Sequence[str]) -> list[Cell]:
    """Return the cells with these titles, by default all but checks; ValueError for others."""
    if not snippet.shown:
        raise ValueError(f"{snippet.path} has no cell to show: all are checks")
    if not titles:
        return list(snippet.shown)
    known = {re.sub(r"\s*,\s*", ", ", cell.title): cell for cell in snippet.shown}
    chosen, rest = [], list(titles)
    while rest:
        # A title may hold commas of its own.
        ends = range(len(rest), 0, -1)
        end = next((end for end in ends if ", ".join(rest[:end]) in known), 0)
        if not end:
            raise ValueError(
                f'{snippet.path} has no cell "{rest[0]}" to show.{near_match(rest[0], known)}'
            )
        chosen.append(known[", ".join(rest[:end])])
        del rest[:end]
    return [cell for cell in snippet.shown if cell in chosen]


def keep_the_contract(snippet: Snippet, record: Record, shown: Sequence[Cell]) -> None:
    """Raise ValueError where a pasted block could not give just what the page shows."""
    for cell in shown[:-1]:
        if cell.raises:
            raise ValueError(
                f'cell "{cell.title}" of {snippet.path} raises, so nothing after it runs when '
                "pasted: show it last, in a block of its own"
            )
    for cell in snippet.cells[: snippet.cells.index(shown[-1])]:
        if cell in shown or cell.check or cell.raises or cell.hide == "output":
            continue
        result = record.cell(cell.title)
        if result.output or result.figures:
            raise ValueError(
                f'the copied block would also run cell "{cell.title}" of {snippet.path}, whose '
                "output is not shown: show that cell too, or move it to a snippet of its own"
            )


def snippet_block(
    settings: Settings,
    place: Place,
    snippet: Snippet,
    record: Record,
    shown: Sequence[Cell],
    caption: str,
    alts: Sequence[str],
    ids: set[str],
) -> str:
    """Return a block of code with its output, figures and links.

    ``ids`` holds what the ids of the page's figures begin with, and takes in this block's own.
    """
    keep_the_contract(snippet, record, shown)
    seen = [*_code(snippet, shown), *_left_by(settings, record, shown, alts, ids)]
    if not seen:
        raise ValueError(f"{snippet.path} hides here all that it has to show")
    parts = [
        f'<div class="snippet" data-copy="{_attribute(copied(snippet, shown))}">',
        *seen,
        _caption(caption),
        _links(settings, place, snippet, shown),
        "</div>",
    ]
    return "\n".join(part for part in parts if part)


def figure_block(
    settings: Settings,
    place: Place,
    snippet: Snippet,
    record: Record,
    shown: Sequence[Cell],
    caption: str,
    alts: Sequence[str],
    ids: set[str],
) -> str:
    """Return the figures of the cells ``shown``, without their code, otherwise as above."""
    drawn = _figures(settings, record, shown, alts, ids)
    figures = [figure for cell in shown for figure in drawn.get(cell.title, ())]
    if not figures:
        raise ValueError(f"{snippet.path} leaves no figure open to show")
    parts = [
        '<div class="snippet snippet--figure">',
        *figures,
        _caption(caption),
        _links(settings, place, snippet, shown),
        "</div>",
    ]
    return "\n".join(part for part in parts if part)


def excerpt_block(place: Place, excerpt: Excerpt, symbol: str, caption: str) -> str:
    """Return library code that a chapter quotes: it promises no run, so it copies nothing."""
    name = html.escape(symbol.partition(":")[0])
    label = f"<code>{name}</code>"
    if place.files_url:
        url = f"{place.files_url}/{excerpt.path}#L{excerpt.first}-L{excerpt.last}"
        label = f'<a href="{html.escape(url)}">{label}</a>'
    return "\n".join(
        [
            '<div class="excerpt">',
            f'<p class="excerpt-source">from {label}</p>',
            code(excerpt.source),
            *([_caption(caption)] if caption else []),
            "</div>",
        ]
    )


def install_command(place: Place) -> str:
    """Return the command that installs the site's wheel, or "" where it has none."""
    if not place.wheel_url:
        return ""
    name = posixpath.basename(place.wheel_url)
    address = f"{place.site_url.rstrip('/')}/{place.wheel_url}" if place.site_url else name
    return f"pip install {address}"


def wheel_line(place: Place) -> str:
    """Return the command that installs the site's wheel, linked to the wheel itself.

    It is HTML that may stand anywhere in Markdown. Raises ValueError where the site has no wheel.
    """
    if not place.wheel_url:
        raise ValueError("the site has no wheel: name its package in [tool.livedocs], as wheel")
    command = f"<code>{escaped(install_command(place))}</code>"
    return f'<a class="wheel" href="{place.link(place.wheel_url)}">{command}</a>'


def problem_box(message: str) -> str:
    """Return the red box that stands in a block's place while serving."""
    return (
        '<div class="admonition failure livedocs-problem" role="alert">'
        '<p class="admonition-title">This block could not be built</p>'
        f"<pre>{html.escape(message)}</pre></div>"
    )


def program(snippet: Snippet, cells: Sequence[Cell]) -> str:
    """Return these cells of a snippet as one script."""
    return _joined(snippet.preamble, cells)


def figures_shown(record: Record, shown: Sequence[Cell]) -> list[tuple[Cell, int, str]]:
    """Return the figures that a page shows of these cells: the cell, the number there, the SVG."""
    return [
        (cell, number, svg)
        for cell in shown
        if cell.hide != "output"
        for number, svg in enumerate(record.cell(cell.title).figures)
    ]


def _joined(start: str, cells: Iterable[Cell]) -> str:
    parts = [start, *(cell.source for cell in cells)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _code(snippet: Snippet, shown: Sequence[Cell]) -> list[str]:
    """Return the code that a page shows, folded where its cells say so."""
    parts, start = [], snippet.preamble
    visible = (cell for cell in shown if cell.hide != "code")
    for folded, cells in groupby(visible, lambda cell: cell.fold == "code"):
        part = f'<div class="snippet-code">{code(_joined(start, cells))}</div>'
        parts.append(_folded("Code", part) if folded else part)
        start = ""
    return parts


def _left_by(
    settings: Settings,
    record: Record,
    shown: Sequence[Cell],
    alts: Sequence[str],
    ids: set[str],
) -> list[str]:
    """Return what a page shows of all that the cells left, folded where they say so."""
    figures = _figures(settings, record, shown, alts, ids)
    parts = []
    visible = (cell for cell in shown if cell.hide != "output")
    for folded, group in groupby(visible, lambda cell: cell.fold == "output"):
        cells = list(group)
        results = [record.cell(cell.title) for cell in cells]
        left = [
            _printed("Output", "snippet-output", "".join(one.output for one in results)),
            _printed(
                "Output to stderr",
                "snippet-output snippet-output--errors",
                "".join(one.errors for one in results),
            ),
            *(
                f'<pre class="snippet-raises" tabindex="0">{html.escape(one.raised)}</pre>'
                for one in results
                if one.raised
            ),
            *(figure for cell in cells for figure in figures.get(cell.title, ())),
        ]
        part = "\n".join(filter(None, left))
        parts.append(_folded("Output", part) if folded and part else part)
    return list(filter(None, parts))


def _printed(label: str, style: str, text: str) -> str:
    if not text.strip():
        return ""
    # HTML drops the first line of <pre> where it is empty.
    printed = "\n" * text.startswith("\n") + html.escape(text.rstrip())
    start = f'<div class="{style}" role="group" aria-label="{label}">'
    return f'{start}<pre tabindex="0">{printed}</pre></div>'


def _folded(label: str, part: str) -> str:
    return f'<details class="snippet-fold"><summary>{label}</summary>\n{part}\n</details>'


def _figures(
    settings: Settings,
    record: Record,
    shown: Sequence[Cell],
    alts: Sequence[str],
    ids: set[str],
) -> dict[str, list[str]]:
    """Return the figures of each cell, by its title, with an alt text each."""
    drawn = figures_shown(record, shown)
    if len(drawn) != len(alts):
        counts = f"{len(drawn)} figure{'s' * (len(drawn) != 1)} here, but there "
        counts += f"is {len(alts)} alt text" if len(alts) == 1 else f"are {len(alts)} alt texts"
        closed = " (one that its cell closes is not shown)" * (len(drawn) < len(alts))
        raise ValueError(
            f"{record.path} draws {counts}{closed}: describe each figure in a line "
            '"alt: ..." (several as a list)'
        )
    figures: dict[str, list[str]] = {}
    for (cell, number, svg), alt in zip(drawn, alts, strict=True):
        name = f"{record.path}-{cell.title}-{number}"
        try:
            figure = inline(svg, prefix=_unique(name, ids), alt=alt, inks=settings.inks)
        except ValueError as error:
            raise Problem(record.path, cell.line, str(error)) from None
        figures.setdefault(cell.title, []).append(
            f'<figure class="snippet-figure" data-search-exclude>{figure}</figure>'
        )
    return figures


def _unique(name: str, ids: set[str]) -> str:
    """Return ``name`` as an id that is not among ``ids``, and add it to them."""
    slug = re.sub(r"\W+", "-", name)
    others = (f"{slug}-{number}" for number in count(2))
    found = next(one for one in chain([slug], others) if one not in ids)
    ids.add(found)
    return found


def _caption(caption: str) -> str:
    return f'<div class="snippet-caption">{caption}</div>' if caption else ""


def _links(settings: Settings, place: Place, snippet: Snippet, shown: Sequence[Cell]) -> str:
    name = snippet.path.removeprefix(f"{settings.snippets}/")
    links = [
        f'<a href="{place.link(download_url(name, ".py"))}" download>Download .py</a>',
        f'<a href="{place.link(download_url(name, ".ipynb"))}" download>Download .ipynb</a>',
        f'<a href="{place.link(notebook_url(name))}">Open as notebook</a>',
    ]
    if place.files_url:
        last = shown[-1].line + shown[-1].source.count("\n")
        url = f"{place.files_url}/{snippet.path}#L{shown[0].line}-L{last}"
        links.append(f'<a href="{html.escape(url)}">Source</a>')
    # Each link names its snippet to those who hear links out of context.
    label = html.escape(f"{name}: downloads and source")
    start = f'<p class="snippet-links" data-search-exclude role="group" aria-label="{label}">'
    return f"{start}{' · '.join(links)}</p>"


def _attribute(text: str) -> str:
    return html.escape(text).replace("\n", "&#10;")
