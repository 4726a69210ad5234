"""Which loads can be put on: from a bar and plates in pairs, in kg or lb, or by bands."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

from pipeline.coaching.advice import Preferences

KG_PER_LB = 0.45359237
"""By definition."""

# Loads are sums of rounded weights: 45 lb are 20.41 kg in one place and 20.4117 in another.
_SAME_KG = 0.02
_TEN_GRAMS = 100
# Nobody lifts more; it bounds what a wrong inventory can ask for.
_MOST_KG = 600.0


@dataclass(frozen=True, slots=True)
class Rack:
    """What can be put on. pairs: plate in kg and how many pairs of it; the same goes on each side.

    None: any multiple of step_kg.
    """

    bar_kg: float = 20.0
    pairs: tuple[tuple[float, int], ...] | None = None
    step_kg: float = 2.5

    @classmethod
    def of(cls, preferences: Preferences) -> "Rack":
        """What an athlete has."""
        plates = preferences.plates_kg
        pairs = None if plates is None else tuple(sorted(plates.items()))
        return cls(preferences.bar_kg, pairs, preferences.step_kg)

    @classmethod
    def in_pounds(cls, bar_lb: float, pairs: Mapping[float, int]) -> "Rack":
        """A bar and plates that are weighed in pounds."""
        in_kg = tuple(sorted((lb * KG_PER_LB, count) for lb, count in pairs.items()))
        return cls(bar_lb * KG_PER_LB, in_kg)

    def at_or_above(self, load_kg: float) -> float | None:
        """The least load from there on; None if no plates are left."""
        if self.pairs is None:
            return _multiple(self.step_kg, ceil((load_kg - _SAME_KG) / self.step_kg))
        loads_kg = _loads_kg(self.bar_kg, self.pairs)
        found = bisect_left(loads_kg, load_kg - _SAME_KG)
        return loads_kg[found] if found < len(loads_kg) else None

    def at_or_below(self, load_kg: float) -> float | None:
        """The largest load up to there; None if the bar alone is heavier, or nothing is left."""
        if self.pairs is None:
            return _multiple(self.step_kg, floor((load_kg + _SAME_KG) / self.step_kg))
        loads_kg = _loads_kg(self.bar_kg, self.pairs)
        found = bisect_right(loads_kg, load_kg + _SAME_KG)
        return loads_kg[found - 1] if found and loads_kg[found - 1] > 0 else None

    def lighter(self, load_kg: float, about_kg: float) -> float | None:
        """The load nearest to `about_kg` of those that are less than `load_kg`."""
        below_kg, above_kg = self.at_or_below(about_kg), self.at_or_above(about_kg)
        found = [kg for kg in (below_kg, above_kg) if kg is not None and kg < load_kg - _SAME_KG]
        return min(found, key=lambda kg: abs(kg - about_kg), default=None)

    def loads_kg(self) -> tuple[float, ...]:
        """All loads there are, rising; none where any step will do."""
        return () if self.pairs is None else _loads_kg(self.bar_kg, self.pairs)


def band_of(variant: str, bands: Sequence[str]) -> str | None:
    """The band that a variant names, as the light one of ``banded-light``; None for none."""
    return next((word for word in variant.split("-") if word in bands), None)


def next_band(bands: Sequence[str], now: str) -> str | None:
    """The next stronger of bands named from light to strong; None after the last, or if unknown.

    A band pulls by how far it is stretched: its steps have names, and no kilograms.
    """
    if now not in bands:
        return None
    following = bands[bands.index(now) + 1 :]
    return following[0] if following else None


def _multiple(step_kg: float, count: int) -> float | None:
    return round(step_kg * count, 3) if count > 0 else None


@lru_cache(maxsize=16)
def _loads_kg(bar_kg: float, pairs: tuple[tuple[float, int], ...]) -> tuple[float, ...]:
    """Sums of the bar and any number of each pair; those that are the same to 10 g once."""
    sums = {round(bar_kg * _TEN_GRAMS): bar_kg}
    for plate_kg, count in pairs:
        if plate_kg < _SAME_KG:
            continue
        most = min(count, int(_MOST_KG / (2 * plate_kg)))
        added = {}
        for load_kg in sums.values():
            for number in range(1, most + 1):
                total_kg = load_kg + 2 * number * plate_kg
                if total_kg <= _MOST_KG:
                    added[round(total_kg * _TEN_GRAMS)] = total_kg
        sums = added | sums
    return tuple(key / _TEN_GRAMS for key in sorted(sums))
