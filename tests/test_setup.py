"""What the set-up does, repairs and refuses.

The Makefile runs a fake Python that only notes how it was called, so a case takes milliseconds.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = (
    "awk",
    "cat",
    "cksum",
    "cp",
    "env",
    "id",
    "ls",
    "make",
    "mkdir",
    "rm",
    "sed",
    "sh",
    "tail",
    "touch",
    "tr",
)

#: Becomes a command that heeds interrupts: what pytest runs ignores them where a shell has put it
#: into the background.
HEEDING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""
FAKE_PYTHON = """#!/bin/sh
echo "${0##*/} $*${UV_DEFAULT_INDEX:+ from $UV_DEFAULT_INDEX}" >>calls
[ -z "$BREAK" ] || case "$*" in *"$BREAK"*) eval "$BREAK_BY" ;; esac
case "$*" in
    --version) echo "Python $FAKE_VERSION" ;;
    "-m venv --clear "*)
        rm -rf "$4"
        mkdir -p "$4/bin"
        cp "$0" "$4/bin/python"
        cp "$0" "$4/bin/npm" ;;
    "-c import torch") [ "$TORCH_LOADS" = yes ] || [ -e cuda ] ;;
    *uv.txt) cp "$0" "${0%python}uv" ;;
    "-m pip config get global.index-url") echo "$FAKE_INDEX" ;;
    "-m pip install --no-compile torch=="*) touch cuda ;;
    ci) mkdir -p node_modules ;;
esac
"""


class Project:
    """The files that the set-up reads, copied, beside a fake Python and few other commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (
            "Makefile",
            "pyproject.toml",
            "src/livedocs/pyproject.toml",
            "requirements.lock",
            "package-lock.json",
            ".npmrc",
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        self.path = folder / "path"
        self.path.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found, f"{tool} is missing on this machine"
            (self.path / tool).symlink_to(found)
        self.add_command("fake", FAKE_PYTHON)
        self.environ = {"PATH": str(self.path), "FAKE_VERSION": "3.11.9", "TORCH_LOADS": "yes"}

    def add_command(self, name: str, script: str) -> None:
        command = self.path / name
        command.unlink(missing_ok=True)
        command.write_text(script)
        command.chmod(0o755)

    def make(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-S", "-c", HEEDING, "make", "PYTHON=fake", *arguments],
            cwd=self.folder,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # an interrupt meets make and what it runs, and not pytest
        )

    def take_calls(self) -> list[str]:
        """What was called since the last look, without the questions for settings."""
        calls = self.folder / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        calls.unlink(missing_ok=True)
        return [line for line in lines if "--version" not in line and "config get" not in line]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


LOCKED = "--no-deps --require-hashes --requirement"
FULL = [
    "fake -m venv --clear .venv",
    f"python -m pip install --no-compile {LOCKED} .venv/uv.txt",
    f"uv pip install --python .venv/bin/python {LOCKED} requirements.lock",
    "python -m pip install --no-compile --no-deps torch==2.13.0",
    "python -c import torch",
    "python -c import torch",
    "python -m compileall -q -j 0 -x /tests/ .venv/lib",
    "python -m pip install --no-compile --no-deps --no-build-isolation "
    "--editable . --editable src/livedocs",
    "npm ci",
]
BY_PIP = [FULL[0], f"python -m pip install --no-compile {LOCKED} requirements.lock"]


@pytest.mark.parametrize(("given", "port"), [([], 8000), (["PORT=8001"], 8001)])
def test_the_site_is_served_at_a_port_of_ones_choice(
    project: Project, given: list[str], port: int
) -> None:
    assert project.make("serve", *given).returncode == 0
    assert project.take_calls()[-1] == f"python -m livedocs serve --address 127.0.0.1:{port}"


def test_setup_takes_its_steps_in_order_and_once(project: Project) -> None:
    first = project.make("setup")
    assert first.returncode == 0, first.stderr
    assert project.take_calls() == FULL
    assert first.stderr == ""
    assert len(first.stdout.splitlines()) <= 7, "progress, not a wall of text"
    for name in ("requirements.lock", "pyproject.toml", "package-lock.json"):
        (project.folder / name).touch()
    assert project.make("setup").returncode == 0
    assert project.take_calls() == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("requirements.lock", FULL[:8]),
        ("pyproject.toml", FULL[7:8]),
        ("src/livedocs/pyproject.toml", FULL[7:8]),
        ("package-lock.json", FULL[8:]),
    ],
)
def test_only_what_a_changed_file_asks_for_is_done_again(
    project: Project, changed: str, expected: list[str]
) -> None:
    project.make("setup")
    project.take_calls()
    with (project.folder / changed).open("a") as file:
        file.write("\n")
    assert project.make("setup").returncode == 0
    assert project.take_calls() == expected


