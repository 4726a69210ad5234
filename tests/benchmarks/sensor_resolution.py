"""What the way through a sensor's packets does to reps: the same samples, tracked directly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.events import to_json
from pipeline.exercises import load
from pipeline.session import Session
from pipeline.tracker import Tracker
from sensor import drivers
from sensor.samples import Floats
from sensor.simulator.packets import model_session
from sensor.simulator.plan import SessionSpec, SetPlan
from tests.benchmarks.replaying import run_all
from tests.benchmarks.scoring import Json, final_reps

_SEEDS = range(100, 104)
_STYLES = ("standard", "tempo", "paused", "explosive", "near_failure", "banded")
_SETS = tuple(SetPlan(reps=8, style=style) for style in _STYLES)
_SAME_REP_S = 0.4
_FIELDS = (("rom_deg", 1.0), ("concentric_s", 1e3), ("mean_velocity_mps", 1.0))
HEAD = [
    "driver",
    "Hz",
    "reps directly",
    "through packets",
    "the same?",
    "ROM: RMS, max [deg]",
    "concentric: RMS, max [ms]",
    "mean velocity: RMS, max [m/s]",
]


@dataclass(frozen=True, slots=True)
class Pairs:
    """directly, through: reps found. same: whether each of one is one of the other.

    differences: (pairs, 3), through minus directly, in the units of the table.
    """

    rate_hz: float
    directly: int
    through: int
    same: bool
    differences: Floats


def rows() -> Iterator[list[str]]:
    """One line for each driver, over all seeds."""
    jobs = [(name, seed) for name in drivers.names() for seed in _SEEDS]
    results = dict(zip(jobs, run_all(_compared, jobs), strict=True))
    for name in drivers.names():
        found = [results[name, seed] for seed in _SEEDS]
        both = np.concatenate([one.differences for one in found])
        rms, most = np.sqrt((both**2).mean(axis=0)), np.abs(both).max(axis=0)
        yield [
            name,
            f"{found[0].rate_hz:g}",
            str(sum(one.directly for one in found)),
            str(sum(one.through for one in found)),
            "yes" if all(one.same for one in found) else "**no**",
            f"{rms[0]:.2f}, {most[0]:.2f}",
            f"{rms[1]:.1f}, {most[1]:.1f}",
            f"{rms[2]:.4f}, {most[2]:.4f}",
        ]


def _compared(job: tuple[str, int]) -> Pairs:
    name, seed = job
    simulation, records = model_session(name, SessionSpec(sets=_SETS, rest_s=25.0, seed=seed))
    tracker = Tracker(load("hip_thrust"))
    events = [event for block in simulation.blocks() for event in tracker.feed(block)]
    events += tracker.finish()
    session = Session(Tracker(load("hip_thrust")))
    through = [event for record in records for _, event in session.take(record)]
    assert session.stream.setup
    rate_hz = session.stream.setup.rate_hz
    return _paired(rate_hz, final_reps(map(to_json, events)), final_reps(map(to_json, through)))


def _paired(rate_hz: float, directly: Sequence[Json], through: Sequence[Json]) -> Pairs:
    """Reps by the time of their lockout; what the radio delays all of them by is no difference."""
    differences = []
    left = list(through)
    for rep in directly:
        twin = min(left, key=lambda other: _apart_s(rep, other), default=None)
        if twin is None or _apart_s(rep, twin) > _SAME_REP_S or rep["partial"] != twin["partial"]:
            continue
        left.remove(twin)
        differences.append([scale * (twin[field] - rep[field]) for field, scale in _FIELDS])
    same = len(differences) == len(directly) and not left
    return Pairs(rate_hz, len(directly), len(through), same, np.array(differences))


def _apart_s(rep: Json, other: Json) -> float:
    return abs(float(other["concentric_end_s"]) - float(rep["concentric_end_s"]))
