"""The custom elements that figures stand in."""

from collections.abc import Iterator

from ..problems import Problem, near_match
from ..site import Site


def check(site: Site) -> Iterator[Problem]:
    """Yield each block that names a widget which the project does not have."""
    names = site.settings.widget_names
    for path, chapter in site.chapters.items():
        for block in chapter.blocks:
            if block.widget and block.widget not in names:
                message = f'no widget is called "{block.widget}".{near_match(block.widget, names)}'
                yield Problem(path, block.line, message)
