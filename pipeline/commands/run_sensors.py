"""The sensors of `hiprep run`: one session after the other, as long as it runs."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from pipeline.commands.coached import coach_of, keep_plan
from pipeline.delivery.coach import Coach
from pipeline.delivery.commands import Answer, CommandError, answer_content, parse, refusal
from pipeline.delivery.gateway import Gateway
from pipeline.delivery.health import sensor_brief, sensor_problems
from pipeline.delivery.messages import NOBODY
from pipeline.delivery.outlet import Outlet
from pipeline.delivery.parts import Part, PartError, pause_s
from pipeline.delivery.payloads import SensorBrief
from pipeline.delivery.publisher import Publisher
from pipeline.display import line
from pipeline.events import Event, SetSummary
from pipeline.live import Lifter, LiveSession, Watched
from pipeline.live_view import troubles
from pipeline.report import Settings as SetSettings
from pipeline.settings import Settings
from sensor.checks import RecordingError
from sensor.link import Radio, SensorError
from sensor.scan import printable

AWAY_S = 1800.0
"""When no sensor has streamed for so long, the session is over."""

_STEP_S = 0.1
_HOPELESS_WAIT_S = 5.0  # no adapter, two of the same name: somebody has to do something first

log = logging.getLogger(__name__)


class Sensors:
    """Tracked, recorded and, where there is an outlet, published.

    The first session begins at once. It ends when no sensor has streamed for half an hour; the next
    begins when one is seen again.
    """

    def __init__(
        self,
        radio: Radio,
        settings: Settings,
        lifters: Sequence[Lifter],
        outlet: Outlet | None,
        *,
        speed: float = 1.0,
    ) -> None:
        self._radio = radio
        self._settings = settings
        self._lifters = lifters
        self._outlet = outlet
        self._speed = speed
        self._session: LiveSession | None = None
        self._gateway: Gateway | None = None
        self._seek_problems: dict[str, str] = {}
        self._tell_problem: str | None = None
        self._told: dict[str, dict[str, str]] = {}

    @property
    def session(self) -> str | None:
        """The name of the one that runs."""
        return self._session.name if self._session else None

    def briefs(self) -> tuple[SensorBrief, ...]:
        """How each sensor is."""
        if self._session:
            return tuple(map(sensor_brief, self._session.watched))
        return tuple(
            SensorBrief(one.sensor, "searching", 0, 0, None, None) for one in self._lifters
        )

    def problems(self) -> list[str]:
        """What is wrong with them."""
        found = sensor_problems(self._session.watched) if self._session else []
        found += self._seek_problems.values()
        found += self._gateway.problems() if self._gateway else []
        return [*found, self._tell_problem] if self._tell_problem else found

    async def run(self, part: Part) -> None:
        """Session after session."""
        while not part.stop.is_set():
            await self._run_session(part)
            if not part.stop.is_set():
                log.info("no sensor any more: the next session begins when one is seen")
                await self._seek(part)

    def command(self, device: str, payload: bytes) -> None:
        """What somebody asks of a sensor."""
        gateway, session = self._gateway, self._session
        if gateway and session:
            self._say(lambda: gateway.command(device, payload, session.now_us()))
        elif self._outlet and device in {one.sensor for one in self._lifters}:
            self._outlet.answer(device, answer_content(_no_session(payload)))

    async def _run_session(self, part: Part) -> None:
        try:
            session = _LastingSession(
                self._lifters,
                SetSettings(self._settings.set_timeout_s, self._settings.min_reps),
                self._settings.recordings,
                self._take,
                speed=self._speed,
            )
        except RecordingError as error:
            raise PartError(str(error)) from error
        coach = await asyncio.to_thread(self._coach, session) if self._outlet else None
        self._begin(session, coach)
        part.ready()
        over = asyncio.Event()
        attending = asyncio.create_task(self._attend(part, session, over))
        try:
            await session.run(self._radio, over)
            await attending
        finally:
            attending.cancel()
            if gateway := self._gateway:
                self._say(lambda: gateway.end(session.now_us()))
            self._session = self._gateway = None
            await asyncio.to_thread(session.close)
            log.info("session %s is over", session.name)
            for one in session.watched:
                if one.file:
                    log.info("%s: recorded in %s", one.lifter.sensor, one.file)

    def _coach(self, session: LiveSession) -> Coach:
        """Who knows those who wear the sensors; a year of history is read in about a second."""
        worn = {one.athlete or NOBODY for one in self._lifters}
        return coach_of(self._settings, _started_us(session), worn, log.warning)

    def _begin(self, session: LiveSession, coach: Coach | None) -> None:
        self._session = session
        self._tell_problem = None
        self._told = {one.lifter.sensor: {} for one in session.watched}
        log.info("session %s begins", session.name)
        if self._outlet:
            self._gateway = Gateway(
                # It needs no more of a publisher than an outlet has.
                cast(Publisher, self._outlet),
                self._settings.site,
                session.name,
                _started_us(session),
                session.watched,
                coach=coach,
                keep_plan=keep_plan,
            )

    async def _attend(self, part: Part, session: LiveSession, over: asyncio.Event) -> None:
        """Say how things are, until the end or until nobody is there any more."""
        loop = asyncio.get_running_loop()
        here_s = loop.time()
        try:
            while not part.stop.is_set() and loop.time() - here_s < AWAY_S:
                if any(one.state.phase == "streaming" for one in session.watched):
                    here_s = loop.time()
                if gateway := self._gateway:
                    self._say(lambda: gateway.step(session.now_us()))
                for one in session.watched:
                    self._log_changes(one)
                await part.sleep(_STEP_S)
        finally:
            over.set()

    async def _seek(self, part: Part) -> None:
        """Until one of the sensors is seen, or the end."""
        stopping = asyncio.create_task(part.stop.wait())
        tasks = [stopping, *(asyncio.create_task(self._find(one)) for one in self._lifters)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._seek_problems.clear()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _find(self, lifter: Lifter) -> bool:
        """However long it takes."""
        told = ""
        while True:
            try:
                await self._radio.find(lifter.wanted)
            except SensorError as fault:
                problem = printable(f"{lifter.sensor}: {fault}")
                if problem != told:
                    log.warning("%s", problem)
                self._seek_problems[lifter.sensor] = told = problem
                await asyncio.sleep(_HOPELESS_WAIT_S)
                del self._seek_problems[lifter.sensor]
            else:
                return True

    def _take(self, one: Watched, at_s: float, event: Event) -> None:
        if isinstance(event, SetSummary):
            log.info("%s: %s", one.lifter.sensor, line(event))
        if gateway := self._gateway:
            self._say(lambda: gateway.take(one, at_s, event))

    def _say(self, say: Callable[[], None]) -> None:
        """Whatever goes wrong with it, the tracking goes on."""
        try:
            say()
        except Exception as error:
            if self._tell_problem is None:
                log.exception("the session is not told as it should be")
            self._tell_problem = f"the session is not told as it should be ({error!r}): report this"

    def _log_changes(self, one: Watched) -> None:
        device = one.lifter.sensor
        now = {"state": printable(one.state.text), **troubles(one)}
        before = self._told[device]
        for about, text in now.items():
            # A number in a trouble may change: it is told once.
            if before.get(about) != text if about == "state" else about not in before:
                log.info("%s: %s", device, text)
        self._told[device] = now


def _started_us(session: LiveSession) -> int:
    return round(session.started.timestamp() * 1e6)


class _LastingSession(LiveSession):
    """A sensor whose supervision fails is supervised anew."""

    async def _supervise(self, radio: Radio, one: Watched) -> None:
        failures = 0
        while True:
            try:
                await self._supervisor(radio, one).run()
            except Exception as error:
                text = f"{one.lifter.wanted}: failed ({error!r}): report this"
                log.exception("%s", text)
                one.note(replace(one.state, phase="failed", text=text))
            await asyncio.sleep(pause_s(failures))
            failures += 1


def _no_session(payload: bytes) -> Answer:
    try:
        command = parse(payload)
    except CommandError as error:
        return refusal(error)
    return Answer(command.id, ok=False, text="there is no session: switch the sensor on")
