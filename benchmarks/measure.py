"""What all benchmarks share: a row of the table, and copies of the project to work on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from time import perf_counter

import yaml
from mkdocs.utils.yaml import yaml_load

from livedocs.chapter import parse

ROOT = Path(__file__).parents[1]
#: What a build reads. The environment and npm's packages are linked, not copied.
PARTS = (
    "docs",
    "snippets",
    "src",
    "tests",
    "theme",
    "lab",
    "mkdocs.yml",
    "pyproject.toml",
    "README.md",
)
MORE = ("LICENSE", "hatch_build.py", "requirements.lock", "package-lock.json")


@dataclass(frozen=True)
class Row:
    """One measure beside its peer; ``figure`` must not exceed ``bar``, or must reach it."""

    what: str
    ours: str
    peer: str
    figure: float
    unit: str
    bar: float
    #: What the peer is.
    compared: str
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the bar is met."""
        return self.figure >= self.bar if self.at_least else self.figure <= self.bar

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "MISSED"
        figure = f"{self.figure:.2f}{self.unit}"
        bar = f"{'>=' if self.at_least else '<='} {self.bar:g}{self.unit}"
        line = f"{self.what:<46} {self.ours:>12} {self.peer:>9} {figure:>9} {bar:>10}  {verdict}"
        return f"{line}\n    beside {self.compared}"


def seconds(command: list[str], folder: Path) -> float:
    """Run ``python -m`` with ``command`` in ``folder`` and return how long it took."""
    return told(command, folder)[0]


def told(command: list[str], folder: Path) -> tuple[float, str]:
    """Run ``python -m`` with ``command`` and return how long it took and what it wrote."""
    # Not a pipe: a helper that outlives the command would hold it open.
    with TemporaryFile("w+") as output:
        start = perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=own_sources(folder),
            stdout=output,
            stderr=output,
            check=False,
        )
        took = perf_counter() - start
        output.seek(0)
        text = output.read()
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{text}")
    return took, text


def own_sources(folder: Path) -> dict[str, str]:
    """Return an environment in which the copy in ``folder`` imports its own modules."""
    return {**os.environ, "PYTHONPATH": str(folder / "src")}


@contextmanager
def project_copy(chapters: Collection[str] = ()) -> Iterator[Path]:
    """Give a copy of the project, without anything that a build left behind.

    With ``chapters`` it holds these alone and the snippets that they use.
    """
    with TemporaryDirectory(prefix="gated-bench-") as name:
        copy = Path(name).resolve()
        for part in (*PARTS, *MORE):
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, copy / part)
        (copy / "node_modules").symlink_to(ROOT / "node_modules")
        if chapters:
            _keep(copy, chapters)
        yield copy


def _keep(copy: Path, chapters: Collection[str]) -> None:
    """Remove the other chapters, what only they use, and what the map of the site says of them."""
    used: set[str] = set()
    # Works that only other chapters cite are cited where all are listed.
    listed = "references.md"
    works = yaml.safe_load((copy / "docs" / "references.yml").read_text("utf-8"))
    with (copy / "docs" / listed).open("a", encoding="utf-8") as file:
        file.write("".join(f"\n@{key}\n" for key in works))
    chapters = {*chapters, listed}
    for page in (copy / "docs").rglob("*.md"):
        if page.relative_to(copy / "docs").as_posix() in chapters:
            used.update(parse(page.name, page.read_text("utf-8")).snippets())
        else:
            page.unlink()
    for snippet in (copy / "snippets").rglob("*.py"):
        if snippet.relative_to(copy / "snippets").as_posix() not in used:
            snippet.unlink()
    config = yaml_load((copy / "mkdocs.yml").read_text("utf-8"))
    # Links to what is gone are no mistakes here.
    config |= {"nav": sorted(chapters), "strict": False}
    (copy / "mkdocs.yml").write_text(yaml.safe_dump(config))
