"""`hiprep doctor --stack`: ports, certificates, boards, and all of it, without the servers."""

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.delivery.metrics import Endpoint
from pipeline.delivery.payloads import Health
from pipeline.settings import (
    HealthSettings,
    InfluxSettings,
    MqttSettings,
    Settings,
    dumps,
)
from pipeline.stack import certificate_check
from pipeline.stack.certificates import make_ca, make_server_certificate
from pipeline.stack.checks import stack_findings
from pipeline.stack.grafana_checks import grafana_findings
from pipeline.stack.port_checks import health_findings, published_findings
from tests.stack.findings import bad, only

Capture = pytest.CaptureFixture[str]


# Ports


@contextmanager
def answering(answers: dict[str, tuple[int, Any]]) -> Iterator[str]:
    """A server that knows these paths -> its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.get(self.path, (404, "not found"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def test_without_the_table_no_port_is_looked_at() -> None:
    assert health_findings(None) == []


def test_a_free_port_is_well() -> None:
    assert bad(health_findings(HealthSettings(free_port()))) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who it is")
def test_a_port_that_somebody_else_has_is_told_with_who_it_is() -> None:
    with answering({"/healthz": (200, {"status": "UP"})}) as url:
        finding = only(health_findings(HealthSettings(port_of(url))))
    assert finding.level == "problem"
    assert f"(process {os.getpid()})" in finding.text
    assert "health.port" in finding.cure


HEALTH = Health(
    service="run",
    online=True,
    ok=True,
    problems=(),
    time_us=0,
    session=None,
    parts=(),
    publisher=None,
    store=None,
    sensors=(),
)


def test_a_port_of_our_own_service_is_well_and_its_problem_a_warning() -> None:
    endpoint = Endpoint(0, HEALTH)
    endpoint.start()
    try:
        found = health_findings(HealthSettings(endpoint.port))
        assert [one.level for one in found] == ["ok"]
    finally:
        endpoint.close()


@pytest.mark.parametrize("use", ["TLS", "Grafana"])
def test_a_published_port_may_be_free_but_not_somebody_elses(use: Any) -> None:
    assert bad(published_findings({free_port(): use})) == []
    with answering({}) as url:
        finding = only(published_findings({port_of(url): use}))
    assert finding.level == "problem"
    assert f"{port_of(url)} is in use by " in finding.text
    assert "compose.yaml" in finding.cure


def test_the_port_of_boards_may_be_grafanas() -> None:
    with answering({"/api/health": (200, {"database": "ok", "version": "12.1.0"})}) as url:
        assert bad(published_findings({port_of(url): "Grafana"})) == []


# Certificates


def made(folder: Path, days_ago: float, *hosts: str) -> Path:
    """Secrets with a certificate that was made so long ago."""
    now = datetime.now(UTC) - timedelta(days=days_ago)
    for name in ("ca", "mosquitto"):
        (folder / name).mkdir(parents=True)
    make_ca(folder / "ca", now=now)
    make_server_certificate(folder / "ca", folder / "mosquitto", hosts, now=now)
    (folder / "mosquitto" / "ca.crt").write_bytes((folder / "ca" / "ca.crt").read_bytes())
    return folder


def test_a_new_certificate_for_this_host_is_well(tmp_path: Path) -> None:
    folder = made(tmp_path, 0, "gym.local")
    for host in ("gym.local", "localhost", "127.0.0.1", None):
        found = certificate_check.file_findings(folder, host)
        assert [one.level for one in found] == ["ok"]


def test_a_certificate_that_ends_soon_is_a_warning(tmp_path: Path) -> None:
    finding = only(certificate_check.file_findings(made(tmp_path, 710), None))
    assert (finding.level, finding.cure) == ("warning", certificate_check.RENEWAL)
    assert "20 days more" in finding.text


@pytest.mark.parametrize(
    ("days_ago", "host", "words", "cure"),
    [
        (800, "localhost", "has expired", "renews it"),
        (-40, "localhost", "does not hold yet", "clock"),
        (0, "gym.local", "is not for gym.local", "--host gym.local"),
        (0, "192.168.7.7", "is not for 192.168.7.7", "--host 192.168.7.7"),
    ],
)
def test_a_certificate_that_no_client_would_trust_is_a_problem(
    tmp_path: Path, days_ago: float, host: str, words: str, cure: str
) -> None:
    folder = made(tmp_path, days_ago)
    finding = only(certificate_check.file_findings(folder, host))
    assert finding.level == "problem"
    assert words in finding.text
    assert cure in finding.cure


def test_a_certificate_of_another_authority_is_a_problem(tmp_path: Path) -> None:
    folder, other = made(tmp_path / "one", 0), made(tmp_path / "other", 0)
    (folder / "mosquitto" / "ca.crt").write_bytes((other / "ca" / "ca.crt").read_bytes())
    finding = only(certificate_check.file_findings(folder, "localhost"))
    assert "not signed by the authority" in finding.text


def test_a_key_of_another_certificate_and_what_is_none_are_problems(tmp_path: Path) -> None:
    folder, other = made(tmp_path / "one", 0), made(tmp_path / "other", 0)
    key = folder / "mosquitto" / "server.key"
    for content in ((other / "mosquitto" / "server.key").read_bytes(), b"nonsense"):
        key.write_bytes(content)
        finding = only(certificate_check.file_findings(folder, None))
        assert "cannot be used" in finding.text


# Grafana


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        ((200, {"database": "ok", "version": "12.1.0"}), "ok", "version 12.1.0"),
        ((200, {"database": "ok"}), "ok", "does not say"),
        ((200, {"database": "ok", "version": "10.4.2"}), "problem", "11 or newer"),
        ((503, {"database": "failing", "version": "12.1.0"}), "problem", "its own database"),
        ((200, {"status": "UP"}), "problem", "no Grafana"),
        ((200, ["database"]), "problem", "no Grafana"),
    ],
)
def test_grafana_says_how_it_is(answer: tuple[int, Any], level: str, words: str) -> None:
    with answering({"/api/health": answer}) as url:
        (finding,) = grafana_findings(f"{url}/")
    assert finding.level == level
    assert words in finding.text
    assert bool(finding.cure) == (level != "ok")


@pytest.mark.parametrize("address", ["grafana:3000", "file:///etc/passwd", "http://[", "http://"])
def test_an_address_that_is_none_is_a_problem(address: str) -> None:
    assert only(grafana_findings(address)).level == "problem"


def test_a_grafana_that_does_not_run_is_a_problem() -> None:
    finding = only(grafana_findings(f"http://127.0.0.1:{free_port()}"))
    assert "docker compose up" in finding.cure


# All of it


def test_without_settings_the_rest_is_looked_at(tmp_path: Path) -> None:
    missing = stack_findings(tmp_path / "none.toml", secrets=tmp_path / "secrets")
    assert {one.about for one in bad(missing)} >= {"settings", "secrets"}
    (tmp_path / "bad.toml").write_text('site = "a b"\nfoo = 1\n')
    wrong = [one for one in stack_findings(tmp_path / "bad.toml") if one.about == "settings"]
    assert [one.level for one in wrong] == ["problem"] * 2
    folder = [one for one in stack_findings(tmp_path) if one.about == "settings"]
    assert [one.level for one in folder] == ["problem"]


def test_servers_that_are_silent_are_problems_in_time(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings = Settings(
            mqtt=MqttSettings(f"mqtts://127.0.0.1:{port}"),
            influx=InfluxSettings(f"http://127.0.0.1:{port}", "abc", org="o", bucket="b"),
        )
        path = tmp_path / "settings.toml"
        path.write_text(dumps(settings))
        path.chmod(0o600)
        found = stack_findings(path, grafana=f"http://127.0.0.1:{port}", within_s=60.0)
        hurried = stack_findings(path, grafana=f"http://127.0.0.1:{port}", within_s=0.0)
    for findings in (found, hurried):
        problems = {one.about for one in findings if one.level == "problem"}
        assert problems >= {"broker", "database", "Grafana"}


def test_the_command_ends_with_1_for_a_problem_and_speaks_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("HIPREP_SETTINGS", "elsewhere")
    path = tmp_path / "settings.toml"
    path.write_text("")
    with answering({"/api/health": (200, {"database": "ok", "version": "12.1.0"})}) as url:
        whole = ["doctor", "--stack", "--json", "--config", str(path), "--grafana", url]
        assert main(whole) == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert {line["level"] for line in lines} == {"ok"}
        assert main([*whole, "--secrets", str(tmp_path / "none")]) == 1
    assert main(["doctor", "--stack", "--config", str(tmp_path / "none.toml")]) == 1


def test_what_belongs_to_the_stack_goes_with_it_only(capsys: Capture) -> None:
    assert main(["doctor", "--ports"]) == 2
    assert "--stack" in capsys.readouterr().err
    assert main(["doctor", "--stack", "--sensor", "belt"]) == 2
