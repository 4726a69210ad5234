"""One sensor over one session: found, connected, configured, watched, and connected again."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

from sensor import drivers
from sensor.drivers import Driver, Setup
from sensor.link import Advertisement, Link, Radio, SensorError
from sensor.records import Battery, Connected, Disconnected, Packet, Record, Tick

Phase = Literal["searching", "connecting", "starting", "streaming", "lost", "failed"]

_START_S = 30.0
_STOP_S = 3.0
_TICK_S = 1.0
_BREATH_S = 0.002
_BATTERY_S = 60.0
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
_GOOD_S = 30.0
_HOPELESS_WAIT_S = 5.0  # no adapter, two of the same name: somebody has to do something first
_READABLE_S = 2.0  # what has happened stays shown for so long, then what is done about it
_LOST_HOPE_S = 10.0


@dataclass(frozen=True, slots=True)
class State:
    """How a sensor is, for displays. text: one line for people. since_us: when the phase began.

    address, name, model, rssi_dbm, battery_pct: as last known.
    """

    phase: Phase
    text: str
    since_us: int
    address: str = ""
    name: str = ""
    model: str = ""
    rssi_dbm: int | None = None
    battery_pct: float | None = None


@dataclass(eq=False, slots=True)
class _Stream:
    """What comes over one connection. early: packets before it was recorded as connected.

    packets: how many came after. since_s, heard_s: when it was, and when the last one came.
    """

    gone: asyncio.Event = field(default_factory=asyncio.Event)
    connected: bool = False
    early: list[tuple[int, int, bytes]] = field(default_factory=list)
    packets: int = 0
    since_s: float = 0.0
    heard_s: float = 0.0


class Supervisor:
    """Keeps one sensor streaming. All that happens becomes records, in order; none is lost.

    wanted: the sensor's name or address. driver: as recognised, if None. rate_hz: the driver's
    default, if None. take: gets every record, and may block for a while. now_us: microseconds
    since the session began, never backwards. tell: gets every new state. silence_s: a connected
    sensor that sends nothing for so long is connected anew. chance: spreads the waits of several
    supervisors.
    """

    def __init__(
        self,
        radio: Radio,
        wanted: str,
        *,
        driver: Driver | None = None,
        rate_hz: float | None = None,
        take: Callable[[Record], None],
        now_us: Callable[[], int],
        tell: Callable[[State], None],
        silence_s: float = 3.0,
        chance: random.Random | None = None,
    ) -> None:
        self._radio = radio
        self._wanted = wanted
        self._driver = driver
        self._rate_hz = rate_hz
        self._take = take
        self._now_us = now_us
        self._tell = tell
        self._silence_s = silence_s
        self._chance = chance or random.Random(wanted)  # noqa: S311 -- guards nothing
        self._state = State("searching", "", 0)
        self._records: deque[Record] = deque()
        self._recorded = asyncio.Event()
        self._last_us = 0
        self._quiet_since_s = 0.0
        self._stream: _Stream | None = None
        self._failures = 0

    async def run(self) -> None:
        """Until cancelled; then the sensor is stopped, and what it sent is handed over."""
        self._quiet_since_s = asyncio.get_running_loop().time()
        try:
            async with asyncio.TaskGroup() as helpers:
                helpers.create_task(self._hand_over())
                helpers.create_task(self._tick())
                while True:
                    await self._once()
        except asyncio.CancelledError:
            while self._records:
                self._take(self._records.popleft())
            raise

    async def _once(self) -> None:
        """Find, connect, stream until it ends, and wait as long as its end calls for."""
        try:
            seen = await self._find()
            driver = self._driver_of(seen)
        except SensorError as fault:
            self._show("failed", str(fault))
            await asyncio.sleep(_HOPELESS_WAIT_S)
            return
        try:
            await self._connection(seen, driver)
        except SensorError as fault:
            self._show("failed", str(fault))
            await asyncio.sleep(self._wait_s())

    async def _find(self) -> Advertisement:
        """The sensor's advertisement, however long it takes."""
        what = f"searching for {self._wanted}"
        hint = (
            f"{self._wanted} is not found: switch it on, come closer, "
            "and disconnect it from phones, which keep it from being seen"
        )
        settled = self._state.phase not in ("lost", "failed")
        loop = asyncio.get_running_loop()
        if settled:
            self._show("searching", what)
        hints = [loop.call_later(_LOST_HOPE_S, self._show, "searching", hint)]
        if not settled:
            hints.append(loop.call_later(_READABLE_S, self._show, "searching", what))
        try:
            return await self._radio.find(self._wanted)
        finally:
            for timer in hints:
                timer.cancel()

    def _driver_of(self, seen: Advertisement) -> Driver:
        """The driver that was given, or is recognised: from then on it is known."""
        if self._driver is None:
            known = drivers.recognise(seen)
            if known is None:
                raise SensorError(
                    f"{_who(seen)} is no sensor that is recognised: "
                    f"name its driver, one of {', '.join(drivers.names())}"
                )
            self._driver = known[0]
        return self._driver

    async def _connection(self, seen: Advertisement, driver: Driver) -> None:
        """One connection, from its beginning to its end. SensorError if no data came of it."""
        self._show(
            "connecting",
            f"connecting to {_who(seen)}",
            address=seen.address,
            name=seen.name,
            model=driver.recognise(seen) or driver.title,
            rssi_dbm=seen.rssi_dbm,
        )
        stream = _Stream()
        link = await self._radio.connect(seen, partial(self._on_packet, stream), stream.gone.set)
        at_us = self._now_us()
        self._stream = stream
        reason = ""
        try:
            self._show("starting", f"setting up {_who(seen)}")
            setup = await self._start(link, driver, seen)
            self._on_connected(stream, at_us, setup)
            self._show("streaming", f"{setup.model} at {setup.rate_hz:g} Hz")
            reason = await self._watch(stream, link, driver)
            self._show("lost", f"{_who(seen)}: {reason}, searching for it")
        finally:
            if not reason and not stream.gone.is_set():
                await self._stop(link, driver)
            if stream.connected:
                stream.connected = False
                self._record(Disconnected(self._rising(self._now_us()), reason or "stopped"))
            self._stream = None
            await link.close()
        if stream.heard_s - stream.since_s >= _GOOD_S:
            self._failures = 0
        if not stream.packets:
            raise SensorError(f"{_who(seen)} sent no data ({reason}): switch it off and on")

    async def _start(self, link: Link, driver: Driver, seen: Advertisement) -> Setup:
        try:
            async with asyncio.timeout(_START_S):
                return await driver.start(link, self._rate_hz or driver.default_rate_hz)
        except SensorError:
            raise
        except Exception as fault:  # one sensor's strange answer ends no session
            raise SensorError(
                f"{_who(seen)} could not be set up ({fault!r}): switch it off and on"
            ) from fault

    async def _stop(self, link: Link, driver: Driver) -> None:
        # A sensor that does not let itself be stopped is disconnected all the same.
        with suppress(Exception):
            async with asyncio.timeout(_STOP_S):
                await driver.stop(link)

    async def _watch(self, stream: _Stream, link: Link, driver: Driver) -> str:
        """Wait until the stream is over -> why."""
        loop = asyncio.get_running_loop()
        asking = asyncio.create_task(self._ask_battery(link, driver))
        try:
            while (left_s := stream.heard_s + self._silence_s - loop.time()) > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(left_s):
                        await stream.gone.wait()
                    return "the connection was lost"
            return f"silent for {self._silence_s:g} s"
        finally:
            asking.cancel()
            await asyncio.wait({asking})

    async def _ask_battery(self, link: Link, driver: Driver) -> None:
        while True:
            percent = None
            with suppress(Exception):  # whatever comes of it, the stream goes on
                percent = await driver.battery(link)
            if percent is not None:
                self._record(Battery(self._rising(self._now_us()), percent))
                self._show(self._state.phase, self._state.text, battery_pct=percent)
            await asyncio.sleep(_BATTERY_S)

    async def _tick(self) -> None:
        """Time goes on for those who live by the records, when nothing comes."""
        loop = asyncio.get_running_loop()
        while True:
            left_s = self._quiet_since_s + _TICK_S - loop.time()
            if left_s > 0:
                await asyncio.sleep(left_s)
                continue
            self._quiet_since_s = loop.time()
            if self._stream is None or not self._stream.early:
                self._record(Tick(self._rising(self._now_us())))

    async def _hand_over(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._recorded.wait()
            self._recorded.clear()
            begin_s = loop.time()
            while self._records:
                self._take(self._records.popleft())
                if loop.time() - begin_s > _BREATH_S:
                    # A long queue does not keep packets from being stamped.
                    await asyncio.sleep(0)
                    begin_s = loop.time()

    def _on_connected(self, stream: _Stream, at_us: int, setup: Setup) -> None:
        """The record of it, then the packets that came before the sensor was ready."""
        self._record(Connected(self._rising(at_us), setup))
        for came_us, channel, data in stream.early:
            self._record(Packet(self._rising(came_us), channel, data))
        stream.early.clear()
        stream.connected = True
        stream.since_s = stream.heard_s = asyncio.get_running_loop().time()

    def _on_packet(self, stream: _Stream, channel: int, data: bytes) -> None:
        """Only what must be done at once: this is called for each notification."""
        stream.heard_s = self._quiet_since_s = asyncio.get_running_loop().time()
        if stream.connected:
            stream.packets += 1
            self._record(Packet(self._rising(self._now_us()), channel, data))
        else:
            stream.early.append((self._now_us(), channel, data))

    def _show(self, phase: Phase, text: str, **known: Any) -> None:
        """Tell the new state, if it is one."""
        since_us = self._state.since_us if phase == self._state.phase else self._now_us()
        state = replace(self._state, phase=phase, text=text, since_us=since_us, **known)
        if state != self._state:
            self._state = state
            self._tell(state)

    def _record(self, record: Record) -> None:
        self._records.append(record)
        self._recorded.set()

    def _rising(self, at_us: int) -> int:
        self._last_us = max(self._last_us, at_us)
        return self._last_us

    def _wait_s(self) -> float:
        """How long after one more failure: twice as long each time, and never quite the same."""
        wait_s = min(_FIRST_WAIT_S * 2.0**self._failures, _LONGEST_WAIT_S)
        self._failures = min(self._failures + 1, 10)
        return wait_s * self._chance.uniform(0.5, 1.0)


def _who(seen: Advertisement) -> str:
    return seen.name or seen.address
