"""The broker as it is shipped: a real mosquitto with deploy/mosquitto/mosquitto.conf, on loopback.

Only ports, addresses and folders are put in place, and who it runs as.
"""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.delivery.broker import Broker
from tests.integration.mosquitto import free_ports, until
from tests.needs import needed

CONFIG = Path(__file__).parents[2] / "deploy" / "mosquitto" / "mosquitto.conf"

_SECRETS, _DATA = "/run/secrets/hiprep", "/mosquitto/data/"


class ShippedBroker:
    """It can be stopped and started again. secrets: the folder that `hiprep stack init` made."""

    def __init__(self, folder: Path, secrets: Path) -> None:
        self._program = needed("sudo apt-get install mosquitto", "mosquitto", "/usr/sbin/mosquitto")
        self._daemon: subprocess.Popen[bytes] | None = None
        self.port, self.web_port = free_ports(2)
        self.ca = secrets / "gateway" / "ca.crt"
        (folder / "data").mkdir(parents=True)
        text = CONFIG.read_text()
        for shipped, here in (
            (_SECRETS, str(secrets / "mosquitto")),
            (_DATA, f"{folder / 'data'}/"),
            ("listener 8883\n", f"listener {self.port} 127.0.0.1\n"),
            # Without socket_domain this kind of listener is open to the whole network.
            ("listener 8084\n", f"listener {self.web_port} 127.0.0.1\nsocket_domain ipv4\n"),
        ):
            assert shipped in text
            text = text.replace(shipped, here)
        if os.geteuid() == 0:
            text = f"user root\n{text}"  # else it drops that right, and cannot reach the folder
        self._config = folder / "mosquitto.conf"
        self._config.write_text(text)
        self._log = folder / "log"

    def broker(self, user: str | None, password: str | None, host: str = "127.0.0.1") -> Broker:
        return Broker(f"mqtts://{host}:{self.port}", user, password, ca=self.ca)

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [self._program, "-c", str(self._config)]
            self._daemon = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._up, "mosquitto listens")

    def stop(self) -> None:
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait()
            self._daemon = None

    def log(self) -> str:
        """Whole once it has stopped."""
        return self._log.read_text()

    def _up(self) -> bool:
        assert self._daemon is not None
        assert self._daemon.poll() is None, self._log.read_text()
        return all(map(_listens, (self.port, self.web_port)))


@contextmanager
def shipped_broker(folder: Path, secrets: Path) -> Iterator[ShippedBroker]:
    """One that runs."""
    server = ShippedBroker(folder, secrets)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
