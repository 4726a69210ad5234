"""Two streams of packets without time, paired by counting."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.pairs import ACC, GYR, Pairs
from sensor.samples import Floats

RATE_HZ = 100.0
PACKET = 3
A_SECOND = 34  # packets of each stream
LONG = 200
REASON = {GYR: "accelerometer without gyroscope", ACC: "gyroscope without accelerometer"}

Packet = tuple[int, int]  # stream, number


def alternating(first: int, count: int = LONG) -> list[Packet]:
    return [(stream, k) for k in range(count) for stream in (first, 1 - first)]


def samples(number: int) -> Floats:
    """Every sample says which one of its stream it is."""
    return np.repeat(np.arange(PACKET * number, PACKET * (number + 1), dtype=float), 3).reshape(
        -1, 3
    )


def paired(packets: list[Packet], skipped: Counter[str]) -> tuple[Floats, Floats]:
    """Numbers of the accelerometer samples, and those of their partners."""
    pairs = Pairs(RATE_HZ, PACKET, skipped)
    found = [pair for stream, k in packets if (pair := pairs.add(stream, samples(k))) is not None]
    acc = np.concatenate([acc[:, 0] for acc, _ in found] or [np.empty(0)])
    gyr = np.concatenate([gyr[:, 0] for _, gyr in found] or [np.empty(0)])
    return acc, gyr


@pytest.mark.parametrize("first", [ACC, GYR])
def test_alternating_packets_are_paired_whole(first: int) -> None:
    skipped: Counter[str] = Counter()
    acc, gyr = paired(alternating(first), skipped)
    assert np.array_equal(acc, np.arange(LONG * PACKET))
    assert np.array_equal(gyr, acc)
    assert not skipped


@given(st.lists(st.integers(1, 4), min_size=1, max_size=60), st.sampled_from([ACC, GYR]))
def test_bursts_change_nothing(bursts: list[int], first: int) -> None:
    packets: list[Packet] = []
    at = 0
    while at < LONG:
        size = bursts[at % len(bursts)]
        for stream in (first, 1 - first):
            packets += [(stream, k) for k in range(at, at + size)]
        at += size
    # The first burst is no burst: there, what came before the other stream is dropped.
    packets = [(first, -1), (1 - first, -1), *packets]
    skipped: Counter[str] = Counter()
    acc, gyr = paired(packets, skipped)
    assert np.array_equal(acc, gyr)
    assert len(acc) == (at + 1) * PACKET
    assert not skipped


@pytest.mark.parametrize("first", [ACC, GYR])
@pytest.mark.parametrize("lost", [ACC, GYR])
@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_after_lost_packets_a_second_makes_the_pairs_true_again(
    first: int, lost: int, count: int
) -> None:
    at = 2 * A_SECOND
    gone = {(lost, k) for k in range(at, at + count)}
    skipped: Counter[str] = Counter()
    acc, gyr = paired([one for one in alternating(first) if one not in gone], skipped)
    assert skipped == {REASON[lost]: count}
    before, after = at * PACKET, (at + count + A_SECOND + 1) * PACKET
    good = acc == gyr
    assert good[acc < before].all()
    assert np.array_equal(acc[acc >= after], np.arange(after, LONG * PACKET))
    assert good[acc >= after].all()


@given(
    st.sets(st.tuples(st.sampled_from([ACC, GYR]), st.integers(0, 5 * A_SECOND)), max_size=40),
    st.sampled_from([ACC, GYR]),
)
def test_whatever_is_lost_the_pairs_come_within_a_packet(gone: set[Packet], first: int) -> None:
    packets = [one for one in alternating(first, 8 * A_SECOND) if one not in gone]
    acc, gyr = paired(packets, Counter())
    late = acc >= 7 * A_SECOND * PACKET
    assert late.any()
    assert (np.abs(acc - gyr)[late] <= PACKET).all()
    assert (np.diff(acc) > 0).all()
    assert (np.diff(gyr) > 0).all()


@pytest.mark.parametrize("first", [ACC, GYR])
@pytest.mark.parametrize("lost", [ACC, GYR])
@pytest.mark.parametrize("count", [A_SECOND + 1, 100])
def test_a_stream_that_pauses_is_joined_where_it_comes_again(
    first: int, lost: int, count: int
) -> None:
    at = 2 * A_SECOND
    gone = {(lost, k) for k in range(at, at + count)}
    skipped: Counter[str] = Counter()
    acc, gyr = paired([one for one in alternating(first) if one not in gone], skipped)
    assert np.array_equal(acc, gyr)
    assert len(acc) == (LONG - count) * PACKET
    assert skipped == {REASON[lost]: count}


@pytest.mark.parametrize("first", [ACC, GYR])
@pytest.mark.parametrize("alone", [1, 5, 30])
def test_the_stream_that_starts_first_waits_with_one_packet(first: int, alone: int) -> None:
    """What it sent before is no damage."""
    packets = [(first, k - alone) for k in range(alone)]
    skipped: Counter[str] = Counter()
    acc, gyr = paired(packets + alternating(1 - first), skipped)
    # The last packet before is the other's first partner: it came just before it.
    ahead = gyr - acc if first == ACC else acc - gyr
    assert (ahead == PACKET).all()
    assert len(acc) == LONG * PACKET
    assert not skipped


@pytest.mark.parametrize("only", [ACC, GYR])
def test_a_stream_alone_gives_nothing_and_never_more_than_a_second_of_it_waits(only: int) -> None:
    skipped: Counter[str] = Counter()
    packets = [(only, k) for k in range(1000)]
    acc, _ = paired(packets, skipped)
    assert len(acc) == 0
    assert list(skipped) == [REASON[1 - only]]
    assert 1000 - RATE_HZ / PACKET <= skipped[REASON[1 - only]] < 1000


def test_both_lost_together_change_no_pair() -> None:
    packets = [one for one in alternating(ACC) if not 80 <= one[1] < 120]
    skipped: Counter[str] = Counter()
    acc, gyr = paired(packets, skipped)
    assert np.array_equal(acc, gyr)
    assert len(acc) == (LONG - 40) * PACKET
    assert not skipped


def test_two_packets_the_other_way_round_now_and_then_are_no_loss() -> None:
    packets = alternating(ACC)
    for k in (20, 91, 92, 150):
        packets[2 * k : 2 * k + 2] = packets[2 * k : 2 * k + 2][::-1]
    skipped: Counter[str] = Counter()
    acc, gyr = paired(packets, skipped)
    assert np.array_equal(acc, np.arange(LONG * PACKET))
    assert np.array_equal(acc, gyr)
    assert not skipped


def test_the_other_order_for_less_than_a_second_is_no_loss() -> None:
    packets = alternating(ACC)
    for k in range(80, 105):
        packets[2 * k : 2 * k + 2] = packets[2 * k : 2 * k + 2][::-1]
    skipped: Counter[str] = Counter()
    acc, gyr = paired(packets, skipped)
    assert np.array_equal(acc, np.arange(LONG * PACKET))
    assert np.array_equal(acc, gyr)
    assert not skipped


@pytest.mark.parametrize("lost", [ACC, GYR])
def test_a_pause_at_the_start_spoils_no_later_one(lost: int) -> None:
    first = 1 - lost
    gone = {(lost, k) for k in (*range(10, 60), *range(120, 170))}
    skipped: Counter[str] = Counter()
    acc, gyr = paired([one for one in alternating(first) if one not in gone], skipped)
    assert np.array_equal(acc, gyr)
    assert len(acc) == (LONG - 100) * PACKET
    assert skipped == {REASON[lost]: 100}
