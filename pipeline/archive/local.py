"""Tasks on the cores of this machine, each in a process of its own."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import ParamSpec, TypeVar

from pipeline.archive.runs import Engine

_Args = ParamSpec("_Args")
_Value = TypeVar("_Value")

_WAITING = 2  # tasks, so that no process waits for the next one


@contextmanager
def processes(workers: int) -> Iterator[Engine]:
    """So many processes; they end with the ``with``, at once if it ends by an exception."""
    before = multiprocessing.active_children()
    pool = _Processes(workers)
    try:
        yield Engine(pool, lambda: workers + _WAITING)
    except BaseException:
        for child in multiprocessing.active_children():
            if child not in before:
                child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


class _Processes(Executor):
    """A pool of processes that is replaced when one of them dies: such a pool takes no more."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = self._new()

    def submit(
        self, fn: Callable[_Args, _Value], /, *args: _Args.args, **kwargs: _Args.kwargs
    ) -> Future[_Value]:
        try:
            return self._pool.submit(fn, *args, **kwargs)
        except BrokenProcessPool:
            self._pool.shutdown()
            self._pool = self._new()
            return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._pool.shutdown(wait, cancel_futures=cancel_futures)

    def _new(self) -> ProcessPoolExecutor:
        # Of a fork, threads and open files would be inherited, and who knows in which state.
        spawned = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, spawned, initializer=_begin_worker)


def _begin_worker() -> None:
    """^C is for whoever waits for the results; without them there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
