"""Everything that a gateway says: events through the outbox, states retained, live values as is.

A thread of its own does the work, so that no disk and no broker keeps the tracker waiting.
"""

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from pipeline.delivery.incoming import online, receipt_pairs
from pipeline.delivery.intake import Intake
from pipeline.delivery.messages import (
    ROOT,
    Message,
    device_topic,
    event_topic,
    to_payload,
)
from pipeline.delivery.mqtt import Broker, Client, Connection, Received
from pipeline.delivery.outbox import Outbox, OutboxError
from pipeline.delivery.payloads import ServiceStatus, content
from pipeline.delivery.retained import Retained
from pipeline.delivery.window import Window

TICK_S = 0.5

_ANSWERS = 100
_TASKS_AT_ONCE = 1000
_PATIENCE_S = 5.0

log = logging.getLogger(__name__)


class Publisher:
    """Publishes for one gateway. The outbox is its own from `start` until `close`.

    site: of all topics. receipts: events stay in the outbox until a store has confirmed them; else
    until the broker has, which may lose them yet. service: what this gateway is called; its status
    is retained, with a last will. MqttError where files of the broker's settings cannot be used.

    While there is no connection, events wait in the outbox, of each retained topic the newest
    content waits, and live values are dropped. With each connection all retained topics are said
    anew, then all events that wait, in order; the broker has to let us hear our own status. An
    event may arrive more than once, and then after later ones; its id and revision tell.

    While the outbox cannot be written, events wait in memory, up to a limit; `health` says so, and
    counts those beyond it as lost.
    """

    def __init__(
        self, broker: Broker, outbox: Outbox, site: str, *, receipts: bool, service: str = "gateway"
    ) -> None:
        self._outbox = outbox
        self._site, self._service = site, service
        self._receipts = receipts
        self._intake = Intake(outbox)
        self._window = Window(outbox, receipts=receipts)
        self._status = device_topic(site, service, "status")
        self._client = Client(
            broker,
            f"hiprep-{site}-{service}",
            on_connect=lambda connection: self._tasks.put(partial(self._connected, connection)),
            on_message=lambda received: self._tasks.put(partial(self._came, received)),
            on_sent=lambda number: self._tasks.put(partial(self._sent, number)),
            on_lost=lambda reason: self._tasks.put(partial(self._lost, reason)),
            will=(self._status, _json(content(ServiceStatus(service, online=False)))),
        )
        self._connection: Connection | None = None
        self._command: Callable[[str, bytes], None] | None = None
        self._tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="publisher", daemon=True)
        self._end_s: float | None = None
        self._lock = threading.Lock()
        self._retained = Retained()
        self._answers: deque[tuple[str, bytes]] = deque()
        self._answering: dict[int, tuple[str, bytes]] = {}
        self._oldest_us: int | None = None
        self._counts = dict.fromkeys(("published", "live", "live_dropped", "foreign"), 0)
        self._birth = _json(content(ServiceStatus(service, online=True)))
        self._retained.set(self._status, self._birth)
        self._heard, self._since_s = False, 0.0
        self._unheard: str | None = None

    def start(self) -> None:
        """Begin to connect and to publish; returns at once."""
        self._thread.start()
        self._client.start()

    def post(self, messages: Sequence[Message]) -> None:
        """Events for the outbox, and out from there. Returns at once."""
        self._intake.add(messages)
        self._tasks.put(_nothing)

    def retain(self, topic: str, content: Mapping[str, Any]) -> None:
        """The newest content of a retained topic; older ones that were not sent yet never are."""
        self._retained.set(topic, _json(content))
        self._tasks.put(_nothing)

    def send_live(self, topic: str, content: Mapping[str, Any]) -> None:
        """Publish at QoS 0, now or never."""
        connection = self._connection
        went = connection is not None and connection.publish_live(topic, _json(content))
        with self._lock:
            self._counts["live" if went else "live_dropped"] += 1

    def on_command(self, callback: Callable[[str, bytes], None]) -> None:
        """What to do with a command: (device, payload). Before `start`.

        Called in the thread that publishes: it has to be quick.
        """
        self._command = callback

    def answer(self, device: str, content: Mapping[str, Any]) -> None:
        """The answer to a command. Without a connection the latest hundred wait for one."""
        topic = device_topic(self._site, device, "answer")
        self._tasks.put(partial(self._to_answer, topic, _json(content)))

    def health(self) -> dict[str, Any]:
        """How it is, plain values.

        working: false where it has failed and must be made anew. problem: with the broker, disk:
        with the outbox; lines for people, None while all is well. waiting: events in the outbox.
        held: in memory only. under_way: sent and not arrived. aside: sent in vain, to be tried
        again later. oldest_us: when the first event under way became known, None without one.
        The rest counts since the start. lost: events for which there was no room. refused: events
        that nobody could read. foreign: what came and was none of ours.
        """
        return {
            "working": self._thread.is_alive(),
            "connected": self._client.connected,
            "problem": self._client.problem or self._unheard,
            "disk": self._intake.trouble,
            "waiting": self._outbox.size(),
            "held": len(self._intake),
            "under_way": len(self._window),
            "aside": self._window.aside,
            "oldest_us": self._oldest_us,
            "lost": self._intake.lost,
            "refused": self._intake.refused,
            "arrived": self._intake.gone,
            **self._counts,
        }

    def close(self, timeout_s: float) -> None:
        """Publish what waits, until it has arrived or time is up; the outbox keeps the rest."""
        self._end_s = time.monotonic() + timeout_s
        self._tasks.put(_nothing)
        if self._thread.is_alive():
            self._thread.join(timeout_s + _PATIENCE_S)
        if connection := self._connection:
            gone = _json(content(ServiceStatus(self._service, online=False)))
            connection.publish(self._status, gone, retain=True)
        self._client.close(_PATIENCE_S)

    def _work(self) -> None:
        while not self._over():
            self._take()
            self._intake.work(time.monotonic())
            self._send()
            oldest = self._window.oldest
            self._oldest_us = oldest.known_us if oldest else None

    def _over(self) -> bool:
        if self._end_s is None:
            return False
        events = len(self._intake) + self._outbox.size()
        left = events or self._retained or self._answers or self._answering
        return not left or time.monotonic() >= self._end_s

    def _take(self) -> None:
        """Do what there is to do; wait a moment for the first."""
        with suppress(Empty):
            self._tasks.get(timeout=TICK_S)()
            for _ in range(_TASKS_AT_ONCE):
                self._tasks.get_nowait()()

    def _send(self) -> None:
        connection = self._connection
        if connection is None or not self._say(connection) or not self._is_heard():
            return
        if self._intake.behind:  # first the outbox has to let go of these
            return
        now_s = time.monotonic()
        try:
            messages = self._window.next(now_s)
        except OutboxError as error:
            self._intake.fail(error, now_s)
            return
        for message in messages:
            number = connection.publish(event_topic(message), to_payload(message))
            if number is None:
                self._window.restart()
                return
            self._window.sent(message, number, now_s)
            self._counts["published"] += 1

    def _is_heard(self) -> bool:
        """Whether our own status came back: a broker may acknowledge, and drop, what its ACL bars.

        Until then no event is sent.
        """
        if not self._heard and time.monotonic() - self._since_s > _PATIENCE_S:
            self._unheard = (
                "mqtt.user: the broker drops what we publish: "
                f"let this user write and read {ROOT}/{self._site}/# in its ACL"
            )
        return self._heard

    def _say(self, connection: Connection) -> bool:
        """Retained topics and answers -> whether the connection still holds."""
        for topic, payload in self._retained.next():
            number = connection.publish(topic, payload, retain=True)
            if number is None:
                self._retained.restart()
                return False
            self._retained.sent(topic, number)
        while self._answers:
            number = connection.publish(*self._answers[0])
            if number is None:
                return False
            self._answering[number] = self._answers.popleft()
        return True

    def _connected(self, connection: Connection) -> None:
        log.info("connected to the broker")
        names = ("command", "receipt", "status") if self._receipts else ("command",)
        own = [] if self._receipts else [self._status]
        connection.subscribe([*(device_topic(self._site, "+", name) for name in names), *own])
        self._connection = connection
        self._heard, self._since_s = False, time.monotonic()

    def _lost(self, reason: str) -> None:
        if self._end_s is None:
            log.warning("%s", reason)
        self._connection, self._unheard = None, None
        self._window.restart()
        self._retained.restart()
        self._answers.extendleft(reversed(self._answering.values()))
        self._answering.clear()

    def _sent(self, number: int) -> None:
        self._retained.acked(number)
        self._answering.pop(number, None)
        self._intake.arrived(self._window.acked(number))

    def _came(self, received: Received) -> None:
        device, name = received.topic.split("/")[-2:]
        if name == "status":
            self._hear_of(device, received)
        elif received.retained:  # it would be obeyed again at each connection
            self._counts["foreign"] += 1
        elif name == "command" and self._command is not None:
            try:
                self._command(device, received.payload)
            except Exception:  # whatever a command does, the events go on
                log.exception("a command failed: report this")
        elif name == "receipt":
            pairs = receipt_pairs(received.payload)
            if pairs is None:
                self._counts["foreign"] += 1
            else:
                self._intake.arrived(self._window.receipted(pairs, time.monotonic()))

    def _hear_of(self, service: str, received: Received) -> None:
        is_online = online(received.payload)
        if received.retained or is_online is None:
            return
        if service != self._service:
            if is_online:
                self._window.restart()  # a store is there again: what it missed is sent at once
        elif is_online:
            self._heard, self._unheard = True, None
        else:  # the last will of a connection that we had before
            self._retained.set(self._status, self._birth)

    def _to_answer(self, topic: str, payload: bytes) -> None:
        self._answers.append((topic, payload))
        if len(self._answers) > _ANSWERS:
            self._answers.popleft()


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(content), separators=(",", ":"), allow_nan=False).encode()


def _nothing() -> None:
    """Wake the thread."""
