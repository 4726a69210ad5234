"""Faults on purpose: as many as were asked for, the same each time, and nothing else touched."""

from collections import Counter
from collections.abc import Callable
from itertools import groupby, pairwise
from math import sqrt

import numpy as np
import pytest

from sensor.checks import RecordingError
from sensor.drivers import Setup
from sensor.faults import Faults
from sensor.records import Battery, Connected, Disconnected, End, Packet, Record, Tick
from sensor.samples import SampleBlock

SETUP = Setup("dot", "Movella DOT", 60.0, 16.0, 2000.0)
COUNT = 20_000
# So many standard deviations: a fault that is made as asked stays within them.
SIGMAS = 5.0


def packets(count: int = COUNT) -> list[Packet]:
    """One each 10 ms; the first bytes are its number."""
    rng = np.random.default_rng(1)
    return [
        Packet(10_000 * number, number % 2, number.to_bytes(4, "big") + rng.bytes(16))
        for number in range(count)
    ]


def session(*spans_s: tuple[float, float]) -> list[Record]:
    """A packet each 10 ms in each connection, ticks and a battery between."""
    records: list[Record] = []
    for begin_s, end_s in spans_s:
        begin_us, end_us = round(begin_s * 1e6), round(end_s * 1e6)
        setup = Setup("dot", f"from {begin_s:g}", 60.0, 16.0, 2000.0)
        records.append(Connected(begin_us, setup))
        for at_us in range(begin_us + 10_000, end_us, 10_000):
            records.append(Packet(at_us, 0, at_us.to_bytes(8, "big")))
            if at_us % 1_000_000 == 0:
                records.append(Battery(at_us, 50.0))
        records.append(Disconnected(end_us, "gone"))
        records.append(Tick(end_us + 1))
    return [*records, End(round(spans_s[-1][1] * 1e6) + 2)]


def blocks(count: int = COUNT, *, gyr: bool = True) -> list[SampleBlock]:
    rng = np.random.default_rng(2)
    made = []
    for number in range(count):
        t_s = number * 0.1 + np.arange(10) / 100
        acc = rng.normal(0.0, 1.0, (10, 3)) + 9.81
        made.append(SampleBlock(t_s, acc, rng.normal(0.0, 1.0, (10, 3)) if gyr else None))
    return made


def number_of(record: Record) -> int:
    assert isinstance(record, Packet)
    return int.from_bytes(record.data[:4], "big")


def number_of_block(block: SampleBlock) -> int:
    return round(float(block.t_s[0]) * 10)


def through(faults: Faults) -> list[int]:
    """Numbers of the packets that come through; the same for blocks."""
    numbers = [number_of(record) for record in faults.records(packets())]
    assert numbers == [number_of_block(block) for block in faults.blocks(blocks())]
    return numbers


def assert_share(hit: int, asked: float, deviation: float) -> None:
    """deviation: of a share of COUNT packets, if they are hit independently of each other."""
    assert abs(hit / COUNT - asked) < SIGMAS * deviation


def test_nothing_asked_for_changes_nothing() -> None:
    records = session((0, 5), (7, 12))
    assert list(Faults(seed=3).records(records)) == records
    given = blocks(50)
    assert list(Faults(seed=3).blocks(given)) == given


EVERYTHING = Faults(0.1, 3.0, 0.1, 0.1, 0.1, disconnect_s=2.0, seed=8)


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    records = session((0, 20), (22, 40))
    once = list(EVERYTHING.records(records))
    assert once == list(EVERYTHING.records(records))
    assert once != list(Faults(0.1, 3.0, 0.1, 0.1, 0.1, disconnect_s=2.0, seed=9).records(records))


def test_blocks_are_the_same_for_the_same_seed_and_are_not_changed_in_place() -> None:
    given = blocks(500)
    before = [(block.t_s.copy(), block.acc.copy()) for block in given]
    first, second = (list(EVERYTHING.blocks(given)) for _ in range(2))
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.t_s, other.t_s)
        assert np.array_equal(one.acc, other.acc)
    for block, (t_s, acc) in zip(given, before, strict=True):
        assert np.array_equal(block.t_s, t_s)
        assert np.array_equal(block.acc, acc)


