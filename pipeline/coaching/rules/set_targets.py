"""Whether a set was what was asked for: reps, load, tempo and hold."""

from collections.abc import Iterator
from statistics import median

from pipeline.coaching.adherence import hold_met, phase_met
from pipeline.coaching.advice import Advice, Case, Level, Rule
from pipeline.coaching.fatigue import is_same_load, is_warm_up
from pipeline.coaching.form import LEAST_REPS
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.measures import Measure, known, measured
from pipeline.coaching.phrases import MEASURES, Numbers, many, serious

_PHASES: tuple[Measure, ...] = ("eccentric_s", "bottom_pause_s", "concentric_s", "top_pause_s")


def _latest(case: Case) -> LiftedSet | None:
    """The last set, once it is over."""
    one = case.latest
    return one if one and one.over else None


def _reps(case: Case) -> Iterator[Advice]:
    one = _latest(case)
    if one is None or not one.counted or is_warm_up(case.trained, case.preferences.reps[0]):
        return
    asked, done = one.wanted.reps, len(one.counted)
    planned_kg = _planned_kg(case, one)
    say = Numbers(case.preferences.unit)
    if asked is None:
        return
    text = f"{say.say('reps', done)} of {many(int(say.say('target_reps', asked)), 'rep')}"
    if one.load_kg is None or planned_kg is None:
        yield Advice("reps", "good" if done >= asked else "info", f"{text}.", say.told)
        return
    text += f" with {say.load('load', one.load_kg)}"
    if is_same_load(one.load_kg, planned_kg):
        text += ", as planned"
    else:
        text += f"; {say.load('planned', planned_kg)} were planned"
    kept = done >= asked and is_same_load(one.load_kg, planned_kg)
    yield Advice("reps", "good" if kept else "info", f"{text}.", say.told)


def _planned_kg(case: Case, one: LiftedSet) -> float | None:
    """The load that the plan has for this lift and for so many reps; None where it leaves it."""
    sessions = case.plan.sessions if case.plan else ()
    for lift in (lift for session in sessions for lift in session.lifts):
        if lift.lift == one.lift and lift.reps[0] <= (one.wanted.reps or 0) <= lift.reps[1]:
            return lift.load_kg
    return None


def _tempo(case: Case) -> Iterator[Advice]:
    """Phases that were kept in one sentence, of each of the others one."""
    one = _latest(case)
    if one is None:
        return
    say = Numbers()
    kept: list[str] = []
    for phase in _PHASES:
        target_s = getattr(one.wanted, phase)
        told_as_hold = phase == "top_pause_s" and one.wanted.hold_s == target_s
        values = [value for _, value in known(measured(one), phase)]
        if target_s is None or len(values) < LEAST_REPS or told_as_hold:
            continue
        if phase_met(median(values), target_s):
            kept.append(_kept(phase, target_s, values, say))
        else:
            yield _missed(phase, target_s, values)
    if kept:
        yield Advice("tempo", "good", f"Tempo kept: {', '.join(kept)}.", say.told)


def _kept(phase: Measure, target_s: float, values: list[float], say: Numbers) -> str:
    met = sum(bool(phase_met(value, target_s)) for value in values)
    return (
        f"{MEASURES[phase]} {say.say(f'target_{phase}', target_s, 1)} s in "
        f"{say.say(f'{phase[:-2]}_met_reps', met)} of "
        f"{say.say(f'{phase[:-2]}_reps', len(values))} reps"
    )


def _missed(phase: Measure, target_s: float, values: list[float]) -> Advice:
    say = Numbers()
    kept = say.say("met_reps", sum(bool(phase_met(value, target_s)) for value in values))
    usual_s = median(values)
    side = "longer" if usual_s < target_s else "shorter"
    text = (
        f"Tempo, {MEASURES[phase]}: {kept} of {say.say('reps', len(values))} reps kept the "
        f"{say.say(f'target_{phase}', target_s, 1)} s that were asked for; the middle one took "
        f"{say.say(phase, usual_s, 1)} s: a little {side}."
    )
    return Advice("tempo", "attention", text, say.told)


def _hold(case: Case) -> Iterator[Advice]:
    one = _latest(case)
    if one is None or one.wanted.hold_s is None:
        return
    least_s = one.wanted.hold_s
    values = [value for _, value in known(measured(one), "top_pause_s")]
    if len(values) < LEAST_REPS:
        return
    kept = sum(bool(hold_met(value, least_s)) for value in values)
    say = Numbers()
    text = (
        f"Hold: {say.say('held_reps', kept)} of {say.say('reps', len(values))} reps were held for "
        f"{say.say('target_hold_s', least_s, 1)} s or more; the shortest for "
        f"{say.say('shortest_hold_s', min(values), 1)} s"
    )
    level: Level = "good" if kept == len(values) else serious(len(values) - kept)
    yield Advice("hold", level, f"{text}.", say.told)


RULES: tuple[Rule, ...] = (
    Rule(
        "reps",
        "set",
        "How many of the reps that were asked for were done; with the load, where the plan has one "
        "in kilograms for that lift and that many reps. Warm-up sets are left out.",
        "The target of the set, and the plan.",
        "The load is as typed in.",
        _reps,
    ),
    Rule(
        "tempo",
        "set",
        "For each phase with a target: how many reps kept it within 0.3 s or 20 %. The phases of "
        "which the middle rep did are told together; of each other one how long that took.",
        "The tempo that was asked for; a count in the head is no closer than that.",
        "Times of the pelvis. A pause at the bottom may be a rest on the floor.",
        _tempo,
    ),
    Rule(
        "hold",
        "set",
        "How many reps were held at the top for as long as asked for, and the shortest.",
        "The hold that was asked for, less 0.05 s, the error of a measured pause "
        "(docs/accuracy.md).",
        "How long the hips stayed up, not how hard the glutes were squeezed.",
        _hold,
    ),
)
