"""The store: takes events from the broker, keeps them, and only then says so.

It has a persistent session at QoS 1, and acknowledges a message when the databases have it. What a
kill or a broken connection leaves unacknowledged comes again, and changes nothing then.
"""

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pipeline.delivery.book import Book, BookError
from pipeline.delivery.keeper import Keeper
from pipeline.delivery.live_points import TOPICS, LivePoints
from pipeline.delivery.messages import EVENT_KINDS, ROOT, Message, device_topic, receipt_topic
from pipeline.delivery.mqtt import Broker, Client, Connection, Received
from pipeline.delivery.payloads import Payload, Receipt, ServiceStatus, content
from pipeline.delivery.sinks import Sink, SinkUnavailableError

BATCH = 500
MOST_WAITING = 4 * BATCH

_LINGER_S = 0.05
_QUIET_S = 0.005
_PAUSE_S = (0.2, 30.0)
_EVENTS = tuple(f"{ROOT}/+/+/+/{kind}" for kind in EVENT_KINDS)
_ALL_STATUS = f"{ROOT.split('/')[0]}/+/+/+/status"

# The message is None where what was received is none.
_Arrived = tuple[Connection, Received, Message | None]

log = logging.getLogger(__name__)


class Store:
    """Keeps what comes, until it is closed. Two threads do the work.

    live: takes live samples and the health of sensors too. name: of this store, one of its own for
    each that listens to the same broker. The book is the store's alone as long as it runs. Raises
    MqttError where the files for TLS cannot be used.
    """

    def __init__(
        self,
        broker: Broker,
        book: Book,
        sinks: Sequence[Sink],
        site: str,
        *,
        live: Sink | None = None,
        name: str = "store",
    ) -> None:
        self.keeper = Keeper(book, sinks)
        self._live = LivePoints(live) if live else None
        self._name = name
        self._status = device_topic(site, name, "status")
        self._queue: deque[_Arrived] = deque()
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._foreign: set[str] = set()
        self._trouble: str | None = None
        self._lag_s: float | None = None
        self._client = Client(
            broker,
            f"hiprep-{site}-{name}",
            on_connect=self._on_connect,
            on_message=self._on_message,
            persistent=True,
            own_acks=True,
            will=(self._status, _json(ServiceStatus(name, online=False))),
        )
        self._connection: Connection | None = None
        self._worker = threading.Thread(target=self._work, name="store", daemon=True)

    def start(self) -> None:
        """Begin to connect and to keep; returns at once."""
        self._worker.start()
        if self._live:
            self._live.start()
        self._client.start()

    def close(self, timeout_s: float = 10.0) -> None:
        """End; what is not kept by then stays with the broker."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        if self._worker.is_alive():
            self._worker.join(timeout_s)
        if self._live:
            self._live.close(timeout_s)
        if self._connection:
            gone = _json(ServiceStatus(self._name, online=False))
            self._connection.publish(self._status, gone, retain=True)
        self._client.close(timeout_s)

    def health(self) -> dict[str, Any]:
        """How it is, plain values.

        working: false where it has failed and must be made anew. problem, trouble: with the
        broker, with a database; None if there is none. waiting: messages here that are not kept
        yet. lag_s: from when the latest event was known until it was kept; wrong by as much as the
        clocks of two computers differ. The rest counts since the start, see `Counts`.
        """
        return {
            "working": self._worker.is_alive(),
            "connected": self._client.connected,
            "problem": self._client.problem,
            "trouble": self._trouble,
            "waiting": len(self._queue),
            "lag_s": self._lag_s,
            "live_dropped": self._live.dropped if self._live else 0,
            **asdict(self.keeper.counts),
        }

    def _on_connect(self, connection: Connection) -> None:
        # What came over an earlier connection cannot be acknowledged any more, and comes again.
        with self._changed:
            self._queue.clear()
            self._connection = connection
            self._changed.notify_all()
        log.info("connected to the broker")
        connection.subscribe([*_EVENTS, _ALL_STATUS, *(TOPICS if self._live else ())])
        here = _json(ServiceStatus(self._name, online=True))
        connection.publish(self._status, here, retain=True)

    def _on_message(self, received: Received) -> None:
        """Back-pressure: while too much waits here, nothing more is read from the connection."""
        connection = self._connection
        assert connection
        if received.topic.count("/") != _EVENTS[0].count("/"):
            self._look_at(received)
            connection.ack(received)
            return
        message = self.keeper.read(received.topic, received.payload)
        with self._changed:
            while len(self._queue) >= MOST_WAITING and not self._closing.is_set():
                self._changed.wait()
            self._queue.append((connection, received, message))
            if len(self._queue) in (1, BATCH):
                self._changed.notify_all()

    def _look_at(self, received: Received) -> None:
        """What is not kept for good. Services of another version are not heard here: say so."""
        version, topic = received.topic.split("/")[1], received.topic
        if not topic.endswith("/status"):
            if self._live:
                self._live.take(topic, received.payload)
        elif version != ROOT.split("/")[1] and version not in self._foreign:
            self._foreign.add(version)
            log.warning(
                "%r: there are services of another version of hiprep at the broker (mqtt.url), "
                "of which nothing is kept here: update hiprep, here or there",
                topic[:200],
            )

    def _work(self) -> None:
        while batch := self._next_batch():
            messages = [message for _, _, message in batch if message]
            if not self._kept(messages):
                return
            for connection, received, _ in batch:
                connection.ack(received)
            self._say_so(messages)

    def _next_batch(self) -> list[_Arrived]:
        """What waits, or comes before it is quiet for a moment; nothing at the end."""
        with self._changed:
            while not self._queue and not self._closing.is_set():
                self._changed.wait()
            if self._closing.is_set():
                return []
            until, waiting = time.monotonic() + _LINGER_S, 0
            while waiting < len(self._queue) < BATCH and time.monotonic() < until:
                waiting = len(self._queue)
                self._changed.wait_for(lambda: len(self._queue) >= BATCH, _QUIET_S)
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            self._changed.notify_all()
        return batch

    def _kept(self, messages: Sequence[Message]) -> bool:
        """Keep them, however long the databases are away; False where we end before."""
        pause_s, most_s = _PAUSE_S
        while True:
            try:
                self.keeper.keep(messages)
            except (SinkUnavailableError, BookError) as error:
                self._tell(str(error))
                if self._closing.wait(pause_s):
                    return False
                pause_s = min(2 * pause_s, most_s)
            else:
                self._tell(None)
                return True

    def _tell(self, trouble: str | None) -> None:
        """Say it once, not at each try."""
        if trouble == self._trouble:
            return
        if trouble:
            log.warning("%s (events wait at the broker; trying again)", trouble)
        else:
            log.info("events are kept again")
        self._trouble = trouble

    def _say_so(self, messages: Sequence[Message]) -> None:
        """A receipt for each device, also for what was known: the first one may be lost."""
        of_device: dict[tuple[str, str], dict[tuple[str, int], None]] = {}
        for message in messages:
            pairs = of_device.setdefault((message.site, message.device), {})
            pairs[message.id, message.revision] = None
        for (site, device), pairs in of_device.items():
            if connection := self._connection:
                receipt = {**content(Receipt(self._name, ())), "messages": list(pairs)}
                connection.publish(receipt_topic(site, device), _text(receipt))
        if messages:
            self._lag_s = time.time() - max(message.known_us for message in messages) / 1e6


def _json(payload: Payload) -> bytes:
    return _text(content(payload))


def _text(whole: Mapping[str, Any]) -> bytes:
    return json.dumps(whole, separators=(",", ":")).encode()
