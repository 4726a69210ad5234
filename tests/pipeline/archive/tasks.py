"""Work for tests of the runs: what is known of a result without tracking, and ways to die of it.

Processes find them by the name of this module.
"""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

from pipeline.archive.results import Job, Result
from pipeline.archive.work import HIPREP, process
from pipeline.tracker import ALGORITHM
from tests.pipeline.made import rep, summary

PATIENCE_S = 60.0
DEADLY = "deadly"  # in the name of a recording


def job(name: str, size_bytes: int = 10) -> Job:
    return Job(name, f"/archive/{name}", size_bytes, 1)


def quick(one: Job) -> Result:
    """Three reps and their set, at once."""
    return Result(
        one.recording,
        one.path,
        one.size_bytes,
        one.modified_ns,
        hiprep=HIPREP,
        algorithm=ALGORITHM,
        exercise="hip_thrust",
        samples=1000,
        seconds=10.0,
        cpu_s=0.01,
        reps=(rep(1), rep(2), rep(3)),
        sets=(summary(3),),
    )


def dying(one: Job) -> Result:
    """The process dies of the deadly ones, always."""
    if DEADLY in one.recording:
        os.kill(os.getpid(), signal.SIGKILL)
    return quick(one)


def deadly_or_processed(one: Job) -> Result:
    """As they are processed; the process dies of the deadly ones."""
    if DEADLY in one.recording:
        os.kill(os.getpid(), signal.SIGKILL)
    return process(one)


def killed_once(one: Job, folder: str) -> Result:
    """The process dies of the deadly ones the first time, as one does that somebody kills."""
    mark = Path(folder) / one.recording
    if DEADLY in one.recording and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return process(one)


def held(one: Job, folder: str, recording: str) -> Result:
    """One recording is at work until there is a file `go` in the folder; then there is `held`."""
    if one.recording == recording:
        (Path(folder) / "held").write_text(str(os.getpid()))
        until_there(Path(folder) / "go")
    return process(one)


def of_another_hiprep(one: Job) -> Result:
    return replace(quick(one), algorithm="0")


def unknown_there(one: Job) -> Result:
    raise ModuleNotFoundError(f"No module named 'pipeline', wanted for {one.recording}")


def until_there(path: Path) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not path.exists() and time.monotonic() < deadline_s:
        time.sleep(0.02)
