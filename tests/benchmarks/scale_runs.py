"""One archive through every executor: how long, how much of that was work, how much memory."""

import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from distributed import Client

from pipeline.archive import cluster, parquet
from pipeline.archive.found import found
from pipeline.archive.local import processes
from pipeline.archive.runs import Engine, Totals, Work
from pipeline.archive.work import Task, process
from pipeline.tracker import ALGORITHM
from sensor.raw import open_raw
from sensor.recording import open_recording
from sensor.samples import SampleBlock
from tests.benchmarks.speed import CLI, orient, track
from tests.integration.dask_cluster import dask_cluster

_LOOK_S = 0.2
_REPEATS = 3


@dataclass(frozen=True, slots=True)
class Run:
    """workers: that shared the work. wall_s: from start to end, with that of the workers."""

    workers: int
    wall_s: float
    totals: Totals

    @property
    def efficiency(self) -> float:
        """The tasks' own processor time over all the time of all workers; 1 is perfect."""
        return self.totals.cpu_s / (self.workers * self.wall_s)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one core for one recording, the best of some runs; seconds: how long it is.

    decode_s: to read it and to make samples of its packets; read_s of that, to read it. vqf_s: of
    tracker_s, the filter alone.
    """

    seconds: float
    read_s: float
    decode_s: float
    tracker_s: float
    vqf_s: float
    whole_s: float


@dataclass(frozen=True, slots=True)
class Keeping:
    """What results take. write_s, look_s: of one recording, to keep its result, and to find later
    that it is done. bytes_hour: of the files, for an hour of recording.
    """

    write_s: float
    look_s: float
    bytes_hour: float


def serial(archive: Path, out: Path) -> Run:
    """One recording after the other, in this process."""
    out.mkdir()
    began_s = time.perf_counter()
    totals = Totals()
    for job in found([str(archive)]).jobs():
        totals.add(parquet.write(out, process(job)), fresh=True)
    return Run(1, time.perf_counter() - began_s, totals)


def local(
    archive: Path, out: Path, workers: int, task: Task = process, *, kill_at: int | None = None
) -> Run:
    """On processes. kill_at: one of them is killed when so many recordings are over."""
    return _through(processes(workers), archive, out, workers, task, kill_at)


def dask(
    archive: Path, out: Path, workers: int, task: Task = process, *, kill_at: int | None = None
) -> Run:
    """On a Dask cluster of this machine that runs already."""
    with dask_cluster(out.with_name(f"{out.name}-dask"), workers) as running:
        with Client(f"tcp://{running.address}") as client:  # type: ignore[no-untyped-call]
            client.wait_for_workers(workers)
            client.run(cluster.version_here)  # now they have what they need
        engine = cluster.dask_cluster(running.address)
        return _through(engine, archive, out, workers, task, kill_at)


def peak_mb(archive: Path, out: Path, workers: int) -> tuple[float, float]:
    """Resident memory of `hiprep process`: the most of itself, and of one of its workers."""
    command = [*CLI, "process", str(archive), "--out", str(out), "--workers", str(workers)]
    own = worker = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        driver = psutil.Process(running.pid)
        while running.poll() is None:
            own = max(own, *_resident_mb([driver]))
            worker = max(worker, *_resident_mb(driver.children(recursive=True)))
            time.sleep(_LOOK_S)
    assert running.returncode == 0
    return own, worker


def cost(path: Path) -> Cost:
    """Of one recording, in this process."""
    job = next(found([str(path)]).jobs())
    seconds = process(job).seconds
    blocks = [block for block in _decode(path) if len(block)]
    return Cost(
        seconds,
        _best_s(lambda: _read(path)),
        _best_s(lambda: _decode(path)),
        _best_s(lambda: track(blocks)),
        _best_s(lambda: orient(blocks)),
        _best_s(lambda: process(job)),
    )


def keeping(archive: Path, out: Path) -> Keeping:
    """Of the results of a run over an archive."""
    names = parquet.recordings(out, ALGORITHM)
    results = [parquet.read(out, name, ALGORITHM) for name in names]
    again = out.with_name(f"{out.name}-again")
    again.mkdir()
    write_s = [_took_s(partial(parquet.write, again, one)) for one in results]
    look_s = [_took_s(partial(parquet.done, again, one, ALGORITHM)) for one in names]
    size = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    hours = sum(result.seconds for result in results) / 3600
    assert len(names) == found([str(archive)]).count()
    return Keeping(statistics.median(write_s), statistics.median(look_s), size / hours)


def _through(
    engine: AbstractContextManager[Engine],
    archive: Path,
    out: Path,
    workers: int,
    task: Task,
    kill_at: int | None,
) -> Run:
    out.mkdir()
    began_s = time.perf_counter()
    with engine as running:
        work = Work(out, running, task, told=_killer(kill_at))
        work.go(found([str(archive)]).jobs())
    return Run(workers, time.perf_counter() - began_s, work.totals)


def _killer(at: int | None) -> Callable[[int], None]:
    """What kills a worker, once, when so many recordings are over."""
    left = [] if at is None else [at]

    def told(over: int) -> None:
        if left and over >= left[0]:
            left.clear()
            _workers()[0].kill()

    return told


def _workers() -> list[psutil.Process]:
    """Processes that work for this one, its own or those of its cluster."""
    children = psutil.Process().children(recursive=True)
    return [one for one in children if any("spawn_main" in word for word in one.cmdline())]


def _resident_mb(some: Iterable[psutil.Process]) -> list[float]:
    found_mb = [0.0]
    for one in some:
        with suppress(psutil.NoSuchProcess):
            found_mb.append(one.memory_info().rss / 1e6)
    return found_mb


def _read(path: Path) -> None:
    with open_raw(path) as reader:
        for _ in reader.records():
            pass


def _decode(path: Path) -> list[SampleBlock]:
    with open_recording(path) as recording:
        return [one.block for one in recording.moments(1000)]


def _best_s(work: Callable[[], object]) -> float:
    """Processor time of a piece of work."""
    took_s = []
    for _ in range(_REPEATS):
        began_s = time.thread_time()
        work()
        took_s.append(time.thread_time() - began_s)
    return min(took_s)


def _took_s(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s
