"""A real InfluxDB with what hiprep wrote into it: of many athletes, of one, of none.

python -m tests.dashboards.played prints where it is, until ^C: for a person to ask.
"""

import json
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.delivery import influx_setup
from pipeline.delivery.influx import InfluxSink
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.live_points import LivePoints
from pipeline.delivery.messages import Message, device_topic
from pipeline.delivery.outbox import Outbox
from pipeline.delivery.payloads import (
    Health,
    PublisherHealth,
    SensorHealth,
    StoreHealth,
    content,
)
from pipeline.delivery.publisher import Publisher
from pipeline.delivery.sinks import point_of
from sensor.imu_csv import write_imu_csv
from sensor.simulator import SessionSpec, SetPlan, simulate
from tests.dashboards.grafana import Source
from tests.dashboards.lifted import DAY_US, HEAVY, SITE, Kept, Plan, lift, weeks
from tests.integration.influx import InfluxServer
from tests.integration.mosquitto import Listener, listening, until
from tests.integration.stack import Stack, stack, store_is_there

FULL, ONE, EMPTY = "gym", "one", "empty"
KINDS = (FULL, ONE, EMPTY)

_REPLAYED = SessionSpec(
    sets=(
        SetPlan(reps=4, faults=("", "over_arch")),
        SetPlan(reps=4, partial_after=(2,)),
    ),
    around=False,
    rest_s=17.0,
    seed=3,
)
_AGO_US = 25 * 60_000_000  # when the session that is replayed began
_EARLY_US = 2 * 3_600_000_000
_AT_ONCE = 1000
_ROLLUP = re.compile(r"BEGIN(.*)GROUP BY(.*)END", re.DOTALL)


@dataclass(frozen=True)
class Played:
    """The databases KINDS of an InfluxDB. now_ms: when the set is running that they tell of."""

    influx: InfluxServer
    now_ms: int
    sources: Mapping[str, Source]


