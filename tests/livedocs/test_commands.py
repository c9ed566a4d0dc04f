"""The command that checks one snippet, and the line that says where a build comes from."""

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from livedocs import provenance
from livedocs.settings import load

Livedocs = Callable[..., subprocess.CompletedProcess[str]]


def test_a_snippet_is_checked_alone(built: Path, livedocs: Livedocs) -> None:
    done = livedocs(built, "check", "basics/greet.py")
    assert done.returncode == 0
    assert done.stdout == "HELLO!\nValueError: a word needs letters\n"
    lines = done.stderr.splitlines()
    assert lines[:3] == ["# %% greet", "# %% too short", "# %% as said"]
    assert re.fullmatch(
        r"snippets/basics/greet\.py: \d\.\d s; imports and opens "
        r"src/toy/__init__\.py, src/toy/words\.py",
        lines[3],
    )


def test_figures_are_counted(built: Path, livedocs: Livedocs) -> None:
    done = livedocs(built, "check", "charts/drawn.py")
    assert done.stderr.splitlines()[:4] == [
        "# %% square",
        "(figure 1)",
        "# %% circle",
        "(figure 1)",
    ]


def test_a_lock_that_a_library_leaves_is_not_reported(built_copy: Path, livedocs: Livedocs) -> None:
    snippet = built_copy / "snippets" / "basics" / "locks.py"
    snippet.write_text("# %% lock\nimport multiprocessing\n\nlock = multiprocessing.RLock()\n")
    done = livedocs(built_copy, "check", "basics/locks.py")
    assert done.returncode == 0
    assert "leaked" not in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "basics/greets.py",
            None,
            'error: no snippet "basics/greets.py" in snippets/. Did you mean',
        ),
        ("new.py", "# %% one\n\n1 / 0\n", "snippets/new.py:3: ZeroDivisionError: division by zero"),
        ("new.py", "1\n", "snippets/new.py:1: no cells: start the first one with"),
    ],
)
def test_a_fault_is_one_line(
    built_copy: Path, livedocs: Livedocs, name: str, text: str | None, message: str
) -> None:
    if text is not None:
        (built_copy / "snippets" / name).write_text(text, "utf-8")
    done = livedocs(built_copy, "check", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(message)


def test_a_check_that_fails_shows_all_that_was_written(
    built_copy: Path, livedocs: Livedocs
) -> None:
    text = (
        "# %% one\nprint('before')\n\n# %% two\nimport sys\nfrom toy.words import shout\n"
        "print('a warning', file=sys.stderr)\nshout('')\n"
    )
    snippet = built_copy / "snippets" / "new.py"
    snippet.write_text(text, "utf-8")
    done = livedocs(built_copy, "check", "new.py")
    assert (done.returncode, done.stdout) == (1, "before\n")
    first, *middle, last = done.stderr.splitlines()
    assert first == "a warning"
    assert middle[:2] == [
        "Traceback (most recent call last):",
        f'  File "{snippet}", line 8, in <module>',
    ]
    assert middle[-1] == "ValueError: a word needs letters"
    assert last.startswith(
        "snippets/new.py:8: ValueError: a word needs letters (from src/toy/words.p"
    )


def test_a_check_that_succeeds_shows_warnings(built_copy: Path, livedocs: Livedocs) -> None:
    text = "# %% one\nimport warnings\n\nwarnings.warn('beware')\n"
    (built_copy / "snippets" / "new.py").write_text(text, "utf-8")
    done = livedocs(built_copy, "check", "new.py")
    assert (done.returncode, done.stdout) == (0, "")
    assert "UserWarning: beware" in done.stderr


def test_each_page_ends_in_its_provenance_without_host_or_time(built: Path) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=built, capture_output=True, text=True, check=True
    ).stdout[:10]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "matplotlib")]
    start = f"Built from commit {commit} with Python {platform.python_version()}, "
    pages = [*(built / "site").glob("[ic]*.html"), *(built / "site/notebooks").rglob("*.html")]
    assert len(pages) == 8
    for page in pages:
        (line,) = re.findall(r'<p class="provenance"[^>]*>(.*?)</p>', page.read_text("utf-8"))
        assert line.startswith(start + ", ".join(versions) + " on ")
        assert platform.node() not in line
        assert not re.search(r"\d:\d\d|20\d\d-", line)


