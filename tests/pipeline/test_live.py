"""Live sensors: tracked and recorded, to an end in order."""

import argparse
import asyncio
import json
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.commands import CommandError
from pipeline.commands.live import live
from pipeline.events import Event
from pipeline.lifters import found_one
from pipeline.live import Lifter, LiveSession, Watched
from pipeline.report import Settings as SetSettings
from pipeline.session import Session
from pipeline.settings import Athlete, SensorEntry, Settings
from sensor.checks import RecordingError
from sensor.link import Advertisement, Radio, SensorError
from sensor.raw import open_raw
from sensor.records import End, Packet, Record, Tick
from sensor.scan import Scan
from sensor.simulator import SessionSpec, SetPlan
from sensor.simulator.peripherals import Peripheral, make
from tests.pipeline.fake_radio import FakeRadio, lying_still
from tests.pipeline.played import Clock, PlayedRadio
from tests.pipeline.test_session import made

DOT, WIT = "C0:FF:EE:00:AB:01", "C0:FF:EE:00:CD:02"
HIP = SessionSpec(sets=(SetPlan(reps=3),), around=False, seed=3)
BRIDGE = SessionSpec(sets=(SetPlan(reps=2),), exercise="glute_bridge", around=False, seed=4)

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
Json = dict[str, Any]


def asked(*sensors: str, **options: object) -> argparse.Namespace:
    defaults = {
        "sensor": list(sensors), "exercise": None, "athlete": None, "seconds": None,
        "json": False, "record": True, "track": True, "publish": True,
    }  # fmt: skip
    return argparse.Namespace(**(defaults | options))


def settings(folder: Path) -> Settings:
    return Settings(
        recordings=folder / "new" / "recordings",
        athletes={"anna": Athlete("Anna Åberg")},
        sensors={
            "belt-7": SensorEntry(address=DOT, athlete="anna"),
            "belt-8": SensorEntry(name="WT901BLE8", exercise="glute_bridge"),
        },
    )


