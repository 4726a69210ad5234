"""A whole session: from the specification to samples and truth."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sensor.imu_csv import write_imu_csv
from sensor.samples import Floats, SampleBlock
from sensor.simulator import around
from sensor.simulator.body import draw_wearing, feel, pelvis_tilt_deg, sensor_height_m
from sensor.simulator.draw import Lifter, draw_lifter
from sensor.simulator.imu import measure
from sensor.simulator.lifting import PerformedSet, perform_set
from sensor.simulator.lifts import LIFTS
from sensor.simulator.link import received
from sensor.simulator.motion import CHANNELS, Motion
from sensor.simulator.pastimes import pass_time
from sensor.simulator.plan import SessionSpec
from sensor.simulator.truth import set_truth

_BUMP_SHARE = 0.25
_READY_S = 2.0
_UPRIGHT = {"pitch": 0.0, "z": around.STANDING_M}


@dataclass(frozen=True, eq=False, slots=True)
class Simulation:
    """What the sensor sent, t_s (n,), acc (n, 3), gyr (n, 3) or None, and what really happened.

    truth: as in a truth file of the contract. meta: header of the recording.
    """

    t_s: Floats
    acc: Floats
    gyr: Floats | None
    truth: dict[str, Any]
    meta: dict[str, str]

    def blocks(self, samples: int = 10) -> Iterator[SampleBlock]:
        """Consecutive blocks of so many samples; the last may be shorter."""
        for first in range(0, len(self.t_s), samples):
            part = slice(first, first + samples)
            gyr = None if self.gyr is None else self.gyr[part].copy()
            yield SampleBlock(self.t_s[part].copy(), self.acc[part].copy(), gyr)


def simulate(spec: SessionSpec) -> Simulation:
    """The same specification gives the same recording; body, sensor and link draw separately."""
    for_motion, for_body, for_sensor, for_link = np.random.default_rng(spec.seed).spawn(4)
    motion, performed = _act(spec, for_motion)
    voluntary = motion.voluntary()
    wearing = draw_wearing(spec.mounting, len(motion.slips), for_body)
    felt = feel(motion, voluntary, wearing, for_body)
    samples = measure(felt, spec.sensor, spec.rate_hz, for_sensor)
    kept = received(samples.t_s, spec.loss_pct, spec.disconnect, for_link)
    pitch = voluntary["pitch"] + voluntary["arch"]
    height, tilt = sensor_height_m(voluntary, wearing), pelvis_tilt_deg(voluntary)
    truth = {
        "kind": spec.name,
        "error": spec.sensor,
        "duration": float(samples.t_s[-1]),
        "sets": [set_truth(one, pitch, height, tilt) for one in performed],
    }
    meta = {
        "sensor": f"model {spec.sensor}",
        "rate_hz": f"{spec.rate_hz:g}",
        "seed": str(spec.seed),
    }
    gyr = np.ascontiguousarray(samples.gyr[kept]) if spec.gyro else None
    return Simulation(samples.t_s[kept], np.ascontiguousarray(samples.acc[kept]), gyr, truth, meta)


def write(path: str | Path, simulation: Simulation) -> tuple[Path, Path]:
    """Recording (imu-csv/1, .csv or .csv.gz) and truth file beside it; returns both paths."""
    path = Path(path)
    write_imu_csv(path, simulation.blocks(1000), simulation.meta)
    truth = path.with_name(path.name.removesuffix(".gz").removesuffix(".csv") + ".truth.json")
    truth.write_text(json.dumps(simulation.truth, indent=1) + "\n", encoding="utf-8")
    return path, truth


def _act(spec: SessionSpec, rng: np.random.Generator) -> tuple[Motion, list[PerformedSet]]:
    """Everything that the lifter does, from the first second to the last."""
    lifter = draw_lifter(LIFTS[spec.exercise], rng)
    standing = dict.fromkeys(CHANNELS, 0.0) | {"z": around.STANDING_M}
    ready = dict.fromkeys(CHANNELS, 0.0) | _start_position(lifter)
    motion = Motion(at=standing if spec.around or not spec.sets else ready)
    motion.wait(_READY_S)
    if spec.confounder_s > 0:
        pass_time(motion, spec.confounder_s, rng)
    if not spec.sets:
        return motion, []
    if spec.around:
        around.walk(motion, rng.uniform(5, 15), rng)
        around.stand(motion, rng.uniform(1, 6), rng)
        _get_ready(motion, lifter, rng)
    performed = []
    for index, plan in enumerate(spec.sets):
        if index > 0:
            _rest_between(motion, lifter, spec.rest_s or rng.uniform(20, 90), rng)
        begin = motion.now_s
        performed.append(perform_set(motion, lifter, plan, rng))
        if rng.random() < spec.slip_chance:
            at_s = rng.uniform(begin, motion.now_s)
            motion.slips.append((at_s, rng.uniform(0.5, 5.0)))
    motion.wait(_READY_S)
    if spec.around:
        _leave(motion, lifter, rng)
    return motion, performed


def _start_position(lifter: Lifter) -> dict[str, float]:
    lift = lifter.lift
    if lift.lying:
        return {"pitch": lifter.bottom_deg, "z": around.FLOOR_M}
    if lift.starts_at_top:
        return {"pitch": lifter.top_deg, "z": around.STANDING_M}
    return {"pitch": lifter.bottom_deg, "z": around.STANDING_M - lifter.rise_m}


def _get_ready(motion: Motion, lifter: Lifter, rng: np.random.Generator) -> None:
    """From standing into the starting position, the bar in place."""
    start = _start_position(lifter)
    limit = _BUMP_SHARE * lifter.rom_deg
    if lifter.lift.lying:
        around.sit_down(motion, around.FLOOR_M, rng)
        around.recline(motion, start["pitch"], start["z"], rng)
        around.shift(motion, int(rng.integers(2, 5)), limit, rng)
    _take(motion, start, rng.uniform(0.8, 1.5))
    around.rest(motion, rng.uniform(1.5, 8.0), 0.3 * limit, rng)


def _take(motion: Motion, position: dict[str, float], seconds: float) -> None:
    for channel, to in {**position, "list": 0.0, "twist": 0.0, "arch": 0.0}.items():
        motion.move(channel, to, seconds)
    motion.wait(seconds + 0.3)


def _rest_between(motion: Motion, lifter: Lifter, seconds: float, rng: np.random.Generator) -> None:
    """Longer than any set timeout in use; mostly in place, sometimes up and about."""
    limit = _BUMP_SHARE * lifter.rom_deg
    if rng.random() < 0.7:
        if lifter.lift.lying:
            around.rest(motion, max(0.0, seconds - 4.0), limit, rng)
            around.shift(motion, 1, limit, rng)
        else:
            _take(motion, _UPRIGHT, 1.0)
            around.stand(motion, max(0.0, seconds - 4.0), rng)
        _take(motion, _start_position(lifter), 1.0)
        motion.wait(2.0)
        return
    motion.wait(_READY_S)
    _leave(motion, lifter, rng)
    around.walk(motion, max(5.0, seconds - 25.0), rng)
    _get_ready(motion, lifter, rng)


def _leave(motion: Motion, lifter: Lifter, rng: np.random.Generator) -> None:
    """Bar away, up, and off."""
    if lifter.lift.lying:
        around.shift(motion, int(rng.integers(1, 4)), _BUMP_SHARE * lifter.rom_deg, rng)
        around.sit_up(motion, rng)
        around.stand_up(motion, rng)
    else:
        _take(motion, _UPRIGHT, rng.uniform(0.8, 1.5))
    around.stand(motion, rng.uniform(1, 4), rng)
    around.walk(motion, rng.uniform(4, 10), rng)
