"""Formulas, typeset by KaTeX when the site is built, so that pages need no script to show them."""

import html
import json
import re
import subprocess
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from livedocs.files import text_digest
from livedocs.making import program
from livedocs.problems import Problem
from livedocs.store import Store

_SCRIPT = Path(__file__).with_name("typeset.js")
#: What pymdownx.arithmatex leaves of a formula in its generic mode.
FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\(?P<open>[(\[])(?P<tex>.*?)\\[)\]]</(?P=tag)>',
    re.DOTALL,
)


class Typesetter:
    """Typesets formulas in HTML; results are kept by formula, so node starts only for new ones."""

    def __init__(self, katex: Path, cache: Path) -> None:
        """Take the folder of KaTeX, and one for what it made."""
        self._katex = katex
        self._store = Store(cache)
        self._process: subprocess.Popen[str] | None = None

    def typeset(self, page: str, fault: Callable[[str, str], str]) -> str:
        """Return ``page`` with its formulas typeset.

        A formula that KaTeX refuses is replaced by what ``fault(tex, message)`` returns.
        """

        def replace(match: re.Match[str]) -> str:
            tex = html.unescape(match["tex"]).strip()
            display = match["open"] == "["
            try:
                formula = self._formula(tex, display)
            except ValueError as error:
                return fault(tex, str(error))
            if not display:
                return formula
            # A wide formula scrolls, and what scrolls must be reachable by keyboard.
            start = f'{match["tag"]} class="formula" role="group" aria-label="Formula"'
            return f"<{start}>{formula}</{match['tag']}>"

        return FORMULA.sub(replace, page)

    def close(self) -> None:
        """End the node process, if one was started."""
        if self._process is not None:
            self._process.communicate()  # it ends where its input ends
            self._process = None

    def _formula(self, tex: str, display: bool) -> str:
        name = f"{text_digest(self._maker, str(display), tex)}.html"
        cached = self._store.get(name)
        if cached is None:
            answer = self._ask({"tex": tex, "display": display})
            if "error" in answer:
                raise ValueError(answer["error"])
            cached = str(answer["html"]).encode()
            self._store.put(name, cached)
        return cached.decode()

    @cached_property
    def _maker(self) -> str:
        """What decides how a formula is typeset: the version of KaTeX, and our script."""
        package = self._katex / "package.json"
        try:
            version = json.loads(package.read_text("utf-8"))["version"]
        except (OSError, ValueError, KeyError):
            message = "not found: formulas are set by KaTeX, which npm ci installs"
            raise Problem("node_modules/katex", None, message) from None
        return f"{version}\n{_SCRIPT.read_text('utf-8')}"

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            self._process = subprocess.Popen(
                [program("node"), str(_SCRIPT), str(self._katex.resolve())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            self.close()
            raise Problem("node_modules/katex", None, "ended without an answer") from None
        return answer
