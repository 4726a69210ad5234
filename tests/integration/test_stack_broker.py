"""The shipped broker with the secrets that `hiprep stack` makes: who gets in, and what they may."""

import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import CallbackAPIVersion

from pipeline.delivery.book import Book
from pipeline.delivery.broker import Broker
from pipeline.delivery.messages import event_topic, to_payload
from pipeline.delivery.mqtt import Client, Connection, Received
from pipeline.delivery.store import Store
from pipeline.stack.passwd import fits
from pipeline.stack.secrets import add_user, init, mosquitto_hash
from tests.integration.mosquitto import listening, until
from tests.integration.shipped import ShippedBroker, shipped_broker
from tests.needs import needed
from tests.pipeline.delivery.made import message

_DOC = Path(__file__).parents[2] / "docs" / "mqtt.md"
_EVENTS = ("rep", "set", "session", "advice")
_OF_SITE = (*_EVENTS, "state", "live", "sensor", "command", "answer", "receipt", "status", "health")
_OF_STORE = (*_EVENTS, "state", "live", "sensor", "status", "health")

# Role -> kinds of topics: of the own site, of another one. By hand: this is what is promised.
_READS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gateway": (_OF_SITE, ()),
    "store": (_OF_STORE, _OF_STORE),
    "page": (_OF_SITE, ()),
    "coach": (_OF_SITE, ()),
}
_WRITES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gateway": (_OF_SITE, ()),
    "store": (("receipt", "status", "health"), ("receipt",)),
    "page": ((), ()),
    "coach": (("command",), ()),
}
_OWN = "# somebody's own\nuser watcher\ntopic readwrite #\n"


class _Deployment:
    """A broker that runs, and the password of each user; the user watcher may do anything."""

    def __init__(self, server: ShippedBroker, passwords: Mapping[str, str]) -> None:
        self.server = server
        self.passwords = passwords

    def broker(self, user: str) -> Broker:
        return self.server.broker(user, self.passwords[user])


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stack") / "secrets"
    init(folder, "home", [])
    return folder


@pytest.fixture(scope="module")
def deployment(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Deployment]:
    passwords = {role: add_user(secrets, role, role, "home") for role in ("page", "coach")}
    for name in ("gateway", "store"):
        passwords[name] = (secrets / name / "mqtt_password").read_text()
    passwords["watcher"] = "anything"
    with (secrets / "mosquitto" / "acl").open("a") as acl:
        acl.write(f"\n{_OWN}")
    with (secrets / "mosquitto" / "passwd").open("a") as passwd:
        passwd.write(f"watcher:{mosquitto_hash('anything')}\n")
    with shipped_broker(tmp_path_factory.mktemp("shipped"), secrets) as server:
        yield _Deployment(server, passwords)


def _topics() -> dict[str, tuple[str, str]]:
    """Topic -> its kind and its site: each of docs/mqtt.md, for the own site and another one."""
    found = re.findall(r"^\| `(hiprep/v1/SITE/[^`]+)` \|", _DOC.read_text(), re.MULTILINE)
    assert {topic.rpartition("/")[2] for topic in found} == set(_OF_SITE)
    topics = {}
    for site in ("home", "elsewhere"):
        for name in ("store", "gateway"):
            for topic in found:
                given = topic.replace("SITE", site).replace("DEVICE", "belt-7")
                given = given.replace("ATHLETE", "anna").replace("SERVICE", name)
                topics[given] = (topic.rpartition("/")[2], site)
    return topics


def _expected(rights: tuple[tuple[str, ...], tuple[str, ...]]) -> set[str]:
    home, elsewhere = rights
    return {
        topic
        for topic, (kind, site) in _topics().items()
        if kind in (home if site == "home" else elsewhere)
    }


def _publish_all(broker: Broker, *payloads: tuple[str, bytes]) -> None:
    """By a client of its own, until the broker has acknowledged all of it."""
    acknowledged: list[int] = []
    connections: list[Connection] = []
    client = Client(
        broker,
        "throw-away",
        on_connect=connections.append,
        on_message=lambda _: None,
        on_sent=acknowledged.append,
    )
    client.start()
    try:
        until(lambda: connections, "a connection")
        for topic, payload in payloads:
            connections[0].publish(topic, payload)
        until(lambda: len(acknowledged) == len(payloads), "all acknowledgements")
    finally:
        client.close()


def _problem(broker: Broker) -> str:
    """Why there is no connection."""
    client = Client(broker, "stranger", on_connect=lambda _: None, on_message=lambda _: None)
    client.start()
    try:
        until(lambda: client.problem or client.connected, "some outcome")
        assert not client.connected
        return client.problem or ""
    finally:
        client.close()


