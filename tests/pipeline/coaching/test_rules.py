from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.coaching.advice import Advice, Case, Rule, When, advice
from pipeline.coaching.lifted import LiftedRep
from pipeline.coaching.rules import every
from tests.pipeline.coaching.histories import WHENS, assert_lawful, cases

BY_NAME = {rule.name: rule for rule in every()}


def everything(case: Case) -> list[Advice]:
    return [said for when in WHENS for said in advice(every(), case, when)]


@given(cases())
def test_whatever_was_lifted_each_advice_names_its_rule_and_its_numbers(case: Case) -> None:
    for said in everything(case):
        assert_lawful(BY_NAME[said.rule], said)


@given(cases())
def test_a_rule_that_is_switched_off_is_silent_and_the_others_are_not(case: Case) -> None:
    said = everything(case)
    for name in {one.rule for one in said}:
        wanted = replace(case.preferences, off=frozenset({name}))
        without = everything(replace(case, preferences=wanted))
        assert without == [one for one in said if one.rule != name]


@pytest.mark.parametrize("when", ["rep", "set"])
def test_a_history_of_nothing_says_nothing_of_reps_and_sets(when: When) -> None:
    assert advice(every(), Case((), 0), when) == []


@pytest.mark.parametrize("rule", every(), ids=lambda rule: rule.name)
def test_a_rule_says_what_it_rests_on_and_what_it_cannot_know(rule: Rule) -> None:
    for text in (rule.says, rule.source, rule.limits):
        assert text.strip()


OURS = [
    rule
    for rule in every()
    if rule.advise.__module__.rpartition(".")[2] in {"set_form", "set_fatigue"}
]


@given(cases())
def test_partial_and_added_reps_have_no_say_in_form_and_in_fatigue(case: Case) -> None:
    latest = case.latest
    if latest is None or latest.wanted.reps is None or not latest.over:
        return
    # Of a warm-up more reps make a working set: that is the one thing they may change.
    latest = replace(latest, wanted=replace(latest.wanted, reps=1))
    partial = LiftedRep(None, 1.0, 1.0, 1.0, 1.0, 20.0, 2.0, ("sag",))
    more = replace(latest, reps=(partial, *latest.reps, LiftedRep(99, added=True), partial))
    with_more = replace(case, history=(*case.history[:-1], more))
    without = replace(case, history=(*case.history[:-1], latest))
    for rule in OURS:
        assert list(rule.advise(with_more)) == list(rule.advise(without))