@pytest.mark.parametrize(
    ("step", "how"),
    [
        *((step, "exit 1") for step in (0, 3, 4, 7, 8)),
        *((step, "kill -9 $PPID") for step in range(9)),
        *((step, "kill -INT 0") for step in (1, 2, 6)),
    ],
)
def test_an_unfinished_setup_is_repaired_by_running_it_again(
    project: Project, step: int, how: str
) -> None:
    broken = project.make("setup", BREAK=FULL[step].partition(" ")[2], BREAK_BY=how)
    assert broken.returncode != 0
    if how == "exit 1":
        assert "failed; run the same command to try again" in broken.stderr
        assert ".cache/setup.log" in broken.stderr
    assert project.take_calls()[-1] == FULL[step], "nothing follows"
    assert project.make("setup").returncode == 0
    assert project.take_calls() == (FULL if step < 7 else FULL[step:])
    assert project.make("setup").returncode == 0
    assert project.take_calls() == []


@pytest.mark.parametrize("step", [1, 2])
def test_where_uv_fails_pip_begins_anew(project: Project, step: int) -> None:
    made = project.make("setup", BREAK=FULL[step].partition(" ")[2], BREAK_BY="exit 1")
    assert made.returncode == 0, made.stderr
    assert "uv could not install them (all output: .cache/setup.log): pip tries" in made.stdout
    assert project.take_calls() == [*FULL[: step + 1], *BY_PIP, *FULL[3:]]


def test_where_pip_fails_too_the_message_says_why(project: Project) -> None:
    failed = project.make("setup", BREAK="--require-hashes", BREAK_BY="echo no network; exit 1")
    assert failed.returncode != 0
    assert "no network" in failed.stderr
    assert "installing Python packages failed" in failed.stderr
    project.take_calls()
    assert project.make("setup").returncode == 0
    assert project.take_calls() == FULL


def test_uv_itself_comes_from_the_lock(project: Project) -> None:
    project.make("setup")
    first, *hashes, _ = (project.folder / ".venv" / "uv.txt").read_text().splitlines()
    assert first.startswith("uv==")
    assert hashes
    assert all("--hash=sha256:" in line for line in hashes)


@pytest.mark.parametrize(
    ("environ", "index"),
    [
        ({}, None),
        ({"FAKE_INDEX": "https://pip.example"}, "https://pip.example"),
        (
            {"FAKE_INDEX": "https://pip.example", "PIP_INDEX_URL": "https://now.example"},
            "https://now.example",
        ),
        (
            {"PIP_INDEX_URL": "https://now.example", "UV_DEFAULT_INDEX": "https://uv.example"},
            "https://uv.example",
        ),
    ],
)
def test_uv_installs_from_pip_s_index(
    project: Project, environ: dict[str, str], index: str | None
) -> None:
    project.make("setup", **environ)
    assert project.take_calls()[2] == FULL[2] + (f" from {index}" if index else "")


