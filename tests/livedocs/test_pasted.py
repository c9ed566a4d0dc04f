"""A snippet prints and draws what the same script does where it is pasted."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from livedocs.problems import Problem
from livedocs.record import Record

ROOT = Path(__file__).parents[2]

Run = Callable[..., dict[str, Record | Problem]]

WORKERS = """\
# %% work
{imports}

def double(x):
    return 2 * x

# %% map
{use}
"""

SCRIPTS = {
    "a pool": WORKERS.format(
        imports="from multiprocessing import Pool",
        use="with Pool(2) as pool:\n    print(pool.map(double, [1, 2, 3]))",
    ),
    "an executor of processes": WORKERS.format(
        imports="from concurrent.futures import ProcessPoolExecutor",
        use="with ProcessPoolExecutor(2) as pool:\n    print(list(pool.map(double, [1, 2])))",
    ),
    "the main process": (
        "# %% one\nimport multiprocessing as m\n\n"
        "print(m.current_process().name, m.parent_process(), m.current_process().daemon)\n"
    ),
    "from __future__": (
        "# %% one\nfrom __future__ import annotations\n\n"
        "# %% two\ndef f(x: unknown) -> None: ...\n\nprint(f.__annotations__)\n"
    ),
    "a docstring": '"""About\nthis."""\n\n# %% one\nprint(repr(__doc__))\n',
    "an exit at the end": "# %% one\nimport sys\nprint(1)\nsys.exit(0)\nprint(2)\n",
    "a late thread": (
        "# %% one\nimport threading, time\n\n"
        "def late():\n    time.sleep(0.3)\n    print('late')\n\n"
        "threading.Thread(target=late).start()\n# %% two\nprint('early')\n"
    ),
    "an exit handler": "# %% one\nimport atexit\n\natexit.register(print, 'bye')\nprint('hi')\n",
    "an executor that is never shut": (
        "# %% one\nfrom concurrent.futures import ThreadPoolExecutor\n\n"
        "ThreadPoolExecutor(1).submit(print, 'done').result()\n"
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_is_printed_is_what_the_script_prints(run: Run, tmp_path: Path, name: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPTS[name], "utf-8")
    pasted = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    outcome = run(a=SCRIPTS[name])["a"]
    assert isinstance(outcome, Record), outcome
    assert "".join(cell.output for cell in outcome.cells) == pasted.stdout
    assert pasted.stdout


def test_workers_of_a_data_loader_load(run: Run) -> None:
    text = (
        "# %% load\nimport torch\nfrom torch.utils.data import DataLoader\n\n"
        "print([x.item() for x in DataLoader(torch.arange(3), batch_size=1, num_workers=2)])\n"
    )
    outcome = run(seconds=20.0, memory_bytes=4_000_000_000, a=text)["a"]
    assert isinstance(outcome, Record), outcome
    assert outcome.cells[0].output == "[0, 1, 2]\n"


def test_what_is_printed_last_follows_the_last_cell_that_a_page_may_show(run: Run) -> None:
    text = (
        "# %% one\nimport atexit\n\natexit.register(print, 'bye')\n# %% two check=true\nassert 1\n"
    )
    outcome = run(a=text)["a"]
    assert isinstance(outcome, Record)
    assert [cell.output for cell in outcome.cells] == ["bye\n", ""]


ENDS = {
    "early": (
        "# %% one\nimport sys\nsys.exit()\n# %% two\n1\n",
        "a:3: the script ends here, so its later cells would never run",
    ),
    "argparse": (
        "# %% one\nimport argparse\n\nparser = argparse.ArgumentParser(prog='p')\n"
        "parser.add_argument('file')\nparser.parse_args([])\n",
        "a:6: SystemExit: 2: p: error: the following arguments are required: file",
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_an_exit_that_loses_something_is_a_fault(run: Run, name: str) -> None:
    text, message = ENDS[name]
    assert str(run(a=text)["a"]).startswith(message)


DRAW = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2])\n"
FIGURES = {
    "shown twice in a cell": (f"# %% a\n{DRAW}plt.show()\nplt.plot([2, 1])\nplt.show()\n", [2]),
    "drawn on through its axes": (
        f"# %% a\n{DRAW}axes = plt.gca()\n# %% b\n1\n# %% c\naxes.plot([3, 3])\n",
        [1, 0, 1],
    ),
    "drawn on as the present one": (f"# %% a\n{DRAW}# %% b\nplt.title('x')\n", [1, 1]),
    "drawn on after it was shown": (
        f"# %% a\n{DRAW}figure = plt.gcf()\nplt.show()\n# %% b\nfigure.suptitle('x')\n",
        [1, 1],
    ),
    "only looked at": (
        f"# %% a\n{DRAW}# %% b\nplt.gca().get_ylim()\nplt.savefig('x.png')\n",
        [1, 0],
    ),
    "closed": (f"# %% a\n{DRAW}plt.close()\n", [0]),
    "a drawing that grows": (
        "# %% a\nimport drawsvg\n\nd = drawsvg.Drawing(9, 9)\n# %% b\ne = d\n"
        "# %% c\nd.append(drawsvg.Circle(4, 4, 2))\n",
        [1, 0, 1],
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_shown_where_it_is_new_or_has_changed(run: Run, name: str) -> None:
    text, counts = FIGURES[name]
    outcome = run(seconds=20.0, a=text)["a"]
    assert isinstance(outcome, Record), outcome
    assert [len(cell.figures) for cell in outcome.cells] == counts


def test_stderr_is_recorded_where_the_cell_asks_for_it(run: Run) -> None:
    text = (
        "# %% one\nimport warnings\n\nwarnings.warn('quiet')\n"
        "# %% two stderr=true\nwarnings.warn('loud')\n"
    )
    outcome = run(a=text)["a"]
    assert isinstance(outcome, Record)
    quiet, loud = (cell.errors for cell in outcome.cells)
    assert quiet == ""
    assert loud.startswith("a:6: UserWarning: loud")  # and no path of this machine


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_too_much_output_names_its_stream(run: Run, stream: str) -> None:
    text = f"# %% one\nimport sys\nsys.{stream}.write('x' * {{}})\n"
    limit = {"stdout": 20_000, "stderr": 1_000_000}[stream]
    assert isinstance(run(a=text.format(limit))["a"], Record)
    message = f"a:2: wrote more than {limit:,} bytes to {stream}"
    assert str(run(a=text.format(limit + 1))["a"]) == message


def test_a_number_too_long_for_a_page_is_no_value(run: Run) -> None:
    outcome = run(a="# %% one\nhuge = 10**9999\nlarge = 10**18\n")["a"]
    assert isinstance(outcome, Record)
    assert outcome.values == {"large": 10**18}
    assert outcome.others == {"huge": "whole number of 33,216 bits"}


LEAKS = {
    "a secret": ({"DEPLOY_TOKEN": "s3cret"}, "import os\nprint(sorted(os.environ))"),
    "a time zone": ({"TZ": "Asia/Tokyo"}, "import time\nprint(time.localtime(0).tm_hour)"),
    "a locale": (
        {"LC_ALL": "C", "LANG": "de_DE.UTF-8"},
        "import locale, sys\nprint(locale.getlocale(), sys.getfilesystemencoding())",
    ),
    "optimization": ({"PYTHONOPTIMIZE": "1"}, "print(__debug__)"),
    "ignored warnings": ({"PYTHONWARNINGS": "ignore"}, "import sys\nprint(sys.warnoptions)"),
    "a home": ({"HOME": "/nowhere"}, "import pathlib\nprint(pathlib.Path.home().name)"),
    "settings of plots": (
        {"MATPLOTLIBRC": "{here}", "MPLCONFIGDIR": "{here}"},
        "import matplotlib\nprint(matplotlib.rcParams['lines.linewidth'])",
    ),
    "the current folder": (
        {},
        "import matplotlib, os\nprint(matplotlib.rcParams['lines.linewidth'], os.listdir())",
    ),
    "permissions of new files": (
        {},
        "import os\nopen('x', 'w').close()\nprint(oct(os.stat('x').st_mode))",
    ),
}

_RUN = """\
import os, sys
from pathlib import Path
from livedocs import runner
from livedocs.settings import Settings
from livedocs.snippets import parse
os.umask({umask})
settings = Settings(Path(sys.argv[1]), cache=sys.argv[2])
runner.run(settings, [parse("a", sys.argv[3])], lambda end: print(end.outcome))
"""


@pytest.mark.parametrize("name", LEAKS)
def test_nothing_around_the_build_decides_an_output(tmp_path: Path, cache: str, name: str) -> None:
    variables, code = LEAKS[name]
    here = tmp_path / "here"
    here.mkdir()
    (here / "matplotlibrc").write_text("lines.linewidth: 77\n", "utf-8")
    (tmp_path / "project").mkdir()
    set_here = {key: value.format(here=here) for key, value in variables.items()}
    plain = {key: value for key, value in os.environ.items() if key not in set_here}
    plain["PYTHONPATH"] = str(ROOT / "src")
    told = []
    for environment, umask, folder in (
        (plain, 0o022, tmp_path / "project"),
        ({**plain, **set_here}, 0o077, here),
    ):
        program = _RUN.format(umask=umask)
        arguments = [str((tmp_path / "project").resolve()), cache, f"# %% one\n{code}\n"]
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "Record(" in done.stdout, done.stdout
        told.append(done.stdout)
    assert told[0] == told[1]
    assert "s3cret" not in told[1]
    assert "DEPLOY_TOKEN" not in told[1]


def test_checks_hold_also_where_python_is_told_to_skip_them(tmp_path: Path, cache: str) -> None:
    program = _RUN.format(umask=0o022)
    text = "# %% one\nassert 1 == 2\n"
    done = subprocess.run(
        [sys.executable, "-OO", "-c", program, str(tmp_path.resolve()), cache, text],
        env={**os.environ, "PYTHONOPTIMIZE": "2", "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "a:2: AssertionError" in done.stdout
