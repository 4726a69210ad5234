"""What is said of the form of a set that is over."""

from collections.abc import Iterator
from statistics import median

from pipeline.coaching.adherence import hold_met, phase_met
from pipeline.coaching.advice import Advice, Case, Level, Rule
from pipeline.coaching.form import LEAST_REPS, WEIGHTS, FellOut, Form, form
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.measures import Measure, known, measured
from pipeline.coaching.phrases import Numbers, which

_NAMES: dict[Measure, str] = {
    "rom_deg": "range",
    "eccentric_s": "way down",
    "bottom_pause_s": "pause at the bottom",
    "concentric_s": "way up",
    "top_pause_s": "hold at the top",
    "mean_velocity_mps": "velocity",
}
_UNITS: dict[Measure, tuple[str, int]] = {
    "rom_deg": ("degrees", 0),
    "mean_velocity_mps": ("m/s", 2),
}
_SECONDS = ("s", 1)
_PHASES: tuple[Measure, ...] = ("eccentric_s", "bottom_pause_s", "concentric_s", "top_pause_s")
_MOST_TOLD = 3  # of the reps that fell out: more is a list, not a word


def _latest(case: Case) -> LiftedSet | None:
    """The last set, once it is over."""
    one = case.latest
    return one if one and one.over else None


def _form(case: Case) -> Form | None:
    one = _latest(case)
    return form(one) if one else None


def _lockouts(case: Case) -> Iterator[Advice]:
    found = _form(case)
    if found is None or found.lockout_pct is None:
        return
    short = [rep.number or 0 for rep in found.reps if "short_lockout" in rep.faults]
    say = Numbers()
    full = say.say("full_lockouts", len(found.reps) - len(short))
    text = f"{full} of {say.say('reps', len(found.reps))} reps reached the top of this set"
    share = f"{say.say('lockout_pct', found.lockout_pct)} %"
    if not short:
        yield Advice("lockouts", "good", f"{text}, {share}.", say.told)
        return
    text = f"{text}, {share}; short: {which(short)}."
    yield Advice("lockouts", _serious(len(short)), text, say.told)


def _over_arch(case: Case) -> Iterator[Advice]:
    yield from _fault(
        case,
        "over_arch",
        "the pelvis tipped back after the top while the hips stayed high: ribs down, and squeeze "
        "instead of arching",
    )


def _sag(case: Case) -> Iterator[Advice]:
    yield from _fault(case, "sag", "the hips sank during the hold: a shorter hold, or less load")


def _fault(case: Case, fault: str, what: str) -> Iterator[Advice]:
    found = _form(case)
    wrong = [rep.number or 0 for rep in found.reps if fault in rep.faults] if found else []
    if found is None or found.lockout_pct is None or not wrong:
        return
    say = Numbers()
    count = say.say(f"{fault}_reps", len(wrong))
    share = say.say(f"{fault}_pct", 100.0 * len(wrong) / len(found.reps))
    text = f"In {count} of {say.say('reps', len(found.reps))} reps ({share} %) {what}"
    yield Advice(fault, _serious(len(wrong)), f"{text} ({which(wrong)}).", say.told)


def _serious(reps: int) -> Level:
    """One rep may be a mistake of the measurement: one fault in ten is (docs/accuracy.md)."""
    return "attention" if reps > 1 else "info"


def _consistency(case: Case) -> Iterator[Advice]:
    found = _form(case)
    if found is None or not found.spread_pct:
        return
    say = Numbers()
    spreads = [
        f"{_NAMES[measure]} {say.say(f'{_stem(measure)}_cv_pct', spread)} %"
        for measure, spread in found.spread_pct.items()
    ]
    reps = say.say("reps", len(found.reps))
    yield Advice(
        "consistency",
        "info",
        f"How far the {reps} reps differ from their mean: {', '.join(spreads)}.",
        say.told,
    )


def _fell_out(case: Case) -> Iterator[Advice]:
    found = _form(case)
    for one in found.fell_out[:_MOST_TOLD] if found else ():
        yield _odd(one)


def _odd(one: FellOut) -> Advice:
    say = Numbers()
    unit, digits = _UNITS.get(one.measure, _SECONDS)
    stem = _stem(one.measure)
    value = say.say(one.measure, one.value, digits)
    usual = say.say(f"usual_{one.measure}", one.usual, digits)
    off = say.say(f"{stem}_off_pct", abs(one.off_pct))
    side = "more" if one.off_pct > 0 else "less"
    text = (
        f"Rep {say.say('rep', one.rep.number or 0)} was not like the others: {_NAMES[one.measure]}"
    )
    return Advice(
        "fell_out",
        "info",
        f"{text} {value} {unit}, {off} % {side} than the {usual} {unit} of the middle one.",
        say.told,
    )


