"""Whether a sensor sits well: ten seconds of a slow hip thrust without load, judged."""

import numpy as np
from scipy import signal

from pipeline.doctor import Finding
from sensor.samples import Floats, SampleBlock

_STILL_S = 1.0
_STILL_ACC_MPS2 = 0.5
# Slower is noise and sway. A hip thrust turns the pelvis about one axis; the others get a little.
_TURNING_DPS = 17.0
_MIN_TURNING_S = 0.5
_MIN_SWING_DEG = 15.0
_ONE_AXIS_PART = 0.85
_BACK_WITHIN_DEG = 6.0
# Voluntary movement ends at about 5 Hz. What is above is a sensor that shakes on its belt.
_RATTLE_HZ = 8.0
_RATTLE_MPS2 = 1.0
_SHORT_S = 4.0


def fit_findings(block: SampleBlock) -> list[Finding]:
    """What the samples of the check say; cures in one line each."""
    if len(block) < 2 or block.t_s[-1] - block.t_s[0] < _SHORT_S:
        return [Finding("problem", "samples", "too few came", "see hiprep doctor --sensor")]
    rate_hz = (len(block) - 1) / float(block.t_s[-1] - block.t_s[0])
    still = _still_ends(block.acc, rate_hz)
    if still is None:
        cure = "hold still for two seconds before and after the reps"
        return [Finding("problem", "at rest", "it moved at the beginning or the end", cure)]
    before, after = still
    findings = [_movement(block, before, rate_hz)]
    if findings[0].level == "problem":
        return findings
    return [*findings, _returned(block.acc, before, after), _rattle(block.acc, rate_hz)]


def _still_ends(acc: Floats, rate_hz: float) -> tuple[slice, slice] | None:
    """The first and the last second, if they are still."""
    size = max(2, round(_STILL_S * rate_hz))
    ends = slice(0, size), slice(len(acc) - size, len(acc))
    spreads = [float(np.linalg.norm(acc[end].std(axis=0))) for end in ends]
    return ends if max(spreads) < _STILL_ACC_MPS2 else None


def _movement(block: SampleBlock, before: slice, rate_hz: float) -> Finding:
    """Whether there was one turn about one axis, and how far."""
    if block.gyr is None:
        return _leaning(block.acc, before, rate_hz)
    gyr = block.gyr - block.gyr[before].mean(axis=0)
    turning = gyr[np.degrees(np.linalg.norm(gyr, axis=1)) > _TURNING_DPS]
    again = "sit down, and do two slow reps to full lockout while it looks"
    if len(turning) < _MIN_TURNING_S * rate_hz:
        return Finding("problem", "axis", "hardly any movement was seen", again)
    shares, axes = np.linalg.eigh(turning.T @ turning)
    swing_deg = float(np.degrees(np.ptp(np.cumsum(gyr @ axes[:, -1]) / rate_hz)))
    share = float(shares[-1] / shares.sum())
    if swing_deg < _MIN_SWING_DEG:
        return Finding("problem", "axis", f"it turned by {swing_deg:.0f}° only", again)
    text = f"found: {100 * share:.0f} % of the turning is about it, {swing_deg:.0f}° up and down"
    if share < _ONE_AXIS_PART:
        cure = "centre it on the belt, tighten the belt, and move without twisting"
        return Finding("warning", "axis", text, cure)
    return Finding("ok", "axis", text)


def _leaning(acc: Floats, before: slice, rate_hz: float) -> Finding:
    """The same by gravity alone."""
    size = max(1, round(0.2 * rate_hz))
    count = len(acc) // size
    binned = np.median(acc[: count * size].reshape(count, size, 3), axis=1)
    swing_deg = float(_angle_deg(binned, acc[before].mean(axis=0)).max())
    text = f"it turned by {swing_deg:.0f}°, seen by gravity alone: there is no gyroscope"
    if swing_deg < _MIN_SWING_DEG:
        again = "sit down, and do two slow reps to full lockout while it looks"
        return Finding("problem", "axis", text, again)
    return Finding("ok", "axis", text)


def _returned(acc: Floats, before: slice, after: slice) -> Finding:
    """Whether it points where it pointed before: the same posture on a sensor that sits firmly."""
    off_deg = float(_angle_deg(acc[after].mean(axis=0)[None], acc[before].mean(axis=0))[0])
    text = f"back to within {off_deg:.1f}° of where it began"
    if off_deg > _BACK_WITHIN_DEG:
        cure = "end where you began; if you did, it slipped: tighten the belt"
        return Finding("warning", "seat", text, cure)
    return Finding("ok", "seat", text)


def _rattle(acc: Floats, rate_hz: float) -> Finding:
    """How much of the acceleration is quicker than a person moves."""
    if rate_hz < 4 * _RATTLE_HZ:
        return Finding("ok", "rattle", f"cannot be judged at {rate_hz:.0f} Hz")
    quick = signal.butter(2, _RATTLE_HZ, "highpass", fs=rate_hz, output="sos")
    rms_mps2 = float(np.sqrt((signal.sosfiltfilt(quick, acc, axis=0) ** 2).sum(axis=1).mean()))
    text = f"{rms_mps2:.2f} m/s2 above {_RATTLE_HZ:g} Hz"
    if rms_mps2 > _RATTLE_MPS2:
        return Finding("warning", "rattle", text, "press it flat to the body, tighten the belt")
    return Finding("ok", "rattle", text)


def _angle_deg(vectors: Floats, to: Floats) -> Floats:
    """(n,) angles between vectors (n, 3) and one (3,)."""
    cosine = vectors @ to / np.linalg.norm(vectors, axis=1) / np.linalg.norm(to)
    angles: Floats = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    return angles
