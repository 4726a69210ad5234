"""What a session takes on the disk, and in memory."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from pipeline.exercises import load
from pipeline.session import Session
from pipeline.tracker import Tracker
from sensor import drivers
from sensor.raw import open_raw
from sensor.raw_writer import RawWriter
from sensor.records import Connected, End, Packet, Record
from sensor.simulator.packets import model_session
from sensor.simulator.plan import SessionSpec
from tests.benchmarks.sessions import SET, SET_SHARE
from tests.benchmarks.speed import Line
from tests.sensor.raw_recordings import moved

_SET_S = 30.0
_REST_S = _SET_S * (1 / SET_SHARE - 1)
_HOUR_S = 3600
_SHORT_S = 600
_LATE_US = 2000.0
_APART_US = (150, 400)
HOURS = 4


def size_rows() -> Iterator[list[str]]:
    """Driver, MB an hour while it runs, MB after, goal, verdict."""
    for name in drivers.names():
        seconds = _HOUR_S if name == "witmotion" else _SHORT_S
        running, closed = _sizes(name, seconds)
        scale = _HOUR_S / seconds / 1e6
        limit = Line("", closed * scale, 10.0, "MB").cells()
        yield [name, f"{seconds // 60} min", f"{running * scale:.3g} MB", *limit[1:]]


def memory_mb() -> list[float] | None:
    """Resident memory after each half hour of four hours of packets; None if it is not told.

    They are read from a file, in a process of its own: memory that making them had left free
    would hide what is taken.
    """
    if not Path("/proc/self/statm").exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ten_minutes.hiprec"
        writer = RawWriter(path, {})
        for record in _arrived("witmotion", _SHORT_S):
            writer.append(record)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(_half_hours_mb, path).result()


def _half_hours_mb(path: Path) -> list[float]:
    session = Session(Tracker(load("hip_thrust")))
    writer = RawWriter(path.with_name("long.hiprec"), {})
    found = []
    for number in range(HOURS * _HOUR_S // _SHORT_S):
        with open_raw(path) as reader:
            for record in _later(reader.records(), number):
                writer.append(record)
                session.take(record)
        if (number + 1) * _SHORT_S % (_HOUR_S // 2) == 0:
            found.append(_resident_mb())
    assert session.stream.samples > 0.9 * HOURS * _HOUR_S * 100
    return found


def memory_lines(found: Sequence[float]) -> list[Line]:
    """found: resident memory of each half hour."""
    growth = float(np.mean(found[-2:]) - np.mean(found[:2]))
    return [
        Line("after the first half hour", found[0], None, "MB"),
        Line(f"the last of {HOURS} hours, over the first", growth, 1.0, "MB"),
    ]


def _sizes(name: str, seconds: int) -> tuple[int, int]:
    """Bytes of a recording while it runs, and once it is closed."""
    records = _arrived(name, seconds)
    with tempfile.TemporaryDirectory() as folder:
        writer = RawWriter(Path(folder) / "one.hiprec", {})
        for record in records:
            writer.append(record)
        running = writer.path.stat().st_size
        return running, writer.close().stat().st_size


def _arrived(name: str, seconds: int) -> list[Record]:
    """A model session of that length, with stamps as uneven as a computer makes them."""
    sets = round(seconds * SET_SHARE / _SET_S) + 1
    _, records = model_session(name, SessionSpec(sets=(SET,) * sets, rest_s=_REST_S, seed=1))
    rng = np.random.default_rng(1)
    last_us = event_us = 0
    arrived: list[Record] = []
    for record in records:
        if record.at_us > seconds * 1_000_000 or isinstance(record, End):
            break
        if record.at_us > event_us:
            event_us = record.at_us
            last_us = max(last_us, event_us + int(rng.exponential(_LATE_US)))
        last_us += int(rng.integers(*_APART_US))
        arrived.append(moved(record, last_us))
    return arrived


def _later(records: Iterable[Record], times: int) -> Iterator[Record]:
    """The same once more, as the continuation of one connection."""
    shift_us = times * _SHORT_S * 1_000_000
    for record in records:
        if isinstance(record, Packet) or (isinstance(record, Connected) and times == 0):
            yield moved(record, record.at_us + shift_us)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
