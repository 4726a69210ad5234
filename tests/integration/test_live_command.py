"""The whole of it: model sensors on the air, `hiprep live`, and its recordings replayed."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sensor.simulator import SessionSpec, SetPlan, Tempo, simulate
from sensor.simulator.packets import notifications
from sensor.simulator.peripherals import make
from tests.integration.bluez import Bluez
from tests.integration.bus import private_bus
from tests.integration.device import Device
from tests.sensor.supervision import until

ROOT = Path(__file__).parents[2]
COMMAND = [
    sys.executable, "-c", "import sys; from pipeline.cli import main; sys.exit(main(sys.argv[1:]))"
]  # fmt: skip
FIRST, SECOND = "C0:FF:EE:00:AB:01", "C0:FF:EE:00:CD:02"
SETTINGS = f"""\
recordings = "FOLDER"
[athletes.anna]
[sensors.belt-7]
address = "{FIRST}"
athlete = "anna"
[sensors.belt-8]
name = "WT901BLE8"
exercise = "glute_bridge"
"""
QUICK = Tempo(eccentric_s=0.8, bottom_s=0.2, concentric_s=0.8, top_s=0.4)
PATIENCE_S = 90.0

Json = dict[str, Any]


async def lift(bluez: Bluez, device: Device, exercise: str) -> None:
    """Two reps, from when the sensor streams."""
    model = device.peripheral
    await until(lambda: device.connected and model.streaming and any(device.listeners.values()))
    spec = SessionSpec(sets=(SetPlan(reps=2, tempo=QUICK),), exercise=exercise, around=False)
    made = simulate(replace(spec, rate_hz=model.rate_hz, gyro=model.gyro, loss_pct=0.0))
    sent = list(notifications(model, made, np.random.default_rng(0)))
    await bluez.play(device.address, sent)


async def lived(bus_address: str, settings: Path) -> tuple[int, str, str]:
    """What becomes of `hiprep live` while two people lift: exit code, output, what it says."""
    sensors = (make("movesense", address=FIRST), make("witmotion", address=SECOND, serial="8"))
    environment = {
        **os.environ,
        "DBUS_SYSTEM_BUS_ADDRESS": bus_address,
        "HIPREP_SETTINGS": str(settings),
    }
    async with asyncio.timeout(PATIENCE_S), Bluez(bus_address, *sensors) as bluez:
        child = await asyncio.create_subprocess_exec(
            *COMMAND,
            *("live", "--json", "--seconds", str(PATIENCE_S)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=ROOT,
        )
        lifting = [
            asyncio.create_task(lift(bluez, bluez.devices[FIRST], "hip_thrust")),
            asyncio.create_task(lift(bluez, bluez.devices[SECOND], "glute_bridge")),
        ]
        await asyncio.gather(*lifting)
        child.terminate()
        out, error = await child.communicate()
        assert not any(device.connected for device in bluez.devices.values())
    assert child.returncode is not None
    return child.returncode, out.decode(), error.decode()


def replayed(path: Path) -> list[Json]:
    done = subprocess.run(
        [*COMMAND, "replay", str(path), "--json", "--live"],
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_is_said_live_is_what_the_recordings_say(tmp_path: Path) -> None:
    folder, settings = tmp_path / "new" / "recordings", tmp_path / "settings.toml"
    settings.write_text(SETTINGS.replace("FOLDER", str(folder)))
    with private_bus() as bus:
        code, out, error = asyncio.run(lived(bus.address, settings))
    assert code == 0, error
    told = [json.loads(line) for line in out.splitlines()]
    paths = sorted(folder.iterdir(), key=lambda path: "belt-8" in path.name)
    assert [path.name[17:] for path in paths] == ["_belt-7_anna.hiprec.gz", "_belt-8.hiprec.gz"]
    for path, sensor, exercise in zip(
        paths, ("belt-7", "belt-8"), ("hip_thrust", "glute_bridge"), strict=True
    ):
        said = [one for one in told if one["sensor"] == sensor]
        assert replayed(path) == [
            {key: value for key, value in one.items() if key != "sensor"} for one in said
        ]
        assert {one["exercise"] for one in said if one["type"] == "rep"} == {exercise}
        assert said[0]["id"].startswith(f"{sensor}-")
        assert (said[-1]["type"], said[-1]["reps"]) == ("set", 2)
        assert f"recorded in {path}" in error
