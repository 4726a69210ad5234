"""A rep while it is being lifted, as the live path knows it, and what all phase machines share."""

from dataclasses import asdict, dataclass, field, fields
from statistics import median_low
from typing import Any

from pipeline.exercises import Exercise

PARTIAL_SHARE, COUNTED_SHARE = 0.3, 0.6
"""Contract: below 30 % of the usual range a movement is nothing, from 60 % on it counts."""

TILT_SHARE = 0.5
"""Without a gyroscope the sensor may sit on a thigh, which turns less than the pelvis."""


@dataclass(slots=True)
class Draft:
    """A rep while it is being lifted.

    frame: index of the frame where it began. size: range of what the phases are cut by, deg
    or m. top_s: end of the concentric. down_s, end_s: start and end of the eccentric.
    low, top: where up pointed before the concentric and at its highest. faults: what was wrong,
    as far as it is known once the rep is over.
    """

    frame: int
    start_s: float
    con_start_s: float
    top_s: float
    size: float
    rom_deg: float
    rise_m: float
    partial: bool
    sure: bool
    down_s: float | None = None
    end_s: float | None = None
    low: tuple[float, ...] = ()
    top: tuple[float, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """What happened, in which frame: "lockout", "over", "closed" (the rest is too long) or
    "lost" (the lifter left the lift).
    """

    kind: str
    frame: int


@dataclass(slots=True)
class Machine:
    """A phase machine: all that changes is in its fields. drafts: reps of the open set."""

    exercise: Exercise
    timeout_s: float
    phase: str = "idle"
    since_s: float = 0.0
    drafts: list[Draft] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        """Plain values."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "exercise"}
        copies = {name: list(value) for name, value in values.items() if isinstance(value, list)}
        return {**values, **copies, "drafts": [asdict(draft) for draft in self.drafts]}

    def restore(self, state: dict[str, Any]) -> None:
        """Carry on from `state`."""
        for name, value in state.items():
            setattr(self, name, list(value) if isinstance(value, list) else value)
        self.drafts = [Draft(**draft) for draft in state["drafts"]]


def usual_deg(drafts: list[Draft]) -> float:
    """ROM that half of the reps reach, of those that rose as the exercise does if any did.

    So one large movement before the set, or one small rep in it, does not set the measure.
    """
    sure = [draft.rom_deg for draft in drafts if draft.sure]
    return median_low(sure or [draft.rom_deg for draft in drafts])


def without_bumps(drafts: list[Draft], new: Draft) -> list[Draft]:
    """The drafts that are no mere shifts of the hips beside a new rep."""
    return [
        draft
        for draft in drafts
        if draft.rom_deg
        > (PARTIAL_SHARE if draft.sure == new.sure else COUNTED_SHARE) * new.rom_deg
    ]
