"""The records of one session -> blocks of samples, each at its time. Live and replay share it."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from sensor import drivers
from sensor.align import Aligner
from sensor.checks import IMPOSSIBLE_VALUE, possible
from sensor.clock import ArrivalClock, DeviceClock
from sensor.drivers import Batch, BulkDecoder, Decoder, Setup
from sensor.glitches import GLITCH, Glitches
from sensor.ordering import Ordering
from sensor.records import Battery, Connected, Disconnected, Note, Packet, Record, Tick
from sensor.runs import Run, edges, in_one
from sensor.samples import Moment, SampleBlock, joined

_SURE = 1e4  # rad2/s2 or m2/s4: its root is no impossible value of either
EMPTY = SampleBlock(np.empty(0), np.empty((0, 3)), None)


class Stream:
    """One sensor, through any number of connections.

    setup: of the newest connection; None before the first. samples: given out. battery_pct: as
    last heard of. What was passed over or never came is counted over the whole session.
    """

    def __init__(self) -> None:
        self.setup: Setup | None = None
        self.samples = 0
        self._decoder: Decoder | None = None
        self._battery_pct: float | None = None
        self._skipped: Counter[str] = Counter()  # of the connections before, and of samples
        self._orderings: dict[str, Ordering] = {}
        self._arrival: ArrivalClock | None = None
        self._device = DeviceClock()
        self._aligner = Aligner()
        self._glitches = Glitches()

    @property
    def skipped(self) -> Counter[str]:
        """Reason -> how many packets, or pieces of them, were passed over."""
        now = self._decoder.skipped if self._decoder else Counter[str]()
        ordered = sum((one.skipped for one in self._orderings.values()), Counter[str]())
        glitches = Counter({GLITCH: self._glitches.skipped})
        return self._skipped + now + ordered + self._aligner.skipped + glitches

    @property
    def duplicates(self) -> int:
        """Samples that came twice, or after what follows them had been given out."""
        return sum(ordering.duplicates for ordering in self._orderings.values())

    @property
    def lost(self) -> int | None:
        """Samples that never came; None where that cannot be known, for want of a sensor's time."""
        if self._arrival is not None or not self._orderings:
            return None
        return max(ordering.lost for ordering in self._orderings.values())

    @property
    def rate_hz(self) -> float | None:
        """Samples a second, measured; None until enough of them came."""
        if self._arrival is not None:
            return self._arrival.rate_hz
        rates = [rate for one in self._orderings.values() if (rate := one.rate_hz) is not None]
        return min(rates, default=None)

    @property
    def battery_pct(self) -> float | None:
        """Percent left, as last heard of."""
        if self._decoder and self._decoder.battery_pct is not None:
            return self._decoder.battery_pct
        return self._battery_pct

    def moment(self, record: Record | list[Packet]) -> Moment:
        """The next record, or packets in a row, as a tracker wants it."""
        if isinstance(record, list):
            return Moment(record[-1].at_us * 1e-6, self.take_all(record))
        if isinstance(record, Note):
            return Moment(record.at_us * 1e-6, EMPTY, order=record.order, text=record.text)
        block = self.take(record)
        return Moment(record.at_us * 1e-6, block, tick=isinstance(record, Tick) and not len(block))

    def take(self, record: Record) -> SampleBlock:
        """The next record -> the samples that are known now; often none.

        Raises ValueError for a connection to a sensor whose driver is not known here.
        """
        match record:
            case Packet():
                return self.take_all((record,))
            case Connected():
                return self._connected(record.setup, record.at_us * 1e-6)
            case Battery():
                self._battery_pct = record.percent
                return EMPTY
            case Note():
                return EMPTY
            case _:
                block = self._flushed(record.at_us * 1e-6)
                if isinstance(record, Disconnected):
                    self._part()
                return block

    def take_all(self, packets: Sequence[Packet]) -> SampleBlock:
        """The next packets -> the samples that are known now, the same as of one by one."""
        if not self._decoder:
            self._skipped["before the sensor was set up"] += len(packets)
            return EMPTY
        return self._given([block for run in self._runs(packets) for block in self._timed(run)])

    def _connected(self, setup: Setup, at_s: float) -> SampleBlock:
        block = self._flushed(at_s)
        self._part()
        self.setup = setup
        self._decoder = drivers.load(setup.driver).decoder(setup)
        self._device.restart()
        self._glitches.restart()
        self._aligner.restart(waits=setup.gyr_range_dps is not None)
        if self._arrival:
            self._arrival.restart(setup.rate_hz)
        for ordering in self._orderings.values():
            ordering.restart()
        return block

    def _part(self) -> None:
        if self._decoder:
            self._skipped += self._decoder.skipped
            self._battery_pct = self.battery_pct
            self._decoder = None

    def _runs(self, packets: Sequence[Packet]) -> list[Run]:
        """What the decoder makes of them; what is out of the ordinary is looked for by halves."""
        assert self._decoder
        if len(packets) > 1 and isinstance(self._decoder, BulkDecoder):
            found = self._decoder.feed_all([packet.data for packet in packets])
            if found:
                return [Run(*found, [packet.at_us * 1e-6 for packet in packets])]
            half = len(packets) // 2
            return self._runs(packets[:half]) + self._runs(packets[half:])
        return in_one(
            [
                Run(batch, (len(batch),), (packet.at_us * 1e-6,))
                for packet in packets
                for batch in self._decoder.feed(packet.channel, packet.data)
            ]
        )

    def _timed(self, run: Run) -> Iterator[SampleBlock]:
        """The samples of a run that are complete, at their times."""
        if run.batch.device_s is None:
            yield self._counted(run)
            return
        for ready in self._in_order(run):
            yield from self._aligned(ready)

    def _counted(self, run: Run) -> SampleBlock:
        assert self.setup
        acc = run.batch.acc
        assert acc is not None, "what sends no time sends both together"
        if self._arrival is None:
            self._arrival = ArrivalClock(self.setup.rate_hz)
        return SampleBlock(self._arrival.times(run.counts, run.received_s), acc, run.batch.gyr)

    def _in_order(self, run: Run) -> Iterator[Run]:
        """What of a run is in order now; what waited came with the packet it waited for."""
        assert run.batch.device_s is not None
        ordering = self._ordering(run.batch)
        firsts_s, lasts_s = edges(run.batch.device_s, run.counts)
        start = 0
        for k, begin_s in enumerate(firsts_s):
            if ordering.plain(begin_s, lasts_s[k], run.counts[k]):
                continue
            if start < k:
                yield run.cut(start, k)
            start = k + 1
            for batch in ordering.add(run.cut(k, start).batch):
                yield Run(batch, (len(batch),), run.received_s[k:start])
        if start < len(firsts_s):
            yield run.cut(start, len(firsts_s))

    def _ordering(self, batch: Batch) -> Ordering:
        assert self.setup
        kind = "imu" if batch.acc is not None and batch.gyr is not None else "acc"
        kind = "gyr" if batch.acc is None else kind
        if kind not in self._orderings:
            self._orderings[kind] = Ordering(self.setup.rate_hz)
        return self._orderings[kind]

    def _aligned(self, run: Run) -> list[SampleBlock]:
        batch = run.batch
        assert batch.device_s is not None
        t_s = self._device.times(batch.device_s, run.counts, run.received_s)
        return self._aligner.add(t_s, batch.acc, batch.gyr)

    def _flushed(self, at_s: float) -> SampleBlock:
        """What waited for a packet that did not come."""
        blocks = []
        for ordering in self._orderings.values():
            for batch in ordering.flush():
                blocks += self._aligned(Run(batch, (len(batch),), (at_s,)))
        block = self._given(blocks)
        held = self._glitches.flush()
        if held is None:
            return block
        self.samples += len(held)
        return joined([block, held]) if len(block) else held

    def _given(self, blocks: list[SampleBlock]) -> SampleBlock:
        blocks = [block for block in blocks if len(block)]
        good = self._good(joined(blocks)) if blocks else EMPTY
        sure = self._glitches.add(good) if len(good) else None
        if sure is None:
            return EMPTY
        self.samples += len(sure)
        return sure

    def _good(self, block: SampleBlock) -> SampleBlock:
        """The block without what no worn sensor measures: damage that a packet did not show."""
        total = np.vdot(block.acc, block.acc) + (
            0.0 if block.gyr is None else np.vdot(block.gyr, block.gyr)
        )
        if total < _SURE:  # one sum for all; what hides in it is looked for only where it may
            return block
        keep = possible(block)
        if keep.all():
            return block
        self._skipped[IMPOSSIBLE_VALUE] += int((~keep).sum())
        gyr = None if block.gyr is None else block.gyr[keep]
        return SampleBlock(block.t_s[keep], block.acc[keep], gyr)
