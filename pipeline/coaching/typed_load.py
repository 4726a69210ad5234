"""Whether a typed load looks like another unit. For asking: nobody but the lifter knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.plates import KG_PER_LB

# Plates make steps: a load is "about" another within so much.
_ABOUT = 0.1
# With fewer sets nobody knows what is usual.
_LEAST_SETS = 3
_MOST_SETS = 60


@dataclass(frozen=True, slots=True)
class OtherUnit:
    """A load that was typed as kg, about 2.2 times the usual one or 1 / 2.2 of it.

    likely_kg: what it would be, were it meant in the other unit. typed_as: what was typed, if so.
    """

    typed_kg: float
    usual_kg: float
    likely_kg: float
    typed_as: Literal["lb", "kg"]


def other_unit(typed_kg: float | None, usual_kg: Sequence[float]) -> OtherUnit | None:
    """Whether to ask: the load is outside of all that is usual, and fits in the other unit.

    usual_kg: loads of the last sets of that exercise and variant, warm-ups too: what was lifted
    before is never asked about. A typed load of 1 / 2.2 is a number in kg that was taken for lb.
    """
    known_kg = sorted(kg for kg in usual_kg if kg > 0)
    if not typed_kg or typed_kg < 0 or len(known_kg) < _LEAST_SETS:
        return None
    least_kg, most_kg = known_kg[0], known_kg[-1]
    if least_kg * (1 - _ABOUT) <= typed_kg <= most_kg * (1 + _ABOUT):
        return None
    if typed_kg > most_kg:
        return _fits(typed_kg, typed_kg * KG_PER_LB, known_kg, "lb")
    return _fits(typed_kg, typed_kg / KG_PER_LB, known_kg, "kg")


def asks(history: Sequence[LiftedSet]) -> OtherUnit | None:
    """The same of the newest set, against the sets of that lift before it."""
    newest = history[-1]
    usual_kg: list[float] = []
    for one in reversed(history[:-1]):
        if one.lift == newest.lift and one.load_kg is not None and not one.is_reference:
            usual_kg.append(one.load_kg)
            if len(usual_kg) == _MOST_SETS:
                break
    return other_unit(newest.load_kg, usual_kg)


def _fits(
    typed_kg: float, likely_kg: float, known_kg: Sequence[float], typed_as: Literal["lb", "kg"]
) -> OtherUnit | None:
    nearest_kg = min(known_kg, key=lambda kg: abs(kg - likely_kg))
    if abs(likely_kg / nearest_kg - 1) > _ABOUT:
        return None
    return OtherUnit(typed_kg, nearest_kg, likely_kg, typed_as)
