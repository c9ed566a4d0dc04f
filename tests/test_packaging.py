"""What the locks, the wheel and the workflows hold, and where Python's versions are named."""

import ast
import email
import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Collection
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
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


#: Which of the project's own packages each folder may import.
KNOWN = {
    "src/gated": {"gated"},
    "src/studies": {"gated", "studies"},
    "src/livedocs": {"livedocs"},
    "snippets": {"gated"},  # a copied block finds nothing else
}


@pytest.mark.parametrize("folder", KNOWN)
def test_a_package_imports_those_alone_that_it_stands_on(folder: str) -> None:
    own = {"benchmarks", "gated", "livedocs", "snippets", "studies"}
    assert imported(folder) & own <= KNOWN[folder]


def test_what_studies_import_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = project["optional-dependencies"]["studies"]
    declared = {canonicalize_name(Requirement(one).name) for one in project["dependencies"] + extra}
    others = imported("src/studies") - KNOWN["src/studies"] - sys.stdlib_module_names
    assert "sklearn" in others
    assert undeclared(others, declared) == set()


def test_what_the_engine_imports_is_declared_and_its_core_knows_no_site_generator() -> None:
    project = tomllib.loads((ROOT / "src" / "livedocs" / "pyproject.toml").read_text())["project"]
    core, door = project["dependencies"], project["optional-dependencies"]["mkdocs"]
    known = KNOWN["src/livedocs"] | sys.stdlib_module_names
    of_core = imported("src/livedocs", "mkdocs") - known
    assert of_core.isdisjoint({"mkdocs", "mkdocs_jupyter", "torch", "matplotlib", "hatchling"})
    for names, given in ((of_core, core), (imported("src/livedocs") - known, core + door)):
        declared = {canonicalize_name(Requirement(one).name) for one in given}
        assert undeclared(names, declared) == set()


