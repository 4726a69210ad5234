"""Live sensors: each is supervised, recorded and tracked; one asyncio loop for all of them."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pipeline import exercises
from pipeline.events import Event
from pipeline.report import Settings
from pipeline.session import Session
from pipeline.tracker import Tracker
from sensor import drivers
from sensor.checks import RecordingError
from sensor.link import Radio
from sensor.recorder import Recorder
from sensor.records import Connected, End, Record
from sensor.supervisor import State, Supervisor

_STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Lifter:
    """One sensor and who wears it.

    sensor: in the letters of an id. wanted: the name or address to look for. driver: None where
    the advertisement tells. rate_hz: None for the driver's own. athlete: the key, None if it is
    not said. shown: the athlete's name for displays, "" where only the key is known.
    """

    sensor: str
    wanted: str
    driver: str | None = None
    rate_hz: float | None = None
    athlete: str | None = None
    exercise: str = "hip_thrust"
    shown: str = ""


class Watched:
    """One sensor of a live session: what it sends is recorded, then tracked.

    state: how the sensor is. recorder: None if none is wanted. fault: why what it sends is not
    tracked any more, for people; it is still recorded. file: the finished recording, None before
    that and if nothing came that is worth keeping.
    """

    def __init__(
        self,
        lifter: Lifter,
        session: Session,
        recorder: Recorder | None,
        tell: Callable[["Watched", float, Event], None],
    ) -> None:
        self.lifter = lifter
        self.session = session
        self.recorder = recorder
        self.state = State("searching", f"searching for {lifter.wanted}", 0)
        self.fault: str | None = None
        self.file: Path | None = None
        self._tell = tell
        self._streamed = self._ended = False

    def take(self, record: Record) -> None:
        """The next record of the sensor; what comes after the end is passed over."""
        if self._ended:
            return
        self._ended = isinstance(record, End)
        self._streamed |= isinstance(record, Connected)
        if self.recorder:
            self.recorder.append(record)
        if self.fault:
            return
        try:
            for at_s, event in self.session.take(record):
                self._tell(self, at_s, event)
        except Exception as error:  # noqa: BLE001 -- no fault of ours may end the other sensors
            cure = "it is still recorded: replay the recording" if self.recorder else "start again"
            self.fault = f"not tracked any more ({error!r}): {cure}"

    def note(self, state: State) -> None:
        """The sensor's new state."""
        self.state = state

    def close(self) -> None:
        """Finish the recording; one of a sensor that never streamed is not kept."""
        if self.recorder:
            self.file = self.recorder.close()
            if not self._streamed:
                with suppress(OSError):
                    self.file.unlink()
                self.file = None


class LiveSession:
    """All sensors of one session. started: wall clock, in UTC; it names the session."""

    def __init__(
        self,
        lifters: Sequence[Lifter],
        settings: Settings,
        folder: Path | None,
        tell: Callable[[Watched, float, Event], None],
        *,
        track: bool = True,
        speed: float = 1.0,
    ) -> None:
        """folder: for the recordings, None for none. speed: so many seconds pass in one of ours,
        for model lifters in a hurry. RecordingError where a recording cannot begin.
        """
        # In whole milliseconds, as the header of a recording says it: its replay has these times.
        now = datetime.now(UTC)
        self.started = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self.name = self.started.strftime("%Y%m%dT%H%M%SZ")
        self._begin_ns = time.monotonic_ns()
        self._speed = speed
        self.watched: list[Watched] = []
        try:
            for lifter in lifters:
                recorder = self._recorder(lifter, settings, folder) if folder else None
                session = Session(self._tracker(lifter, settings) if track else None)
                self.watched.append(Watched(lifter, session, recorder, tell))
        except BaseException:
            self.close()
            raise

    def now_us(self) -> int:
        """Microseconds since the session began."""
        return round((time.monotonic_ns() - self._begin_ns) / 1000 * self._speed)

    async def run(self, radio: Radio, stop: asyncio.Event) -> None:
        """Stream from all sensors until `stop`; then they are told to stop, and sets are closed."""
        tasks = [asyncio.create_task(self._supervise(radio, one)) for one in self.watched]
        try:
            await stop.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=_STOP_S)
            for one in self.watched:
                one.take(End(self.now_us()))

    def close(self) -> None:
        """Finish the recordings. Takes seconds after a long session."""
        for one in self.watched:
            one.close()

    async def _supervise(self, radio: Radio, one: Watched) -> None:
        try:
            await self._supervisor(radio, one).run()
        except Exception as error:  # noqa: BLE001 -- no fault of ours may end the other sensors
            text = f"{one.lifter.wanted}: given up ({error!r}): start again"
            one.note(replace(one.state, phase="failed", text=text))

    def _supervisor(self, radio: Radio, one: Watched) -> Supervisor:
        lifter = one.lifter
        return Supervisor(
            radio,
            lifter.wanted,
            driver=drivers.load(lifter.driver) if lifter.driver else None,
            rate_hz=lifter.rate_hz,
            take=one.take,
            now_us=self.now_us,
            tell=one.note,
        )

    def _tracker(self, lifter: Lifter, settings: Settings) -> Tracker:
        return Tracker(
            exercises.load(lifter.exercise),
            sensor=lifter.sensor,
            session=self.name,
            settings=settings,
        )

    def _recorder(self, lifter: Lifter, settings: Settings, folder: Path) -> Recorder:
        parts = (self.started.astimezone().strftime("%Y-%m-%d_%H%M%S"), lifter.sensor)
        name = "_".join((*parts, lifter.athlete) if lifter.athlete else parts)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return Recorder(folder / f"{name}.hiprec", self._meta(lifter, settings))
        except OSError as error:
            raise RecordingError(
                f"{folder}: recordings cannot be put there ({error.strerror or error}): choose "
                "another folder (recordings in the settings), or --no-record"
            ) from None

    def _meta(self, lifter: Lifter, settings: Settings) -> Mapping[str, str]:
        meta = {
            "sensor": lifter.sensor,
            "session": self.name,
            "started": self.started.astimezone().isoformat(timespec="milliseconds"),
            "exercise": lifter.exercise,
            "set_timeout_s": f"{settings.set_timeout_s:g}",
            "min_reps": str(settings.min_reps),
            "hiprep": version("hiprep"),
        }
        return meta | ({"athlete": lifter.athlete} if lifter.athlete else {})
