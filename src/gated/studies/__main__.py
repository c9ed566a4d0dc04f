"""The commands: ``python -m gated.studies list | run | status | verify | report``."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool

import torch

from gated.options import check_choice
from gated.studies import data
from gated.studies.catalog import NAMES, find
from gated.studies.machines import ROOT
from gated.studies.running import all_trials, rule_commit, run
from gated.studies.store import Store
from gated.studies.study import Record, Study, described, key
from gated.studies.verify import disagreement, lacking, sample

DEVICES = ("cpu", "cuda")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; what is wrong is said in one line, with exit status 1."""
    given = _parser().parse_args(arguments)
    if getattr(given, "data", ""):
        os.environ[data.VARIABLE] = given.data  # so that the processes of the trials have it too
    try:
        if given.command == "list":
            return _list()
        if given.command == "verify":
            return _verify([find(given.name)] if given.name else _recorded(), given.sample)
        study = find(given.name)
        match given.command:
            case "run":
                return _run(study, given)
            case "status":
                return _status(study)
        return _report(study)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
    except BrokenProcessPool:
        print("error: a process was killed; finished trials are saved: run again", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted: run the same command to go on", file=sys.stderr)
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gated.studies", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="name all studies and what each asks")
    running = commands.add_parser("run", help="run what is not recorded yet")
    running.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once")
    running.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    running.add_argument("--cluster", metavar="ADDRESS", default="", help="a Dask scheduler's")
    running.add_argument("--only", default="", help='text that a trial contains: "task=adding"')
    verify = commands.add_parser("verify", help="run recorded trials again and compare")
    verify.add_argument("--sample", type=int, default=1, help="how many (default: 1)")
    for command in (running, verify):
        command.add_argument("--data", metavar="DIR", help=f"data files (or {data.VARIABLE})")
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
    return 0


def _run(study: Study, given: argparse.Namespace) -> int:
    check_choice("--device", given.device, DEVICES)
    if given.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("there is no CUDA device here: leave --device out, or use cpu")
    if given.jobs < 1:
        raise ValueError(f"--jobs must be at least 1, got {given.jobs}")
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
        if given.only in described(config) and (reason := lacking(study, config)):
            raise ValueError(reason)
    run(
        Store(study, ROOT),
        jobs=jobs,
        device=given.device,
        only=given.only,
        command=f"python -m gated.studies {shlex.join(words)}",
        rule=rule_commit(study),
        address=given.cluster,
    )
    return 0


def _status(study: Study) -> int:
    _, records = Store(study, ROOT).load()
    done = {key(record.config) for record in records}
    tuned = sum(key(config) in done for config in study.tuning)
    diverged = sum(bool(record.outcome["diverged"]) for record in records)
    hours = sum(record.seconds for record in records) / 3600
    print(
        f"{study.name}: {tuned} of {len(study.tuning)} tuning trials, "
        f"{len(records) - tuned} of {len(study.trials)} trials, "
        f"{diverged} diverged, {hours:.1f} core-hours"
    )
    return 0


def _recorded() -> list[Study]:
    """Return the studies that have a results file."""
    studies = map(find, NAMES)
    return [study for study in studies if Store(study, ROOT).results.is_file()]


def _verify(studies: Sequence[Study], count: int) -> int:
    torch.set_num_threads(1)
    wrong = 0
    for study in studies:
        _, records = Store(study, ROOT).load()
        if not records:
            raise ValueError(f'nothing of "{study.name}" is recorded yet')
        reasons = [lacking(study, record.config) for record in records]
        able = [record for record, reason in zip(records, reasons, strict=True) if not reason]
        if missing := list(filter(None, reasons)):
            print(f"{study.name}: {len(missing)} trials cannot be checked here: {missing[0]}")
        for record in sample(able, count):
            difference = disagreement(study, record)
            wrong += bool(difference)
            print(f"{study.name}: differs: {difference}" if difference else _agrees(study, record))
    return int(bool(wrong))


def _agrees(study: Study, record: Record) -> str:
    return f"{study.name}: agrees: {described(record.config)}"


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
