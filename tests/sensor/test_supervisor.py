"""One sensor under supervision, without a radio: what is recorded, told and tried again."""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from sensor import supervisor
from sensor.drivers import Setup
from sensor.link import Advertisement, Link, SensorError
from sensor.records import Battery, Connected, Disconnected, Packet, Record, Tick
from sensor.simulator.peripherals import Notification
from tests.sensor.drivers.fake_link import FakeLink
from tests.sensor.supervision import Session, supervised, until
from tests.sensor.ticker import (
    CONTROL,
    PERCENT,
    READY,
    START,
    STOP,
    TickerDriver,
    TickerPeripheral,
)


class MemoryLink(FakeLink):
    """A link that tells of each packet, and can break."""

    def __init__(self, radio: "MemoryRadio", packet: Callable[[int, bytes], None]) -> None:
        super().__init__(radio.peripheral)
        self._radio = radio
        self._packet = packet

    def deliver(self, notifications: list[Notification]) -> None:
        before = len(self.packets)
        super().deliver(notifications)
        for channel, data in self.packets[before:]:
            self._packet(channel, data)

    async def close(self) -> None:
        self._radio.closed += 1


class MemoryRadio:
    """One Ticker in the air. faults: what the next calls raise."""

    def __init__(self, name: str = "Ticker 1") -> None:
        self.peripheral = TickerPeripheral(1, name)
        self.find_faults: deque[SensorError] = deque()
        self.connect_faults: deque[SensorError] = deque()
        self.here = asyncio.Event()
        self.here.set()
        self.links: list[MemoryLink] = []
        self.lost: Callable[[], None] = lambda: None
        self.finds = 0
        self.closed = 0

    async def seen(self) -> AsyncIterator[Advertisement]:
        yield self.peripheral.advertisement

    async def find(self, wanted: str) -> Advertisement:
        self.finds += 1
        if self.find_faults:
            raise self.find_faults.popleft()
        await self.here.wait()
        assert wanted == self.peripheral.advertisement.name
        return self.peripheral.advertisement

    async def connect(
        self,
        seen: Advertisement,
        packet: Callable[[int, bytes], None],
        lost: Callable[[], None],
    ) -> Link:
        assert seen is self.peripheral.advertisement
        if self.connect_faults:
            raise self.connect_faults.popleft()
        self.links.append(MemoryLink(self, packet))
        self.lost = lost
        return self.links[-1]

    def send(self, how_many: int) -> None:
        self.links[-1].deliver(self.peripheral.ticks(how_many))


def run(
    body: Callable[[MemoryRadio, TickerDriver], Awaitable[None]], name: str = "Ticker 1"
) -> None:
    async def main() -> None:
        async with asyncio.timeout(30):
            await body(MemoryRadio(name), TickerDriver())

    asyncio.run(main())


async def streaming(radio: MemoryRadio, session: Session, connections: int = 1) -> None:
    """The so-manieth connection is there, and data comes."""
    await until(lambda: session.connections() == connections)
    await until(lambda: session.phase() == "streaming")
    before = len(session.packets(1))
    radio.send(3)
    await until(lambda: len(session.packets(1)) == before + 3)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(supervisor, "_HOPELESS_WAIT_S", 0.01)


def kinds(records: list[Record]) -> list[str]:
    return [type(one).__name__ for one in records if not isinstance(one, Tick)]


# Records


def test_records_come_in_order_from_the_first_reply_to_the_end() -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)
            await until(lambda: Battery in map(type, session.records))
        assert kinds(session.records)[:2] == ["Connected", "Packet"]
        assert session.packets(0) == [READY, READY]  # the answers to start and stop
        assert [int.from_bytes(data, "little") for data in session.packets(1)] == [0, 1, 2]
        assert [one.percent for one in session.records if isinstance(one, Battery)] == [PERCENT]
        assert session.records[-1] == Disconnected(session.records[-1].at_us, "stopped")
        assert radio.peripheral.log == [(CONTROL, START), (CONTROL, STOP)]
        assert radio.closed == 1

    run(body)


