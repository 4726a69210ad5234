"""Squat. The pelvis sinks by 0.45-0.65 m, half of that in a partial one, and leans and comes back.

The smallest rise is below that of recorded partial squats (0.2 m).
"""

from pipeline.exercises.exercise import Exercise

EXERCISE = Exercise(
    name="squat",
    title="Squat",
    posture="standing",
    starts_at="top",
    rom_deg=(0.0, 100.0),
    rise_m=(0.15, 1.0),
    rise_per_deg_m=(0.0, 1.0),
    phase_s=0.4,
    away_deg=(0.0, 60.0),
    experimental=False,
)
