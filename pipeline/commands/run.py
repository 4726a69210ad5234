"""``hiprep run``: all that the settings say, in one process, until it is told to end."""

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.commands.common import radio_of
from pipeline.commands.logged import logged
from pipeline.commands.run_service import Service
from pipeline.commands.store import broker_of
from pipeline.delivery.broker import MqttError
from pipeline.delivery.embedded import BrokerError, EmbeddedBroker
from pipeline.delivery.health import HealthTeller
from pipeline.delivery.metrics import ADDRESS, Endpoint, EndpointError
from pipeline.page.server import PageError
from pipeline.settings import (
    MqttSettings,
    PageSettings,
    Settings,
    SettingsError,
    StoreSettings,
    default_path,
    load,
)
from sensor.link import Radio
from sensor.simulator import SessionSpec, SetPlan
from sensor.simulator.radio import ModelRadio

log = logging.getLogger(__name__)


def run(args: argparse.Namespace) -> int:
    """Do it until ^C or SIGTERM."""
    if args.config:
        # From here on it is the settings file, for all that goes by its name.
        os.environ["HIPREP_SETTINGS"] = str(args.config)
    path = default_path()
    settings = _settings(path, must_exist=args.config is not None)
    radio: Radio | None = ModelRadio(_lifting()) if args.model else None
    if args.model:
        settings = replace(settings, sensors={}, recordings=settings.recordings / "model")
    serves_only = not settings.sensors and _stores(settings) and not args.model
    if radio is None and not serves_only:
        radio = radio_of(settings)
    return serve(radio, settings, broker=args.broker, lan=args.lan)


def serve(
    radio: Radio | None,
    settings: Settings,
    *,
    broker: str = "auto",
    lan: bool = False,
    speed: float = 1.0,
    until: Callable[[], Awaitable[None]] | None = None,
    opened: Callable[[str], None] = lambda _: None,
) -> int:
    """The same with any radio; none is needed where there are no sensors.

    until: ends it too. opened: told where the page is. speed: see `LiveSession`.
    """
    try:
        with logged(), ExitStack() as stack:
            embedded = _embedded(settings, broker, stack)
            settings = _completed(settings, broker, embedded, lan=lan)
            service = Service(radio, settings, embedded, speed)
            asyncio.run(_serve(service, settings, until, opened))
    except (BrokerError, EndpointError, MqttError, PageError, SettingsError) as error:
        raise CommandError(str(error)) from error
    return 0


def _embedded(settings: Settings, broker: str, stack: ExitStack) -> EmbeddedBroker | None:
    """A broker of our own, started, where none is named."""
    if broker not in ("auto", "embedded") or (broker == "auto" and settings.mqtt):
        return None
    embedded = EmbeddedBroker()
    stack.callback(embedded.forget)
    stack.callback(embedded.close)
    embedded.start()
    log.info("the embedded broker (%s): %s", embedded.kind, embedded.url)
    return embedded


def _completed(
    settings: Settings, broker: str, embedded: EmbeddedBroker | None, *, lan: bool
) -> Settings:
    """The settings with what follows from them, and from what was asked for."""
    if embedded:
        settings = replace(
            settings, mqtt=MqttSettings(embedded.url), store=settings.store or StoreSettings()
        )
    elif broker != "auto":
        settings = replace(settings, mqtt=MqttSettings(broker))
    if settings.mqtt and _stores(settings):
        # Here is a store that confirms what it has.
        settings = replace(settings, mqtt=replace(settings.mqtt, receipts=True))
    page = settings.page
    if page is None and (embedded or lan) and settings.mqtt:
        page = PageSettings(lan=lan)
    return replace(settings, page=replace(page, lan=lan or page.lan) if page else None)


async def _serve(
    service: Service,
    settings: Settings,
    until: Callable[[], Awaitable[None]] | None,
    opened: Callable[[str], None],
) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    if settings.store and not settings.mqtt:
        log.warning("store: nothing comes to it without a broker: add [mqtt] to the settings")
    async with AsyncExitStack() as stack:
        if settings.health:
            endpoint = Endpoint(settings.health.port, service.health())
            stack.callback(endpoint.close)
            endpoint.start()
            service.endpoint = endpoint
            log.info("health is at http://%s:%d/healthz and /metrics", ADDRESS, endpoint.port)
        if settings.page:
            opened(await service.open_page())
        if settings.mqtt:
            service.teller = HealthTeller(broker_of(settings.mqtt), settings.site, service.name)
            service.teller.start()
        if until:
            ending = asyncio.ensure_future(until())
            ending.add_done_callback(lambda _: stop.set())
            stack.callback(ending.cancel)
        await service.run(stop)


def _lifting() -> Iterator[SessionSpec]:
    """What a model lifter does who never goes home."""
    for seed in count():
        yield SessionSpec(sets=(SetPlan(), SetPlan(style="tempo"), SetPlan(reps=10)), seed=seed)


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
