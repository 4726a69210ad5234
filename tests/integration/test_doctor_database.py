"""What `hiprep doctor --stack` finds in a real database, and what of a model of 2.x."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pipeline.delivery.influx import Influx, to_line
from pipeline.delivery.influx_setup import ROLLUP, init_database
from pipeline.delivery.sinks import point_of
from pipeline.settings import InfluxSettings
from pipeline.stack.database_checks import database_findings
from tests.integration import influx as influx_module
from tests.integration.influx import PASSWORD, USER, InfluxServer, influx_server
from tests.integration.mosquitto import (
    free_ports,
)
from tests.integration.test_influx_setup import TOKEN, _Handler2x, _Model2x
from tests.pipeline.delivery.made import message
from tests.stack.findings import bad, only

REP = {"set": 1, "rep": 1, "start_s": 1.0, "end_s": 3.0, "partial": False}


class _Reading(influx_module._Handler):
    """1.8 is asked with GET as well."""

    def do_GET(self) -> None:  # noqa: N802
        if urlsplit(self.path).path == "/query":
            self._pass_on("GET", self.path, b"", {})
        else:
            super().do_GET()


class _Late(_Reading):
    """Its clock is a minute behind."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate((timestamp or time.time()) - 60, usegmt=True)


@contextmanager
def database(folder: Path, version: str = "1.8.10") -> Iterator[InfluxServer]:
    with influx_server(folder, version) as server:
        server._adapter.RequestHandlerClass = _Reading
        yield server


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with database(tmp_path_factory.mktemp("influx")) as server:
        yield server


def test_a_database_as_init_makes_it_is_well(influx: InfluxServer) -> None:
    settings = influx.settings("well")
    init_database(settings)
    assert bad(database_findings(settings, None)) == []
    _write(settings, [to_line(point_of(message(values=REP)))])
    assert bad(database_findings(settings, None)) == []


def test_a_database_that_was_never_made_ready_is_a_problem(influx: InfluxServer) -> None:
    for finding in bad(database_findings(influx.settings("never"), None)):
        assert finding.level == "problem"
        assert "hiprep db init" in finding.cure
    influx.query("CREATE DATABASE half")
    assert bad(database_findings(influx.settings("half"), None))


def test_a_missing_policy_or_roll_up_is_a_problem(influx: InfluxServer) -> None:
    settings = influx.settings("less")
    init_database(settings)
    influx.query(f'DROP CONTINUOUS QUERY "{ROLLUP}" ON less')
    finding = only(database_findings(settings, None))
    assert (ROLLUP in finding.text, finding.cure) == (True, "hiprep db init makes it")
    influx.query('DROP RETENTION POLICY "rollup" ON less')
    finding = bad(database_findings(settings, None))[0]
    assert "rollup" in finding.text
    assert "hiprep db init" in finding.cure


def test_events_that_are_forgotten_are_a_problem_live_samples_kept_on_a_warning(
    influx: InfluxServer,
) -> None:
    settings = influx.settings("short")
    init_database(settings)
    influx.query("ALTER RETENTION POLICY live ON short DURATION 30d")
    assert "30 days, not 7" in only(database_findings(settings, None)).text
    influx.query("ALTER RETENTION POLICY events ON short DURATION 90d")
    found = bad(database_findings(settings, None))
    assert [one.level for one in found] == ["problem", "warning"]
    assert "after 90 days" in found[0].text


def test_points_of_an_earlier_hiprep_are_found_beside_new_ones(influx: InfluxServer) -> None:
    settings = influx.settings("old")
    init_database(settings)
    new = [point_of(message(number, values=REP)) for number in range(3)]
    older = [
        replace(
            point,
            fields={name: value for name, value in point.fields.items() if name != "set_key"},
            time_ns=point.time_ns + 10**9,
        )
        for point in new[:2]
    ]
    _write(settings, map(to_line, [*new, *older]))
    finding = only(database_findings(settings, None))
    assert (finding.level, finding.about) == ("problem", "old data")
    assert "2 of 5 reps without set_key" in finding.text
    assert "hiprep db refill" in finding.cure


def test_points_without_a_tag_of_this_version_are_found(influx: InfluxServer) -> None:
    settings = influx.settings("untagged")
    init_database(settings)
    point = point_of(message(values=REP))
    _write(settings, [to_line(replace(point, tags={**point.tags, "variant": "narrow"}))])
    assert bad(database_findings(settings, None)) == []
    plain = {name: text for name, text in point.tags.items() if name != "variant"}
    _write(settings, [to_line(replace(point, tags=plain))])
    assert "1 rep without variant" in only(database_findings(settings, None)).text


def test_what_does_not_count_any_more_needs_no_refill(influx: InfluxServer) -> None:
    settings = influx.settings("withdrawn")
    init_database(settings)
    gone = point_of(message(valid=False, values={}))
    fields = {name: gone.fields[name] for name in ("id", "session", "revision", "valid")}
    _write(settings, [to_line(replace(gone, fields=fields))])
    assert bad(database_findings(settings, None)) == []


def _write(settings: InfluxSettings, lines: Iterable[str]) -> None:
    client = Influx(settings)
    client.write(f"{settings.database}/events", "\n".join(lines))
    client.close()


def test_a_wrong_password_of_the_database_is_one_problem(influx: InfluxServer) -> None:
    finding = only(database_findings(influx.settings("well", "hunter2"), None))
    assert finding.text.startswith("influx.password: ")
    assert "hunter2" not in str(finding)


