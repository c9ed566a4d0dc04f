"""What has passed as it stands is not run again, and what has changed is."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

#: As the project's tests are run.
BY_WORKERS = ("-p", "xdist", "--numprocesses=1")
CONFTEST = Path(__file__).with_name("conftest.py")
TESTS = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("name", ["one", "other"])
def test_a_program(known, record_property, name):
    program = Path(name).read_text()
    if not known(program):
        with open("ran", "a") as file:
            file.write(f"{name} ")
        assert program != "wrong"
    record_property(name, program)
"""


class Project:
    """A project with two programs and the memory of this one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "tests").mkdir()
        (root / "tests" / "test_programs.py").write_text(TESTS)
        shutil.copy(CONFTEST, root / "tests")
        subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
        self.write(one="1", other="2")

    def write(self, **programs: str) -> None:
        for name, program in programs.items():
            (self.root / name).write_text(program)

    def test(self, *options: str) -> tuple[str, str]:
        """Return which programs ran, and what pytest said."""
        ran = self.root / "ran"
        ran.write_text("")
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, *options, "tests"],
            cwd=self.root,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        return " ".join(sorted(ran.read_text().split())), done.stdout + done.stderr

    def committed(self) -> dict[str, dict[str, str]]:
        return tomllib.loads((self.root / "tests" / "runs.toml").read_text())

    def forget(self) -> None:
        """Keep what a clone would hold."""
        shutil.rmtree(self.root / ".cache")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_clone_runs_what_has_no_committed_pass(project: Project) -> None:
    assert project.test("--commit-runs", *BY_WORKERS)[0] == "one other"
    project.forget()
    ran, said = project.test("--keep-passed", *BY_WORKERS)
    assert ran == ""
    assert "2 of 2 pasted blocks and notebooks passed before" in said
    project.write(one="3")
    project.forget()
    ran, said = project.test("--keep-passed")
    assert ran == "one"
    assert "1 of 2 pasted blocks and notebooks passed before" in said
    project.write(other="4")
    assert project.test("--keep-passed")[0] == "other", "what passed here is kept here too"
    assert project.test()[0] == "one other", "all, unless told to keep"


def test_only_what_passed_is_committed_and_other_platforms_stay(project: Project) -> None:
    committed = project.root / "tests" / "runs.toml"
    committed.write_text('["Another platform"]\none = "1"\n')
    assert project.test("--keep-passed")[0] == "one other", "another platform's pass is none here"
    project.write(other="wrong")
    ran, said = project.test("--commit-runs")
    assert ran == "one other"
    assert "1 failed, 1 passed" in said
    other, here = sorted(project.committed(), key=lambda title: title.startswith("Python"))
    assert project.committed()[other] == {"one": "1"}
    assert project.committed()[here] == {"one": "1"}
    assert project.test("--keep-passed", "--commit-runs")[0] == "other"
