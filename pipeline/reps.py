"""Live: the phase machine of a lying lift. A lockout is said the moment it is one.

It follows the pitch of the pelvis from the last moment of rest. Before the first rep nothing
is known of the mounting: the axis is then the one about which up has turned since that
moment, and its sign comes from the height that was won. Everything that affects a phase
change is in this file.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from math import atan2, degrees, radians, sqrt
from statistics import median_low
from typing import Any

from pipeline.exercises import Exercise
from pipeline.orientation import FRAME_S, Frames

Vector = tuple[float, float, float]

# Tremor and belt wobble are faster than about 5 Hz, the lift is slower (contract: phase
# boundary). One pole at 5 Hz, and half a frame because a mean belongs to the frame's middle.
_SMOOTHING = 0.467
_LAG_S = 0.032 + FRAME_S / 2

_SLOW_RADPS = radians(2.0)  # contract: a phase begins and ends at 2 deg/s ...
_SLOW_SHARE = 0.02  # ... or 2 % of its peak
_QUIET_RADPS = radians(4.0)  # breathing turns the pelvis by less
_QUIET_FRAMES = 6
_ROTATED = radians(4.0)  # from here on the direction of a rotation can be told
_TREMOR = radians(1.5)
_SHORTEST_S = 0.25
_MOVING_S = 12.0  # longest concentric; after it the integrated height is worthless
_RESTLESS = radians(45.0)  # turned out of the plane of the lift: no longer lying in it
_HOLD_S = 600.0  # longest hold at the top that is believed
_UNREST_SMOOTHING = 0.01  # two seconds
_UNREST_RADPS = radians(20.0)  # who walks turns the pelvis more, who holds or lowers it less

# How long the rate must stay low before it is a lockout: a lifter who stalls on the way
# goes on. Above 85 % of the usual ROM nobody has far to go.
_SURE_FRAMES = 1
_UNSURE_FRAMES = 6
_SURE_SHARE = 0.85
PARTIAL_SHARE = (0.3, 0.6)  # contract: partial rep


@dataclass(slots=True)
class Draft:
    """A rep while it is being lifted.

    frame: index of the frame where it began. size: range of what the phases are cut by, deg
    or m. top_s: end of the concentric. down_s, end_s: start and end of the eccentric.
    """

    frame: int
    start_s: float
    con_start_s: float
    top_s: float
    size: float
    rom_deg: float
    rise_m: float
    partial: bool
    sure: bool
    down_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What happened, in which frame: "lockout", "over", "closed" (the rest is too long) or
    "lost" (the lifter left the lift).
    """

    kind: str
    frame: int


