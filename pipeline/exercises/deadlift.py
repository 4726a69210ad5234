"""Deadlift."""

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
