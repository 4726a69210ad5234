import pytest

from tests.benchmarks.figures import Figure, Goal, mean, rms, share
from tests.benchmarks.goals import errors, set_within
from tests.benchmarks.scoring import RepScore, Score, SetScore
from tests.benchmarks.tables import confidence_table, figure_table

ROM = Figure("ROM: RMSE", "deg", 2, errors("rom_deg"), rms, Goal(1.0), Goal(1.3))
EXACT = Figure("exact", "%", 1, set_within(0), share, Goal(99, at_least=True))


def recording(error_deg: float, *, counted: int = 8, confidence: float = 0.9) -> Score:
    rep = RepScore(
        start_s=10.0,
        first=True,
        errors={"rom_deg": error_deg, "concentric_start_s": 0.01},
        live_errors={},
        latency_s=0.2,
        true_top_pause_s=0.5,
        found_top_pause_s=0.5,
        true_faults=(),
        found_faults=(),
        live_faults=(),
        confidence=confidence,
    )
    return Score(60.0, (SetScore(8, counted),), (rep,), (), (), 0, 0, 0, 0)


def test_the_worst_group_is_named_and_the_goal_missed_is_said_by_how_much() -> None:
    groups = {"easy": [recording(0.5), recording(-0.5)], "hard": [recording(1.6), recording(1.6)]}
    over_all, worst = figure_table([ROM], groups).splitlines()[2:]
    assert "1.19" in over_all
    assert "short by 0.185 deg" in over_all
    assert "hard: 1.60" in over_all
    assert "short by 0.300 deg" in worst


def test_a_goal_that_is_met_is_said_so() -> None:
    line = figure_table([EXACT], {"all": [recording(0.1)] * 3}).splitlines()[2]
    assert "100.0 (43.9 to 100.0) | met" in line


def test_a_bias_is_missed_on_either_side() -> None:
    figure = Figure("bias", "deg", 1, errors("rom_deg"), mean, Goal(0.2))
    assert "short by 0.30 deg" in figure_table([figure], {"all": [recording(-0.5)] * 2})


@pytest.mark.parametrize("confidence", [0.0, 0.5, 0.97, 1.0])
def test_every_confidence_has_its_bin(confidence: float) -> None:
    assert len(confidence_table([recording(0.1, confidence=confidence)]).splitlines()) == 3


def test_one_recording_has_no_interval() -> None:
    line = figure_table([ROM], {"all": [recording(0.5)]}).splitlines()[2]
    assert "| 0.50 | met" in line
