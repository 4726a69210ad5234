"""How fast a store takes what waits at the broker, and what it holds in memory over many events."""

import http.client
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from pipeline.delivery.book import Book
from pipeline.delivery.influx import to_line
from pipeline.delivery.keeper import Keeper
from pipeline.delivery.messages import Message, event_topic, to_payload
from pipeline.delivery.outbox import Outbox
from pipeline.delivery.publisher import Publisher
from pipeline.delivery.sinks import point_of, points_of
from pipeline.delivery.store import BATCH
from tests.benchmarks.delivery_events import SITE, reps
from tests.benchmarks.delivery_receipts import Ear
from tests.benchmarks.speed import Line
from tests.integration.influx import PASSWORD, USER, InfluxServer, _basic
from tests.integration.stack import Stack, stack, store_is_there

BACKLOG = 20_000
RUNS = 3
PARTS = 10
_STARTED_US = 1_700_000_000_000_000
_PATIENCE_S = 120.0
_POST_AT_ONCE = 100
_MOST_WAITING = 2_000

T = TypeVar("T")


def throughput() -> tuple[float, float]:
    """Points a second: bare, and by the store. The better one of some runs each, by turns."""
    with tempfile.TemporaryDirectory() as name, stack(Path(name)) as one:
        store_is_there(one)
        ear = Ear(one.broker)
        bare, stored = [], []
        source = reps(_STARTED_US)
        for _ in range(RUNS):
            messages = list(islice(source, BACKLOG))
            bare.append(_bare(one.influx, messages))
            one.influx.query("DROP MEASUREMENT rep")
            stored.append(_stored(one, ear, messages))
            rows = one.influx.query("SELECT count(id) FROM rep")
            assert rows[0]["count"] == BACKLOG
            one.influx.query("DROP MEASUREMENT rep")
        ear.close()
        return max(bare), max(stored)


def parts_us() -> dict[str, float]:
    """What each thing takes that a store does with a message, in microseconds."""
    messages = list(islice(reps(_STARTED_US), BACKLOG // 2))
    payloads = [(event_topic(message), to_payload(message)) for message in messages]
    took_us: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], T]) -> T:
        began_s = time.perf_counter()
        result = work()
        took_us.setdefault(name, []).append(1e6 * (time.perf_counter() - began_s) / BATCH)
        return result

    with tempfile.TemporaryDirectory() as folder, Book(Path(folder) / "store.db") as book:
        keeper = Keeper(book, [])
        for at in range(0, len(payloads), BATCH):
            some = payloads[at : at + BATCH]
            read = timed("read and check it", lambda: [keeper.read(*one) for one in some])  # noqa: B023
            known = [message for message in read if message]
            changes = timed("is it news?", lambda: book.plan(known))  # noqa: B023
            points = timed("make it a point", lambda: [points_of(one) for one in changes])  # noqa: B023
            timed("the point's line", lambda: [to_line(one) for some in points for one in some])  # noqa: B023
            timed("keep it in the book", lambda: book.keep(changes))  # noqa: B023
    return {name: statistics.median(values) for name, values in took_us.items()}


def memory_mb(count: int) -> tuple[list[float], list[float]]:
    """Resident memory of a store, and of a gateway, after each tenth of so many events."""
    with tempfile.TemporaryDirectory() as name, stack(Path(name)) as one:
        store_is_there(one)
        pid = one.store._process.pid if one.store._process else 0
        store_mb, gateway_mb = [], []
        with Outbox(Path(name) / "outbox.db") as outbox:
            publisher = Publisher(one.broker.broker(), outbox, SITE, receipts=True)
            publisher.start()
            source = reps(_STARTED_US)
            for part in range(PARTS):
                _post(publisher, source, count // PARTS)
                _until_arrived(publisher, (part + 1) * (count // PARTS))
                store_mb.append(_resident_mb(pid))
                gateway_mb.append(_resident_mb(os.getpid()))
            publisher.close(_PATIENCE_S)
        rows = one.influx.query("SELECT count(id) FROM rep")
        assert rows[0]["count"] == count // PARTS * PARTS
    return store_mb, gateway_mb


def memory_line(who: str, found_mb: Sequence[float]) -> Line:
    """The last of the tenths over the second: the first fills caches."""
    return Line(f"{who}: the last tenth over the second", found_mb[-1] - found_mb[1], 2.0, "MB")


def _bare(server: InfluxServer, messages: Sequence[Message]) -> float:
    """Lines that are ready, straight to influxd, over one connection."""
    lines = [to_line(point_of(message)) for message in messages]
    bodies = ["\n".join(lines[at : at + BATCH]).encode() for at in range(0, len(lines), BATCH)]
    connection = http.client.HTTPConnection("127.0.0.1", server._port)
    headers = {"Authorization": _basic(USER, PASSWORD)}
    began_s = time.perf_counter()
    for body in bodies:
        connection.request("POST", "/write?db=gym&rp=events", body, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 204
    took_s = time.perf_counter() - began_s
    connection.close()
    return len(lines) / took_s


def _stored(one: Stack, ear: Ear, messages: Sequence[Message]) -> float:
    """They wait at the broker; from the first receipt to the last."""
    one.store.stop()
    ear.publish([(event_topic(message), to_payload(message)) for message in messages])
    before = len(ear.heard)
    one.start_store()
    assert ear.wait_for(before + len(messages), _PATIENCE_S)
    heard_s = sorted(ear.heard[message.id, message.revision] for message in messages)
    first = sum(at_s == heard_s[0] for at_s in heard_s)
    return (len(messages) - first) / (heard_s[-1] - heard_s[0])


def _post(publisher: Publisher, source: Iterator[Message], count: int) -> None:
    """As fast as they go out, and no faster."""
    for _ in range(count // _POST_AT_ONCE):
        publisher.post(list(islice(source, _POST_AT_ONCE)))
        health = publisher.health()
        while health["waiting"] + health["held"] > _MOST_WAITING:
            time.sleep(0.01)
            health = publisher.health()


def _until_arrived(publisher: Publisher, count: int) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while publisher.health()["waiting"] or publisher.health()["held"]:
        assert time.monotonic() < deadline_s, f"{count} never arrived"
        time.sleep(0.01)


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
