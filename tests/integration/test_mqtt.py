"""The client against a real broker, and against whatever else may listen at its address."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pipeline.delivery.broker import Broker
from pipeline.delivery.mqtt import (
    FIRST_DELAY_S,
    LIVE_BACKLOG,
    LONGEST_DELAY_S,
    Client,
    Connection,
    MqttError,
    Received,
    delay_s,
)
from tests.integration.mosquitto import (
    Certificates,
    certificates,
    free_ports,
    listening,
    mosquitto,
    until,
)

# Connects with a last will, says so, and waits to be killed.
_MORTAL = """
import sys, time
from pipeline.delivery.mqtt import Broker, Client
client = Client(
    Broker(sys.argv[1]), "mortal", on_connect=lambda _: print("here", flush=True),
    on_message=print, will=("will", b'{"online":false}'),
)
client.start()
time.sleep(1000)
"""


def _trouble(broker: Broker) -> str:
    """Why there is no connection."""
    client = Client(broker, "someone", on_connect=lambda _: None, on_message=lambda _: None)
    client.start()
    try:
        until(lambda: client.problem or client.connected, "some outcome")
        assert not client.connected
        assert client.problem is not None
        return client.problem
    finally:
        client.close()


def _connects(broker: Broker) -> bool:
    with listening(broker, "any") as one:
        return one.connection is not None


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Of another authority, and for another host."""
    return certificates(tmp_path_factory.mktemp("other"), "other", names="DNS:elsewhere.example")


def test_a_wrong_password_and_none_are_told_apart_from_no_broker(tmp_path: Path) -> None:
    with mosquitto(tmp_path, users={"gateway": "s3cret"}) as server:
        assert _connects(server.broker("gateway", "s3cret"))
        told = _trouble(server.broker("gateway", "wrong"))
        assert told.startswith("mqtt.user, mqtt.password: ")
        assert told.endswith("does not let us in as gateway")
        assert "wrong" not in told
        assert _trouble(server.broker()).endswith("does not let us in without a user")
    told = _trouble(server.broker("gateway", "s3cret"))
    assert told.startswith(f"mqtt.url: nothing listens at 127.0.0.1:{server.port}")


def test_a_host_that_nobody_knows_is_named() -> None:
    for host in ("no-such-host.invalid", "a" * 64, "a..b"):
        told = _trouble(Broker(f"mqtt://{host}"))
        assert told.startswith(f"mqtt.url: the host {host} is not found")


def test_tls_with_an_authority_of_its_own(tmp_path: Path, own: Certificates) -> None:
    with mosquitto(tmp_path, users={"gateway": "s3cret"}, tls=own) as server:
        for host in ("127.0.0.1", "localhost"):
            url = f"mqtts://{host}:{server.tls_port}"
            assert _connects(Broker(url, "gateway", "s3cret", ca=own.ca))


def test_a_certificate_of_another_authority_is_not_trusted(
    tmp_path: Path, own: Certificates, other: Certificates
) -> None:
    with mosquitto(tmp_path, tls=own) as server:
        for ca in (None, other.ca):
            told = _trouble(Broker(server.tls_url, ca=ca))
            assert told.startswith("mqtt.ca: the certificate of 127.0.0.1:")
            assert "is not trusted" in told


def test_a_certificate_of_another_host_is_not_trusted(tmp_path: Path, other: Certificates) -> None:
    with mosquitto(tmp_path, tls=other) as server:
        told = _trouble(Broker(server.tls_url, ca=other.ca))
    assert told.startswith("mqtt.url: the certificate of 127.0.0.1:")
    assert "is for another name" in told


def test_a_certificate_that_is_out_of_date_says_so(tmp_path: Path) -> None:
    old = certificates(tmp_path / "old", days=-1)
    with mosquitto(tmp_path, tls=old) as server:
        told = _trouble(Broker(server.tls_url, ca=old.ca))
    assert told.startswith("mqtt.url: the certificate of 127.0.0.1:")
    assert "is out of date" in told


