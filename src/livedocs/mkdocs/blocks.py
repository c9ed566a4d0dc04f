"""HTML of what a chapter embeds: code, output, figures and the links beneath."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, count, groupby

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from livedocs.addresses import Place, download_url, notebook_url
from livedocs.chapter import Widget
from livedocs.figures import inline
from livedocs.plain import escaped
from livedocs.problems import Problem
from livedocs.record import Record
from livedocs.settings import Settings
from livedocs.showing import copied, described, joined, keep_the_contract, printed, refuse_nothing
from livedocs.snippets import Cell, Snippet
from livedocs.symbols import Excerpt


@lru_cache(maxsize=2**10)  # of a page's blocks, an edit changes one
def code(source: str) -> str:
    """Return highlighted Python, marked up as Material's own blocks are."""
    formatter: HtmlFormatter[str] = HtmlFormatter(cssclass="highlight", wrapcode=True)
    return str(highlight(source, PythonLexer(), formatter))


@dataclass(frozen=True)
class SnippetBlock:
    """Cells of a snippet as a page shows them: with their code, or their figures alone."""

    settings: Settings
    place: Place
    snippet: Snippet
    record: Record
    shown: Sequence[Cell]
    alts: Sequence[str] = ()
    caption: str = ""
    #: What takes the place of the figure in a browser that runs scripts.
    widget: Widget | None = None
    #: What the ids of the page's figures begin with; it takes in this block's own.
    ids: set[str] = field(default_factory=set)

    def with_code(self) -> str:
        """Return the code with its output, figures and links."""
        keep_the_contract(self.snippet, self.record, self.shown)
        seen = [*self._code(), *self._results()]
        refuse_nothing("snippet", self.snippet, seen)
        program = html.escape(copied(self.snippet, self.shown)).replace("\n", "&#10;")
        start = f'<div class="snippet" data-copy="{program}">'
        return _framed(start, *seen, _caption(self.caption), self._links())

    def figures_alone(self) -> str:
        """Return the figures and links, without code and output."""
        figures = [*chain.from_iterable(self._figures().values())]
        refuse_nothing("figure", self.snippet, figures)
        start = '<div class="snippet snippet--figure">'
        return _framed(start, self._live(*figures, _caption(self.caption)), self._links())

    def _code(self) -> Iterator[str]:
        """Yield the code, folded where its cells say so."""
        start = self.snippet.preamble
        visible = (cell for cell in self.shown if cell.hide != "code")
        for folded, cells in groupby(visible, lambda cell: cell.fold == "code"):
            part = f'<div class="snippet-code">{code(joined(start, cells))}</div>'
            yield _folded("Code", part) if folded else part
            start = ""

    def _results(self) -> Iterator[str]:
        """Yield what the cells printed, raised and drew, folded where they say so."""
        figures = self._figures()
        visible = (cell for cell in self.shown if cell.hide != "output")
        for folded, group in groupby(visible, lambda cell: cell.fold == "output"):
            cells = list(group)
            output, errors, raised = printed(self.record, cells)
            shown = map(html.escape, raised)
            parts = [
                _printed("Output", "snippet-output", output),
                _printed("Output to stderr", "snippet-output snippet-output--errors", errors),
                *(f'<pre class="snippet-raises" tabindex="0">{text}</pre>' for text in shown),
                *(self._live(one) for cell in cells for one in figures.get(cell.title, ())),
            ]
            if part := "\n".join(filter(None, parts)):
                yield _folded("Output", part) if folded else part

    def _live(self, *parts: str) -> str:
        """Return a figure in its widget, which a browser puts in its place; else as it is."""
        if self.widget is None:
            return "\n".join(filter(None, parts))
        name = self.widget.name
        told = "".join(f' data-{key}="{html.escape(text)}"' for key, text in self.widget.options)
        return "\n".join(filter(None, [f"<{name}{told}>", *parts, f"</{name}>"]))

    def _figures(self) -> dict[str, list[str]]:
        """Return the figures of each cell, by its title, with an alt text each."""
        figures: dict[str, list[str]] = {}
        drawn = described(self.record, self.shown, self.alts)
        if self.widget and len(drawn) != 1:
            raise ValueError(f"a widget stands for one figure, and here are {len(drawn)}")
        for cell, number, svg, alt in drawn:
            prefix = self._unique_id(f"{self.record.path}-{cell.title}-{number}")
            try:
                figure = inline(svg, prefix=prefix, alt=alt, inks=self.settings.inks)
            except ValueError as error:
                raise Problem(self.record.path, cell.line, str(error)) from None
            figures.setdefault(cell.title, []).append(
                f'<figure class="snippet-figure" data-search-exclude>{figure}</figure>'
            )
        return figures

    def _unique_id(self, name: str) -> str:
        slug = re.sub(r"\W+", "-", name)
        candidates = chain([slug], (f"{slug}-{number}" for number in count(2)))
        unique = next(one for one in candidates if one not in self.ids)
        self.ids.add(unique)
        return unique

    def _links(self) -> str:
        place, shown = self.place, self.shown
        name = self.snippet.path.removeprefix(f"{self.settings.snippets}/")
        links = [
            f'<a href="{place.link(download_url(name, ".py"))}" download>Download .py</a>',
            f'<a href="{place.link(download_url(name, ".ipynb"))}" download>Download .ipynb</a>',
            f'<a href="{place.link(notebook_url(name))}">Open as notebook</a>',
        ]
        if place.files_url:
            last = shown[-1].line + shown[-1].source.count("\n")
            url = f"{place.files_url}/{self.snippet.path}#L{shown[0].line}-L{last}"
            links.append(f'<a href="{html.escape(url)}">Source</a>')
        # Each link names its snippet to those who hear links out of context.
        label = html.escape(f"{name}: downloads and source")
        start = f'<p class="snippet-links" data-search-exclude role="group" aria-label="{label}">'
        return f"{start}{' · '.join(links)}</p>"


