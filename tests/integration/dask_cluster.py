"""A real Dask cluster of a test's own, on loopback: a scheduler, and workers with their nannies."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.integration.mosquitto import PATIENCE_S, free_ports

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms",
    "MALLOC_TRIM_THRESHOLD_": "134217728",
}
"""What `deploy/cluster` starts a cluster with, too."""


class DaskCluster:
    """It runs once it is made; all of it ends with `end`, whatever state it is in.

    code: where the workers find hiprep.
    """

    def __init__(self, folder: Path, workers: int = 2, code: Path = ROOT) -> None:
        (port,) = free_ports(1)
        self.address = f"127.0.0.1:{port}"
        self._folder = folder
        self._log = (folder / "cluster.log").open("ab")
        self._scheduler = self._start(
            ROOT, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"
        )
        self._workers: list[subprocess.Popen[bytes]] = []
        if workers:
            self.add_workers(workers, code)

    def add_workers(self, workers: int, code: Path = ROOT) -> None:
        options = ["--nworkers", str(workers), "--nthreads", "1", "--no-dashboard"]
        options += ["--host", "127.0.0.1", "--local-directory", str(self._folder)]
        self._workers.append(self._start(code, "worker", f"tcp://{self.address}", *options))

    def kill_scheduler(self) -> None:
        """As a power cut would."""
        self._scheduler.kill()
        self._scheduler.wait()

    def end(self) -> None:
        began = [self._scheduler, *self._workers]
        processes = [psutil.Process(one.pid) for one in began if one.poll() is None]
        processes += [child for one in processes for child in one.children(recursive=True)]
        for process in processes:
            if process.is_running():
                process.send_signal(signal.SIGKILL)
        for one in began:
            one.wait(PATIENCE_S)
        self._log.close()

    def _start(self, code: Path, *command: str) -> subprocess.Popen[bytes]:
        # A recording that kills its worker is given up after one death each time, not after four.
        more = {
            "PYTHONPATH": f"{code}{os.pathsep}{ROOT}",
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
            **SETTINGS,
        }
        return subprocess.Popen(
            [sys.executable, "-c", _DASK, *command],
            env=os.environ | more,
            cwd=self._folder,
            stdout=self._log,
            stderr=self._log,
        )


# As the command `dask`, which may not be on the path.
_DASK = "import sys; from dask.__main__ import main; sys.argv[0] = 'dask'; sys.exit(main())"


@contextmanager
def dask_cluster(folder: Path, workers: int = 2, code: Path = ROOT) -> Iterator[DaskCluster]:
    folder.mkdir(parents=True, exist_ok=True)
    cluster = DaskCluster(folder, workers, code)
    try:
        yield cluster
    finally:
        cluster.end()
