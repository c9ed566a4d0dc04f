"""The feed of what was recorded: one entry for each run, the newest first."""

import json
from pathlib import Path

from studies.feed import feed

ATOM = "http://www.w3.org/2005/Atom"


def test_each_run_is_an_entry_and_the_newest_comes_first(tmp_path: Path) -> None:
    runs = {"2024-01-01T10:00:00Z a1": 2, "2024-03-01T09:00:00Z b2": 1}
    trials = [{"run": run} for run, count in runs.items() for _ in range(count)]
    record = {"study": "length", "question": "Which one?", "trials": trials}
    (tmp_path / "length.json").write_text(json.dumps(record), "utf-8")
    later = {**record, "study": "text", "trials": [{"run": "2024-02-01T00:00:00Z c3"}]}
    (tmp_path / "text.json").write_text(json.dumps(later), "utf-8")
    (tmp_path / "speed.json").write_text('{"command": "a measurement"}', "utf-8")
    made = feed("https://example.org/site", tmp_path)
    assert made.get("xmlns") == ATOM
    assert made.findtext("updated") == "2024-03-01T09:00:00Z"
    entries = made.findall("entry")
    assert [entry.findtext("title") for entry in entries] == [
        "length: 1 trial",
        "text: 1 trial",
        "length: 2 trials",
    ]
    names = [entry.findtext("id") for entry in [made, *entries]]
    assert len({*names}) == 4
    assert all(name and name.startswith("https://example.org/site/feed/") for name in names)
    link = entries[1].find("link")
    assert link is not None
    assert link.get("href") == "https://example.org/site/evidence/text.json"
    assert entries[1].findtext("summary") == "Which one?"


def test_without_records_there_is_a_feed_without_entries(tmp_path: Path) -> None:
    made = feed("https://example.org/", tmp_path)
    assert made.findtext("updated")
    assert not made.findall("entry")
