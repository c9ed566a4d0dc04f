"""The commands: ``python -m studies list | run | status | verify | report``."""

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
from studies.harness import provenance
from studies.harness.catalog import MEASURED, NAMES, find, measurement
from studies.harness.measurement import dumped
from studies.harness.provenance import ROOT
from studies.harness.running import check_files, disagreement, run, sample, side_by_side
from studies.harness.store import Store, write_whole
from studies.harness.study import Study, described, trial_id


def main(arguments: list[str] | None = None) -> int:
    """Run a command; what is wrong is said in one line, with exit status 1."""
    given = _parser().parse_args(arguments)
    if getattr(given, "data", ""):
        os.environ[files.VARIABLE] = given.data  # so that the processes of the trials have it too
    try:
        return int(bool(given.act(given)))
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
    names = commands.add_parser("list", help="name all studies and what each asks")
    running = commands.add_parser("run", help="run what is not recorded yet")
    running.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once")
    running.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    running.add_argument("--cluster", metavar="ADDRESS", default="", help="a Dask scheduler's")
    some = running.add_mutually_exclusive_group()
    some.add_argument(
        "--only", default="", help='text that a trial contains: "task=adding"; a part'
    )
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
    acts = {names: _list, running: _run, verify: _verify, status: _status, report: _report}
    for command, act in acts.items():
        command.set_defaults(act=act)
    return parser


def _list(given: argparse.Namespace) -> None:
    for name in NAMES:
        study = find(name)
        trials = len(study.searched([])) + len(study.trials)
        print(f"{name:19} {trials:5} trials  {study.question}")
    for name in MEASURED:
        print(f"{name:19} {'in one go':>12}  {measurement(name).question}")


def _run(given: argparse.Namespace) -> str:
    if given.name in MEASURED:
        return _measure(given)
    study = find(given.name)
    check_choice("--device", given.device, ("cpu", "cuda"))
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
    run(
        Store(study, ROOT),
        jobs=jobs,
        device=given.device,
        only=given.only,
        command=f"python -m studies {shlex.join(words)}",
        guard=provenance.guard(study.name),
        address=given.cluster,
    )
    return ""


def _measure(given: argparse.Namespace) -> str:
    made = measurement(given.name)
    for option, default in (("device", "cpu"), ("only", ""), ("trial", ""), ("cluster", "")):
        if getattr(given, option) != default and not (option == "only" and made.parts):
            raise ValueError(f'"{given.name}" is measured in one go, here: leave out --{option}')
    if given.only:
        check_choice("--only", given.only, made.parts)
    file, guard = made.file(ROOT), provenance.guard(given.name)
    if not made.parts:
        write_whole(file, dumped(made.record(guard)))
    for part in [given.only] if given.only else made.parts:
        found = {part: made.record(guard, part)}
        others = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        write_whole(file, dumped(others | found))
    print(f"wrote {file.relative_to(ROOT)}")
    return ""


def _run_again(study: Study, trial: str, device: str) -> str:
    """Run one recorded trial again, print what it gave and gives, and return what differs."""
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
    return difference


def _status(given: argparse.Namespace) -> None:
    if given.name in MEASURED:
        made = json.loads(_record(given.name))
        parts = [part for part in measurement(given.name).parts if part in made]
        each = {f"{given.name} {part}": made[part] for part in parts} or {given.name: made}
        for name, one in each.items():
            versions, machine = one["versions"], one["machine"]
            print(f"{name}: recorded with torch {versions['torch']} on {machine['cpu']}")
            _note_change(given.name, one, "it was recorded")
        return
    study = find(given.name)
    runs, records = Store(study, ROOT).load()
    tuned = sum("tuning" in record.config for record in records)
    diverged = sum(bool(record.outcome["diverged"]) for record in records)
    hours = sum(record.seconds for record in records) / 3600
    print(
        f"{study.name}: {tuned} of {len(study.searched(records))} tuning trials, "
        f"{len(records) - tuned} of {len(study.trials)} trials, "
        f"{diverged} diverged, {hours:.1f} core-hours"
    )
    for name, machine in runs.items():
        _note_change(study.name, machine, f"the run {name} began")


def _note_change(study: str, made: Mapping[str, str], when: str) -> None:
    """Say so where what decides a study is not what it was; records made before do not know."""
    now = provenance.digest(study)
    if made.get("digest", now) != now:
        print(f"note: what decides it has changed since {when}, at commit {made['commit'][:10]}")


def _verify(given: argparse.Namespace) -> int:
    """Run trials of one study again, or of all that have a results file; count what differs."""
    studies = [find(one) for one in ([given.name] if given.name else NAMES)]
    torch.set_num_threads(1)
    wrong = 0
    for study in studies:
        store = Store(study, ROOT)
        if not given.name and not store.results.is_file():
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
        for record in sample(able, given.sample):
            difference = disagreement(study, record, study.run(record.config, "cpu"))
            wrong += bool(difference)
            outcome = (
                f"differs: {difference}" if difference else "agrees: " + described(record.config)
            )
            print(f"{study.name}: {outcome}")
    return wrong


def _report(given: argparse.Namespace) -> None:
    if given.name in MEASURED:
        print(_record(given.name), end="")
        return
    study = find(given.name)
    _, records = Store(study, ROOT).load()
    if missing := study.left(records):
        raise ValueError(f'{len(missing)} trials of "{study.name}" are missing: run it first')
    print(json.dumps(study.rule(records), indent=2))


def _record(name: str) -> str:
    """Return the text of the record of what is measured in one go."""
    file = measurement(name).file(ROOT)
    if not file.is_file():
        raise ValueError(f'"{name}" is not recorded yet: run it first')
    return file.read_text("utf-8")


if __name__ == "__main__":
    sys.exit(main())
