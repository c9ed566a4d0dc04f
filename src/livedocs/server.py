"""The server for whoever writes: an edit is built at once; what is wrong stands on each page."""

from __future__ import annotations

import errno
import html
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from watchdog.observers.polling import PollingObserver

from . import serving
from .files import below, digest, text_digest
from .problems import Problem, lines
from .settings import load

log = logging.getLogger("mkdocs.livedocs")

# MkDocs looks twice a second, which is half of the wait for a small edit.
_LOOK_SECONDS = 0.1
_TITLE = re.compile(rb"<h1\b|</body>")
_ENGINE = Path(__file__).parent


class Server(LiveReloadServer):
    """Serves the last site that could be built, with a red box for each fault found since."""

    def __init__(self, root: Path, host: str, port: int, folder: Path) -> None:
        """Take the address, and an empty folder for the sites built.

        Raises Problem where the address cannot be had, MkDocs's errors for a bad mkdocs.yml.
        """
        self._project = root
        self._engine = _engine()
        self._faults: list[str] = []
        self._folder = folder
        self._config: MkDocsConfig | None = self._load()
        self._plugins = self._config.plugins
        path = urlsplit(self._config.site_url or "/").path
        # A link to the newest site: a request finds that one or the one before.
        super().__init__(self.rebuild, host, port, str(folder / "now"), path)
        self.observer = PollingObserver(timeout=_LOOK_SECONDS)
        self.error_handler = self._no_page
        try:
            self.server_bind()
        except OSError as error:
            self.server_close()
            raise _cannot_serve(host, port, error) from None
        self.server_activate()

    def run(self) -> None:
        """Build the site and serve it until this is interrupted, and build it at every edit."""
        self._plugins.on_startup(command="serve", dirty=False)
        try:
            self.rebuild()
            self.observer.start()
            log.info(f"Serving on {self.url}")
            self.serve_thread.start()
            self._build_loop()  # type: ignore[no-untyped-call]
        except KeyboardInterrupt:
            log.info("Shutting down...")
        finally:
            self.shutdown()
            self._plugins.on_shutdown()

    def rebuild(self) -> None:
        """Build the site. What goes wrong is told, never raised: requests wait for the end."""
        with _heard() as faults:
            try:
                if _engine() != self._engine:
                    message = "the engine was changed: stop the server, and start it again"
                    raise Problem(_ENGINE.name, None, message)
                self._build()
            except Exception as error:
                for line in lines(error, self._project):
                    log.error(line)
        for fault in faults:
            serving.forget(fault)
        self._faults = faults

    def _build(self) -> None:
        config, self._config = self._config or self._load(), None
        self._watch(config)
        config.site_url = self.url
        fresh = Path(tempfile.mkdtemp(dir=self._folder))
        config.site_dir = str(fresh)
        try:
            build(config, serve_url=self.url)
        except BaseException:
            shutil.rmtree(fresh)
            raise
        link = self._folder / "next"
        link.symlink_to(fresh)
        link.replace(self.root)
        for site in self._folder.iterdir():
            if site not in (fresh, Path(self.root)):
                shutil.rmtree(site)

    def _load(self) -> MkDocsConfig:
        return load_config(str(self._project / "mkdocs.yml"), strict=False)

    def _watch(self, config: MkDocsConfig) -> None:
        """Watch all that a site is made from, what was named only now included."""
        settings, root = load(self._project), self._project
        names = ["mkdocs.yml", "pyproject.toml", settings.docs, settings.snippets, settings.sources]
        paths = [root / name for name in (*names, *settings.locks)]
        paths += [Path(path) for path in (config.theme.custom_dir, *config.watch) if path]
        for path in paths:
            if path.exists() and str(path) not in self._watched_paths:
                self.watch(str(path))

    def _no_page(self, code: int) -> bytes:
        """Return the page that stands where none was found, or none was built yet."""
        file = Path(self.root) / f"{code}.html"
        page = b"<!doctype html><title>Not found</title><body><h1>Not found</h1></body>"
        if file.is_file():
            page = file.read_bytes()
        return bytes(self._inject_js_into_html(page, self._visible_epoch))

    def _inject_js_into_html(self, content: bytes, epoch: int) -> Any:
        """Add a box for each fault that the page does not show at its place."""
        boxes = [_box(fault) for fault in self._faults if _shown(fault) not in content]
        title = _TITLE.search(content)
        place = title.start() if title else len(content)
        content = content[:place] + b"".join(boxes) + content[place:]
        return super()._inject_js_into_html(content, epoch)  # type: ignore[no-untyped-call]


def _shown(fault: str) -> bytes:
    return f"<pre>{html.escape(fault)}</pre>".encode()


def _box(fault: str) -> bytes:
    start = '<div class="admonition failure livedocs-problem" role="alert" '
    start += 'style="border: 2px solid #c00; padding: 0.6em">'
    title = '<p class="admonition-title">The site cannot be published like this</p>'
    return f"{start}{title}".encode() + _shown(fault) + b"</div>"


def _engine() -> str:
    return text_digest(*(digest(file) for file in below(_ENGINE)))


def _cannot_serve(host: str, port: int, error: OSError) -> Problem:
    if error.errno == errno.EADDRINUSE:
        other = f"make serve PORT={port + 1}"
        return Problem(f"{host}:{port}", None, f"another program serves there: try {other}")
    return Problem(f"{host}:{port}", None, f"cannot serve there: {error.strerror}")


class _Ear(logging.Handler):
    """Notes what builds warn of; a request for a page that is not there is none of theirs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.getMessage()
        if not record.name.startswith("mkdocs.livereload") and fault not in self.faults:
            self.faults.append(fault)


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Give a list that fills with the warnings and errors of a build."""
    logger, ear = logging.getLogger("mkdocs"), _Ear()
    logger.addHandler(ear)
    try:
        yield ear.faults
    finally:
        logger.removeHandler(ear)
