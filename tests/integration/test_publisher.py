"""The publisher against a real broker that is away, killed, restarted, or forgets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.delivery.messages import Message, event_topic, from_payload
from pipeline.delivery.mqtt import Broker, Received
from pipeline.delivery.outbox import Outbox
from pipeline.delivery.publisher import Publisher
from pipeline.delivery.window import MOST
from tests.integration.mosquitto import Listener, Mosquitto, listening, mosquitto, until
from tests.pipeline.delivery.made import message

EVENTS = [f"hiprep/v1/home/+/+/{kind}" for kind in ("rep", "set", "session")]
STATUS = "hiprep/v1/home/gateway/status"
RECEIPT = "hiprep/v1/home/belt/receipt"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path / "broker") as server:
        yield server


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox.db") as outbox:
        yield outbox


@contextmanager
def _publishing(
    broker: Broker, outbox: Outbox, *, receipts: bool = False, close_s: float = 0.0
) -> Iterator[Publisher]:
    publisher = Publisher(broker, outbox, "home", receipts=receipts)
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.close(close_s)


def _events(came: list[Received]) -> list[Message]:
    """In the order in which they came, without repetitions."""
    events = [one for one in came if one.topic.rpartition("/")[2] in ("rep", "set", "session")]
    return list({one.payload: from_payload(one.topic, one.payload) for one in events}.values())


def _ids(messages: list[Message]) -> list[tuple[str, int]]:
    return [(one.id, one.revision) for one in messages]


def _receipt(messages: list[Message]) -> bytes:
    pairs = [[one.id, one.revision] for one in messages]
    return json.dumps({"schema": "hiprep/receipt/1", "store": "s", "messages": pairs}).encode()


def _status(online: object) -> dict[str, Any]:
    return {"schema": "hiprep/status/1", "service": "gateway", "online": online}


class _Store:
    """Says that it is up, and gives a receipt for all that came."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._seen = 0
        online = {"schema": "hiprep/status/1", "service": "store", "online": True}
        listener.publish("hiprep/v1/home/store/status", json.dumps(online).encode())

    def keep(self) -> list[tuple[str, int]]:
        some = self._listener.came[self._seen :]
        self._seen += len(some)
        if events := _events(some):
            self._listener.publish(RECEIPT, _receipt(events))
        return _ids(events)


