"""What things look like: the same colour always means the same thing, on every board.

Colours are those of Okabe and Ito ("Color universal design", 2008), told apart by colour-blind eyes
too. Nothing is said by colour alone: a text or a place says it as well.
"""

from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

BLUE, SKY, GREEN = "#0072B2", "#56B4E9", "#009E73"
YELLOW, ORANGE, RED, PURPLE = "#F0E442", "#E69F00", "#D55E00", "#CC79A7"
GREY = "#8E8E8E"

# What they mean.
GOOD, WATCH, STOP = GREEN, ORANGE, RED
TARGET, PLAIN = GREY, BLUE
SPREAD = SKY  # between what and what a value is
PHASES = {
    "eccentric": BLUE,
    "bottom": GREY,
    "concentric": ORANGE,
    "top": GREEN,
    "idle": "#555555",
}
# Not red: that says stop. Green and orange are for the lifts that are seldom beside the others.
EXERCISES = {
    "hip_thrust": BLUE,
    "single_leg_hip_thrust": SKY,
    "glute_bridge": PURPLE,
    "squat": YELLOW,
    "deadlift": GREEN,
    "lunge": ORANGE,
}
FAULTS = {"over_arch": RED, "sag": PURPLE, "short_lockout": YELLOW}
LEVELS = {"stop": STOP, "attention": WATCH, "good": GOOD, "info": TARGET}

PHASE_WORDS = {
    "eccentric": "down",
    "bottom": "bottom",
    "concentric": "up",
    "top": "hold",
    "idle": "rest",
}
LEVEL_WORDS = {"stop": "stop", "attention": "mind this", "good": "good", "info": "to know"}
EXERCISE_WORDS = {
    "hip_thrust": "hip thrust",
    "single_leg_hip_thrust": "single-leg hip thrust",
    "glute_bridge": "glute bridge",
    "squat": "squat",
    "deadlift": "deadlift",
    "lunge": "lunge",
}

# Units as Grafana names them. It makes 4 min of 240 s, and 800 ms of 0.8 s: parts of a rep stay
# seconds. It would make 4 Mg of 4000 kg.
SECONDS, PARTS, KG = "s", "suffix:s", "suffix:kg"
DEGREES, MPS, PERCENT = "degree", "velocityms", "percent"
COUNT, NONE, DBM, HERTZ, METRES = "none", "none", "dBm", "hertz", "lengthm"


def fixed(colour: str) -> FieldColor:
    """One colour."""
    return FieldColor().mode(FieldColorModeId.FIXED).fixed_color(colour)


def by_name() -> FieldColor:
    """For series of which nobody knows the names before: each name has its colour."""
    return FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME)


def by_threshold() -> FieldColor:
    """The colour of the threshold."""
    return FieldColor().mode(FieldColorModeId.THRESHOLDS)


def thresholds(below: str, *steps: tuple[float, str]) -> ThresholdsConfig:
    """A colour below the first value, and one from each value on."""
    marks = [Threshold(value, colour) for value, colour in steps]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps([Threshold(None, below), *marks])


def words(names: dict[str, str], colours: dict[str, str] | None = None) -> ValueMap:
    """Texts in place of the names that stand in the database."""
    found = {
        name: ValueMappingResult(text=text, color=(colours or {}).get(name), index=at)
        for at, (name, text) in enumerate(names.items())
    }
    return ValueMap(options=found)


def named(name: str) -> DynamicConfigValue:
    """For an override: what a column or series is called."""
    return DynamicConfigValue(id_val="displayName", value=name)


def coloured(colour: str) -> DynamicConfigValue:
    """For an override: one colour."""
    return DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": colour})


def measured_in(unit: str, decimals: int | None = None) -> list[DynamicConfigValue]:
    """For an override: the unit, and how many decimals."""
    found = [DynamicConfigValue(id_val="unit", value=unit)]
    if decimals is not None:
        found.append(DynamicConfigValue(id_val="decimals", value=decimals))
    return found
