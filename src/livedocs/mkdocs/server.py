"""The server for whoever writes: an edit is built at once; what is wrong stands on each page.

The first page is there before anything has run: what is missing says so, and fills in.
"""

import errno
import hashlib
import html
import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers.polling import PollingObserver

from livedocs.files import below, digest, text_digest
from livedocs.problems import Problem, lines
from livedocs.settings import load

from .commands import plugin_of
from .serving import Served

log = logging.getLogger("mkdocs.livedocs")

# MkDocs looks twice a second, which is half of the wait for a small edit.
_LOOK_SECONDS = 0.1
_TITLE = re.compile(rb"<h1\b|</body>")
#: What any edit changes on every page, and nobody looks at.
_LAST_LINE = re.compile(rb'<p class="provenance".*?</p>')
_ENGINE = Path(__file__).parents[1]
#: While snippets run, the page in view is built as its own have run, and all others after so many
#: seconds, or so many times what that takes.
_BETWEEN_SECONDS, _BETWEEN_BUILDS = 5.0, 4.0
_SCRIPT = Path(__file__).with_name("reload.js").read_text("utf-8")
#: What the script asks for how many snippets have run, of how many, and how many pages are left.
_PROGRESS = "/livedocs-progress"


class Server(LiveReloadServer):
    """Serves the last site that could be built, with a red box for each fault found since."""

    def __init__(self, root: Path, host: str, port: int, folder: Path) -> None:
        """Take the address, and an empty folder for the site.

        Raises Problem where the address cannot be had, MkDocs's errors for a bad mkdocs.yml.
        """
        self._project = root
        self._engine = _engine()
        self._faults: list[str] = []
        self._config: MkDocsConfig | None = self._load()
        self._plugins = self._config.plugins
        self._plugin = plugin_of(self._config)
        self._due = 0.0
        path = urlsplit(self._config.site_url or "/").path
        super().__init__(self.rebuild, host, port, str(folder), path)
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
        self._served.tell = self._has_run
        try:
            self.rebuild()
            self.observer.start()
            log.info(f"Serving on {self.url}")
            self.serve_thread.start()
            self._build_while_wanted()
        except KeyboardInterrupt:
            log.info("Shutting down...")
        finally:
            self.shutdown()
            self._plugins.on_shutdown()

    @property
    def _served(self) -> Served:
        assert self._plugin.served is not None
        return self._plugin.served

    def rebuild(self) -> None:
        """Build the site. What goes wrong is told, never raised: the server goes on."""
        start = time.monotonic()
        with self._heard() as faults:
            try:
                if _engine() != self._engine:
                    message = "the engine was changed: stop the server, and start it again"
                    raise Problem(_ENGINE.name, None, message)
                self._build()
                # What MkDocs says of links to pages that are not there yet is told once they are.
                self._served.forget_at_fault(faults, later=self._has_gaps)
                if self._served.left:
                    self._want_build()
            except Exception as error:
                for line in lines(error, self._project):
                    log.error(line)
        self._faults = [fault for fault, is_sure in faults.items() if is_sure or not self._has_gaps]
        took = time.monotonic() - start
        self._due = time.monotonic() + max(_BETWEEN_SECONDS, _BETWEEN_BUILDS * took)
        log.info(f"built in {took:.1f} s")

    @property
    def _has_gaps(self) -> bool:
        return bool(self._served.has_gaps or self._served.background.left)

    @contextmanager
    def _heard(self) -> Iterator[dict[str, bool]]:
        """Give the warnings of a build, as they come, and whether each is sure to hold.

        The others are of links that may lead to what is still to be made: till that is there, the
        terminal does not show them.
        """
        faults: dict[str, bool] = {}

        def hear(record: logging.LogRecord) -> bool:
            if record.getMessage().startswith("A 'dirty' build"):
                return False
            is_sure = record.name == log.name or record.levelno > logging.WARNING
            # A request for a page that is not there is none of the build's.
            of_build = record.name.startswith("mkdocs") and "livereload" not in record.name
            if of_build and record.levelno >= logging.WARNING:
                faults[record.getMessage()] = is_sure
            return is_sure or not self._has_gaps

        terminal = logging.getLogger().handlers
        for handler in terminal:
            handler.addFilter(hear)
        try:
            yield faults
        finally:
            for handler in terminal:
                handler.removeFilter(hear)

    def watch(self, path: str, func: None = None, *, recursive: bool = True) -> None:
        """Build the site anew as anything changes at a path."""
        self._watched_paths[path] = 1
        changes = FileSystemEventHandler()
        changes.on_any_event = self._edited  # type: ignore[method-assign]
        self.observer.schedule(changes, path, recursive=recursive)

    def serve_request(self, environ: Any, start_response: Any) -> Any:
        """Answer a request; what is asked for is what goes first."""
        path = environ["PATH_INFO"]
        if path == _PROGRESS:
            start_response("200 OK", [("Content-Type", "application/json")])
            progress = (*self._served.background.progress, self._served.left)
            return [json.dumps(progress).encode()]
        if path.endswith((".html", "/")):
            page = path.removeprefix(self.mount_path)
            self._served.view = f"{page.removesuffix('.html')}.md" if page else "index.md"
            self._served.background.want(*self._in_view())
        return super().serve_request(environ, start_response)

    def _in_view(self) -> list[str]:
        """Return the snippets of the page that somebody looks at."""
        site = getattr(self._plugin, "site", None)
        path = f"{site.settings.docs}/{self._served.view}" if site else ""
        return list(site.chapters[path].snippets()) if site and path in site.chapters else []

    def _edited(self, event: FileSystemEvent) -> None:
        if not event.is_directory:
            self._served.background.forget()
            self._want_build()

    def _has_run(self, name: str) -> None:
        """Build the page in view as soon as it can be whole, all others from time to time."""
        is_whole = not self._served.background.left.intersection(self._in_view())
        is_due = time.monotonic() > self._due
        if not name or is_due or (is_whole and name in self._in_view()):
            self._want_build()

    def _want_build(self) -> None:
        with self._rebuild_cond:
            self._want_rebuild = True
            self._rebuild_cond.notify_all()

    def _build_while_wanted(self) -> None:
        """Build whenever something has changed; meanwhile, requests find the site before."""
        while not self._shutdown:
            with self._rebuild_cond:
                if not self._rebuild_cond.wait_for(lambda: self._want_rebuild, self.shutdown_delay):
                    continue
                while self._rebuild_cond.wait(self.build_delay):
                    pass  # until files have stopped changing
                self._want_rebuild = False
            self.rebuild()
            with self._epoch_cond:
                self._visible_epoch = self._wanted_epoch = time.monotonic_ns() // 1_000_000
                self._epoch_cond.notify_all()

    def _build(self) -> None:
        config, self._config = self._config or self._load(), None
        self._watch(config)
        config.site_url, config.site_dir = self.url, self.root
        build(config, serve_url=self.url, dirty=True)  # pages that are kept are passed over

    def _load(self) -> MkDocsConfig:
        return load_config(str(self._project / "mkdocs.yml"), strict=False)

    def _watch(self, config: MkDocsConfig) -> None:
        """Watch all that a site is made from, what was named only now included."""
        settings, root = load(self._project), self._project
        names = ["mkdocs.yml", "pyproject.toml", settings.docs, settings.snippets, settings.sources]
        paths = [root / name for name in (*names, *settings.locks)]
        paths += [Path(path) for path in (config.theme.custom_dir, *config.watch) if path]
        paths += [path for path in settings.made_from if not {*path.parents} & {*paths}]
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
        shown = _LAST_LINE.sub(b"", content) + self._served.beside.encode()
        made = hashlib.sha256(shown).hexdigest()[:16]
        call = f'livereload({epoch}, {time.monotonic_ns()}, "{made}")'
        end = content.rfind(b"</body>") % (len(content) + 1)
        script = f"<script>\n{_SCRIPT}\n{call}\n</script>"
        return content[:end] + script.encode() + content[end:]


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
