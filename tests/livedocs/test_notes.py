"""A record is stale once anything has changed that its run came across."""

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from livedocs import cache as kept
from livedocs.cache import Cache
from livedocs.problems import Problem
from livedocs.record import Record
from livedocs.settings import Settings
from livedocs.snippets import parse

Run = Callable[..., dict[str, Record | Problem]]

OPEN_FOLDER = "import os\nfolder = os.open('{here}/data', os.O_RDONLY)"
#: How a snippet may come across {here}/data, a folder of the files one.txt and two.txt.
CODE = {
    "listdir": "import os\nprint(os.listdir('{here}/data'))",
    "scandir": "import os\nprint(len([*os.scandir('{here}/data')]))",
    "glob": "import glob\nprint(glob.glob('{here}/data/*.txt'))",
    "iterdir": "import pathlib\nprint([*pathlib.Path('{here}/data').iterdir()])",
    "rglob": "import pathlib\nprint([*pathlib.Path('{here}').rglob('*.txt')])",
    "walk": "import os\nprint([*os.walk('{here}/data')])",
    "exists": "import os\nprint(os.path.exists('{here}/data/three.txt'))",
    "is_file": "import pathlib\nprint(pathlib.Path('{here}/data/three.txt').is_file())",
    "access": "import os\nprint(os.access('{here}/data/three.txt', os.R_OK))",
    "lexists": "import os\nprint(os.path.lexists('{here}/data/three.txt'))",
}
CHANGES: dict[str, Callable[[Path], object]] = {
    **{name: lambda here: (here / "data" / "three.txt").write_text("3") for name in CODE},
    "open": lambda here: (here / "data" / "one.txt").write_text("11"),
    "a fork": lambda here: (here / "data" / "one.txt").write_text("11"),
    "a pool": lambda here: (here / "data" / "one.txt").write_text("11"),
    "an optional import": lambda here: (here / "src" / "extra_words.py").write_text("x = 1\n"),
    "what would come first": lambda here: (here / "src" / "colorsys.py").write_text("x = 1\n"),
    "a folder of modules": lambda here: _module_in_a_new_folder(here / "later"),
    "stat in an open folder": lambda here: (here / "data" / "one.txt").write_text("11"),
    "open in an open folder": lambda here: (here / "data" / "one.txt").write_text("11"),
    "listdir of an open folder": lambda here: (here / "data" / "three.txt").write_text("3"),
    "fwalk": lambda here: (here / "data" / "three.txt").write_text("3"),
}
CODE |= {
    "open": "print(open('{here}/data/one.txt').read())",
    "a fork": (
        "import os\npid = os.fork()\nif not pid:\n    open('{here}/data/one.txt').close()\n"
        "    os._exit(0)\nos.waitpid(pid, 0)"
    ),
    "a pool": (
        "import pathlib\nfrom multiprocessing import Pool\n\nwith Pool(1) as pool:\n"
        "    print(pool.map(pathlib.Path.read_text, [pathlib.Path('{here}/data/one.txt')]))"
    ),
    "an optional import": "try:\n    import extra_words\nexcept ImportError:\n    pass",
    "what would come first": "import colorsys",
    "a folder of modules": (
        "import sys\nsys.path.insert(0, '{here}/later')\ntry:\n    import later_words\n"
        "except ImportError:\n    pass"
    ),
    "stat in an open folder": f"{OPEN_FOLDER}\nprint(os.stat('one.txt', dir_fd=folder).st_size)",
    "open in an open folder": (
        f"{OPEN_FOLDER}\nprint(os.read(os.open('one.txt', os.O_RDONLY, dir_fd=folder), 9))"
    ),
    "listdir of an open folder": f"{OPEN_FOLDER}\nprint(os.listdir(folder))",
    "fwalk": "import os\nprint([files for _, _, files, _ in os.fwalk('{here}/data')])",
}


def _module_in_a_new_folder(folder: Path) -> None:
    folder.mkdir()
    (folder / "later_words.py").write_text("x = 1\n")


@pytest.mark.parametrize("outside", [False, True], ids=["in the project", "outside"])
@pytest.mark.parametrize("name", CODE)
def test_a_record_is_stale_after_a_change_and_not_before(
    run: Run, tmp_path: Path, cache: str, monkeypatch: pytest.MonkeyPatch, name: str, outside: bool
) -> None:
    root = (tmp_path / "project").resolve()
    here = (tmp_path / "elsewhere").resolve() if outside else root
    for folder in ("data", "src"):
        (here / folder).mkdir(parents=True, exist_ok=True)
    for file in ("one.txt", "two.txt"):
        (here / "data" / file).write_text("1", "utf-8")
    monkeypatch.syspath_prepend(here / "src")
    snippet = parse("a", f"# %% one\n{CODE[name].format(here=here)}\n")
    record = run(seconds=20.0, a=snippet.text)["a"]
    assert isinstance(record, Record), record
    settings = Settings(root, cache=cache)
    Cache(settings).put(snippet, record)
    assert Cache(settings).get(snippet) == record
    CHANGES[name](here)
    assert Cache(settings).get(snippet) is None


