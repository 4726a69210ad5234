"""The model recordings that are scored: what is lifted, with which sensor, over which radio."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from sensor.simulator import (
    ERROR_CLASSES,
    VARIANTS,
    SessionSpec,
    confounders,
    scenario,
    simulate,
)
from tests.benchmarks.replaying import replay
from tests.benchmarks.scoring import Score, score

USUAL = "usual"
STANDING = ("squat", "deadlift", "lunge")
CONFOUNDERS = {
    "as hip_thrust": "hip_thrust",
    "as glute_bridge": "glute_bridge",
    "as squat": "squat",
}
CONFOUNDER_MINUTES = 10.0
RARE = ("faults", "partials")
"""Variants of which twice as many are made: a set has few of what they are made for."""

ON_CONDITIONS = ("standard", "tempo", "explosive", "bridge")
CONDITIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "2 % loss, 100 Hz": {},
        "no loss": {"loss_pct": 0.0},
        "5 % loss": {"loss_pct": 5.0},
        **{f"{rate} Hz": {"rate_hz": float(rate)} for rate in (25, 50, 200, 400)},
        "accelerometer alone": {"gyro": False},
        **{f"sensor: {sensor}": {"sensor": sensor} for sensor in ERROR_CLASSES},
    }
)


@dataclass(frozen=True, slots=True)
class Case:
    variant: str
    condition: str
    seed: int


@dataclass(frozen=True, slots=True)
class Run:
    case: Case
    score: Score


def cases(recordings: int, seed_start: int) -> list[Case]:
    """So many recordings of each variant, and of each condition.

    No two variants share a seed; the conditions share theirs, so that they can be compared.
    """
    usual: list[Case] = []
    for variant in (*VARIANTS, *STANDING, *CONFOUNDERS):
        count = recordings * (2 if variant in RARE else 1)
        first = seed_start + len(usual)
        usual += [Case(variant, USUAL, seed) for seed in range(first, first + count)]
    first = seed_start + len(usual)
    return usual + [
        Case(ON_CONDITIONS[k % len(ON_CONDITIONS)], condition, first + k)
        for condition in CONDITIONS
        for k in range(recordings)
    ]


def spec_of(case: Case) -> SessionSpec:
    """What is to be simulated; the same case is the same recording."""
    if case.variant in CONFOUNDERS:
        return confounders(case.seed, CONFOUNDER_MINUTES)
    if case.variant in STANDING:
        style = ("standard", "tempo", "novice")[case.seed % 3]
        return scenario(case.seed, style, exercise=case.variant)
    return replace(scenario(case.seed, case.variant), **CONDITIONS.get(case.condition, {}))


def run(case: Case) -> Run:
    spec = spec_of(case)
    made = simulate(spec)
    events, duration_s = replay(made.blocks(10), CONFOUNDERS.get(case.variant, spec.exercise))
    return Run(case, score(made.truth, events, duration_s))
