"""Hip thrust on one leg: 10-20 % less range than on two, with roll and yaw beside it.

No kinematics are published; the limits are those of the hip thrust.
"""

from pipeline.exercises.exercise import Exercise

EXERCISE = Exercise(
    name="single_leg_hip_thrust",
    title="Single-leg hip thrust",
    posture="lying",
    starts_at="bottom",
    rom_deg=(25.0, 88.0),
    rise_m=(0.10, 0.60),
    rise_per_deg_m=(0.0021, 0.0105),
    phase_s=0.25,
    away_deg=(30.0, 180.0),
    experimental=False,
)
