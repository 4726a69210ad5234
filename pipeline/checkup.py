"""What is well with a sensor that was watched while it lay still, what is not, and the cure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.doctor import Finding, Level
from sensor.checks import MIN_RATE_HZ
from sensor.drivers.driver import Setup
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from sensor.scan import signal_word

_RATE_OFF_PCT = (3.0, 10.0)  # warning from, problem from
_LOSS_PCT = (1.0, 5.0)
_BATTERY_PCT = (20.0, 5.0)

# A quiet window is judged: what was moved before the sensor lay down does no harm.
_WINDOW_S = 2.0
_STILL_ACC_MPS2 = 0.3
_STILL_GYR_DPS = 3.0
# Five times what the noisiest of the simulator's parts has by its data sheet, at 100 Hz.
_NOISE_ACC_MPS2 = 0.1
_NOISE_GYR_DPS = 0.5
# The orientation filter corrects a smaller offset by itself.
_OFFSET_DPS = 2.0
# Offsets of up to 60 mg are seen on boards; more is a wrong scale.
_GRAVITY_OFF_MPS2 = (0.6, 2.0)


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """What came of a sensor while it was watched.

    asked_hz: the rate asked for. rate_hz: measured. lost, duplicates, skipped: as
    `sensor.stream.Stream` has them. disconnects: why, for each.
    """

    setup: Setup
    block: SampleBlock
    asked_hz: float
    rate_hz: float | None
    lost: int | None
    duplicates: int
    skipped: Mapping[str, int]
    disconnects: Sequence[str]
    battery_pct: float | None


def signal_finding(rssi_dbm: float | None) -> Finding:
    """How well the sensor is heard."""
    if rssi_dbm is None:
        return Finding("ok", "signal", "not told")
    word = signal_word(rssi_dbm)
    text = f"{rssi_dbm:.0f} dBm, {word}"
    if word == "far":
        cure = "bring it nearer; a body between them costs much"
        return Finding("warning", "signal", text, cure)
    return Finding("ok", "signal", text)


def sensor_findings(measured: Measured) -> list[Finding]:
    """What a sensor sent, judged; it is to lie still meanwhile."""
    if not len(measured.block):
        cure = "switch it off and on again; an app on a phone may hold it"
        return [
            _setup(measured.setup),
            Finding("problem", "samples", "it is connected and sends none", cure),
            *_transport(measured),
        ]
    return [
        _setup(measured.setup),
        _rate(measured),
        _loss(measured),
        *_transport(measured),
        *still_findings(measured.block),
        _battery(measured.battery_pct),
    ]


def still_findings(block: SampleBlock) -> list[Finding]:
    """Offsets, noise and gravity, out of the quietest two seconds of a block."""
    quiet = _quietest(block)
    if quiet is None:
        cure = "watch it for longer: --seconds"
        return [Finding("warning", "at rest", f"less than {_WINDOW_S:.0f} s of samples", cure)]
    acc_noise_mps2 = _spread(quiet.acc)
    gyr_dps = None if quiet.gyr is None else np.degrees(quiet.gyr)
    gyr_noise_dps = 0.0 if gyr_dps is None else _spread(gyr_dps)
    if acc_noise_mps2 > _STILL_ACC_MPS2 or gyr_noise_dps > _STILL_GYR_DPS:
        text = "it moved all the time: offset and noise cannot be judged"
        return [Finding("warning", "at rest", text, "lay it on a table and ask again")]
    findings = [_gravity(quiet.acc), _noise(acc_noise_mps2, gyr_noise_dps, gyr=gyr_dps is not None)]
    if gyr_dps is None:
        text = "none: reps are found by the accelerometer alone, less surely"
        return [Finding("ok", "gyroscope", text), *findings]
    return [_offset(gyr_dps), *findings]


def _setup(setup: Setup) -> Finding:
    parts = [f"{setup.rate_hz:g} Hz"]
    if setup.acc_range_g is not None:
        parts.append(f"±{setup.acc_range_g:g} g")
    if setup.gyr_range_dps is not None:
        parts.append(f"±{setup.gyr_range_dps:g} deg/s")
    if setup.firmware:
        parts.append(f"firmware {setup.firmware}")
    return Finding("ok", "set up", ", ".join(parts))


def _rate(measured: Measured) -> Finding:
    setup_hz, rate_hz = measured.setup.rate_hz, measured.rate_hz
    if rate_hz is None:
        cure = "watch it for longer: --seconds"
        return Finding("warning", "rate", "too few samples to tell", cure)
    text = f"{rate_hz:.1f} Hz, set to {setup_hz:g} Hz"
    if setup_hz != measured.asked_hz:
        text += f" (asked for {measured.asked_hz:g} Hz)"
    if rate_hz < MIN_RATE_HZ * (1 - _RATE_OFF_PCT[0] / 100):
        cure = f"ask for a higher rate: at least {MIN_RATE_HZ:g} Hz are needed"
        return Finding("problem", "rate", text, cure)
    level = _level(100 * abs(rate_hz / setup_hz - 1), _RATE_OFF_PCT)
    cure = "bring it nearer, or ask for a lower rate (rate_hz in the settings)"
    return Finding(level, "rate", text, "" if level == "ok" else cure)


def _transport(measured: Measured) -> list[Finding]:
    """Whether what came was whole, came once, and without a break."""
    findings = []
    skipped = [f"{reason} ({count})" for reason, count in sorted(measured.skipped.items()) if count]
    if skipped:
        cure = "a few at the start do no harm; if it goes on, bring it nearer"
        findings.append(Finding("warning", "passed over", ", ".join(skipped), cure))
    if measured.duplicates:
        text = f"{measured.duplicates} samples came twice and were dropped"
        findings.append(Finding("ok", "repeats", text))
    if measured.disconnects:
        times = "once" if len(measured.disconnects) == 1 else f"{len(measured.disconnects)} times"
        text = f"failed {times}: {measured.disconnects[-1]}"
        cure = "bring it nearer, and charge it"
        findings.append(Finding("problem", "connection", text, cure))
    return findings


def _loss(measured: Measured) -> Finding:
    if measured.lost is None:
        return Finding("ok", "loss", "cannot be known with this sensor")
    sent = len(measured.block) + measured.lost
    loss_pct = 100 * measured.lost / sent if sent else 0.0
    level = _level(loss_pct, _LOSS_PCT)
    text = f"{loss_pct:.1f} % of the samples ({measured.lost} of {sent})"
    cure = "bring it nearer, away from Wi-Fi and USB 3; or ask for a lower rate"
    return Finding(level, "loss", text, "" if level == "ok" else cure)


def _offset(gyr_dps: Floats) -> Finding:
    offset_dps = float(np.linalg.norm(gyr_dps.mean(axis=0)))
    text = f"offset at rest {offset_dps:.2f} deg/s"
    if offset_dps > _OFFSET_DPS:
        cure = "calibrate it as its maker says; leave it still for some seconds before a session"
        return Finding("warning", "gyroscope", f"{text}, over {_OFFSET_DPS:g}", cure)
    return Finding("ok", "gyroscope", text)


def _gravity(acc: Floats) -> Finding:
    norm_mps2 = float(np.linalg.norm(acc.mean(axis=0)))
    level = _level(abs(norm_mps2 - STANDARD_GRAVITY_MPS2), _GRAVITY_OFF_MPS2)
    text = f"{norm_mps2:.2f} m/s2 at rest"
    if level != "ok":
        text += f", not {STANDARD_GRAVITY_MPS2:.2f}"
    cure = {
        "ok": "",
        "warning": "calibrate it as its maker says",
        "problem": "its scale is wrong: name the right driver, then calibrate it",
    }[level]
    return Finding(level, "gravity", text, cure)


def _noise(acc_mps2: float, gyr_dps: float, *, gyr: bool) -> Finding:
    text = f"{acc_mps2:.3f} m/s2" + (f", {gyr_dps:.2f} deg/s" if gyr else "")
    if acc_mps2 > _NOISE_ACC_MPS2 or gyr_dps > _NOISE_GYR_DPS:
        cure = "lay it on something firm and ask again"
        return Finding("warning", "noise", f"{text}: much, or it was touched", cure)
    return Finding("ok", "noise", text)


def _battery(percent: float | None) -> Finding:
    if percent is None:
        return Finding("ok", "battery", "the sensor does not say")
    low, empty = _BATTERY_PCT
    level: Level = "ok" if percent >= low else "warning" if percent >= empty else "problem"
    return Finding(level, "battery", f"{percent:.0f} %", "" if level == "ok" else "charge it")


def _level(value: float, limits: tuple[float, float]) -> Level:
    if value > limits[1]:
        return "problem"
    return "warning" if value > limits[0] else "ok"


def _quietest(block: SampleBlock) -> SampleBlock | None:
    """The two seconds, cut from its start on, in which acc varies least; None if there are none."""
    edges = np.arange(block.t_s[0], block.t_s[-1] + _WINDOW_S, _WINDOW_S)
    cuts = np.searchsorted(block.t_s, edges)
    fullest = max(stop - start for start, stop in pairwise(cuts)) if len(cuts) > 1 else 0
    best: tuple[float, SampleBlock] | None = None
    for start, stop in pairwise(cuts):
        # A window with a gap or cut off by the end has less in it, and so seems quieter.
        if stop - start < 0.8 * fullest or block.t_s[stop - 1] - block.t_s[start] < 0.8 * _WINDOW_S:
            continue
        gyr = None if block.gyr is None else block.gyr[start:stop]
        window = SampleBlock(block.t_s[start:stop], block.acc[start:stop], gyr)
        spread = _spread(window.acc)
        if best is None or spread < best[0]:
            best = spread, window
    return best[1] if best else None


def _spread(vectors: Floats) -> float:
    """Standard deviation of the axes, root of the mean square of the three."""
    return float(np.sqrt(vectors.var(axis=0).mean()))
