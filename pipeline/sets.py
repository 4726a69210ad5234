"""Which of the reps make a set, and what each of them was worth."""

from dataclasses import dataclass

import numpy as np

from pipeline.draft import COUNTED_SHARE, PARTIAL_SHARE, TILT_SHARE
from pipeline.exercises import Exercise
from pipeline.faults import hold_faults, is_short, lockouts_deg, reference_deg
from pipeline.motion import ALIKE, Motion, measured, together
from pipeline.orientation import FRAME_S
from pipeline.swings import Cycle, change, value_at
from pipeline.tilt import hold_tilt_deg
from sensor.samples import Floats

_AS_ONE = 0.965
_ALIKE_TILT = 0.8
_LEAST_TILT = 0.0028  # m/deg: what turns without a gyroscope to show it must rise clearly
_TILT_CONFIDENCE = 0.8
_ODD_DEG = 18.0  # by which one rep of a standing lift may lean otherwise than the rest
_SEATED_S = 6.0  # who stays down for longer sits
_LYING_PER_DEG_M = 0.0105  # who lies rises by less for each degree
_UNSURE_M = 0.012  # and the height is known to about a centimetre


@dataclass(frozen=True, slots=True)
class Refined:
    """One rep with hindsight; times in seconds, None where a phase is missing."""

    frame: int
    partial: bool
    con_start_s: float
    con_end_s: float
    ecc_start_s: float | None
    ecc_end_s: float | None
    rom_deg: float
    displacement_m: float
    peak_velocity_mps: float
    faults: tuple[str, ...]
    confidence: float
    tilt_deg: float | None

    @property
    def start_s(self) -> float:
        """First boundary, seconds."""
        starts = [self.con_start_s, self.ecc_start_s]
        return min(s for s in starts if s is not None)

    @property
    def end_s(self) -> float:
        """Last boundary, seconds."""
        ends = [self.con_end_s, self.ecc_end_s]
        return max(s for s in ends if s is not None)


@dataclass(frozen=True, eq=False, slots=True)
class RefinedSet:
    """Reps of one set in order of time, and the mounting that was found."""

    reps: list[Refined]
    axis: Floats
    zero: Floats


def find_sets(
    motion: Motion, found: list[Cycle], exercise: Exercise, timeout_s: float, min_reps: int
) -> list[RefinedSet]:
    """Cycles -> the sets in them; an empty list where there is no set of this exercise."""
    held = found[-1:] if motion.seen.held else []
    found = [cycle for cycle in found if cycle.down is not None or cycle in held]
    usual = _usual([cycle.up.size for cycle in found], motion.usual)
    found = _alike(motion, found, usual, exercise)
    sets = []
    for group in _by_rest(motion, found, timeout_s):
        whole = [cycle for cycle in group if cycle.up.size >= COUNTED_SHARE * usual]
        if len(whole) < min_reps:
            continue
        own = measured(motion, group) if exercise.posture == "lying" else motion
        if is_exercise(own, whole, exercise):
            sets.append(_refined(own, group, usual, exercise))
    return sets


def _alike(motion: Motion, found: list[Cycle], usual: float, exercise: Exercise) -> list[Cycle]:
    """Cycles that begin and end where the others do, rise as they rise, and are large enough."""
    whole = [cycle for cycle in found if COUNTED_SHARE < cycle.up.size / usual < 1 / COUNTED_SHARE]
    if not whole:
        return []
    level = np.median([value_at(motion.x, cycle.up.start) for cycle in whole])
    per_x = np.median([change(motion.height, cycle.up) / cycle.up.size for cycle in whole])
    lean_deg = float(np.median([change(motion.pitch, cycle.up) for cycle in whole]))
    alike = []
    for cycle in found:
        share = cycle.up.size / usual
        rise = change(motion.height, cycle.up) / cycle.up.size / per_x
        if PARTIAL_SHARE <= share < COUNTED_SHARE:
            # Who shifts on the bench moves by part of a rep, but neither up nor back.
            end = cycle.up.start if cycle.down is None else cycle.down.end
            ends = [value_at(motion.x, frame) - level for frame in (cycle.up.start, end)]
            fits = 0.3 < rise < 2.5 and max(map(abs, ends)) < 0.25 * usual
        else:
            # The height is rough before the sets are known: it must only not deny a rep.
            fits = -0.3 < rise < 2.5 and share < 1 / COUNTED_SHARE
            fits = fits and abs(value_at(motion.x, cycle.up.start) - level) < 0.5 * usual
        if exercise.posture == "standing":
            # A height drifts, a pitch does not: who stands must come back by as much.
            back = 1.0 if cycle.down is None else -cycle.down.size / cycle.up.size
            fits = share < 1 / COUNTED_SHARE and COUNTED_SHARE < back < 1 / COUNTED_SHARE
            odd_deg = abs(change(motion.pitch, cycle.up) - lean_deg)
            fits = fits and odd_deg < max(_ODD_DEG, COUNTED_SHARE * abs(lean_deg))
            if exercise.starts_at == "top" and cycle.down is not None:
                fits = fits and (cycle.up.start - cycle.down.end) * FRAME_S < _SEATED_S
        if share >= PARTIAL_SHARE and fits:
            alike.append(cycle)
    return alike


def _usual(sizes: list[float], expected: float) -> float:
    whole = [size for size in sizes if size > COUNTED_SHARE * expected]
    return float(np.median(whole)) if whole else expected


def _by_rest(motion: Motion, found: list[Cycle], timeout_s: float) -> list[list[Cycle]]:
    groups: list[list[Cycle]] = []
    for cycle in found:
        if groups:
            end = groups[-1][-1].end
            if motion.time_s(cycle.start) - motion.time_s(end) <= timeout_s:
                groups[-1].append(cycle)
                continue
        groups.append([cycle])
    return groups


