"""Packets that carry the sensor's time, put in order: each sample once, losses counted."""

from collections import Counter
from math import inf

import numpy as np

from sensor.drivers.driver import Batch

TIME_OUT_OF_LINE = "the sensor's time is out of line"

_STEP = 1.5  # of a sample interval; more of it is a loss
# No packet is overtaken by more, and no connection lives through a longer loss: it is damage, or
# the sensor's clock was set. The next packet tells which.
_BACK_S = 1.0
_AHEAD_S = 10.0
_MEASURED_AFTER = 50


class Ordering:
    """One stream of samples with the sensor's time.

    A batch that does not follow on waits for one more, which may be the one that is missing: so a
    packet that was overtaken by another is put right, and a loss costs the wait for one packet.

    lost: samples that never came within a connection. duplicates: those that came again or too
    late, and were dropped. skipped: reason -> batches passed over.
    """

    def __init__(self, rate_hz: float) -> None:
        self.lost = 0
        self.duplicates = 0
        self.skipped: Counter[str] = Counter()
        self._promised_s = 1.0 / rate_hz
        self._span_s = 0.0  # over all intervals that were seen
        self._intervals = 0
        self._waiting: Batch | None = None
        self._astray: Batch | None = None
        self._last_s = -inf

    @property
    def rate_hz(self) -> float | None:
        """Samples a second on the sensor's own clock; None until enough of them came."""
        return self._intervals / self._span_s if self._intervals >= _MEASURED_AFTER else None

    def restart(self) -> None:
        """A new connection: what was lost between is a gap, not a loss."""
        self._waiting = self._astray = None
        self._last_s = -inf

    def plain(self, begin_s: float, end_s: float, count: int) -> bool:
        """Whether the next batch just follows on, and so is in order as it is.

        If so it is counted; else nothing was done, and it is to be added. begin_s, end_s: the
        sensor's time of its first and its last sample. count: of its samples.
        """
        follows = self._last_s < begin_s and self._follows(begin_s)
        if not follows or self._out_of_line(begin_s) or self._waiting or self._astray:
            return False
        self._pass(begin_s, end_s, count)
        return True

    def add(self, batch: Batch) -> list[Batch]:
        """The next batch as it came -> the batches that are in order now."""
        assert batch.device_s is not None
        if self._out_of_line(_begin_s(batch)):
            return self._strayed(batch)
        self._lose_astray()
        return self._ordered(batch)

    def flush(self) -> list[Batch]:
        """The batch that waits, if any: nothing else will come."""
        self._lose_astray()
        waiting, self._waiting = self._waiting, None
        return [self._passed(waiting)] if waiting else []

    def _out_of_line(self, begin_s: float) -> bool:
        return self._last_s > -inf and not -_BACK_S < begin_s - self._last_s < _AHEAD_S

    def _strayed(self, batch: Batch) -> list[Batch]:
        """Two in a row, near each other: the clock was set. One: damage."""
        first, self._astray = self._astray, None
        if first is None or abs(_begin_s(batch) - _begin_s(first)) > _BACK_S:
            if first:
                self.skipped[TIME_OUT_OF_LINE] += 1
            self._astray = batch
            return []
        done = self.flush()
        self.restart()
        return done + self._ordered(first) + self._ordered(batch)

    def _lose_astray(self) -> None:
        if self._astray:
            self.skipped[TIME_OUT_OF_LINE] += 1
            self._astray = None

    def _ordered(self, batch: Batch) -> list[Batch]:
        fresh = self._fresh(batch)
        if fresh is None:
            return []
        if self._waiting is None:
            if self._follows(_begin_s(fresh)):
                return [self._passed(fresh)]
            self._waiting = fresh
            return []
        first, second = sorted((self._waiting, fresh), key=_begin_s)
        self._waiting = None
        return [self._passed(first), *self._ordered(second)]

    def _fresh(self, batch: Batch) -> Batch | None:
        """What of a batch is later than all that was given out; the rest is counted."""
        assert batch.device_s is not None
        new = batch.device_s > self._last_s
        if self._waiting is not None and _begin_s(self._waiting) == _begin_s(batch):
            new = np.zeros(len(new), dtype=bool)
        if new.all():
            return batch
        self.duplicates += int((~new).sum())
        if not new.any():
            return None
        acc = None if batch.acc is None else batch.acc[new]
        gyr = None if batch.gyr is None else batch.gyr[new]
        return Batch(acc, gyr, batch.device_s[new])

    def _follows(self, begin_s: float) -> bool:
        return begin_s - self._last_s < _STEP * self._interval_s or self._last_s == -inf

    def _passed(self, batch: Batch) -> Batch:
        """Count what lies before it as lost, and go on from its end."""
        assert batch.device_s is not None
        begin_s = _begin_s(batch)
        if not self._follows(begin_s):
            self.lost += round((begin_s - self._last_s) / self._interval_s) - 1
            self._last_s = -inf  # no interval of samples lies between
        self._pass(begin_s, float(batch.device_s[-1]), len(batch.device_s))
        return batch

    def _pass(self, begin_s: float, end_s: float, count: int) -> None:
        """Go on from the end of a batch, whose first sample follows on from the last one if any."""
        if self._last_s > -inf:
            self._span_s += begin_s - self._last_s
            self._intervals += 1
        self._span_s += end_s - begin_s
        self._intervals += count - 1
        self._last_s = end_s

    @property
    def _interval_s(self) -> float:
        rate_hz = self.rate_hz
        return self._promised_s if rate_hz is None else 1.0 / rate_hz


def _begin_s(batch: Batch) -> float:
    assert batch.device_s is not None
    return float(batch.device_s[0])
