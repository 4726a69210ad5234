"""What Grafana is given to start with: settings, where it reads, the boards, the alert rules."""

import re
import time
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from pipeline.delivery.influx import InfluxSink
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.live_points import PUBLISHER, SENSOR, STORE
from pipeline.delivery.sinks import Field, Point
from pipeline.stack.secrets import init
from tests.deploy.alerts import GRAFANA, TIME_FILTER, Rule, provisioned, rules
from tests.deploy.composed import mounts, services
from tests.integration.influx import InfluxServer, influx_server

RULES = {rule.uid: rule for rule in rules()}
SECRETS = "/run/secrets/hiprep/"
SERVICES = services()
BOARDS = "/etc/hiprep/dashboards"
S = 10**9
HOUR = 3600 * S

_FIELDS = {
    "sensor": {*SENSOR, "silent_in_set"},
    "service": {"ok", "problems"}
    | {f"publisher_{name}" for name in PUBLISHER}
    | {f"store_{name}" for name in STORE},
}
_STATES = {"OK", "NoData", "Alerting", "KeepLast"}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)

Fill = Callable[[Point], None]


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as server:
        init_database(server.settings())
        yield server


@pytest.fixture
def write(influx: InfluxServer) -> Iterator[Fill]:
    sink = InfluxSink(influx.settings(), live=True)

    def one(point: Point) -> None:
        assert sink.write([point]) == []

    yield one
    sink.close()


def sensor(device: str, time_ns: int, **fields: Field) -> Point:
    return Point("sensor", {"device": device, "site": "home"}, fields, time_ns)


def service(name: str, time_ns: int, **fields: Field) -> Point:
    return Point("service", {"service": name, "site": "home"}, {"ok": 1.0, **fields}, time_ns)


def firing(influx: InfluxServer, uid: str, now_ns: int) -> dict[str, bool]:
    """Whose alert it would be -> whether it fires then."""
    rule = RULES[uid]
    rows = influx.query(rule.at(now_ns))
    column = re.search(r'\) AS "(\w+)" FROM', rule.query)
    assert column
    return {
        row.get("device") or row.get("service") or "all": rule.fires(row[column[1]]) for row in rows
    }


def test_a_sensor_that_falls_silent_in_a_set_is_an_alert(influx: InfluxServer, write: Fill) -> None:
    now = time.time_ns() - HOUR
    uid = "hiprep-sensor-silent"
    assert firing(influx, uid, now) == {}
    write(sensor("belt-7", now - 9 * S, silent_in_set=0.0))
    write(sensor("belt-7", now - 4 * S, silent_in_set=1.0))
    write(sensor("belt-8", now - 4 * S, silent_in_set=0.0, battery_pct=50.0))
    assert firing(influx, uid, now) == {"belt-7": True, "belt-8": False}
    write(sensor("belt-7", now - 1 * S, silent_in_set=0.0))
    assert firing(influx, uid, now) == {"belt-7": False, "belt-8": False}


def test_a_battery_that_is_nearly_empty_is_an_alert(influx: InfluxServer, write: Fill) -> None:
    now = time.time_ns() - 2 * HOUR
    write(sensor("belt-7", now - 30 * S, silent_in_set=0.0, battery_pct=9.0))
    write(sensor("belt-8", now - 30 * S, silent_in_set=0.0, battery_pct=80.0))
    write(sensor("wire", now - 30 * S, silent_in_set=0.0))  # has no battery
    assert firing(influx, "hiprep-battery-low", now) == {"belt-7": True, "belt-8": False}


def test_no_data_is_an_alert_of_its_own(influx: InfluxServer, write: Fill) -> None:
    now = time.time_ns() - 3 * HOUR
    uid = "hiprep-no-data"
    assert firing(influx, uid, now) == {}, "no data: as said by noDataState"
    write(service("run-store", now - 10 * S))
    assert firing(influx, uid, now) == {"all": False}
    assert firing(influx, uid, now + 10 * 60 * S) == {}


def test_what_is_lost_or_refused_is_an_alert_until_it_is_some_time_ago(
    influx: InfluxServer, write: Fill
) -> None:
    now = time.time_ns() - 4 * HOUR
    uid = "hiprep-lost"
    for at, (lost, refused) in enumerate([(0.0, 7.0), (0.0, 7.0), (2.0, 7.0), (0.0, 0.0)]):
        # After the third it begins anew, and counts from 0 again.
        begin = now - 60 * S + at * 10 * S
        write(service("run-gateway", begin, publisher_lost=lost, publisher_refused=refused))
        write(service("run-store", begin, store_refused=0.0, store_malformed=0.0))
    assert firing(influx, uid, now) == {"run-gateway": True, "run-store": False}
    for at, malformed in enumerate((0.0, 1.0)):
        write(service("run-store", now + (300 + at) * S, store_malformed=malformed))
    assert firing(influx, uid, now + 301 * S)["run-store"]
    assert not any(firing(influx, uid, now + HOUR).values())


@every_rule
def test_a_rule_asks_for_fields_that_are_written(rule: Rule) -> None:
    sources = {*re.findall(r'FROM "live"\."(\w+)"', rule.query)}
    assert len(sources) == 1
    fields = {*re.findall(r'\w\("(\w+)"\)', rule.query)} - {"rise"}
    assert fields
    assert fields <= _FIELDS[sources.pop()]