def excerpt_block(place: Place, excerpt: Excerpt, symbol: str, caption: str) -> str:
    """Return library code that a chapter quotes: it promises no run, so it copies nothing."""
    name = html.escape(symbol.partition(":")[0])
    label = f"<code>{name}</code>"
    if place.files_url:
        url = f"{place.files_url}/{excerpt.path}#L{excerpt.first}-L{excerpt.last}"
        label = f'<a href="{html.escape(url)}">{label}</a>'
    source = f'<p class="excerpt-source">from {label}</p>'
    return _framed('<div class="excerpt">', source, code(excerpt.source), _caption(caption))


def wheel_line(place: Place) -> str:
    """Return the command that installs the site's wheel, linked to the wheel itself.

    It is HTML that may stand anywhere in Markdown. Raises ValueError where the site has no wheel.
    """
    command = f"<code>{escaped(place.install_command)}</code>"
    return f'<a class="wheel" href="{place.link(place.wheel_url)}">{command}</a>'


def waiting_box(name: str) -> str:
    """Return what stands, while serving, in the place of a block whose snippet has not run yet."""
    return (
        '<div class="admonition note livedocs-waiting" role="status">'
        f"<p>{html.escape(name)} has not run yet: what it gives will appear here.</p></div>"
    )


def problem_box(message: str) -> str:
    """Return the red box that stands in a block's place while serving."""
    return (
        '<div class="admonition failure livedocs-problem" role="alert">'
        '<p class="admonition-title">This block could not be built</p>'
        f"<pre>{html.escape(message)}</pre></div>"
    )


def _framed(start: str, *parts: str) -> str:
    return "\n".join(filter(None, [start, *parts, "</div>"]))


def _printed(label: str, style: str, text: str) -> str:
    if not text.strip():
        return ""
    # HTML drops the first line of <pre> where it is empty.
    printed = "\n" * text.startswith("\n") + html.escape(text.rstrip())
    start = f'<div class="{style}" role="group" aria-label="{label}">'
    return f'{start}<pre tabindex="0">{printed}</pre></div>'


def _folded(label: str, part: str) -> str:
    return f'<details class="snippet-fold"><summary>{label}</summary>\n{part}\n</details>'


def _caption(caption: str) -> str:
    return f'<div class="snippet-caption">{caption}</div>' if caption else ""
