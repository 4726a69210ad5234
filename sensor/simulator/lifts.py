"""The lifts of the model lifter: how far the pelvis turns, rises and travels in each.

Ranges are (mean, sd, lowest, highest). Hip thrust and bridge: vertical 35.65 +- 3.4 cm and
15.45 +- 4.82 cm (Zabaleta-Korta & Fernandez-Pena 2024), turned into pelvis pitch by a planar
linkage with a moving pivot (biomechanics notes, A3). Single leg: 10 to 20 % less. Squat,
deadlift, lunge: A5, from memory there, no measured source.
"""

from dataclasses import dataclass

Spread = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Lift:
    """One exercise.

    rom_deg: change of pelvis pitch from bottom to top. rise_m: rise of the hips; for a lying
    lift metres per degree of pitch instead, as both come from one linkage. travel_m: how far
    the hips go forward or back meanwhile. list_deg, twist_deg: turn about the other two axes.
    top_deg: pelvis pitch at the top; 0 is upright, 90 lies on the back.
    """

    name: str
    lying: bool
    starts_at_top: bool
    rom_deg: Spread
    rise_m: Spread
    travel_m: tuple[float, float]
    top_deg: tuple[float, float]
    list_deg: tuple[float, float] = (0.0, 1.5)
    twist_deg: tuple[float, float] = (0.0, 1.0)


_BENCH_RISE = (0.0055, 0.0007, 0.0042, 0.0068)

LIFTS = {
    lift.name: lift
    for lift in (
        Lift(
            name="hip_thrust",
            lying=True,
            starts_at_top=False,
            rom_deg=(55, 8, 35, 75),
            rise_m=_BENCH_RISE,
            travel_m=(0.05, 0.12),
            top_deg=(84, 96),
        ),
        Lift(
            name="single_leg_hip_thrust",
            lying=True,
            starts_at_top=False,
            rom_deg=(47, 7, 30, 63),
            rise_m=_BENCH_RISE,
            travel_m=(0.05, 0.12),
            top_deg=(82, 95),
            list_deg=(3.0, 10.0),
            twist_deg=(2.0, 8.0),
        ),
        Lift(
            name="glute_bridge",
            lying=True,
            starts_at_top=False,
            rom_deg=(22, 6, 14, 36),
            rise_m=(0.0070, 0.0012, 0.0050, 0.0095),
            travel_m=(0.05, 0.10),
            top_deg=(104, 120),
        ),
        Lift(
            name="squat",
            lying=False,
            starts_at_top=True,
            rom_deg=(32, 7, 20, 45),
            rise_m=(0.55, 0.06, 0.45, 0.65),
            travel_m=(0.05, 0.15),
            top_deg=(-4, 4),
        ),
        Lift(
            name="deadlift",
            lying=False,
            starts_at_top=False,
            rom_deg=(55, 8, 40, 70),
            rise_m=(0.32, 0.04, 0.25, 0.40),
            travel_m=(0.10, 0.25),
            top_deg=(-3, 5),
        ),
        Lift(
            name="lunge",
            lying=False,
            starts_at_top=True,
            rom_deg=(12, 4, 5, 20),
            rise_m=(0.32, 0.04, 0.25, 0.40),
            travel_m=(0.25, 0.50),
            top_deg=(-4, 4),
            list_deg=(1.0, 4.0),
            twist_deg=(2.0, 6.0),
        ),
    )
}
