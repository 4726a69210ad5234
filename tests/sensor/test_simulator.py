"""The model lifter: its physics, its truth, its sensor and its link."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensor.recording import open_recording
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats
from sensor.simulator import (
    LIFTS,
    STYLES,
    VARIANTS,
    SessionSpec,
    SetPlan,
    Simulation,
    Tempo,
    confounders,
    scenario,
    simulate,
    write,
)

TEMPO = Tempo(eccentric_s=1.2, bottom_s=0.5, concentric_s=0.9, top_s=1.0)
IDENTITY = (1.0, 0.0, 0.0, 0.0)
QUIET = SessionSpec(
    sets=(SetPlan(5, tempo=TEMPO, fatigue=0.2),),
    around=False,
    sensor="ideal",
    rate_hz=200.0,
    mounting=IDENTITY,
    slip_chance=0.0,
    loss_pct=0.0,
    seed=3,
)
TIMES = ("concentric_start_s", "concentric_end_s", "eccentric_start_s", "eccentric_end_s")


def reps_of(simulation: Simulation) -> list[dict[str, Any]]:
    return [rep for one in simulation.truth["sets"] for rep in one["reps"]]


def between(simulation: Simulation, start_s: float, end_s: float) -> slice:
    first, last = np.searchsorted(simulation.t_s, (start_s, end_s))
    return slice(int(first), int(last) + 1)


def world_up(simulation: Simulation) -> Floats:
    """Up in sensor axes (n, 3), by turning the first measured gravity with the gyro alone."""
    assert simulation.gyr is not None
    up = simulation.acc[:50].mean(axis=0)
    up /= np.linalg.norm(up)
    out = np.empty_like(simulation.acc)
    for index, turn in enumerate(simulation.gyr / 200.0):
        angle = np.linalg.norm(turn)
        axis = turn / angle
        up = (
            up * np.cos(angle)
            - np.cross(axis, up) * np.sin(angle)
            + axis * (axis @ up) * (1 - np.cos(angle))
        )
        out[index] = up
    return out


def test_the_gyro_of_an_ideal_sensor_adds_up_to_the_rom() -> None:
    simulation = simulate(QUIET)
    assert simulation.gyr is not None
    for rep in reps_of(simulation):
        part = between(simulation, rep["concentric_start_s"], rep["concentric_end_s"])
        turned = np.degrees(-simulation.gyr[part, 1].sum() / 200.0)
        assert turned == pytest.approx(rep["rom_deg"], abs=2.5)


def test_the_vertical_acceleration_of_an_ideal_sensor_adds_up_to_the_displacement() -> None:
    simulation = simulate(QUIET)
    vertical = (world_up(simulation) * simulation.acc).sum(axis=1) - STANDARD_GRAVITY_MPS2
    for rep in reps_of(simulation):
        part = between(simulation, rep["concentric_start_s"] - 0.2, rep["eccentric_start_s"] - 0.3)
        time = simulation.t_s[part]
        velocity = np.cumsum(vertical[part]) / 200.0
        velocity -= np.interp(time, time[[0, -1]], velocity[[0, -1]])
        height = np.cumsum(velocity) / 200.0
        rise = np.interp(rep["concentric_end_s"], time, height) - height[40]
        assert rise == pytest.approx(rep["displacement_m"], abs=0.02)
        assert velocity.max() == pytest.approx(rep["peak_velocity_mps"], abs=0.05)


def test_a_still_sensor_shows_gravity_and_its_errors_only() -> None:
    ideal = simulate(QUIET)
    assert ideal.gyr is not None
    at_rest = ideal.t_s < 1.5
    norm = np.linalg.norm(ideal.acc[at_rest], axis=1)
    assert np.abs(norm - STANDARD_GRAVITY_MPS2).max() < 0.05
    assert np.degrees(np.abs(ideal.gyr[at_rest]).max()) < 2.5

    cheap = simulate(replace(QUIET, sensor="icm20948"))
    assert cheap.gyr is not None
    cheap_rest = cheap.t_s < 1.5
    offset = np.abs(np.linalg.norm(cheap.acc[cheap_rest], axis=1) - STANDARD_GRAVITY_MPS2)
    assert 0.0 < offset.mean() < 1.3
    assert np.degrees(np.abs(cheap.gyr[cheap_rest].mean(axis=0))).max() < 7.5
    assert np.diff(cheap.acc[cheap_rest, 0]).std() > 5 * np.diff(ideal.acc[at_rest, 0]).std()


def test_the_mounting_turns_the_vectors_and_changes_nothing_else() -> None:
    straight = simulate(QUIET)
    turned = simulate(replace(QUIET, mounting=(0.5, -0.5, 0.5, 0.5)))
    assert straight.gyr is not None
    assert turned.gyr is not None
    assert turned.truth == straight.truth
    for one, other in ((straight.acc, turned.acc), (straight.gyr, turned.gyr)):
        assert not np.allclose(one, other, atol=0.05)
        np.testing.assert_allclose(
            np.linalg.norm(one, axis=1), np.linalg.norm(other, axis=1), atol=1e-9
        )


def test_height_is_no_function_of_pitch() -> None:
    """Rise per degree differs from rep to rep by more than rounding, by less than half."""
    plan = SetPlan(12, "novice")
    reps = reps_of(simulate(replace(QUIET, sets=(plan,))))
    ratios = np.array([rep["displacement_m"] / rep["rom_deg"] for rep in reps])
    assert 0.005 < ratios.std() / ratios.mean() < 0.2


@pytest.mark.parametrize("exercise", LIFTS)
def test_boundaries_are_in_order_and_the_durations_add_up(exercise: str) -> None:
    simulation = simulate(scenario(11, "novice", exercise))
    order = TIMES[2:] + TIMES[:2] if LIFTS[exercise].starts_at_top else TIMES
    pause = "bottom_pause_s" if LIFTS[exercise].starts_at_top else "top_pause_s"
    between_reps = "top_pause_s" if LIFTS[exercise].starts_at_top else "bottom_pause_s"
    for one in simulation.truth["sets"]:
        assert one["exercise"] == exercise
        for rep in one["reps"]:
            times = [rep[name] for name in order]
            assert times == sorted(times)
            assert (rep["start_s"], rep["end_s"]) == (times[0], times[-1])
            total = rep["eccentric_s"] + rep[pause] + rep["concentric_s"]
            assert total == pytest.approx(rep["end_s"] - rep["start_s"])
            mean = rep["displacement_m"] / rep["concentric_s"]
            assert rep["mean_velocity_mps"] == pytest.approx(mean)
            assert rep["peak_velocity_mps"] > mean > 0
        for rep, following in pairwise(one["reps"]):
            assert rep[between_reps] == pytest.approx(following["start_s"] - rep["end_s"])
            assert rep[between_reps] > 0
        assert one["reps"][-1][between_reps] is None


def test_the_tempo_asked_for_is_lifted() -> None:
    plan = SetPlan(6, tempo=Tempo(3.0, 1.0, 1.0, 2.0), fatigue=0.0)
    reps = reps_of(simulate(replace(QUIET, sets=(plan,))))
    assert np.median([rep["eccentric_s"] for rep in reps]) == pytest.approx(3.0, abs=0.5)
    assert np.median([rep["concentric_s"] for rep in reps]) == pytest.approx(1.0, abs=0.2)
    assert np.median([rep["top_pause_s"] for rep in reps]) == pytest.approx(2.0, abs=0.6)
    assert np.median([rep["bottom_pause_s"] for rep in reps[:-1]]) == pytest.approx(1.0, abs=0.5)


def test_fatigue_costs_the_velocity_that_was_asked_for() -> None:
    plan = SetPlan(10, tempo=TEMPO, fatigue=0.5)
    last = reps_of(simulate(replace(QUIET, sets=(plan,))))[-1]
    assert last["velocity_loss_pct"] == pytest.approx(50, abs=15)


@pytest.mark.parametrize("seed", range(4))
def test_planned_faults_and_nothing_else_is_in_the_truth(seed: int) -> None:
    faults = ("", "", "over_arch", "", "sag", "", "short_lockout", "", "")
    plan = SetPlan(9, tempo=TEMPO, fatigue=0.0, faults=faults)
    for planned, rep in zip(
        faults, reps_of(simulate(replace(QUIET, sets=(plan,), seed=seed))), strict=True
    ):
        assert [name.rstrip("?") for name in rep["faults"]] == ([planned] if planned else [])


def test_a_short_lockout_stops_below_the_others_by_the_contract() -> None:
    """The top by gravity in the hold, which the give of the skin may shift a little."""
    plan = SetPlan(8, tempo=TEMPO, fatigue=0.0, faults=("", "", "short_lockout"))
    for seed in range(6):
        simulation = simulate(replace(QUIET, sets=(plan,), seed=seed))
        reps = reps_of(simulation)
        tops = []
        for rep in reps:
            hold = between(simulation, rep["concentric_end_s"], rep["eccentric_start_s"])
            forward, _, along = simulation.acc[hold].mean(axis=0)
            tops.append(np.degrees(np.arctan2(forward, along)))
        rom = np.median([rep["rom_deg"] for rep in reps])
        missing = 100 * (np.median(tops) - tops[2]) / rom
        assert (missing > 8.5) == (reps[2]["faults"] == ["short_lockout"])
        assert 5 < missing < 28


def test_partial_reps_are_between_30_and_60_percent_and_not_counted() -> None:
    plan = SetPlan(6, tempo=TEMPO, partial_after=(2, 4, 6))
    reps = reps_of(simulate(replace(QUIET, sets=(plan,))))
    assert [rep["partial"] for rep in reps] == [False, False, True] * 3
    full = np.median([rep["rom_deg"] for rep in reps if not rep["partial"]])
    for rep in reps:
        share = rep["rom_deg"] / full
        assert 0.3 < share < 0.6 if rep["partial"] else share > 0.6
        assert (rep["velocity_loss_pct"] is None) == rep["partial"]


def test_phases_end_where_the_pitch_rate_falls_below_the_threshold() -> None:
    """Seen by an ideal sensor, whose own sway and tremor add a little."""
    simulation = simulate(replace(QUIET, rate_hz=100.0))
    assert simulation.gyr is not None
    rate = np.degrees(-simulation.gyr[:, 1])
    for rep in reps_of(simulation):
        for name in TIMES:
            assert abs(np.interp(rep[name], simulation.t_s, rate)) < 12
        middle = (rep["concentric_start_s"] + rep["concentric_end_s"]) / 2
        assert np.interp(middle, simulation.t_s, rate) > 30


def test_the_same_specification_gives_the_same_recording() -> None:
    one, other = simulate(scenario(8)), simulate(scenario(8))
    assert one.truth == other.truth
    np.testing.assert_array_equal(one.acc, other.acc)
    assert one.truth != simulate(scenario(8 + len(VARIANTS))).truth


def test_another_sensor_feels_the_same_set() -> None:
    spec = scenario(5)
    other = replace(spec, sensor="ideal", rate_hz=50.0, gyro=False, loss_pct=0.0)
    assert simulate(other).truth["sets"] == simulate(spec).truth["sets"]
    assert simulate(other).gyr is None


@pytest.mark.parametrize("loss_pct", [0.0, 2.0, 5.0])
def test_packets_are_lost_in_bursts_and_as_often_as_asked(loss_pct: float) -> None:
    spec = replace(confounders(3, minutes=20), rate_hz=50.0)
    whole = simulate(replace(spec, loss_pct=0.0))
    part = simulate(replace(spec, loss_pct=loss_pct))
    lost = 100 * (1 - len(part.t_s) / len(whole.t_s))
    assert lost == pytest.approx(loss_pct, abs=1.0)
    missing = np.diff(np.searchsorted(whole.t_s, part.t_s)) - 1
    gaps = missing[missing > 0]
    assert gaps.size == 0 or (gaps.min() >= 5 and gaps.max() <= 60)


def test_a_disconnected_sensor_sends_nothing() -> None:
    simulation = simulate(replace(QUIET, disconnect=(4.0, 1.5)))
    assert not np.any((simulation.t_s >= 4.0) & (simulation.t_s < 5.5))
    assert np.diff(simulation.t_s).max() == pytest.approx(1.5, abs=0.02)


@pytest.mark.parametrize("rate_hz", [25.0, 100.0, 400.0])
def test_a_real_sensor_keeps_its_own_time(rate_hz: float) -> None:
    simulation = simulate(replace(QUIET, sensor="bmi270", rate_hz=rate_hz))
    steps = np.diff(simulation.t_s)
    assert steps.mean() * rate_hz == pytest.approx(1.0, abs=0.032)
    assert steps.mean() * rate_hz != pytest.approx(1.0, abs=1e-4)


def test_values_come_in_16_bit_steps_within_the_range() -> None:
    simulation = simulate(scenario(3, "explosive"))
    counts = simulation.acc / (8 * STANDARD_GRAVITY_MPS2 / 32768)
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-6)
    assert np.abs(counts).max() <= 32768


def test_confounders_hold_no_exercise_and_much_movement() -> None:
    simulation = simulate(confounders(1, minutes=5))
    assert simulation.gyr is not None
    assert simulation.truth["sets"] == []
    assert simulation.t_s[-1] > 290
    assert np.degrees(np.abs(simulation.gyr).max()) > 30


def test_sessions_stay_within_what_a_body_does() -> None:
    """No jump anywhere: what is felt stays finite and below a hard knock."""
    for seed in range(len(VARIANTS)):
        simulation = simulate(replace(scenario(seed), sensor="ideal"))
        assert simulation.gyr is not None
        assert np.linalg.norm(simulation.acc, axis=1).max() < 90
        assert np.degrees(np.linalg.norm(simulation.gyr, axis=1)).max() < 600


def test_a_written_recording_reads_back_with_its_truth(tmp_path: Path) -> None:
    simulation = simulate(replace(QUIET, sensor="lsm6dso"))
    path, truth = write(tmp_path / "model.csv.gz", simulation)
    assert truth == tmp_path / "model.truth.json"
    assert json.loads(truth.read_text()) == simulation.truth
    with open_recording(path) as recording:
        blocks = list(recording.blocks(100))
        assert recording.meta["seed"] == "3"
        assert not recording.skipped
    acc = np.concatenate([block.acc for block in blocks])
    np.testing.assert_allclose(acc, simulation.acc, atol=1e-5)


def test_blocks_hold_every_sample_once() -> None:
    simulation = simulate(QUIET)
    blocks = list(simulation.blocks(7))
    assert {len(block) for block in blocks[:-1]} == {7}
    np.testing.assert_array_equal(np.concatenate([b.t_s for b in blocks]), simulation.t_s)


@pytest.mark.parametrize(
    "wrong",
    [
        {"exercise": "bench_press"},
        {"sensor": "none"},
        {"rate_hz": 10.0},
        {"loss_pct": 50.0},
        {"exercise": "squat", "sets": (SetPlan(faults=("sag",)),)},
    ],
)
def test_what_cannot_be_simulated_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"none of|outside|lying"):
        simulate(SessionSpec(**wrong))


@pytest.mark.parametrize("style", STYLES)
def test_every_style_makes_a_set(style: str) -> None:
    reps = reps_of(simulate(replace(QUIET, sets=(SetPlan(4, style),))))
    assert len(reps) == 4
