"""What makes a set, what counts in it, and what was wrong with a rep."""

from dataclasses import replace

import pytest

from pipeline.events import Rep, RepWithdrawn
from sensor.samples import SampleBlock
from sensor.simulator import SessionSpec, SetPlan, Tempo, confounders, scenario
from tests.pipeline.moved import DOWN, UP, move, rep
from tests.pipeline.recorded import (
    counted,
    final,
    live,
    replayed,
    samples,
    set_sizes,
    sets,
    true_sizes,
)

Steps = list[tuple[float, float, float]]
REST = (3.0, 0.0, 0.0)


def lifted(*parts: Steps) -> SampleBlock:
    return move(*(step for one in parts for step in one), REST).samples


def still(seconds: float) -> Steps:
    return [(seconds, 0.0, 0.0)]


def share(of: float, top_s: float = 0.2) -> Steps:
    """A way up that ends at this share of the rep's range."""
    to = (of * UP[1], of * UP[2])
    return [(0.6, *to), (top_s, *to), (0.8, 0.0, 0.0), (0.5, 0.0, 0.0)]


@pytest.mark.parametrize(
    ("rest_s", "timeout_s", "expected"),
    [
        (12.0, 15.0, [4]),
        (20.0, 15.0, [2, 2]),
        (7.0, 5.0, [2, 2]),
        (30.0, 40.0, [4]),
    ],
)
def test_a_rest_longer_than_the_timeout_ends_the_set(
    rest_s: float, timeout_s: float, expected: list[int]
) -> None:
    block = lifted(rep(), rep(), still(rest_s), rep(), rep())
    assert set_sizes(replayed(block, set_timeout_s=timeout_s)) == expected


def test_a_pause_of_12_s_at_the_bottom_of_every_rep_ends_no_set() -> None:
    block = lifted(*[rep(bottom_s=12.0)] * 4)
    assert set_sizes(replayed(block)) == [4]
    pauses = [one.bottom_pause_s for one in counted(replayed(block))[:-1]]
    assert pauses == [pytest.approx(12.07, abs=0.05)] * 3


@pytest.mark.parametrize("hold_s", [16.0, 30.0, 90.0])
def test_a_hold_is_no_rest_however_long(hold_s: float) -> None:
    events = replayed(lifted(rep(), rep(hold_s), rep()))
    assert set_sizes(events) == [3]
    assert counted(events)[1].top_pause_s == pytest.approx(hold_s + 0.07, abs=0.05)


def test_a_model_lifter_s_long_hold_at_the_end_belongs_to_the_set() -> None:
    plan = SetPlan(5, "paused", tempo=Tempo(2.0, 0.5, 1.0, 3.0), last_hold_s=30.0)
    for seed in range(3):
        events = replayed(samples(SessionSpec(sets=(plan,), seed=seed)))
        assert set_sizes(events) == [5]
        assert counted(events)[-1].top_pause_s == pytest.approx(30.0, rel=0.3)


def test_min_reps_decides_what_is_a_set() -> None:
    two, three = (lifted(*[rep()] * count, still(18.0)) for count in (2, 3))
    for block, min_reps, expected in (
        (two, 2, [2]),
        (two, 3, []),
        (three, 3, [3]),
        (lifted(rep(), still(18.0), rep(), rep()), 1, [1, 2]),
        (lifted(rep(), still(18.0), rep(), rep()), 2, [2]),
    ):
        events = replayed(block, min_reps=min_reps)
        assert set_sizes(events) == expected
        assert len(final(events)) == sum(expected), "the others are taken back"


def test_partial_reps_are_reported_and_not_counted() -> None:
    block = lifted(rep(), rep(), share(0.45), rep(), share(0.5), rep())
    events = replayed(block)
    assert [one.rep for one in final(events)] == [1, 2, None, 3, None, 4]
    assert [one.partial for one in final(events)] == [one.rep is None for one in final(events)]
    (summary,) = sets(events)
    assert (summary.reps, summary.partials) == (4, 2)
    assert summary.rom_deg == pytest.approx(55.0, abs=0.5)
    partial = final(events)[2]
    assert partial.velocity_loss_pct is None
    assert partial.rom_deg == pytest.approx(0.45 * 55.0, abs=1.0)


def test_live_numbers_pass_over_partial_reps_too() -> None:
    events = [event for _, event in live(lifted(rep(), rep(), share(0.45), rep(), rep()))]
    first = [event for event in events if isinstance(event, Rep) and event.revision == 0]
    assert [one.rep for one in first] == [1, 2, None, 3, 4]


def test_from_60_percent_on_a_rep_counts() -> None:
    events = replayed(lifted(rep(), rep(), share(0.7), rep(), rep()))
    assert set_sizes(events) == [5]
    assert [one.faults for one in final(events)] == [(), (), ("short_lockout",), (), ()]