def test_the_engine_is_a_distribution_with_its_plugin_and_scripts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT / "src" / "livedocs", check=True, capture_output=True)
    (file,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        (points,) = (one for one in names if one.endswith("/entry_points.txt"))
        text = archive.read(points).decode()
    assert "livedocs = livedocs.mkdocs.plugin:LivedocsPlugin" in text
    folder = ROOT / "src" / "livedocs"
    own = {f"livedocs/{file.relative_to(folder)}" for file in folder.rglob("*.[jp][sy]")}
    assert own == {name for name in names if ".dist-info/" not in name}


def undeclared(packages: set[str], declared: Collection[str]) -> set[str]:
    """Return the packages that none of the declared distributions brings."""
    brought = packages_distributions()
    return {one for one in packages if not {*map(canonicalize_name, brought[one])} & {*declared}}


def imported(folder: str, without: str = "") -> set[str]:
    """Return the packages that the files of a folder import, by their first names.

    Files in the folder ``without`` below it are left out.
    """
    found = set()
    for file in (ROOT / folder).rglob("*.py"):
        if without and (ROOT / folder / without) in file.parents:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


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


def build_wheel(folder: Path, **variables: str) -> Path:
    addresses = {"SITE_URL": "", "REPOSITORY_URL": ""}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", **addresses, **variables},
        capture_output=True,
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_gated_alone_and_comes_out_equal_twice(wheel: Path, tmp_path: Path) -> None:
    assert wheel.read_bytes() == build_wheel(tmp_path).read_bytes()
    names = zipfile.ZipFile(wheel).namelist()
    assert "gated/__init__.py" in names
    assert {name.partition("/")[0] for name in names} == {
        "gated",
        f"gated-{gated.__version__}.dist-info",
    }


def urls(wheel: Path) -> list[str]:
    metadata = zipfile.ZipFile(wheel).read(f"gated-{gated.__version__}.dist-info/METADATA")
    return email.message_from_bytes(metadata).get_all("Project-URL", [])


def test_the_wheel_names_the_addresses_of_the_environment_and_no_others(
    wheel: Path, tmp_path: Path
) -> None:
    assert urls(wheel) == []
    site, code = "https://docs.example.org/gated/", "https://code.example.org/gated"
    assert urls(build_wheel(tmp_path / "site", SITE_URL=site)) == [
        f"Homepage, {site}",
        f"Documentation, {site}",
    ]
    both = build_wheel(tmp_path / "both", SITE_URL=site, REPOSITORY_URL=code)
    assert sorted(urls(both)) == [
        f"Documentation, {site}",
        f"Homepage, {site}",
        f"Issues, {code}/issues",
        f"Repository, {code}",
    ]


#: What a program that copied code from a page does, where only some packages are installed.
READER = """
import importlib, json, pkgutil, sys

folder, packages, absent = sys.argv[1], sys.argv[2], {*sys.argv[3:]}
sys.path[:0] = [folder, packages]

class Installed:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        is_absent = name.partition(".")[0] in absent
        return None if is_absent else self.finder.find_spec(name, path, target)

    def __getattr__(self, name):  # what importlib.metadata asks of a finder
        return getattr(self.finder, name)

sys.meta_path[:] = map(Installed, sys.meta_path)

import gated

def modules():
    for found in pkgutil.walk_packages(gated.__path__, "gated.", onerror=lambda name: None):
        if not any(part.startswith("_") for part in found.name.split(".")):
            if not found.name.startswith("gated.studies"):
                yield found.name

imported, missing = {}, {}
for name in ["gated", *modules()]:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing[name] = str(error)
    else:
        public = getattr(module, "__all__", dir(module))
        imported[name] = [one for one in public if getattr(module, one) is not None]

from gated import characters, convert, evidence
from matplotlib import style

for call, argument in (convert.onnx_model, gated.GRU(2, 3)), (convert.onnx_layers, None):
    try:
        call(argument)
    except ModuleNotFoundError as error:
        missing[call.__name__] = str(error)
for name in evidence.names():
    evidence.read(name)
for cell in characters.WEIGHTS:
    characters.load(cell)
style.use(["gated.figures.chart", "gated.figures.thumbnail"])
print(json.dumps([imported, missing, evidence.names(), gated.__file__]))
"""


def not_installed_with(*names: str) -> list[str]:
    """Return the packages to import that neither these distributions nor their own needs bring."""
    brought: set[str] = set()
    wanted = [*names]
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name not in brought:
            brought.add(name)
            with suppress(PackageNotFoundError):
                needs = [Requirement(line) for line in requires(name) or []]
                applying = [one for one in needs if not one.marker or one.marker.evaluate()]
                wanted += [one.name for one in applying]
    return sorted(
        package
        for package, distributions in packages_distributions().items()
        if not brought & {*map(canonicalize_name, distributions)}
    )


def test_with_the_least_installed_each_public_name_imports_or_says_which_extra_it_needs(
    wheel: Path, tmp_path: Path
) -> None:
    absent = not_installed_with("torch", "numpy", "jaxtyping", "matplotlib")
    extras = ["drawsvg", "keras", "jax", "flax", "equinox", "onnx", "onnxruntime", "onnxscript"]
    assert {*extras, "scipy", "hatchling"} <= {*absent}
    zipfile.ZipFile(wheel).extractall(tmp_path)
    before = digests(tmp_path)
    packages = sysconfig.get_paths()["purelib"]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", READER, tmp_path, packages, *absent],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    imported, missing, records, file = json.loads(done.stdout)
    assert Path(file) == tmp_path / "gated" / "__init__.py"
    assert digests(tmp_path) == before, "nothing is written into the package"

    assert missing == {
        "onnx_layers": 'onnx is needed here: pip install "gated[frameworks]"',
        "onnx_model": 'onnx is needed here: pip install "gated[frameworks]"',
        "gated.figures.drawing": 'drawsvg is needed here: pip install "gated[figures]"',
        "gated.figures.sheet": 'drawsvg is needed here: pip install "gated[figures]"',
    }
    pages = [page.read_text("utf-8") for page in (ROOT / "docs" / "api").glob("*.md")]
    documented = {name for page in pages for name in re.findall(r"^::: (\S+)", page, re.MULTILINE)}
    assert len(documented) > 15
    assert documented <= {*imported, *missing}
    assert {*gated.__all__} <= {*imported["gated"]}
    assert records == sorted(path.stem for path in (ROOT / "docs" / "evidence").glob("*.json"))


def digests(folder: Path) -> dict[Path, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
