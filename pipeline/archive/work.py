"""One recording processed: from its file to a result, whatever it holds. Runs on any machine."""

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from pipeline.archive.results import Job, Result, Retold
from pipeline.delivery.carried import Carried
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.placing import Place, PlacingError, athlete_key, digest, id_part, placed
from pipeline.delivery.rerun import rerun
from pipeline.events import Event, Rep, SetSummary
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


@dataclass(frozen=True, slots=True)
class Gym:
    """Where results are published, as the settings have it. athletes: key -> name that is shown."""

    site: str
    athletes: Mapping[str, str]


def process(job: Job, exercise: str | None = None, gym: Gym | None = None) -> Result:
    """Track one recording, imu-csv/1 or hiprep-raw/1. Raises nothing: what is wrong is in it.

    exercise: what was done; None: as recorded. gym: where its events are for; None: for no store.
    Its reps have the ids of the live session; one without a name is called by its content, as when
    it is published.
    """
    begin_s = time.thread_time()
    try:
        with Path(job.path).open("rb"):
            pass
    except OSError as error:
        reason = f"cannot be read on {socket.gethostname()}: {error.strerror or error}"
        return failed(job, reason, again=True)
    try:
        result = _tracked(job, exercise, gym)
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


def _tracked(job: Job, exercise: str | None, gym: Gym | None) -> Result:
    with open_recording(job.path) as recording:
        session, place = _place(Path(job.path), recording)
        tracker = tracker_of(recording, session, exercise=exercise)
        begun_with = tracker.exercise.name
        counted, finals = _Counted(), _Finals()
        moments = counted.watch(recording.moments(ARCHIVE_SAMPLES))
        retold = None
        if gym and place:
            carried = Carried(_ledger(gym, recording, place, begun_with))
            newest = {one.id: one for one in rerun(moments, tracker, carried, finals.take)}
            retold = Retold(tuple(newest.values()), carried.lost)
        else:
            for _, event in published(moments, tracker):
                finals.take(event)
        athlete = recording.meta.get("athlete")
        return replace(
            _empty(job),
            exercise=begun_with,
            sensor=id_part(recording.meta.get("sensor", "sensor")),
            athlete=id_part(athlete) if athlete else None,
            session=id_part(session),
            started_us=place.started_us if place else None,
            samples=counted.samples,
            seconds=counted.seconds,
            error=_broken(recording.skipped),
            reps=tuple(finals.reps),
            sets=tuple(finals.sets),
            retold=retold,
        )


def _ledger(gym: Gym, recording: AnyRecording, place: Place, exercise: str) -> Ledger:
    """Without a coach: what was said to a lifter was said then."""
    return Ledger(
        gym.site,
        id_part(recording.meta.get("sensor", "sensor")),
        athlete_key(gym.athletes, recording.meta.get("athlete")),
        id_part(place.session),
        exercise,
        place.started_us,
    )


def _place(path: Path, recording: AnyRecording) -> tuple[str, Place | None]:
    """Its session, and where it stands in time, if it says so: that is no fault here."""
    try:
        place = placed(path, recording.meta, None)
    except PlacingError:
        return recording.meta.get("session") or digest(path), None
    return place.session, place


def _broken(skipped: Counter[str]) -> str | None:
    """Why a part of the file is missing, if one is."""
    reasons = [reason for reason in _BROKEN if skipped[reason]]
    return f"{', '.join(reasons)}: what could be read of it is there" if reasons else None


class _Finals:
    """Reps and sets as they stand in the end."""

    def __init__(self) -> None:
        self.reps: list[Rep] = []
        self.sets: list[SetSummary] = []
        self._order = FinalOrder()

    def take(self, event: Event) -> None:
        for final in self._order.add(event):
            if isinstance(final, Rep):
                self.reps.append(final)
            elif isinstance(final, SetSummary):
                self.sets.append(final)


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
