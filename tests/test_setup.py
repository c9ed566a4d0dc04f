"""What the set-up does, repairs and refuses; what the locks, the wheel and the workflows hold.

The Makefile runs a fake Python that only notes how it was called, so a case takes milliseconds.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("registry", "yarnpkg"),
        ("download", "pytorch"),
        ("conda", "anaconda"),
    )
]
TOOLS = (
    "awk",
    "cat",
    "cksum",
    "cp",
    "id",
    "ls",
    "make",
    "mkdir",
    "rm",
    "sh",
    "tail",
    "touch",
    "tr",
)

FAKE_PYTHON = """#!/bin/sh
echo "${0##*/} $*" >>calls
[ -z "$BREAK" ] || case "$*" in *"$BREAK"*) eval "$BREAK_BY" ;; esac
case "$*" in
    --version) echo "Python $FAKE_VERSION" ;;
    "-m venv --clear "*)
        rm -rf "$4"
        mkdir -p "$4/bin"
        cp "$0" "$4/bin/python"
        cp "$0" "$4/bin/npm" ;;
    "-c import torch") [ "$TORCH_LOADS" = yes ] || [ -e cuda ] ;;
    "-m pip install torch=="*) touch cuda ;;
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
            "requirements.lock",
            "package-lock.json",
            ".npmrc",
        ):
            shutil.copy(ROOT / name, folder)
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
            ["make", "PYTHON=fake", *arguments],
            cwd=self.folder,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def take_calls(self) -> list[str]:
        """What was called since the last look, without the questions for a version."""
        calls = self.folder / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        calls.unlink(missing_ok=True)
        return [line for line in lines if "--version" not in line]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


FULL = [
    "fake -m venv --clear .venv",
    "python -m pip install --no-deps torch==2.13.0",
    "python -m pip install --no-deps --require-hashes -r requirements.lock",
    "python -c import torch",
    "python -c import torch",
    "python -m pip install --no-deps --no-build-isolation --editable .",
    "npm ci",
]


def test_setup_takes_its_steps_in_order_and_once(project: Project) -> None:
    first = project.make("setup")
    assert first.returncode == 0, first.stderr
    assert project.take_calls() == FULL
    assert first.stderr == ""
    assert len(first.stdout.splitlines()) <= 6, "progress, not a wall of text"
    for name in ("requirements.lock", "pyproject.toml", "package-lock.json"):
        (project.folder / name).touch()
    assert project.make("setup").returncode == 0
    assert project.take_calls() == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("requirements.lock", FULL[:6]),
        ("pyproject.toml", FULL[5:6]),
        ("package-lock.json", FULL[6:]),
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


@pytest.mark.parametrize("how", ["exit 1", "kill -9 $PPID"])
@pytest.mark.parametrize("step", [0, 1, 2, 3, 5, 6])
def test_an_unfinished_setup_is_repaired_by_running_it_again(
    project: Project, step: int, how: str
) -> None:
    broken = project.make("setup", BREAK=FULL[step].partition(" ")[2], BREAK_BY=how)
    assert broken.returncode != 0
    if how == "exit 1":
        assert "failed; run the same command to try again" in broken.stderr
        assert ".cache/setup.log" in broken.stderr
    project.take_calls()
    assert project.make("setup").returncode == 0
    assert project.take_calls() == (FULL if step < 5 else FULL[step:])
    assert project.make("setup").returncode == 0
    assert project.take_calls() == []


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
    ("version", "warns"), [("3.11.9", False), ("3.13.1", True), ("3.1.1", True)]
)
def test_another_python_gets_a_warning(project: Project, version: str, warns: bool) -> None:
    made = project.make("setup", FAKE_VERSION=version)
    assert made.returncode == 0
    warning = f"warning: this is tested on Python 3.11 only, not on Python {version}\n"
    assert made.stderr == (warning if warns else "")


def test_torch_comes_from_the_index_that_is_named(project: Project) -> None:
    project.make("setup", TORCH_INDEX="https://example.org/cpu")
    calls = project.take_calls()
    assert calls[1].endswith("--no-deps --index-url https://example.org/cpu torch==2.13.0")
    assert not any("example.org" in call for call in calls[2:])


def test_a_cuda_build_of_torch_gets_its_libraries(project: Project) -> None:
    made = project.make("setup", TORCH_LOADS="no")
    assert made.returncode == 0, made.stderr
    assert "CUDA build" in made.stdout
    assert "python -m pip install torch==2.13.0" in project.take_calls()


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


def test_no_file_holds_a_registry_address() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    files = [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    assert ROOT / "Makefile" in files
    for file in filter(Path.is_file, files):
        content = file.read_bytes().decode(errors="replace")
        assert not [host for host in REGISTRIES if host in content], file


def test_every_locked_package_has_hashes_and_comes_from_no_named_place() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    lines = [line for line in lock.splitlines() if line and not line.lstrip().startswith("#")]
    pins = [line for line in lines if not line.startswith(" ")]
    assert len(pins) > 50
    for line in pins:
        assert re.fullmatch(r"[a-z0-9.-]+==[^ ]+ \\", line)
    for line in set(lines) - set(pins):
        assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)
    hashes_per_pin = re.split(r"^\S+==.*$", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=" in hashes for hashes in hashes_per_pin)


def test_the_lock_holds_what_torch_needs() -> None:
    locked = re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    needed = [Requirement(line) for line in requires("torch") or []]
    names = {
        canonicalize_name(one.name)
        for one in needed
        if not one.marker or one.marker.evaluate({"extra": ""})
    }
    assert "sympy" in names
    assert names <= {*locked}
    assert "torch" not in locked


def test_front_end_packages_are_locked_by_integrity_alone() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert "node_modules/katex" in installed
    for name, entry in installed.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name


def test_actions_are_pinned_by_commit_with_their_tag() -> None:
    workflows = [*(ROOT / ".github" / "workflows").glob("*.yml")]
    used = [
        line.partition("uses:")[2].strip()
        for workflow in workflows
        for line in workflow.read_text().splitlines()
        if "uses:" in line
    ]
    assert len(used) >= 8
    for action in used:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def build_wheel(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
        capture_output=True,
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_wheel_holds_gated_alone_and_comes_out_equal_twice(tmp_path: Path) -> None:
    first, second = (build_wheel(tmp_path / name) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    names = zipfile.ZipFile(first).namelist()
    assert "gated/__init__.py" in names
    assert {name.partition("/")[0] for name in names} == {"gated", "gated-0.1.0.dist-info"}
