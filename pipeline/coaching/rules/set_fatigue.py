"""What is said of how a lifter tired, after a set and after a session."""

from collections.abc import Iterator
from math import sqrt
from statistics import fmean, median

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.fatigue import (
    EARLIER_SESSIONS,
    LOSS_ERROR_PCT,
    best_velocity_mps,
    earlier,
    first_velocity_mps,
    is_same_load,
    is_warm_up,
    phase_trend,
    rom_trend,
    slowing,
    today,
    working,
)
from pipeline.coaching.lift_names import lift_name
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.measures import Measure
from pipeline.coaching.mini_sets import is_unbroken
from pipeline.coaching.phrases import Numbers
from pipeline.events import SHORT_SHARE

_LEAST_REPS = 3
# What the fastest rep of a set differs by from set to set and day to day without a reason.
_NOISE_MPS = 0.03
_TWO_SIDED_95 = 1.96
_LEAST_SESSIONS = 2
# A count in the head is no closer, as for the tempo that was asked for.
_DRIFT_S, _DRIFT_SHARE = 0.3, 0.2
# The way up gets slower as velocity is lost; that is told as such.
_DRIFTING: dict[Measure, str] = {"eccentric_s": "the way down", "top_pause_s": "the hold"}


def _worked(case: Case) -> LiftedSet | None:
    """The last set, if it is over and was no warm-up as far as anybody knows by now."""
    one, usual_reps = case.latest, case.preferences.reps[0]
    if one is None or not one.over or is_warm_up(case.trained, usual_reps):
        return None
    return one if one is working(today(case.trained), usual_reps)[-1] else None


def _loss(case: Case) -> Iterator[Advice]:
    one = _worked(case)
    reps = slowing(one) if one else []
    if one is None or one.wanted.velocity_loss_pct is None or len(reps) < _LEAST_REPS:
        return
    if one.mark == "to_failure" or not is_unbroken(one):
        return
    last, line_pct = reps[-1], one.wanted.velocity_loss_pct
    say = Numbers()
    loss = say.say("velocity_loss_pct", last.loss_pct)
    text = (
        f"Rep {say.say('rep', last.rep.number or 0)}, the last measured, was {loss} % slower than "
        "the fastest "
        f"({say.say('velocity_mps', last.velocity_mps, 2)} of "
        f"{say.say('best_velocity_mps', last.best_mps, 2)} m/s); "
        f"the target was {say.say('target_velocity_loss_pct', line_pct, 1)} %"
    )
    if last.loss_pct > line_pct + LOSS_ERROR_PCT:
        past = say.say("reps_past", sum(slow.loss_pct >= line_pct for slow in reps))
        text += f", and reps past it: {past}. End the next set earlier."
        yield Advice("velocity_loss", "attention", text, say.told)
    else:
        kept = "kept" if last.loss_pct <= line_pct else "as good as kept"
        yield Advice("velocity_loss", "good", f"{text}, {kept}.", say.told)


def _range_lost(case: Case) -> Iterator[Advice]:
    one = _worked(case)
    line = rom_trend(one) if one else None
    if line is None or not line.certain or line.first <= 0:
        return
    if -line.change < SHORT_SHARE * line.first:
        return
    say = Numbers()
    yield Advice(
        "range_lost",
        "attention",
        f"The range shrank over the set from {say.say('first_rom_deg', line.first)} to "
        f"{say.say('last_rom_deg', max(0.0, line.last))} degrees, by "
        f"{say.say('rom_loss_pct', 100.0 * min(1.0, -line.change / line.first))} %: "
        "a rep or two less keeps it full.",
        say.told,
    )


