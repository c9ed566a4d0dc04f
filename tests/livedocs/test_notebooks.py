"""A record as a notebook: valid, executed, and equal for equal records."""

from pathlib import Path

import nbformat
import pytest

from livedocs.notebooks import notebook
from livedocs.record import CellResult, Record
from livedocs.snippets import parse

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" viewBox="0 0 9 9"/>'
SCRIPT = """\
# pip install drawsvg

# %% One step, twice!
x = 1

# %% z = é raises="ValueError"
int("x")

# %% holds check=true
assert x
""".replace("z = é", "ß é")
RECORD = Record(
    "snippets/gru/a.py",
    (
        CellResult("One step, twice!", "1\n", ((SVG,), (SVG,))),
        CellResult("ß é", "", (), "ValueError: a: b"),
        CellResult("holds"),
    ),
)


@pytest.fixture
def book() -> nbformat.NotebookNode:
    """The notebook of the script, read back."""
    text = notebook(
        parse(RECORD.path, SCRIPT), RECORD, {("One step, twice!", 0): "A dot."}, ["The GRU", "B"]
    )
    book: nbformat.NotebookNode = nbformat.reads(text, as_version=4)
    nbformat.validate(book)
    return book


def test_ids_come_from_titles(book: nbformat.NotebookNode) -> None:
    ids = [cell.id for cell in book.cells]
    assert ids[:3] == ["title", "install", "1-one-step-twice"]
    assert len(set(ids)) == len(ids) == 5
    assert [cell.metadata.get("title") for cell in book.cells[2:]] == [
        "One step, twice!",
        "ß é",
        "holds",
    ]


def test_it_names_snippet_and_chapters_and_how_to_install(book: nbformat.NotebookNode) -> None:
    assert book.cells[0].source == "# gru/a.py\n\nFrom the chapter The GRU and B."
    assert book.cells[1].source == "# pip install drawsvg"


def test_it_is_executed(book: nbformat.NotebookNode) -> None:
    printed, first, second = book.cells[2].outputs
    assert (printed.name, printed.text) == ("stdout", "1\n")
    assert first.data["text/plain"] == "A dot."
    assert 'aria-label="A dot."' in first.data["image/svg+xml"]
    assert 'fill="#ffffff"' in first.data["image/svg+xml"]
    assert second.data["text/plain"] == "figure 2 of One step, twice!"
    assert [cell.execution_count for cell in book.cells[2:]] == [1, 2, 3]
    assert book.metadata.kernelspec.name == "python3"


def test_a_cell_that_raises_shows_it_and_may_be_run_with_the_others(
    book: nbformat.NotebookNode,
) -> None:
    raising, check = book.cells[3:]
    (error,) = raising.outputs
    assert (error.output_type, error.ename, error.evalue) == ("error", "ValueError", "a: b")
    assert error.traceback == ["ValueError: a: b"]
    assert raising.metadata.tags == ["raises-exception"]
    assert (check.metadata.tags, check.outputs) == (["check"], [])


def test_parts_of_cells_are_folded_and_hidden() -> None:
    script = '# %% a fold="code"\n1\n# %% b fold="output"\n2\n# %% c hide="code" fold="output"\n3\n'
    script += '# %% d hide="output" stderr=true\n4\n# %% e stderr=true\n5\n'
    results = tuple(CellResult(title, f"{title}\n", errors=f"{title}!\n") for title in "abcde")
    text = notebook(parse("snippets/a.py", script), Record("snippets/a.py", results), {}, ["A"])
    book = nbformat.reads(text, as_version=4)
    nbformat.validate(book)
    a, b, c, d, e = book.cells[1:]
    assert a.metadata.jupyter == {"source_hidden": True}
    assert b.metadata.jupyter == {"outputs_hidden": True}
    assert c.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
    assert c.source == "3"
    assert d.outputs == []
    assert [(one.name, one.text) for one in e.outputs] == [("stdout", "e\n"), ("stderr", "e!\n")]
    assert "jupyter" not in e.metadata


def test_equal_records_give_equal_bytes() -> None:
    first, second = (notebook(parse(RECORD.path, SCRIPT), RECORD, {}, ["A"]) for _ in range(2))
    assert first == second


def test_every_notebook_of_a_site_is_valid(built: Path) -> None:
    folder = built / "site" / "downloads"
    files = [f for f in sorted(folder.rglob("*.ipynb")) if f.parent.name != "chapters"]
    assert len(files) == 6
    for file in files:
        nbformat.validate(nbformat.read(file, as_version=4))
        source = (built / "snippets" / file.relative_to(built / "site/downloads")).with_suffix(
            ".py"
        )
        assert file.with_suffix(".py").read_bytes() == source.read_bytes()
