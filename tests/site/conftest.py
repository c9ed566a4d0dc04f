"""The real site in a real browser: built with and without a repository's address, then opened."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted(f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md"))
API = sorted(f"api/{path.stem}.html" for path in (ROOT / "docs" / "api").glob("*.md"))
#: Two of the recipes, which are all made alike.
RECIPES = ["recipes/classify.html", "recipes/export.html"]
#: A page with figures, and one with a long table of numbers.
NOTEBOOKS = ["notebooks/gru/latch.html", "notebooks/parameters/chung.html"]
REPOSITORY = "https://github.com/example/gated"
#: The address that the site is built for, before a server has a port.
ADDRESS = "http://127.0.0.1/"
#: Pages of each kind.
ADDRESSES = CHAPTERS + RECIPES + NOTEBOOKS + API
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
COLOR_RULES = ["color-contrast", "link-in-text-block"]
#: What scrolls by itself where it is too wide, as in gated.css.
PANES = """.md-typeset :is(pre > code, .snippet-output pre, .jp-OutputArea-output pre,
    .snippet-table, .md-typeset__scrollwrap, .formula)"""
RULES: dict[str, dict[str, Any]] = {
    "all": {},
    "colors": {"runOnly": COLOR_RULES},
    "all but colors": {"rules": {name: {"enabled": False} for name in COLOR_RULES}},
}
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "site", ".cache", "__pycache__", ".*_cache"
)
#: The recorded results in the wheel.
RECORDS = "gated/records/"


@pytest.fixture(scope="session")
def mark(built_site: Path) -> Callable[..., str]:
    """Return a hash of all that decides what a program of the site gives, and of ``parts``.

    Of the records in the wheel, these are the ones that ``parts`` name.
    """
    (wheel,) = (built_site / "wheels").glob("gated-*.whl")
    with zipfile.ZipFile(wheel) as opened:
        members = {name: opened.read(name) for name in sorted(opened.namelist())}
    lock = (ROOT / "requirements.lock").read_bytes()
    # What pip checks its files by, with the hash of each.
    members = {name: data for name, data in members.items() if not name.endswith("/RECORD")}

    def of(*parts: str | bytes) -> str:
        texts = [part.encode() if isinstance(part, str) else part for part in parts]
        said = b"".join(texts)
        around = [
            name.encode() + data
            for name, data in members.items()
            if not name.startswith(RECORDS) or Path(name).stem.encode() in said
        ]
        state = hashlib.sha256()
        for data in (*around, lock, *texts):
            state.update(hashlib.sha256(data).digest())
        return state.hexdigest()[:16]

    return of


@pytest.fixture(params=CHAPTERS)
def chapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=ADDRESSES)
def address(request: pytest.FixtureRequest) -> str:
    """Return the address of each kind of page below the site."""
    return str(request.param)


@pytest.fixture(scope="session")
def addresses() -> list[str]:
    return ADDRESSES


@pytest.fixture(params=["index.html", "gru.html", "api/gated.html", *NOTEBOOKS])
def page_of_its_kind(request: pytest.FixtureRequest) -> str:
    """Return the address of a page whose kind shares the colors of its header."""
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

    def do_GET(self) -> None:
        """Serve a file; in the site map with the address that the site has here."""
        if self.path != "/sitemap.xml":
            super().do_GET()
            return
        text = Path(self.directory, "sitemap.xml").read_text("utf-8")
        body = text.replace(ADDRESS, f"http://{self.headers['Host']}/").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder that all workers of this run see."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let other workers wait until this one has built what all of them need."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _built_once(shared: Path, name: str, **variables: str) -> Path:
    site = shared / name
    with _one_at_a_time(shared):
        if not site.exists():
            project = shared / "project"
            if not project.exists():
                copy_project(project)
            build(project, **variables).rename(site)
    return site


@pytest.fixture(scope="session")
def unlinked_site(shared: Path, built_site: Path) -> Path:
    """Return the site as it is built where neither its repository nor its address is known."""
    if not any(map(os.environ.get, ("REPOSITORY_URL", "SITE_URL", "GITHUB_REPOSITORY"))):
        return built_site
    return _built_once(shared, "unlinked", REPOSITORY_URL="", SITE_URL="")


@pytest.fixture(scope="session")
def linked_site(shared: Path) -> Path:
    """Return the site as it is published."""
    return _built_once(shared, "linked", REPOSITORY_URL=REPOSITORY, SITE_URL=ADDRESS)


@pytest.fixture(scope="session")
def woven(shared: Path) -> Path:
    """Return a folder that holds the woven site as ``docs``, and what Zensical made of it."""
    folder = shared / "zensical" / ".cache" / "woven"
    with _one_at_a_time(shared):
        if not folder.exists():
            root = shared / "zensical"
            root.mkdir()
            for name in ("mkdocs.yml", "zensical.yml"):
                shutil.copy(ROOT / name, root)
            for name in ("src", "theme"):
                (root / name).symlink_to(ROOT / name)
            _run(root, "livedocs", "--root", str(ROOT), "weave", str(folder / "docs"))
            _run(root, "zensical", "build", "--strict", "--config-file", "zensical.yml")
    return folder


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def http_base(linked_site: Path) -> Iterator[str]:
    """Serve the site as it is published; yield its address."""
    with _serving(linked_site) as address:
        yield address


@pytest.fixture(scope="session")
def below(unlinked_site: Path) -> Iterator[str]:
    """Serve the site that knows no address of its own below a path; yield that address."""
    with _serving(unlinked_site.parent) as address:
        yield f"{address}{unlinked_site.name}/"


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    handler = partial(_Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


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


class Watch:
    """What went wrong in the pages of a test, whatever it does with them.

    A page must ask no other host for anything, miss no file, and raise no error.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []

    def over(self, context: BrowserContext) -> Page:
        """Open a page in ``context`` that is watched."""
        page = context.new_page()
        page.set_default_timeout(60_000)
        context.on("request", self._asked)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda entry: self._said(page, entry))
        page.on("response", self._answered)
        return page

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("file", "data", "blob") and parts.hostname != "127.0.0.1":
            self.faults.append(f"asked another host for {request.url}")

    def _said(self, page: Page, entry: ConsoleMessage) -> None:
        if entry.type in ("error", "warning"):
            self.faults.append(f"{page.url}: {entry.text}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400:
            self.faults.append(f"{answer.status} for {answer.url}")


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens an empty page of a browser that has seen none before."""
    watch = Watch()
    contexts = []

    def open_page(
        *, scheme: Literal["light", "dark"] = "light", width: int = 1280, clipboard: bool = False
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            permissions=["clipboard-read", "clipboard-write"] if clipboard else [],
        )
        contexts.append(context)
        return watch.over(context)

    yield open_page
    for context in contexts:
        context.close()
    assert not watch.faults


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Iterator[Callable[[bool], tuple[Page, Watch]]]:
    """Yield a function that returns the tab in which tests look, one after the other."""
    opened: dict[bool, tuple[Page, Watch]] = {}

    def tab(scripts: bool) -> tuple[Page, Watch]:
        if scripts not in opened:
            watch = Watch()
            page = watch.over(browser.new_context(java_script_enabled=scripts))
            opened[scripts] = page, watch
        return opened[scripts]

    yield tab
    for page, _ in opened.values():
        page.context.close()


@pytest.fixture
def page_at(tabs: Callable[[bool], tuple[Page, Watch]]) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens an address in the tab that other tests used before.

    A new tab, in a browser that has seen no page, takes longer than all that a test does in it.
    """
    used: dict[Page, Watch] = {}

    def open_page(address: str, *, width: int = 1280, scripts: bool = True) -> Page:
        page, watch = tabs(scripts)
        used[page] = watch
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="light")
        page.goto(address)
        return page

    yield open_page
    for page, watch in used.items():
        page.goto("about:blank")
        # What a page says too late is found by the next test; it names the page.
        faults, watch.faults = watch.faults, []
        assert not faults