def interrupt(number: int = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


def two_lifters(clock: Clock, over: Callable[[], None] = interrupt) -> PlayedRadio:
    sensors: list[Peripheral] = [
        make("dot", address=DOT),
        make("witmotion", address=WIT, serial="8"),
    ]
    return PlayedRadio(clock, [*zip(sensors, (HIP, BRIDGE), strict=True)], over)


def recordings(folder: Path) -> list[Path]:
    return sorted((folder / "new" / "recordings").iterdir(), key=lambda path: path.name[17:])


def events(text: str) -> list[Json]:
    return [json.loads(line) for line in text.splitlines()]


def of_sensor(told: list[Json], sensor: str) -> list[Json]:
    found = [one for one in told if one["sensor"] == sensor]
    return [{key: value for key, value in one.items() if key != "sensor"} for one in found]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_two_lifters_are_tracked_and_a_replay_says_the_same(
    number: int, tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    clock = Clock()
    clock.install(monkeypatch)
    radio = two_lifters(clock, partial(interrupt, number))
    assert live(radio, settings(tmp_path), asked(json=True)) == 0
    captured = capsys.readouterr()
    told = events(captured.out)
    for path, sensor, exercise, reps in zip(
        recordings(tmp_path),
        ("belt-7", "belt-8"),
        ("hip_thrust", "glute_bridge"),
        (3, 2),
        strict=True,
    ):
        said = of_sensor(told, sensor)
        assert {one["exercise"] for one in said if one["type"] in ("rep", "set")} == {exercise}
        # The set is open when the session is ended.
        assert (said[-1]["type"], said[-1]["reps"]) == ("set", reps)
        assert said[0]["id"].startswith(f"{sensor}-")
        with open_raw(path) as recording:
            assert recording.meta["exercise"] == exercise
            assert recording.meta.get("athlete") == {"belt-7": "anna"}.get(sensor)
            assert isinstance([*recording.records()][-1], End)
        assert main(["replay", str(path), "--json", "--live"]) == 0
        assert events(capsys.readouterr().out) == said
    dot = next(link for link in radio.links if link.peripheral.advertisement.address == DOT)
    assert not dot.peripheral.streaming
    assert all(link.closed for link in radio.links)
    assert "Anna Åberg" in captured.err
    assert "belt-7_anna.hiprec.gz" in captured.err


def test_people_get_a_line_a_rep_and_the_sets_at_the_end(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    clock = Clock()
    clock.install(monkeypatch)
    assert live(two_lifters(clock), settings(tmp_path), asked("belt-7", "wt901ble8")) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    lines = captured.out.splitlines()
    assert sum(line.startswith("Anna Åberg: set 1 rep ") for line in lines) == 3
    assert sum(line.startswith("belt-8: set 1 rep ") for line in lines) == 2
    counts = [line.split()[1] for line in lines if line.split()[:1] == ["1"]]
    assert counts == ["3", "2"]
    assert "samples, recorded in" in lines[-1]


def test_what_is_asked_for_comes_before_the_settings(tmp_path: Path, monkeypatch: Patch) -> None:
    clock = Clock()
    clock.install(monkeypatch)
    radio = PlayedRadio(clock, [(make("dot", address=DOT), BRIDGE)], interrupt)
    wanted = asked(DOT.lower(), athlete="berta", exercise="glute_bridge")
    assert live(radio, settings(tmp_path), wanted) == 0
    (path,) = recordings(tmp_path)
    assert path.name.endswith("_belt-7_berta.hiprec.gz")
    with open_raw(path) as recording:
        assert recording.meta["athlete"] == "berta"
        assert recording.meta["exercise"] == "glute_bridge"


def test_nothing_is_kept_if_nothing_is_to_be(tmp_path: Path, monkeypatch: Patch) -> None:
    clock = Clock()
    clock.install(monkeypatch)
    assert live(two_lifters(clock), settings(tmp_path), asked(record=False)) == 0
    assert not (tmp_path / "new").exists()


def test_a_sensor_that_never_came_leaves_no_recording(tmp_path: Path, capsys: Capture) -> None:
    assert live(FakeRadio(), settings(tmp_path), asked("belt-7", seconds=0.05)) == 0
    assert recordings(tmp_path) == []
    assert f"no samples (searching for {DOT})" in capsys.readouterr().out


def test_recording_needs_no_tracker(tmp_path: Path, capsys: Capture) -> None:
    radio = FakeRadio([make("dot", address=DOT)], samples=lying_still(2.0))
    assert live(radio, settings(tmp_path), asked("belt-7", seconds=0.3, track=False)) == 0
    (path,) = recordings(tmp_path)
    assert f"120 samples, recorded in {path}" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("a file")
    with pytest.raises(CommandError, match="choose another folder") as caught:
        live(FakeRadio(), settings(tmp_path), asked(seconds=0.05))
    assert "\n" not in str(caught.value)


def test_no_sensor_is_started_if_one_recording_cannot_begin(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    long_name = "x" * 300
    lifters = [Lifter("belt-7", DOT), Lifter(long_name, "y")]
    with pytest.raises(RecordingError, match="choose another"):
        LiveSession(lifters, SetSettings(), folder, lambda *_: None)
    assert [*folder.iterdir()] == []


# Which sensor


def test_the_only_sensor_in_reach_is_taken(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    monkeypatch.setattr("pipeline.commands.live._LOOK_S", 0.05)
    radio = FakeRadio([make("dot", address=DOT)], samples=lying_still(2.0))
    assert (
        live(radio, Settings(recordings=tmp_path / "new" / "recordings"), asked(seconds=0.3)) == 0
    )
    (path,) = recordings(tmp_path)
    assert path.name.endswith("_Movella-DOT.hiprec.gz")
    assert "looking for a sensor" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("radio", "text"),
    [
        (FakeRadio(), "hiprep scan"),
        (FakeRadio(others=[Advertisement(DOT, "Headphones")]), "hiprep scan"),
        (
            FakeRadio([make("dot", address=DOT), make("dot", address=WIT)]),
            f"{DOT} \\(Movella DOT\\), {WIT} \\(Movella DOT\\)",
        ),
        (FakeRadio(fault=SensorError("Bluetooth is off: switch it on")), "switch it on"),
    ],
)
def test_where_it_is_not_clear_which_sensor_one_line_says_what_to_do(
    radio: Radio, text: str, monkeypatch: Patch
) -> None:
    monkeypatch.setattr("pipeline.commands.live._LOOK_S", 0.05)
    with pytest.raises(CommandError, match=text):
        live(radio, Settings(), asked())


def test_a_name_on_the_air_cannot_write_to_the_terminal(monkeypatch: Patch) -> None:
    monkeypatch.setattr("pipeline.commands.live._LOOK_S", 0.05)
    radio = FakeRadio([make("witmotion", address=WIT, serial="\x1b[2J"), make("dot", address=DOT)])
    with pytest.raises(CommandError) as caught:
        live(radio, Settings(), asked())
    assert "WT901BLE?[2J" in str(caught.value)


def test_what_looks_like_markup_or_an_emoji_is_said_as_it_is(capsys: Capture) -> None:
    wanted = ("[/b]\x1b[2J", DOT)
    assert live(FakeRadio(), Settings(), asked(*wanted, record=False, seconds=0.05)) == 0
    text = capsys.readouterr().out
    assert "searching for [/b]?[2J" in text
    assert f"searching for {DOT}" in text


def test_the_name_of_a_sensor_becomes_the_letters_of_an_id() -> None:
    seen = Scan()
    seen.take(Advertisement(WIT, "WT901 ä/8"))
    (lifter,) = found_one(seen.found(), None, None)
    assert (lifter.sensor, lifter.wanted) == ("WT901-8", WIT)


def test_a_signal_while_looking_around_ends_it(capsys: Capture) -> None:
    class Interrupted(FakeRadio):
        async def seen(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            interrupt()
            await asyncio.Event().wait()
            yield

    assert live(Interrupted(), Settings(), asked()) == 0
    assert "ending" in capsys.readouterr().out


# What goes wrong meanwhile


def test_a_tracker_that_fails_is_told_and_the_recording_goes_on(tmp_path: Path) -> None:
    class Broken(Session):
        def take(self, record: Record) -> list[tuple[float, Event]]:
            raise ZeroDivisionError(f"at {record.at_us}")

    told: list[Event] = []
    session = LiveSession(
        [Lifter("belt-7", DOT)], SetSettings(), tmp_path, lambda _, __, event: told.append(event)
    )
    (one,) = session.watched
    one.session = Broken(None)
    records = made("dot")[1]
    for record in records:
        one.take(record)
    session.close()
    assert one.fault is not None
    assert "ZeroDivisionError('at 0')" in one.fault
    assert "replay the recording" in one.fault
    assert one.file is not None
    with open_raw(one.file) as recording:
        assert [*recording.records()] == [*records]


def test_without_a_recording_a_failed_tracker_does_not_promise_one() -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    one = Watched(Lifter("belt-7", DOT), Session(None), None, broken)
    one.session.take = broken  # type: ignore[assignment]
    one.take(Tick(0))
    assert one.fault is not None
    assert "recording" not in one.fault


def test_what_comes_after_the_end_is_passed_over(tmp_path: Path) -> None:
    session = LiveSession([Lifter("belt-7", DOT)], SetSettings(), tmp_path, lambda *_: None)
    (one,) = session.watched
    records = made("dot")[1]
    for record in (*records, Packet(10**9, 0, b"late")):
        one.take(record)
    session.close()
    assert one.file is not None
    with open_raw(one.file) as recording:
        assert [*recording.records()] == [*records]


def test_one_sensor_that_fails_as_nobody_thought_of_leaves_the_others(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    class Odd(PlayedRadio):
        async def find(self, wanted: str) -> Advertisement:
            if wanted == "odd":
                raise ZeroDivisionError
            return await super().find(wanted)

    clock = Clock()
    clock.install(monkeypatch)
    radio = Odd(clock, [(make("dot", address=DOT), HIP)], interrupt)
    assert live(radio, settings(tmp_path), asked("odd", "belt-7")) == 0
    text = capsys.readouterr().out
    assert "odd: given up" in text
    assert "Anna Åberg: set 1 over · 3 reps" in text


def test_a_recording_that_fails_is_told_and_the_session_goes_on(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    monkeypatch.setattr("pipeline.commands.live._CHECK_S", 0.01)
    clock = Clock()
    clock.install(monkeypatch)
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The system refuses to let any file grow beyond that, as a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        assert live(two_lifters(clock), settings(tmp_path), asked()) == 0
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    *told, first, second = capsys.readouterr().out.splitlines()
    for line in (first, second):
        assert "recording stopped, what came before is kept" in line
    assert any("recording stopped" in line for line in told), "it is said when it happens"
    assert any("set 1 over · 3 reps" in line for line in told)


def test_a_reader_that_goes_away_ends_no_session(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    clock = Clock()
    clock.install(monkeypatch)

    def refuse(*_: object, **__: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("builtins.print", refuse)
    assert live(two_lifters(clock), settings(tmp_path), asked(json=True)) == 0
    text = capsys.readouterr().err
    assert text.count("standard output is not read any more: Broken pipe") == 1
    assert len(recordings(tmp_path)) == 2
    assert "not tracked" not in text
