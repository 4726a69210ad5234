"""The tables of the settings about athletes and their sensors."""

import re
from dataclasses import dataclass, field

from pipeline import exercises
from pipeline.settings_coaching_table import CoachingSettings, coaching_lines, coaching_settings
from pipeline.toml_table import Table, line, shown
from sensor import drivers
from sensor.checks import MAX_RATE_HZ, MIN_RATE_HZ

DEFAULT_EXERCISE = "hip_thrust"
_MAC = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")  # macOS hides the MAC


@dataclass(frozen=True, slots=True)
class Athlete:
    """name: as it is shown. coaching: what wins over that for all."""

    name: str
    coaching: CoachingSettings = field(default_factory=CoachingSettings)


@dataclass(frozen=True, slots=True)
class SensorEntry:
    """A sensor to look for: by its address if there is one, else by the name it advertises.

    driver: None where the advertisement tells. rate_hz: None for the driver's own. athlete: a key
    of `Settings.athletes`.
    """

    address: str | None = None
    name: str | None = None
    driver: str | None = None
    rate_hz: float | None = None
    athlete: str | None = None
    exercise: str = DEFAULT_EXERCISE

    @property
    def wanted(self) -> str:
        """What to look for."""
        return self.address or self.name or ""


def athletes(top: Table) -> dict[str, Athlete]:
    """The tables [athletes.KEY] by their keys."""
    return {key: _athlete(table, key) for key, table in top.tables("athletes")}


def sensors(top: Table) -> dict[str, SensorEntry]:
    """The tables [sensors.KEY] by their keys."""
    return {key: _sensor(table) for key, table in top.tables("sensors")}


def athlete_lines(key: str, athlete: Athlete) -> list[str]:
    """The table as text."""
    place = f"athletes.{key}"
    coaching = coaching_lines(f"{place}.coaching", athlete.coaching)
    return ["", f"[{place}]", line("name", athlete.name), *coaching]


def sensor_lines(key: str, entry: SensorEntry) -> list[str]:
    """The table as text."""
    return [
        "",
        f"[sensors.{key}]",
        "# It is looked for by its address; by the name it advertises, if there is none.",
        line("address", entry.address, "C0:FF:EE:00:00:01"),
        line("name", entry.name, "as it advertises"),
        "# Without these: the driver that knows it, and that driver's own rate.",
        line("driver", entry.driver, "see hiprep sensors"),
        line("rate_hz", entry.rate_hz, 100.0),
        "# Who wears it, and what for.",
        line("athlete", entry.athlete, "a key of athletes"),
        line("exercise", entry.exercise),
    ]


def _athlete(table: Table, key: str) -> Athlete:
    athlete = Athlete(table.text("name") or key, coaching_settings(table))
    table.finish()
    return athlete


def _sensor(table: Table) -> SensorEntry:
    before = len(table.problems)
    entry = SensorEntry(
        address=_address(table),
        name=table.text("name"),
        driver=table.one_of("driver", drivers.names()),
        rate_hz=table.number("rate_hz", MIN_RATE_HZ, MAX_RATE_HZ),
        athlete=table.text("athlete"),
        exercise=table.one_of("exercise", exercises.names()) or DEFAULT_EXERCISE,
    )
    table.finish()
    if not entry.wanted and len(table.problems) == before:
        table.blame("address", "missing; a name to look for would do as well (hiprep scan)")
    return entry


def _address(table: Table) -> str | None:
    text = table.text("address")
    if text is not None and not (_MAC.fullmatch(text) or _UUID.fullmatch(text)):
        table.blame("address", f"{shown(text)} is not like C0:FF:EE:00:00:01 (hiprep scan)")
        return None
    return text