@pytest.mark.parametrize("role", _WRITES)
def test_each_role_can_say_what_it_may_and_nothing_else(deployment: _Deployment, role: str) -> None:
    more = ("hiprep/v2/home/belt-7/state", "hiprep/v1/home", "homes", "$SYS/broker/uptime")
    topics = [*_topics(), *more]
    with listening(deployment.broker("watcher"), "#") as watcher:
        _publish_all(deployment.broker(role), *((topic, role.encode()) for topic in topics))
        # The broker does one thing after the other: what was let through is here before this.
        watcher.publish("done", b"")
        until(lambda: any(one.topic == "done" for one in watcher.came))
        said = {one.topic for one in watcher.came if one.payload == role.encode()}
    # The site's own root has no meaning; whoever may write below it may write there.
    assert said - {"hiprep/v1/home"} == _expected(_WRITES[role])


@pytest.mark.parametrize("role", _READS)
def test_each_role_hears_what_it_may_and_nothing_else(deployment: _Deployment, role: str) -> None:
    asked = ("#", "hiprep/v1/home/#", "hiprep/v1/+/+/command", *_topics())
    with listening(deployment.broker(role), *asked) as listener:
        everything = [*_topics(), "hiprep/v2/home/belt-7/state", "homes"]
        last = next(iter(_expected(_READS[role])))
        published = [*((topic, b"first") for topic in everything), (last, b"last")]
        _publish_all(deployment.broker("watcher"), *published)
        until(lambda: any(one.payload == b"last" for one in listener.came))
        heard = {one.topic for one in listener.came}
    assert heard == _expected(_READS[role])


def test_what_is_retained_is_denied_too(deployment: _Deployment) -> None:
    with listening(deployment.broker("watcher")) as watcher:
        for site in ("home", "elsewhere"):
            watcher.publish(f"hiprep/v1/{site}/belt-8/state", b"kept", retain=True)
    with listening(deployment.broker("page"), "hiprep/#") as page:
        until(lambda: page.came)
        assert [one.topic for one in page.came] == ["hiprep/v1/home/belt-8/state"]


def test_a_store_hears_of_services_of_another_version(deployment: _Deployment) -> None:
    topic = "hiprep/v2/elsewhere/gateway/status"
    with listening(deployment.broker("store"), "hiprep/+/+/+/status") as store:
        _publish_all(deployment.broker("watcher"), (topic, b"{}"))
        until(lambda: [one.topic for one in store.came] == [topic])


def test_nobody_gets_in_without_the_right_password(deployment: _Deployment) -> None:
    server = deployment.server
    assert _problem(server.broker(None, None)).endswith("does not let us in without a user")
    for user, password in (
        ("gateway", deployment.passwords["store"]),
        ("gateway", ""),
        ("nobody", deployment.passwords["gateway"]),
    ):
        assert _problem(server.broker(user, password)).endswith(f"does not let us in as {user}")


def test_the_certificate_is_for_this_computer_and_of_our_authority(
    deployment: _Deployment,
) -> None:
    password = deployment.passwords["gateway"]
    for host in ("127.0.0.1", "localhost"):
        with listening(deployment.server.broker("gateway", password, host)) as one:
            assert one.connection is not None
    context = ssl.create_default_context(cafile=deployment.server.ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as newer Pythons do by themselves
    for port in (deployment.server.port, deployment.server.web_port):
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            context.wrap_socket(plain, server_hostname="mosquitto") as tls,
        ):
            assert tls.version() in ("TLSv1.2", "TLSv1.3")
    stranger = Broker(f"mqtts://127.0.0.1:{deployment.server.port}", "gateway", password)
    assert "is not trusted" in _problem(stranger)


def test_nothing_is_said_without_tls(deployment: _Deployment) -> None:
    for port in (deployment.server.port, deployment.server.web_port):
        plain = Broker(f"mqtt://127.0.0.1:{port}", "gateway", deployment.passwords["gateway"])
        assert _problem(plain)


def test_a_page_hears_over_websockets_with_tls(deployment: _Deployment) -> None:
    came = _over_websockets(deployment, "page", deployment.passwords["page"])
    assert came == [("hiprep/v1/home/belt-7/state", b"seen")]
    for user, password in (("page", "wrong"), (None, None)):
        assert _over_websockets(deployment, user, password) is None


