"""Serving: what an author changes is seen in the browser, and mistakes do not end the server."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

SNIPPET = "snippets/gru/shapes.py"
#: What the server adds to each page.
LIVE_RELOAD = re.compile(r"<script>\n// Reloads the page.*?</script>", re.DOTALL)
PATIENCE_SECONDS = 60
PATIENCE_MS = 60_000


def read(server: str, name: str) -> str:
    with urllib.request.urlopen(f"{server}{name}") as answer:
        return str(answer.read().decode())


def settle(server: str) -> None:
    """Wait until all snippets have run and all pages are made."""
    end = time.monotonic() + PATIENCE_SECONDS
    while json.loads(read(server, "livedocs-progress")) != [0, 0, 0]:
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[str]:
    """Run the real server on a copy of the real project; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    log = project.parent / "server.log"
    command = [
        sys.executable,
        "-m",
        "livedocs",
        "--root",
        str(project),
        "serve",
        "--address",
        place,
    ]
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "REPOSITORY_URL": ""}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        address = f"http://{place}/"
        end = time.monotonic() + PATIENCE_SECONDS
        while f"Serving on {address}" not in log.read_text("utf-8"):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < end, log.read_text("utf-8")
            time.sleep(0.1)
        settle(address)
        yield address
        assert process.poll() is None, log.read_text("utf-8")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def test_an_edit_is_seen_and_a_mistake_is_shown_until_it_is_mended(
    server: str, project: Path, new_page: Callable[..., Page]
) -> None:
    snippet = project / SNIPPET
    good = snippet.read_text("utf-8")
    # Cells that are copied but not shown may not print, so this stands in one that does.
    edited = good.replace("\nprint(", '\nprint("seen in the browser")\nprint(', 1)
    assert edited != good
    broken = edited.replace('print("seen in the browser")', 'raise ValueError("made to fail")')
    line = broken.splitlines().index('raise ValueError("made to fail")') + 1

    page = new_page()
    page.goto(f"{server}gru.html", wait_until="load")
    output, box = page.locator(".snippet-output"), page.locator(".livedocs-problem")
    news = output.filter(has_text="seen in the browser")
    expect(output.first).to_be_visible(timeout=PATIENCE_MS)
    expect(news).to_have_count(0)
    expect(box).to_have_count(0)

    snippet.write_text(edited, "utf-8")
    expect(news).to_have_count(1, timeout=PATIENCE_MS)

    snippet.write_text(broken, "utf-8")
    expect(box).to_contain_text(f"{SNIPPET}:{line}: ValueError: made to fail", timeout=PATIENCE_MS)
    red, green, blue = map(
        int, re.findall(r"\d+", box.evaluate("e => getComputedStyle(e).borderTopColor"))[:3]
    )
    assert red > 2 * max(green, blue)
    with urllib.request.urlopen(f"{server}index.html") as answer:
        assert answer.status == 200

    snippet.write_text(good, "utf-8")
    expect(box).to_have_count(0, timeout=PATIENCE_MS)
    expect(news).to_have_count(0)
    expect(output.first).to_be_visible()


def test_a_line_of_prose_is_seen(server: str, project: Path, new_page: Callable[..., Page]) -> None:
    chapter = project / "docs" / "lstm.md"
    page = new_page()
    page.goto(f"{server}lstm.html", wait_until="load")
    expect(page.locator("article h1")).to_be_visible()
    with chapter.open("a", encoding="utf-8") as file:
        file.write("\nA sentence that was not here before.\n")
    expect(page.get_by_text("A sentence that was not here before.")).to_be_visible(
        timeout=PATIENCE_MS
    )


def test_a_script_of_the_lab_is_seen_and_a_mistake_in_it_is_shown(
    server: str, project: Path, new_page: Callable[..., Page]
) -> None:
    script = project / "lab" / "widgets" / "half-life.ts"
    good = script.read_text("utf-8")
    edited = good.replace("Bias of the gate that keeps", "Bias, as edited")
    assert edited != good
    line = good.splitlines().index("const POINTS = 100") + 1
    page = new_page()
    page.goto(f"{server}gates.html#half-life.bias=2", wait_until="load")
    slider = page.locator("half-life").get_by_role("slider").first
    expect(slider).to_have_accessible_name("Bias of the gate that keeps")

    script.write_text(edited, "utf-8")
    expect(slider).to_have_accessible_name("Bias, as edited", timeout=PATIENCE_MS)

    script.write_text(good.replace("const POINTS = 100", "const POINTS = = 100"), "utf-8")
    box = page.locator(".livedocs-problem")
    place = f'lab/widgets/half-life.ts:{line}: Unexpected "="'
    expect(box).to_have_text(re.compile(re.escape(place)), timeout=PATIENCE_MS)

    script.write_text(good, "utf-8")
    expect(box).to_have_count(0, timeout=PATIENCE_MS)
    expect(slider).to_have_accessible_name("Bias of the gate that keeps", timeout=PATIENCE_MS)


