"""A consumer IMU: when it samples, and what it gets wrong.

Error sizes after biomechanics notes A6: datasheets of LSM6DSO, BMI270 and ICM-20948 (DS-000189),
with zero-rate and zero-g offsets as users and boards show them, not as a part is specified.
"""

from dataclasses import dataclass

import numpy as np

from sensor.samples import STANDARD_GRAVITY_MPS2, Floats
from sensor.simulator.body import Felt
from sensor.simulator.motion import MOTION_HZ

_ACC_FULL_SCALE_MPS2 = 8 * STANDARD_GRAVITY_MPS2
_GYR_FULL_SCALE_RADPS = float(np.radians(1000.0))
_FULL_SCALE_COUNTS = 32768


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """Standard deviations from part to part, and noise densities.

    gyr_noise: mdps/sqrt(Hz); acc_noise: ug/sqrt(Hz); biases are clipped at 5 deg/s and 60 mg;
    scale and cross-axis in percent.
    """

    gyr_noise: float
    acc_noise: float
    gyr_bias_dps: float
    acc_bias_mg: float
    gyr_scale_pct: float
    acc_scale_pct: float
    gyr_cross_pct: float
    acc_cross_pct: float


ERROR_CLASSES: dict[str, ErrorClass | None] = {
    "ideal": None,
    "lsm6dso": ErrorClass(3.8, 70, 0.7, 12, 0.7, 0.5, 0.7, 0.5),
    "bmi270": ErrorClass(7, 160, 1.5, 25, 1.0, 0.5, 1.0, 0.5),
    "icm20948": ErrorClass(15, 230, 2.5, 30, 1.0, 0.5, 1.5, 1.0),
}


@dataclass(frozen=True, slots=True)
class Samples:
    """t_s (n,), acc (n, 3) m/s2, gyr (n, 3) rad/s: as the sensor gives them."""

    t_s: Floats
    acc: Floats
    gyr: Floats


def measure(felt: Felt, sensor: str, rate_hz: float, rng: np.random.Generator) -> Samples:
    """Sample what is felt, each value averaged over one sampling interval, and spoil it."""
    if sensor not in ERROR_CLASSES:
        raise ValueError(f"sensor {sensor!r} is none of {', '.join(ERROR_CLASSES)}")
    errors = ERROR_CLASSES[sensor]
    duration = len(felt.acc) / MOTION_HZ
    times = _sample_times(duration, rate_hz, errors is not None, rng)
    acc = _averaged(felt.acc, times, rate_hz)
    gyr = _averaged(felt.gyr, times, rate_hz)
    if errors is None:
        return Samples(times, acc, gyr)
    bandwidth = np.sqrt(rate_hz / 2)
    acc_bias = np.clip(rng.normal(0, errors.acc_bias_mg, 3), -60, 60) * 1e-3 * STANDARD_GRAVITY_MPS2
    acc = acc @ _sensitivity(errors.acc_scale_pct, errors.acc_cross_pct, rng) + acc_bias
    acc_noise = errors.acc_noise * 1e-6 * STANDARD_GRAVITY_MPS2 * bandwidth
    acc += rng.normal(0, acc_noise, acc.shape)
    gyr_bias = np.radians(np.clip(rng.normal(0, errors.gyr_bias_dps, 3), -5, 5))
    walk = np.radians(0.01) / np.sqrt(60 * rate_hz)
    gyr = gyr @ _sensitivity(errors.gyr_scale_pct, errors.gyr_cross_pct, rng) + gyr_bias
    gyr += np.cumsum(rng.normal(0, walk, gyr.shape), axis=0)
    gyr += rng.normal(0, np.radians(errors.gyr_noise * 1e-3) * bandwidth, gyr.shape)
    return Samples(
        times, _quantised(acc, _ACC_FULL_SCALE_MPS2), _quantised(gyr, _GYR_FULL_SCALE_RADPS)
    )


def _sample_times(
    duration_s: float, rate_hz: float, drifting: bool, rng: np.random.Generator
) -> Floats:
    """The part's own clock is off by up to 3 % and wanders by 0.05 %."""
    if not drifting:
        return np.arange(int(duration_s * rate_hz)) / rate_hz
    off = 1 + rng.uniform(-0.03, 0.03)
    minutes = int(duration_s / 60) + 3
    wander = 5e-4 * np.clip(np.cumsum(rng.normal(0, 0.3, minutes)), -1, 1)
    count = int(duration_s * rate_hz * 1.05)
    along = np.arange(count) / (60 * rate_hz)
    steps = (off + np.interp(along, np.arange(minutes), wander)) / rate_hz
    times = np.cumsum(steps) - steps[0]
    return np.asarray(times[times < duration_s - 1 / rate_hz])


def _averaged(values: Floats, times: Floats, rate_hz: float) -> Floats:
    """Mean over one interval around each time: the sensor's own low-pass, without its delay."""
    count = len(values)
    edges = (np.arange(count + 1) - 0.5) / MOTION_HZ
    out = np.empty((len(times), 3))
    for axis in range(3):
        total = np.concatenate(([0.0], np.cumsum(values[:, axis]))) / MOTION_HZ
        begin = np.clip(times - 0.5 / rate_hz, edges[0], edges[-1])
        end = np.clip(times + 0.5 / rate_hz, edges[0], edges[-1])
        change = np.interp(end, edges, total) - np.interp(begin, edges, total)
        out[:, axis] = change / (end - begin)
    return out


def _sensitivity(scale_pct: float, cross_pct: float, rng: np.random.Generator) -> Floats:
    off = rng.normal(0, cross_pct / 100, (3, 3))
    np.fill_diagonal(off, rng.normal(0, scale_pct / 100, 3))
    return np.eye(3) + off


def _quantised(values: Floats, full_scale: float) -> Floats:
    step = full_scale / _FULL_SCALE_COUNTS
    counts = np.clip(np.round(values / step), -_FULL_SCALE_COUNTS, _FULL_SCALE_COUNTS - 1)
    return np.asarray(counts * step)
