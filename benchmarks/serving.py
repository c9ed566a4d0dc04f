"""How soon the first page is there, and an edit on it, while the real server runs."""

import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from .measure import Row, own_sources, project_copy

REPEATS = 5
PATIENCE = 120.0
SNIPPET = "snippets/parameters/formula.py"


def rows() -> Iterator[Row]:
    """Wait for the first page, then edit one snippet and one line of prose, and wait for each."""
    start = time.perf_counter()
    with project_copy() as copy, _server(copy) as address:
        _wait_for(f"{address}/index.html", "The answer in")
        took = time.perf_counter() - start
        yield Row(
            "the first page, nothing kept",
            f"{took:.2f} s",
            "0 s",
            took,
            " s",
            5,
            compared="nothing: from the command to the page; the snippets run afterwards",
        )
        page = f"{address}/parameters.html"
        _wait_for(page, "formula.py")
        _wait_for(f"{address}/livedocs-progress", "[0, 0, 0]")
        time.sleep(60.0)  # notebooks are rendered
        log = copy / "serve.log"
        for what, path, peer in (
            ("one snippet edited", SNIPPET, "the snippet's own work, which does not count"),
            ("one line of prose edited", "docs/parameters.md", "nothing: from edit to page"),
        ):
            times = []
            for number in range(REPEATS):
                mark = f"edit {number} of {Path(path).suffix[1:]}"
                _edit(copy / path, mark)
                start = time.perf_counter()
                _wait_for(page, mark)
                times.append(time.perf_counter() - start)
                # The next edit must not meet the rebuild of this one.
                time.sleep(1.0)
            took = median(times)
            own = _own_work(log) if path == SNIPPET else 0.0
            yield Row(
                f"{what}, while serving",
                f"{took:.2f} s",
                f"{own:.1f} s",
                took - own,
                " s",
                1.0,
                compared=peer,
            )


@contextmanager
def _server(copy: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "livedocs", "serve", "--address", address]
    log = (copy / "serve.log").open("w")
    process = subprocess.Popen(command, cwd=copy, env=own_sources(copy), stdout=log, stderr=log)
    try:
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()
        log.close()


def _own_work(log: Path) -> float:
    """Return how long the snippet itself ran, as the server tells it."""
    return median(float(t) for t in re.findall(rf"\] {SNIPPET} ([\d.]+) s", log.read_text()))


def _edit(path: Path, mark: str) -> None:
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        # The snippet's first cell prints the mark, whatever else it does.
        text = re.sub(r'print\("edit .*"\)\n', "", text)
        text = re.sub(
            r"^(# %% .*\n(?:import .*\n|from .*\n|\n)*)", rf'\1print("{mark}")\n', text, count=1
        )
    else:
        text = re.sub(r"\n\nedit .*\n", "\n", text) + f"\n\n{mark}\n"
    path.write_text(text, "utf-8")


def _wait_for(page: str, mark: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(page) as answer:
                if mark in answer.read().decode("utf-8"):
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise RuntimeError(f"{page} never showed {mark!r}")