def test_client_certificates(tmp_path: Path, own: Certificates, other: Certificates) -> None:
    with mosquitto(tmp_path, tls=own, client_ca=other.ca) as server:
        ours = Broker(server.tls_url, ca=own.ca, cert=other.cert, key=other.key)
        assert _connects(ours)
        told = _trouble(Broker(server.tls_url, ca=own.ca))
        assert told.startswith("mqtt.cert: ")
        assert "wants a certificate" in told
        told = _trouble(Broker(server.tls_url, ca=own.ca, cert=own.cert, key=own.key))
        assert told.startswith("mqtt.cert: ")
        assert f"does not accept the certificate {own.cert}" in told


def test_tls_where_there_is_none_and_none_where_there_is(tmp_path: Path, own: Certificates) -> None:
    with mosquitto(tmp_path, tls=own) as server:
        told = _trouble(Broker(f"mqtts://127.0.0.1:{server.port}", ca=own.ca))
        assert told.startswith("mqtt.url: ")
        assert "TLS port" in told
        told = _trouble(Broker(f"mqtt://127.0.0.1:{server.tls_port}"))
        assert "TLS wanted (mqtts://)?" in told


@pytest.mark.parametrize("setting", ["ca", "cert", "key"])
def test_files_that_cannot_be_used_are_named_before_there_is_any_attempt(
    tmp_path: Path, own: Certificates, setting: str
) -> None:
    files = {"ca": own.ca, "cert": own.cert, "key": own.key}
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("rubbish")
    for file in (rubbish, tmp_path / "missing.pem"):
        used = {**files, setting: file}
        broker = Broker("mqtts://127.0.0.1", ca=used["ca"], cert=used["cert"], key=used["key"])
        with pytest.raises(MqttError, match=r"^mqtt\.(ca|cert|key): .*") as told:
            Client(broker, "someone", on_connect=lambda _: None, on_message=lambda _: None)
        assert str(file) in str(told.value)


def test_a_key_with_a_passphrase_does_not_ask_for_it(tmp_path: Path, own: Certificates) -> None:
    locked = tmp_path / "locked.key"
    command = f"openssl ec -in {own.key} -out {locked} -aes256 -passout pass:x"
    subprocess.run(command.split(), check=True, capture_output=True)
    with pytest.raises(MqttError, match=r"^mqtt\.key: .*no passphrase"):
        Broker("mqtts://127.0.0.1", ca=own.ca, cert=own.cert, key=locked).context()


@pytest.mark.parametrize(
    ("url", "more", "named"),
    [
        ("", {}, "mqtt.url"),
        ("broker.example", {}, "mqtt.url"),
        ("http://broker.example", {}, "mqtt.url"),
        ("mqtt://", {}, "mqtt.url"),
        ("mqtt://broker.example:0", {}, "mqtt.url"),
        ("mqtt://broker.example:66000", {}, "mqtt.url"),
        ("mqtt://broker.example:mqtt", {}, "mqtt.url"),
        ("mqtt://me:s3cret@broker.example", {}, "mqtt.user"),
        ("mqtt://broker.example", {"password": "s3cret"}, "mqtt.user"),
        ("mqtt://broker.example", {"ca": Path("ca.crt")}, "mqtts://"),
        ("mqtts://broker.example", {"key": Path("a.key")}, "mqtt.cert"),
    ],
)
def test_settings_that_cannot_work_name_the_setting_and_no_secret(
    url: str, more: dict[str, str], named: str
) -> None:
    with pytest.raises(MqttError, match=named.replace(".", r"\.")) as told:
        Broker(url, **more)  # type: ignore[arg-type]
    assert "s3cret" not in str(told.value)


def test_the_usual_ports() -> None:
    assert (Broker("mqtt://[::1]").host, Broker("mqtt://[::1]").port) == ("::1", 1883)
    assert Broker("mqtts://broker.example").port == 8883
    assert Broker("mqtts://broker.example:1234").port == 1234
    assert "s3cret" not in repr(Broker("mqtt://broker.example", "me", "s3cret"))


