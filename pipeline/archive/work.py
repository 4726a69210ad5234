"""One recording processed: from its file to a result, whatever it holds. Runs on any machine."""

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from pipeline.archive.results import Job, Result
from pipeline.delivery.placing import PlacingError, digest, id_part, placed
from pipeline.events import Rep, SetSummary
from pipeline.recorded import tracker_of
from pipeline.replay import ARCHIVE_SAMPLES, FinalOrder, published
from pipeline.tracker import ALGORITHM
from sensor.bytestream import GZIP_CUT_OFF, GZIP_DAMAGED
from sensor.raw import CUT_OFF, DAMAGED
from sensor.recording import AnyRecording, RecordingError, open_recording
from sensor.samples import Moment

HIPREP = version("hiprep")

Task = Callable[[Job], Result]

_BROKEN = (GZIP_CUT_OFF, GZIP_DAMAGED, CUT_OFF, DAMAGED)


def process(job: Job, exercise: str | None = None) -> Result:
    """Track one recording, imu-csv/1 or hiprep-raw/1. Raises nothing: what is wrong is in it.

    exercise: what was done; None: as recorded. Its reps have the ids of the live session; one
    without a name is called by its content, as when it is published.
    """
    begin_s = time.thread_time()
    try:
        with Path(job.path).open("rb"):
            pass
    except OSError as error:
        reason = f"cannot be read on {socket.gethostname()}: {error.strerror or error}"
        return failed(job, reason, again=True)
    try:
        result = _tracked(job, exercise)
    except (RecordingError, PlacingError) as error:
        result = failed(job, str(error).removeprefix(f"{job.path}: "))
    except Exception as error:  # noqa: BLE001  # a fault of ours costs one recording, not the run
        result = failed(job, f"{type(error).__name__}: {error}")
    return replace(result, cpu_s=time.thread_time() - begin_s)


def process_all(task: Task, jobs: Sequence[Job]) -> list[Result]:
    """Several in one go, so that handing them over costs little."""
    return [task(job) for job in jobs]


def failed(job: Job, reason: str, *, again: bool = False) -> Result:
    """The result of a recording that gave none. again: the fault was not its own."""
    return replace(_empty(job), error=" ".join(reason.split()), again=again)


def _empty(job: Job) -> Result:
    return Result(
        job.recording, job.path, job.size_bytes, job.modified_ns, hiprep=HIPREP, algorithm=ALGORITHM
    )


def _tracked(job: Job, exercise: str | None) -> Result:
    with open_recording(job.path) as recording:
        session, started_us = _place(Path(job.path), recording)
        tracker = tracker_of(recording, session, exercise=exercise)
        begun_with = tracker.exercise.name
        counted = _Counted()
        order = FinalOrder()
        reps: list[Rep] = []
        sets: list[SetSummary] = []
        for _, event in published(counted.watch(recording.moments(ARCHIVE_SAMPLES)), tracker):
            for final in order.add(event):
                if isinstance(final, Rep):
                    reps.append(final)
                elif isinstance(final, SetSummary):
                    sets.append(final)
        athlete = recording.meta.get("athlete")
        return replace(
            _empty(job),
            exercise=begun_with,
            sensor=id_part(recording.meta.get("sensor", "sensor")),
            athlete=id_part(athlete) if athlete else None,
            session=id_part(session),
            started_us=started_us,
            samples=counted.samples,
            seconds=counted.seconds,
            error=_broken(recording.skipped),
            reps=tuple(reps),
            sets=tuple(sets),
        )


def _place(path: Path, recording: AnyRecording) -> tuple[str, int | None]:
    """Session, and when its second 0 was, microseconds since 1970 UTC."""
    try:
        place = placed(path, recording.meta, None)
    except PlacingError:  # it does not say when; that is no fault here
        return recording.meta.get("session") or digest(path), None
    return place.session, place.started_us


def _broken(skipped: Counter[str]) -> str | None:
    """Why a part of the file is missing, if one is."""
    reasons = [reason for reason in _BROKEN if skipped[reason]]
    return f"{', '.join(reasons)}: what could be read of it is there" if reasons else None


class _Counted:
    """The samples that pass, and how long they last."""

    def __init__(self) -> None:
        self.samples = 0
        self._first_s: float | None = None
        self._last_s = 0.0

    @property
    def seconds(self) -> float:
        return 0.0 if self._first_s is None else self._last_s - self._first_s

    def watch(self, moments: Iterable[Moment]) -> Iterator[Moment]:
        for moment in moments:
            t_s = moment.block.t_s
            if len(t_s):
                self._first_s = float(t_s[0]) if self._first_s is None else self._first_s
                self._last_s = float(t_s[-1])
                self.samples += len(t_s)
            yield moment
