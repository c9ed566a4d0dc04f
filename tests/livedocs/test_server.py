"""While serving, every fault shows in a red box, no request hangs, and what is mended is shown."""

import html
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

Environment = Callable[[Path], dict[str, str]]
Livedocs = Callable[..., subprocess.CompletedProcess[str]]

PATIENCE = 30.0


@dataclass
class Served:
    """A copy of the fixture project while it is served."""

    root: Path
    address: str

    def page(self, name: str = "index.html") -> str:
        try:
            with urllib.request.urlopen(f"{self.address}/{name}", timeout=PATIENCE) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()

    def wait_for(self, text: str, name: str = "index.html") -> str:
        return self._wait(lambda page: text in page, name, text)

    def wait_until_mended(self, name: str = "index.html") -> str:
        return self._wait(lambda page: "livedocs-problem" not in page, name, "no fault")

    def wait_until_made(self, name: str = "index.html") -> str:
        return self._wait(lambda page: "has not run yet" not in page, name, "its results")

    def _wait(self, seen: Callable[[str], bool], name: str, what: str) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if seen(page := self.page(name)):
                return page
            time.sleep(0.1)
        raise AssertionError(f"{name} never shows {what!r}")


@contextmanager
def serving(root: Path, environment: Environment) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    log = root.parent / "log"
    command = [sys.executable, "-m", "livedocs", "--root", str(root), "serve", "--address", place]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment(root), cwd=root.parent, stdout=output, stderr=output
        )
    try:
        end = time.monotonic() + PATIENCE
        while f"Serving on http://{place}/" not in log.read_text("utf-8"):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < end, log.read_text("utf-8")
            time.sleep(0.1)
        yield Served(root, f"http://{place}")
        assert process.poll() is None, log.read_text("utf-8")
        assert "Traceback" not in log.read_text("utf-8")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


#: A command that makes a script for the site, and how the settings name it.
_MAKE = """
import pathlib, sys
text = pathlib.Path("parts/word.txt").read_text()
if "?" in text:
    sys.exit("parts/word.txt:1:1: what is this?")
pathlib.Path(sys.argv[1], "word.js").write_text(text.upper())
"""
_MADE = """
[tool.livedocs.made."assets/toy/"]
command = ["python", "make.py"]
sources = ["make.py", "parts"]
"""


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, built: Path, environment: Environment
) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("served") / "project"
    shutil.copytree(built, root)
    (root / "parts").mkdir()
    (root / "parts" / "word.txt").write_text("word", "utf-8")
    (root / "make.py").write_text(_MAKE, "utf-8")
    with (root / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write(_MADE)
    with serving(root, environment) as served:
        yield served


@contextmanager
def changed(file: Path, data: bytes) -> Iterator[None]:
    """Have other contents in a file, or a new file, for a while."""
    before = file.read_bytes() if file.exists() else None
    file.write_bytes(data)
    try:
        yield
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)


