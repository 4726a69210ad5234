"""MQTT 3.1.1 over paho-mqtt, of which this is the only importer.

A `Client` connects, again and again; each `Connection` begins with nothing. What has to outlive
one belongs in an outbox, not in here.
"""

import random
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from paho.mqtt.client import Client as Paho
from paho.mqtt.client import (
    ConnectFlags,
    MQTTMessage,
    MQTTv311,
    error_string,
)
from paho.mqtt.enums import CallbackAPIVersion, LogLevel, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from pipeline.delivery.broker import Broker, MqttError

__all__ = ["Broker", "Client", "Connection", "MqttError", "Received"]

KEEPALIVE_S = 15
PATIENCE_S = 10.0
FIRST_DELAY_S, LONGEST_DELAY_S = 0.5, 30.0
LIVE_BACKLOG = 1000
STEADY_S = 5.0
_READ_BYTES, _READ_AT_ONCE = 65_536, 50
_SAID = 5


@dataclass(frozen=True, slots=True)
class Received:
    """A message that came. retained: it is no news. For `Connection.ack` where that is ours."""

    topic: str
    payload: bytes
    retained: bool
    mid: int = field(repr=False)
    qos: int = field(repr=False)


class Connection:
    """One connection, from the broker's greeting to its end. For any thread.

    session_present: the broker remembered our session, with its subscriptions.
    """

    def __init__(self, paho: Paho, *, session_present: bool) -> None:
        self._paho = paho
        self.session_present = session_present
        self._live: set[int] = set()  # of QoS 0, not yet written
        self._lock = threading.Lock()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        """Publish at QoS 1 -> its number, for ``on_sent``; None if the connection has ended.

        How many are under way at once is up to the caller.
        """
        info = self._paho.publish(topic, payload, qos=1, retain=retain)
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def publish_live(self, topic: str, payload: bytes) -> bool:
        """Publish at QoS 0, unless the connection has ended or does not keep up -> whether."""
        with self._lock:
            if len(self._live) >= LIVE_BACKLOG:
                return False
            info = self._paho.publish(topic, payload, qos=0)
            if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return False
            self._live.add(info.mid)
            return True

    def subscribe(self, filters: Sequence[str]) -> None:
        """Subscribe at QoS 1; a refusal becomes the client's ``problem``."""
        self._paho.subscribe([(one, 1) for one in filters])

    def ack(self, message: Received) -> None:
        """Tell the broker that we have it; of no effect after the connection's end."""
        if message.qos:
            self._paho.ack(message.mid, message.qos)

    def was_live(self, mid: int) -> bool:
        """Whether this number, now written, was of `publish_live`."""
        with self._lock:
            if mid not in self._live:
                return False
            self._live.remove(mid)
            return True


