"""What a report says of a set and of the sessions before: each sentence and its numbers."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.history import RepRow
from pipeline.report_page import words
from pipeline.report_page.compared import headline, since_last, summary
from pipeline.report_page.findings import Findings, fell_out, findings
from pipeline.report_page.odd import odd_reps
from pipeline.report_page.told import EARLIER, SetTold, Told, tell
from tests.pipeline.reported import DAY_US, STARTED_US, rep_row, session_row, set_row


def plain(text: str) -> str:
    return text.replace(words.NBSP, " ")


def reps(count: int = 8, **odd: dict[str, object]) -> tuple[RepRow, ...]:
    """odd: what is different in rep r3, ..."""
    return tuple(rep_row(number, **odd.get(f"r{number}", {})) for number in range(1, count + 1))


def said(one: SetTold) -> Findings:
    found = findings(one)
    return Findings(
        tuple(map(plain, found.good)),
        tuple(map(plain, found.fell_out)),
        tuple(map(plain, found.remarks)),
    )


# -- reps that fell out ---------------------------------------------------------------------


def test_a_slower_rep_is_named_with_the_others_and_the_difference() -> None:
    (odd,) = odd_reps(reps(r8={"concentric_s": 1.4}))
    assert plain(odd.text) == (
        "Rep 8 was slower on the way up: 1.4 s, the others 0.9 s (0.5 s longer)."
    )


def test_several_reps_are_one_sentence() -> None:
    (odd,) = odd_reps(reps(r2={"eccentric_s": 1.0}, r5={"eccentric_s": 1.2}))
    assert plain(odd.text) == (
        "Reps 2 and 5 were faster on the way down: 1.0 s and 1.2 s, the others 2.0 s "
        "(0.8 to 1.0 s shorter)."
    )


def test_a_smaller_range_of_motion_is_said_in_degrees() -> None:
    (odd,) = odd_reps(reps(r4={"rom_deg": 45.0}))
    assert odd.text == ("Rep 4 was smaller in range of motion: 45°, the others 54° (9° less).")


def test_longer_and_shorter_holds_are_told_apart() -> None:
    found = odd_reps(reps(r1={"top_pause_s": 4.0}, r2={"top_pause_s": 1.0}))
    assert [(odd.trait, odd.more, odd.reps[0].rep) for odd in found] == [
        ("top", True, 1),
        ("top", False, 2),
    ]


def test_reps_that_are_alike_do_not_fall_out() -> None:
    assert odd_reps(reps(r3={"concentric_s": 1.15}, r4={"rom_deg": 51.0})) == []


def test_where_most_reps_differ_none_is_the_odd_one() -> None:
    every = tuple(rep_row(number, eccentric_s=0.6 * number) for number in range(1, 9))
    assert not [odd for odd in odd_reps(every) if odd.trait == "eccentric"]


def test_of_two_reps_none_is_the_odd_one() -> None:
    assert odd_reps(reps(2, r2={"rom_deg": 20.0})) == []


_times = st.none() | st.floats(0.0, 20.0)


@given(st.lists(st.tuples(_times, _times, st.none() | st.floats(0.0, 120.0)), max_size=12))
def test_the_numbers_of_a_sentence_add_up(
    values: list[tuple[float | None, float | None, float | None]],
) -> None:
    some = [
        rep_row(number, concentric_s=up_s, top_pause_s=top_s, rom_deg=rom_deg)
        for number, (up_s, top_s, rom_deg) in enumerate(values, start=1)
    ]
    for odd in odd_reps(some):
        assert len(odd.reps) < len(some) / 2
        _, told = plain(odd.text).split(": ")
        mine, rest = told.split(", the others ")
        usual, off = rest.split(" (")
        apart = [abs(each - number(usual)[0]) for each in number(mine)]
        assert sorted({round(one, 1) for one in (min(apart), max(apart))}) == number(off)


def number(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)]


# -- a set ----------------------------------------------------------------------------------


def test_a_set_as_asked_for_has_only_good_in_it() -> None:
    row = set_row(
        target_reps=8,
        target_tempo="2-0-1-2",
        target_hold_s=2.0,
        target_velocity_loss_pct=30.0,
        rom_cv_pct=1.0,
    )
    found = said(SetTold(row, reps()))
    assert found.fell_out == found.remarks == ()
    assert found.good == (
        "8 of 8 reps.",
        "The hold of 2 s was kept in all 8 reps.",
        "The tempo 2-0-1-2 was kept in all 8 reps.",
        "The sensor saw no fault in 8 reps.",
        "Velocity fell by 0 % at most; the limit was 30 %.",
        "The range of motion stayed alike: 54° in each rep.",
    )


def test_targets_that_were_missed_are_said_with_what_was_done() -> None:
    row = set_row(
        target_reps=10, target_tempo="3-0-X-2", target_hold_s=2.0, target_velocity_loss_pct=20.0
    )
    missed = reps(r2={"top_pause_s": 1.4}, r5={"top_pause_s": 1.6}, r6={"velocity_loss_pct": 24.0})
    assert said(SetTold(row, missed)).fell_out == (
        "8 of 10 reps: 2 fewer than asked for.",
        "The hold at the top was to last 2 s: 1.4 to 1.6 s in reps 2 and 5.",
        "The way down was to last 3 s: 2.0 s in every rep.",
        "Velocity had fallen by 24 % in rep 6, past the limit of 20 %; 2 reps followed.",
    )


def test_a_hold_that_is_longer_than_asked_for_is_nothing_bad() -> None:
    one = SetTold(set_row(target_hold_s=2.0), reps(r3={"top_pause_s": 4.0}))
    assert said(one).fell_out == ()
    assert fell_out(one) == {}
    assert one.holds == (8, 8)


def test_without_a_target_nothing_is_judged_but_what_fell_out() -> None:
    found = said(SetTold(set_row(), reps(r3={"top_pause_s": 4.0})))
    assert found.good == ("The sensor saw no fault in 8 reps.",)
    assert found.fell_out == (
        "Rep 3 was held longer at the top: 4.0 s, the others 2.2 s (1.8 s longer).",
    )


def test_faults_are_what_the_sensor_saw_with_the_numbers_of_the_reps() -> None:
    one = SetTold(
        set_row(),
        reps(r3={"fault_over_arch": 1}, r5={"fault_over_arch": 1}, r6={"fault_short_lockout": 1}),
    )
    found = said(one)
    arched, short = found.fell_out
    assert arched == f"Reps 3 and 5: {words.FAULTS['over_arch']}."
    assert short == f"Rep 6: {words.FAULTS['short_lockout']}."
    assert not any("no fault" in text for text in found.good)


def test_what_fell_out_in_words_is_what_is_marked_in_the_table() -> None:
    one = SetTold(
        set_row(target_hold_s=2.0), reps(r2={"top_pause_s": 1.0}, r7={"concentric_s": 1.6})
    )
    assert fell_out(one) == {"belt-s1-2": {"top"}, "belt-s1-7": {"concentric"}}


def test_partial_added_uncertain_and_unfinished_reps_are_named_as_such() -> None:
    some = (
        *reps(3, r2={"confidence": 0.61}, r3={"final": False}),
        rep_row(None, rom_deg=24.0),
        rep_row(4, added=True, **dict.fromkeys(("rom_deg", "top_pause_s", "confidence"))),
    )
    one = SetTold(set_row(target_hold_s=2.0), some)
    assert said(one).remarks == (
        "1 partial rep (24° of 54°): shown, not counted.",
        "Rep 4 was added by hand: nothing of it was measured.",
        "Rep 2: seen with less certainty than usual (61 %).",
        "Some reps are as they were seen live: their last, better values never came.",
    )
    assert one.holds == (3, 3)
    assert plain(headline(one, "kg")) == "60 kg · 4 reps + 1 partial"


@pytest.mark.parametrize("text", ["", "nonsense", "1-2", "1-2-x-4"])
def test_a_tempo_that_is_none_is_no_target(text: str) -> None:
    one = SetTold(set_row(target_tempo=text), reps())
    assert one.target_tempo == (None, None, None, None)
    assert not any("tempo" in told for told in said(one).good)


# -- against the last sessions -----------------------------------------------------------------


def told(*sets: object, **changes: object) -> Told:
    rows = [one for one in sets if one is not None]
    return tell(session_row(**changes), "Anna", rows, reps())  # type: ignore[arg-type]


def test_a_session_is_said_in_one_sentence() -> None:
    assert plain(summary(told(set_row()))) == (
        "1 set of hip thrust, 8 reps, up to 60 kg, 480 kg moved in all, in 1 min 35 s."
    )


def test_only_the_last_sessions_with_the_same_lift_count_and_none_that_came_later() -> None:
    earlier = [set_row(days=-day) for day in range(1, 9)]
    others = [
        set_row(days=-0.5, exercise="squat"),
        set_row(days=-0.25, variant="banded"),
        set_row(days=1.0),
    ]
    (lift,) = told(*earlier, *others, set_row()).lifts
    days = [round((outing.time_us - STARTED_US) / DAY_US) for outing in lift.outings]
    assert days == [*range(-EARLIER, 0), 0]


def test_what_changed_since_the_last_session_is_said() -> None:
    before = set_row(
        days=-3, load_kg=55.0, reps=10, rom_deg=50.0, hold_met_pct=80.0, best_velocity_mps=0.3
    )
    (lift,) = told(before, set_row(hold_met_pct=100.0)).lifts
    day = datetime.fromtimestamp(STARTED_US / 1e6 - 3 * 86400, UTC).astimezone()
    assert [plain(text) for text in since_last(lift, "kg")] == [
        f"Top load 60 kg, 5 kg more than on {day.day} {day:%b %Y}.",
        "8 reps in 1 set, 2 reps fewer.",
        "Range of motion 54°, 4° more.",
        "Holds kept in 100 % of the reps, 80 % before.",
    ]


def test_velocities_are_compared_at_the_same_load_alone() -> None:
    before = [
        set_row(1, days=-3, load_kg=40.0, best_velocity_mps=0.6),
        set_row(2, days=-3, load_kg=60.0, best_velocity_mps=0.31),
    ]
    (lift,) = told(*before, set_row(best_velocity_mps=0.25)).lifts
    (text,) = [plain(text) for text in since_last(lift, "kg") if "Fastest" in text]
    assert text == "Fastest rep with 60 kg: 0.25 m/s, 0.06 m/s slower."
    assert lift.outings[0].velocity_kg == 40.0


def test_what_is_within_the_error_of_the_sensor_is_about_the_same() -> None:
    before = set_row(days=-3, rom_deg=55.0, best_velocity_mps=0.27)
    (lift,) = told(before, set_row()).lifts
    assert sum("about the same" in text for text in since_last(lift, "kg")) == 2


def test_the_first_session_is_compared_with_nothing() -> None:
    (lift,) = told(set_row()).lifts
    assert lift.before is None
    assert since_last(lift, "kg") == []


def test_reps_of_a_set_that_never_ended_are_counted() -> None:
    left = tell(session_row(), "Anna", [set_row(2)], [*reps(), rep_row(1, set=2, id="x")]).left
    assert left == 8


# -- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.4, "0 s"),
        (59.6, "1 min 00 s"),
        (125.0, "2 min 05 s"),
        (700.0, "11 min"),
        (3725.0, "1 h 02 min"),
    ],
)
def test_durations_are_said_as_people_say_them(value: float | None, shown: str) -> None:
    assert words.duration(value) == shown


def test_numbers_have_their_units_and_no_digits_that_mean_nothing() -> None:
    assert [plain(words.load(value, "kg")) for value in (60.0, 62.5, 1720.0, None)] == [
        "60 kg",
        "62.5 kg",
        "1,720 kg",
        "–",
    ]
    assert words.tempo((1.94, None, 0.9, 2.0)) == "1.9-0-0.9-2.0"
    assert words.tempo((None,) * 4) == "–"
    assert words.listed(["1"]) == "1"
    assert words.listed(["1", "2", "3"]) == "1, 2 and 3"
    assert words.count(1, "rep") == "1 rep"


def test_every_fault_of_a_rep_has_words() -> None:
    assert set(words.FAULTS) == set(words.FAULTS_SHORT) == {"over_arch", "sag", "short_lockout"}
    assert words.fault("a_new_one") == words.fault_in_full("a_new_one") == "a new one"
