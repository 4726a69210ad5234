"""``hiprep scan``: which sensors are on the air."""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipeline.commands import INTERRUPTED, CommandError
from pipeline.commands.common import radio_of, usable_settings
from sensor.link import Radio, SensorError
from sensor.scan import Found, Scan, listen_for, printable, signal_word

DEFAULT_S = 10.0
_BATTERY_TIMEOUT_S = 40.0

# Address -> percent, or why it could not be read.
Batteries = dict[str, float | SensorError]

NOTHING_FOUND = """\
No sensors found. What to check:
  sensor     on, charged and near; many sleep until they are moved or pressed
  phone      an app that is connected to a sensor hides it: close the app
  Bluetooth  on and allowed (hiprep doctor)"""


def run(args: argparse.Namespace) -> int:
    """Scan, and show what was found: a table that changes, one at the end, or JSON lines."""
    return scan(radio_of(usable_settings()), args)


def scan(radio: Radio, args: argparse.Namespace) -> int:
    """The same with any radio."""
    console = Console(highlight=False, markup=False, emoji=False)
    watched = console.is_terminal and not args.json
    # A table that changes may be looked at until ^C; anything else has to end.
    endless = watched and args.seconds is None and not args.battery
    seconds = None if endless else args.seconds or DEFAULT_S
    seen = Scan()
    view: AbstractContextManager[object] = nullcontext()
    if watched:
        view = Live(console=console, get_renderable=lambda: _changing(seen), transient=True)
    batteries: Batteries = {}

    async def look() -> None:
        with view:
            await listen_for(seen, radio, seconds)
        if args.battery:
            await _ask_batteries(radio, seen.supported(), batteries)

    code = 0
    try:
        asyncio.run(look())
    except KeyboardInterrupt:
        code = 0 if endless else INTERRUPTED
    except SensorError as error:
        raise CommandError(str(error)) from error
    if args.json:
        for one in seen.found():
            print(json.dumps(_to_json(one, batteries.get(one.seen.address))))
    else:
        console.print(scan_view(seen.found(), batteries))
    return code


def scan_view(
    found: Sequence[Found], batteries: Mapping[str, float | SensorError]
) -> RenderableType:
    """One row for each sensor; what to check if there is none."""
    if not found:
        return NOTHING_FOUND
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for head in ("name", "address", "model", "signal", "driver", "battery"):
        table.add_column(head, no_wrap=head in ("address", "signal", "driver"))
    for one in found:
        table.add_row(
            Text(printable(one.seen.name) or "–"),
            one.seen.address,
            Text(printable(one.model) or "–"),
            signal_text(one),
            one.driver.name if one.driver else "not known",
            _battery(batteries.get(one.seen.address)),
            style="" if one.driver else "dim",
        )
    faults = [
        Text(printable(f"{address}: {fault}"))
        for address, fault in batteries.items()
        if isinstance(fault, SensorError)
    ]
    return Group(table, *faults)


def _changing(seen: Scan) -> RenderableType:
    found = seen.found()
    if not found:
        return "Looking for sensors: none yet. ^C ends it."
    return Group(scan_view(found, {}), "", "Still looking. ^C ends it.")


def signal_text(one: Found) -> str:
    """Its strength, and what that means."""
    if one.rssi_dbm is None:
        return "–"
    return f"{one.rssi_dbm:.0f} dBm {signal_word(one.rssi_dbm)}"


def _battery(value: float | SensorError | None) -> str:
    return f"{value:.0f} %" if isinstance(value, float) else "–"


def _to_json(one: Found, battery: float | SensorError | None) -> dict[str, object]:
    return {
        "address": one.seen.address,
        "name": one.seen.name or None,
        "rssi_dbm": None if one.rssi_dbm is None else round(one.rssi_dbm),
        "model": one.model or None,
        "driver": one.driver.name if one.driver else None,
        "battery_pct": battery if isinstance(battery, float) else None,
    }


async def _ask_batteries(radio: Radio, found: Sequence[Found], batteries: Batteries) -> None:
    """What each has left, one after the other. Those that do not say are left out."""
    for one in found:
        address = one.seen.address
        print(f"hiprep: reading the battery of {address}", file=sys.stderr)
        try:
            async with asyncio.timeout(_BATTERY_TIMEOUT_S):
                percent = await battery_of(radio, one)
        except SensorError as error:
            batteries[address] = error
        except TimeoutError:
            batteries[address] = SensorError("does not answer: bring it nearer, and try again")
        else:
            if percent is not None:
                batteries[address] = percent


async def battery_of(radio: Radio, one: Found) -> float | None:
    """Connect, start, ask, stop. Some sensors answer only while they stream."""
    assert one.driver
    packets: list[tuple[int, bytes]] = []
    link = await radio.connect(
        one.seen, lambda channel, data: packets.append((channel, data)), lambda: None
    )
    try:
        setup = await one.driver.start(link, one.driver.default_rate_hz)
        percent = await one.driver.battery(link)
        await one.driver.stop(link)
    finally:
        await link.close()
    decoder = one.driver.decoder(setup)
    for channel, data in packets:
        decoder.feed(channel, data)
    return decoder.battery_pct if percent is None else percent
