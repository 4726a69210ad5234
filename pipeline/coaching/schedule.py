"""What the next session should be, and from which day on: by a plan, or by the week without one."""

from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from pipeline.coaching.advice import Case
from pipeline.coaching.plan import DAYS, Plan, PlannedSession
from pipeline.coaching.templates import RETURN
from pipeline.coaching.week import (
    Bout,
    Lift,
    Trained,
    day_of,
    first_day,
    recent,
    today,
    week_of,
)

# From two weeks without training on, what follows is a transition with less work, for its first
# week about half of it (Caterisano and others, CSCCa and NSCA joint consensus guidelines for
# transition periods, Strength Cond J 2019).
BREAK_DAYS = 14
RETURN_DAYS = 7
# Of what came before the last session, so much says in what turn it stands.
_LOOK_BACK_DAYS = 28


@dataclass(frozen=True, slots=True)
class Next:
    """The next session. kind: mixed where nothing is in turn. day: the first local day for it.

    variants: of the exercise, as the last session or the plan has them: left and right, perhaps.
    rested_days: from the last session until now. sets: as usual; after a break, half of that.
    usual_sets: median of the last weeks. planned: what it holds, by a plan or after a break.
    """

    exercise: str
    variants: tuple[str, ...]
    kind: Literal["heavy", "light", "mixed", "return", "planned"]
    day: int
    rested_days: int
    usual_sets: int
    sets: int
    planned: PlannedSession | None = None


def next_session(case: Case, plan: Plan | None = None) -> Next | None:
    """What to do next; None for an athlete who has not lifted yet."""
    trained = _latest(case)
    if not trained:
        return None
    now, last = today(case), trained[-1]
    bout = _leading(last)
    exercise = bout.lift[0]
    variants = tuple(one.lift[1] for one in last.bouts if one.lift[0] == exercise)
    usual = _usual_sets(trained, bout.lift)
    rested_days = max(0, now - last.day)
    weekly = plan.sessions_per_week if plan else case.preferences.weekly[1]
    day = now
    if rested_days < BREAK_DAYS:
        day = _free_day(trained, max(now, last.day + _apart(last)), weekly, plan)
    if rested_days >= BREAK_DAYS or _returning(trained, day):
        easy = _easy(bout.lift, (usual + 1) // 2)
        return Next(exercise, variants, "return", day, rested_days, usual, easy.lifts[0].sets, easy)
    if plan:
        planned = _in_turn(trained, plan)
        lift = planned.lifts[0]
        return Next(
            lift.exercise, (lift.variant,), "planned", day, rested_days, usual, lift.sets, planned
        )
    kind: Literal["heavy", "light", "mixed"] = "mixed"
    if bout.kind != "mixed":
        kind = "light" if bout.kind == "heavy" else "heavy"
    return Next(exercise, variants, kind, day, rested_days, usual, usual)


def _easy(lift: Lift, sets: int) -> PlannedSession:
    """The session to return with, of another lift and so many sets."""
    (session,) = RETURN.sessions
    exercise, variant = lift
    easy = replace(session.lifts[0], exercise=exercise, variant=variant, sets=sets)
    return replace(session, lifts=(easy,))


def _usual_sets(trained: list[Trained], lift: Lift) -> int:
    """Working sets of a lift in a session: the middle of the last weeks before the last break."""
    bouts = [(session.day, session.bout(lift)) for session in trained]
    found = [(day, bout.sets) for day, bout in bouts if bout]
    for n in range(len(found) - 1, 0, -1):
        if found[n][0] - found[n - 1][0] >= BREAK_DAYS:
            found = found[:n]
            break
    return int(median(sets for _, sets in found))


def _latest(case: Case) -> list[Trained]:
    """The last session and those of the weeks before it."""
    now = today(case)
    for one in reversed(case.trained):
        day = day_of(one.time_us, case.zone_s)
        if one.counted and day <= now:
            return recent(case, now - day + _LOOK_BACK_DAYS)
    return []


def _leading(session: Trained) -> Bout:
    """Of several lifts, that which the session stands for: the hip thrust, else the first."""
    thrusts = [bout for bout in session.bouts if bout.lift[0].endswith("hip_thrust")]
    return (thrusts or list(session.bouts))[0]


def _apart(session: Trained) -> int:
    """Days until the next one: with one of rest between, unless it was light.

    48 hours for the same muscles (American College of Sports Medicine, position stand on quantity
    and quality of exercise, Med Sci Sports Exerc 2011).
    """
    return 1 if all(bout.kind == "light" for bout in session.bouts) else 2


def _free_day(trained: list[Trained], day: int, weekly: int, plan: Plan | None) -> int:
    """The first day from `day` on, in a week that has room, and on a day of the plan."""
    exercises = {bout.lift[0] for bout in trained[-1].bouts}
    week = week_of(day)
    done = sum(
        week_of(one.day) == week and any(bout.lift[0] in exercises for bout in one.bouts)
        for one in trained
    )
    if done >= weekly:
        day = first_day(week + 1)
    if plan and plan.days:
        wanted = {DAYS.index(name) for name in plan.days}
        while (day + 3) % 7 not in wanted:
            day += 1
    return day


def _returning(trained: list[Trained], day: int) -> bool:
    """Whether a day is in the first week after a break."""
    for before, after in zip(trained[-2::-1], trained[:0:-1], strict=True):
        if after.day - before.day >= BREAK_DAYS:
            return day - after.day < RETURN_DAYS
    return False


def _in_turn(trained: list[Trained], plan: Plan) -> PlannedSession:
    """The session after that which the last one was most like; the first if it was like none."""
    sessions = plan.sessions
    for done in reversed(trained):
        like = [_likeness(done, session) for session in sessions]
        if max(like) > (0, 0.0):
            return sessions[(like.index(max(like)) + 1) % len(sessions)]
    return sessions[0]


def _likeness(done: Trained, session: PlannedSession) -> tuple[int, float]:
    """How many lifts the two share, and by how little their reps differ."""
    off = []
    for planned in session.lifts:
        bout = done.bout(planned.lift)
        if bout:
            low, high = planned.reps
            off.append(max(low - bout.reps, bout.reps - high, 0))
    return len(off), -float(sum(off))
