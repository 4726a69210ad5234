"""The loop over many recordings: with any executor, whatever befalls it."""

from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.archive import StoppedError, runs
from pipeline.archive.parquet import done, read, recordings
from pipeline.archive.posting import Posting
from pipeline.archive.results import Job, Result, digest
from pipeline.archive.runs import DEADLY, Engine, Totals, Work
from tests.pipeline.archive.tasks import (
    Outbox,
    job,
    of_another_hiprep,
    quick,
    telling,
    unknown_there,
)

JOBS = [job(f"{number:02}.csv") for number in range(25)]
MEGABYTE = 1 << 20


class Shaky(Executor):
    """One that runs each task at once; some recordings break it and all that is in flight.

    order: what was run, and how many tasks had been in flight.
    """

    def __init__(self, *deadly: str) -> None:
        self.order: list[tuple[list[str], int]] = []
        self._deadly = deadly
        self._waiting: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        assert not kwargs
        future: Future[Any] = Future()
        self._waiting.append((future, fn, args))
        return future

    def capacity(self) -> int:
        """Asked before tasks are handed out: those of the last time are over by then."""
        waiting, self._waiting = self._waiting, []
        names = [[one.recording for one in args[1]] for _, _, args in waiting]
        self.order += [(name, len(names)) for name in names]
        breaks = any(name in self._deadly for batch in names for name in batch)
        for future, fn, args in waiting:
            if breaks:
                future.set_exception(BrokenExecutor())
            else:
                future.set_result(fn(*args))
        return 3