@pytest.mark.parametrize(
    ("version", "words", "cure"),
    [
        ("1.7.9", "too old", "influxdb:2.7"),
        ("3.0.1", "DBRP", "influxdb:2.7"),
        ("v2.7.12", "InfluxDB 2.7.12", "set influx.bucket instead"),
    ],
)
def test_another_version_is_a_problem_with_the_one_to_take(
    tmp_path: Path, version: str, words: str, cure: str
) -> None:
    with database(tmp_path, version) as server:
        finding = only(database_findings(server.settings(), None))
    assert finding.level == "problem"
    assert words in finding.text
    assert cure in finding.cure


def test_an_influxdb_3_is_told_whatever_the_settings_are_for(tmp_path: Path) -> None:
    with database(tmp_path, "3.2.0") as server:
        token = f"{USER}:{PASSWORD}"
        settings = InfluxSettings(server.url, token, org="hiprep", bucket="hiprep")
        finding = only(database_findings(settings, None))
    assert "InfluxDB 3.2.0" in finding.text
    assert "hiprep db refill" in finding.cure


class _Closed(_Reading):
    """As InfluxDB 3 is: not even its version is told to those without a token of its own."""

    def do_GET(self) -> None:  # noqa: N802
        self._answer(401, b'{"error":"the request was not authenticated"}', {})


def test_a_database_that_tells_its_version_to_nobody_may_be_a_3(tmp_path: Path) -> None:
    with database(tmp_path) as server:
        server._adapter.RequestHandlerClass = _Closed
        finding = only(database_findings(server.settings(), None))
    assert finding.level == "problem"
    assert "as InfluxDB 3 does" in finding.text
    assert "influxdb:2.7" in finding.cure


def test_a_version_that_is_not_told_is_a_warning(tmp_path: Path) -> None:
    with database(tmp_path, "") as server:
        init_database(server.settings())
        assert only(database_findings(server.settings(), None)).level == "warning"


def test_a_clock_that_is_wrong_is_a_warning(tmp_path: Path) -> None:
    with database(tmp_path) as server:
        server._adapter.RequestHandlerClass = _Late
        init_database(server.settings())
        finding = only(database_findings(server.settings(), None))
    assert (finding.level, finding.about) == ("warning", "clock")
    assert " behind ours" in finding.text


def test_a_database_that_does_not_run_is_a_problem() -> None:
    (port,) = free_ports(1)
    settings = InfluxSettings(f"http://127.0.0.1:{port}", database="gym")
    assert "docker compose up" in only(database_findings(settings, None)).cure


# InfluxDB 2.x cannot be had here: what it answers about what it has is a model, as for its init.


class _Handler27(_Handler2x):
    """The same with points that are taken, and an InfluxQL that knows its mappings."""

    def do_POST(self) -> None:  # noqa: N802
        if urlsplit(self.path).path == "/api/v2/write":
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(400, {"code": "invalid", "message": "no points were provided"})
        else:
            super().do_POST()

    def do_GET(self) -> None:  # noqa: N802
        path = urlsplit(self.path).path
        if path == "/query":
            known = {one["retention_policy"] for one in self.server.things["dbrps"]}
            asked = [name for name in ("events", "live", "rollup") if f"%22{name}%22." in self.path]
            errors = [f"retention policy not found: {name}" for name in asked if name not in known]
            result: dict[str, Any] = {"statement_id": 0}
            self._answer(200, {"results": [{**result, **({"error": errors[0]} if errors else {})}]})
        elif self.headers["Authorization"] == "Token least" and path == "/api/v2/tasks":
            self._answer(401, {"code": "unauthorized", "message": "unauthorized access"})
        else:
            if self.headers["Authorization"] == "Token least":
                self.headers.replace_header("Authorization", f"Token {TOKEN}")
            super().do_GET()


@contextmanager
def model_27() -> Iterator[_Model2x]:
    model = _Model2x()
    model.RequestHandlerClass = _Handler27
    try:
        init_database(model.settings)
        yield model
    finally:
        model.shutdown()
        model.server_close()


def test_a_27_with_all_that_init_makes_is_well_also_seen_by_the_store(tmp_path: Path) -> None:
    (tmp_path / "influxdb").mkdir()
    (tmp_path / "influxdb" / "admin_token").write_text(TOKEN)
    with model_27() as model:
        least = replace(model.settings, token="least")  # noqa: S106
        seen = [database_findings(least, folder) for folder in (None, tmp_path)]
        assert [bad(findings) for findings in seen] == [[], []]
        assert any("may not see the roll-up" in one.text for one in seen[0])
        model.things["tasks"].clear()
        assert bad(database_findings(least, None)) == []
        assert "no task gym_rollup" in only(database_findings(least, tmp_path)).text


def test_a_27_that_lacks_a_mapping_a_bucket_or_retention_is_a_problem() -> None:
    with model_27() as model:
        model.things["buckets"][1]["retentionRules"] = [{"type": "expire", "everySeconds": 0}]
        assert "for ever" in only(database_findings(model.settings, None)).text
        model.things["tasks"][0]["status"] = "inactive"
        found = bad(database_findings(model.settings, None))
        assert [one.level for one in found] == ["warning", "problem"]
        del model.things["dbrps"][1]
        found = bad(database_findings(model.settings, None))
        assert "InfluxQL does not find gym.live" in found[0].text
        assert "hiprep db init" in found[0].cure
