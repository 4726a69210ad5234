"""How sure a figure is: 95 % confidence intervals."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import gammaincinv

from sensor.samples import Floats

Interval = tuple[float, float]

Z_95 = 1.959964
RESAMPLES = 300


def wilson(hits: float, trials: float) -> Interval:
    """Interval of a share (Wilson 1927); not degenerate at 0 or 1."""
    if trials == 0:
        return 0.0, 1.0
    share, z2 = hits / trials, Z_95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z_95 * np.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def poisson_rate(events: int, exposure: float) -> Interval:
    """Interval of events per unit of exposure (Garwood 1936)."""
    low = float(gammaincinv(events, 0.025)) if events else 0.0
    return low / exposure, float(gammaincinv(events + 1, 0.975)) / exposure


def bootstrap(clusters: Sequence[Floats], statistic: Callable[[Floats], float]) -> Interval:
    """Percentile interval; whole recordings are drawn, for reps of one set are alike."""
    filled = [rows for rows in clusters if len(rows)]
    if len(filled) < 2:
        return float("nan"), float("nan")
    draw = np.random.default_rng(0)
    values = [
        statistic(np.concatenate([filled[i] for i in draw.integers(len(filled), size=len(filled))]))
        for _ in range(RESAMPLES)
    ]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
