"""The harness of the studies: nothing finished is lost, nothing runs twice, verdicts follow."""

import csv
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from gated.parameters import count
from gated.tasks import TASKS
from studies import __main__ as commands
from studies import length
from studies.__main__ import main
from studies.data import files
from studies.harness import provenance
from studies.harness.networks import width_in
from studies.harness.running import disagreement, workers
from studies.harness.store import DamagedError, Store
from studies.harness.study import Config, Outcome, Record, Study, key, trial_id

ROOT = Path(__file__).parents[2]
TOY = """
    import os
    import sys
    import time
    from pathlib import Path

    from studies.harness.running import run
    from studies.harness.store import Store
    from studies.harness.study import Study


    def trial(config, device):
        time.sleep(PAUSE)
        with Path(os.environ["TOY"], "ran").open("a") as file:
            file.write(f"{config['n']}\\n")
        return {"solved_at": config["n"], "loss": [1.0], "diverged": False}


    study = Study(
        name="toy",
        question="?",
        trials=[{"n": n, "seed": 0} for n in range(16)],
        run=trial,
        rule=lambda records: {"sum": sum(r.outcome["solved_at"] for r in records)},
        tolerance={},
        early=1,
        early_loss=0.01,
        settings="pauses",
        computed=lambda: {"pauses": [PAUSE, 0]},
    )
    if __name__ == "__main__":
        only, address, jobs = sys.argv[1:]
        store = Store(study, Path(os.environ["TOY"]))
        run(
            store,
            jobs=int(jobs),
            device="cpu",
            only=only,
            command="toy",
            guard={"rule": "abc0" * 10, "digest": "abc0" * 16},
            address=address,
        )
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start a run of a toy study of 16 trials in ``tmp_path``."""
    return partial(start_in, tmp_path)


