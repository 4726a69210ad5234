"""What a ledger makes of a set, and of what people put right."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from pipeline.delivery.commands import (
    AddNote,
    AddRep,
    Answer,
    Choose,
    Command,
    DeleteRep,
    Effect,
    EndSet,
    MergeRep,
    RestartSet,
    SetTargets,
    SwapAthlete,
    Targets,
    Undo,
)
from pipeline.delivery.corrections import merged
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import NOBODY, Message
from pipeline.delivery.values import FAULTS, measured
from pipeline.display import tempo_text
from pipeline.events import Event, Gap, Rep, RepWithdrawn, SetSummary, to_json
from sensor.simulator import FAULTS as SIMULATED
from sensor.simulator import SessionSpec, SetPlan
from tests.pipeline.delivery.scripts import STARTED_US, ledger, newest
from tests.pipeline.made import rep, summary
from tests.pipeline.recorded import live, samples

MODEL = SessionSpec(
    sets=(
        SetPlan(reps=5, partial_after=(2,)),
        SetPlan(reps=4, faults=("", "over_arch", "", "short_lockout")),
    ),
    rest_s=25.0,
    seed=11,
)


@cache
def model_events() -> tuple[tuple[float, Event], ...]:
    return tuple(live(samples(MODEL)))


def told(to: Ledger, *events: Event, at_s: float = 50.0) -> list[Message]:
    return [message for event in events for message in to.take(at_s, event)]


def lifted(reps: int, *, in_set: int = 1) -> list[Rep]:
    """Reps that are over, in a set that is not."""
    return [rep(number, revision=1, in_set=in_set) for number in range(1, reps + 1)]


def over(reps: int, *, in_set: int = 1) -> list[Event]:
    """The reps of a set as they stand after it, and the set."""
    final = [rep(number, in_set=in_set) for number in range(1, reps + 1)]
    return [*final, summary(reps, in_set=in_set)]


def asked(to: Ledger, command: Command, at_s: float = 60.0) -> list[Message]:
    """What is told after a command that was not refused."""
    answer, messages = to.command(at_s, command)
    assert answer.ok, answer.text
    return messages


def refused(to: Ledger, command: Command) -> str:
    answer, messages = to.command(60.0, command)
    assert not answer.ok
    assert messages == []
    assert answer.effect is None
    return answer.text


def rep_id(number: int | None, in_set: int = 1) -> str:
    return rep(number, in_set=in_set).id


def of_kind(messages: Sequence[Message], kind: str) -> list[Message]:
    return [message for message in messages if message.kind == kind]


def the(messages: Sequence[Message], kind: str) -> Message:
    """The only message of its kind."""
    (found,) = of_kind(messages, kind)
    return found


def shown(messages: Sequence[Message]) -> list[int | None]:
    """The numbers of the reps that stand, in order of time."""
    reps = [one for one in newest(messages).values() if one.kind == "rep" and one.valid]
    return [one.values["rep"] for one in sorted(reps, key=lambda one: one.values["start_s"])]


# -- what the tracker says ----------------------------------------------------------------


def test_nobody_corrects_a_model_session_and_messages_say_what_the_events_say() -> None:
    to = ledger()
    messages: dict[str, Message] = {}
    for at_s, event in model_events():
        for message in to.take(at_s, event):
            assert message.at_s == round(at_s, 3)
            assert message.known_us == STARTED_US + round(at_s * 1e6)
            messages[message.id] = message
        if isinstance(event, Rep):
            said, values = messages[event.id], to_json(event)
            assert (said.revision, said.valid) == (event.revision, True)
            for name in values.keys() & said.values.keys() - {"faults"}:
                assert said.values[name] == values[name], name
            assert [name for name in FAULTS if said.values[f"fault_{name}"]] == sorted(event.faults)
        if isinstance(event, RepWithdrawn):
            assert not messages[event.id].valid


def test_a_set_is_summed_up_as_the_tracker_does() -> None:
    to = ledger()
    found = [summary for _, summary in model_events() if isinstance(summary, SetSummary)]
    messages = of_kind([m for at_s, event in model_events() for m in to.take(at_s, event)], "set")
    assert [one.values["reps"] for one in messages] == [5, 4]
    for one, message in zip(found, messages, strict=True):
        expected = to_json(one)
        assert (message.id, message.revision) == (one.id, 0)
        for name in expected.keys() & message.values.keys() - {"faults"}:
            assert name == "tempo" or message.values[name] == expected[name], name
        for name, value in expected["tempo"].items():
            assert message.values[name] == value
        assert message.values["tempo"] == tempo_text(one.tempo)
        assert message.values["faults"] == sum(one.faults.values())
        for name in FAULTS:
            assert message.values[f"fault_{name}"] == one.faults.get(name, 0)


def test_every_fault_that_is_known_has_a_field_of_its_own() -> None:
    assert set(FAULTS) == set(SIMULATED)
    for name in FAULTS:
        values = measured(rep(1, faults=(name,)), 1)
        assert values.faults == 1
        assert getattr(values, f"fault_{name}") == 1


def test_an_event_stands_where_it_was_first_seen() -> None:
    to = ledger()
    first = rep(1, revision=0)
    told(to, first)
    message = the(told(to, replace(first, revision=1, start_s=first.start_s - 0.5)), "rep")
    assert message.time_us == STARTED_US + round(first.start_s * 1e6)
    assert message.values["start_s"] == first.start_s - 0.5


def test_what_the_tracker_says_twice_is_told_once() -> None:
    to = ledger()
    events = [*lifted(2), *over(2)]
    assert told(to, *events)
    assert told(to, *events) == []


def test_a_gap_and_what_was_never_there_tell_nothing() -> None:
    assert told(ledger(), Gap(1.0, 3.0), RepWithdrawn("never"), summary()) == []


def test_a_withdrawn_rep_stays_as_one_that_does_not_count() -> None:
    to = ledger()
    told(to, *lifted(2))
    (message,) = told(to, RepWithdrawn(rep_id(2)))
    assert (message.id, message.revision, message.valid) == (rep_id(2), 2, False)
    assert message.values["rep"] is None
    assert told(to, RepWithdrawn(rep_id(2))) == []


def test_a_stretch_that_proves_to_be_two_sets_is_told_as_two() -> None:
    to = ledger()
    told(to, *lifted(5))
    second = [replace(rep(number + 3), set=2, rep=number) for number in (1, 2)]
    messages = told(to, *over(3), *second, replace(summary(2), id="two", set=2, start_s=22.0))
    assert [(one.values["set"], one.values["reps"]) for one in of_kind(messages, "set")] == [
        (1, 3),
        (2, 2),
    ]
    assert shown(messages) == [1, 2, 3, 1, 2]


def test_a_set_number_that_was_given_back_begins_a_new_set() -> None:
    to = ledger()
    told(to, *lifted(1))
    asked(to, AddRep("a"))
    gone = told(to, RepWithdrawn(rep_id(1)))
    assert [one.valid for one in gone] == [False, False]
    later = [replace(one, id=f"later-{one.rep}", start_s=90.0 + one.start_s) for one in lifted(2)]
    assert shown(told(to, *later)) == [1, 2]


def test_sets_of_another_tracker_count_on() -> None:
    to = ledger()
    told(to, *over(2))
    to.new_tracker()
    again = [replace(one, id=f"squat-{one.rep}", start_s=100.0 + one.start_s) for one in lifted(2)]
    assert {one.values["set"] for one in told(to, *again)} == {2}


def test_the_rest_before_a_set_is_since_the_last_one() -> None:
    to = ledger()
    messages = of_kind(told(to, *over(3), *over(2, in_set=2)), "set")
    assert [one.values["rest_before_s"] for one in messages] == [None, 89.0]


def test_partial_reps_are_told_beside_and_are_time_under_tension() -> None:
    to = ledger()
    partial = replace(rep(None), id="partial")
    values = the(told(to, *over(2)[:-1], partial, summary(2)), "set").values
    assert (values["reps"], values["partials"], values["volume_kg"]) == (2, 1, 120.0)
    assert values["time_under_tension_s"] == 9.0


def test_a_number_that_is_none_is_null() -> None:
    (message,) = told(ledger(), replace(rep(1), peak_velocity_mps=float("nan")))
    assert message.values["peak_velocity_mps"] is None


# -- the session --------------------------------------------------------------------------


def test_a_session_is_told_after_each_set_and_at_its_end() -> None:
    to = ledger()
    messages = of_kind(told(to, *over(3), *over(2, in_set=2)), "session")
    messages += to.end(300.0)
    assert [(one.revision, one.values["sets"]) for one in messages] == [(0, 1), (1, 2), (2, 2)]
    assert [one.values["ended"] for one in messages] == [False, False, True]
    assert {one.time_us for one in messages} == {STARTED_US}
    values = messages[-1].values
    assert (values["reps"], values["volume_kg"], values["load_kg"]) == (5, 300.0, 60.0)
    # From 10 s to the end of the second rep at 117 s; five reps of 3 s each.
    assert (values["duration_s"], values["time_under_tension_s"]) == (107.0, 15.0)
    assert to.end(400.0) == []


def test_a_session_without_a_set_is_none() -> None:
    to = ledger()
    told(to, *lifted(2))
    assert to.end(100.0) == []


# -- reps put right -----------------------------------------------------------------------


def test_a_deleted_rep_counts_no_more_and_those_after_it_move_up() -> None:
    to = ledger()
    messages = told(to, *lifted(4))
    messages += asked(to, DeleteRep("a", rep_id(2)))
    assert shown(messages) == [1, 2, 3]
    deleted = newest(messages)[rep_id(2)]
    assert (deleted.valid, deleted.revision, deleted.values["rep"]) == (False, 2, None)
    assert newest(messages)[rep_id(3)].values["rep"] == 2


def test_a_deleted_rep_stays_deleted_whatever_the_tracker_says_of_it_later() -> None:
    to = ledger()
    messages = told(to, *lifted(4))
    messages += asked(to, DeleteRep("a", rep_id(2)))
    messages += told(to, *over(4), replace(rep(2), revision=7))
    assert shown(messages) == [1, 2, 3]
    assert not newest(messages)[rep_id(2)].valid
    assert the(messages, "set").values["reps"] == 3


def test_a_set_and_its_session_follow_what_is_corrected_afterwards() -> None:
    to = ledger()
    told(to, *over(4))
    messages = asked(to, DeleteRep("a", rep_id(4)))
    one, session = the(messages, "set"), the(messages, "session")
    assert (one.revision, one.values["reps"], one.values["volume_kg"]) == (1, 3, 180.0)
    assert (session.revision, session.values["reps"]) == (1, 3)


def test_a_set_of_which_nothing_is_left_does_not_count() -> None:
    to = ledger()
    told(to, *over(2))
    asked(to, DeleteRep("a", rep_id(1)))
    messages = asked(to, DeleteRep("b", rep_id(2)))
    assert [one.valid for one in messages] == [False] * 3
    assert {one.kind for one in messages} == {"rep", "set", "session"}
    assert to.state()["sets"] == []


def test_the_loss_is_against_the_best_of_those_that_count() -> None:
    to = ledger()
    fast = replace(rep(1), mean_velocity_mps=0.5, velocity_loss_pct=0.0)
    slow = replace(rep(2), mean_velocity_mps=0.4, velocity_loss_pct=20.0)
    last = replace(rep(3), mean_velocity_mps=0.3, velocity_loss_pct=40.0)
    told(to, fast, slow, last, summary(3))
    messages = newest(asked(to, DeleteRep("a", fast.id)))
    assert messages[slow.id].values["velocity_loss_pct"] == 0.0
    assert messages[last.id].values["velocity_loss_pct"] == 25.0
    assert messages[summary(3).id].values["velocity_loss_pct"] == 25.0
    assert messages[summary(3).id].values["best_velocity_mps"] == 0.4


def test_an_added_rep_counts_and_nothing_of_it_is_made_up() -> None:
    to = ledger()
    before = told(to, *over(3))
    messages = asked(to, AddRep("a", rep_id(1)))
    assert shown([*before, *messages]) == [1, 2, 3, 4]
    added = newest(messages)["belt-s-1-added-1"]
    assert (added.revision, added.values["rep"], added.values["added"]) == (0, 2, True)
    # Between the end of the first at 13 s and the start of the second at 14 s.
    assert (added.values["start_s"], added.time_us) == (13.5, STARTED_US + 13_500_000)
    unknown = ("concentric_s", "rom_deg", "mean_velocity_mps", "velocity_loss_pct", "end_s")
    assert [added.values[name] for name in unknown] == [None] * len(unknown)
    one = the(messages, "set")
    assert (one.values["reps"], one.values["added"], one.values["volume_kg"]) == (4, 1, 240.0)
    earlier = the(before, "set").values
    for name in ("rom_deg", "eccentric_s", "mean_velocity_mps", "time_under_tension_s"):
        assert one.values[name] == earlier[name]


def test_a_rep_is_added_at_the_end_of_the_latest_set_if_nothing_is_said() -> None:
    to = ledger()
    told(to, *over(2))
    message = the(asked(to, AddRep("a")), "rep")
    assert (message.values["rep"], message.values["start_s"]) == (3, 17.0)
    message = newest(asked(to, AddRep("b", message.id)))["belt-s-1-added-2"]
    assert message.values["rep"] == 4


def test_an_added_rep_stays_in_its_set_while_that_is_lifted_on() -> None:
    to = ledger()
    messages = told(to, *lifted(2))
    messages += asked(to, AddRep("a"))
    messages += told(to, replace(rep(4, revision=0), rep=3), *over(2), at_s=70.0)
    assert newest(messages)["belt-s-1-added-1"].values["rep"] == 3
    assert newest(messages)["belt-s-1-added-1"].values["set"] == 1
    assert the(messages, "set").values["reps"] == 3


def test_two_reps_that_were_one_become_one() -> None:
    to = ledger()
    messages = told(to, *over(3))
    messages += asked(to, MergeRep("a", rep_id(1)))
    assert shown(messages) == [1, 2]
    one = newest(messages)[rep_id(1)]
    assert one.values["merged"] is True
    assert (one.values["start_s"], one.values["end_s"]) == (rep(1).start_s, rep(2).end_s)
    assert not newest(messages)[rep_id(2)].valid
    assert of_kind(messages, "set")[-1].values["reps"] == 2


def test_reps_merged_in_a_set_are_one_after_it_too() -> None:
    to = ledger()
    messages = told(to, *lifted(3))
    messages += asked(to, MergeRep("a", rep_id(1)))
    messages += told(to, *over(3))
    assert shown(messages) == [1, 2]
    assert newest(messages)[rep_id(1)].values["end_s"] == rep(2).end_s


def test_a_merged_rep_takes_in_the_next_one_too() -> None:
    to = ledger()
    messages = told(to, *over(3))
    messages += asked(to, MergeRep("a", rep_id(1)))
    messages += asked(to, MergeRep("b", rep_id(1)))
    assert shown(messages) == [1]
    assert newest(messages)[rep_id(1)].values["end_s"] == rep(3).end_s


def test_a_rep_that_stuck_half_way_has_one_way_up() -> None:
    # Up to half at 11 s, again from 14 s, and at the top at 15 s; down from 15.5 to 17 s.
    low = measured(replace(rep(1), rom_deg=30.0, partial=True, rep=None, displacement_m=0.1), 1)
    found = merged(low, measured(rep(2), 1))
    assert (found.concentric_s, found.top_pause_s, found.eccentric_s) == (5.0, 0.5, 1.5)
    assert (found.partial, found.rom_deg, found.mean_velocity_mps) == (False, 57.0, 0.33 / 5.0)


def test_a_rep_that_bounced_at_the_top_has_one_hold() -> None:
    bounce = measured(replace(rep(2), rom_deg=20.0, displacement_m=0.1), 1)
    found = merged(measured(rep(1), 1), bounce)
    assert (found.concentric_s, found.top_pause_s, found.eccentric_s) == (1.0, 4.5, 1.5)
    assert (found.rom_deg, found.mean_velocity_mps, found.duration_s) == (57.0, 0.33, 7.0)


def test_a_squat_that_stopped_on_its_way_down_has_one_way_down() -> None:
    def squat(start_s: float, rom_deg: float) -> Rep:
        return replace(
            rep(1),
            start_s=start_s,
            eccentric_start_s=start_s,
            eccentric_end_s=start_s + 1.5,
            concentric_start_s=start_s + 2.0,
            concentric_end_s=start_s + 3.0,
            end_s=start_s + 3.0,
            rom_deg=rom_deg,
        )

    found = merged(measured(squat(10.0, 20.0), 1), measured(squat(14.0, 57.0), 1))
    assert (found.eccentric_s, found.bottom_pause_s, found.concentric_s) == (5.5, 0.5, 1.0)
    assert found.duration_s == 7.0


def test_what_is_not_over_can_be_merged_and_is_put_right_as_it_goes_on() -> None:
    to = ledger()
    unfinished = replace(
        rep(2, revision=0), eccentric_start_s=None, eccentric_end_s=None, end_s=None
    )
    told(to, *lifted(1), unfinished)
    merged_rep = newest(asked(to, MergeRep("a", rep_id(1))))[rep_id(1)]
    assert merged_rep.values["end_s"] is None
    (now,) = told(to, rep(2, revision=1))
    assert (now.id, now.values["end_s"]) == (rep_id(1), rep(2).end_s)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (DeleteRep("x", "nothing"), "there is no rep nothing"),
        (DeleteRep("x", rep_id(1)), "does not count any more"),
        (AddRep("x", rep_id(1)), "does not count any more"),
        (MergeRep("x", rep_id(3)), "no rep follows rep 2 of set 1"),
        (MergeRep("x", rep_id(2)), "was added by hand"),
        (MergeRep("x", "belt-s-1-added-1"), "was added by hand"),
    ],
)
def test_what_cannot_be_put_right_is_refused_with_a_reason(command: Command, why: str) -> None:
    to = ledger()
    told(to, *over(3))
    if why.startswith("was added"):
        asked(to, AddRep("a", rep_id(2)))
    else:
        asked(to, DeleteRep("a", rep_id(1)))
    assert why in refused(to, command)


# -- sets put right -----------------------------------------------------------------------


def test_a_set_that_is_restarted_does_not_count_and_the_tracker_is_to_end_it() -> None:
    to = ledger()
    told(to, *over(2))
    messages = told(to, *lifted(3, in_set=2))
    answer, more = to.command(125.0, RestartSet("a"))
    assert answer.effect == Effect("end_set")
    assert {one.valid for one in more} == {False}
    assert {one.id for one in more} == {rep_id(number, 2) for number in (1, 2, 3)}
    # The tracker closes it: with one rep that it had not seen before.
    missed = replace(rep(4, in_set=2), id="missed", start_s=124.0)
    assert told(to, *over(3, in_set=2)[:-1], missed, summary(4, in_set=2)) == []
    assert to.state()["running"]["values"]["set"] == 1
    messages = told(to, *over(2, in_set=3))
    assert shown(messages) == [1, 2]
    assert of_kind(messages, "session")[-1].values["sets"] == 2


def test_a_restart_taken_back_brings_the_set_back() -> None:
    to = ledger()
    told(to, *lifted(3))
    asked(to, RestartSet("a"))
    assert told(to, *over(3)) == []
    messages = asked(to, Undo("b"))
    assert shown(messages) == [1, 2, 3]
    assert the(messages, "set").values["reps"] == 3


def test_a_rep_that_is_told_late_stands_where_it_was_first_seen() -> None:
    to = ledger()
    told(to, *lifted(1))
    asked(to, RestartSet("a"), at_s=20.0)
    assert told(to, rep(2, revision=0)) == []  # it was on its way up then
    assert told(to, replace(rep(2), start_s=rep(2).start_s - 0.5)) == []
    message = newest(asked(to, Undo("b")))[rep_id(2)]
    assert message.time_us == STARTED_US + round(rep(2).start_s * 1e6)


def test_ending_a_set_is_left_to_the_tracker() -> None:
    to = ledger()
    told(to, *lifted(2))
    answer, messages = to.command(30.0, EndSet("a"))
    assert answer == Answer("a", ok=True, text="set 1 ended", effect=Effect("end_set"))
    assert messages == []
    told(to, *over(2))
    assert refused(to, EndSet("b")) == "no set is open"
    assert refused(to, RestartSet("c")) == "no set is open"


def test_a_note_is_of_the_latest_set_until_another_takes_its_place() -> None:
    to = ledger()
    told(to, *over(2))
    (noted,) = of_kind(asked(to, AddNote("a", "left foot out")), "set")
    assert noted.values["note"] == "left foot out"
    second = of_kind(told(to, *over(2, in_set=2)), "set")
    assert [one.values["note"] for one in second] == [None]
    asked(to, AddNote("b", "heavy"))
    (undone,) = of_kind(asked(to, Undo("c")), "set")
    assert (undone.values["set"], undone.values["note"]) == (2, None)
    (taken,) = of_kind(asked(to, Undo("d")), "set")
    assert (taken.values["set"], taken.values["note"]) == (1, None)


def test_a_note_can_be_taken_away() -> None:
    to = ledger()
    told(to, *over(2))
    asked(to, AddNote("a", "heavy"))
    (empty,) = of_kind(asked(to, AddNote("b", "")), "set")
    assert empty.values["note"] is None


# -- who lifts what -----------------------------------------------------------------------


def test_what_is_chosen_holds_from_the_next_set_on() -> None:
    to = ledger()
    told(to, *lifted(2))
    chosen = Choose("a", athlete="bo", variant="banded", load_kg=40.0)
    assert asked(to, chosen, at_s=18.0) == []
    messages = [*told(to, *over(2)), *told(to, *over(2, in_set=2))]
    first, second = of_kind(messages, "set")
    assert (first.athlete, first.variant, first.values["load_kg"]) == ("anna", "", 60.0)
    assert (second.athlete, second.variant, second.values["load_kg"]) == ("bo", "banded", 40.0)
    assert second.values["volume_kg"] == 80.0
    # Each rested since nothing of their own.
    assert second.values["rest_before_s"] is None


def test_the_latest_set_can_be_given_to_somebody_else() -> None:
    to = ledger()
    told(to, *over(2))
    messages = asked(to, SwapAthlete("a", "bo", set="latest"))
    left = [one for one in messages if one.athlete == "anna"]
    came = [one for one in messages if one.athlete == "bo"]
    assert {one.valid for one in left} == {False}
    assert {one.valid for one in came} == {True}
    assert {one.kind for one in left} == {one.kind for one in came} == {"rep", "set", "session"}
    for one in of_kind(came, "rep"):
        (before,) = [other for other in left if other.id == one.id]
        assert one.revision == before.revision + 1
        assert messages.index(before) < messages.index(one)
    assert {one.athlete for one in told(to, *over(2, in_set=2))} == {"bo"}


def test_an_open_set_that_was_given_away_and_proves_to_be_two_is_given_away_whole() -> None:
    to = ledger()
    told(to, *lifted(5))
    asked(to, SwapAthlete("a", "bo", set="latest"))
    second = [replace(rep(number + 3), set=2, rep=number) for number in (1, 2)]
    messages = told(to, *over(3), *second, replace(summary(2), id="two", set=2, start_s=22.0))
    assert [one.athlete for one in of_kind(messages, "set")] == ["bo", "bo"]


def test_what_was_deleted_is_not_given_away_before_it_counts_again() -> None:
    to = ledger()
    told(to, *over(3))
    asked(to, DeleteRep("a", rep_id(2)))
    messages = asked(to, SwapAthlete("b", "bo", set="latest"))
    assert rep_id(2) not in newest(messages)
    asked(to, Undo("c"))
    messages = asked(to, Undo("d"))
    assert [one.athlete for one in messages if one.id == rep_id(2)] == ["anna"]


def test_the_latest_set_can_be_given_another_exercise_and_load() -> None:
    to = ledger()
    told(to, *over(2))
    command = Choose("a", exercise="glute_bridge", load_kg=80.0, set="latest")
    answer, messages = to.command(60.0, command)
    assert answer.effect == Effect("exercise", "glute_bridge")
    assert {one.exercise for one in messages} == {"glute_bridge"}
    assert the(messages, "set").values["volume_kg"] == 160.0
    assert all(one.valid for one in messages)


def test_another_exercise_is_an_effect_and_so_is_taking_it_back() -> None:
    to = ledger()
    answer, _ = to.command(1.0, Choose("a", exercise="squat"))
    assert answer.effect == Effect("exercise", "squat")
    answer, _ = to.command(2.0, Choose("b", exercise="squat", load_kg=50.0))
    assert answer.effect is None
    assert to.command(3.0, Undo("c"))[0].effect is None
    assert to.command(4.0, Undo("d"))[0].effect == Effect("exercise", "hip_thrust")


def test_targets_stand_beside_what_was_lifted() -> None:
    to = Ledger("home", "belt", NOBODY, "s", "hip_thrust", 0, targets=Targets(reps=8))
    told(to, *over(2))
    asked(to, SetTargets("a", tempo="3-1-X-2.5", hold_s=2.0, velocity_loss_pct=20.0))
    messages = told(to, *over(2, in_set=2))
    values = the(messages, "set").values
    assert (values["target_reps"], values["target_tempo"]) == (None, "3-1-X-2.5")
    parts = ("eccentric_s", "bottom_pause_s", "concentric_s", "top_pause_s")
    assert [values[f"target_{part}"] for part in parts] == [3.0, 1.0, None, 2.5]
    assert (values["target_hold_s"], values["target_velocity_loss_pct"]) == (2.0, 20.0)
    assert of_kind(messages, "rep")[0].values["target_hold_s"] == 2.0
    assert values["volume_kg"] is None


def test_choosing_nothing_or_a_set_that_is_not_there_is_refused() -> None:
    to = ledger()
    assert refused(to, Choose("a")).startswith("nothing is chosen")
    assert refused(to, SwapAthlete("b", "bo", set="latest")) == "there is no set yet"
    assert refused(to, AddRep("c")) == "there is no set yet"
    assert refused(to, Undo("d")) == "there is nothing to take back"


# -- taking back, and asking twice --------------------------------------------------------


def test_undo_takes_back_one_correction_after_the_other() -> None:
    to = ledger()
    messages = told(to, *over(3))
    for command in (AddRep("a"), DeleteRep("b", rep_id(1)), MergeRep("c", rep_id(2))):
        messages += asked(to, command)
    assert shown(messages) == [1, 2]
    for number, expected in (("d", [1, 2, 3]), ("e", [1, 2, 3, 4]), ("f", [1, 2, 3])):
        messages += asked(to, Undo(number))
        assert shown(messages) == expected
    assert not newest(messages)["belt-s-1-added-1"].valid
    assert refused(to, Undo("g"))
    messages += asked(to, AddRep("h"))
    assert newest(messages)["belt-s-1-added-2"].valid


def test_a_command_that_comes_twice_is_done_once() -> None:
    to = ledger()
    told(to, *lifted(3))
    answer, _ = to.command(30.0, RestartSet("a"))
    again, messages = to.command(31.0, RestartSet("a"))
    assert messages == []
    assert again == replace(answer, effect=None)
    assert refused(to, DeleteRep("b", "nothing")) == refused(to, DeleteRep("b", "nothing"))


def test_only_the_latest_thousand_commands_are_remembered() -> None:
    to = ledger()
    told(to, *over(2))
    assert refused(to, Undo("c-0"))
    for k in range(1, 1000):
        refused(to, EndSet(f"c-{k}"))
    asked(to, AddRep("added"))
    assert asked(to, Undo("c-0"))


# -- the state ----------------------------------------------------------------------------


def test_a_page_that_is_opened_in_the_middle_sees_everything() -> None:
    to = ledger()
    told(to, *over(2), *lifted(3, in_set=2), at_s=118.0)
    asked(to, DeleteRep("a", rep_id(2, 2)), at_s=119.0)
    asked(to, Choose("b", load_kg=70.0), at_s=119.5)
    state = to.state()
    assert (state["session"], state["at_s"], state["ended"]) == ("s", 119.5, False)
    running = state["running"]
    assert (running["open"], running["id"], running["values"]["reps"]) == (True, None, 2)
    assert running["values"]["load_kg"] == 60.0
    assert [one["id"] for one in state["reps"]] == [rep_id(1, 2), rep_id(3, 2)]
    assert [one["values"]["rep"] for one in state["reps"]] == [1, 2]
    assert [(one["id"], one["open"]) for one in state["sets"]] == [(summary().id, False)]
    assert [one["values"]["reps"] for one in state["sessions"]] == [2]
    assert state["next"]["load_kg"] == 70.0
    assert state["undo"] == "70 kg from the next set on"
    told(to, *over(3, in_set=2))
    assert to.state()["running"]["open"] is False
    to.end(200.0)
    assert to.state()["ended"] is True


def test_a_session_that_has_just_begun_shows_who_lifts_what() -> None:
    state = ledger().state()
    assert state["next"]["athlete"] == "anna"
    assert (state["running"], state["sets"], state["reps"], state["undo"]) == (None, [], [], None)


@pytest.mark.parametrize("name", ["", "a/b", "a b", "+", "anna\n", "ännä"])
def test_names_that_no_topic_may_have_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name for an id"):
        Ledger("home", "belt", name, "s", "hip_thrust", 0)


@pytest.mark.parametrize("algorithm", ["", "2-1", "2.1"])
def test_a_version_that_no_id_can_be_taken_apart_with_is_refused(algorithm: str) -> None:
    with pytest.raises(ValueError, match="is no version for an id"):
        Ledger("home", "belt", "anna", "s", "hip_thrust", 0, algorithm=algorithm)
