"""A chapter as a notebook: its prose and its code in the page's order, each program whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from livedocs.addresses import Place
from livedocs.books import book, has_code
from livedocs.chapter import parse
from livedocs.settings import load
from livedocs.site import Site

SNIPPETS = {
    "a.py": "# pip install drawsvg\n\n# %% set\nx = 1\n\n# %% say\nprint(x)\n\n"
    "# %% holds check=true\nassert x\n\n# %% say more\nprint(x + 1)\n\n"
    '# %% fail raises="ZeroDivisionError"\nx / 0\n',
    "b.py": "# %% set\nx = 5\n\n# %% say\nprint(x)\n",
    "c.py": "# %% draw\nimport drawsvg\n\nfirst = drawsvg.Drawing(9, 9)\n\n"
    "# %% draw again\nsecond = drawsvg.Drawing(9, 9)\n\n# %% remark\n# Nothing more.\n",
    "broken.py": "# %% one\nprint(\n",
}
Made = Callable[..., list[Any]]


@pytest.fixture
def made(project: Path) -> Made:
    """Return the cells of a chapter's notebook."""
    for file in [*project.glob("docs/*.md"), *project.glob("snippets/*/*.py")]:
        file.unlink()
    for name, text in SNIPPETS.items():
        (project / "snippets" / name).write_text(text, "utf-8")

    def make(text: str, site_url: str = "") -> list[Any]:
        (project / "docs" / "index.md").write_text(text, "utf-8")
        site = Site(load(project))
        site.prepare(lambda line: None)
        written = book(site, "docs/index.md", Place("", "", site_url, "wheels/toy.whl"))
        read = nbformat.reads(written, as_version=4)
        nbformat.validate(read)
        assert len({cell.id for cell in read.cells}) == len(read.cells)
        cells: list[Any] = read.cells
        return cells

    return make


def code(cells: list[Any]) -> list[tuple[str, list[str]]]:
    """Return the source of each code cell, and what it printed or raised."""
    return [
        (cell.source, [one.get("text") or one.get("ename") for one in cell.outputs])
        for cell in cells
        if cell.cell_type == "code"
    ]


def test_it_opens_with_the_title_and_what_it_needs(made: Made) -> None:
    first, *_ = made("---\ntags: [x]\n---\n# Title\n\nProse with `{wheel}`.\n")
    title, note, prose = first.source.split("\n\n")
    assert title == "# Title"
    assert "`pip install toy.whl`" in note
    assert prose == "Prose with `pip install toy.whl`."


def test_prose_and_code_alternate_as_on_the_page(made: Made) -> None:
    value = "`{value} a.py x`"
    fence = f"```snippet a.py#set,say\ncaption: It is {value}.\n```"
    cells = made(f"# T\n\nOne is {value}.\n\n{fence}\n\nTwo.\n")
    assert [cell.cell_type for cell in cells] == ["markdown", "code", "markdown"]
    assert cells[0].source.endswith("One is 1.")
    assert code(cells) == [("# pip install drawsvg\n\nx = 1\n\nprint(x)", ["1\n"])]
    assert cells[2].source == "*It is 1.*\n\nTwo."


def test_cells_of_one_snippet_go_on_while_nothing_else_runs(made: Made) -> None:
    text = "# T\n\n```snippet a.py#set\n```\n\nThen.\n\n```snippet a.py#say,say more\n```\n"
    assert [source for source, _ in code(made(text))] == [
        "# pip install drawsvg\n\nx = 1",
        "print(x)\n\nprint(x + 1)",
    ]


def test_after_another_snippet_a_program_starts_anew(made: Made) -> None:
    text = "# T\n\n```snippet a.py#set\n```\n```snippet b.py\n```\n```snippet a.py#set,say\n```\n"
    assert code(made(text)) == [
        ("# pip install drawsvg\n\nx = 1", []),
        ("x = 5\n\nprint(x)", ["5\n"]),
        ("# pip install drawsvg\n\nx = 1\n\nprint(x)", ["1\n"]),
    ]


def test_a_cell_shown_twice_runs_twice(made: Made) -> None:
    text = "# T\n\n```snippet b.py\n```\n```snippet b.py\n```\n"
    assert code(made(text)) == [("x = 5\n\nprint(x)", ["5\n"])] * 2


def test_a_cell_that_raises_may_be_run_with_the_others(made: Made) -> None:
    cells = made("# T\n\n```snippet a.py#set,say,say more,fail\n```\n")
    ((source, outputs),) = code(cells)
    assert source.endswith("print(x + 1)\n\nx / 0")
    assert outputs == ["1\n2\n", "ZeroDivisionError"]
    assert cells[1].metadata.tags == ["raises-exception"]


def test_a_figure_runs_what_it_needs_and_shows_only_itself(made: Made) -> None:
    cells = made('# T\n\n```figure c.py#draw again\nalt: "A second dot."\n```\n')
    (source, _), (drawn,) = code(cells)[0], cells[1].outputs
    assert source.startswith("import drawsvg")
    assert source.endswith("\nsecond")
    assert drawn.data["text/plain"] == "A second dot."


def test_blocks_in_lists_and_quotes_are_cells(made: Made) -> None:
    text = (
        "# T\n\n- One:\n\n    ```snippet b.py\n    ```\n\n    Below one.\n\n        code\n\n"
        "- Two.\n\n> ```snippet b.py\n> ```\n>\n> Quoted.\n"
    )
    cells = made(text)
    assert [cell.cell_type for cell in cells] == ["markdown", "code"] * 2 + ["markdown"]
    assert cells[2].source == "Below one.\n\n    code\n\n- Two."
    assert cells[4].source == "> Quoted."


def test_a_cell_of_comments_alone_names_no_drawing(made: Made) -> None:
    cells = made('# T\n\n```snippet c.py#draw,remark\nalt: "A dot."\n```\n')
    ((source, _),) = code(cells)
    assert source.endswith("# Nothing more.")


@pytest.mark.parametrize("target", ["gone.py", "a.py#sya", "broken.py"])
def test_what_the_page_cannot_show_is_refused(made: Made, target: str) -> None:
    with pytest.raises(ValueError, match=r"gone\.py|sya|SyntaxError"):
        made(f"# T\n\n```snippet {target}\n```\n")


@pytest.mark.parametrize("text", ["Prose first.\n\n# T\n", "T\n=\n\nProse.\n"])
def test_it_opens_with_a_heading_whatever_the_chapter_begins_with(made: Made, text: str) -> None:
    first, *_ = made(text)
    assert first.source.startswith("# T\n\n*This is a chapter")


def test_an_excerpt_is_text(made: Made) -> None:
    cells = made("# T\n\n```source toy.words.shout\n```\n")
    assert [cell.cell_type for cell in cells] == ["markdown", "markdown"]
    assert cells[1].source.startswith("```python\ndef shout")


def test_a_gallery_shows_no_code() -> None:
    text = "- One:\n\n    ```figure a.py\n    ```\n\n```source toy.words.shout\n```\n"
    assert not has_code(parse("docs/a.md", text).blocks)
    assert has_code(parse("docs/a.md", f"{text}\n```snippet a.py\n```\n").blocks)


def test_a_chapter_without_code_is_offered_no_notebook(built: Path) -> None:
    offered = sorted(path.stem for path in (built / "site/downloads/chapters").glob("*"))
    assert offered == ["charts", "index"]
    for name in offered:
        link = f'href="downloads/chapters/{name}.ipynb" download'
        assert link in (built / "site" / f"{name}.html").read_text("utf-8")
