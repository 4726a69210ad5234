import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from pipeline.delivery.embedded import BrokerError, EmbeddedBroker, carries
from pipeline.delivery.mqtt import Broker, Client, Connection
from tests.integration.mosquitto import PATIENCE_S, free_ports, until
from tests.needs import needed

KINDS = ("mosquitto", "iotcore")
MOSQUITTO = ("sudo apt-get install mosquitto", "mosquitto", "/usr/sbin/mosquitto")

Patch = pytest.MonkeyPatch


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, monkeypatch: Patch) -> Iterator[EmbeddedBroker]:
    one = made(request.param, monkeypatch)
    try:
        one.start()
        yield one
    finally:
        one.close()
        one.forget()


def made(kind: str, monkeypatch: Patch) -> EmbeddedBroker:
    if kind == "mosquitto":
        return EmbeddedBroker(program=needed(*MOSQUITTO))
    monkeypatch.setattr("pipeline.delivery.embedded._path", lambda: "/nowhere")
    return EmbeddedBroker()


def test_it_carries_messages_and_listens_on_loopback_only(broker: EmbeddedBroker) -> None:
    assert broker.kind in KINDS
    assert carries(broker.url, PATIENCE_S)
    here = [
        tuple(one.laddr)
        for one in psutil.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and broker.port in one.laddr
    ]
    assert here == [("127.0.0.1", broker.port)]


def test_a_large_state_goes_through(broker: EmbeddedBroker) -> None:
    payload, topic = b"x" * 300_000, "hiprep/v1/home/belt/state"
    came: list[bytes] = []

    def say(connection: Connection) -> None:
        connection.subscribe([topic])
        connection.publish(topic, payload, retain=True)

    client = Client(
        Broker(broker.url),
        "reader",
        on_connect=say,
        on_message=lambda received: came.append(received.payload),
    )
    client.start()
    try:
        until(lambda: payload in came, "the payload is back")
    finally:
        client.close()


def test_killed_it_starts_again_on_its_port(broker: EmbeddedBroker) -> None:
    port = broker.port
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # some are gone already
            if broker.kind in " ".join(child.cmdline()):
                child.kill()
    until(lambda: not broker.runs(), "it is gone")
    broker.close()
    broker.start()
    assert broker.port == port
    assert carries(broker.url, PATIENCE_S)


@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_with_us_even_if_we_are_killed(kind: str, tmp_path: Path) -> None:
    needed(*MOSQUITTO)
    lines = [
        "import time",
        "import pipeline.delivery.embedded as it",
        "it._path = lambda: '/nowhere'" if kind == "iotcore" else "",
        "broker = it.EmbeddedBroker()",
        "broker.start()",
        "print(broker.port, broker.kind, flush=True)",
        "time.sleep(600)",
    ]
    script = tmp_path / "us.py"
    script.write_text("\n".join(lines))
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}
    ) as us:
        assert us.stdout
        port, found = us.stdout.readline().split()
        assert found.decode() == kind
        us.send_signal(signal.SIGKILL)
        us.wait()
        until(lambda: not _open(int(port)), "the broker is gone")


def test_a_port_in_use_is_named() -> None:
    (port,) = free_ports(1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        broker = EmbeddedBroker(port)
        with pytest.raises(BrokerError, match=f"port {port} is in use"):
            broker.start()
        broker.forget()


def test_a_program_that_is_no_broker_is_an_error_and_no_wait() -> None:
    broker = EmbeddedBroker(program="/bin/true")
    began_s = time.monotonic()
    with pytest.raises(BrokerError, match="ended with 0"):
        broker.start()
    assert time.monotonic() - began_s < PATIENCE_S
    broker.forget()


def _open(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 0.2):
            return True
    except OSError:
        return False
