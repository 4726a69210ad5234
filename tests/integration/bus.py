"""A D-Bus of a test's own, with the real daemon."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.needs import needed


class PrivateBus:
    """address: for DBUS_SYSTEM_BUS_ADDRESS. It does not run until it is started."""

    def __init__(self, program: str, folder: str) -> None:
        self.address = f"unix:path={Path(folder) / 'bus'}"
        self._command = [program, "--session", "--nofork", "--nopidfile", "--print-address=1"]
        self._daemon: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [*self._command, f"--address={self.address}"]
        self._daemon = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._daemon.stdout is not None
        self._daemon.stdout.readline()  # from then on it listens

    def kill(self) -> None:
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.communicate()
            self._daemon = None
            Path(self.address.removeprefix("unix:path=")).unlink()


@contextmanager
def private_bus() -> Iterator[PrivateBus]:
    """A D-Bus that runs."""
    program = needed("sudo apt-get install dbus", "dbus-daemon")
    with tempfile.TemporaryDirectory(prefix="bus") as folder:
        bus = PrivateBus(program, folder)
        bus.start()
        try:
            yield bus
        finally:
            bus.kill()
