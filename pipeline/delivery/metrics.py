"""Health over HTTP, on this computer only: /healthz as JSON, /metrics for Prometheus.

The only importer of prometheus_client.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipeline.delivery.payloads import Health, PublisherHealth, StoreHealth, content

ADDRESS = "127.0.0.1"

_STALE_S = 10.0
_PATIENCE_S = 5.0
_CONTENT_TYPE_JSON = "application/json"
# What is a level; all else counts.
_GAUGES = {"connected", "waiting", "held", "under_way", "aside", "lag_s"}
_NAMES = {"lag_s": "lag_seconds"}
_HELP = {
    "connected": "Whether the broker is connected.",
    "waiting": "Events that wait: in the outbox, or to be kept.",
    "held": "Events that are not on the disk yet.",
    "under_way": "Events that were sent and have not arrived.",
    "aside": "Events that were sent in vain, to be tried again later.",
    "lag_s": "How long the oldest event has been under way, or the latest one took.",
    "published": "Events that were sent, each time.",
    "arrived": "Events that have arrived.",
    "lost": "Events for which there was no room.",
    "refused": "Events that nobody could read, or points that a database refused.",
    "foreign": "What came and was none of ours.",
    "live": "Live values that were sent.",
    "live_dropped": "Live values that were dropped.",
    "kept": "Changes of an event that were kept.",
    "known": "Messages that had come before.",
    "malformed": "Messages that nobody could read.",
}


class EndpointError(Exception):
    """The port cannot be had; one line that names the setting and the cure."""


class Endpoint:
    """Answers in threads of its own: first with `health`. EndpointError if it cannot have the port.

    Health that nobody has shown for ten seconds is none: then what should show it stands still.
    """

    def __init__(self, port: int, health: Health) -> None:
        self.show(health)
        registry = CollectorRegistry()
        registry.register(_Metrics(self))
        try:
            self._server = _Server((ADDRESS, port), _Handler)
        except OSError as error:
            raise EndpointError(
                f"health.port: {port} cannot be had ({error.strerror}): choose another in the "
                "settings, or end what uses it"
            ) from error
        self._server.endpoint, self._server.registry = self, registry
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="health", daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer; returns at once."""
        self._thread.start()

    def show(self, health: Health) -> None:
        """What is answered from now on."""
        self._shown = time.monotonic(), health

    def latest(self) -> Health:
        """What was shown last."""
        at_s, health = self._shown
        still_s = time.monotonic() - at_s
        if still_s <= _STALE_S:
            return health
        told = f"it has been standing still for {still_s:.0f} s: start it again"
        return replace(health, ok=False, problems=(*health.problems, told))

    def close(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    endpoint: Endpoint
    registry: CollectorRegistry
    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # on Windows that would share a port with others


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "hiprep"
    sys_version = ""
    timeout: ClassVar[float] = _PATIENCE_S

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/healthz":
            health = self.server.endpoint.latest()
            body = json.dumps(content(health)).encode() + b"\n"
            self._answer(200 if health.ok else 503, _CONTENT_TYPE_JSON, body)
        elif path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest(self.server.registry))
        else:
            self._answer(404, "text/plain", b"/healthz or /metrics\n")

    def log_message(self, *_: Any) -> None:
        """Whoever asks every few seconds needs no line each time."""

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


class _Metrics(Collector):
    """The latest health as metrics."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def collect(self) -> Iterator[Metric]:
        health = self._endpoint.latest()
        yield GaugeMetricFamily("hiprep_ok", "Whether all that it is to do works.", value=health.ok)
        yield from _of_parts(health)
        yield from _of_sensors(health)
        for prefix, one in (("publisher", health.publisher), ("store", health.store)):
            if one is not None:
                yield from _of_queue(f"hiprep_{prefix}", one)


def _of_parts(health: Health) -> Iterator[Metric]:
    working = GaugeMetricFamily("hiprep_part_working", "Whether a part works.", labels=["part"])
    restarts = CounterMetricFamily(
        "hiprep_part_restarts", "How often a part was begun anew.", labels=["part"]
    )
    for part in health.parts:
        working.add_metric([part.name], part.working)
        restarts.add_metric([part.name], part.restarts)
    yield from (working, restarts)


def _of_sensors(health: Health) -> Iterator[Metric]:
    label = ["device"]
    streaming = GaugeMetricFamily("hiprep_sensor_streaming", "Whether it streams.", labels=label)
    samples = CounterMetricFamily("hiprep_sensor_samples", "Samples of this session.", labels=label)
    lost = CounterMetricFamily(
        "hiprep_sensor_samples_lost", "Samples of this session that never came.", labels=label
    )
    battery = GaugeMetricFamily(
        "hiprep_sensor_battery_percent", "What its battery has left.", labels=label
    )
    rate = GaugeMetricFamily("hiprep_sensor_rate_hertz", "Samples a second.", labels=label)
    for sensor in health.sensors:
        device = [sensor.device]
        streaming.add_metric(device, sensor.phase == "streaming")
        samples.add_metric(device, sensor.samples)
        lost.add_metric(device, sensor.lost)
        if sensor.battery_pct is not None:
            battery.add_metric(device, sensor.battery_pct)
        if sensor.rate_hz is not None:
            rate.add_metric(device, sensor.rate_hz)
    yield from (streaming, samples, lost, battery, rate)


def _of_queue(prefix: str, one: PublisherHealth | StoreHealth) -> Iterator[Metric]:
    for field in fields(one):
        value = getattr(one, field.name)
        name = f"{prefix}_{_NAMES.get(field.name, field.name)}"
        kind = GaugeMetricFamily if field.name in _GAUGES else CounterMetricFamily
        if value is not None:
            yield kind(name, _HELP[field.name], value=value)
