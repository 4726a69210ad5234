"""Movement that is no exercise, for counting false reps: each pastime begins and ends standing."""

from collections.abc import Callable

import numpy as np

from sensor.simulator.around import (
    CHAIR_M,
    FLOOR_M,
    STANDING_M,
    climb,
    recline,
    rest,
    shift,
    sit_down,
    sit_up,
    stand,
    stand_up,
    walk,
)
from sensor.simulator.motion import Motion

_CIRCLE = (("pitch", -1), ("list", -1), ("pitch", 1), ("list", 1))

Pastime = Callable[[Motion, np.random.Generator], None]


def pass_time(motion: Motion, seconds: float, rng: np.random.Generator) -> None:
    """Pastimes in random order for about that long, from standing to standing."""
    end = motion.now_s + seconds
    while motion.now_s < end - 5.0:
        PASTIMES[rng.choice(list(PASTIMES))](motion, rng)
        motion.move("z", STANDING_M, 0.8)
        motion.wait(0.8)
        stand(motion, rng.uniform(1, 6), rng)


def _walk(motion: Motion, rng: np.random.Generator) -> None:
    walk(motion, rng.uniform(8, 60), rng)


def _idle(motion: Motion, rng: np.random.Generator) -> None:
    stand(motion, rng.uniform(5, 40), rng)


def _stairs(motion: Motion, rng: np.random.Generator) -> None:
    climb(motion, rng.uniform(5, 15), rng)


def _sit(motion: Motion, rng: np.random.Generator) -> None:
    """On a chair and up again, once or a few times."""
    for _ in range(int(rng.integers(1, 4))):
        sit_down(motion, CHAIR_M + rng.normal(0, 0.04), rng)
        rest(motion, rng.uniform(2, 40), 25.0, rng)
        stand_up(motion, rng)


def _set_up(motion: Motion, rng: np.random.Generator) -> None:
    """Everything that comes before a set, and no set."""
    sit_down(motion, FLOOR_M, rng)
    recline(motion, rng.uniform(20, 50), FLOOR_M, rng)
    shift(motion, int(rng.integers(2, 6)), 15.0, rng)
    rest(motion, rng.uniform(2, 20), 8.0, rng)
    sit_up(motion, rng)
    stand_up(motion, rng)


def _lie_and_turn(motion: Motion, rng: np.random.Generator) -> None:
    sit_down(motion, FLOOR_M, rng)
    recline(motion, rng.uniform(82, 98), FLOOR_M, rng)
    for _ in range(int(rng.integers(1, 5))):
        rest(motion, rng.uniform(3, 20), 6.0, rng)
        seconds = rng.uniform(1.0, 2.5)
        motion.move("twist", rng.choice((-90.0, 0.0, 90.0, 160.0)) + rng.normal(0, 8), seconds)
        motion.nudge("list", rng.normal(0, 6), seconds)
        motion.nudge("z", rng.uniform(0.0, 0.06), seconds)
        motion.wait(seconds)
    motion.move("twist", 0.0, 1.5)
    motion.wait(2.0)
    sit_up(motion, rng)
    stand_up(motion, rng)


def _cat_cow(motion: Motion, rng: np.random.Generator) -> None:
    """On all fours: the pelvis tilts to and fro and hardly rises."""
    _kneel(motion, -rng.uniform(75, 95), 0.55, rng)
    size, seconds = rng.uniform(10, 30), rng.uniform(1.5, 4.0)
    for _ in range(int(rng.integers(3, 9))):
        length = seconds * rng.uniform(0.85, 1.15)
        tilt = size * rng.uniform(0.8, 1.2)
        motion.nudge("arch", tilt, length)
        motion.nudge("z", tilt * rng.uniform(0.0, 0.0007), length)
        motion.wait(length + rng.uniform(0, 0.8))
    _rise_from_knees(motion, rng)