def _drift(case: Case) -> Iterator[Advice]:
    one = _worked(case)
    for phase, name in _DRIFTING.items():
        line = phase_trend(one, phase) if one else None
        if line is None or not line.certain:
            continue
        first_s, last_s = max(0.0, line.first), max(0.0, line.last)
        if abs(last_s - first_s) <= max(_DRIFT_S, _DRIFT_SHARE * first_s):
            continue
        say = Numbers()
        how = "longer" if last_s > first_s else "shorter"
        yield Advice(
            "tempo_drift",
            "info",
            f"Over the set {name} got {how}, from {say.say(f'first_{phase}', first_s, 1)} to "
            f"{say.say(f'last_{phase}', last_s, 1)} s: the same tempo for each rep is the aim.",
            say.told,
        )


def _between_sets(case: Case) -> Iterator[Advice]:
    one = _worked(case)
    if one is None or one.load_kg is None:
        return
    same = [
        other
        for other in working(today(case.trained), case.preferences.reps[0])
        if is_same_load(other.load_kg, one.load_kg)
    ]
    now_mps, then_mps = best_velocity_mps(one), best_velocity_mps(same[0])
    if same[0] is one or now_mps is None or then_mps is None:
        return
    if then_mps - now_mps < _TWO_SIDED_95 * _NOISE_MPS * sqrt(2):
        return
    say = Numbers(case.preferences.unit)
    text = (
        f"At {say.load('load', one.load_kg)} the fastest rep was "
        f"{say.say('best_velocity_mps', now_mps, 2)} m/s, in the first set with it "
        f"{say.say('first_velocity_mps', then_mps, 2)} m/s: "
        f"{say.say('slower_pct', 100.0 * (then_mps - now_mps) / then_mps)} % slower"
    )
    if one.rest_before_s is not None:
        text += f", after {say.say('rest_s', one.rest_before_s)} s of rest"
    text += ". Rest longer before the next set, or let this be the last one."
    yield Advice("slower_than_first_set", "info", text, say.told)


def _against_earlier(case: Case) -> Iterator[Advice]:
    one = _worked(case)
    if one is None or one.load_kg is None:
        return
    load_kg = one.load_kg
    first = next(other for other in today(case.trained) if is_same_load(other.load_kg, load_kg))
    now_mps = best_velocity_mps(one)
    before = _velocities_before(case.trained, load_kg)
    if first is not one or now_mps is None or len(before) < _LEAST_SESSIONS:
        return
    usual_mps = median(before)
    off_mps = usual_mps - now_mps
    if off_mps < _TWO_SIDED_95 * _NOISE_MPS * sqrt(1 + 1 / len(before)):
        return
    say = Numbers(case.preferences.unit)
    yield Advice(
        "slower_than_before",
        "attention",
        f"Take it easier today: at {say.load('load', load_kg)} the fastest rep was "
        f"{say.say('best_velocity_mps', now_mps, 2)} m/s, in the last "
        f"{say.say('sessions', len(before))} sessions {say.say('usual_mps', usual_mps, 2)} m/s: "
        f"{say.say('slower_pct', 100.0 * off_mps / usual_mps)} % slower.",
        say.told,
    )


def _session(case: Case) -> Iterator[Advice]:
    """Of each lift of the session, over all loads that earlier sessions had too."""
    told: set[tuple[str, str]] = set()
    trained = case.trained
    for k in range(len(trained), 0, -1):
        one = trained[k - 1]
        if one.session != trained[-1].session:
            return
        if one.lift not in told:
            told.add(one.lift)
            yield from _slow_session(trained[:k], case.preferences.reps[0])


