"""What the coach says of a session: when, once, and only as long as it stands."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given as for_all
from hypothesis import settings

from pipeline.coaching import rules, templates
from pipeline.coaching.advice import Advice, Case, Preferences, Rule
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.plan_text import dumps
from pipeline.delivery.coach import Coach, Pupil
from pipeline.delivery.commands import (
    AddNote,
    Choose,
    DeleteRep,
    MarkSet,
    PushPlan,
    RestartSet,
    SetTargets,
    SwapAthlete,
    Targets,
    Undo,
)
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import Message, event_topic, from_payload, to_payload
from pipeline.events import Rep
from tests.pipeline.coaching.made import DAY_US, session
from tests.pipeline.delivery.scripts import STARTED_US, Steps, given, ledger, newest, script, steps
from tests.pipeline.delivery.test_ledger import asked, lifted, model_events, over, rep_id, told
from tests.pipeline.made import rep, summary

HOLD = Targets(hold_s=2.0)
STOP = Targets(velocity_loss_pct=20.0)
PULLING = {"hold_too_short", "lowered_too_fast"}


def coach(
    *history: LiftedSet, preferences: Preferences | None = None, whose: str | None = None
) -> Coach:
    """Of everybody, or of one athlete alone."""
    pupil = Pupil(history, preferences or Preferences())
    return Coach(lambda athlete: pupil if whose in (None, athlete) else Pupil())


def coached(
    targets: Targets, *history: LiftedSet, preferences: Preferences | None = None
) -> Ledger:
    return Ledger(
        "home",
        "belt",
        "anna",
        "s",
        "hip_thrust",
        STARTED_US,
        load_kg=60.0,
        targets=targets,
        coach=coach(*history, preferences=preferences),
    )


def before(days: int, reps: Sequence[int], load_kg: float = 60.0) -> tuple[LiftedSet, ...]:
    """What was lifted so many days before the session."""
    made = session(0, reps, load_kg)
    shift_us = STARTED_US - days * DAY_US - made[0].time_us
    return tuple(
        replace(one, time_us=one.time_us + shift_us, session=f"{days} days ago") for one in made
    )


def slower_and_slower(*velocities_mps: float) -> list[Rep]:
    """Reps that are over, in a set that is not."""
    return [
        replace(rep(number, revision=1), mean_velocity_mps=velocity_mps)
        for number, velocity_mps in enumerate(velocities_mps, start=1)
    ]


def advice(messages: Sequence[Message]) -> list[Message]:
    return [one for one in messages if one.kind == "advice"]


def by_rule(messages: Sequence[Message], rule: str) -> list[Message]:
    return [one for one in advice(messages) if one.values["rule"] == rule]


def standing(messages: Sequence[Message]) -> dict[str, Message]:
    return {one.id: one for one in newest(advice(messages)).values() if one.valid}


# -- when -----------------------------------------------------------------------------------


def test_without_a_coach_nothing_is_said() -> None:
    to = ledger()
    assert advice(told(to, *lifted(3), *over(3))) == []
    assert to.state()["advice"] == []


def test_a_rep_is_judged_as_soon_as_it_is_over_and_told_once() -> None:
    to = coached(HOLD)
    at_the_top = replace(rep(1, revision=0), end_s=None, top_pause_s=None)
    assert advice(told(to, at_the_top, at_s=11.0)) == []
    (said,) = advice(told(to, rep(1, revision=1), at_s=13.0))
    assert said.values.keys() == {"load_kg", "target_reps"} | {
        "set",
        "rep",
        "when",
        "rule",
        "level",
        "text",
    }
    assert (said.values["set"], said.values["rep"], said.values["when"]) == (1, 1, "rep")
    assert (said.values["rule"], said.values["level"]) == ("hold_too_short", "attention")
    assert (said.values["load_kg"], said.values["target_reps"]) == (None, None)
    assert (said.athlete, said.exercise, said.at_s) == ("anna", "hip_thrust", 13.0)
    began_us = STARTED_US + round(at_the_top.start_s * 1e6)
    assert 0 <= said.time_us - began_us < 100
    again = told(to, *lifted(1), replace(rep(2, revision=0), end_s=None), at_s=15.0)
    assert advice(again) == []


def test_a_set_is_to_end_at_the_second_rep_that_is_too_slow() -> None:
    to = coached(STOP)
    levels = [
        [one.values["level"] for one in by_rule(told(to, one), "velocity_stop")]
        for one in slower_and_slower(0.40, 0.38, 0.30, 0.29)
    ]
    assert levels == [[], [], ["attention"], ["stop"]]


def test_what_was_said_of_a_rep_stands_when_its_set_is_over() -> None:
    to = coached(HOLD)
    said = [one.id for one in advice(told(to, *lifted(2)))]
    assert said
    long = [replace(rep(number), top_pause_s=9.0) for number in (1, 2)]
    messages = told(to, *long, summary(2), at_s=60.0)
    assert not {one.id for one in messages} & set(said)


def test_after_a_set_nothing_new_is_said_of_its_reps() -> None:
    to = coached(HOLD)
    told(to, *(replace(one, top_pause_s=3.0) for one in lifted(2)))
    messages = told(to, *over(2), at_s=60.0)  # held for half a second, it turns out
    assert not [one for one in advice(messages) if one.values["when"] == "rep"]


def test_a_set_is_judged_when_it_is_over_and_stands_at_its_end() -> None:
    to = coached(HOLD)
    *final, whole = over(3)
    assert not [one for one in advice(told(to, *final)) if one.values["when"] == "set"]
    messages = told(to, whole, at_s=60.0)
    (said,) = by_rule(messages, "hold")
    assert (said.values["when"], said.values["set"], said.values["rep"]) == ("set", 1, None)
    end_s = next(one for one in messages if one.kind == "set").values["end_s"]
    assert 0 <= said.time_us - STARTED_US - round(end_s * 1e6) < 1000


def test_a_session_is_said_anew_after_each_set_under_the_same_ids() -> None:
    to = coached(Targets(), *before(3, [8]))
    first = by_rule(told(to, *over(8), at_s=100.0), "next_load")
    second = by_rule(told(to, *over(5, in_set=2), at_s=200.0), "next_load")
    assert [one.revision for one in (*first, *second)] == [0, 1]
    assert {one.id for one in (*first, *second)} == {first[0].id}
    assert first[0].time_us == second[0].time_us
    assert first[0].values["text"] != second[0].values["text"]
    assert (first[0].values["set"], first[0].values["when"]) == (None, "session")


def test_each_lift_has_advice_of_its_own() -> None:
    to = coached(Targets(), *before(3, [8]))
    messages = told(to, *over(8), at_s=100.0)
    asked(to, Choose("a", exercise="glute_bridge", load_kg=40.0), at_s=101.0)
    messages += told(to, *over(8, in_set=2), at_s=250.0)
    said = [one for one in standing(messages).values() if one.values["rule"] == "next_load"]
    assert sorted(one.exercise for one in said) == ["glute_bridge", "hip_thrust"]
    assert {one.values["load_kg"] for one in said} == {40.0, 60.0}


def test_what_is_proposed_stands_in_values_of_its_own() -> None:
    to = coached(Targets(), *before(3, [9, 9]))
    messages = told(to, *over(3), at_s=100.0)  # eight are the least
    (next_set,) = by_rule(messages, "next_set_load")
    assert next_set.values["load_kg"] < 60.0
    assert f"{next_set.values['load_kg']:g} kg" in next_set.values["text"]
    (next_session,) = by_rule(messages, "next_load")
    assert next_session.values["target_reps"] is not None
    others = [
        one for one in advice(messages) if one.values["rule"] not in ("next_set_load", "next_load")
    ]
    assert {(one.values["load_kg"], one.values["target_reps"]) for one in others} == {(None, None)}


# -- what is put right ----------------------------------------------------------------------


def test_advice_on_a_deleted_rep_is_taken_back_and_undo_brings_it_again() -> None:
    to = coached(HOLD)
    (said,) = advice(told(to, *lifted(1)))
    (gone,) = advice(asked(to, DeleteRep("a", rep_id(1))))
    assert (gone.id, gone.valid, gone.revision) == (said.id, False, said.revision + 1)
    (back,) = advice(asked(to, Undo("b")))
    assert (back.id, back.valid, back.values) == (said.id, True, said.values)


def test_undo_brings_back_what_was_heard_in_a_set_that_is_over() -> None:
    to = coached(HOLD)
    messages = told(to, *lifted(3))
    heard = standing(messages).keys()
    assert heard
    messages += told(to, *over(3))
    messages += asked(to, DeleteRep("a", rep_id(1)))
    assert not heard & standing(messages).keys()
    messages += asked(to, Undo("b"))
    assert heard <= standing(messages).keys()


def test_a_correction_says_anew_only_what_is_different() -> None:
    to = coached(HOLD)
    messages = told(to, *over(3), *over(3, in_set=2))
    assert asked(to, SetTargets("a", reps=8), at_s=400.0) == []
    assert advice(asked(to, AddNote("b", "left foot out"))) == []
    changed = advice(asked(to, DeleteRep("c", rep_id(1, 2))))
    assert changed
    assert {one.values["set"] for one in changed} == {2, None}
    last = newest(advice(messages))
    for one in changed:
        assert one.id not in last or one.values != last[one.id].values or not one.valid


def test_a_set_of_which_nothing_is_left_has_no_advice() -> None:
    to = coached(HOLD)
    messages = told(to, *lifted(2))
    messages += asked(to, RestartSet("a"), at_s=25.0)
    assert standing(messages) == {}
    messages += told(to, *over(2, in_set=2))
    for number in (1, 2):
        messages += asked(to, DeleteRep(f"d-{number}", rep_id(number, 2)), at_s=300.0)
    assert standing(messages) == {}
    assert to.state()["advice"] == []


def test_a_target_that_was_none_takes_its_advice_along() -> None:
    to = coached(Targets())
    asked(to, SetTargets("a", hold_s=2.0), at_s=1.0)
    messages = told(to, *lifted(2))
    assert by_rule(messages, "hold_too_short")
    messages += asked(to, Undo("b"))
    assert not [one for one in standing(messages).values() if one.values["rule"] in PULLING]


def test_who_wore_the_sensor_is_who_is_advised() -> None:
    to = coached(HOLD)
    messages = told(to, *lifted(2), *over(2))
    moved = advice(asked(to, SwapAthlete("a", "bo", set="latest")))
    messages += moved
    assert {one.athlete for one in standing(messages).values()} == {"bo"}
    taken = {one.id for one in moved if one.athlete == "anna"}
    assert taken
    assert not any(one.valid for one in moved if one.athlete == "anna")


def test_everybody_is_advised_by_what_they_want() -> None:
    quiet = Preferences(off=frozenset({"hold_too_short"}))
    to = Ledger(
        "home",
        "belt",
        "anna",
        "s",
        "hip_thrust",
        STARTED_US,
        targets=HOLD,
        coach=coach(preferences=quiet, whose="anna"),
    )
    assert advice(told(to, *lifted(2))) == []
    messages = asked(to, SwapAthlete("a", "bo", set="latest"))
    assert {one.values["rule"] for one in advice(messages)} == {"hold_too_short"}


# -- marks, plans and loads -----------------------------------------------------------------


def test_a_mark_is_a_value_of_the_latest_set_and_can_be_undone() -> None:
    to = coached(Targets())
    told(to, *over(3))
    (one,) = (m for m in asked(to, MarkSet("a", "to_failure")) if m.kind == "set")
    assert (one.values["mark"], one.revision) == ("to_failure", 1)
    assert to.state()["undo"] == "set 1 is marked: to failure"
    (none,) = (m for m in asked(to, MarkSet("b", "")) if m.kind == "set")
    assert none.values["mark"] is None
    (again,) = (m for m in asked(to, Undo("c")) if m.kind == "set")
    assert again.values["mark"] == "to_failure"


def test_a_set_cannot_be_marked_before_there_is_one() -> None:
    answer, messages = coached(Targets()).command(1.0, MarkSet("a", "to_failure"))
    assert (answer.ok, answer.text, messages) == (False, "there is no set yet", [])


def test_a_plan_that_was_sent_is_followed_until_it_is_taken_away() -> None:
    to = coached(Targets())
    messages = told(to, *over(3))
    (said,) = by_rule(messages, "next_session")
    text = dumps(templates.TEMPLATES["strength"])
    answer, after = to.command(60.0, PushPlan("a", "anna", text))
    assert answer.ok, answer.text
    assert answer.effect
    assert (answer.effect.kind, answer.effect.athlete) == ("plan", "anna")
    assert answer.effect.text == text
    messages += after
    answer, after = to.command(61.0, PushPlan("b", "anna", ""))
    assert answer.ok
    messages += after
    assert standing(messages)[said.id].values == said.values
    assert to.state()["undo"] is None


def test_a_plan_is_followed_only_by_whom_it_was_sent_for() -> None:
    to = coached(Targets())
    told(to, *over(3))
    _, after = to.command(60.0, PushPlan("a", "bo", dumps(templates.TEMPLATES["strength"])))
    assert after == []


def test_a_plan_that_contradicts_itself_is_refused_with_all_that_is_wrong() -> None:
    to = coached(Targets())
    told(to, *over(3))
    text = dumps(templates.TEMPLATES["strength"]).replace("sets = ", "sets = 9")
    answer, messages = to.command(60.0, PushPlan("a", "anna", text))
    assert not answer.ok
    assert answer.text.count("sets") > 1
    assert (answer.effect, messages) == (None, [])


def test_a_load_that_looks_like_pounds_stands_and_is_asked_about() -> None:
    to = coached(Targets(), *before(3, [8, 8, 8], load_kg=45.0))
    answer, _ = to.command(1.0, Choose("a", load_kg=100.0))
    assert answer.ok
    assert answer.text == (
        "100 kg from the next set on. 100 kg? Your last sets had about 45 kg: "
        "if you meant 100 lb, send 45.4 kg"
    )
    assert to.state()["next"]["load_kg"] == 100.0
    assert "?" not in to.command(2.0, Choose("b", load_kg=47.5))[0].text
    assert "?" not in to.command(3.0, Choose("c", variant="banded"))[0].text


def test_a_load_is_asked_about_in_the_unit_of_the_athlete() -> None:
    pounds = Preferences(unit="lb")
    to = coached(Targets(), *before(3, [8, 8, 8], load_kg=45.0), preferences=pounds)
    text = to.command(1.0, Choose("a", load_kg=100.0))[0].text
    assert text.endswith(
        "220.5 lb? Your last sets had about 99.2 lb: if you meant 100 lb, send that"
    )
    off = Preferences(off=frozenset({"load_check"}))
    quiet = coached(Targets(), *before(3, [8, 8, 8], load_kg=45.0), preferences=off)
    assert "?" not in quiet.command(1.0, Choose("a", load_kg=100.0))[0].text


def test_the_load_of_the_latest_set_is_not_compared_with_itself() -> None:
    to = coached(Targets(), *before(3, [8, 8, 8], load_kg=45.0))
    told(to, *over(3))
    text = to.command(60.0, Choose("a", load_kg=100.0, set="latest"))[0].text
    assert "Your last sets had about 45 kg" in text


# -- on the way -----------------------------------------------------------------------------


def test_a_page_that_is_opened_later_has_what_stands() -> None:
    to = coached(HOLD)
    messages = told(to, *lifted(2), *over(2))
    messages += told(to, *lifted(2, in_set=2))
    seen = {one["id"]: one for one in to.state()["advice"]}
    wanted = {one.id: one for one in standing(messages).values() if one.values["set"] in (2, None)}
    assert seen.keys() == wanted.keys()
    assert {one.values["when"] for one in wanted.values()} == {"rep", "session", "week"}
    for event_id, one in seen.items():
        last = wanted[event_id]
        assert one == {
            "id": event_id,
            "revision": last.revision,
            "athlete": "anna",
            "values": last.values,
        }


def test_a_rule_that_fails_costs_no_rep(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Case) -> list[Advice]:
        raise ZeroDivisionError

    bad = Rule("bad", "rep", "says", "source", "limits", fail)
    every = (bad, *rules.every())
    monkeypatch.setattr(rules, "every", lambda: every)
    to = coached(HOLD)
    messages = told(to, *lifted(2))
    assert [one.values["rep"] for one in messages if one.kind == "rep"] == [1, 2]
    assert by_rule(messages, "hold_too_short")
    assert to.fault
    assert "bad" in to.fault


def test_ids_are_good_ones_however_long_the_names_are() -> None:
    long = "a" * 60
    to = Ledger("h", "b", long, "s", "hip_thrust", STARTED_US, "b" * 60, coach=coach())
    messages = advice(told(to, *lifted(2), *over(2)))
    assert messages
    for one in messages:
        assert from_payload(event_topic(one), to_payload(one)) == one


def test_no_two_pieces_of_advice_have_one_moment() -> None:
    """A database of points would keep one of them alone."""
    to = coached(Targets(tempo="2-1-1-2"), *before(3, [9, 9]))
    last = newest(advice([m for at_s, event in model_events() for m in to.take(at_s, event)]))
    moments = [(one.time_us, one.exercise, one.variant) for one in last.values()]
    assert len(moments) == len(set(moments)) > 10


# -- whatever comes -------------------------------------------------------------------------

many = settings(max_examples=40)


@for_all(steps)
@many
def test_whatever_comes_what_is_said_is_of_what_stands(thrown: Steps) -> None:
    to = ledger(coach(*before(3, [8, 8])))
    messages = given(to, script(thrown))
    last = newest(messages)
    reps = {one.id for one in last.values() if one.kind == "rep" and one.valid}
    sets = {one.values["set"]: one for one in last.values() if one.kind == "set" and one.valid}
    people = {one.athlete for one in sets.values()}
    for one in standing(messages).values():
        if one.values["when"] == "set":
            assert one.athlete == sets[one.values["set"]].athlete
        elif one.values["when"] == "rep":
            assert any(one.id.endswith(event_id.removeprefix("belt-s-1-")) for event_id in reps)
        else:
            assert one.athlete in people
    assert to.fault is None


@for_all(steps)
@many
def test_whatever_comes_nothing_is_said_twice(thrown: Steps) -> None:
    to = ledger(coach(*before(3, [8, 8])))
    known: dict[str, Message] = {}
    for one in advice(given(to, script(thrown))):
        last = known.get(one.id)
        if last:
            assert one.revision == last.revision + 1
            assert one.time_us == last.time_us
            same = replace(one, revision=0, known_us=0, at_s=0.0)
            assert same != replace(last, revision=0, known_us=0, at_s=0.0)
        assert from_payload(event_topic(one), to_payload(one)) == one
        known[one.id] = one
    stands = {one.id: one.revision for one in known.values() if one.valid}
    for shown in to.state()["advice"]:
        assert stands[shown["id"]] == shown["revision"]


@for_all(steps)
@many
def test_the_coach_changes_nothing_of_what_is_told_of_reps_and_sets(thrown: Steps) -> None:
    known = script(thrown)
    plain, with_coach = ledger(), ledger(coach(*before(3, [8, 8])))
    messages = given(with_coach, known)
    assert [one for one in messages if one.kind != "advice"] == given(plain, known)
    again = ledger(coach(*before(3, [8, 8])))
    assert given(again, known) == messages