def _hip_circles(motion: Motion, rng: np.random.Generator) -> None:
    seconds, size = rng.uniform(1.2, 2.5), rng.uniform(6, 15)
    for _ in range(int(rng.integers(4, 10))):
        for quarter, (channel, sign) in enumerate(_CIRCLE):
            motion.nudge(channel, sign * size, 0.75 * seconds, quarter * seconds / 4)
        motion.nudge("x", 0.08, seconds)
        motion.nudge("y", 0.08, seconds, 0.25 * seconds)
        motion.wait(seconds)
    motion.wait(0.6 * seconds)


def _knee_hugs(motion: Motion, rng: np.random.Generator) -> None:
    """On the back, one or both knees to the chest: the pelvis rolls up and stays there."""
    sit_down(motion, FLOOR_M, rng)
    recline(motion, rng.uniform(84, 96), FLOOR_M, rng)
    for _ in range(int(rng.integers(1, 5))):
        size, seconds = rng.uniform(6, 25), rng.uniform(1.0, 2.0)
        side = rng.choice((-6.0, 0.0, 6.0))
        motion.move("arch", size, seconds)
        motion.move("z", FLOOR_M + size * rng.uniform(0.0, 0.0008), seconds)
        motion.move("list", side, seconds)
        motion.wait(seconds + rng.uniform(2, 12))
        for channel, to in (("arch", 0.0), ("z", FLOOR_M), ("list", 0.0)):
            motion.move(channel, to, seconds)
        motion.wait(seconds + rng.uniform(0.5, 4))
    sit_up(motion, rng)
    stand_up(motion, rng)


def _toe_touches(motion: Motion, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 5))):
        seconds = rng.uniform(1.2, 3.0)
        upright = motion.at["pitch"]
        motion.move("pitch", -rng.uniform(50, 100), seconds)
        motion.move("z", STANDING_M - rng.uniform(0.0, 0.06), seconds)
        motion.move("x", motion.at["x"] - 0.1, seconds)
        motion.wait(seconds + rng.uniform(0.2, 10))
        motion.move("pitch", upright, seconds)
        motion.move("z", STANDING_M, seconds)
        motion.move("x", motion.at["x"] + 0.1, seconds)
        motion.wait(seconds + rng.uniform(0.2, 2.0))


def _pick_up(motion: Motion, rng: np.random.Generator) -> None:
    """A plate from the floor: bending with the knees, once or twice, a walk between."""
    for _ in range(int(rng.integers(1, 3))):
        seconds = rng.uniform(0.8, 1.5)
        motion.move("pitch", -rng.uniform(30, 70), seconds)
        motion.move("z", STANDING_M - rng.uniform(0.1, 0.4), seconds)
        motion.wait(seconds + rng.uniform(0.1, 1.0))
        motion.move("pitch", 0.0, seconds)
        motion.move("z", STANDING_M, seconds)
        motion.wait(seconds + 0.3)
        walk(motion, rng.uniform(4, 10), rng)


def _kneel(motion: Motion, pitch_deg: float, height_m: float, rng: np.random.Generator) -> None:
    seconds = rng.uniform(2.0, 3.5)
    motion.move("z", height_m, seconds)
    motion.move("pitch", pitch_deg, 0.8 * seconds, 0.4 * seconds)
    motion.nudge("list", rng.normal(0, 8), seconds)
    motion.wait(1.3 * seconds + rng.uniform(0.5, 2))


def _rise_from_knees(motion: Motion, rng: np.random.Generator) -> None:
    seconds = rng.uniform(1.5, 3.0)
    motion.move("pitch", 0.0, seconds)
    motion.move("z", STANDING_M, seconds, 0.3 * seconds)
    motion.nudge("list", rng.normal(0, 8), seconds)
    motion.wait(1.4 * seconds)


PASTIMES: dict[str, Pastime] = {
    "walk": _walk,
    "idle": _idle,
    "stairs": _stairs,
    "sit": _sit,
    "set_up": _set_up,
    "lie_and_turn": _lie_and_turn,
    "cat_cow": _cat_cow,
    "hip_circles": _hip_circles,
    "knee_hugs": _knee_hugs,
    "toe_touches": _toe_touches,
    "pick_up": _pick_up,
}
