"""Running a study, here or on a Dask cluster, each finished trial saved at once; and again."""

import math
import multiprocessing
import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager

import torch
from tqdm import tqdm

from studies.data import files
from studies.harness import provenance
from studies.harness.store import Store
from studies.harness.study import Config, Outcome, Record, Records, Study, described

PATIENCE = 5.0  # seconds to wait for a scheduler of Dask's


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

    Tuning comes first; a group's trials begin once its settings are chosen. ``guard`` says what
    decides the study, see ``provenance.guard``, and goes into the results file. ``address`` is a
    Dask scheduler's, for other machines than this one.

    Raises:
        ValueError: the filter matches no trial, a data file is not here, no cluster answers.
    """
    study = store.study
    wanted = [one for one in (*study.searched([]), *study.trials) if only in described(one)]
    if not wanted:
        raise ValueError(f'no trial of "{study.name}" matches --only "{only}"')
    for config in wanted:
        check_files(study, config)
    groups = {study.group(config) for config in wanted}

    def todo() -> list[Config]:
        """Return what can be run now: the tuning while some of it is left, else the trials."""
        left = study.left(store.load()[1])
        tuning = [c for c in left if "tuning" in c and study.group(c) in groups]
        return tuning or [c for c in left if "tuning" not in c and only in described(c)]

    store.load()  # what is damaged is said before anything runs
    with workers(address) if address else _processes(jobs) as (executor, at_once, processors):
        name = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {secrets.token_hex(2)}"
        machine = provenance.described(device, processors, command, at_once)
        store.open_run(name, {**machine, **guard})
        try:
            while configs := todo():
                for config, outcome, seconds in _outcomes(study, configs, device, executor):
                    store.add(Record(config, outcome, round(seconds, 2), name))
        finally:
            store.publish()


@contextmanager
def _processes(jobs: int) -> Iterator[tuple[Executor, int, str]]:
    """Give an executor on this machine, how many trials it runs at once, and the processor."""
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool, jobs, provenance.processor()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def workers(address: str) -> Iterator[tuple[Executor, int, str]]:
    """Give an executor on the Dask cluster at ``address``, its threads and its processors' names.

    A trial whose worker dies is run again on another one.

    Raises:
        ValueError: no scheduler answers there, it has no workers, or it was lost on the way.
    """
    # Taken in here because it takes a second, and most runs need no cluster.
    from distributed import Client, KilledWorker

    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"no Dask scheduler answers at {address}: {reason}") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ValueError(f"the Dask scheduler at {address} has no workers: start some")
        names = sorted(set(client.run(provenance.processor).values()))
        try:
            yield client.get_executor(pure=False), threads, ", ".join(names)
        except (CancelledError, KilledWorker, OSError):
            raise ValueError(
                f"the cluster at {address} was lost: finished trials are saved: run again"
            ) from None


def _outcomes(
    study: Study, configs: Sequence[Config], device: str, executor: Executor
) -> Iterator[tuple[Config, Outcome, float]]:
    """Run trials and yield each as it ends."""
    running = {executor.submit(one, study.run, config, device): config for config in configs}
    with tqdm(total=len(configs), unit="trial", desc=study.name, smoothing=0.05) as bar:
        for ended in as_completed(running):
            yield running[ended], *ended.result()
            bar.update()


def one(
    trial: Callable[[Config, str], Outcome], config: Config, device: str
) -> tuple[Outcome, float]:
    """Run one trial on one thread; return its outcome and the seconds it took."""
    torch.set_num_threads(1)  # as many trials run as there are cores
    start = time.perf_counter()
    outcome = trial(config, device)
    return outcome, time.perf_counter() - start


def sample(records: Records, count: int) -> list[Record]:
    """Return ``count`` of the quickest third of the records: a check is to be quick."""
    quick = sorted(records, key=lambda record: record.seconds)
    pool = quick[: max(count, len(quick) // 3)]
    return random.Random(0).sample(pool, min(count, len(pool)))


def check_files(study: Study, config: Config) -> None:
    """Raise MissingError where a data file that the trial needs is not here."""
    for name in study.files(config):
        files.path(name)


def disagreement(study: Study, record: Record, again: Outcome) -> str:
    """Return what differs between a record and what its trial gave again, or "" where they agree.

    The losses of the beginning may differ by rounding, what came of the training by what the
    study's tolerance says. Whether there is a number at all, and any flag, must be the same.
    """
    name = described(record.config)
    for loss, before, now in _early(study, record.outcome, again):
        if not math.isclose(before, now, rel_tol=study.early_loss):
            return f"{name}: {loss} was {before:g} and is {now:g}"
    for key, allowed in study.tolerance.items():
        before, now = record.outcome[key], again[key]
        if not _alike(before, now, allowed):
            return f"{name}: {key} was {before} and is {now}"
    return ""


def side_by_side(study: Study, record: Record, again: Outcome) -> list[str]:
    """Return lines that show what a trial gave and gives: each number, and the first losses."""
    both = [
        (name, value, again[name])
        for name, value in record.outcome.items()
        if not isinstance(value, list | dict)
    ]
    both += _early(study, record.outcome, again)
    wide = max(len(name) for name, *_ in both)
    return [f"{name:{wide}}  {before!s:>12}  {now!s:>12}" for name, before, now in both]


def _alike(before: object, now: object, allowed: float) -> bool:
    if isinstance(before, bool) or isinstance(now, bool) or before is None or now is None:
        return before is now
    return abs(float(str(before)) - float(str(now))) <= allowed


def _early(study: Study, *outcomes: Outcome) -> list[tuple[str, float, float]]:
    """Return the first losses of two outcomes by name, without those that are no numbers."""
    first = [outcome["loss"][: study.early] for outcome in outcomes]
    losses = [[loss for loss in some if loss is not None and math.isfinite(loss)] for some in first]
    return [(f"loss {number}", *pair) for number, pair in enumerate(zip(*losses, strict=False), 1)]
