"""A model of what InfluxDB 2.7 answers about its set-up, buckets, mappings, tasks and tokens.

It stores no points. Who may do what is as in the source of 2.7: lists hold what a token may read;
a bucket that is asked for by name and is missing is an error; a write is refused with 403.
"""

import json
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ADMIN_TOKEN = "admin-token-0123456789"  # noqa: S105

Thing = dict[str, Any]


@dataclass
class State:
    """admin: who may do all; None as long as it is not set up."""

    version: str = "v2.7.11"
    admin: str | None = ADMIN_TOKEN
    setup: Thing = field(default_factory=dict)
    things: dict[str, list[Thing]] = field(
        default_factory=lambda: {
            "orgs": [{"id": "00000000000000aa", "name": "hiprep"}],
            "buckets": [],
            "dbrps": [],
            "tasks": [],
            "authorizations": [],
        }
    )
    unready: int = 0
    """So many requests from now on are answered with 503."""
    elsewhere: bool = False
    """It is another server, which knows none of this."""
    made: int = 0

    def permissions(self, header: str | None) -> list[Thing] | None:
        """None for one that is not accepted."""
        token = (header or "").removeprefix("Token ")
        for one in self.things["authorizations"]:
            if one["token"] == token:
                found: list[Thing] = one["permissions"]
                return found
        return [] if self.admin is not None and token == self.admin else None

    def is_admin(self, header: str | None) -> bool:
        return self.admin is not None and header == f"Token {self.admin}"

    def may(self, header: str | None, action: str, bucket: Thing) -> bool:
        if self.is_admin(header):
            return True
        return any(
            one["action"] == action and one["resource"]["id"] == bucket["id"]
            for one in self.permissions(header) or []
        )


class ModelInflux(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, state: State) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = state
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


@contextmanager
def model_influx(state: State) -> Iterator[ModelInflux]:
    model = ModelInflux(state)
    try:
        yield model
    finally:
        model.shutdown()
        model.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ModelInflux

    def do_GET(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(parts.query))
        state, name = self.server.state, parts.path.rsplit("/", 1)[1]
        if not self._ready():
            return
        if name == "ping":
            self._answer(204, None)
        elif name == "setup":
            self._answer(200, {"allowed": state.admin is None})
        elif self._known():
            self._list(name, asked)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urllib.parse.urlsplit(self.path)
        name = parts.path.rsplit("/", 1)[1]
        if not self._ready():
            return
        if name == "setup":
            self._set_up(json.loads(content))
        elif self._known():
            if name == "write":
                self._write(dict(urllib.parse.parse_qsl(parts.query)), content)
            else:
                self._make(name, json.loads(content))

    def do_PATCH(self) -> None:
        name, thing_id = self.path.rsplit("/", 2)[1:]
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._known(admin=True):
            (thing,) = [one for one in self.server.state.things[name] if one["id"] == thing_id]
            thing.update(content)
            self._answer(200, thing)

    def _list(self, name: str, asked: dict[str, str]) -> None:
        state, header = self.server.state, self.headers["Authorization"]
        keys = {"org": "name", "name": "name", "db": "database", "rp": "retention_policy"}
        wanted = {keys[key]: text for key, text in asked.items() if key in keys}
        found = [one for one in state.things[name] if wanted.items() <= one.items()]
        if not found and (name == "orgs" or (name == "buckets" and "name" in asked)):
            told = f'{name[:-1]} "{wanted["name"]}" not found'
            self._answer(404, {"code": "not found", "message": told})
            return
        if name == "buckets":
            found = [one for one in found if state.may(header, "read", one)]
        self._answer(200, {"content" if name == "dbrps" else name: found})

    def _make(self, name: str, body: Thing) -> None:
        if not self._known(admin=True):
            return
        things = self.server.state.things[name]
        if "flux" in body:
            body["name"] = body["flux"].split('name: "')[1].split('"')[0]
        if name == "authorizations":
            body["token"] = f"token-{len(things)}=="
        if name == "buckets" and any(one["name"] == body["name"] for one in things):
            self._answer(422, {"code": "conflict", "message": "it is there already"})
            return
        self.server.state.made += 1
        things.append({**body, "id": f"{self.server.state.made:016x}"})
        self._answer(201, things[-1])

    def _write(self, asked: dict[str, str], content: bytes) -> None:
        buckets = self.server.state.things["buckets"]
        (bucket,) = [one for one in buckets if one["name"] == asked["bucket"]]
        if not self.server.state.may(self.headers["Authorization"], "write", bucket):
            self._answer(403, {"code": "forbidden", "message": "insufficient permissions"})
        elif content.startswith(b"#"):
            self._answer(400, {"code": "invalid", "message": "writing requires points"})
        else:
            self._answer(204, None)

    def _set_up(self, body: Thing) -> None:
        state = self.server.state
        if state.admin is not None:
            self._answer(422, {"code": "conflict", "message": "onboarding has been completed"})
            return
        state.admin, state.setup = body["token"], body
        org = {"id": "00000000000000bb", "name": body["org"]}
        state.things["orgs"] = [org]
        bucket = {"id": "00000000000000cc", "orgID": org["id"], "name": body["bucket"]}
        state.things["buckets"] = [{**bucket, "retentionRules": []}]
        self._answer(201, {"org": org})

    def _known(self, *, admin: bool = False) -> bool:
        state, header = self.server.state, self.headers["Authorization"]
        if state.permissions(header) is None:
            self._answer(401, {"code": "unauthorized", "message": "unauthorized access"})
            return False
        if admin and not state.is_admin(header):
            self._answer(403, {"code": "forbidden", "message": "forbidden"})
            return False
        return True

    def _ready(self) -> bool:
        if self.server.state.elsewhere:
            self._answer(404, {"detail": "not found"})
            return False
        if self.server.state.unready:
            self.server.state.unready -= 1
            self._answer(503, {"code": "unavailable", "message": "starting"})
            return False
        return True

    def _answer(self, status: int, content: Thing | None) -> None:
        self.send_response(status)
        self.send_header("X-Influxdb-Version", self.server.state.version)
        self.end_headers()
        if content is not None:
            self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
