"""Broker, database, store and trackers on loopback, each a process that can be killed."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pipeline import exercises
from pipeline.commands.coached import zone_s
from pipeline.delivery.book import Book
from pipeline.delivery.carried import Carried
from pipeline.delivery.coach import Coach, Pupil
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import EVENT_KINDS, Message
from pipeline.delivery.outbox import Outbox
from pipeline.delivery.placing import placed
from pipeline.delivery.rerun import rerun
from pipeline.delivery.sinks import point_of
from pipeline.replay import LIVE_SAMPLES
from pipeline.settings import DEFAULT_SITE, MqttSettings, Settings, StoreSettings, dumps
from pipeline.tracker import Tracker
from sensor.imu_csv import write_imu_csv
from sensor.recording import open_recording
from sensor.simulator import SessionSpec, SetPlan, Simulation, simulate
from tests.integration.influx import InfluxServer, influx_server
from tests.integration.mosquitto import Mosquitto, mosquitto, until

ROOT = Path(__file__).parents[2]
DEVICE, ATHLETE = "belt", "anna"
PATIENCE_S = 120.0

_RUN = "import sys; from pipeline.cli import main; sys.exit(main(sys.argv[1:]))"
_LIMIT = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, ({}, r.getrlimit(r.RLIMIT_FSIZE)[1]))"
# Three sets, and before them what looks like reps and is taken back.
_SPEC = SessionSpec(sets=(SetPlan(reps=8),) * 3, rest_s=16.5, seed=15)

Row = dict[str, Any]


class Child:
    """A command of hiprep as a process of its own, with a home of its own in `folder`.

    file_bytes: no file of it may become longer, until `free_the_disk`.
    """

    def __init__(self, folder: Path, settings: Settings, *, file_bytes: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log"
        self.outbox = folder / "hiprep" / "outbox.db"
        path = folder / "settings.toml"
        path.write_text(dumps(settings, secrets=True))
        homes = {"HIPREP_SETTINGS": str(path), "XDG_DATA_HOME": str(folder)}
        self._environment = {**os.environ, **homes}
        self._code = _RUN
        if file_bytes is not None:
            self._code = f"{_LIMIT.format(file_bytes)}; {_RUN}"
        self._process: subprocess.Popen[bytes] | None = None
        self._said_before = 0

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *arguments: str) -> None:
        with self.log.open("ab") as log:
            self._said_before = log.tell()
            command = [sys.executable, "-c", self._code, *arguments]
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self._environment, cwd=ROOT
            )

    def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def free_the_disk(self) -> None:
        """Its files may become as long as any."""
        assert self._process is not None
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (most, most))

    def ended(self) -> int:
        """Its exit code, when it has ended by itself."""
        assert self._process is not None
        return self._process.wait(PATIENCE_S)

    def stop(self) -> int:
        """As one should end it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self.ended()

    def said(self) -> str:
        """Since it was started last."""
        return self.log.read_bytes()[self._said_before :].decode(errors="replace")

    def waiting(self) -> int:
        """How many events wait in its outbox; while it does not run."""
        with Outbox(self.outbox) as outbox:
            return outbox.size()


