"""What is said while a set goes on, after each rep."""

from collections.abc import Iterator
from statistics import median

from pipeline.coaching.adherence import hold_met, phase_met
from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.fatigue import LastTwo, Slowing, is_warm_up, last_two, slowing
from pipeline.coaching.lifted import LiftedRep, LiftedSet
from pipeline.coaching.lockout import Judged, judged, reference_of
from pipeline.coaching.measures import known, measured
from pipeline.coaching.phrases import Numbers, which

# Before that nobody knows how fast the lifter is today.
_LEAST_REPS = 3


def _newest(case: Case) -> tuple[LiftedSet, LiftedRep, int] | None:
    """The open set, its newest rep and that one's number, if it counts and was measured."""
    one = case.latest
    if one is None or one.over or not one.reps:
        return None
    rep = one.reps[-1]
    return None if rep.number is None or rep.added else (one, rep, rep.number)


def _before(one: LiftedSet) -> LiftedRep | None:
    """The measured rep before the newest: who was told after that one is not told again."""
    reps = measured(one)
    return reps[-2] if len(reps) > 1 else None


def _lowered_too_fast(case: Case) -> Iterator[Advice]:
    found = _newest(case)
    if found is None:
        return
    one, rep, number = found
    took_s, asked_s, before = rep.eccentric_s, one.wanted.eccentric_s, _before(one)
    if took_s is None or asked_s is None or not _is_too_fast(took_s, asked_s):
        return
    if before and _is_too_fast(before.eccentric_s, asked_s):
        return
    say = Numbers()
    yield Advice(
        "lowered_too_fast",
        "attention",
        f"Rep {say.say('rep', number)} came down in {say.say('eccentric_s', took_s, 1)} s; "
        f"{say.say('target_eccentric_s', asked_s, 1)} s are the target: lower it more slowly.",
        say.told,
    )


def _is_too_fast(took_s: float | None, asked_s: float) -> bool:
    return took_s is not None and took_s < asked_s and not phase_met(took_s, asked_s)


def _hold_too_short(case: Case) -> Iterator[Advice]:
    found = _newest(case)
    if found is None:
        return
    one, rep, number = found
    wanted, before = one.wanted, _before(one)
    least_s = wanted.top_pause_s if wanted.hold_s is None else wanted.hold_s
    if rep.top_pause_s is None or least_s is None or hold_met(rep.top_pause_s, least_s):
        return
    if before and hold_met(before.top_pause_s, least_s) is False:
        return
    say = Numbers()
    held = say.say("top_pause_s", rep.top_pause_s, 2)
    yield Advice(
        "hold_too_short",
        "attention",
        f"Rep {say.say('rep', number)} was held for {held} s at the top; "
        f"{say.say('target_hold_s', least_s, 2)} s are the target: stay a little longer.",
        say.told,
    )


def _short_lockout(case: Case) -> Iterator[Advice]:
    found = _newest(case)
    if found is None:
        return
    one, rep, number = found
    if "short_lockout" in rep.faults:
        yield _short_of_set(one, rep, number)
        return
    full = reference_of(case, one.exercise)
    newest = judged(measured(one)[-2:], full) if full else ()
    if not newest or newest[-1].rep is not rep or not newest[-1].is_short:
        return
    if len(newest) < 2 or not newest[0].is_short:
        yield _short_of_full(newest[-1], number)


def _short_of_set(one: LiftedSet, rep: LiftedRep, number: int) -> Advice:
    good = [other for other in measured(one)[:-1] if "short_lockout" not in other.faults]
    ranges_deg = [value for _, value in known(good, "rom_deg")]
    say = Numbers()
    text = f"Rep {say.say('rep', number)} stopped short of the top of this set's other reps"
    if rep.rom_deg is not None and ranges_deg and rep.rom_deg < median(ranges_deg):
        usual_deg = say.say("usual_rom_deg", median(ranges_deg))
        text += f" ({say.say('rom_deg', rep.rom_deg)} of {usual_deg} degrees)"
    return Advice("short_lockout", "attention", f"{text}: drive all the way up.", say.told)


def _short_of_full(found: Judged, number: int) -> Advice:
    say = Numbers()
    text = (
        f"Rep {say.say('rep', number)} stopped {say.say('short_pct', found.short_pct)} % short of "
        f"your full lockout ({say.say('rom_deg', found.rom_deg)} of "
        f"{say.say('full_rom_deg', found.full_deg)} degrees): drive all the way up."
    )
    return Advice("short_lockout", "attention", text, say.told)


