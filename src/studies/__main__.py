"""The commands: ``python -m studies list | run | status | verify | report``."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Mapping
from concurrent.futures.process import BrokenProcessPool

import torch

from gated.options import check_choice, did_you_mean
from studies.data import files
from studies.harness import sources
from studies.harness.catalog import MEASURED, NAMES, find, measurement
from studies.harness.machines import ROOT
from studies.harness.measurement import Measurement, dumped
from studies.harness.running import all_trials, run
from studies.harness.store import Store, write_whole
from studies.harness.study import Study, described, key, trial_id
from studies.harness.verify import check_files, disagreement, sample, side_by_side

DEVICES = ("cpu", "cuda")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; what is wrong is said in one line, with exit status 1."""
    given = _parser().parse_args(arguments)
    if getattr(given, "data", ""):
        os.environ[files.VARIABLE] = given.data  # so that the processes of the trials have it too
    try:
        if given.command == "list":
            return _list()
        if given.command == "verify":
            return _verify(given.name, given.sample)
        if given.name in MEASURED:
            return _measured(measurement(given.name), given)
        study = find(given.name)
        if given.command == "run":
            return _run(study, given)
        return _status(study) if given.command == "status" else _report(study)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
    except BrokenProcessPool:
        print("error: a process was killed; finished trials are saved: run again", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted: run the same command to go on", file=sys.stderr)
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m studies", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="name all studies and what each asks")
    running = commands.add_parser("run", help="run what is not recorded yet")
    running.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once")
    running.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    running.add_argument("--cluster", metavar="ADDRESS", default="", help="a Dask scheduler's")
    some = running.add_mutually_exclusive_group()
    some.add_argument("--only", default="", help='text that a trial contains: "task=adding"')
    some.add_argument("--trial", metavar="ID", default="", help="run this recorded one again")
    verify = commands.add_parser("verify", help="run recorded trials again and compare")
    verify.add_argument("--sample", type=int, default=1, help="how many (default: 1)")
    for command in (running, verify):
        command.add_argument("--data", metavar="DIR", help=f"data files (or {files.VARIABLE})")
    status = commands.add_parser("status", help="say how much is recorded")
    report = commands.add_parser("report", help="print the verdicts")
    for command in (running, status, report):
        command.add_argument("name", help="which study: see list")
    verify.add_argument("name", nargs="?", help="which study (default: all that are recorded)")
    return parser


def _list() -> int:
    for name in NAMES:
        study = find(name)
        print(f"{name:10} {len(all_trials(study)):5} trials  {study.question}")
    for name in MEASURED:
        print(f"{name:10} {'in one go':>12}  {measurement(name).question}")
    return 0


def _measured(measurement: Measurement, given: argparse.Namespace) -> int:
    """Run what is measured in one go, or tell of its record."""
    name, file = measurement.name, measurement.file(ROOT)
    if given.command == "run":
        for option, default in (("device", "cpu"), ("only", ""), ("trial", ""), ("cluster", "")):
            if getattr(given, option) != default:
                raise ValueError(f'"{name}" is measured in one go, here: leave out --{option}')
        write_whole(file, dumped(measurement.record(sources.guard(name))))
        print(f"wrote {file.relative_to(ROOT)}")
        return 0
    if not file.is_file():
        raise ValueError(f'"{name}" is not recorded yet: run it first')
    text = file.read_text("utf-8")
    if given.command == "report":
        print(text, end="")
        return 0
    made = json.loads(text)
    print(f"{name}: recorded with torch {made['versions']['torch']} on {made['machine']['cpu']}")
    _note_change(name, made, "it was recorded")
    return 0


def _run(study: Study, given: argparse.Namespace) -> int:
    check_choice("--device", given.device, DEVICES)
    if given.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("there is no CUDA device here: leave --device out, or use cpu")
    if given.jobs < 1:
        raise ValueError(f"--jobs must be at least 1, got {given.jobs}")
    if given.trial and given.cluster:
        raise ValueError("--trial runs one trial, here: leave out --cluster")
    if given.trial:
        return _run_again(study, given.trial, given.device)
    if study.alone and given.cluster:
        raise ValueError(
            f'the trials of "{study.name}" are timed: run them here, without --cluster'
        )
    jobs = 1 if study.alone else given.jobs
    words = ["run", study.name, "--jobs", str(jobs)]
    words += ["--device", given.device] if given.device != "cpu" else []
    words += ["--only", given.only] if given.only else []
    words += ["--cluster", "ADDRESS"] if given.cluster else []
    for config in all_trials(study):
        if given.only in described(config):
            check_files(study, config)
    run(
        Store(study, ROOT),
        jobs=jobs,
        device=given.device,
        only=given.only,
        command=f"python -m studies {shlex.join(words)}",
        guard=sources.guard(study.name),
        address=given.cluster,
    )
    return 0


def _run_again(study: Study, trial: str, device: str) -> int:
    """Run one recorded trial again and print what it gave and gives, side by side."""
    records = {trial_id(record.config): record for record in Store(study, ROOT).load()[1]}
    if trial not in records:
        raise ValueError(
            f'no recorded trial of "{study.name}" is called "{trial}"; the first column of '
            f"docs/evidence/{study.name}.csv names all" + did_you_mean(trial, records)
        )
    record = records[trial]
    check_files(study, record.config)
    print(f"{study.name} {trial}: {described(record.config)}", flush=True)
    torch.set_num_threads(1)
    again = study.run(record.config, device)
    print("recorded, and again:", *side_by_side(study, record, again), sep="\n")
    difference = disagreement(study, record, again)
    print(f"differs: {difference}" if difference else "agrees within the study's tolerance")
    return int(bool(difference))


def _status(study: Study) -> int:
    runs, records = Store(study, ROOT).load()
    done = {key(record.config) for record in records}
    tuned = sum(key(config) in done for config in study.tuning)
    diverged = sum(bool(record.outcome["diverged"]) for record in records)
    hours = sum(record.seconds for record in records) / 3600
    print(
        f"{study.name}: {tuned} of {len(study.tuning)} tuning trials, "
        f"{len(records) - tuned} of {len(study.trials)} trials, "
        f"{diverged} diverged, {hours:.1f} core-hours"
    )
    for name, machine in runs.items():
        _note_change(study.name, machine, f"the run {name} began")
    return 0


def _note_change(study: str, made: Mapping[str, str], when: str) -> None:
    """Say so where what decides a study is not what it was; records made before do not know."""
    now = sources.digest(study)
    if made.get("digest", now) != now:
        print(f"note: what decides it has changed since {when}, at commit {made['commit'][:10]}")


def _verify(name: str | None, count: int) -> int:
    """Run some trials of one study again, or of all that have a results file."""
    studies = [find(one) for one in ([name] if name else NAMES)]
    torch.set_num_threads(1)
    wrong = 0
    for study in studies:
        store = Store(study, ROOT)
        if not name and not store.results.is_file():
            continue
        _, records = store.load()
        if not records:
            raise ValueError(f'nothing of "{study.name}" is recorded yet')
        able, missing = [], []
        for record in records:
            try:
                check_files(study, record.config)
                able.append(record)
            except files.MissingError as error:
                missing.append(error)
        if missing:
            print(f"{study.name}: {len(missing)} trials cannot be checked here: {missing[0]}")
        for record in sample(able, count):
            difference = disagreement(study, record, study.run(record.config, "cpu"))
            wrong += bool(difference)
            outcome = (
                f"differs: {difference}" if difference else "agrees: " + described(record.config)
            )
            print(f"{study.name}: {outcome}")
    return int(bool(wrong))


def _report(study: Study) -> int:
    store = Store(study, ROOT)
    _, records = store.load()
    done = {key(record.config) for record in records}
    missing = [c for c in study.tuned(records) if key(c) not in done]
    if missing or not records:
        raise ValueError(f'{len(missing)} trials of "{study.name}" are missing: run it first')
    print(json.dumps(study.rule(records), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
