from dataclasses import replace

import pytest

from pipeline.coaching.bests import HOLD_ERROR_S, VELOCITY_ERROR_MPS, bests, mark, news, range_of
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.rules.records import RULES
from tests.pipeline.coaching.made import case, session

THRUST = ("hip_thrust", "")


def one(
    day: int,
    reps: int,
    load_kg: float | None = 100.0,
    velocity_mps: float | None = 0.5,
    hold_s: float | None = None,
) -> LiftedSet:
    """A set in which all reps are alike."""
    (made,) = session(day, [reps], load_kg)
    rep = LiftedRep(1, mean_velocity_mps=velocity_mps, top_pause_s=hold_s)
    return replace(
        made,
        reps=tuple(replace(rep, number=n) for n in range(1, reps + 1)),
        wanted=Wanted(hold_s=hold_s and 1.0),
    )


def kinds(*history: LiftedSet) -> dict[str, float]:
    """What is new in the last of them, and what it was before."""
    marks = [found for found in map(mark, history) if found]
    return {found.kind: found.before for found in news(marks[-1], marks[:-1])}


@pytest.mark.parametrize(
    ("reps", "expected"),
    [(1, (1, 5)), (5, (1, 5)), (6, (6, 8)), (12, (9, 12)), (13, (13, None)), (99, (13, None))],
)
def test_every_number_of_reps_is_in_a_range(reps: int, expected: tuple[int, int | None]) -> None:
    assert range_of(reps) == expected


def test_more_load_or_more_reps_with_it_are_news() -> None:
    assert kinds(one(0, 8), one(3, 8, 102.5)) == {"load": 100}
    assert kinds(one(0, 6), one(3, 8)) == {"reps": 6}
    assert kinds(one(0, 8), one(3, 9)) == {"reps": 8}


def test_what_was_done_with_more_load_or_more_reps_is_no_news() -> None:
    assert kinds(one(0, 12, 105), one(3, 3, 100)) == {}
    assert kinds(one(0, 8), one(1, 10, 105), one(3, 9)) == {}
    assert kinds(one(0, 8), one(3, 8)) == {}


def test_velocity_and_holds_must_beat_the_error_of_measurement() -> None:
    little, enough = VELOCITY_ERROR_MPS - 0.001, VELOCITY_ERROR_MPS + 0.001
    assert kinds(one(0, 8), one(3, 8, velocity_mps=0.5 + little)) == {}
    assert kinds(one(0, 8), one(3, 8, velocity_mps=0.5 + enough)) == {"velocity": 0.5}
    held = one(0, 8, hold_s=2.0)
    assert kinds(held, one(3, 8, hold_s=2.0 + HOLD_ERROR_S / 2)) == {}
    assert kinds(held, one(3, 8, hold_s=2.0 + HOLD_ERROR_S * 2)) == {"hold": 2.0}


def test_the_first_day_has_no_news() -> None:
    assert kinds(one(0, 8), one(0, 10, 110)) == {}


def test_what_was_not_measured_or_asked_for_is_no_best() -> None:
    slow = replace(one(0, 8), wanted=Wanted(concentric_s=2.0))
    found = mark(slow)
    assert found
    assert (found.velocity_mps, found.hold_s) == (None, None)
    assert mark(one(0, 8, load_kg=None)) is None
    assert mark(one(0, 0)) is None


def test_the_bests_stand_by_ranges_and_never_mix_variants() -> None:
    banded = replace(one(4, 8, 200), variant="banded")
    history = [one(0, 5, 120, 0.35), one(0, 8, 100), one(3, 8, 105, 0.45, hold_s=2.0), banded]
    found = {best.range_reps: best for best in bests(history, THRUST)}
    assert set(found) == {(1, 5), (6, 8)}
    middle = found[6, 8]
    assert (middle.load_kg, middle.reps, middle.velocity_mps) == (105, 8, 0.45)
    assert middle.hold_s == 2.0
    assert bests([], THRUST) == ()


def test_the_best_of_what_goes_up_once_is_that_of_a_session_with_two_loads() -> None:
    history = [one(0, 5, 60, 0.75), one(0, 3, 100, 0.45), one(3, 8, 100, 0.5)]
    best, other = bests(history, THRUST)
    assert best.range_reps == (1, 5)
    assert best.one_rep_max
    assert best.one_rep_max.load_kg == pytest.approx(100 + (0.45 - 0.25) / (0.3 / 40))
    assert other.one_rep_max is None


def said(*history: LiftedSet) -> list[str]:
    (rule,) = RULES
    return [advice.text for advice in rule.advise(case(history, day=9))]


def test_a_new_best_is_told_with_the_old_one() -> None:
    assert said(one(0, 8), one(3, 8, 102.5)) == [
        "Hip thrust, best in a year: 102.5 kg for 8 reps; the most so far for 6 or more was 100 kg."
    ]


def test_a_load_that_was_typed_as_pounds_is_no_best() -> None:
    assert said(one(0, 8), one(0, 8), one(0, 8), one(3, 8, 220.0)) == []


def test_an_open_set_is_no_best_yet() -> None:
    assert said(one(0, 8), replace(one(3, 8, 110), over=False)) == []
