"""The real site in a real browser: built with and without a repository's address, then opened."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted(f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md"))
API = sorted(f"api/{path.stem}.html" for path in (ROOT / "docs" / "api").glob("*.md"))
#: Two of the recipes, which are all made alike.
RECIPES = ["recipes/classify.html", "recipes/export.html"]
#: A page with figures, and one with a long table of numbers.
NOTEBOOKS = ["notebooks/gru/latch.html", "notebooks/parameters/chung.html"]
REPOSITORY = "https://github.com/example/gated"
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "site", ".cache", "__pycache__", ".*_cache"
)


@pytest.fixture(params=CHAPTERS)
def chapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=CHAPTERS + RECIPES + NOTEBOOKS + API)
def address(request: pytest.FixtureRequest) -> str:
    """Return the address of each kind of page below the site."""
    return str(request.param)


def copy_project(target: Path) -> Path:
    """Copy the project with its records, so that no snippet need run again, and commit it."""
    shutil.copytree(ROOT, target, ignore=NOT_COPIED, dirs_exist_ok=True)
    (target / "node_modules").symlink_to(ROOT / "node_modules")
    kept = ROOT / ".cache" / "livedocs"
    if kept.is_dir():
        unfinished = shutil.ignore_patterns("sites")
        shutil.copytree(kept, target / ".cache" / "livedocs", ignore=unfinished)
    git = [
        "git",
        "-C",
        str(target),
        "-c",
        "user.name=A reader",
        "-c",
        "user.email=reader@localhost",
    ]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "As it is"], check=True)
    return target


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project that a test may edit."""
    return copy_project(tmp_path_factory.mktemp("project"))


def build(project: Path, **variables: str) -> Path:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")}
    environment |= {"PYTHONPATH": str(project / "src"), **variables}
    command = [sys.executable, "-m", "livedocs", "--root", str(project), "build"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return project / "site"


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="session")
def copied_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("sites") / "project")


@pytest.fixture(scope="session")
def unlinked_site(copied_project: Path) -> Path:
    """Build the site as it is where neither its repository nor its address is known."""
    site = build(copied_project, REPOSITORY_URL="", SITE_URL="")
    return site.rename(copied_project.with_name("unlinked"))


@pytest.fixture(scope="session")
def http_base(copied_project: Path) -> Iterator[str]:
    """Build the site as it is published, serve it and yield its address."""
    handler = partial(_Handler, directory=str(copied_project.with_name("linked")))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        base = f"http://127.0.0.1:{server.server_port}/"
        site = build(copied_project, REPOSITORY_URL=REPOSITORY, SITE_URL=base)
        site.rename(copied_project.with_name("linked"))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield base
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def linked_site(copied_project: Path, http_base: str) -> Path:
    """Return the folder of the site as it is published."""
    return copied_project.with_name("linked")


@pytest.fixture(scope="session")
def file_base(linked_site: Path) -> str:
    return f"{linked_site.as_uri()}/"


@pytest.fixture(params=["http", "file"])
def base(request: pytest.FixtureRequest) -> str:
    """Return the address of the site on a server, and of its copy in the file system."""
    return str(request.getfixturevalue(f"{request.param}_base"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens an empty page.

    Whatever a test does with it, the page must ask no other host for anything, miss no file, and
    raise no error.
    """
    faults: list[str] = []
    contexts = []

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("file", "data", "blob") and parts.hostname != "127.0.0.1":
            faults.append(f"asked another host for {request.url}")

    def open_page(
        *, scheme: str = "light", width: int = 1280, scripts: bool = True, clipboard: bool = False
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
            permissions=["clipboard-read", "clipboard-write"] if clipboard else [],
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        context.on("request", asked)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda entry: (
                faults.append(f"{page.url}: {entry.text}")
                if entry.type in ("error", "warning")
                else None
            ),
        )
        page.on(
            "response",
            lambda answer: (
                faults.append(f"{answer.status} for {answer.url}") if answer.status >= 400 else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults
