"""A chapter as a page: Markdown with a token for each block, and the HTML that takes its place."""

import json
import re
from collections.abc import Container
from dataclasses import asdict, dataclass, field
from functools import cache
from html import escape
from pathlib import Path

from livedocs import symbols
from livedocs.addresses import Place, chapter_url, notebook_url
from livedocs.cache import installed
from livedocs.chapter import Block, Fault, Piece, Span, Step, parse
from livedocs.files import below, digest, text_digest
from livedocs.plain import escaped
from livedocs.problems import Problem
from livedocs.showing import choose
from livedocs.site import Site, Waiting
from livedocs.store import Store

from . import blocks

#: Where a block is to be put in: the token is a paragraph of its own, or stands on a line alone
#: where HTML is not read as Markdown, as in a plain <div>.
_PLACE = re.compile(
    r"<p>\s*(?P<paragraph>LIVEDOCS\d+X)\s*</p>|^[ \t]*(?P<line>LIVEDOCS\d+X)[ \t]*$", re.MULTILINE
)


@dataclass
class Rendered:
    """A chapter as Markdown with tokens, and the HTML that takes each token's place."""

    path: str
    markdown: str = ""
    fragments: dict[str, str] = field(default_factory=dict)
    #: The line on which each block begins, by its token.
    lines: dict[str, int] = field(default_factory=dict)
    #: Whether nothing is wrong with it, and nothing in it is waited for.
    is_whole: bool = True

    def add(self, fragment: str, line: int) -> str:
        """Keep a fragment; return the token that stands for it."""
        token = f"LIVEDOCS{len(self.fragments):04}X"
        self.fragments[token], self.lines[token] = fragment, line
        return token


def kept(site: Site, path: str, text: str, first_line: int, place: Place, made_of: str) -> Rendered:
    """Return what :func:`render` does, as it was kept if what the chapter is made of is the same.

    ``made_of`` is a digest of that.
    """
    store = Store(site.settings.cache_folder / "chapters")
    key = f"{text_digest(_maker(), made_of, repr((site.settings, place, text)))}.json"
    if (content := store.get(key)) is not None:
        return Rendered(**json.loads(content))
    rendered = render(site, path, text, first_line, place)
    if rendered.is_whole:
        store.put(key, json.dumps(asdict(rendered)).encode())
    return rendered


@cache
def _maker() -> str:
    """Return a digest of what renders chapters."""
    return text_digest(*installed(), *map(digest, below(Path(__file__).parents[1], "*.py")))


def render(site: Site, path: str, text: str, first_line: int, place: Place) -> Rendered:
    """Return chapter ``path``, whose Markdown ``text`` starts at ``first_line`` of the file.

    A block that cannot be built becomes a red box, and a problem.
    """
    rendered = Rendered(path)
    ids: set[str] = set()

    def fill(piece: Piece) -> str:
        match piece:
            case Fault(problem=problem):
                rendered.is_whole = False
                if not piece.was_fence:
                    return _warning(problem)
                return f"\n\n{rendered.add(blocks.problem_box(str(problem)), piece.line)}\n\n"
            case Step():
                return blocks.step_link(piece)
            case Block():
                try:
                    built = _block(site, piece, path, place, ids)
                except (Waiting, ValueError, Problem) as error:
                    rendered.is_whole = False
                    built = (
                        blocks.waiting_box(piece.target)
                        if isinstance(error, Waiting)
                        else blocks.problem_box(str(site.problem(path, piece.line, str(error))))
                    )
                return rendered.add(built, piece.line)
        try:
            if isinstance(piece, Span) and piece.kind == "wheel":
                return blocks.wheel_line(place)
            if isinstance(piece, Span) and piece.kind == "repository":
                return site.repository_file(piece.name, place)
            return site.text(piece, path, notebook_url)
        except (Waiting, ValueError) as error:
            rendered.is_whole = False
            if isinstance(error, Waiting):
                return "…"
            return _warning(site.problem(path, piece.line, str(error)))

    rendered.markdown = parse(path, text, first_line).fill(fill)
    return rendered


def put_in(site: Site, rendered: Rendered, page: str) -> str:
    """Return the HTML ``page``, made of a rendered chapter, with every fragment in its place.

    A block whose place Markdown made code of, or lost, becomes a problem.
    """
    put: set[str] = set()

    def fragment(match: re.Match[str]) -> str:
        token = match["paragraph"] or match["line"]
        if token not in rendered.fragments or _in_code(page, match.start()):
            return match[0]
        put.add(token)
        return rendered.fragments[token]

    woven = _PLACE.sub(fragment, page)
    for token, line in rendered.lines.items():
        if token not in put:
            message = "a block cannot stand here: begin it at the left, or as far in as the "
            message += "text of its list or note, with an empty line before it"
            problem = site.problem(rendered.path, line, message)
            woven = woven.replace(token, "") + blocks.problem_box(str(problem))
    return woven


def _block(site: Site, block: Block, path: str, place: Place, ids: set[str]) -> str:
    caption = site.caption(block, path)
    if block.kind == "source":
        excerpt = symbols.find(site.settings, block.target)
        return blocks.excerpt_block(place, excerpt, block.target, caption)
    record = site.record(block.target)
    snippet = site.snippets[block.target]
    shown = choose(snippet, block.cells)
    built = blocks.SnippetBlock(site.settings, place, block, snippet, record, shown, caption, ids)
    return built.with_code() if block.kind == "snippet" else built.figures_alone()


def _warning(problem: Problem) -> str:
    return f"**⚠ {escaped(str(problem))}**"


def _in_code(page: str, position: int) -> bool:
    return page.rfind("<pre", 0, position) > page.rfind("</pre>", 0, position)


def links(source: str, woven: Container[str], place: Place) -> str:
    """Return links, to stand below its title, to a chapter in other forms."""
    book, found = chapter_url(source), []
    if book in woven:
        words = "Download this page as an executed notebook"
        found.append(f'<a href="{place.link(book)}" download>{words}</a>')
    if source in woven:
        found.append(f'<a href="{place.link(source)}">Read this page as Markdown</a>')
    if not found:
        return ""
    return f'<p class="chapter-links" data-search-exclude>{" · ".join(found)}</p>'


def explained_in(site: Site, name: str, place: Place) -> str:
    """Return links from the notebook of a snippet to the chapters that use it."""
    found = [
        f'<a href="{place.link(site.page(path).removesuffix(".md"))}.html">'
        f"{escape(site.title(path))}</a>"
        for path in site.uses(name)
    ]
    return f'\n<p class="snippet-links">Explained in {", ".join(found)}</p>'
