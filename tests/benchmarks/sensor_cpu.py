"""What ``hiprep live`` takes of a core, against a model sensor in another process. Linux only."""

import asyncio
import os
import signal
import subprocess
import tempfile
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from tests.benchmarks.sensor_air import Air, Model
from tests.benchmarks.speed import CLI, Line
from tests.integration.bus import private_bus

SENSOR = Model("witmotion", 100.0)
STEADY_S = 30.0
_WARM_S = 10.0
_GONE_S = 30.0
_SETTINGS = """recordings = "{folder}"

[sensors.belt]
address = "{address}"
"""


def cpu_lines() -> list[Line]:
    what = f"one WitMotion at 100 Hz, `hiprep live`, tracked and recorded, {STEADY_S:g} s"
    return [
        Line(f"{what}: no terminal", cpu_pct(terminal=False), 3.0, "% of a core"),
        Line(f"{what}: a terminal that is redrawn", cpu_pct(terminal=True), None, "% of a core"),
    ]


def cpu_pct(*, terminal: bool) -> float:
    """CPU time over wall time, of the whole process, while it streams steadily."""
    with (
        private_bus() as bus,
        Air(bus.address, SENSOR) as air,
        tempfile.TemporaryDirectory() as folder,
    ):
        settings = Path(folder) / "settings.toml"
        text = _SETTINGS.format(folder=folder, address=SENSOR.address)
        settings.write_text(text, encoding="utf-8")
        environment = {
            **os.environ,
            "DBUS_SYSTEM_BUS_ADDRESS": bus.address,
            "HIPREP_SETTINGS": str(settings),
            "TERM": "xterm-256color",
        }
        with _output(terminal=terminal) as output:
            process = subprocess.Popen(
                [*CLI, "live"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            try:
                return asyncio.run(_watch(air, process.pid))
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(_GONE_S)


async def _watch(air: Air, pid: int) -> float:
    async with asyncio.timeout(_GONE_S):
        while not await air.ask("streaming"):  # noqa: ASYNC110 -- it is in another process
            await asyncio.sleep(0.1)
    await asyncio.sleep(_WARM_S)
    before_s = _cpu_s(pid)
    await asyncio.sleep(STEADY_S)
    return 100 * (_cpu_s(pid) - before_s) / STEADY_S


def _cpu_s(pid: int) -> float:
    """User and system time so far, of all its threads (proc_pid_stat(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _output(*, terminal: bool) -> Iterator[int]:
    """Where the output goes: nowhere, or to a terminal of 80 by 24 that somebody reads."""
    if not terminal:
        yield subprocess.DEVNULL
        return
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))

    def read() -> None:
        with suppress(OSError):  # the other end is closed
            while os.read(ours, 65536):
                pass

    reader = Thread(target=read)
    reader.start()
    try:
        yield theirs
    finally:
        os.close(theirs)
        reader.join()
        os.close(ours)