def _stop(case: Case) -> Iterator[Advice]:
    found = _newest(case)
    if found is None:
        return
    one, rep, _ = found
    line_pct, two = one.wanted.velocity_loss_pct, last_two(one)
    reps = slowing(one)
    if line_pct is None or len(measured(one)) < _LEAST_REPS or not reps or reps[-1].rep is not rep:
        return
    stop = two is not None and two.past(line_pct)
    if not stop and reps[-1].loss_pct < line_pct:
        return
    if is_warm_up(case.trained, case.preferences.reps[0]):
        return
    yield _stop_now(two, line_pct) if two and stop else _nearly(reps[-1], line_pct)


def _stop_now(two: LastTwo, line_pct: float) -> Advice:
    say = Numbers()
    say.say("rep", two.last.number or 0)
    text = (
        f"Stop here: {which([two.first.number or 0, two.last.number or 0])} were "
        f"{say.say('velocity_loss_pct', two.loss_pct, 1)} % slower than the two fastest "
        f"({say.say('velocity_mps', two.velocity_mps, 2)} of "
        f"{say.say('best_velocity_mps', two.best_mps, 2)} m/s), past "
        f"{say.say('target_velocity_loss_pct', line_pct, 1)} %."
    )
    return Advice("velocity_stop", "stop", text, say.told)


def _nearly(rep: Slowing, line_pct: float) -> Advice:
    say = Numbers()
    text = (
        f"Nearly there: rep {say.say('rep', rep.rep.number or 0)} was "
        f"{say.say('velocity_loss_pct', rep.loss_pct, 1)} % slower than the fastest "
        f"({say.say('velocity_mps', rep.velocity_mps, 2)} of "
        f"{say.say('best_velocity_mps', rep.best_mps, 2)} m/s), past "
        f"{say.say('target_velocity_loss_pct', line_pct, 1)} %; after one more like it, stop."
    )
    return Advice("velocity_stop", "attention", text, say.told)


RULES: tuple[Rule, ...] = (
    Rule(
        "velocity_stop",
        "rep",
        "Stop at the chosen velocity loss: when the mean of the last two reps is that much slower "
        "than the mean of the two fastest, and neither of the two is 4 points short of it alone; "
        "before that a word at a rep that is past it. Never before 3 reps that count, nor in a "
        "warm-up set; after a rest inside the set the last two are counted anew.",
        "Velocity loss from the fastest reps of the set (Perez-Castilla and others, Appl Sci 2024, "
        "14, 4531); two reps each, and twice the 2 points by which a measured loss is off "
        "(docs/accuracy.md), since one reading differs by as much as a rep or two lose.",
        "It knows how fast the reps were, not how hard: it holds for reps lifted as fast as "
        "possible. Where velocities scatter by 0.01 m/s or less it comes at the rep that is past "
        "the line or at the one after it in about nine of ten model sets, where they scatter more "
        "in fewer. A first set that is much lighter than the last session is taken for a warm-up.",
        _stop,
    ),
    Rule(
        "lowered_too_fast",
        "rep",
        "The way down took less than its target, by more than 0.3 s or 20 %. Said at the first "
        "such rep, and again after one that kept it.",
        "The tempo that was asked for; a count in the head is no closer than that.",
        "Times of the pelvis. Without a target for the way down it says nothing.",
        _lowered_too_fast,
    ),
    Rule(
        "hold_too_short",
        "rep",
        "The top was held for less than its target. Said at the first such rep, and again after "
        "one that was long enough.",
        "The hold that was asked for, less 0.05 s, the error of a measured pause "
        "(docs/accuracy.md).",
        "How long the hips stayed up, not how hard the glutes were squeezed.",
        _hold_too_short,
    ),
    Rule(
        "short_lockout",
        "rep",
        "The top of this rep was 8 % of the range or more below the other tops of the set, or "
        "below the full lockout that was saved; of that again after a full one.",
        "The guide behind the project: up until shoulders, hips and knees are one line. 8 %: what "
        "the tracker calls a short lockout.",
        "Only the pelvis is seen. Without a saved lockout who is short on every rep is not found.",
        _short_lockout,
    ),
)
