"""Whether samples can be what their header says: time, rate, units. Each fault names its cure."""

import numpy as np
from numpy.typing import NDArray

from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock

IMPOSSIBLE_VALUE = "impossible value"
MIN_RATE_HZ = 25.0
MAX_RATE_HZ = 400.0
_RATE_SLACK = 1.02
_MIN_DURATION_S = 0.99

# No worn sensor measures more: high-g parts end at 200 g, gyroscopes at 4000 deg/s.
_MAX_ACC_MPS2 = 2000.0
_MAX_GYR_RADPS = 100.0

# A unit is called wrong from a factor of 3 on: jogging has a median norm of 13 m/s2.
_UNIT_FACTOR = 3.0

# Of 170 real and model recordings in parts of 500 samples, resampled to 25-400 Hz: the ratio of
# `_turns` is at most 2.2; were they in deg/s, it would reach at least 5.6 somewhere in each.
_MAX_TURN_RATIO = 5.0
_MIN_TURN_RAD = 0.1
_BIN_S = 0.2
_MIN_BINS = 5
# Nor does a pelvis turn at 2000 deg/s for a tenth of the time.
_MAX_KEPT_GYR_RADPS = 35.0
_MAX_FAST_PART = 0.1

_NEXT, _AFTER = (1, 2, 0), (2, 0, 1)  # of a cross product


class RecordingError(ValueError):
    """A recording that cannot be used; its message is one clear line with the cure."""


def start_fault(block: SampleBlock) -> str | None:
    """What is wrong with a recording that starts with block: some seconds of it, or all."""
    if len(block) < MIN_RATE_HZ * _MIN_DURATION_S:
        return _short(block)
    interval_s = _interval_s(block.t_s)
    if fault := _rate_fault(1.0 / interval_s):
        return fault
    if len(block) * interval_s < _MIN_DURATION_S:
        return _short(block)
    return "; ".join(filter(None, (_acc_fault(block), gyr_fault(block)))) or None


def gyr_fault(block: SampleBlock) -> str | None:
    """What is wrong with the unit of gyr, by how far gravity turns in acc meanwhile."""
    if block.gyr is None or len(block) < 2:
        return None
    binned = _bins(block.t_s, np.hstack((block.acc, block.gyr)))
    if len(binned) < _MIN_BINS:
        return None
    told, seen = _turns(binned[:, :3], binned[:, 3:])
    fast = float(np.mean(_norm(binned[:, 3:]) > _MAX_KEPT_GYR_RADPS))
    if fast <= _MAX_FAST_PART and told <= _MAX_TURN_RATIO * max(seen, _MIN_TURN_RAD):
        return None
    return (
        "gyr_* cannot be rad/s, they turn much further than gravity does in acc_*: "
        f"they look like deg/s, multiply them by {np.pi / 180:.7f}"
    )


def possible(block: SampleBlock) -> NDArray[np.bool_]:
    """(n,) which samples a worn sensor can have measured."""
    good: NDArray[np.bool_] = _norm(block.acc) <= _MAX_ACC_MPS2
    if block.gyr is not None:
        good = good & (_norm(block.gyr) <= _MAX_GYR_RADPS)
    return good


def _short(block: SampleBlock) -> str:
    return f"holds only {len(block)} usable samples: at least 1 s of them is needed"


def _rate_fault(rate_hz: float) -> str | None:
    if _usual_rate(rate_hz):
        return None
    found = f"its rate is {rate_hz:.4g} Hz, outside of {MIN_RATE_HZ:.0f} to {MAX_RATE_HZ:.0f} Hz"
    for unit, per_s in (("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9)):
        if _usual_rate(rate_hz * per_s):
            return f"{found}: t looks like {unit}, divide it by {per_s:.0f}"
    return f"{found}: record or resample it at such a rate, with t in seconds"


def _usual_rate(rate_hz: float) -> bool:
    return MIN_RATE_HZ / _RATE_SLACK <= rate_hz <= MAX_RATE_HZ * _RATE_SLACK


def _acc_fault(block: SampleBlock) -> str | None:
    norm = float(np.median(_norm(block.acc)))
    if _like_gravity(norm, STANDARD_GRAVITY_MPS2):
        return None
    found = f"acc_* cannot be m/s2, their median norm is {norm:.3g}, not about 9.8"
    other = 0.0 if block.gyr is None else float(np.median(_norm(block.gyr)))
    if _like_gravity(other, STANDARD_GRAVITY_MPS2):
        return f"{found}, but that of gyr_* is: name the columns the other way round"
    if _like_gravity(norm, 1.0):
        return f"{found}: they look like g, multiply them by {STANDARD_GRAVITY_MPS2}"
    if _like_gravity(norm, 1000.0):
        return f"{found}: they look like mg, multiply them by {STANDARD_GRAVITY_MPS2 / 1000}"
    return f"{found}: convert them to m/s2, gravity included"


def _like_gravity(norm: float, gravity: float) -> bool:
    return gravity / _UNIT_FACTOR < norm < gravity * _UNIT_FACTOR


def _interval_s(t_s: Floats) -> float:
    """Median time between samples: a gap does not change it. Sorting is quicker than np.median."""
    return float(np.sort(np.diff(t_s))[(len(t_s) - 1) // 2])


def _bins(t_s: Floats, values: Floats) -> Floats:
    """Medians of values (n, k) over bins of 0.2 s: a single spike is not a turn."""
    size = max(1, round(min(_BIN_S / _interval_s(t_s), len(t_s))))
    count = len(values) // size
    binned = values[: count * size].reshape(count, size, values.shape[1])
    medians: Floats = np.sort(binned, axis=1)[:, size // 2]
    return medians


def _turns(acc: Floats, gyr: Floats) -> tuple[float, float]:
    """How far gravity turns in sensor axes over two bins, radians, rms: told by gyr, seen in acc.

    A gyroscope's offset, turns about the vertical and shaking to and fro drop out.
    """
    up = acc / np.maximum(_norm(acc), 1e-9)[:, None]
    turn = (up[:, _NEXT] * gyr[:, _AFTER] - up[:, _AFTER] * gyr[:, _NEXT]) * _BIN_S
    told = turn[:-2] / 2 + turn[1:-1] + turn[2:] / 2
    seen = up[2:] - up[:-2]
    return _rms(told), _rms(seen)


def _norm(vectors: Floats) -> Floats:
    norms: Floats = np.sqrt((vectors * vectors).sum(axis=1))
    return norms


def _rms(vectors: Floats) -> float:
    return float(np.sqrt((vectors * vectors).sum() / len(vectors)))
