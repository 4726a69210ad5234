"""Hip thrust."""

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
