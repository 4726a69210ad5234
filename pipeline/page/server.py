"""The server of the live page: its files, history, coaching and MQTT, all on one port.

The only importer of aiohttp. From this computer everything is open; from elsewhere, after pairing.
"""

import asyncio
import json
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from pipeline.delivery.broker import Broker, MqttError
from pipeline.page.guard import from_here, host_is_ours, same_origin
from pipeline.page.pairing import TOKEN_S, Pairing

COOKIE = "hiprep"

_MOST_BYTES = 1 << 20
_MOST_SOCKETS = 64
_CONNECT_S = 5.0
_CHUNK = 16_384
# What somebody sees who is not paired yet.
_OPEN_TO_ALL = ("/pair", "/pair.html", "/style.css", "/js/pair.js", "/texts.en.js", "/icon.svg")

log = logging.getLogger(__name__)

Rows = Callable[[str, Mapping[str, str]], tuple[str, str]]
"""What is asked for, and how -> kind of content and text. Raises ValueError for what cannot be."""


Coaching = Callable[[Mapping[str, str]], str]
"""How it is asked for -> JSON of what an athlete is to do today. Raises ValueError, as above."""


class PageError(Exception):
    """The page cannot be given out; one line that names the setting and the cure."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is given out.

    config: the content of config.json. broker: where MQTT goes on to. pairing: None where nobody
    but this computer can come. names: of this computer, in lower case. history: None without one.
    coaching: None where nobody can say what is to be done today.
    """

    config: Mapping[str, Any]
    broker: Broker
    names: frozenset[str]
    pairing: Pairing | None = None
    history: Rows | None = None
    folder: Path = field(default_factory=lambda: Path(str(files("dashboards") / "live")))
    coaching: Coaching | None = None


