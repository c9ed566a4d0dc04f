r"""Formulas are typeset once, readable to eye and ear, and KaTeX's complaints reach the caller."""

import json
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NoReturn

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st
from material.plugins.search.plugin import Parser  # type: ignore[import-untyped]

from livedocs.mkdocs.typeset import Typesetter
from livedocs.problems import Problem

KATEX = Path(__file__).parents[2] / "node_modules" / "katex"


def no_fault(tex: str, message: str) -> NoReturn:
    raise AssertionError(f"{tex}: {message}")


@pytest.fixture
def typesetter(tmp_path: Path) -> Iterator[Typesetter]:
    typesetter = Typesetter(KATEX, tmp_path / "kept")
    yield typesetter
    typesetter.close()


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note every process that is started."""
    commands: list[Any] = []
    start = subprocess.Popen

    def noted(command: Any, **options: Any) -> Any:
        commands.append(command)
        return start(command, **options)

    monkeypatch.setattr(subprocess, "Popen", noted)
    return commands


class Heard(HTMLParser):
    """The text of a page as it is heard: without what is hidden from screen readers."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self._hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._hidden or ("aria-hidden", "true") in attrs:
            self._hidden += tag not in ("img", "path")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= bool(self._hidden)

    def handle_data(self, data: str) -> None:
        self.text += data if not self._hidden else ""


def test_what_arithmatex_leaves_is_typeset_and_all_else_left_alone(
    typesetter: Typesetter,
) -> None:
    page = markdown.markdown(
        "Let $x < 1$ be.\n\n$$\n\\begin{aligned}y &= x\\end{aligned}\n$$\n\nCode: `$x < 1$`, \\$5.",
        extensions=["pymdownx.arithmatex"],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )
    assert page.count('class="arithmatex"') == 2
    result = typesetter.typeset(page, no_fault)
    assert "arithmatex" not in result
    assert result.count("<math ") == result.count('class="katex-html"') == 2
    assert "<mi>x</mi><mo>&lt;</mo><mn>1</mn>" in result
    assert result.endswith("<p>Code: <code>$x &lt; 1$</code>, $5.</p>")


def test_a_formula_is_heard_and_found_once(typesetter: Typesetter) -> None:
    result = typesetter.typeset(r'<span class="arithmatex">\(h_t\)</span>', no_fault)
    assert Heard(result).text == "ht"
    assert "h_t" not in result
    search = Parser()
    search.feed(f"<p>The state {result} is blended.</p>")
    text = "".join(part for section in search.data for part in section.text)
    assert text.replace("\u200b", "") == "<p>The state ht is blended.</p>"


def test_a_display_formula_stands_in_a_group_that_may_scroll(typesetter: Typesetter) -> None:
    result = typesetter.typeset(r'<div class="arithmatex">\[x\]</div>', no_fault)
    assert result.startswith('<div class="formula" role="group" aria-label="Formula">')
    assert '<span class="katex-display">' in result
    assert result.endswith("</div>")
    inline = typesetter.typeset(r'<span class="arithmatex">\(x\)</span>', no_fault)
    assert "katex-display" not in inline


def test_a_wrong_formula_is_reported_and_the_others_are_typeset(
    typesetter: Typesetter, tmp_path: Path
) -> None:
    faults: list[tuple[str, str]] = []

    def fault(tex: str, message: str) -> str:
        faults.append((tex, message))
        return "<b>wrong</b>"

    page = (
        r'<span class="arithmatex">\(\nosuch &amp; x\)</span> '
        r'<span class="arithmatex">\(y\)</span>'
    )
    result = typesetter.typeset(page, fault)
    assert result.startswith("<b>wrong</b> ")
    assert "<mi>y</mi>" in result
    assert [tex for tex, _ in faults] == [r"\nosuch & x"]
    assert "Undefined control sequence: \\nosuch" in faults[0][1]
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_one_process_serves_all_and_none_where_all_is_known(
    tmp_path: Path, starts: list[Any]
) -> None:
    page = "".join(rf'<span class="arithmatex">\(x_{n}\)</span>' for n in range(5))
    first = Typesetter(KATEX, tmp_path)
    result = first.typeset(page, no_fault) + first.typeset(page, no_fault)
    first.close()
    assert len(starts) == 1
    second = Typesetter(KATEX, tmp_path)
    assert second.typeset(page, no_fault) * 2 == result
    second.close()
    assert len(starts) == 1


def test_another_katex_typesets_anew(tmp_path: Path, starts: list[Any]) -> None:
    page = r'<span class="arithmatex">\(x\)</span>'
    other = tmp_path / "node_modules" / "katex"
    other.mkdir(parents=True)
    (other / "dist").symlink_to(KATEX / "dist")
    package = json.loads((KATEX / "package.json").read_text("utf-8"))
    (other / "package.json").write_text(json.dumps({**package, "version": "0.0.0"}), "utf-8")
    for folder in (KATEX, other, KATEX):
        typesetter = Typesetter(folder, tmp_path / "kept")
        typesetter.typeset(page, no_fault)
        typesetter.close()
    assert len(starts) == 2


@pytest.mark.parametrize("left", ["", "half"])
def test_a_damaged_formula_is_typeset_anew(tmp_path: Path, left: str) -> None:
    page = r'<span class="arithmatex">\(x\)</span>'
    first = Typesetter(KATEX, tmp_path)
    result = first.typeset(page, no_fault)
    first.close()
    (file,) = tmp_path.iterdir()
    good = file.read_bytes()
    file.write_bytes(good[: len(good) // 2] if left else b"")
    second = Typesetter(KATEX, tmp_path)
    assert second.typeset(page, no_fault) == result
    second.close()
    assert file.read_bytes() == good


def test_a_katex_that_is_not_installed_is_one_line(tmp_path: Path) -> None:
    typesetter = Typesetter(tmp_path / "katex", tmp_path / "kept")
    with pytest.raises(Problem, match=r"^node_modules/katex: not found: formulas are set by KaTeX"):
        typesetter.typeset(r'<span class="arithmatex">\(x\)</span>', no_fault)


@given(st.text())
def test_a_page_without_formulas_stays_as_it_is(page: str) -> None:
    typesetter = Typesetter(Path("absent"), Path("absent"))
    assert typesetter.typeset(page, no_fault) == page
