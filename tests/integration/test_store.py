"""The store between a real broker and a real database."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.delivery.book import Book
from pipeline.delivery.influx import InfluxSink
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.messages import EVENT_KINDS, Message, event_topic, to_payload
from pipeline.delivery.sinks import Point, Refused, Sink, SinkUnavailableError, point_of
from pipeline.delivery.store import Store
from tests.integration.influx import InfluxServer, influx_server
from tests.integration.mosquitto import Listener, Mosquitto, listening, mosquitto, until
from tests.pipeline.delivery.made import message

ROOT = Path(__file__).parents[2]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path / "mosquitto") as one:
        yield one


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as one:
        yield one


@pytest.fixture
def influx(server: InfluxServer) -> Iterator[InfluxServer]:
    """Ready for a store, and empty."""
    init_database(server.settings())
    yield server
    server.query("DROP DATABASE gym")


class _Moody(InfluxSink):
    """A sink that is away, or ends the process, when a test says so."""

    away = False

    def write(self, points: Sequence[Point]) -> list[Refused]:
        if self.away:
            raise SinkUnavailableError("influx.url: away, as the test says")
        return super().write(points)


@contextmanager
def _store(broker: Mosquitto, folder: Path, *sinks: Sink) -> Iterator[Store]:
    with Book(folder / "store.db") as book:
        store = Store(broker.broker(), book, sinks, "home")
        store.start()
        try:
            until(lambda: store.health()["connected"], "the store connects")
            time.sleep(0.3)  # connected is before the broker has its subscriptions
            yield store
        finally:
            store.close()


@contextmanager
def _gateway(broker: Mosquitto) -> Iterator[Listener]:
    with listening(broker.broker(), "hiprep/v1/home/+/receipt", "hiprep/+/+/+/status") as one:
        yield one


def _send(gateway: Listener, *messages: Message) -> None:
    for one in messages:
        gateway.publish(event_topic(one), to_payload(one))


def _receipted(gateway: Listener) -> list[tuple[str, int]]:
    receipts = [json.loads(payload) for payload in gateway.payloads("/receipt")]
    assert all(one["schema"] == "hiprep/receipt/1" for one in receipts)
    return [tuple(pair) for one in receipts for pair in one["messages"]]


def _until_receipted(gateway: Listener, *messages: Message) -> None:
    wanted = {(one.id, one.revision) for one in messages}
    until(lambda: wanted <= set(_receipted(gateway)), "all receipts")


def _reps(folder: Path) -> list[Message]:
    with Book(folder / "store.db") as book:
        return list(book.messages("rep", withdrawn=True))


def _rows(influx: InfluxServer) -> list[dict[str, Any]]:
    return influx.query("SELECT * FROM rep")


def test_a_rep_is_in_both_databases_before_its_receipt(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    sent = [
        message(1),
        message(1, kind="set"),
        message(1, kind="session"),
        message(1, kind="advice"),
    ]
    with _gateway(broker) as gateway, _store(broker, tmp_path, InfluxSink(influx.settings())):
        _send(gateway, *sent)
        _until_receipted(gateway, *sent)
    assert _reps(tmp_path) == [message(1)]
    for kind in EVENT_KINDS:
        (row,) = influx.query(f'SELECT * FROM "{kind}"')  # noqa: S608
        assert (row["time"], row["id"]) == (point_of(message(1)).time_ns, message(1).id)


def test_each_device_gets_its_own_receipt(broker: Mosquitto, tmp_path: Path) -> None:
    sent = [message(1), message(2, device="cuff"), message(3)]
    with _gateway(broker) as gateway, _store(broker, tmp_path):
        _send(gateway, *sent)
        _until_receipted(gateway, *sent)
        cuff = [json.loads(one) for one in gateway.payloads("/cuff/receipt")]
    assert [pair for one in cuff for pair in one["messages"]] == [[message(2).id, 0]]


def test_a_message_that_comes_twice_is_there_once_and_receipted_twice(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    with _gateway(broker) as gateway, _store(broker, tmp_path, InfluxSink(influx.settings())):
        _send(gateway, message())
        _until_receipted(gateway, message())
        _send(gateway, message())
        until(lambda: len(_receipted(gateway)) == 2, "the second receipt")
    assert len(_rows(influx)) == len(_reps(tmp_path)) == 1


def test_an_older_state_after_a_newer_one_changes_nothing_and_is_receipted(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    with _gateway(broker) as gateway, _store(broker, tmp_path, InfluxSink(influx.settings())):
        _send(gateway, message(revision=2))
        _until_receipted(gateway, message(revision=2))
        _send(gateway, message(revision=1))
        _until_receipted(gateway, message(revision=1))
    assert _reps(tmp_path) == [message(revision=2)]
    (row,) = _rows(influx)
    assert (row["revision"], row["rom_deg"]) == (2, 52.0)


def test_a_revised_rep_is_one_point_at_the_same_time_with_the_newest_values(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    states = [message(revision=number) for number in range(4)]
    # What was known is known no more.
    last = message(revision=4, values={"rom_deg": 60.0})
    with _gateway(broker) as gateway, _store(broker, tmp_path, InfluxSink(influx.settings())):
        for state in [*states, last]:
            _send(gateway, state)
            _until_receipted(gateway, state)
    (row,) = _rows(influx)
    assert row["time"] == point_of(message()).time_ns
    assert (row["revision"], row["rom_deg"], row["rep"]) == (4, 60.0, None)


def test_a_rep_that_moved_to_another_athlete_is_valid_there_only(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    moved = message(revision=1, athlete="ben")
    with _gateway(broker) as gateway, _store(broker, tmp_path, InfluxSink(influx.settings())):
        _send(gateway, message())
        _until_receipted(gateway, message())
        _send(gateway, moved)
        _until_receipted(gateway, moved)
    assert {row["athlete"]: row["valid"] for row in _rows(influx)} == {"anna": False, "ben": True}
    assert _reps(tmp_path) == [moved]


def test_a_withdrawn_rep_stays_as_not_valid(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    withdrawn = message(revision=1, valid=False)
    with _gateway(broker) as gateway, _store(broker, tmp_path, InfluxSink(influx.settings())):
        _send(gateway, message(), withdrawn)
        _until_receipted(gateway, withdrawn)
    (row,) = _rows(influx)
    assert row["valid"] is False
    assert influx.query("SELECT * FROM rep WHERE valid = true") == []


def test_while_a_database_is_away_nothing_is_receipted_and_all_comes_when_it_is_back(
    broker: Mosquitto, tmp_path: Path
) -> None:
    with influx_server(tmp_path / "influx") as influx, _gateway(broker) as gateway:
        init_database(influx.settings())
        with _store(broker, tmp_path, InfluxSink(influx.settings())) as store:
            influx.kill()
            sent = [message(number) for number in range(50)]
            _send(gateway, *sent)
            until(lambda: store.health()["trouble"], "the trouble is said")
            assert store.health()["trouble"].startswith("influx.url: ")
            assert _receipted(gateway) == []
            influx.start()
            _until_receipted(gateway, *sent)
            assert store.health()["trouble"] is None
        assert len(_rows(influx)) == 50


def test_what_waits_when_a_store_ends_is_kept_by_the_next_one(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    away = _Moody(influx.settings())
    away.away = True
    sent = [message(number) for number in range(30)]
    with _gateway(broker) as gateway:
        with _store(broker, tmp_path, away) as store:
            _send(gateway, *sent[:20])
            until(lambda: store.health()["trouble"], "the trouble is said")
        _send(gateway, *sent[20:])  # nobody is there
        assert _receipted(gateway) == []
        with _store(broker, tmp_path, InfluxSink(influx.settings())):
            _until_receipted(gateway, *sent)
    assert len(_rows(influx)) == len(_reps(tmp_path)) == 30


def test_a_refused_point_is_set_aside_and_can_be_sent_again(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    good = [message(number) for number in range(20)]
    bad = message(99, values={"rom_deg": "much"})
    newer = message(99, revision=1, values={"rom_deg": 55.0})
    refused = tmp_path / "refused.jsonl"
    sink = InfluxSink(influx.settings())
    with _gateway(broker) as gateway, _store(broker, tmp_path, sink) as store:
        _send(gateway, good[0])
        _until_receipted(gateway, good[0])
        _send(gateway, *good[1:], bad)
        _until_receipted(gateway, *good, bad)
        assert store.health()["refused"] == 1
        (line,) = map(json.loads, refused.read_text().splitlines())
        assert (line["sink"], line["point"]["fields"]["id"]) == ("InfluxDB", bad.id)
        assert "rom_deg" in line["reason"]
        assert len(_rows(influx)) == 20
        # The cause is gone: the gateway has said it better. That state was lost on its way.
        with Book(tmp_path / "store.db") as book:
            book.keep(book.plan([newer]))
            resent = store.keeper.refused.resend(book, [sink])
    assert (resent.sent, resent.refused, resent.unreadable) == (1, 0, 0)
    assert not refused.exists()
    (row,) = [row for row in _rows(influx) if row["id"] == bad.id]
    assert (row["revision"], row["rom_deg"]) == (1, 55.0)


def test_what_is_refused_again_stays_in_the_file(influx: InfluxServer, tmp_path: Path) -> None:
    sink, bad = InfluxSink(influx.settings()), message(2, values={"rom_deg": "much"})
    with Book(tmp_path / "store.db") as book:
        sink.write([point_of(message(1))])
        store = Store(Mosquitto(tmp_path / "m").broker(), book, [sink], "home")
        store.keeper.keep([bad, message(3)])
        with store.keeper.refused.path.open("a") as file:
            file.write("no line of ours\n")
        for _ in range(2):
            resent = store.keeper.refused.resend(book, [sink])
            assert (resent.sent, resent.refused, resent.unreadable) == (0, 1, 1)
        assert len(store.keeper.refused.path.read_text().splitlines()) == 2


def test_sending_again_while_the_database_is_away_loses_nothing(
    influx: InfluxServer, tmp_path: Path
) -> None:
    sink = _Moody(influx.settings())
    with Book(tmp_path / "store.db") as book:
        sink.write([point_of(message(1, values={"rom_deg": "text first"}))])
        store = Store(Mosquitto(tmp_path / "m").broker(), book, [sink], "home")
        store.keeper.keep([message(2)])
        influx.query("DROP MEASUREMENT rep")
        sink.away = True
        with pytest.raises(SinkUnavailableError):
            store.keeper.refused.resend(book, [sink])
        sink.away = False
        store.keeper.refused.resend(book, [sink])
    assert [row["id"] for row in _rows(influx)] == [message(2).id]


def test_a_point_that_moved_meanwhile_is_sent_as_not_valid(
    influx: InfluxServer, tmp_path: Path
) -> None:
    sink = InfluxSink(influx.settings())
    with Book(tmp_path / "store.db") as book:
        sink.write([point_of(message(1, values={"rom_deg": "text first"}))])
        store = Store(Mosquitto(tmp_path / "m").broker(), book, [sink], "home")
        store.keeper.keep([message(2)])
        influx.query("DROP MEASUREMENT rep")
        store.keeper.keep([message(2, revision=1, athlete="ben")])
        store.keeper.refused.resend(book, [sink])
    assert {row["athlete"]: row["valid"] for row in _rows(influx)} == {"anna": False, "ben": True}


FOREIGN = [
    b"",
    b"\xff\xfe",
    b"[1, 2]",
    b'{"schema": "hiprep/rep/99"}',
    b'{"schema": ["hiprep/rep/1"]}',
    b'{"schema": "hiprep/rep/1", "id": "x"}',
    to_payload(message()).replace(b"anna", b"ben"),
    to_payload(message()).replace(b"50.0", b"1e999"),
    to_payload(message(time_us=2**61)),
    to_payload(message(at_s=10**400)),
    to_payload(message(values={"rep": None})).replace(b"null", b"[" * 900 + b"]" * 900),
    b'{"schema": "hiprep/rep/1", "values": ' + b"[" * 100_000,
    b'{"schema": "hiprep/rep/1", "values": "' + b"x" * 100_000 + b'"}',
]


def test_foreign_and_malformed_payloads_are_counted_and_passed_over(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    with _gateway(broker) as gateway:
        with _store(broker, tmp_path, InfluxSink(influx.settings())) as store:
            for payload in FOREIGN:
                gateway.publish(event_topic(message()), payload)
            _send(gateway, message())
            _until_receipted(gateway, message())
            assert store.health()["malformed"] == len(FOREIGN)
            assert store.health()["working"]
        with _store(broker, tmp_path) as store:  # they do not come back
            _send(gateway, message(2))
            _until_receipted(gateway, message(2))
            assert store.health()["malformed"] == 0


def test_services_of_another_version_are_named_once(
    broker: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with _gateway(broker) as gateway:
        gateway.publish("hiprep/v2/home/gateway/status", b'{"online": true}', retain=True)
        with _store(broker, tmp_path):
            gateway.publish("hiprep/v2/home/store/status", b"{}")
            _send(gateway, message())
            _until_receipted(gateway, message())
    told = [one.message for one in caplog.records if "another version" in one.message]
    assert len(told) == 1
    assert "mqtt.url" in told[0]


def test_its_status_is_there_while_it_runs_and_gone_after(
    broker: Mosquitto, tmp_path: Path
) -> None:
    with _store(broker, tmp_path), _gateway(broker) as gateway:
        until(lambda: gateway.payloads("store/status"), "the status")
        assert json.loads(gateway.payloads("store/status")[-1])["online"] is True
    with _gateway(broker) as gateway:
        until(lambda: gateway.payloads("store/status"), "the status")
        assert json.loads(gateway.payloads("store/status")[-1])["online"] is False


def test_ten_thousand_messages_are_all_there_once_in_constant_memory(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    sent = [message(number, revision) for number in range(5000) for revision in (0, 1)]
    sink = _Moody(influx.settings())
    with _gateway(broker) as gateway, _store(broker, tmp_path, sink) as store:
        sink.away = True
        _send(gateway, *sent)
        until(lambda: store.health()["waiting"] >= 1000, "the queue is full")
        sink.away = False
        _until_receipted(gateway, *sent)
        assert store.health()["waiting"] == 0
    assert influx.query("SELECT count(id) FROM rep WHERE revision = 1")[0]["count"] == 5000
    assert len(_rows(influx)) == 5000
    assert _reps(tmp_path) == [message(number, 1) for number in range(5000)]


def test_receipts_go_out_while_there_is_more_to_read(broker: Mosquitto, tmp_path: Path) -> None:
    sent = [message(number) for number in range(10_000)]
    with _gateway(broker) as gateway:
        with _store(broker, tmp_path):
            pass  # from now on the broker keeps what comes
        _send(gateway, *sent)
        with _store(broker, tmp_path) as store:
            until(lambda: gateway.payloads("/receipt"), "the first receipt")
            assert store.health()["kept"] < len(sent) / 2
            _until_receipted(gateway, *sent)


_KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.delivery.book import Book
from pipeline.delivery.broker import Broker
from pipeline.delivery.influx import InfluxSink
from pipeline.delivery.store import Store
from pipeline.settings import InfluxSettings

class Deadly(InfluxSink):
    def write(self, points):
        refused = super().write(points)
        if any(point.fields["id"] == sys.argv[1] for point in points):
            os.kill(os.getpid(), signal.SIGKILL)
        return refused

url, mqtt, file = sys.argv[2:5]
user, password = sys.argv[5:7]
sink = Deadly(InfluxSettings(url, database="gym", user=user, password=password))
Store(Broker(mqtt), Book(Path(file)), [sink], "home").start()
signal.pause()
"""


