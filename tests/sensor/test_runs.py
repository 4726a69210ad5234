"""Packets taken many at once: samples, times and counts are those of one by one, bit for bit."""

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor import drivers
from sensor.clock import ArrivalClock, DeviceClock
from sensor.faults import Faults
from sensor.ordering import Ordering
from sensor.raw import open_raw
from sensor.raw_recording import RawRecording
from sensor.records import Battery, Connected, Disconnected, End, Note, Packet, Record, Tick
from sensor.samples import Floats, SampleBlock, joined
from sensor.simulator import SessionSpec, SetPlan
from sensor.simulator.packets import model_session
from sensor.stream import Stream
from tests.sensor.raw_recordings import written

RECORDINGS = Path(__file__).parents[1] / "recordings"
PACKETS = 120
every_driver = pytest.mark.parametrize("name", drivers.names())

Known = tuple[bytes, bytes, bytes, Counter[str], int | None, int, float | None, float | None, int]


@cache
def session(name: str) -> tuple[Record, ...]:
    """A setup, and the packets after it."""
    spec = SessionSpec(sets=(SetPlan(reps=1),), around=False, seed=4)
    return tuple(model_session(name, spec)[1][: PACKETS + 1])


def known(stream: Stream, blocks: list[SampleBlock]) -> Known:
    """All that a stream gave out and counted."""
    block = joined([one for one in blocks if len(one)] or blocks[:1])
    return (
        block.t_s.tobytes(),
        block.acc.tobytes(),
        b"" if block.gyr is None else block.gyr.tobytes(),
        stream.skipped,
        stream.lost,
        stream.duplicates,
        stream.rate_hz,
        stream.battery_pct,
        stream.samples,
    )


def one_by_one(records: list[Record]) -> Known:
    stream = Stream()
    return known(stream, [stream.take(record) for record in records])


def in_runs(records: list[Record], sizes: list[int]) -> Known:
    """The same, but packets in a row as so many at once, over and over."""
    stream = Stream()
    blocks: list[SampleBlock] = []
    row: list[Packet] = []
    turn = 0
    for record in records:
        if not isinstance(record, Packet) or len(row) == sizes[turn % len(sizes)]:
            blocks += [stream.take_all(row)] if row else []
            row, turn = [], turn + 1
        if isinstance(record, Packet):
            row.append(record)
        else:
            blocks.append(stream.take(record))
    return known(stream, [*blocks, stream.take_all(row)] if row else blocks)


def interrupted(records: list[Record], places: list[tuple[int, int]]) -> list[Record]:
    """Other records among the packets. places: after which of them, and what."""
    found = list(records)
    setup = records[0]
    assert isinstance(setup, Connected)
    for wanted, what in sorted(places, reverse=True):
        place = min(wanted, len(records) - 1)  # where packets are long, there are fewer
        at_us = records[place].at_us
        other: list[list[Record]] = [
            [Tick(at_us)],
            [Note(at_us, "end_set", "{}")],
            [Battery(at_us, 50.0)],
            [Disconnected(at_us, "gone"), Connected(at_us, setup.setup)],
            [Connected(at_us, replace(setup.setup, rate_hz=setup.setup.rate_hz / 2))],
        ]
        found[place + 1 : place + 1] = other[what]
    return found


shares = st.sampled_from([0.0, 0.01, 0.1])
faults = st.builds(
    Faults,
    drop=shares,
    duplicate=shares,
    reorder=shares,
    corrupt=st.sampled_from([0.0, 0.01, 0.3]),
    seed=st.integers(0, 99),
)
run_sizes = st.lists(st.integers(1, 80), min_size=1, max_size=5)


@every_driver
@given(
    faults,
    run_sizes,
    st.lists(st.tuples(st.integers(0, PACKETS), st.integers(0, 4)), max_size=4),
)
def test_what_befell_the_packets_a_run_of_them_gives_the_same(
    name: str, faults: Faults, sizes: list[int], places: list[tuple[int, int]]
) -> None:
    records = list(faults.records(interrupted(list(session(name)), places)))
    assert in_runs(records, sizes) == one_by_one(records)


@every_driver
@given(
    st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=60)), max_size=12),
    st.integers(1, PACKETS),
    run_sizes,
)
def test_any_bytes_among_them_give_the_same(
    name: str, junk: list[tuple[int, bytes]], place: int, sizes: list[int]
) -> None:
    records = list(session(name))
    place = min(place, len(records) - 1)
    at_us = records[place].at_us
    records[place:place] = [Packet(at_us, *one) for one in junk]
    assert in_runs(records, sizes) == one_by_one(records)


@given(st.lists(st.integers(1, 39), min_size=30, max_size=100), run_sizes)
def test_a_byte_stream_that_is_cut_anywhere_gives_the_same(
    cuts: list[int], sizes: list[int]
) -> None:
    setup, *packets = session("witmotion")
    whole = b"".join(one.data for one in packets if isinstance(one, Packet))
    ends = np.cumsum([0, *cuts]).tolist()
    records: list[Record] = [setup]
    for k, (start, stop) in enumerate(pairwise(ends)):
        records.append(Packet(10_000 * k, 0, whole[start:stop]))
    assert in_runs(records, sizes) == one_by_one(records)


