"""A supervised sensor and all that comes of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from sensor.drivers import Driver
from sensor.link import Radio
from sensor.records import Connected, Disconnected, Packet, Record
from sensor.supervisor import State, Supervisor


async def until(condition: Callable[[], object]) -> None:
    """Wait for it; the test's patience is the limit."""
    while not condition():  # noqa: ASYNC110 -- whatever it looks at knows no events
        await asyncio.sleep(0.01)


class Session:
    """One supervised sensor: its records and states, as they come."""

    def __init__(self, radio: Radio, wanted: str, driver: Driver | None, silence_s: float) -> None:
        self.records: list[Record] = []
        self.states: list[State] = []
        begin_ns = time.monotonic_ns()
        self.supervisor = Supervisor(
            radio,
            wanted,
            driver=driver,
            take=self.take,
            now_us=lambda: (time.monotonic_ns() - begin_ns) // 1000,
            tell=self.states.append,
            silence_s=silence_s,
        )

    def take(self, record: Record) -> None:
        self.records.append(record)

    def packets(self, channel: int) -> list[bytes]:
        found = [one for one in self.records if isinstance(one, Packet)]
        return [one.data for one in found if one.channel == channel]

    def connections(self) -> int:
        return sum(isinstance(one, Connected) for one in self.records)

    def reasons(self) -> list[str]:
        return [one.reason for one in self.records if isinstance(one, Disconnected)]

    def texts(self) -> list[str]:
        return [one.text for one in self.states]

    def phase(self) -> str:
        return self.states[-1].phase if self.states else ""


@asynccontextmanager
async def supervised(
    radio: Radio, wanted: str, driver: Driver | None = None, *, silence_s: float = 2.5
) -> AsyncIterator[Session]:
    """The sensor under supervision, which is ended politely."""
    session = Session(radio, wanted, driver, silence_s)
    task = asyncio.create_task(session.supervisor.run())
    try:
        yield session
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    times = [one.at_us for one in session.records]
    assert times == sorted(times)
