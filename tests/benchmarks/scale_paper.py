"""What many sensors and large archives would take: computed from what was measured of few.

Taken from the other reports: what a gateway takes of a core for a sensor, how large recordings are,
how fast a store is. Made here: how much is said in an hour of a model session.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from pipeline.delivery.influx import to_line
from pipeline.delivery.messages import to_payload
from pipeline.delivery.sinks import point_of
from pipeline.exercises import load
from pipeline.replay import LIVE_SAMPLES
from pipeline.tracker import Tracker
from tests.benchmarks.delivery_events import ledger
from tests.benchmarks.sessions import session
from tests.benchmarks.speed import cut

DOCS = Path(__file__).parents[2] / "docs"
SENSORS = (100, 1_000, 10_000, 100_000, 1_000_000)
HOURS = (1_000, 10_000, 100_000, 1_000_000)
SENSORS_A_GATEWAY = 8
ACTIVE_HOURS_A_DAY = 4.0
LOAD = 0.5  # of what a core or a store can do: the rest is for rush hours
BATCH_CORES = 64
NIGHT_H = 8.0
# Prices are assumed, and differ between places and years.
CORE_HOUR_USD = 0.05
GB_MONTH_USD = 0.02
# InfluxDB 1.x, Hardware sizing guidelines: a single node, up to 750,000 field writes a second.
INFLUX_FIELDS_S = 750_000.0
_STARTED_US = 1_700_000_000_000_000


@dataclass(frozen=True, slots=True)
class Said:
    """Of one sensor in an hour of a session, 15 % of it in sets: what goes to the centre."""

    messages: int
    message_bytes: int
    points: int
    line_bytes: int
    fields: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What the tables rest on. Of one sensor: cores of its gateway. Of an hour of recording: its
    bytes, those of its results, and seconds of a core. Of one recording: what the one who hands
    out the work needs to keep its result, and how many hours it has. efficiency: of two workers.
    """

    said: Said
    gateway_cores: float
    recording_bytes: float
    store_points_s: float
    result_bytes: float
    core_s: float
    keep_s: float
    recording_hours: float
    efficiency: float


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to how many it goes, what breaks beyond that, and what to do then."""

    at: float
    breaks: str
    cure: str


def said_in_an_hour() -> Said:
    """By a model lifter. A point of the database is what the last revision of an event leaves."""
    tracker = Tracker(load("hip_thrust"))
    book = ledger("belt-7", _STARTED_US)
    messages = []
    for block in cut(session(3600.0), LIVE_SAMPLES):
        for event in tracker.feed(block):
            messages += book.take(float(block.t_s[-1]), event)
    for event in tracker.finish():
        messages += book.take(3600.0, event)
    points = [point_of(message) for message in messages]
    return Said(
        len(messages),
        sum(len(to_payload(message)) for message in messages),
        len(points),
        sum(len(to_line(point)) for point in {point.time_ns: point for point in points}.values()),
        sum(len(point.fields) for point in points),
    )


def figure(page: str, row: str, column: int) -> float:
    """A number of another report: in the first row that begins so, counted from 0."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"^\| {re.escape(row)}.*$", text, re.MULTILINE)
    assert found, f"docs/{page} has no row that begins with {row}"
    cell = found[0].strip("| ").split(" | ")[column]
    number = re.match(r"[\d.,]+", cell)
    assert number, cell
    return float(number[0].replace(",", ""))


def sensor_rows(one: Measured) -> Iterator[list[str]]:
    """A row for each number of sensors, all of them streaming at once."""
    limits = sensor_limits(one)
    before = 0
    for sensors in SENSORS:
        messages_s = sensors * one.said.messages / 3600
        points_s = sensors * one.said.points / 3600
        gb_day = sensors * ACTIVE_HOURS_A_DAY * one.recording_bytes / 1e9
        yield [
            f"{sensors:,}",
            f"{ceil(sensors / SENSORS_A_GATEWAY):,}",
            _number(sensors * one.gateway_cores / LOAD),
            _number(messages_s),
            _number(messages_s * one.said.message_bytes / one.said.messages / 1e6),
            _number(points_s),
            _number(points_s / one.store_points_s / LOAD),
            _number(sensors * ACTIVE_HOURS_A_DAY * one.said.line_bytes / 1e9),
            _number(gb_day),
            _number(30 * gb_day * GB_MONTH_USD),
            _broken(limits, before, sensors),
        ]
        before = sensors


def sensor_limits(one: Measured) -> list[Limit]:
    """In sensors at once, the lowest first."""
    fields_s = one.said.fields / 3600
    points_s = one.said.points / 3600
    limits = [
        Limit(
            SENSORS_A_GATEWAY,
            "one Bluetooth adapter",
            "a gateway for each eight lifters; nothing else changes",
        ),
        Limit(
            LOAD * one.store_points_s / points_s,
            "one store process",
            "a store and a database for each region or tenant: a store takes what its broker has",
        ),
        Limit(
            INFLUX_FIELDS_S * LOAD / fields_s,
            "one InfluxDB node",
            "split by tenant; and reps of past months only as rollups",
        ),
        Limit(
            1e12 / (ACTIVE_HOURS_A_DAY * one.recording_bytes),
            "a terabyte a day, if recordings are collected",
            "leave them in the gyms for some weeks, and fetch what is wanted",
        ),
    ]
    return sorted(limits, key=lambda limit: limit.at)


def archive_rows(one: Measured) -> Iterator[list[str]]:
    """A row for each size of an archive."""
    limits = archive_limits(one)
    before = 0
    for hours in HOURS:
        core_hours = hours * one.core_s / 3600 / one.efficiency
        size_gb = hours * one.recording_bytes / 1e9
        yield [
            f"{hours:,}",
            f"{hours / one.recording_hours:,.0f}",
            _number(core_hours),
            _number(core_hours / 2),
            _number(core_hours / BATCH_CORES),
            _number(size_gb),
            _number(hours * one.result_bytes / 1e9),
            _number(core_hours * CORE_HOUR_USD),
            _number(size_gb * GB_MONTH_USD),
            _broken(limits, before, hours),
        ]
        before = hours


def archive_limits(one: Measured) -> list[Limit]:
    """In hours of recording, the lowest first."""
    a_core = NIGHT_H * 3600 / one.core_s * one.efficiency
    limits = [
        Limit(
            2 * a_core,
            "a night on two cores",
            f"a machine with {BATCH_CORES} cores: --workers {BATCH_CORES}",
        ),
        Limit(
            BATCH_CORES * a_core,
            f"a night on {BATCH_CORES} cores",
            "several machines: deploy/cluster",
        ),
        Limit(
            cores_fed(one) * a_core,
            "a night of the one who hands out the work",
            "several runs side by side, each with folders of its own",
        ),
    ]
    return sorted(limits, key=lambda limit: limit.at)


def cores_fed(one: Measured) -> float:
    """How many cores are kept busy by one who hands out work and keeps what comes back."""
    return one.core_s * one.recording_hours / one.keep_s


def limit_rows(limits: Sequence[Limit], what: str) -> Iterator[list[str]]:
    """A row for each, in the order in which they are met."""
    for limit in limits:
        yield [f"{_number(limit.at)} {what}", limit.breaks, limit.cure]


def _broken(limits: Sequence[Limit], before: float, size: float) -> str:
    """What breaks between the size before and this one, the first thing first."""
    broken = [limit.breaks for limit in limits if before < limit.at <= size]
    return "; then ".join(broken) or "nothing more"


def _number(value: float) -> str:
    """Two digits are all that such a reckoning has."""
    return f"{float(f'{value:.2g}'):,.10g}"
