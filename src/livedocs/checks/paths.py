"""What chapters say that they assume."""

from collections.abc import Iterator

from .. import paths
from ..problems import Problem, near_match
from ..scanner import front_matter
from ..site import Site


def check(site: Site) -> Iterator[Problem]:
    """Yield each chapter that assumes something which is no other chapter."""
    pages = {site.page(path) for path in site.chapters}
    for path, chapter in site.chapters.items():
        others = pages - {site.page(path)}
        for name in paths.assumed(chapter):
            if name not in others:
                head, _ = front_matter(chapter.text) or ("", None)
                line = head[: max(head.find(name), 0)].count("\n") + 1
                message = f'"{name}", which this assumes, is no other chapter.'
                yield Problem(path, line, message + near_match(name, others))
