"""What a snippet meets while it runs, and what is left when it has ended."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from livedocs import runner
from livedocs.problems import Problem
from livedocs.record import Record
from livedocs.settings import Settings
from livedocs.snippets import parse
from livedocs.way import Way

Run = Callable[..., dict[str, Record | Problem]]

FIGURE = """\
# %% draw
import matplotlib.pyplot as plt

fig, ax = plt.subplots()
ax.set_title({title!r})
"""


@pytest.fixture
def busy() -> Iterator[None]:
    """Keep each core at work for several other programs."""
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(4 * runner.cores())]
    yield
    for other in others:
        other.kill()
        other.wait()


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


@pytest.mark.parametrize(
    ("made", "widths"),
    [
        ("plt.subplots(layout='constrained', figsize=(5, 2))", ["216pt", "432pt"]),
        ("plt.subplots(layout='constrained', figsize=(2, 2))", ["144pt"]),
        ("plt.subplots(figsize=(5, 2))", ["360pt"]),
        ("plt.subplots(layout='constrained', figsize=(5, 2)); plt.axis('equal')", ["360pt"]),
    ],
    ids=["as wide as the page", "smaller", "laid out by hand", "with squares"],
)
def test_a_figure_that_lays_itself_out_is_drawn_for_each_width(
    run: Run, made: str, widths: list[str]
) -> None:
    text = f"# %% a\nimport matplotlib.pyplot as plt\n\n{made}\n# %% b\nplt.gcf().stale\n"
    text += "width = float(plt.gcf().get_size_inches()[0])\n"
    outcome = record(run(figure_widths=(3.0, 6.0), a=text)["a"])
    shown = [cell.figures for cell in outcome.cells]
    assert [len(figures) for figures in shown] == [1, 0]
    assert [re.findall(r'<svg[^>]* width="(\w+)"', svg) for svg in shown[0][0]] == [
        [width] for width in widths
    ]
    assert all("<text" in svg for svg in shown[0][0])
    assert outcome.values["width"] == (2 if "(2, 2)" in made else 5), "it is as it was"


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
        assert [*kept.dependencies] == ["src/linked_module.py", "src/linked_module/__init__.py"]


def test_a_file_that_was_looked_for_in_vain_is_a_dependency(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "project" / "data.txt"
    text = f"# %% one\ntry:\n    open({str(file)!r})\nexcept OSError:\n    print('none')\n"
    assert record(run(a=text)["a"]).dependencies == {"data.txt": "absent"}
    file.write_text("here", "utf-8")
    assert record(run(a=text)["a"]).dependencies["data.txt"] != "absent"


SPIN = "import time\nwhile time.process_time() < {seconds}:\n    pass\n"


@pytest.mark.usefixtures("busy")
def test_what_other_programs_compute_does_not_count(run: Run) -> None:
    """The run also sleeps: how far busy programs slow it down is the system's choice."""
    text = "# %% one\nimport time\nbegan = time.monotonic()\ntime.sleep(1.2)\n"
    text += SPIN.format(seconds=0.7)
    kept = record(run(a=text + "took = time.monotonic() - began\n")["a"])
    assert kept.values["took"] > 1.0  # type: ignore[operator]


LIMITS = {
    "computes": ("1\nwhile True: pass\n", 3, "used more than 1 seconds of CPU time"),
    "computes in C": ("1\n\nsum(range(10**12))\n", 4, "used more than 1 seconds of CPU time"),
    "stubborn": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n",
        4,
        "used more than 1 seconds of CPU time",
    ),
    "has a child compute": (
        "import os\n# %% two\n1\npid = os.fork()\nif not pid:\n    "
        + SPIN.format(seconds=0.9).replace("\n", "\n    ").rstrip()
        + "\n    os._exit(0)\nos.waitpid(pid, 0)\n"
        + SPIN.format(seconds=0.5),
        4,
        "used more than 1 seconds of CPU time",
    ),
    "takes memory": (
        "1\nx = bytearray(10**9)\n",
        3,
        "MemoryError (it may take 0.5 GB of memory)",
    ),
    "takes memory for numbers": (
        "import numpy\n\nx = numpy.ones(10**9)\n",
        4,
        "(it may take 0.5 GB of memory)",
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_said_with_the_line(run: Run, name: str) -> None:
    text, line, message = LIMITS[name]
    outcome = run(a=f"# %% one\n{text}")["a"]
    assert isinstance(outcome, Problem)
    assert (outcome.path, outcome.line) == ("a", line)
    assert outcome.message.endswith(message)


def test_a_way_sets_variables_threads_and_what_is_run_first(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "project" / "src"
    (source / "first_of_all.py").write_text("import os\n\nos.first = True\n", "utf-8")
    text = (
        "# %% one\nimport os\nprint(os.environ.get('ATEN_CPU_CAPABILITY'), "
        "os.environ['OMP_NUM_THREADS'], hasattr(os, 'first'))\n"
    )
    way = Way({"ATEN_CPU_CAPABILITY": "default"}, threads=2, startup="src/first_of_all.py")
    assert record(run(way, a=text)["a"]).cells[0].output == "default 2 True\n"
    assert record(run(a=text)["a"]).cells[0].output == "None 1 False\n"


def test_a_module_to_share_that_does_not_load_is_said(tmp_path: Path) -> None:
    settings = Settings(tmp_path.resolve(), preload=("numpi",))
    with pytest.raises(Problem) as caught:
        runner.run(settings, [parse("a", "# %% one\n1\n")], lambda _: None)
    assert str(caught.value) == (
        'pyproject.toml: [tool.livedocs]: cannot import "numpi" of "preload": '
        "ModuleNotFoundError: No module named 'numpi'"
    )
