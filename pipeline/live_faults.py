"""Faults of a lying lift while the set goes on: said when the rep is over, and provisional.

A rep that may have a fault is looked at once more as a whole, from the frames kept, with filters
that do not lag and by the rules that judge the set once it is over. What only the whole set can
show is not known yet; where in doubt nothing is said.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from pipeline.draft import Draft, usual_deg
from pipeline.faults import hold_faults, is_short, lockouts_deg, reference_deg
from pipeline.motion import ALIKE, Motion, Seen, gap_ends, least_part, together, turning
from pipeline.orientation import FRAME_S, pitch_deg
from pipeline.stretch import History, Stretch
from pipeline.swings import Cycle, Swing, change, cycles, join, settle
from pipeline.vertical import Known, vertical_motion
from sensor.samples import Floats

_LEAD_S = 1.0  # of the rest before a rep: what the height is counted from
_LONGEST_S = 60.0  # in a longer hold angle and height drift
_LEAST_TOPS = 2  # of earlier reps, before one can be below them
_RECENT = 20  # reps; an endless set costs no more
_AT_THE_TOP = 0.5  # who comes further down than this share was on the way down, and stopped
_LEAST_PAUSE = 3  # frames
_WANDER_DEG = 1.5
_AS_FAR = 0.95  # share of the usual way up: whoever went so far did not stop short
_ROUGH_DEG = 2.0  # less than the smallest fault by what a rough look may be off
_SMOOTH = np.full(5, 1 / 5)  # frames: without tremor


def judge(
    history: History, stop: int, drafts: list[Draft], axis: Floats, offset_radps: Floats
) -> None:
    """Say what was wrong with the newest rep, which is over with frame `stop`.

    axis: left-right axis of the pelvis. offset_radps: (3,) what the gyroscope is off by. With a
    hole in the rep nothing is said.
    """
    draft = drafts[-1]
    if draft.partial or not draft.sure or draft.end_s is None:
        return
    if draft.end_s - draft.start_s > _LONGEST_S:
        return
    rate = history.turning_radps(draft.start_s, stop, axis, offset_radps)
    if rate is None:
        return
    short_deg = _AS_FAR * usual_deg(drafts)
    short = draft.rom_deg < short_deg and _short(drafts, axis)
    if not short and not _gives_way(np.degrees(rate), draft.size):
        return
    before_s = next((one.end_s for one in drafts[-2:-1] if one.end_s is not None), -np.inf)
    from_s = max(draft.start_s - _LEAD_S, min(before_s, draft.start_s - 0.1))
    stretch = history.stretch(from_s, stop, offset_radps)
    draft.faults = _faults(stretch, draft, axis, short_deg if short else 0.0)


def _gives_way(rate: Floats, size: float) -> bool:
    """May the pitch have turned back before the descent? (n,) degrees per second.

    A rough look that costs next to nothing: most reps need no other. Half way down the hips
    are fast; where they were not yet is the end of the hold.
    """
    rate = np.convolve(rate, _SMOOTH, "same")
    pitch = np.cumsum(rate) * FRAME_S
    at = int(np.argmax(pitch))
    half = at + int(np.argmax(pitch[at:] < pitch[at] - 0.5 * size))
    slow = np.flatnonzero(rate[at:half] > 0.25 * rate[half])
    return len(slow) > 0 and pitch[at] - pitch[at + slow[-1]] > _ROUGH_DEG


def _faults(stretch: Stretch, draft: Draft, axis: Floats, short_deg: float) -> tuple[str, ...]:
    """The newest rep, looked at as a whole. short_deg: a way up of less is short."""
    assert draft.end_s is not None
    x, y, z = axis.tolist()
    seen = Seen(draft.start_s, draft.end_s, draft.size, True, (x, y, z), None, False)
    motion, cycle = _rep(turning(stretch, seen))
    if cycle is None or cycle.down is None or together(motion, cycle) < ALIKE:
        return ()
    wrong = ["short_lockout"] if cycle.up.size < short_deg else []
    hold = slice(int(cycle.up.end), int(cycle.down.start) + 1)
    pitch = motion.pitch[hold]
    if np.ptp(pitch) < _AT_THE_TOP * cycle.up.size:
        per_deg_m = change(motion.height, cycle.up) / cycle.up.size
        wrong += hold_faults(pitch, motion.rate[hold], motion.height[hold], per_deg_m)
    return tuple(wrong)


def _rep(motion: Motion) -> tuple[Motion, Cycle | None]:
    """The motion with its height, and the largest cycle in it."""
    usual = motion.usual
    up = max(motion.parts, key=lambda part: part.size, default=None)
    if up is None or up.size < _AT_THE_TOP * usual:
        return motion, None
    velocity, height = vertical_motion(
        motion.stretch.frames.acc_up_mps2, motion.stretch.frames.up, _known(motion, up)
    )
    motion = replace(motion, velocity=velocity, height=height)
    joined = join(motion.parts, usual, height, change(height, up))
    joined = [settle(motion.x, motion.rate, part, motion.slow) for part in joined]
    found = cycles(motion.x, height, joined, least_part(motion), from_bottom=True)
    return motion, max(found, key=lambda cycle: cycle.up.size, default=None)


def _known(motion: Motion, up: Swing) -> Known:
    """Where the hips of one rep neither rise nor sink: before it, in its pauses, at its end."""
    begin, end = int(up.start), len(motion.x) - 1
    pauses = [(0, begin - 1)] if begin > 2 else []
    turns = [] if pauses else [begin]
    for a, b in pairwise(part for part in motion.parts if part.end >= up.start):
        first, last = int(a.end) + 2, int(b.start) - 1
        if last - first > _LEAST_PAUSE:
            if np.ptp(motion.x[first:last]) < _WANDER_DEG:
                pauses.append((first, last))
        elif min(abs(a.size), abs(b.size)) > least_part(motion):
            turns.append(round((a.end + b.start) / 2))
        end = min(len(motion.x) - 1, int(b.end))
    gaps = gap_ends(motion.stretch.frames.bridged)
    return Known(pauses, [*turns, end], [begin, end], [], gaps)


def _short(drafts: list[Draft], axis: Floats) -> bool:
    """Does the newest top stay below the good ones so far?"""
    counted = [one for one in drafts if one.top and not one.partial][-_RECENT:]
    if len(counted) <= _LEAST_TOPS:
        return False
    up = np.array([end for one in counted for end in (one.low, one.top)])
    pitch = pitch_deg(up, axis, up[0])
    lows, tops = pitch[::2], pitch[1::2]
    # Few reps tell neither whether the sensor slips nor how deep the lifter goes: a top must
    # be low as it would be for either.
    return all(
        is_short(levels[-1], reference_deg(levels[:-1], np.ones(len(levels) - 1, dtype=bool)))
        for levels in (lockouts_deg(lows, tops), tops - np.median(lows))
    )
