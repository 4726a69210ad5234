"""A continuous movement of the pelvis, written down piece by piece and sampled at the end.

Pelvis axes: x forward, y left, z up along the spine. Its attitude is built of four angles,
from the world inwards: heading (about the vertical), pitch + arch (about the left-right axis;
0 upright, 90 lying on the back, negative leaning forward), twist (about the spine), list
(about the front-back axis). ``arch`` is that part of the pitch which does not carry the hips
up or down. x, y, z place the midpoint of the hips in the world, metres, z up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter1d

from sensor.samples import Floats

MOTION_HZ = 500.0
CHANNELS = ("pitch", "arch", "twist", "list", "heading", "x", "y", "z")
SKIN = ("skin_x", "skin_y", "skin_z")
_SMOOTHING_S = 0.010
_TAIL_S = 0.2


@dataclass(frozen=True, slots=True)
class Profile:
    """Speed over one smooth step, from 0 to 1 of its time; its integral is scaled to the step.

    rise, fall: exponents of tau**rise * (1 - tau)**fall; 2, 2 is the minimum-jerk step. With
    ``steady`` they are instead the shares of time spent on getting to and from a constant speed.
    tilt: speed change along the way. dip: depth of a slowing at ``dip_at``.
    """

    rise: float = 2.0
    fall: float = 2.0
    steady: bool = False
    tilt: float = 0.0
    dip: float = 0.0
    dip_at: float = 0.3
    dip_width: float = 0.1

    def speed(self, tau: Floats) -> Floats:
        """Relative speed (n,), 0 at both ends, for shares of the time (n,) in 0..1."""
        if self.steady:
            base = _ramp(tau / self.rise) * _ramp((1 - tau) / self.fall)
        else:
            base = tau**self.rise * (1 - tau) ** self.fall
        slowing = 1 - self.dip * np.exp(-(((tau - self.dip_at) / self.dip_width) ** 2))
        return np.asarray(base * slowing * (1 + self.tilt * (tau - 0.5)))


MINIMUM_JERK = Profile()


def _ramp(share: Floats) -> Floats:
    s = np.clip(share, 0.0, 1.0)
    return np.asarray(s * s * (3 - 2 * s))


@dataclass(frozen=True, slots=True)
class _Step:
    channel: str
    start_s: float
    end_s: float
    delta: float
    profile: Profile


@dataclass(frozen=True, slots=True)
class Coupling:
    """While it lasts, a channel follows the pitch (without arch) through a function."""

    channel: str
    start_s: float
    end_s: float
    follow: Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Shake:
    """What the lifter does not will: values added to a channel from a time on.

    ``channel`` is one of CHANNELS, or of SKIN: tilt of the sensor on the skin about the
    pelvis axes, degrees.
    """

    channel: str
    start_s: float
    values: Floats


@dataclass(eq=False, slots=True)
class Motion:
    """Grows at ``now_s``: pieces are laid at or after it, then the clock is moved on."""

    now_s: float = 0.0
    at: dict[str, float] = field(default_factory=lambda: dict.fromkeys(CHANNELS, 0.0))
    steps: list[_Step] = field(default_factory=list)
    couplings: list[Coupling] = field(default_factory=list)
    shakes: list[Shake] = field(default_factory=list)
    slips: list[tuple[float, float]] = field(default_factory=list)
    start: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start = dict(self.at)

    def move(
        self,
        channel: str,
        to: float,
        seconds: float,
        delay_s: float = 0.0,
        profile: Profile = MINIMUM_JERK,
    ) -> None:
        """Take a channel to a value, beginning ``delay_s`` from now; the clock stays."""
        begin = self.now_s + delay_s
        delta = to - self.at[channel]
        self.steps.append(_Step(channel, begin, begin + seconds, delta, profile))
        self.at[channel] = to

    def nudge(
        self, channel: str, size: float, seconds: float, delay_s: float = 0.0, rising: float = 0.5
    ) -> None:
        """Out by ``size`` and back; ``rising`` is the share of the time spent on the way out."""
        value = self.at[channel]
        self.move(channel, value + size, seconds * rising, delay_s)
        self.move(channel, value, seconds * (1 - rising), delay_s + seconds * rising)

    def shake(self, channel: str, values: Floats, delay_s: float = 0.0) -> None:
        """Add involuntary movement, sampled at MOTION_HZ, that begins and ends near 0."""
        self.shakes.append(Shake(channel, self.now_s + delay_s, values))

    def wait(self, seconds: float) -> None:
        """Move the clock on; what comes next begins there."""
        self.now_s += seconds

    def voluntary(self) -> dict[str, Floats]:
        """Every channel (n,) at MOTION_HZ, from 0 s to now: what the lifter means to do."""
        count = int((self.now_s + _TAIL_S) * MOTION_HZ)
        rates = {channel: np.zeros(count) for channel in CHANNELS}
        for step in self.steps:
            _lay(step, rates[step.channel])
        paths = {c: self.start[c] + np.cumsum(rate) for c, rate in rates.items()}
        for coupling in self.couplings:
            first, last = _index(coupling.start_s), _index(coupling.end_s)
            followed = coupling.follow(paths["pitch"][first:last])
            path = paths[coupling.channel]
            path[first:last] += followed - followed[0]
            path[last:] += followed[-1] - followed[0]
        smooth = _SMOOTHING_S * MOTION_HZ
        return {c: gaussian_filter1d(path, smooth, mode="nearest") for c, path in paths.items()}


def _index(time_s: float) -> int:
    return int(np.ceil(time_s * MOTION_HZ))


def _lay(step: _Step, rate: Floats) -> None:
    """Add the increments of a step, so that their sum is exactly its size."""
    first, last = _index(step.start_s), _index(step.end_s)
    if last - first < 2 or step.delta == 0.0:
        rate[min(first, len(rate) - 1)] += step.delta
        return
    middle = (np.arange(first, last) - 0.5) / MOTION_HZ
    tau = np.clip((middle - step.start_s) / (step.end_s - step.start_s), 0.0, 1.0)
    speed = step.profile.speed(tau)
    increments = step.delta * speed / speed.sum()
    rate[first:last] += increments[: max(0, len(rate) - first)]