@every_rule
def test_a_rule_is_one_that_grafana_takes(rule: Rule) -> None:
    whole = rule.whole
    assert re.fullmatch(r"hiprep-[a-z-]{1,33}", rule.uid)
    assert whole["title"]
    assert {whole["noDataState"], whole["execErrState"]} <= _STATES
    assert re.fullmatch(r"\d+[sm]", whole["for"])
    assert _seconds(rule.interval) % 10 == 0, "of Grafana's own beat"
    assert _seconds(whole["for"]) % _seconds(rule.interval) == 0
    assert whole["labels"]["severity"] in ("warning", "critical")
    asked, latest, condition = whole["data"]
    assert asked["datasourceUid"] == asked["model"]["datasource"]["uid"] == "hiprep"
    assert asked["model"]["rawQuery"]
    # A table has texts in it, of which no expression can be made.
    assert asked["model"]["resultFormat"] == "time_series"
    assert asked["relativeTimeRange"]["to"] == 0
    for part, source in ((latest, "A"), (condition, "B")):
        assert part["datasourceUid"] == part["model"]["datasource"]["uid"] == "__expr__"
        assert part["model"]["expression"] == source
    assert [part["refId"] for part in whole["data"]] == ["A", "B", "C"]
    assert [part["model"]["refId"] for part in whole["data"]] == ["A", "B", "C"]
    assert whole["condition"] == "C"


@every_rule
def test_a_rule_says_what_to_do_and_looks_at_a_limited_time(rule: Rule) -> None:
    for name in ("summary", "description", "runbook"):
        assert len(rule.whole["annotations"][name]) > 20
    assert rule.query.count(TIME_FILTER) == rule.query.upper().count("WHERE")
    assert "$" not in rule.query.replace(TIME_FILTER, "")
    assert rule.since_s > _seconds(rule.interval), "nothing falls between two looks"


def test_only_the_rule_about_it_speaks_up_where_there_is_no_data() -> None:
    loud = {
        uid
        for uid, rule in RULES.items()
        if {rule.whole["noDataState"], rule.whole["execErrState"]} != {"OK"}
    }
    assert loud == {"hiprep-no-data"}
    assert RULES["hiprep-no-data"].whole["noDataState"] == "Alerting"
    assert RULES["hiprep-no-data"].whole["execErrState"] == "Alerting"


def test_nothing_is_taken_for_the_environment() -> None:
    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key, one in value.items():
                # Grafana leaves models as they are.
                yield from () if key == "model" else texts(one)
        elif isinstance(value, list):
            for one in value:
                yield from texts(one)
        else:
            yield str(value)

    for name in ("alerting/rules.yaml", "dashboards/hiprep.yaml"):
        assert not [text for text in texts(provisioned(name)) if "$" in text]


def test_rules_and_boards_do_not_quarrel_over_a_folder() -> None:
    (provider,) = provisioned("dashboards/hiprep.yaml")["providers"]
    folders = {group["folder"] for group in provisioned("alerting/rules.yaml")["groups"]}
    assert provider["folder"] not in folders
    assert len({group["name"] for group in provisioned("alerting/rules.yaml")["groups"]}) == 2


def test_the_boards_are_read_from_where_they_are_mounted() -> None:
    (provider,) = provisioned("dashboards/hiprep.yaml")["providers"]
    assert provider["options"]["path"] == BOARDS
    assert provider["folderUid"] == "hiprep"
    assert ("../dashboards/grafana/json", BOARDS, False) in mounts(SERVICES["grafana"])


def test_the_data_source_is_the_one_that_boards_and_rules_name() -> None:
    whole = provisioned("datasources/hiprep.yaml")
    (source,) = whole["datasources"]
    assert whole["apiVersion"] == 1
    assert (source["uid"], source["type"], source["isDefault"]) == ("hiprep", "influxdb", True)
    assert source["url"] == "http://influxdb:8086"
    assert source["jsonData"]["version"] == "InfluxQL"
    assert source["jsonData"]["dbName"] == "hiprep"
    assert source["jsonData"]["httpHeaderName1"] == "Authorization"
    header = source["secureJsonData"]["httpHeaderValue1"]
    assert header == f"$__file{{{SECRETS}influx_header}}"
    assert not source["editable"]


def test_grafana_is_closed_to_strangers_and_tells_nobody() -> None:
    ini = _ini()
    assert not ini.getboolean("users", "allow_sign_up")
    assert not ini.getboolean("auth.anonymous", "enabled")
    assert ini.getboolean("security", "disable_gravatar")
    assert not ini.getboolean("snapshots", "external_enabled")
    assert ini.getboolean("plugins", "preinstall_disabled")
    for key, value in ini["analytics"].items():
        assert value == "false", key


def test_the_live_board_comes_first_and_may_ask_every_second() -> None:
    dashboards = _ini()["dashboards"]
    assert dashboards["min_refresh_interval"] == "1s"
    assert dashboards["default_home_dashboard_path"] == f"{BOARDS}/set-live.json"


def test_grafana_reads_secrets_that_are_made(tmp_path: Path) -> None:
    init(tmp_path, "home", [])
    security = _ini()["security"]
    for key in ("admin_password", "secret_key"):
        assert security[key] == f"$__file{{{SECRETS}{key}}}"
        assert (tmp_path / "grafana" / key).exists()
    assert ("./grafana/grafana.ini", "/etc/grafana/grafana.ini", False) in mounts(
        SERVICES["grafana"]
    )


def _ini() -> ConfigParser:
    ini = ConfigParser(interpolation=None)
    ini.read_string((GRAFANA / "grafana.ini").read_text(encoding="utf-8"))
    return ini


def _seconds(text: str) -> int:
    return int(text[:-1]) * {"s": 1, "m": 60}[text[-1]]
