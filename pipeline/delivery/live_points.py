"""Live samples and the health of sensors, for panels: kept for days, and missed by nobody if lost.

They take no part in receipts. Who lifts what is told by the device's state.
"""

import json
import re
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from pipeline.delivery.messages import ROOT
from pipeline.delivery.sinks import Field, Point, Sink, SinkUnavailableError, held

TOPICS = tuple(f"{ROOT}/+/+/{name}" for name in ("state", "live", "sensor"))

_LIVE = ("pitch_deg", "phase", "phase_s", "hold_s", "set", "reps", "session")
_SENSOR = ("available", "phase", "battery_pct", "rssi_dbm", "rate_hz", "lost", "loss_pct")
_TAG = re.compile(r"[A-Za-z0-9_-]{0,120}")
_EVERY_S = 1.0
_MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class _Session:
    name: str
    started_us: int
    tags: dict[str, str]


class LivePoints:
    """Writes what comes once a second, in a thread; drops what the database does not take."""

    def __init__(self, sink: Sink) -> None:
        self.dropped = 0
        self._sink = sink
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._waiting: deque[Point] = deque(maxlen=_MOST_WAITING)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="live points", daemon=True)

    def start(self) -> None:
        """Begin to write; returns at once."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Write what there is, and end."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def take(self, topic: str, payload: bytes) -> None:
        """What came on one of the TOPICS. What is none of ours is dropped."""
        try:
            site, device, name = topic.split("/")[2:]
            self._take(site, device, name, json.loads(payload))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            self.dropped += 1

    def _take(self, site: str, device: str, name: str, content: dict[str, Any]) -> None:
        where = {"device": device, "site": site}
        if name == "state":
            running = content["running"]
            chosen = running if running and running["open"] else content["next"]
            tags = {key: str(chosen[key]) for key in ("athlete", "exercise", "variant")}
            session = _Session(content["session"], int(content["started_us"]), {**tags, **where})
            self._sessions[site, device] = session
        elif name == "live":
            known = self._sessions[site, device]
            if known.name != content["session"]:
                raise ValueError("of a session that is not known yet")
            at_ns = known.started_us * 1000 + round(content["at_s"] * 1e9)
            self._add("live", known.tags, _fields(content, _LIVE), at_ns)
        else:
            at_ns = int(content["time_us"]) * 1000
            self._add("sensor", where, _fields(content, _SENSOR), at_ns)

    def _add(
        self, measurement: str, tags: dict[str, str], fields: dict[str, Field], time_ns: int
    ) -> None:
        if not fields or not all(_TAG.fullmatch(text) for text in tags.values()):
            raise ValueError("no point of ours")
        named = {name: text for name, text in tags.items() if text}
        self._waiting.append(Point(measurement, named, fields, time_ns))

    def _work(self) -> None:
        while not self._closing.wait(_EVERY_S):
            self._write()
        self._write()

    def _write(self) -> None:
        points = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not points:
            return
        try:
            refused = self._sink.write(points)
        except SinkUnavailableError:  # the store says so, of the same database
            self.dropped += len(points)
        else:
            self.dropped += len(refused)


def _fields(content: dict[str, Any], names: tuple[str, ...]) -> dict[str, Field]:
    """Those that are known."""
    return {name: kept for name in names if (kept := held(content[name])) is not None}
