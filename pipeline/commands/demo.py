"""``hiprep demo``: a model session, with all that is there in a real one but the radio."""

import argparse
import asyncio
import json
import os
import platform
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from pipeline.commands.run import serve
from pipeline.delivery.broker import Broker
from pipeline.delivery.commands import Choose, SetTargets, command_content
from pipeline.delivery.embedded import EmbeddedBroker
from pipeline.delivery.history import Wanted, sets
from pipeline.delivery.history_sources import BookHistory
from pipeline.delivery.messages import device_topic
from pipeline.delivery.mqtt import Client, Connection, Received
from pipeline.display import number
from pipeline.history_view import view
from pipeline.settings import (
    Athlete,
    MqttSettings,
    PageSettings,
    SensorEntry,
    Settings,
    StoreSettings,
)
from sensor.simulator import SessionSpec, SetPlan, Tempo, simulate
from sensor.simulator.radio import ModelRadio

_FAST = 8.0
_REST_S, _SET_TIMEOUT_S = 11.0, 5.0  # short, so that the demo is
_DROP_S = 1.2
_DEVICE, _ATHLETE = "belt", "sam"

_SETS = (
    SetPlan(reps=5, tempo=Tempo(eccentric_s=1.2, bottom_s=0.3, concentric_s=0.9, top_s=1.2)),
    SetPlan(
        reps=4,
        tempo=Tempo(eccentric_s=1.2, bottom_s=2.4, concentric_s=0.9, top_s=1.4),
        faults=("", "", "over_arch", ""),
    ),
    SetPlan(
        reps=5,
        tempo=Tempo(eccentric_s=1.0, bottom_s=0.3, concentric_s=0.9, top_s=0.8),
        fatigue=0.4,
        faults=("", "", "", "short_lockout", ""),
    ),
)


def run(args: argparse.Namespace) -> int:
    """Three short sets, with faults and a sensor that drops out; then what they were."""
    spec = SessionSpec(sets=_SETS, around=False, rest_s=_REST_S, seed=args.seed)
    speed = _FAST if args.fast else 1.0
    with _place() as folder:
        settings = _settings(folder)
        radio = ModelRadio([spec], drop_s=_drop_s(spec, fast=args.fast), speed=speed)

        async def until() -> None:
            await radio.over.wait()
            await asyncio.sleep((_SET_TIMEOUT_S + 1.0) / speed + 1.0)
            _summary(settings)
            if sys.stdout.isatty() and not args.fast:
                print("The page stays open; ^C ends.")
                await asyncio.sleep(inf)

        def opened(url: str) -> None:
            print(f"The live page: {url}", flush=True)
            if not args.no_browser and _has_browser():
                webbrowser.open(url)

        broker = EmbeddedBroker()
        page = PageSettings(lan=args.lan)
        settings = replace(settings, mqtt=MqttSettings(broker.url), page=page)
        told = _Told(broker.url, settings.site)
        try:
            broker.start()
            told.start()
            return serve(radio, settings, speed=speed, until=until, opened=opened)
        finally:
            told.close()
            broker.close()
            broker.forget()


class _Told:
    """Asks for load and targets, as a page would, and says each rep in the terminal."""

    def __init__(self, url: str, site: str) -> None:
        self._site = site
        self._asked = False
        self._client = Client(
            Broker(url), "hiprep-demo", on_connect=self._connected, on_message=self._came
        )
        self._connection: Connection | None = None

    def start(self) -> None:
        self._client.start()

    def close(self) -> None:
        self._client.close(1.0)

    def _connected(self, connection: Connection) -> None:
        self._connection = connection
        connection.subscribe([device_topic(self._site, _DEVICE, "state")])
        connection.subscribe([device_topic(self._site, _DEVICE, "+/rep")])

    def _came(self, received: Received) -> None:
        content = json.loads(received.payload)
        if received.topic.endswith("/state"):
            self._ask()
        elif content["valid"] and content["revision"] == 0:
            print(_line(content["values"]), flush=True)

    def _ask(self) -> None:
        """Once there is somebody who answers."""
        if self._asked or not self._connection:
            return
        self._asked = True
        topic = device_topic(self._site, _DEVICE, "command")
        for command in (
            Choose("demo-1", load_kg=60.0),
            SetTargets("demo-2", reps=5, tempo="1-0-1-1", velocity_loss_pct=20.0),
        ):
            self._connection.publish(topic, json.dumps(command_content(command)).encode())


def _line(values: dict[str, Any]) -> str:
    speed = number(values["mean_velocity_mps"], 2, " m/s")
    up = number(values["concentric_s"], 1, " s")
    return f"set {values['set']}, rep {values['rep']}: up in {up}, {speed}"


def _settings(folder: Path) -> Settings:
    return Settings(
        recordings=folder / "recordings",
        set_timeout_s=_SET_TIMEOUT_S,
        athletes={_ATHLETE: Athlete("Sam")},
        sensors={_DEVICE: SensorEntry(name="Movella DOT", athlete=_ATHLETE)},
        store=StoreSettings(folder / "store.db"),
    )


def _drop_s(spec: SessionSpec, *, fast: bool) -> tuple[float, float]:
    """At the bottom after the second rep of the second set: no rep is lost, and the set goes on.

    fast: in the rest before it, since to come back takes eight times as long then.
    """
    first, second, _ = simulate(spec).truth["sets"]
    before = first["reps"][-1] if fast else second["reps"][1]
    return float(before["end_s"]) + (10.0 if fast else 0.3), _DROP_S


def _summary(settings: Settings) -> None:
    assert settings.store
    rows = sets(BookHistory(settings.store.file), Wanted())
    Console(highlight=False, markup=False, emoji=False).print(view(rows))


def _has_browser() -> bool:
    if platform.system() == "Linux":
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


@contextmanager
def _place() -> Iterator[Path]:
    """A folder for all that a demo writes, which goes with it; no settings are read."""
    names = ("XDG_DATA_HOME", "HIPREP_SETTINGS")
    before = {name: os.environ.get(name) for name in names}
    with TemporaryDirectory(prefix="hiprep-demo-") as scratch:
        os.environ["XDG_DATA_HOME"] = scratch
        os.environ["HIPREP_SETTINGS"] = str(Path(scratch) / "settings.toml")
        try:
            yield Path(scratch)
        finally:
            for name, text in before.items():
                os.environ.pop(name) if text is None else os.environ.update({name: text})