def test_bumps_before_between_and_after_are_nothing() -> None:
    bump = share(0.22)
    events = replayed(lifted(bump, bump, rep(), rep(), bump, rep(), rep(), bump))
    assert [one.rep for one in final(events)] == [1, 2, 3, 4]
    assert final(events)[0].start_s > 4.0 + 2 * 2.1


ARCH: Steps = [UP, (0.5, *UP[1:]), (0.4, 43.0, 0.33), (0.8, 43.0, 0.33), DOWN, (0.5, 0.0, 0.0)]
SAG: Steps = [UP, (0.4, *UP[1:]), (1.5, 49.0, 0.29), (0.1, 49.0, 0.29), DOWN, (0.5, 0.0, 0.0)]
SHORT: Steps = [(0.8, 46.0, 0.28), (0.5, 46.0, 0.28), DOWN, (0.5, 0.0, 0.0)]
SLIGHT: Steps = [UP, (0.5, *UP[1:]), (0.4, 52.0, 0.33), (0.8, 52.0, 0.33), DOWN, (0.5, 0.0, 0.0)]


@pytest.mark.parametrize(
    ("wrong", "name"), [(ARCH, "over_arch"), (SAG, "sag"), (SHORT, "short_lockout")]
)
def test_a_fault_is_named_and_good_reps_have_none(wrong: Steps, name: str) -> None:
    events = replayed(lifted(rep(), rep(1.0), rep(), wrong, rep()))
    assert [one.faults for one in final(events)] == [(), (), (), (name,), ()]
    assert sets(events)[0].faults == {name: 1}


def test_what_is_too_small_is_no_fault() -> None:
    nearly: Steps = [(0.8, 52.0, 0.31), (0.5, 52.0, 0.31), DOWN, (0.5, 0.0, 0.0)]
    events = replayed(lifted(rep(), rep(), SLIGHT, nearly, rep()))
    assert [one.faults for one in final(events)] == [()] * 5


def test_an_over_arch_belongs_to_the_top_pause() -> None:
    arched = final(replayed(lifted(rep(), rep(), ARCH, rep())))[2]
    assert arched.concentric_end_s == pytest.approx(4.0 + 6.0 + 0.77, abs=0.03)
    assert arched.eccentric_start_s == pytest.approx(4.0 + 6.0 + 2.5, abs=0.08)
    assert arched.rom_deg == pytest.approx(55.0, abs=0.5)


def test_a_stall_on_the_way_up_splits_no_rep() -> None:
    stalled: Steps = [(0.7, 30.0, 0.18), (0.8, 30.0, 0.18), (0.7, *UP[1:]), *rep()[1:]]
    events = replayed(lifted(rep(), rep(), stalled, rep()))
    assert [one.rep for one in final(events)] == [1, 2, 3, 4]
    assert final(events)[2].concentric_s == pytest.approx(2.15, abs=0.1)


LYING = ("hip_thrust", "single_leg_hip_thrust", "glute_bridge")


@pytest.mark.parametrize("exercise", LYING)
@pytest.mark.parametrize("variant", ["standard", "single_leg"])
def test_lying_lifts_do_not_reject_each_other(variant: str, exercise: str) -> None:
    spec = scenario(51, variant)
    assert set_sizes(replayed(samples(spec), exercise)) == true_sizes(spec)


@pytest.mark.parametrize("lifted_as", ["squat", "deadlift", "lunge"])
@pytest.mark.parametrize("seed", [52, 53])
def test_a_standing_lift_is_no_lying_one(seed: int, lifted_as: str) -> None:
    block = samples(scenario(seed, "standard", exercise=lifted_as))
    assert final(replayed(block, lifted_as))
    for exercise in LYING:
        assert final(replayed(block, exercise)) == []


@pytest.mark.parametrize("replayed_as", ["squat", "deadlift", "lunge"])
@pytest.mark.parametrize("variant", ["standard", "tempo", "bridge"])
def test_a_lying_lift_is_no_standing_one(variant: str, replayed_as: str) -> None:
    assert final(replayed(samples(scenario(54, variant)), replayed_as)) == []


@pytest.mark.parametrize("seed", range(60, 63))
def test_walking_sitting_stretching_and_turning_are_no_set(seed: int) -> None:
    events = replayed(samples(confounders(seed)))
    assert final(events) == []
    assert sum(isinstance(event, RepWithdrawn) for event in events) <= 3


def test_sets_and_their_reps_are_numbered_from_one() -> None:
    spec = replace(scenario(64, "standard"), sets=(SetPlan(5), SetPlan(7)), rest_s=40.0)
    events = replayed(samples(spec))
    assert set_sizes(events) == [5, 7]
    assert [(one.set, one.rep) for one in final(events)] == [
        *((1, k + 1) for k in range(5)),
        *((2, k + 1) for k in range(7)),
    ]
