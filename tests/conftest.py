"""What all tests share: the built site, and the memory of what has passed as it stands."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import settings

from livedocs.files import digest, write_atomically
from livedocs.provenance import processor

ROOT = Path(__file__).parents[1]
#: For the tests of each folder, what they cannot see: an edit there does not undo their passing.
UNSEEN = {
    "tests/gated/": (
        "docs/*.md",
        "site/",
        "snippets/",
        "src/livedocs/",
        "src/studies/",
        "tests/livedocs/",
        "tests/studies/",
        "theme/",
    ),
    "tests/studies/": (
        "docs/*.md",
        "site/",
        "snippets/",
        "src/livedocs/",
        "tests/gated/",
        "tests/livedocs/",
        "theme/",
    ),
    "tests/livedocs/": ("docs/*.md", "site/", "src/studies/", "tests/gated/", "tests/studies/"),
}

_COMMITTED = ROOT / "tests" / "runs.toml"
_PLATFORM = (
    f"Python {sys.version_info.major}.{sys.version_info.minor}, "
    f"{platform.system()} {platform.machine()}, torch {version('torch').partition('+')[0]}"
)
#: Another Python, in the same clone, begins anew.
_RUNS = ROOT / ".cache" / "passed" / f"{_PLATFORM}.txt"

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def built_site() -> Path:
    """The site as ``make site`` left it; ``make test`` builds it before the tests."""
    site = ROOT / "site"
    if not (site / "index.html").is_file():
        pytest.fail("there is no site/ to test: run `make site` first")
    return site


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--keep-passed",
        action="store_true",
        help="do not repeat what has passed with all contents as they are",
    )
    parser.addoption(
        "--commit-runs",
        action="store_true",
        help="commit which of the site's programs this session saw passing, and no other",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Runs(config), "runs")
    if config.getoption("--keep-passed") and not config.getoption("--commit-runs"):
        config.pluginmanager.register(_Passed(config), "passed")


@pytest.fixture(scope="session")
def known(pytestconfig: pytest.Config) -> Callable[[str], bool]:
    """Return whether the site's program of a mark has passed before, and need not run again."""
    runs = pytestconfig.pluginmanager.get_plugin("runs")
    assert isinstance(runs, _Runs)
    return runs.known


class _Runs:
    """Which of the site's programs, pasted or as notebooks, gave what their page shows.

    To run all of them takes longer than to build the site, so a pass is kept by the contents of all
    that decides it. Those of a whole session are committed, by platform: who clones the project
    runs what was changed, and everything where no pass is committed for his Python and machine.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._is_worker = hasattr(config, "workerinput")
        self._commits = config.getoption("--commit-runs")
        self._table = tomllib.loads(_COMMITTED.read_text("utf-8")) if _COMMITTED.is_file() else {}
        self._known: set[str] = set()
        if config.getoption("--keep-passed"):
            self._known = {*self._table.get(_PLATFORM, {}).values(), *_read(_RUNS)}
        self._passed: dict[str, str] = {}
        self._repeated = 0

    def known(self, mark: str) -> bool:
        """Return whether the program of this mark has passed before.

        A test notes the mark of what passes as a property under the program's name.
        """
        return mark in self._known

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            for name, mark in report.user_properties:
                self._passed[name] = str(mark)
                self._repeated += mark not in self._known

    def pytest_sessionfinish(self) -> None:
        if self._is_worker or not self._passed:
            return
        write_atomically(_RUNS, "\n".join(sorted({*_read(_RUNS), *self._passed.values()})))
        if self._commits:
            self._table[_PLATFORM] = self._passed
            lines = ["# What gave, pasted or as a notebook, what its page shows; `make portable`."]
            for title, marks in sorted(self._table.items()):
                lines += ["", f'["{title}"]']
                lines += [f'"{name}" = "{mark}"' for name, mark in sorted(marks.items())]
            write_atomically(_COMMITTED, "\n".join([*lines, ""]))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if kept := len(self._passed) - self._repeated:
            terminalreporter.write_line(
                f"{kept} of {len(self._passed)} pasted blocks and notebooks passed before as they "
                f"are, and were not run again: {_COMMITTED.relative_to(ROOT)} and "
                f"{_RUNS.relative_to(ROOT)} hold which"
            )


class _Passed:
    """The tests that have passed, kept by the contents of all that they may depend on."""

    def __init__(self, config: pytest.Config) -> None:
        self._is_worker = hasattr(config, "workerinput")
        self._files = {folder: _memory(folder) for folder in _FOLDERS}
        self._known = {folder: _read(file) for folder, file in self._files.items()}
        self._failed: set[str] = set()
        self._ran: set[str] = set()
        self._kept = 0

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        kept = [item for item in items if item.nodeid in self._known[_folder(item.nodeid)]]
        items[:] = [item for item in items if item.nodeid not in self._known[_folder(item.nodeid)]]
        config.hook.pytest_deselected(items=kept)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        (self._ran if report.passed else self._failed).add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._is_worker:
            return
        known = sum(map(len, self._known.values()))
        for folder, file in self._files.items():
            # What was edited meanwhile has not been tested.
            if file == _memory(folder):
                mine = {name for name in self._ran - self._failed if _folder(name) == folder}
                write_atomically(file, "\n".join(sorted(self._known[folder] | mine)))
        if known and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if known := sum(map(len, self._known.values())):
            terminalreporter.write_line(
                f"{known} tests have passed before with all contents as they are, and were not "
                "repeated: remove .cache/passed to run them again"
            )


_FOLDERS = (*UNSEEN, "")


def _folder(nodeid: str) -> str:
    return next(folder for folder in _FOLDERS if nodeid.startswith(folder))


def _read(file: Path) -> set[str]:
    return set(file.read_text("utf-8").splitlines()) if file.is_file() else set()


def _memory(folder: str) -> Path:
    """Return the file that holds what has passed in the state that the tests of a folder see."""
    state = hashlib.sha256()
    for part in (sys.version, version("torch"), processor(), _chromium(), *_data(), *_own(folder)):
        state.update(f"{part}\n".encode())
    return ROOT / ".cache" / "passed" / f"{state.hexdigest()}.txt"


def _own(folder: str) -> Iterator[str]:
    """Yield the project's files, and the site, as far as tests of a folder see them."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    paths = {ROOT / os.fsdecode(name) for name in names if name}
    for path in sorted(paths | {p for p in (ROOT / "site").rglob("*") if p.is_file()}):
        name = path.relative_to(ROOT)
        hidden = UNSEEN.get(folder, ())
        if not any(name.as_posix().startswith(one) or name.match(one) for one in hidden):
            yield f"{name} {digest(path)}"


def _data() -> Iterator[str]:
    """Yield the data files of the studies, of which trials are repeated where they are there."""
    folder = Path(os.environ.get("GATED_DATA") or "/nonexistent")
    for path in sorted(folder.rglob("*")):
        yield f"{path} {digest(path)}"


def _chromium() -> str:
    command = shutil.which("chromium")
    if command is None:
        return "Playwright's"
    return subprocess.run([command, "--version"], capture_output=True, text=True).stdout
