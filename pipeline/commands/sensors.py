"""``hiprep sensors``: which makes of sensors can be used, and what each can do."""

import argparse
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from sensor import drivers
from sensor.drivers import Driver


def run(_: argparse.Namespace) -> int:
    """Print what each driver does, then what cannot be known with its sensors."""
    known = [drivers.load(name) for name in drivers.names()]
    Console(highlight=False, markup=False, emoji=False).print(sensor_view(known))
    return 0


def sensor_view(known: Sequence[Driver]) -> RenderableType:
    """One row for each driver; then, in words, what cannot be known with it."""
    able = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    able.add_column("name", no_wrap=True)
    for head in ("makes", "Hz", "gyro", "clock", "counter"):
        able.add_column(head)
    limits = Table("name", "what to know", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for driver in known:
        able.add_row(
            driver.name,
            driver.title,
            _rates(driver),
            _yes(driver.gyroscope),
            _yes(driver.clock == "device"),
            _yes(driver.counter),
        )
        for index, line in enumerate(driver.cannot):
            limits.add_row("" if index else driver.name, line)
    legend = Text("Bold: the rate that is used. Clock, counter: whether its packets carry them.")
    return Group(able, "", limits, "", legend)


def _rates(driver: Driver) -> Text:
    """All rates, the one that is used by default in bold."""
    text = Text()
    for rate_hz in sorted(driver.rates_hz):
        text.append(" " if text else "")
        text.append(f"{rate_hz:g}", "bold" if rate_hz == driver.default_rate_hz else "")
    return text


def _yes(value: bool) -> str:
    return "yes" if value else "no"
