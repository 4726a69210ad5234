"""A real mosquitto of a test's own, on loopback: passwords, ACL, TLS, websockets, persistence."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipeline.delivery.mqtt import Broker, Client, Connection, Received
from tests.needs import needed

PATIENCE_S = 30.0

_CONFIG = """
per_listener_settings false
allow_anonymous {anonymous}
persistence true
persistence_location {folder}/data/
autosave_interval {autosave_s}
max_inflight_messages 0
max_queued_messages {queued}
set_tcp_nodelay true
log_type none
listener {port} 127.0.0.1
{more}
"""
_CERTIFICATES = """
req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca
 -keyout {name}-ca.key -out {name}-ca.crt
req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name}
 -keyout {name}.key -out {name}.csr
x509 -req -in {name}.csr -CA {name}-ca.crt -CAkey {name}-ca.key -CAcreateserial -days {days}
 -extfile {name}.ext -out {name}.crt
"""


class Mosquitto:
    """It does not run until it is started; it can be killed and started again, on the same ports.

    folder: of all its files. users: name -> password; with none, anybody may do anything. acl:
    lines of an ACL file. tls: files of `certificates`; ``tls_port`` then speaks TLS. client_ca:
    clients need a certificate of this authority there. websockets: ``web_port`` has them.
    autosave_s: how often it writes what it keeps; a kill loses the rest.
    """

    def __init__(
        self,
        folder: Path,
        *,
        users: Mapping[str, str] | None = None,
        acl: str = "",
        tls: "Certificates | None" = None,
        client_ca: Path | None = None,
        websockets: bool = False,
        autosave_s: int = 1800,
        queued: int = 100_000,
    ) -> None:
        self._program = needed("sudo apt-get install mosquitto", "mosquitto", _SBIN)
        self._folder = folder
        self._daemon: subprocess.Popen[bytes] | None = None
        self.port, self.tls_port, self.web_port = free_ports(3)
        self._ports = [self.port]
        more = ["user root"]  # else it drops that right, and then cannot read its files
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "data").mkdir(exist_ok=True)
        if users:
            passwords = self._file("passwords", "".join(f"{u}:{w}\n" for u, w in users.items()))
            passwords.chmod(0o600)
            subprocess.run([_passwd(), "-U", passwords], check=True)
            more.append(f"password_file {passwords}")
        if acl:
            more.append(f"acl_file {self._file('acl', acl)}")
        if tls:
            self._ports.append(self.tls_port)
            more.append(f"listener {self.tls_port} 127.0.0.1")
            more.append(f"cafile {client_ca or tls.ca}")
            more += [f"certfile {tls.cert}", f"keyfile {tls.key}"]
            more += ["require_certificate true"] if client_ca else []
        if websockets:
            self._ports.append(self.web_port)
            # Without socket_domain this kind of listener is open to the whole network.
            more += [f"listener {self.web_port} 127.0.0.1", "socket_domain ipv4"]
            more += ["protocol websockets"]
        text = _CONFIG.format(
            anonymous="false" if users else "true",
            folder=folder,
            autosave_s=autosave_s,
            queued=queued,
            port=self.port,
            more="\n".join(more),
        )
        self._config = self._file("mosquitto.conf", text)

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"mqtts://127.0.0.1:{self.tls_port}"

    def broker(self, user: str | None = None, password: str | None = None) -> Broker:
        return Broker(self.url, user, password)

    def start(self) -> None:
        self._daemon = subprocess.Popen(
            [self._program, "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._up, "mosquitto listens")

    def kill(self) -> None:
        """As a power cut would: it writes nothing more."""
        self._end("kill")

    def stop(self) -> None:
        """As one should: it keeps what it has."""
        self._end("terminate")

    def _end(self, how: str) -> None:
        if self._daemon is not None:
            getattr(self._daemon, how)()
            self._daemon.wait()
            self._daemon = None

    def _up(self) -> bool:
        assert self._daemon is not None
        assert self._daemon.poll() is None, "mosquitto ended"
        return all(map(_listens, self._ports))

    def _file(self, name: str, text: str) -> Path:
        path = self._folder / name
        path.write_text(text)
        return path


@contextmanager
def mosquitto(folder: Path, **more: object) -> Iterator[Mosquitto]:
    """One that runs. more: as for `Mosquitto`."""
    server = Mosquitto(folder, **more)  # type: ignore[arg-type]
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Certificates:
    """Made on the fly: an authority, and a certificate of it with its key."""

    def __init__(self, folder: Path, name: str) -> None:
        self.ca = folder / f"{name}-ca.crt"
        self.cert, self.key = folder / f"{name}.crt", folder / f"{name}.key"


def certificates(
    folder: Path, name: str = "server", *, names: str = "DNS:localhost,IP:127.0.0.1", days: int = 2
) -> Certificates:
    """names: of whom it is. days: how long it holds, from now; negative: it is out of date."""
    openssl = needed("sudo apt-get install openssl", "openssl")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    whole = _CERTIFICATES.format(name=name, days=days).replace("\n ", " ")
    for line in whole.strip().splitlines():
        subprocess.run([openssl, *line.split()], cwd=folder, check=True, capture_output=True)
    return Certificates(folder, name)


class Listener:
    """Another client, which keeps all that comes on some topics, in order; ready when made."""

    def __init__(self, broker: Broker, *filters: str, name: str = "listener") -> None:
        self.came: list[Received] = []
        self.connection: Connection | None = None
        self._filters = filters
        self._ready = threading.Event()
        self._client = Client(
            broker,
            name,
            on_connect=self._connected,
            on_message=self._keep,
            on_sent=lambda _: self._ready.set(),
        )
        self._client.start()
        assert self._ready.wait(PATIENCE_S), f"{name} never connected: {self._client.problem}"

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        assert self.connection is not None
        self.connection.publish(topic, payload, retain=retain)

    def payloads(self, ending: str) -> list[bytes]:
        """Of topics that end so."""
        return [one.payload for one in self.came if one.topic.endswith(ending)]

    def close(self) -> None:
        self._client.close()

    def _connected(self, connection: Connection) -> None:
        if self._filters:
            connection.subscribe(self._filters)
        # A broker does one thing after the other: who has this has the subscriptions, too.
        connection.publish(_READY, b"")
        self.connection = connection

    def _keep(self, received: Received) -> None:
        if received.topic != _READY:
            self.came.append(received)


@contextmanager
def listening(broker: Broker, *filters: str, name: str = "listener") -> Iterator[Listener]:
    """A `Listener` that is connected; again after each restart of the broker."""
    one = Listener(broker, *filters, name=name)
    try:
        yield one
    finally:
        one.close()


def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until it holds."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, f"never came: {what}"
        time.sleep(0.005)


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody has at the moment, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


_SBIN = "/usr/sbin/mosquitto"
_READY = "ready"  # said by each listener to itself, kept by none


def _passwd() -> str:
    return needed("sudo apt-get install mosquitto", "mosquitto_passwd")


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
