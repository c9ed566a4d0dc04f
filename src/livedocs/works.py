"""The works that chapters cite: one file of entries by key, a link for each citation, one list.

An entry is what a reader needs to find the work, and which version of it was read:

    cho2014:
      authors: [Kyunghyun Cho, Bart van Merriënboer, ...]
      title: Learning phrase representations ...
      year: 2014
      venue: EMNLP 2014
      version: arXiv 1406.1078v3
      url: https://arxiv.org/abs/1406.1078
"""

from dataclasses import dataclass

from .problems import Entry, entries
from .settings import Settings


@dataclass(frozen=True)
class Work:
    """One entry, and the line on which it begins."""

    key: str
    line: int
    authors: tuple[str, ...]
    title: str
    year: int
    url: str
    venue: str = ""
    version: str = ""

    @property
    def short(self) -> str:
        """Return how a sentence names the work: last names and the year."""
        names = [author.rpartition(" ")[2] for author in self.authors]
        several = {1: names[0], 2: " and ".join(names)}
        return f"{several.get(len(names), names[0] + ' et al.')}, {self.year}"

    @property
    def line_of_list(self) -> str:
        """Return the entry of the list, as Markdown."""
        *others, last = self.authors
        authors = f"{', '.join(others)} and {last}" if others else last
        where = ". ".join(part for part in (self.venue, self.version) if part)
        end = f" {where}." if where else ""
        text = f"{authors} ({self.year}). [{self.title}]({self.url}).{end}"
        return f'- <a id="{self.key}"></a>{text}'


def load(settings: Settings) -> dict[str, Work]:
    """Return all works by key; what is wrong with the file is a :class:`Problem` of one line."""
    path, message = settings.references or "", "must hold a work for each key"
    works = map(_work, entries(settings.root, path, message, Work))
    return {work.key: work for work in works}


def listed(works: dict[str, Work]) -> str:
    """Return the list of all works, as Markdown, by author and year."""

    def order(work: Work) -> tuple[str, int, str]:
        return work.authors[0].rpartition(" ")[2].casefold(), work.year, work.key

    return "\n".join(work.line_of_list for work in sorted(works.values(), key=order))


def _work(entry: Entry) -> Work:
    given, fault = entry.given, entry.fault
    for name in ("authors", "title", "year", "url"):
        if not given.get(name):
            raise fault(f'needs "{name}"')
    authors = given.pop("authors")
    if not isinstance(authors, list) or not all(
        isinstance(name, str) and name.strip() for name in authors
    ):
        raise fault('"authors" must be a list of names')
    for name in ("title", "url", "venue", "version"):
        if not isinstance(given.get(name, ""), str):
            raise fault(f'"{name}" must be a text: put it in quotation marks')
    if not isinstance(given["year"], int):
        raise fault('"year" must be a number')
    if not str(given["url"]).startswith("https://"):
        raise fault('"url" must begin with https://')
    return Work(entry.key, entry.line, tuple(authors), **given)
