"""The live page and the embedded broker of `hiprep run`, each as a part."""

import asyncio
import logging
import secrets
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import segno

from pipeline.coaching.advice import Case
from pipeline.commands import CommandError
from pipeline.commands.athlete_case import athlete_case
from pipeline.commands.history_source import history_source
from pipeline.commands.store import broker_of
from pipeline.delivery.embedded import BrokerError, EmbeddedBroker
from pipeline.delivery.history import HistoryError, HistorySource
from pipeline.delivery.parts import Part, PartError
from pipeline.page.addresses import lan_address, names
from pipeline.page.contents import coaching, config, history_rows
from pipeline.page.pairing import CODE_DIGITS, Pairing
from pipeline.page.server import Page, PageError, PageServer
from pipeline.settings import PageSettings, Settings, SettingsError, data_folder
from pipeline.stack import StackError
from pipeline.stack.certificates import make_ca, make_server_certificate

_CHECK_S = 0.5
_HERE = "127.0.0.1"
_TRIES = 10

log = logging.getLogger(__name__)


class Brokering:
    """Keeps the embedded broker going; one that dies is started again, on its port."""

    def __init__(self, broker: EmbeddedBroker) -> None:
        self._broker = broker

    async def run(self, part: Part) -> None:
        """Until the end."""
        broker = self._broker
        try:
            if not broker.runs():
                await asyncio.to_thread(broker.start)
            part.ready()
            while not part.stop.is_set():
                if not broker.runs():
                    raise PartError("has ended by itself: it is started again")
                await part.sleep(_CHECK_S)
        except BrokerError as error:
            raise PartError(str(error)) from error
        finally:
            await asyncio.to_thread(broker.close)


class Paging:
    """Gives out the page. chosen: whether the settings say its port; else another may do.

    url: how it is opened here, once it is there.
    """

    def __init__(self, settings: Settings, page: PageSettings, *, chosen: bool) -> None:
        self._page = page
        self._chosen = chosen
        self._settings = settings
        self.url = ""
        self.code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"

    async def open(self) -> PageServer:
        """Begin to give it out. Raises PageError."""
        lan = lan_address() if self._page.lan else None
        context = _context(lan) if self._page.tls else None
        host = None if self._page.lan else _HERE
        ports = range(self._page.port, self._page.port + (1 if self._chosen else _TRIES))
        for port in ports:
            server = PageServer(self._content(), host, port, context)
            try:
                await server.start()
            except PageError:
                if port == ports[-1]:
                    raise
            else:
                self._tell(port, lan)
                return server
        raise AssertionError("one of them was the last")

    async def run(self, part: Part, server: PageServer) -> None:
        """Until the end."""
        part.ready()
        try:
            await part.stop.wait()
        finally:
            await server.close()

    def _content(self) -> Page:
        settings = self._settings
        broker = broker_of(settings.mqtt)
        return Page(
            config(settings, history=True, login=broker.user is not None, coaching=True),
            broker,
            names(),
            Pairing(self.code, _secret(data_folder() / "page-secret")) if self._page.lan else None,
            history_rows(lambda: _history(settings)),
            coaching=coaching(lambda athlete, session: _case(settings, athlete, session)),
        )

    def _tell(self, port: int, lan: str | None) -> None:
        scheme = "https" if self._page.tls else "http"
        self.url = f"{scheme}://{_HERE}:{port}/"
        log.info("the live page: %s", self.url)
        if not self._page.lan:
            log.info("for a phone in the same network: hiprep run --lan")
        elif lan is None:
            log.warning("page: this computer is in no network: no phone can open the page")
        else:
            url = f"{scheme}://{lan}:{port}/"
            log.info("on a phone: %s with the pairing code %s", url, _spaced(self.code))
            if sys.stderr.isatty():
                segno.make(url, error="m").terminal(sys.stderr, compact=True)


@contextmanager
def _history(settings: Settings) -> Iterator[HistorySource]:
    try:
        with history_source(settings) as source:
            yield source
    except (CommandError, SettingsError) as error:
        raise HistoryError(str(error)) from error


def _case(settings: Settings, athlete: str, session: str) -> Case:
    """Of an athlete now, without what was lifted in a session."""
    with _history(settings) as source:
        return athlete_case(source, settings, athlete, datetime.now().astimezone(), session)


def _spaced(code: str) -> str:
    return f"{code[:3]} {code[3:]}"


def _secret(path: Path) -> bytes:
    """What signs the tokens of paired browsers: without the file, all have to pair again."""
    with suppress(OSError):
        if len(secret := path.read_bytes()) >= 32:
            return secret
    secret = secrets.token_bytes(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(secret)
    except OSError as error:
        log.warning("page: paired phones are forgotten at the end: %s: %s", path, error.strerror)
    return secret


def _context(lan: str | None) -> ssl.SSLContext:
    folder = data_folder() / "page-tls"
    hosts = [*sorted(names()), *(f"{name}.local" for name in sorted(names())), *filter(None, [lan])]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        make_ca(folder)
        make_server_certificate(folder, folder, hosts)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.crt", folder / "server.key")
    except (OSError, StackError) as error:
        raise PageError(f"page.tls: {error}") from error
    log.info("page: phones trust it once %s is installed on them", folder / "ca.crt")
    return context
