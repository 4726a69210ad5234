"""What the coach says, for people: whatever the history, it fits and nothing fails."""

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from pipeline import coach_view as view
from pipeline.coach_day import DayLift, Said, day, day_lift, said
from pipeline.coaching.advice import Case
from pipeline.coaching.plates import KG_PER_LB
from pipeline.coaching.templates import STRENGTH
from tests.pipeline.coaching.histories import cases
from tests.pipeline.coaching.made import case, session

THRUST = DayLift("hip_thrust", "banded-wide", 3, (8, 12), 61.25, "2-0-X-1", 1.5, 150.0)


def shown(what: RenderableType, width: int = 80) -> str:
    text = io.StringIO()
    console = Console(file=text, width=width, highlight=False, markup=False, emoji=False)
    console.print(what)
    assert all(len(line) <= width for line in text.getvalue().splitlines())
    return text.getvalue()


@settings(max_examples=40)  # each of them is drawn five times
@given(cases(), st.sampled_from(["kg", "lb"]), st.sampled_from([40, 80, 200]))
def test_every_history_can_be_shown(seen: Case, unit: str, width: int) -> None:
    whole = day(seen)
    shown(view.heading("Anna", seen), width)
    shown(view.today(whole.today, unit), width)
    shown(view.week(whole), width)
    if seen.latest:
        shown(view.latest_set(seen.latest, 1, seen), width)
    shown(view.advice((*said(seen, "set"), *whole.advice), everything=True), width)
    lifts = [(one.name, [day_lift(lift, seen) for lift in one.lifts]) for one in STRENGTH.sessions]
    shown(view.plan(STRENGTH, "here", lifts, ["is that so?"], unit), width)


def test_a_lift_is_a_line_with_all_that_is_asked_for() -> None:
    today = day(case(day=0)).today
    (line,) = [
        line
        for line in shown(view.today(replace(today, lifts=(THRUST,)), "kg"), 90).splitlines()
        if "hip thrust" in line and " x " in line
    ]
    for part in ("3 x 8-12", "61.25 kg", "tempo 2-0-X-1", "hold 1.5 s", "rest 2.5 min"):
        assert part in line


@pytest.mark.parametrize(
    ("load_kg", "unit", "said_as"),
    [(60.0, "kg", "60 kg"), (45 * KG_PER_LB, "lb", "45 lb"), (20.41, "lb", "45 lb")],
)
def test_a_load_is_said_in_the_unit_of_the_athlete(load_kg: float, unit: str, said_as: str) -> None:
    today = day(case(day=0)).today
    lifts = (replace(THRUST, load_kg=load_kg),)
    assert f" {said_as} " in shown(view.today(replace(today, lifts=lifts), unit))


def test_nothing_but_signs_tells_how_pressing_it_is() -> None:
    said_ = [
        Said("set", "velocity_loss", "info", "So it is."),
        Said("set", "velocity_stop", "stop", "Stop here."),
        Said("set", "hold", "good", "Well held."),
        Said("set", "sag", "attention", "Look here."),
    ]
    lines = [line for line in shown(view.advice(said_, everything=False)).splitlines() if line]
    assert [line.split()[0] for line in lines[:4]] == ["!!", "!", "+", "-"]
    assert "[velocity_stop]" in lines[0]
    assert 'off = ["velocity_stop"]' in lines[-1]


def test_what_was_marked_and_what_nobody_typed_in_is_shown() -> None:
    (one,) = session(0, [3], load_kg=None)
    text = shown(view.latest_set(replace(one, mark="full_lockout"), 2, case((one,), day=0)))
    assert "no load typed in" in text
    assert "marked: full lockout" in text
    assert "set 2" in text