def test_packets_that_come_before_the_sensor_is_ready_keep_their_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def body(radio: MemoryRadio, _: TickerDriver) -> None:
        class Hasty(TickerDriver):
            async def start(self, link: Link, rate_hz: float) -> Setup:
                setup = await super().start(link, rate_hz)
                radio.send(2)
                clock.append(9000)
                radio.send(1)
                clock.append(20_000)
                await asyncio.sleep(0.1)  # time is told once more, but not before these packets
                return setup

        clock = [5000]
        session = Session(radio, "Ticker 1", Hasty(), 2.5)
        session.supervisor._now_us = lambda: clock[-1]
        task = asyncio.create_task(session.supervisor.run())
        await until(lambda: Battery in map(type, session.records))
        task.cancel()
        await asyncio.wait({task})
        assert kinds(session.records)[:6] == ["Connected", *["Packet"] * 4, "Battery"]
        connected = next(
            place for place, one in enumerate(session.records) if isinstance(one, Connected)
        )
        times = [one.at_us for one in session.records[connected : connected + 5]]
        assert times == [5000, 5000, 5000, 5000, 9000]

    monkeypatch.setattr(supervisor, "_TICK_S", 0.02)
    run(body)


def test_time_goes_on_while_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        radio.here.clear()
        async with supervised(radio, "Ticker 1", driver) as session:
            await until(lambda: len(session.records) >= 3)
            assert {type(one) for one in session.records} == {Tick}
            radio.here.set()
            await streaming(radio, session)
            before = len(session.records)
            await until(lambda: Tick in map(type, session.records[before:]))

    monkeypatch.setattr(supervisor, "_TICK_S", 0.02)
    run(body)


def test_no_time_is_told_while_packets_come(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)
            before = len(session.records)
            for _ in range(30):
                radio.send(1)
                await asyncio.sleep(0.01)
            assert Tick not in map(type, session.records[before:])

    monkeypatch.setattr(supervisor, "_TICK_S", 0.2)
    run(body)


def test_a_consumer_that_blocks_gets_every_packet() -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)

            def take(record: Record) -> None:
                time.sleep(0.001)
                session.records.append(record)

            session.supervisor._take = take
            for _ in range(50):
                radio.send(20)
                await asyncio.sleep(0)
        # It was stopped before all was taken.
        numbers = [int.from_bytes(data, "little") for data in session.packets(1)]
        assert numbers == list(range(1003))
        assert isinstance(session.records[-1], Disconnected)

    run(body)


def test_a_consumer_that_fails_ends_the_supervision_politely() -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        session = Session(radio, "Ticker 1", driver, 2.5)

        def take(record: Record) -> None:
            if isinstance(record, Packet):
                raise OSError("disk full")

        session.supervisor._take = take
        with pytest.raises(ExceptionGroup) as failed:
            await session.supervisor.run()
        assert failed.value.subgroup(OSError) is not None
        assert radio.peripheral.log[-1] == (CONTROL, STOP)
        assert radio.closed == 1

    run(body)


def test_what_a_closed_connection_still_sends_is_not_recorded() -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)
            radio.here.clear()
            radio.lost()
            await until(session.reasons)
            radio.send(3)
            await asyncio.sleep(0.05)
            assert kinds(session.records)[-1] == "Disconnected"

    run(body)


# Again


def test_after_a_drop_it_is_searched_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)
            radio.lost()
            await streaming(radio, session, 2)
        assert session.reasons() == ["the connection was lost", "stopped"]
        assert radio.closed == 2

    monkeypatch.setattr(supervisor, "_FIRST_WAIT_S", 1000.0)  # whoever waited would not come back
    run(body)


def test_a_silent_sensor_is_let_go_and_connected_anew() -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        async with supervised(radio, "Ticker 1", driver, silence_s=0.2) as session:
            await streaming(radio, session)
            await until(lambda: session.connections() == 2)
            assert session.reasons() == ["silent for 0.2 s"]
            # It never sends again: that is a fault of its own, with a wait before the next try.
            await until(lambda: "sent no data" in session.states[-1].text)

    run(body)


def test_a_connection_that_fails_is_tried_again_and_each_fault_told() -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        radio.connect_faults.extend([SensorError("too far away"), SensorError("still too far")])
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)
        failed = [one.text for one in session.states if one.phase == "failed"]
        assert failed == ["too far away", "still too far"]
        assert radio.finds == 3

    run(body)


def test_waits_grow_with_each_failure_and_are_never_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        monkeypatch.undo()
        session = Session(radio, "Ticker 1", driver, 2.5)
        session.supervisor._chance = random.Random(1)
        waits_s = [session.supervisor._wait_s() for _ in range(20)]
        for place, wait_s in enumerate(waits_s):
            longest_s = min(0.5 * 2**place, 30.0)
            assert longest_s / 2 <= wait_s <= longest_s
        assert len(set(waits_s)) == len(waits_s)

    run(body)