FAULTS = {
    "not UTF-8": ("docs/charts.md", b"# Charts\n\xe9\n", "docs/charts.md:2: not UTF-8: byte 0xe9"),
    "a typed number": (
        "docs/new.md",
        b"# New\n\nIt takes 3.5 ms.\n",
        "docs/new.md:3: ",
    ),
    "an unused snippet": (
        "snippets/new.py",
        b"# %% one\n1\n",
        "snippets/new.py: no chapter uses it: show it in a chapter of docs/, or delete it",
    ),
    "a link to nowhere": (
        "docs/new.md",
        b"# New\n\n[there](nowhere.md)\n",
        "Doc file 'new.md' contains a link 'nowhere.md', but the target is not found among "
        "documentation files.",
    ),
    "settings": (
        "pyproject.toml",
        b"[tool.livedocs]\nsnippet = 1\n",
        'pyproject.toml: [tool.livedocs] has no "snippet". Did you mean "snippets"',
    ),
    "settings that are no TOML": ("pyproject.toml", b"[tool", "pyproject.toml: not TOML: "),
    "MkDocs's settings": ("mkdocs.yml", b"site_name: [", "error: MkDocs encountered"),
    "front matter that breaks a plugin": (
        "docs/new.md",
        b"---\ntemplate: none.html\n---\n# New\n",
        "none.html",
    ),
    "in the engine's place": (
        "docs/notebooks/new.md",
        b"# New\n",
        'docs/notebooks/new.md: "notebooks" holds what the engine makes: move this to another',
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_shows_until_it_is_mended(served: Served, name: str) -> None:
    path, data, message = FAULTS[name]
    file = served.root / path
    file.parent.mkdir(exist_ok=True)
    with changed(file, data):
        page = served.wait_for(html.escape(message))
        assert 'class="admonition failure livedocs-problem"' in page
        # The last good page is still there.
        assert name == "a link to nowhere" or "A word of 6 letters" in page
    assert "A word of 6 letters" in served.wait_until_mended()


def test_a_link_to_nowhere_is_told_again_at_the_next_edit(served: Served) -> None:
    chapter = served.root / "docs" / "index.md"
    with changed(served.root / "docs" / "new.md", b"# New\n\n[there](nowhere.md)\n"):
        served.wait_for("nowhere.md")
        with changed(chapter, chapter.read_bytes() + b"\nA new sentence.\n"):
            assert "nowhere.md" in served.wait_for("A new sentence.")
    served.wait_until_mended()


def test_an_edit_reaches_the_page_in_view_and_then_all_others(served: Served) -> None:
    """Whoever asks meanwhile gets a page as it was, or as it is: never a part of one."""
    snippet = served.root / "snippets" / "basics" / "greet.py"
    pages = ("index.html", "notebooks/basics/greet.html")
    for name in pages:
        served.wait_until_made(name)
    for number in range(3):
        mark = f"a mark, number {number}"
        text = snippet.read_text("utf-8")
        said = "print(greeting)\n"
        with changed(snippet, text.replace(said, f'{said}print("{mark}")\n').encode()):
            for name in pages:
                asked = [served.page(name)]
                while mark not in asked[-1]:
                    asked.append(served.page(name))
                assert all("</html>" in page for page in asked)
    served.wait_until_mended()


def test_an_edit_is_shown_after_the_cache_was_cleaned(served: Served) -> None:
    for folder in (".cache", "site"):
        shutil.rmtree(served.root / folder)
    chapter = served.root / "docs" / "index.md"
    with changed(chapter, chapter.read_bytes() + b"\nAfter cleaning.\n"):
        assert "livedocs-problem" not in served.wait_for("After cleaning.")
        # All has to run again, and the page fills in.
        served.wait_for('"a word needs letters"', "downloads/basics/greet.ipynb")
    served.wait_until_mended()


def test_the_theme_and_the_settings_are_watched(served: Served) -> None:
    config = served.root / "mkdocs.yml"
    own = "theme:\n  name: mkdocs\n  custom_dir: theme\n"
    (served.root / "theme").mkdir()
    main = served.root / "theme" / "main.html"
    main.write_text('{% extends "base.html" %}{% block footer %}The first{% endblock %}')
    with changed(config, config.read_bytes().replace(b"theme: mkdocs\n", own.encode())):
        served.wait_for("The first")
        main.write_text(main.read_text().replace("first", "second"))
        served.wait_for("The second")
    settings = served.root / "pyproject.toml"
    with changed(
        settings, settings.read_bytes().replace(b"provenance = [", b'provenance = ["pip", ')
    ):
        served.wait_for(", pip ")


def test_a_site_that_was_never_built_shows_why_and_leaves_no_folder(
    project: Path, environment: Environment, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()

    def of(root: Path) -> dict[str, str]:
        return {**environment(root), "TMPDIR": str(folder)}

    chapter = project / "docs" / "charts.md"
    with changed(chapter, b"\xff"), serving(project, of) as served:
        assert "docs/charts.md:1: not UTF-8: byte 0xff" in served.page()
        assert "docs/charts.md:1: not UTF-8" in served.page("charts.html")
        chapter.write_bytes(b"# Charts\n")
        served.wait_for("snippets/charts/line.py: no chapter uses it")
        assert list(folder.iterdir())
    assert list(folder.iterdir()) == []


SLOW = "# %% one\nimport time\n\ntime.sleep(1.0)\nprint('slow {0}')\n"


@pytest.fixture
def slow(project: Path) -> Path:
    """A project that was never built, and takes half a minute of one core to run."""
    for page in ("one", "two"):
        blocks = ""
        for number in range(6):
            (project / "snippets" / f"{page}{number}.py").write_text(SLOW.format(page), "utf-8")
            blocks += f"\n```snippet {page}{number}.py\n```\n"
        (project / "docs" / f"{page}.md").write_text(f"# Page {page}\n{blocks}", "utf-8")
    return project


def test_the_first_page_is_there_before_its_snippets_have_run_and_fills_in(
    slow: Path, environment: Environment
) -> None:
    with serving(slow, environment) as served:
        first = served.page()
        assert "has not run yet" in first
        assert "livedocs-problem" not in first
        done, count, _ = json.loads(served.page("livedocs-progress"))
        assert 0 <= done < count
        whole = served.wait_for("A word of 6 letters")
        assert "has not run yet" not in served.wait_until_made()
        assert "livedocs-problem" not in whole
        served.wait_for("[0, 0, 0]", "livedocs-progress")
        for name in ("one", "two"):
            page = served.wait_until_made(f"{name}.html")
            assert page.count(f"slow {name}") == 18  # to be copied, shown, printed


def settled(log: Path) -> int:
    """Return how many builds there were, once there are no more."""
    end, before, since = time.monotonic() + PATIENCE, -1, 0.0
    while time.monotonic() < max(end, since):
        count = log.read_text("utf-8").count("built in")
        if count != before:
            before, since = count, time.monotonic() + 3.0
        elif time.monotonic() > since:
            return count
        time.sleep(0.1)
    raise AssertionError("it is built again and again")


def test_a_bad_link_is_told_though_pages_were_missing_at_first(
    slow: Path, environment: Environment
) -> None:
    """At the first builds all links seem bad; in the end those are told that are."""
    for name in ("one", "two"):
        with (slow / "docs" / f"{name}.md").open("a", encoding="utf-8") as file:
            file.write("\n[to a heading](index.md#nowhere) [and one](charts.md#charts-more)\n")
    log = slow.parent / "log"
    with (slow / "mkdocs.yml").open("a", encoding="utf-8") as config:
        config.write("validation:\n  anchors: warn\n")
    with serving(slow, environment) as served:
        for name in ("one", "two"):
            served.wait_for(html.escape(f"Doc file '{name}.md' contains a link 'index.md#nowhere'"))
        assert "#charts-more" not in log.read_text("utf-8")
        served.wait_for("[0, 0, 0]", "livedocs-progress")
        assert settled(log) >= 3


def test_a_site_that_cannot_be_built_is_not_tried_again_and_again(
    project: Path, environment: Environment
) -> None:
    (project / "docs" / "charts.md").write_bytes(b"\xff")
    with serving(project, environment) as served:
        served.wait_for("not UTF-8")
        log = project.parent / "log"
        served.wait_for("[0, 0", "livedocs-progress")
        assert settled(log) <= 3


def test_the_page_in_view_goes_first(slow: Path, environment: Environment) -> None:
    log = slow.parent / "log"
    with serving(slow, environment) as served:
        served.wait_for("Page two", "two.html")
        served.wait_for("[0, 0, 0]", "livedocs-progress")
    ran = re.findall(r"^\[\d+/\d+\] snippets/(one|two)\d\.py", log.read_text("utf-8"), re.MULTILINE)
    assert sorted(ran) == ["one"] * 6 + ["two"] * 6
    # Those that ran already as the page was asked for come before.
    assert ran.index("two") < 6
    assert ran[ran.index("two") :][:6] == ["two"] * 6


def test_what_has_run_is_not_lost_where_the_server_is_stopped(
    slow: Path, environment: Environment
) -> None:
    log = slow.parent / "log"
    with serving(slow, environment) as served:
        end = time.monotonic() + PATIENCE
        while log.read_text("utf-8").count("slow") + log.read_text("utf-8").count("/one") < 3:
            assert time.monotonic() < end
            time.sleep(0.1)
        before = len(re.findall(r"^\[", log.read_text("utf-8"), re.MULTILINE))
    with serving(slow, environment) as served:
        served.wait_for("[0, 0, 0]", "livedocs-progress")
        again = re.search(r"running (\d+) of (\d+) snippets", log.read_text("utf-8"))
        assert again is not None
        assert int(again[1]) <= int(again[2]) - before


def test_a_page_knows_whether_it_was_made_otherwise(served: Served) -> None:
    """By a digest that another page's edit does not change."""
    made = re.compile(r'^livereload\(\d+, \d+, "(\w+)"\)$', re.MULTILINE)

    def digests() -> list[str]:
        return [made.findall(served.page(name))[0] for name in ("index.html", "charts.html")]

    def wait_for_others() -> None:
        end = time.monotonic() + PATIENCE
        while digests() == before:
            assert time.monotonic() < end
            time.sleep(0.1)

    settled(served.root.parent / "log")  # after whatever was edited before
    before = digests()
    chapter = served.root / "docs" / "index.md"
    with changed(chapter, chapter.read_bytes() + b"\nWritten now.\n"):
        served.wait_for("Written now.")
        now = digests()
    assert now[0] != before[0]
    assert now[1] == before[1]
    served.wait_until_mended()
    settled(served.root.parent / "log")
    before = digests()
    word = served.root / "parts" / "word.txt"
    with changed(word, b"other"):
        served.wait_for("OTHER", "assets/toy/word.js")
        wait_for_others()  # every page loads scripts
    served.wait_for("WORD", "assets/toy/word.js")
    with changed(word, b"?"):
        served.wait_for("parts/word.txt:1: what is this?")
    served.wait_until_mended()


def test_a_taken_port_is_said_before_anything_is_built(project: Path, livedocs: Livedocs) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = livedocs(project, "serve", "--address", f"127.0.0.1:{port}")
    assert done.returncode == 1
    assert done.stderr == (
        f"127.0.0.1:{port}: another program serves there: try make serve PORT={port + 1}\n"
    )
    assert not (project / ".cache").exists()


@pytest.mark.parametrize("address", ["127.0.0.1:http", "8000", "127.0.0.1:70000", "127.0.0.1:-1"])
def test_a_port_that_is_none_is_refused(project: Path, livedocs: Livedocs, address: str) -> None:
    done = livedocs(project, "serve", f"--address={address}")
    assert done.returncode == 2
    message = f'"{address}" is not HOST:PORT with a port up to 65535'
    assert done.stderr.splitlines()[-1].endswith(message)


def test_a_host_that_is_none_is_one_line(project: Path, livedocs: Livedocs) -> None:
    done = livedocs(project, "serve", "--address", "192.0.2.1:8000")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("192.0.2.1:8000: cannot serve there: ")
