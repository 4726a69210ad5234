from pathlib import Path

import pytest

from tests.benchmarks.real import RECORDINGS, Play, Played, plays
from tests.benchmarks.real_report import mistakes
from tests.benchmarks.scoring import score


def play(name: str, exercise: str = "squat") -> Play:
    return Play(Path("real") / f"{name}.csv.gz", exercise)


def played(name: str, true_reps: int, found_reps: int, edge_reps: int = 0) -> Played:
    nothing = score({"sets": []}, [], 60.0)
    return Played(play(name), nothing, true_reps, found_reps, edge_reps, single_cycle=True)


@pytest.mark.parametrize(
    ("name", "held_out"),
    [
        ("squat-partial-subject2_set1", False),
        ("squat-mixed-subject3_ssl", True),
        ("bridging-08", False),
        ("bridging-09", True),
        ("lying_other-clam-08", False),
        ("lying_other-prone_punches-15", True),
        ("daily-D05_SA02_R02", False),
        ("daily-D05_SE01_R01", True),
        ("walk-HA-001-TimeMeasure1_Test5_Trial1", False),
    ],
)
def test_what_was_looked_at_while_building_is_apart(name: str, held_out: bool) -> None:
    assert play(name).held_out is held_out


def test_edge_reps_may_be_counted_or_not() -> None:
    counts = [played("bridging-01", 8, found, edge_reps=2) for found in range(6, 13)]
    assert [one.within_one for one in counts] == [False, True, True, True, True, True, False]


def test_a_single_cycle_may_be_one_squat() -> None:
    assert not mistakes(played("daily-D07_SA01_R01", 0, 1))
    assert mistakes(played("daily-D07_SA01_R01", 0, 2))


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="../shared/recordings is not there")
def test_every_real_recording_is_played() -> None:
    names = {one.name for one in plays(RECORDINGS)}
    assert names == {path.name[:-7] for path in (RECORDINGS / "real").glob("*.csv.gz")}
