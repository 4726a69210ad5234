"""`hiprep run` as people run it: model sensors on the air, a real broker, parts that fail."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.delivery.book import Book
from pipeline.delivery.messages import event_topic, to_payload
from pipeline.delivery.outbox import Outbox
from pipeline.settings import (
    Athlete,
    HealthSettings,
    MqttSettings,
    SensorEntry,
    Settings,
    StoreSettings,
    dumps,
)
from sensor.simulator.peripherals import make
from tests.integration.bluez import Bluez
from tests.integration.bus import private_bus
from tests.integration.mosquitto import Listener, free_ports, listening, mosquitto
from tests.integration.mosquitto import until as wait
from tests.integration.test_live_command import COMMAND, FIRST, PATIENCE_S, ROOT, lift
from tests.pipeline.delivery.made import message
from tests.pipeline.test_run import read

# The threads of publisher and store die of the first event that they meet; pauses stay short.
_BROKEN = """
import sys
from pipeline.cli import main
from pipeline.delivery import parts
from pipeline.delivery.keeper import Keeper
from pipeline.delivery.window import Window
def break_once(kind, name):
    whole = getattr(kind, name)
    def broken(*_):
        setattr(kind, name, whole)
        raise ZeroDivisionError
    setattr(kind, name, broken)
parts.LONGEST_PAUSE_S = 1.0
break_once(Keeper, "keep")
break_once(Window, "sent")
sys.exit(main(sys.argv[1:]))
"""
BREAKING = [sys.executable, "-c", _BROKEN]

CHOOSE = {"schema": "hiprep/command/1", "id": "c-1", "command": "choose", "load_kg": 60}

Json = dict[str, Any]


class Place:
    """A folder with settings, and with all that comes of them."""

    def __init__(self, folder: Path, mqtt_url: str, *, sensors: bool) -> None:
        self.settings, self.store = folder / "here.toml", folder / "keep" / "store.db"
        self.outbox = folder / "data" / "hiprep" / "outbox-here.db"
        self.recordings = folder / "recordings"
        (self.port,) = free_ports(1)
        belt = SensorEntry(address=FIRST, athlete="anna")
        wanted = Settings(
            recordings=self.recordings,
            athletes={"anna": Athlete("Anna")},
            sensors={"belt-7": belt} if sensors else {},
            mqtt=MqttSettings(mqtt_url),
            store=StoreSettings(self.store),
            health=HealthSettings(self.port),
        )
        self.settings.write_text(dumps(wanted))
        self.environment = {**os.environ, "XDG_DATA_HOME": str(folder / "data")}

    def healthz(self) -> tuple[int, Json]:
        status, text = read(self.port, "/healthz")
        return status, json.loads(text)

    def says(self, what: Callable[[int, Json], object]) -> Callable[[], object]:
        """Whether it answers at all, and so."""

        def holds() -> object:
            try:
                return what(*self.healthz())
            except OSError:
                return False

        return holds

    def metrics(self) -> list[str]:
        return read(self.port, "/metrics")[1].splitlines()


def healths(listener: Listener) -> list[Json]:
    return [json.loads(payload) for payload in listener.payloads("/health")]


async def lived(bus_address: str, place: Place, page: Listener) -> str:
    """One set while neither outbox nor store can be used; then both can -> what it said."""
    place.store.parent.mkdir()
    place.store.write_text("no database" * 1000)
    outbox = Outbox(place.outbox)
    environment = {**place.environment, "DBUS_SYSTEM_BUS_ADDRESS": bus_address}
    belt = make("movesense", address=FIRST)
    async with asyncio.timeout(PATIENCE_S), Bluez(bus_address, belt) as bluez:
        child = await asyncio.create_subprocess_exec(
            *BREAKING,
            *("run", "--config", str(place.settings)),
            stderr=subprocess.PIPE,
            env=environment,
            cwd=ROOT,
        )

        async def asked(what: Callable[[int, Json], object]) -> None:
            await asyncio.to_thread(wait, place.says(what))

        await lift(bluez, bluez.devices[FIRST], "hip_thrust")
        await asked(
            lambda status, health: (
                status == 503
                and health["sensors"][0]["samples"] > 100
                and not any(part["working"] for part in health["parts"][1:])
            )
        )
        health = (await asyncio.to_thread(place.healthz))[1]
        samples = health["sensors"][0]["samples"]
        assert [part["name"] for part in health["parts"]] == ["sensors", "publisher", "store"]
        assert health["parts"][0]["working"]
        assert str(place.outbox) in health["parts"][1]["problem"]
        assert str(place.store) in health["parts"][2]["problem"]
        outbox.close()
        place.store.unlink()
        await asked(lambda status, health: status == 200 and health["store"]["kept"] > 0)
        lines = await asyncio.to_thread(place.metrics)
        counted = [line for line in lines if line.startswith("hiprep_sensor_samples_total{")]
        assert [float(line.split()[-1]) >= samples for line in counted] == [True]
        assert 'hiprep_part_working{part="store"} 1.0' in lines
        assert 'hiprep_part_restarts_total{part="sensors"} 0.0' in lines
        page.publish("hiprep/v1/home/belt-7/command", json.dumps(CHOOSE).encode())
        await asyncio.to_thread(wait, lambda: page.payloads("belt-7/answer"), "the answer")
        child.terminate()
        _, error = await child.communicate()
        assert not bluez.devices[FIRST].connected
    assert child.returncode == 0, error.decode()
    return error.decode()


def test_a_set_arrives_whatever_happens_to_publisher_and_store(tmp_path: Path) -> None:
    with private_bus() as bus, mosquitto(tmp_path / "mosquitto") as broker:
        place = Place(tmp_path, broker.url, sensors=True)
        with listening(broker.broker(), "hiprep/#") as page:
            said = asyncio.run(lived(bus.address, place, page))
            wait(lambda: healths(page) and not healths(page)[-1]["online"], "its last word")
        (answer,) = map(json.loads, page.payloads("belt-7/answer"))
        assert (answer["id"], answer["ok"]) == ("c-1", True)
        told = healths(page)
        assert any(one["ok"] for one in told)
        assert any("store: " in text for one in told for text in one["problems"])
    (recording,) = place.recordings.iterdir()
    assert f"belt-7: recorded in {recording}" in said
    for part in ("publisher", "store"):
        assert f"{part}: has failed" in said, "its thread has died"
        assert f"{part}: works again" in said
    with Book(place.store) as book:
        reps = [one for one in book.messages("rep") if one.valid]
        (over,) = book.messages("set")
        (session,) = book.messages("session")
    assert [one.values["rep"] for one in reps] == [1, 2]
    assert all(one.values["final"] for one in reps)
    assert (over.values["reps"], over.athlete) == (2, "anna")
    assert session.values["ended"]
    with Outbox(place.outbox) as outbox:
        assert outbox.size() == 0


def test_a_store_that_fails_is_made_anew_and_keeps_what_it_had_not_kept(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "mosquitto") as broker:
        place = Place(tmp_path, broker.url, sensors=False)
        running = subprocess.Popen(
            [*BREAKING, "run", "--config", str(place.settings)],
            cwd=ROOT,
            env=place.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        with listening(broker.broker(), "hiprep/#") as gateway:
            wait(place.says(lambda status, _: status == 200), "it is well")
            gateway.publish(event_topic(message()), to_payload(message()))
            wait(lambda: gateway.payloads("/receipt"), "the receipt of the store made anew")
            wait(place.says(lambda status, _: status == 200), "it is well again")
            assert 'hiprep_part_restarts_total{part="store"} 1.0' in place.metrics()
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=30)[1]
    assert running.returncode == 0
    assert "ZeroDivisionError" in said
    assert "store: has failed" in said
    with Book(place.store) as book:
        assert list(book.messages("rep")) == [message()]


def test_one_that_is_killed_has_a_will(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "mosquitto") as broker:
        place = Place(tmp_path, broker.url, sensors=False)
        running = subprocess.Popen(
            [*COMMAND, "run", "--config", str(place.settings)],
            cwd=ROOT,
            env=place.environment,
            stderr=subprocess.DEVNULL,
        )
        with listening(broker.broker(), "hiprep/v1/home/+/health") as page:
            wait(lambda: any(one["ok"] for one in healths(page)), "it is well")
            running.kill()
            running.wait()
            wait(lambda: not healths(page)[-1]["online"], "its will")
        with listening(broker.broker(), "hiprep/v1/home/+/health", name="later") as later:
            wait(lambda: later.came)
            assert later.came[0].retained
            assert healths(later)[0]["ok"] is False


def test_a_broker_that_is_away_is_said(tmp_path: Path) -> None:
    place = Place(tmp_path, f"mqtt://127.0.0.1:{free_ports(1)[0]}", sensors=False)
    running = subprocess.Popen(
        [*COMMAND, "run", "--config", str(place.settings)],
        cwd=ROOT,
        env=place.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    told = place.says(
        lambda status, health: (
            status == 503 and any("nothing listens" in text for text in health["problems"])
        )
    )
    wait(told, "the problem")
    running.terminate()
    said = running.communicate(timeout=30)[1]
    assert running.returncode == 0
    assert "store: mqtt.url: nothing listens" in said
