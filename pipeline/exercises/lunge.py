"""Lunge: the pelvis sinks by 0.25-0.40 m and leans by 5-20 deg. No recording to check on."""

from pipeline.exercises.exercise import Exercise

EXERCISE = Exercise(
    name="lunge",
    title="Lunge",
    posture="standing",
    starts_at="top",
    rom_deg=(0.0, 60.0),
    rise_m=(0.12, 0.7),
    rise_per_deg_m=(0.0, 1.0),
    phase_s=0.4,
    away_deg=(0.0, 60.0),
    experimental=True,
)
