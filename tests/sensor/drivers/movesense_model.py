"""A model Movesense sensor, what it sends, and packets made by hand."""

import asyncio
import struct

import numpy as np

from sensor.drivers import Batch, Setup
from sensor.drivers.movesense import DRIVER, MovesenseDecoder
from sensor.samples import Floats, SampleBlock
from sensor.simulator.peripherals.movesense import MovesensePeripheral
from tests.sensor.drivers.fake_link import FakeLink

# The vector of the specification with N = 2, here with the driver's reference.
TWO_SAMPLES = bytes.fromhex(
    "02 02 e8 03 00 00"
    "00 00 00 00 00 00 00 00 00 00 1c 41"
    "00 00 00 3f 00 00 00 00 00 00 18 41"
    "00 00 80 3f 00 00 00 40 00 00 40 40"
    "00 00 80 40 00 00 a0 40 00 00 c0 40"
)


def model(kind: type[MovesensePeripheral] = MovesensePeripheral) -> MovesensePeripheral:
    return kind(address="0C:8C:DC:38:72:E8", serial="204730000081")


def started(peripheral: MovesensePeripheral, rate_hz: float = 100.0) -> tuple[FakeLink, Setup]:
    link = FakeLink(peripheral)
    return link, asyncio.run(DRIVER.start(link, rate_hz))


def block(count: int, rate_hz: float = 104.0, start_s: float = 5.0, seed: int = 1) -> SampleBlock:
    rng = np.random.default_rng(seed)
    t_s = start_s + np.arange(count) / rate_hz
    return SampleBlock(t_s, rng.uniform(-70, 70, (count, 3)), rng.uniform(-30, 30, (count, 3)))


def sent(samples: SampleBlock, rate_hz: float = 104.0) -> list[bytes]:
    peripheral = model()
    started(peripheral, rate_hz)
    return [one.data for one in peripheral.packets(samples)]


def packet(stamp_ms: int, count: int = 8, value: float = 1.0) -> list[bytes]:
    payload = struct.pack("<I", stamp_ms % 2**32) + struct.pack("<f", value) * (6 * count)
    parts = [b"\x02\x02" + payload[:156]]
    return parts + ([b"\x03\x02" + payload[156:]] if len(payload) > 156 else [])


def fed(decoder: MovesenseDecoder, packets: list[bytes]) -> list[Batch]:
    return [batch for data in packets for batch in decoder.feed(0, data)]


def times(batches: list[Batch]) -> Floats:
    assert all(batch.device_s is not None for batch in batches)
    return np.concatenate([batch.device_s for batch in batches if batch.device_s is not None])
