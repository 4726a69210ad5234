"""The whole stack in bad weather: what was lifted is there once, as it was lifted."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from pipeline.delivery.messages import (
    EVENT_KINDS,
    ROOT,
    Message,
    from_payload,
    to_payload,
)
from pipeline.delivery.outbox import Outbox
from pipeline.delivery.publisher import Publisher
from tests.integration.chaos import chaos
from tests.integration.mosquitto import listening, until
from tests.integration.stack import (
    ATHLETE,
    DEVICE,
    Stack,
    newest,
    plain,
    points_of,
    recording,
    stack,
    store_is_there,
    told,
)
from tests.needs import needed

KILLS, SEED = 12, 1  # python -m tests.benchmarks.chaos has more of them
SMALL_BYTES = 60_000  # less than a session takes in an outbox


def publish(path: Path, speed: str = "max") -> tuple[str, ...]:
    return ("replay", str(path), "--publish", "--speed", speed)


def assert_all_there(one: Stack, *said: list[Message]) -> None:
    """Each event once, in the book and in the database, as it was said last."""
    expected = newest(message for messages in said for message in messages)
    assert one.kept() == expected
    assert one.points() == points_of(expected.values())


@contextmanager
def consumer(one: Stack) -> Iterator[list[tuple[str, bytes]]]:
    """A program that is none of ours and speaks MQTT 3.1.1 only: (topic, payload) as they come."""
    program = needed("sudo apt-get install mosquitto-clients", "mosquitto_sub")
    where = ("-h", "127.0.0.1", "-p", str(one.broker.port))
    what = ("-q", "1", "-t", f"{ROOT}/#", "-F", "%t %p")
    command = [program, "-V", "mqttv311", *where, *what]
    came: list[tuple[str, bytes]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout
        reading = threading.Thread(target=_read, args=(running.stdout, came))
        reading.start()
        try:
            # What is retained comes first: then it listens.
            until(lambda: any(topic.endswith("store/status") for topic, _ in came), "it listens")
            yield came
        finally:
            running.terminate()
            reading.join()


def _read(lines: IO[bytes], came: list[tuple[str, bytes]]) -> None:
    for line in lines:
        topic, _, payload = line.rstrip(b"\n").partition(b" ")
        came.append((topic.decode(), payload))


def test_the_session_of_these_tests_has_reps_that_are_taken_back(tmp_path: Path) -> None:
    expected = newest(told(recording(tmp_path, "s")))
    counts = {kind: sum(one.kind == kind for one in expected.values()) for kind in EVENT_KINDS}
    assert counts["set"] == 3
    assert any(not one.valid for one in expected.values())
    assert any(one.revision > 1 for one in expected.values())


def test_whatever_is_killed_each_event_arrives_once_with_its_newest_revision(
    tmp_path: Path,
) -> None:
    outcome = chaos(tmp_path, KILLS, SEED)
    assert sum(outcome.kills.values()) == KILLS
    assert outcome.in_sets > 0
    assert outcome.clean, str(outcome)


def test_a_session_without_a_broker_goes_out_with_the_next(tmp_path: Path) -> None:
    first, second = recording(tmp_path, "first"), recording(tmp_path, "second", hour=19)
    with stack(tmp_path) as one:
        one.store.kill()
        one.broker.kill()
        tracker = one.tracker()
        tracker.start(*publish(first))
        assert tracker.ended() == 1
        assert f"{len(told(first))} events wait in the outbox" in tracker.said()
        assert tracker.waiting() == len(told(first))
        one.broker.start()
        one.start_store()
        store_is_there(one)
        tracker.start(*publish(second))
        assert tracker.ended() == 0, tracker.said()
        assert tracker.waiting() == 0
        assert_all_there(one, told(first), told(second))


def test_nothing_leaves_the_outbox_before_the_database_has_it(tmp_path: Path) -> None:
    path = recording(tmp_path, "s")
    said = told(path)
    with stack(tmp_path) as one:
        store_is_there(one)
        one.influx.kill()
        tracker = one.tracker()
        with listening(one.broker.broker(), f"{ROOT}/+/+/+/+") as page:
            tracker.start(*publish(path))
            until(lambda: "does not answer" in one.store.said(), "the store misses the database")
            until(lambda: len(page.came) >= len(said), "all is sent")
        for part in (one.store, one.broker, tracker):
            part.kill()
        assert tracker.waiting() == len(said)
        one.influx.start()
        one.broker.start()
        one.start_store()
        store_is_there(one)
        tracker.start(*publish(recording(tmp_path, "next", hour=19)))
        assert tracker.ended() == 0, tracker.said()
        assert_all_there(one, said, told(tmp_path / "next.csv"))


def test_a_full_disk_of_the_outbox_costs_nothing_if_it_is_freed(tmp_path: Path) -> None:
    path = recording(tmp_path, "s")
    with stack(tmp_path) as one:
        store_is_there(one)
        one.broker.kill()
        tracker = one.tracker(file_bytes=SMALL_BYTES)
        tracker.start(*publish(path))
        until(lambda: "free the disk" in tracker.said(), "the tracker says it")
        one.broker.start()
        assert tracker.runs
        assert tracker.outbox.stat().st_size <= SMALL_BYTES
        tracker.free_the_disk()
        assert tracker.ended() == 0, tracker.said()
        assert tracker.waiting() == 0
        assert_all_there(one, told(path))


def test_nothing_depends_on_a_clock_that_steps_back(tmp_path: Path) -> None:
    """known_us falls from message to message, by an hour each; the sessions are in wrong order."""
    late, early = recording(tmp_path, "late", hour=19), recording(tmp_path, "early", hour=1)
    said = [*told(late), *told(early)]
    step_us = 3_600_000_000
    stepping = [
        replace(one, known_us=one.known_us - number * step_us) for number, one in enumerate(said)
    ]
    with stack(tmp_path) as one, Outbox(tmp_path / "outbox.db") as outbox:
        store_is_there(one)
        publisher = Publisher(one.broker.broker(), outbox, "home", receipts=True)
        publisher.start()
        for message in stepping:
            publisher.post([message])
        until(lambda: publisher.health()["published"] >= len(stepping), "all of it is sent")
        until(lambda: not outbox.size(), "all of it arrives")
        publisher.close(0.0)
        assert_all_there(one, stepping)


def test_a_consumer_of_mqtt_3_1_1_sees_every_event_in_order(tmp_path: Path) -> None:
    path = recording(tmp_path, "s")
    said = told(path)
    with stack(tmp_path) as one:
        store_is_there(one)
        with consumer(one) as came:
            tracker = one.tracker()
            tracker.start(*publish(path))
            assert tracker.ended() == 0, tracker.said()
            until(lambda: len(_heard(came)) >= len(said), "every event")
        assert _heard(came) == said


def test_foreign_and_malformed_payloads_on_our_topics_change_nothing(tmp_path: Path) -> None:
    path = recording(tmp_path, "s")
    rubbish = _rubbish(path)
    shouts = [(topic, payload) for topic in _TOPICS for payload in rubbish]
    with stack(tmp_path) as one:
        store_is_there(one)
        with listening(one.broker.broker()) as stranger:
            tracker = one.tracker()
            tracker.start(*publish(path, "60"))
            for topic, payload in shouts:
                stranger.publish(topic, payload, retain=topic.endswith(("/state", "/command")))
            assert tracker.runs
            for topic, payload in shouts:
                stranger.publish(topic, payload)
            assert tracker.ended() == 0, tracker.said()
        assert one.store.stop() == 0
        assert "malformed 0," not in one.store.said()
        assert "Traceback" not in one.store.said() + tracker.said()
        assert_all_there(one, told(path))


_TOPICS = [
    *(f"{ROOT}/home/{DEVICE}/{ATHLETE}/{kind}" for kind in EVENT_KINDS),
    *(f"{ROOT}/home/{DEVICE}/{name}" for name in ("receipt", "command", "answer", "state")),
    *(f"{ROOT}/home/{DEVICE}/{name}" for name in ("live", "sensor", "status")),
    f"{ROOT}/home/gateway/status",
    f"{ROOT}/another/{DEVICE}/{ATHLETE}/rep",
    f"{ROOT}/home/{DEVICE}",
    f"hiprep/v2/home/{DEVICE}/{ATHLETE}/rep",
    "hiprep/v2/home/store/status",
]


def _rubbish(path: Path) -> list[bytes]:
    """Nothing that any of these topics may carry, also where it looks like one of ours."""
    one = told(path)[0]
    true = json.loads(to_payload(one))
    return [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe\x00",
        b"[" * 50_000,
        b'{"schema":"hiprep/rep/2"}',
        *(
            json.dumps(true | change).encode()
            for change in (
                {"revision": -1},
                {"revision": 1e999},
                {"revision": 2**70},
                {"athlete": "somebody else"},
                {"athlete": "eve", "revision": 99},
                {"valid": "false", "revision": 99},
                {"values": [], "revision": 99},
                {"values": {"rom_deg": "x" * 100_000}, "revision": 99},
                {"time_us": 2**61, "revision": 99},
            )
        ),
    ]


def _heard(came: list[tuple[str, bytes]]) -> list[Message]:
    """Each event as it came first."""
    kinds = tuple(f"/{kind}" for kind in EVENT_KINDS)
    found: dict[tuple[str, int], Message] = {}
    for event in (from_payload(*one) for one in came if one[0].endswith(kinds)):
        found.setdefault((event.id, event.revision), plain(event))
    return list(found.values())