def test_only_packets_are_hit() -> None:
    records = session((0, 20), (22, 40))
    for faults in (Faults(drop=1.0), Faults(0.3, 5.0, 0.5, 0.4, 0.5)):
        others = [one for one in faults.records(records) if not isinstance(one, Packet)]
        assert others == [one for one in records if not isinstance(one, Packet)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("drop", "burst"), [(0.0, 1), (0.02, 1), (0.02, 20), (0.3, 1), (0.3, 5), (0.5, 1), (0.5, 50)]
)
def test_packets_are_lost_as_asked_and_in_bursts(drop: float, burst: float, seed: int) -> None:
    left = through(Faults(drop=drop, burst=burst, seed=seed))
    assert left == sorted(set(left))
    lost = COUNT - len(left)
    # The share of a chain of two states that remembers `memory` of its last state.
    memory = 1 - 1 / burst - drop / (burst * (1 - drop))
    deviation = sqrt(drop * (1 - drop) / COUNT * (1 + memory) / (1 - memory))
    assert_share(lost, drop, max(deviation, 2 / COUNT))
    kept = set(left)
    runs = [len(list(run)) for here, run in groupby(range(COUNT), kept.__contains__) if not here]
    if runs:
        # Lengths are geometric: their deviation is sqrt(burst * (burst - 1)).
        deviation = sqrt(burst * (burst - 1) / len(runs))
        assert abs(np.mean(runs) - burst) <= SIGMAS * deviation


def test_where_more_are_lost_than_single_ones_bursts_are_longer() -> None:
    left = through(Faults(drop=0.8, seed=1))
    # 0.8 / 0.2: each that comes through stands alone between bursts of 4.
    assert_share(COUNT - len(left), 0.8, sqrt(0.8 * 0.2 / COUNT * 9))
    assert all(after - before > 1 for before, after in pairwise(left))
    assert through(Faults(drop=1.0)) == []


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 1.0])
def test_packets_come_twice_as_asked(share: float) -> None:
    numbers = through(Faults(duplicate=share, seed=5))
    assert numbers == sorted(numbers)
    counts = Counter(numbers)
    assert set(counts) == set(range(COUNT))
    assert max(counts.values()) <= 2
    assert_share(len(numbers) - COUNT, share, sqrt(share * (1 - share) / COUNT) + 1e-9)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.5])
def test_packets_are_overtaken_as_asked(share: float) -> None:
    numbers = through(Faults(reorder=share, seed=6))
    assert sorted(numbers) == list(range(COUNT))
    assert all(abs(number - place) <= 1 for place, number in enumerate(numbers))
    late = sum(number < place for place, number in enumerate(numbers))
    # A packet that overtakes is not overtaken: that spreads less than independent ones do.
    assert_share(late, share, sqrt(share * (1 - share) / COUNT) + 1e-9)


def test_a_packet_that_was_overtaken_comes_later_than_it_would() -> None:
    found = list(Faults(reorder=0.5, seed=6).records(packets(100)))
    times = [record.at_us for record in found]
    assert times == sorted(times)
    assert [number_of(record) for record in found] != list(range(100))


def test_no_packet_changes_places_across_a_disconnection() -> None:
    records = session(*((number, number + 0.03) for number in range(200)))
    found = list(Faults(reorder=0.3, seed=7).records(records))
    assert found != records
    for (told, one), (asked, other) in zip(_connections(found), _connections(records), strict=True):
        assert told == asked
        assert sorted(one) == sorted(other)


def _connections(records: list[Record]) -> list[tuple[str, list[bytes]]]:
    """Model and packets of each connection, and packets after it, where none belong."""
    found: list[tuple[str, list[bytes]]] = []
    for record in records:
        if isinstance(record, Connected | Disconnected):
            found.append((record.setup.model if isinstance(record, Connected) else "", []))
        elif isinstance(record, Packet):
            found[-1][1].append(record.data)
    return found


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 1.0])
def test_packets_are_spoilt_as_asked(share: float) -> None:
    given = packets()
    found = list(Faults(corrupt=share, seed=9).records(given))
    hit = [(one, was) for one, was in zip(found, given, strict=True) if one != was]
    assert_share(len(hit), share, sqrt(share * (1 - share) / COUNT) + 1e-9)
    shorter = 0
    for one, was in hit:
        assert isinstance(one, Packet)
        assert (one.at_us, one.channel) == (was.at_us, was.channel)
        if len(one.data) < len(was.data):
            shorter += 1
            assert was.data.startswith(one.data)
        else:
            assert len(one.data) == len(was.data)
            pairs = zip(one.data, was.data, strict=True)
            assert 1 <= sum((here ^ there).bit_count() for here, there in pairs) <= 8
    assert abs(shorter - len(hit) / 2) <= SIGMAS * sqrt(len(hit)) / 2


