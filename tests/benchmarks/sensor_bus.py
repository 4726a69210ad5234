"""Live sessions over the real D-Bus and Bleak, against model sensors behind a model of BlueZ."""

import asyncio
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from pipeline.live import Lifter, LiveSession, Watched
from pipeline.report import Settings
from sensor.ble import BleRadio
from sensor.records import Packet, Record
from sensor.samples import Floats
from tests.benchmarks.sensor_air import Air, Model
from tests.benchmarks.speed import Line
from tests.integration.bus import private_bus
from tests.integration.session import nothing_left
from tests.sensor.supervision import until

CROWD = tuple(Model("witmotion", 100.0, number) for number in range(1, 9))
FAST = (Model("thingy52", 200.0, 1), Model("witmotion", 200.0, 2))
CROWD_S = 30.0
FAST_S = 60.0
_SETTLED_S = 3.0
_ARRIVED_S = 2.0
_AWAY_S = 5.0
_PATIENCE_S = 60.0

Result = TypeVar("Result")


class Arrivals:
    """What a live session took of its sensors.

    packets: (stamp of the notification, end of `take`) in us, and the data, by address.
    """

    def __init__(self, session: LiveSession) -> None:
        self.session = session
        self.packets: dict[str, list[tuple[int, int, bytes]]] = {}
        for one in session.watched:
            self._listen(one)

    def streaming(self) -> bool:
        return all(one.state.phase == "streaming" for one in self.session.watched)

    def count(self) -> int:
        return sum(len(packets) for packets in self.packets.values())

    def _listen(self, one: Watched) -> None:
        packets = self.packets.setdefault(one.lifter.wanted, [])
        take = one.take

        def timed(record: Record) -> None:
            take(record)
            if isinstance(record, Packet):
                packets.append((record.at_us, self.session.now_us(), record.data))

        one.take = timed  # type: ignore[method-assign]


def with_bus() -> bool:
    return shutil.which("dbus-daemon") is not None


def latencies_ms(arrivals: Arrivals, since_us: int) -> Floats:
    """From each notification's stamp to the end of its `take`: waiting in the queue counts."""
    return np.array(
        [
            (end_us - at_us) / 1e3
            for packets in arrivals.packets.values()
            for at_us, end_us, _ in packets
            if at_us >= since_us
        ]
    )


def crowd_lines() -> list[Line]:
    """Eight sensors at 100 Hz: latency end to end, and what was lost."""
    arrivals, since_us, sent = _run(CROWD, lambda air: _steadily(air, CROWD, CROWD_S))
    all_ms = latencies_ms(arrivals, since_us)
    p50, p99 = np.percentile(all_ms, (50, 99))
    through = f"8 WitMotion at 100 Hz through D-Bus, Bleak, supervisor, {CROWD_S:g} s"
    return [
        Line(f"{through}: p50", float(p50), None, "ms"),
        Line(f"{through}: p99", float(p99), 2.0, "ms"),
        Line(f"{through}: worst of {len(all_ms):,}", float(all_ms.max()), None, "ms"),
        Line(f"{through}: packets lost", lost(arrivals, sent), 0.0, ""),
    ]


def loss_lines() -> list[Line]:
    """200 samples a second each, one of them in 200 notifications."""
    arrivals, _, sent = _run(FAST, lambda air: _steadily(air, FAST, FAST_S))
    count = sum(len(packets) for packets in sent.values())
    what = f"Thingy:52 and WitMotion at 200 Hz, {FAST_S:g} s: lost of {count:,} packets"
    return [Line(what, lost(arrivals, sent), 0.0, "")]


def reconnect_lines() -> list[Line]:
    alone = _run(CROWD[:1], lambda air: _returns(air, CROWD[:1], 4))
    together = _run(CROWD, lambda air: _returns(air, CROWD, 2))
    return [
        Line(f"one sensor, {len(alone)} times: median", float(np.median(alone)), None, "s"),
        Line(f"one sensor, {len(alone)} times: worst", max(alone), 3.0, "s"),
        Line(
            f"eight at once, {len(together)} returns: median", float(np.median(together)), None, "s"
        ),
        Line(f"eight at once, {len(together)} returns: worst", max(together), 3.0, "s"),
    ]


def lost(arrivals: Arrivals, sent: dict[str, list[bytes]]) -> int:
    """Packets that the model of BlueZ sent to us and that never came to a recording."""
    return sum(
        (Counter(packets) - Counter(data for *_, data in arrivals.packets[address])).total()
        for address, packets in sent.items()
    )


def _run(models: tuple[Model, ...], body: Callable[[Air], Coroutine[None, None, Result]]) -> Result:
    before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")

    async def whole() -> Result:
        result = await body(air)
        air.stop()
        await nothing_left(bus)
        return result

    with private_bus() as bus, Air(bus.address, *models) as air:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
        try:
            return asyncio.run(whole())
        finally:
            if before is None:
                del os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
            else:
                os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = before


async def _steadily(
    air: Air, models: tuple[Model, ...], seconds: float
) -> tuple[Arrivals, int, dict[str, list[bytes]]]:
    async with _live(models) as arrivals:
        await asyncio.sleep(_SETTLED_S)
        since_us = arrivals.session.now_us()
        await asyncio.sleep(seconds)
        sent: dict[str, list[bytes]] = await air.ask("silence")
        end_s = time.monotonic() + _ARRIVED_S
        await until(lambda: not lost(arrivals, sent) or time.monotonic() > end_s)
    return arrivals, since_us, sent


async def _returns(air: Air, models: tuple[Model, ...], times: int) -> list[float]:
    """Seconds from when each sensor advertised again to its first packet."""
    waited_s = []
    async with _live(models) as arrivals:
        for _ in range(times):
            await asyncio.sleep(_SETTLED_S)
            await air.ask("vanish")
            await asyncio.sleep(_AWAY_S)
            before = {address: len(packets) for address, packets in arrivals.packets.items()}
            returned_ns = await air.ask("appear")
            offset_ns = time.monotonic_ns() - 1000 * arrivals.session.now_us()
            await until(partial(_each_has_more, arrivals, before))
            for address, count in before.items():
                _, end_us, _ = arrivals.packets[address][count]
                waited_s.append((1000 * end_us + offset_ns - returned_ns) * 1e-9)
            await until(arrivals.streaming)
    return waited_s


def _each_has_more(arrivals: Arrivals, before: dict[str, int]) -> bool:
    return all(len(arrivals.packets[address]) > count for address, count in before.items())


@asynccontextmanager
async def _live(models: tuple[Model, ...]) -> AsyncIterator[Arrivals]:
    """A live session with these sensors, tracked and recorded, once all of them stream."""
    lifters = [
        Lifter(f"belt-{one.number}", one.address, rate_hz=one.rate_hz, driver=one.driver)
        for one in models
    ]
    stop = asyncio.Event()
    with tempfile.TemporaryDirectory() as folder:
        session = LiveSession(lifters, Settings(), Path(folder), lambda *_: None)
        arrivals = Arrivals(session)
        running = asyncio.create_task(session.run(BleRadio(), stop))
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await until(arrivals.streaming)
            yield arrivals
        finally:
            stop.set()
            await running
            session.close()
