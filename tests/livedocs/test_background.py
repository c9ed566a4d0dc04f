"""Snippets that run while pages are served: what has ended is there, what is left is waited for."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from livedocs.background import Background
from livedocs.problems import Problem
from livedocs.record import Record
from livedocs.settings import Settings
from livedocs.snippets import Snippet, parse

PATIENCE = 30.0

Get = Callable[..., tuple[dict[str, Record], dict[str, Problem]]]


class Runs:
    """A project whose snippets run in the background, and what is told of them."""

    def __init__(self, root: Path) -> None:
        (root / "src").mkdir()
        self.settings = Settings(root.resolve(), seconds=5.0, wall_seconds=20.0)
        self.told: list[str] = []
        self.said: list[str] = []
        self._news = threading.Condition()
        self.background = Background(self._tell)

    def _tell(self, name: str) -> None:
        with self._news:
            self.told.append(name)
            self._news.notify_all()

    def get(self, **scripts: str) -> tuple[dict[str, Record], dict[str, Problem]]:
        snippets = {name: self.snippet(name, text) for name, text in scripts.items()}
        return self.background.records_of(self.settings, snippets, self.said.append)

    @staticmethod
    def snippet(name: str, text: str) -> Snippet:
        return parse(f"snippets/{name}", f"# %% one\n{text}\n")

    def wait(self, count: int = 1) -> None:
        """Wait until all have run so often; "" is told then."""
        with self._news:
            assert self._news.wait_for(lambda: self.told.count("") >= count, PATIENCE)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    made = Runs(tmp_path)
    yield made
    made.background.close()


def printing(count: int) -> dict[str, str]:
    return {f"s{number}": f"print({number})" for number in range(count)}


def test_many_are_not_waited_for_and_are_there_later(runs: Runs) -> None:
    assert runs.get(**printing(6)) == ({}, {})
    assert runs.background.left
    runs.wait()
    assert (runs.background.left, runs.background.progress) == (set(), (0, 0))
    records, failures = runs.get(**printing(6))
    assert failures == {}
    assert {name: one.cells[0].output for name, one in records.items()} == {
        f"s{number}": f"{number}\n" for number in range(6)
    }
    assert sorted(runs.told) == sorted(["", *printing(6)])
    assert runs.said[0] == "running 6 of 6 snippets"
    assert [line.partition(" ")[0] for line in runs.said[1:]] == [f"[{n}/6]" for n in range(1, 7)]


def test_a_few_are_waited_for(runs: Runs) -> None:
    records, failures = runs.get(a="print(1)", b="1 / 0")
    assert records["a"].cells[0].output == "1\n"
    assert "ZeroDivisionError" in str(failures["b"])


def test_what_is_wanted_runs_first(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livedocs.runner.cores", lambda: 1)
    runs.background.want("s7", "s5", "nothing")
    runs.get(**printing(9))
    runs.wait()
    order = [name for name in runs.told if name]
    assert order[:2] == ["s7", "s5"]
    assert order[2:] == ["s0", "s1", "s2", "s3", "s4", "s6", "s8"]


def test_what_failed_is_known_until_a_file_changes(runs: Runs) -> None:
    flag = runs.settings.root / "src" / "flag"
    script = f"assert open({str(flag)!r}).read() == 'good'"
    flag.write_text("bad")
    assert "AssertionError" in str(runs.get(a=script)[1]["a"])
    flag.write_text("good")
    assert "AssertionError" in str(runs.get(a=script)[1]["a"])
    assert runs.told.count("a") == 1
    runs.background.forget()
    assert runs.get(a=script)[0].keys() == {"a"}


def test_a_run_that_began_before_a_change_does_not_count(runs: Runs) -> None:
    """Its failure is of a state that is no more: it runs again by itself."""
    flag, begun = (runs.settings.root / "src" / name for name in ("flag", "begun"))
    flag.write_text("bad")
    os.mkfifo(begun)  # opened by both sides at once
    script = (
        f"import os, time\ntext = open({str(flag)!r}).read()\n"
        f"if text == 'bad':\n    os.open({str(begun)!r}, os.O_RDONLY)\n    time.sleep(0.5)\n"
        "assert text == 'good'"
    )
    first = threading.Thread(target=runs.get, kwargs={"a": script})
    first.start()
    os.close(os.open(begun, os.O_WRONLY))
    flag.write_text("good")
    runs.background.forget()
    first.join()
    runs.wait()
    records, failures = runs.get(a=script)
    assert (set(records), failures) == ({"a"}, {})


def test_a_new_text_runs_while_the_old_one_goes_on(runs: Runs) -> None:
    slow = "import time\ntime.sleep(3.0)\nprint('old')"
    first = threading.Thread(target=runs.get, kwargs={"a": slow})
    first.start()
    threading.Event().wait(0.5)
    runs.background.forget()
    records, _ = runs.get(a="print('new')")
    assert records["a"].cells[0].output == "new\n"
    first.join()


def test_where_nothing_can_run_each_snippet_says_why(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    runs.settings = Settings(tmp_path.resolve(), preload=("numpi",))
    _, failures = runs.get(a="print(1)", b="print(2)")
    assert {str(one) for one in failures.values()} == {
        'pyproject.toml: [tool.livedocs]: cannot import "numpi" of "preload": '
        "ModuleNotFoundError: No module named 'numpi'"
    }
    assert failures.keys() == {"a", "b"}
