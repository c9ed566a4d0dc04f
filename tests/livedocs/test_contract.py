"""What the copy button yields runs alone and prints what the page shows."""

import html
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from livedocs import showing
from livedocs.addresses import Place
from livedocs.chapter import Block
from livedocs.mkdocs import blocks
from livedocs.record import CellResult, Record
from livedocs.settings import Settings
from livedocs.snippets import Cell, Snippet, parse

SCRIPT = """\
# pip install drawsvg

# %% set up
x = 1

# %% fails raises="ZeroDivisionError"
x / 0

# %% holds check=true
assert x == 1

# %% say
print(x)

# %% last
print(x + 1)
"""


@pytest.fixture
def snippet() -> Snippet:
    return parse("snippets/a.py", SCRIPT)


def record(snippet: Snippet, *printing: str, drawing: str = "") -> Record:
    cells = tuple(
        CellResult(
            cell.title,
            f"{cell.title}\n" if cell.title in printing else "",
            (("<svg/>",),) if cell.title == drawing else (),
            "ZeroDivisionError: division by zero" if cell.raises else None,
        )
        for cell in snippet.cells
    )
    return Record(snippet.path, cells)


def choose(snippet: Snippet, *titles: str) -> list[str]:
    return [cell.title for cell in showing.choose(snippet, titles)]


def test_all_cells_but_checks_are_shown_by_default(snippet: Snippet) -> None:
    assert choose(snippet) == ["set up", "fails", "say", "last"]


def test_cells_are_shown_in_the_order_of_the_file(snippet: Snippet) -> None:
    assert choose(snippet, "last", "set up") == ["set up", "last"]


@pytest.mark.parametrize("title", ["holds", "sat", ""])
def test_a_cell_that_is_not_to_be_shown_is_refused(snippet: Snippet, title: str) -> None:
    with pytest.raises(ValueError, match=f'snippets/a.py has no cell "{title}" to show'):
        choose(snippet, title)


def test_a_snippet_of_checks_alone_shows_nothing() -> None:
    checks = parse("snippets/a.py", "# %% holds check=true\nassert 1\n")
    with pytest.raises(ValueError, match=r"snippets/a\.py has no cell to show: all are checks"):
        showing.choose(checks, ())


@pytest.mark.parametrize(
    ("titles", "lines"),
    [
        (["set up"], ["x = 1"]),
        (["say"], ["x = 1", "print(x)"]),
        (["last"], ["x = 1", "print(x)", "print(x + 1)"]),
        (["fails"], ["x = 1", "x / 0"]),
        (["set up", "fails"], ["x = 1", "x / 0"]),
    ],
)
def test_a_copy_holds_all_that_it_needs_and_neither_checks_nor_what_raises_unseen(
    snippet: Snippet, titles: list[str], lines: list[str]
) -> None:
    copied = showing.copied(snippet, showing.choose(snippet, titles))
    assert copied == "\n\n".join(["# pip install drawsvg", *lines]) + "\n"


