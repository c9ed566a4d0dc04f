"""Files that commands of a project make: kept by content, published, told of where they fail."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from livedocs import making, provenance
from livedocs.mkdocs import published
from livedocs.problems import Failed, Problem
from livedocs.settings import Making, Settings, load

Livedocs = Callable[..., subprocess.CompletedProcess[str]]

#: Copies what it is made from, in capital letters, and counts how often it ran.
COMMAND = """
import os, pathlib, sys
folder = pathlib.Path(sys.argv[1], "deep")
folder.mkdir()
text = pathlib.Path("parts/word.txt").read_text()
if "?" in text:
    sys.exit("parts/word.txt:1:4: what is this?\\nand more of it")
(folder / "word.js").write_text(text.upper() + os.environ.get("TAIL", ""))
with open(".cache/runs", "a") as runs:
    runs.write("x")
"""
SETTINGS = """
[tool.livedocs.made."assets/toy/"]
command = ["python", "parts/make.py"]
sources = ["parts"]
"""


def with_parts(root: Path) -> Path:
    (root / "parts").mkdir()
    (root / "parts" / "make.py").write_text(COMMAND, "utf-8")
    (root / "parts" / "word.txt").write_text("toy", "utf-8")
    return root


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Making(("python", "parts/make.py"), ("parts",), ("TAIL",))
    return Settings(with_parts(tmp_path), made={"assets/toy/": made})


def test_nothing_is_made_that_there_is_no_use_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = settings.made.values()
    needing = replace(settings, made={"assets/toy/": replace(made, needs="TOY_URL")})
    monkeypatch.delenv("TOY_URL", raising=False)
    assert not making.build(needing).files
    monkeypatch.setenv("TOY_URL", "somewhere")
    assert making.build(needing).files == making.build(settings).files


def runs(settings: Settings) -> int:
    return len((settings.root / ".cache" / "runs").read_text("utf-8"))


def test_files_are_made_once_for_each_state_of_what_decides_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def words() -> dict[str, bytes]:
        return dict(making.build(settings).files)

    address = "assets/toy/deep/word.js"
    assert [words(), words()] == [{address: b"TOY"}] * 2
    assert runs(settings) == 1
    word = settings.root / "parts" / "word.txt"
    word.write_text("new", "utf-8")
    assert words() == {address: b"NEW"}
    monkeypatch.setenv("TAIL", "!")
    assert words() == {address: b"NEW!"}
    assert runs(settings) == 3
    word.write_text("toy", "utf-8")
    monkeypatch.delenv("TAIL")
    assert words() == {address: b"TOY"}
    assert runs(settings) == 3
    for kept in (settings.cache_folder / "made").iterdir():
        kept.write_bytes(kept.read_bytes()[:-1])
    assert words() == {address: b"TOY"}
    assert runs(settings) == 4


def test_a_fault_that_a_command_places_is_one_of_that_line(settings: Settings) -> None:
    (settings.root / "parts" / "word.txt").write_text("toy?", "utf-8")
    for _ in range(2):  # a failure is never kept
        with pytest.raises(Failed) as failed:
            making.build(settings)
        assert list(map(str, failed.value.problems)) == ["parts/word.txt:1: what is this?"]


def test_another_fault_names_what_could_not_be_made(settings: Settings) -> None:
    (settings.root / "parts" / "word.txt").unlink()
    with pytest.raises(Problem) as failed:
        making.build(settings)
    assert str(failed.value).startswith('pyproject.toml: "assets/toy/" could not be built: ')
    assert str(failed.value).endswith("No such file or directory: 'parts/word.txt'")


def test_node_is_that_of_the_environment() -> None:
    said = subprocess.run([making.program("node"), "--version"], capture_output=True, text=True)
    assert re.fullmatch(r"v\d+\.\d+\.\d+\n", said.stdout)
    assert ".venv" in making.program("node") or "site-packages" in making.program("node")


@pytest.fixture
def project(built_copy: Path) -> Path:
    """A built project with a command added to it."""
    with (built_copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS)
    return with_parts(built_copy)


def test_what_is_made_is_published_and_woven(
    project: Path, tmp_path: Path, livedocs: Livedocs, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert livedocs(project).returncode == 0
    assert (project / "site/assets/toy/deep/word.js").read_text("utf-8") == "TOY"
    woven = tmp_path / "woven"
    assert livedocs(project, "weave", str(woven)).returncode == 0
    assert (woven / "assets/toy/deep/word.js").read_text("utf-8") == "TOY"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(provenance.commit_time(project)))
    assert published.is_current(load(project), project / "site")
    (project / "parts" / "word.txt").write_text("new", "utf-8")
    assert not published.is_current(load(project), project / "site")


def test_a_command_that_fails_leaves_the_site_of_before(project: Path, livedocs: Livedocs) -> None:
    (project / "parts" / "word.txt").write_text("?", "utf-8")
    before = (project / "site/index.html").read_bytes()
    done = livedocs(project)
    assert done.returncode == 1
    assert "parts/word.txt:1: what is this?" in done.stderr.splitlines()
    assert (project / "site/index.html").read_bytes() == before


def test_a_figure_stands_in_the_widget_that_its_block_names(
    built_copy: Path, tmp_path: Path, livedocs: Livedocs
) -> None:
    def build(widget: str) -> subprocess.CompletedProcess[str]:
        alt = "alt: A line that rises from 0 to 1.\n"
        chapter.write_text(text.replace(alt, f"{alt}widget: {widget}\n"), "utf-8")
        return livedocs(built_copy)

    chapter = built_copy / "docs" / "charts.md"
    text = chapter.read_text("utf-8")

    (built_copy / "widgets").mkdir()
    (built_copy / "widgets" / "rising-line.ts").touch()
    settings = built_copy / "pyproject.toml"
    table = "[tool.livedocs]\n"
    named = f'{table}widgets = "widgets/*.ts"\n'
    named += 'widget_options.rising-line = { slope = ["gentle", "steep"] }\n'
    settings.write_text(settings.read_text("utf-8").replace(table, named, 1), "utf-8")

    faults = {
        "rising-lime": 'no widget is called "rising-lime". Did you mean "rising-line"?',
        "rising-line slop=steep": (
            'the widget "rising-line" has no option "slop". Did you mean "slope"?'
        ),
        "rising-line slope=steap": '"slope" cannot be "steap" here. Did you mean "steep"?',
    }
    for widget, message in faults.items():
        done = build(widget)
        assert done.returncode == 1
        assert f"docs/charts.md:7: {message}" in done.stderr.splitlines()

    linked = "[Make it *steep*](#rising-line.slope=2&rising-line.at=1)"
    text += f"\n{linked}\n\n[Another](#rising-lime.slope=2), [a second](#rising-line-2.slope=2)\n"
    done = build("rising-line slope=steep")
    assert done.returncode == 1
    line = text.count("\n") + 1  # with that of the widget
    for widget in ("rising-lime", "rising-line-2"):
        near = 'stands on this page. Did you mean "rising-line"?'
        assert f'docs/charts.md:{line}: no widget "{widget}" {near}' in done.stderr.splitlines()

    text = text.rpartition("\n\n")[0] + "\n"
    done = build("rising-line slope=steep")
    assert done.returncode == 0, done.stderr
    page = (built_copy / "site/charts.html").read_text("utf-8")
    step = '<a class="widget-step" href="#rising-line.slope=2&amp;rising-line.at=1">'
    assert f"<p>{step}Make it <em>steep</em></a></p>" in page
    element = r'<rising-line data-slope="steep">\n(.*?)\n</rising-line>'
    (stands,) = re.findall(element, page, re.DOTALL)
    assert re.fullmatch(r"<figure [^>]*><svg .*</svg></figure>", stands, re.DOTALL)
    # For any other reader it is the figure alone.
    woven = tmp_path / "woven"
    assert livedocs(built_copy, "weave", str(woven)).returncode == 0
    page = (woven / "charts.md").read_text("utf-8")
    assert "![A line that rises from 0 to 1.](figures/charts/line/line-1.svg)" in page
    assert "\nMake it *steep*\n" in page
    assert "rising-line" not in page
