"""When samples were taken, on the clock of the host, in seconds since the session began.

Two cases. A sensor that sends its own time needs an offset only. One that sends none has its
samples counted: they come at an even pace, so their times are a line over their index, and since a
packet can be late but never early, that line is the lower envelope of the arrivals. Least squares
would follow the late ones. (Lower envelope of one-sided delays: Moon, Skelly, Towsley 1999,
"Estimation and removal of clock skew from network delay measurements", INFOCOM.)
"""

from collections import deque
from itertools import pairwise
from math import inf

import numpy as np

from sensor.samples import Floats

_BIN_S = 0.5
_WINDOW_S = 60.0
# Sample clocks of consumer sensors are off by 1 % rms, 3 % at most; the floor of the arrivals is
# uncertain by 10 ms. From 1 s on the arrivals weigh more than what the sensor promised.
_TRUSTED_AFTER_S = 1.0
_MOST_OFF = 0.05
_JUDGED_AFTER_S = 2.0
# The times run after the line at a pace that is wrong by no more than this: as a scale error of the
# samples it is less than the sensor's own. Just after connecting nobody lifts yet.
_SLEW = 0.01
_FIRST_SLEW = 0.1
_FIRST_S = 3.0
_SLEW_OVER_S = 1.0
# So late, for so long, with no burst that catches up: those samples will never come.
_MISSING_S = 0.25
_MISSING_AFTER_S = 1.0

_AHEAD_S = 2.0
_BACK_S = 1.0
_DRIFT = 1e-3
_APART_S = 1e-3


class DeviceClock:
    """Host time of samples that carry the sensor's own time.

    The offset is that of the first packet, so it holds a delay of the radio that is not known.
    It is found again where the sensor's clock was set or began anew: where it goes back by more
    than a second, or where samples would be from the future.
    """

    def __init__(self) -> None:
        self._offset_s: float | None = None
        self._since_s = 0.0
        self._newest_device_s = -inf
        self._newest_s = -inf  # time given out

    def times(self, device_s: Floats, received_s: float) -> Floats:
        """(n,) host times of the samples of a packet, n > 0, from device_s (n,)."""
        newest = float(device_s[-1])
        if self._offset_s is None or self._set_anew(newest, received_s):
            # This packet may have come quicker than those before it; time never goes back.
            after_s = self._newest_s + _APART_S - float(device_s[0])
            self._offset_s = max(received_s - newest, after_s)
            self._since_s = received_s
            self._newest_device_s = -inf
        self._newest_device_s = max(self._newest_device_s, newest)
        times: Floats = device_s + self._offset_s
        self._newest_s = max(self._newest_s, float(times[-1]))
        return times

    def restart(self) -> None:
        """A new connection: while there was none, the sensor may have been off."""
        self._offset_s = None

    def _set_anew(self, newest: float, received_s: float) -> bool:
        assert self._offset_s is not None
        ahead_s = newest + self._offset_s - received_s
        allowed_s = _AHEAD_S + _DRIFT * (received_s - self._since_s)
        return ahead_s > allowed_s or newest < self._newest_device_s - _BACK_S


