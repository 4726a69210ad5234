"""A live session with all that belongs to it, corrected over MQTT while it runs, and replayed."""

import asyncio
import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.delivery.messages import Message, from_payload
from pipeline.settings import Athlete, SensorEntry
from sensor.simulator import SessionSpec, SetPlan, Tempo, simulate
from sensor.simulator.packets import notifications
from sensor.simulator.peripherals import make
from tests.integration.bluez import Bluez
from tests.integration.bus import private_bus
from tests.integration.device import Device
from tests.integration.mosquitto import Listener, listening
from tests.integration.stack import Child, Stack, stack, store_is_there
from tests.sensor.supervision import until

ADDRESS, DEVICE = "C0:FF:EE:00:AB:01", "belt-7"
USERS = {name: f"{name}-s3cret" for name in ("gateway", "store", "page", "guest")}
# The least rights, as docs/mqtt.md has them; a guest may look on.
ACL = f"""
user gateway
topic readwrite hiprep/v1/home/#
user store
topic read hiprep/v1/+/+/+/rep
topic read hiprep/v1/+/+/+/set
topic read hiprep/v1/+/+/+/session
topic read hiprep/v1/+/+/+/advice
topic read hiprep/v1/+/+/state
topic read hiprep/v1/+/+/live
topic read hiprep/v1/+/+/sensor
topic read hiprep/v1/+/+/status
topic write hiprep/v1/+/+/receipt
topic write hiprep/v1/home/store/status
user page
topic read hiprep/v1/home/#
topic write hiprep/v1/home/{DEVICE}/command
user guest
topic read hiprep/v1/home/#
"""
QUICK = Tempo(eccentric_s=0.8, bottom_s=0.3, concentric_s=0.8, top_s=0.4)
REPS = 8
PATIENCE_S = 120.0

Json = dict[str, Any]


class Page:
    """Somebody who looks on, and asks for things."""

    def __init__(self, name: str, listener: Listener) -> None:
        self._name = name
        self._listener = listener
        self._numbers = itertools.count(1)

    def asks(self, command: str, **values: Any) -> str:
        """Ask, and do not wait -> the id of the command."""
        command_id = f"{self._name}-{next(self._numbers)}"
        content = {"schema": "hiprep/command/1", "command": command, "id": command_id, **values}
        self._listener.publish(f"hiprep/v1/home/{DEVICE}/command", json.dumps(content).encode())
        return command_id

    async def does(self, command: str, **values: Any) -> None:
        """Ask for what is done then."""
        command_id = self.asks(command, **values)
        await until(lambda: command_id in self.answers())
        assert self.answers()[command_id]["ok"], self.answers()[command_id]

    def answers(self) -> dict[str, Json]:
        answers = [json.loads(payload) for payload in self._listener.payloads("/answer")]
        return {one["id"]: one for one in answers}

    def events(self, kind: str) -> list[Message]:
        came = [one for one in self._listener.came if one.topic.endswith(f"/{kind}")]
        return [from_payload(one.topic, one.payload) for one in came]

    def over(self) -> list[str]:
        """The ids of the reps that are over."""
        return [one.id for one in self.events("rep") if one.values["end_s"] is not None]


async def lift(bluez: Bluez, device: Device) -> None:
    """One set, from when the sensor streams."""
    model = device.peripheral
    await until(lambda: device.connected and model.streaming and any(device.listeners.values()))
    spec = SessionSpec(sets=(SetPlan(reps=REPS, tempo=QUICK),), around=False, loss_pct=0.0)
    made = simulate(replace(spec, rate_hz=model.rate_hz, gyro=model.gyro))
    await bluez.play(device.address, list(notifications(model, made, np.random.default_rng(0))))


async def corrected(page: Page, guest: Page) -> None:
    """What is asked while the lifter lifts: two sets come of one."""
    await until(lambda: len(page.over()) >= 2)
    first, second = page.over()[:2]
    guest.asks("delete_rep", rep=first)
    guest.asks("end_set")
    await page.does("delete_rep", rep=second)
    await page.does("undo")
    await page.does("delete_rep", rep=second)
    await until(lambda: len(page.over()) >= 4)
    assert not page.events("set")
    await page.does("choose", athlete="ben", exercise="glute_bridge", load_kg=60)
    await page.does("end_set")
    await until(lambda: page.events("set"))


async def lived(one: Stack, tracker: Child, bus_address: str) -> None:
    """A live session, from the first rep to its end; what is asked of it is checked."""
    broker = one.broker
    async with (
        asyncio.timeout(PATIENCE_S),
        Bluez(bus_address, make("movesense", address=ADDRESS)) as bluez,
    ):
        with (
            listening(
                broker.broker("page", USERS["page"]), "hiprep/v1/home/#", name="page"
            ) as seen,
            listening(broker.broker("guest", USERS["guest"]), name="guest") as unseen,
        ):
            page, guest = Page("page", seen), Page("guest", unseen)
            tracker.start("live", "--json")
            lifting = asyncio.create_task(lift(bluez, bluez.devices[ADDRESS]))
            await corrected(page, guest)
            await lifting
            await page.does("add_rep")
            assert await asyncio.to_thread(tracker.stop) == 0, tracker.said()
            assert not [answer for answer in page.answers() if answer.startswith("guest")]


def apart_from_when_it_was_told(rows: dict[str, Message]) -> dict[str, Message]:
    return {id_: replace(row, known_us=0, at_s=0.0) for id_, row in rows.items()}


def test_a_live_session_and_its_replay_end_with_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: Json = {
        "recordings": tmp_path / "recordings",
        "athletes": {"anna": Athlete("Anna"), "ben": Athlete("Ben")},
        "sensors": {DEVICE: SensorEntry(address=ADDRESS, athlete="anna")},
    }
    with private_bus() as bus, stack(tmp_path, users=USERS, acl=ACL) as one:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        store_is_there(one)
        tracker = one.tracker(**settings)
        asyncio.run(lived(one, tracker, bus.address))
        assert tracker.waiting() == 0
        live, points = one.kept(), one.points()
        sets = [row for row in live.values() if row.kind == "set"]
        assert [(row.athlete, row.exercise) for row in sets] == [
            ("anna", "hip_thrust"),
            ("ben", "glute_bridge"),
        ]
        (deleted,) = [row for row in live.values() if row.kind == "rep" and not row.valid]
        assert deleted.athlete == "anna"
        assert any(row.values.get("added") for row in live.values() if row.athlete == "ben")

        one.start_anew()
        assert one.kept() == {}
        (recording,) = (tmp_path / "recordings").iterdir()
        tracker.start("replay", str(recording), "--publish")
        assert tracker.ended() == 0, tracker.said()
        assert apart_from_when_it_was_told(one.kept()) == apart_from_when_it_was_told(live)
        assert one.points() == points
