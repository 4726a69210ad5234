"""Tasks on a Dask cluster that is there already. The only importer of Dask.

The workers need the same hiprep, and must see the recordings under the same paths; the results
come back to whoever asked. A task whose worker is lost runs on another one; one that loses them
again and again ends as `KilledWorker` (how often is a setting of the scheduler, allowed-failures).
"""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

import dask
from distributed import Client, KilledWorker

from pipeline.archive import ArchiveError, StoppedError
from pipeline.archive.runs import Engine, other_version
from pipeline.archive.work import HIPREP
from pipeline.tracker import ALGORITHM

_PATIENCE_S = 5.0
_TASKS_PER_THREAD = 2  # so that no worker waits for the next one
_COUNTED_EVERY_S = 2.0


@contextmanager
def dask_cluster(address: str) -> Iterator[Engine]:
    """The cluster whose scheduler is at HOST:PORT; with Dask's own settings, TLS among them.

    Raises ArchiveError where there is none, where it has no workers, or workers of another hiprep.
    """
    # They tell at length of what is said here in one line.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    client = _connected(address)
    try:
        _refuse_others(client, address)
        yield Engine(
            client.get_executor(pure=False),
            _Capacity(client, address),
            (KilledWorker, CancelledError),
        )
    finally:
        client.close(timeout=_PATIENCE_S)


def version_here() -> tuple[str, str]:
    """Of hiprep and of its algorithm, where this runs."""
    return HIPREP, ALGORITHM


class _Capacity:
    """How many tasks keep all workers busy, as they come and go."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address
        self._counted_s = -_COUNTED_EVERY_S
        self._tasks = 1

    def __call__(self) -> int:
        """Raises StoppedError where the scheduler is gone: it knew what was to be done."""
        if self._client.status != "running":
            raise StoppedError(f"dask://{self._address}: the scheduler is gone")
        if time.monotonic() - self._counted_s > _COUNTED_EVERY_S:
            try:
                threads = sum(self._client.nthreads().values())
            except (OSError, TimeoutError) as error:
                raise StoppedError(f"dask://{self._address}: the scheduler is gone") from error
            self._tasks = max(1, threads * _TASKS_PER_THREAD)
            self._counted_s = time.monotonic()
        return self._tasks


def _connected(address: str) -> Any:
    secure = dask.config.get("distributed.comm.require-encryption")
    try:
        client: Any = Client(  # type: ignore[no-untyped-call]
            f"{'tls' if secure else 'tcp'}://{address}", timeout=_PATIENCE_S
        )
    except (OSError, TimeoutError, ValueError) as error:
        raise ArchiveError(
            f"dask://{address}: no scheduler answers there: start one with dask scheduler"
        ) from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except TimeoutError as error:
        client.close()
        raise ArchiveError(
            f"dask://{address}: the scheduler has no workers: start some with dask worker"
        ) from error
    return client


def _refuse_others(client: Any, address: str) -> None:
    """ArchiveError if a worker is of another hiprep, or has none."""
    for worker, theirs in client.run(version_here, on_error="return").items():
        if isinstance(theirs, Exception):
            raise ArchiveError(
                f"dask://{address}: worker {worker} cannot use hiprep: {theirs}: install the same "
                "on all of them"
            )
        if tuple(theirs) != (HIPREP, ALGORITHM):
            raise ArchiveError(f"dask://{address}: {other_version(f'worker {worker}', theirs)}")
