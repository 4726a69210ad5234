"""The model lifter tips sideways when asked to, and the truth says how far."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sensor.samples import STANDARD_GRAVITY_MPS2
from sensor.simulator import LIFTS, SessionSpec, SetPlan, Tempo, scenario, simulate

TILTS_DEG = (7.0, 0.0, -5.0)
QUIET = SessionSpec(
    sets=(SetPlan(4, tempo=Tempo(1.2, 0.5, 0.9, 1.5), fatigue=0.0, tilts_deg=TILTS_DEG),),
    around=False,
    sensor="ideal",
    mounting=(1.0, 0.0, 0.0, 0.0),
    slip_chance=0.0,
    loss_pct=0.0,
    seed=3,
)
LEVEL = replace(QUIET, sets=(replace(QUIET.sets[0], tilts_deg=()),))


def reps_of(spec: SessionSpec) -> list[dict[str, Any]]:
    return [rep for one in simulate(spec).truth["sets"] for rep in one["reps"]]


@pytest.mark.parametrize("seed", range(4))
def test_the_tilt_that_was_asked_for_is_in_the_truth(seed: int) -> None:
    true = [rep["tilt_deg"] for rep in reps_of(replace(QUIET, seed=seed))]
    assert true == pytest.approx([*TILTS_DEG, 0.0], abs=0.5)


def test_gravity_shows_which_side_sinks() -> None:
    """The sensor's y axis points to the left: up leans away from a left side that sinks."""
    simulation = simulate(QUIET)
    for rep, asked in zip(reps_of(QUIET), (*TILTS_DEG, 0.0), strict=True):
        ends = []
        for at_s in (rep["concentric_end_s"] + 0.1, rep["eccentric_start_s"] - 0.1):
            near = np.abs(simulation.t_s - at_s) < 0.1
            ends.append(simulation.acc[near, 1].mean() / STANDARD_GRAVITY_MPS2)
        sunk = np.degrees(np.arcsin(ends[0]) - np.arcsin(ends[1]))
        assert sunk == pytest.approx(asked, abs=1.5)


def test_a_tilt_changes_nothing_else_but_the_path_of_the_sensor() -> None:
    same = ("concentric_start_s", "concentric_end_s", "eccentric_start_s", "rom_deg", "faults")
    for tipping, level in zip(reps_of(QUIET), reps_of(LEVEL), strict=True):
        assert [tipping[name] for name in same] == [level[name] for name in same]


@pytest.mark.parametrize("exercise", LIFTS)
def test_only_a_lying_lift_has_a_tilt(exercise: str) -> None:
    for rep in reps_of(scenario(5, "standard", exercise)):
        assert (rep["tilt_deg"] is not None) == LIFTS[exercise].lying