def start_in(
    folder: Path, only: str = "", pause: float = 0.0, address: str = "", jobs: int = 1
) -> subprocess.Popen[str]:
    """Start a run there, of few processes where it can be: each takes in torch, for seconds."""
    (folder / "docs" / "evidence").mkdir(parents=True, exist_ok=True)
    script = folder / "toy.py"
    script.write_text(textwrap.dedent(TOY).replace("PAUSE", str(pause)), "utf-8")
    return subprocess.Popen(
        [sys.executable, script, only, address, str(jobs)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "TOY": str(folder)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def filtered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder where a part of the study was run; nobody may write to it."""
    folder = tmp_path_factory.mktemp("filtered")
    finish(start_in(folder, "n=1"))
    return folder


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a run and return what it said."""
    _, said = process.communicate(timeout=90)
    assert process.returncode == 0, said
    return said


def results(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "docs/evidence/toy.json").read_text("utf-8"))
    return data


def lines(folder: Path) -> list[str]:
    file = folder / ".studies" / "toy.jsonl"
    return [line for line in file.read_text("utf-8").split("\n")[:-1] if '"trial"' in line]


def numbers(folder: Path) -> list[int]:
    return [trial["config"]["n"] for trial in results(folder)["trials"]]


def test_a_run_records_every_trial_and_the_verdict(start: Start, tmp_path: Path) -> None:
    said = finish(start(jobs=2))
    data = results(tmp_path)
    assert numbers(tmp_path) == list(range(16))
    assert (data["complete"], data["verdicts"]) == (True, {"sum": 120})
    assert data["settings"] == {"pauses": [0.0, 0]}
    (machine,) = data["runs"].values()
    assert (machine["rule"], machine["digest"]) == ("abc0" * 10, "abc0" * 16)
    assert machine["command"] == "toy"
    assert {"commit", "python", "torch", "device", "cores"} <= machine.keys()
    assert set(data["runs"]) == {trial["run"] for trial in data["trials"]}
    assert "16/16" in said


def test_a_run_that_is_killed_goes_on_where_it_was(start: Start, tmp_path: Path) -> None:
    process = start(pause=0.3, jobs=2)
    file = tmp_path / ".studies" / "toy.jsonl"
    while not file.is_file() or len(lines(tmp_path)) < 4:
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    saved = {json.loads(line)["trial"]["config"]["n"] for line in lines(tmp_path)}
    assert 4 <= len(saved) < 16
    finish(start())
    assert numbers(tmp_path) == list(range(16))
    ran = [int(n) for n in (tmp_path / "ran").read_text().split()]
    assert all(ran.count(n) == 1 for n in saved)  # at most those then running ran twice
    assert len(ran) <= 16 + 2
    assert len(results(tmp_path)["runs"]) == 2


def test_two_runs_at_once_do_no_harm(start: Start, tmp_path: Path) -> None:
    both = [start(pause=0.05), start(pause=0.05)]
    for process in both:
        finish(process)
    assert numbers(tmp_path) == list(range(16))
    assert results(tmp_path)["complete"] is True


def test_a_filter_runs_its_trials_only(filtered: Path) -> None:
    assert numbers(filtered) == [1, *range(10, 16)]
    assert (results(filtered)["complete"], results(filtered)["verdicts"]) == (False, {})


def test_a_clone_goes_on_from_the_results_file(
    start: Start, tmp_path: Path, filtered: Path
) -> None:
    shutil.copytree(filtered / "docs", tmp_path / "docs")
    finish(start())
    assert numbers(tmp_path) == list(range(16))
    assert len((tmp_path / "ran").read_text().split()) == 16 - 7


def test_a_cluster_that_loses_a_worker_loses_no_trial(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY", str(tmp_path))
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        first, _ = client.run(os.getpid).values()
        process = start(pause=0.2, address=cluster.scheduler_address)
        while not (tmp_path / "ran").is_file():
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        os.kill(first, signal.SIGKILL)
        finish(process)
    data = results(tmp_path)
    assert numbers(tmp_path) == list(range(16))
    assert (data["complete"], data["verdicts"]) == (True, {"sum": 120})
    (machine,) = data["runs"].values()
    assert machine["jobs"] == 2
    assert len((tmp_path / "ran").read_text().split()) <= 16 + 2


def test_a_cluster_that_goes_away_is_said_in_one_line() -> None:
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)

    def lose() -> None:
        with cluster, workers(cluster.scheduler_address) as (executor, threads, _):
            assert threads == 1
            waiting = executor.submit(time.sleep, 30)
            cluster.close()
            waiting.result()

    with pytest.raises(ValueError, match="was lost: finished trials are saved: run again"):
        lose()


def study(name: str = "toy") -> Study:
    def trial(config: Config, device: str) -> Outcome:
        return {"solved_at": None, "loss": [0.5, 0.4], "error": 0.5, "diverged": False}

    same = {"solved_at": math.inf, "error": 0.1, "diverged": 0}
    trials = [{"n": 0, "seed": 0}]
    return Study(name, "?", trials, trial, lambda records: {}, same, "", early_loss=0.01)


def whole(**changed: Any) -> str:
    """Return an empty results file with some of its parts changed."""
    names = ("study", "question", "command")
    empty = {"version": 1, "complete": False, "runs": {}, "verdicts": {}, "trials": []}
    return json.dumps(dict.fromkeys(names, "toy") | empty | changed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{\n", r"toy\.json:2: no JSON: "),
        ("[]", r"toy\.json: .* is not of type 'object'"),
        (whole(study="other"), "holds study 'other', not 'toy'"),
        (whole(version=0), "version: 1 was expected"),
        (whole(trials=[{"config": {"seed": 0}}]), r"trials\[0\]: 'outcome' is a required property"),
    ],
)
def test_a_damaged_or_foreign_results_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "docs" / "evidence").mkdir(parents=True)
    store = Store(study(), tmp_path)
    store.results.write_text(text, "utf-8")
    with pytest.raises(DamagedError, match=said):
        store.load()
    assert store.results.read_text("utf-8") == text