def test_a_project_unpacked_in_another_repository_claims_no_commit_of_that(
    built: Path, tmp_path: Path
) -> None:
    variables = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    git = ["git", "-C", str(tmp_path), "-c", "user.name=toy", "-c", "user.email=toy@localhost"]
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "Other"]):
        subprocess.run([*git, *command], env=variables, check=True)
    inner = tmp_path / "inner"
    shutil.copytree(built, inner, ignore=shutil.ignore_patterns(".git", ".cache", "site"))
    assert provenance.commit(inner) is None
    assert provenance.commit_time(inner) == 0
    assert provenance.line(load(inner)).startswith("Built without a commit ")
    # What is that repository's own folder has its commit.
    subprocess.run([*git, "add", "inner/pyproject.toml"], env=variables, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "Inner"], env=variables, check=True)
    assert provenance.commit_time(inner) > 0


def _block(path: str) -> Callable[[Path], None]:
    """Put a file where the engine wants a folder, as a read-only checkout would stop it."""

    def block(root: Path) -> None:
        shutil.rmtree(root / path)
        (root / path).write_text("not a folder")

    return block


@pytest.mark.parametrize("path", [".cache", ".cache/livedocs/sites", "docs", "snippets"])
def test_an_error_of_the_system_is_one_line(
    built_copy: Path, livedocs: Livedocs, path: str
) -> None:
    shutil.rmtree(built_copy / "site")
    _block(path)(built_copy)
    done = livedocs(built_copy)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "did not expect" not in done.stderr
    assert path in done.stderr.splitlines()[0]


def test_a_root_that_is_none_is_one_line(tmp_path: Path, livedocs: Livedocs) -> None:
    done = livedocs(tmp_path / "nowhere", "build")
    assert (done.returncode, done.stderr) == (
        1,
        f"error: {tmp_path / 'nowhere'}: No such file or directory\n",
    )


def test_files_that_extensions_name_are_found_from_elsewhere(
    built_copy: Path, tmp_path: Path, livedocs: Livedocs, monkeypatch: pytest.MonkeyPatch
) -> None:
    (built_copy / "words.md").write_text("*[mean]: the sum by the count\n")
    with (built_copy / "mkdocs.yml").open("a") as config:
        config.write("  - abbr\n  - pymdownx.snippets:\n      auto_append: [words.md]\n")
    monkeypatch.chdir(tmp_path)
    assert livedocs(built_copy).returncode == 0
    page = (built_copy / "site" / "index.html").read_text("utf-8")
    assert re.search(r'<abbr [^>]*title="the sum by the count"[^>]*>mean</abbr>', page)


def test_a_changed_tree_says_so(built_copy: Path, livedocs: Livedocs) -> None:
    chapter = built_copy / "docs" / "index.md"
    chapter.write_text(chapter.read_text("utf-8") + "\nMore.\n", "utf-8")
    assert livedocs(built_copy).returncode == 0
    assert ", changed since," in (built_copy / "site" / "index.html").read_text("utf-8")


def test_in_ci_links_lead_to_the_repository_and_faults_are_marked(
    built_copy: Path, livedocs: Livedocs
) -> None:
    ci = {
        "GITHUB_SERVER_URL": "https://example.org",
        "GITHUB_REPOSITORY": "toy/toy",
        "GITHUB_ACTIONS": "true",
    }
    before = (built_copy / "site" / "index.html").read_text("utf-8")
    named = r'<a href="([^"]+)">Its lines in the repository</a>'
    assert not re.search(named, before)
    assert livedocs(built_copy, **ci).returncode == 0
    page = (built_copy / "site" / "index.html").read_text("utf-8")
    links = re.findall(named, page)
    assert len(links) == 3
    assert all(
        re.fullmatch(r"https://example\.org/toy/toy/blob/[0-9a-f]{40}/snippets/.*#L\d+-L\d+", link)
        for link in links
    )
    chapter = built_copy / "docs" / "index.md"
    chapter.write_text(chapter.read_text("utf-8") + "\n`{value} basics/greet.py no`\n", "utf-8")
    done = livedocs(built_copy, **ci)
    assert done.returncode == 1
    line = chapter.read_text("utf-8").count("\n")
    assert f"::error file=docs/index.md,line={line}::" in done.stdout


def test_one_fault_in_a_module_is_one_line(built_copy: Path, livedocs: Livedocs) -> None:
    module = built_copy / "src" / "toy" / "words.py"
    text = module.read_text("utf-8")
    module.write_text(text.replace(".upper()", ".upper() + nowhere"), "utf-8")
    done = livedocs(built_copy)
    assert done.returncode == 1
    line = text[: text.index(".upper()")].count("\n") + 1
    told = [said for said in done.stderr.splitlines() if not said.startswith((" ", "["))]
    assert told[-2:] == [
        f"src/toy/words.py:{line}: NameError: name 'nowhere' is not defined "
        "(2 snippets fail for this)",
        "1 problem; nothing was published",
    ]
    assert done.stderr.count("Traceback") == 1
