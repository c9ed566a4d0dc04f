"""Running trials on more than one machine: Dask's scheduler in the place of a pool of processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager

from studies.harness.machines import processor

PATIENCE = 5.0  # seconds to wait for a scheduler


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
        names = sorted(set(client.run(processor).values()))
        try:
            yield client.get_executor(pure=False), threads, ", ".join(names)
        except (CancelledError, KilledWorker, OSError):
            raise ValueError(
                f"the cluster at {address} was lost: finished trials are saved: run again"
            ) from None
