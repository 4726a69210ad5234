"""After the set: every rep once more, from the whole set at once.

What the live path missed is found here, and what is no set of the exercise is refused.
"""

from dataclasses import replace

import numpy as np

from pipeline.draft import COUNTED_SHARE, TILT_SHARE
from pipeline.exercises import Exercise
from pipeline.motion import (
    Motion,
    Seen,
    least_part,
    lying_motion,
    standing_motion,
)
from pipeline.orientation import FRAME_S
from pipeline.sets import RefinedSet, find_sets
from pipeline.stretch import Stretch
from pipeline.swings import Cycle, Swing, change, cycles, join, settle

_NO_REST_S = 0.75


def refine(
    stretch: Stretch, seen: Seen, exercise: Exercise, timeout_s: float, min_reps: int
) -> list[RefinedSet]:
    """The sets in a stretch; none where there is no set of this exercise."""
    moves = lying_motion if exercise.posture == "lying" else standing_motion
    motion = moves(stretch, seen)
    if exercise.posture == "lying" and not (seen.sure and stretch.has_gyr):
        usual = _commonest(motion, TILT_SHARE * exercise.rom_deg[0])
        motion = moves(stretch, replace(seen, usual=usual))
    return find_sets(motion, find_cycles(motion, exercise), exercise, timeout_s, min_reps)


def _commonest(motion: Motion, least: float) -> float:
    """The size that makes most of the way up: where no rep was sure, the reps are the many."""
    sizes = [part.size for part in motion.parts if part.size > least]
    alike = [[size for size in sizes if COUNTED_SHARE < size / pivot < 1 / COUNTED_SHARE]
             for pivot in sizes]  # fmt: skip
    return float(np.median(max(alike, key=sum))) if alike else motion.usual


def find_cycles(motion: Motion, exercise: Exercise) -> list[Cycle]:
    """Every movement in the stretch that may be a rep, whole or partial."""
    # Without a gyroscope the height is too rough to say that the hips stayed high.
    height = motion.height if motion.has_gyr else np.zeros_like(motion.x)
    rises = [change(height, part) for part in motion.parts
             if part.size > COUNTED_SHARE * motion.usual]  # fmt: skip
    joined = join(motion.parts, motion.usual, height, float(np.median(rises or [0.0])))
    joined = [settle(motion.x, motion.rate, part, motion.slow) for part in joined]
    from_bottom = exercise.starts_at == "bottom"
    found = cycles(motion.x, height, joined, least_part(motion), from_bottom=from_bottom)
    return [] if from_bottom and _starts_at_top(joined, found, motion.usual) else found


def _starts_at_top(joined: list[Swing], found: list[Cycle], usual: float) -> bool:
    """Does a way down lead into the first rep and a way up out of the last, without a rest?"""
    whole = [c for c in found if c.down is not None and c.up.size > COUNTED_SHARE * usual]
    if not whole:
        return False
    first, last = joined.index(whole[0].up), joined.index(whole[-1].down or whole[-1].up)
    if first == 0 or last == len(joined) - 1:
        return False
    into, out = joined[first - 1], joined[last + 1]
    rest_s = max(whole[0].up.start - into.end, out.start - joined[last].end) * FRAME_S
    return rest_s < _NO_REST_S and min(-into.size, out.size) > COUNTED_SHARE * usual
