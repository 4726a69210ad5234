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
from pipeline.delivery.carried import Carried
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.outbox import Outbox, OutboxError
from pipeline.delivery.placing import Place, athlete_key, id_part
from pipeline.delivery.publisher import Publisher
from pipeline.delivery.rerun import rerun
from pipeline.settings import Settings, SettingsError, gateway_name, outbox_file
from pipeline.tracker import Tracker
from sensor.samples import Moment

_CLOSE_S = 5.0
_LOOK_S = 0.1
PATIENCE_S = 10.0
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
    key = athlete_key(shown_names(settings), athlete)
    ledger = Ledger(
        settings.site,
        device,
        key,
        id_part(place.session),
        tracker.exercise.name,
        place.started_us,
        coach=coach_of(
            settings, place.started_us, [key], lambda text: console.print(text, soft_wrap=True)
        ),
    )
    carried = Carried(ledger)
    count = 0
    with publisher_of(settings) as publisher:
        publisher.start()
        for message in rerun(moments, tracker, carried):
            publisher.post([message])
            count += 1
            while publisher.health()["held"] > _MANY:
                time.sleep(_LOOK_S)
        left = waited(publisher, PATIENCE_S)
        told = left_behind(publisher.health())
    console.print(f"published {count} events of session {place.session}", soft_wrap=True)
    if carried.lost:
        console.print(lost_corrections(carried.lost), soft_wrap=True)
    for text in told:
        console.print(text, soft_wrap=True)
    return 1 if left else 0


def shown_names(settings: Settings) -> dict[str, str]:
    """The athletes of the settings: key -> name that is shown."""
    return {key: known.name for key, known in settings.athletes.items()}


def lost_corrections(count: int) -> str:
    """That so many did nothing here, for people."""
    return (
        "1 correction of its session finds nothing to correct"
        if count == 1
        else f"{count} corrections of its session find nothing to correct"
    )


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
