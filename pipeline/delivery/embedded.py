"""A broker of our own, for one computer without one: a process beside us, on loopback only.

A mosquitto where there is one on this computer; else iotcore, which is a Python package. It keeps
nothing on disk: events are safe in the outbox, and retained topics are said again. It ends with us,
however we end.
"""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.delivery.mqtt import Broker, Client, Connection, Received

HOST = "127.0.0.1"

_READY_S = 15.0
_END_S = 5.0
_SBIN = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"  # where servers are, off the usual PATH

# One listener over TCP: the page comes over HTTP. With no limit nothing is dropped in silence.
_MOSQUITTO = """
listener {port} {host}
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 0
set_tcp_nodelay true
log_type error
log_type warning
log_dest stderr
"""

# Runs what it is given until it ends, or until our end of its input is closed: kill -9 closes it.
_BESIDE_US = """
exec 3<&0
"$@" 3<&- &
child=$!
trap 'kill $child' TERM INT
{ cat <&3 >/dev/null; kill $child; } 2>/dev/null &
wait $child
"""


class BrokerError(Exception):
    """It cannot be had, or does not work; one line for people."""


class EmbeddedBroker:
    """A broker process. port: None for a free one. program: a mosquitto; None to look for one.

    kind: which broker it is. It can be started again when it has ended, on the same port.
    """

    def __init__(self, port: int | None = None, program: str | None = None) -> None:
        self.port = port or _free_port()
        self._program = program or shutil.which("mosquitto", path=_path())
        self.kind = "mosquitto" if self._program else "iotcore"
        self._folder = TemporaryDirectory(prefix="hiprep-broker-")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"mqtt://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it -> it has carried a message. Raises BrokerError."""
        if _listens(self.port):
            raise BrokerError(f"port {self.port} is in use: end what uses it, or choose another")
        command = self._command()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own words
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # ^C is ours: what we still say has to arrive
            )
        except OSError as error:
            raise BrokerError(f"{command[0]} cannot be started: {error.strerror}") from error
        until_s = time.monotonic() + _READY_S
        while time.monotonic() < until_s and self.runs():
            if _listens(self.port) and carries(self.url, until_s - time.monotonic()):
                return
            time.sleep(0.02)
        code = self._process.poll()
        self.close()
        what = f"ended with {code}" if code is not None else f"did not answer in {_READY_S:.0f} s"
        raise BrokerError(f"the embedded broker ({self.kind}) {what}: hiprep run --broker URL")

    def runs(self) -> bool:
        """Whether its process does."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_S)
        if process.stdin:
            process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_S)
        if process.poll() is None:
            process.kill()
            process.wait()
        until_s = time.monotonic() + _END_S  # what it began may take a moment longer
        while _listens(self.port) and time.monotonic() < until_s:
            time.sleep(0.02)

    def forget(self) -> None:
        """Remove its files, at the very end."""
        self._folder.cleanup()

    def _command(self) -> Sequence[str]:
        if self._program is None:
            return [sys.executable, "-m", "pipeline.delivery.embedded_iotcore", str(self.port)]
        config = Path(self._folder.name) / "mosquitto.conf"
        config.write_text(_MOSQUITTO.format(port=self.port, host=HOST), encoding="utf-8")
        command = [self._program, "-c", str(config)]
        return command if os.name == "nt" else ["/bin/sh", "-c", _BESIDE_US, "broker", *command]


def carries(url: str, timeout_s: float) -> bool:
    """Whether the broker carries a message from us to us: that it listens says little."""
    came = threading.Event()
    topic = f"hiprep/v1/check/{os.getpid()}-{time.monotonic_ns()}/echo"

    def ask(connection: Connection) -> None:
        connection.subscribe([topic])
        connection.publish(topic, b"{}")

    def take(received: Received) -> None:
        if received.topic == topic:
            came.set()

    client = Client(Broker(url), topic.replace("/", "-"), on_connect=ask, on_message=take)
    client.start()
    try:
        return came.wait(max(0.1, timeout_s))
    finally:
        client.close(1.0)


def _path() -> str:
    return f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{_SBIN}"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), 0.2):
        return True
    return False
