"""Live: the phase machine of a standing lift, on the height of the pelvis.

Nobody stands still for long between two squats, so there is no moment from which the height
could be counted. It is integrated all the time and leaks instead: two first-order high-passes
take out what drifts. They make every turning point come early, by an amount that is known
for a swing of known length and is given back. Exact boundaries come after the set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import acos, atan, degrees, exp, pi
from statistics import median

from pipeline.draft import COUNTED_SHARE, PARTIAL_SHARE, Draft, Machine, Mark
from pipeline.orientation import FRAME_S, Frames
from pipeline.path import Vector

_LEAK_HZ = 0.08
_KEEP = exp(-2.0 * pi * _LEAK_HZ * FRAME_S)
_TURN_SHARE = 0.12  # of the swing: turned back by so much, it is over
_TURN_M = 0.03
_SURE_S = 0.06
_STILL_MPS = 0.05


@dataclass(slots=True)
class StandingMachine(Machine):
    """All that changes, as plain values. Heights in m, as they leak."""

    acc_mps2: float = 0.0  # last vertical acceleration
    push_mps2: float = 0.0  # without what is constant in it
    speed_mps: float = 0.0
    height_m: float = 0.0
    rising: bool = False
    extreme_m: float = 0.0  # furthest point of the swing
    extreme_s: float = 0.0
    extreme_frame: int = 0
    extreme_up: Vector = (0.0, 0.0, 1.0)
    turn_m: float = 0.0  # where the swing began
    turn_s: float = 0.0
    turn_frame: int = 0
    turn_up: Vector = (0.0, 0.0, 1.0)
    fall_m: float = 0.0  # the swing before this one, if it went down
    fall_s: float = 0.0
    fall_frame: int = 0
    rests: int = 0
    usual_m: float = 0.0
    axis: Vector | None = None  # found after the set; the live path needs none
    upright: Vector | None = None  # nor this

    def advance(self, first: int, frames: Frames) -> Iterator[Mark]:
        """Frames from index `first` on -> what happened in them, in order."""
        rows = zip(frames.t_s.tolist(), frames.up.tolist(), frames.acc_up_mps2.tolist(),
                   strict=True)  # fmt: skip
        for frame, (t_s, up, acc) in enumerate(rows, first):
            self.push_mps2 = _KEEP * (self.push_mps2 + acc - self.acc_mps2)
            self.acc_mps2 = acc
            self.speed_mps = _KEEP * (self.speed_mps + self.push_mps2 * FRAME_S)
            self.height_m += self.speed_mps * FRAME_S
            if abs(self.speed_mps) < _STILL_MPS and abs(self.height_m - self.turn_m) < _TURN_M:
                self.turn_s, self.turn_frame = t_s, frame  # it has not begun
            for kind in self._turned(frame, t_s, up):
                yield Mark(kind, frame)
            if self.drafts:
                self.rests += 1
                if self.rests * FRAME_S > self.timeout_s and not self._lifting():
                    yield Mark("closed", frame)

    def leave_set(self) -> None:
        """The set is over."""
        self.usual_m, self.rests, self.phase = 0.0, 0, "idle"
        self.drafts = []

    def interrupt(self) -> None:
        """A long gap: the height is lost."""
        self.push_mps2 = self.acc_mps2 = self.speed_mps = 0.0
        self.extreme_m = self.turn_m = self.height_m
        self.fall_m = 0.0

    @property
    def moving(self) -> bool:
        """In a concentric or an eccentric: every frame counts."""
        return self.phase in ("concentric", "eccentric")

    @property
    def pitch_deg(self) -> float | None:
        """Not followed while a standing lift goes on."""
        return None

    # -- swings ---------------------------------------------------------------------------

    def _turned(self, frame: int, t_s: float, up: list[float]) -> Iterator[str]:
        """Follow the swing; when it has turned back, say what it was."""
        sign = 1.0 if self.rising else -1.0
        if sign * (self.height_m - self.extreme_m) >= 0.0:
            self.extreme_m, self.extreme_s, self.extreme_frame = self.height_m, t_s, frame
            self.extreme_up = (up[0], up[1], up[2])
            self._show(t_s)
            return
        size = abs(self.extreme_m - self.turn_m)
        back = abs(self.height_m - self.extreme_m) > max(_TURN_M, _TURN_SHARE * size)
        if not back and not (self.rising and self._surely_up(t_s, size)):
            return
        if self.rising:
            yield from self._risen(size)
        elif self.exercise.starts_at == "bottom":
            yield from self._lowered(size)
        if not self.rising:
            self.fall_m, self.fall_s, self.fall_frame = size, self.turn_s, self.turn_frame
        self.rising = not self.rising
        self.turn_m, self.turn_s = self.extreme_m, self.extreme_s
        self.turn_frame, self.turn_up = self.extreme_frame, self.extreme_up
        self.extreme_m, self.extreme_s, self.extreme_frame = self.height_m, t_s, frame
        self.extreme_up = (up[0], up[1], up[2])

    def _surely_up(self, t_s: float, size: float) -> bool:
        """Has the leaking height turned for as long as it turns early?"""
        if size < 0.8 * self.exercise.rise_m[0]:
            return False
        early_s, _ = _leak(self._period_s())
        return t_s - self.extreme_s > early_s + _SURE_S

    def _period_s(self) -> float:
        """Of the movement that the upward swing ends."""
        if self.exercise.starts_at == "top":
            return self.extreme_s - self.fall_s
        return 2.0 * (self.extreme_s - self.turn_s)

    def _risen(self, size: float) -> Iterator[str]:
        """An upward swing is over: a concentric?"""
        from_top = self.exercise.starts_at == "top"
        start_s = self.fall_s if from_top else self.turn_s
        early_s, gain = _leak(self._period_s())
        rise = size * gain
        low, high = self.exercise.rise_m
        if not max(0.8 * low, PARTIAL_SHARE * self.usual_m) < rise < 1.3 * high:
            return
        if from_top and not 0.5 < self.fall_m / size < 2.0:
            return
        turned = sum(a * b for a, b in zip(self.extreme_up, self.turn_up, strict=True))
        partial = rise < COUNTED_SHARE * self.usual_m
        self.drafts.append(
            Draft(
                frame=self.fall_frame if from_top else self.turn_frame,
                start_s=start_s + early_s,
                con_start_s=self.turn_s + early_s,
                top_s=self.extreme_s + early_s,
                size=rise,
                rom_deg=degrees(acos(max(-1.0, min(1.0, turned)))),
                rise_m=rise,
                partial=partial,
                sure=True,
                down_s=self.fall_s + early_s if from_top else None,
                end_s=self.turn_s + early_s if from_top else None,
            )
        )
        if not partial:
            self.usual_m = median(draft.size for draft in self.drafts if not draft.partial)
        self.rests = 0
        self.phase, self.since_s = "top", self.extreme_s
        yield "lockout"
        if from_top:
            yield "over"

    def _lowered(self, size: float) -> Iterator[str]:
        """A downward swing is over: the eccentric of the open rep?"""
        if not self.drafts or self.drafts[-1].end_s is not None:
            return
        draft = self.drafts[-1]
        early_s, gain = _leak(2.0 * (self.extreme_s - self.turn_s))
        if size * gain < 0.5 * draft.size:
            return
        draft.down_s = max(draft.top_s, self.turn_s + early_s)
        draft.end_s = max(draft.down_s, self.extreme_s + early_s)
        self.phase, self.since_s = "bottom", self.extreme_s
        self.rests = 0
        yield "over"

    def _lifting(self) -> bool:
        return abs(self.height_m - self.turn_m) > 0.3 * self.usual_m

    def _show(self, t_s: float) -> None:
        """The phase for displays, once the swing has gone far enough to be one."""
        if abs(self.extreme_m - self.turn_m) < 0.5 * self.exercise.rise_m[0]:
            return
        phase = "concentric" if self.rising else "eccentric"
        if phase != self.phase:
            self.phase, self.since_s = phase, t_s


def _leak(period_s: float) -> tuple[float, float]:
    """How early the leaking height turns in a movement of this period, and what it lost."""
    share = _LEAK_HZ * period_s
    return period_s / pi * atan(share), 1.0 + share * share
