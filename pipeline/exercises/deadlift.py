"""Deadlift: the pelvis rises by 0.25-0.40 m and turns by 40-70 deg, from the floor.

A hip thrust on end: only a walk before tells one from the other. No recording to check on.
"""

from pipeline.exercises.exercise import Exercise

EXERCISE = Exercise(
    name="deadlift",
    title="Deadlift",
    posture="standing",
    starts_at="bottom",
    rom_deg=(15.0, 110.0),
    rise_m=(0.12, 0.8),
    rise_per_deg_m=(0.0, 1.0),
    phase_s=0.4,
    away_deg=(0.0, 60.0),
    experimental=True,
)