@pytest.mark.parametrize("good", [True, False])
def test_good_data_makes_waits_short_again(monkeypatch: pytest.MonkeyPatch, good: bool) -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        radio.connect_faults.extend([SensorError("too far away")] * 2)
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)
            radio.lost()
            await streaming(radio, session, 2)
            assert session.supervisor._failures == (0 if good else 2)

    monkeypatch.setattr(supervisor, "_GOOD_S", 0.0 if good else 30.0)
    run(body)


@pytest.mark.parametrize(
    "fault", [SensorError("it refuses the rate"), IndexError("index out of range"), TimeoutError()]
)
def test_a_sensor_that_cannot_be_set_up_is_let_go_and_tried_again(fault: Exception) -> None:
    faults = deque([fault])

    class Unsure(TickerDriver):
        async def start(self, link: Link, rate_hz: float) -> Setup:
            if faults:
                raise faults.popleft()
            return await super().start(link, rate_hz)

    async def body(radio: MemoryRadio, _: TickerDriver) -> None:
        async with supervised(radio, "Ticker 1", Unsure()) as session:
            await streaming(radio, session)
        (told,) = [one.text for one in session.states if one.phase == "failed"]
        assert str(fault) in told
        assert radio.closed == 2
        assert radio.peripheral.log[0] == (CONTROL, STOP)

    run(body)


def test_a_battery_that_cannot_be_read_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        driver.battery_fails = True
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)
            await asyncio.sleep(0.05)
            assert session.states[-1].battery_pct is None
            driver.battery_fails = False
            await until(lambda: session.states[-1].battery_pct == PERCENT)
            assert session.connections() == 1

    monkeypatch.setattr(supervisor, "_BATTERY_S", 0.01)
    run(body)


def test_a_sensor_that_does_not_let_itself_be_stopped_is_disconnected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stubborn(TickerDriver):
        async def stop(self, link: Link) -> None:  # noqa: ARG002
            await asyncio.Event().wait()

    async def body(radio: MemoryRadio, _: TickerDriver) -> None:
        async with supervised(radio, "Ticker 1", Stubborn()) as session:
            await streaming(radio, session)
        assert radio.closed == 1
        assert session.reasons() == ["stopped"]

    monkeypatch.setattr(supervisor, "_STOP_S", 0.05)
    run(body)


# States


def test_states_tell_what_is_known() -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)
            await until(lambda: session.states[-1].battery_pct == PERCENT)
        phases = [one.phase for one in session.states]
        assert list(dict.fromkeys(phases)) == ["searching", "connecting", "starting", "streaming"]
        last = session.states[-1]
        said = radio.peripheral.advertisement
        assert (last.address, last.name) == (said.address, said.name)
        assert (last.rssi_dbm, last.model) == (said.rssi_dbm, "Ticker")
        assert last.text == "Ticker at 100 Hz"
        since_us = [one.since_us for one in session.states]
        assert since_us == sorted(since_us)
        assert all(one.text and "\n" not in one.text for one in session.states)

    run(body)


def test_a_sensor_that_nobody_finds_gets_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        radio.here.clear()
        async with supervised(radio, "Ticker 1", driver) as session:
            await until(lambda: len(session.states) == 2)
            assert session.texts()[0] == "searching for Ticker 1"
            assert "phones" in session.texts()[1]
            assert [one.phase for one in session.states] == ["searching"] * 2

    monkeypatch.setattr(supervisor, "_LOST_HOPE_S", 0.05)
    run(body)


def test_a_fault_that_no_retry_mends_is_told_once() -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        radio.find_faults.extend([SensorError("Bluetooth is off")] * 20)
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)
        assert session.texts().count("Bluetooth is off") == 1
        assert radio.finds == 21

    run(body)


def test_an_unknown_sensor_is_told_once_and_names_the_drivers() -> None:
    async def body(radio: MemoryRadio, _: TickerDriver) -> None:
        async with supervised(radio, "Toaster") as session:
            await until(lambda: radio.finds > 5)
        (told,) = [one.text for one in session.states if one.phase == "failed"]
        assert "Toaster" in told
        assert "name its driver" in told
        assert not radio.links

    run(body, "Toaster")


def test_after_a_loss_what_happened_stays_shown_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def body(radio: MemoryRadio, driver: TickerDriver) -> None:
        async with supervised(radio, "Ticker 1", driver) as session:
            await streaming(radio, session)
            radio.here.clear()
            radio.lost()
            await until(lambda: session.phase() == "lost")
            assert "the connection was lost" in session.states[-1].text
            await until(lambda: session.phase() == "searching")

    monkeypatch.setattr(supervisor, "_READABLE_S", 0.05)
    run(body)