def test_a_copy_runs_alone(snippet: Snippet, tmp_path: Path) -> None:
    copied = showing.copied(snippet, showing.choose(snippet, ["say", "last"]))
    done = subprocess.run(
        [sys.executable, "-"],
        input=copied,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1\n2\n"


def keep(snippet: Snippet, result: Record, *titles: str) -> None:
    showing.keep_the_contract(snippet, result, showing.choose(snippet, titles))


def test_what_prints_or_draws_unseen_is_refused(snippet: Snippet) -> None:
    unseen = 'also run cell "set up" of snippets/a.py, whose output is not shown'
    for result in (record(snippet, "set up"), record(snippet, drawing="set up")):
        with pytest.raises(ValueError, match=unseen):
            keep(snippet, result, "say")
        keep(snippet, result, "set up", "say")


def test_what_comes_after_the_last_cell_shown_is_not_copied(snippet: Snippet) -> None:
    keep(snippet, record(snippet, "last"), "say")


def test_checks_and_cells_that_raise_may_print_unseen(snippet: Snippet) -> None:
    keep(snippet, record(snippet, "holds", "fails"), "say")


def test_a_cell_that_raises_must_be_the_last_one_shown(snippet: Snippet) -> None:
    with pytest.raises(ValueError, match=r'cell "fails" of snippets/a\.py raises, so nothing'):
        keep(snippet, record(snippet), "fails", "say")
    keep(snippet, record(snippet), "set up", "fails")


def built(
    snippet: Snippet,
    record: Record,
    shown: Sequence[Cell],
    place: Place | None = None,
    folded: tuple[str, ...] = (),
    **options: Any,
) -> str:
    """Return the HTML of a block of the snippet, with these options of its fence."""
    block = Block("snippet", "a.py", 1, "", **options)
    settings = Settings(Path(), folded=folded, inks={"#000000": "--ink"})
    place = place or Place("b.html")
    return blocks.SnippetBlock(settings, place, block, snippet, record, shown).with_code()


def test_the_page_holds_the_copy_exactly(tmp_path: Path) -> None:
    text = '# %% one\nx = "<a>&\'é"\n\n\n\nif x:\n\tprint(x)\n'
    snippet = parse("snippets/a.py", text)
    page = built(
        snippet,
        Record(snippet.path, (CellResult("one", "<a>&'é\n"),)),
        snippet.cells,
        place=Place("b/c.html"),
    )
    (copied,) = re.findall(r'data-copy="([^"]*)"', page)
    assert "\n" not in copied
    assert html.unescape(copied) == text.partition("\n")[2]
    (output,) = re.findall(r"<pre>([^<]*)</pre>", page)
    assert html.unescape(output) == "<a>&'é"
    assert 'href="../downloads/a.py"' in page


FOLDS = """\
# %% data hide="code"
x = "data"
print(x)

# %% fit fold="code" hide="output"
y = "fit"
print(y)

# %% draw fold="output"
z = "draw"
print(z)

# %% say stderr=true
print("say")
"""


def folds(titles: list[str]) -> str:
    snippet = parse("snippets/a.py", FOLDS)
    figures = {"fit": (("<svg xmlns='http://www.w3.org/2000/svg'/>",),)}
    cells = tuple(
        CellResult(
            cell.title,
            f"\n{cell.title}\n",
            figures.get(cell.title, ()),
            errors="careful\n" if cell.stderr else "",
        )
        for cell in snippet.cells
    )
    shown = showing.choose(snippet, titles)
    return built(snippet, Record(snippet.path, cells), shown)


def words(page: str) -> str:
    """Return what a page shows, without tags; what is folded stands in brackets."""
    page = re.sub(r"<details[^>]*><summary>(\w+)</summary>", r"[\1: ", page)
    page = re.sub(r"<div class=.snippet-foot.*", "", page, flags=re.DOTALL)
    return html.unescape(
        re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page.replace("</details>", "]")))
    ).strip()


def test_a_cell_may_fold_and_hide_its_code_and_its_output() -> None:
    page = folds([])
    assert words(page) == (
        '[Code: y = "fit" print(y) ] z = "draw" print(z) print("say") '
        "data [Output: draw ] say careful"
    )
    (copied,) = re.findall(r'data-copy="([^"]*)"', page)
    assert html.unescape(copied) == re.sub(r"# %% .*\n", "", FOLDS)


def test_what_is_hidden_may_run_unseen_and_what_is_not_may_not() -> None:
    assert words(folds(["data", "draw"])) == 'z = "draw" print(z) data [Output: draw ]'
    with pytest.raises(ValueError, match='would also run cell "data"'):
        folds(["fit"])


def test_a_block_that_hides_all_is_refused() -> None:
    snippet = parse("snippets/a.py", '# %% one hide="code"\nx = 1\n')
    record = Record(snippet.path, (CellResult("one"),))
    with pytest.raises(ValueError, match=r"snippets/a\.py hides here all that it has to show"):
        built(snippet, record, snippet.cells)


def test_an_output_keeps_its_first_line_where_that_is_empty() -> None:
    assert "<pre>\n\ndata" in folds(["data"])


