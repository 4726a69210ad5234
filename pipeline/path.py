"""The way since the last moment of rest: when the movement began and ended, how far it rose."""

from pipeline.orientation import FRAME_S

Vector = tuple[float, float, float]
Step = tuple[float, float, float, float, float]
"""One frame: t_s, angular rate about the three sensor axes in rad/s, vertical m/s2."""

_STILL_FRAMES = 5  # so many at the end tell what the acceleration reads at rest there
_MOST_MPS2 = 1.0  # more than a consumer accelerometer can be off


def boundaries(steps: list[Step], axis: Vector, slow: float, share: float) -> tuple[float, float]:
    """Where the rate about `axis` crossed the threshold, before and after its peak; seconds.

    slow: smallest threshold, rad/s. share: of the peak, where that is more.
    """
    rates = _rates(steps, axis)
    peak = max(range(len(rates)), key=rates.__getitem__)
    limit = max(slow, share * rates[peak])
    first = last = peak
    while first > 0 and rates[first - 1] > limit:
        first -= 1
    while last < len(rates) - 1 and rates[last] > limit:
        last += 1
    return steps[first][0], steps[last][0]


def rise_m(steps: list[Step], axis: Vector, offset_mps2: float, still: int) -> float:
    """Height won from rest to rest, metres.

    offset_mps2: what the acceleration reads at the start. still: frames at the end in which
    nothing turned any more. An accelerometer that is off reads another value in another
    posture: the difference, seen while it is still again, came with the angle. The velocity
    is zero at both ends; what is left of it is drift, and grew evenly.
    """
    rates = _rates(steps, axis)
    angle = sum(rates)
    change = 0.0
    if still >= _STILL_FRAMES:
        change = sum(step[4] for step in steps[-still:]) / still - offset_mps2
        change = max(-_MOST_MPS2, min(_MOST_MPS2, change))
    speed = height = turned = 0.0
    for step, rate in zip(steps, rates, strict=True):
        turned += rate
        speed += (step[4] - offset_mps2 - change * turned / angle) * FRAME_S
        height += speed * FRAME_S
    return height - 0.5 * speed * len(steps) * FRAME_S


def _rates(steps: list[Step], axis: Vector) -> list[float]:
    ax, ay, az = axis
    return [x * ax + y * ay + z * az for _, x, y, z, _ in steps]
