"""The fixture project: copied, committed, built."""

import json
import os
import re
import shutil
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

ROOT = Path(__file__).parents[2]
COMMANDS = Path(__file__).with_name("commands.py")
FIXTURE = ROOT / "tests" / "toy_site"
#: Variables that change a build; each test sets the ones that it means.
_SETTING = ("GITHUB_", "REPOSITORY_URL", "SITE_URL", "SOURCE_DATE_EPOCH", "PYTHON")

Environment = Callable[[Path], dict[str, str]]
Livedocs = Callable[..., subprocess.CompletedProcess[str]]
Run = Callable[..., dict[str, Record | Problem]]
Tree = Callable[[Path], dict[str, bytes]]


@pytest.fixture(scope="session")
def environment() -> Environment:
    """Return the environment in which commands work on the project at a root."""

    def of(root: Path) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_SETTING)}
        return {**kept, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{ROOT / 'src'}"}

    return of


@pytest.fixture(scope="session")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Livedocs]:
    """Yield a function that runs a command in a process that need not import the engine."""
    server = subprocess.Popen(
        [sys.executable, "-P", COMMANDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    ask, answer = server.stdin, server.stdout
    assert ask is not None
    assert answer is not None
    files = [tmp_path_factory.mktemp("commands") / name for name in ("output", "errors")]

    def run(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        print(json.dumps([arguments, environment, *map(str, files)]), file=ask, flush=True)
        status = int(answer.readline())
        written = [file.read_text("utf-8") for file in files]
        return subprocess.CompletedProcess(arguments, status, *written)

    yield run
    server.communicate()


@pytest.fixture(scope="session")
def livedocs(environment: Environment, forked: Livedocs) -> Livedocs:
    """Run a command of the engine on the project at ``root``.

    With other variables it is a new process: Python reads some of them as it starts.
    """

    def run(root: Path, *command: str, **extra: str) -> subprocess.CompletedProcess[str]:
        arguments = ["--root", str(root), *(command or ("build",))]
        if not extra:
            return forked(arguments, environment(root))
        return subprocess.run(
            [sys.executable, "-m", "livedocs", *arguments],
            env={**environment(root), **extra},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def new_project() -> Callable[[Path], Path]:
    """Copy the fixture project to a folder and commit it there, always as the same commit."""

    def copy(target: Path) -> Path:
        shutil.copytree(FIXTURE, target, ignore=shutil.ignore_patterns(".cache", "__pycache__"))
        date = "2024-01-01T00:00:00Z"
        person = {
            f"GIT_{role}_{key}": "toy"
            for role in ("AUTHOR", "COMMITTER")
            for key in ("NAME", "EMAIL")
        }
        variables = {
            **os.environ,
            **person,
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_DATE": date,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
        }
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Toy"]):
            subprocess.run(["git", *arguments], cwd=target, env=variables, check=True)
        return target

    return copy


@pytest.fixture
def project(tmp_path: Path, new_project: Callable[[Path], Path]) -> Path:
    """A clean copy of the fixture project, never built."""
    return new_project(tmp_path / "project")


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory,
    new_project: Callable[[Path], Path],
    livedocs: Livedocs,
) -> Path:
    """A copy of the fixture project that was built once; nobody may write to it."""
    root = new_project(tmp_path_factory.mktemp("built") / "project")
    done = livedocs(root)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="session")
def built_without_charts(
    tmp_path_factory: pytest.TempPathFactory,
    new_project: Callable[[Path], Path],
    livedocs: Livedocs,
) -> Path:
    """A project without charts that was built once; nobody may write to it.

    It need not import matplotlib before it runs a snippet, which takes a second, and once more for
    each way in which it runs them.
    """
    root = new_project(tmp_path_factory.mktemp("quick") / "project")
    chapter = "# Both\n\n```snippet basics/both.py\n```\n"
    (root / "docs" / "charts.md").write_text(chapter, "utf-8")
    shutil.rmtree(root / "snippets" / "charts")
    settings = root / "pyproject.toml"
    text, count = re.subn("preload = .*", 'preload = ["numpy"]', settings.read_text("utf-8"))
    assert count == 1
    settings.write_text(text, "utf-8")
    done = livedocs(root)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def built_copy(tmp_path: Path, built: Path) -> Path:
    """A copy of the built project, cache and site included, to change."""
    root = tmp_path / "project"
    shutil.copytree(built, root, symlinks=True)
    return root


@pytest.fixture(scope="session")
def tree() -> Tree:
    """Read every file below a folder."""

    def read(folder: Path) -> dict[str, bytes]:
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        assert files, f"nothing lies in {folder}"
        return files

    return read


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder where matplotlib's list of fonts need be made once only."""
    return str(tmp_path_factory.mktemp("cache").resolve())


@pytest.fixture
def run(tmp_path: Path, cache: str) -> Run:
    """Run scripts, each under its name, in an empty project."""
    (tmp_path / "project" / "src").mkdir(parents=True)

    def run(
        way: Way | None = None,
        *,
        seconds: float = 1.0,
        memory_bytes: int = 500_000_000,
        figure_widths: tuple[float, ...] = (),
        **scripts: str,
    ) -> dict[str, Record | Problem]:
        outcomes: dict[str, Record | Problem] = {}
        snippets = [parse(name, text) for name, text in scripts.items()]
        root = (tmp_path / "project").resolve()
        preload = ("matplotlib.pyplot", "matplotlib.backends.backend_svg")
        settings = Settings(
            root,
            cache=cache,
            preload=preload,
            environment={
                "MPLBACKEND": "agg",
                "MPLCONFIGDIR": "{cache}/matplotlib",
                "OMP_NUM_THREADS": "{threads}",
            },
            seconds=seconds,
            wall_seconds=60.0,
            memory_bytes=memory_bytes,
            figure_widths=figure_widths,
        )

        def finished(end: runner.Ended) -> None:
            outcomes[end.path] = end.outcome

        runner.run(settings, snippets, finished, way)
        return outcomes

    return run
