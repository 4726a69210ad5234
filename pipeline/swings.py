"""A movement cut into swings up and down, and swings joined into the phases of reps.

Works on any coordinate that grows towards the lockout: pitch in degrees for a lying lift,
height in metres for a standing one. Boundaries are the contract's: where the rate crosses
the larger of a fixed value and 2 % of the swing's peak.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from pipeline.orientation import FRAME_S
from sensor.samples import Floats

PEAK_SHARE = 0.02

_STALL_S = 2.0  # a lifter who stops on the way up for longer has failed the rep
_BREATH_S = 0.25  # a stop too short to be a pause
_REST_OF_IT = 0.12  # less, at the end of a movement, is settling
_WHOLE = 0.9  # who has come so far is there
_TOO_MUCH = 1.3  # more is not one phase: the hips had been shifted
_LOW = 0.25  # share of the range above the start that still is the bottom
_HIGH = 0.4  # share of its height that the hips may lose while they still are at the top


@dataclass(frozen=True, slots=True)
class Swing:
    """One movement in one direction. start, end: in frames, with fractions.

    size: change of the coordinate, positive up. peak: largest rate in it, positive.
    at: frame of the peak rate.
    """

    start: float
    end: float
    size: float
    peak: float
    at: int

    @property
    def up(self) -> bool:
        """Towards the lockout."""
        return self.size > 0


@dataclass(frozen=True, slots=True)
class Cycle:
    """The concentric of one rep and the eccentric before or after it, where there is one."""

    up: Swing
    down: Swing | None

    @property
    def parts(self) -> tuple[Swing, ...]:
        """The concentric, then the eccentric where there is one."""
        return (self.up,) if self.down is None else (self.up, self.down)

    @property
    def start(self) -> float:
        """Where the earlier part starts, in frames."""
        return min(part.start for part in self.parts)

    @property
    def end(self) -> float:
        """Where the later part ends, in frames."""
        return max(part.end for part in self.parts)


def swings(x: Floats, rate: Floats, slow: float, least: float) -> list[Swing]:
    """(n,) coordinate and its rate -> the swings of at least `least`, in order of time.

    slow: rate below which nothing moves, whatever the peak.
    """
    moving = (np.abs(rate) > slow) * np.sign(rate).astype(np.int8)
    edges = np.flatnonzero(np.diff(moving, prepend=0, append=0))
    found = []
    for first, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if moving[first] and abs(x[stop - 1] - x[first]) > 0.9 * least:
            found.append(_swing(x, rate * moving[first], first, stop - 1, slow))
    return [part for part in found if abs(part.size) > least]


def _swing(x: Floats, rate: Floats, first: int, last: int, slow: float) -> Swing:
    """The swing within frames first..last, where `rate` is positive."""
    at = first + int(np.argmax(rate[first : last + 1]))
    limit = max(slow, PEAK_SHARE * float(rate[at]))
    start, end = crossing(rate, at, -1, limit), crossing(rate, at, 1, limit)
    size = value_at(x, end) - value_at(x, start)
    return Swing(start, end, size, float(rate[at]), at)


def crossing(rate: Floats, at: int, step: int, limit: float) -> float:
    """From frame `at` on, forwards or backwards: where `rate` falls to `limit`."""
    stretch = rate[at:] if step > 0 else rate[at::-1]
    below = stretch <= limit
    k = int(np.argmax(below))
    if not below[k]:
        return float(at + step * (len(stretch) - 1))
    if k == 0:
        return float(at)
    share = (stretch[k - 1] - limit) / (stretch[k - 1] - stretch[k])
    return at + step * (k - 1 + float(share))


def value_at(x: Floats, frame: float) -> float:
    """The coordinate between frames, on a straight line."""
    k = min(int(frame), len(x) - 2)
    return float(x[k] + (frame - k) * (x[k + 1] - x[k]))


def change(values: Floats, part: Swing) -> float:
    """How much a quantity grew in a swing."""
    return value_at(values, part.end) - value_at(values, part.start)


def join(parts: Sequence[Swing], usual: float, height: Floats, usual_m: float) -> list[Swing]:
    """Swings of one direction that belong to one phase become one.

    usual: the range of a whole rep. height: (n,) metres, usual_m: its range in a whole rep;
    what turns back in pitch while the hips stay high is no descent.
    """
    joined: list[Swing] = []
    for _, group in groupby(parts, key=lambda part: part.up):
        run = list(group)
        main = max(range(len(run)), key=lambda k: abs(run[k].size))
        whole = run[main]
        first, last = main - 1, main + 1
        while first >= 0 and _same_phase(run[first], whole, usual, run[first].end, whole.start):
            if not whole.up and _stays_high(run[first], height, usual_m):
                break
            whole = _union(run[first], whole)
            first -= 1
        while last < len(run) and _same_phase(run[last], whole, usual, whole.end, run[last].start):
            if not whole.up and _stays_high(whole, height, usual_m):
                break
            whole = _union(whole, run[last])
            last += 1
        joined += [*run[: first + 1], whole, *run[last:]]
    return joined


def _same_phase(part: Swing, whole: Swing, usual: float, end: float, start: float) -> bool:
    """Does `part`, next to `whole`, belong to it? end, start: of the stop between them."""
    stop_s = (start - end) * FRAME_S
    size, before = abs(part.size) / usual, abs(whole.size) / usual
    if size + before > _TOO_MUCH:
        return False
    return stop_s < _BREATH_S or (before < _WHOLE and size > _REST_OF_IT and stop_s < _STALL_S)


def _stays_high(part: Swing, height: Floats, usual_m: float) -> bool:
    return value_at(height, part.start) - value_at(height, part.end) < _HIGH * usual_m


def _union(a: Swing, b: Swing) -> Swing:
    fast = a if a.peak > b.peak else b
    return Swing(a.start, b.end, a.size + b.size, fast.peak, fast.at)


def cycles(
    x: Floats, height: Floats, parts: Sequence[Swing], least: float, *, from_bottom: bool
) -> list[Cycle]:
    """Joined swings -> one cycle for every concentric of at least `least`.

    The eccentric is the descent between this concentric and the next that reaches the bottom,
    hips and all (for a lift that starts at the top: the last one before this concentric).
    """
    # What turns by part of a rep and sinks is the hips settling, no partial rep.
    ups = [
        k
        for k, part in enumerate(parts)
        if part.size >= least and (part.size >= 2 * least or change(height, part) >= 0.0)
    ]
    found = []
    for n, k in enumerate(ups):
        up = parts[k]
        if from_bottom:
            between = parts[k + 1 : ups[n + 1] if n + 1 < len(ups) else len(parts)]
            found.append(Cycle(up, _descent(x, height, up, between)))
        else:
            between = parts[ups[n - 1] + 1 if n else 0 : k]
            falls = [part for part in between if part.size <= -0.5 * up.size]
            found.append(Cycle(up, falls[-1] if falls else None))
    return found


def _descent(x: Floats, height: Floats, up: Swing, between: Sequence[Swing]) -> Swing | None:
    """The first of the downward swings that ends low, by pitch and by height."""
    falls = [part for part in between if part.size < -_REST_OF_IT * up.size]
    rise_m = change(height, up)
    lowest = min((value_at(x, part.end) for part in falls), default=0.0)
    start = value_at(x, up.start)
    low = min(max(lowest, start) + _LOW * up.size, start + 0.5 * up.size)
    falls = [part for part in falls if value_at(x, part.end) < low]
    sunk = [part for part in falls if -change(height, part) >= 0.5 * rise_m]
    return sunk[0] if sunk else min(falls, key=lambda part: change(height, part), default=None)


def settle(x: Floats, rate: Floats, part: Swing, slow: float) -> Swing:
    """A descent without the sag that led into it: it begins where it becomes faster.

    A movement that starts by itself passes from 2 % to 25 % of its peak rate in a seventh of
    its time. Where this takes much longer, something slower went before it.
    """
    if part.up:
        return part
    falling = -rate
    quick = crossing(falling, part.at, -1, 0.25 * part.peak)
    lead = quick - part.start
    if lead * FRAME_S < 0.25 + 0.25 * (part.end - quick) * FRAME_S:
        return part
    before = falling[int(part.start) : int(part.start + 0.7 * lead) + 1]
    limit = float(np.median(before)) + max(slow, PEAK_SHARE * part.peak)
    start = crossing(falling, part.at, -1, min(limit, 0.25 * part.peak))
    size = part.size - (value_at(x, start) - value_at(x, part.start))
    return Swing(start, part.end, size, part.peak, part.at)