@dataclass(slots=True)
class PhaseMachine:
    """All that changes, as plain values. Angles rad, rates rad/s."""

    exercise: Exercise
    timeout_s: float
    has_gyr: bool = True
    phase: str = "idle"
    since_s: float = 0.0
    rate: Vector = (0.0, 0.0, 0.0)
    quiet: int = 0
    zero: Vector | None = None  # up at the last moment of rest, in sensor axes
    zero_s: float = 0.0
    zero_frame: int = 0
    axis: Vector | None = None  # left-right axis of the pelvis, once a lockout has shown it
    offset_mps2: float = 0.0  # what the vertical acceleration reads at rest
    speed_mps: float = 0.0
    height_m: float = 0.0
    peak: float = 0.0
    slow: int = 0
    held: float = 0.0  # angle at which the rate became low
    top: float = 0.0
    fall_s: float | None = None
    usual_deg: float = 0.0  # median ROM of the set so far, 0 before the first rep
    rests: int = 0  # frames since the last rep was over
    unrest: float = 0.0  # mean rate of the last seconds, at the top
    drafts: list[Draft] = field(default_factory=list)  # reps of the open set
    ledge: Vector | None = None  # up where the lifter came to rest after the first concentric
    ledge_s: float = 0.0
    ledge_frame: int = 0
    ledge_pitch: float = 0.0
    pitch: float = 0.0
    trace: list[tuple[float, float, float, float]] | None = None  # t_s, rate since rest

    def advance(self, first: int, frames: Frames) -> Iterator[Mark]:
        """Frames from index `first` on -> what happened in them, in order."""
        self.has_gyr = frames.gyr_raw is not None
        steps = {"top": self._top, "eccentric": self._eccentric}
        rows = zip(
            frames.t_s.tolist(),
            frames.up.tolist(),
            frames.gyr.tolist(),
            frames.acc_up_mps2.tolist(),
            strict=True,
        )
        for frame, (t_s, up, gyr, acc) in enumerate(rows, first):
            x, y, z = self.rate
            x += _SMOOTHING * (gyr[0] - x)
            y += _SMOOTHING * (gyr[1] - y)
            z += _SMOOTHING * (gyr[2] - z)
            self.rate = (x, y, z)
            kind = steps.get(self.phase, self._bottom)(frame, t_s, up, acc)
            if kind is not None:
                yield Mark(kind, frame)

    def leave_set(self) -> None:
        """The set is over: the next one may be another lifter, another mounting."""
        self.usual_deg = 0.0
        self.axis = None
        self.drafts = []
        self.rests = 0
        if self.phase in ("top", "eccentric"):
            self.zero, self.zero_s, self.zero_frame = self.ledge, self.ledge_s, self.ledge_frame
        self.ledge = None
        self.phase = "idle"

    def interrupt(self) -> None:
        """A long gap: the height is lost, and before the first rep the posture too."""
        self.quiet = self.slow = 0
        self.trace = None
        if self.axis is None:
            self.zero = None

    @property
    def pitch_deg(self) -> float | None:
        """Pitch since the last rest, None until the axis is known."""
        return None if self.axis is None else degrees(self.pitch)

    # -- phases ---------------------------------------------------------------------------

    def _bottom(self, frame: int, t_s: float, up: list[float], acc: float) -> str | None:
        if self.drafts:
            self.rests += 1
            if self.rests * FRAME_S > self.timeout_s and self.phase != "concentric":
                return "closed"
        x, y, z = self.rate
        self.quiet = self.quiet + 1 if x * x + y * y + z * z < _QUIET_RADPS**2 else 0
        if self.zero is None or self.trace is None:
            if self.quiet >= _QUIET_FRAMES:
                self._rest(frame, t_s, up, acc)
            return None
        ux, uy, uz = up
        vx, vy, vz = self.zero
        dx, dy, dz = ux - vx, uy - vy, uz - vz
        if dx * dx + dy * dy + dz * dz < _ROTATED**2:
            self.slow, self.peak, self.top = 0, 0.0, 0.0
            if self.quiet >= _QUIET_FRAMES:
                self._rest(frame, t_s, up, acc)
                return None
        self.speed_mps += (acc - self.offset_mps2) * FRAME_S
        self.height_m += self.speed_mps * FRAME_S
        self.trace.append((t_s, x, y, z))
        if t_s - self.zero_s > _MOVING_S:
            self.zero = self.trace = None
            return None
        ux, uy, uz = up
        vx, vy, vz = self.zero
        # Up turns backwards in the axes of a sensor that turns forwards.
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        sine = sqrt(nx * nx + ny * ny + nz * nz)
        turned = atan2(sine, ux * vx + uy * vy + uz * vz)
        if turned < _ROTATED:
            return None
        rate = (x * nx + y * ny + z * nz) / sine
        if rate > self.peak:
            self.peak = rate
            if self.phase != "concentric":
                self.phase, self.since_s = "concentric", t_s
        self.top = max(self.top, turned)
        if rate > max(_SLOW_RADPS, _SLOW_SHARE * self.peak):
            # Tremor of a hold is no way onwards.
            if self.slow and turned > self.held + _TREMOR:
                self.slow = 0
            if not self.slow:
                return None
        elif not self.slow:
            self.held = turned
        self.slow += 1
        rom_deg = degrees(self.top)
        sure = rom_deg > _SURE_SHARE * self.usual_deg > 0.0 or turned < self.top - _TREMOR
        if self.slow < (_SURE_FRAMES if sure else _UNSURE_FRAMES):
            return None
        return self._lockout(t_s, (nx / sine, ny / sine, nz / sine), rom_deg)

    def _lockout(self, t_s: float, axis: Vector, rom_deg: float) -> str | None:
        assert self.trace is not None
        start_s, top_s = self._concentric(axis)
        time_s = t_s - self.zero_s
        # At rest again: what speed is left is drift, and grew evenly.
        rise_m = self.height_m - 0.5 * self.speed_mps * time_s
        sure = self._plausible(rom_deg, rise_m)
        partial = False
        if self.axis is not None:
            aligned = sum(a * b for a, b in zip(axis, self.axis, strict=True))
            least = self.usual_deg if len(self.drafts) > 1 else self.exercise.rom_deg[0]
            good = aligned > 0.8 and rom_deg >= PARTIAL_SHARE[0] * least
            partial = rom_deg < PARTIAL_SHARE[1] * self.usual_deg
            sure = sure or any(draft.sure for draft in self.drafts)
        else:
            low, high = self.exercise.rom_deg
            sinks = self.has_gyr and rise_m < self.exercise.rise_m[0] / 3
            good = low <= rom_deg <= high and top_s - start_s > _SHORTEST_S and not sinks
        if not good:
            self.phase = "idle" if self.axis is None else "bottom"
            self.slow = 0
            self.peak = self.top = 0.0
            if self.axis is None or self.quiet >= _QUIET_FRAMES:
                self.zero = self.trace = None
            return None
        frame = self.zero_frame + round((start_s - self.zero_s) / FRAME_S)
        self.drafts.append(
            Draft(frame, start_s, start_s, top_s, rom_deg, rom_deg, rise_m, partial, sure)
        )
        # Half of the reps so far were larger: one large movement before the set, or one
        # small rep in it, does not set the measure.
        self.usual_deg = median_low([draft.rom_deg for draft in self.drafts])
        if not partial:
            self.axis = axis
        self.phase, self.since_s = "top", top_s
        self.top = self.pitch = radians(rom_deg)
        self.fall_s = self.ledge = None
        self.slow = self.rests = self.quiet = 0
        self.unrest = 0.0
        self.trace = None
        return "lockout"

    def _top(self, frame: int, t_s: float, up: list[float], acc: float) -> str | None:
        rate = self._turn(up)
        draft = self.drafts[-1]
        if self.pitch > self.top:
            self.top = self.pitch
            if self.top > radians(draft.rom_deg) * 1.15 and rate > _SLOW_RADPS:
                draft.top_s = t_s - _LAG_S
                self.since_s = draft.top_s
        if rate > -_SLOW_RADPS:
            self.fall_s = None
        elif self.fall_s is None:
            self.fall_s = t_s - _LAG_S
            self.peak = 0.0
        self.peak = min(self.peak, rate)
        rom = radians(draft.rom_deg)
        if self.pitch < self.top - 0.5 * rom:
            draft.rom_deg = draft.size = degrees(self.top)
            draft.down_s = self.fall_s if self.fall_s is not None else t_s - _LAG_S
            self.phase, self.since_s = "eccentric", draft.down_s
            return None
        x, y, z = self.rate
        self.unrest += _UNREST_SMOOTHING * (sqrt(x * x + y * y + z * z) - self.unrest)
        restless = self.unrest > _UNREST_RADPS or self._out_of_plane(up)
        if len(self.drafts) == 1 and self._rises_again(frame, t_s, up, acc):
            return "lost"
        return "lost" if restless or t_s - draft.top_s > _HOLD_S else None

    def _rises_again(self, frame: int, t_s: float, up: list[float], acc: float) -> bool:
        """Was the first concentric only a way to the bottom? Then the next one starts here."""
        x, y, z = self.rate
        self.quiet = self.quiet + 1 if x * x + y * y + z * z < _QUIET_RADPS**2 else 0
        if self.quiet >= _QUIET_FRAMES:
            self.ledge, self.ledge_s, self.ledge_frame = (up[0], up[1], up[2]), t_s, frame
            self.ledge_pitch = self.pitch
            self.speed_mps = self.height_m = 0.0
            self.trace = [(t_s, x, y, z)]
        elif self.ledge is not None and self.trace is not None:
            self.speed_mps += (acc - self.offset_mps2) * FRAME_S
            self.height_m += self.speed_mps * FRAME_S
            self.trace.append((t_s, x, y, z))
            if t_s - self.ledge_s > _MOVING_S:
                self.ledge = self.trace = None
        least = max(self.exercise.rom_deg[0], 0.25 * self.drafts[0].rom_deg)
        return self.ledge is not None and self.pitch > self.ledge_pitch + radians(least)

    def _eccentric(self, frame: int, t_s: float, up: list[float], acc: float) -> str | None:
        rate = self._turn(up)
        draft = self.drafts[-1]
        self.peak = min(self.peak, rate)
        low = self.pitch < 0.4 * self.top
        if rate < -max(_SLOW_RADPS, -_SLOW_SHARE * self.peak) or not (low or rate > _SLOW_RADPS):
            if self._out_of_plane(up):
                return "lost"
            return None
        draft.end_s = t_s - _LAG_S
        self.phase, self.since_s = "bottom", draft.end_s
        self._rest(frame, t_s, up, self.offset_mps2)
        return "over"

    # -- measures -------------------------------------------------------------------------

    def _rest(self, frame: int, t_s: float, up: list[float], acc: float) -> None:
        self.zero = (up[0], up[1], up[2])
        self.zero_s, self.zero_frame = t_s, frame
        self.offset_mps2 += 0.1 * (acc - self.offset_mps2)
        self.speed_mps = self.height_m = self.peak = self.pitch = self.top = 0.0
        self.slow = 0
        self.trace = [(t_s, *self.rate)]
        if self.phase == "concentric":
            self.phase = "idle" if self.axis is None else "bottom"
            self.since_s = t_s

    def _turn(self, up: list[float]) -> float:
        """Keep the pitch since the last rest; give its rate."""
        assert self.zero is not None and self.axis is not None
        (ax, ay, az), (vx, vy, vz), (ux, uy, uz) = self.axis, self.zero, up
        ahead = ux * (ay * vz - az * vy) + uy * (az * vx - ax * vz) + uz * (ax * vy - ay * vx)
        self.pitch = atan2(-ahead, ux * vx + uy * vy + uz * vz)
        x, y, z = self.rate
        return x * ax + y * ay + z * az

    def _out_of_plane(self, up: list[float]) -> bool:
        assert self.axis is not None
        ax, ay, az = self.axis
        return abs(up[0] * ax + up[1] * ay + up[2] * az) > _RESTLESS or abs(
            self.pitch - self.top / 2
        ) > self.top / 2 + radians(40.0)

    def _concentric(self, axis: Vector) -> tuple[float, float]:
        """Where the rate about `axis` crossed the threshold, before and after its peak."""
        assert self.trace is not None
        ax, ay, az = axis
        rates = [x * ax + y * ay + z * az for _, x, y, z in self.trace]
        peak = max(range(len(rates)), key=rates.__getitem__)
        slow = max(_SLOW_RADPS, _SLOW_SHARE * rates[peak])
        first = last = peak
        while first > 0 and rates[first - 1] > slow:
            first -= 1
        while last < len(rates) - 1 and rates[last] > slow:
            last += 1
        return self.trace[first][0] - _LAG_S, self.trace[last][0] - _LAG_S

    def _plausible(self, rom_deg: float, rise_m: float) -> bool:
        """Does a concentric of the exercise rise so far?"""
        rise, ratio = self.exercise.rise_m, self.exercise.rise_per_deg_m
        return rise[0] <= rise_m <= rise[1] and ratio[0] <= rise_m / rom_deg <= ratio[1]

    def restore(self, state: dict[str, Any]) -> None:
        """Carry on from `state`."""
        for name, value in state.items():
            setattr(self, name, value)
        self.drafts = [Draft(**draft) for draft in state["drafts"]]

    # -- state ----------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Plain values and arrays."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "exercise"}
        return {**values, "drafts": [asdict(draft) for draft in self.drafts]}
