"""Barbell hip thrust, upper back on a bench.

Pelvis pitch 35-75 deg and a rise of 0.18-0.40 m (Zabaleta-Korta and Fernandez-Pena 2024: 0.357 m at
80 % of 1RM; a linkage gives 0.0024-0.0085 m/deg). Limits are wider by a third: the sensor is
not at the hip joint, and a lifter may fall short.
"""

from pipeline.exercises.exercise import Exercise

EXERCISE = Exercise(
    name="hip_thrust",
    title="Hip thrust",
    posture="lying",
    starts_at="bottom",
    rom_deg=(25.0, 88.0),
    rise_m=(0.10, 0.60),
    rise_per_deg_m=(0.0021, 0.0105),
    phase_s=0.25,
    away_deg=(30.0, 180.0),
    experimental=False,
)
