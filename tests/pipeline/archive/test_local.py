"""Real processes on this machine: killed, interrupted, left alone."""

import multiprocessing
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from pipeline.archive.local import processes
from pipeline.archive.results import Job, Result, digest
from pipeline.archive.runs import DEADLY, Totals, Work
from tests.pipeline.archive.tasks import DEADLY as DEADLY_NAME
from tests.pipeline.archive.tasks import PATIENCE_S, dying, job, killed_once, quick, until_there
from tests.pipeline.made import write_recording

ROOT = Path(__file__).parents[3]
DRIVER = """
from functools import partial
from pathlib import Path
from pipeline.archive.local import processes
from pipeline.archive.runs import Work
from tests.pipeline.archive.tasks import held, job

if __name__ == "__main__":
    folder = Path({folder!r})
    with processes(2) as engine:
        task = partial(held, folder=str(folder), recording="1")
        Work(folder, engine, task, told=print).go([job("1")])
"""


def run(
    folder: Path, jobs: list[Job], task: Callable[[Job], Result], *, workers: int = 2
) -> Totals:
    with processes(workers) as engine:
        work = Work(folder, engine, task, told=lambda _: None)
        work.go(jobs)
    return work.totals


def test_a_recording_that_kills_its_process_is_an_error_and_nobody_else_is(tmp_path: Path) -> None:
    names = [f"{number:02}" for number in range(12)]
    names[5] = f"05-{DEADLY_NAME}"
    totals = run(tmp_path, [job(name) for name in names], dying)
    assert totals.first_errors == [(f"05-{DEADLY_NAME}", DEADLY)]
    assert totals.recordings == 12
    assert totals.reps == 3 * 11
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    names = ["a.csv", f"{DEADLY_NAME}.csv", "b.csv"]
    paths = [write_recording(tmp_path / name) for name in names]
    jobs = [Job(path.name, str(path), 1, 1) for path in paths]
    totals = run(tmp_path, jobs, partial(killed_once, folder=str(marks)))
    assert (marks / f"{DEADLY_NAME}.csv").exists()
    assert (totals.recordings, totals.errors, totals.reps) == (3, 0, 9)


def test_an_interruption_ends_all_processes_at_once(tmp_path: Path) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), processes(2) as engine:
        Work(tmp_path, engine, quick, told=interrupted).go(job(f"{n}") for n in range(50))
    assert multiprocessing.active_children() == []
    totals = run(tmp_path, [job(f"{n}") for n in range(50)], quick)
    assert totals.skipped > 0
    assert str(totals.digest) == digest(quick(job(f"{n}")) for n in range(50))


def test_processes_end_with_whoever_began_them(tmp_path: Path) -> None:
    script = tmp_path / "driver.py"
    script.write_text(DRIVER.format(folder=str(tmp_path)))
    driver = subprocess.Popen([sys.executable, script], env={"PYTHONPATH": str(ROOT)})
    try:
        until_there(tmp_path / "held")
        children = psutil.Process(driver.pid).children(recursive=True)
    finally:
        driver.kill()
        driver.wait()
    assert int((tmp_path / "held").read_text()) in [child.pid for child in children]
    _, alive = psutil.wait_procs(children, PATIENCE_S)
    assert alive == []