@contextmanager
def played(folder: Path) -> Iterator[Played]:
    """All of it, for as long as it is asked. A person would have lifted for twelve weeks."""
    with stack(folder) as one:
        for kind in (ONE, EMPTY):
            init_database(one.influx.settings(kind))
        kept = weeks(_now_us())
        _write(one.influx, FULL, kept.messages)
        store_is_there(one)
        _replay(one, folder)
        now_us = _now_us()
        _many_now(one, folder, now_us, kept)
        _one_now(one.influx, now_us)
        for kind in (FULL, ONE):
            _roll_up(one.influx, kind)
        sources = {kind: Source(one.influx.url, kind) for kind in KINDS}
        yield Played(one.influx, now_us // 1000, sources)


def _replay(one: Stack, folder: Path) -> None:
    """A recording -> hiprep replay -> broker -> store -> database."""
    start = datetime.fromtimestamp((_now_us() - _AGO_US) / 1e6, UTC)
    meta = {"sensor": "belt", "athlete": "anna", "session": "replayed", "start": start.isoformat()}
    recording = folder / "replayed.csv"
    write_imu_csv(recording, simulate(_REPLAYED).blocks(1000), meta)
    tracker = one.tracker()
    tracker.start("replay", str(recording), "--publish")
    assert tracker.ended() == 0, tracker.said()


def _many_now(one: Stack, folder: Path, now_us: int, kept: Kept) -> None:
    """A set that runs, through the broker; and how sensors and services are."""
    with Outbox(folder / "outbox.db") as outbox:
        publisher = Publisher(one.broker.broker(), outbox, SITE, receipts=True, service="gateway")
        publisher.start()
        try:
            until(lambda: publisher.health()["connected"], "the gateway connects")
            topics = [f"hiprep/v1/{SITE}/+/{name}" for name in ("sensor", "state")]
            with listening(one.broker.broker(), *topics) as heard:
                said = _Paced(publisher, heard)
                for device, athlete, reps in (("strap-2", "lifter-03", 4), ("belt", "anna", 8)):
                    lift(said, now_us, device, athlete, reps, kept.coach(athlete))
            for topic, told in _health(now_us):
                # A retained topic says only the newest; each of these is to arrive.
                publisher.send_live(topic, told)
            until(lambda: publisher.health()["waiting"] == 0, "all events are kept")
            until(lambda: _is_there(one.influx, now_us), "the last live value is kept")
        finally:
            publisher.close(5.0)


class _Paced:
    """A publisher that is waited for, where what is retained tells something new.

    A minute in a second is more than a lifter can do. Of a retained topic only the newest content
    is sent: a change would be passed over, or come after what is live.
    """

    def __init__(self, publisher: Publisher, heard: Listener) -> None:
        self.post = publisher.post
        self.send_live = publisher.send_live
        self.answer = publisher.answer
        self._publisher = publisher
        self._heard = heard
        self._told: dict[str, Any] = {}

    def retain(self, topic: str, content: Mapping[str, Any]) -> None:
        self._publisher.retain(topic, content)
        told = _told(content)
        if told != self._told.get(topic):
            until(lambda: self._newest(topic) == told, f"{topic} says {told}")
            self._told[topic] = told

    def _newest(self, topic: str) -> Any:
        came = self._heard.payloads(topic)
        return _told(json.loads(came[-1])) if came else None


def _told(content: Mapping[str, Any]) -> Any:
    """How a sensor is, or which set is running."""
    if "phase" in content:
        return content["phase"]
    running = content["running"]
    return running["values"]["set"] if running else None


def _is_there(influx: InfluxServer, now_us: int) -> bool:
    found = influx.query('SELECT last("reps") FROM "live"."live" WHERE "device" = \'belt\'')
    told = influx.query('SELECT last("ok") FROM "live"."service" WHERE "service" = \'store\'')
    return bool(told and found) and found[0]["time"] > (now_us - 1_000_000) * 1000


def _one_now(influx: InfluxServer, now_us: int) -> None:
    """One athlete, one session, and nothing else."""
    sink = InfluxSink(influx.settings(ONE), live=True)
    live = LivePoints(sink)
    said = _Direct(live)
    lift(said, now_us)
    live.start()
    live.close(10.0)
    sink.close()
    _write(influx, ONE, said.messages)
    assert live.dropped <= 1  # the first sample comes before the first state


class _Direct:
    """A gateway's words go to the database without a broker."""

    def __init__(self, live: LivePoints) -> None:
        self.messages: list[Message] = []
        self._live = live

    def post(self, messages: Sequence[Message]) -> None:
        self.messages += messages

    def retain(self, topic: str, content: Mapping[str, Any]) -> None:
        self._live.take(topic, json.dumps(content).encode())

    def send_live(self, topic: str, content: Mapping[str, Any]) -> None:
        self._live.take(topic, json.dumps(content).encode())

    def answer(self, device: str, content: Mapping[str, Any]) -> None:
        assert content["ok"], (device, content)


def _write(influx: InfluxServer, database: str, messages: Sequence[Message]) -> None:
    """The newest state of each event, as a store would leave it."""
    newest = {one.id: one for one in messages}
    points = [point_of(one) for one in newest.values()]
    sink = InfluxSink(influx.settings(database))
    for first in range(0, len(points), _AT_ONCE):
        assert sink.write(points[first : first + _AT_ONCE]) == []
    sink.close()


def _roll_up(influx: InfluxServer, database: str) -> None:
    """What the database does every ten seconds, now."""
    made = _ROLLUP.search(influx_setup._CONTINUOUS_QUERY.format(name="now", database=database))
    assert made
    influx.query(f"{made[1]} WHERE time > now() - 6h GROUP BY {made[2]}", database)


def _health(now_us: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The last hour of sensors and services, with what goes wrong there."""
    yield device_topic(SITE, "cuff", "state"), _in_a_set(now_us)
    for ago_s in range(3600, -1, -30):
        at_us = now_us - ago_s * 1_000_000
        for number, device in enumerate(("cuff", "strap-0", "strap-1")):
            gone = device == "cuff" and ago_s < 40
            told = _sensor(device, at_us, number, gone)
            yield device_topic(SITE, device, "sensor"), content(told)
        for service in ("gateway", "store"):
            wrong = service == "store" and 600 < ago_s < 900
            yield device_topic(SITE, service, "health"), content(_service(service, at_us, wrong))


def _in_a_set(now_us: int) -> dict[str, Any]:
    """The state of a device whose set runs."""
    plan = Plan("hip_thrust", "", 150.0, (0.6,), 4, HEAVY)
    ledger = Ledger(SITE, "cuff", "ben", "silent", plan.exercise, now_us - 60_000_000)
    state = ledger.state()
    running = {
        "open": True, "athlete": "ben", "exercise": "hip_thrust", "variant": "",
        "values": {"set": 1, "load_kg": 90.0, "target_reps": None, "target_tempo": None,
                   "target_hold_s": None, "target_velocity_loss_pct": None},
    }  # fmt: skip
    return {**state, "running": running}


def _sensor(device: str, at_us: int, number: int, gone: bool) -> SensorHealth:
    return SensorHealth(
        available=not gone,
        phase="lost" if gone else "streaming",
        text="lost: searching for it again" if gone else "streaming",
        time_us=at_us,
        name=device,
        model="DOT",
        battery_pct=(80.0, 45.0, 9.0)[number],
        rssi_dbm=-60 - 9 * number,
        rate_hz=60.0,
        lost=7 * number,
        loss_pct=0.2 * number,
    )


def _service(service: str, at_us: int, wrong: bool) -> Health:
    gateway = service == "gateway"
    return Health(
        service=service,
        online=True,
        ok=not wrong,
        problems=("influx.url: does not answer: is the database running?",) if wrong else (),
        time_us=at_us,
        session=None,
        parts=(),
        publisher=PublisherHealth(
            connected=True, waiting=3, held=0, under_way=2, aside=0, lag_s=0.2, published=90,
            arrived=88, lost=0, refused=0, foreign=0, live=700, live_dropped=1,
        ) if gateway else None,
        store=None if gateway else StoreHealth(
            connected=True, waiting=40 if wrong else 0, lag_s=120.0 if wrong else 0.05, kept=90,
            known=2, malformed=0, refused=1 if wrong else 0, live_dropped=0,
        ),
        sensors=(),
    )  # fmt: skip


def _now_us() -> int:
    """Now; shortly after midnight, the evening before: boards of a day would be empty yet."""
    at_us = time.time_ns() // 1000
    return at_us if at_us % DAY_US > _EARLY_US else at_us - _EARLY_US


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="played") as scratch, played(Path(scratch)) as found:
        print(found.influx.url, *KINDS, f"now_ms {found.now_ms}")
        threading.Event().wait()
