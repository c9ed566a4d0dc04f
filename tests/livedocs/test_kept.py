"""What was made before is published again only where it is, by content, what would be made now."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from livedocs import making, provenance
from livedocs.mkdocs import published
from livedocs.settings import load

Livedocs = Callable[..., subprocess.CompletedProcess[str]]
Environment = Callable[[Path], dict[str, str]]
Tree = Callable[[Path], dict[str, bytes]]

DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda data: b"",
    lambda data: data[: len(data) // 2],
    lambda data: data[:-9] + b"\xff" + data[-8:],
]


def test_nothing_damaged_is_published(
    built: Path, built_copy: Path, livedocs: Livedocs, tree: Tree
) -> None:
    cache = built_copy / ".cache" / "livedocs"
    kinds = ("chapters", "made", "pages", "published", "records")
    files = [file for kind in kinds for file in (cache / kind).rglob("*") if file.is_file()]
    assert {file.relative_to(cache).parts[0] for file in files} == {*kinds}
    for number, file in enumerate(files):
        file.write_bytes(DAMAGES[number % len(DAMAGES)](file.read_bytes()))
    done = livedocs(built_copy)
    assert done.returncode == 0, done.stderr
    assert tree(built_copy / "site") == tree(built / "site")


def test_what_is_unchanged_is_not_made_again(
    built: Path, built_copy: Path, livedocs: Livedocs, tree: Tree
) -> None:
    done = livedocs(built_copy)
    assert (done.returncode, done.stderr) == (0, "site/ is ready: nothing has changed\n")
    assert tree(built_copy / "site") == tree(built / "site")
    page = built_copy / "site" / "index.html"
    page.write_bytes(page.read_bytes().replace(b"A word", b"A worm"))
    done = livedocs(built_copy)
    assert (done.returncode, done.stderr) == (0, "site/ is ready\n")
    assert tree(built_copy / "site") == tree(built / "site")


def test_what_is_wrong_is_told_at_each_build(built_copy: Path, livedocs: Livedocs) -> None:
    page = built_copy / "docs" / "index.md"
    bad = "{value} basics/greet.py nothing", "```snippet basics/greet.py nothing\n```"
    page.write_text("\n\n".join([page.read_text("utf-8"), f"`{bad[0]}`", bad[1]]), "utf-8")
    first, second = livedocs(built_copy), livedocs(built_copy)
    assert (first.returncode, first.stderr.count("docs/index.md:")) == (1, 2), first.stderr
    assert (second.returncode, second.stderr) == (1, first.stderr)


def _append(path: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write("\n")

    return change


def _new(path: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / path).write_text("new", "utf-8")

    return change


def _remove(path: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / path).unlink()

    return change


def _remove_all(path: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        shutil.rmtree(root / path)

    return change


CHANGES = {
    "a chapter": _append("docs/index.md"),
    "a file beside the chapters": _append("docs/evidence/speed.json"),
    "a new chapter": _new("docs/new.md"),
    "a link to nothing": lambda root: (root / "docs" / "new.md").symlink_to("nothing"),
    "a snippet": _append("snippets/basics/greet.py"),
    "a module": _append("src/toy/words.py"),
    "a file that a snippet reads": _append("src/toy/rows.txt"),
    "MkDocs's settings": _append("mkdocs.yml"),
    "the settings": _append("pyproject.toml"),
    "a lock": _append("requirements.lock"),
    "a README": _new("README.md"),
    "a page": _append("site/index.html"),
    "a page more": _new("site/new.html"),
    "a page less": _remove("site/charts.html"),
    "the whole site": _remove_all("site"),
    "the records": _remove_all(".cache/livedocs/records"),
    "the commit": _remove_all(".git"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_is_made_again(
    built_copy: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(provenance.commit_time(built_copy)))
    settings = load(built_copy)
    assert published.is_current(settings, built_copy / "site")
    CHANGES[change](built_copy)
    assert not published.is_current(settings, built_copy / "site")


@pytest.mark.parametrize("name", ["SOURCE_DATE_EPOCH", "SITE_URL", "REPOSITORY_URL"])
def test_another_environment_makes_it_again(
    built_copy: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(provenance.commit_time(built_copy)))
    settings = load(built_copy)
    assert published.is_current(settings, built_copy / "site")
    monkeypatch.setenv(name, "1")
    assert not published.is_current(settings, built_copy / "site")


@pytest.mark.parametrize("name", ["SITE_URL", "REPOSITORY_URL"])
def test_a_wheel_is_kept_for_each_address_that_it_may_name(
    built_copy: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    settings = load(built_copy)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    kept = settings.cache_folder / "made"
    counts = []
    for address in ("https://example.org/", "https://example.org/", "https://example.com/"):
        monkeypatch.setenv(name, address)
        making.build(settings)
        counts.append(sum(file.is_file() for file in kept.rglob("*")))
    assert counts[0] == counts[1] < counts[2]


def test_what_changes_while_a_site_is_made_is_not_taken_for_published(
    built_copy: Path, environment: Environment, livedocs: Livedocs
) -> None:
    """The chapter changes after MkDocs read it, before the site is published."""
    edit = built_copy / "docs" / "index.md"
    edit.write_text(edit.read_text("utf-8") + "\nBefore.\n", "utf-8")
    command = [sys.executable, "-c", _EDITED_MEANWHILE, str(built_copy), str(edit)]
    subprocess.run(command, env=environment(built_copy), check=True, capture_output=True)
    page = built_copy / "site" / "index.html"
    assert "Before." in page.read_text("utf-8")
    assert livedocs(built_copy).stderr == "site/ is ready\n"
    assert "Meanwhile." in page.read_text("utf-8")


_EDITED_MEANWHILE = """\
import sys
from pathlib import Path
from mkdocs.commands import build
from livedocs.__main__ import main

def then_edit(config, make=build.build):
    make(config)
    Path(sys.argv[2]).write_text("# Basics\\n\\nMeanwhile.\\n" + Path(sys.argv[2]).read_text())

build.build = then_edit
sys.exit(main(["--root", sys.argv[1], "build"]))
"""
