"""Live: the phase machine of a lying lift. A lockout is said the moment it is one.

It follows the pitch of the pelvis from the last moment of rest. Before the first rep nothing
is known of the mounting: the axis is then the one about which up has turned since that
moment, and its sign comes from the height that was won. Everything that affects a phase
change is in this file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import acos, atan2, degrees, radians, sqrt

from pipeline.draft import (
    COUNTED_SHARE,
    PARTIAL_SHARE,
    TILT_SHARE,
    Draft,
    Machine,
    Mark,
    usual_deg,
    without_bumps,
)
from pipeline.orientation import FRAME_S, Frames
from pipeline.path import Step, Vector, boundaries, rise_m

# Tremor and belt wobble are faster than about 5 Hz, the lift is slower (contract: phase
# boundary). One pole at 5 Hz, and half a frame because a mean belongs to the frame's middle.
_SMOOTHING = 0.467
_LAG_S = 0.032 + FRAME_S / 2

_SLOW_RADPS = radians(2.0)  # contract: a phase begins and ends at 2 deg/s ...
_SLOW_SHARE = 0.02  # ... or 2 % of its peak
_QUIET_SQUARED = radians(4.0) ** 2  # breathing turns the pelvis more slowly
_QUIET_FRAMES = 6
_RESTING_FRAMES = 15  # before a set: a walker is quiet for a moment too
_ROTATED = radians(4.0)  # from here on the direction of a rotation can be told
_ROTATED_SQUARED = _ROTATED**2
_ALIGNED = 0.8  # cosine between the axes of two reps of one set
_TREMOR = radians(1.5)
_UNSURE_M = 0.15  # of a height in a set, where packets may be missing
_UNSURE_S = 180.0  # a set without one clear rep is not waited for any longer
_MOVING_S = 12.0  # longest concentric; after it the integrated height is worthless
_RESTLESS = radians(45.0)  # turned out of the plane of the lift: no longer lying in it
_BEYOND = radians(40.0)  # turned on beyond the lift's own range
_HOLD_S = 600.0  # longest hold at the top that is believed
_UNREST_SMOOTHING = 0.01  # two seconds
_UNREST_RADPS = radians(20.0)  # who walks turns the pelvis more, who holds or lowers it less

# How long the rate must stay low before it is a lockout: a lifter who stalls on the way
# goes on. Above 85 % of the usual ROM nobody has far to go.
_SURE_FRAMES = 1
_UNSURE_FRAMES = 6
_SURE_SHARE = 0.85


@dataclass(slots=True)
class PhaseMachine(Machine):
    """All that changes, as plain values. Angles rad, rates rad/s."""

    has_gyr: bool = True
    rate: Vector = (0.0, 0.0, 0.0)
    quiet: int = 0  # frames for which nothing has turned
    zero: Sequence[float] | None = None  # up at the last moment of rest, in sensor axes
    zero_s: float = 0.0
    zero_frame: int = 0
    rested: bool = True  # False where it was only a turning point
    steps: list[Step] = field(default_factory=list)  # since then
    offset_mps2: float = 0.0  # what the vertical acceleration reads at rest
    axis: Vector | None = None  # left-right axis of the pelvis, once a lockout has shown it
    pitch: float = 0.0  # since the last rest
    peak: float = 0.0
    slow: int = 0  # frames for which the concentric has been slow
    held: float = 0.0  # angle at which it became so
    top: float = 0.0
    fall_s: float | None = None
    unrest: float = 0.0  # mean rate of the last seconds, at the top
    rests: int = 0  # frames since the last rep was over
    usual_deg: float = 0.0  # median ROM of the set so far, 0 before the first rep
    ledge: Sequence[float] | None = None  # rest between a first concentric and the next one
    ledge_s: float = 0.0
    ledge_frame: int = 0
    ledge_pitch: float = 0.0
    upright: Vector | None = None  # up while standing, where a walk has shown it

    def advance(self, first: int, frames: Frames) -> Iterator[Mark]:
        """Frames from index `first` on -> what happened in them, in order."""
        self.has_gyr = frames.gyr_raw is not None
        phases = {"concentric": self._rise, "top": self._top, "eccentric": self._fall}
        rows = zip(
            frames.t_s.tolist(),
            frames.up.tolist(),
            frames.gyr.tolist(),
            frames.acc_up_mps2.tolist(),
            strict=True,
        )
        x, y, z = self.rate
        for frame, (t_s, up, (gx, gy, gz), acc) in enumerate(rows, first):
            x += _SMOOTHING * (gx - x)
            y += _SMOOTHING * (gy - y)
            z += _SMOOTHING * (gz - z)
            self.rate = (x, y, z)
            if x * x + y * y + z * z < _QUIET_SQUARED:
                self.quiet += 1
            else:
                self.quiet = 0
                if self.zero is None and not self.drafts:
                    continue
            kind = phases.get(self.phase, self._wait)(frame, t_s, up, acc)
            if kind is not None:
                yield Mark(kind, frame)

    def leave_set(self) -> None:
        """The set is over: the next one may be another lifter, another mounting."""
        self.axis = None
        self.drafts = []
        self.usual_deg = 0.0
        self.rests = self.slow = 0
        self.peak = self.pitch = self.top = 0.0
        if self.phase in ("top", "eccentric"):
            self.zero, self.zero_s, self.zero_frame = self.ledge, self.ledge_s, self.ledge_frame
        self.ledge = None
        self.phase = "idle"

    def interrupt(self) -> None:
        """A long gap: the height is lost, and before the first rep the posture too."""
        self.quiet = self.slow = 0
        self.steps = []
        self.ledge = None
        if self.axis is None:
            self.zero = None
        if self.phase == "concentric":
            self._home(self.zero_s)

    @property
    def moving(self) -> bool:
        """On the way up or down: every frame counts."""
        if self.phase == "concentric":
            return degrees(self.pitch) > 0.5 * self.exercise.rom_deg[0]
        return self.phase == "eccentric"

    @property
    def pitch_deg(self) -> float | None:
        """Pitch since the last rest, None until the axis is known."""
        return None if self.axis is None else degrees(self.pitch)

    # -- phases ---------------------------------------------------------------------------

    def _wait(self, frame: int, t_s: float, up: list[float], acc: float) -> str | None:
        """At rest, or moving about without having turned far."""
        if self.drafts:
            self.rests += 1
            unsure_s = 0.0 if self.drafts[-1].sure else t_s - self.drafts[0].start_s
            if self.rests * FRAME_S > self.timeout_s or unsure_s > _UNSURE_S:
                return "closed"
        resting = self.quiet >= (_QUIET_FRAMES if self.drafts else _RESTING_FRAMES)
        if self.zero is None:
            if resting:
                self._rest(frame, t_s, up, acc)
            return None
        dx, dy, dz = up[0] - self.zero[0], up[1] - self.zero[1], up[2] - self.zero[2]
        if dx * dx + dy * dy + dz * dz > _ROTATED_SQUARED:
            self.phase, self.since_s = "concentric", t_s
            return self._rise(frame, t_s, up, acc)
        if resting:
            self._rest(frame, t_s, up, acc)
        else:
            self.steps.append((t_s, *self.rate, acc))
            if t_s - self.zero_s > _MOVING_S:
                self._forget(t_s)
        return None

    def _rise(self, frame: int, t_s: float, up: list[float], acc: float) -> str | None:
        """Turning away from the posture of rest, about whatever axis."""
        assert self.zero is not None
        self.steps.append((t_s, *self.rate, acc))
        self.rests += 1
        (ux, uy, uz), (vx, vy, vz) = up, self.zero
        # Up turns backwards in the axes of a sensor that turns forwards.
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        sine = sqrt(nx * nx + ny * ny + nz * nz)
        turned = atan2(sine, ux * vx + uy * vy + uz * vz)
        if turned < _ROTATED or t_s - self.zero_s > _MOVING_S:
            self._home(t_s)
            if turned > _ROTATED:
                self._forget(t_s)
            return None
        x, y, z = self.rate
        rate = (x * nx + y * ny + z * nz) / sine
        self.pitch = turned
        self.top = max(self.top, turned)
        self.peak = max(self.peak, rate)
        if not self._slowed(rate, turned):
            return None
        rom_deg = degrees(self.top)
        sure = rom_deg > _SURE_SHARE * self.usual_deg > 0.0 or turned < self.top - _TREMOR
        if self.slow < (_SURE_FRAMES if sure else _UNSURE_FRAMES):
            return None
        axis = (nx / sine, ny / sine, nz / sine)
        draft = self._draft(up, axis, rom_deg, still=turned > self.top - _TREMOR)
        if draft is None:
            self._home(t_s)
            if not self.drafts and rom_deg > self.exercise.rom_deg[0]:
                # Whoever goes on without a rest turns here: the next rep may begin.
                self._rest(frame, t_s, up, self.offset_mps2)
                self.rested = False
            elif not self.drafts or self.quiet >= _QUIET_FRAMES:
                self._forget(t_s)
            return None
        self._lockout(draft, axis)
        return "lockout"

    def _top(self, frame: int, t_s: float, up: list[float], acc: float) -> str | None:
        """Held at the top, until half of the way down is done."""
        rate = self._turn(up)
        draft = self.drafts[-1]
        if self.pitch > self.top:
            self.top, draft.top = self.pitch, tuple(up)
            if degrees(self.top) > 1.15 * draft.rom_deg and rate > _SLOW_RADPS:
                draft.top_s = self.since_s = t_s - _LAG_S
        if rate > -_SLOW_RADPS:
            self.fall_s, self.peak = None, 0.0
        elif self.fall_s is None:
            self.fall_s = t_s - _LAG_S
        self.peak = min(self.peak, rate)
        if self.pitch < self.top - 0.5 * radians(draft.rom_deg):
            draft.rom_deg = draft.size = degrees(self.top)
            draft.down_s = t_s - _LAG_S if self.fall_s is None else self.fall_s
            self.phase, self.since_s = "eccentric", draft.down_s
            return None
        x, y, z = self.rate
        self.unrest += _UNREST_SMOOTHING * (sqrt(x * x + y * y + z * z) - self.unrest)
        if self.unrest > _UNREST_RADPS or t_s - draft.top_s > _HOLD_S or self._out_of_plane(up):
            return "lost"
        if len(self.drafts) == 1 and self._rises_again(frame, t_s, up, acc):
            return "lost"
        return None

    def _fall(self, frame: int, t_s: float, up: list[float], acc: float) -> str | None:
        """On the way down, until it ends low or turns up again."""
        rate = self._turn(up)
        self.peak = min(self.peak, rate)
        over = rate > -max(_SLOW_RADPS, -_SLOW_SHARE * self.peak) and self.pitch < 0.4 * self.top
        if not over and rate < _SLOW_RADPS:
            return "lost" if self._out_of_plane(up) else None
        self.drafts[-1].end_s = t_s - _LAG_S
        self._home(t_s - _LAG_S)
        self._rest(frame, t_s, up, self.offset_mps2 if self.quiet == 0 else acc)
        return "over"

    # -- changes --------------------------------------------------------------------------

    def _rest(self, frame: int, t_s: float, up: list[float], acc: float) -> None:
        """From here on angles and heights count."""
        self.zero, self.zero_s, self.zero_frame = up, t_s, frame
        self.rested = True
        self.offset_mps2 += 0.1 * (acc - self.offset_mps2)
        if self.steps:
            self.steps = []
            self.pitch = self.top = self.peak = 0.0
            self.slow = 0

    def _home(self, t_s: float) -> None:
        """What turned was no concentric, or has turned back."""
        self.phase, self.since_s = "bottom" if self.drafts else "idle", t_s
        self.pitch = self.top = self.peak = 0.0
        self.slow = 0

    def _forget(self, t_s: float) -> None:
        """Wait for the next rest; in a set the bottom of the last rep will do until then."""
        self.zero, self.zero_s, self.steps = None, t_s, []

    def _lockout(self, draft: Draft, axis: Vector) -> None:
        """A new rep; what was far smaller before it were bumps, no reps."""
        self.drafts = [*without_bumps(self.drafts, draft), draft]
        self.usual_deg = usual_deg(self.drafts)
        for other in self.drafts:
            other.partial = other.rom_deg < COUNTED_SHARE * self.usual_deg
        if self.axis is None or not draft.partial:
            self.axis = axis
        self.phase, self.since_s = "top", draft.top_s
        self.pitch = self.top = radians(draft.rom_deg)
        self.fall_s = self.ledge = None
        self.slow = self.rests = self.quiet = 0
        self.peak = self.unrest = 0.0
        self.steps = []

    def _rises_again(self, frame: int, t_s: float, up: list[float], acc: float) -> bool:
        """Was the first concentric only a way to the bottom? Then the next one starts here."""
        if self.quiet >= _QUIET_FRAMES:
            self.ledge, self.ledge_s, self.ledge_frame = up, t_s, frame
            self.ledge_pitch = self.pitch
            self.steps = []
        elif self.ledge is not None:
            self.steps.append((t_s, *self.rate, acc))
            if t_s - self.ledge_s > _MOVING_S:
                self.ledge, self.steps = None, []
        least = max(self.exercise.rom_deg[0], 0.25 * self.drafts[0].rom_deg)
        return self.ledge is not None and self.pitch > self.ledge_pitch + radians(least)

    # -- measures -------------------------------------------------------------------------

    def _slowed(self, rate: float, turned: float) -> bool:
        """Has the concentric become slow, and has it not gone on since?"""
        if rate > max(_SLOW_RADPS, _SLOW_SHARE * self.peak):
            # The tremor of a hold is no way onwards.
            if self.slow == 0 or turned > self.held + _TREMOR:
                self.slow = 0
                return False
        elif self.slow == 0:
            self.held = turned
        self.slow += 1
        return True

    def _draft(self, up: list[float], axis: Vector, rom_deg: float, *, still: bool) -> Draft | None:
        """The concentric that has just ended, or None if it cannot have been one."""
        start_s, top_s = boundaries(self.steps, axis, _SLOW_RADPS, _SLOW_SHARE)
        rise = rise_m(self.steps, axis, self.offset_mps2, self.slow if still else 0)
        low, high = self.exercise.rise_m
        least, most = self.exercise.rise_per_deg_m
        sure = low <= rise <= high and least <= rise / rom_deg <= most
        least, most = self.exercise.rom_deg
        first = least <= rom_deg <= most or (not self.has_gyr and TILT_SHARE * least <= rom_deg)
        first = first and not self._stands(up)
        if top_s - start_s < 0.5 * self.exercise.phase_s:
            return None
        first = (
            first
            and top_s - start_s > self.exercise.phase_s
            and (rise > low / 3 or not self.has_gyr)
        )
        if self.axis is not None and any(draft.sure for draft in self.drafts):
            aligned = sum(a * b for a, b in zip(axis, self.axis, strict=True)) > _ALIGNED
            again = PARTIAL_SHARE <= rom_deg / self.usual_deg <= 1.0 / COUNTED_SHARE
            again = again and -_UNSURE_M < rise < high + _UNSURE_M
            if not (aligned and again) and not (first and sure):
                return None
            sure = True
        elif not first:
            return None
        else:
            sure = sure and self.rested
        frame = self.zero_frame + round((start_s - self.zero_s) / FRAME_S)
        start_s, top_s = start_s - _LAG_S, top_s - _LAG_S
        rep = Draft(
            frame, start_s, start_s, top_s, rom_deg, rom_deg, rise, partial=False, sure=sure
        )
        rep.low, rep.top = tuple(self.zero or ()), tuple(up)
        return rep

    def _stands(self, up: list[float]) -> bool:
        """Upright as in a walk before: whoever has risen to this does not lie."""
        if self.upright is None:
            return False
        away = acos(max(-1.0, min(1.0, sum(a * b for a, b in zip(up, self.upright, strict=True)))))
        return degrees(away) < self.exercise.away_deg[0]

    def _turn(self, up: list[float]) -> float:
        """Keep the pitch since the last rest; give its rate."""
        assert self.zero is not None
        assert self.axis is not None
        (ax, ay, az), (vx, vy, vz), (ux, uy, uz) = self.axis, self.zero, up
        ahead = ux * (ay * vz - az * vy) + uy * (az * vx - ax * vz) + uz * (ax * vy - ay * vx)
        self.pitch = atan2(-ahead, ux * vx + uy * vy + uz * vz)
        x, y, z = self.rate
        return x * ax + y * ay + z * az

    def _out_of_plane(self, up: list[float]) -> bool:
        assert self.axis is not None
        ax, ay, az = self.axis
        aside = abs(up[0] * ax + up[1] * ay + up[2] * az)
        return aside > _RESTLESS or abs(self.pitch - self.top / 2) > self.top / 2 + _BEYOND
