"""Figures and formulas, put aside until a page is whole: no plugin need read through them."""

import re

from livedocs.files import below
from livedocs.site import Site

from .blocks import problem_box
from .typeset import FORMULA, Typesetter

_FIGURE = re.compile(r"<svg\b[^>]*\brole=\"img\".*?</svg>", re.DOTALL)
#: What stands where a figure or a formula will be put in, with the words that search finds there.
_PLACE = re.compile(r'<svg class="livedocs-drawn">.*?</svg>', re.DOTALL)
_UNSEEN = re.compile(r"<math .*?</math>|<[^>]+>", re.DOTALL)


class Aside:
    """The figures and the typeset formulas of each page of a site."""

    def __init__(self, site: Site, typesetter: Typesetter) -> None:
        self._site = site
        self._typesetter = typesetter
        self._drawn: dict[str, list[str]] = {}

    def put(self, html: str, source: str) -> str:
        """Return the page ``source`` without its figures and formulas, which are typeset here."""
        drawn = self._drawn[source] = []

        def fault(tex: str, message: str) -> str:
            problem = self._site.problem(*self._place_of(tex, source), message)
            return problem_box(str(problem))

        def put_aside(match: re.Match[str]) -> str:
            is_formula = match["tag"] is not None
            drawn.append(self._typesetter.typeset(match[0], fault) if is_formula else match[0])
            words = _UNSEEN.sub("", drawn[-1]) if is_formula else ""
            return f'<svg class="livedocs-drawn">{words}</svg>'

        return re.sub(f"{_FIGURE.pattern}|{FORMULA.pattern}", put_aside, html, flags=re.DOTALL)

    def back(self, page: str, source: str) -> str:
        """Return the page with all that was put aside."""
        drawn = iter(self._drawn.get(source, ()))
        return _PLACE.sub(lambda match: next(drawn), page)

    def _place_of(self, tex: str, source: str) -> tuple[str, int | None]:
        """Return where a formula stands: in a chapter, or in a docstring that it shows."""
        pattern = re.compile(r"\s+".join(map(re.escape, tex.split())))
        settings = self._site.settings
        root, path = settings.root, f"{settings.docs}/{source}"
        for file in [root / path, *below(root / settings.sources, "*.py")]:
            text = file.read_text("utf-8", "replace")
            if match := pattern.search(text):
                return file.relative_to(root).as_posix(), text[: match.start()].count("\n") + 1
        return path, None
