"""How the report says things: plain English, numbers with their units."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal

from pipeline.coaching.plates import KG_PER_LB
from pipeline.display import words

Unit = Literal["kg", "lb"]

UNKNOWN = "–"
NBSP = "\u00a0"
"""Between a number and its unit: no line ends there."""

# What the sensor saw, and no more: it is on the pelvis, and knows neither back nor knees.
FAULTS = {
    "over_arch": "the pelvis tipped back at the top while the hips stayed up, as it does when the "
    "lower back over-arches",
    "sag": "the hips sank while they were held at the top",
    "short_lockout": "the top was lower than in the other reps",
}
FAULTS_SHORT = {
    "over_arch": "pelvis tipped back at the top",
    "sag": "hips sank at the top",
    "short_lockout": "top too low",
}


def local(time_us: int) -> datetime:
    """The time of the local clock."""
    return datetime.fromtimestamp(time_us / 1e6, UTC).astimezone()


def day_and_time(time_us: int) -> str:
    """``Monday 5 January 2026, 18:30``."""
    at = local(time_us)
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M}"


def day(time_us: int) -> str:
    """``5 Jan 2026``."""
    at = local(time_us)
    return f"{at.day} {at:%b %Y}"


def short_day(time_us: int) -> str:
    """``5 Jan``."""
    at = local(time_us)
    return f"{at.day} {at:%b}"


def lift(exercise: str, variant: str) -> str:
    """``hip thrust, banded``."""
    return ", ".join(words(part) for part in (exercise, variant) if part)


def fault(name: str) -> str:
    """A fault in a few words; one that is not known by its name."""
    return FAULTS_SHORT.get(name, words(name))


def fault_in_full(name: str) -> str:
    """What the sensor saw of it."""
    return FAULTS.get(name, words(name))


def count(number: int, thing: str) -> str:
    """``1 rep``, ``2 reps``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def in_unit(value_kg: float, unit: Unit) -> float:
    """A load in the unit of the athlete."""
    return value_kg if unit == "kg" else value_kg / KG_PER_LB


def load(value_kg: float | None, unit: Unit) -> str:
    """``62.5 kg``, ``135 lb``."""
    if value_kg is None:
        return UNKNOWN
    return f"{in_unit(value_kg, unit):,.1f}".removesuffix(".0") + f"{NBSP}{unit}"


def seconds(value: float | None) -> str:
    """``1.2 s``."""
    return UNKNOWN if value is None else f"{value:.1f}{NBSP}s"


def asked(value_s: float) -> str:
    """A time as somebody asked for it: ``2 s``."""
    return f"{value_s:g}{NBSP}s"


def degrees(value: float | None) -> str:
    """``53°``."""
    return UNKNOWN if value is None else f"{value:.0f}°"


def velocity(value: float | None) -> str:
    """``0.26 m/s``."""
    return UNKNOWN if value is None else f"{value:.2f}{NBSP}m/s"


def percent(value: float | None) -> str:
    """``12 %``."""
    return UNKNOWN if value is None else f"{max(value, 0.0):.0f}{NBSP}%"


def duration(value: float | None) -> str:
    """``45 s``, ``2 min 05 s``, ``1 h 02 min``."""
    if value is None:
        return UNKNOWN
    minutes, left_s = divmod(round(value), 60)
    hours, left_min = divmod(minutes, 60)
    if hours:
        return f"{hours} h {left_min:02d} min"
    if minutes >= 10:
        return f"{minutes} min"
    return f"{minutes} min {left_s:02d} s" if minutes else f"{left_s} s"


def tempo(parts: Sequence[float | None]) -> str:
    """Down-bottom-up-hold, ``1.2-0.4-0.9-1.0``; 0 where there was none."""
    if all(part is None for part in parts):
        return UNKNOWN
    return "-".join("0" if part is None else f"{part:.1f}" for part in parts)


def listed(parts: Iterable[str]) -> str:
    """``1``, ``1 and 2``, ``1, 2 and 3``."""
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last


def of_reps(numbers: Sequence[int]) -> str:
    """``Rep 3``, ``Reps 3 and 5``."""
    return f"Rep{'s' * (len(numbers) > 1)} {listed(map(str, numbers))}"