@pytest.fixture
def shaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A `Shaky` has done nothing before it is asked again: no use in waiting for it."""
    monkeypatch.setattr(runs, "_LOOK_S", 0.0)


def run(
    folder: Path,
    jobs: list[Job],
    task: Callable[[Job], Result] = quick,
    *,
    workers: int = 2,
    again: bool = False,
    outbox: Outbox | None = None,
) -> Totals:
    posting = Posting(folder, outbox, "home") if outbox else None
    with ThreadPoolExecutor(workers) as executor:
        engine = Engine(executor, lambda: workers + 1)
        work = Work(folder, engine, task, again=again, posting=posting, told=ignore)
        work.go(jobs)
    return work.totals


def ignore(over: int) -> None:
    assert over > 0


def test_what_comes_back_is_written_and_counted(tmp_path: Path) -> None:
    totals = run(tmp_path, JOBS)
    assert recordings(tmp_path, "1") == [one.recording for one in JOBS]
    assert read(tmp_path, "07.csv", "1") == quick(JOBS[7])
    assert (totals.recordings, totals.reps, totals.sets, totals.errors) == (25, 75, 25, 0)
    assert totals.seconds == totals.fresh_s == 250.0
    assert totals.cpu_s == pytest.approx(0.25)
    assert str(totals.digest) == digest(map(quick, JOBS))


def test_what_is_published_is_not_done_again_and_what_is_only_done_is(tmp_path: Path) -> None:
    outbox = Outbox()
    run(tmp_path, JOBS[:10], telling)
    assert outbox.posted == []
    first = run(tmp_path, JOBS[:15], telling, outbox=outbox)
    assert (first.recordings, first.skipped) == (15, 0)
    assert len(outbox.posted) == 3 * 15
    second = run(tmp_path, JOBS, telling, outbox=outbox)
    assert (second.recordings, second.skipped) == (25, 15)
    assert sorted(one.session for one in outbox.posted) == sorted(
        one.recording for one in JOBS for _ in range(3)
    )
    assert run(tmp_path, JOBS, telling, outbox=outbox).skipped == 25
    # That it was published changes nothing of the results.
    assert str(second.digest) == digest(map(telling, JOBS))
    assert read(tmp_path, JOBS[0].recording, "1") == replace(telling(JOBS[0]), retold=None)


def test_a_run_that_stops_marks_nothing_that_is_not_safe(tmp_path: Path) -> None:
    def broken(one: Job) -> Result:
        if one == JOBS[9]:
            raise ModuleNotFoundError
        return telling(one)

    outbox = Outbox()
    with pytest.raises(StoppedError):
        run(tmp_path, JOBS[:12], broken, workers=1, outbox=outbox)
    # What is only on its way is posted once more: the same events.
    before = len(outbox.posted)
    run(tmp_path, JOBS[:12], telling, outbox=outbox)
    assert len(outbox.posted) > before
    assert {one.session for one in outbox.posted} == {one.recording for one in JOBS[:12]}
    assert run(tmp_path, JOBS[:12], telling, outbox=outbox).skipped == 12


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_digest_is_the_same_for_any_number_of_workers(tmp_path: Path, workers: int) -> None:
    totals = run(tmp_path, JOBS[:: 1 if workers % 2 else -1], workers=workers)
    assert str(totals.digest) == digest(map(quick, JOBS))


def test_a_second_run_does_only_what_is_missing(tmp_path: Path) -> None:
    seen: list[str] = []

    def noted(one: Job) -> Result:
        seen.append(one.recording)
        return quick(one)

    run(tmp_path, JOBS[:20], noted)
    (tmp_path / "sets" / "03.csv.1.parquet").unlink()
    seen.clear()
    totals = run(tmp_path, JOBS, noted)
    assert sorted(seen) == ["03.csv", "20.csv", "21.csv", "22.csv", "23.csv", "24.csv"]
    assert (totals.recordings, totals.skipped, totals.reps) == (25, 19, 75)
    assert (totals.seconds, totals.fresh_s) == (250.0, 60.0)
    assert str(totals.digest) == digest(map(quick, JOBS))


@pytest.mark.parametrize("changed", [{"size_bytes": 11}, {"modified_ns": 2}])
def test_a_changed_file_is_done_again(tmp_path: Path, changed: dict[str, int]) -> None:
    run(tmp_path, JOBS)
    totals = run(tmp_path, [replace(JOBS[0], **changed), *JOBS[1:]])  # type: ignore[arg-type]
    assert totals.skipped == 24


def test_again_does_all_of_it_again(tmp_path: Path) -> None:
    run(tmp_path, JOBS)
    assert run(tmp_path, JOBS, again=True).skipped == 0


def test_a_failed_recording_is_done_and_one_out_of_reach_is_not(tmp_path: Path) -> None:
    def failing(one: Job) -> Result:
        result = replace(quick(one), reps=(), sets=())
        if one == JOBS[3]:
            return replace(result, error="holds no samples")
        return replace(quick(one), error="cannot be read", again=one == JOBS[4])

    totals = run(tmp_path, JOBS[:5], failing)
    assert totals.errors == 5
    assert ("03.csv", "holds no samples") in totals.first_errors
    assert run(tmp_path, JOBS[:5], failing).skipped == 4


def test_no_more_is_in_flight_than_keeps_the_workers_busy(tmp_path: Path) -> None:
    drawn, over = 0, 0

    def lazily() -> Iterator[Job]:
        nonlocal drawn
        for number in range(60):
            drawn += 1
            # Each is a task of its own. Ahead of what is over: those in flight, and the next.
            assert drawn <= over + 3 + 1
            yield job(f"{number}.csv", 8 * MEGABYTE)

    def counted(count: int) -> None:
        nonlocal over
        over = count

    with ThreadPoolExecutor(2) as executor:
        Work(tmp_path, Engine(executor, lambda: 3), quick, told=counted).go(lazily())
    assert drawn == over == 60


@pytest.mark.usefixtures("shaken")
def test_small_recordings_go_together_and_large_ones_alone(tmp_path: Path) -> None:
    shaky = Shaky()
    sizes = [8 * MEGABYTE] * 8 + [MEGABYTE // 2] * 8 + [1] * 450
    jobs = [job(f"{number:03}", size) for number, size in enumerate(sizes)]
    Work(tmp_path, Engine(shaky, shaky.capacity), quick, told=ignore).go(jobs)
    batches = [names for names, _ in shaky.order]
    assert [len(names) for names in batches] == [1] * 8 + [4] * 2 + [200, 200, 50]
    assert [name for names in batches for name in names] == [one.recording for one in jobs]


@pytest.mark.usefixtures("shaken")
def test_of_a_small_archive_every_worker_gets_a_part(tmp_path: Path) -> None:
    shaky = Shaky()
    Work(tmp_path, Engine(shaky, shaky.capacity), quick, told=ignore).go(JOBS)
    assert max(len(names) for names, _ in shaky.order) <= 3


@pytest.mark.usefixtures("shaken")
def test_who_kills_its_worker_alone_is_an_error_and_nobody_else_is(tmp_path: Path) -> None:
    jobs = [job(f"{number}", MEGABYTE) for number in range(40)]
    shaky = Shaky("17", "30")
    work = Work(tmp_path, Engine(shaky, shaky.capacity), quick, told=ignore)
    work.go(jobs)
    assert work.totals.first_errors == [("17", DEADLY), ("30", DEADLY)]
    assert work.totals.recordings == 40
    assert work.totals.reps == 3 * 38
    # Before it is blamed it has run with nothing else in flight.
    for name in ("17", "30"):
        assert [flight for names, flight in shaky.order if names == [name]][-1] == 1
        one = done(tmp_path, name, "1")
        assert one is not None
        assert one.result.error == DEADLY
    errors = pq.read_table(tmp_path / "errors").to_pylist()
    assert sorted(row["recording"] for row in errors) == ["17", "30"]


def test_a_worker_of_another_version_stops_the_run_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoppedError, match=r"a worker has hiprep \S+, algorithm 0, and here it is"):
        run(tmp_path, JOBS, of_another_hiprep)
    assert [*tmp_path.iterdir()] == []


def test_a_worker_that_cannot_do_it_stops_the_run_and_nobody_is_blamed(tmp_path: Path) -> None:
    with pytest.raises(StoppedError, match="install the same hiprep on all of them"):
        run(tmp_path, JOBS, unknown_there)
    assert [*tmp_path.iterdir()] == []


def test_a_disk_that_is_full_stops_the_run_and_what_is_done_stays(tmp_path: Path) -> None:
    def block_the_way(one: Job) -> Result:
        if one == JOBS[10]:
            (tmp_path / "reps" / "10.csv.1.parquet" / "x").mkdir(parents=True)
        return quick(one)

    with pytest.raises(StoppedError, match=f"cannot write to {tmp_path}: "):
        run(tmp_path, JOBS, block_the_way, workers=1)
    there = recordings(tmp_path, "1")
    assert set(there) >= {one.recording for one in JOBS[:8]}
    (tmp_path / "reps" / "10.csv.1.parquet" / "x").rmdir()
    (tmp_path / "reps" / "10.csv.1.parquet").rmdir()
    totals = run(tmp_path, JOBS)
    assert totals.skipped == len(there)
    assert str(totals.digest) == digest(map(quick, JOBS))
