"""Whether what was lifted is what was asked for."""

from collections.abc import Iterable

_TOLERANCE_S = 0.3
_TOLERANCE = 0.2
# Two standard errors of a measured pause (docs/accuracy.md): nobody fails by what is not known.
_HOLD_TOLERANCE_S = 0.05


def phase_met(measured_s: float | None, target_s: float | None) -> bool | None:
    """Whether a phase of the tempo lasted as long as prescribed; None without one of the two.

    Within 0.3 s or 20 % of it, whichever is more: a count in the head is no closer.
    """
    if measured_s is None or target_s is None:
        return None
    off_s = round(abs(measured_s - target_s), 3)  # times are known to the millisecond
    return off_s <= max(_TOLERANCE_S, _TOLERANCE * target_s)


def hold_met(measured_s: float | None, least_s: float | None) -> bool | None:
    """Whether the top was held for at least so long; None without one of the two."""
    if measured_s is None or least_s is None:
        return None
    return measured_s >= least_s - _HOLD_TOLERANCE_S


def share_pct(met: Iterable[int | None]) -> float | None:
    """Of all that could be judged, how many were met; None if none could."""
    judged = [one for one in met if one is not None]
    return 100.0 * sum(judged) / len(judged) if judged else None