@contextmanager
def _stranger(answer: bytes) -> Iterator[str]:
    """Something that answers so to whatever is said to it, and hangs up -> its url."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    one, _ = server.accept()
                    with one:
                        one.recv(1000)
                        one.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"mqtt://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x20\x00",
        b"\x20\x02\x00\x01",
        b"\x20\x03\x00\x00\x00",
        b"\x20\xff\xff\xff\xff\xff",
        b"\x30\x02\x00\x09",
        b"\x90\x01",
    ],
)
def test_a_broker_that_hangs_up_without_a_greeting_may_mean_the_password(answer: bytes) -> None:
    with _stranger(answer) as url:
        told = _trouble(Broker(url, "gateway", "s3cret"))
        assert told.startswith("mqtt.url, mqtt.user, mqtt.password: no answer from 127.0.0.1:")
        assert "wrong user or password?" in told
        assert "a user and password wanted?" in _trouble(Broker(url))


@pytest.mark.parametrize(
    ("code", "told"),
    [(3, "Server unavailable"), (4, "does not let us in"), (5, "does not let us in")],
)
def test_the_broker_s_own_reason_is_told(code: int, told: str) -> None:
    with _stranger(bytes([0x20, 2, 0, code])) as url:
        assert told in _trouble(Broker(url, "gateway", "s3cret"))


@pytest.mark.parametrize(
    "garbage",
    [b"\x40\x01\x00", b"\x30\x02\x00\x09", b"\x00\x00", b"\x90\x00", b"\x32\x03\x00\x01a"],
)
def test_garbage_after_the_greeting_ends_a_connection_and_not_the_client(garbage: bytes) -> None:
    lost: list[str] = []
    with _stranger(b"\x20\x02\x00\x00" + garbage) as url:
        client = Client(
            Broker(url),
            "someone",
            on_connect=lambda _: None,
            on_message=lambda _: None,
            on_lost=lost.append,
        )
        client.start()
        until(lambda: len(lost) > 1, "it connects again")
        client.close()
    assert all(told.startswith("mqtt.url: the connection to 127.0.0.1:") for told in lost)


def test_a_callback_that_fails_ends_a_connection_and_not_the_client(tmp_path: Path) -> None:
    came: list[Received] = []
    lost: list[str] = []

    def fail_once(received: Received) -> None:
        came.append(received)
        if len(came) == 1:
            raise RuntimeError("a mistake of ours")

    with mosquitto(tmp_path) as server:
        connections: list[Connection] = []
        client = Client(
            server.broker(),
            "someone",
            on_connect=connections.append,
            on_message=fail_once,
            on_lost=lost.append,
            persistent=True,
        )
        client.start()
        until(lambda: connections)
        connections[0].subscribe(["topic"])
        connections[0].publish("topic", b"1")
        until(lambda: len(came) > 1, "it comes again")
        client.close()
    assert {one.payload for one in came} == {b"1"}
    assert "a mistake of ours" in lost[0]


def test_a_client_that_begins_before_its_broker_connects_when_that_comes(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as server:
        server.kill()
        client = Client(
            server.broker(), "someone", on_connect=lambda _: None, on_message=lambda _: None
        )
        client.start()
        until(lambda: client.problem, "trouble")
        server.start()
        until(lambda: client.connected, "the connection")
        assert client.problem is None
        server.kill()
        until(lambda: client.problem, "the end of it")
        server.start()
        until(lambda: client.connected, "another connection")
        client.close()
        assert client.problem is None


def test_the_delay_between_attempts_grows_at_random_between_its_limits() -> None:
    for failures in range(100):
        assert FIRST_DELAY_S <= delay_s(failures) <= LONGEST_DELAY_S
    assert max(delay_s(0) for _ in range(100)) < min(delay_s(2) for _ in range(100))
    assert min(delay_s(99) for _ in range(100)) >= LONGEST_DELAY_S / 2
    assert len({delay_s(3) for _ in range(100)}) > 1


def test_the_will_is_published_for_those_who_die_and_not_for_those_who_leave(
    tmp_path: Path,
) -> None:
    with mosquitto(tmp_path) as server, listening(server.broker(), "will") as heir:
        command = [sys.executable, "-c", _MORTAL, server.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as mortal:
            assert mortal.stdout is not None
            mortal.stdout.readline()
            mortal.kill()
        until(lambda: heir.came, "the will")
        assert heir.came[0].payload == b'{"online":false}'
        with listening(server.broker(), "will", name="later") as later:
            until(lambda: later.came, "the will, retained")
            assert later.came[0].retained

        leaving = Client(
            server.broker(),
            "leaving",
            on_connect=lambda _: None,
            on_message=lambda _: None,
            will=("will", b"none of this"),
        )
        leaving.start()
        until(lambda: leaving.connected)
        leaving.close()
        heir.publish("will", b"the end")
        until(lambda: b"the end" in heir.payloads("will"))
        assert b"none of this" not in heir.payloads("will")


def test_a_persistent_session_gets_what_it_did_not_acknowledge_again(tmp_path: Path) -> None:
    came: list[Received] = []
    connections: list[Connection] = []

    def client() -> Client:
        return Client(
            server.broker(),
            "store",
            on_connect=connections.append,
            on_message=came.append,
            persistent=True,
            own_acks=True,
        )

    with mosquitto(tmp_path) as server, listening(server.broker()) as sender:
        first = client()
        first.start()
        until(lambda: connections)
        assert not connections[0].session_present
        connections[0].subscribe(["topic"])
        for number in range(3):
            connections[0].publish("topic", b"%d" % number)
        until(lambda: len(came) == 3)
        connections[0].ack(came[0])
        first.close()
        sender.publish("topic", b"3")

        came.clear()
        second = client()
        second.start()
        until(lambda: len(came) == 3)
        assert connections[1].session_present
        assert [one.payload for one in came] == [b"1", b"2", b"3"]
        second.close()


def test_live_values_do_not_pile_up_where_the_broker_reads_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[Connection] = []
        client = Client(
            Broker(f"mqtt://127.0.0.1:{server.getsockname()[1]}"),
            "someone",
            on_connect=connections.append,
            on_message=lambda _: None,
        )
        client.start()
        stuck, _ = server.accept()
        with stuck:
            stuck.sendall(b"\x20\x02\x00\x00")
            until(lambda: connections)
            sent = 0
            while connections[0].publish_live("live", bytes(50_000)):
                sent += 1
                assert sent < 100 * LIVE_BACKLOG
            assert sent >= LIVE_BACKLOG
            client.close(0.0)


def test_a_subscription_that_the_broker_refuses_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = Client(
            Broker(f"mqtt://127.0.0.1:{server.getsockname()[1]}", "gateway", "s3cret"),
            "someone",
            on_connect=lambda connection: connection.subscribe(["topic"]),
            on_message=lambda _: None,
        )
        client.start()
        broker, _ = server.accept()
        with broker:
            broker.sendall(b"\x20\x02\x00\x00" + b"\x90\x03\x00\x01\x80")
            until(lambda: client.problem)
            assert client.problem is not None
            assert "refuses a subscription: let user gateway read" in client.problem
            client.close(0.0)


def test_nobody_else_can_reach_the_broker_of_a_test(tmp_path: Path) -> None:
    with mosquitto(tmp_path, websockets=True) as server:
        for port in (server.port, server.web_port):
            with socket.socket() as one:
                assert one.connect_ex(("127.0.0.1", port)) == 0
            with socket.socket() as one:
                # Another address of this computer: only who listens on all of them is there.
                one.settimeout(1.0)
                assert one.connect_ex(("127.0.0.2", port)) != 0


def test_the_ports_of_tests_differ() -> None:
    assert len(set(free_ports(20))) == 20
