"""Links in drawings. They are written as in a chapter, and lead from its file to another's."""

import posixpath
import re
from collections.abc import Callable
from html import unescape

from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_LINK = re.compile(r'(?P<start><a [^>]*xlink:href=")(?P<to>[^":]+)"')


def lead(html: str, page: Page, files: Files, wrong: Callable[[str], object]) -> str:
    """Return the HTML of a page with its drawings' links leading to pages.

    MkDocs is told of the headings that they name, and looks for these as for those of any link.
    ``wrong`` is told of each that leads to no chapter.
    """

    def address(match: re.Match[str]) -> str:
        to = unescape(match["to"])
        path, sign, anchor = to.partition("#")
        name = posixpath.join(posixpath.dirname(page.file.src_uri), path) if path else ""
        file = files.get_file_from_path(posixpath.normpath(name)) if name else page.file
        if file is None:
            wrong(f'a drawing links to "{to}", and there is no such file in the docs')
            return match[0]
        if anchor and page.links_to_anchors is not None:
            page.links_to_anchors.setdefault(file, {}).setdefault(anchor, to)
        own = file.url_relative_to(page.file) if file != page.file else ""
        return f'{match["start"]}{own}{sign}{anchor}"'

    return _LINK.sub(address, html)