@every_driver
def test_ordinary_packets_are_taken_at_once_where_that_is_offered(name: str) -> None:
    setup, *packets = session(name)
    assert isinstance(setup, Connected)
    data = [one.data for one in packets[3:] if isinstance(one, Packet)]  # replies may come first
    single, many = (drivers.load(name).decoder(setup.setup) for _ in range(2))
    if not isinstance(many, drivers.BulkDecoder):
        return
    found = many.feed_all(data)
    assert found is not None
    batch, counts = found
    expected = [one for packet in data for one in single.feed(0, packet)]
    assert counts == [len(one) for one in expected]
    for part in ("acc", "gyr", "device_s"):
        parts = [value for one in expected if (value := getattr(one, part)) is not None]
        taken = getattr(batch, part)
        assert np.array_equal(taken, np.concatenate(parts)) if parts else taken is None


def test_before_a_setup_each_packet_is_counted() -> None:
    stream = Stream()
    assert len(stream.take_all([Packet(k, 0, b"\1") for k in range(5)])) == 0
    assert stream.skipped.total() == 5


@every_driver
@pytest.mark.parametrize("faults", [None, Faults(0.02, 2.0, 0.02, 0.02, 0.02, 1.5, 3)])
def test_a_recording_in_blocks_holds_the_same(name: str, faults: Faults | None) -> None:
    def read(samples: int) -> tuple[Known, Counter[str], list[float]]:
        with RawRecording(open_raw(RECORDINGS / f"{name}.hiprec.gz"), faults) as recording:
            moments = list(recording.moments(samples))
            ticks = [one.at_s for one in moments if one.tick]
            found = known(recording.stream, [one.block for one in moments])
            return found, recording.skipped, ticks

    assert read(1) == read(1000) == read(100)


def test_ticks_notes_and_ends_cut_a_run(tmp_path: Path) -> None:
    records = [*interrupted(list(session("thingy52")), [(30, 0), (31, 0), (60, 1)]), End(10**8)]
    path = written(tmp_path / "a.hiprec", records).close()
    with RawRecording(open_raw(path)) as recording:
        found = list(recording.moments(10**6))
    # The first tick brings nothing that waited, and so it is told as one.
    kinds = [len(one.block) or one.order or ("tick" if one.tick else "end") for one in found]
    assert kinds == [30, "tick", 1, "tick", 29, "end_set", PACKETS - 60, "end"]


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from([0.0, 0.01, 0.05, 1.0, 7.0]))),
    st.integers(1, 40),
)
def test_arrivals_at_once_have_the_same_times(steps: list[tuple[int, float]], size: int) -> None:
    counts = [count for count, _ in steps]
    at_s = np.cumsum([step_s for _, step_s in steps]).tolist()
    single, many = ArrivalClock(100.0), ArrivalClock(100.0)
    for start in range(0, len(steps), size):
        part = slice(start, start + size)
        expected: list[Floats] = [
            single.times([count], [at]) for count, at in zip(counts[part], at_s[part], strict=True)
        ]
        assert np.array_equal(many.times(counts[part], at_s[part]), np.concatenate(expected))
    assert single.rate_hz == many.rate_hz


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from([0.05, 0.05, 0.05, -2.0, 3.0, 900.0])),
        min_size=1,
    )
)
def test_packets_with_a_time_at_once_have_the_same_times(steps: list[tuple[int, float]]) -> None:
    counts = [count for count, _ in steps]
    begins_s = np.cumsum([step_s for _, step_s in steps])
    times_s = [begin + 0.01 * np.arange(n) for n, begin in zip(counts, begins_s, strict=True)]
    at_s = (5.0 + 0.05 * np.arange(len(counts))).tolist()
    single = DeviceClock()
    expected = [
        single.times(*one)
        for one in zip(times_s, [[n] for n in counts], [[at] for at in at_s], strict=True)
    ]
    found = DeviceClock().times(np.concatenate(times_s), counts, at_s)
    assert np.array_equal(found, np.concatenate(expected))


@given(st.lists(st.sampled_from([1, 1, 1, 2, -1, 0, -3, 200, 2000, -1999]), max_size=120))
def test_what_just_follows_on_is_what_is_given_out_as_it_is(steps: list[int]) -> None:
    asked, added = Ordering(100.0), Ordering(100.0)
    for number in np.cumsum([0, *steps]).tolist():
        batch = drivers.Batch(np.ones((1, 3)), np.ones((1, 3)), np.array([number / 100.0]))
        plain = asked.plain(number / 100.0, number / 100.0, 1)
        found = added.add(batch)
        if plain:
            assert found == [batch]
        else:
            assert len(asked.add(batch)) == len(found)
        assert (asked.lost, asked.duplicates, asked.rate_hz, asked.skipped) == (
            added.lost,
            added.duplicates,
            added.rate_hz,
            added.skipped,
        )
