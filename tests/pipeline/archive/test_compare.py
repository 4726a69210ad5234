"""What is said of two results of one recording: sets and reps that go together, what moved."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.archive.compare import SetChange, Tally, compare
from pipeline.archive.results import Result
from pipeline.archive.shifts import MEASURES
from pipeline.events import Rep, SetSummary
from tests.pipeline.made import rep, summary

FIELDS = {name: measure for measure in MEASURES for name in measure.fields}


def result(*reps: Rep, sets: tuple[SetSummary, ...] | None = None) -> Result:
    """What holds these reps, as one version found them; without sets: as many as they name."""
    numbers = sorted({one.set for one in reps})
    found = tuple(summary(3, in_set=number) for number in numbers) if sets is None else sets
    return Result("a.hiprec", "/a.hiprec", 1, 1, "0", "1", reps=reps, sets=found)


def the(changes: list[SetChange]) -> SetChange:
    (only,) = changes
    return only


def moved(one: Rep, **by: float) -> Rep:
    return replace(one, **{name: getattr(one, name) + value for name, value in by.items()})


def earlier(one: Rep, seconds: float) -> Rep:
    """The same, with all of its times earlier."""
    names = ("start_s", "concentric_start_s", "concentric_end_s", "eccentric_start_s")
    return moved(one, **dict.fromkeys((*names, "eccentric_end_s", "end_s"), -seconds))


def named(one: Rep) -> Rep:
    """The same rep, as another version would name and number it."""
    return replace(one, id=one.id.replace("-1-", "-2-"), revision=7)


def test_the_same_reps_by_other_names_are_no_change() -> None:
    before = result(rep(1), rep(2), rep(3))
    change = the(compare(before, result(*map(named, before.reps))))
    assert change.equal
    assert change.badness == 0
    assert change.before.counted == change.after.counted == 3


@pytest.mark.parametrize("name", FIELDS)
def test_each_measure_is_seen_to_move(name: str) -> None:
    measure = FIELDS[name]
    after = moved(rep(2), **{name: 3 * measure.step})
    change = the(compare(result(rep(1), rep(2)), result(rep(1), after)))
    shift = change.shifts[measure.name]
    assert not change.equal
    assert shift.changed == 1
    assert shift.compared == 2 * len(measure.fields)
    assert shift.worst == pytest.approx(3 * measure.step)
    assert shift.median == pytest.approx(3 * measure.step)
    others = [one for one in change.shifts.values() if one is not shift]
    assert not any(one.changed for one in others)


def test_what_is_less_than_is_ever_written_is_no_change() -> None:
    assert the(compare(result(rep(1)), result(moved(rep(1), end_s=1e-7, rom_deg=1e-7)))).equal


def test_what_only_one_of_them_knows_has_changed() -> None:
    after = replace(rep(1), bottom_pause_s=None)
    for change in (compare(result(rep(1)), result(after)), compare(result(after), result(rep(1)))):
        assert not the(change).equal
        assert the(change).shifts["bottom_pause"].changed == 1


def test_a_rep_that_is_not_there_any_more_is_lost_and_a_new_one_gained() -> None:
    change = the(compare(result(rep(1), rep(2), rep(3)), result(rep(1), rep(3), rep(4))))
    assert [one.start_s for one in change.lost] == [rep(2).start_s]
    assert [one.start_s for one in change.gained] == [rep(4).start_s]
    assert change.badness == 2


def test_a_rep_that_does_not_count_any_more_is_lost() -> None:
    partial = replace(rep(2), partial=True, rep=None)
    assert len(the(compare(result(rep(1), rep(2)), result(rep(1), partial))).lost) == 1
    assert len(the(compare(result(rep(1), partial), result(rep(1), rep(2)))).gained) == 1


def test_a_partial_rep_more_is_a_change_and_no_rep_gained() -> None:
    change = the(compare(result(rep(1)), result(rep(1), rep(None))))
    assert (change.partials, change.gained, change.equal) == (1, [], False)


def test_a_rep_goes_with_the_one_that_it_overlaps_the_longest() -> None:
    # By its beginning it would be rep 2, which ends just after it has begun.
    between = earlier(replace(rep(3), id="other"), 1.5)
    change = the(compare(result(rep(2), rep(3)), result(between)))
    assert [one.start_s for one in change.lost] == [rep(2).start_s]
    assert change.gained == []
    assert change.shifts["boundaries"].worst == pytest.approx(-1.5)


def test_faults_come_and_go() -> None:
    before = result(rep(1, faults=("sag",)), rep(2), rep(3, faults=("sag",)))
    after = result(rep(1), rep(2, faults=("over_arch",)), rep(3, faults=("sag",)))
    change = the(compare(before, after))
    assert change.faults_lost == {"sag": 1}
    assert change.faults_gained == {"over_arch": 1}


def test_a_set_that_is_split_is_compared_as_one() -> None:
    whole = [rep(number) for number in range(1, 7)]
    halves = [replace(one, set=1 if number < 3 else 2) for number, one in enumerate(whole)]
    first, second = summary(3), replace(summary(3, in_set=2), start_s=22.0, end_s=33.0)
    change = the(compare(result(*whole, sets=(summary(6),)), result(*halves, sets=(first, second))))
    assert (change.lost, change.gained) == ([], [])
    assert [len(side.sets) for side in (change.before, change.after)] == [1, 2]
    assert not change.equal


def test_sets_that_do_not_overlap_are_not_the_same() -> None:
    changes = compare(result(rep(1)), result(rep(1, in_set=2)))
    assert [len(change.lost) for change in changes] == [1, 0]
    assert [len(change.gained) for change in changes] == [0, 1]
    assert [change.start_s for change in changes] == [10.0, 110.0]


def test_a_set_that_is_lost_is_worse_than_one_rep_and_that_worse_than_a_boundary() -> None:
    before = result(rep(1), rep(2), rep(3))
    lost = the(compare(before, result()))
    one_less = the(compare(before, result(rep(1), rep(2))))
    later = the(compare(before, result(moved(rep(1), concentric_end_s=0.1), rep(2), rep(3))))
    assert lost.badness > one_less.badness > later.badness > 0


def test_a_tally_adds_up() -> None:
    tally = Tally()
    three = result(rep(1), rep(2), rep(3))
    tally.add(compare(three, three))
    tally.add(compare(three, result(rep(1), moved(rep(2), rom_deg=5.0))))
    tally.add(compare(three, result()))
    tally.add(compare(result(), three))
    assert (tally.both, tally.recordings_equal) == (4, 1)
    assert (tally.sets, tally.reps) == ([3, 3], [9, 8])
    assert (tally.sets_equal, tally.sets_changed) == (1, 1)
    assert (tally.sets_lost, tally.sets_gained) == (1, 1)
    assert (tally.reps_lost, tally.reps_gained) == (4, 3)
    assert tally.shifts["rom"].compared == 5
    assert tally.shifts["rom"].worst == pytest.approx(5.0)


_kept = st.lists(st.booleans(), min_size=12, max_size=12)


@given(_kept, _kept, st.floats(-0.4, 0.4))
def test_every_rep_is_in_both_lost_or_gained(
    in_before: list[bool], in_after: list[bool], late_s: float
) -> None:
    def some(kept: list[bool], late_s: float) -> Result:
        reps = [earlier(rep(number), -late_s) for number, keep in enumerate(kept, 1) if keep]
        return result(*reps, sets=(summary(12),) if reps else ())

    before, after = some(in_before, 0.0), some(in_after, late_s)
    both = sum(old and new for old, new in zip(in_before, in_after, strict=True))
    changes = compare(before, after)
    assert sum(len(one.lost) for one in changes) == len(before.reps) - both
    assert sum(len(one.gained) for one in changes) == len(after.reps) - both
    assert sum(one.shifts["rom"].compared for one in changes) == both
