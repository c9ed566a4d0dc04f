"""The custom elements that figures stand in."""

from collections import Counter
from collections.abc import Iterator

from ..chapter import Chapter, Step, Widget
from ..problems import Problem, near_match
from ..settings import Settings
from ..site import Site


def check(site: Site) -> Iterator[Problem]:
    """Yield each block and each link that names a widget, or an option, which is not there."""
    for path, chapter in site.chapters.items():
        for block in chapter.blocks:
            if block.widget:
                for message in _faults(block.widget, site.settings):
                    yield Problem(path, block.line, message)
        keys = _keys(chapter)
        for step in chapter.pieces:
            if isinstance(step, Step) and step.widget not in keys:
                near = near_match(step.widget, keys)
                message = f'no widget "{step.widget}" stands on this page.{near}'
                yield Problem(path, step.line, message)


def _keys(chapter: Chapter) -> list[str]:
    """Return the names of a page's widgets: "half-life", and "half-life-2" for the second one."""
    seen: Counter[str] = Counter()
    keys = []
    for block in chapter.blocks:
        if block.widget:
            name = block.widget.name
            seen[name] += 1
            keys.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return keys


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
