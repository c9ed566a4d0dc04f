"""What a snippet meets while it runs, and what is left when it has ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from livedocs import runner
from livedocs.problems import Problem
from livedocs.record import Record
from livedocs.settings import Settings
from livedocs.snippets import parse

Run = Callable[..., dict[str, Record | Problem]]

FIGURE = """\
# %% draw
import matplotlib.pyplot as plt

fig, ax = plt.subplots()
ax.set_title({title!r})
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run scripts, each under its name, in an empty project."""
    (tmp_path / "project" / "src").mkdir(parents=True)

    def run(**scripts: str) -> dict[str, Record | Problem]:
        outcomes: dict[str, Record | Problem] = {}
        snippets = [parse(name, text) for name, text in scripts.items()]
        settings = Settings((tmp_path / "project").resolve(), seconds=2.0)
        runner.run(settings, snippets, lambda path, outcome, _: outcomes.update({path: outcome}))
        return outcomes

    return run


def record(outcome: Record | Problem) -> Record:
    assert isinstance(outcome, Record), outcome
    return outcome


def test_similar_names_do_not_share_output(run: Run) -> None:
    names = ["a/b.py", "a-b.py", "a.b.py", "a/b-py"]
    outcomes = run(**{name: f"# %% one\nprint({name!r})\n" for name in names})
    assert {name: record(o).cells[0].output for name, o in outcomes.items()} == {
        name: f"{name}\n" for name in names
    }


def test_a_run_starts_in_an_empty_folder_that_goes_with_it(run: Run, tmp_path: Path) -> None:
    leaves = (
        "# %% one\nimport os, pathlib\nprint(os.listdir())\nopen('left', 'w').close()\n"
        f"pathlib.Path({str(tmp_path)!r}, {{!r}}).write_text(os.getcwd())\n"
    )
    ends = {"ends": "", "dies": "os._exit(3)\n", "hangs": "while True: pass\n"}
    outcomes = run(**{name: leaves.format(name) + end for name, end in ends.items()})
    assert record(outcomes["ends"]).cells[0].output == "[]\n"
    assert isinstance(outcomes["dies"], Problem)
    assert isinstance(outcomes["hangs"], Problem)
    folders = {Path((tmp_path / name).read_text("utf-8")) for name in ends}
    assert len(folders) == 3
    assert not any(folder.parent.exists() for folder in folders)


def test_the_variables_that_a_run_leaves_are_kept(run: Run) -> None:
    text = "# %% one\nimport math\na, b, c, d, _e = 1, 0.5, True, 'x', 2\nf = [a]\n"
    kept = record(run(a=text)["a"])
    assert kept.values == {"a": 1, "b": 0.5, "c": True, "d": "x"}
    assert kept.others == {"math": "module", "f": "list"}


def test_output_belongs_to_the_cell_that_wrote_it(run: Run) -> None:
    text = (
        "# %% one\nimport os, sys\nprint('1')\n"
        "# %% two\nos.system('echo 2')\nprint('é', end='')\n# %% three\nprint(file=sys.stderr)\n"
    )
    assert [c.output for c in record(run(a=text)["a"]).cells] == ["1\n", "2\né", ""]


def test_a_figure_belongs_to_the_cell_at_whose_end_it_is_open(run: Run) -> None:
    text = FIGURE.format(title="a") + "\n# %% none\n1\n\n# %% again\nplt.figure()\nplt.figure()\n"
    cells = record(run(a=text)["a"]).cells
    assert [len(cell.figures) for cell in cells] == [1, 0, 2]


def test_a_figure_that_cannot_be_drawn_is_said(run: Run) -> None:
    outcome = run(a=FIGURE.format(title=r"$\nonsense$"))["a"]
    assert isinstance(outcome, Problem)
    assert str(outcome).startswith("a:2: the figure cannot be drawn: ValueError: ")
    assert "nonsense" in str(outcome)


def test_a_snippet_meets_no_state_of_the_one_before(run: Run) -> None:
    text = "# %% one\nimport builtins\nprint(hasattr(builtins, 'mark'))\nbuiltins.mark = 1\n"
    names = [f"s{number}" for number in range(2 * runner.cores() + 1)]
    outcomes = run(**dict.fromkeys(names, text))
    assert {record(o).cells[0].output for o in outcomes.values()} == {"False\n"}
    assert sorted(outcomes) == sorted(names)


def test_the_order_of_a_set_of_texts_is_fixed(run: Run) -> None:
    text = "# %% one\nprint({str(n) for n in range(99)})\n"
    first, second = (record(run(a=text)["a"]).cells[0].output for _ in range(2))
    assert first == second


def test_modules_reached_through_a_link_are_dependencies(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "project")
    module = link / "src" / "linked_module.py"
    monkeypatch.setattr(sys, "path", [str(link / "src"), *sys.path])
    for word in ("one", "two"):
        module.write_text(f"word = {word!r}\n", "utf-8")
        os.utime(module, ns=(0, 0))
        kept = record(run(a="# %% one\nfrom linked_module import word\nprint(word)\n")["a"])
        assert kept.cells[0].output == f"{word}\n"
        assert [*kept.dependencies] == ["src/linked_module.py"]


def test_a_file_that_was_looked_for_in_vain_is_a_dependency(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "project" / "data.txt"
    text = f"# %% one\ntry:\n    open({str(file)!r})\nexcept OSError:\n    print('none')\n"
    assert record(run(a=text)["a"]).dependencies == {"data.txt": "absent"}
    file.write_text("here", "utf-8")
    assert record(run(a=text)["a"]).dependencies["data.txt"] != "absent"
