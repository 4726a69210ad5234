"""All data of a person is deleted wherever we put it, and nobody else's."""

import argparse
import gzip
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from pipeline.commands import CommandError
from pipeline.commands import forget as command
from pipeline.delivery.book import Book
from pipeline.delivery.forget import Place, Recordings, SettingsEntry, deleted_from, found_in
from pipeline.delivery.forget_broker import RetainedStates
from pipeline.delivery.forget_stores import (
    InfluxPoints,
    RefusedPoints,
    StoredEvents,
    WaitingEvents,
)
from pipeline.delivery.history import Wanted, reps
from pipeline.delivery.history_sources import BookHistory
from pipeline.delivery.influx import Influx, to_line
from pipeline.delivery.messages import EVENT_KINDS, device_topic
from pipeline.delivery.outbox import Outbox
from pipeline.delivery.refused import RefusedFile
from pipeline.delivery.sinks import Refused, point_of
from pipeline.plan_files import keep
from pipeline.settings import (
    Athlete,
    InfluxSettings,
    MqttSettings,
    SensorEntry,
    Settings,
    dumps,
    load,
)
from sensor.imu_csv import write_imu_csv
from sensor.raw_writer import RawWriter
from sensor.samples import SampleBlock
from tests.integration.influx import influx_server
from tests.integration.mosquitto import listening, mosquitto, until
from tests.pipeline.delivery.made import message

SETTINGS = Settings(
    min_reps=3,
    athletes={"anna": Athlete("Anna Å."), "bob": Athlete("Bob")},
    sensors={
        "belt-7": SensorEntry(address="C0:FF:EE:00:00:01", athlete="anna"),
        "belt-8": SensorEntry(address="C0:FF:EE:00:00:02", athlete="bob"),
    },
)

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which data of anna and bob is everywhere: recordings, store, outbox, settings."""
    monkeypatch.setenv("HIPREP_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    data = tmp_path / "hiprep"
    settings_at(tmp_path, SETTINGS)
    fill_recordings(data / "recordings")
    fill_stores(data)
    for athlete in ("anna", "bob"):
        keep(athlete, f'name = "the plan of {athlete}"\n')
    return tmp_path


def settings_at(home: Path, settings: Settings) -> Settings:
    """Write them, with the recordings where they are."""
    settings = replace(settings, recordings=home / "hiprep" / "recordings")
    (home / "settings.toml").write_text(dumps(settings), encoding="utf-8")
    return settings


def fill_recordings(folder: Path) -> None:
    (folder / "older").mkdir(parents=True)
    for athlete in ("anna", "bob"):
        RawWriter(folder / f"zipped_{athlete}.hiprec", {"athlete": athlete}).close()
        RawWriter(folder / f"open_{athlete}.hiprec", {"athlete": athlete})._file.close()
        for place in ("a.csv", "older/b.csv.gz"):
            path = folder / place.replace(".csv", f"_{athlete}.csv")
            write_imu_csv(path, [still()], {"athlete": athlete})
    write_imu_csv(folder / "imported.csv", [still()], {"athlete": "Anna Å."})
    write_imu_csv(folder / "of_nobody.csv", [still()], {"sensor": "anna"})


def still() -> SampleBlock:
    return SampleBlock(np.arange(3) / 100, np.tile([0.0, 0.0, 9.81], (3, 1)), None)


def fill_stores(data: Path) -> None:
    events = [
        message(number, kind=kind, id=f"{athlete}-{kind}-{number}", athlete=athlete)
        for athlete in ("anna", "bob")
        for kind in EVENT_KINDS
        for number in range(20)
    ]
    with Book(data / "store.db") as book:
        book.keep(book.plan(events))
    with Outbox(data / "outbox.db") as outbox:
        outbox.put(events)
    refused = [Refused(point_of(event), "too old") for event in events]
    RefusedFile(data / "refused.jsonl").add("InfluxDB", refused)
    RefusedFile(data / "refused.jsonl.resending").add("InfluxDB", refused)


def traces(folder: Path, name: str) -> list[str]:
    """Files whose name or bytes, unzipped, have that name in them."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            data = gzip.decompress(data) if path.suffix == ".gz" else data
            if name.encode() in data or name in path.name:
                found.append(path.name)
    return sorted(found)


def asked(athlete: str, *, yes: bool = True) -> argparse.Namespace:
    return argparse.Namespace(athlete=athlete, yes=yes)


