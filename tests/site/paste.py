"""Runs pasted programs for test_copy, in the environment of a reader.

    python -I paste.py

For each line on standard input, a list in JSON of jobs, writes the list of their exit statuses. A
job names a program's file, an empty folder to run it in, and the files of its output and errors.

Each program ends in a process of its own, forked from this one, which has imported what nearly all
of them import. Programs that begin alike, as those of one chapter do where each goes on from the
block before it, share the process that runs their common beginning: it forks where they part.
"""

from __future__ import annotations

import ast
import json
import os
import random
import shutil
import sys
import tempfile
import types
from dataclasses import dataclass
from itertools import groupby, takewhile
from pathlib import Path

import matplotlib.pyplot  # noqa: F401
import torch._inductor.config  # noqa: F401


@dataclass
class Place:
    """Where a program runs: its folder, and the files of its output and errors."""

    folder: str
    output: str
    errors: str

    def enter(self, before: Place | None) -> None:
        """Go on here with what was printed and written in the place ``before``."""
        if before:
            shutil.copytree(before.folder, self.folder, dirs_exist_ok=True)
            shutil.copy(before.output, self.output)
            shutil.copy(before.errors, self.errors)
        for path, flags, number in (
            (os.devnull, os.O_RDONLY, 0),
            (self.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 1),
            (self.errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 2),
        ):
            os.dup2(os.open(path, flags, 0o600), number)
        os.chdir(self.folder)


class Job:
    """A program, its statements, and where it is to run."""

    def __init__(self, file: str, folder: str, output: str, errors: str) -> None:
        self.file = file
        self.place = Place(folder, output, errors)
        self._source = Path(file).read_bytes()
        try:
            self._statements = ast.parse(self._source).body
        except SyntaxError:  # which it says itself once it runs
            self._statements = []
        #: What each statement is, and where it stands.
        self.parts = [ast.dump(one, include_attributes=True) for one in self._statements]
        if b"from __future__" in self._source:  # which rules all that follows
            self.parts = [file]

    def run(self, start: int, end: int | None = None) -> None:
        """Run statements in ``__main__``, as ``python file`` does."""
        main = sys.modules["__main__"]
        main.__file__ = self.file
        sys.argv = [self.file]
        code: bytes | ast.Module = self._source
        if start or end:
            code = ast.Module(self._statements[start:end], type_ignores=[])
        exec(compile(code, self.file, "exec", dont_inherit=True), main.__dict__)


def main() -> None:
    for line in sys.stdin:
        jobs = [Job(*job) for job in json.loads(line)]
        shared = tempfile.mkdtemp()
        _part(jobs, 0, None, shared)
        for job in jobs:
            # Where a beginning could not be shared, each program runs from its own.
            if not _status(job, shared).exists():
                _part([job], 0, None, shared)
        print(json.dumps([int(_status(job, shared).read_text()) for job in jobs]), flush=True)
        shutil.rmtree(shared)


def _status(job: Job, shared: str) -> Path:
    """Return the file where the exit status of a job is noted."""
    return Path(shared, Path(job.file).name + ".status")


def _part(jobs: list[Job], start: int, before: Place | None, shared: str) -> None:
    """Run jobs from their statement ``start``: a process for those that go on alike."""

    def goes_on(job: Job) -> str:
        return job.parts[start] if start < len(job.parts) else job.file

    state = random.getstate()
    for _, alike in groupby(sorted(jobs, key=goes_on), goes_on):
        group = list(alike)
        child = os.fork()
        if child == 0:
            if before:
                random.setstate(state)  # which Python seeds anew in each fork
            _run(group, start, before, shared)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if len(group) == 1:
            _status(group[0], shared).write_text(str(status))


def _run(jobs: list[Job], start: int, before: Place | None, shared: str) -> None:
    """Run what jobs have in common, then each by itself; never return."""
    if not before:
        sys.modules["__main__"] = types.ModuleType("__main__")
    if len(jobs) == 1:
        jobs[0].place.enter(before)
        jobs[0].run(start)
        sys.exit()
    folder = tempfile.mkdtemp(dir=shared)
    place = Place(f"{folder}/folder", f"{folder}/output", f"{folder}/errors")
    os.mkdir(place.folder)
    place.enter(before)
    columns = zip(*(job.parts[start:] for job in jobs), strict=False)
    end = start + sum(1 for _ in takewhile(lambda parts: len(set(parts)) == 1, columns))
    jobs[0].run(start, end)
    sys.stdout.flush()
    sys.stderr.flush()
    # Other threads would be missing in the processes that go on.
    if len(os.listdir("/proc/self/task")) == 1:
        _part(jobs, end, place, shared)
    os._exit(0)


if __name__ == "__main__":
    main()
