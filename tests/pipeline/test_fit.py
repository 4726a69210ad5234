"""Whether a sensor sits well: a good one passes wherever it is worn, and each fault is named."""

import argparse
import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pipeline.cli import main
from pipeline.commands import CommandError
from pipeline.commands import fit as command
from pipeline.doctor import Finding
from pipeline.fit import fit_findings
from pipeline.settings import SensorEntry, Settings
from sensor.link import SensorError
from sensor.samples import Floats, SampleBlock
from sensor.simulator import SessionSpec, SetPlan, Tempo, simulate
from sensor.simulator.packets import model_session
from sensor.simulator.peripherals import make
from tests.pipeline.fake_radio import FakeRadio, lying_still

DOT = "D4:22:CD:00:00:07"
SLOW = Tempo(eccentric_s=1.5, bottom_s=0.5, concentric_s=1.5, top_s=1.0)
SPEC = SessionSpec(sets=(SetPlan(reps=2, tempo=SLOW),), around=False)

Capture = pytest.CaptureFixture[str]


@cache
def tried(seed: int = 1, rate_hz: float = 60.0, *, gyro: bool = True) -> SampleBlock:
    """Two slow reps with two still seconds before and after; each seed is another mounting."""
    made = simulate(replace(SPEC, rate_hz=rate_hz, gyro=gyro, loss_pct=0.0, seed=seed))
    reps = made.truth["sets"][0]["reps"]
    keep = (made.t_s >= reps[0]["start_s"] - 2.0) & (made.t_s <= reps[-1]["end_s"] + 2.0)
    gyr = None if made.gyr is None else made.gyr[keep]
    return SampleBlock(made.t_s[keep], made.acc[keep], gyr)


def changed(
    block: SampleBlock, acc: Floats | None = None, gyr: Floats | None = None
) -> SampleBlock:
    return SampleBlock(
        block.t_s, block.acc if acc is None else acc, block.gyr if gyr is None else gyr
    )


def only(findings: list[Finding], about: str, level: str) -> Finding:
    """The one that is not well; all others are."""
    (found,) = [one for one in findings if one.level != "ok"]
    assert (found.about, found.level) == (about, level)
    assert found.cure
    return found


