"""``hiprep store``: keep what comes over MQTT, until it is told to end."""

import argparse
import logging
import signal
import threading
from contextlib import ExitStack
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.commands.common import usable_settings
from pipeline.commands.logged import logged
from pipeline.delivery.book import Book, BookError
from pipeline.delivery.broker import Broker, MqttError
from pipeline.delivery.refused import RefusedFile
from pipeline.delivery.sinks import Sink, SinkSettingsError, SinkUnavailableError
from pipeline.delivery.store import Store
from pipeline.settings import MqttSettings, Settings, SettingsError, StoreSettings, default_path

_CHECK_S = 0.5

log = logging.getLogger(__name__)


def run(args: argparse.Namespace) -> int:
    """Keep events until ^C or SIGTERM; or send again what a database refused."""
    settings = usable_settings()
    file = (settings.store or StoreSettings()).file
    try:
        with logged(), ExitStack() as stack:
            book = stack.enter_context(Book(file))
            sinks, live = sinks_of(settings), live_sink_of(settings)
            for sink in filter(None, (*sinks, live)):
                stack.callback(sink.close)
            if args.resend is not None:
                _resend(args.resend, book, sinks)
            else:
                _check(sinks)
                _store(settings, book, sinks, live)
    except (BookError, MqttError, SettingsError, SinkUnavailableError) as error:
        raise CommandError(str(error)) from error
    return 0


def sinks_of(settings: Settings) -> list[Sink]:
    """The databases that the settings name. Raises SettingsError."""
    if settings.influx is None:
        return []
    from pipeline.delivery.influx import InfluxSink  # noqa: PLC0415  # takes a while to import

    return [InfluxSink(settings.influx)]


def live_sink_of(settings: Settings) -> Sink | None:
    """The database for what is kept for days only. Raises SettingsError."""
    if settings.influx is None:
        return None
    from pipeline.delivery.influx import InfluxSink  # noqa: PLC0415

    return InfluxSink(settings.influx, live=True)


def broker_of(mqtt: MqttSettings | None) -> Broker:
    """The broker that the settings name. Raises SettingsError or MqttError."""
    if mqtt is None:
        raise SettingsError(["mqtt: missing: which broker?"], default_path())
    return Broker(mqtt.url, mqtt.user, mqtt.read_password(), mqtt.ca, mqtt.cert, mqtt.key)


def _store(settings: Settings, book: Book, sinks: list[Sink], live: Sink | None) -> None:
    broker = broker_of(settings.mqtt)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    store = Store(broker, book, sinks, settings.site, live=live)
    print(f"keeping events of {broker.host}:{broker.port} in {_places(book, sinks)}", flush=True)
    store.start()
    try:
        _watch(store, stop)
    finally:
        store.close()
        counts = store.keeper.counts
        print(
            f"kept {counts.kept}, known before {counts.known}, malformed {counts.malformed}, "
            f"points refused {counts.refused}"
        )


def _watch(store: Store, stop: threading.Event) -> None:
    """Until the end; says once what keeps it from the broker."""
    told = None
    while not stop.wait(_CHECK_S):
        health = store.health()
        if not health["working"]:
            raise CommandError("the store has failed, as it says above: start it again")
        if health["problem"] != told:
            told = health["problem"]
            if told:
                log.warning("%s (trying again)", told)


def _check(sinks: list[Sink]) -> None:
    """A database may be away for now; wrong settings never come right."""
    for sink in sinks:
        try:
            sink.check()
        except SinkSettingsError:
            raise
        except SinkUnavailableError as error:
            log.warning("%s (trying again)", error)


def _resend(file: Path, book: Book, sinks: list[Sink]) -> None:
    if not file.exists():
        raise CommandError(f"{file}: there is no such file")
    resent = RefusedFile(file).resend(book, sinks)
    print(f"sent {resent.sent}, refused again {resent.refused}")
    if resent.unreadable:
        print(
            f"{resent.unreadable} lines stay in {file} that are no points, or of no database here"
        )


def _places(book: Book, sinks: list[Sink]) -> str:
    return " and ".join([str(book.path), *(sink.name for sink in sinks)])
