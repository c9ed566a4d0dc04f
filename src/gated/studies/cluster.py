"""Running trials on more than one machine: Dask's scheduler in the place of a pool of processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from gated.studies.machines import processor

PATIENCE = 10.0  # seconds to wait for a scheduler


@contextmanager
def workers(address: str) -> Iterator[tuple[Executor, int, str]]:
    """Give an executor on the Dask cluster at ``address``, its threads and its processors' names.

    A trial whose worker dies is run again on another one.

    Raises:
        ValueError: no scheduler answers there, or it has no workers.
    """
    from distributed import Client  # takes a second, and most runs need no cluster

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
        # A trial does not touch anything but its return value: it may run twice, and on any worker.
        yield client.get_executor(pure=False, retries=0), threads, ", ".join(names)
