"""A whole stretch as the lift sees it: one axis, one pitch, one height, filters without lag."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.signal import butter, sosfiltfilt

from pipeline.draft import COUNTED_SHARE, PARTIAL_SHARE
from pipeline.orientation import FRAME_HZ, FRAME_S, pitch_deg
from pipeline.path import Vector
from pipeline.stretch import Stretch
from pipeline.swings import Cycle, Swing, change, swings
from pipeline.vertical import Known, vertical_motion
from sensor.samples import Bools, Floats

SLOW_DEGPS = 2.0
SLOW_MPS = 0.03
_NOISE_DEG = 1.5
_NOISE_SHARE = 0.05

# The voluntary movement is what is slower than about 5 Hz (contract: phase boundary). Cut off
# there it would itself begin earlier than it does; half a decade above, tremor still goes.
_VOLUNTARY_SOS = butter(2, 8.0, fs=FRAME_HZ, output="sos")
_DRIFT_SOS = butter(1, 0.1, btype="highpass", fs=FRAME_HZ, output="sos")

ALIKE = 0.92
"""Correlation of height and pitch within a rep: above 0.97 in every model of a lying lift and
below 0.96 in real squats; a tilt from the accelerometer alone is disturbed by the lift."""

_LEAST_PAUSE = 4  # frames
_WANDER_DEG, _WANDER_TILT_DEG = 1.5, 6.0
_AROUND = 100  # frames before and after a set: the rest it starts from
_STILL_RADPS = 0.1
_STILL_MPS2 = 0.25
_LEAST_STILL = 15  # frames


@dataclass(frozen=True, slots=True)
class Seen:
    """What the live path knows of the stretch.

    usual: range of a whole rep. sure: some rep rose as the exercise does. axis: the mounting
    it found, or None. upright: where up points while standing, or None. held: the last rep is
    still at the top.
    """

    start_s: float
    end_s: float
    usual: float
    sure: bool
    axis: Vector | None
    upright: Vector | None
    held: bool


@dataclass(frozen=True, eq=False, slots=True)
class Motion:
    """What a set is made of.

    x, rate: (n,) the coordinate that the phases are cut by and its rate, per second. slow:
    rate below which nothing moves. parts: the swings in it. pitch: (n,) degrees from `zero`
    about `axis`. velocity, height: (n,) vertical, m/s and m. planar: share of the turning that
    was about `axis`. seen: what it was made from.
    """

    stretch: Stretch
    seen: Seen
    axis: Floats
    zero: Floats
    planar: float
    pitch: Floats
    velocity: Floats
    height: Floats
    x: Floats
    rate: Floats
    slow: float
    parts: list[Swing]

    @property
    def has_gyr(self) -> bool:
        """False where up comes from the accelerometer alone."""
        return self.stretch.has_gyr

    @property
    def usual(self) -> float:
        """Range of x in a whole rep, as the live path saw it."""
        return self.seen.usual

    def time_s(self, frame: float) -> float:
        """Stream time of a frame, or between two."""
        t_s = self.stretch.frames.t_s
        k = min(int(frame), len(t_s) - 2)
        return float(t_s[k] + (frame - k) * (t_s[k + 1] - t_s[k]))


def lying_motion(stretch: Stretch, seen: Seen) -> Motion:
    """The pitch of the pelvis, and its height from every pause that the pitch shows."""
    motion = turning(stretch, seen)
    motion = _risen(motion, 0, len(motion.x))
    like_reps = [part for part in motion.parts
                 if PARTIAL_SHARE < abs(part.size) / seen.usual < 1 / COUNTED_SHARE]  # fmt: skip
    if sum(change(motion.height, part) * part.size for part in like_reps) < 0.0:
        motion = _turning(stretch, seen, -motion.axis, motion.planar)  # what rises is the way up
        return _risen(motion, 0, len(motion.x))
    return motion


def turning(stretch: Stretch, seen: Seen) -> Motion:
    """The pitch of the pelvis alone: velocity and height are still 0."""
    return _turning(stretch, seen, *_axis(stretch, seen))


def _turning(stretch: Stretch, seen: Seen, axis: Floats, planar: float) -> Motion:
    frames = stretch.frames
    zero = frames.up[_frame(stretch, seen.start_s)]
    pitch = _smooth(pitch_deg(frames.up, axis, zero))
    rate = _rate(pitch)
    parts = swings(pitch, rate, SLOW_DEGPS, min(_NOISE_DEG, _NOISE_SHARE * seen.usual))
    still = np.zeros_like(pitch)
    return Motion(
        stretch, seen, axis, zero, planar, pitch, still, still, pitch, rate, SLOW_DEGPS, parts
    )


def measured(motion: Motion, group: list[Cycle]) -> Motion:
    """The same stretch with the vertical movement fitted to one set alone.

    What happened before and after, lying down or getting up, has errors of its own.
    """
    first, last = min(cycle.start for cycle in group), max(cycle.end for cycle in group)
    before = [part.end for part in motion.parts if part.end <= first]
    after = [part.start for part in motion.parts if part.start >= last]
    start = max(0.0, first - _AROUND, *before[-1:])
    stop = min(len(motion.x) - 1.0, last + _AROUND, *after[:1])
    return _risen(motion, int(start) + 1, int(stop))


def standing_motion(stretch: Stretch, seen: Seen) -> Motion:
    """The height of the pelvis, from every moment in which the lifter stands still."""
    frames = stretch.frames
    axis, planar = _axis(stretch, seen)
    zero = frames.up[_frame(stretch, seen.start_s)]
    velocity, height = vertical_motion(frames.acc_up_mps2, frames.up, _stands(stretch, seen))
    velocity = _smooth(velocity)
    parts = swings(height, velocity, SLOW_MPS, _NOISE_SHARE * seen.usual)
    pitch = _smooth(pitch_deg(frames.up, axis, zero))
    x, rate = height, velocity
    return Motion(
        stretch, seen, axis, zero, planar, pitch, velocity, height, x, rate, SLOW_MPS, parts
    )


def _frame(stretch: Stretch, t_s: float) -> int:
    return min(int(np.searchsorted(stretch.frames.t_s, t_s)), len(stretch.frames) - 1)


def _smooth(x: Floats) -> Floats:
    return sosfiltfilt(_VOLUNTARY_SOS, x, padlen=min(len(x) - 1, 50))


def _rate(x: Floats) -> Floats:
    """Central difference of fourth order, per second."""
    rate = np.gradient(x)
    rate[2:-2] = (8.0 * (x[3:-1] - x[1:-3]) - (x[4:] - x[:-4])) / 12.0
    return rate * FRAME_HZ


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


def _risen(motion: Motion, start: int, stop: int) -> Motion:
    """The motion with velocity and height of frames start..stop from the pauses in them."""
    frames = motion.stretch.frames
    known = _known(motion, start, stop)
    velocity, height = motion.velocity.copy(), motion.height.copy()
    inside, height[start:stop] = vertical_motion(
        frames.acc_up_mps2[start:stop], frames.up[start:stop], known
    )
    velocity[start:stop] = _smooth(inside)
    return replace(motion, velocity=velocity, height=height)


def _known(motion: Motion, start: int, stop: int) -> Known:
    """Pauses and turning points in frames start..stop, read off the swings of the pitch.

    Where the pitch wanders, slower than a swing, the hips may be sinking: no pause.
    """
    bridged = motion.stretch.frames.bridged[start:stop]
    x = motion.x[start:stop]
    moves = [
        (part, int(part.start) - start, int(part.end) - start)
        for part in motion.parts
        if start < part.start and part.end < stop - 1
    ]
    if not moves:
        return Known([], [], [], [])
    wander = _WANDER_DEG if motion.has_gyr else _WANDER_TILT_DEG
    # The rest before the first movement and after the last one counts as a pause.
    first, last = moves[0][1] - 1, moves[-1][2] + 2
    pauses = [(max(0, first - _AROUND), first), (last, min(last + _AROUND, stop - start))]
    turns = []
    for (a, _, a_end), (b, b_start, _) in pairwise(moves):
        if b_start - a_end > _LEAST_PAUSE + 2 and np.ptp(x[a_end + 2 : b_start - 1]) < wander:
            pauses.append((a_end + 2, b_start - 1))
        elif b_start - a_end <= _LEAST_PAUSE + 2 and min(abs(a.size), abs(b.size)) > least_part(
            motion
        ):
            turns.append(round((a.end + b.start) / 2) - start)
    big = [move for move in moves if abs(move[0].size) > least_part(motion)]
    bottoms = [begin for part, begin, _ in big if part.up]
    jolts = [end for part, _, end in big if not part.up]
    return Known(pauses, turns, bottoms, jolts, gap_ends(bridged))


def together(motion: Motion, cycle: Cycle) -> float:
    """Correlation of height and pitch on the way up and down."""
    moving = np.concatenate([np.arange(int(p.start), int(p.end) + 2) for p in cycle.parts])
    moving = moving[moving < len(motion.x)]
    return float(np.corrcoef(motion.height[moving], motion.pitch[moving])[0, 1])


def least_part(motion: Motion) -> float:
    """What moves by less is nothing."""
    return PARTIAL_SHARE * motion.usual


def _stands(stretch: Stretch, seen: Seen) -> Known:
    """Where a standing lifter is still, and roughly where the height turns."""
    frames = stretch.frames
    rough = sosfiltfilt(_DRIFT_SOS, frames.acc_up_mps2)
    rough = sosfiltfilt(_DRIFT_SOS, np.cumsum(rough) * FRAME_S)
    rough_m = np.cumsum(rough) * FRAME_S
    big = swings(rough_m, rough, SLOW_MPS, 0.5 * seen.usual)
    # The filter may lose a slow way down between two ups.
    tops = [round(part.end) for part in big if part.up]
    tops += [round(part.start) for part in big[:1] if not part.up]
    lows = [round(b.start if a.up else a.end) for a, b in pairwise(big) if b.up]
    still = (np.linalg.norm(frames.gyr, axis=1) < _STILL_RADPS) & (
        np.abs(_smooth(frames.acc_up_mps2)) < _STILL_MPS2
    )
    gaps = gap_ends(frames.bridged)
    return Known(_runs(still), sorted([*tops, *lows]), sorted(tops), lows, gaps)


def gap_ends(bridged: Bools) -> list[int]:
    """Frames after a short gap."""
    return [int(frame) + 1 for frame in np.flatnonzero(bridged[:-1] & ~bridged[1:])]


def _runs(mask: Bools) -> list[tuple[int, int]]:
    """Where the mask holds for long enough to be a stand."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0)).tolist()
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(a, b) for a, b in pairs if b - a >= _LEAST_STILL]