def _slow_session(history: tuple[LiftedSet, ...], usual_reps: int) -> Iterator[Advice]:
    sets = working(today(history), usual_reps)
    offs_mps: list[float] = []
    usual_mps: list[float] = []
    compared: list[float] = []
    for load_kg in (one.load_kg for one in sets if one.load_kg is not None):
        if any(is_same_load(load_kg, other) for other in compared):
            continue
        compared.append(load_kg)
        now_mps, before = first_velocity_mps(sets, load_kg), _velocities_before(history, load_kg)
        if now_mps is not None and len(before) >= _LEAST_SESSIONS:
            usual_mps.append(median(before))
            offs_mps.append(usual_mps[-1] - now_mps)
    if len(offs_mps) < 2:  # of one load it was said after its set
        return
    # Each load is off by chance; their mean by less.
    least_mps = _TWO_SIDED_95 * _NOISE_MPS * sqrt((1 + 1 / _LEAST_SESSIONS) / len(offs_mps))
    if fmean(offs_mps) < least_mps:
        return
    say = Numbers()
    yield Advice(
        "slow_session",
        "attention",
        f"{lift_name(sets[0].lift)}: at {say.say('loads', len(offs_mps))} loads that earlier "
        f"sessions had too the fastest reps were {say.say('slower_mps', fmean(offs_mps), 2)} m/s "
        f"slower than in those, by {say.say('slower_pct', 100.0 * sum(offs_mps) / sum(usual_mps))} "
        "%: take the next session easier, or a day more of rest.",
        say.told,
        sets[0].lift,
    )


def _velocities_before(history: tuple[LiftedSet, ...], load_kg: float) -> list[float]:
    """Fastest rep of the first set with a load, in the last sessions that had it."""
    sessions = earlier(history, EARLIER_SESSIONS, load_kg)
    found = (first_velocity_mps(sets, load_kg) for sets in sessions)
    return [velocity for velocity in found if velocity]


_WARM_UPS = (
    " Warm-up sets are left out: lighter than 80 % of the heaviest of the session before the first "
    "such, or ended with less than 5 % loss after half of the reps."
)
_INTENT = "It holds for reps lifted as fast as possible; effort, sleep and health are not seen."
_NOISE = (
    "Past what the fastest rep differs by from set to set without a reason, 0.03 m/s one standard "
    "deviation, in 95 of 100 cases."
)

RULES: tuple[Rule, ...] = (
    Rule(
        "velocity_loss",
        "set",
        "Velocity loss of the last rep against the target, and how many reps were past it; nothing "
        "of a set with rests in it or to failure." + _WARM_UPS,
        "Velocity loss from the fastest rep of the set (Perez-Castilla and others, Appl Sci 2024, "
        "14, 4531). 2 points more than the target are within the error (docs/accuracy.md).",
        _INTENT,
        _loss,
    ),
    Rule(
        "range_lost",
        "set",
        "The range shrinks over the set by 8 % or more, and by more than it scatters; from five "
        "reps on, without a rest between them.",
        "A straight line through the reps, two standard errors. 8 %: what the tracker calls a "
        "short lockout.",
        "Whether the hips came less high or went less low is not told apart.",
        _range_lost,
    ),
    Rule(
        "tempo_drift",
        "set",
        "The way down or the hold gets longer or shorter over the set, by more than 0.3 s and 20 % "
        "and by more than it scatters; from five reps on, without a rest between them.",
        "A straight line through the reps, two standard errors. The guide behind the project: "
        "repeat with the same tempo.",
        "Times of the pelvis; what was meant is not known.",
        _drift,
    ),
    Rule(
        "slower_than_first_set",
        "set",
        "The fastest rep is slower than in the first set of the session with the same load.",
        _NOISE + " A longer rest keeps strength up (Schoenfeld and others, J Strength Cond Res "
        "2016, 30, 1805: 3 minutes against 1).",
        _INTENT,
        _between_sets,
    ),
    Rule(
        "slower_than_before",
        "set",
        "The first set with a load is slower than in the last three sessions with it, of five "
        "weeks; from two on: take it easier.",
        _NOISE + " At a given load a lifter is slower on a day on which he is weaker: velocity "
        "falls in a line with the share of the maximum (de Hoyo and others, J Strength Cond Res "
        "2021, 35).",
        _INTENT + " Never a diagnosis.",
        _against_earlier,
    ),
    Rule(
        "slow_session",
        "session",
        "At two loads or more the session was slower than the last three with the same loads.",
        _NOISE + " The mean over the loads is off by less than each.",
        _INTENT + " Never a diagnosis.",
        _session,
    ),
)
