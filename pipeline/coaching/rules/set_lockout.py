"""How far up a lifter came: against the set's own tops, and against a full lockout once saved."""

from collections.abc import Iterator
from statistics import median

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.form import JUDGED, LEAST_REPS
from pipeline.coaching.lift_names import lift_words
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.lockout import Judged, judged, reference, reference_of
from pipeline.coaching.measures import measured
from pipeline.coaching.phrases import Numbers, many, serious, which


def _lockouts(case: Case) -> Iterator[Advice]:
    one = case.latest
    if one is None or not one.over or one.exercise not in JUDGED:
        return
    full = reference_of(case, one.exercise)
    against = judged(measured(one), full) if full else ()
    if len(against) >= LEAST_REPS:
        yield _of_full(against)
    else:
        yield from _of_set(one)


def _of_full(against: tuple[Judged, ...]) -> Advice:
    short = [one for one in against if one.is_short]
    say = Numbers()
    text = (
        f"{say.say('full_lockouts', len(against) - len(short))} of "
        f"{many(int(say.say('reps', len(against))), 'rep')} reached your full lockout of "
        f"{say.say('full_rom_deg', against[0].full_deg)} degrees"
    )
    if not short:
        return Advice("lockouts", "good", f"{text}.", say.told)
    by_pct = say.say("short_pct", median(one.short_pct for one in short))
    told = "all of them" if len(short) == len(against) else _which(short)
    text = f"{text}; short by {by_pct} % in the middle: {told}. Less load, or drive all the way up."
    return Advice("lockouts", serious(len(short)), text, say.told)


def _which(short: list[Judged]) -> str:
    return which([one.rep.number or 0 for one in short])


def _of_set(one: LiftedSet) -> Iterator[Advice]:
    """Where all reached the top the score says so."""
    reps = measured(one)
    short = [rep.number or 0 for rep in reps if "short_lockout" in rep.faults]
    if len(reps) < LEAST_REPS or not short:
        return
    say = Numbers()
    full = say.say("full_lockouts", len(reps) - len(short))
    text = (
        f"{full} of {say.say('reps', len(reps))} reps reached the top of this set; short: "
        f"{which(short)}."
    )
    yield Advice("lockouts", serious(len(short)), text, say.told)


def _saved(case: Case) -> Iterator[Advice]:
    one = case.history[-1] if case.history else None
    if one is None or not one.is_reference or not one.over or not one.counted:
        return
    found, say = reference(one.counted) if one.exercise in JUDGED else None, Numbers()
    name = lift_words((one.exercise, ""))
    reps = many(int(say.say("reps", len(one.counted))), "rep")
    if found is None:
        text = (
            f"From {reps} nobody can say how far up you come in the {name}: it takes "
            f"{say.say('least_reps', LEAST_REPS)} or more of a lying lift, alike and without a "
            "fault. What was saved before holds."
        )
        yield Advice("full_lockout", "attention", text, say.told)
        return
    rom = say.say("full_rom_deg", found.rom_deg)
    text = f"Your full lockout in the {name} is saved: {rom} degrees, from {reps}."
    yield Advice("full_lockout", "good", text, say.told)


_GUIDE = "The guide behind the project: up until shoulders, hips and knees are one line."

RULES: tuple[Rule, ...] = (
    Rule(
        "lockouts",
        "set",
        "How many reps reached the full lockout that was saved, by how much the others were short, "
        "and which they were. Where none is saved: which reps fell short of the set's own tops. "
        "Short is 8 % of the range or more.",
        f"{_GUIDE} 8 %: what the tracker calls a short lockout, and how often it errs "
        "(docs/accuracy.md).",
        "Only the pelvis is seen. Without a saved lockout who is short on every rep is not found; "
        "with one, whoever starts higher than then, from thicker plates or a lower bench, seems "
        "short: save it again.",
        _lockouts,
    ),
    Rule(
        "full_lockout",
        "set",
        "Whether a set that is marked as full lockout can be one: three reps or more, alike to 8 % "
        "and without a fault. The newest of an exercise holds; it is no training set.",
        _GUIDE,
        "That the reps went all the way up is the lifter's own word.",
        _saved,
    ),
)