def test_no_byte_of_a_person_is_left(home: Path, capsys: Capture) -> None:
    of_bob = traces(home, "bob")
    assert len(traces(home, "anna")) == len(of_bob) + 1  # a sensor of that name
    assert command.run(asked("anna")) == 0
    assert traces(home, "anna") == ["of_nobody.csv"]
    assert traces(home, "Anna Å.") == []
    assert traces(home, "bob") == of_bob
    text = capsys.readouterr().out
    for line in (
        "5 recordings in",
        "20 reps, 20 sets, 20 sessions, 20 advice in",
        "80 events waiting to be sent in",
        "80 refused points in",
        "a plan that was sent",
        "anna in ",
    ):
        assert line in text
    assert load(home / "settings.toml") == replace(
        SETTINGS,
        recordings=home / "hiprep" / "recordings",
        athletes={"bob": Athlete("Bob")},
        sensors={**SETTINGS.sensors, "belt-7": SensorEntry(address="C0:FF:EE:00:00:01")},
    )
    assert len(reps(BookHistory(home / "hiprep" / "store.db"), Wanted())) == 20


def test_a_second_time_there_is_nothing(home: Path, capsys: Capture) -> None:
    command.run(asked("bob"))
    capsys.readouterr()
    assert command.run(asked("bob")) == 0
    assert capsys.readouterr().out == "There is nothing of bob.\n"
    assert traces(home, "anna")


def test_a_person_can_be_named_as_they_are_shown(home: Path) -> None:
    assert command.run(asked("Anna Å.")) == 0
    assert traces(home, "anna") == ["of_nobody.csv"]


def test_a_name_that_two_have_is_not_guessed(home: Path) -> None:
    twins = {"anna": Athlete("A."), "bob": Athlete("A.")}
    settings_at(home, replace(SETTINGS, athletes=twins))
    write_imu_csv(home / "hiprep/recordings/whose.csv", [still()], {"athlete": "A."})
    with pytest.raises(CommandError, match="anna or bob"):
        command.run(asked("A."))
    command.run(asked("anna"))
    assert (home / "hiprep/recordings/whose.csv").exists()


def test_a_name_that_is_mistyped_is_told(home: Path, capsys: Capture) -> None:
    before = traces(home, "anna")
    assert command.run(asked("ana")) == 0
    assert capsys.readouterr().out == "There is nothing of ana, probably anna.\n"
    assert traces(home, "anna") == before


