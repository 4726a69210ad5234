"""Sensor floor: radio bytes or a file become sample blocks. Knows nothing of reps."""
