"""`hiprep run`: parts that fail are begun anew, sessions follow each other, and health is told."""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.commands import CommandError, run_sensors
from pipeline.commands.run import run, serve
from pipeline.commands.run_sensors import Sensors
from pipeline.delivery import metrics, parts
from pipeline.delivery.health import sensor_problems
from pipeline.delivery.intake import HELD
from pipeline.delivery.messages import Message
from pipeline.delivery.metrics import Endpoint, EndpointError
from pipeline.delivery.outlet import Outlet
from pipeline.delivery.parts import Part, PartError, pause_s
from pipeline.delivery.payloads import (
    Health,
    PartHealth,
    PublisherHealth,
    SensorBrief,
    StoreHealth,
    content,
)
from pipeline.delivery.publisher import Publisher
from pipeline.live import Lifter, LiveSession
from pipeline.report import Settings as SetSettings
from pipeline.settings import HealthSettings, SensorEntry, Settings
from sensor.link import Advertisement, SensorError
from sensor.raw import open_raw
from sensor.simulator.peripherals import make
from tests.pipeline.delivery.made import message
from tests.pipeline.fake_radio import FakeRadio, _Link, lying_still
from tests.pipeline.played import Clock
from tests.pipeline.test_live import DOT, interrupt, recordings, settings, two_lifters
from tests.sensor.supervision import until

