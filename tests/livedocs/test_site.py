"""Values in prose are text there, whatever they hold; titles are text without their marks."""

import html
import re
from pathlib import Path

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedocs.addresses import Place
from livedocs.chapter import parse
from livedocs.mkdocs import chapters
from livedocs.record import Record
from livedocs.settings import Settings
from livedocs.site import Site


@given(st.from_regex(r"[!-~]([ -~]*[!-~])?", fullmatch=True))
def test_a_text_stands_in_prose_as_it_is(text: str) -> None:
    site = Site(Settings(Path("/nowhere")))
    site.records = {"a.py": Record("snippets/a.py", (), {"name": text})}
    rendered = chapters.render(site, "docs/a.md", "so: `{value} a.py name`", 1, Place("a.html"))
    page = markdown.markdown(rendered.markdown)
    assert html.unescape(re.sub(r"</?p>", "", page)) == f"so: {text}"


@pytest.mark.parametrize(
    ("number", "spec", "shown"),
    [
        (7.2e-13, ".1e", "7.2 · 10<sup>-13</sup>"),
        (-2e20, ".0e", "-2 · 10<sup>20</sup>"),
        (1e-5, ".0e", "10<sup>-5</sup>"),
        (1.04, ".1e", "1.0"),
        (-0.5, ".2f", "-0.50"),
        (-1200, ",", "-1,200"),
        (float("-inf"), "", "-inf"),
    ],
)
def test_a_number_stands_in_prose_as_people_print_it(
    number: float | str, spec: str, shown: str
) -> None:
    site = Site(Settings(Path("/nowhere")))
    site.records = {"a.py": Record("snippets/a.py", (), {"one": number})}
    (span,) = parse("docs/a.md", f"so: `{{value}} a.py one:{spec}`").spans
    assert site.value(span) == shown.replace("-", "\N{MINUS SIGN}")


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("# The *GRU* & `h_n` {#gru}", "The GRU & h_n"),
        ("# It is `{value} a.py name` of $h_t$[^1] #", "It is 3 < 4 of h_t"),
        ("---\ntitle: Front `matter`\n---\n# Other", "Front matter"),
        ("No title", "docs/a.md"),
        ("# `{value} a.py gone`", "docs/a.md"),
        ("# `{wheel}`", "docs/a.md"),
    ],
)
def test_a_title_is_plain_text(title: str, shown: str) -> None:
    site = Site(Settings(Path("/nowhere")))
    site.records = {"a.py": Record("snippets/a.py", (), {"name": "3 < 4"})}
    site.chapters = {"docs/a.md": parse("docs/a.md", title + "\n")}
    assert site.title("docs/a.md") == shown


def test_a_span_that_cannot_be_formatted_is_a_problem() -> None:
    site = Site(Settings(Path("/nowhere")))
    site.records = {"a.py": Record("snippets/a.py", (), {"huge": 10**400, "one": 1})}
    text = "`{value} a.py huge:.2f` `{value} a.py huge:c` `{value} b.py x`"
    rendered = chapters.render(site, "docs/a.md", text, 1, Place("a.html"))
    assert len(site.problems) == 3
    assert "Traceback" not in rendered.markdown
    assert str(site.problems[2]) == (
        'docs/a.md:1: snippet "b.py" was not run: the chapter changed during the build'
    )


@pytest.mark.parametrize("address", ["", "https://example.org/r/blob/abc"])
def test_a_file_is_linked_where_the_repository_is_known(tmp_path: Path, address: str) -> None:
    (tmp_path / "README.md").touch()
    site = Site(Settings(tmp_path))
    place = Place("a.html", address)
    text = "`{repository} README.md`"
    rendered = chapters.render(site, "docs/a.md", text, 1, place)
    assert rendered.markdown == (
        f"[`README.md`]({address}/README.md)" if address else "`README.md`"
    )
    chapters.render(site, "docs/a.md", "`{repository} gone.md`", 1, place)
    (problem,) = site.problems
    assert str(problem) == 'docs/a.md:1: the repository has no file "gone.md"'
