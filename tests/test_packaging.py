"""What the locks, the wheel and the workflows hold, and where Python's versions are named."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import gated

ROOT = Path(__file__).parents[1]
PYTHONS = ["3.11", "3.12", "3.13"]
PLATFORMS = {
    "Linux": {"sys_platform": "linux", "platform_machine": "x86_64"},
    "Linux on arm64": {"sys_platform": "linux", "platform_machine": "aarch64"},
    "macOS on arm64": {"sys_platform": "darwin", "platform_machine": "arm64"},
}
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
        assert re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ; [^;]+)? \\", line)
    for line in set(lines) - set(pins):
        assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)
    hashes_per_pin = re.split(r"^\S+==.*$", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=" in hashes for hashes in hashes_per_pin)


def pins() -> list[Requirement]:
    lock = (ROOT / "requirements.lock").read_text()
    return [Requirement(line) for line in re.findall(r"^(\S.*?==.*) \\$", lock, re.MULTILINE)]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_holds_on_every_python_and_platform(python: str, platform: str) -> None:
    where = {"python_version": python, "python_full_version": f"{python}.0", **PLATFORMS[platform]}

    def apply(requirements: list[Requirement]) -> list[str]:
        return [
            canonicalize_name(one.name)
            for one in requirements
            if not one.marker or one.marker.evaluate(where)
        ]

    lines = (ROOT / "requirements.in").read_text().splitlines()
    wanted = [line.partition("#")[0].strip() for line in lines]
    locked = apply(pins())
    assert len(locked) == len({*locked}), "one version of each"
    assert {*apply([Requirement(line) for line in wanted if line])} <= {*locked}


def test_no_prerelease_is_locked() -> None:
    assert not [pin for pin in pins() if pin.specifier.prereleases]


def test_the_lock_holds_what_torch_needs() -> None:
    locked = {pin.name for pin in pins()}
    needed = [Requirement(line) for line in requires("torch") or []]
    # What only Linux needs are the libraries of a CUDA build, which the set-up adds to one.
    elsewhere = {"extra": "", "platform_system": "Darwin", "sys_platform": "darwin"}
    names = {
        canonicalize_name(one.name)
        for one in needed
        if not one.marker or one.marker.evaluate(elsewhere)
    }
    assert "sympy" in names
    assert names <= locked
    assert "torch" not in locked


def test_front_end_packages_are_locked_by_integrity_alone() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert "node_modules/katex" in installed
    for name, entry in installed.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name


def test_the_same_pythons_are_named_everywhere() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    python = "Programming Language :: Python :: "
    assert [line.removeprefix(python) for line in classifiers if python in line] == PYTHONS
    makefile = (ROOT / "Makefile").read_text()
    assert f"for python in {' '.join(PYTHONS)};" in makefile
    assert f"for p in {' '.join(f'python{version}' for version in PYTHONS)} python3;" in makefile
    for name in ("pull-request.yml", "weekly.yml"):
        workflow = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text())
        assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == PYTHONS


def test_the_oldest_torch_that_is_promised_is_the_one_that_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (torch,) = [one for one in map(Requirement, project["dependencies"]) if one.name == "torch"]
    (bound,) = torch.specifier
    assert bound.operator == ">="
    weekly = (ROOT / ".github" / "workflows" / "weekly.yml").read_text()
    assert re.findall(r"torch==(\S+)", weekly) == [f"{bound.version}.0"]
    assert f"torch {bound.version} and later" in (ROOT / "README.md").read_text()


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
    assert {name.partition("/")[0] for name in names} == {
        "gated",
        f"gated-{gated.__version__}.dist-info",
    }
