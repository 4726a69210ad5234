"""Another end of the line: what stores say they have, and when it was heard."""

import threading
import time
from collections.abc import Callable, Sequence

from pipeline.delivery.incoming import receipt_pairs
from pipeline.delivery.messages import receipt_topic
from pipeline.delivery.mqtt import Client, Connection, Received
from tests.benchmarks.delivery_events import SITE
from tests.integration.mosquitto import Mosquitto

Pair = tuple[str, int]


class Ear:
    """Hears all receipts, and can publish.

    heard: pairs of id and revision, with when they were heard (``time.perf_counter``). to: is told
    each receipt as well.
    """

    def __init__(
        self, server: Mosquitto, to: Callable[[Sequence[Pair]], None] = lambda _: None
    ) -> None:
        self.heard: dict[Pair, float] = {}
        self._to = to
        self._unacked = 0
        self._changed = threading.Condition()
        self._connection: Connection | None = None
        self._client = Client(
            server.broker(),
            "ear",
            on_connect=self._connected,
            on_message=self._came,
            on_sent=lambda _: self._count(-1),
        )
        self._client.start()
        with self._changed:
            assert self._changed.wait_for(lambda: self._connection is not None, 30.0)

    def close(self) -> None:
        self._client.close()

    def publish(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Topics and payloads; returns when the broker has them all."""
        assert self._connection is not None
        for topic, payload in messages:
            self._count(1)
            self._connection.publish(topic, payload)
        with self._changed:
            assert self._changed.wait_for(lambda: not self._unacked, 60.0)

    def wait_for(self, count: int, timeout_s: float) -> bool:
        """Until so many pairs were heard."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.heard) >= count, timeout_s)

    def _count(self, change: int) -> None:
        with self._changed:
            self._unacked += change
            if not self._unacked:
                self._changed.notify_all()

    def _connected(self, connection: Connection) -> None:
        connection.subscribe([receipt_topic(SITE, "+")])
        with self._changed:
            self._connection = connection
            self._changed.notify_all()

    def _came(self, received: Received) -> None:
        now_s = time.perf_counter()
        pairs = receipt_pairs(received.payload) or []
        with self._changed:
            for pair in pairs:
                self.heard.setdefault(pair, now_s)
            self._changed.notify_all()
        self._to(pairs)
