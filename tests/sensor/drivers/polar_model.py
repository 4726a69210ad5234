"""A model Polar sensor for tests: set up, made to stream, and decoded."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np

from sensor.drivers import Batch, Setup
from sensor.drivers.polar import CONTROL, DRIVER, PolarDecoder
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from sensor.simulator.peripherals import Notification
from sensor.simulator.peripherals.polar import PolarPeripheral
from tests.sensor.drivers.fake_link import FakeLink

Model = Literal["verity", "h10"]
ADDRESS = "A0:9E:1A:00:00:01"


class Odd(PolarPeripheral):
    """A model sensor that answers some commands or reads in its own way.

    answers: beginning of a command, as hexadecimal text -> what is sent instead, likewise.
    """

    def __init__(
        self,
        *,
        model: Model = "verity",
        answers: dict[str, list[str]] | None = None,
        features: bytes | None = None,
    ) -> None:
        self._answers = answers or {}
        self._features = features
        super().__init__(address=ADDRESS, serial="1", model=model)

    def read(self, uuid: str) -> bytes:
        if uuid == CONTROL and self._features is not None:
            return self._features
        return super().read(uuid)

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        answer = super().write(uuid, data)
        for begin, texts in self._answers.items():
            if data.startswith(bytes.fromhex(begin)):
                return [Notification(None, CONTROL, bytes.fromhex(text)) for text in texts]
        return answer


def peripheral(model: Model = "verity") -> PolarPeripheral:
    return PolarPeripheral(address=ADDRESS, serial="1", model=model)


def started(
    sensor: PolarPeripheral, rate_hz: float = DRIVER.default_rate_hz
) -> tuple[FakeLink, Setup]:
    link = FakeLink(sensor)
    return link, asyncio.run(DRIVER.start(link, rate_hz))


def commands(link: FakeLink) -> list[str]:
    return [data.hex(" ") for uuid, data in link.log if uuid == CONTROL]


def moving(sensor: PolarPeripheral, count: int = 600, *, start_s: float = 7.0) -> SampleBlock:
    t_s = start_s + np.arange(count) / sensor.rate_hz
    waves = np.stack([np.sin(2 * np.pi * f * t_s) for f in (0.5, 0.8, 1.1)], axis=1)
    noise = np.random.default_rng(1).normal(0, 0.05, (count, 3))
    acc = 6.0 * waves + noise + (0, 0, STANDARD_GRAVITY_MPS2)
    return SampleBlock(t_s, acc, 3.0 * waves[:, ::-1] + noise if sensor.gyro else None)


def sent(link: FakeLink, sensor: PolarPeripheral, samples: SampleBlock) -> list[bytes]:
    """The frames of these samples, which were given to the model sensor in pieces."""
    link.packets.clear()
    for start in range(0, len(samples), 7):
        part = slice(start, start + 7)
        gyr = None if samples.gyr is None else samples.gyr[part]
        link.deliver(sensor.packets(SampleBlock(samples.t_s[part], samples.acc[part], gyr)))
    assert {channel for channel, _ in link.packets} == {1}
    return [data for _, data in link.packets]


def fed(decoder: PolarDecoder, packets: Iterable[bytes]) -> Iterator[Batch]:
    for data in packets:
        yield from decoder.feed(1, data)


def joined(batches: Iterable[Batch]) -> tuple[Floats, Floats, Floats, Floats]:
    """Times and values of the accelerometer, then those of the gyroscope."""
    parts: list[list[Floats]] = [[np.empty(0)], [np.empty((0, 3))], [np.empty(0)]]
    parts.append([np.empty((0, 3))])
    for batch in batches:
        values, at = (batch.acc, 0) if batch.gyr is None else (batch.gyr, 2)
        assert values is not None
        assert batch.device_s is not None
        parts[at].append(batch.device_s)
        parts[at + 1].append(values)
    acc_s, acc, gyr_s, gyr = (np.concatenate(part) for part in parts)
    return acc_s, acc, gyr_s, gyr
