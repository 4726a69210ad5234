"""How often the stop signal comes at the right rep, over model sets; run it to see the figures.

The truth is a set to failure without noise: velocity falls from 0.35 to 0.65 m/s by 35 to 60 %
over 8 to 16 reps, in one of several shapes. The stop is right after the first rep at which the true
loss is past the line, the third at least, or after the one that follows it, the grace rep. What the
sensor reads is that with noise, of each rep by itself.

How much noise there is says velocity_noise.py: about 0.01 m/s while a set goes on, and half of that
after it. The lifter's own scatter of 5 to 8 % comes on top. A rep loses 0.01 to 0.03 m/s: one
reading cannot tell it from the next.
"""

import random
from collections import Counter
from collections.abc import Callable
from itertools import accumulate

from pipeline.coaching.advice import Case, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.rules import set_live
from tests.pipeline.coaching.histories import BEGIN_US

LINES_PCT = (10.0, 20.0, 30.0)
NOISES_MPS = (0.0, 0.005, 0.01, 0.015, 0.02)
SETS = 500

Shape = Callable[[random.Random, int], list[float]]
"""Of so many reps, velocity as a share of the first one's; how it falls, and its odd reps."""


def evenly(chance: random.Random, reps: int) -> list[float]:
    lost = chance.uniform(0.35, 0.6)
    return [1 - lost * k / (reps - 1) for k in range(reps)]


def ever_faster(chance: random.Random, reps: int) -> list[float]:
    lost, bend = chance.uniform(0.35, 0.6), chance.uniform(1.0, 2.0)
    return [1 - lost * (k / (reps - 1)) ** bend for k in range(reps)]


def late(chance: random.Random, reps: int) -> list[float]:
    """Hardly at all, and then all at once."""
    lost = chance.uniform(0.35, 0.6)
    tired = (max(0.0, k / (reps - 1) - 0.6) / 0.4 for k in range(reps))
    return [1 - 0.1 * k / (reps - 1) - (lost - 0.1) * of**1.5 for k, of in enumerate(tired)]


def slow_first_rep(chance: random.Random, reps: int) -> list[float]:
    falling = ever_faster(chance, reps)
    return [falling[0] * chance.uniform(0.85, 0.95), *falling[1:]]


SHAPES: dict[str, Shape] = {
    "evenly": evenly,
    "ever faster": ever_faster,
    "late": late,
    "slow first rep": slow_first_rep,
}


def right_rep(true_mps: list[float], line_pct: float) -> int | None:
    """The first one past the line, the third at least; None if there is none with one after it."""
    best = accumulate(true_mps, max)
    past = [round((b - v) / b * 100, 6) >= line_pct for v, b in zip(true_mps, best, strict=True)]
    first = past.index(True) + 1 if any(past) else len(past)
    return max(3, first) if max(3, first) < len(past) else None


def open_set(measured_mps: list[float], line_pct: float) -> LiftedSet:
    reps = tuple(LiftedRep(k, mean_velocity_mps=value) for k, value in enumerate(measured_mps, 1))
    wanted = Wanted(velocity_loss_pct=line_pct)
    return LiftedSet(BEGIN_US, "today", "hip_thrust", "", 100.0, reps, wanted, over=False)


def stopped_at(measured_mps: list[float], line_pct: float) -> int | None:
    """The rep after which the rules say stop."""
    for k in range(1, len(measured_mps) + 1):
        case = Case((open_set(measured_mps[:k], line_pct),), BEGIN_US)
        if any(said.level == "stop" for said in advice(set_live.RULES, case, "rep")):
            return k
    return None


def off_reps(
    shape: Shape, line_pct: float, noise_mps: float, sets: int = SETS
) -> Counter[int | None]:
    """How many reps after the right one it came (before it: negative); None: never."""
    chance = random.Random(7)
    found: Counter[int | None] = Counter()
    while found.total() < sets:
        first_mps, reps = chance.uniform(0.35, 0.65), chance.randint(8, 16)
        true_mps = [first_mps * share for share in shape(chance, reps)]
        right = right_rep(true_mps, line_pct)
        if right is not None:
            noisy = [max(0.01, value + chance.gauss(0.0, noise_mps)) for value in true_mps]
            said = stopped_at(noisy, line_pct)
            found[None if said is None else said - right] += 1
    return found


def right_share(found: Counter[int | None]) -> float:
    """Of the sets, those that were stopped at the right rep or at the grace rep."""
    return (found[0] + found[1]) / found.total()


def over_all(noise_mps: float, sets: int = SETS) -> float:
    """The same over all shapes and lines."""
    whole: Counter[int | None] = Counter()
    for shape in SHAPES.values():
        for line_pct in LINES_PCT:
            whole += off_reps(shape, line_pct, noise_mps, sets)
    return right_share(whole)


def main() -> None:
    print("shape            line %  noise m/s  right %  too early %  too late or never %")
    for name, shape in SHAPES.items():
        for line_pct in LINES_PCT:
            for noise_mps in NOISES_MPS:
                found = off_reps(shape, line_pct, noise_mps)
                right = 100 * right_share(found)
                early = 100 * sum(n for off, n in found.items() if off and off < 0) / found.total()
                print(
                    f"{name:15}  {line_pct:6.0f}  {noise_mps:9.3f}  {right:7.1f}  {early:11.1f}  "
                    f"{100 - right - early:19.1f}"
                )
    for noise_mps in NOISES_MPS:
        print(f"all shapes and lines, noise {noise_mps:.3f} m/s: {100 * over_all(noise_mps):.1f} %")


if __name__ == "__main__":
    main()
