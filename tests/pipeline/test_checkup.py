"""What a sensor sent, judged."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.checkup import Measured, sensor_findings, signal_finding, still_findings
from pipeline.doctor import Finding
from sensor.drivers import Setup
from sensor.samples import SampleBlock
from tests.pipeline.fake_radio import lying_still

SETUP = Setup("dot", "Movella DOT", 60.0, 16.0, 2000.0, "2.1.0")
GOOD = Measured(
    setup=SETUP,
    block=lying_still(),
    asked_hz=60.0,
    rate_hz=60.2,
    lost=0,
    duplicates=0,
    skipped={},
    disconnects=(),
    battery_pct=80.0,
)
EMPTY = lying_still(0.0)


def about(findings: list[Finding], word: str) -> Finding:
    (finding,) = [one for one in findings if one.about == word]
    return finding


def judged(word: str, **changes: object) -> Finding:
    return about(sensor_findings(replace(GOOD, **changes)), word)  # type: ignore[arg-type]


def test_a_good_sensor_has_no_problem() -> None:
    assert {finding.level for finding in sensor_findings(GOOD)} == {"ok"}


@pytest.mark.parametrize(
    ("rate_hz", "level"), [(59.0, "ok"), (56.0, "warning"), (40.0, "problem"), (None, "warning")]
)
def test_the_rate_is_held_against_what_was_set(rate_hz: float | None, level: str) -> None:
    assert judged("rate", rate_hz=rate_hz).level == level


def test_a_rate_that_the_sensor_does_not_have_is_said() -> None:
    assert "asked for 100 Hz" in judged("rate", asked_hz=100.0).text
    assert "asked for" not in judged("rate").text


def test_a_rate_that_nothing_can_be_counted_with_is_a_problem() -> None:
    slow = replace(SETUP, rate_hz=12.5)
    assert "25 Hz" in judged("rate", setup=slow, rate_hz=12.5).cure


@pytest.mark.parametrize(
    ("lost", "level"), [(0, "ok"), (5, "ok"), (20, "warning"), (60, "problem"), (None, "ok")]
)
def test_loss_is_judged_where_it_can_be_known(lost: int | None, level: str) -> None:
    finding = judged("loss", lost=lost)
    assert finding.level == level
    assert ("cannot be known" in finding.text) == (lost is None)
    assert bool(finding.cure) == (level != "ok")


def test_what_was_passed_over_is_named() -> None:
    finding = judged("passed over", skipped={"too short": 3, "checksum": 0})
    assert (finding.level, finding.text) == ("warning", "too short (3)")
    assert judged("repeats", duplicates=4).level == "ok"
    assert "gone" in judged("connection", disconnects=("gone",)).text


@pytest.mark.parametrize(
    ("percent", "level"), [(90.0, "ok"), (15.0, "warning"), (2.0, "problem"), (None, "ok")]
)
def test_a_low_battery_is_said(percent: float | None, level: str) -> None:
    assert judged("battery", battery_pct=percent).level == level


@pytest.mark.parametrize(("dbm", "level"), [(-50, "ok"), (-95, "warning"), (None, "ok")])
def test_a_weak_signal_is_said(dbm: float | None, level: str) -> None:
    assert signal_finding(dbm).level == level


def test_a_gyroscope_offset_is_measured_at_rest() -> None:
    small = about(still_findings(lying_still(offset_dps=1.5)), "gyroscope")
    large = about(still_findings(lying_still(offset_dps=-3.0)), "gyroscope")
    assert (small.level, large.level) == ("ok", "warning")
    assert "1.50 deg/s" in small.text
    assert "3.00 deg/s" in large.text
    assert large.cure


@pytest.mark.parametrize(
    ("gravity_mps2", "level"), [(9.9, "ok"), (10.8, "warning"), (1.0, "problem"), (19.6, "problem")]
)
def test_gravity_shows_the_scale(gravity_mps2: float, level: str) -> None:
    finding = about(still_findings(lying_still(gravity_mps2=gravity_mps2)), "gravity")
    assert finding.level == level


def test_noise_is_measured_as_it_is() -> None:
    quiet = about(still_findings(lying_still(noise_mps2=0.02, noise_dps=0.1)), "noise")
    assert quiet.level == "ok"
    assert float(quiet.text.split()[0]) == pytest.approx(0.02, rel=0.2)
    assert about(still_findings(lying_still(noise_mps2=0.2)), "noise").level == "warning"
    assert about(still_findings(lying_still(noise_dps=1.0)), "noise").level == "warning"


def test_without_a_gyroscope_none_is_judged() -> None:
    finding = about(still_findings(lying_still(gyr=False)), "gyroscope")
    assert finding.level == "ok"
    assert "none" in finding.text


def test_a_sensor_in_motion_is_asked_to_lie_still() -> None:
    (finding,) = still_findings(lying_still(noise_mps2=2.0))
    assert finding.level == "warning"
    assert "table" in finding.cure


def test_two_quiet_seconds_are_enough() -> None:
    block = lying_still()
    moved = block.acc.copy()
    moved[: len(moved) // 2] += np.random.default_rng(1).normal(0, 3, (len(moved) // 2, 3))
    after = still_findings(SampleBlock(block.t_s, moved, block.gyr))
    assert {finding.level for finding in after} == {"ok"}


def test_a_window_cut_by_a_gap_is_not_taken_for_quiet() -> None:
    block = lying_still(noise_mps2=2.0)
    keep = (block.t_s < 2.0) | (block.t_s > 3.98)
    assert block.gyr is not None
    gap = SampleBlock(block.t_s[keep], block.acc[keep], block.gyr[keep])
    assert still_findings(gap)[0].about == "at rest"


@pytest.mark.parametrize("seconds", [0.02, 0.5, 1.5])
def test_a_moment_is_too_short_to_judge(seconds: float) -> None:
    (finding,) = still_findings(lying_still(seconds))
    assert "--seconds" in finding.cure


def test_a_connected_sensor_that_sends_nothing_is_a_problem() -> None:
    findings = sensor_findings(replace(GOOD, block=EMPTY, rate_hz=None, lost=None))
    assert about(findings, "samples").level == "problem"
    assert not [one for one in findings if one.about in ("loss", "rate", "at rest")]
