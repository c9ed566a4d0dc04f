"""Chapters as notebooks: each runs from top to bottom in one kernel and gives what it shows."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook, new_output

KERNELS = Path(__file__).with_name("kernels.py")
DOCS = Path(__file__).parents[2] / "docs"
CHAPTERS = sorted(
    path.relative_to(DOCS).as_posix().removesuffix(".md")
    for path in DOCS.rglob("*.md")
    if "```snippet " in path.read_text("utf-8")
)


def shown(outputs: list[Any]) -> tuple[str, list[tuple[str, str]]]:
    """Return what a cell printed, and what it raised."""
    printed = "".join(one.text for one in outputs if one.output_type == "stream")
    raised = [(one.ename, one.evalue.strip()) for one in outputs if one.output_type == "error"]
    return printed, raised


def results(book: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    return [shown(cell.outputs) for cell in book.cells if cell.cell_type == "code"]


def run(book: Any, folder: Path, kernel: str) -> Any:
    """Return the notebook as one kernel leaves it that runs all its cells in their order."""
    client = NotebookClient(
        book,
        timeout=100,
        kernel_name=kernel,
        resources={"metadata": {"path": str(folder)}},
        coalesce_streams=True,
    )
    return client.execute()


@pytest.fixture(scope="module")
def kernel() -> Iterator[str]:
    """Yield the name of the kernels that need not import torch each by itself."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        address = f"{folder}/socket"
        ask = [sys.executable, "-P", str(KERNELS), "ask", address, "{connection_file}"]
        spec = Path(folder, "kernels", "forked", "kernel.json")
        spec.parent.mkdir(parents=True)
        spec.write_text(json.dumps({"argv": ask, "display_name": "Forked", "language": "python"}))
        patch.setenv("JUPYTER_PATH", folder)
        # As where pages are built; and beside other tests, threads wait for each other.
        patch.setenv("OMP_NUM_THREADS", "1")
        # Which a kernel says once it has started, and matplotlib reads where it is imported.
        patch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        command = [sys.executable, "-P", str(KERNELS), "serve", address]
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield "forked"
        os.killpg(server.pid, signal.SIGKILL)
        server.communicate()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_runs_as_one_notebook(
    built_site: Path,
    known: Callable[[str], bool],
    mark: Callable[..., str],
    record_property: Callable[[str, object], None],
    chapter: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    text = (built_site / "downloads" / "chapters" / f"{chapter}.ipynb").read_text("utf-8")
    recorded = nbformat.reads(text, as_version=4)
    nbformat.validate(recorded)
    code = [cell.source for cell in recorded.cells if cell.cell_type == "code"]
    harness = [Path(__file__).read_bytes(), KERNELS.read_bytes()]
    this = mark(*harness, *code, json.dumps(results(recorded)))
    if not known(this):
        kernel = request.getfixturevalue("kernel")
        done = run(nbformat.reads(text, as_version=4), tmp_path, kernel)
        assert results(done) == results(recorded)
    record_property(f"{chapter}.ipynb", this)


def test_a_cell_that_gives_otherwise_is_found(tmp_path: Path, kernel: str) -> None:
    stream = new_output("stream", name="stdout", text="1\n")
    book = new_notebook(
        cells=[
            new_code_cell("x = 2", id="set"),
            new_code_cell("print(x)", id="say", outputs=[stream]),
        ]
    )
    recorded = results(book)
    assert results(run(book, tmp_path, kernel)) == [("", []), ("2\n", [])] != recorded
