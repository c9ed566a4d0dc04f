"""Running a study: a process for each core, every finished trial saved at once."""

from __future__ import annotations

import multiprocessing
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice

import torch
from tqdm import tqdm

from studies.harness import cluster, machines
from studies.harness.store import Store
from studies.harness.study import Config, Outcome, Record, Study, described, key


def run(
    store: Store,
    *,
    jobs: int,
    device: str,
    only: str,
    command: str,
    guard: Mapping[str, str],
    address: str = "",
) -> None:
    """Run all trials that have no record yet, then publish.

    Tuning comes first; a group's trials begin once its settings are chosen. ``guard`` says
    what decides the study, see ``sources.guard``, and goes into the results file. ``address`` is a
    Dask scheduler's, for other machines than this one.

    Raises:
        ValueError: the filter matches no trial, or no cluster answers.
    """
    study = store.study
    if only and not any(only in described(config) for config in all_trials(study)):
        raise ValueError(f'no trial of "{study.name}" matches --only "{only}"')
    store.load()  # what is damaged is said before anything runs
    with _executor(jobs, address) as (executor, at_once, processors):
        name = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {secrets.token_hex(2)}"
        machine = machines.described(device, processors, command, at_once)
        store.open_run(name, {**machine, **guard})
        try:
            while todo := _todo(study, store.load()[1], only):
                for config, outcome, seconds in _outcomes(study, todo, at_once, device, executor):
                    store.add(Record(config, outcome, round(seconds, 2), name))
        finally:
            store.publish()


@contextmanager
def _executor(jobs: int, address: str) -> Iterator[tuple[Executor, int, str]]:
    """Give what runs the trials, how many at once, and on which processors."""
    if address:
        with cluster.workers(address) as given:
            yield given
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context)
    try:
        yield pool, jobs, machines.processor()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def all_trials(study: Study) -> list[Config]:
    """Return the tuning's trials and the trials proper, the latter as declared."""
    return [*study.tuning, *study.trials]


def _todo(study: Study, records: Sequence[Record], only: str) -> list[Config]:
    """Return what can be run now: the tuning while some of it is left, else the trials."""
    done = {key(record.config) for record in records}
    wanted = {study.group(c) for c in all_trials(study) if only in described(c)}
    tuning = [c for c in study.tuning if key(c) not in done and study.group(c) in wanted]
    return tuning or [
        c for c in study.tuned(records) if key(c) not in done and only in described(c)
    ]


def _outcomes(
    study: Study, configs: Sequence[Config], jobs: int, device: str, executor: Executor
) -> Iterator[tuple[Config, Outcome, float]]:
    """Run trials, ``jobs`` at once, and yield each as it ends."""
    waiting = iter(configs)
    running: dict[Future[tuple[Outcome, float]], Config] = {}

    def start(count: int) -> None:
        for config in islice(waiting, count):
            running[executor.submit(one, study.run, config, device)] = config

    with tqdm(total=len(configs), unit="trial", desc=study.name, smoothing=0.05) as bar:
        start(jobs)
        while running:
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                config = running.pop(future)
                yield config, *future.result()
                bar.update()
                start(1)


def one(
    trial: Callable[[Config, str], Outcome], config: Config, device: str
) -> tuple[Outcome, float]:
    """Run one trial on one thread; return its outcome and the seconds it took."""
    torch.set_num_threads(1)  # as many trials run as there are cores
    start = time.perf_counter()
    outcome = trial(config, device)
    return outcome, time.perf_counter() - start