PROGRAMS = {
    "echo": "import subprocess\nsubprocess.run(['echo', '1'])",
    "sh": "import subprocess\nsubprocess.run('echo 1', shell=True)",
    "echo ": "import os\nos.system('echo 1')",
    "uname ": "import os\nos.system('uname && echo 1')",
    Path(sys.executable).name: (
        "import multiprocessing\n\nif __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(abs, [-1]))"
    ),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_another_program_reads_is_not_known_so_nothing_is_kept(
    run: Run, tmp_path: Path, program: str
) -> None:
    # A process that is spawned reads the script from its file, as that of a pasted one does.
    text = f"# %% one\n{PROGRAMS[program]}\n"
    (tmp_path / "project" / "a").write_text(text, "utf-8")
    record = run(seconds=20.0, a=text)["a"]
    assert isinstance(record, Record), record
    assert record.programs == (program.strip(),)
    settings = Settings((tmp_path / "project").resolve())
    Cache(settings).put(parse("a", text), record)
    assert Cache(settings).get(parse("a", text)) is None


def test_the_name_of_the_system_is_in_the_key_so_a_run_that_asks_for_it_is_kept(
    run: Run, tmp_path: Path
) -> None:
    text = "# %% one\nimport platform\nplatform.processor()\n"
    record = run(seconds=20.0, a=text)["a"]
    assert isinstance(record, Record), record
    assert record.programs == ()
    settings = Settings((tmp_path / "project").resolve())
    Cache(settings).put(parse("a", text), record)
    assert Cache(settings).get(parse("a", text)) == record


@pytest.mark.parametrize(
    "code",
    [
        "open('{here}/new.txt', 'w')",
        "open('{here}/old.txt', 'a')",
        "import pathlib\npathlib.Path('{here}/old.txt').unlink()",
        "import os\nos.truncate('{here}/old.txt', 0)",
        "import os\nos.mkdir('{here}/new')",
        "import os\nos.rename('{here}/old.txt', 'mine.txt')",
        "import os\nos.open('old.txt', os.O_RDWR, dir_fd=os.open('{here}', os.O_RDONLY))",
    ],
)
def test_a_snippet_that_changes_the_project_is_refused(run: Run, tmp_path: Path, code: str) -> None:
    here = (tmp_path / "project").resolve()
    (here / "old.txt").write_text("old", "utf-8")
    outcome = run(a=f"# %% one\n{code.format(here=here)}\n")["a"]
    assert isinstance(outcome, Problem)
    line = code.count("\n") + 2
    assert str(outcome).startswith(f"a:{line}: PermissionError: a snippet writes in the folder th")
    assert (here / "old.txt").read_text("utf-8") == "old"


@pytest.mark.parametrize(
    "call", ["os.stat('a', dir_fd=999)", "os.open('a', os.O_RDONLY, dir_fd=999)", "os.listdir(999)"]
)
def test_a_folder_that_is_not_open_is_said_to_be_none_as_where_it_is_pasted(
    run: Run, call: str
) -> None:
    outcome = run(a=f"# %% one\nimport os\n{call}\n")["a"]
    assert isinstance(outcome, Problem)
    assert str(outcome).startswith("a:3: OSError: [Errno 9] Bad file descriptor")


def test_who_looks_at_the_stack_does_not_rest_on_the_engine(run: Run) -> None:
    """Its modules are in the key, and an edit of one of them changes nothing else of a record."""
    text = "# %% one\nimport traceback\nprint(len(traceback.format_stack()) > 1)\n"
    record = run(seconds=20.0, a=text)["a"]
    assert isinstance(record, Record), record
    assert record.cells[0].output == "True\n"
    assert not [name for name in record.dependencies if "livedocs" in name]


def test_only_the_modules_that_run_snippets_are_part_of_the_key() -> None:
    """Those that the fork server has loaded; what says problems and settings decides no record."""
    program = "import sys, livedocs.fork_server\nprint([*sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name for name in ast.literal_eval(done.stdout) if name.startswith("livedocs.")}
    key = {module.__name__ for module in kept._ENGINE}
    assert loaded - key == {"livedocs.problems", "livedocs.settings", "livedocs.files"}
    assert key - loaded == {"livedocs.runner"}