def _over_websockets(
    deployment: _Deployment, user: str | None, password: str | None
) -> list[tuple[str, bytes]] | None:
    """What comes first on hiprep/v1/+/belt-7/state; None for who is not let in."""
    answered, subscribed, heard = threading.Event(), threading.Event(), threading.Event()
    came: list[tuple[str, bytes]] = []
    refused: list[bool] = []
    client = Paho(CallbackAPIVersion.VERSION2, "browser", transport="websockets")

    def on_connect(*said: object) -> None:
        refused.append(bool(getattr(said[3], "is_failure", True)))
        answered.set()

    def keep(_client: object, _data: object, received: Received) -> None:
        came.append((received.topic, bytes(received.payload)))
        heard.set()

    client.on_connect = on_connect
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = keep  # type: ignore[assignment]  # it has a topic and a payload, too
    client.username_pw_set(user, password)
    client.tls_set(str(deployment.server.ca))
    client.connect("127.0.0.1", deployment.server.web_port)
    client.loop_start()
    try:
        assert answered.wait(30)
        if refused[0]:
            return None
        client.subscribe("hiprep/v1/+/belt-7/state", 1)
        assert subscribed.wait(30)
        states = [(f"hiprep/v1/{site}/belt-7/state", b"seen") for site in ("elsewhere", "home")]
        _publish_all(deployment.broker("watcher"), *states)
        assert heard.wait(30)
        return came
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_rep_reaches_a_store_and_its_receipt_the_gateway(
    deployment: _Deployment, tmp_path: Path
) -> None:
    asked = ("hiprep/v1/home/+/receipt", "hiprep/v1/home/store/status")
    with (
        listening(deployment.broker("gateway"), *asked, name="gateway") as gateway,
        Book(tmp_path / "store.db") as book,
    ):
        store = Store(deployment.broker("store"), book, [], "home")
        store.start()
        try:
            until(lambda: any(b'"online":true' in one for one in gateway.payloads("/status")))
            rep = message(1)
            gateway.publish(event_topic(rep), to_payload(rep))
            until(lambda: gateway.payloads("/receipt"), "a receipt")
            assert store.keeper.counts.kept == 1
        finally:
            store.close()
        until(lambda: any(b'"online":false' in one for one in gateway.payloads("/status")))


def test_more_than_a_thousand_events_wait_for_a_store_even_over_a_restart(
    secrets: Path, tmp_path: Path
) -> None:
    password = (secrets / "store" / "mqtt_password").read_text()
    gateway = (secrets / "gateway" / "mqtt_password").read_text()
    filters = ["hiprep/v1/+/+/+/rep"]
    came: list[bytes] = []

    def store() -> Client:
        ready = threading.Event()

        def subscribe(connection: Connection) -> None:
            connection.subscribe(filters)
            connection.publish("hiprep/v1/home/store/status", b"{}")

        client = Client(
            server.broker("store", password),
            "store",
            on_connect=subscribe,
            on_message=lambda received: came.append(received.payload),
            on_sent=lambda _: ready.set(),
            persistent=True,
        )
        client.start()
        assert ready.wait(30)
        return client

    with shipped_broker(tmp_path / "shipped", secrets) as server:
        store().close()
        sent = [str(number).encode() for number in range(3000)]
        topic = "hiprep/v1/home/belt-7/anna/rep"
        _publish_all(server.broker("gateway", gateway), *((topic, one) for one in sent))
        server.stop()
        server.start()
        client = store()
        until(lambda: len(came) == len(sent), "all that waited")
        client.close()
        assert came == sent


def test_who_is_added_gets_in_when_the_broker_starts_again(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    init(folder, "home", [])
    with shipped_broker(tmp_path / "shipped", folder) as server:
        password = add_user(folder, "attic", "gateway", "attic")
        assert _problem(server.broker("attic", password))
        server.stop()
        server.start()
        with listening(server.broker("attic", password), "#") as attic:
            attic.publish("hiprep/v1/home/belt-7/state", b"denied")
            attic.publish("hiprep/v1/attic/belt-7/state", b"allowed")
            until(lambda: attic.came)
            assert [one.payload for one in attic.came] == [b"allowed"]


def test_mosquitto_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    init(tmp_path / "secrets", "home", [])
    with shipped_broker(tmp_path / "shipped", tmp_path / "secrets") as server:
        server.stop()
        told = server.log()
    # That this test runs as root, and that it asks whether the port is open, is its own doing.
    lines = [one for one in told.splitlines() if "run as root" not in one and "eof" not in one]
    assert not [one for one in lines if re.search("warning|error", one, re.IGNORECASE)]


def test_a_hash_is_as_mosquitto_passwd_makes_them(tmp_path: Path) -> None:
    program = needed("sudo apt-get install mosquitto", "mosquitto_passwd")
    file = tmp_path / "passwd"
    subprocess.run([program, "-c", "-b", file, "anna", "s3cret"], check=True, capture_output=True)
    theirs = file.read_text().strip().removeprefix("anna:")
    assert fits("s3cret", theirs)
    assert not fits("S3cret", theirs)
    ours = mosquitto_hash("s3cret")
    assert [len(part) for part in ours.split("$")] == [len(part) for part in theirs.split("$")]
    assert ours.split("$")[:3] == theirs.split("$")[:3]
