"""What is wrong with a rep is said while the set goes on; where in doubt nothing is."""

import pickle
from dataclasses import replace
from itertools import repeat

import pytest

from pipeline.events import Event, Rep
from pipeline.tracker import Tracker
from sensor.simulator import SessionSpec, SetPlan, Tempo, scenario
from tests.pipeline.moved import DOWN, UP, move, rep
from tests.pipeline.recorded import (
    Truth,
    cut,
    fed,
    part,
    random_sizes,
    replayed,
    samples,
    tracker,
    true_reps,
)

Steps = list[tuple[float, float, float]]
REST = (3.0, 0.0, 0.0)
BOTTOM = (0.5, 0.0, 0.0)
ARCH: Steps = [UP, (0.5, *UP[1:]), (0.4, 43.0, 0.33), (0.8, 43.0, 0.33), DOWN, BOTTOM]
SAG: Steps = [UP, (0.4, *UP[1:]), (1.5, 49.0, 0.29), (0.1, 49.0, 0.29), DOWN, BOTTOM]
SHORT: Steps = [(0.8, 46.0, 0.28), (0.5, 46.0, 0.28), DOWN, BOTTOM]
STALLED_DOWN: Steps = [UP, (0.5, *UP[1:]), (0.7, 20.0, 0.12), (0.8, 20.0, 0.12), DOWN, BOTTOM]

EVERY_FAULT = ("", "", "over_arch", "", "sag", "", "short_lockout", "")
STYLES = ("standard", "tempo", "explosive", "near_failure", "novice", "bridge", "single_leg")


def said(events: list[Event], revision: int) -> list[tuple[str, ...]]:
    """The faults of every rep in this revision, in order of publication."""
    return [one.faults for one in events if isinstance(one, Rep) and one.revision == revision]


def lifted(*parts: Steps) -> list[Event]:
    """What is known before anybody can say that the set is over."""
    return fed(tracker(), [move(*(step for one in parts for step in one), REST).samples])


def with_faults(seed: int) -> SessionSpec:
    plan = SetPlan(8, tempo=Tempo(1.4, 0.6, 0.9, 1.2), faults=EVERY_FAULT)
    return SessionSpec(sets=(plan,), around=False, seed=seed)


def live_rep_of(events: list[Event], true: Truth) -> Rep:
    """The rep that was over with this one's lockout, before its set was."""
    return next(
        one
        for one in events
        if isinstance(one, Rep)
        and one.revision == 1
        and abs(one.concentric_end_s - true["concentric_end_s"]) < 0.3
    )


@pytest.mark.parametrize(
    ("wrong", "name"), [(ARCH, "over_arch"), (SAG, "sag"), (SHORT, "short_lockout")]
)
def test_a_fault_is_named_when_the_rep_is_over(wrong: Steps, name: str) -> None:
    events = lifted(rep(), rep(1.0), rep(), wrong, rep())
    assert said(events, 1) == [(), (), (), (name,), ()]
    assert said(events, 2) == [], "the set goes on"


def test_nothing_is_said_at_the_lockout() -> None:
    assert said(lifted(rep(), rep(), ARCH, SAG, SHORT), 0) == [()] * 5


def test_a_top_is_low_only_beside_two_before_it() -> None:
    assert said(lifted(rep(), SHORT, rep()), 1) == [(), (), ()]
    assert said(lifted(rep(), rep(), SHORT), 1) == [(), (), ("short_lockout",)]


def test_who_stops_on_the_way_down_has_neither_arched_nor_sagged() -> None:
    assert said(lifted(rep(), rep(), STALLED_DOWN, rep()), 1) == [(), (), (), ()]


def test_what_is_too_small_is_no_fault() -> None:
    slight: Steps = [UP, (0.5, *UP[1:]), (0.4, 52.0, 0.33), (0.8, 52.0, 0.33), DOWN, BOTTOM]
    nearly: Steps = [(0.8, 52.0, 0.31), (0.5, 52.0, 0.31), DOWN, BOTTOM]
    assert said(lifted(rep(), rep(), slight, nearly, rep()), 1) == [()] * 5


@pytest.mark.parametrize("seed", range(80, 84))
def test_a_model_lifter_hears_of_every_fault_before_the_set_is_over(seed: int) -> None:
    spec = with_faults(seed)
    truth = true_reps(spec)
    block = samples(spec)
    until = int((block.t_s < truth[-1]["end_s"] + 1.0).sum())
    events = fed(tracker(), [part(block, 0, until)])
    assert said(events, 2) == []
    for true in truth:
        found = live_rep_of(events, true).faults
        assert {f for f in true["faults"] if not f.endswith("?")} <= set(found)
        assert set(found) <= {f.rstrip("?") for f in true["faults"]}


@pytest.mark.parametrize("gyro", [True, False])
@pytest.mark.parametrize("style", STYLES)
def test_good_reps_have_none(style: str, *, gyro: bool) -> None:
    for seed in (85, 86):
        spec = replace(scenario(seed, style), gyro=gyro)
        assert not any(true["faults"] for true in true_reps(spec))
        live = said(replayed(samples(spec), spec.exercise), 1)
        assert not any(live)
        assert not gyro or live


def test_any_cut_and_any_restart_give_the_same_faults() -> None:
    spec = replace(with_faults(81), loss_pct=5.0)
    block = samples(spec)
    whole = replayed(block, size=10**9)
    assert any(said(whole, 1))
    for sizes in (repeat(1), repeat(7), random_sizes(40), random_sizes(4000)):
        to = tracker()
        assert fed(to, cut(block, sizes)) + to.finish() == whole
    to, events = tracker(), []
    for one in cut(block, repeat(50)):
        to = Tracker.from_state(pickle.loads(pickle.dumps(to.state())))  # noqa: S301
        events += to.feed(one)
    assert events + to.finish() == whole


def test_without_a_gyroscope_nothing_is_said_before_the_set_is_over() -> None:
    spec = replace(with_faults(80), gyro=False)
    assert not any(said(replayed(samples(spec)), 1))


@pytest.mark.parametrize("exercise", ["squat", "deadlift", "lunge"])
def test_standing_lifts_have_none(exercise: str) -> None:
    live = said(replayed(samples(scenario(87, "standard", exercise=exercise)), exercise), 1)
    assert live
    assert not any(live)


def test_a_rep_with_a_hole_in_it_is_not_judged() -> None:
    steps = [step for one in (rep(), rep(), ARCH, rep()) for step in one]
    block = move(*steps, REST).samples
    gone = (block.t_s > 11.6) & (block.t_s < 12.3)
    to = tracker()
    events = fed(to, [part(block, 0, int(gone.argmax()))])
    events += fed(to, [part(block, int(gone.argmax() + gone.sum()), len(block))])
    assert not any(said(events, 1))


def test_the_final_word_replaces_the_first() -> None:
    events = replayed(samples(with_faults(80)))
    live = {one.id: one for one in events if isinstance(one, Rep) and one.revision == 1}
    last = {one.id: one for one in events if isinstance(one, Rep) and one.revision == 2}
    assert any(one.faults for one in live.values())
    assert live.keys() == last.keys()
    assert [one.faults for one in live.values()] == [last[name].faults for name in live]
