"""``hiprep doctor``: what is well, what is not, and the cure."""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.checkup import Measured, sensor_findings, signal_finding
from pipeline.commands import CommandError
from pipeline.commands.common import radio_of
from pipeline.doctor import (
    Finding,
    bluetooth_findings,
    python_findings,
    settings_findings,
)
from pipeline.settings import SensorEntry, Settings, SettingsError, default_path, load
from sensor import drivers
from sensor.adapter import look
from sensor.link import Radio
from sensor.records import Connected, Record
from sensor.samples import joined
from sensor.scan import printable
from sensor.stream import Stream
from sensor.supervisor import State, Supervisor

_PACKAGES = {"Bleak": "bleak"}
_LINUX_PACKAGES = {"dbus-fast": "dbus-fast"}
_PATIENCE_S = 40.0
_ATTEMPTS = 3
_STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def run(args: argparse.Namespace) -> int:
    """Look at the host, then at the sensor if one is named; or at the servers. 1 for problems."""
    if args.config:
        # From here on it is the settings file, for all that goes by its name.
        os.environ["HIPREP_SETTINGS"] = str(args.config)
    if args.stack:
        return 1 if show(_stack(args), as_json=args.json) else 0
    if args.secrets or args.grafana or args.ports:
        raise CommandError("--secrets, --grafana and --ports go with --stack")
    settings, findings = _host()
    problems = show(findings, as_json=args.json)
    if args.sensor is not None:
        entry = entry_of(settings, args.sensor)
        problems += examine(radio_of(settings), entry, args)
    return 1 if problems else 0


def examine(radio: Radio, entry: SensorEntry, args: argparse.Namespace) -> int:
    """Watch a sensor with any radio, show what was found -> problems."""
    told = Told(quiet=args.json)
    records = asyncio.run(watch(radio, entry, args.seconds, told))
    return show(findings_of(records, told.states, entry), as_json=args.json)


def entry_of(settings: Settings, wanted: str) -> SensorEntry:
    """The sensor with that key, address or name in the settings; else one to look for."""
    if not wanted.strip():
        raise CommandError("--sensor needs a key of the settings, a name or an address")
    for key, entry in settings.sensors.items():
        if wanted == key or wanted.casefold() == entry.wanted.casefold():
            return entry
    return SensorEntry(name=wanted)


async def watch(radio: Radio, entry: SensorEntry, seconds: float, told: "Told") -> list[Record]:
    """What comes of a sensor in so many seconds once it is connected; the rest if it never is."""
    records: list[Record] = []
    connected = asyncio.Event()
    begin_s = time.monotonic()

    def take(record: Record) -> None:
        records.append(record)
        if isinstance(record, Connected):
            connected.set()

    supervisor = Supervisor(
        radio,
        entry.wanted,
        driver=None if entry.driver is None else drivers.load(entry.driver),
        rate_hz=entry.rate_hz,
        take=take,
        now_us=lambda: round((time.monotonic() - begin_s) * 1e6),
        tell=told.take,
    )
    running = asyncio.create_task(supervisor.run())
    waits = [asyncio.create_task(one.wait()) for one in (connected, told.hopeless)]
    try:
        await asyncio.wait(
            (running, *waits), timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED
        )
        if connected.is_set():
            await asyncio.wait((running,), timeout=seconds)
    finally:
        for task in (running, *waits):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await running
    return records


def findings_of(
    records: Sequence[Record], states: Sequence[State], entry: SensorEntry
) -> list[Finding]:
    """What the records of a session with one sensor show."""
    failures = [state.text for state in states if state.phase in ("failed", "lost")]
    last = states[-1]
    findings = []
    if last.address:
        who = ", ".join(filter(None, (last.name, last.address, last.model)))
        findings = [Finding("ok", "sensor", who), signal_finding(last.rssi_dbm)]
    connections = [record for record in records if isinstance(record, Connected)]
    if not connections:
        # Each of these texts says what to do.
        text, _, cure = (failures[-1] if failures else last.text).partition(": ")
        return [*findings, Finding("problem", "sensor", text, cure)]
    stream = Stream()
    block = joined([stream.take(record) for record in records])
    setup = connections[-1].setup
    asked_hz = entry.rate_hz or drivers.load(setup.driver).default_rate_hz
    measured = Measured(
        setup=setup,
        block=block,
        asked_hz=asked_hz,
        rate_hz=stream.rate_hz,
        lost=stream.lost,
        duplicates=stream.duplicates,
        skipped=stream.skipped,
        disconnects=failures,
        battery_pct=stream.battery_pct,
    )
    return [*findings, *sensor_findings(measured)]


def show(findings: Iterable[Finding], *, as_json: bool) -> int:
    """Print findings -> how many of them are problems."""
    findings = list(findings)
    if as_json:
        for finding in findings:
            print(json.dumps(asdict(finding)), flush=True)
    else:
        Console(highlight=False, markup=False, emoji=False).print(finding_view(findings))
    return sum(finding.level == "problem" for finding in findings)


def finding_view(findings: Iterable[Finding]) -> RenderableType:
    """One row for each finding; its cure below it."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=7, no_wrap=True)
    table.add_column(width=13)
    table.add_column(overflow="fold")
    for finding in findings:
        text = Text(printable(finding.text))
        if finding.cure:
            text.append(f"\n→ {printable(finding.cure)}", "dim" if finding.level == "ok" else "")
        table.add_row(Text(finding.level, _STYLES[finding.level]), finding.about, text)
    return table


class Told:
    """The states of a sensor, as they come; said on standard error unless quiet."""

    def __init__(self, *, quiet: bool) -> None:
        self.states: list[State] = [State("searching", "not found: is it on, and near?", 0)]
        self.hopeless = asyncio.Event()
        self._quiet = quiet
        self._failures = 0

    def take(self, state: State) -> None:
        """The next one."""
        if state.phase == "failed":
            self._failures += 1
            # What fails before a connection is tried fails again: somebody has to do something.
            if self.states[-1].phase == "searching" or self._failures == _ATTEMPTS:
                self.hopeless.set()
        # Failures are findings, and said as such.
        if not self._quiet and state.phase != "failed" and state.text != self.states[-1].text:
            print(f"hiprep: {printable(state.text)}", file=sys.stderr)
        self.states.append(state)


def _stack(args: argparse.Namespace) -> list[Finding]:
    from pipeline.stack.checks import stack_findings  # noqa: PLC0415  # takes a while to import

    return stack_findings(
        default_path(), secrets=args.secrets, grafana=args.grafana, ports=args.ports
    )


def _host() -> tuple[Settings, list[Finding]]:
    """The settings, or the defaults if they cannot be used; and all findings about the host."""
    path = default_path()
    problems: Sequence[str] | None = () if path.exists() else None
    try:
        settings = load(path)
    except SettingsError as error:
        settings, problems = Settings(), error.problems
    host = asyncio.run(look())
    packages = _PACKAGES | (_LINUX_PACKAGES if host.system == "Linux" else {})
    return settings, [
        *python_findings({name: _version(package) for name, package in packages.items()}),
        *bluetooth_findings(host, settings.adapter),
        *settings_findings(str(path), problems, len(settings.sensors)),
    ]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
