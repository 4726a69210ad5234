"""Faults of a radio, made on purpose: what hiprep does then can be tried at home."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import accumulate
from math import inf
from typing import TypeVar

import numpy as np

from sensor.checks import RecordingError
from sensor.records import Connected, Disconnected, Packet, Record
from sensor.samples import SampleBlock

_Item = TypeVar("_Item")
_MAX_FLIPPED_BITS = 8
_ON_PURPOSE = "on purpose"


@dataclass(frozen=True, slots=True)
class Faults:
    """What befalls the packets of a session; the same seed gives the same each time.

    drop: share lost, in bursts of `burst` packets in the mean; longer ones where so many are lost
    that shorter ones leave no room. corrupt: share with flipped bits or cut short. reorder: share
    overtaken by the packet after it. duplicate: share that comes twice. Each is a share of the
    packets that the one before it has left. disconnect_s: a stretch without packets at a random
    place, seconds. ValueError for what cannot be.
    """

    drop: float = 0.0
    burst: float = 1.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    disconnect_s: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        # A packet that overtakes another is not overtaken itself.
        highest = {"drop": 1.0, "duplicate": 1.0, "reorder": 0.5, "corrupt": 1.0}
        lowest = {"burst": 1.0}
        for field in fields(self):
            value, low = getattr(self, field.name), lowest.get(field.name, 0.0)
            high = highest.get(field.name, inf)
            if not low <= value <= high or value == inf:
                limits = f"from {low:g} to {high:g}" if high < inf else f"at least {low:g}"
                raise ValueError(f"{field.name} is {value}: it must be {limits}")

    def records(self, records: Iterable[Record]) -> Iterator[Record]:
        """The records of a session with these faults; only packets are hit.

        A disconnection is looked for a place in the whole session, which is held in memory for
        it. RecordingError if no connection lasts longer than it.
        """
        items = iter(records)
        if self.disconnect_s:
            items = self._disconnected(list(items))
        return self._hit(items, _is_packet, _corrupted_packet, _arrived_later)

    def blocks(self, blocks: Iterable[SampleBlock]) -> Iterator[SampleBlock]:
        """Blocks of samples with these faults, each block taken for a packet.

        RecordingError if they do not last longer than the disconnection.
        """
        items = iter(blocks)
        if self.disconnect_s:
            items = self._without_stretch(list(items))
        return self._hit(items, _has_samples, _corrupted_block, _as_it_is)

    def _hit(
        self,
        items: Iterator[_Item],
        is_packet: Callable[[_Item], bool],
        corrupted: Callable[[_Item, np.random.Generator], _Item],
        late: Callable[[_Item, _Item], _Item],
    ) -> Iterator[_Item]:
        items = self._dropped(items, is_packet)
        items = self._corrupted(items, is_packet, corrupted)
        items = self._reordered(items, is_packet, late)
        return self._duplicated(items, is_packet)

    def _dropped(
        self, items: Iterator[_Item], is_packet: Callable[[_Item], bool]
    ) -> Iterator[_Item]:
        """Two states, as Gilbert has them (Bell System Technical Journal 39, 1960)."""
        rng = self._rng(1)
        odds = self.drop / (1.0 - self.drop) if self.drop < 1.0 else inf
        burst = max(self.burst, odds)
        ends, begins = 1.0 / burst, odds / burst if odds < inf else 1.0
        losing = rng.random() < self.drop
        for item in items:
            if not is_packet(item):
                yield item
                continue
            if not losing:
                yield item
            losing = rng.random() < begins if not losing else rng.random() >= ends

    def _corrupted(
        self,
        items: Iterator[_Item],
        is_packet: Callable[[_Item], bool],
        corrupted: Callable[[_Item, np.random.Generator], _Item],
    ) -> Iterator[_Item]:
        rng = self._rng(2)
        for item in items:
            hit = is_packet(item) and rng.random() < self.corrupt
            yield corrupted(item, rng) if hit else item

    def _reordered(
        self,
        items: Iterator[_Item],
        is_packet: Callable[[_Item], bool],
        late: Callable[[_Item, _Item], _Item],
    ) -> Iterator[_Item]:
        """Packets change places with the next one, unless something else lies between."""
        rng = self._rng(3)
        # Only those that do not overtake can be held back.
        chance = self.reorder / (1.0 - self.reorder)
        held: list[_Item] = []
        for item in items:
            if held:
                first = held.pop()
                yield from (item, late(first, item)) if is_packet(item) else (first, item)
            elif is_packet(item) and rng.random() < chance:
                held.append(item)
            else:
                yield item
        yield from held

    def _duplicated(
        self, items: Iterator[_Item], is_packet: Callable[[_Item], bool]
    ) -> Iterator[_Item]:
        rng = self._rng(4)
        for item in items:
            yield item
            if is_packet(item) and rng.random() < self.duplicate:
                yield item

    def _disconnected(self, records: list[Record]) -> Iterator[Record]:
        stretch_us = round(self.disconnect_s * 1e6)
        spans = _connections(records)
        rooms_us = [max(0, end_us - one.at_us - stretch_us) for one, end_us in spans]
        place_us = int(self._place(sum(rooms_us)))
        before_us = list(accumulate(rooms_us))
        which = bisect_right(before_us, place_us)
        connected = spans[which][0]
        start_us = connected.at_us + place_us - (before_us[which] - rooms_us[which])
        end_us = start_us + stretch_us
        first = bisect_right(records, start_us, key=_at_us)
        last = bisect_left(records, end_us, key=_at_us)
        yield from records[:first]
        yield Disconnected(start_us, _ON_PURPOSE)
        yield from (record for record in records[first:last] if not isinstance(record, Packet))
        yield Connected(end_us, connected.setup)
        yield from records[last:]

    def _without_stretch(self, blocks: list[SampleBlock]) -> Iterator[SampleBlock]:
        blocks = [block for block in blocks if len(block)]
        # Between the first block and the last: before and after them it would not be seen.
        begin_s = float(blocks[0].t_s[-1]) if blocks else 0.0
        whole_s = float(blocks[-1].t_s[0]) - begin_s if blocks else 0.0
        start_s = begin_s + self._place(whole_s - self.disconnect_s)
        end_s = start_s + self.disconnect_s
        for block in blocks:
            if block.t_s[-1] <= start_s or block.t_s[0] >= end_s:
                yield block

    def _place(self, room: float) -> float:
        """Where in that room a disconnection begins."""
        if room <= 0:
            raise RecordingError(
                f"no connection lasts longer than {self.disconnect_s:g} s: "
                "ask for a shorter disconnection"
            )
        return float(self._rng(5).random()) * room

    def _rng(self, number: int) -> np.random.Generator:
        """Each fault has its own: more of one leaves the others where they are."""
        return np.random.default_rng((self.seed, number))


def _is_packet(record: Record) -> bool:
    return isinstance(record, Packet)


def _has_samples(block: SampleBlock) -> bool:
    return len(block) > 0


def _corrupted_packet(record: Record, rng: np.random.Generator) -> Record:
    if not isinstance(record, Packet) or not record.data:
        return record
    data = record.data
    if rng.random() < 0.5:
        data = data[: int(rng.integers(len(data)))]
    else:
        bits = 8 * len(data)
        flipped = rng.choice(bits, int(rng.integers(1, _MAX_FLIPPED_BITS + 1)), replace=False)
        mask = sum(1 << int(bit) for bit in flipped)
        data = (int.from_bytes(data, "big") ^ mask).to_bytes(len(data), "big")
    return Packet(record.at_us, record.channel, data)


def _corrupted_block(block: SampleBlock, rng: np.random.Generator) -> SampleBlock:
    """One value of one sample is absurd: from what a hard knock gives to what no sensor can."""
    acc = block.acc.copy()
    gyr = None if block.gyr is None else block.gyr.copy()
    hit = acc if gyr is None or rng.random() < 0.5 else gyr
    value = float(rng.choice((-1.0, 1.0))) * 10.0 ** rng.uniform(2.0, 6.0)
    hit[rng.integers(len(block)), rng.integers(3)] = value
    return SampleBlock(block.t_s, acc, gyr)


def _arrived_later(record: Record, overtaker: Record) -> Record:
    assert isinstance(record, Packet)
    return Packet(overtaker.at_us, record.channel, record.data)


def _as_it_is(block: SampleBlock, _overtaker: SampleBlock) -> SampleBlock:
    return block


def _at_us(record: Record) -> int:
    return record.at_us


def _connections(records: list[Record]) -> list[tuple[Connected, int]]:
    """Each connection, and when it was over or the last that is known of it, us."""
    spans: list[tuple[Connected, int]] = []
    connected: Connected | None = None
    for record in records:
        if connected and isinstance(record, Connected | Disconnected):
            spans.append((connected, record.at_us))
            connected = None
        if isinstance(record, Connected):
            connected = record
    if connected:
        spans.append((connected, records[-1].at_us))
    return spans
