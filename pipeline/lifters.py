"""Which sensors a command is about, and who wears them: from what was asked and the settings."""

import re
from collections.abc import Sequence

from pipeline.live import Lifter
from pipeline.settings import DEFAULT_EXERCISE, SensorEntry, Settings
from pipeline.toml_table import meant
from sensor.scan import Found


class NoLifterError(ValueError):
    """It is not clear which sensors are meant; its text says what to do."""


def asked_for(
    settings: Settings, wanted: Sequence[str], exercise: str | None, athlete: str | None
) -> list[Lifter]:
    """The sensors that were named, by their key in the settings, name or address.

    All of the settings if none was named; none if there are no settings either. athlete: in the
    letters of an id. Raises NoLifterError.
    """
    names = list(wanted) or list(settings.sensors)
    if not all(name.strip() for name in names):
        raise NoLifterError("--sensor needs a key of the settings, a name or an address")
    refuse_as_athlete(athlete)
    if athlete and len(names) > 1:
        raise NoLifterError("--athlete is for one sensor: name it with --sensor")
    lifters = [_lifter(settings, name, exercise, athlete) for name in names]
    if len({lifter.sensor for lifter in lifters}) < len(lifters):
        raise NoLifterError("the same sensor is named twice: name each once")
    return lifters


def refuse_as_athlete(name: str | None) -> None:
    """Raise NoLifterError for what has other letters than an id; None is nobody."""
    if name is not None and not re.fullmatch("[A-Za-z0-9_-]+", name):
        raise NoLifterError(f"--athlete {name!r}: use the letters a to z, digits, _ and - only")


def hints(settings: Settings, wanted: Sequence[str]) -> list[str]:
    """A line for each name that is probably a key of the settings, misspelt."""
    known = {one for entry in settings.sensors.values() for one in (entry.address, entry.name)}
    known_lower = {_lower(one) for one in known}
    found = []
    for name in wanted:
        near = meant(name, settings.sensors)
        if near and name not in settings.sensors and name.lower() not in known_lower:
            found.append(f"{name} is no key of the settings{near}; a sensor of that name is sought")
    return found


def found_one(found: Sequence[Found], exercise: str | None, athlete: str | None) -> list[Lifter]:
    """The only supported sensor in reach. Raises NoLifterError if there are several or none."""
    if not found:
        raise NoLifterError(
            "no sensor that is known is in reach: switch it on, come closer, and disconnect it "
            "from phones (hiprep scan shows what is there)"
        )
    if len(found) > 1:
        names = ", ".join(f"{one.seen.address} ({one.seen.name or 'no name'})" for one in found)
        raise NoLifterError(f"several sensors are in reach: say which with --sensor: {names}")
    seen = found[0].seen
    sensor = _id_part(seen.name or seen.address)
    exercise = exercise or DEFAULT_EXERCISE
    return [Lifter(sensor, seen.address, athlete=athlete, exercise=exercise)]


def _lifter(settings: Settings, name: str, exercise: str | None, athlete: str | None) -> Lifter:
    key = _key(settings, name)
    entry = SensorEntry(name=name) if key is None else settings.sensors[key]
    athlete = athlete or entry.athlete
    return Lifter(
        _id_part(name) if key is None else key,
        entry.wanted,
        entry.driver,
        entry.rate_hz,
        athlete,
        exercise or entry.exercise,
        settings.athletes[athlete].name if athlete in settings.athletes else "",
    )


def _key(settings: Settings, name: str) -> str | None:
    """The key of the sensor that is called so; None if it is not in the settings."""
    if name in settings.sensors:
        return name
    keys = [
        key
        for key, entry in settings.sensors.items()
        if name.lower() in (_lower(entry.address), _lower(entry.name))
    ]
    if len(keys) > 1:
        raise NoLifterError(f"several sensors of the settings are called {name}: {', '.join(keys)}")
    return keys[0] if keys else None


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _id_part(text: str) -> str:
    """A name in the letters that an id may have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)
