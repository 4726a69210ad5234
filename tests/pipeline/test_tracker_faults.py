"""Bad data is counted and reported, never raised; the counting goes on."""

from dataclasses import replace
from itertools import repeat

import numpy as np
import pytest

from pipeline.events import Gap, Rep
from sensor.samples import Floats, SampleBlock
from sensor.simulator import SessionSpec, SetPlan, Tempo, scenario
from tests.pipeline.moved import move, rep
from tests.pipeline.recorded import (
    counted,
    cut,
    errors,
    fed,
    final,
    lost,
    part,
    replayed,
    samples,
    set_sizes,
    sets,
    tracker,
    true_reps,
    true_sizes,
)

REPS = move(*rep(), *rep(), *rep(), *rep(), (3.0, 0.0, 0.0)).samples
NAN, INF = float("nan"), float("inf")


def inserted(block: SampleBlock, at: list[int], t_s: Floats, acc: Floats) -> SampleBlock:
    """The block with more samples in it, each before the index `at`."""
    assert block.gyr is not None
    gyr = np.insert(block.gyr, at, 0.0, axis=0)
    return SampleBlock(np.insert(block.t_s, at, t_s), np.insert(block.acc, at, acc, axis=0), gyr)


@pytest.mark.parametrize("size", [1, 10, 10_000])
@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_samples_that_are_not_finite_are_passed_over(bad: float, size: int) -> None:
    at = [3, 555, 556, 900]
    acc = np.tile([0.0, bad, 9.81], (4, 1))
    spoiled = inserted(REPS, at, REPS.t_s[at] - 0.005, acc)
    to = tracker()
    assert fed(to, cut(spoiled, repeat(size))) + to.finish() == replayed(REPS)
    assert to.dropped == 4


@pytest.mark.parametrize("size", [1, 10, 10_000])
@pytest.mark.parametrize("bad_s", [NAN, -INF, -5.0, 0.0])
def test_times_that_do_not_rise_are_passed_over(bad_s: float, size: int) -> None:
    at = [3, 555, 556, 900]
    spoiled = inserted(REPS, at, np.full(4, bad_s), np.zeros((4, 3)))
    to = tracker()
    assert fed(to, cut(spoiled, repeat(size))) + to.finish() == replayed(REPS)
    assert to.dropped == 4


@pytest.mark.parametrize("size", [1, 10, 10_000])
def test_a_time_without_end_is_passed_over(size: int) -> None:
    spoiled = inserted(REPS, [559, 560], np.full(2, INF), np.zeros((2, 3)))
    to = tracker()
    assert fed(to, cut(spoiled, repeat(size))) + to.finish() == replayed(REPS)
    assert to.dropped == 2


def test_infinities_that_cancel_are_not_finite_either() -> None:
    at = [40, 41]
    spoiled = inserted(REPS, at, REPS.t_s[at] - 0.005, np.array([[INF, 0, 0], [-INF, 0, 0]]))
    to = tracker()
    assert fed(to, [spoiled]) + to.finish() == replayed(REPS)
    assert to.dropped == 2


def test_an_angular_rate_that_is_not_finite_is_passed_over() -> None:
    assert REPS.gyr is not None
    gyr = REPS.gyr.copy()
    gyr[700] = NAN
    to = tracker()
    events = fed(to, cut(SampleBlock(REPS.t_s, REPS.acc, gyr), repeat(10))) + to.finish()
    assert to.dropped == 1
    assert set_sizes(events) == [4]