class Client:
    """Keeps a connection to the broker, with a growing delay between attempts, in a thread.

    client_id: the same for the same part of the same site: a broker ends the old connection before
    it begins a new one. persistent: the broker keeps the session meanwhile. own_acks: a message is
    acknowledged by `Connection.ack` alone. will: topic and payload that the broker publishes,
    retained, when we are gone without a word.

    The callbacks run in that thread, one at a time, and must be short. on_sent gets what `publish`
    gave, when the broker has it. on_lost follows each on_connect, with the reason.

    connected: whether the broker has greeted us. problem: why not, or what it refuses; None while
    all is well. MqttError where files of the broker's settings cannot be used.
    """

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        *,
        on_connect: Callable[[Connection], None],
        on_message: Callable[[Received], None],
        on_sent: Callable[[int], None] = lambda _: None,
        on_lost: Callable[[str], None] = lambda _: None,
        persistent: bool = False,
        own_acks: bool = False,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        if broker.tls:
            broker.context()
        self._broker = broker
        self._client_id = client_id
        self._on_connect, self._on_message = on_connect, on_message
        self._on_sent, self._on_lost = on_sent, on_lost
        self._persistent, self._own_acks, self._will = persistent, own_acks, will
        self._closing = threading.Event()
        self._paho: Paho | None = None
        self._connection: Connection | None = None
        self._refusal: str | None = None
        self._said: deque[str] = deque(maxlen=_SAID)
        self._thread = threading.Thread(target=self._run, name=f"mqtt {client_id}", daemon=True)
        self.connected = False
        self.problem: str | None = None

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def close(self, timeout_s: float = PATIENCE_S) -> None:
        """Say goodbye after all that was published; or break off. Not from a callback.

        Then there is no will, unless the broker was just sending us something: what a will says
        has to be true of those who leave, too.
        """
        self._closing.set()
        if (paho := self._paho) is not None:
            paho.disconnect()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        if (paho := self._paho) is not None:
            _break_off(paho)

    def _run(self) -> None:
        failures = 0
        while not self._closing.is_set():
            try:
                self._connect_once()
                failures = 0
            except MqttError as error:
                self.problem = str(error)
                failures += 1
            self._closing.wait(delay_s(failures))

    def _connect_once(self) -> None:
        """From the attempt to the end of the connection. Raises MqttError if none came about."""
        self._refusal = None
        self._said.clear()
        paho = self._make()
        try:
            paho.connect(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:  # ValueError: a name that can be no host's
            raise self._broker.unreachable(error) from error
        # An acknowledgement that waits for another one to be sent is 40 ms late.
        cast(socket.socket, paho.socket()).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._paho = paho
        began_s = time.monotonic()
        try:
            ended = self._loop(paho, began_s)
        finally:
            self._paho = None
            _break_off(paho)
        if self.connected:
            self.connected, self._connection = False, None
            lost = self._lost(ended, time.monotonic() - began_s)
            self.problem = None if self._closing.is_set() else lost
            self._on_lost(lost)
        elif self._refusal:
            raise self._broker.refused(self._refusal)
        elif not self._closing.is_set():
            raise self._broker.unanswered(self._said)

    def _loop(self, paho: "_Reading", began_s: float) -> str:
        """Until the connection ends -> how."""
        try:
            while (code := _step(paho)) == MQTTErrorCode.MQTT_ERR_SUCCESS:
                if not self.connected and time.monotonic() - began_s > PATIENCE_S:
                    return "no answer"
                if self._closing.is_set():  # `close` may have come before there was this connection
                    paho.disconnect()
        except Exception as error:  # noqa: BLE001  # whatever the other end sent, or a callback made
            return f"{type(error).__name__}: {error}"
        return error_string(code).rstrip(".")

    def _lost(self, ended: str, lasted_s: float) -> str:
        place = f"{self._broker.host}:{self._broker.port}"
        told = f"mqtt.url: the connection to {place} ended ({ended})"
        if lasted_s < STEADY_S:
            told += (
                f": is there another {self._client_id}? Each site needs a name of its own (site)"
            )
        return told

    def _make(self) -> "_Reading":
        paho = _Reading(
            CallbackAPIVersion.VERSION2,
            self._client_id,
            clean_session=not self._persistent,
            protocol=MQTTv311,
            reconnect_on_failure=False,
            manual_ack=self._own_acks,
        )
        paho.connect_timeout = PATIENCE_S
        paho.max_inflight_messages_set(0)
        if self._broker.user is not None:
            paho.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.tls:
            paho.tls_set_context(self._broker.context())
        if self._will:
            paho.will_set(self._will[0], self._will[1], qos=1, retain=True)
        paho.on_log = self._log
        paho.on_connect = self._greeted
        paho.on_subscribe = self._subscribed
        paho.on_publish = self._sent
        paho.on_message = self._came
        # With this paho leaves all writing to `loop`; else `publish` would write in its own thread.
        paho.on_socket_register_write = lambda *_: None
        return paho

    def _log(self, _paho: Paho, _data: Any, level: int, text: str) -> None:
        if level == LogLevel.MQTT_LOG_ERR:
            self._said.append(text)

    def _greeted(
        self, paho: Paho, _data: Any, flags: ConnectFlags, reason: ReasonCode, _more: Any
    ) -> None:
        if reason.is_failure:
            self._refusal = reason.getName()
            return
        paho.on_log = None  # it would be asked for every single packet
        self._connection = Connection(paho, session_present=flags.session_present)
        self.connected, self.problem = True, None
        self._on_connect(self._connection)

    def _subscribed(
        self, _paho: Paho, _data: Any, _mid: int, reasons: list[ReasonCode], _more: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            who = f"user {self._broker.user}" if self._broker.user else "everybody"
            self.problem = (
                f"mqtt.user: the broker refuses a subscription: let {who} read in its ACL"
            )

    def _sent(self, _paho: Paho, _data: Any, mid: int, _reason: Any, _more: Any) -> None:
        if self._connection is not None and not self._connection.was_live(mid):
            self._on_sent(mid)

    def _came(self, paho: Paho, _data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # nobody of ours has such topics
            paho.ack(message.mid, message.qos)
            return
        self._on_message(
            Received(topic, bytes(message.payload), message.retain, message.mid, message.qos)
        )


class _Reading(Paho):
    """Reads from the socket as much as there is; paho itself asks it four times for a message.

    Where another version of paho has no such method, this one has no effect.
    """

    _ahead = memoryview(b"")

    @property
    def read_ahead(self) -> bool:
        """Is there something that `loop` cannot see on the socket any more?"""
        return bool(self._ahead)

    def _sock_recv(self, bufsize: int) -> bytes:
        if not self._ahead:
            self._ahead = memoryview(super()._sock_recv(_READ_BYTES))
        data = bytes(self._ahead[:bufsize])
        self._ahead = self._ahead[bufsize:]
        return data


def _step(paho: _Reading) -> MQTTErrorCode:
    """Wait, unless something was read already; write what waits, and read some messages."""
    code = paho.loop(0.0 if paho.read_ahead else 1.0)
    for _ in range(_READ_AT_ONCE):
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS or not paho.read_ahead:
            break
        code = paho.loop_read()
    return code


def delay_s(failures: int) -> float:
    """How long to wait before the next attempt, at random within limits that grow with failures."""
    longest_s = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(failures + 1, 16))
    return random.uniform(longest_s / 2, longest_s)  # noqa: S311


def _break_off(paho: Paho) -> None:
    if (ours := paho.socket()) is not None:
        with suppress(OSError):
            cast(socket.socket, ours).shutdown(socket.SHUT_RDWR)
