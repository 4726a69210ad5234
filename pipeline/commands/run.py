"""``hiprep run``: all that the settings say, in one process, until it is told to end."""

import argparse
import asyncio
import logging
import os
import platform
import signal
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.commands.common import radio_of
from pipeline.commands.logged import logged
from pipeline.commands.run_parts import Publishing, Storing
from pipeline.commands.run_sensors import Sensors
from pipeline.commands.store import broker_of
from pipeline.delivery.broker import MqttError
from pipeline.delivery.health import (
    HealthTeller,
    part_health,
    part_problems,
    publisher_health,
    store_health,
)
from pipeline.delivery.metrics import ADDRESS, Endpoint, EndpointError
from pipeline.delivery.outlet import Outlet
from pipeline.delivery.parts import Part
from pipeline.delivery.payloads import Health
from pipeline.lifters import asked_for
from pipeline.settings import Settings, SettingsError, default_path, gateway_name, load
from sensor.link import Radio

_HEALTH_S = 1.0

log = logging.getLogger(__name__)


def run(args: argparse.Namespace) -> int:
    """Do it until ^C or SIGTERM."""
    if args.config:
        # From here on it is the settings file, for all that goes by its name.
        os.environ["HIPREP_SETTINGS"] = str(args.config)
    path = default_path()
    settings = _settings(path, must_exist=args.config is not None)
    if not (settings.sensors or _stores(settings)):
        raise CommandError(
            f"{path}: there is nothing to run: add sensors, or a broker with a store or a database"
        )
    return serve(radio_of(settings) if settings.sensors else None, settings)


def serve(radio: Radio | None, settings: Settings) -> int:
    """The same with any radio; none is needed where there are no sensors."""
    if settings.mqtt and _stores(settings):
        # Here is a store that confirms what it has.
        settings = replace(settings, mqtt=replace(settings.mqtt, receipts=True))
    try:
        with logged():
            asyncio.run(_serve(radio, settings))
    except (EndpointError, MqttError, SettingsError) as error:
        raise CommandError(str(error)) from error
    return 0


async def _serve(radio: Radio | None, settings: Settings) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    service = _Service(radio, settings)
    if settings.store and not settings.mqtt:
        log.warning("store: nothing comes to it without a broker: add [mqtt] to the settings")
    async with AsyncExitStack() as stack:
        if settings.health:
            endpoint = Endpoint(settings.health.port, service.health())
            stack.callback(endpoint.close)
            endpoint.start()
            service.endpoint = endpoint
            log.info("health is at http://%s:%d/healthz and /metrics", ADDRESS, endpoint.port)
        if settings.mqtt:
            service.teller = HealthTeller(broker_of(settings.mqtt), settings.site, service.name)
            service.teller.start()
        telling = asyncio.create_task(service.tell())
        running = [asyncio.create_task(part.run()) for part in service.parts]
        await stop.wait()
        log.info("ending; this may take some seconds")
        # In order: what sensors still say goes out, and what goes out is still kept.
        for part, task in zip(service.parts, running, strict=True):
            part.stop.set()
            await task
        telling.cancel()
        await asyncio.wait([telling])
        if service.teller:
            await asyncio.to_thread(service.teller.close, service.health())


class _Service:
    """The parts that the settings ask for, in the order in which they end."""

    def __init__(self, radio: Radio | None, settings: Settings) -> None:
        # Two of one site must not have the same name: the broker would part them.
        self.name = gateway_name(platform.node()).replace("gateway", "run", 1)
        self.parts: list[Part] = []
        self.endpoint: Endpoint | None = None
        self.teller: HealthTeller | None = None
        self._outlet: Outlet | None = None
        self._sensors: Sensors | None = None
        self._storing: Storing | None = None
        if radio and settings.sensors:
            self._outlet = Outlet() if settings.mqtt else None
            lifters = asked_for(settings, [], None, None)
            self._sensors = Sensors(radio, settings, lifters, self._outlet)
            self.parts.append(Part("sensors", self._sensors.run))
            if self._outlet:
                publishing = Publishing(settings, self._outlet, self._sensors.command)
                self.parts.append(Part("publisher", publishing.run))
        if _stores(settings):
            self._storing = Storing(settings)
            self.parts.append(Part("store", self._storing.run))

    def health(self) -> Health:
        """How it is now."""
        publisher, to_tell = publisher_health(self._outlet) if self._outlet else (None, [])
        store = self._storing.store if self._storing else None
        storing, to_keep = store_health(store.health() if store else None)
        sensors = self._sensors
        problems = [
            *part_problems(self.parts),
            *(sensors.problems() if sensors else []),
            *(f"publisher: {text}" for text in to_tell),
            *(f"store: {text}" for text in to_keep),
        ]
        return Health(
            service=self.name,
            online=True,
            ok=not problems,
            problems=tuple(problems),
            time_us=time.time_ns() // 1000,
            session=sensors.session if sensors else None,
            parts=tuple(map(part_health, self.parts)),
            publisher=publisher,
            store=storing,
            sensors=sensors.briefs() if sensors else (),
        )

    async def tell(self) -> None:
        """Show it wherever it is shown, every second."""
        while True:
            try:
                health = self.health()
                if self.endpoint:
                    self.endpoint.show(health)
                if self.teller:
                    self.teller.tell(health)
            except Exception:  # without it all goes on; the endpoint says that it is old
                log.exception("health cannot be told: report this")
            await asyncio.sleep(_HEALTH_S)


def _settings(path: Path, *, must_exist: bool) -> Settings:
    if must_exist and not path.exists():
        raise CommandError(f"{path}: there is no such file")
    try:
        return load(path)
    except SettingsError as error:
        raise CommandError(str(error)) from error


def _stores(settings: Settings) -> bool:
    return settings.mqtt is not None and bool(settings.store or settings.influx)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, stop.set)