def _tempo(case: Case) -> Iterator[Advice]:
    one = _latest(case)
    if one is None:
        return
    for phase in _PHASES:
        target_s = getattr(one.wanted, phase)
        told_as_hold = phase == "top_pause_s" and one.wanted.hold_s == target_s
        values = [value for _, value in known(measured(one), phase)]
        if target_s is not None and len(values) >= LEAST_REPS and not told_as_hold:
            yield _phase(phase, target_s, values)


def _phase(phase: Measure, target_s: float, values: list[float]) -> Advice:
    say = Numbers()
    kept = say.say("met_reps", sum(bool(phase_met(value, target_s)) for value in values))
    usual_s = median(values)
    text = (
        f"Tempo, {_NAMES[phase]}: {kept} of {say.say('reps', len(values))} reps kept the "
        f"{say.say(f'target_{phase}', target_s, 1)} s that were asked for; the middle one took "
        f"{say.say(phase, usual_s, 1)} s"
    )
    if phase_met(usual_s, target_s):
        return Advice("tempo", "good", f"{text}.", say.told)
    side = "longer" if usual_s < target_s else "shorter"
    return Advice("tempo", "attention", f"{text}: a little {side}.", say.told)


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
    level: Level = "good" if kept == len(values) else _serious(len(values) - kept)
    yield Advice("hold", level, f"{text}.", say.told)


def _score(case: Case) -> Iterator[Advice]:
    found = _form(case)
    if found is None or found.score is None:
        return
    say = Numbers()
    score = say.say("form_score", found.score)
    parts = [
        f"{name} {say.say(f'{_key(name)}_part', found.parts[name])} "
        f"(weight {say.say(f'{_key(name)}_weight', weight)})"
        for name, weight in WEIGHTS.items()
    ]
    yield Advice("form_score", "info", f"Form {score} of 100: {', '.join(parts)}.", say.told)


def _key(name: str) -> str:
    return name.replace(" ", "_").replace("-", "_")


def _stem(measure: Measure) -> str:
    return measure.rpartition("_")[0]


_AGAINST_ITSELF = (
    "Only the pelvis is seen, and it is judged against the set's own tops: who is short on every "
    "rep is not found here."
)
_FAULTS = "Definitions of the tracker; how often it errs stands in docs/accuracy.md."

RULES: tuple[Rule, ...] = (
    Rule(
        "form_score",
        "set",
        "One score from 0 to 100 of a lying lift: the mean of lockout (weight 40), no over-arch "
        "(25), no sag (15) and even reps (20), each said. Even reps: 100 where range, way down and "
        "hold at the top differ by 5 % or less, 0 from 20 % on.",
        "Shares of reps without a fault, and coefficients of variation. The weights are our "
        "choice; nobody has measured what matters how much.",
        "To be compared with the lifter's own sets, not with other people's.",
        _score,
    ),
    Rule(
        "lockouts",
        "set",
        "How many reps reached the top of the set; which fell short by 8 % of the range or more.",
        "The guide behind the project: up until shoulders, hips and knees are one line. " + _FAULTS,
        _AGAINST_ITSELF,
        _lockouts,
    ),
    Rule(
        "over_arch",
        "set",
        "In which reps the pelvis turned back by 5 degrees or more while the hips stayed high.",
        "The guide behind the project: keep the core tight, do not over-arch. " + _FAULTS,
        "A pelvis that tips back looks the same whatever made it: the lower back itself is not "
        "seen.",
        _over_arch,
    ),
    Rule(
        "sag",
        "set",
        "In which reps the hips sank by 3 degrees or more during the hold.",
        "The guide behind the project: squeeze at the top. " + _FAULTS,
        "How still the hips were, not how hard anything was squeezed.",
        _sag,
    ),
    Rule(
        "consistency",
        "set",
        "Coefficients of variation of range, tempo and velocity over the reps, from three reps on.",
        "The guide behind the project: repeat with the same form and tempo.",
        "A lifter who tires gets slower: some of the spread of the velocity is that.",
        _consistency,
    ),
    Rule(
        "fell_out",
        "set",
        "Reps that are not like the others, with what they differ by; at most three, from five "
        "reps on.",
        "Further than 3.5 robust standard deviations from the median (Iglewicz and Hoaglin, 1993), "
        "and more than what matters: 8 % of the range, 0.3 s and 20 % of a phase, 10 % of the "
        "velocity.",
        "That a rep differs, not why. In about one of ten ordinary sets one does by chance.",
        _fell_out,
    ),
    Rule(
        "tempo",
        "set",
        "For each phase with a target: how many reps kept it within 0.3 s or 20 %, and how long "
        "the middle one took.",
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