def test_a_kill_between_write_and_acknowledgement_changes_nothing(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    settings = influx.settings()
    fatal = message(7, revision=1, athlete="ben")
    sent = [message(number) for number in range(7)]
    after = [message(number) for number in range(8, 12)]
    arguments = [fatal.id, settings.url, broker.url, str(tmp_path / "store.db")]
    logins = [str(settings.user), str(settings.password)]
    killed = subprocess.Popen(
        [sys.executable, "-c", _KILLED, *arguments, *logins], cwd=ROOT, env={**os.environ}
    )
    with _gateway(broker) as gateway:
        until(lambda: gateway.payloads("store/status"), "the store is there")
        _send(gateway, *sent)
        _until_receipted(gateway, *sent)
        _send(gateway, fatal)
        assert killed.wait(30) == -signal.SIGKILL
        assert len(_rows(influx)) == 8  # it was written
        assert (fatal.id, 1) not in _receipted(gateway)
        _send(gateway, *after)
        with _store(broker, tmp_path, InfluxSink(settings)) as store:
            _until_receipted(gateway, fatal, *after)
            assert store.health()["kept"] == 5
    rows = {row["id"]: row for row in _rows(influx)}
    assert len(rows) == len(_rows(influx)) == 12
    assert (rows[fatal.id]["athlete"], rows[fatal.id]["revision"]) == ("ben", 1)
    assert len(_reps(tmp_path)) == 12


def test_a_kill_before_a_state_that_moves_it_on_leaves_no_second_valid_point(
    broker: Mosquitto, influx: InfluxServer, tmp_path: Path
) -> None:
    """The state that was written and not remembered comes again with the one after it."""
    anna, ben, carla = (message(revision=n, athlete=a) for n, a in enumerate(("anna", "ben", "c")))
    sink = InfluxSink(influx.settings())
    with Book(tmp_path / "store.db") as book:
        store = Store(broker.broker(), book, [sink], "home")
        store.keeper.keep([anna])
        sink.write([point_of(replace(anna, valid=False, revision=1)), point_of(ben)])
        store.keeper.keep([ben, carla])
    told = {row["athlete"]: row["valid"] for row in _rows(influx)}
    assert told == {"anna": False, "ben": False, "c": True}
