"""`hiprep doctor --stack` with a real broker and a real database, well and not."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.delivery.influx_setup import init_database
from pipeline.doctor import Finding
from pipeline.settings import MqttSettings, Settings, StoreSettings, dumps
from pipeline.stack.broker_checks import broker_findings
from pipeline.stack.port_checks import published_findings
from pipeline.stack.secrets import init
from tests.integration.influx import PASSWORD, InfluxServer
from tests.integration.mosquitto import (
    Certificates,
    Mosquitto,
    certificates,
    free_ports,
    listening,
    mosquitto,
)
from tests.integration.test_doctor_database import database
from tests.stack.findings import bad, only

Capture = pytest.CaptureFixture[str]


# The broker


@dataclass(frozen=True)
class Gym:
    """A broker with the secrets of `hiprep stack init`."""

    secrets: Path
    broker: Mosquitto

    def mqtt(self, name: str = "store", **changes: Any) -> MqttSettings:
        whole = MqttSettings(
            self.broker.tls_url,
            name,
            password_file=self.secrets / name / "mqtt_password",
            ca=self.secrets / name / "ca.crt",
        )
        return replace(whole, **changes)


@pytest.fixture(scope="module")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gym]:
    folder = tmp_path_factory.mktemp("gym")
    secrets = folder / "secrets"
    init(secrets, "home", [])
    tls = Certificates(secrets, "none")
    tls.ca, tls.cert, tls.key = (
        secrets / "mosquitto" / name for name in ("ca.crt", "server.crt", "server.key")
    )
    users = {name: (secrets / name / "mqtt_password").read_text() for name in ("gateway", "store")}
    acl = (secrets / "mosquitto" / "acl").read_text()
    with mosquitto(folder / "broker", users=users, acl=acl, tls=tls) as broker:
        yield Gym(secrets, broker)


@pytest.mark.parametrize("name", ["gateway", "store"])
def test_each_service_of_ours_may_do_what_it_must(gym: Gym, name: str) -> None:
    found = broker_findings(Settings(mqtt=gym.mqtt(name)))
    assert [(one.level, one.about) for one in found] == [("ok", "certificate"), ("ok", "broker")]


def test_a_published_port_that_the_broker_has_already_is_well(gym: Gym) -> None:
    assert bad(published_findings({gym.broker.tls_port: "TLS"})) == []


def test_what_it_says_is_not_kept_and_ends_nobodys_connection(gym: Gym) -> None:
    password = (gym.secrets / "gateway" / "mqtt_password").read_text()
    with listening(gym.broker.broker("gateway", password), "hiprep/v1/home/#") as service:
        before = service.connection
        assert bad(broker_findings(Settings(mqtt=gym.mqtt()))) == []
        assert service.connection is before
        (heard,) = service.came
        assert heard.topic == "hiprep/v1/home/doctor/status"
        assert json.loads(heard.payload)["online"] is False
    with listening(gym.broker.broker("gateway", password), "hiprep/v1/home/#") as later:
        assert later.came == []


def test_a_site_that_the_acl_does_not_know_is_a_problem(gym: Gym) -> None:
    finding = only(broker_findings(Settings(mqtt=gym.mqtt(), site="attic")))
    assert (finding.level, finding.about) == ("problem", "broker")
    assert "does not come back" in finding.text
    assert "ACL" in finding.cure


def test_a_wrong_password_is_a_problem_and_not_shown(gym: Gym) -> None:
    mqtt = gym.mqtt(password_file=None, password="hunter2")  # noqa: S106
    finding = only(broker_findings(Settings(mqtt=mqtt)))
    assert "does not let us in as store" in finding.text
    assert "passwd" in finding.cure
    assert "hunter2" not in str(finding)


def test_a_broker_that_does_not_run_is_a_problem() -> None:
    (port,) = free_ports(1)
    finding = only(broker_findings(Settings(mqtt=MqttSettings(f"mqtts://127.0.0.1:{port}"))))
    assert "nothing listens" in finding.text
    assert "docker compose up" in finding.cure


def test_a_port_without_tls_is_a_problem(gym: Gym) -> None:
    mqtt = gym.mqtt(url=f"mqtts://127.0.0.1:{gym.broker.port}")
    assert only(broker_findings(Settings(mqtt=mqtt))).level == "problem"


def test_an_authority_of_somebody_else_is_a_problem(gym: Gym, tmp_path: Path) -> None:
    other = certificates(tmp_path, "other")
    finding = only(broker_findings(Settings(mqtt=gym.mqtt(ca=other.ca))))
    assert (finding.level, finding.about) == ("problem", "certificate")
    assert "mqtt.ca" in finding.cure


@pytest.mark.parametrize(
    ("names", "days", "level", "words"),
    [
        ("IP:127.0.0.1", 40, "ok", "days more"),
        ("IP:127.0.0.1", 20, "warning", "20 days more"),
        ("IP:127.0.0.1", -1, "problem", "has expired"),
        ("DNS:gym.local", 40, "problem", "is not for 127.0.0.1"),
    ],
)
def test_the_certificate_that_is_in_use_is_looked_at(
    tmp_path: Path, names: str, days: int, level: str, words: str
) -> None:
    tls = certificates(tmp_path, names=names, days=days)
    with mosquitto(tmp_path / "broker", tls=tls) as broker:
        found = broker_findings(Settings(mqtt=MqttSettings(broker.tls_url, ca=tls.ca)))
    assert (found[0].level, found[0].about) == (level, "certificate")
    assert words in found[0].text


# All of it


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with database(tmp_path_factory.mktemp("influx")) as server:
        yield server


class _Grafana(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"database": "ok", "version": "12.1.0"}')

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def grafana() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Grafana)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _doctor(folder: Path, settings: Settings, grafana: str, capsys: Capture) -> Mapping[str, Any]:
    """What the command says, and how it ends."""
    path = folder / "settings.toml"
    path.write_text(dumps(settings))
    path.chmod(0o600)
    code = main(["doctor", "--stack", "--json", "--config", str(path), "--grafana", grafana])
    out = capsys.readouterr().out
    for secret in (PASSWORD, settings.mqtt and settings.mqtt.read_password()):
        assert not secret or secret not in out
    return {"code": code, "found": [Finding(**json.loads(line)) for line in out.splitlines()]}


def test_a_healthy_stack_has_no_problem_and_no_warning(
    gym: Gym,
    influx: InfluxServer,
    grafana: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.setenv("HIPREP_SETTINGS", "elsewhere")
    init_database(influx.settings())
    settings = Settings(
        mqtt=gym.mqtt(), influx=influx.settings(), store=StoreSettings(tmp_path / "store.db")
    )
    said = _doctor(tmp_path, settings, grafana, capsys)
    assert bad(said["found"]) == []
    assert {one.about for one in said["found"]} == {
        "settings", "secret", "store", "certificate", "broker", "database", "clock", "Grafana",
    }  # fmt: skip
    assert said["code"] == 0


def test_a_stack_with_a_few_things_wrong_tells_them_all(
    gym: Gym,
    grafana: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.setenv("HIPREP_SETTINGS", "elsewhere")
    password = tmp_path / "password"
    password.write_text((gym.secrets / "gateway" / "mqtt_password").read_text())
    password.chmod(0o644)
    with database(tmp_path / "influx", "3.0.1") as server:
        settings = Settings(
            mqtt=gym.mqtt(password_file=password),  # of the gateway, not of the store
            influx=server.settings(),
            store=StoreSettings(tmp_path / "settings.toml" / "store.db"),
        )
        said = _doctor(tmp_path, settings, grafana, capsys)
    assert said["code"] == 1
    assert [(one.level, one.about) for one in bad(said["found"])] == [
        ("warning", "secret"),
        ("problem", "store"),
        ("problem", "broker"),
        ("problem", "database"),
    ]
    assert all(one.cure for one in bad(said["found"]))
