"""Events and a recording made by hand, for tests of what is shown and written."""

from pathlib import Path

import numpy as np

from pipeline.events import Rep, SetSummary, Tempo
from sensor.samples import STANDARD_GRAVITY_MPS2


def rep(
    number: int | None, *, revision: int = 2, in_set: int = 1, faults: tuple[str, ...] = ()
) -> Rep:
    """Rep of 4 s each, the first at 10 s: up 1.0, top 0.5, down 1.5, bottom 1.0 s."""
    start_s = 10.0 + 4.0 * ((number or 9) - 1) + 100.0 * (in_set - 1)
    return Rep(
        id=f"sensor-session-1-{in_set}-{number}",
        set=in_set,
        rep=number,
        exercise="hip_thrust",
        revision=revision,
        partial=number is None,
        start_s=start_s,
        concentric_start_s=start_s,
        concentric_end_s=start_s + 1.0,
        eccentric_start_s=start_s + 1.5,
        eccentric_end_s=start_s + 3.0,
        end_s=start_s + 3.0,
        concentric_s=1.0,
        top_pause_s=0.5,
        eccentric_s=1.5,
        bottom_pause_s=1.0,
        rom_deg=57.0,
        displacement_m=0.33,
        mean_velocity_mps=0.33,
        peak_velocity_mps=0.75,
        velocity_loss_pct=6.0,
        faults=faults,
        confidence=0.98,
    )


def summary(reps: int = 3, *, in_set: int = 1, faults: dict[str, int] | None = None) -> SetSummary:
    start_s = 10.0 + 100.0 * (in_set - 1)
    return SetSummary(
        id=f"sensor-session-1-{in_set}",
        set=in_set,
        exercise="hip_thrust",
        reps=reps,
        partials=0,
        start_s=start_s,
        end_s=start_s + 4.0 * reps - 1.0,
        tempo=Tempo(eccentric_s=1.5, bottom_pause_s=1.0, concentric_s=1.0, top_pause_s=0.5),
        rom_deg=57.0,
        displacement_m=0.33,
        mean_velocity_mps=0.33,
        best_velocity_mps=0.36,
        velocity_loss_pct=6.0,
        faults=faults or {},
        axis=(0.0, 1.0, 0.0),
        zero=(0.0, 0.0, 1.0),
        confidence=0.95,
    )


def write_recording(path: Path, *, reps: int = 3, header: str = "# sensor: belt 7\n") -> Path:
    """Clean hip thrusts by a sensor whose y axis is the pelvis': 55 deg, 0.33 m, 4 s each."""
    rate_hz = 100.0
    t_s = np.arange(0.0, 4.0 + 4.0 * reps + 3.0, 1.0 / rate_hz)
    risen = np.zeros_like(t_s)
    for start_s in 4.0 + 4.0 * np.arange(reps):
        risen += _smooth_step(t_s - start_s) - _smooth_step((t_s - start_s - 1.5) / 1.5)
    pitch = np.radians(55.0) * risen
    up_mps2 = STANDARD_GRAVITY_MPS2 + 0.33 * np.gradient(np.gradient(risen, t_s), t_s)
    still = np.zeros_like(t_s)
    acc = np.column_stack((-np.sin(pitch) * up_mps2, still, np.cos(pitch) * up_mps2))
    gyr = np.column_stack((still, np.gradient(pitch, t_s), still))
    with path.open("w") as file:
        file.write(f"# format: imu-csv/1\n{header}t,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n")
        np.savetxt(file, np.column_stack((t_s, acc, gyr)), fmt="%.5f", delimiter=",")
    return path


def _smooth_step(x: np.ndarray) -> np.ndarray:
    """0 to 1 with least jerk."""
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (10.0 - 15.0 * x + 6.0 * x**2)
