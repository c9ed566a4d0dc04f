"""The ways through a site: the groups of its navigation, with their pages in order.

The pages that stand in a group itself are the steps of its path; those in groups within it lead
further. How long a page takes is reckoned from its words.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .addresses import seen_from
from .chapter import Chapter, words
from .plain import escaped
from .problems import near_match
from .scanner import front_matter

if TYPE_CHECKING:
    from .site import Site

_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")


@dataclass(frozen=True)
class Standing:
    """Where a page stands: on a path, as one of its steps, or beyond it."""

    page: str
    #: The title of the path.
    path: str
    steps: tuple[str, ...]
    #: The group in which it stands: the path, or a group within.
    group: str
    among: tuple[str, ...]

    @property
    def step(self) -> int:
        """Which step it is, counted from 1; 0 beyond the path."""
        return self.steps.index(self.page) + 1 if self.page in self.steps else 0

    @property
    def previous(self) -> str | None:
        place = self.among.index(self.page)
        return self.among[place - 1] if place else None

    @property
    def next(self) -> str | None:
        return next(iter(self.among[self.among.index(self.page) + 1 :]), None)


def paths(site: "Site") -> dict[str, tuple[str, ...]]:
    """Return the steps of each path, by its title."""
    titles = dict.fromkeys(groups[0] for groups in site.groups.values() if groups)
    return {title: steps for title in titles if (steps := _in_group(site, (title,)))}


def standing(site: "Site", page: str) -> Standing | None:
    """Return where a page stands, None where that is on no path and beyond none."""
    groups = site.groups.get(page, ())
    steps = paths(site).get(groups[0]) if groups else None
    if not steps:
        return None
    return Standing(page, groups[0], steps, groups[-1], _in_group(site, groups))


def minutes(site: "Site", page: str) -> int:
    """Return how long the prose of a chapter takes; 0 where another program fills it in."""
    if not site.settings.is_woven(page):
        return 0
    count = _count(site.chapters[f"{site.settings.docs}/{page}"])
    return round(count / site.settings.words_per_minute)


def assumed(chapter: Chapter) -> list[str]:
    """Return what the front matter of a chapter says that it ``assumes``: other chapters."""
    _, says = front_matter(chapter.text) or ("", None)
    given = (says or {}).get("assumes", [])
    return [*map(str, given)] if isinstance(given, list) else [str(given)]


def listed(site: "Site", path: str, title: str) -> str:
    """Return the pages of a path, or of all of them, as the Markdown of chapter ``path``.

    Raises ValueError: there is no such path.
    """
    known = paths(site)
    if not title:
        lists = "\n\n".join(
            f"- **{escaped(one)}** · {counted(len(steps), 'page')}{_took(_sum(site, steps))}\n\n"
            + re.sub("^", "    ", _steps(site, path, steps), flags=re.MULTILINE)
            for one, steps in known.items()
        )
        rate = f"At {site.settings.words_per_minute} words of prose a minute, not counting code."
        return f'<div class="paths" markdown>\n\n{lists}\n\n</div>\n\n{rate}'
    if title not in known:
        raise ValueError(f'no path is called "{title}".{near_match(title, known)}')
    return _steps(site, path, known[title])


def _steps(site: "Site", path: str, steps: tuple[str, ...]) -> str:
    page, docs = site.page(path), site.settings.docs
    return "\n".join(
        f"{number}. [{escaped(site.title(f'{docs}/{step}'))}]({seen_from(page, step)})"
        f"{_took(minutes(site, step))}"
        for number, step in enumerate(steps, 1)
    )


def _took(count: int) -> str:
    return f" · {count} min" if count else ""


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _sum(site: "Site", steps: tuple[str, ...]) -> int:
    return sum(minutes(site, step) for step in steps)


def _in_group(site: "Site", groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(page for page, own in site.groups.items() if own == groups)


@lru_cache(maxsize=2**10)  # of all chapters, an edit changes one
def _count(chapter: Chapter) -> int:
    """Count the words of a chapter's prose and in the captions of its blocks."""
    text = "\n".join([chapter.prose, *(block.caption for block in chapter.blocks)])
    return len(_WORD.findall(words(text)))
