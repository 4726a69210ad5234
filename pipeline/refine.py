"""After the set: every rep once more, from the whole set at once.

Orientation with hindsight, filters without lag, one axis and one velocity for all reps. What
the live path missed is found here, and what is no set of the exercise is refused.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.signal import butter, sosfiltfilt

from pipeline.exercises import Exercise
from pipeline.orientation import FRAME_HZ, FRAME_S, pitch_deg
from pipeline.stretch import Stretch
from pipeline.swings import Cycle, Swing, cycles, join, settle, swings, value_at
from pipeline.vertical import Known, vertical_motion
from sensor.samples import Bools, Floats

SLOW_DEGPS = 2.0
SLOW_MPS = 0.03
COUNTED_SHARE = 0.6
PARTIAL_SHARE = 0.3

# The voluntary movement is what is slower than about 5 Hz (contract: phase boundary). Cut off
# there it would itself begin earlier than it does; half a decade above, tremor still goes.
_VOLUNTARY_SOS = butter(2, 8.0, fs=FRAME_HZ, output="sos")
_DRIFT_SOS = butter(1, 0.1, btype="highpass", fs=FRAME_HZ, output="sos")
_STILL_RADPS = 0.1
_STILL_MPS2 = 0.25
_LEAST_PAUSE = 4  # frames
_WANDER_DEG, _WANDER_TILT_DEG = 1.5, 6.0
_NO_REST_S = 0.75
_AROUND = 100  # frames before and after a set: the rest it starts from


@dataclass(frozen=True, slots=True)
class Seen:
    """What the live path knows of the stretch.

    usual: range of a whole rep. axis: the mounting it found, or None. upright: where up points
    while standing, or None. held: the last rep is
    still at the top.
    """

    start_s: float
    end_s: float
    usual: float
    axis: tuple[float, float, float] | None
    upright: tuple[float, float, float] | None
    held: bool


@dataclass(frozen=True, eq=False, slots=True)
class Motion:
    """The whole stretch as the lift sees it.

    x, rate: (n,) the coordinate that the phases are cut by and its rate, per second. slow:
    rate below which nothing moves. pitch: (n,) degrees from `zero` about `axis`. velocity,
    height: (n,) vertical, m/s and m. usual: range of x in a whole rep.
    planar: share of the turning that was about `axis`. seen: what it was made from.
    """

    stretch: Stretch
    axis: Floats
    zero: Floats
    pitch: Floats
    velocity: Floats
    height: Floats
    x: Floats
    rate: Floats
    slow: float
    usual: float
    planar: float
    seen: Seen

    @property
    def has_gyr(self) -> bool:
        """False where up comes from the accelerometer alone."""
        return self.stretch.has_gyr

    def time_s(self, frame: float) -> float:
        return value_at(self.stretch.frames.t_s, frame)


def smooth(x: Floats) -> Floats:
    return sosfiltfilt(_VOLUNTARY_SOS, x, axis=0, padlen=min(len(x) - 1, 50))


def _rate(x: Floats) -> Floats:
    """Central difference of fourth order, per second."""
    rate = np.gradient(x)
    rate[2:-2] = (8.0 * (x[3:-1] - x[1:-3]) - (x[4:] - x[:-4])) / 12.0
    return rate * FRAME_HZ


def lying_motion(stretch: Stretch, seen: Seen) -> Motion:
    """The pitch of the pelvis, and its height from every pause that the pitch shows."""
    axis, planar = _axis(stretch, seen)
    motion = _turning(stretch, seen, axis, planar)
    parts = swings(motion.pitch, motion.rate, motion.slow)
    if sum(_change(motion.height, part) * part.size for part in parts) < 0.0:
        return _turning(stretch, seen, -axis, planar)  # what rises is the way up
    return motion


def _turning(stretch: Stretch, seen: Seen, axis: Floats, planar: float) -> Motion:
    frames = stretch.frames
    zero = frames.up[min(int(np.searchsorted(frames.t_s, seen.start_s)), len(frames) - 1)]
    pitch = smooth(pitch_deg(frames.up, axis, zero))
    rate = _rate(pitch)
    parts = [part for part in swings(pitch, rate, SLOW_DEGPS) if abs(part.size) > 1.5]
    big = [part for part in parts if abs(part.size) > PARTIAL_SHARE * seen.usual]
    velocity, height = vertical_motion(
        frames.acc_up_mps2, frames.up, _known(pitch, parts, big, frames.bridged, has_gyr=stretch.has_gyr)
    )
    return Motion(
        stretch, axis, zero, pitch, smooth(velocity), height,
        x=pitch, rate=rate, slow=SLOW_DEGPS, usual=seen.usual, planar=planar, seen=seen,
    )  # fmt: skip


def _change(values: Floats, part: Swing) -> float:
    return value_at(values, part.end) - value_at(values, part.start)


def standing_motion(stretch: Stretch, seen: Seen) -> Motion:
    """The height of the pelvis, from every moment in which the lifter stands still."""
    frames = stretch.frames
    axis, planar = _axis(stretch, seen)
    zero = frames.up[min(int(np.searchsorted(frames.t_s, seen.start_s)), len(frames) - 1)]
    rough = sosfiltfilt(_DRIFT_SOS, frames.acc_up_mps2)
    rough = sosfiltfilt(_DRIFT_SOS, np.cumsum(rough) * FRAME_S)
    rough_m = np.cumsum(rough) * FRAME_S
    parts = swings(rough_m, rough, SLOW_MPS)
    big = [part for part in parts if abs(part.size) > 0.5 * seen.usual]
    tops = [round(a.end) for a, b in pairwise(big) if a.up and not b.up]
    tops += [round(part.start) for part in big[:1] if not part.up]
    tops += [round(part.end) for part in big[-1:] if part.up]
    lows = [round(a.end) for a, b in pairwise(big) if b.up and not a.up]
    still = (np.linalg.norm(frames.gyr, axis=1) < _STILL_RADPS) & (
        np.abs(smooth(frames.acc_up_mps2)) < _STILL_MPS2
    )
    known = Known(_runs(still), sorted([*tops, *lows]), sorted(tops), [])
    velocity, height = vertical_motion(frames.acc_up_mps2, frames.up, known)
    velocity = smooth(velocity)
    return Motion(
        stretch, axis, zero, smooth(pitch_deg(frames.up, axis, zero)), velocity, height,
        x=height, rate=velocity, slow=SLOW_MPS, usual=seen.usual, planar=planar, seen=seen,
    )  # fmt: skip


def measured(motion: Motion, group: list[Cycle]) -> Motion:
    """The same stretch with the vertical movement fitted to one set alone.

    What happened before and after, lying down or getting up, has errors of its own.
    """
    parts = [part for cycle in group for part in (cycle.up, cycle.down) if part is not None]
    start = max(0, int(min(part.start for part in parts)) - _AROUND)
    stop = min(len(motion.x), int(max(part.end for part in parts)) + _AROUND)
    frames = motion.stretch.frames
    moves = [m for m in swings(motion.x[start:stop], motion.rate[start:stop], motion.slow)
             if abs(m.size) > 1.5]  # fmt: skip
    big = [m for m in moves if abs(m.size) > PARTIAL_SHARE * motion.usual]
    velocity, height = motion.velocity.copy(), motion.height.copy()
    inside, height[start:stop] = vertical_motion(
        frames.acc_up_mps2[start:stop],
        frames.up[start:stop],
        _known(motion.x[start:stop], moves, big, frames.bridged[start:stop], has_gyr=motion.has_gyr),
    )
    velocity[start:stop] = smooth(inside)
    return replace(motion, velocity=velocity, height=height)


def find_cycles(motion: Motion, exercise: Exercise) -> list[Cycle]:
    """Every movement in the stretch that may be a rep, whole or partial."""
    parts = swings(motion.x, motion.rate, motion.slow)
    rises = [_change(motion.height, p) for p in parts if p.size > COUNTED_SHARE * motion.usual]
    usual_m = float(np.median(rises)) if rises else 0.0
    moves = [part for part in parts if abs(part.size) > 0.05 * motion.usual]
    joined = join(moves, motion.usual, motion.height, usual_m)
    joined = [settle(motion.x, motion.rate, part, motion.slow) for part in joined]
    from_bottom = exercise.starts_at == "bottom"
    least = PARTIAL_SHARE * motion.usual
    height = motion.height if motion.has_gyr else np.zeros_like(motion.x)
    found = cycles(motion.x, height, joined, least, from_bottom=from_bottom)
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


def _axis(stretch: Stretch, seen: Seen) -> tuple[Floats, float]:
    """Left-right axis of the pelvis: about which it turned most during the set.

    Also the share of the turning that was about it. First principal component of the angular
    rate; without a gyroscope, across the line along which up moved. The sign is the live
    path's, for now.
    """
    frames = stretch.frames
    inside = (frames.t_s >= seen.start_s - 0.5) & (frames.t_s <= seen.end_s + 0.5) & ~stretch.hole
    moved = frames.gyr[inside] if stretch.has_gyr else frames.up[inside]
    middle = np.zeros(3) if stretch.has_gyr else moved.mean(axis=0)
    power, vectors = np.linalg.eigh((moved - middle).T @ (moved - middle))
    axis = vectors[:, 2]
    if not stretch.has_gyr:
        axis = np.cross(middle, axis)
        axis /= np.linalg.norm(axis)
    if seen.axis is not None and axis @ np.asarray(seen.axis) < 0:
        axis = -axis
    return axis, float(power[2] / max(power.sum(), 1e-12))


def _known(
    x: Floats, parts: list[Swing], big: list[Swing], bridged: Bools, *, has_gyr: bool
) -> Known:
    """Pauses and turning points, read off the swings of the pitch `x`.

    Where the pitch wanders, slower than a swing, the hips may be sinking: no pause.
    """
    if not parts:
        return Known([], [], [], [])
    wander = _WANDER_DEG if has_gyr else _WANDER_TILT_DEG
    # The rest before the first movement and after the last one counts as a pause.
    first, last = int(parts[0].start) - 1, int(parts[-1].end) + 2
    pauses, turns = [(max(0, first - _AROUND), first), (last, min(last + _AROUND, len(bridged)))], []
    for a, b in pairwise(parts):
        start, end = int(a.end) + 2, int(b.start) - 1
        if end - start >= _LEAST_PAUSE and np.ptp(x[start:end]) < wander:
            pauses.append((start, end))
        elif a in big and b in big:
            turns.append(round((a.end + b.start) / 2))
    bottoms = [int(part.start) for part in big if part.up]
    jolts = [int(part.end) for part in big if not part.up]
    gaps = (np.flatnonzero(bridged[:-1] & ~bridged[1:]) + 1).tolist()
    return Known(pauses, turns, bottoms, jolts, gaps)


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Where the mask holds for long enough to be a pause."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0)).tolist()
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(a, b) for a, b in pairs if b - a >= 15]
