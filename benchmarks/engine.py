"""The engine beside plain MkDocs and plain mkdocs-jupyter."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import yaml

from livedocs.blocks import Place
from livedocs.settings import load
from livedocs.site import Site

from .measure import Row, project_copy, seconds

TRIVIAL = 48
REPEATS = 5


def rows() -> Iterator[Row]:
    """Measure all that the engine is held to, but for serving."""
    yield overhead()
    with project_copy() as copy:
        yield clean_build(copy)
        yield unchanged(copy)


def overhead() -> Row:
    """Run trivial snippets from a cold start, the server's own imports included."""
    with TemporaryDirectory(prefix="gated-bench-") as name:
        folder = Path(name).resolve()
        (folder / "docs").mkdir()
        (folder / "snippets").mkdir()
        preload = ["numpy", "torch", "torch._inductor.config", "matplotlib.pyplot"]
        (folder / "pyproject.toml").write_text(f"[tool.livedocs]\npreload = {preload}\n")
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
    )


def clean_build(copy: Path) -> Row:
    """Build everything from nothing, beside mkdocs-jupyter running the scripts as notebooks."""
    ours = seconds(["livedocs", "build"], copy)
    with TemporaryDirectory(prefix="gated-bench-") as name:
        peer = _mkdocs(Path(name), execute=True, include="*.py")
        shutil.copytree(copy / "snippets", peer / "docs", dirs_exist_ok=True)
        theirs = seconds(["mkdocs", "build"], peer)
    return Row(
        "clean build / mkdocs-jupyter executing",
        f"{ours:.1f} s",
        f"{theirs:.1f} s",
        ours / theirs,
        "x",
        1 / 6,
    )


def unchanged(copy: Path) -> Row:
    """Build again with nothing changed, beside MkDocs building what the engine had made.

    The peer has the same chapters with their blocks left out, the same executed notebooks with
    mkdocs-jupyter's own cache warm, and the same files to copy, but no engine and no formulas.
    """
    with TemporaryDirectory(prefix="gated-bench-") as name:
        peer = _mkdocs(Path(name), execute=False, include="*.ipynb")
        site = Site(load(copy))
        site.prepare(lambda line: None)
        for path, chapter in site.chapters.items():
            text = (copy / path).read_text("utf-8")
            rendered = site.render(path, text, 1, Place(Path(path).stem + ".html"))
            (peer / chapter.path).write_text(rendered.markdown)
        shutil.copytree(copy / ".cache/livedocs/notebooks", peer / "docs", dirs_exist_ok=True)
        shutil.copytree(copy / "site/assets", peer / "docs/assets", dirs_exist_ok=True)
        shutil.copytree(copy / "theme", peer / "theme")
        seconds(["mkdocs", "build"], peer)
        ours, theirs = [], []
        for _ in range(REPEATS):
            ours.append(seconds(["livedocs", "build"], copy))
            theirs.append(seconds(["mkdocs", "build"], peer))
    return Row(
        "nothing changed / plain mkdocs build",
        f"{median(ours):.2f} s",
        f"{median(theirs):.2f} s",
        median(ours) / median(theirs),
        "x",
        1.3,
    )


def _mkdocs(folder: Path, *, execute: bool, include: str) -> Path:
    """Make a project with the site's theme and plugins, but without the engine."""
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text("# Home\n")
    theme = {"name": "material", "font": False, **({} if execute else {"custom_dir": "theme"})}
    notebooks = {"include": [include], "execute": execute, "allow_errors": True}
    config = {
        "site_name": "Peer",
        "use_directory_urls": False,
        "theme": theme,
        "plugins": ["search", "offline", {"mkdocs-jupyter": notebooks}],
        "markdown_extensions": [
            "abbr",
            "admonition",
            "attr_list",
            "footnotes",
            "md_in_html",
            "tables",
            {"pymdownx.arithmatex": {"generic": True}},
            "pymdownx.details",
            "pymdownx.highlight",
            "pymdownx.inlinehilite",
            "pymdownx.superfences",
            {"pymdownx.tabbed": {"alternate_style": True}},
        ],
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config))
    return folder