@pytest.fixture(scope="session")
def violations() -> Callable[..., list[tuple[str, str, str]]]:
    """Return a function that asks axe about a page, in a scheme."""
    return _violations


def _leave_out_repetitions(page: Page) -> None:
    # A figure is one image to those who hear it, and a formula is its MathML: the thousand strokes
    # of the one, and the boxes of the other, which all have one color, would only take time.
    page.evaluate("document.querySelectorAll('svg[role=img]').forEach(e => e.replaceChildren())")
    page.evaluate(
        "document.querySelectorAll('.katex-html').forEach(e => { e.textContent = e.textContent })"
    )
    # What is of one class in one place has one color: the longest word stands for all its like.
    page.evaluate(
        """() => {
            const words = [...document.querySelectorAll('pre span:not(:has(*))')];
            const alike = Map.groupBy(words, word => {
                let place = `${word.checkVisibility()} `;
                for (let e = word; e; e = e.parentElement) place += `${e.tagName}.${e.className} `;
                return place;
            });
            for (const group of alike.values()) {
                group.sort((a, b) => b.textContent.length - a.textContent.length);
                group.slice(1).forEach(word => word.replaceWith(word.textContent));
            }
        }"""
    )


def _violations(
    page: Page,
    scheme: Literal["light", "dark"],
    kind: Literal["all", "colors", "all but colors"] = "all",
) -> list[tuple[str, str, str]]:
    """Return what axe finds, by rules of a kind, where the reader prefers ``scheme``."""
    page.emulate_media(color_scheme=scheme)
    name = {"light": "default", "dark": "slate"}[scheme]
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", name)
    # Code becomes a tab stop once its font is there and it is found to scroll.
    page.wait_for_function(
        "[...document.querySelectorAll('pre > code')]"
        ".every(e => e.scrollWidth <= e.clientWidth || e.tabIndex == 0)"
    )
    # A color that is on its way to another is neither.
    page.wait_for_function(
        """document.getAnimations().every(change =>
            change.playState != 'running' || change.effect.getTiming().iterations == Infinity)"""
    )
    if not page.evaluate("'axe' in window"):
        _leave_out_repetitions(page)
        page.add_script_tag(path=AXE)
        # Axe cannot tell which color lies beneath the shadows of a pane that scrolls.
        page.add_style_tag(content=f"{PANES} {{ background: var(--ground) !important }}")
    options = {"preload": False, "resultTypes": ["violations"], **RULES[kind]}
    found: dict[str, Any] = page.evaluate("options => axe.run(options)", options)
    looked_at = {rule["id"] for rule in found["passes"]}
    assert ("color-contrast" in looked_at) == (kind != "all but colors")
    return [
        (rule["id"], node["html"][:200], node["failureSummary"])
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
