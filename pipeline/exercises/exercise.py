"""What the tracker must know of an exercise: where it starts, its posture, its limits."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Exercise:
    """Limits are of the pelvis in one rep, wide enough for every lifter who does it at all.

    title: for people. posture: a lying lift is measured by the pitch of the pelvis, a
    standing one by its height. starts_at: where the lifter waits before the first rep.
    rom_deg, rise_m: smallest and largest change of pitch and of height in the concentric.
    rise_per_deg_m: metres of rise per degree of pitch, smallest and largest.
    phase_s: shortest way up and way down.
    away_deg: by how much the pelvis is turned away from upright at the top, smallest and
    largest; judged only where a walk has shown what upright is, and meant for what is plain:
    the sensor may have been moved a little since.
    experimental: no recording of it was there to check the tracker on.
    """

    name: str
    title: str
    posture: Literal["lying", "standing"]
    starts_at: Literal["bottom", "top"]
    rom_deg: tuple[float, float]
    rise_m: tuple[float, float]
    rise_per_deg_m: tuple[float, float]
    phase_s: float
    away_deg: tuple[float, float]
    experimental: bool = False
