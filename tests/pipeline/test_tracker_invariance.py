"""The same movement gives the same events, however it reaches the tracker."""

import copy
import pickle
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, repeat

import numpy as np
import pytest

from pipeline.events import Event
from pipeline.tracker import Tracker
from sensor.samples import SampleBlock
from sensor.simulator import SessionSpec, SetPlan, Tempo, scenario
from tests.pipeline.moved import rotation
from tests.pipeline.recorded import (
    counted,
    cut,
    errors,
    fed,
    final,
    lost,
    part,
    random_sizes,
    recording,
    replayed,
    samples,
    sets,
    tracker,
    true_reps,
    true_sizes,
    turned,
)

LYING = replace(scenario(41, "standard"), loss_pct=5.0)
STANDING = replace(scenario(42, "standard", exercise="squat"), loss_pct=5.0)
TILT_ONLY = replace(scenario(43, "standard"), gyro=False, loss_pct=5.0)
EVERY = pytest.mark.parametrize("spec", [LYING, STANDING, TILT_ONLY], ids=lambda s: s.exercise)
SIZES: list[Iterable[int]] = [repeat(1), repeat(3), repeat(7), repeat(10), repeat(64), repeat(1000)]


def second_rep_s(spec: SessionSpec) -> float:
    return float(true_reps(spec)[1]["concentric_start_s"])


def stream(spec: SessionSpec) -> SampleBlock:
    """With a gap of 1.5 s in the second rep and one of 10 s before the set."""
    at_s = second_rep_s(spec) + 0.3
    return lost(samples(spec), (3.0, 13.0), (at_s, at_s + 1.5))


def once(spec: SessionSpec) -> list[Event]:
    return replayed(stream(spec), spec.exercise, size=10**9)


@EVERY
def test_any_cut_into_blocks_gives_the_same_events(spec: SessionSpec) -> None:
    whole = once(spec)
    assert sets(whole)
    for sizes in (*SIZES, random_sizes(40), chain([0, 5, 0], random_sizes(4000))):
        to = tracker(spec.exercise)
        assert fed(to, cut(stream(spec), sizes)) + to.finish() == whole


def moments(spec: SessionSpec) -> dict[str, float]:
    truth = recording(spec).truth["sets"]
    rep = truth[0]["reps"][3]
    return {
        "walking in": 15.0,
        "in the gap's first half": second_rep_s(spec) + 0.3,
        "after the gap": second_rep_s(spec) + 1.9,
        "on the way up": 0.5 * (rep["concentric_start_s"] + rep["concentric_end_s"]),
        "at the top": rep["concentric_end_s"] + 0.1,
        "on the way down": 0.5 * (rep["eccentric_start_s"] + rep["eccentric_end_s"]),
        "after the set": truth[0]["reps"][-1]["end_s"] + 18.0,
    }


@EVERY
def test_a_tracker_carries_on_from_its_state(spec: SessionSpec) -> None:
    whole, block = once(spec), stream(spec)
    copies = (lambda state: state, copy.deepcopy, lambda state: pickle.loads(pickle.dumps(state)))  # noqa: S301
    for k, at_s in enumerate(moments(spec).values()):
        stop = int(np.searchsorted(block.t_s, at_s))
        to = tracker(spec.exercise)
        before = fed(to, cut(part(block, 0, stop), repeat(10)))
        other = Tracker.from_state(copies[k % 3](to.state()))
        rest = part(block, stop, len(block))
        assert other.status() == to.status()
        after = fed(other, cut(rest, repeat(10))) + other.finish()
        assert before + after == whole
        assert before + fed(to, [rest]) + to.finish() == whole, "taking a state changes nothing"


def test_a_tracker_handed_on_every_second_gives_the_same_events() -> None:
    to = tracker(min_reps=1, set_timeout_s=12.0)
    events = []
    for block in cut(stream(LYING), repeat(100)):
        to = Tracker.from_state(pickle.loads(pickle.dumps(to.state())))  # noqa: S301
        events += to.feed(block)
    assert events + to.finish() == replayed(stream(LYING), min_reps=1, set_timeout_s=12.0)


def test_a_state_of_another_version_is_refused() -> None:
    state = tracker().state()
    for version in (state["version"] + 1, None):
        with pytest.raises(ValueError, match="version"):
            Tracker.from_state({**state, "version": version})
    with pytest.raises(ValueError, match="version"):
        Tracker.from_state({})


def test_a_state_is_small_outside_of_a_set() -> None:
    long = samples(replace(scenario(44, "standard"), confounder_s=600.0, sets=(), around=False))
    to = tracker()
    for block in cut(long, repeat(2000)):
        to.feed(block)
        if to.status().set is None:
            assert len(pickle.dumps(to.state())) < 400_000


@pytest.mark.parametrize("seed", range(4))
def test_another_mounting_gives_the_same_reps(seed: int) -> None:
    plain = samples(replace(LYING, slip_chance=0.0))
    expected, events = replayed(plain), replayed(turned(plain, rotation(seed)))
    assert [one.reps for one in sets(events)] == [one.reps for one in sets(expected)]
    for found, reference in zip(final(events), final(expected), strict=True):
        for name in ("start_s", "concentric_end_s", "eccentric_start_s", "end_s"):
            assert getattr(found, name) == pytest.approx(getattr(reference, name), abs=0.02)
        assert found.rom_deg == pytest.approx(reference.rom_deg, abs=0.5)
        assert found.displacement_m == pytest.approx(reference.displacement_m, abs=0.01)
        assert (found.faults, found.partial) == (reference.faults, reference.partial)
    worn = rotation(seed) @ np.array(sets(expected)[0].axis)
    assert worn @ np.array(sets(events)[0].axis) > np.cos(np.radians(2.0))


FRONT = (1.0, 0.0, 0.0, 0.0)
SIDE = (0.70710678, 0.0, 0.0, 0.70710678)
BACK = (0.0, 0.0, 0.0, 1.0)
UPSIDE_DOWN = (0.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize("mounting", [FRONT, SIDE, BACK, UPSIDE_DOWN])
@pytest.mark.parametrize("exercise", ["hip_thrust", "squat"])
def test_the_sensor_may_be_worn_in_front_at_the_side_or_behind(
    mounting: tuple[float, float, float, float], exercise: str
) -> None:
    spec = replace(scenario(47, "standard", exercise=exercise), mounting=mounting)
    assert [one.reps for one in sets(replayed(samples(spec), exercise))] == true_sizes(spec)


def at_rate(rate_hz: float, exercise: str) -> SessionSpec:
    plan = SetPlan(6, tempo=Tempo(1.2, 0.5, 0.9, 1.0))
    return SessionSpec(
        exercise=exercise, sets=(plan,), around=False, rate_hz=rate_hz, loss_pct=0.0, seed=46
    )


@pytest.mark.parametrize("rate_hz", [25.0, 50.0, 100.0, 200.0, 400.0])
@pytest.mark.parametrize("exercise", ["hip_thrust", "glute_bridge", "squat", "deadlift"])
def test_every_rate_gives_the_same_reps(rate_hz: float, exercise: str) -> None:
    spec = at_rate(rate_hz, exercise)
    events = replayed(samples(spec), exercise)
    assert [one.reps for one in sets(events)] == [6]
    close_s = 0.06 if exercise in ("hip_thrust", "glute_bridge") else 0.1
    for name in ("concentric_start_s", "concentric_end_s", "eccentric_start_s", "eccentric_end_s"):
        assert np.abs(errors(counted(events), true_reps(spec), name)).mean() < close_s
    assert np.abs(errors(counted(events), true_reps(spec), "rom_deg")).mean() < 2.0
