"""What really happened, measured on the clean movement by the contract's definitions."""

from itertools import pairwise
from typing import Any

import numpy as np

from sensor.samples import Floats
from sensor.simulator.lifting import PerformedSet, RepWindows, Window
from sensor.simulator.lifts import LIFTS
from sensor.simulator.motion import MOTION_HZ

_FLOORS = {True: 2.0, False: 0.03}
_SHARE_OF_PEAK = 0.02
_MARGIN_S = 0.1
_DOUBT = {"short_lockout": (6.0, 10.0), "over_arch": (4.0, 6.0), "sag": (2.0, 4.0)}
_GOOD_TOP = 0.08


def set_truth(
    performed: PerformedSet, pitch_deg: Floats, height_m: Floats, tilt_deg: Floats
) -> dict[str, Any]:
    """One set of a truth file.

    pitch_deg, tilt_deg (n,): of the pelvis, height_m (n,): of the sensor, at MOTION_HZ.
    """
    lift = LIFTS[performed.exercise]
    signal = pitch_deg if lift.lying else height_m
    reps = [
        _rep_truth(windows, signal, pitch_deg, height_m, lift.starts_at_top, _FLOORS[lift.lying])
        for windows in performed.reps
    ]
    _pauses_between(reps, lift.starts_at_top)
    _velocity_losses(reps)
    if lift.lying:
        _faults(reps, performed.reps, pitch_deg)
        for rep in reps:
            held = _at(tilt_deg, rep["eccentric_start_s"]) - _at(tilt_deg, rep["concentric_end_s"])
            rep["tilt_deg"] = held
    tempo = performed.tempo
    planned = [tempo.eccentric_s, tempo.bottom_s, tempo.concentric_s, tempo.top_s]
    return {"exercise": performed.exercise, "planned_tempo": planned, "reps": reps}


def _rep_truth(
    windows: RepWindows,
    signal: Floats,
    pitch_deg: Floats,
    height_m: Floats,
    starts_at_top: bool,
    floor: float,
) -> dict[str, Any]:
    con = _phase(signal, windows.concentric, 1.0, floor)
    ecc = _phase(signal, windows.eccentric, -1.0, floor)
    first, last = (ecc, con) if starts_at_top else (con, ecc)
    velocity = np.gradient(height_m[_index(con[0]) : _index(con[1]) + 2]) * MOTION_HZ
    rise = _at(height_m, con[1]) - _at(height_m, con[0])
    between = last[0] - first[1]
    return {
        "partial": windows.partial,
        "start_s": first[0],
        "concentric_start_s": con[0],
        "concentric_end_s": con[1],
        "eccentric_start_s": ecc[0],
        "eccentric_end_s": ecc[1],
        "end_s": last[1],
        "concentric_s": con[1] - con[0],
        "top_pause_s": None if starts_at_top else between,
        "eccentric_s": ecc[1] - ecc[0],
        "bottom_pause_s": between if starts_at_top else None,
        "rom_deg": _at(pitch_deg, con[1]) - _at(pitch_deg, con[0]),
        "displacement_m": rise,
        "mean_velocity_mps": rise / (con[1] - con[0]),
        "peak_velocity_mps": float(velocity.max()),
        "velocity_loss_pct": None,
        "faults": [],
        "tilt_deg": None,
    }


def _phase(signal: Floats, window: Window, sign: float, floor: float) -> Window:
    """The crossings of the rate threshold nearest to the fastest moment, outwards from it."""
    first = max(0, _index(window[0] - _MARGIN_S))
    rate = sign * np.gradient(signal[first : _index(window[1] + _MARGIN_S)]) * MOTION_HZ
    inside = rate[_index(window[0]) - first : _index(window[1]) - first]
    peak = _index(window[0]) - first + int(inside.argmax())
    threshold = max(floor, _SHARE_OF_PEAK * rate[peak])
    before = np.flatnonzero(rate[:peak] < threshold)
    after = np.flatnonzero(rate[peak:] < threshold)
    begin = float(before[-1]) if len(before) else 0.0
    end = float(peak + after[0]) if len(after) else float(len(rate) - 1)
    if len(before):
        begin += _crossing(rate, before[-1], threshold)
    if len(after):
        end -= 1 - _crossing(rate, peak + after[0] - 1, threshold)
    return (first + begin) / MOTION_HZ, (first + end) / MOTION_HZ


def _crossing(rate: Floats, index: int, threshold: float) -> float:
    """How far past ``index`` the rate crosses the threshold, 0..1 of a sample."""
    here, there = rate[index], rate[index + 1]
    return float((threshold - here) / (there - here))


def _pauses_between(reps: list[dict[str, Any]], starts_at_top: bool) -> None:
    """The pause after a rep belongs to it; the last one has none."""
    name = "top_pause_s" if starts_at_top else "bottom_pause_s"
    for rep, following in pairwise(reps):
        rep[name] = following["start_s"] - rep["end_s"]


def _velocity_losses(reps: list[dict[str, Any]]) -> None:
    """Against the fastest rep so far; partial reps neither have a loss nor set the best."""
    best = 0.0
    for rep in reps:
        if not rep["partial"]:
            best = max(best, rep["mean_velocity_mps"])
            rep["velocity_loss_pct"] = 100 * (best - rep["mean_velocity_mps"]) / best


def _faults(reps: list[dict[str, Any]], windows: tuple[RepWindows, ...], pitch_deg: Floats) -> None:
    counted = [index for index, rep in enumerate(reps) if not rep["partial"]]
    tops = np.array([_at(pitch_deg, reps[index]["concentric_end_s"]) for index in counted])
    rom = float(np.median([reps[index]["rom_deg"] for index in counted]))
    reference = _reference_top(tops, rom)
    for index, top in zip(counted, tops, strict=True):
        sizes = {"short_lockout": 100 * (reference - top) / rom}
        if windows[index].fault in ("over_arch", "sag"):
            hold = _between(pitch_deg, reps[index])
            sizes[windows[index].fault] = float(hold[0] - hold.min())
        names = (_name(fault, size) for fault, size in sizes.items())
        reps[index]["faults"] = [name for name in names if name]


def _reference_top(tops: Floats, rom_deg: float) -> float:
    """The median of the good tops, those less than 8 % of the ROM below it."""
    reference = float(np.median(tops[tops >= np.median(tops)]))
    for _ in range(10):
        reference = float(np.median(tops[tops > reference - _GOOD_TOP * rom_deg]))
    return reference


def _name(fault: str, size: float) -> str:
    doubtful, sure = _DOUBT[fault]
    if size < doubtful:
        return ""
    return fault if size > sure else f"{fault}?"


def _between(pitch_deg: Floats, rep: dict[str, Any]) -> Floats:
    return pitch_deg[_index(rep["concentric_end_s"]) : _index(rep["eccentric_start_s"]) + 1]


def _index(time_s: float) -> int:
    return int(np.floor(time_s * MOTION_HZ))


def _at(values: Floats, time_s: float) -> float:
    place = time_s * MOTION_HZ
    index = int(place)
    share = place - index
    return float(values[index] * (1 - share) + values[index + 1] * share)
