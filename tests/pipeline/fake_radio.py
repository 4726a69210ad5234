"""A radio without a radio: model sensors, and whatever else is said to be on the air."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

import numpy as np

from sensor.link import Advertisement, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2, SampleBlock
from sensor.simulator.peripherals import Notification, Peripheral
from tests.sensor.drivers.fake_link import FakeLink


class FakeRadio:
    """peripherals: can be connected; `others` only advertise. fault: what every call raises.

    samples: what a peripheral sends, all at once, as soon as it streams.
    """

    def __init__(
        self,
        peripherals: Sequence[Peripheral] = (),
        others: Iterable[Advertisement] = (),
        *,
        fault: SensorError | None = None,
        samples: SampleBlock | None = None,
    ) -> None:
        self.links: list[_Link] = []
        self._peripherals = {one.advertisement.address: one for one in peripherals}
        self._seen = [*(one.advertisement for one in peripherals), *others]
        self._fault = fault
        self._samples = samples

    async def seen(self) -> AsyncIterator[Advertisement]:
        if self._fault:
            raise self._fault
        for one in self._seen:
            yield one
        await asyncio.Event().wait()

    async def find(self, wanted: str) -> Advertisement:
        async for one in self.seen():
            if wanted.casefold() in (one.address.casefold(), one.name.casefold()):
                return one
        raise AssertionError

    async def connect(
        self,
        seen: Advertisement,
        packet: Callable[[int, bytes], None],
        lost: Callable[[], None],  # noqa: ARG002 -- these links hold
    ) -> "_Link":
        peripheral = self._peripherals.get(seen.address)
        if peripheral is None:
            raise SensorError(f"{seen.address} does not answer: bring it nearer")
        link = _Link(peripheral, packet, self._samples)
        self.links.append(link)
        return link


class _Link(FakeLink):
    """It passes packets on, and lets the model sensor send once it streams."""

    def __init__(
        self,
        peripheral: Peripheral,
        packet: Callable[[int, bytes], None],
        samples: SampleBlock | None,
    ) -> None:
        super().__init__(peripheral)
        self.closed = False
        self._packet = packet
        self._samples = samples

    async def write(self, uuid: str, data: bytes, *, response: bool = True) -> None:
        await super().write(uuid, data, response=response)
        if self.peripheral.streaming and self._samples is not None:
            samples, self._samples = self._samples, None
            self.deliver(self.peripheral.packets(samples))

    def deliver(self, notifications: list[Notification]) -> None:
        before = len(self.packets)
        super().deliver(notifications)
        for channel, data in self.packets[before:]:
            self._packet(channel, data)

    async def close(self) -> None:
        await super().close()
        self.closed = True


def lying_still(
    seconds: float = 10.0,
    rate_hz: float = 60.0,
    *,
    gravity_mps2: float = STANDARD_GRAVITY_MPS2,
    offset_dps: float = 0.3,
    noise_mps2: float = 0.02,
    noise_dps: float = 0.1,
    gyr: bool = True,
) -> SampleBlock:
    """A sensor on a table."""
    rng = np.random.default_rng(0)
    count = round(seconds * rate_hz)
    acc = rng.normal([0.0, 0.0, gravity_mps2], noise_mps2, (count, 3))
    turn = np.radians(rng.normal([offset_dps, 0.0, 0.0], noise_dps, (count, 3)))
    return SampleBlock(np.arange(count) / rate_hz, acc, turn if gyr else None)
