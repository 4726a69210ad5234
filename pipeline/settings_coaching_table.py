"""The table of the settings about coaching: for all athletes, and for one of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from pipeline import exercises
from pipeline.coaching.plates import KG_PER_LB
from pipeline.coaching.templates import TEMPLATES
from pipeline.settings_local import whole_path
from pipeline.toml_table import Table, line, literal, meant, shown

Unit = Literal["kg", "lb"]
UNITS: tuple[Unit, ...] = ("kg", "lb")
NO_PLAN = "none"
"""For one athlete, where there is a plan for all."""

_LOADS = tuple(f"{name}_{unit}" for name in ("step", "plates") for unit in UNITS)
_LEAST, _MOST = 0.05, 250.0
_BAND = re.compile("[a-z0-9_]{1,30}")


@dataclass(frozen=True, slots=True)
class Weight:
    """So much, in the unit in which it was typed."""

    value: float
    unit: Unit

    @property
    def kg(self) -> float:
        """The same in kg."""
        return self.value if self.unit == "kg" else self.value * KG_PER_LB


@dataclass(frozen=True, slots=True)
class Plates:
    """pairs: of each plate, how many pairs there are. unit: in which the plates are weighed."""

    pairs: Mapping[float, int]
    unit: Unit


@dataclass(frozen=True, slots=True)
class CoachingSettings:
    """What is wanted of the coach; None where nothing was said.

    off: names of rules that are to be silent. unit: of loads in sentences. reps: for double
    progression. weekly: sessions a week. step, plates: what loads are made of; one of the two.
    bands: from light to strong. plan: a template by its name, a TOML file, or `NO_PLAN`.
    lockout_deg: range of motion of a full lockout, by exercise (``hiprep fit --lockout``).
    """

    off: tuple[str, ...] | None = None
    unit: Unit | None = None
    reps: tuple[int, int] | None = None
    weekly: tuple[int, int] | None = None
    step: Weight | None = None
    bar: Weight | None = None
    plates: Plates | None = None
    bands: tuple[str, ...] | None = None
    plan: str | Path | None = None
    lockout_deg: Mapping[str, float] = field(default_factory=dict)


def coaching_settings(above: Table) -> CoachingSettings:
    """The table [coaching] inside of another; nothing said if there is none."""
    table = above.table("coaching")
    if table is None:
        return CoachingSettings()
    coaching = CoachingSettings(
        off=_off(table),
        unit=cast("Unit | None", table.one_of("unit", UNITS)),
        reps=table.span("reps", 1, 100),
        weekly=table.span("weekly", 1, 14),
        step=_weight(table, "step", _LEAST),
        bar=_weight(table, "bar", 0.0),
        plates=_plates(table),
        bands=_bands(table),
        plan=_plan(table),
        lockout_deg=_lockout_deg(table),
    )
    table.finish()
    _blame_both(table, ("bar_kg", "bar_lb"))
    _blame_both(table, _LOADS)
    return coaching


def coaching_lines(place: str, coaching: CoachingSettings) -> list[str]:
    """The table as text. place: its name in the file."""
    if coaching == CoachingSettings():
        return []
    lines = ["", f"[{place}]"]
    for name in ("off", "reps", "weekly", "bands"):
        values = getattr(coaching, name)
        lines += [] if values is None else [f"{name} = [{', '.join(map(literal, values))}]"]
    for name, weight in (("step", coaching.step), ("bar", coaching.bar)):
        lines += [line(f"{name}_{weight.unit}", weight.value)] if weight else []
    if coaching.plates:
        pairs = (f"{literal(str(one))} = {count}" for one, count in coaching.plates.pairs.items())
        lines.append(f"plates_{coaching.plates.unit} = {{ {', '.join(pairs)} }}")
    if coaching.lockout_deg:
        full = (f"{name} = {deg!r}" for name, deg in coaching.lockout_deg.items())
        lines.append(f"lockout_deg = {{ {', '.join(full)} }}")
    for name, text in (("unit", coaching.unit), ("plan", coaching.plan)):
        lines += [] if text is None else [line(name, str(text))]
    return lines


def _off(table: Table) -> tuple[str, ...] | None:
    named = table.texts("off")
    if not named:
        return named
    # All rules together take a while to import, and few name any.
    from pipeline.coaching.rules import every  # noqa: PLC0415

    known = [rule.name for rule in every()]
    for name in named:
        if name not in known:
            told = meant(name, known) or ", docs/coaching.md has their names"
            table.blame("off", f"there is no rule {shown(name)}{told}")
    return named


def _weight(table: Table, name: str, least: float) -> Weight | None:
    values = [(table.number(f"{name}_{unit}", least, _MOST), unit) for unit in UNITS]
    return next((Weight(value, unit) for value, unit in values if value is not None), None)


def _plates(table: Table) -> Plates | None:
    found = [_plates_in(table, unit) for unit in UNITS]
    return found[0] or found[1]


def _plates_in(above: Table, unit: Unit) -> Plates | None:
    table = above.table(f"plates_{unit}")
    if table is None:
        return None
    pairs: dict[float, int] = {}
    for key in table.keys:
        weight = _number(key)
        count = table.whole_number(key, 1, 50) if weight else None
        if weight is None:
            table.blame(key, f'is not the weight of a plate in {unit}, such as "1.25"')
        elif weight in pairs:
            table.blame(key, f"{weight:g} {unit} stands there twice")
        elif count:
            pairs[weight] = count
    if not table.keys:
        above.blame(f"plates_{unit}", 'is empty: name the pairs, such as { "20" = 1, "1.25" = 2 }')
    return Plates(pairs, unit)


def _number(key: str) -> float | None:
    try:
        value = float(key)
    except ValueError:
        return None
    return value if _LEAST <= value <= _MOST else None


def _bands(table: Table) -> tuple[str, ...] | None:
    bands = table.texts("bands")
    for band in bands or ():
        # It is a word of a variant, such as banded-light.
        if not _BAND.fullmatch(band):
            table.blame("bands", f"{shown(band)} has more than a to z, digits and _")
    return bands


def _plan(table: Table) -> str | Path | None:
    """A template by its name; whatever else looks like a path is a file."""
    text = table.text("plan")
    if text is None or text == NO_PLAN or text in TEMPLATES:
        return text
    if "/" in text or "\\" in text or text.endswith(".toml"):
        return whole_path(table, "plan")
    known = (*TEMPLATES, NO_PLAN)
    told = meant(text, known) or f", known are {', '.join(known)}; or name a file, ~/plan.toml"
    table.blame("plan", f"there is no {shown(text)}{told}")
    return None


def _lockout_deg(above: Table) -> dict[str, float]:
    table = above.table("lockout_deg")
    if table is None:
        return {}
    found = {name: table.number(name, 5, 180) for name in exercises.names()}
    table.finish()
    return {name: deg for name, deg in found.items() if deg is not None}


def _blame_both(table: Table, names: tuple[str, ...]) -> None:
    there = [name for name in names if name in table.keys]
    if len(there) > 1:
        table.blame(there[1], f"there is {there[0]} too: keep one of the two")
