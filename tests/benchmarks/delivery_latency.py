"""From the detection of an event to a row in InfluxDB, at fifty sensors; and what the disk takes.

Trackers and publisher are in this process; broker, store and database in processes of their own.
"""

import queue
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import Message
from pipeline.delivery.outbox import Outbox
from pipeline.delivery.publisher import Publisher
from pipeline.delivery.sinks import point_of
from tests.benchmarks.delivery_events import SITE, Moment, ledger, moments, of_device
from tests.benchmarks.delivery_receipts import Ear, Pair
from tests.benchmarks.speed import Line
from tests.integration.influx import InfluxServer
from tests.integration.stack import stack, store_is_there

SENSORS = 50
RUN_S = 40.0
_PATIENCE_S = 30.0


class _Timed(Outbox):
    """An outbox that notes how long it took to have something on the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.took_s: list[float] = []

    def put(self, messages: Sequence[Message]) -> list[Message]:
        began_s = time.perf_counter()
        taken = super().put(messages)
        self.took_s.append(time.perf_counter() - began_s)
        return taken


class _Looker(threading.Thread):
    """At each receipt, looks into the database whether one of its events is really there."""

    def __init__(self, server: InfluxServer, posted: dict[Pair, Message]) -> None:
        super().__init__(daemon=True)
        self.looks = self.missing = 0
        self._server, self._posted = server, posted
        self._asked: queue.SimpleQueue[Pair | None] = queue.SimpleQueue()

    def told(self, pairs: Sequence[Pair]) -> None:
        if pairs:
            self._asked.put(pairs[-1])

    def close(self) -> None:
        self._asked.put(None)
        self.join(_PATIENCE_S)

    def run(self) -> None:
        while pair := self._asked.get():
            message = self._posted[pair]
            at = f"WHERE time = {point_of(message).time_ns}"
            rows = self._server.query(f'SELECT id, revision FROM "{message.kind}" {at}')  # noqa: S608
            self.looks += 1
            self.missing += not any(
                row["id"] == pair[0] and row["revision"] >= pair[1] for row in rows
            )


@dataclass
class Found:
    """arrived_s: of each event, from its detection to its receipt. put_s: of each commit."""

    arrived_s: list[float] = field(default_factory=list)
    put_s: list[float] = field(default_factory=list)
    lost: int = 0
    looks: int = 0
    missing: int = 0


def measure() -> Found:
    """Fifty lifters who all do set after set, each elsewhere in the session."""
    with tempfile.TemporaryDirectory() as name, stack(Path(name)) as one:
        store_is_there(one)
        posted: dict[Pair, Message] = {}
        posted_s: dict[Pair, float] = {}
        looker = _Looker(one.influx, posted)
        ear = Ear(one.broker, looker.told)
        outbox = _Timed(Path(name) / "outbox.db")
        publisher = Publisher(one.broker.broker(), outbox, SITE, receipts=True)
        publisher.start()
        looker.start()
        for due_s, device, moment, book in _scheduled():
            time.sleep(max(0.0, due_s - time.perf_counter()))
            known_s = time.perf_counter()
            messages = book.take(moment.at_s, of_device(device, moment.event))
            for message in messages:
                pair = message.id, message.revision
                posted[pair], posted_s[pair] = message, known_s
            publisher.post(messages)
        ear.wait_for(len(posted), _PATIENCE_S)
        publisher.close(_PATIENCE_S)
        outbox.close()
        looker.close()
        ear.close()
        arrived_s = [ear.heard[pair] - posted_s[pair] for pair in posted if pair in ear.heard]
        lost = len(posted) - len(arrived_s)
        return Found(arrived_s, outbox.took_s, lost, looker.looks, looker.missing)


def lines(found: Found) -> list[Line]:
    p50_ms, p99_ms = 1e3 * np.percentile(found.arrived_s, (50, 99))
    what = "detection to visible"
    return [
        Line(f"{what}: p50", float(p50_ms), 100.0, "ms"),
        Line(f"{what}: p99", float(p99_ms), 500.0, "ms"),
        Line(f"{what}: worst", 1e3 * max(found.arrived_s), None, "ms"),
        Line("events without a receipt", found.lost, 0.0, ""),
        Line(f"of {found.looks:,} looks: not there", found.missing, 0.0, ""),
    ]


def put_lines(found: Found) -> list[Line]:
    p50_ms, p99_ms = 1e3 * np.percentile(found.put_s, (50, 99))
    return [
        Line("outbox commit: p50", float(p50_ms), None, "ms"),
        Line("outbox commit: p99", float(p99_ms), 20.0, "ms"),
        Line(f"outbox commit: worst of {len(found.put_s):,}", 1e3 * max(found.put_s), None, "ms"),
    ]


def _scheduled() -> list[tuple[float, str, Moment, Ledger]]:
    """What is said when, from now on; what came before, a ledger has been told."""
    length_s = moments()[-1].at_s - RUN_S
    start_s, start_us = time.perf_counter() + 1.0, time.time_ns() // 1000
    found = []
    for number in range(SENSORS):
        device = f"belt-{number}"
        into_s = length_s * number / SENSORS
        book = ledger(device, start_us - int(1e6 * into_s))
        for moment in moments():
            if moment.at_s < into_s:
                book.take(moment.at_s, of_device(device, moment.event))
            elif moment.at_s < into_s + RUN_S:
                found.append((start_s + moment.at_s - into_s, device, moment, book))
    return sorted(found, key=lambda entry: entry[0])
