"""An archive through a real Dask cluster and through processes here: the same, whatever happens."""

import gzip
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from pipeline.archive import ArchiveError, StoppedError, cluster
from pipeline.archive.found import found
from pipeline.archive.local import processes
from pipeline.archive.parquet import read, recordings
from pipeline.archive.results import Job, Result, digest
from pipeline.archive.runs import DEADLY, Engine, Totals, Work
from pipeline.archive.work import process
from pipeline.tracker import ALGORITHM
from tests.integration.dask_cluster import ROOT, DaskCluster, dask_cluster
from tests.pipeline.archive.tasks import DEADLY as DEADLY_NAME
from tests.pipeline.archive.tasks import (
    deadly_or_processed,
    held,
    killed_once,
    until_there,
)
from tests.pipeline.made import write_recording

COUNT = 12


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whole recordings, one that breaks off and one that kills whoever works on it."""
    folder = tmp_path_factory.mktemp("archive")
    for number in range(COUNT - 2):
        write_recording(folder / f"{number:02}.csv", reps=2 + number % 3)
    whole = write_recording(folder / f"{DEADLY_NAME}.csv", reps=6).read_bytes()
    (folder / "cut.csv.gz").write_bytes(gzip.compress(whole)[:-2000])
    return folder


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask")) as running:
        yield running


def work(
    archive: Path,
    out: Path,
    engine: Engine,
    task: Callable[[Job], Result],
    told: Callable[[int], None] = lambda _: None,
) -> Totals:
    out.mkdir(exist_ok=True)
    one = Work(out, engine, task, told=told)
    one.go(found([str(archive)]).jobs())
    return one.totals


def test_every_executor_finds_the_same_and_blames_the_same(
    archive: Path, dask: DaskCluster, tmp_path: Path
) -> None:
    digests = {}
    engines = {f"{workers} processes": partial(processes, workers) for workers in (1, 2, 3)}
    engines["dask"] = partial(cluster.dask_cluster, dask.address)
    for name, begun in engines.items():
        out = tmp_path / name
        with begun() as engine:
            totals = work(archive, out, engine, deadly_or_processed)
        digests[name] = str(totals.digest)
        assert (totals.recordings, totals.errors) == (COUNT, 2), name
        reasons = dict(totals.first_errors)
        assert reasons[f"{DEADLY_NAME}.csv"] == DEADLY
        assert "cut off" in reasons["cut.csv.gz"]
        # What was counted on the way is what can be read afterwards.
        results = [read(out, one, ALGORITHM) for one in recordings(out, ALGORITHM)]
        assert digest(results) == digests[name]
        assert sum(len(result.reps) for result in results) == totals.reps
    assert len(set(digests.values())) == 1, digests


def test_a_dask_worker_that_is_killed_costs_nothing(
    archive: Path, dask: DaskCluster, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    with cluster.dask_cluster(dask.address) as engine:
        task = partial(killed_once, folder=str(marks))
        totals = work(archive, tmp_path / "out", engine, task)
    assert (marks / f"{DEADLY_NAME}.csv").exists()
    assert dict(totals.first_errors).keys() == {"cut.csv.gz"}
    assert str(totals.digest) == digest(map(process, found([str(archive)]).jobs()))


def test_when_the_scheduler_dies_what_is_done_stays_and_the_work_can_go_on(
    archive: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with dask_cluster(tmp_path / "dask") as doomed:
        # One recording is at work for as long as the scheduler lives.
        task = partial(held, folder=str(tmp_path), recording="05.csv")

        def kill() -> None:
            until_there(tmp_path / "held")
            doomed.kill_scheduler()

        killer = threading.Thread(target=kill)
        killer.start()
        with (
            pytest.raises(StoppedError, match=f"dask://{doomed.address}: the scheduler is gone"),
            cluster.dask_cluster(doomed.address) as engine,
        ):
            work(archive, out, engine, task)
        killer.join()
        assert capfd.readouterr().err == ""
        (tmp_path / "go").touch()
    there = recordings(out, ALGORITHM)
    assert "05.csv" not in there
    with processes(1) as engine:
        totals = work(archive, out, engine, process)
    assert (totals.recordings, totals.skipped) == (COUNT, len(there))
    assert str(totals.digest) == digest(map(process, found([str(archive)]).jobs()))


def test_workers_of_another_algorithm_are_refused(tmp_path: Path) -> None:
    older = tmp_path / "older"
    for package in ("pipeline", "sensor"):
        shutil.copytree(ROOT / package, older / package, ignore=lambda *_: ["__pycache__"])
    tracker = older / "pipeline" / "tracker.py"
    tracker.write_text(
        tracker.read_text().replace(f'ALGORITHM = "{ALGORITHM}"', 'ALGORITHM = "old"')
    )
    with (
        dask_cluster(tmp_path / "dask", workers=1, code=older) as mixed,
        pytest.raises(ArchiveError, match=r"worker tcp://\S+ has hiprep \S+, algorithm old, and"),
        cluster.dask_cluster(mixed.address),
    ):
        pass


def test_the_command_uses_the_cluster(archive: Path, dask: DaskCluster, tmp_path: Path) -> None:
    done = command(archive, tmp_path / "out", dask.address)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert f"{COUNT} recordings" in done.stdout
    assert digest(map(process, found([str(archive)]).jobs())) in done.stdout


def test_where_there_is_no_cluster_one_line_says_so(archive: Path, tmp_path: Path) -> None:
    done = command(archive, tmp_path / "out", "127.0.0.1:9")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "dask://127.0.0.1:9: no scheduler answers there" in done.stderr
    assert done.stderr.count("\n") == 1


def command(archive: Path, out: Path, address: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from pipeline.cli import main; sys.exit(main())"
    options = ["--out", str(out), "--executor", f"dask://{address}"]
    return subprocess.run(
        [sys.executable, "-c", program, "process", str(archive), *options],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
