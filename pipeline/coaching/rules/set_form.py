"""What is said of the form of a set that is over."""

from collections.abc import Iterator

from pipeline.coaching.advice import Advice, Case, Level, Rule
from pipeline.coaching.form import TIRING, WEIGHTS, FellOut, Form, form
from pipeline.coaching.measures import Measure
from pipeline.coaching.phrases import MEASURES, Numbers, serious, which

_UNITS: dict[Measure, tuple[str, int]] = {
    "rom_deg": ("degrees", 0),
    "mean_velocity_mps": ("m/s", 2),
}
_SECONDS = ("s", 1)
_MOST_TOLD = 3  # of the reps that fell out: more is a list, not a word


# Reps of trained lifters differ by 5 to 8 %, those of beginners by 10 to 20 %: less is even.
_UNEVEN_PCT = 10.0
# A score of which all parts are so good needs no weights to be understood.
_GOOD_PART = 95.0


def _form(case: Case) -> Form | None:
    """Of the last set, once it is over."""
    one = case.latest
    return form(one) if one and one.over else None


def _over_arch(case: Case) -> Iterator[Advice]:
    yield from _fault(
        case,
        "over_arch",
        "the pelvis tipped back after the top while the hips stayed high: ribs down, and squeeze "
        "instead of arching",
    )


def _sag(case: Case) -> Iterator[Advice]:
    yield from _fault(
        case, "sag", "the hips sank during the hold: keep them up, with less load if it takes that"
    )


def _fault(case: Case, fault: str, what: str) -> Iterator[Advice]:
    found = _form(case)
    wrong = [rep.number or 0 for rep in found.reps if fault in rep.faults] if found else []
    if found is None or found.lockout_pct is None or not wrong:
        return
    say = Numbers()
    count = say.say(f"{fault}_reps", len(wrong))
    share = say.say(f"{fault}_pct", 100.0 * len(wrong) / len(found.reps))
    text = f"In {count} of {say.say('reps', len(found.reps))} reps ({share} %) {what}"
    yield Advice(fault, serious(len(wrong)), f"{text} ({which(wrong)}).", say.told)


def _consistency(case: Case) -> Iterator[Advice]:
    found = _form(case)
    uneven = {
        measure: spread
        for measure, spread in (found.spread_pct if found else {}).items()
        if spread > _UNEVEN_PCT and measure not in TIRING
    }
    if found is None or not uneven:
        return
    say = Numbers()
    spreads = [
        f"{MEASURES[measure]} {say.say(f'{_stem(measure)}_cv_pct', spread)} %"
        for measure, spread in uneven.items()
    ]
    reps = say.say("reps", len(found.reps))
    yield Advice(
        "consistency",
        "info",
        f"The {reps} reps were uneven; from their mean they differ by: {', '.join(spreads)}.",
        say.told,
    )


def _fell_out(case: Case) -> Iterator[Advice]:
    found = _form(case)
    odd = [one for one in (found.fell_out if found else ()) if not _is_told(one)]
    for one in odd[:_MOST_TOLD]:
        yield _odd(one)


def _is_told(one: FellOut) -> bool:
    """Of a short lockout it is told as that."""
    return one.measure == "rom_deg" and "short_lockout" in one.rep.faults


def _odd(one: FellOut) -> Advice:
    say = Numbers()
    unit, digits = _UNITS.get(one.measure, _SECONDS)
    stem = _stem(one.measure)
    value = say.say(one.measure, one.value, digits)
    usual = say.say(f"usual_{one.measure}", one.usual, digits)
    off = say.say(f"{stem}_off_pct", abs(one.off_pct))
    side = "more" if one.off_pct > 0 else "less"
    name = MEASURES[one.measure]
    text = f"Rep {say.say('rep', one.rep.number or 0)} was not like the others: {name}"
    return Advice(
        "fell_out",
        "info",
        f"{text} {value} {unit}, {off} % {side} than the {usual} {unit} of the middle one.",
        say.told,
    )


def _score(case: Case) -> Iterator[Advice]:
    found = _form(case)
    if found is None or found.score is None:
        return
    say = Numbers()
    score = say.say("form_score", found.score)
    good = min(found.parts.values()) >= _GOOD_PART
    parts = []
    for name, weight in WEIGHTS.items():
        part = f"{name} {say.say(f'{_key(name)}_part', found.parts[name])}"
        if not good:
            part += f" (weight {say.say(f'{_key(name)}_weight', weight)})"
        parts.append(part)
    level: Level = "good" if good else "info"
    yield Advice("form_score", level, f"Form {score} of 100: {', '.join(parts)}.", say.told)


def _key(name: str) -> str:
    return name.replace(" ", "_").replace("-", "_")


def _stem(measure: Measure) -> str:
    return measure.rpartition("_")[0]


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
        "Coefficients of variation of range, way down and hold at the top, of those that are over "
        "10 %; from three reps on.",
        "The guide behind the project: repeat with the same form and tempo. Reps of trained "
        "lifters differ by 5 to 8 % in how long they last, those of beginners by 10 to 20 %.",
        "Of the way up nothing is said: whoever tires gets slower.",
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
)
