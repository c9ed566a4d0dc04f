"""A site as plain Markdown with its files: for any generator of sites, and for who reads text.

Each chapter is woven: code, output, figures, values and citations stand where it names them.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path

from . import books, notebooks, symbols
from .addresses import Place, chapter_url, download_url, figure_url, seen_from
from .chapter import Block
from .figures import opaque
from .files import below, digest, text_digest
from .making import Made
from .plain import fenced
from .problems import Failed, Problem
from .settings import Settings
from .showing import choose, described, joined, keep_the_contract, printed, refuse_nothing
from .site import Site, Waiting
from .store import Store

Files = dict[str, str | bytes]


def markdown(site: Site, path: str, place: Place) -> str:
    """Return chapter ``path`` woven.

    Raises Failed with all that cannot be woven, and Waiting where that is not known yet.
    """
    return books.filled(site, path, place, partial(_block, site, path))


class Weaver:
    """Weaves a site again and again, also after a new start; what has not changed is kept."""

    def __init__(self) -> None:
        #: Of each chapter, what it was woven from.
        self.digests: dict[str, str] = {}
        self._made: dict[str, tuple[object, str]] = {}
        engine = Path(__file__).parent
        self._maker = text_digest(version("nbformat"), *map(digest, below(engine, "*.py")))

    def files(self, site: Site, place: Place, made: Made) -> Files:
        """Return all files that are made, by their addresses, those of commands included.

        What cannot be made is left out, and is a problem of the site.
        """
        files: Files = {**made.files}
        alts, self.digests = site.alts(), site.digests()
        once = partial(self._once, Store(site.settings.cache_folder / "woven"))
        for name, record in site.records.items():
            snippet = site.snippets[name]
            parts = (snippet, record, alts[name], [site.title(path) for path in site.uses(name)])
            files[download_url(name, ".py")] = snippet.text
            address = download_url(name, ".ipynb")
            try:
                files[address] = once(address, parts, partial(notebooks.notebook, *parts))
                for (cell, number), alt in alts[name].items():
                    svg = record.cell(cell).figures[number][-1]
                    address = figure_url(name, cell, number)
                    draw = partial(opaque, svg, alt=alt)
                    files[address] = once(address, (alt, svg), draw)
            except ValueError as error:
                site.problem(record.path, None, str(error))
        for path, chapter in site.chapters.items():
            if not site.settings.is_woven(site.page(path)):
                continue
            page, inputs = site.page(path), (self.digests[path], place, site.settings)
            makers = {page: markdown}
            if books.has_code(chapter.blocks):
                makers[chapter_url(page)] = books.book
            for address, make in makers.items():
                try:
                    files[address] = once(address, inputs, partial(make, site, path, place))
                except (Failed, Problem, ValueError, Waiting):
                    continue  # what is wrong with the text is wrong with the notebook too
        files["llms.txt"] = _llms(site, files, place)
        return files

    def _once(self, kept: Store, name: str, inputs: object, make: Callable[[], str]) -> str:
        """Return a file as it was made last, unless its inputs changed."""
        if self._made.get(name, ("", ""))[0] != inputs:
            key = text_digest(self._maker, name, repr(inputs))
            if (content := kept.get(key)) is None:
                kept.put(key, content := make().encode())
            self._made[name] = inputs, content.decode()
        return self._made[name][1]


def write(files: Mapping[str, str | bytes], folder: Path, before: Mapping[str, object]) -> None:
    """Write files below a folder, and remove from it those that there were ``before``, and alone.

    What is there already is not written again.
    """
    for address, content in files.items():
        if before.get(address) != content:
            file = folder / address
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
    for address in before.keys() - files.keys():
        (folder / address).unlink(missing_ok=True)


def copied(site: Site) -> dict[str, Path]:
    """Return the files that are as they were written, by their addresses.

    They are the unwoven chapters but no drafts, what lies beside the chapters, and the assets.
    """
    folder = site.settings.docs_folder
    paths = [path for path in below(folder) if path.suffix != ".md"]
    paths += [site.settings.root / path for path in site.chapters]
    return {p.relative_to(folder).as_posix(): p for p in paths} | assets(site.settings)


def assets(settings: Settings) -> dict[str, Path]:
    """Return the files that the settings copy into the site, by their addresses."""
    found: dict[str, Path] = {}
    for target, pattern in settings.assets.items():
        files = sorted(settings.root.glob(pattern))
        if not files:
            message = f'no file matches "{pattern}" of [tool.livedocs.assets]'
            raise Problem("pyproject.toml", None, message)
        for file in files:
            found[f"{target}{file.name}" if target.endswith("/") else target] = file
    return found


def _llms(site: Site, files: Mapping[str, object], place: Place) -> str:
    """Return the list of all chapters as the convention of llms.txt has it."""
    start = f"{place.site_url.rstrip('/')}/" if place.site_url else ""
    pages = {site.page(path): site.title(path) for path in site.chapters}
    first = pages.get("index.md") or next(iter(pages.values()), "")
    listed = {page: _words(title) for page, title in pages.items() if page in files}
    lines = [f"- [{title}]({start}{page})" for page, title in listed.items()]
    return "\n".join([f"# {first}", "", "## Chapters", "", *lines, ""])


def _block(site: Site, path: str, block: Block) -> str:
    """Return a block as Markdown: what its page shows, in the same order."""
    caption = books.caption(site, block)
    if block.kind == "source":
        excerpt = symbols.find(site.settings, block.target)
        return _parts(f"From `{block.target}`:", fenced("python", excerpt.source), caption)
    name, record = block.target, site.record(block.target)
    snippet = site.snippets[name]
    shown = choose(snippet, block.cells)
    parts: list[str] = []
    if block.kind == "snippet":
        keep_the_contract(snippet, record, shown)
        if visible := [cell for cell in shown if cell.hide != "code"]:
            parts.append(fenced("python", joined(snippet.preamble, visible)))
        output, errors, raised = printed(record, shown)
        parts += [fenced("text", text) for text in (output, errors, *raised) if text.strip()]
    page = site.page(path)
    for cell, number, _, alt in described(record, shown, block.alts):
        address = figure_url(name, cell.title, number)
        parts.append(f"![{_words(alt)}]({seen_from(page, address)})")
    refuse_nothing(block.kind, snippet, parts)
    down = seen_from(page, download_url(name, ""))
    links = f"[{name}]({down}.py) · [as a notebook]({down}.ipynb)"
    return _parts(*parts, caption, links)


def _words(text: str) -> str:
    """Return a text as Markdown between brackets."""
    return re.sub(r"([\[\]\\])", r"\\\1", " ".join(text.split()))


def _parts(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
