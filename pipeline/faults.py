"""What is wrong with a rep of a lying lift, each judged inside its own set (contract, section 1).

The same rules while the set goes on and once it is over; only what is known differs.
"""

import numpy as np

from pipeline.events import SHORT_SHARE
from pipeline.orientation import FRAME_S
from sensor.samples import Bools, Floats

OVER_ARCH_DEG = 5.0
SAG_DEG = 3.0
_QUICK_DEGPS, _SPREAD_DEGPS = 12.0, 8.0  # quicker turns back an arch, slower a sag
_DRIFT_S = 3.0


def lockouts_deg(lows_deg: Floats, tops_deg: Floats) -> Floats:
    """(n,) pitch at the start and at the end of every concentric -> (n,) how high each came.

    A sensor that slips moves tops and bottoms alike: a top counts from the bottoms around it.
    """
    near = [np.median(lows_deg[max(0, k - 2) : k + 3]) for k in range(len(lows_deg))]
    return tops_deg - np.array(near)


def reference_deg(lockouts: Floats, whole: Bools) -> float:
    """The set's lockout: the median of its good tops. whole: (n,) True for what counts."""
    reference = np.median(lockouts[whole])
    good = whole & (lockouts > (1 - SHORT_SHARE) * reference)
    return float(np.median(lockouts[good]) if good.any() else reference)


def is_short(lockout: float, reference: float) -> bool:
    """Does this top stay below the others?"""
    return lockout < (1 - SHORT_SHARE) * reference


def hold_faults(pitch: Floats, rate: Floats, height: Floats, per_deg_m: float) -> list[str]:
    """What went wrong in a top pause. (n,) each: degrees, degrees per second, metres.

    per_deg_m: by how much the hips rise for each degree on the way up.
    """
    if len(pitch) < 3:
        return []
    at = int(np.argmax(pitch))
    low = at + int(np.argmin(pitch[at:]))
    back_deg, lost_m = pitch[at] - pitch[low], height[at] - height[low]
    # Hips that sink lose as much height as on the way down; in a long hold the height drifts.
    # Who arches does it at once, who sags gives way slowly.
    sinks = min(max(lost_m / max(back_deg * per_deg_m, 1e-6), 0.0), 1.0) - 0.5
    sinks /= 1.0 + (len(pitch) * FRAME_S / _DRIFT_S) ** 2
    quick = (float(-rate[at : low + 1].min()) - _QUICK_DEGPS) / _SPREAD_DEGPS
    if sinks < min(max(quick, -0.6), 0.6):
        return ["over_arch"] if back_deg >= OVER_ARCH_DEG else []
    return ["sag"] if back_deg >= SAG_DEG else []
