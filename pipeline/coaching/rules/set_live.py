"""What is said while a set goes on, after each rep."""

from collections.abc import Iterator
from statistics import median

from pipeline.coaching.adherence import hold_met, phase_met
from pipeline.coaching.advice import Advice, Case, Level, Rule
from pipeline.coaching.fatigue import Slowing, is_warm_up, slowing
from pipeline.coaching.lifted import LiftedRep, LiftedSet
from pipeline.coaching.measures import known, measured
from pipeline.coaching.phrases import Numbers

# Before that nobody knows how fast the lifter is today.
_LEAST_REPS = 3


def _newest(case: Case) -> tuple[LiftedSet, LiftedRep, int] | None:
    """The open set, its newest rep and that one's number, if it counts and was measured."""
    one = case.latest
    if one is None or one.over or not one.reps:
        return None
    rep = one.reps[-1]
    return None if rep.number is None or rep.added else (one, rep, rep.number)


def _lowered_too_fast(case: Case) -> Iterator[Advice]:
    found = _newest(case)
    if found is None:
        return
    one, rep, number = found
    took_s, asked_s = rep.eccentric_s, one.wanted.eccentric_s
    if took_s is None or asked_s is None or took_s > asked_s or phase_met(took_s, asked_s):
        return
    say = Numbers()
    yield Advice(
        "lowered_too_fast",
        "attention",
        f"Rep {say.say('rep', number)} came down in {say.say('eccentric_s', took_s, 1)} s; "
        f"{say.say('target_eccentric_s', asked_s, 1)} s are the target: lower it more slowly.",
        say.told,
    )


def _hold_too_short(case: Case) -> Iterator[Advice]:
    found = _newest(case)
    if found is None:
        return
    one, rep, number = found
    wanted = one.wanted
    least_s = wanted.top_pause_s if wanted.hold_s is None else wanted.hold_s
    if rep.top_pause_s is None or least_s is None or hold_met(rep.top_pause_s, least_s):
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
    if found is None or "short_lockout" not in found[1].faults:
        return
    one, rep, number = found
    good = [other for other in measured(one)[:-1] if "short_lockout" not in other.faults]
    ranges_deg = [value for _, value in known(good, "rom_deg")]
    say = Numbers()
    text = f"Rep {say.say('rep', number)} stopped short of the top of this set's other reps"
    if rep.rom_deg is not None and ranges_deg and rep.rom_deg < median(ranges_deg):
        usual_deg = say.say("usual_rom_deg", median(ranges_deg))
        text += f" ({say.say('rom_deg', rep.rom_deg)} of {usual_deg} degrees)"
    yield Advice("short_lockout", "attention", f"{text}: drive all the way up.", say.told)


def _stop(case: Case) -> Iterator[Advice]:
    found = _newest(case)
    if found is None:
        return
    one, rep, _ = found
    counted, line_pct = measured(one), one.wanted.velocity_loss_pct
    if line_pct is None:
        return
    over = [slow for slow in slowing(one) if slow.loss_pct >= line_pct]
    if len(counted) < _LEAST_REPS or not over or over[-1].rep is not rep:
        return
    if is_warm_up(case.history, case.preferences.reps[0]):
        return
    again = any(earlier.rep is counted[-2] for earlier in over)
    yield _slower(over[-1], line_pct, "stop" if again else "attention")


def _slower(rep: Slowing, line_pct: float, level: Level) -> Advice:
    say = Numbers()
    number = say.say("rep", rep.rep.number or 0)
    loss = say.say("velocity_loss_pct", rep.loss_pct, 1)
    velocity = say.say("velocity_mps", rep.velocity_mps, 2)
    best = say.say("best_velocity_mps", rep.best_mps, 2)
    line = say.say("target_velocity_loss_pct", line_pct, 1)
    slower = f"rep {number} was {loss} % slower than the fastest ({velocity} of {best} m/s)"
    if level == "stop":
        text = f"Stop here: {slower}, the second in a row past {line} %."
    else:
        text = f"Nearly there: {slower}, past {line} %; after one more like it, stop."
    return Advice("velocity_stop", level, text, say.told)


RULES: tuple[Rule, ...] = (
    Rule(
        "velocity_stop",
        "rep",
        "Stop at the chosen velocity loss: a word at the first rep past it, stop at the second in "
        "a row; never before 3 reps that count, and not in a warm-up set.",
        "Velocity loss from the fastest rep of the set (Perez-Castilla and others, Appl Sci 2024, "
        "14, 4531); one grace rep, since a measured loss is off by about 2 points "
        "(docs/accuracy.md).",
        "It knows how fast the reps were, not how hard: it holds for reps lifted as fast as "
        "possible. A first set that is much lighter than the last session is taken for a warm-up.",
        _stop,
    ),
    Rule(
        "lowered_too_fast",
        "rep",
        "The way down took less than its target, by more than 0.3 s or 20 %.",
        "The tempo that was asked for; a count in the head is no closer than that.",
        "Times of the pelvis. Without a target for the way down it says nothing.",
        _lowered_too_fast,
    ),
    Rule(
        "hold_too_short",
        "rep",
        "The top was held for less than its target.",
        "The hold that was asked for, less 0.05 s, the error of a measured pause "
        "(docs/accuracy.md).",
        "How long the hips stayed up, not how hard the glutes were squeezed.",
        _hold_too_short,
    ),
    Rule(
        "short_lockout",
        "rep",
        "The top of this rep was 8 % of the range or more below the other tops of the set.",
        "The guide behind the project: up until shoulders, hips and knees are one line. 8 %: what "
        "the tracker calls a short lockout.",
        "Only the pelvis is seen, and only against this set: who is short on every rep is not "
        "found here.",
        _short_lockout,
    ),
)