def test_the_lock_is_tried_on_every_platform(project: Project) -> None:
    project.make("setup")
    project.take_calls()
    assert project.make("lock").returncode == 0
    compiled, *tried, updated = project.take_calls()
    assert compiled.startswith("uv pip compile")
    assert len({*tried}) == 9
    assert updated == "npm update --package-lock-only"
    missing = "--python-platform aarch64-apple-darwin --python-version 3.12"
    refused = project.make("lock", BREAK=missing, BREAK_BY="exit 1")
    assert refused.returncode != 0
    assert "cannot be installed on aarch64-apple-darwin with Python 3.12" in refused.stderr


def test_an_environment_that_setup_did_not_make_is_left_alone(project: Project) -> None:
    theirs = project.folder / "theirs" / "bin" / "python"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("precious")
    refused = project.make("setup", "VENV=theirs/")
    assert refused.returncode != 0
    assert "theirs was not made by this set-up" in refused.stderr
    assert theirs.read_text() == "precious"
    assert project.take_calls() == []


def test_a_path_with_spaces_is_refused(project: Project) -> None:
    refused = project.make("setup", "VENV=my env")
    assert refused.returncode != 0
    assert "VENV must be one path without spaces" in refused.stderr
    assert project.take_calls() == []


def test_a_moved_environment_is_made_again(project: Project) -> None:
    project.make("setup", "VENV=one")
    (project.folder / "one").rename(project.folder / "two")
    project.take_calls()
    assert project.make("setup", "VENV=two").returncode == 0
    assert "fake -m venv --clear two" in project.take_calls()


@pytest.mark.parametrize(
    ("version", "warns"),
    [
        ("3.11.9", False),
        ("3.12.1", False),
        ("3.13.0", False),
        ("3.10.4", True),
        ("3.14.0", True),
        ("3.1.1", True),
    ],
)
def test_another_python_gets_a_warning(project: Project, version: str, warns: bool) -> None:
    made = project.make("setup", FAKE_VERSION=version)
    assert made.returncode == 0
    warning = f"warning: this is tested on Python 3.11 to 3.13, not on Python {version}\n"
    assert made.stderr == (warning if warns else "")


def test_torch_comes_from_the_index_that_is_named(project: Project) -> None:
    project.make("setup", TORCH_INDEX="https://example.org/cpu")
    calls = project.take_calls()
    assert calls[3].endswith("--no-deps --index-url https://example.org/cpu torch==2.13.0")
    assert sum("example.org" in call for call in calls) == 1


def test_a_cuda_build_of_torch_gets_its_libraries(project: Project) -> None:
    made = project.make("setup", TORCH_LOADS="no")
    assert made.returncode == 0, made.stderr
    assert "CUDA build" in made.stdout
    assert "python -m pip install --no-compile torch==2.13.0" in project.take_calls()


@pytest.mark.parametrize(
    ("uid", "has_chromium", "expected"),
    [
        ("0", False, ["apt-get update", "apt-get install --yes --no-install-recommends chromium"]),
        ("1000", False, ["python -m playwright install chromium"]),
        ("0", True, []),
    ],
)
def test_the_browser_is_the_system_s_or_playwright_s(
    project: Project, uid: str, has_chromium: bool, expected: list[str]
) -> None:
    project.make("setup")
    project.take_calls()
    project.add_command("id", f"#!/bin/sh\necho {uid}\n")
    project.add_command("apt-get", FAKE_PYTHON)
    if has_chromium:
        project.add_command("chromium", FAKE_PYTHON)
    assert project.make("browser").returncode == 0
    assert project.take_calls() == expected
    if not has_chromium:
        failed = project.make("browser", BREAK="install", BREAK_BY="echo no space; exit 1")
        assert failed.returncode != 0
        assert "no space" in failed.stderr
        assert "installing Chromium failed" in failed.stderr


def test_this_environment_needs_no_further_setup() -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    planned = subprocess.run(
        ["make", "--dry-run", "setup", f"VENV={os.path.relpath(sys.prefix, ROOT)}"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Nothing to be done" in planned.stdout, planned.stdout
