"""What guards a verdict: the contents of all that decides it, committed before it is run."""

import subprocess
import sys
from pathlib import Path

import pytest

from studies.harness import provenance
from studies.harness.catalog import MEASURED, NAMES

ROOT = Path(__file__).parents[2]
TREE = {
    "studies/__init__.py": "",
    "studies/toy.py": "import torch\n\nfrom gated import a\n",
    "studies/other.py": "",
    "gated/__init__.py": "",
    "gated/a.py": "def late():\n    from gated.deep.b import name\n\n    return name\n",
    "gated/deep/__init__.py": "",
    "gated/deep/b.py": "import gated.a\n\nname = 1\n",
    "gated/c.py": "",
}
DECIDING = {*TREE} - {"studies/other.py", "gated/c.py"}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the sources of a project with one study, in a repository without a commit."""
    for name, text in TREE.items():
        file = tmp_path / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    monkeypatch.setattr(provenance, "_SOURCE", tmp_path / "src")
    git(tmp_path, "init", "--quiet")
    return tmp_path / "src"


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    done = subprocess.run(
        ["git", "-C", folder, *who, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(tree: Path) -> str:
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message", "?")
    return git(tree, "rev-parse", "HEAD")


def test_all_that_is_imported_in_turn_decides(tree: Path) -> None:
    found = {file.relative_to(tree).as_posix() for file in provenance.deciding("toy")}
    assert found == DECIDING


@pytest.mark.parametrize("name", TREE)
def test_the_digest_is_that_of_what_decides(tree: Path, name: str) -> None:
    before = provenance.digest("toy")
    (tree / name).write_text(TREE[name] + "# edited\n", "utf-8")
    assert (provenance.digest("toy") != before) == (name in DECIDING)
    (tree / name).write_text(TREE[name], "utf-8")
    assert provenance.digest("toy") == before


def test_a_run_records_the_commit_that_last_changed_what_decides(tree: Path) -> None:
    decided = commit(tree)
    (tree / "gated/c.py").write_text("c = 1\n", "utf-8")
    commit(tree)
    assert provenance.guard("toy") == {"rule": decided, "digest": provenance.digest("toy")}


@pytest.mark.parametrize("name", TREE)
def test_a_study_does_not_run_while_what_decides_it_has_changes(tree: Path, name: str) -> None:
    commit(tree)
    (tree / name).write_text("# edited\n" + TREE[name], "utf-8")
    if name in DECIDING:
        with pytest.raises(ValueError, match=rf"^src/{name} has changes: commit what decides"):
            provenance.guard("toy")
    else:
        provenance.guard("toy")


def test_what_was_never_committed_does_not_run(tree: Path) -> None:
    with pytest.raises(ValueError, match=r"^src/\S* has changes: commit what decides"):
        provenance.guard("toy")
    (tree.parent / ".git").rename(tree.parent / "no repository")
    with pytest.raises(ValueError, match=r"^src/studies/toy\.py is in no commit"):
        provenance.guard("toy")


def test_nothing_that_a_real_study_loads_is_missed() -> None:
    script = f"""
import importlib, sys
for name in {NAMES + MEASURED}:
    importlib.import_module("studies." + name)
for name in ("gated", "studies"):
    print(*(m.__file__ for n, m in sys.modules.items() if n.partition(".")[0] == name), sep="\\n")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = {Path(line) for line in done.stdout.split()}
    assert ROOT / "src/gated/fast.py" in loaded
    assert loaded <= {file for name in NAMES + MEASURED for file in provenance.deciding(name)}
