"""The commands that need MkDocs: build the site, and serve it."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from livedocs import provenance, runner
from livedocs.problems import Failed, Problem
from livedocs.settings import load

from . import published

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from .plugin import LivedocsPlugin

log = logging.getLogger("mkdocs.livedocs")

#: Where the site is published.
_SITE = "site"


def build(root: Path) -> int:
    """Build the site; what was published before stays until the new one is whole."""
    provenance.fix_environment(root)
    _log()
    settings = load(root)
    if published.is_current(settings, root / _SITE):
        log.info("site/ is ready: nothing has changed")
        return 0
    if not (root / _SITE).exists():  # the snippets will run: it imports while MkDocs does
        runner.warm_up(settings)
    from mkdocs.commands import build as mkdocs
    from mkdocs.config import load_config

    _sweep(settings.cache_folder)
    fresh = settings.cache_folder / "sites" / str(os.getpid())
    try:
        config = load_config(str(root / "mkdocs.yml"), site_dir=str(fresh))
        katex = Path(plugin_of(config).config.katex, "package.json")
        named = (config.theme.custom_dir, *config.hooks, *config.watch, katex)
        inputs = [os.path.relpath(str(path), root) for path in named if path]
        made_from = published.made_from(settings, inputs)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            mkdocs.build(config)
        finally:
            config.plugins.on_shutdown()
        published.remember(settings, inputs, made_from, fresh)
        _publish(fresh, root / _SITE)
        log.info("site/ is ready")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return 0


def plugin_of(config: MkDocsConfig) -> LivedocsPlugin:
    """Return the plugin of a site. Raises Problem: it has none."""
    from .plugin import LivedocsPlugin

    plugin = config.plugins.get("livedocs")
    if isinstance(plugin, LivedocsPlugin):
        return plugin
    raise Problem("mkdocs.yml", None, 'names no plugin "livedocs"')


def _publish(fresh: Path, site: Path) -> None:
    """Put the finished site in the old one's place."""
    old = fresh.with_name(f"{fresh.name}-old")
    with (fresh.parent / ".lock").open("w") as lock:
        # Another build may come to its end at the same moment.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if site.exists():
            site.rename(old)
        fresh.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def _sweep(cache: Path) -> None:
    """Remove what builds left in the cache that were killed."""
    sites = {left: left.name for left in cache.glob("sites/[0-9]*")}
    files = {left: left.name.removeprefix(".new-") for left in cache.rglob(".new-[0-9]*-*")}
    for left, name in (sites | files).items():
        try:
            os.kill(int(name.partition("-")[0]), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
        except PermissionError:
            continue  # it works for somebody else


def serve(root: Path, host: str, port: int) -> int:
    """Serve the site, and build it at every edit, until this is interrupted."""
    from .server import Server

    provenance.fix_environment(root)
    _log()
    with TemporaryDirectory(prefix="livedocs-") as folder:
        Server(root, host, port, Path(folder)).run()
    return 0


def _log() -> None:
    """Show what our own steps say, and everybody's warnings."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    # What MkDocs says of an error of ours adds nothing to it.
    ours = logging.getLogger("mkdocs.commands.build")
    ours.addFilter(lambda record: not isinstance(sys.exc_info()[1], Problem | Failed))
    log.setLevel(logging.INFO)
    # It looks for <img alt>; our figures are SVG and carry their description themselves.
    logging.getLogger("traitlets").setLevel(logging.ERROR)