Patch = pytest.MonkeyPatch
PATIENCE_S = 10.0
HEALTH = Health(
    service="run-here",
    online=True,
    ok=True,
    problems=(),
    time_us=1,
    session="s",
    parts=(PartHealth("sensors", working=True, problem=None, restarts=0),
           PartHealth("store", working=True, problem=None, restarts=2)),
    publisher=PublisherHealth(
        connected=True, waiting=5, held=0, under_way=3, aside=0, lag_s=0.25, published=9,
        arrived=4, lost=0, refused=0, foreign=1, live=70, live_dropped=2,
    ),
    store=StoreHealth(
        connected=True, waiting=0, lag_s=None, kept=7, known=1, malformed=0, refused=6,
        live_dropped=0,
    ),
    sensors=(SensorBrief("belt-7", "streaming", 1000, 12, 83.0, 59.9),
             SensorBrief("belt-8", "lost", 0, 0, None, None)),
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: Patch) -> None:
    """Outbox and store are in no home of anybody's."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


# Parts


def kept(*bodies: Callable[[Part], Awaitable[None]]) -> list[Part]:
    """Parts with these bodies, run until each has returned."""

    async def main() -> list[Part]:
        made = [Part(f"part-{number}", body) for number, body in enumerate(bodies)]
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(part.run() for part in made))
        return made

    return asyncio.run(main())


def failing(times: int, error: Exception, seen: list[tuple[bool, str | None]]) -> Any:
    """A body that is ready, fails so many times, and then ends. seen: how its part was then."""

    async def body(part: Part) -> None:
        seen.append((part.working, part.problem))
        part.ready()
        seen.append((part.working, part.problem))
        if part.restarts < times:
            raise error
        part.stop.set()

    return body


def test_a_part_that_fails_is_begun_anew_and_says_why(
    monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(parts, "FIRST_PAUSE_S", 0.01)
    seen: list[tuple[bool, str | None]] = []
    (part,) = kept(failing(2, PartError("no room: make some"), seen))
    said = (False, "no room: make some")
    assert seen == [(False, None), (True, None), said, (True, None), said, (True, None)]
    assert part.restarts == 2
    assert not part.working
    assert [one.message for one in caplog.records if one.levelno == logging.ERROR] == [
        "part-0: no room: make some (again in 0 s)"
    ] * 2


def test_the_others_go_on(monkeypatch: Patch) -> None:
    monkeypatch.setattr(parts, "FIRST_PAUSE_S", 0.01)
    begun = 0

    async def steady(part: Part) -> None:
        nonlocal begun
        begun += 1
        await other_over.wait()
        part.stop.set()

    async def broken(part: Part) -> None:
        if part.restarts < 3:
            raise ZeroDivisionError
        other_over.set()
        part.stop.set()

    other_over = asyncio.Event()
    kept(steady, broken)
    assert begun == 1


def test_a_fault_that_nobody_thought_of_is_shown_with_its_trace(
    monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(parts, "FIRST_PAUSE_S", 0.01)
    kept(failing(1, ZeroDivisionError("odd"), []))
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert "ZeroDivisionError('odd')" in record.message
    assert record.exc_info


def test_the_end_cuts_a_pause_short() -> None:
    async def body(part: Part) -> None:
        asyncio.get_running_loop().call_soon(part.stop.set)
        raise PartError("no room: make some")

    (part,) = kept(body)
    assert part.restarts == 0


def test_pauses_grow_up_to_a_limit() -> None:
    pauses = [pause_s(failures) for failures in range(1000)]
    assert pauses[:3] == [1.0, 2.0, 4.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == parts.LONGEST_PAUSE_S


# Between sessions and publishers


class Said:
    """A publisher that remembers what it was given."""

    def __init__(self) -> None:
        self.events: list[Message] = []
        self.retained: list[str] = []
        self.answers: list[tuple[str, Any]] = []
        self.live = 0

    def answer(self, device: str, content: Mapping[str, Any]) -> None:
        self.answers.append((device, content))

    def post(self, messages: Sequence[Message]) -> None:
        self.events += messages

    def retain(self, topic: str, content: Mapping[str, Any]) -> None:
        self.retained.append(f"{topic} {content['n']}")

    def send_live(self, *_: object) -> None:
        self.live += 1


def test_events_wait_for_a_publisher_and_the_next_one_hears_what_is_retained() -> None:
    outlet, first, second = Outlet(), Said(), Said()
    outlet.post([message(1)])
    outlet.retain("a", {"n": 1})
    outlet.retain("b", {"n": 1})
    outlet.retain("a", {"n": 2})
    outlet.send_live("live", {})
    assert (outlet.held, outlet.live_dropped) == (1, 1)
    outlet.attach(cast(Publisher, first))
    outlet.post([message(2)])
    outlet.send_live("live", {})
    assert first.events == [message(1), message(2)]
    assert (first.retained, first.live, outlet.held) == (["a 2", "b 1"], 1, 0)
    outlet.detach()
    outlet.post([message(3)])
    outlet.attach(cast(Publisher, second))
    assert second.events == [message(3)]
    assert second.retained == ["a 2", "b 1"]


def test_events_beyond_the_room_for_them_are_counted() -> None:
    outlet, publisher = Outlet(), Said()
    for number in range(HELD // 100 + 2):
        outlet.post([message(number * 100 + k) for k in range(100)])
    assert (outlet.held, outlet.lost) == (HELD, 200)
    outlet.attach(cast(Publisher, publisher))
    assert publisher.events == [message(number) for number in range(HELD)]


# Sessions


def test_a_session_is_tracked_recorded_and_ended_in_order(
    tmp_path: Path, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    clock.install(monkeypatch)
    radio = two_lifters(clock, lambda: interrupt(signal.SIGTERM))
    assert serve(radio, settings(tmp_path)) == 0
    said = [one.getMessage() for one in caplog.records]
    assert any(line.startswith("belt-7: set 1 over · 3 reps") for line in said)
    assert any(line.startswith("belt-8: set 1 over · 2 reps") for line in said)
    first, second = recordings(tmp_path)
    assert f"belt-7: recorded in {first}" in said
    assert f"belt-8: recorded in {second}" in said
    assert all(link.closed for link in radio.links)


class Gym(FakeRadio):
    """A sensor that comes and goes as `play` says. fault: what looking for it raises now."""

    def __init__(self, play: Callable[["Gym"], Awaitable[None]]) -> None:
        super().__init__([make("dot", address=DOT)])
        self.here = asyncio.Event()
        self.sought = 0
        self.fault: type[Exception] | None = None
        self.lost: Callable[[], None] = lambda: None
        self._play = play
        self._playing: asyncio.Task[None] | None = None

    async def find(self, wanted: str) -> Advertisement:
        self._playing = self._playing or asyncio.create_task(self._do())
        self.sought += 1
        if self.fault:
            raise self.fault("odd")
        await self.here.wait()
        return await super().find(wanted)

    async def connect(
        self, seen: Advertisement, packet: Callable[[int, bytes], None], lost: Callable[[], None]
    ) -> _Link:
        self.lost = lost
        self._samples = lying_still(2.0)
        return await super().connect(seen, packet, lost)

    def leave(self) -> None:
        self.here.clear()
        self.lost()

    async def _do(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._play(self)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)


def one_sensor(folder: Path) -> Settings:
    return Settings(
        recordings=folder / "new" / "recordings", sensors={"belt-7": SensorEntry(address=DOT)}
    )


def test_a_session_ends_when_nobody_is_there_and_the_next_begins_when_somebody_is(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(run_sensors, "AWAY_S", 0.3)
    folder = tmp_path / "new" / "recordings"
    ended: list[int] = []

    async def play(gym: Gym) -> None:
        gym.here.set()
        await until(lambda: gym.links and gym.links[0].peripheral.streaming)
        second = datetime.now(UTC).second
        await asyncio.sleep(0.5)  # longer than AWAY_S: it streams, so the session goes on
        assert len([*folder.iterdir()]) == 1
        gym.leave()
        await until(lambda: [path.suffix for path in folder.iterdir()] == [".gz"])
        await until(lambda: datetime.now(UTC).second != second)  # a session is named by it
        ended.append(len([*folder.iterdir()]))
        gym.here.set()
        await until(lambda: len(gym.links) > 1 and gym.links[-1].peripheral.streaming)
        await asyncio.sleep(0.1)

    assert serve(Gym(play), one_sensor(tmp_path)) == 0
    assert ended == [1], "while nobody is there, nothing is recorded"
    paths = sorted(folder.iterdir())
    assert len(paths) == 2
    sessions = set()
    for path in paths:
        with open_raw(path) as recording:
            sessions.add(recording.meta["session"])
    assert len(sessions) == 2


def test_between_sessions_a_command_is_answered_and_not_done(tmp_path: Path) -> None:
    outlet, publisher = Outlet(), Said()
    outlet.attach(cast(Publisher, publisher))
    sensors = Sensors(FakeRadio(), one_sensor(tmp_path), [Lifter("belt-7", DOT)], outlet)
    undo = {"schema": "hiprep/command/1", "id": "c-1", "command": "undo"}
    sensors.command("belt-7", json.dumps(undo).encode())
    sensors.command("belt-7", b"no command")
    sensors.command("of another gateway", json.dumps(undo).encode())
    said = [(device, answer["id"], answer["ok"]) for device, answer in publisher.answers]
    assert said == [("belt-7", "c-1", False), ("belt-7", None, False)]
    assert "switch the sensor on" in publisher.answers[0][1]["text"]
    assert [one.phase for one in sensors.briefs()] == ["searching"]


def test_bluetooth_that_is_off_between_sessions_is_said_once_and_tried_again(
    tmp_path: Path, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(run_sensors, "AWAY_S", 0.05)
    monkeypatch.setattr(run_sensors, "_HOPELESS_WAIT_S", 0.01)
    caplog.set_level(logging.INFO)

    class Off(Gym):
        async def find(self, wanted: str) -> Advertisement:
            if "the next session begins" not in caplog.text:
                return await super().find(wanted)
            self.sought += 1
            if self.sought > 5:
                os.kill(os.getpid(), signal.SIGTERM)
                await asyncio.Event().wait()
            raise SensorError("Bluetooth is off: switch it on")

    async def nothing(_: Gym) -> None:
        await asyncio.Event().wait()

    assert serve(Off(nothing), one_sensor(tmp_path)) == 0
    said = [one.getMessage() for one in caplog.records]
    assert said.count("belt-7: Bluetooth is off: switch it on") == 1


def test_a_sensor_whose_supervision_fails_is_supervised_anew(
    tmp_path: Path, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(parts, "FIRST_PAUSE_S", 0.01)

    async def play(gym: Gym) -> None:
        await until(lambda: gym.sought > 2)
        gym.fault = None
        gym.here.set()
        await until(lambda: gym.links and gym.links[0].peripheral.streaming)
        await asyncio.sleep(0.1)

    gym = Gym(play)
    gym.fault = ZeroDivisionError
    assert serve(gym, one_sensor(tmp_path)) == 0
    assert len(recordings(tmp_path)) == 1
    assert "ZeroDivisionError('odd')" in caplog.text


def test_where_no_recording_can_begin_it_is_said_and_tried_again(
    tmp_path: Path, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(parts, "FIRST_PAUSE_S", 0.01)
    in_the_way = tmp_path / "new"
    in_the_way.write_text("a file")

    async def play(gym: Gym) -> None:
        gym.here.set()
        await until(lambda: gym.links and gym.links[0].peripheral.streaming)
        await asyncio.sleep(0.1)

    class Cured(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "choose another folder" in record.getMessage():
                in_the_way.unlink(missing_ok=True)

    handler = Cured()
    logging.getLogger("pipeline").addHandler(handler)
    try:
        assert serve(Gym(play), one_sensor(tmp_path)) == 0
    finally:
        logging.getLogger("pipeline").removeHandler(handler)
    assert "sensors: works again" in caplog.text
    assert len(recordings(tmp_path)) == 1


def test_no_problem_that_is_told_to_others_names_a_file(tmp_path: Path) -> None:
    session = LiveSession(
        [Lifter("belt-7", DOT, athlete="anna")], SetSettings(), tmp_path, lambda *_: None
    )
    (one,) = session.watched
    assert sensor_problems(session.watched) == []
    one.note(replace(one.state, phase="failed", text="Bluetooth is off: switch it on"))
    assert one.recorder
    one.recorder._writer.failure = f"{one.recorder.path}: recording stopped"
    one.fault = "not tracked any more"
    found = sensor_problems(session.watched)
    session.close()
    assert len(found) == 3
    assert all(text.startswith("belt-7: ") and "anna" not in text for text in found)


# Settings


def asked(config: Path) -> argparse.Namespace:
    return argparse.Namespace(config=config, broker="auto", lan=False, model=False)


def test_a_settings_file_that_was_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such file"):
        run(asked(tmp_path / "absent.toml"))


def test_settings_that_are_wrong_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[health]\nport = 0\n")
    with pytest.raises(CommandError, match=r"health\.port: 0 is not a whole number") as caught:
        run(asked(path))
    assert "\n" not in str(caught.value)


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        wanted = replace(one_sensor(tmp_path), health=HealthSettings(port))
        with pytest.raises(CommandError, match=rf"^health\.port: {port} .*choose") as caught:
            serve(FakeRadio(), wanted)
    assert "\n" not in str(caught.value)


# Health over HTTP


def read(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def endpoint() -> Any:
    with closing(Endpoint(0, replace(HEALTH, ok=False))) as one:
        one.start()
        yield one


def test_healthz_is_the_health_and_its_status_says_whether_all_is_well(endpoint: Endpoint) -> None:
    assert read(endpoint.port, "/healthz")[0] == 503
    endpoint.show(HEALTH)
    status, text = read(endpoint.port, "/healthz")
    assert (status, json.loads(text)) == (200, content(HEALTH))
    endpoint.show(replace(HEALTH, ok=False, problems=("store: the disk is full: make room",)))
    status, text = read(endpoint.port, "/healthz")
    assert status == 503
    assert json.loads(text)["problems"] == ["store: the disk is full: make room"]


def test_health_that_nobody_tells_any_more_is_none(endpoint: Endpoint, monkeypatch: Patch) -> None:
    endpoint.show(HEALTH)
    monkeypatch.setattr(metrics, "_STALE_S", -1.0)
    status, text = read(endpoint.port, "/healthz")
    assert status == 503
    assert "standing still" in json.loads(text)["problems"][0]
    assert "hiprep_ok 0.0" in read(endpoint.port, "/metrics")[1].splitlines()


def test_metrics_have_every_number_of_the_health(endpoint: Endpoint) -> None:
    assert "hiprep_ok 0.0" in read(endpoint.port, "/metrics")[1].splitlines()
    endpoint.show(HEALTH)
    status, text = read(endpoint.port, "/metrics")
    lines = text.splitlines()
    assert status == 200
    for line in (
        "hiprep_ok 1.0",
        'hiprep_part_working{part="sensors"} 1.0',
        'hiprep_part_restarts_total{part="store"} 2.0',
        'hiprep_sensor_streaming{device="belt-7"} 1.0',
        'hiprep_sensor_streaming{device="belt-8"} 0.0',
        'hiprep_sensor_samples_total{device="belt-7"} 1000.0',
        'hiprep_sensor_samples_lost_total{device="belt-7"} 12.0',
        'hiprep_sensor_battery_percent{device="belt-7"} 83.0',
        'hiprep_sensor_rate_hertz{device="belt-7"} 59.9',
        "hiprep_publisher_waiting 5.0",
        "hiprep_publisher_lag_seconds 0.25",
        "hiprep_publisher_live_dropped_total 2.0",
        "hiprep_store_kept_total 7.0",
        "hiprep_store_refused_total 6.0",
    ):
        assert line in lines
    assert not [line for line in lines if line.startswith("hiprep_store_lag_seconds ")]
    assert 'hiprep_sensor_battery_percent{device="belt-8"}' not in text


def test_elsewhere_there_is_nothing(endpoint: Endpoint) -> None:
    assert read(endpoint.port, "/")[0] == 404


def test_a_port_that_cannot_be_had_names_the_setting(endpoint: Endpoint) -> None:
    with pytest.raises(EndpointError, match=r"^health\.port: "):
        Endpoint(endpoint.port, HEALTH)
