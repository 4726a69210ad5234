"""How columns are called and measured, the same in each table; and what their cells can do."""

from typing import Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.grafana.look import (
    COUNT,
    DBM,
    DEGREES,
    EXERCISE_WORDS,
    HERTZ,
    KG,
    LEVEL_WORDS,
    LEVELS,
    MPS,
    PARTS,
    PERCENT,
    SECONDS,
    measured_in,
    named,
    words,
)

# Name in the database -> what people read, unit, decimals.
_SHOWN: dict[str, tuple[str, str, int | None]] = {
    "Time": ("When", "time:D MMM HH:mm", None),
    "exercise": ("Exercise", "", None),
    "variant": ("Variant", "", None),
    "set": ("Set", COUNT, 0),
    "rep": ("Rep", COUNT, 0),
    "sets": ("Sets", COUNT, 0),
    "reps": ("Reps", COUNT, 0),
    "reps_per_set": ("Reps a set", COUNT, 1),
    "partials": ("Partial", COUNT, 0),
    "target_reps": ("Of", COUNT, 0),
    "load_kg": ("Load", KG, 1),
    "volume_kg": ("Volume", KG, 0),
    "e1rm_kg": ("1RM, est.", KG, 0),
    "e1rm_low_kg": ("At least", KG, 0),
    "e1rm_high_kg": ("At most", KG, 0),
    "tempo": ("Tempo", "", None),
    "target_tempo": ("Asked for", "", None),
    "eccentric_s": ("Down", PARTS, 1),
    "bottom_pause_s": ("Bottom", PARTS, 1),
    "concentric_s": ("Up", PARTS, 1),
    "top_pause_s": ("Hold", PARTS, 1),
    "eccentric_met": ("Down met", COUNT, 0),
    "bottom_pause_met": ("Bottom met", COUNT, 0),
    "concentric_met": ("Up met", COUNT, 0),
    "top_pause_met": ("Top met", COUNT, 0),
    "hold_met": ("Hold met", COUNT, 0),
    "hold_met_pct": ("Holds met", PERCENT, 0),
    "rom_deg": ("ROM", DEGREES, 0),
    "displacement_m": ("Rise", "suffix:m", 2),
    "mean_velocity_mps": ("Mean velocity", MPS, 2),
    "peak_velocity_mps": ("Peak velocity", MPS, 2),
    "best_velocity_mps": ("Best velocity", MPS, 2),
    "velocity_loss_pct": ("Loss", PERCENT, 0),
    "confidence": ("Certainty", "percentunit", 0),
    "duration_s": ("Lasted", SECONDS, 0),
    "rest_before_s": ("Rest before", SECONDS, 0),
    "rest_s": ("Rest", SECONDS, 0),
    "time_under_tension_s": ("Under tension", SECONDS, 0),
    "faults": ("Faults", COUNT, 0),
    "fault_over_arch": ("Over-arched", COUNT, 0),
    "fault_sag": ("Sagged", COUNT, 0),
    "fault_short_lockout": ("Lockout short", COUNT, 0),
    "note": ("Note", "", None),
    "level": ("Level", "", None),
    "rule": ("Rule", "", None),
    "device": ("Sensor", "", None),
    "site": ("Site", "", None),
    "phase": ("Now", "", None),
    "battery_pct": ("Battery", PERCENT, 0),
    "rssi_dbm": ("Signal", DBM, 0),
    "rate_hz": ("Rate", HERTZ, 1),
    "lost": ("Samples lost", COUNT, 0),
    "loss_pct": ("Loss of samples", PERCENT, 1),
    "silent_in_set": ("Silent in a set", COUNT, 0),
    "service": ("Service", "", None),
    "ok": ("Works", COUNT, 0),
    "problems": ("Problems", COUNT, 0),
}


# Of texts, as wide as they usually are, in pixels; numbers are no wider than their titles.
_WIDE = {
    "Time": 115,
    "exercise": 150,
    "variant": 90,
    "tempo": 130,
    "target_tempo": 110,
    "note": 150,
    "load_kg": 75,
    "device": 80,
    "level": 100,
    "rule": 190,
}
_LETTER, _AROUND = 8, 24


class _Table(Protocol):
    def override_by_name(self, name: str, properties: list[DynamicConfigValue]) -> Self: ...


_T = TypeVar("_T", bound=_Table)


def columns(panel: _T, *names: str) -> _T:
    """The panel, with these columns of its answer called and measured as everywhere."""
    for name in names:
        title, unit, decimals = _SHOWN[name]
        properties = [named(title), *(measured_in(unit, decimals) if unit else ())]
        if isinstance(panel, table.Panel):
            properties.append(at_least(_WIDE.get(name, 0), title))
        if name == "exercise":
            properties.append(mapped(EXERCISE_WORDS))
        if name == "level":
            properties += [mapped(LEVEL_WORDS, LEVELS), COLOURED_TEXT]
        panel = panel.override_by_name(name, properties)
    return panel


def beside_words(panel: table.Panel, *names: str) -> table.Panel:
    """The panel, with a column of sentences, `text`, that has all the room these columns leave."""
    for name in names:
        title = _SHOWN[name][0]
        panel = panel.override_by_name(name, [wide(_wanted(_WIDE.get(name, 0), title))])
    lines = DynamicConfigValue(
        id_val="custom.cellOptions", value={"type": "auto", "wrapText": True}
    )
    return panel.override_by_name("text", [named("In words"), at_least(420), lines])


def listed(*names: str) -> str:
    """As a query asks for them."""
    return ", ".join(f'"{name}"' for name in names)


def mapped(names: dict[str, str], colours: dict[str, str] | None = None) -> DynamicConfigValue:
    """For an override: words in place of what stands in the database."""
    return DynamicConfigValue(id_val="mappings", value=[words(names, colours).to_json()])


def up_to(most: float, text: str, colour: str) -> DynamicConfigValue:
    """For an override: a text in place of each number that is not above it."""
    result = {"text": text, "color": colour, "index": 0}
    options = {"from": None, "to": most, "result": result}
    return DynamicConfigValue(id_val="mappings", value=[{"type": "range", "options": options}])


def judged(below: str, *steps: tuple[float, str]) -> list[DynamicConfigValue]:
    """For an override: the text has a colour below the first value, and one from each value on."""
    marks = [{"value": value, "color": colour} for value, colour in [(None, below), *steps]]
    return [
        DynamicConfigValue(id_val="thresholds", value={"mode": "absolute", "steps": marks}),
        DynamicConfigValue(id_val="color", value={"mode": "thresholds"}),
        COLOURED_TEXT,
    ]


def leads_to(title: str, url: str, *more: tuple[str, str]) -> DynamicConfigValue:
    """For an override: a click on a cell leads there. more: titles and addresses to choose from."""
    found = [{"title": name, "url": address} for name, address in [(title, url), *more]]
    return DynamicConfigValue(id_val="links", value=found)


def at_least(pixels: int, title: str = "") -> DynamicConfigValue:
    """For an override: a column is so wide, and wide enough for its title; wider if there is room.

    On a phone the table is then wider than the screen, and is pushed from side to side.
    """
    return DynamicConfigValue(id_val="custom.minWidth", value=_wanted(pixels, title))


def wide(pixels: int) -> DynamicConfigValue:
    """For an override: the width of a column."""
    return DynamicConfigValue(id_val="custom.width", value=pixels)


def _wanted(pixels: int, title: str) -> int:
    return max(pixels, _LETTER * len(title) + _AROUND)


COLOURED_TEXT = DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"})
# There for links, and not to be seen.
HIDDEN = DynamicConfigValue(id_val="custom.hidden", value=True)