class PageServer:
    """Serves a page until it is closed. port: 0 for a free one. context: for TLS."""

    def __init__(
        self, page: Page, host: str | None, port: int, context: ssl.SSLContext | None = None
    ) -> None:
        self._page = page
        self._host = host
        self.port = port
        self._context = context
        self._sockets = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Begin to serve. Raises PageError."""
        app = web.Application(middlewares=[self._guarded], client_max_size=4096)
        app.router.add_get("/", self._file)
        app.router.add_get("/config.json", self._config)
        app.router.add_get("/mqtt", self._mqtt)
        app.router.add_post("/pair", self._pair)
        app.router.add_get("/api/history/{what}", self._history)
        app.router.add_get("/api/coach", self._coach)
        app.router.add_get("/{path:.+}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port, ssl_context=self._context)
        try:
            await site.start()
        except OSError as error:
            await self.close()
            raise PageError(
                f"page.port: {self.port} cannot be had ({error.strerror}): choose another in the "
                "settings, or end what uses it"
            ) from error
        if not self.port and site._server:  # noqa: SLF001  # there is no other way to a free one
            self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]  # noqa: SLF001

    async def close(self) -> None:
        """End, with all that is open."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        refused = self._refused(request)
        try:
            answer = refused or await handler(request)
        except web.HTTPException as error:
            answer = error
        if not answer.prepared:
            _harden(answer, request.host)
        if isinstance(answer, web.HTTPException):
            raise answer
        return answer

    def _refused(self, request: web.Request) -> web.Response | None:
        if not host_is_ours(request.host, self._page.names):
            return _said(HTTPStatus.MISDIRECTED_REQUEST, "open this page by its address")
        origin = request.headers.get("Origin")
        if (request.method != "GET" or request.path == "/mqtt") and not same_origin(
            origin, request.host
        ):
            return _said(HTTPStatus.FORBIDDEN, "this comes from another page")
        if self._is_let_in(request) or request.path in _OPEN_TO_ALL:
            return None
        if request.path == "/":
            raise web.HTTPSeeOther("/pair.html")
        return _said(HTTPStatus.UNAUTHORIZED, "pair this browser first")

    def _is_let_in(self, request: web.Request) -> bool:
        forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
        if from_here(request.remote, forwarded=forwarded):
            return True
        pairing = self._page.pairing
        token = request.cookies.get(COOKIE, "")
        return pairing is not None and pairing.holds(token, time.time())

    async def _config(self, _: web.Request) -> web.Response:
        return web.json_response(self._page.config)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        folder = self._page.folder.resolve()
        path = (folder / (request.match_info.get("path") or "index.html")).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise web.HTTPNotFound(text="there is no such page")
        answer = web.FileResponse(path)
        # Asked for anew each time, and seldom sent: a page of another version talks nonsense.
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    async def _pair(self, request: web.Request) -> web.Response:
        """A code -> a cookie; 403 for a wrong one, 429 while it is too soon."""
        pairing, address = self._page.pairing, request.remote or ""
        if pairing is None:
            return _said(HTTPStatus.NOT_FOUND, "nobody can be paired here")
        now_s = time.time()
        if (wait_s := pairing.wait_s(address, now_s)) > 0:
            return _said(HTTPStatus.TOO_MANY_REQUESTS, f"wait {wait_s:.0f} s", wait_s=wait_s)
        try:
            code = str(json.loads(await request.text())["code"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return _said(HTTPStatus.BAD_REQUEST, "a code is needed")
        token = pairing.token(code, address, now_s)
        if token is None:
            log.warning("page: a wrong pairing code from %s", address)
            return _said(HTTPStatus.FORBIDDEN, "that is not the code")
        log.info("page: %s is paired", address)
        answer = web.json_response({"ok": True})
        secure = self._context is not None
        answer.set_cookie(
            COOKIE, token, max_age=TOKEN_S, httponly=True, samesite="Strict", secure=secure
        )
        return answer

    async def _history(self, request: web.Request) -> web.Response:
        if self._page.history is None:
            return _said(HTTPStatus.NOT_FOUND, "there is no history here")
        what, query = request.match_info["what"], dict(request.query)
        try:
            kind, text = await asyncio.to_thread(self._page.history, what, query)
        except ValueError as error:
            return _said(HTTPStatus.BAD_REQUEST, str(error))
        answer = web.Response(text=text, content_type=kind)
        if kind == "text/csv":
            answer.headers["Content-Disposition"] = f'attachment; filename="hiprep-{what}.csv"'
        return answer

    async def _coach(self, request: web.Request) -> web.Response:
        if self._page.coaching is None:
            return _said(HTTPStatus.NOT_FOUND, "there is no history here")
        try:
            text = await asyncio.to_thread(self._page.coaching, dict(request.query))
        except ValueError as error:
            return _said(HTTPStatus.BAD_REQUEST, str(error))
        return web.Response(text=text, content_type="application/json")

    async def _mqtt(self, request: web.Request) -> web.StreamResponse:
        """Bytes to the broker and back: both ends speak MQTT, nothing here does."""
        if self._sockets >= _MOST_SOCKETS:
            return _said(HTTPStatus.SERVICE_UNAVAILABLE, "too many pages are open")
        try:
            reader, writer = await self._to_broker()
        except (OSError, TimeoutError, MqttError):
            return _said(HTTPStatus.BAD_GATEWAY, "the broker does not answer")
        page = web.WebSocketResponse(
            protocols=("mqtt", "mqttv3.1"), max_msg_size=_MOST_BYTES, heartbeat=20.0
        )
        self._sockets += 1
        try:
            await page.prepare(request)
            ends = [
                asyncio.create_task(_to_page(reader, page)),
                asyncio.create_task(_from_page(page, writer)),
            ]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.cancel()
            await asyncio.wait(ends)
        finally:
            self._sockets -= 1
            writer.close()
            with suppress(Exception):
                await page.close()
        return page

    async def _to_broker(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        broker = self._page.broker
        context = broker.context() if broker.tls else None
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(broker.host, broker.port, ssl=context)
        if one := writer.get_extra_info("socket"):
            with suppress(OSError):  # what is small and live does not wait for more
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return reader, writer


async def _to_page(reader: asyncio.StreamReader, page: web.WebSocketResponse) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            await page.send_bytes(chunk)


async def _from_page(page: web.WebSocketResponse, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        async for message in page:
            if message.type is not WSMsgType.BINARY:
                return
            writer.write(message.data)
            await writer.drain()


def _harden(answer: web.StreamResponse, host: str) -> None:
    """What a browser may do with it: nothing that does not come from here."""
    policy = (
        "default-src 'self'; img-src 'self' data:; media-src 'self' blob: data:; "
        f"object-src 'none'; connect-src 'self' ws://{host} wss://{host}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers.setdefault("Cache-Control", "no-store")


def _said(status: HTTPStatus, text: str, **more: float) -> web.Response:
    """An answer in words, for the page to show."""
    return web.json_response({"ok": False, "text": text, **more}, status=status)
