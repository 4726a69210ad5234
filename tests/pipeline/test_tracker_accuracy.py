"""A guard, not a measurement: a handful of model recordings must stay within the goals.

The accuracy report measures on many more, on seeds that nothing was tuned on.
"""

from dataclasses import replace
from functools import cache
from statistics import median

import numpy as np
import pytest

from pipeline.events import Rep
from sensor.samples import Floats
from sensor.simulator import VARIANTS, SessionSpec, scenario
from tests.pipeline.recorded import (
    Truth,
    errors,
    final,
    recording,
    replayed,
    samples,
    set_sizes,
    true_sizes,
)

SEEDS = range(80, 83)
BOUNDARIES = ("concentric_start_s", "concentric_end_s", "eccentric_start_s", "eccentric_end_s")
SPECS = [scenario(seed, variant) for variant in VARIANTS for seed in SEEDS]
SQUATS = [scenario(seed, "standard", exercise="squat") for seed in SEEDS]


@cache
def matched(spec: SessionSpec) -> list[tuple[Rep, Truth]]:
    """Counted reps and the true ones that they are."""
    truths = [rep for one in recording(spec).truth["sets"] for rep in one["reps"]]
    return [
        (rep, truth)
        for rep in final(replayed(samples(spec), spec.exercise))
        for truth in truths
        if abs(rep.concentric_end_s - truth["concentric_end_s"]) < 0.4
        and not rep.partial
        and not truth["partial"]
    ]


def off(specs: list[SessionSpec], *names: str) -> Floats:
    pairs = [pair for spec in specs for pair in matched(spec)]
    found, true = zip(*pairs, strict=True)
    return np.concatenate([errors(found, true, name) for name in names])


def rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.name}-{spec.seed}")
def test_every_rep_is_counted_once(spec: SessionSpec) -> None:
    assert set_sizes(replayed(samples(spec), spec.exercise)) == true_sizes(spec)
    assert len(matched(spec)) == sum(true_sizes(spec))


def test_phase_boundaries() -> None:
    wrong_s = off(SPECS, *BOUNDARIES)
    assert np.abs(wrong_s).mean() <= 0.030
    assert abs(np.median(wrong_s)) <= 0.010
    for name in BOUNDARIES:
        assert np.abs(off(SPECS, name)).mean() <= 0.040


def test_top_pauses() -> None:
    pairs = [pair for spec in SPECS for pair in matched(spec)]
    held = [(rep, truth) for rep, truth in pairs if truth["top_pause_s"] >= 0.3]
    assert all(rep.top_pause_s is not None for rep, _ in held)
    found, true = zip(*held, strict=True)
    assert np.abs(errors(found, true, "top_pause_s")).mean() <= 0.050


@pytest.mark.parametrize(
    ("name", "goal"),
    [
        ("rom_deg", 1.0),
        ("displacement_m", 0.020),
        ("mean_velocity_mps", 0.025),
        ("peak_velocity_mps", 0.05),
        ("velocity_loss_pct", 4.0),
    ],
)
def test_sizes_and_velocities(name: str, goal: float) -> None:
    assert rms(off(SPECS, name)) <= goal


def test_partial_reps_are_found_and_not_counted() -> None:
    for seed in SEEDS:
        spec = scenario(seed, "partials")
        truths = [rep for one in recording(spec).truth["sets"] for rep in one["reps"]]
        found = final(replayed(samples(spec)))
        assert [rep.partial for rep in found] == [truth["partial"] for truth in truths]


def test_faults_are_named() -> None:
    hits = wrong = missed = 0
    for spec in SPECS:
        for rep, truth in matched(spec):
            sure = {name for name in truth["faults"] if not name.endswith("?")}
            doubtful = {name.rstrip("?") for name in truth["faults"]} - sure
            hits += len(sure & set(rep.faults))
            missed += len(sure - set(rep.faults))
            wrong += len(set(rep.faults) - sure - doubtful)
    assert 2 * hits / (2 * hits + wrong + missed) >= 0.9


def test_without_a_gyroscope_reps_are_counted_too() -> None:
    for variant in ("standard", "tempo", "banded"):
        spec = replace(scenario(83, variant), gyro=False)
        events = replayed(samples(spec))
        assert set_sizes(events) == true_sizes(spec)
        sure = replayed(samples(scenario(83, variant)))
        assert median(r.confidence for r in final(events)) < median(
            r.confidence for r in final(sure)
        )


def test_squats() -> None:
    for spec in SQUATS:
        found = set_sizes(replayed(samples(spec), "squat"))
        assert len(found) == len(true_sizes(spec))
        assert max(abs(a - b) for a, b in zip(found, true_sizes(spec), strict=True)) <= 1
    assert np.abs(off(SQUATS, "start_s", "end_s")).mean() <= 0.1
    assert rms(off(SQUATS, "displacement_m")) <= 0.06
