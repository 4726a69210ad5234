"""The publisher and the store of `hiprep run`, each as a part that may fail and begin anew."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from typing import Any, TypeVar

from pipeline.commands import CommandError
from pipeline.commands.publishing import publisher_of
from pipeline.commands.store import broker_of, live_sink_of, sinks_of
from pipeline.delivery.book import Book, BookError
from pipeline.delivery.broker import MqttError
from pipeline.delivery.outlet import Outlet
from pipeline.delivery.parts import Part, PartError
from pipeline.delivery.publisher import Publisher
from pipeline.delivery.sinks import SinkSettingsError, SinkUnavailableError
from pipeline.delivery.store import Store
from pipeline.settings import Settings, SettingsError, StoreSettings

_CHECK_S = 0.5

log = logging.getLogger(__name__)

_T = TypeVar("_T")


class Publishing:
    """Gives an outlet a publisher. command: what to do with a command; called in the loop."""

    def __init__(
        self, settings: Settings, outlet: Outlet, command: Callable[[str, bytes], None]
    ) -> None:
        self._settings = settings
        self._outlet = outlet
        self._command = command

    async def run(self, part: Part) -> None:
        """Until the end; then what waits still goes out, if it does so soon."""
        loop = asyncio.get_running_loop()

        def hand_over(device: str, payload: bytes) -> None:
            loop.call_soon_threadsafe(self._command, device, payload)

        async with _in_thread(publisher_of(self._settings), _tell_left) as publisher:
            publisher.on_command(hand_over)
            publisher.start()
            self._outlet.attach(publisher)
            part.ready()
            try:
                await _watch(part, publisher.health)
            finally:
                self._outlet.detach()


class Storing:
    """A store. store: the one that runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.store: Store | None = None

    async def run(self, part: Part) -> None:
        """Until the end."""
        async with _in_thread(_running_store(self._settings)) as store:
            self.store = store
            part.ready()
            try:
                await _watch(part, store.health)
            finally:
                self.store = None


async def _watch(part: Part, health: Callable[[], dict[str, Any]]) -> None:
    """Until the end, or until its thread has failed; says once what keeps it from the broker."""
    told = None
    while not part.stop.is_set():
        now = health()
        if not now["working"]:
            raise PartError("has failed, as it says above: report this")
        if now["problem"] != told:
            told = now["problem"]
            if told:
                log.warning("%s: %s (trying again)", part.name, told)
        await part.sleep(_CHECK_S)


@contextmanager
def _running_store(settings: Settings) -> Iterator[Store]:
    with ExitStack() as stack:
        book = stack.enter_context(Book((settings.store or StoreSettings()).file))
        sinks, live = sinks_of(settings), live_sink_of(settings)
        for sink in filter(None, (*sinks, live)):
            stack.callback(sink.close)
        for sink in sinks:
            try:
                sink.check()
            except SinkSettingsError:
                raise
            except SinkUnavailableError as error:  # it may be away for now
                log.warning("store: %s (trying again)", error)
        store = Store(broker_of(settings.mqtt), book, sinks, settings.site, live=live)
        stack.callback(store.close)
        store.start()
        yield store


@asynccontextmanager
async def _in_thread(
    manager: AbstractContextManager[_T], after: Callable[[_T], None] = lambda _: None
) -> AsyncIterator[_T]:
    """Enter and leave it where it may take its time. Raises PartError for what people can mend."""
    try:
        one = await asyncio.to_thread(manager.__enter__)
    except (BookError, CommandError, MqttError, SettingsError, SinkUnavailableError) as error:
        raise PartError(str(error)) from error
    try:
        yield one
    finally:
        await asyncio.to_thread(manager.__exit__, None, None, None)
        after(one)


def _tell_left(publisher: Publisher) -> None:
    """What has not arrived when it is closed."""
    health = publisher.health()
    if waiting := health["waiting"]:
        log.info("publisher: %d events wait in the outbox and go out with the next start", waiting)
    if held := health["held"]:
        text = "publisher: %d events never came into the outbox: %s sends those of a recording"
        log.error(text, held, "hiprep replay RECORDING --publish")
