"""Histories as they come: whole ones, torn ones and odd ones; and the laws of what is said."""

import re
from dataclasses import replace
from itertools import accumulate

from hypothesis import strategies as st

from pipeline.coaching.advice import Advice, Case, Preferences, Rule, When
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.plates import KG_PER_LB
from pipeline.coaching.templates import TEMPLATES

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
BEGIN_US = 1_767_600_000 * SECOND_US  # in January 2026

EXERCISES = ("hip_thrust", "hip_thrust", "single_leg_hip_thrust", "glute_bridge", "squat", "lunge")
VARIANTS = ("", "", "", "left", "right", "banded", "banded-light", "paused", "cluster")
MARKS = ("", "", "", "", "to_failure", "full_lockout")
FAULTS = ("over_arch", "sag", "short_lockout")
WHENS: tuple[When, ...] = ("rep", "set", "session", "week")

# Kilograms of every day, none at all, the heaviest, and the same typed as pounds.
LOADS_KG = st.sampled_from([None, 0.0, 500.0, 20.0, 60.0, 62.5, 80.0, 100.0, 132.3, 176.4, 220.5])
# In life a lifter comes back to the same loads, and rests between sets and between days.
USUAL_LOADS_KG = st.sampled_from([60.0, 100.0, 100.0, 110.0])
USUAL_WAITS_S = st.sampled_from([120, 180, 180, 2 * 86_400, 3 * 86_400])
# From the next rest to the next decade.
WAITS_S = st.sampled_from([0, 1, 90, 180, 600, 86_400, 2 * 86_400, 9 * 86_400, 3 * 365 * 86_400])


def _known(least: float, most: float) -> st.SearchStrategy[float | None]:
    """A value, none, or one at the end of what there is."""
    return st.none() | st.sampled_from([least, most]) | st.floats(least, most)


# A rep whose numbers are to be given, or "deleted": its number is not given to another one.
_kinds: st.SearchStrategy[LiftedRep | None] = st.one_of(
    st.builds(
        LiftedRep,
        number=st.sampled_from([1, 1, 1, None]),
        concentric_s=_known(0.15, 6.0),
        top_pause_s=_known(0.0, 20.0),
        eccentric_s=_known(0.15, 8.0),
        bottom_pause_s=_known(0.0, 14.0),
        rom_deg=_known(0.0, 90.0),
        mean_velocity_mps=_known(0.0, 1.6),
        faults=st.sampled_from([(), (), *((fault,) for fault in FAULTS), FAULTS]),
        confidence=_known(0.0, 1.0),
    ),
    st.builds(LiftedRep, st.just(1), _known(0.15, 6.0), rom_deg=_known(0.0, 90.0)),  # not over
    st.just(LiftedRep(1, added=True)),
    st.none(),
)


def _numbered(reps: list[LiftedRep | None]) -> tuple[LiftedRep, ...]:
    """Numbers in order, for those that count; a deleted rep leaves a hole."""
    return tuple(
        replace(rep, number=None if rep.partial else number)
        for number, rep in enumerate(reps, 1)
        if rep is not None
    )


def reps(kinds: list[LiftedRep | None]) -> st.SearchStrategy[tuple[LiftedRep, ...]]:
    """The reps of a set, of a few kinds: partial, added, half-known or deleted ones among them."""
    return st.lists(st.sampled_from(kinds), max_size=14).map(_numbered)


@st.composite
def _tiring(draw: st.DrawFn) -> tuple[LiftedRep, ...]:
    """A set as in life: velocity, range and tempo fall from rep to rep, more or less."""
    count, best_mps = draw(st.integers(3, 12)), draw(st.floats(0.25, 0.8))
    lost, shrunk = draw(st.floats(0.0, 0.6)), draw(st.floats(0.0, 0.3))
    tired = [(k, k / (count - 1)) for k in range(count)]
    return tuple(
        LiftedRep(
            number=k + 1,
            concentric_s=0.35 / (best_mps * (1 - lost * share)),
            top_pause_s=2.0 - 5 * shrunk * share,
            eccentric_s=3.0 - 5 * shrunk * share,
            bottom_pause_s=0.4,
            rom_deg=55.0 * (1 - shrunk * share),
            mean_velocity_mps=best_mps * (1 - lost * share),
            faults=("short_lockout",) if shrunk * share > 0.08 else (),
            confidence=0.9,
        )
        for k, share in tired
    )


wanted: st.SearchStrategy[Wanted] = st.builds(
    Wanted,
    reps=st.none() | st.integers(1, 30),
    eccentric_s=_known(0.0, 6.0),
    bottom_pause_s=_known(0.0, 4.0),
    concentric_s=_known(0.0, 4.0),
    top_pause_s=_known(0.0, 6.0),
    hold_s=_known(0.0, 30.0),
    velocity_loss_pct=_known(1.0, 100.0),
)

