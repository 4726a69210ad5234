"""Sentences and the numbers in them, made in one go: what is not said is not claimed."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from pipeline.coaching.advice import Level
from pipeline.coaching.measures import Measure
from pipeline.coaching.plates import KG_PER_LB

MEASURES: Mapping[Measure, str] = MappingProxyType(
    {
        "rom_deg": "range",
        "eccentric_s": "way down",
        "bottom_pause_s": "pause at the bottom",
        "concentric_s": "way up",
        "top_pause_s": "hold at the top",
        "mean_velocity_mps": "velocity",
    }
)
"""What is measured of a rep, as it is called in a sentence."""


class Numbers:
    """The numbers of a text, each by name, rounded as the text has it. unit: of its loads."""

    def __init__(self, unit: Literal["kg", "lb"] = "kg") -> None:
        self.told: dict[str, float] = {}
        self._unit = unit

    def say(self, name: str, value: float, digits: int = 0) -> str:
        """The value as text with so many decimals at most; kept as it is said."""
        text = f"{value:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if digits else text
        self.told[name] = float(text)
        return text

    def load(self, name: str, load_kg: float, digits: int = 2) -> str:
        """A load with its unit, kept as ``name_kg``; as ``name_lb`` too where it is said in lb.

        In pounds it has one decimal at most.
        """
        if self._unit == "kg":
            return f"{self.say(f'{name}_kg', load_kg, digits)} kg"
        said = self.say(f"{name}_lb", load_kg / KG_PER_LB, min(digits, 1))
        self.told[f"{name}_kg"] = round(load_kg, 2)
        return f"{said} lb"


def many(count: int, one: str) -> str:
    """``1 rep``, ``2 reps``."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def serious(reps: int) -> Level:
    """Of reps with a fault: one may be a mistake of measurement, as one in ten is."""
    return "attention" if reps > 1 else "info"


def which(reps: Sequence[int]) -> str:
    """``rep 3``, ``reps 3 and 7``, ``reps 3, 7 and 9``."""
    words = [str(number) for number in reps]
    if len(words) == 1:
        return f"rep {words[0]}"
    return f"reps {', '.join(words[:-1])} and {words[-1]}"
