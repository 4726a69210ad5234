from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.coaching.advice import Case
from pipeline.coaching.plan import Plan, PlannedLift, PlannedSession
from pipeline.coaching.plan_checks import doubts
from pipeline.coaching.planned_load import one_rep_max
from pipeline.coaching.templates import TEMPLATES
from tests.pipeline.coaching.histories import cases
from tests.pipeline.coaching.made import case, fast, session

LIFTED = PlannedLift("hip_thrust", 3, (8, 8))
PLACE = "sessions[1].lifts[1]."


def plan(lift: PlannedLift) -> Plan:
    return Plan("mine", 2, (PlannedSession("one", (lift,)),))


def test_percent_needs_an_estimate() -> None:
    percent = plan(replace(LIFTED, load_pct=80.0))
    (doubt,) = doubts(percent, case(session(0, [10]), day=1))
    assert doubt == (
        f"{PLACE}load_pct: what goes up once is not known of hip thrust; it is after some sets as "
        "fast as possible with different loads, until then give load_kg"
    )
    assert doubts(percent, fast(120)) == []


def test_another_variant_has_no_share_in_the_estimate() -> None:
    banded = plan(replace(LIFTED, load_pct=80.0, variant="banded"))
    (doubt,) = doubts(banded, fast(120))
    assert "banded hip thrust" in doubt


def test_kilograms_that_may_be_pounds_are_asked_about() -> None:
    before = case(session(0, [10], 100.0), day=1)
    assert doubts(plan(replace(LIFTED, load_kg=225.0)), before) == [
        f"{PLACE}load_kg: 225 kg, where 100 kg is the most so far? 225 lb would be 102.1 kg"
    ]
    assert doubts(plan(replace(LIFTED, load_kg=105.0)), before) == []
    assert doubts(plan(replace(LIFTED, load_kg=225.0)), case(day=1)) == []


def test_more_than_goes_up_once_is_asked_about() -> None:
    most = one_rep_max(fast(120), LIFTED.lift)
    assert most
    assert most.load_kg == pytest.approx(120, rel=0.02)
    (doubt,) = doubts(plan(replace(LIFTED, load_kg=140.0)), fast(120))
    assert doubt.startswith(f"{PLACE}load_kg: 140 kg is more than goes up once, which is 120 kg")


@pytest.mark.parametrize("variant", ["", "banded", "banded-wide", "my_own"])
def test_a_variant_that_is_usual_or_was_lifted_is_known(variant: str) -> None:
    before = case(session(0, [10], variant="my_own"), day=1)
    assert doubts(plan(replace(LIFTED, variant=variant)), before) == []


def test_a_variant_that_nobody_knows_is_asked_about() -> None:
    found = doubts(plan(replace(LIFTED, variant="baned")), case(day=1))
    assert found == [f"{PLACE}variant: 'baned' was never lifted, probably banded"]


@given(cases())
def test_no_history_is_too_odd_for_a_plan(seen: Case) -> None:
    for template in TEMPLATES.values():
        assert all(doubt.startswith("sessions[") for doubt in doubts(template, seen))