class Stack:
    """All of it. Trackers are added; the database is killed and started as `influx`.

    users: names and passwords at the broker; the store is `store` there, trackers are `gateway`.
    """

    def __init__(
        self, folder: Path, broker: Mosquitto, influx: InfluxServer, users: Mapping[str, str]
    ) -> None:
        self.broker, self.influx = broker, influx
        self._folder = folder
        self._users = users
        self._children: list[Child] = []
        self.book = folder / "store" / "store.db"
        self.store = self._child("store")

    def tracker(self, *, file_bytes: int | None = None, **settings: Any) -> Child:
        """Its settings beyond the broker; file_bytes as for `Child`."""
        return self._child("tracker", file_bytes=file_bytes, **settings)

    def start_store(self) -> None:
        self.store.start("store")

    def start_anew(self) -> None:
        """Another store, and a database, in which there is nothing."""
        self.store.stop()
        self.influx.query("DROP DATABASE gym")
        init_database(self.influx.settings())
        self.book = self._folder / "store-anew" / "store.db"
        self.store = self._child("store-anew")
        self.start_store()

    def close(self) -> None:
        for child in self._children:
            child.kill()

    def kept(self) -> dict[str, Message]:
        """What the store has in its book, by id."""
        with Book(self.book) as book:
            return {
                one.id: plain(one)
                for kind in EVENT_KINDS
                for one in book.messages(kind, withdrawn=True)
            }

    def points(self) -> list[Row]:
        """What the database has, valid or not; without what a point leaves open."""
        rows = [
            {"kind": kind, **row}
            for kind in EVENT_KINDS
            for row in self.influx.query(f'SELECT * FROM "{kind}"')  # noqa: S608
        ]
        return _sorted(
            {key: value for key, value in row.items() if value is not None} for row in rows
        )

    def _child(self, name: str, *, file_bytes: int | None = None, **more: Any) -> Child:
        user = "store" if name.startswith("store") else "gateway"
        password = self._users.get(user)
        mqtt = MqttSettings(self.broker.url, user if password else None, password, receipts=True)
        if user == "store":
            more = {"influx": self.influx.settings(), "store": StoreSettings(self.book)}
        child = Child(self._folder / name, Settings(mqtt=mqtt, **more), file_bytes=file_bytes)
        self._children.append(child)
        return child


@contextmanager
def stack(
    folder: Path, *, users: Mapping[str, str] | None = None, acl: str = ""
) -> Iterator[Stack]:
    """All but a tracker runs. users, acl: of the broker."""
    with (
        mosquitto(folder / "broker", users=users, acl=acl) as broker,
        influx_server(folder / "influx") as influx,
    ):
        init_database(influx.settings())
        one = Stack(folder, broker, influx, users or {})
        one.start_store()
        try:
            yield one
        finally:
            one.close()


def recording(folder: Path, session: str, hour: int = 18) -> Path:
    """A session of `ATHLETE` that began at that hour: three sets."""
    path = folder / f"{session}.csv"
    meta = {
        "sensor": DEVICE,
        "athlete": ATHLETE,
        "session": session,
        "start": f"2026-05-{1 + hour // 24:02}T{hour % 24:02}:00:00+00:00",
    }
    write_imu_csv(path, _simulated().blocks(1000), meta)
    return path


def told(path: Path) -> list[Message]:
    """What a plain replay says of such a recording, in its order."""
    with open_recording(str(path)) as opened:
        place = placed(path, opened.meta, None)
        tracker = Tracker(exercises.load("hip_thrust"), sensor=DEVICE, session=place.session)
        exercise = tracker.exercise.name
        ledger = Ledger(
            DEFAULT_SITE,
            DEVICE,
            ATHLETE,
            place.session,
            exercise,
            place.started_us,
            # A tracker of these tests has no store beside it, and so no history.
            coach=Coach(lambda _: Pupil(), zone_s(place.started_us)),
        )
        return list(rerun(opened.moments(LIVE_SAMPLES), tracker, Carried(ledger)))


def newest(messages: Iterable[Message]) -> dict[str, Message]:
    """The newest state of each event, by id."""
    found: dict[str, Message] = {}
    for one in messages:
        if one.id not in found or one.revision > found[one.id].revision:
            found[one.id] = plain(one)
    return found


def plain(message: Message) -> Message:
    """Without the number that it had on its way."""
    return replace(message, seq=0)


def points_of(messages: Iterable[Message]) -> list[Row]:
    """The rows that a database has of them, once each."""
    points = [point_of(one) for one in messages]
    return _sorted(
        {"kind": one.measurement, "time": one.time_ns, **one.tags, **one.fields} for one in points
    )


def store_is_there(one: Stack) -> None:
    """Wait until the store has begun to listen."""
    until(lambda: "connected to the broker" in one.store.said(), "the store connects")


@cache
def _simulated() -> Simulation:
    return simulate(_SPEC)


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["kind"], row["time"], row["id"], not row["valid"]))
