"""How far the pelvis tips sideways while the hips are held at the top of a lying lift.

The tilt is the angle between the left-right axis of the pelvis and the horizontal. That axis is
found from the motion, as the one about which the pelvis turns on its way up and down. A turn about
one axis leaves the axis where it is: whoever tips sideways in step with every way up turns about
an oblique axis, and nothing shows. So no tilt from bottom to top is told, only what the hold adds
to it: one hip giving way, as the free side does when one leg works.

An error that stays the same, as the offset of an accelerometer, is in both ends of the hold and
cancels. Up comes from gravity, so a long hold does not drift. Where one leg works the axis is
oblique, so an arch or a sag in the hold shows as a little tilt too.

Which side sinks is known, whatever the mounting: the hips of somebody who lies on the back rise
by turning the pelvis about an axis that points to the right (right-hand rule).
"""

import numpy as np

from pipeline.motion import Motion
from pipeline.swings import Cycle

LEAST_HOLD_S = 0.5
"""Whoever turns back sooner holds nothing."""

_AROUND = 2  # frames on each side of a boundary: a tenth of a second, one beat of a tremor


def hold_tilt_deg(motion: Motion, cycle: Cycle) -> float | None:
    """Change of tilt from the end of the concentric to the start of the eccentric, degrees.

    Positive where the left side sank. None without a gyroscope, without a hold, and where part
    of the hold was not measured. A sensor that slips on the belt in the hold looks the same.
    """
    if cycle.down is None or not motion.has_gyr:
        return None
    start, end = cycle.up.end, cycle.down.start
    if motion.time_s(end) - motion.time_s(start) < LEAST_HOLD_S:
        return None
    if motion.stretch.hole[int(start) : int(end) + 2].any():
        return None
    return _inclination_deg(motion, round(end)) - _inclination_deg(motion, round(start))


def _inclination_deg(motion: Motion, frame: int) -> float:
    """How far the axis points above the horizontal around a frame."""
    near = motion.stretch.frames.up[max(0, frame - _AROUND) : frame + _AROUND + 1]
    up = near.mean(axis=0)
    return float(np.degrees(np.arcsin(np.clip(up @ motion.axis / np.linalg.norm(up), -1.0, 1.0))))
