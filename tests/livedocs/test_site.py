"""Values in prose are text there, whatever they hold."""

from __future__ import annotations

import html
import re
from pathlib import Path

import markdown
from hypothesis import given
from hypothesis import strategies as st

from livedocs.blocks import Place
from livedocs.record import Record
from livedocs.settings import Settings
from livedocs.site import Site


@given(st.from_regex(r"[!-~]([ -~]*[!-~])?", fullmatch=True))
def test_a_text_stands_in_prose_as_it_is(text: str) -> None:
    site = Site(Settings(Path("/nowhere")))
    site.records = {"a.py": Record("snippets/a.py", (), {"name": text})}
    rendered = site.render("docs/a.md", "so: `{value} a.py name`", 1, Place("a.html"))
    page = markdown.markdown(rendered.markdown)
    assert html.unescape(re.sub(r"</?p>", "", page)) == f"so: {text}"