def test_events_arrive_in_order_and_leave_the_outbox(server: Mosquitto, outbox: Outbox) -> None:
    posted = [message(number // 3, number % 3) for number in range(1000)]
    with (
        listening(server.broker(), *EVENTS) as page,
        _publishing(server.broker(), outbox) as publisher,
    ):
        for start in range(0, len(posted), 7):
            publisher.post(posted[start : start + 7])
        until(lambda: publisher.health()["arrived"] == len(posted), "all is out")
        assert outbox.size() == 0
        until(lambda: len(_events(page.came)) == len(posted))
        came = _events(page.came)
        assert _ids(came) == _ids(posted)
        numbers = [one.seq for one in came]
        assert numbers == sorted(set(numbers))
        assert all(not one.retained for one in page.came)
        assert publisher.health()["published"] == len(posted)


def test_what_was_posted_while_the_broker_was_away_arrives_when_it_comes(
    server: Mosquitto, outbox: Outbox
) -> None:
    server.kill()
    posted = [message(number) for number in range(3 * MOST)]
    with _publishing(server.broker(), outbox) as publisher:
        publisher.post(posted)
        until(lambda: outbox.size() == len(posted), "all is on the disk")
        until(lambda: publisher.health()["problem"], "trouble")
        assert "nothing listens at" in publisher.health()["problem"]
        server.start()
        with listening(server.broker(), *EVENTS) as page:
            until(lambda: len(_events(page.came)) == len(posted) or not outbox.size())
            until(lambda: not outbox.size())
        assert publisher.health()["problem"] is None


def test_with_receipts_nothing_leaves_before_a_store_has_it(
    server: Mosquitto, outbox: Outbox
) -> None:
    posted = [message(number) for number in range(MOST + 50)]
    with (
        listening(server.broker(), *EVENTS) as store,
        _publishing(server.broker(), outbox, receipts=True) as publisher,
    ):
        publisher.post(posted)
        until(lambda: len(_events(store.came)) == MOST, "the first of them")
        assert outbox.size() == len(posted)
        store.publish(RECEIPT, _receipt(posted[:10]))
        until(lambda: outbox.size() == len(posted) - 10)
        until(lambda: len(_events(store.came)) == MOST + 10, "as many more")
        store.publish(RECEIPT, _receipt(posted[: MOST + 10]))
        until(lambda: len(_events(store.came)) == len(posted), "the rest")
        store.publish(RECEIPT, _receipt(posted))
        until(lambda: not outbox.size())
        assert _ids(_events(store.came)) == _ids(posted)


def test_a_broker_that_loses_what_it_acknowledged_costs_nothing(
    server: Mosquitto, outbox: Outbox
) -> None:
    """mosquitto, killed, has forgotten all that it did not write yet."""
    posted = [message(number) for number in range(20)]
    with _publishing(server.broker(), outbox, receipts=True) as publisher:
        publisher.post(posted)
        until(lambda: publisher.health()["published"] == len(posted))
        server.kill()
        server.start()
        with listening(server.broker(), *EVENTS) as store:
            until(lambda: publisher.health()["published"] >= 2 * len(posted))
            _Store(store)
            until(lambda: len(_events(store.came)) == len(posted))
            assert _ids(_events(store.came)) == _ids(posted)
            store.publish(RECEIPT, _receipt(posted))
            until(lambda: not outbox.size())


def test_kills_of_the_broker_lose_nothing_and_keep_the_order(
    server: Mosquitto, outbox: Outbox
) -> None:
    posted = [message(number) for number in range(2000)]
    kept: dict[tuple[str, int], None] = {}

    def done(store: _Store, enough: int) -> bool:
        kept.update(dict.fromkeys(store.keep()))
        return len(kept) >= enough

    with _publishing(server.broker(), outbox, receipts=True) as publisher:
        for part in range(4):
            publisher.post(posted[part * 500 : part * 500 + 500])
            with listening(server.broker(), *EVENTS) as store:
                keeper = _Store(store)
                until(lambda: done(keeper, part * 500 + 200), "some more")  # noqa: B023
                server.kill()
            server.start()
        with listening(server.broker(), *EVENTS) as store:
            keeper = _Store(store)
            until(lambda: done(keeper, len(posted)) and not outbox.size(), "all of them")
        assert publisher.health()["lost"] == 0
    assert list(kept) == _ids(posted)


def test_an_outbox_left_by_a_crash_goes_out_first(server: Mosquitto, outbox: Outbox) -> None:
    old = outbox.put([message(number) for number in range(5)])
    new = [message(number) for number in range(5, 10)]
    with listening(server.broker(), *EVENTS) as page:
        with _publishing(server.broker(), outbox, close_s=20.0) as publisher:
            publisher.post(new)
        assert outbox.size() == 0
        until(lambda: len(_events(page.came)) == len(old + new))
        assert _ids(_events(page.came)) == _ids(old + new)


def test_closing_publishes_what_it_can_and_keeps_the_rest(
    server: Mosquitto, outbox: Outbox
) -> None:
    posted = [message(number) for number in range(500)]
    with _publishing(server.broker(), outbox, close_s=20.0) as publisher:
        publisher.post(posted[:300])
    assert outbox.size() == 0
    server.kill()
    with _publishing(server.broker(), outbox, close_s=0.0) as publisher:
        publisher.post(posted[300:])
        until(outbox.size)
    assert _ids(outbox.waiting(0, 1000)) == _ids(posted[300:])


def test_the_status_is_true_at_birth_and_false_at_the_end(
    server: Mosquitto, outbox: Outbox
) -> None:
    with listening(server.broker(), STATUS) as page:
        with _publishing(server.broker(), outbox):
            until(lambda: page.came)
        until(lambda: len(page.came) > 1)
        said = [json.loads(one.payload) for one in page.came]
        assert said[0] == _status(online=True)
        # Once or twice: the broker may take our leaving for a loss, and publish the will as well.
        assert said[1:] in ([_status(online=False)], [_status(online=False)] * 2)
        with listening(server.broker(), STATUS, name="later") as later:
            until(lambda: later.came)
            assert later.came[0].retained
            assert json.loads(later.came[0].payload) == _status(online=False)


def test_a_last_will_that_comes_late_does_not_stand(server: Mosquitto, outbox: Outbox) -> None:
    with listening(server.broker(), STATUS) as page, _publishing(server.broker(), outbox):
        until(lambda: page.came)
        page.publish(STATUS, json.dumps(_status(online=False)).encode(), retain=True)
        until(lambda: len(page.came) == 3)
        assert json.loads(page.came[-1].payload) == _status(online=True)


def test_retained_topics_are_said_anew_to_a_broker_that_kept_nothing(
    server: Mosquitto, outbox: Outbox
) -> None:
    topics = {f"hiprep/v1/home/belt{number}/state": {"reps": number} for number in range(3)}
    with _publishing(server.broker(), outbox) as publisher:
        until(lambda: publisher.health()["connected"])
        for topic, content in topics.items():
            publisher.retain(topic, {"reps": -1})
            publisher.retain(topic, content)
        for _ in range(2):
            server.kill()
            server.start()
            with listening(server.broker(), "hiprep/#") as page:
                wanted = {**topics, STATUS: _status(online=True)}
                until(lambda: {one.topic for one in page.came} >= wanted.keys())  # noqa: B023
                newest = {one.topic: json.loads(one.payload) for one in page.came}
                assert newest == wanted


def test_of_a_retained_topic_the_newest_content_stands_however_fast_it_changes(
    server: Mosquitto, outbox: Outbox
) -> None:
    topic = "hiprep/v1/home/belt/state"
    with (
        listening(server.broker(), topic) as page,
        _publishing(server.broker(), outbox) as publisher,
    ):
        for number in range(5000):
            publisher.retain(topic, {"number": number})
        until(lambda: page.came and json.loads(page.came[-1].payload)["number"] == 4999)
        numbers = [json.loads(one.payload)["number"] for one in page.came]
        assert numbers == sorted(numbers)


def test_live_values_are_dropped_while_there_is_no_broker(
    server: Mosquitto, outbox: Outbox
) -> None:
    topic = "hiprep/v1/home/belt/live"
    server.kill()
    with _publishing(server.broker(), outbox) as publisher:
        for number in range(10):
            publisher.send_live(topic, {"number": number})
        assert publisher.health()["live_dropped"] == 10
        server.start()
        with listening(server.broker(), topic) as page:
            until(lambda: publisher.health()["connected"])
            while not page.came:
                publisher.send_live(topic, {"number": 10})
            assert {one.payload for one in page.came} == {b'{"number":10}'}


def test_commands_come_in_and_answers_go_out(server: Mosquitto, outbox: Outbox) -> None:
    heard: list[tuple[str, bytes]] = []
    publisher = Publisher(server.broker(), outbox, "home", receipts=False)

    def obey(device: str, payload: bytes) -> None:
        heard.append((device, payload))
        if payload == b"fail":
            raise RuntimeError("a mistake of ours")
        publisher.answer(device, {"done": True})

    publisher.on_command(obey)
    with listening(server.broker(), STATUS, "hiprep/v1/home/+/answer") as page:
        publisher.start()
        until(lambda: page.payloads("/status"), "it listens")
        page.publish("hiprep/v1/elsewhere/belt/command", b"not for us")
        page.publish("hiprep/v1/home/belt/command", b"fail")
        page.publish("hiprep/v1/home/belt/command", b"\xff\x00 anything")
        until(lambda: page.payloads("/belt/answer"))
        assert heard == [("belt", b"fail"), ("belt", b"\xff\x00 anything")]
        (answer,) = page.payloads("/belt/answer")
        assert json.loads(answer) == {"done": True}
    publisher.close(0.0)


def test_a_kept_command_is_not_obeyed_when_we_connect(server: Mosquitto, outbox: Outbox) -> None:
    heard: list[bytes] = []
    with listening(server.broker()) as page:
        page.publish("hiprep/v1/home/belt/command", b"kept", retain=True)
        publisher = Publisher(server.broker(), outbox, "home", receipts=False)
        publisher.on_command(lambda _, payload: heard.append(payload))
        publisher.start()
        until(lambda: publisher.health()["foreign"] == 1)
        page.publish("hiprep/v1/home/belt/command", b"said")
        until(lambda: heard)
        assert heard == [b"said"]
        publisher.close(0.0)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"schema":"hiprep/receipt/2","messages":[]}',
        b'{"schema":"hiprep/receipt/1","messages":[["belt-s1-1"]]}',
        b'{"schema":"hiprep/receipt/1","messages":[["belt-s1-1",true]]}',
        b'{"schema":"hiprep/receipt/1","messages":[["belt-s1-1",1e300]]}',
        b'{"schema":"hiprep/receipt/1","messages":[["belt-s1-1",-1],[7,7]]}',
        b'{"schema":"hiprep/receipt/1","messages":{"belt-s1-1":0}}',
        b'{"schema":"hiprep/receipt/1","messages":[["\\ud800",0]]}',
    ],
)
def test_receipts_that_are_none_are_counted_and_confirm_nothing(
    server: Mosquitto, outbox: Outbox, rubbish: bytes
) -> None:
    with (
        listening(server.broker(), *EVENTS) as store,
        _publishing(server.broker(), outbox, receipts=True) as publisher,
    ):
        publisher.post([message(1)])
        until(lambda: store.came)
        store.publish(RECEIPT, rubbish)
        until(lambda: publisher.health()["foreign"] == 1)
        assert outbox.size() == 1
        store.publish(RECEIPT, _receipt([message(1)]))
        until(lambda: not outbox.size())


