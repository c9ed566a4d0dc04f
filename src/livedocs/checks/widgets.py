"""The custom elements that figures stand in."""

from collections.abc import Iterator

from ..chapter import Widget
from ..problems import Problem, near_match
from ..settings import Settings
from ..site import Site


def check(site: Site) -> Iterator[Problem]:
    """Yield each block that names a widget, or an option of it, which the project does not have."""
    for path, chapter in site.chapters.items():
        for block in chapter.blocks:
            if block.widget:
                for message in _faults(block.widget, site.settings):
                    yield Problem(path, block.line, message)


def _faults(widget: Widget, settings: Settings) -> Iterator[str]:
    name, names = widget.name, settings.widget_names
    if name not in names:
        yield f'no widget is called "{name}".{near_match(name, names)}'
        return
    known = settings.widget_options.get(name, {})
    for key, value in widget.options:
        if key not in known:
            yield f'the widget "{name}" has no option "{key}".{near_match(key, known)}'
        elif value not in known[key]:
            yield f'"{key}" cannot be "{value}" here.{near_match(value, known[key])}'
