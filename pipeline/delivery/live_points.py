"""Live samples, and the health of sensors and services, for panels: kept for days, and missed by
nobody if lost.

They take no part in receipts. Who lifts what, and what for, is told by the device's state.
"""

import json
import re
import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.delivery.commands import Targets
from pipeline.delivery.evaluation import asked_for
from pipeline.delivery.marks import set_key
from pipeline.delivery.messages import ROOT
from pipeline.delivery.sinks import PLAIN, Field, Point, Sink, SinkUnavailableError, held

TOPICS = tuple(f"{ROOT}/+/+/{name}" for name in ("state", "live", "sensor", "health"))

LIVE = ("pitch_deg", "phase", "phase_s", "hold_s", "set", "reps", "session")
TARGETS = ("load_kg", "target_reps", "target_tempo", "target_hold_s", "target_velocity_loss_pct")
SENSOR = ("available", "phase", "text", "battery_pct", "rssi_dbm", "rate_hz", "lost", "loss_pct")
PUBLISHER = ("waiting", "held", "under_way", "aside", "lag_s", "lost", "refused", "live_dropped")
STORE = ("waiting", "lag_s", "kept", "malformed", "refused", "live_dropped")
_TAG = re.compile(r"[A-Za-z0-9_-]{0,120}")
_MOST_TEXT = 300
_EVERY_S = 1.0
_MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class _Session:
    """What a device's state says. marks: fields of each of its samples."""

    name: str
    started_us: int
    in_set: bool
    tags: dict[str, str]
    marks: dict[str, Field]


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
            self._sessions[site, device] = _session(content, where)
        elif name == "live":
            known = self._sessions[site, device]
            if known.name != content["session"]:
                raise ValueError("of a session that is not known yet")
            at_ns = known.started_us * 1000 + round(content["at_s"] * 1e9)
            self._add("live", known.tags, _fields(content, LIVE) | known.marks, at_ns)
        elif name == "sensor":
            running = self._sessions.get((site, device))
            silent = not content["available"] and running is not None and running.in_set
            fields = {**_fields(content, SENSOR), "silent_in_set": float(silent)}
            self._add("sensor", where, fields, int(content["time_us"]) * 1000)
        else:
            tags = {"service": device, "site": site}
            self._add("service", tags, _service(content), int(content["time_us"]) * 1000)

    def _add(
        self, measurement: str, tags: dict[str, str], fields: dict[str, Field], time_ns: int
    ) -> None:
        if not fields or not all(_TAG.fullmatch(text) for text in tags.values()):
            raise ValueError("no point of ours")
        named = {name: text or PLAIN for name, text in tags.items()}
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


def _session(content: dict[str, Any], where: dict[str, str]) -> _Session:
    running, coming = content["running"], content["next"]
    in_set = bool(running and running["open"])
    chosen = running if in_set else coming
    tags = {key: str(chosen[key]) for key in ("athlete", "exercise", "variant")}
    wanted = running["values"] if in_set else _wanted(coming)
    marks = {name: kept for name in TARGETS if (kept := held(wanted[name])) is not None}
    if running:
        marks["set_key"] = set_key(content["session"], int(running["values"]["set"]))
    session, started_us = str(content["session"]), int(content["started_us"])
    return _Session(session, started_us, in_set, {**tags, **where}, marks)


def _wanted(coming: dict[str, Any]) -> dict[str, Any]:
    """Load and targets of the set that comes next, as those of a set."""
    targets = Targets(**{name: coming["targets"][name] for name in Targets.__dataclass_fields__})
    return asdict(asked_for(coming["load_kg"], targets))


def _service(content: dict[str, Any]) -> dict[str, Field]:
    """How a service is. lost and refused: counted since it was begun."""
    problems = [str(problem) for problem in content["problems"]]
    fields: dict[str, Field] = {"ok": float(content["ok"] is True), "problems": len(problems) + 0.0}
    fields["text"] = "; ".join(problems)[:_MOST_TEXT] or "all is well"
    for part, names in (("publisher", PUBLISHER), ("store", STORE)):
        if content[part] is not None:
            known = _fields(content[part], names)
            fields |= {f"{part}_{name}": value for name, value in known.items()}
    return fields


def _fields(content: dict[str, Any], names: tuple[str, ...]) -> dict[str, Field]:
    """Those that are known."""
    return {name: kept for name in names if (kept := held(content[name])) is not None}
