"""What the coach does for one athlete, by the settings: preferences, and a plan to follow."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from pipeline.coaching.advice import Preferences
from pipeline.coaching.plan import Plan, PlanError
from pipeline.coaching.plan_text import loads
from pipeline.coaching.templates import TEMPLATES
from pipeline.settings import CoachingSettings, Settings, SettingsError
from pipeline.settings_coaching_table import NO_PLAN, Plates, Weight

# Nobody says of what their loads are made, and lifts in pounds.
_STEP_LB = Weight(5.0, "lb")
# What bars weigh where plates are weighed in this unit.
_BARS = {"kg": Weight(20.0, "kg"), "lb": Weight(45.0, "lb")}
_MOST_BYTES = 100_000


def preferences_of(settings: Settings, athlete_key: str) -> Preferences:
    """What an athlete wants; one who is not in the settings wants what all want."""
    said = coaching_of(settings, athlete_key)
    known = Preferences()
    plates = said.plates
    step = said.step or (_STEP_LB if said.unit == "lb" else Weight(known.step_kg, "kg"))
    bar = said.bar or _BARS[plates.unit if plates else "kg"]
    return Preferences(
        off=frozenset(said.off or ()),
        reps=said.reps or known.reps,
        weekly=said.weekly or known.weekly,
        step_kg=step.kg,
        plates_kg=_in_kg(plates) if plates else None,
        bar_kg=bar.kg,
        unit=said.unit or known.unit,
        bands=said.bands or (),
        lockout_deg=said.lockout_deg,
    )


def plan_of(settings: Settings, athlete_key: str) -> Plan | None:
    """The plan that the settings name; None where there is none.

    Raises SettingsError that names all that is wrong with its file.
    """
    plan = coaching_of(settings, athlete_key).plan
    if plan is None or plan == NO_PLAN:
        return None
    return read_plan(plan) if isinstance(plan, Path) else TEMPLATES[plan]


def read_plan(path: Path) -> Plan:
    """The plan in a file. Raises SettingsError that names all that is wrong with it."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        # Editors on Windows put a byte order mark in front.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(["is not UTF-8 text"], path) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError([f"cannot be read: {reason}"], path) from None
    if len(data) > _MOST_BYTES:
        raise SettingsError([f"is longer than {_MOST_BYTES} bytes: no plan"], path)
    try:
        return loads(text)
    except PlanError as error:
        raise SettingsError(error.problems, path) from None


def coaching_of(settings: Settings, athlete_key: str) -> CoachingSettings:
    """What was said for all, and over it what was said for one athlete, key by key."""
    for_all = settings.coaching
    athlete = settings.athletes.get(athlete_key)
    if athlete is None:
        return for_all
    own = athlete.coaching
    changes: dict[str, Any] = {
        one.name: value for one in fields(own) if (value := getattr(own, one.name)) is not None
    }
    # Loads are made of plates or of steps.
    if own.step:
        changes["plates"] = None
    if own.plates:
        changes["step"] = None
    changes["lockout_deg"] = {**for_all.lockout_deg, **own.lockout_deg}
    return replace(for_all, **changes)


def _in_kg(plates: Plates) -> dict[float, int]:
    return {Weight(one, plates.unit).kg: count for one, count in plates.pairs.items()}