def is_exercise(motion: Motion, whole: list[Cycle], exercise: Exercise) -> bool:
    """Do these cycles rise, turn and begin as the exercise does?"""
    rise = float(np.median([change(motion.height, cycle.up) for cycle in whole]))
    rom = abs(float(np.median([change(motion.pitch, cycle.up) for cycle in whole])))
    low, high = exercise.rise_per_deg_m
    unsure_m = 0.0 if motion.has_gyr else _UNSURE_M
    share = 1.0 if motion.has_gyr else TILT_SHARE
    least = (
        max(share * exercise.rise_m[0], (low if motion.has_gyr else _LEAST_TILT) * rom) - unsure_m
    )
    most = min(exercise.rise_m[1], high * max(rom, 1.0)) + unsure_m
    return (
        share * exercise.rom_deg[0] <= rom <= exercise.rom_deg[1]
        and least <= rise <= most
        and _moves_as_it_should(motion, whole, exercise, rise / max(rom, 1.0))
        and not _upright_is_wrong(motion, whole, exercise)
        and _shortest_s(whole) >= exercise.phase_s
    )


def _shortest_s(whole: list[Cycle]) -> float:
    """The usual way up or way down, whichever is shorter."""
    ways = ([c.up for c in whole], [c.down for c in whole if c.down is not None])
    return min(float(np.median([p.end - p.start for p in way])) * FRAME_S for way in ways if way)


def _upright_is_wrong(motion: Motion, whole: list[Cycle], exercise: Exercise) -> bool:
    """Is who should lie upright at the top, as in a walk before, or who should stand not?"""
    if motion.seen.upright is None:
        return False
    tops = motion.stretch.frames.up[[round(cycle.up.end) for cycle in whole]]
    away_deg = np.degrees(np.arccos(np.clip(tops @ np.asarray(motion.seen.upright), -1, 1)))
    away = float(np.median(away_deg))
    return not exercise.away_deg[0] <= away <= exercise.away_deg[1]


def _moves_as_it_should(
    motion: Motion, whole: list[Cycle], exercise: Exercise, per_deg_m: float
) -> bool:
    """Who lies with the shoulders on a bench rises as far as the pelvis turns, all the way.

    Who squats leans forward first and turns back on the way up, or turns little for the height.
    A deadlift is a hip thrust on end: only a walk before tells one from the other.
    """
    alike = abs(float(np.median([together(motion, cycle) for cycle in whole])))
    if exercise.posture == "lying":
        return alike > (ALIKE if motion.has_gyr else _ALIKE_TILT)
    lies = alike > _AS_ONE and per_deg_m < _LYING_PER_DEG_M
    return exercise.starts_at == "bottom" or not lies


def _refined(motion: Motion, group: list[Cycle], usual: float, exercise: Exercise) -> RefinedSet:
    reps = []
    faults = _faults(motion, group, usual) if exercise.posture == "lying" else [()] * len(group)
    for cycle, wrong in zip(group, faults, strict=True):
        up, down = cycle.up, cycle.down
        inside = motion.velocity[int(up.start) : int(up.end) + 2]
        reps.append(
            Refined(
                frame=motion.stretch.first
                + int(np.count_nonzero(~motion.stretch.hole[: int(cycle.start)])),
                partial=up.size < COUNTED_SHARE * usual,
                con_start_s=motion.time_s(up.start),
                con_end_s=motion.time_s(up.end),
                ecc_start_s=motion.time_s(down.start) if down else None,
                ecc_end_s=motion.time_s(down.end) if down else None,
                rom_deg=abs(change(motion.pitch, up)),
                displacement_m=change(motion.height, up),
                peak_velocity_mps=float(inside.max()),
                faults=wrong,
                confidence=_confidence(motion, cycle, usual),
                tilt_deg=hold_tilt_deg(motion, cycle) if exercise.posture == "lying" else None,
            )
        )
    return RefinedSet(reps, motion.axis, motion.zero)


def _faults(motion: Motion, group: list[Cycle], usual: float) -> list[tuple[str, ...]]:
    """Faults of a lying lift, rep by rep."""
    tops = np.array([value_at(motion.pitch, cycle.up.end) for cycle in group])
    lows = np.array([value_at(motion.pitch, cycle.up.start) for cycle in group])
    lockouts = lockouts_deg(lows, tops)
    whole = np.array([cycle.up.size >= COUNTED_SHARE * usual for cycle in group])
    reference = reference_deg(lockouts, whole)
    per_deg_m = float(np.median([change(motion.height, c.up) / c.up.size for c in group]))
    faults = []
    for cycle, level, counts in zip(group, lockouts, whole, strict=True):
        wrong = ["short_lockout"] if counts and is_short(level, reference) else []
        if cycle.down is not None:
            hold = slice(int(cycle.up.end), int(cycle.down.start) + 1)
            wrong += hold_faults(
                motion.pitch[hold], motion.rate[hold], motion.height[hold], per_deg_m
            )
        faults.append(tuple(wrong))
    return faults


def _confidence(motion: Motion, cycle: Cycle, usual: float) -> float:
    """How sure it is that this was a rep, with these boundaries; 0 to 1."""
    inside = motion.stretch.frames.bridged[int(cycle.start) : int(cycle.end) + 1]
    whole = 1.0 - float(inside.mean()) if len(inside) else 1.0
    alike = min(1.0, cycle.up.size / usual, usual / cycle.up.size)
    whole *= 1.0 if motion.has_gyr else _TILT_CONFIDENCE
    return round(whole * (0.5 + 0.5 * alike) * min(1.0, 0.5 + 0.55 * motion.planar), 2)
