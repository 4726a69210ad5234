"""How much the mean velocity of a rep is off inside a set, live and after it; run it to see.

python -m tests.pipeline.coaching.velocity_noise [RECORDINGS]

Of each model set the standard deviation of what its reps are off by: what all reps of a set are off
by alike is no noise, since a velocity loss is a share. Live is what is known when a rep is over.
"""

import sys
from statistics import median, stdev
from typing import Any

from sensor.simulator import SessionSpec, SetPlan, simulate
from tests.benchmarks.replaying import replay

STYLES = ("standard", "near_failure", "paused", "explosive")
_FATIGUE = (0.25, 0.45)
_REPS = 10
_LEAST_FOUND = 5
# Nearer than any two reps begin.
_SAME_S = 0.4
_OVER = 1

Json = dict[str, Any]


def noises_mps(style: str, seed: int, *, live: bool) -> list[float]:
    """Of each set of a model recording."""
    plans = tuple(SetPlan(reps=_REPS, style=style, fatigue=share) for share in _FATIGUE)
    made = simulate(SessionSpec(sets=plans, seed=seed))
    events, _ = replay(made.blocks(10), "hip_thrust")
    known: dict[str, Json] = {}
    for event in events:
        if event["type"] == "rep" and (not live or event["revision"] == _OVER):
            known[event["id"]] = event
    found = []
    for one in made.truth["sets"]:
        offs = [off for rep in one["reps"] if (off := _off_mps(rep, known)) is not None]
        if len(offs) >= _LEAST_FOUND:
            found.append(stdev(offs))
    return found


def _off_mps(rep: Json, known: dict[str, Json]) -> float | None:
    for event in known.values():
        near = abs(event["concentric_start_s"] - rep["concentric_start_s"]) < _SAME_S
        if near and event["mean_velocity_mps"] is not None:
            return float(event["mean_velocity_mps"] - rep["mean_velocity_mps"])
    return None


def main() -> None:
    """Print the middle set of each style."""
    recordings = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    for style in STYLES:
        for live in (True, False):
            found = [
                noise
                for seed in range(5000, 5000 + recordings)
                for noise in noises_mps(style, seed, live=live)
            ]
            when = "live" if live else "after the set"
            print(
                f"{style}, {when}: {median(found):.4f} m/s in the middle one of {len(found)} sets"
            )


if __name__ == "__main__":
    main()