def test_a_full_disk_keeps_events_in_memory_says_so_and_loses_none(
    server: Mosquitto, outbox: Outbox
) -> None:
    (pages,) = outbox._base.execute("PRAGMA page_count").fetchone()
    outbox._base.execute(f"PRAGMA max_page_count = {pages}")
    posted = [message(number) for number in range(3000)]
    with (
        listening(server.broker(), *EVENTS) as page,
        _publishing(server.broker(), outbox) as publisher,
    ):
        publisher.post(posted)
        until(lambda: publisher.health()["disk"])
        assert "free the disk" in publisher.health()["disk"]
        until(lambda: len(_events(page.came)) < len(posted))
        assert publisher.health()["held"] > 0
        publisher._tasks.put(lambda: outbox._base.execute("PRAGMA max_page_count = 1000000"))  # type: ignore[arg-type]
        until(lambda: len(_events(page.came)) == len(posted))
        assert _ids(_events(page.came)) == _ids(posted)
        until(lambda: publisher.health()["disk"] is None)
        health = publisher.health()
        assert (health["held"], health["lost"]) == (0, 0)


def test_what_memory_cannot_hold_is_counted(server: Mosquitto, outbox: Outbox) -> None:
    outbox._base.execute("PRAGMA max_page_count = 1")
    with _publishing(server.broker(), outbox) as publisher:
        for _ in range(30):
            publisher.post([message(number) for number in range(1000)])
        until(lambda: publisher.health()["disk"])
        health = publisher.health()
        assert health["held"] + health["lost"] + health["waiting"] == 30_000
        assert health["lost"] > 0
        publisher._tasks.put(lambda: outbox._base.execute("PRAGMA max_page_count = 1000000"))  # type: ignore[arg-type]
        until(lambda: not publisher.health()["held"])


