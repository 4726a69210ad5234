"""`hiprep db init`: on a real 1.x, and against a model of what 2.x answers."""

import json
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipeline.delivery.influx import InfluxSink
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.sinks import Point, SinkSettingsError, point_of
from pipeline.settings import InfluxSettings
from tests.integration.influx import InfluxServer, influx_server
from tests.integration.mosquitto import until
from tests.pipeline.delivery.made import message

TOKEN = "all-access"  # noqa: S105


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as one:
        yield one


def _policies(server: InfluxServer, database: str) -> dict[str, tuple[str, bool]]:
    rows = server.query(f'SHOW RETENTION POLICIES ON "{database}"')
    return {row["name"]: (row["duration"], row["default"]) for row in rows}


def test_a_database_keeps_events_for_ever_and_live_samples_for_days(server: InfluxServer) -> None:
    for _ in range(2):  # what is there already is no error
        lines = init_database(server.settings("first"))
    policies = _policies(server, "first")
    assert policies["events"] == ("0s", True)
    assert policies["live"] == (f"{7 * 24}h0m0s", False)
    assert policies["rollup"] == (f"{56 * 24}h0m0s", False)
    assert "retention policy live: kept for 7 days" in lines
    InfluxSink(server.settings("first")).check()
    InfluxSink(server.settings("first"), live=True).check()


def test_a_database_that_somebody_made_keeps_what_it_has(server: InfluxServer) -> None:
    server.query("CREATE DATABASE second WITH DURATION 1d NAME live")
    init_database(server.settings("second"))
    assert _policies(server, "second")["live"] == (f"{7 * 24}h0m0s", False)
    assert InfluxSink(server.settings("second")).write([point_of(message())]) == []
    assert len(server.query("SELECT * FROM rep", "second")) == 1


def test_live_samples_are_rolled_up_by_the_second(server: InfluxServer) -> None:
    init_database(server.settings("third"))
    sink = InfluxSink(server.settings("third"), live=True)
    begin_ns = (time.time_ns() // 10**9 - 20) * 10**9
    pitches = [float(number) for number in range(40)]
    sink.write([
        Point(
            "live",
            {"athlete": "anna", "device": "belt"},
            {"pitch_deg": pitch, "reps": pitch // 10, "phase": "top"},
            begin_ns + round(pitch * 0.05e9),
        )
        for pitch in pitches
    ])  # fmt: skip
    until(lambda: len(server.query("SELECT * FROM rollup.live", "third")) == 2, "the roll-up")
    assert server.query("SELECT * FROM rollup.live", "third") == [
        {
            "time": begin_ns + second * 10**9,
            "athlete": "anna",
            "device": "belt",
            "phase": "top",
            "pitch_deg": sum(part) / len(part),
            "pitch_max_deg": max(part),
            "pitch_min_deg": min(part),
            "reps": part[-1] // 10,
        }
        for second, part in enumerate((pitches[:20], pitches[20:]))
    ]


def test_somebody_without_the_right_is_told(server: InfluxServer) -> None:
    server.query("CREATE USER guest WITH PASSWORD 'guest'")
    guest = replace(server.settings("fourth", "guest"), user="guest")
    with pytest.raises(SinkSettingsError, match=r"^influx\.password: .*no right"):
        init_database(guest)


class _Model2x(ThreadingHTTPServer):
    """What InfluxDB 2.x answers about its buckets, mappings and tasks. It stores no points."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler2x)
        self.things: dict[str, list[dict[str, Any]]] = {"buckets": [], "dbrps": [], "tasks": []}
        self.settings = InfluxSettings(
            f"http://127.0.0.1:{self.server_port}", TOKEN, org="home", bucket="gym"
        )
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _Handler2x(BaseHTTPRequestHandler):
    server: _Model2x

    def do_GET(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(parts.query))
        name = parts.path.rsplit("/", 1)[1]
        if name == "ping":
            self._answer(204, None)
        elif self.headers["Authorization"] != f"Token {TOKEN}":
            self._answer(401, {"code": "unauthorized", "message": "unauthorized access"})
        elif name == "orgs" and asked["org"] != "home":
            told = f'organization name "{asked["org"]}" not found'
            self._answer(404, {"code": "not found", "message": told})
        elif name == "orgs":
            self._answer(200, {"orgs": [{"id": "0123456789abcdef", "name": "home"}]})
        else:
            keys = {"name": "name", "db": "database", "rp": "retention_policy"}
            wanted = {keys[key]: text for key, text in asked.items() if key in keys}
            found = [one for one in self.server.things[name] if wanted.items() <= one.items()]
            self._answer(200, {"content" if name == "dbrps" else name: found})

    def do_POST(self) -> None:
        body = self._body()
        things = self.server.things[self.path.rsplit("/", 1)[1]]
        if "flux" in body:
            body["name"] = body["flux"].split('name: "')[1].split('"')[0]
        things.append({**body, "id": f"{len(things):016x}"})
        self._answer(201, things[-1])

    def do_PATCH(self) -> None:
        name, thing_id = self.path.rsplit("/", 2)[1:]
        (thing,) = [one for one in self.server.things[name] if one["id"] == thing_id]
        thing.update(self._body())
        self._answer(200, thing)

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return body

    def _answer(self, status: int, content: dict[str, Any] | None) -> None:
        self.send_response(status)
        self.send_header("X-Influxdb-Version", "v2.7.11")
        self.end_headers()
        if content is not None:
            self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def _model_2x() -> Iterator[_Model2x]:
    model = _Model2x()
    try:
        yield model
    finally:
        model.shutdown()
        model.server_close()


def test_2x_gets_buckets_that_influxql_finds_and_a_task() -> None:
    with _model_2x() as model:
        init_database(model.settings)
        once = json.dumps(model.things)
        init_database(model.settings)
        assert json.dumps(model.things) == once
    kept = {
        one["name"]: one["retentionRules"][0]["everySeconds"] for one in model.things["buckets"]
    }
    assert kept == {"gym": 0, "gym_live": 7 * 86_400, "gym_rollup": 56 * 86_400}
    ids = {one["id"]: one["name"] for one in model.things["buckets"]}
    mapped = {
        (one["database"], one["retention_policy"]): (ids[one["bucketID"]], one["default"])
        for one in model.things["dbrps"]
    }
    assert mapped == {
        ("gym", "events"): ("gym", True),
        ("gym", "live"): ("gym_live", False),
        ("gym", "rollup"): ("gym_rollup", False),
    }
    (task,) = model.things["tasks"]
    assert 'from(bucket: "gym_live")' in task["flux"]
    assert 'to(bucket: "gym_rollup")' in task["flux"]
    assert "BUCKET" not in task["flux"]


def test_2x_with_a_wrong_token_or_org_names_the_setting() -> None:
    with _model_2x() as model:
        with pytest.raises(SinkSettingsError, match=r"^influx\.token: "):
            init_database(replace(model.settings, token="wrong"))  # noqa: S106
        with pytest.raises(SinkSettingsError, match=r"^influx\.org: .*elsewhere"):
            init_database(replace(model.settings, org="elsewhere"))
