"""Deleting what a broker keeps of a person: the retained states of devices that name them."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from pipeline.delivery.forget import Outcome
from pipeline.delivery.messages import device_topic
from pipeline.delivery.mqtt import Broker, Client, Connection, MqttError, Received
from pipeline.settings import MqttSettings, SettingsError

_PATIENCE_S = 10.0
_LOOK_S = 0.05
# Nothing says which retained message is the last.
_QUIET_S = 1.0


class RetainedStates:
    """States of the site's devices. A gateway that runs publishes its own again: end it first."""

    def __init__(self, mqtt: MqttSettings, site: str, athlete: str) -> None:
        self._mqtt = mqtt
        self._site = site
        self._athlete = athlete
        self._topics: list[str] = []

    def find(self) -> Outcome:
        """Of how many devices."""
        try:
            self._topics = self._theirs()
        except (MqttError, SettingsError) as error:
            return self._unreached(str(error))
        return self._told(len(self._topics))

    def delete(self) -> Outcome:
        """Retain nothing in their place, and look whether that was done."""
        if not self._topics:
            return Outcome()
        try:
            with self._visit() as visit:
                visit.clear(self._topics)
            left = self._theirs()
        except (MqttError, SettingsError) as error:
            return self._unreached(str(error))
        outcome = self._told(len(set(self._topics) - set(left)))
        if left:
            outcome.add(
                self._unreached(
                    f"{', '.join(left)}: end the gateway that publishes it, "
                    "and let this user write there in the broker's ACL"
                )
            )
        return outcome

    def _theirs(self) -> list[str]:
        with self._visit() as visit:
            states = visit.retained(device_topic(self._site, "+", "state"))
        return sorted(one.topic for one in states if self._names_them(one.payload))

    def _names_them(self, payload: bytes) -> bool:
        try:
            return _names(json.loads(payload), self._athlete)
        except (ValueError, RecursionError):
            return False  # none of ours

    @contextmanager
    def _visit(self) -> Iterator["_Visit"]:
        mqtt = self._mqtt
        password = mqtt.read_password()
        broker = Broker(mqtt.url, mqtt.user, password, mqtt.ca, mqtt.cert, mqtt.key)
        visit = _Visit(broker, f"hiprep-{self._site}-forget")
        try:
            visit.begin()
            yield visit
        finally:
            visit.client.close()

    def _told(self, count: int) -> Outcome:
        devices = f"{count} device{'s' * (count != 1)}"
        there = f"the state of {devices} at the broker {self._mqtt.url}"
        return Outcome([there] if count else [])

    def _unreached(self, why: str) -> Outcome:
        return Outcome(unreached=[f"{self._athlete} in states at the broker: {why}"])


class _Visit:
    """One connection, in the words of a thread that waits. Raises MqttError."""

    def __init__(self, broker: Broker, client_id: str) -> None:
        self._connected: SimpleQueue[Connection] = SimpleQueue()
        self._came: SimpleQueue[Received] = SimpleQueue()
        self._sent: SimpleQueue[int] = SimpleQueue()
        self.client = Client(
            broker,
            client_id,
            on_connect=self._connected.put,
            on_message=self._came.put,
            on_sent=self._sent.put,
        )

    def begin(self) -> None:
        self.client.start()
        deadline_s = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline_s and not self.client.problem:
            try:
                self._connection = self._connected.get(timeout=_LOOK_S)
            except Empty:
                continue
            return
        raise MqttError(self.client.problem or "mqtt.url: the broker does not answer")

    def retained(self, topic_filter: str) -> list[Received]:
        self._connection.subscribe([topic_filter])
        found = []
        while True:
            try:
                found.append(self._came.get(timeout=_QUIET_S))
            except Empty:
                break
        if self.client.problem:
            raise MqttError(self.client.problem)
        return [one for one in found if one.retained]

    def clear(self, topics: list[str]) -> None:
        for topic in topics:
            self._connection.publish(topic, b"", retain=True)
        for _ in topics:
            try:
                self._sent.get(timeout=_PATIENCE_S)
            except Empty:
                raise MqttError("mqtt.url: the broker does not answer") from None


def _names(value: Any, athlete: str) -> bool:
    """Whether an ``athlete`` in there is this one."""
    if isinstance(value, dict):
        return value.get("athlete") == athlete or any(
            _names(part, athlete) for part in value.values()
        )
    return isinstance(value, list) and any(_names(part, athlete) for part in value)
