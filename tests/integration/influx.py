"""A real InfluxDB of a test's own, on loopback.

Debian has 1.6, which lacks the write API of 1.8 and 2.x: an adapter gives it that. What is stored,
refused and read back is the real engine's doing.
"""

import base64
import http.client
import json
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.delivery.influx_setup import init_database
from pipeline.settings import InfluxSettings, Settings, StoreSettings, dumps
from tests.integration.mosquitto import PATIENCE_S, free_ports, until
from tests.needs import needed

USER, PASSWORD = "keeper", "s3cret/&="

_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[continuous_queries]
  run-interval = "1s"
  log-enabled = false
[http]
  bind-address = "127.0.0.1:{http}"
  auth-enabled = true
  log-enabled = false
"""


class InfluxServer:
    """influxd, and before it the adapter. It can be killed and started again."""

    def __init__(self, program: str, folder: Path, version: str) -> None:
        self._program = program
        self._port, rpc = free_ports(2)
        self._config = folder / "influxdb.conf"
        text = _CONFIG.format(rpc=rpc, http=self._port, folder=folder)
        self._config.write_text(text)
        self._daemon: subprocess.Popen[bytes] | None = None
        self._adapter = _Adapter(self._port, version)
        self.url = f"http://127.0.0.1:{self._adapter.server_port}"

    def start(self) -> None:
        command = [self._program, "-config", str(self._config)]
        self._daemon = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self._up, "influxd answers")

    def kill(self) -> None:
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None

    def close(self) -> None:
        self.kill()
        self._adapter.shutdown()
        self._adapter.server_close()

    def settings(self, database: str = "gym", password: str = PASSWORD) -> InfluxSettings:
        return InfluxSettings(self.url, database=database, user=USER, password=password)

    def query(self, text: str, database: str = "gym") -> list[dict[str, Any]]:
        """InfluxQL -> the rows of all series, tags among them."""
        series = self._series(text, database)
        return [
            {**one.get("tags", {}), **dict(zip(one["columns"], row, strict=True))}
            for one in series
            for row in one.get("values", [])
        ]

    def _series(self, text: str, database: str) -> list[dict[str, Any]]:
        form = urllib.parse.urlencode({"q": text, "db": database, "epoch": "ns"})
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/query",
            form.encode(),
            {"Authorization": _basic(USER, PASSWORD)},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            (result,) = json.load(answer)["results"]
        assert "error" not in result, result["error"]
        series: list[dict[str, Any]] = result.get("series", [])
        return series

    def _up(self) -> bool:
        assert self._daemon is not None
        assert self._daemon.poll() is None, "influxd ended"
        with suppress(OSError):
            # The first user is made by anybody; after that it is there.
            self._series(f"CREATE USER {USER} WITH PASSWORD '{PASSWORD}' WITH ALL PRIVILEGES", "")
            return True
        return False


@contextmanager
def influx_server(folder: Path, version: str = "1.8.10") -> Iterator[InfluxServer]:
    """An InfluxDB that runs, with nothing in it. version: what it says it is."""
    program = needed("`sudo apt-get install influxdb`", "influxd")
    folder.mkdir(parents=True, exist_ok=True)
    server = InfluxServer(program, folder, version)
    try:
        server.start()
        yield server
    finally:
        server.close()


class _Adapter(ThreadingHTTPServer):
    """The write API of 1.8 and later, in the words of 1.6."""

    daemon_threads = True

    def __init__(self, port: int, version: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = port
        self.version = version
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Adapter

    def setup(self) -> None:
        super().setup()
        self._behind = http.client.HTTPConnection("127.0.0.1", self.server.behind)

    def finish(self) -> None:
        self._behind.close()
        super().finish()

    def do_GET(self) -> None:
        path = urllib.parse.urlsplit(self.path).path
        if path == "/ping":
            self._pass_on("GET", "/ping", b"", {"X-Influxdb-Version": self.server.version})
        elif path == "/query":
            self._pass_on("GET", self.path, b"", {})
        elif path == "/health":
            self._answer(200, b'{"name":"influxdb","status":"pass"}', {})
        else:
            self._answer(404, b"404 page not found\n", {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urllib.parse.urlsplit(self.path)
        if parts.path == "/query":
            self._pass_on("POST", self.path, body, {})
        elif parts.path == "/api/v2/write":
            asked = dict(urllib.parse.parse_qsl(parts.query))
            database, _, policy = asked["bucket"].partition("/")
            precision = {"us": "u", "ns": "n"}.get(asked["precision"], asked["precision"])
            query = {"db": database, "rp": policy, "precision": precision}
            self._pass_on("POST", f"/write?{urllib.parse.urlencode(query)}", body, {})
        else:
            self._answer(404, b"404 page not found\n", {})

    def _pass_on(self, method: str, path: str, body: bytes, extra: dict[str, str]) -> None:
        names = ("Content-Type", "Content-Encoding")
        headers = {name: self.headers[name] for name in names if name in self.headers}
        if "Authorization" in self.headers:
            headers["Authorization"] = _as_basic(self.headers["Authorization"])
        try:
            self._behind.request(method, path, body, headers)
            answer = self._behind.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._behind.close()
            self.close_connection = True
            return  # as if nobody were there
        if "error" in (told := _json(content)) and path.startswith("/write"):
            content = json.dumps({"code": "invalid", "message": told["error"]}).encode()
        self._answer(answer.status, content, extra)

    def _answer(self, status: int, content: bytes, extra: dict[str, str]) -> None:
        self.send_response(status)
        for name, text in extra.items():
            self.send_header(name, text)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if status != 204:
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _as_basic(header: str) -> str:
    kind, _, login = header.partition(" ")
    if kind != "Token":
        return header
    user, _, password = login.partition(":")
    return _basic(user, password)


def _json(content: bytes) -> dict[str, Any]:
    with suppress(ValueError):
        value = json.loads(content)
        if isinstance(value, dict):
            return value
    return {}


@contextmanager
def used_by_a_store(
    server: InfluxServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Settings of a store with an empty database; they are written where they are looked for."""
    whole = Settings(influx=server.settings(), store=StoreSettings(folder / "store.db"))
    monkeypatch.setenv("HIPREP_SETTINGS", str(folder / "settings.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    (folder / "settings.toml").write_text(dumps(whole), encoding="utf-8")
    init_database(server.settings())
    yield whole
    server.query("DROP DATABASE gym")
