"""Sample blocks of any rate -> uniform frames that know where up is.

Every frame is the mean of the signal over its own 20 ms; between two samples the signal counts
as their mean. So the sum of the frames' angular rates is the trapezoidal sum of the samples',
whatever the sample rate, its jitter, or how the stream was cut into blocks.
Orientation is VQF's (Laidig and Seel, Information Fusion 91, 2023), without magnetometer;
heading is never used.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.signal import butter, sosfilt, sosfilt_zi, sosfiltfilt
from vqf import VQF, offlineVQF

from sensor.samples import STANDARD_GRAVITY_MPS2, Bools, Floats, SampleBlock

FRAME_S = 0.02
FRAME_HZ = 50.0

GAP_BRIDGED_S = 0.5
"""Longest gap that straight lines bridge; after a longer one orientation starts anew."""

_GAP_S = 0.06  # longer than the slowest sensor's period of 40 ms

# A consumer gyroscope may be 3-5 deg/s off when it is switched on. VQF's defaults never
# correct more than 2 deg/s and expect 0.5.
_VQF_PARAMS = {"biasClip": 10.0, "biasSigmaInit": 2.0}
_VQF_KNOWN_PARAMS = {"biasClip": 10.0, "biasSigmaInit": 0.15}  # the offset was taken out before

# Without a gyroscope, up is the slow part of the specific force: slower than a lift, and
# faster than a posture.
_TILT_HZ = 1.5
_TILT_SOS = butter(2, _TILT_HZ, fs=FRAME_HZ, output="sos")

# Up in sensor axes, from the products of the quaternion (w, x, y, z) with itself: 2xz - 2wy,
# 2yz + 2wx, 1 - 2xx - 2yy. Two terms each, so that any order of summing gives the same bits.
_UP_FROM_PRODUCTS = np.zeros((16, 3))
_UP_FROM_PRODUCTS[[7, 2], 0] = 2.0, -2.0
_UP_FROM_PRODUCTS[[11, 1], 1] = 2.0, 2.0
_UP_FROM_PRODUCTS[[5, 10], 2] = -2.0, -2.0


@dataclass(frozen=True, eq=False, slots=True)
class Frames:
    """Consecutive frames at 50 Hz, in sensor axes.

    t_s: (n,) end of each frame, seconds. acc: (n, 3) specific force, m/s2. gyr_raw: (n, 3) as
    measured, rad/s, None without a gyroscope. gyr: (n, 3) without the gyroscope's offset; without
    a gyroscope, what the turning of up shows. up: (n, 3) unit vector, where up points at t_s.
    acc_up_mps2: (n,) vertical acceleration, up positive, without gravity. bridged: (n,) True
    for a frame that ends inside a short gap.
    """

    t_s: Floats
    acc: Floats
    gyr_raw: Floats | None
    gyr: Floats
    up: Floats
    acc_up_mps2: Floats
    bridged: Bools

    def __len__(self) -> int:
        return len(self.t_s)

    def cut(self, start: int, stop: int) -> "Frames":
        """Frames start..stop."""
        part = slice(start, stop)
        gyr_raw = None if self.gyr_raw is None else self.gyr_raw[part]
        return Frames(
            self.t_s[part],
            self.acc[part],
            gyr_raw,
            self.gyr[part],
            self.up[part],
            self.acc_up_mps2[part],
            self.bridged[part],
        )


class Binning:
    """Samples of any rate, in blocks of any size -> frame means on one 50 Hz grid."""

    def __init__(self, channels: int) -> None:
        self._t0 = 0.0
        self._next = 0  # grid point that is not reached yet, in frames since t0
        self._last_s = 0.0
        self._last: Floats | None = None  # values of the last sample
        self._integral = np.zeros(channels)  # from t0 to the last sample
        self._at_grid = np.zeros(channels)  # from t0 to the last grid point

    def push(self, t_s: Floats, *channels: Floats) -> tuple[Floats, Floats, Bools]:
        """(n,) rising times and values (n, 3) each -> frame ends (m,), frame means (m, c).

        Also which frames end inside a gap, (m,).
        """
        n, columns = len(t_s), len(self._integral)
        rows = np.empty((n + 1, columns))
        for k, three in enumerate(channels):
            rows[1:, 3 * k : 3 * k + 3] = three
        if self._last is None:
            self._t0 = self._last_s = float(t_s[0])
            self._next = 1
            self._last = rows[1]
        rows[0] = self._last
        self._last = rows[n]
        times = np.empty(n + 1)
        times[0] = self._last_s
        times[1:] = t_s
        self._last_s = float(t_s[-1])
        step_s = times[1:] - times[:-1]
        integral = np.empty((n + 1, columns))
        integral[0] = self._integral
        integral[1:] = ((rows[1:] + rows[:-1]).T * (0.5 * step_s)).T
        # One running sum, sample after sample: the same bits for any cut into blocks.
        integral = np.add.accumulate(integral, axis=0)
        self._integral = integral[n]
        grid_s = self._grid(self._last_s)
        after = times.searchsorted(grid_s)
        before = after - 1
        width_s = step_s.take(before)
        share = (grid_s - times.take(before)) / width_s
        start = integral.take(before, axis=0)
        at_grid = np.empty((len(grid_s) + 1, columns))
        at_grid[0] = self._at_grid
        at_grid[1:] = start + ((integral.take(after, axis=0) - start).T * share).T
        self._at_grid = at_grid[-1]
        return grid_s, (at_grid[1:] - at_grid[:-1]) * FRAME_HZ, width_s > _GAP_S

    def _grid(self, until_s: float) -> Floats:
        """Grid points from the next one up to `until_s`, each always the same bits."""
        stop = max(self._next, int((until_s - self._t0) * FRAME_HZ))
        while self._t0 + FRAME_S * stop <= until_s:
            stop += 1
        while stop > self._next and self._t0 + FRAME_S * (stop - 1) > until_s:
            stop -= 1
        grid_s = self._t0 + FRAME_S * np.arange(self._next, stop, dtype=np.float64)
        self._next = stop
        return grid_s

    def state(self) -> dict[str, Any]:
        """Plain values and arrays."""
        return {
            "t0": self._t0,
            "next": self._next,
            "last_s": self._last_s,
            "last": self._last,
            "integral": self._integral,
            "at_grid": self._at_grid,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Carry on from `state`."""
        self._t0, self._next = state["t0"], state["next"]
        self._last_s, self._last = state["last_s"], state["last"]
        self._integral = state["integral"]
        self._at_grid = state["at_grid"]


