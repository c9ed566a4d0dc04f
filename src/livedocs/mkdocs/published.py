"""The site that was published last: where nothing has changed since, it need not be made again."""

import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from livedocs import provenance
from livedocs.addresses import download_url
from livedocs.cache import Cache, installed
from livedocs.files import below, digest, text_digest
from livedocs.problems import Problem
from livedocs.settings import Settings
from livedocs.snippets import read
from livedocs.store import Store

_NAME = "last"
_ENGINE = Path(__file__).parents[1]
_SNIPPET = re.compile(re.escape(download_url("", "")) + r"(.+\.py)")


def is_current(settings: Settings, site: Path) -> bool:
    """Return whether a build would publish just what lies in ``site``.

    That is so where all that the last site was made from is unchanged, every snippet has a valid
    record, and each file of the site is, by content, the one that was published.
    """
    last = json.loads(_store(settings).get(_NAME) or "{}")
    return bool(
        last
        and last["made_from"] == made_from(settings, last["inputs"])
        and last["files"] == _files(site)
        and _has_records(settings, last["files"])
    )


def remember(settings: Settings, inputs: list[str], made_from: str, site: Path) -> None:
    """Keep of what the finished ``site`` consists and what it was made from."""
    last = {"inputs": inputs, "made_from": made_from, "files": _files(site)}
    _store(settings).put(_NAME, json.dumps(last).encode())


def made_from(settings: Settings, inputs: Iterable[str]) -> str:
    """Return a digest of all that a site is made from, but for the records of its snippets.

    ``inputs`` are files and folders that mkdocs.yml names. Added to them are the project's other
    parts, the engine, the packages installed, the commit, and the environment so far as mkdocs.yml
    may read it.
    """
    root = settings.root
    paths = [*(root / path for path in inputs), settings.docs_folder, settings.snippets_folder]
    paths.append(root / settings.sources)
    paths += settings.made_from
    # What cannot be read counts too: a link to nothing is a fault.
    files = [file for path in paths for file in (path, *path.rglob("*"))]
    files = [file for file in files if "__pycache__" not in file.parts]
    files += [file for file in root.iterdir() if file.is_file()]
    files += [file for pattern in settings.assets.values() for file in root.glob(pattern)]
    words = set(re.findall(r"\w+", (root / "mkdocs.yml").read_text("utf-8", "replace")))
    words.add("SOURCE_DATE_EPOCH")
    parts = [sys.version, provenance.line(settings), str(provenance.commit(root))]
    parts += installed()
    parts += [f"{name}={os.environ[name]}" for name in sorted(words & os.environ.keys())]
    # A project that was moved is the same.
    names = {
        os.path.relpath(file, root): file for file in files if not file.is_relative_to(_ENGINE)
    }
    parts += [f"{name} {digest(names[name])}" for name in sorted(names)]
    return text_digest(*parts, *map(digest, below(_ENGINE)))


def _store(settings: Settings) -> Store:
    return Store(settings.cache_folder / "published")


def _has_records(settings: Settings, files: Iterable[str]) -> bool:
    """Return whether each snippet that a site with these files offers need not run again."""
    cache = Cache(settings)
    names = [match[1] for match in map(_SNIPPET.fullmatch, files) if match]
    try:
        return all(cache.get(read(settings, name)) is not None for name in names)
    except (Problem, ValueError):
        return False


def _files(site: Path) -> dict[str, str]:
    found = (file for file in site.rglob("*") if file.is_file())
    return {file.relative_to(site).as_posix(): digest(file) for file in found}
