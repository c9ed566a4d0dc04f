"""Words of the glossary, where they first stand in a chapter: with their meaning, and a link."""

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from livedocs.addresses import seen_from
from livedocs.glossary import Term, words_of
from livedocs.site import Site

#: What is no prose, or stands apart from it.
_PASSED_OVER = {"a", "button", "code", "pre", "script", "style", "summary", "svg", "table"}
_PASSED_CLASSES = {"admonition-title", "arithmatex", "footnote"}
_HEADING = re.compile(r"h[1-6]")


class Terms(Extension):
    """Marks the words of a site's glossary on the page with the source ``page``."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site, self.page = site, ""

    @property
    def glossary(self) -> str:
        """The page of the glossary."""
        return self.site.page(self.site.settings.glossary or "")

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Have rows get ids before MkDocs looks for any, and words links once headings have ids."""
        md.treeprocessors.register(_Rows(self), "livedocs_rows", 6)
        md.treeprocessors.register(_Words(self), "livedocs_words", 4)


class _Rows(Treeprocessor):
    """Gives each row of the glossary an id."""

    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self._terms = terms

    def run(self, root: Element) -> None:
        if self._terms.page != self._terms.glossary:
            return
        anchors = {term.words: term.anchor for term in self._terms.site.terms}
        for row in root.iter("tr"):
            bold = row.find("td/strong")
            words = words_of("".join(bold.itertext())) if bold is not None else ()
            if words in anchors:
                row.set("id", anchors[words])


class _Words(Treeprocessor):
    """Makes a link of each word where it first stands, and lets the keyboard reach abbreviations.

    Of these, too, the first of each kind is enough.
    """

    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self._terms = terms
        #: The terms that are still to be met, by their words.
        self._left: dict[str, Term] = {}
        self._abbreviations: set[str | None] = set()

    def run(self, root: Element) -> None:
        page = self._terms.page
        if not self._terms.site.settings.is_woven(page):
            return
        if page != self._terms.glossary:
            self._left = {word: one for one in self._terms.site.terms for word in one.words}
        self._meet(page, "")
        words = "|".join(sorted(map(re.escape, self._left), key=len, reverse=True))
        self._pattern = re.compile(rf"(?<![\w-])({words or '$^'})(?:e?s)?(?![\w-])", re.IGNORECASE)
        self._mark(root)

    def _meet(self, page: str, section: str) -> None:
        """Leave alone, from here on, the terms that a page or one of its sections explains."""
        here = (page, section)
        self._left = {
            word: term for word, term in self._left.items() if (term.page, term.section) != here
        }

    def _mark(self, element: Element) -> None:
        """Mark the words in an element, in the order in which they are read."""
        children = [*element]
        element.text, links = self._with_links(element.text)
        element[:0] = links
        for child in children:
            self._look_at(child)
            child.tail, links = self._with_links(child.tail)
            place = [*element].index(child) + 1
            element[place:place] = links

    def _look_at(self, child: Element) -> None:
        if _HEADING.fullmatch(child.tag):
            self._meet(self._terms.page, child.get("id", ""))
        elif child.tag == "em" and (child.text or "").casefold() in self._left:
            self._take(str(child.text))  # so set, a word is being explained
        elif child.tag == "abbr":
            if child.get("title") not in self._abbreviations:
                self._abbreviations.add(child.get("title"))
                child.set("tabindex", "0")
        elif (
            child.tag not in _PASSED_OVER
            and not {*child.get("class", "").split()} & _PASSED_CLASSES
        ):
            self._mark(child)

    def _take(self, word: str) -> Term | None:
        """Return the term of a word the first time that it is met."""
        term = self._left.get(word.casefold())
        for one in term.words if term else ():
            del self._left[one]
        return term

    def _with_links(self, text: str | None) -> tuple[str, list[Element]]:
        """Return a text up to its first link, and the links, each with the text that follows it."""
        text = text or ""
        links: list[Element] = []
        ends = [0]
        for match in self._pattern.finditer(text):
            if term := self._take(match[1]):
                address = f"{seen_from(self._terms.page, self._terms.glossary)}#{term.anchor}"
                links.append(
                    Element("a", {"class": "term", "href": address, "title": term.meaning})
                )
                links[-1].text = match[0]
                ends += match.span()
        first, *tails = (text[a:b] for a, b in zip(ends[::2], [*ends[1::2], None], strict=True))
        for link, tail in zip(links, tails, strict=True):
            link.tail = tail
        return first, links