class Orientation:
    """The live half: frames as they come. Its twin over a whole set is `orient`.

    Feed it one unbroken stretch; begin a new one with `restart` after a long gap.
    """

    def __init__(self) -> None:
        self._binning: Binning | None = None
        self._vqf: VQF | None = None
        self._tilt_zi: Floats | None = None
        self._tilt_last: Floats | None = None

    def update(self, block: SampleBlock) -> Frames:
        """One block of samples, n >= 1 -> the frames that it completes."""
        if self._binning is None:
            self._binning = Binning(3 if block.gyr is None else 6)
            if block.gyr is not None:
                self._vqf = self._vqf or VQF(FRAME_S, **_VQF_PARAMS)
        if block.gyr is None:
            t_s, means, bridged = self._binning.push(block.t_s, block.acc)
            return self._from_tilt(t_s, means, bridged)
        t_s, means, bridged = self._binning.push(block.t_s, block.acc, block.gyr)
        assert self._vqf is not None
        acc, gyr_raw = np.ascontiguousarray(means[:, :3]), np.ascontiguousarray(means[:, 3:])
        if not len(t_s):
            return Frames(t_s, acc, gyr_raw, gyr_raw, acc, t_s, bridged)
        out = self._vqf.updateBatch(gyr_raw, acc)
        return _frames(t_s, acc, gyr_raw, gyr_raw - out["bias"], out["quat6D"], bridged)

    def restart(self) -> None:
        """Forget where up is, as after a long gap; keep what is known of the gyroscope."""
        self._binning = self._tilt_zi = self._tilt_last = None
        if self._vqf is not None:
            known = self._vqf.state
            self._vqf = VQF(FRAME_S, **_VQF_PARAMS)
            fresh = self._vqf.state
            for key in ("bias", "biasP"):
                fresh[key] = known[key]
            self._vqf.state = fresh

    def _from_tilt(self, t_s: Floats, acc: Floats, bridged: Bools) -> Frames:
        if not len(t_s):
            return Frames(t_s, acc, None, acc, acc, t_s, bridged)
        if self._tilt_zi is None:
            self._tilt_zi = sosfilt_zi(_TILT_SOS)[:, :, None] * acc[0]
        slow, self._tilt_zi = sosfilt(_TILT_SOS, acc, axis=0, zi=self._tilt_zi)
        before = slow[:1] if self._tilt_last is None else self._tilt_last
        self._tilt_last = slow[-1:]
        return _tilt_frames(t_s, acc, np.concatenate((before, slow)), bridged)

    def state(self) -> dict[str, Any]:
        """Plain values and arrays."""
        return {
            "binning": self._binning and self._binning.state(),
            "vqf": self._vqf and self._vqf.state,
            "tilt_zi": self._tilt_zi,
            "tilt_last": self._tilt_last,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Carry on from `state`."""
        if state["binning"] is not None:
            self._binning = Binning(len(state["binning"]["integral"]))
            self._binning.restore(state["binning"])
        if state["vqf"] is not None:
            self._vqf = VQF(FRAME_S, **_VQF_PARAMS)
            self._vqf.state = state["vqf"]
        self._tilt_zi, self._tilt_last = state["tilt_zi"], state["tilt_last"]


def orient(
    t_s: Floats, acc: Floats, gyr_raw: Floats | None, bridged: Bools, *, known: bool = False
) -> Frames:
    """Frames of a whole stretch, n >= 2, with hindsight: what comes later is used too.

    known: the gyroscope's offset has been taken out of `gyr_raw`, as far as it was known.
    """
    if gyr_raw is None:
        slow = sosfiltfilt(_TILT_SOS, acc, axis=0, padlen=min(len(acc) - 1, 50))
        return _tilt_frames(t_s, acc, np.concatenate((slow[:1], slow)), bridged)
    params = _VQF_KNOWN_PARAMS if known else _VQF_PARAMS
    out = offlineVQF(gyr_raw, acc, None, FRAME_S, params)
    return _frames(t_s, acc, gyr_raw, gyr_raw - out["bias"], out["quat6D"], bridged)


def _frames(
    t_s: Floats, acc: Floats, gyr_raw: Floats, gyr: Floats, quat: Floats, bridged: Bools
) -> Frames:
    products = (quat[:, :, None] * quat[:, None, :]).reshape(-1, 16)
    up = products @ _UP_FROM_PRODUCTS
    up[:, 2] += 1.0
    acc_up = np.vecdot(up, acc)
    acc_up -= STANDARD_GRAVITY_MPS2
    return Frames(t_s, acc, gyr_raw, gyr, up, acc_up, bridged)


def _tilt_frames(t_s: Floats, acc: Floats, slow: Floats, bridged: Bools) -> Frames:
    """slow: (n + 1, 3), one before the first frame."""
    # A sensor that still wakes sends zeros: they point nowhere.
    length = np.sqrt((slow * slow).sum(axis=1))[:, None]
    up = slow / np.maximum(length, np.finfo(float).tiny)
    gyr = np.cross(up[1:] - up[:-1], up[1:]) / FRAME_S
    # The length of the specific force is 9.81 plus the vertical acceleration, to first
    # order, and needs no direction.
    acc_up = np.sqrt((acc * acc).sum(axis=1)) - STANDARD_GRAVITY_MPS2
    return Frames(t_s, acc, None, gyr, up[1:], acc_up, bridged)


def pitch_deg(up: Floats, axis: Floats, zero: Floats) -> Floats:
    """(n, 3) where up points -> (n,) degrees that the sensor has turned about `axis`.

    Only the part of up that lies across the axis counts, so a roll does not show. The
    result is 0 at `zero` and unwrapped.
    """
    across = zero - axis * (axis @ zero)
    ahead = np.cross(axis, across)
    # Up turns backwards in the axes of a sensor that turns forwards.
    return np.degrees(np.unwrap(np.arctan2(-(up @ ahead), up @ across)))