@pytest.mark.parametrize("gyr", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_one_value_of_a_spoilt_block_is_absurd(share: float, gyr: bool) -> None:
    given = blocks(gyr=gyr)
    hit = 0
    for one, was in zip(Faults(corrupt=share, seed=9).blocks(given), given, strict=True):
        assert np.array_equal(one.t_s, was.t_s)
        changed = one.acc[one.acc != was.acc]
        if one.gyr is not None and was.gyr is not None:
            changed = np.concatenate((changed, one.gyr[one.gyr != was.gyr]))
        assert (one.gyr is not None) == gyr
        assert len(changed) <= 1
        assert (np.abs(changed) >= 100).all()
        hit += len(changed)
    assert_share(hit, share, sqrt(share * (1 - share) / COUNT) + 1e-9)


def test_an_empty_packet_cannot_be_spoilt() -> None:
    empty = [Packet(1, 0, b""), Packet(2, 0, b"")]
    assert list(Faults(corrupt=1.0).records(empty)) == empty
    found = list(Faults(corrupt=1.0).records([Packet(1, 0, b"\0")] * 50))
    assert all(isinstance(one, Packet) and one.data != b"\0" for one in found)


@pytest.mark.parametrize("seed", range(20))
def test_a_disconnection_is_as_a_session_would_have_it(seed: int) -> None:
    records = session((0, 10), (12, 14), (15, 30))
    found = list(Faults(disconnect_s=3.0, seed=seed).records(records))
    known, left = ({(type(one), one.at_us) for one in some} for some in (records, found))
    gone, back = (one for one in found if (type(one), one.at_us) not in known)
    assert isinstance(gone, Disconnected)
    assert isinstance(back, Connected)
    assert back.at_us - gone.at_us == 3_000_000
    # Within one connection that is long enough, and with its setup.
    begin_us, end_us = (0, 10_000_000) if back.setup.model == "from 0" else (15_000_000, 30_000_000)
    assert begin_us <= gone.at_us
    assert back.at_us <= end_us
    missing = [one for one in records if (type(one), one.at_us) not in left]
    assert missing == [
        one for one in records if isinstance(one, Packet) and gone.at_us < one.at_us < back.at_us
    ]
    assert missing
    assert [one.at_us for one in found] == sorted(one.at_us for one in found)


def test_disconnections_are_found_everywhere() -> None:
    records = session((0, 10), (20, 40))
    places = []
    for seed in range(200):
        found = Faults(disconnect_s=2.0, seed=seed).records(records)
        places += [one.at_us for one in found if isinstance(one, Disconnected)][:1]
    # The first connection has 8 of 26 s of room.
    first = sum(at_us < 10_000_000 for at_us in places)
    assert abs(first / 200 - 8 / 26) < SIGMAS * sqrt(8 / 26 * 18 / 26 / 200)
    assert min(places) < 1_000_000


def test_blocks_have_a_gap_of_at_least_that_length_at_different_places() -> None:
    given = blocks(300)
    places = set()
    for seed in range(20):
        found = list(Faults(disconnect_s=4.0, seed=seed).blocks(given))
        gaps = [
            (float(here.t_s[-1]), float(there.t_s[0] - here.t_s[-1]))
            for here, there in pairwise(found)
            if there.t_s[0] - here.t_s[-1] > 0.05
        ]
        ((place, gap_s),) = gaps
        assert 4.0 <= gap_s < 4.25
        places.add(place)
    assert len(places) > 15


@pytest.mark.parametrize(
    "attempt",
    [
        lambda faults: list(faults.records(session((0, 5), (6, 11)))),
        lambda faults: list(faults.records(packets(10_000))),
        lambda faults: list(faults.records([])),
        lambda faults: list(faults.blocks(blocks(50))),
        lambda faults: list(faults.blocks([])),
    ],
    ids=["short connections", "no connection", "nothing", "short", "no blocks"],
)
def test_a_disconnection_needs_room(attempt: Callable[[Faults], object]) -> None:
    with pytest.raises(RecordingError, match="longer than 8 s: ask for a shorter disconnection"):
        attempt(Faults(disconnect_s=8.0))


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ({"drop": -0.1}, "drop is -0.1: it must be from 0 to 1"),
        ({"drop": 1.1}, "drop is 1.1"),
        ({"drop": float("nan")}, "drop is nan"),
        ({"burst": 0.5}, "burst is 0.5: it must be at least 1"),
        ({"burst": float("inf")}, "burst is inf"),
        ({"duplicate": 2.0}, "duplicate is 2"),
        ({"reorder": 0.6}, "reorder is 0.6: it must be from 0 to 0.5"),
        ({"corrupt": 5.0}, "corrupt is 5"),
        ({"disconnect_s": -1.0}, "disconnect_s is -1.0: it must be at least 0"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_is_refused(faults: dict[str, float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Faults(**faults)  # type: ignore[arg-type]
