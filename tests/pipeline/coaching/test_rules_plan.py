"""What a plan changes: the next load, and whether a set was what it asked for."""

from dataclasses import replace

from pipeline.coaching.advice import Advice, Case, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.plan import Plan, PlannedLift, PlannedSession
from pipeline.coaching.rules import next_load, set_targets
from tests.pipeline.coaching.made import case, session


def plan(heavy: PlannedLift, light: PlannedLift) -> Plan:
    return Plan("mine", 2, (PlannedSession("heavy", (heavy,)), PlannedSession("light", (light,))))


HEAVY = PlannedLift("hip_thrust", 3, (5, 8))
LIGHT = PlannedLift("hip_thrust", 3, (12, 15))


def following(seen: Case, mine: Plan | None) -> str:
    (one,) = advice(next_load.RULES, replace(seen, plan=mine), "session")
    return one.text


def asked(one: LiftedSet, reps: int) -> LiftedSet:
    return replace(one, wanted=Wanted(reps=reps))


def test_the_load_goes_on_from_the_session_of_that_kind() -> None:
    light, heavy = session(0, [15, 15, 15], 60.0), session(3, [6, 6, 6], 100.0)
    seen = case(light, heavy, day=3)
    assert following(seen, plan(HEAVY, LIGHT)).startswith(
        "Hip thrust, light: next time 62.5 kg (4.2 % more), from 12 reps up"
    )
    assert following(seen, None).startswith("Hip thrust: ")


def test_a_load_of_the_plan_is_told_as_such() -> None:
    seen = case(session(0, [6, 6], 100.0), day=0)
    mine = plan(HEAVY, replace(LIGHT, load_kg=62.5))
    assert following(seen, mine) == "Hip thrust, light: the plan has 62.5 kg, for 12 to 15 reps."


def test_a_share_of_what_goes_up_once_is_silent_until_that_is_known() -> None:
    seen = case(session(0, [6, 6], 100.0), day=0)
    mine = plan(HEAVY, replace(LIGHT, load_pct=60.0))
    assert advice(next_load.RULES, replace(seen, plan=mine), "session") == []


def test_a_lift_that_the_plan_does_not_have_goes_on_as_before() -> None:
    seen = case(session(0, [12, 12], 60.0), session(0, [12, 12], 20.0, "squat"), day=0)
    told = advice(next_load.RULES, replace(seen, plan=plan(HEAVY, LIGHT)), "session")
    assert any(one.text.startswith("Squat: stay at 20 kg next time") for one in told)


def test_after_a_break_the_plan_waits() -> None:
    seen = case(session(0, [6, 6], 100.0), day=21)
    assert "21 days since the last time" in following(seen, plan(HEAVY, LIGHT))


def reps(one: LiftedSet, mine: Plan | None = None) -> Advice | None:
    seen = replace(case((one,), day=0), plan=mine)
    found = [said for said in advice(set_targets.RULES, seen, "set") if said.rule == "reps"]
    assert len(found) < 2
    return found[0] if found else None


def test_reps_are_told_against_the_target() -> None:
    (one,) = session(0, [12])
    told = reps(asked(one, 12))
    assert told
    assert (told.level, told.text) == ("good", "12 of 12 reps.")
    fewer = reps(asked(one, 15))
    assert fewer
    assert (fewer.level, fewer.text) == ("info", "12 of 15 reps.")
    assert reps(one) is None


def test_the_load_is_told_where_the_plan_has_one_for_so_many_reps() -> None:
    (one,) = session(0, [8], 80.0)
    mine = plan(replace(HEAVY, load_kg=80.0), LIGHT)
    kept = reps(asked(one, 8), mine)
    assert kept
    assert (kept.level, kept.text) == ("good", "8 of 8 reps with 80 kg, as planned.")
    less = reps(asked(replace(one, load_kg=70.0), 8), mine)
    assert less
    assert (less.level, less.text) == ("info", "8 of 8 reps with 70 kg; 80 kg were planned.")
    other = reps(asked(one, 12), mine)
    assert other
    assert "kg" not in other.text


def test_reps_by_hand_count_as_done() -> None:
    (one,) = session(0, [2])
    with_added = replace(one, reps=(*one.reps, LiftedRep(3, added=True)))
    told = reps(asked(with_added, 3))
    assert told
    assert told.numbers == {"reps": 3, "target_reps": 3}
