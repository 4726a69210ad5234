"""Accelerometer and gyroscope that come as two streams without time, paired by counting."""

from collections import Counter, deque

import numpy as np

from sensor.align import WITHOUT_ACC, WITHOUT_GYR
from sensor.samples import Floats

ACC, GYR = 0, 1
_WITHOUT = (WITHOUT_GYR, WITHOUT_ACC)
_WAIT_S = 1.0
_UNKNOWN = (0, 0)  # swings are not that narrow


class Pairs:
    """Two streams of one rate, in packets -> samples that belong together.

    The packets alternate, so the lead of the accelerometer, in samples, swings within a packet or
    so. If all of that swing has moved by whole packets for a second, so many packets of the other
    stream were lost: what was to be their partner is dropped. No more than a second ever waits.

    packet: samples in a packet. skipped: reason -> packets that had no partner, counted here.
    """

    def __init__(self, rate_hz: float, packet: int, skipped: Counter[str]) -> None:
        self._packet = packet
        self._skipped = skipped
        self._waiting: list[Floats] = [np.empty((0, 3)), np.empty((0, 3))]
        self._most = max(packet, int(rate_hz * _WAIT_S) // packet * packet)
        self._leads = _Leads(2 * self._most)
        self._usual = _UNKNOWN  # swing of the lead
        self._both = False  # whether both streams come
        self._ever = False

    def add(self, stream: int, samples: Floats) -> tuple[Floats, Floats] | None:
        """The next (n, 3) of a stream -> acc and gyr (m, 3) that are complete now, if any are."""
        other = 1 - stream
        if not self._both and len(self._waiting[other]):
            self._begin(other)
        self._waiting[stream] = np.concatenate((self._waiting[stream], samples))
        pairs = self._pairs()
        if self._both:
            self._resync(len(samples))
        over = len(self._waiting[stream]) - self._most
        if over > 0:
            self._both = False
            self._drop(stream, over)
        return pairs

    def _begin(self, earlier: int) -> None:
        """The other stream begins: what the earlier one sent before is alone, but for its lead.

        It is no damage if one of them starts later in the first place.
        """
        low, high = (-self._packet, self._packet) if self._usual == _UNKNOWN else self._usual
        kept = max(0, high if earlier == ACC else -low)
        self._drop(earlier, max(0, len(self._waiting[earlier]) - kept), count=self._ever)
        self._both = self._ever = True
        self._leads.clear()

    def _pairs(self) -> tuple[Floats, Floats] | None:
        acc, gyr = self._waiting
        n = min(len(acc), len(gyr))
        if n == 0:
            return None
        self._waiting = [acc[n:], gyr[n:]]
        return acc[:n], gyr[:n]

    def _resync(self, samples: int) -> None:
        """Drop what has lost its partner, once a second of leads shows it."""
        lead = len(self._waiting[ACC]) - len(self._waiting[GYR])
        self._leads.add(lead, samples)
        swing = self._leads.swing()
        if swing is None:
            return
        # Against the usual swing a loss shows whichever stream comes first in turn; against none
        # it shows even where the usual swing was learnt while packets were lost.
        moved = self._moved(swing, self._usual) or self._moved(swing, _UNKNOWN)
        ahead = ACC if moved > 0 else GYR
        if not moved:
            if self._usual == _UNKNOWN:
                self._usual = swing
        elif len(self._waiting[ahead]) >= abs(moved):
            self._drop(ahead, abs(moved))
            self._leads.move(-moved)

    def _moved(self, swing: tuple[int, int], usual: tuple[int, int]) -> int:
        """By how many samples, in whole packets, both ends of a swing have moved."""
        low, high = sorted((swing[0] - usual[0], swing[1] - usual[1]))
        return int((max(low, 0) + min(high, 0)) / self._packet) * self._packet

    def _drop(self, stream: int, samples: int, *, count: bool = True) -> None:
        """Drop the oldest that wait; they are counted in packets."""
        self._waiting[stream] = self._waiting[stream][samples:]
        if count and samples:
            self._skipped[_WITHOUT[stream]] += -(-samples // self._packet)


class _Leads:
    """The lead after each of the last samples, of either stream. most: how many of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._leads: deque[int] = deque()
        self._often: Counter[int] = Counter()  # few are different

    def clear(self) -> None:
        self._leads.clear()
        self._often.clear()

    def add(self, lead: int, samples: int) -> None:
        self._leads.extend([lead] * samples)
        self._often[lead] += samples
        while len(self._leads) > self._most:
            gone = self._leads.popleft()
            self._often[gone] -= 1
            if not self._often[gone]:
                del self._often[gone]

    def swing(self) -> tuple[int, int] | None:
        """The least and the greatest, once there are enough."""
        if len(self._leads) < self._most:
            return None
        return min(self._often), max(self._often)

    def move(self, by: int) -> None:
        """Something was dropped: all of them as if it never came."""
        self._leads = deque(lead + by for lead in self._leads)
        self._often = Counter(self._leads)
