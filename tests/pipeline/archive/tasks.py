"""Work for tests of the runs: what is known of a result without tracking, and ways to die of it.

Processes find them by the name of this module.
"""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.archive.results import Job, Result, Retold
from pipeline.archive.work import HIPREP, process
from pipeline.delivery.messages import Message
from pipeline.tracker import ALGORITHM
from tests.pipeline.delivery.made import message
from tests.pipeline.made import rep, summary

PATIENCE_S = 60.0
BUSY = 3  # looks
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


def telling(one: Job) -> Result:
    """The same, of a session called as the recording, with an event of each rep."""
    told = tuple(message(number, session=one.recording) for number in (1, 2, 3))
    return replace(quick(one), session=one.recording, started_us=1, retold=Retold(told))


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


class Outbox:
    """Takes what is posted, and has it on its disk once it is waited for; never if that is full.

    most: how many it held in memory.
    """

    def __init__(self, disk: str | None = None, *, working: bool = True) -> None:
        self.posted: list[Message] = []
        self.held = self.most = 0
        self._disk = disk
        self._working = working
        self._looks = 0

    def post(self, messages: Sequence[Message]) -> None:
        self._looks = 0
        self.posted += messages
        self.held += len(messages)
        self.most = max(self.most, self.held)

    def health(self) -> Mapping[str, Any]:
        self._looks += 1
        if self._disk is None and self._working and self._looks == BUSY:
            self.held = 0
        return {"held": self.held, "disk": self._disk, "working": self._working}
