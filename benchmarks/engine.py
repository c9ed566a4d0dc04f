"""The engine beside plain MkDocs and plain mkdocs-jupyter."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import yaml
from mkdocs.utils.yaml import yaml_load

from livedocs.addresses import Place
from livedocs.mkdocs import chapters
from livedocs.runner import cores
from livedocs.settings import load
from livedocs.site import Site

from .measure import Row, project_copy, seconds, told

TRIVIAL = 48
#: Chapters whose snippets take less than a second each: the engine is measured, not their work.
SHORT = ("index.md", "gru.md", "lstm.md", "parameters.md")
REPEATS = 5


def rows() -> Iterator[Row]:
    """Measure all that the engine is held to, but for serving."""
    yield overhead()
    with project_copy(SHORT) as copy:
        yield clean_build(copy)
    with project_copy() as copy:
        yield cold(copy)
        yield unchanged(copy)
        yield edited(copy)


def overhead() -> Row:
    """Run trivial snippets from a cold start, the server's own imports included."""
    with TemporaryDirectory(prefix="gated-bench-") as name:
        folder = Path(name).resolve()
        (folder / "docs").mkdir()
        (folder / "snippets").mkdir()
        preload = ["numpy", "torch", "torch._inductor.config", "matplotlib.pyplot"]
        (folder / "pyproject.toml").write_text(
            f'[tool.livedocs]\npreload = {preload}\nenvironment = {{ OMP_NUM_THREADS = "1" }}\n'
        )
        page = []
        for number in range(TRIVIAL):
            script = f"# %% one\nimport torch\n\nprint(torch.arange({number}).sum().item())\n"
            (folder / "snippets" / f"s{number}.py").write_text(script)
            page.append(f"```snippet s{number}.py\n```\n")
        (folder / "docs" / "index.md").write_text("\n".join(page))
        # With no values in the prose, this command runs the snippets and nothing more.
        took = seconds(["livedocs", "accept"], folder)
    return Row(
        f"{TRIVIAL} trivial torch snippets, each",
        f"{took:.1f} s in all",
        "0 s",
        took / TRIVIAL,
        " s",
        0.15,
        compared="nothing: all of a cold start counts, the server's imports included",
    )


def clean_build(copy: Path) -> Row:
    """Build everything from nothing, beside mkdocs-jupyter running the scripts as notebooks."""
    ours = seconds(["livedocs", "build"], copy)
    with _plain(copy, execute=True, include=["notebooks/**/*.py"]) as peer:
        shutil.copytree(copy / "snippets", peer / "docs/notebooks")
        theirs = seconds(["mkdocs", "build"], peer)
    count = len(list((copy / "snippets").rglob("*.py")))
    return Row(
        f"clean build, {count} snippets: peer / ours",
        f"{ours:.1f} s",
        f"{theirs:.1f} s",
        theirs / ours,
        "x",
        6,
        at_least=True,
        compared="mkdocs-jupyter executing the same scripts, with the same chapters and theme",
    )


def cold(copy: Path) -> Row:
    """Build the whole site from nothing, beside the CPU time that its snippets alone take."""
    took, log = told(["livedocs", "build"], copy)
    alone = sum(float(spent) for spent in re.findall(r"^\[.*\] \S+ ([\d.]+) s$", log, re.MULTILINE))
    return Row(
        "whole site, cold: beyond 1.15 x snippets",
        f"{took:.0f} s",
        f"{alone:.0f} s",
        took - 1.15 * alone / cores(),
        " s",
        15,
        compared=f"the CPU time of all snippets, which {cores()} cores share",
    )


def unchanged(copy: Path) -> Row:
    """Build again with nothing changed."""
    took = median(seconds(["livedocs", "build"], copy) for _ in range(REPEATS))
    return Row(
        "whole site, nothing changed",
        f"{took:.2f} s",
        "0 s",
        took,
        " s",
        5,
        compared="nothing: from the command to its end",
    )


def edited(copy: Path) -> Row:
    """Build again with a line more in one chapter, beside MkDocs building what the engine made."""
    with _plain(copy, execute=False, include=["notebooks/**/*.ipynb"]) as peer:
        of_chapters = shutil.ignore_patterns("*.py", "chapters")
        shutil.copytree(copy / "site/downloads", peer / "docs/notebooks", ignore=of_chapters)
        for folder in ("assets", "downloads", "wheels"):
            shutil.copytree(copy / "site" / folder, peer / "docs" / folder)
        seconds(["mkdocs", "build"], peer)
        ours, theirs = [], []
        for number in range(REPEATS):
            with (copy / "docs" / "gru.md").open("a", encoding="utf-8") as chapter:
                chapter.write(f"\nEdit {number}.\n")
            ours.append(seconds(["livedocs", "build"], copy))
            theirs.append(seconds(["mkdocs", "build"], peer))
    return Row(
        "one line of prose changed: ours / peer",
        f"{median(ours):.2f} s",
        f"{median(theirs):.2f} s",
        median(ours) / median(theirs),
        "x",
        1.3,
        compared="plain mkdocs build of the rendered chapters and notebooks, its cache warm",
    )


@contextmanager
def _plain(copy: Path, *, execute: bool, include: list[str]) -> Iterator[Path]:
    """Give a project with the same configuration and rendered chapters, but without the engine.

    What the engine embeds stands in the chapters as HTML; only formulas are left as they are.
    """
    config = yaml_load((copy / "mkdocs.yml").read_text("utf-8"))
    config["plugins"].remove("livedocs")
    config["strict"] = False
    for plugin in config["plugins"]:
        if "mkdocs-jupyter" in plugin:
            plugin["mkdocs-jupyter"] |= {
                "execute": execute,
                "allow_errors": True,
                "include": include,
                "ignore": ["*.md"],
                "cache": True,
            }
    with TemporaryDirectory(prefix="gated-bench-") as name:
        folder = Path(name).resolve()
        (folder / "mkdocs.yml").write_text(yaml.safe_dump(config))
        shutil.copytree(copy / "theme", folder / "theme")
        shutil.copytree(copy / "docs", folder / "docs")
        site = Site(load(copy))
        site.prepare(lambda line: None)
        for path in site.chapters:
            text = (copy / path).read_text("utf-8")
            rendered = chapters.render(site, path, text, 1, Place(Path(path).stem + ".html"))
            (folder / path).write_text(chapters.put_in(site, rendered, rendered.markdown))
        yield folder