class ArrivalClock:
    """Host time of samples that are only counted, from when their packets came.

    A loss cannot be seen here: a few samples that never came look like a slow clock for a while.
    Only where arrivals stay behind by more than 0.25 s, a gap is put in.
    """

    def __init__(self, rate_hz: float) -> None:
        self._asked_hz = 0.0
        self._last_s = -inf  # time given to the newest sample
        self.restart(rate_hz)

    @property
    def rate_hz(self) -> float:
        """Samples a second, as measured so far."""
        return 1.0 / self._period_s

    def restart(self, rate_hz: float) -> None:
        """A new connection. If the rate asked for is the same, the pace is still known."""
        if rate_hz != self._asked_hz:
            self._asked_hz = rate_hz
            self._period_s = 1.0 / rate_hz
        self._promised_s = self._period_s
        self._index = -1  # of the newest sample
        self._first_s: float | None = None
        self._bins: deque[tuple[float, float]] = deque()  # the earliest (index, received_s) of each
        self._bin = -1
        self._floor_s = 0.0  # received_s - index * period at the line
        self._late_since_s: float | None = None
        self._least_late_s = inf

    def times(self, count: int, received_s: float) -> Floats:
        """(count,) host times of the next samples, which came together; count > 0, rising."""
        first = self._first_s is None
        self._index += count
        if self._first_s is None:
            self._first_s = received_s
            self._floor_s = received_s - self._index * self._period_s
        self._note(received_s)
        self._look_for_missing(received_s)
        step_s = self._period_s
        if first:
            start_s = max(received_s - count * step_s, self._last_s)
        else:
            due_s = self._floor_s + (self._index - count) * step_s
            behind_s = due_s - self._last_s
            start_s = self._last_s
            if behind_s > _MISSING_S:
                start_s = due_s
            else:
                most = _FIRST_SLEW if received_s - self._first_s < _FIRST_S else _SLEW
                step_s *= 1.0 + min(most, max(-most, behind_s / _SLEW_OVER_S))
        times = np.asarray(start_s + step_s * np.arange(1, count + 1), dtype=np.float64)
        self._last_s = float(times[-1])
        return times

    def _note(self, received_s: float) -> None:
        """Let an arrival count for the line."""
        assert self._first_s is not None
        point = (float(self._index), received_s)
        number = int((received_s - self._first_s) / _BIN_S)
        late_s = received_s - self._index * self._period_s
        self._floor_s = min(self._floor_s, late_s)
        if number == self._bin:
            index, earliest_s = self._bins[-1]
            if late_s < earliest_s - index * self._period_s:
                self._bins[-1] = point
            return
        self._bin = number
        self._fit(received_s)
        self._bins.append(point)
        while self._bins[0][1] < received_s - _WINDOW_S:
            self._bins.popleft()

    def _fit(self, received_s: float) -> None:
        """Pace and floor from the bins that are complete."""
        assert self._first_s is not None
        if len(self._bins) < 3:
            return
        since_s = received_s - self._first_s
        points = list(self._bins)
        slope_s = _envelope_slope(points)
        if since_s >= _JUDGED_AFTER_S and abs(slope_s / self._promised_s - 1.0) > 2 * _MOST_OFF:
            # It streams at quite another rate than it was asked for.
            self._promised_s = slope_s
        trust = since_s**2 / (since_s**2 + _TRUSTED_AFTER_S**2)
        off = slope_s / self._promised_s - 1.0
        self._period_s = self._promised_s * (1.0 + trust * min(_MOST_OFF, max(-_MOST_OFF, off)))
        self._floor_s = min(at_s - index * self._period_s for index, at_s in points)

    def _look_for_missing(self, received_s: float) -> None:
        assert self._first_s is not None
        late_s = received_s - self._index * self._period_s - self._floor_s
        if late_s < _MISSING_S or received_s - self._first_s < _FIRST_S:
            self._late_since_s = None
            return
        if self._late_since_s is None:
            self._late_since_s, self._least_late_s = received_s, inf
        self._least_late_s = min(self._least_late_s, late_s)
        if received_s - self._late_since_s >= _MISSING_AFTER_S:
            self._index += round(self._least_late_s / self._period_s)
            self._late_since_s = None


def _envelope_slope(points: list[tuple[float, float]]) -> float:
    """Slope of the highest line that no point is under: the edge of the lower hull at mean x."""
    hull: list[tuple[float, float]] = []
    for x, y in points:
        while len(hull) >= 2:
            (x0, y0), (x1, y1) = hull[-2:]
            if (y1 - y0) * (x - x1) < (y - y1) * (x1 - x0):
                break
            hull.pop()
        hull.append((x, y))
    mean = sum(x for x, _ in points) / len(points)
    for (x0, y0), (x1, y1) in pairwise(hull):
        if x1 >= mean:
            return (y1 - y0) / (x1 - x0)
    raise AssertionError("the mean lies between the ends of the hull")
