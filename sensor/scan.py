"""What is on the air: sensors as they advertise themselves, known or not, nearest first."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace

from sensor import drivers
from sensor.drivers.driver import Driver
from sensor.link import Advertisement, Radio

# From packet to packet the strength of one sensor varies by 10 dB and more.
_SMOOTHING = 0.2
_NEAR_DBM = -65
_FAIR_DBM = -80


@dataclass(frozen=True, slots=True)
class Found:
    """seen: all that it has said so far. rssi_dbm: smoothed. driver, model: None and "" if no
    driver knows it.
    """

    seen: Advertisement
    rssi_dbm: float | None
    driver: Driver | None
    model: str


class Scan:
    """All sensors seen so far."""

    def __init__(self) -> None:
        self._found: dict[str, Found] = {}

    def take(self, seen: Advertisement) -> None:
        """One advertisement: it adds to what the sensor has said before."""
        before = self._found.get(seen.address)
        rssi_dbm: float | None = seen.rssi_dbm
        if before:
            seen = _together(before.seen, seen)
            rssi_dbm = _smoothed(before.rssi_dbm, rssi_dbm)
        known = drivers.recognise(seen)
        driver, model = known or (None, "")
        self._found[seen.address] = Found(seen, rssi_dbm, driver, model)

    def found(self) -> list[Found]:
        """Supported ones first, then the nearest."""
        return sorted(self._found.values(), key=_rank)

    def supported(self) -> list[Found]:
        """Those that a driver knows, the nearest first."""
        return [one for one in self.found() if one.driver]


async def listen_for(scan: Scan, radio: Radio, seconds: float | None) -> None:
    """Take what is advertised, for some time or until cancelled. Raises SensorError as the radio
    does.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for seen in radio.seen():
                scan.take(seen)


def signal_word(rssi_dbm: float) -> str:
    """How far away a sensor of that strength seems: near, fair or far."""
    if rssi_dbm >= _NEAR_DBM:
        return "near"
    return "fair" if rssi_dbm >= _FAIR_DBM else "far"


def printable(text: str) -> str:
    """What a sensor says of itself, fit for a terminal: names on the air can hold anything."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _together(before: Advertisement, now: Advertisement) -> Advertisement:
    """Both: an advertisement and a scan response of one sensor say different things."""
    return replace(
        now,
        name=now.name or before.name,
        services=tuple(dict.fromkeys((*before.services, *now.services))),
        manufacturer={**before.manufacturer, **now.manufacturer},
    )


def _smoothed(before_dbm: float | None, now_dbm: float | None) -> float | None:
    if before_dbm is None or now_dbm is None:
        return before_dbm if now_dbm is None else now_dbm
    return before_dbm + _SMOOTHING * (now_dbm - before_dbm)


def _rank(one: Found) -> tuple[bool, float, str]:
    return one.driver is None, -(one.rssi_dbm or -200.0), one.seen.address
