"""What is a chapter is for MkDocs to say, and what lies about in the folders breaks nothing."""

import subprocess
from collections.abc import Callable
from pathlib import Path

Livedocs = Callable[..., subprocess.CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]


def test_a_chapter_that_is_not_published_is_not_run(
    built_copy: Path, livedocs: Livedocs, tree: Tree
) -> None:
    with (built_copy / "mkdocs.yml").open("a", encoding="utf-8") as file:
        file.write("exclude_docs: /later.md\ndraft_docs: /latest.md\n")
    for name in ("later", "latest"):
        (built_copy / "snippets" / f"{name}.py").write_text("# %% one\n1 / 0\n")
        text = f"# Later\n\nIt takes 3.5 ms.\n\n```snippet {name}.py\n```\n\n`{{value}} no.py x`\n"
        (built_copy / "docs" / f"{name}.md").write_text(text)
    done = livedocs(built_copy)
    assert (done.returncode, done.stderr) == (0, "site/ is ready\n")
    assert not [name for name in tree(built_copy / "site") if "late" in name]
    # The other commands agree.
    done = livedocs(built_copy, "accept")
    assert (done.returncode, done.stderr) == (0, "")


def test_locks_of_editors_and_links_to_nothing_are_passed_over(
    built: Path, built_copy: Path, livedocs: Livedocs, tree: Tree
) -> None:
    folders = ("docs", "docs/evidence", "snippets/basics", "src/toy")
    for folder in folders:
        for name in (".#index.md", ".#greet.py", ".#speed.json"):
            (built_copy / folder / name).symlink_to("somebody@somewhere.1234")
    for folder in ("snippets", "src/toy"):
        (built_copy / folder / "gone.py").symlink_to("nothing.py")
    (built_copy / "docs" / "folder.md").mkdir()
    (built_copy / "site" / "index.html").unlink()
    done = livedocs(built_copy)
    assert (done.returncode, done.stderr) == (0, "site/ is ready\n")
    assert tree(built_copy / "site") == tree(built / "site")


def test_a_chapter_that_cannot_be_read_is_one_line(built_copy: Path, livedocs: Livedocs) -> None:
    (built_copy / "docs" / "gone.md").symlink_to("nothing.md")
    (built_copy / "docs" / "loop.md").symlink_to("loop.md")
    done = livedocs(built_copy)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "docs/gone.md: cannot be read: a link to nothing",
        "docs/loop.md: cannot be read: Too many levels of symbolic links",
        "2 problems; nothing was published",
    ]


def test_nothing_of_the_author_is_overwritten_nor_overwrites(
    built: Path, built_copy: Path, livedocs: Livedocs, tree: Tree
) -> None:
    paths = ["downloads/basics/greet.py", "downloads/mine.md", "notebooks/basics/greet.md"]
    for path in paths:
        file = built_copy / "docs" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# Mine\n")
    done = livedocs(built_copy)
    assert done.returncode == 1
    *lines, last = done.stderr.splitlines()
    assert last == "3 problems; nothing was published"
    message = 'docs/{}: "{}" holds what the engine makes: move this to another folder'
    assert sorted(lines) == [message.format(path, path.partition("/")[0]) for path in paths]
    assert tree(built_copy / "site") == tree(built / "site")