def test_a_page_fills_in_by_itself_and_others_stay_as_they_are(
    server: str, project: Path, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    snippet = project / SNIPPET
    good = snippet.read_text("utf-8")
    flag = tmp_path / "flag"
    waits = f"import os, time\nwhile not os.path.exists({str(flag)!r}):\n    time.sleep(0.1)\n"
    slow = good.replace("\nprint(", f'\n{waits}print("slow, and here")\nprint(', 1)
    settle(server)
    page, other = new_page(), new_page()
    for one, name in ((other, "glossary.html"), (page, "gru.html")):
        one.goto(f"{server}{name}", wait_until="load")
        one.evaluate("window.untouched = true")
    report = page.get_by_text(re.compile(r"^Running the snippets: \d+ of \d+$"))
    try:
        snippet.write_text(slow, "utf-8")
        waiting = page.locator(".livedocs-waiting")
        expect(waiting).to_contain_text("gru/shapes.py has not run yet", timeout=PATIENCE_MS)
        expect(report).to_be_visible(timeout=PATIENCE_MS)
        flag.touch()
        news = page.locator(".snippet-output").filter(has_text="slow, and here")
        expect(news).to_have_count(1, timeout=PATIENCE_MS)
        expect(waiting).to_have_count(0)
        expect(report).to_have_count(0, timeout=PATIENCE_MS)
        assert not page.evaluate("window.untouched === true")
    finally:
        snippet.write_text(good, "utf-8")
    expect(news).to_have_count(0, timeout=PATIENCE_MS)
    assert other.evaluate("window.untouched === true")


def test_an_edit_of_the_engine_asks_for_a_new_start(
    server: str, project: Path, new_page: Callable[..., Page]
) -> None:
    """What is in memory is the old engine: nothing must be built, or run, by that."""
    engine = project / "src" / "livedocs" / "weave.py"
    before = engine.read_text("utf-8")
    page = new_page()
    page.goto(f"{server}gru.html", wait_until="load")
    box = page.locator(".livedocs-problem")
    engine.write_text(f"{before}\n# An edit.\n", "utf-8")
    expect(box).to_contain_text("stop the server, and start it again", timeout=PATIENCE_MS)
    engine.write_text(before, "utf-8")
    expect(box).to_have_count(0, timeout=PATIENCE_MS)


def test_what_is_kept_is_as_a_clean_build_makes_it(
    server: str, project: Path, new_page: Callable[..., Page]
) -> None:
    """Pages that no edit touched are not made again; nobody must be able to tell."""
    gru, lstm = project / "docs" / "gru.md", project / "docs" / "lstm.md"
    page = new_page()
    page.goto(f"{server}lstm.html", wait_until="load")
    with lstm.open("a", encoding="utf-8") as file:
        file.write("\n## A new section\n\nZyzzyva is a word that no other page holds.\n")
    expect(page.get_by_text("Zyzzyva")).to_be_visible(timeout=PATIENCE_MS)
    # The title stands in the side bar of every page.
    gru.write_text(gru.read_text("utf-8").replace("# The GRU", "# The gated unit", 1), "utf-8")
    page.goto(f"{server}gru.html", wait_until="load")
    expect(page.locator("article h1")).to_contain_text("The gated unit", timeout=PATIENCE_MS)
    settle(server)
    environment = {**os.environ, "PYTHONPATH": str(project / "src")}
    environment |= {"REPOSITORY_URL": "", "SITE_URL": server}
    command = [sys.executable, "-m", "livedocs", "--root", str(project), "build"]
    subprocess.run(command, env=environment, check=True)
    fresh = project / "site"
    names = sorted(p.relative_to(fresh).as_posix() for p in fresh.rglob("*.html"))
    names += ["search/search_index.json", "downloads/chapters/gru.ipynb"]
    assert len(names) > 50
    for name in names:
        served = re.sub(LIVE_RELOAD, "", read(server, name))
        assert served == (fresh / name).read_text("utf-8"), name
