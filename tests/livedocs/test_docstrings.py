"""Pages of docstrings are kept as they are made, follow their docstrings and pass no mistake on."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from mkdocs.utils.yaml import yaml_load

Livedocs = Callable[..., subprocess.CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]

ROOT = Path(__file__).parents[2]
#: The modules that have a page: no snippet imports them, so an edit to one runs nothing.
MODULES = {
    "scales": '''\
"""Scales of $x$, where [`shift`][toy.shifts.shift] moves it."""


class Scale:
    r"""A factor for all numbers: $$y = kx$$

    Source: a ruler.
    """

    def __init__(self, k: float) -> None:
        self.k = k

    def of(self, x: float) -> float:
        """Return $kx$."""
        return self.k * x
''',
    "shifts": '''\
"""Shifts, which know of [`Scale.of`][toy.scales.Scale.of]."""

from toy.scales import Scale


def shift(x: float, scale: Scale) -> float:
    """Return $x + 1$, scaled.

    Args:
        x: What is moved.
        scale: What is applied to it then.
    """
    return scale.of(x + 1)
''',
}


@pytest.fixture
def project(built_copy: Path) -> Path:
    """A built project that has a reference too, with the options that this project's own has."""
    (built_copy / "node_modules").symlink_to(ROOT / "node_modules")
    (built_copy / "docs" / "api").mkdir()
    for name, source in MODULES.items():
        (built_copy / "src" / "toy" / f"{name}.py").write_text(source, "utf-8")
        (built_copy / "docs" / "api" / f"{name}.md").write_text(f"::: toy.{name}\n", "utf-8")
    ours = yaml_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    (options,) = (plugin for plugin in ours["plugins"] if "mkdocstrings" in plugin)
    file = built_copy / "mkdocs.yml"
    config = file.read_text("utf-8")
    for key, value in (
        ("plugins", options),
        ("nav", {"API": [f"api/{name}.md" for name in MODULES]}),
        ("markdown_extensions", {"pymdownx.arithmatex": {"generic": True}}),
    ):
        assert f"\n{key}:\n" in config
        item = yaml.safe_dump([value], default_flow_style=True, width=10_000).strip()[1:-1]
        config = config.replace(f"\n{key}:\n", f"\n{key}:\n  - {item}\n")
    file.write_text(config, "utf-8")
    return built_copy


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")


def test_a_page_is_the_same_in_each_build_and_follows_its_docstring(
    project: Path, livedocs: Livedocs, tree: Tree
) -> None:
    done = livedocs(project)
    assert done.returncode == 0, done.stderr
    first = tree(project / "site" / "api")
    assert first.keys() == {f"{name}.html" for name in MODULES}
    for page in first.values():
        assert b'class="katex"' in page
    assert b'href="scales.html#toy.scales.Scale.of"' in first["shifts.html"]
    chapter = project / "docs" / "index.md"
    chapter.write_text(chapter.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    assert livedocs(project).returncode == 0
    assert tree(project / "site" / "api") == first

    edit(project / "src" / "toy" / "scales.py", "A factor for all", "One factor for the")
    assert livedocs(project).returncode == 0
    second = tree(project / "site" / "api")
    assert b"One factor for the numbers" in second["scales.html"]
    assert {name for name in first if first[name] != second[name]} == {"scales.html"}


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        ("Return $a^$.", "src/toy/shifts.py:7: KaTeX parse error"),
        ("[`Scale`][toy.scales.Skale]", "Could not find cross-reference target 'toy.scales.Skale'"),
        ("Return it.\n\n    Args:\n        y: None.", "'y' does not appear"),
    ],
)
def test_a_mistake_in_a_docstring_stops_every_build(
    project: Path, livedocs: Livedocs, mistake: str, message: str
) -> None:
    edit(project / "src" / "toy" / "shifts.py", "Return $x + 1$, scaled.", mistake)
    for _ in range(2):
        done = livedocs(project)
        assert done.returncode == 1
        assert message in done.stderr