def test_a_results_file_from_before_settings_is_read(tmp_path: Path) -> None:
    (tmp_path / "docs" / "evidence").mkdir(parents=True)
    store = Store(study(), tmp_path)
    trial = {"config": {"seed": 0}, "outcome": {"loss": [], "diverged": False}}
    old = whole(
        command="python -m gated.studies run toy", trials=[trial | {"seconds": 1, "run": ""}]
    )
    store.results.write_text(old, "utf-8")
    assert [record.config for record in store.load()[1]] == [{"seed": 0}]


def test_a_number_that_is_none_becomes_null(tmp_path: Path) -> None:
    (tmp_path / "docs" / "evidence").mkdir(parents=True)
    store = Store(study(), tmp_path)
    outcome = {"loss": [1.0, math.nan], "error": math.inf, "diverged": True}
    store.add(Record({"n": 0, "seed": 0}, outcome, 0.1, "a"))
    (record,) = store.load()[1]
    assert record.outcome == {"loss": [1.0, None], "error": None, "diverged": True}


def test_a_damaged_line_is_named_and_half_a_line_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "docs" / "evidence").mkdir(parents=True)
    store = Store(study(), tmp_path)
    store.add(Record({"n": 0, "seed": 0}, {"solved_at": 1}, 0.1, "a"))
    file = tmp_path / ".studies" / "toy.jsonl"
    whole = file.read_text("utf-8")
    file.write_text(whole + whole[:20], "utf-8")
    assert [record.config for record in store.load()[1]] == [{"n": 0, "seed": 0}]
    assert file.read_text("utf-8") == whole
    file.write_text('{"else": 1}\n' + whole, "utf-8")
    with pytest.raises(DamagedError, match=r"toy\.jsonl:1: not a line of ours"):
        store.load()


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ({"solved_at": None, "loss": [0.5, 0.4], "diverged": False}, ""),
        ({"solved_at": None, "loss": [0.502, 0.4, 9.0], "diverged": False}, ""),
        (
            {"solved_at": None, "loss": [0.6, 0.4], "diverged": False},
            "n=0 seed=0: loss 1 was 0.6 and is",
        ),
        ({"solved_at": 50, "loss": [0.5, 0.4], "diverged": False}, "n=0 seed=0: solved_at was 50"),
        ({"solved_at": None, "loss": [0.5, 0.4], "diverged": True}, "n=0 seed=0: diverged was"),
        ({"solved_at": None, "loss": [], "diverged": False, "error": 0.45}, ""),
        ({"solved_at": None, "loss": [], "diverged": False, "error": 0.3}, "n=0 seed=0: error was"),
    ],
)
def test_verify_finds_what_differs(outcome: Outcome, said: str) -> None:
    record = Record({"n": 0, "seed": 0}, {"error": 0.5} | outcome, 0.1, "a")
    found = disagreement(study(), record, study().run(record.config, "cpu"))
    assert found.startswith(said)
    assert bool(found) == bool(said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status", "lengths"], "no study is called \"lengths\"; did you mean 'length'?"),
        (["run", "length", "--jobs", "0"], "--jobs must be at least 1, got 0"),
        (["run", "length", "--device", "cuda"], "there is no CUDA device here"),
        (
            ["run", "length", "--device", "cdua"],
            "Unknown --device: 'cdua' is not one of 'cpu', 'cuda';",
        ),
        (["run", "length", "--only", "cell=gur"], 'no trial of "length" matches --only "cell=gur"'),
        (["run", "length", "--cluster", "tcp://127.0.0.1:9"], "no Dask scheduler answers at tcp"),
        (["run", "costs", "--cluster", "tcp://127.0.0.1:9"], 'the trials of "costs" are timed'),
        (["run", "length", "--cluster", "here"], "no Dask scheduler answers at here"),
        (["run", "length", "--trial", "0000", "--cluster", "here"], "--trial runs one trial, here"),
        (
            ["run", "length", "--trial", "0000"],
            'no recorded trial of "length" is called "0000"; the first column of docs/evidence/len',
        ),
    ],
)
def test_bad_input_is_one_line_and_status_1(
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(provenance, "guard", lambda study: {})  # whatever is being edited
    monkeypatch.setattr("studies.harness.running.PATIENCE", 0.5)
    assert main(arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {said}")


@pytest.fixture
def recorded_toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return the store of a study of two trials, one of which needs a file; both are recorded."""
    (tmp_path / "docs" / "evidence").mkdir(parents=True)
    two = replace(
        study(),
        trials=[{"n": 0, "seed": 0}, {"n": 1, "seed": 0}],
        files=lambda config: ["Nottingham.mat"] if config["n"] else [],
    )
    store = Store(two, tmp_path)
    for config in two.trials:
        store.add(Record(config, two.run(config, "cpu"), 0.1, "a"))
    store.publish()
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    monkeypatch.setattr(commands, "NAMES", ("toy",))
    monkeypatch.setattr(commands, "find", lambda name: store.study)
    monkeypatch.delenv("GATED_DATA", raising=False)
    return store


def test_verify_runs_all_recorded_studies_and_says_what_it_cannot_check(
    recorded_toy: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--sample", "5"]) == 0
    cannot, agrees = capsys.readouterr().out.splitlines()
    assert cannot.startswith("toy: 1 trials cannot be checked here: Nottingham.mat is needed: name")
    assert agrees == "toy: agrees: n=0 seed=0"


def test_one_trial_is_run_again_by_the_name_that_the_table_gives_it(
    recorded_toy: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    table = recorded_toy.results.with_suffix(".csv").read_text("utf-8")
    here, elsewhere = (row["trial"] for row in csv.DictReader(table.splitlines()))
    assert main(["run", "toy", "--trial", here]) == 0
    first, _, *numbers, last = capsys.readouterr().out.splitlines()
    assert first == f"toy {here}: n=0 seed=0"
    assert [line.split() for line in numbers] == [
        ["solved_at", "None", "None"],
        ["error", "0.5", "0.5"],
        ["diverged", "False", "False"],
        ["loss", "1", "0.5", "0.5"],
        ["loss", "2", "0.4", "0.4"],
    ]
    assert last == "agrees within the study's tolerance"
    assert main(["run", "toy", "--trial", elsewhere]) == 1
    assert capsys.readouterr().err.startswith("error: Nottingham.mat is needed: name the folder")


def test_a_trial_that_comes_out_otherwise_is_said_to_differ(
    recorded_toy: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def other(config: Config, device: str) -> Outcome:
        return {"solved_at": None, "loss": [0.5, 0.4], "error": 0.9, "diverged": False}

    monkeypatch.setattr(commands, "find", lambda name: replace(recorded_toy.study, run=other))
    assert main(["run", "toy", "--trial", trial_id({"n": 0, "seed": 0})]) == 1
    *_, last = capsys.readouterr().out.splitlines()
    assert last == "differs: n=0 seed=0: error was 0.5 and is 0.9"


def test_an_unknown_trial_is_one_line_with_the_nearest(
    recorded_toy: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    known = trial_id({"n": 0, "seed": 0})
    assert main(["run", "toy", "--trial", known[:-1]]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f'error: no recorded trial of "toy" is called "{known[:-1]}"; the first column of '
        f"docs/evidence/toy.csv names all; did you mean {known!r}?"
    )


def test_the_name_of_a_trial_stays_and_does_not_depend_on_the_order_of_its_settings() -> None:
    assert trial_id({"n": 0, "seed": 0}) == trial_id({"seed": 0, "n": 0}) == "70d0cb65"


@pytest.mark.parametrize(
    ("machine", "noted"),
    [
        ({}, False),  # as in old files
        ({"digest": "now"}, False),
        ({"digest": "then"}, True),
    ],
)
def test_status_notes_that_what_decides_has_changed(
    recorded_toy: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    machine: dict[str, str],
    noted: bool,
) -> None:
    monkeypatch.setattr(provenance, "digest", lambda study: "now")
    recorded_toy.open_run("of May", {"commit": "0123456789abcdef"} | machine)
    assert main(["status", "toy"]) == 0
    first, *notes = capsys.readouterr().out.splitlines()
    assert first.startswith("toy: 0 of 0 tuning trials, 2 of 2 trials, 0 diverged")
    note = "note: what decides it has changed since the run of May began, at commit 0123456789"
    assert notes == [note] * noted


def outcome_of(solved_at: int | None, error: float = 0.0) -> Outcome:
    return {"solved_at": solved_at, "error": error, "diverged": False, "loss": [], "errors": []}


def recorded(gru: int | None, lstm: int | None) -> list[Record]:
    """Return records in which every GRU and every LSTM took this many updates, give or take."""
    records = []
    for config in length.STUDY.trials:
        taken = {"gru": gru, "lstm": lstm}.get(str(config["cell"]), 500)
        spread = None if taken is None else taken + 50 * (int(config["seed"]) % 2)
        records.append(Record(config, outcome_of(spread), 1.0, "a"))
    return records


def test_a_data_file_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATED_DATA", str(tmp_path))
    with pytest.raises(files.MissingError, match=r"holds no Nottingham\.mat; it comes"):
        files.path("Nottingham.mat")
    (tmp_path / "Nottingham.mat").write_bytes(b"else")
    with pytest.raises(ValueError, match=r"\.mat: its sha256 is \w{12}\.\.\., not d154f7ca2e90"):
        files.path("Nottingham.mat")


@pytest.mark.parametrize(
    ("gru", "lstm", "better"),
    [
        (300, 900, "gru"),
        (900, 300, "lstm"),
        (500, 500, "tie"),
        (None, None, "tie"),
        (900, None, "gru"),
    ],
)
def test_the_length_rule_follows_the_intervals(
    gru: int | None, lstm: int | None, better: str
) -> None:
    verdicts = length.STUDY.rule(recorded(gru, lstm))
    assert set(verdicts) == {
        f"{end}, equal {b}" for end in ("short", "long") for b in ("width", "parameters")
    }
    assert {verdict["better"] for verdict in verdicts.values()} == {better}


def test_the_rate_is_chosen_by_steps_then_by_error() -> None:
    took = {0.001: (None, 0.3), 0.003: (None, 0.2), 0.01: (400, 0.0), 0.03: (300, 0.0)}
    records = [
        Record(config, outcome_of(*took[float(config["rate"])]), 1.0, "a")
        for config in length.STUDY.tuning
    ]
    chosen = length.STUDY.choose(records)
    assert {settings["rate"] for settings in chosen.values()} == {0.03}
    none = [
        Record(r.config, outcome_of(None, took[float(r.config["rate"])][1]), 1.0, "a")
        for r in records
        if float(r.config["rate"]) < 0.01
    ]
    assert {settings["rate"] for settings in length.STUDY.choose(none).values()} == {0.003}


@pytest.mark.parametrize("task", TASKS)
def test_budgets_are_equal(task: str) -> None:
    inputs = TASKS[task].input_size
    gru = width_in("parameters", inputs, length.WIDTH)
    ratio = count("gru", inputs, gru).total / count("lstm", inputs, length.WIDTH).total
    assert gru > length.WIDTH
    assert 0.97 < ratio < 1.03
    assert width_in("width", inputs, length.WIDTH) == length.WIDTH


def test_the_length_study_has_the_seeds_that_it_promises() -> None:
    seeds: dict[str, set[object]] = {}
    for config in length.STUDY.trials:
        rest = {name: value for name, value in config.items() if name != "seed"}
        seeds.setdefault(key(rest), set()).add(config["seed"])
    for text, found in seeds.items():
        assert len(found) == (10 if '"gru"' in text or '"lstm"' in text else 5)
    groups = {length.STUDY.group(config) for config in length.STUDY.trials}
    assert groups == {length.STUDY.group(config) for config in length.STUDY.tuning}