def test_repeated_samples_and_packets_change_nothing() -> None:
    to = tracker()
    events = []
    for k, block in enumerate(cut(REPS, repeat(10))):
        events += to.feed(block)
        if k % 7 == 0:
            assert to.feed(block) == []
    assert events + to.finish() == replayed(REPS)
    assert to.dropped == 10 * len(range(0, len(REPS) // 10, 7))


def test_a_packet_that_comes_too_late_changes_nothing() -> None:
    blocks = list(cut(REPS, repeat(10)))
    blocks[56], blocks[57] = blocks[57], blocks[56]
    to = tracker()
    without_it = lost(REPS, (5.595, 5.695))
    assert fed(to, blocks) + to.finish() == replayed(without_it)
    assert to.dropped == 10


def test_empty_blocks_and_blocks_of_bad_samples_are_harmless() -> None:
    to = tracker()
    assert to.feed(part(REPS, 0, 0)) == []
    assert to.feed(SampleBlock(np.array([NAN]), np.zeros((1, 3)), np.zeros((1, 3)))) == []
    assert to.dropped == 1
    assert to.tick(5.0) == []
    assert fed(to, [REPS]) + to.finish() == replayed(REPS)


def test_a_clock_that_counts_from_1970_gives_the_same_reps() -> None:
    expected = counted(replayed(REPS))
    later = SampleBlock(REPS.t_s + 1.7e9, REPS.acc, REPS.gyr)
    found = counted(replayed(later, size=10))
    assert [one.rep for one in found] == [1, 2, 3, 4]
    for one, other in zip(found, expected, strict=True):
        assert one.concentric_end_s - 1.7e9 == pytest.approx(other.concentric_end_s, abs=0.005)


def test_absurd_values_raise_nothing() -> None:
    acc = REPS.acc.copy()
    acc[300:302] = 1.5e308
    to = tracker()
    fed(to, cut(SampleBlock(REPS.t_s, acc, REPS.gyr), repeat(10)))
    to.finish()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("gyro", [True, False])
def test_zeros_while_the_sensor_wakes_cost_no_rep(gyro: bool) -> None:
    acc = REPS.acc.copy()
    acc[:30] = 0.0
    block = SampleBlock(REPS.t_s, acc, REPS.gyr if gyro else None)
    found = replayed(block, size=10)
    assert [one.rep for one in counted(found)] == [1, 2, 3, 4]
    assert [one.id for one in found if isinstance(one, Rep)] == [
        one.id for one in replayed(replace(block, acc=REPS.acc), size=10) if isinstance(one, Rep)
    ]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("gyro", [True, False])
def test_a_sensor_that_sends_only_zeros_gives_no_rep(gyro: bool) -> None:
    zeros = np.zeros_like(REPS.acc)
    block = SampleBlock(REPS.t_s, zeros, zeros if gyro else None)
    assert final(replayed(block, size=10)) == []


def test_given_blocks_are_not_changed() -> None:
    given = part(REPS, 0, len(REPS))
    replayed(REPS)
    assert (given.t_s == REPS.t_s).all()
    assert (given.acc == REPS.acc).all()


GOOD = SessionSpec(sets=(SetPlan(6, tempo=Tempo(1.2, 0.6, 0.9, 1.2)),), loss_pct=0.0, seed=71)


def broken(at_s: float, length_s: float, spec: SessionSpec = GOOD) -> SessionSpec:
    return replace(spec, disconnect=(at_s, length_s))


@pytest.mark.parametrize("place", ["concentric_start_s", "concentric_end_s", "eccentric_start_s"])
@pytest.mark.parametrize("length_s", [0.2, 0.4])
def test_a_short_gap_anywhere_costs_no_rep(place: str, length_s: float) -> None:
    spec = broken(true_reps(GOOD)[2][place] + 0.1, length_s)
    events = replayed(samples(spec))
    assert set_sizes(events) == [6]
    assert not any(isinstance(event, Gap) for event in events)
    near = counted(events)[2]
    assert near.rom_deg == pytest.approx(true_reps(GOOD)[2]["rom_deg"], abs=3.0)


@pytest.mark.parametrize("length_s", [5.0, 20.0, 50.0])
def test_a_lost_connection_keeps_the_set_open(length_s: float) -> None:
    """The recording is cut, not the movement: a rest in it is as long as the gap."""
    truth = true_reps(GOOD)
    at_s = truth[2]["end_s"] + 0.2
    plain = samples(GOOD)
    later = part(plain, int(np.searchsorted(plain.t_s, at_s)), len(plain))
    shifted = SampleBlock(later.t_s + length_s, later.acc, later.gyr)
    to = tracker(set_timeout_s=60.0)
    first = part(plain, 0, int(np.searchsorted(plain.t_s, at_s)))
    events = fed(to, [first, shifted]) + to.finish()
    assert set_sizes(events) == [6]
    (gap,) = [event for event in events if isinstance(event, Gap)]
    assert gap.end_s - gap.start_s == pytest.approx(length_s, abs=0.02)


@pytest.mark.parametrize("moment", [0.1, 0.5, 1.0, 2.0])
def test_five_seconds_without_data_inside_a_set_do_not_end_it(moment: float) -> None:
    truth = true_reps(GOOD)
    start_s = truth[2]["start_s"] + moment
    events = replayed(samples(broken(start_s, 5.0)))
    inside = [rep for rep in truth if rep["end_s"] > start_s and rep["start_s"] < start_s + 5.0]
    assert len(sets(events)) == 1
    assert 6 - len(inside) <= sets(events)[0].reps <= 6
    whole = [rep for rep in truth if rep not in inside]
    close = [
        found
        for found in counted(events)
        for rep in whole
        if abs(found.concentric_start_s - rep["concentric_start_s"]) < 0.15
    ]
    assert len(close) == len(whole), "every rep that was measured is counted"


def test_a_gap_of_more_than_a_minute_ends_the_set() -> None:
    to = tracker()
    later = SampleBlock(REPS.t_s + 90.0, REPS.acc, REPS.gyr)
    events = fed(to, [REPS, later]) + to.finish()
    assert set_sizes(events) == [4, 4]
    assert sum(isinstance(event, Gap) for event in events) == 1


@pytest.mark.parametrize("loss_pct", [2.0, 5.0, 10.0])
def test_lost_packets_cost_no_rep(loss_pct: float) -> None:
    for seed in (72, 73):
        spec = replace(scenario(seed, "standard"), loss_pct=loss_pct)
        events = replayed(samples(spec))
        assert set_sizes(events) == true_sizes(spec)
        assert np.abs(errors(counted(events), true_reps(spec), "rom_deg")).mean() < 2.0


def test_where_data_is_missing_confidence_is_less() -> None:
    start_s = true_reps(GOOD)[2]["concentric_end_s"] + 0.2
    found = final(replayed(samples(broken(start_s, 0.8))))
    assert len(found) == 6
    assert found[2].confidence < min(one.confidence for k, one in enumerate(found) if k != 2)


def test_a_gap_in_every_place_raises_nothing() -> None:
    whole = samples(GOOD)
    first_s, last_s = true_reps(GOOD)[1]["start_s"], true_reps(GOOD)[2]["end_s"]
    for at_s in np.arange(first_s - 1.0, last_s, 0.25):
        for length_s in (0.7, 1.6, 4.0):
            replayed(lost(whole, (float(at_s), float(at_s) + length_s)))
