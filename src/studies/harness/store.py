"""Where results are kept: a line for each trial as it ends, and the results file made of them.

The lines are the working copy, appended under a lock and synced, so that killing a run loses the
trials then running and no other, and two runs of one study do no harm to each other. The results
file, docs/evidence/NAME.json, is what is committed and published.
"""

import csv
import io
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from studies.harness.study import Record, Records, Study, key, trial_id

VERSION = 1
_SCHEMA = Path(__file__).with_name("results.schema.json")


class DamagedError(ValueError):
    """A results file that cannot be read: its message says which, where and why."""


class Store:
    """The records of one study, in the repository at ``root``."""

    def __init__(self, study: Study, root: Path) -> None:
        self.study = study
        self.results = root / "docs" / "evidence" / f"{study.name}.json"
        self._lines = root / ".studies" / f"{study.name}.jsonl"
        self._lock = FileLock(root / ".studies" / f"{study.name}.lock")
        self._lines.parent.mkdir(exist_ok=True)

    def load(self) -> tuple[dict[str, Any], list[Record]]:
        """Return all runs by name, and all finished trials, each once.

        Raises:
            DamagedError: a file that is none of ours, or was damaged.
        """
        with self._lock:
            runs, records = self._published()
            found = {key(record.config): record for record in records}
            for number, text in enumerate(self._read_lines(), 1):
                try:
                    line = json.loads(text)
                    if "run" in line:
                        runs[line["run"]] = line["machine"]
                        continue
                    record = Record(**line["trial"])
                except (json.JSONDecodeError, KeyError, TypeError) as error:
                    where = f"{self._lines}:{number}"
                    raise DamagedError(f"{where}: not a line of ours: {error}") from None
                found.setdefault(key(record.config), record)
        return runs, [*found.values()]

    def open_run(self, name: str, machine: dict[str, Any]) -> None:
        """Note that a run begins, and on what."""
        self._append({"run": name, "machine": machine})

    def add(self, record: Record) -> None:
        """Save a finished trial; it is on the disk when this returns.

        Numbers that are none, of a training that diverged, become null: JSON has no other word.
        """
        text = json.dumps({"trial": asdict(record)})
        self._append(json.loads(text, parse_constant=lambda name: None))

    def publish(self) -> None:
        """Write the results file and the table."""
        with self._lock:
            for suffix, text in self.files(*self.load()).items():
                write_whole(self.results.with_suffix(suffix), text)

    def files(self, runs: dict[str, Any], records: Records) -> dict[str, str]:
        """Return what is published, by suffix: all runs, all trials in their order, verdicts."""
        declared = [*self.study.searched(records), *self.study.tuned(records)]
        place = {key(config): number for number, config in enumerate(declared)}
        records = sorted(records, key=lambda record: place.get(key(record.config), len(place)))
        complete = not self.study.left(records)
        data = {
            "version": VERSION,
            "study": self.study.name,
            "question": self.study.question,
            "command": f"python -m studies run {self.study.name}",
            "complete": complete,
            "runs": runs,
            "verdicts": self.study.rule(records) if complete else {},
            "settings": self.study.declared(),
            "trials": [asdict(record) for record in records],
        }
        return {".csv": _table(records), ".json": _dumped(data)}

    def _append(self, line: dict[str, Any]) -> None:
        with self._lock, self._lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _read_lines(self) -> Sequence[str]:
        if not self._lines.is_file():
            return []
        *whole, half = self._lines.read_text("utf-8").split("\n")
        if half:  # the power went while it was written: that trial is lost, and no other
            self._lines.write_text("\n".join([*whole, ""]), "utf-8")
        return [line for line in whole if line]

    def _published(self) -> tuple[dict[str, Any], list[Record]]:
        if not self.results.is_file():
            return {}, []
        try:
            data = json.loads(self.results.read_text("utf-8"))
        except json.JSONDecodeError as error:
            raise DamagedError(f"{self.results}:{error.lineno}: no JSON: {error.msg}") from None
        schema = json.loads(_SCHEMA.read_text("utf-8"))
        if fault := best_match(Draft202012Validator(schema).iter_errors(data)):
            where = fault.json_path.removeprefix("$.")
            raise DamagedError(f"{self.results}: {where}: {fault.message[:200]}")
        if data["study"] != self.study.name:
            raise DamagedError(
                f"{self.results}: holds study {data['study']!r}, not {self.study.name!r}"
            )
        return data["runs"], [Record(**trial) for trial in data["trials"]]


def write_whole(file: Path, text: str) -> None:
    """Write a file such that whoever reads it meanwhile finds the old one or the new one, whole."""
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(text, "utf-8")
    fresh.replace(file)


def _dumped(data: dict[str, Any]) -> str:
    """Return the data as JSON, one line for each setting and trial: a change is a short diff."""
    settings, trials = data.pop("settings"), data.pop("trials")
    head = json.dumps(data, indent=1)[:-2]
    named = ",\n".join(f'  "{name}": {json.dumps(value)}' for name, value in settings.items())
    rows = ",\n".join("  " + json.dumps(trial) for trial in trials)
    return f'{head},\n "settings": {{\n{named}\n }},\n "trials": [\n{rows}\n ]\n}}\n'


def _table(records: Records) -> str:
    """Return the trials as CSV: id, what was set, what came out but for the curves, and seconds."""
    rows = [
        {"trial": trial_id(record.config)}
        | record.config
        | {name: value for name, value in record.outcome.items() if not isinstance(value, list)}
        | {"seconds": record.seconds}
        for record in records
    ]
    columns = dict.fromkeys(name for row in rows for name in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
