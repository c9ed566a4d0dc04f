"""What stands at the head and at the foot of a chapter: where it is, and what comes next."""

from collections.abc import Container
from html import escape

from livedocs import paths
from livedocs.addresses import Place
from livedocs.site import Site

from .chapters import links


def put(site: Site, source: str, woven: Container[str], place: Place, page: str) -> str:
    """Return the HTML of chapter ``source`` with its head below the title, and its foot."""
    head = _head(site, source, place) + links(source, woven, place)
    return page.replace("</h1>", f"</h1>\n{head}", 1) + _foot(site, source, place)


def _head(site: Site, source: str, place: Place) -> str:
    """Return on which path a chapter stands, how long it takes, and what it assumes."""
    at = paths.standing(site, source)
    if at is None:
        return ""
    path = f'<a href="{_address(at.steps[0], place)}">{escape(at.path)}</a>'
    bar = ""
    if at.step:
        bar = f'<span class="page-steps" style="--step:{at.step};--steps:{len(at.steps)}"></span>'
        parts = [f"{path}, step {at.step} of {len(at.steps)}"]
    else:
        parts = [f"{path} &rsaquo; {escape(at.group)}"]
    if taken := paths.minutes(site, source):
        parts.append(paths.counted(taken, "minute"))
    if assumed := paths.assumed(site.chapters[f"{site.settings.docs}/{source}"]):
        before = (_link(site, page, place) for page in assumed if page in site.groups)
        parts.append(f"assumes {' and '.join(before)}")
    return f'<p class="page-head" data-search-exclude>{bar}{" · ".join(parts)}</p>\n'


def _foot(site: Site, source: str, place: Place) -> str:
    """Return links to the pages before and after a chapter; after the last one, to paths."""
    at = paths.standing(site, source)
    if at is None:
        return ""
    group, parts = escape(at.group), []
    if at.previous:
        words = f"<span>Previous in {group}</span> {_title(site, at.previous)}"
        parts.append(f'<a rel="prev" href="{_address(at.previous, place)}">{words}</a>')
    if at.next:
        taken = paths.minutes(site, at.next)
        note = f" · {paths.counted(taken, 'minute')}" if taken else ""
        words = f"<span>Next in {group}{note}</span> {_title(site, at.next)}"
        parts.append(f'<a rel="next" href="{_address(at.next, place)}">{words}</a>')
    else:
        others = [
            f'<a href="{_address(steps[0], place)}">{escape(title)}</a>'
            for title, steps in paths.paths(site).items()
            if title != at.path or not at.step
        ]
        on = f" Go on with {' or '.join(others)}." if others else ""
        parts.append(f"<p>{group} ends here.{on}</p>")
    name = f"Before and after, in {group}"  # the theme's own list bears the group's name
    return (
        f'\n<nav class="page-foot" aria-label="{name}" data-search-exclude>{"".join(parts)}</nav>'
    )


def _link(site: Site, page: str, place: Place) -> str:
    return f'<a href="{_address(page, place)}">{_title(site, page)}</a>'


def _title(site: Site, page: str) -> str:
    return escape(site.title(f"{site.settings.docs}/{page}"))


def _address(page: str, place: Place) -> str:
    return place.link(f"{page.removesuffix('.md')}.html")
