"""How a service is: put together from its parts, and told over MQTT."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from pipeline.delivery.messages import device_topic
from pipeline.delivery.mqtt import Broker, Client, Connection
from pipeline.delivery.outlet import Outlet
from pipeline.delivery.parts import Part
from pipeline.delivery.payloads import (
    Health,
    PartHealth,
    PublisherHealth,
    SensorBrief,
    StoreHealth,
    content,
)
from pipeline.live import Watched

_EVERY_S = 10.0
_CLOSE_S = 3.0


def publisher_health(outlet: Outlet) -> tuple[PublisherHealth | None, list[str]]:
    """How the publisher is, and what is wrong with it; None if there is none just now."""
    if outlet.publisher is None:
        return None, []
    now = outlet.publisher.health()
    oldest_us = now["oldest_us"]
    health = PublisherHealth(
        lag_s=None if oldest_us is None else round(max(0.0, time.time() - oldest_us / 1e6), 3),
        lost=now["lost"] + outlet.lost,
        live_dropped=now["live_dropped"] + outlet.live_dropped,
        **_of(PublisherHealth, now, but=("lag_s", "lost", "live_dropped")),
    )
    return health, _problems(now, now["disk"])


def store_health(now: Mapping[str, Any] | None) -> tuple[StoreHealth | None, list[str]]:
    """The same of a store. now: what it says itself."""
    if now is None:
        return None, []
    lag_s = now["lag_s"]
    health = StoreHealth(
        lag_s=None if lag_s is None else round(lag_s, 3),
        **_of(StoreHealth, now, but=("lag_s",)),
    )
    return health, _problems(now, now["trouble"])


def sensor_brief(one: Watched) -> SensorBrief:
    """A sensor of a session that runs."""
    stream, state = one.session.stream, one.state
    battery_pct, rate_hz = state.battery_pct, stream.rate_hz
    return SensorBrief(
        one.lifter.sensor,
        state.phase,
        stream.samples,
        stream.lost or 0,
        stream.battery_pct if battery_pct is None else battery_pct,
        None if rate_hz is None else round(rate_hz, 2),
    )


def sensor_problems(watched: Iterable[Watched]) -> list[str]:
    """What is wrong with sensors. Files are not named: a name of a person may be in theirs."""
    found = []
    for one in watched:
        device = one.lifter.sensor
        if one.state.phase == "failed":
            found.append(f"{device}: {one.state.text}")
        if one.fault:
            found.append(f"{device}: {one.fault}")
        if one.recorder and one.recorder.failure:
            found.append(f"{device}: its recording has stopped: the log says why")
    return found


def part_health(part: Part) -> PartHealth:
    """How a part is."""
    return PartHealth(part.name, part.working, part.problem, part.restarts)


def part_problems(parts: Sequence[Part]) -> list[str]:
    """What is wrong with parts."""
    return [
        f"{part.name}: {part.problem or 'is not ready yet'}" for part in parts if not part.working
    ]


class HealthTeller:
    """Keeps the health of a service on its retained topic, over a connection of its own.

    So it is told, too, that the publisher or the store has failed. MqttError where files of the
    broker's settings cannot be used. All methods are for one thread.
    """

    def __init__(self, broker: Broker, site: str, service: str) -> None:
        self._topic = device_topic(site, service, "health")
        gone = Health(
            service=service,
            online=False,
            ok=False,
            problems=("it ended without a word",),
            time_us=time.time_ns() // 1000,
            session=None,
            parts=(),
            publisher=None,
            store=None,
            sensors=(),
        )
        self._client = Client(
            broker,
            f"hiprep-{site}-{service}",
            on_connect=self._connected,
            on_message=lambda _: None,
            will=(self._topic, _json(gone)),
        )
        self._connection: Connection | None = None
        self._told: Health | None = None
        self._told_on: Connection | None = None
        self._told_s = 0.0

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._client.start()

    def tell(self, health: Health) -> None:
        """At once where something begins or ceases to work, else every few seconds."""
        connection, now_s = self._connection, time.monotonic()
        if connection is None:
            return
        before = self._told if self._told_on is connection else None
        same = before is not None and (before.problems, before.parts) == (
            health.problems,
            health.parts,
        )
        if same and now_s - self._told_s < _EVERY_S:
            return
        if connection.publish(self._topic, _json(health), retain=True) is not None:
            self._told, self._told_on, self._told_s = health, connection, now_s

    def close(self, health: Health) -> None:
        """The last word: it is not there any more."""
        if self._connection:
            last = replace(health, online=False, ok=False, problems=("it was ended",))
            self._connection.publish(self._topic, _json(last), retain=True)
        self._client.close(_CLOSE_S)

    def _connected(self, connection: Connection) -> None:
        self._connection = connection


def _problems(now: Mapping[str, Any], other: str | None) -> list[str]:
    problem = now["problem"] or (None if now["connected"] else "not connected to the broker yet")
    return [*filter(None, (problem, other))]


def _of(kind: type, now: Mapping[str, Any], but: Sequence[str]) -> dict[str, Any]:
    """What a part says, as far as it is told."""
    return {field.name: now[field.name] for field in fields(kind) if field.name not in but}


def _json(health: Health) -> bytes:
    return json.dumps(content(health), separators=(",", ":")).encode()
