"""Accelerometer and gyroscope that come as two streams, put together by their times."""

from collections import Counter

import numpy as np

from sensor.samples import Floats, SampleBlock

# Then the other stream has stopped: the longest frame of a sensor that sends two, 71 samples at
# 26 Hz, takes 2.7 s.
_WAIT_S = 4.0
_BRIDGED_S = 0.1  # between two gyroscope samples: at 50 Hz and above, three that are missing
_NONE = SampleBlock(np.empty(0), np.empty((0, 3)), np.empty((0, 3)))
WITHOUT_GYR = "accelerometer without gyroscope"
WITHOUT_ACC = "gyroscope without accelerometer"


class Aligner:
    """Samples of each stream with their times -> samples of both, at the accelerometer's times.

    The gyroscope is put in between its neighbours in a straight line: the two chips' clocks are
    not the same, and at 104 Hz this takes 1 % of a movement of 5 Hz, 0.1 % of one of 1.5 Hz.
    skipped: reason -> samples that had no partner.
    """

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        self._waits = False
        self.restart(waits=False)

    def restart(self, *, waits: bool) -> None:
        """A new connection. waits: whether accelerometer samples alone have a gyroscope to come."""
        self._waits = waits
        self._acc_s, self._acc = np.empty(0), np.empty((0, 3))
        self._gyr_s, self._gyr = np.empty(0), np.empty((0, 3))

    def add(self, t_s: Floats, acc: Floats | None, gyr: Floats | None) -> list[SampleBlock]:
        """The next samples of one stream or of both, t_s (n,) rising -> what is complete now."""
        if acc is not None and (gyr is not None or not self._waits):
            return [SampleBlock(t_s, acc, gyr)]
        if acc is not None:
            self._acc_s = np.concatenate((self._acc_s, t_s))
            self._acc = np.concatenate((self._acc, acc))
        elif gyr is not None:
            self._gyr_s = np.concatenate((self._gyr_s, t_s))
            self._gyr = np.concatenate((self._gyr, gyr))
        block = self._paired()
        self._limit()
        return [block] if len(block) else []

    def _paired(self) -> SampleBlock:
        """The accelerometer samples up to the newest of the gyroscope, which are used up."""
        last = len(self._gyr_s) - 1
        count = int(self._acc_s.searchsorted(self._gyr_s[-1], side="right")) if last >= 0 else 0
        if not count:
            return _NONE
        t_s, acc = self._acc_s[:count], self._acc[:count]
        self._acc_s, self._acc = self._acc_s[count:], self._acc[count:]
        after = self._gyr_s.searchsorted(t_s, side="right")
        before = np.maximum(after - 1, 0)
        after = np.minimum(after, last)
        begin_s, gap_s = self._gyr_s[before], self._gyr_s[after] - self._gyr_s[before]
        known = (begin_s == t_s) | ((begin_s < t_s) & (gap_s <= _BRIDGED_S))
        part = (t_s - begin_s) / np.where(gap_s > 0.0, gap_s, 1.0)
        gyr = self._gyr[before]
        gyr += part[:, np.newaxis] * (self._gyr[after] - gyr)
        # Of what is used up, the last one is a neighbour of the next accelerometer sample.
        used = int(before[-1])
        self._gyr_s, self._gyr = self._gyr_s[used:], self._gyr[used:]
        if not known.all():
            self.skipped[WITHOUT_GYR] += int((~known).sum())
            t_s, acc, gyr = t_s[known], acc[known], gyr[known]
        return SampleBlock(t_s, acc, gyr)

    def _limit(self) -> None:
        """One stream without the other is kept for some seconds."""
        if len(self._acc_s):
            old = int(np.searchsorted(self._acc_s, self._acc_s[-1] - _WAIT_S))
            self.skipped[WITHOUT_GYR] += old
            self._acc_s, self._acc = self._acc_s[old:], self._acc[old:]
        if len(self._gyr_s):
            old = int(np.searchsorted(self._gyr_s, self._gyr_s[-1] - _WAIT_S))
            self.skipped[WITHOUT_ACC] += old
            self._gyr_s, self._gyr = self._gyr_s[old:], self._gyr[old:]