def test_an_event_that_nobody_could_read_is_left_out_and_counted(
    server: Mosquitto, outbox: Outbox
) -> None:
    with (
        listening(server.broker(), *EVENTS) as page,
        _publishing(server.broker(), outbox) as publisher,
    ):
        publisher.post([message(1), message(2, values={"rom_deg": float("inf")}), message(3)])
        until(lambda: len(page.came) == 2)
        assert _ids(_events(page.came)) == _ids([message(1), message(3)])
        assert publisher.health()["refused"] == 1


def test_only_the_right_password_publishes_and_the_health_says_what_is_wrong(
    tmp_path: Path, outbox: Outbox
) -> None:
    with mosquitto(tmp_path, users={"gateway": "s3cret"}) as server:
        with _publishing(server.broker("gateway", "wrong"), outbox) as publisher:
            publisher.post([message(1)])
            until(lambda: publisher.health()["problem"])
            assert publisher.health()["problem"].startswith("mqtt.user, mqtt.password: ")
            until(lambda: outbox.size() == 1)
        with _publishing(server.broker("gateway", "s3cret"), outbox) as publisher:
            until(lambda: not outbox.size())


def test_a_broker_that_drops_what_its_acl_bars_is_told_and_costs_nothing(
    tmp_path: Path, outbox: Outbox
) -> None:
    """mosquitto acknowledges it to a client of MQTT 3.1.1."""
    acl = "user gateway\ntopic readwrite hiprep/v1/another/#\n"
    users = {"gateway": "s3cret"}
    with (
        mosquitto(tmp_path, users=users, acl=acl) as server,
        _publishing(server.broker("gateway", "s3cret"), outbox) as publisher,
    ):
        publisher.post([message(1)])
        until(lambda: publisher.health()["problem"])
        assert "let this user write and read hiprep/v1/home/#" in publisher.health()["problem"]
        assert outbox.size() == 1
        server.kill()
        (tmp_path / "acl").write_text(acl.replace("another", "home"))
        server.start()
        until(lambda: not outbox.size())
        assert publisher.health()["problem"] is None


def test_many_threads_may_post_at_once(server: Mosquitto, outbox: Outbox) -> None:
    with (
        listening(server.broker(), *EVENTS) as page,
        _publishing(server.broker(), outbox) as publisher,
    ):

        def post(device: str) -> None:
            for number in range(200):
                publisher.post([message(number, id=f"{device}-{number}", device=device)])
                publisher.send_live(f"hiprep/v1/home/{device}/live", {"number": number})

        threads = [threading.Thread(target=post, args=(f"belt{one}",)) for one in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: len(_events(page.came)) == 1000)
        for one in range(5):
            of_one = [event for event in _events(page.came) if event.device == f"belt{one}"]
            assert [event.id for event in of_one] == [f"belt{one}-{n}" for n in range(200)]
            assert all(event_topic(event).split("/")[3] == event.device for event in of_one)
