"""Small recordings of packets, and what their tests share."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from sensor.drivers import Setup
from sensor.raw import open_raw
from sensor.raw_format import MAGIC, encode, encode_header
from sensor.raw_writer import RawWriter
from sensor.records import Battery, Connected, Disconnected, End, Packet, Record, Tick

SETUP = Setup("dot", "Movella DOT", 120.0, 16.0, 2000.0, "2.0.0", {"factor": 0.25, "chip": "a"})
META = {"sensor": "belt", "session": "s1", "started": "2025-11-22T18:00:00+01:00"}
RECORDS: list[Record] = [
    Connected(250_000, SETUP),
    Packet(260_000, 0, b"\x01\x02\x03"),
    Packet(270_000, 1, bytes(range(20))),
    Battery(280_000, 87.3),
    Packet(290_000, 0, b""),
    Tick(1_290_000),
    Disconnected(1_500_000, "außer Reichweite"),
    Connected(2_600_000, Setup("thingy52", "Thingy:52", 50.0, None, None)),
    Packet(2_700_000, 255, b"P" * 40),
    End(2_800_000),
]
CONTENT = MAGIC + encode_header(META) + b"".join(map(encode, RECORDS))


def read(path: Path) -> tuple[dict[str, str], list[Record], dict[str, int]]:
    with open_raw(path) as reader:
        records = list(reader.records())
        return reader.meta, records, dict(reader.skipped)


def written(path: Path, records: list[Record]) -> RawWriter:
    writer = RawWriter(path, META)
    for record in records:
        writer.append(record)
    return writer


def many(count: int) -> list[Record]:
    rng = np.random.default_rng(count)
    return [Packet(10_000 * number, 0, rng.bytes(20)) for number in range(count)]


def moved(record: Record, at_us: int) -> Record:
    """The same at another time."""
    if isinstance(record, Packet):
        return record._replace(at_us=at_us)
    return replace(record, at_us=at_us)
