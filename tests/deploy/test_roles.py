"""What docs/roles.md promises of the broker: the store of a group hears its group and no more."""

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from pipeline.delivery.book import Book
from pipeline.delivery.broker import Broker
from pipeline.delivery.messages import Message, event_topic, to_payload
from pipeline.settings import MqttSettings, Settings, StoreSettings, dumps
from pipeline.stack.secrets import add_user, init
from tests.integration.mosquitto import free_ports, listening, until
from tests.integration.shipped import shipped_broker
from tests.integration.test_live_command import COMMAND, ROOT
from tests.needs import needed
from tests.pipeline.delivery.made import message

TEAM_A = message(1, site="team-a")
TEAM_B = message(2, site="team-b", athlete="ben")
LAST = message(3, site="team-a")
_BOTH = "# of both teams, for this test\nuser gateways\ntopic readwrite hiprep/#\n"
# Anna lifts at the site team-a here.
_BY_ATHLETE = "# team-a\nuser team-a-store\ntopic read hiprep/v1/team-a/+/anna/+\n"


def kept(path: Path) -> list[Message]:
    with Book(path) as book:
        return [*book.messages("rep")]


@pytest.mark.parametrize("by_athlete", [False, True])
def test_the_store_of_a_group_hears_its_group_and_confirms_nothing(
    tmp_path: Path, *, by_athlete: bool
) -> None:
    secrets, keeping = tmp_path / "secrets", tmp_path / "team-a.db"
    init(secrets, "home", [])
    # As the page says: let in as a page of that site, which may write nothing.
    password = tmp_path / "password"
    site = "of-nobody" if by_athlete else "team-a"
    password.write_text(add_user(secrets, "team-a-store", "page", site))
    password.chmod(0o600)
    all_of_it = add_user(secrets, "gateways", "gateway", "team-a")
    acl = secrets / "mosquitto" / "acl"
    acl.write_text(f"{acl.read_text()}\n{_BOTH}\n{_BY_ATHLETE if by_athlete else ''}")
    with (
        shipped_broker(tmp_path / "broker", secrets) as server,
        listening(server.broker("gateways", all_of_it), "hiprep/#") as gateways,
    ):
        url = f"mqtts://127.0.0.1:{server.port}"
        mqtt = MqttSettings(url, "team-a-store", password_file=password, ca=server.ca)
        settings = tmp_path / "team-a.toml"
        settings.write_text(dumps(Settings(site="team-a", mqtt=mqtt, store=StoreSettings(keeping))))
        running = subprocess.Popen(
            [*COMMAND, "store"],
            cwd=ROOT,
            env={**os.environ, "HIPREP_SETTINGS": str(settings)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

        def heard() -> bool:
            # Again, as gateways do without a receipt: it may not have been there the first time.
            for one in (TEAM_B, TEAM_A, LAST):
                gateways.publish(event_topic(one), to_payload(one))
            time.sleep(0.2)
            return len(kept(keeping)) == 2

        until(heard, "what team-a lifted")
        running.terminate()
        said, _ = running.communicate(timeout=30)
        # The broker does one thing after the other: what the store said would be here before.
        gateways.publish("hiprep/v1/team-a/belt/answer", b"{}")
        until(lambda: gateways.payloads("/answer"), "an answer")
        assert gateways.payloads("/receipt") == []
        assert gateways.payloads("/status") == [], "not even its will"
    assert running.returncode == 0
    assert "kept 2, " in said
    assert kept(keeping) == [TEAM_A, LAST]


def test_the_broker_without_containers_lets_the_gateway_in_and_nobody_else(tmp_path: Path) -> None:
    program = needed("sudo apt-get install mosquitto", "mosquitto", "/usr/sbin/mosquitto")
    sends = needed("sudo apt-get install mosquitto-clients", "mosquitto_pub")
    message_of = ("-t", "hiprep/v1/home/belt/command", "-m", "{}")
    secrets = tmp_path / "secrets"
    init(secrets, "home", [])
    port, web_port = free_ports(2)
    ours = (ROOT / "deploy" / "systemd" / "mosquitto.conf").read_text()
    for told, here in (
        ("/etc/mosquitto/hiprep", str(secrets / "mosquitto")),
        ("listener 8883\n", f"listener {port} 127.0.0.1\n"),
        ("listener 8084\n", f"listener {web_port} 127.0.0.1\nsocket_domain ipv4\n"),
    ):
        assert told in ours
        ours = ours.replace(told, here)
    more = tmp_path / "conf.d"
    more.mkdir()
    (more / "hiprep.conf").write_text(ours)
    # As Debian has it, which reads ours at its end.
    (tmp_path / "mosquitto.conf").write_text(
        f"{'user root' if os.geteuid() == 0 else ''}\npersistence true\n"
        f"persistence_location {tmp_path}/\nlog_dest file {tmp_path}/log\ninclude_dir {more}\n"
    )
    broker = Broker(
        f"mqtts://localhost:{port}",
        "gateway",
        (secrets / "gateway" / "mqtt_password").read_text().strip(),
        ca=secrets / "gateway" / "ca.crt",
    )
    running = subprocess.Popen([program, "-c", str(tmp_path / "mosquitto.conf")])
    try:
        until(lambda: _listens(port) and _listens(web_port), "mosquitto listens")
        with listening(broker, "hiprep/#") as gateway:
            gateway.publish(event_topic(message()), to_payload(message()))
            until(lambda: gateway.payloads("/rep"), "its own rep")
        stranger = subprocess.run(
            [sends, *("-h", "localhost", "-p", str(port), "--cafile", str(broker.ca)), *message_of],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "not authorised" in stranger.stderr.lower()
    finally:
        running.terminate()
        running.wait()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