def test_titles_may_hold_commas() -> None:
    snippet = parse("snippets/a.py", "# %% a, b\n1\n# %% a\n2\n# %% b ,c\n3\n")
    assert choose(snippet, "a", "b", "a") == ["a, b", "a"]
    assert choose(snippet, "b", "c") == ["b ,c"]


@pytest.mark.parametrize("files_url", ["", "https://example.org/r/blob/abc"])
def test_a_block_links_to_its_lines_where_the_repository_is_known(
    snippet: Snippet, tmp_path: Path, files_url: str
) -> None:
    shown = showing.choose(snippet, ["say", "last"])
    page = built(snippet, record(snippet), shown, place=Place("c.html", files_url))
    links = re.findall(r'<a href="([^"]*)">Its lines in the repository</a>', page)
    assert links == ([f"{files_url}/snippets/a.py#L13-L16"] if files_url else [])


RECORDED = """\
# %% read
from toy.records import read
print("a", read())
"""


def parts(page: str) -> list[str]:
    """Return what a block shows, in its order."""
    return re.findall(
        r"snippet-(?:code|output|table|figure|copy|files)\b|<summary>Show the code", page
    )


@pytest.mark.parametrize("folded", [("toy.records",), ("toy.records.read",)])
def test_the_code_of_a_snippet_that_reads_records_stands_folded_below_its_results(
    folded: tuple[str, ...],
) -> None:
    snippet = parse("snippets/a.py", RECORDED)
    record = Record(snippet.path, (CellResult("read", "a 1\n"),))
    first = ["snippet-output", "<summary>Show the code", "snippet-code", "snippet-copy"]
    last = ["snippet-code", "snippet-output", "snippet-files"]
    page = built(snippet, record, snippet.cells, folded=folded)
    assert parts(page) == [*first, "snippet-files"]
    (name,) = re.findall(r'data-clipboard-target="#([\w-]+)"', page)
    assert page.count(f'class="no-copy" id="{name}"') == 1
    assert parts(built(snippet, record, snippet.cells, folded=folded, code="open")) == last
    assert parts(built(snippet, record, snippet.cells, folded=("toy",))) == last
    by_itself = built(snippet, record, snippet.cells, code="folded")
    assert parts(by_itself) == [*first, "snippet-files"]


def test_a_figure_comes_before_what_is_printed_where_the_code_is_folded() -> None:
    snippet = parse("snippets/a.py", RECORDED)
    result = CellResult("read", "a 1\n", (("<svg xmlns='http://www.w3.org/2000/svg'/>",),))
    record = Record(snippet.path, (result,))
    page = built(snippet, record, snippet.cells, code="folded", alts=("A dot.",))
    assert parts(page)[:3] == ["snippet-figure", "snippet-output", "<summary>Show the code"]
    page = built(snippet, record, snippet.cells, alts=("A dot.",))
    assert parts(page)[:3] == ["snippet-code", "snippet-output", "snippet-figure"]


def test_what_would_leave_nothing_to_see_is_not_folded() -> None:
    snippet = parse("snippets/a.py", RECORDED)
    record = Record(snippet.path, (CellResult("read"),))
    page = built(snippet, record, snippet.cells, folded=("toy.records",))
    assert parts(page) == ["snippet-code", "snippet-files"]
    with pytest.raises(ValueError, match="needs both code and results"):
        built(snippet, record, snippet.cells, code="folded")


def test_a_table_is_one_and_its_text_stays_with_the_files() -> None:
    snippet = parse("snippets/a.py", "# %% say\nprint(1)\n")
    record = Record(snippet.path, (CellResult("say", "cell  <n>\nGRU     1\n"),))
    page = built(snippet, record, snippet.cells, is_table=True)
    table, _, files = page.partition("snippet-files")
    assert '<th scope="col">cell</th><th scope="col" class="value">&lt;n&gt;</th>' in table
    assert '<th scope="row">GRU</th><td class="value">1</td>' in table
    assert "<pre>cell  &lt;n&gt;\nGRU     1</pre>" in files
