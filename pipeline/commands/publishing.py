"""What commands that publish share: the way to the broker, and a recording sent along it."""

import platform
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from pipeline.commands import CommandError
from pipeline.commands.coached import coach_of
from pipeline.commands.store import broker_of
from pipeline.delivery.broker import MqttError
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import NOBODY
from pipeline.delivery.outbox import Outbox, OutboxError
from pipeline.delivery.placing import Place, id_part
from pipeline.delivery.publisher import Publisher
from pipeline.delivery.rerun import rerun
from pipeline.settings import Settings, SettingsError, gateway_name, outbox_file
from pipeline.tracker import Tracker
from sensor.samples import Moment

_CLOSE_S = 5.0
_LOOK_S = 0.1
_PATIENCE_S = 10.0
_MANY = 1000


@contextmanager
def publisher_of(settings: Settings) -> Iterator[Publisher]:
    """Not started yet; what has not arrived in the end waits in the outbox. CommandError."""
    try:
        broker = broker_of(settings.mqtt)
        outbox = Outbox(outbox_file())
    except (MqttError, OutboxError, SettingsError) as error:
        raise CommandError(str(error)) from error
    try:
        assert settings.mqtt
        # Two gateways of one site must not have the same name: the broker would part them.
        service = gateway_name(platform.node())
        receipts = settings.mqtt.receipts
        publisher = Publisher(broker, outbox, settings.site, receipts=receipts, service=service)
        try:
            yield publisher
        finally:
            publisher.close(_CLOSE_S)
    except MqttError as error:
        raise CommandError(str(error)) from error
    finally:
        outbox.close()


def publish(
    moments: Iterable[Moment],
    tracker: Tracker,
    settings: Settings,
    place: Place,
    *,
    device: str,
    athlete: str | None,
    console: Console,
) -> int:
    """Send a recording's events; 1 if some of them wait in the outbox yet."""
    key = _athlete_key(settings, athlete)
    ledger = Ledger(
        settings.site,
        device,
        key,
        place.session,
        tracker.exercise.name,
        place.started_us,
        coach=coach_of(
            settings, place.started_us, [key], lambda text: console.print(text, soft_wrap=True)
        ),
    )
    count = 0
    with publisher_of(settings) as publisher:
        publisher.start()
        for message in rerun(moments, tracker, ledger):
            publisher.post([message])
            count += 1
            while publisher.health()["held"] > _MANY:
                time.sleep(_LOOK_S)
        left = waited(publisher, _PATIENCE_S)
        told = left_behind(publisher.health())
    console.print(f"published {count} events of session {place.session}", soft_wrap=True)
    for text in told:
        console.print(text, soft_wrap=True)
    return 1 if left else 0


def left_behind(health: Mapping[str, Any]) -> list[str]:
    """What has not arrived, why, and what comes of it; one line each."""
    told = []
    if waiting := health["waiting"]:
        why = health["problem"] or "no store has confirmed them yet"
        told.append(f"{waiting} events wait in the outbox and go out with the next start: {why}")
    if held := health["held"]:
        why = health["disk"] or "the disk is busy"
        told.append(f"{held} events are not in the outbox: replay with --publish later: {why}")
    return told


def waited(publisher: Publisher, patience_s: float) -> int:
    """Wait until all has arrived, or nothing moves any more -> how many events are left."""
    left, since_s = -1, time.monotonic()
    while True:
        health = publisher.health()
        now = int(health["waiting"]) + int(health["held"])
        if now != left:
            left, since_s = now, time.monotonic()
        if now == 0 or time.monotonic() - since_s > patience_s:
            return now
        time.sleep(_LOOK_S)


def _athlete_key(settings: Settings, athlete: str | None) -> str:
    """Whom a header means: a key of the settings, or the name that is shown, or a new one."""
    if not athlete:
        return NOBODY
    for key, known in settings.athletes.items():
        if athlete.casefold() in (key.casefold(), known.name.casefold()):
            return key
    return id_part(athlete) or NOBODY
