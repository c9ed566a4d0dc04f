"""HTML of what a chapter embeds: code, output, figures and the links beneath."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, count, groupby
from pathlib import PurePosixPath

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from livedocs import tables
from livedocs.addresses import Place, download_url, notebook_url
from livedocs.chapter import Block, Step
from livedocs.figures import inline
from livedocs.plain import escaped
from livedocs.problems import Problem
from livedocs.record import Record
from livedocs.settings import Settings
from livedocs.showing import (
    copied,
    described,
    imports,
    joined,
    keep_the_contract,
    printed,
    refuse_nothing,
)
from livedocs.snippets import Cell, Snippet
from livedocs.symbols import Excerpt

from . import outputs

_PLAIN = re.compile(r'<span class="[nw]">([^<]*)</span>')


@lru_cache(maxsize=2**10)  # of a page's blocks, an edit changes one
def code(source: str) -> str:
    """Return highlighted Python, marked up as Material's own blocks are.

    Plain names and blanks, which have the color of the text, are marked up as nothing.
    """
    formatter: HtmlFormatter[str] = HtmlFormatter(cssclass="highlight", wrapcode=True)
    return _PLAIN.sub(r"\1", str(highlight(source, PythonLexer(), formatter)))


@dataclass(frozen=True)
class SnippetBlock:
    """Cells of a snippet as a page shows them: with their code, or their figures alone."""

    settings: Settings
    place: Place
    block: Block
    snippet: Snippet
    record: Record
    shown: Sequence[Cell]
    caption: str = ""
    #: What the ids of the page's figures begin with; it takes in this block's own.
    ids: set[str] = field(default_factory=set)

    def with_code(self) -> str:
        """Return the code, its results and its files; where it is folded, the results first."""
        keep_the_contract(self.snippet, self.record, self.shown)
        seen, results = [*self._code()], [*self._results()]
        refuse_nothing("snippet", self.snippet, [*seen, *results])
        if self.block.code == "folded" and not (seen and results):
            raise ValueError('"code: folded" needs both code and results to show')
        program = html.escape(copied(self.snippet, self.shown)).replace("\n", "&#10;")
        start = f'<div class="snippet" data-copy="{program}">'
        caption, files = _caption(self.caption), self._files()
        if not (self._is_folded and seen and results):
            return _framed(start, *seen, *results, caption, _foot(files))
        # The theme's own copy button would be folded with the code.
        name = self._unique_id(f"{self.record.path}-code")
        held = _framed(f'<div class="no-copy" id="{name}">', *seen)
        copy = f'<button class="snippet-copy" type="button" data-clipboard-target="#{name}">'
        foot = _foot(_folded("Show the code", held), f"{copy}Copy the code</button>", files)
        return _framed(start, *results, caption, foot)

    def figures_alone(self) -> str:
        """Return the figures and files, without code and output."""
        figures = [*chain.from_iterable(self._figures().values())]
        refuse_nothing("figure", self.snippet, figures)
        start = '<div class="snippet snippet--figure">'
        return _framed(start, self._live(*figures, _caption(self.caption)), _foot(self._files()))

    @property
    def _is_folded(self) -> bool:
        """Whether the results come first, and the code below them once a reader opens it."""
        if self.block.code:
            return self.block.code == "folded"
        return imports(self.snippet, self.settings.folded)

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
            texts = [
                self._tables(output) if self.block.is_table else _output(output),
                outputs.text("Output to stderr", "snippet-output snippet-output--errors", errors),
                *(f'<pre class="snippet-raises">{html.escape(text)}</pre>' for text in raised),
            ]
            drawn = [self._live(one) for cell in cells for one in figures.get(cell.title, ())]
            parts = [*drawn, *texts] if self._is_folded else [*texts, *drawn]
            if part := "\n".join(filter(None, parts)):
                yield _folded("Output", part) if folded else part

    def _tables(self, output: str) -> str:
        return "\n".join(map(outputs.table, tables.read(output, self.block.columns)))

    def _live(self, *parts: str) -> str:
        """Return a figure in its widget, which a browser puts in its place; else as it is."""
        widget = self.block.widget
        if widget is None:
            return "\n".join(filter(None, parts))
        name = widget.name
        told = "".join(f' data-{key}="{html.escape(text)}"' for key, text in widget.options)
        return "\n".join(filter(None, [f"<{name}{told}>", *parts, f"</{name}>"]))

    def _figures(self) -> dict[str, list[str]]:
        """Return the figures of each cell, by its title, with an alt text each."""
        figures: dict[str, list[str]] = {}
        drawn = described(self.record, self.shown, self.block.alts)
        if self.block.widget and len(drawn) != 1:
            raise ValueError(f"a widget stands for one figure, and here are {len(drawn)}")
        for cell, number, svgs, alt in drawn:
            seen = []
            for svg in svgs:
                prefix = self._unique_id(f"{self.record.path}-{cell.title}-{number}")
                try:
                    seen.append(inline(svg, prefix=prefix, alt=alt, inks=self.settings.inks))
                except ValueError as error:
                    raise Problem(self.record.path, cell.line, str(error)) from None
            figures.setdefault(cell.title, []).append(
                '<figure class="snippet-figure" data-search-exclude>' + "".join(seen) + "</figure>"
            )
        return figures

    def _unique_id(self, name: str) -> str:
        slug = re.sub(r"\W+", "-", name)
        candidates = chain([slug], (f"{slug}-{number}" for number in count(2)))
        unique = next(one for one in candidates if one not in self.ids)
        self.ids.add(unique)
        return unique

    def _files(self) -> str:
        """Return a menu of what the snippet can be had as."""
        place, shown = self.place, self.shown
        name = self.snippet.path.removeprefix(f"{self.settings.snippets}/")
        stem = html.escape(PurePosixPath(name).stem)
        links = [
            f'<a href="{place.link(download_url(name, ".py"))}" download>Download {stem}.py</a>',
            f'<a href="{place.link(download_url(name, ".ipynb"))}" download>'
            f"Download {stem}.ipynb, an executed notebook</a>",
            f'<a href="{place.link(notebook_url(name))}">Read the notebook as a page</a>',
        ]
        if place.files_url:
            last = shown[-1].line + shown[-1].source.count("\n")
            url = f"{place.files_url}/{self.snippet.path}#L{shown[0].line}-L{last}"
            links.append(f'<a href="{html.escape(url)}">Its lines in the repository</a>')
        items = "".join(f"<li>{link}</li>" for link in links)
        as_text = ""
        if self.block.is_table:
            as_text = f"<p>The output as text:</p>\n{_output(printed(self.record, shown)[0])}"
        # Each menu names its snippet to those who hear it out of context.
        return (
            '<details class="snippet-files" data-search-exclude>'
            f'<summary aria-label="Files of {html.escape(name)}">Files</summary>\n'
            f"<ul>{items}</ul>{as_text}</details>"
        )


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


def step_link(step: Step) -> str:
    """Return a link that sets a widget. MkDocs would look for its address among the anchors."""
    return f'<a class="widget-step" href="{html.escape(step.address)}">{step.words}</a>'


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


def _output(printed: str) -> str:
    return outputs.text("Output", "snippet-output", printed)


def _foot(*parts: str) -> str:
    return _framed('<div class="snippet-foot">', *parts)


def _folded(label: str, part: str) -> str:
    return f'<details class="snippet-fold"><summary>{label}</summary>\n{part}\n</details>'


def _caption(caption: str) -> str:
    return f'<div class="snippet-caption">{caption}</div>' if caption else ""