@pytest.mark.parametrize("gyro", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_a_sensor_that_sits_well_passes_wherever_it_is_worn(seed: int, gyro: bool) -> None:
    findings = fit_findings(tried(seed, gyro=gyro))
    assert [one.about for one in findings] == ["axis", "seat", "rattle"]
    assert {one.level for one in findings} == {"ok"}


@pytest.mark.parametrize("rate_hz", [25.0, 100.0, 400.0])
def test_it_passes_at_any_rate(rate_hz: float) -> None:
    findings = fit_findings(tried(1, rate_hz))
    assert {one.level for one in findings} == {"ok"}
    assert ("cannot be judged" in findings[-1].text) == (rate_hz == 25.0)


def test_how_far_it_turned_is_the_range_of_the_reps() -> None:
    swing_deg = float(fit_findings(tried())[0].text.split("about it, ")[1].split("°")[0])
    assert 40 < swing_deg < 75
    alone_deg = float(fit_findings(tried(gyro=False))[0].text.split("by ")[1].split("°")[0])
    assert alone_deg == pytest.approx(swing_deg, abs=12)


def test_a_gyroscope_offset_does_not_matter() -> None:
    block = tried()
    assert block.gyr is not None
    findings = fit_findings(changed(block, gyr=block.gyr + np.radians([5.0, -3.0, 2.0])))
    assert {one.level for one in findings} == {"ok"}


@pytest.mark.parametrize("gyro", [True, False])
def test_a_sensor_that_slips_is_told_to_tighten_the_belt(gyro: bool) -> None:
    block = tried(gyro=gyro)
    acc = block.acc.copy()
    late = block.t_s > block.t_s.mean()
    axis = np.cross(acc[0], [0.3, 0.5, 0.8])
    axis /= np.linalg.norm(axis)
    angle = np.radians(12.0)
    acc[late] = (
        acc[late] * np.cos(angle)
        + np.cross(axis, acc[late]) * np.sin(angle)
        + np.outer(acc[late] @ axis, axis) * (1 - np.cos(angle))
    )
    finding = only(fit_findings(changed(block, acc)), "seat", "warning")
    assert "tighten the belt" in finding.cure


@pytest.mark.parametrize("gyro", [True, False])
def test_hardly_any_movement_is_no_check(gyro: bool) -> None:
    finding = fit_findings(lying_still(gyr=gyro))[-1]
    assert (finding.about, finding.level) == ("axis", "problem")
    assert "two slow reps" in finding.cure


def test_a_small_movement_is_no_check() -> None:
    block = tried()
    assert block.gyr is not None
    still = block.gyr[:60].mean(axis=0)
    small = changed(block, gyr=still + 0.2 * (block.gyr - still))
    assert fit_findings(small)[-1].level == "problem"


@pytest.mark.parametrize("end", ["beginning", "end"])
def test_moving_at_an_end_is_no_check(end: str) -> None:
    block = tried()
    half = len(block) // 2
    part = slice(half, None) if end == "beginning" else slice(None, half)
    assert block.gyr is not None
    (finding,) = fit_findings(SampleBlock(block.t_s[part], block.acc[part], block.gyr[part]))
    assert (finding.about, finding.level) == ("at rest", "problem")
    assert "hold still" in finding.cure


def test_turning_about_two_axes_is_a_sensor_that_rolls() -> None:
    block = tried()
    assert block.gyr is not None
    shares, axes = np.linalg.eigh(block.gyr.T @ block.gyr)
    assert shares[-1] > 0.9 * shares.sum()
    rolling = 0.8 * np.roll(block.gyr @ axes[:, -1], 45)  # 0.75 s later
    finding = only(
        fit_findings(changed(block, gyr=block.gyr + np.outer(rolling, axes[:, 0]))),
        "axis",
        "warning",
    )
    assert "tighten the belt" in finding.cure


def test_a_sensor_that_shakes_is_told_to_sit_firmly() -> None:
    block = tried(1, 100.0)
    moving = (block.t_s > block.t_s[0] + 2.0) & (block.t_s < block.t_s[-1] - 2.0)
    shaking = 3.0 * np.sin(2 * np.pi * 20.0 * block.t_s) * moving
    finding = only(
        fit_findings(changed(block, block.acc + np.outer(shaking, [0.0, 1.0, 0.0]))),
        "rattle",
        "warning",
    )
    assert "flat to the body" in finding.cure


@pytest.mark.parametrize("seconds", [0.0, 0.02, 3.0])
def test_a_moment_is_too_short(seconds: float) -> None:
    (finding,) = fit_findings(lying_still(seconds))
    assert (finding.about, finding.level) == ("samples", "problem")


# The command


def asked(*, as_json: bool = False) -> argparse.Namespace:
    return argparse.Namespace(seconds=0.05, json=as_json)


def test_packets_of_a_session_are_judged() -> None:
    _, records = model_session("movesense", SPEC)
    findings = command._findings(records, [], SensorEntry(address=DOT))
    assert [one.about for one in findings] == ["axis", "seat", "rattle"]
    assert {one.level for one in findings} == {"ok"}


def test_it_says_what_to_do_and_a_problem_is_an_exit_code(capsys: Capture) -> None:
    # All samples come at once, so there is no time in which anybody could have moved.
    radio = FakeRadio([make("dot", address=DOT)], samples=tried())
    assert command.fit(radio, SensorEntry(address=DOT), asked()) == 1
    captured = capsys.readouterr()
    assert "sit at the bottom and hold still" in captured.err
    assert captured.out.split()[:2] == ["problem", "samples"]
    radio = FakeRadio([make("dot", address=DOT)], samples=tried())
    assert command.fit(radio, SensorEntry(address=DOT), asked(as_json=True)) == 1
    (finding,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (finding["about"], finding["level"]) == ("samples", "problem")


def test_a_radio_that_is_off_is_a_problem(capsys: Capture) -> None:
    radio = FakeRadio(fault=SensorError("Bluetooth is off: switch it on"))
    assert command.fit(radio, SensorEntry(address=DOT), asked()) == 1
    assert "switch it on" in capsys.readouterr().out


def test_the_only_sensor_of_the_settings_is_meant() -> None:
    one = SensorEntry(address=DOT)
    assert command._entry(Settings(sensors={"belt": one}), None) is one
    assert command._entry(Settings(sensors={"belt": one}), "belt") is one
    for sensors in ({}, {"belt": one, "other": SensorEntry(name="x")}):
        with pytest.raises(CommandError, match="--sensor"):
            command._entry(Settings(sensors=sensors), None)


def test_less_time_than_the_reps_take_is_refused(capsys: Capture) -> None:
    assert main(["fit", "--sensor", "x", "--seconds", "3"]) == 2
    assert "at least 8" in capsys.readouterr().err
