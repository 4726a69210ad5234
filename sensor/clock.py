"""When samples were taken, on the clock of the host, in seconds since the session began.

Two cases. A sensor that sends its own time needs an offset only. One that sends none has its
samples counted: they come at an even pace, so their times are a line over their index, and since a
packet can be late but never early, that line is the lower envelope of the arrivals. Least squares
would follow the late ones. (Lower envelope of one-sided delays: Moon, Skelly, Towsley 1999,
"Estimation and removal of clock skew from network delay measurements", INFOCOM.)
"""

from collections.abc import Sequence
from math import inf

import numpy as np

from sensor.envelope import Envelope
from sensor.runs import edges
from sensor.samples import Floats

_BIN_S = 0.5
_LEAST_BINS = 3
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

    def times(self, device_s: Floats, counts: Sequence[int], received_s: Sequence[float]) -> Floats:
        """(n,) host times of the samples of packets, from device_s (n,).

        counts: samples of each packet, none of them 0. received_s: when each packet came.
        """
        firsts_s, lasts_s = edges(device_s, counts)
        offsets_s = list(map(self._offset, firsts_s, lasts_s, received_s))
        times: Floats = device_s + (np.repeat(offsets_s, counts) if len(counts) > 1 else offsets_s)
        return times

    def restart(self) -> None:
        """A new connection: while there was none, the sensor may have been off."""
        self._offset_s = None

    def _offset(self, first_s: float, newest_s: float, received_s: float) -> float:
        """Of the samples of the next packet, by the sensor's time of the first and the last."""
        if self._offset_s is None or self._set_anew(newest_s, received_s):
            # This packet may have come quicker than those before it; time never goes back.
            after_s = self._newest_s + _APART_S - first_s
            self._offset_s = max(received_s - newest_s, after_s)
            self._since_s = received_s
            self._newest_device_s = -inf
        self._newest_device_s = max(self._newest_device_s, newest_s)
        self._newest_s = max(self._newest_s, newest_s + self._offset_s)
        return self._offset_s

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
        self._earliest = Envelope(_WINDOW_S)  # (index, received_s), one of each bin
        self._bin = (0.0, 0.0)  # the earliest of the newest bin so far
        self._bin_late_s = inf  # how late that was
        self._bin_ends_s = -inf
        self._floor_s = 0.0  # received_s - index * period at the line
        self._late_since_s: float | None = None
        self._least_late_s = inf

    def times(self, counts: Sequence[int], received_s: Sequence[float]) -> Floats:
        """(n,) host times of the next samples, rising.

        counts: samples of each packet, none of them 0. received_s: when each packet came.
        """
        lines = list(map(self._line, counts, received_s))
        if len(lines) == 1:
            ((begin_s, step_s),) = lines
            times: Floats = begin_s + step_s * np.arange(1.0, counts[0] + 1)
            return times
        begins_s, steps_s = np.array(lines).T
        sizes = np.array(counts)
        ends = np.cumsum(sizes)
        number = np.arange(1, ends[-1] + 1) - (ends - sizes).repeat(sizes)  # in its packet
        return np.asarray(begins_s.repeat(sizes) + steps_s.repeat(sizes) * number)

    def _line(self, count: int, received_s: float) -> tuple[float, float]:
        """Of the next samples, which came together: when they begin, and how far they are apart."""
        self._index += count
        if self._first_s is None:
            return self._begun(count, received_s)
        since_s = received_s - self._first_s
        if received_s >= self._bin_ends_s:
            self._fit(since_s)
        step_s = self._period_s
        late_s = received_s - self._index * step_s
        if late_s < self._bin_late_s:
            self._bin, self._bin_late_s = (float(self._index), received_s), late_s
            self._floor_s = min(self._floor_s, late_s)
        if late_s - self._floor_s < _MISSING_S or since_s < _FIRST_S:
            self._late_since_s = None
        else:
            self._look_for_missing(received_s, late_s - self._floor_s)
        begin_s = self._last_s
        due_s = self._floor_s + (self._index - count) * step_s
        behind_s = due_s - begin_s
        if behind_s > _MISSING_S:
            begin_s = due_s
        else:
            most = _FIRST_SLEW if since_s < _FIRST_S else _SLEW
            step_s *= 1.0 + min(most, max(-most, behind_s / _SLEW_OVER_S))
        self._last_s = begin_s + step_s * count
        return begin_s, step_s

    def _begun(self, count: int, received_s: float) -> tuple[float, float]:
        """The line of the very first samples."""
        step_s = self._period_s
        self._first_s = received_s
        self._floor_s = received_s - self._index * step_s
        self._bin, self._bin_late_s = (float(self._index), received_s), self._floor_s
        self._bin_ends_s = received_s + _BIN_S
        begin_s = max(received_s - count * step_s, self._last_s)
        self._last_s = begin_s + step_s * count
        return begin_s, step_s

    def _fit(self, since_s: float) -> None:
        """Pace and floor from the bins that are complete; a new one begins."""
        assert self._first_s is not None
        self._earliest.add(*self._bin)
        self._bin_late_s = inf
        self._bin_ends_s = self._first_s + (since_s // _BIN_S + 1) * _BIN_S
        if len(self._earliest) < _LEAST_BINS:
            return
        slope_s = self._earliest.slope()
        if since_s >= _JUDGED_AFTER_S and abs(slope_s / self._promised_s - 1.0) > 2 * _MOST_OFF:
            # It streams at quite another rate than it was asked for.
            self._promised_s = slope_s
        trust = since_s**2 / (since_s**2 + _TRUSTED_AFTER_S**2)
        off = slope_s / self._promised_s - 1.0
        self._period_s = self._promised_s * (1.0 + trust * min(_MOST_OFF, max(-_MOST_OFF, off)))
        self._floor_s = self._earliest.floor(self._period_s)

    def _look_for_missing(self, received_s: float, late_s: float) -> None:
        """An arrival was so late that samples may be missing before it."""
        if self._late_since_s is None:
            self._late_since_s, self._least_late_s = received_s, inf
        self._least_late_s = min(self._least_late_s, late_s)
        if received_s - self._late_since_s >= _MISSING_AFTER_S:
            self._index += round(self._least_late_s / self._period_s)
            self._late_since_s = None
