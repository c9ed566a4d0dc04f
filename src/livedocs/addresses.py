"""Where things lie in a site: pages, downloads, figures, the wheel."""

import posixpath
import re
from dataclasses import dataclass

#: Folders of a site that hold what the engine makes, and nothing of an author's.
MADE = ("notebooks", "downloads", "wheels", "figures")


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
        return seen_from(self.page_url, url)

    @property
    def install_command(self) -> str:
        """The command that installs the site's wheel. Raises ValueError where it has none."""
        if not self.wheel_url:
            raise ValueError("the site has no wheel: name its package in [tool.livedocs], as wheel")
        name = posixpath.basename(self.wheel_url)
        address = f"{self.site_url.rstrip('/')}/{self.wheel_url}" if self.site_url else name
        return f"pip install {address}"


def seen_from(page: str, url: str) -> str:
    """Return the address of ``url`` as seen from ``page``, both relative to the site."""
    return posixpath.relpath(url, posixpath.dirname(page) or ".")


def notebook_url(name: str) -> str:
    """Return the page of snippet ``name`` (``gru/step.py``) as a notebook."""
    return f"notebooks/{name.removesuffix('.py')}.html"


def download_url(name: str, suffix: str) -> str:
    """Return the download of snippet ``name`` with ``suffix`` (``.py`` or ``.ipynb``)."""
    return f"downloads/{name.removesuffix('.py')}{suffix}"


def chapter_url(page: str) -> str:
    """Return the download of chapter ``page`` (``gru.md``) as an executed notebook."""
    return f"downloads/chapters/{page.removesuffix('.md')}.ipynb"


def figure_url(name: str, cell: str, number: int) -> str:
    """Return the figure of a cell of snippet ``name``; figures of a cell are counted from 0."""
    slug = re.sub(r"\W+", "-", cell).strip("-")
    return f"figures/{name.removesuffix('.py')}/{slug}-{number + 1}.svg"
