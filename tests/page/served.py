"""The page alone, at a real broker: what it shows is published by the test itself."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.delivery.book import Book
from pipeline.delivery.broker import Broker
from pipeline.delivery.history_sources import BookHistory
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import Message, device_topic, event_topic, to_payload
from pipeline.events import Event
from pipeline.page.contents import history_rows
from pipeline.page.pairing import Pairing
from pipeline.page.server import Coaching, Page, PageServer, Rows
from tests.dashboards.lifted import weeks
from tests.integration.mosquitto import PATIENCE_S, Listener, listening, mosquitto
from tests.pipeline.made import rep, summary

Json = dict[str, Any]

SITE, DEVICE, ATHLETE, SESSION = "home", "belt", "anna", "s"
STARTED_US = 1_800_000_000_000_000
CODE = "123456"
COMMANDS = f"hiprep/v1/{SITE}/+/command"
CONFIG: Json = {
    "schema": "hiprep/page/1",
    "version": "0",
    "site": SITE,
    "mqtt": {"path": "/mqtt"},
    "athletes": [{"key": ATHLETE, "name": "Anna"}, {"key": "ben", "name": "Ben"}],
    "exercises": [{"key": "hip_thrust", "name": "hip thrust"}],
    "devices": [{"key": DEVICE, "athlete": ATHLETE}],
    "history": True,
}


@contextmanager
def served(
    broker_url: str,
    *,
    config: Mapping[str, Any] = CONFIG,
    pairing: Pairing | None = None,
    history: Rows | None = None,
    coaching: Coaching | None = None,
) -> Iterator[str]:
    """The real page on loopback -> its address. history: rows by what is asked for."""
    content = {**config, "coaching": coaching is not None} if config else config
    broker, rows = Broker(broker_url), history or no_rows
    page = Page(content, broker, frozenset(), pairing, rows, coaching=coaching)
    server = PageServer(page, "127.0.0.1", 0)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(PATIENCE_S)
        yield f"http://127.0.0.1:{server.port}/"
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(PATIENCE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def past(path: Path) -> Rows:
    """History of the last weeks, of anna and ben."""
    now_us = time.time_ns() // 1000
    messages = [one for one in weeks(now_us).messages if one.athlete in (ATHLETE, "ben")]
    with Book(path) as book:
        book.keep(book.plan(messages))
    return history_rows(lambda: nullcontext(BookHistory(path)))


def no_rows(_what: str, _query: Mapping[str, str]) -> tuple[str, str]:
    return "application/json", '{"rows": []}'


class Teller:
    """Says over MQTT what a gateway would say, of one sensor or of several."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def events(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._listener.publish(event_topic(message), to_payload(message))

    def state(self, ledger: Ledger, device: str = DEVICE, advice: Sequence[Json] = ()) -> None:
        """advice: payloads of `advice`; the newest of each that stands is told."""
        names = ("id", "revision", "athlete", "values")
        newest = {one["id"]: one for one in advice}.values()
        known = [{name: one[name] for name in names} for one in newest if one["valid"]]
        self.say("state", {**ledger.state(), "advice": known}, device)

    def advise(self, *advice: Json) -> None:
        """What a coach says."""
        for one in advice:
            self.say(f"{one['athlete']}/advice", one, one["device"], retain=False)

    def streams(self, device: str = DEVICE, **changes: object) -> None:
        """The sensor does."""
        sensor = {
            "schema": "hiprep/sensor/1",
            "available": True,
            "phase": "streaming",
            "text": "streaming",
            "time_us": STARTED_US,
            "name": "Movella DOT",
            "model": "Movella DOT",
            "battery_pct": 83.0,
            "rssi_dbm": -61,
            "rate_hz": 60.0,
            "lost": 0,
            "loss_pct": 0.0,
            **changes,
        }
        self.say("sensor", sensor, device)

    def live(self, at_s: float, device: str = DEVICE, **changes: object) -> None:
        live = {
            "schema": "hiprep/live/1",
            "session": SESSION,
            "at_s": at_s,
            "phase": "idle",
            "phase_s": 1.0,
            "hold_s": None,
            "pitch_deg": 5.0,
            "set": None,
            "reps": 0,
            **changes,
        }
        self.say("live", live, device, retain=False)

    def commands(self) -> list[Json]:
        """What the page has asked for."""
        return [json.loads(payload) for payload in self._listener.payloads("/command")]

    def answer(self, command: Json) -> None:
        """It was obeyed."""
        said = {"id": command["id"], "ok": True, "text": "done"}
        self.say("answer", {"schema": "hiprep/answer/1", **said}, retain=False)

    def say(
        self, name: str, content: Mapping[str, Any], device: str = DEVICE, *, retain: bool = True
    ) -> None:
        topic = device_topic(SITE, device, name)
        self._listener.publish(topic, json.dumps(content).encode(), retain=retain)


@contextmanager
def told(folder: Path, **more: Any) -> Iterator[tuple[Teller, str]]:
    """Broker, page and teller -> the last of them, and the address of the page. more: as above."""
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(folder))
        listener = stack.enter_context(listening(broker.broker(), COMMANDS, name="teller"))
        yield Teller(listener), stack.enter_context(served(broker.url, **more))


def ledger(device: str = DEVICE, athlete: str = ATHLETE, load_kg: float | None = 60.0) -> Ledger:
    return Ledger(SITE, device, athlete, SESSION, "hip_thrust", STARTED_US, load_kg=load_kg)


def advice(
    text: str,
    *,
    at_s: float,
    when: str = "set",
    rule: str = "consistency",
    level: str = "info",
    set_number: int | None = 1,
    rep: int | None = None,
    load_kg: float | None = None,
    target_reps: int | None = None,
    revision: int = 0,
    valid: bool = True,
    device: str = DEVICE,
    athlete: str = ATHLETE,
) -> Json:
    """The payload of one advice; its id is made of what it is about."""
    time_us = STARTED_US + round(at_s * 1_000_000)
    about = {"set": set_number, "rep": rep, "when": when, "rule": rule, "level": level}
    proposed = {"load_kg": load_kg, "target_reps": target_reps}
    return {
        "schema": "hiprep/advice/1",
        "id": f"{device}-{SESSION}-advice-{athlete}-{when}-{set_number}-{rep}-{rule}",
        "revision": revision,
        "valid": valid,
        "site": SITE,
        "device": device,
        "athlete": athlete,
        "session": SESSION,
        "exercise": "hip_thrust",
        "variant": "",
        "time_us": time_us,
        "known_us": time_us,
        "at_s": at_s,
        "values": {**about, "text": text, **proposed},
        "seq": 0,
    }


def lifted(reps: int, to: Ledger, *, over: bool = True, set_number: int = 1) -> list[Message]:
    """A set goes into a ledger, every third rep over-arched -> all messages of it."""
    events: list[tuple[float, Event]] = []
    for number in range(1, reps + 1):
        faults = ("over_arch",) if number % 3 == 0 else ()
        one = rep(number, revision=0, in_set=set_number, faults=faults)
        events.append((one.concentric_end_s, replace(one, end_s=None)))
        events.append((one.start_s + 3.0, replace(one, revision=1)))
    if over:
        at_s = events[-1][0] + 15.0
        for number in range(1, reps + 1):
            faults = ("over_arch",) if number % 3 == 0 else ()
            events.append((at_s, rep(number, in_set=set_number, faults=faults)))
        events.append((at_s, summary(reps, in_set=set_number)))
    return [message for at_s, event in events for message in to.take(at_s, event)]
