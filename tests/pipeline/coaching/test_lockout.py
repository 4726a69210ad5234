import pytest

from pipeline.coaching.lifted import LiftedRep
from pipeline.coaching.lockout import Reference, judged, reference


def reps(*ranges_deg: float | None, faults: tuple[str, ...] = ()) -> list[LiftedRep]:
    return [LiftedRep(k, rom_deg=v, faults=faults) for k, v in enumerate(ranges_deg, 1)]


def test_the_reference_is_the_median_of_full_reps() -> None:
    assert reference(reps(58.0, 60.0, 59.0)) == Reference(59.0)


@pytest.mark.parametrize(
    "taken",
    [
        [],
        reps(58.0, 60.0),
        reps(58.0, 60.0, None),
        reps(40.0, 60.0, 59.0),  # which of them was full?
        reps(0.0, 0.0, 0.0),
        reps(58.0, 60.0, 59.0, faults=("sag",)),
    ],
)
def test_too_few_or_unlike_reps_are_no_reference(taken: list[LiftedRep]) -> None:
    assert reference(taken) is None


def test_who_is_short_on_every_rep_is_short_against_the_saved_lockout() -> None:
    found = judged(reps(50.0, 51.0, 50.0), Reference(60.0))
    assert [one.is_short for one in found] == [True, True, True]
    assert found[0].short_pct == pytest.approx(100 / 6)


def test_eight_percent_is_short_and_less_is_not() -> None:
    found = judged(reps(92.0, 92.1, 105.0), Reference(100.0))
    assert [one.is_short for one in found] == [True, False, False]


def test_partial_reps_and_those_by_hand_are_not_judged() -> None:
    odd = [LiftedRep(None, rom_deg=20.0), LiftedRep(4, added=True), LiftedRep(5)]
    assert judged(odd, Reference(60.0)) == ()
