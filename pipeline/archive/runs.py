"""The work on many recordings: what is missing is handed out, what comes back is written.

Memory does not grow with the number of recordings: only as many are in flight as keep the workers
busy, and a result is written and forgotten. The driver writes, not the workers: a result is a few
kilobytes, and so the folder need not be where they are.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.archive import StoppedError, parquet
from pipeline.archive.parquet import Done
from pipeline.archive.posting import Posting
from pipeline.archive.results import Digest, Job, Result
from pipeline.archive.work import HIPREP, Task, failed, process_all
from pipeline.tracker import ALGORITHM

DEADLY = "the process that worked on it died, each time, also when nothing else ran"

Told = Callable[[int], None]
"""What is called as the work goes on: how many recordings are over."""

# A second of work: handing a task over costs milliseconds, and who is over first waits for the
# others. The first ones are smaller, so that a small archive keeps all workers busy, too.
_TASK_BYTES = 2 << 20
_TASK_PART = 1 / 16  # of what was handed out before
_TASK_RECORDINGS = 200
_LOOK_S = 1.0
_ALONE_AFTER = 2  # deaths
_SHOWN_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Engine:
    """Where tasks run. capacity: how many of them keep it busy; StoppedError where it is gone.

    deaths: what a future raises whose process died.
    """

    executor: Executor
    capacity: Callable[[], int]
    deaths: tuple[type[Exception], ...] = (BrokenExecutor, CancelledError)


@dataclass(slots=True)
class Totals:
    """What became of a run so far. skipped: were done before; all other counts have them too.

    seconds: of all recordings. fresh_s, cpu_s: of those processed in this run, what they last and
    what they cost. first_errors: id and reason of the first few.
    """

    recordings: int = 0
    skipped: int = 0
    reps: int = 0
    sets: int = 0
    errors: int = 0
    seconds: float = 0.0
    fresh_s: float = 0.0
    cpu_s: float = 0.0
    first_errors: list[tuple[str, str]] = field(default_factory=list)
    digest: Digest = field(default_factory=Digest)

    def add(self, done: Done, *, fresh: bool) -> None:
        """One more recording is over."""
        result = done.result
        self.recordings += 1
        self.reps += done.reps
        self.sets += done.sets
        self.seconds += result.seconds
        self.digest.add(done.digest)
        if fresh:
            self.fresh_s += result.seconds
            self.cpu_s += result.cpu_s
        else:
            self.skipped += 1
        if result.error is not None:
            self.errors += 1
            if len(self.first_errors) < _SHOWN_ERRORS:
                self.first_errors.append((result.recording, result.error))


@dataclass(frozen=True, slots=True)
class _Batch:
    """The recordings of one task. deaths: how often a process died that worked on them."""

    jobs: tuple[Job, ...]
    deaths: int = 0


class Work:
    """One run over many recordings. totals: so far, also after it was interrupted.

    task: what is done with each, see `pipeline.archive.work.process`. again: also with those that
    are done. posting: publishes, too; what is done and was not published is done again for it.
    """

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        task: Task,
        *,
        again: bool = False,
        posting: Posting | None = None,
        told: Told,
    ) -> None:
        self.totals = Totals()
        self._folder = folder
        self._engine = engine
        self._task = task
        self._again = again
        self._posting = posting
        self._told = told
        self._in_flight: dict[Future[list[Result]], _Batch] = {}
        # Where a process died, whoever was in flight may be to blame. Each goes once more, by
        # itself, and who dies again waits until nothing else runs: then there is no doubt.
        self._doubtful: deque[_Batch] = deque()
        self._last: deque[_Batch] = deque()

    def go(self, jobs: Iterable[Job]) -> None:
        """Do all of it. Raises StoppedError; what is done is written by then."""
        fresh = _batches(self._missing(jobs))
        while True:
            self._hand_out(fresh)
            if not self._in_flight:
                break
            over, _ = wait_for(self._in_flight, _LOOK_S, FIRST_COMPLETED)
            for future in over:
                self._settle(future, self._in_flight.pop(future))
        if self._posting:
            self._posting.settle()

    def _hand_out(self, fresh: Iterator[_Batch]) -> None:
        capacity = self._engine.capacity()
        while len(self._in_flight) < capacity:
            batch = self._doubtful.popleft() if self._doubtful else next(fresh, None)
            if batch is None:
                if not self._in_flight and self._last:
                    self._submit(self._last.popleft())
                return
            self._submit(batch)

    def _submit(self, batch: _Batch) -> None:
        future = self._engine.executor.submit(process_all, self._task, batch.jobs)
        self._in_flight[future] = batch

    def _settle(self, future: Future[list[Result]], batch: _Batch) -> None:
        try:
            results = future.result()
        except self._engine.deaths:
            self._died(batch)
        except Exception as error:
            raise StoppedError(
                f"a worker cannot do this: {type(error).__name__}: {error}: "
                "install the same hiprep on all of them"
            ) from error
        else:
            for result in results:
                self._keep(result)

    def _died(self, batch: _Batch) -> None:
        deaths = batch.deaths + 1
        if deaths > _ALONE_AFTER:
            for job in batch.jobs:
                self._keep(failed(job, DEADLY))
            return
        alone = self._last if deaths == _ALONE_AFTER else self._doubtful
        alone.extend(_Batch((job,), deaths) for job in batch.jobs)

    def _keep(self, result: Result) -> None:
        theirs = (result.hiprep, result.algorithm)
        if theirs != (HIPREP, ALGORITHM):
            raise StoppedError(other_version("a worker", theirs))
        try:
            done = parquet.write(self._folder, result)
        except OSError as error:
            raise StoppedError(
                f"cannot write to {self._folder}: {error.strerror or error}"
            ) from error
        if self._posting:
            self._posting.take(result)
        self._over(done, fresh=True)

    def _missing(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """Those that are not done, or not as their files are now."""
        for job in jobs:
            done = None if self._again else parquet.done(self._folder, job.recording, ALGORITHM)
            if done and self._is_over(job, done.result):
                self._over(done, fresh=False)
            else:
                yield job

    def _is_over(self, job: Job, before: Result) -> bool:
        if (before.size_bytes, before.modified_ns) != (job.size_bytes, job.modified_ns):
            return False
        return self._posting is None or self._posting.over(job, before)

    def _over(self, done: Done, *, fresh: bool) -> None:
        self.totals.add(done, fresh=fresh)
        self._told(self.totals.recordings)


def other_version(who: str, theirs: tuple[str, str]) -> str:
    """One line about a worker whose results would not be like ours. theirs: hiprep, algorithm."""
    return (
        f"{who} has hiprep {theirs[0]}, algorithm {theirs[1]}, and here it is {HIPREP}, algorithm "
        f"{ALGORITHM}: install the same on all of them"
    )


def _batches(jobs: Iterable[Job]) -> Iterator[_Batch]:
    """Small recordings together, so that each task is worth handing over."""
    held: list[Job] = []
    size_bytes, before_bytes = 0, 0
    for job in jobs:
        held.append(job)
        size_bytes += job.size_bytes
        enough_bytes = min(_TASK_BYTES, before_bytes * _TASK_PART)
        if size_bytes >= enough_bytes or len(held) == _TASK_RECORDINGS:
            yield _Batch(tuple(held))
            before_bytes += size_bytes
            held, size_bytes = [], 0
    if held:
        yield _Batch(tuple(held))