preferences: st.SearchStrategy[Preferences] = st.builds(
    Preferences,
    reps=st.sampled_from([(8, 12), (3, 5), (1, 1), (12, 20)]),
    weekly=st.sampled_from([(2, 3), (1, 1), (3, 5)]),
    step_kg=st.sampled_from([2.5, 1.25, 5.0, 10.0]),
    plates_kg=st.sampled_from(
        [None, {}, {20.0: 1}, {1.25: 1, 2.5: 1, 5.0: 2, 10.0: 2, 20.0: 4}, {20.41: 2, 4.54: 1}]
    ),
    bar_kg=st.sampled_from([20.0, 0.0, 15.0, 9.07]),
    unit=st.sampled_from(["kg", "kg", "lb"]),
    bands=st.sampled_from([(), ("light", "strong")]),
    lockout_deg=st.sampled_from([{}, {"hip_thrust": 52.0, "squat": 80.0}]),
)


@st.composite
def histories(draw: st.DrawFn, most: int = 12) -> tuple[LiftedSet, ...]:
    """Sets in order of time; only the last may be open. One in two histories is as in life."""
    count, as_in_life = draw(st.integers(0, most)), draw(st.booleans())
    of_waits, loads = (USUAL_WAITS_S, USUAL_LOADS_KG) if as_in_life else (WAITS_S, LOADS_KG)
    waits = draw(st.lists(of_waits, min_size=count, max_size=count))
    times_us = accumulate((wait * SECOND_US for wait in waits), initial=BEGIN_US)
    usual = draw(st.sampled_from(EXERCISES)), draw(st.sampled_from(VARIANTS))
    kinds = draw(st.lists(_kinds, min_size=1, max_size=6))
    lifted = _tiring() if as_in_life else reps(kinds)
    asked = draw(st.lists(wanted, min_size=1, max_size=2))
    session = 1
    made: list[LiftedSet] = []
    for number, (time_us, wait_s) in enumerate(zip(times_us, waits, strict=False), 1):
        session += wait_s > 3600 or draw(st.integers(0, 19)) == 0
        other = draw(st.integers(0, 9 if as_in_life else 3)) == 0
        made.append(
            LiftedSet(
                time_us=time_us,
                session=f"session-{session}",
                exercise=draw(st.sampled_from(EXERCISES)) if other else usual[0],
                variant=draw(st.sampled_from(VARIANTS)) if other else usual[1],
                load_kg=draw(loads),
                reps=draw(lifted),
                wanted=draw(st.sampled_from(asked)),
                rest_before_s=draw(_known(0.0, 900.0)),
                over=number < count or draw(st.booleans()),
                mark=draw(st.sampled_from(MARKS)),
            )
        )
    return tuple(made)


@st.composite
def cases(draw: st.DrawFn, most: int = 12) -> Case:
    """A history, and a present after its last set (or just before it: clocks are set back)."""
    history = draw(histories(most))
    last_us = history[-1].time_us if history else BEGIN_US
    return Case(
        history=history,
        now_us=last_us + draw(st.sampled_from([-60, 0, 30, 3600, 86_400, 9 * 86_400])) * SECOND_US,
        zone_s=draw(st.sampled_from([0, 3600, -18_000, 20_700, 50_400])),
        preferences=draw(preferences),
        plan=draw(st.sampled_from([None, None, *TEMPLATES.values()])),
    )


def numbers_in(text: str) -> set[float]:
    """The numbers that a text names, without their sign."""
    return {float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)}


def assert_lawful(rule: Rule, said: Advice) -> None:
    """What holds for every advice: named, one sentence or a few, and each number in the text.

    A load that is said in pounds is there in kilograms too.
    """
    assert said.rule == rule.name
    assert said.text
    assert said.text == said.text.strip()
    assert said.text.endswith(".")
    assert not re.search(r"\b(None|nan|inf)\b", said.text)
    missing = {
        name: value
        for name, value in said.numbers.items()
        if abs(value) not in numbers_in(said.text)
        and not (name.endswith("_kg") and f"{name[:-3]}_lb" in said.numbers)
    }
    for name, pounds in said.numbers.items():
        if name.endswith("_lb"):
            assert abs(said.numbers[f"{name[:-3]}_kg"] / KG_PER_LB - pounds) < 0.6
    assert not missing, f"{said.text!r} does not name {missing}"
    assert said.numbers, f"{said.text!r} names no number"
