"""How often the stop signal comes at the right rep, over model sets; run it to see the figures.

The truth is a set to failure without noise: velocity falls from 0.35 to 0.65 m/s by 35 to 60 %
over 8 to 16 reps, evenly or ever faster. The right rep is the second in a row, the third at least,
at which the true loss is past the line. The lifter's reps are measured with noise, each by itself.
"""

import random
from collections import Counter
from itertools import accumulate

from pipeline.coaching.advice import Case, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.rules import set_live
from tests.pipeline.coaching.histories import BEGIN_US

LINES_PCT = (10.0, 20.0, 30.0)
NOISES_MPS = (0.0, 0.005, 0.015, 0.02)
SETS = 1000


def velocities(chance: random.Random) -> list[float]:
    """The true mean velocity of each rep of a set to failure."""
    reps, first_mps = chance.randint(8, 16), chance.uniform(0.35, 0.65)
    lost, bend = chance.uniform(0.35, 0.6), chance.uniform(1.0, 2.0)
    return [first_mps * (1 - lost * (k / (reps - 1)) ** bend) for k in range(reps)]


def right_rep(true_mps: list[float], line_pct: float) -> int | None:
    """From the definition alone: the second in a row past the line, the third rep at least."""
    best = list(accumulate(true_mps, max))
    past = [round((b - v) / b * 100, 6) >= line_pct for v, b in zip(true_mps, best, strict=True)]
    return next((k for k in range(3, len(past) + 1) if past[k - 1] and past[k - 2]), None)


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


def off_reps(line_pct: float, noise_mps: float, sets: int = SETS) -> Counter[int | None]:
    """How many reps too late (or too early, negative) it came; None: never."""
    chance = random.Random(7)
    found: Counter[int | None] = Counter()
    while found.total() < sets:
        true_mps = velocities(chance)
        right = right_rep(true_mps, line_pct)
        if right is not None:
            noisy = [max(0.01, value + chance.gauss(0.0, noise_mps)) for value in true_mps]
            said = stopped_at(noisy, line_pct)
            found[None if said is None else said - right] += 1
    return found


def share(found: Counter[int | None], within: int = 0) -> float:
    """Of the sets, those that were stopped so many reps from the right one at most."""
    near = sum(n for off, n in found.items() if off is not None and abs(off) <= within)
    return near / found.total()


def main() -> None:
    print("line %  noise m/s  right rep %  within one rep %")
    for line_pct in LINES_PCT:
        for noise_mps in NOISES_MPS:
            found = off_reps(line_pct, noise_mps)
            exact, near = 100 * share(found), 100 * share(found, 1)
            print(f"{line_pct:6.0f}  {noise_mps:9.3f}  {exact:11.1f}  {near:16.1f}")


if __name__ == "__main__":
    main()
