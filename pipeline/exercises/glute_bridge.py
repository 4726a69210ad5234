"""Glute bridge, shoulders on the floor.

Pelvis pitch 22 deg (sd 6) and a rise of 0.155 m (sd 0.048): Zabaleta-Korta and Fernandez-Pena 2024.
"""

from pipeline.exercises.exercise import Exercise

EXERCISE = Exercise(
    name="glute_bridge",
    title="Glute bridge",
    posture="lying",
    starts_at="bottom",
    rom_deg=(10.0, 70.0),
    rise_m=(0.04, 0.40),
    rise_per_deg_m=(0.0021, 0.0105),
    phase_s=0.25,
    away_deg=(30.0, 180.0),
    experimental=False,
)