@pytest.mark.parametrize("answer", ["", "n", "no", "nonsense", None])
def test_nothing_is_deleted_without_a_yes(
    home: Path, answer: str | None, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    questions: list[str] = []

    def reply(question: str) -> str:
        questions.append(question)
        if answer is None:
            raise EOFError
        return answer

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", reply)
    before = traces(home, "anna")
    assert command.run(asked("anna", yes=False)) == 0
    assert traces(home, "anna") == before
    assert "no way back" in questions[0]
    text = capsys.readouterr().out
    assert "5 recordings in" in text
    assert text.endswith("Nothing was deleted.\n")


def test_with_a_yes_it_is_deleted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert command.run(asked("anna", yes=False)) == 0
    assert traces(home, "anna") == ["of_nobody.csv"]


def test_without_a_terminal_nobody_can_be_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    with pytest.raises(CommandError, match="--yes"):
        command.run(asked("anna", yes=False))
    assert len(traces(home, "anna")) > 1


def test_what_cannot_be_reached_is_said_and_the_rest_is_deleted(
    home: Path, capsys: Capture
) -> None:
    away = InfluxSettings("http://127.0.0.1:9", database="gym")
    settings_at(home, replace(SETTINGS, influx=away))
    torn = home / "hiprep/recordings/torn.hiprec"
    torn.write_bytes(b"hiprep")
    with Outbox(home / "hiprep/outbox.db"):  # a gateway that runs
        assert command.run(asked("anna")) == 1
    err = capsys.readouterr().err
    assert "May be left" in err
    assert "points of anna in InfluxDB: influx.url: http://127.0.0.1:9 does not answer" in err
    assert str(torn) in err
    assert str(home / "hiprep/outbox.db") in err
    assert err.count("127.0.0.1:9") == 1
    left = traces(home / "hiprep/recordings", "anna")
    assert left == ["of_nobody.csv"]
    assert command.run(asked("anna")) == 1  # not forgotten that something may be left


def test_only_files_of_ours_are_read(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("anna was here")
    outcome = Recordings(tmp_path, ["anna"]).find()
    assert (outcome.there, outcome.unreached) == ([], [])


def test_what_was_withdrawn_is_theirs_too(tmp_path: Path) -> None:
    with Book(tmp_path / "store.db") as book:
        book.keep(book.plan([message(1, valid=False)]))
    place = StoredEvents(tmp_path / "store.db", "anna")
    assert place.find().there == [f"1 rep in {tmp_path / 'store.db'}"]
    assert place.delete().there == [f"1 rep in {tmp_path / 'store.db'}"]
    assert place.find().there == []


def test_a_recording_half_compressed_is_theirs_too(tmp_path: Path) -> None:
    path = RawWriter(tmp_path / "a.hiprec", {"athlete": "anna"}).close()
    part = path.rename(tmp_path / "b.hiprec.gz.part")
    assert deleted(Recordings(tmp_path, ["anna"])) == [f"1 recording in {tmp_path}"]
    assert not part.exists()


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    places: list[Place] = [
        Recordings(tmp_path / "a", ["anna"]),
        WaitingEvents(tmp_path / "b", "anna"),
        StoredEvents(tmp_path / "c", "anna"),
        RefusedPoints(tmp_path / "d", "anna"),
        SettingsEntry(tmp_path / "e", Settings(), "anna"),
    ]
    assert found_in(places).there == deleted_from(places).there == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs a right on Windows")
def test_behind_a_link_nothing_is_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    path = tmp_path / "a.csv"
    write_imu_csv(path, [still()], {"athlete": "anna"})
    (folder / "b.csv").symlink_to(path)
    place = Recordings(folder, ["anna"])
    assert "is a link" in place.find().unreached[0]
    assert place.delete().there == []
    assert path.exists()


def test_older_copies_of_the_settings_that_name_them_go_too(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    texts = {
        "settings.toml": dumps(SETTINGS),
        "settings.toml.bak": "# for anna",
        "settings.toml.bak2": 'name = "Anna Å."',
        "settings.toml.bak3": "[athletes.annabel]\n[athletes.hanna]",
        "other.toml.bak": "anna",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    deleted(SettingsEntry(path, SETTINGS, "anna"))
    left = {one.name for one in tmp_path.iterdir()}
    assert left == {"settings.toml", "settings.toml.bak3", "other.toml.bak"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_the_settings_stay_as_secret_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    for mode in (0o600, 0o640):
        path.write_text(dumps(SETTINGS), encoding="utf-8")
        path.chmod(mode)
        deleted(SettingsEntry(path, SETTINGS, "anna"))
        assert path.stat().st_mode & 0o777 == mode
    assert [one.name for one in tmp_path.iterdir()] == ["settings.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a right on Windows")
def test_settings_behind_a_link_stay_behind_it(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    path = tmp_path / "dotfiles" / "settings.toml"
    path.write_text(dumps(SETTINGS), encoding="utf-8")
    link = tmp_path / "settings.toml"
    link.symlink_to(path)
    deleted(SettingsEntry(link, SETTINGS, "anna"))
    assert link.is_symlink()
    assert "anna" not in path.read_text(encoding="utf-8")


def test_foreign_lines_among_refused_points_stay(tmp_path: Path) -> None:
    path = tmp_path / "refused.jsonl"
    RefusedFile(path).add("InfluxDB", [Refused(point_of(message(1)), "too old")])
    foreign = b'no json\n[]\n{"point": 3}\n{"point": {"tags": []}}\n'
    path.write_bytes(foreign + path.read_bytes())
    assert deleted(RefusedPoints(path, "anna")) == [f"1 refused point in {path}"]
    assert path.read_bytes() == foreign


def test_a_database_of_1x_forgets_in_all_its_policies(tmp_path: Path) -> None:
    with influx_server(tmp_path) as server:
        server.query('CREATE DATABASE "gym" WITH DURATION INF NAME "events"', "")
        server.query('CREATE RETENTION POLICY "live" ON "gym" DURATION INF REPLICATION 1', "")
        writer = Influx(server.settings())
        for athlete in ("anna", "bob"):
            points = [point_of(message(number, athlete=athlete)) for number in range(3)]
            for policy in ("events", "live"):
                writer.write(f"gym/{policy}", "\n".join(map(to_line, points)))
        writer.close()
        direct = replace(server.settings(), url=f"http://127.0.0.1:{server._port}")
        assert deleted(InfluxPoints(direct, "anna")) == [
            f"all points of anna in InfluxDB at {direct.url}, gym"
        ]
        for query in ('SELECT * FROM "events"."rep"', 'SELECT * FROM "live"."rep"'):
            rows = server.query(query)
            assert [row["athlete"] for row in rows] == ["bob"] * 3
        assert deleted(InfluxPoints(direct, "anna")) == []
        assert deleted(InfluxPoints(direct, "b' OR athlete = 'bob")) == []
        assert len(server.query('SELECT * FROM "events"."rep"')) == 3


def test_a_database_of_2x_forgets_in_all_its_buckets() -> None:
    with two_x({}) as (settings, asked_of_it):
        assert deleted(InfluxPoints(settings, "anna")) == [
            f"all points of anna in InfluxDB at {settings.url}, gym"
        ]
    deletions = [one for one in asked_of_it if one[0].startswith("/api/v2/delete")]
    assert [path.rpartition("bucket=")[2] for path, *_ in deletions] == [
        "gym",
        "gym_live",
        "gym_rollup",
    ]
    for path, login, body in deletions:
        assert "org=home" in path
        assert login == "Token t0ken"
        assert body["predicate"] == 'athlete="anna"'
        assert (body["start"][:4], body["stop"][:4]) == ("1970", "2262")


@pytest.mark.parametrize(
    ("status", "told"), [(401, "influx.token"), (404, "influx.url"), (503, "takes nothing now")]
)
def test_a_database_that_deletes_nothing_is_said(status: int, told: str) -> None:
    with two_x({"/api/v2/delete": status}) as (settings, _):
        place = InfluxPoints(settings, "anna")
        place.find()
        outcome = place.delete()
    assert outcome.there == []
    (line,) = outcome.unreached
    assert line.startswith("points of anna in InfluxDB: ")
    assert told in line
    assert "t0ken" not in line


def test_what_the_broker_retains_is_deleted(tmp_path: Path) -> None:
    state = device_topic("home", "belt", "state")
    kept = {
        state: b'{"next": {"athlete": "bob"}, "sets": [{"athlete": "anna"}]}',
        device_topic("home", "belt-8", "state"): b'{"next": {"athlete": "bob"}}',
        device_topic("home", "belt-9", "state"): b"athlete anna, and no JSON",
        device_topic("gym-2", "belt", "state"): b'{"next": {"athlete": "anna"}}',
    }
    with mosquitto(tmp_path) as server:
        with listening(server.broker(), "#", name="first") as one:
            for topic, payload in kept.items():
                one.publish(topic, payload, retain=True)
            until(lambda: len(one.came) == len(kept), "all are there")
        place = RetainedStates(MqttSettings(server.url), "home", "anna")
        told = [f"the state of 1 device at the broker {server.url}"]
        assert place.find().there == told
        assert deleted(place) == told
        assert deleted(place) == []
        with listening(server.broker(), "#", name="second") as one:
            until(lambda: len(one.came) == len(kept) - 1, "the others are there")
            assert {came.topic for came in one.came} == kept.keys() - {state}


def test_what_the_broker_does_not_let_us_delete_is_said(tmp_path: Path) -> None:
    acl = "user admin\ntopic readwrite #\nuser reader\ntopic read #\n"
    users = {"admin": "one", "reader": "two"}
    state = device_topic("home", "belt", "state")
    with mosquitto(tmp_path, users=users, acl=acl) as server:
        with listening(server.broker("admin", "one"), "#") as one:
            one.publish(state, b'{"athlete": "anna"}', retain=True)
            until(lambda: one.came, "it is there")
        place = RetainedStates(MqttSettings(server.url, "reader", "two"), "home", "anna")
        assert place.find().there
        outcome = place.delete()
    assert outcome.there == []
    assert state in outcome.unreached[0]


@pytest.mark.parametrize("password", ["wr0ng", None])
def test_a_broker_that_lets_nobody_in_is_said(tmp_path: Path, password: str | None) -> None:
    with mosquitto(tmp_path, users={"reader": "two"}) as server:
        mqtt = MqttSettings(server.url, "reader" if password else None, password)
        (line,) = RetainedStates(mqtt, "home", "anna").find().unreached
    assert line.startswith("anna in states at the broker: mqtt.user")
    assert "wr0ng" not in line


def deleted(place: Place) -> list[str]:
    """Find and delete -> what was said of it."""
    found = place.find()
    outcome = place.delete()
    assert found.unreached == outcome.unreached == []
    return outcome.there


@contextmanager
def two_x(
    statuses: dict[str, int],
) -> Iterator[tuple[InfluxSettings, list[tuple[str, str, dict[str, str]]]]]:
    """What answers as InfluxDB 2.x does (its API documentation), and all that was asked of it."""
    seen: list[tuple[str, str, dict[str, str]]] = []
    series = {"results": [{"series": [{"columns": ["key"], "values": [["rep,athlete=anna"]]}]}]}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, json.dumps(series).encode())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append((self.path, self.headers["Authorization"], body))
            status = statuses.get(self.path.partition("?")[0], 204)
            self._answer(status, b"" if status == 204 else b"no")

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if content:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        yield InfluxSettings(url, "t0ken", org="home", bucket="gym"), seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
