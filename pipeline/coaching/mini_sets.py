"""Parts of a set with rests in between: cluster sets and rest-pause.

After a rest velocity comes back: what is taken from an unbroken set counts from the last one.
"""

from functools import cache

from pipeline import exercises
from pipeline.coaching.lifted import LiftedRep, LiftedSet

# A whole rep hardly takes longer, and a tempo asks for less.
_REST_S = 5.0


def mini_sets(one: LiftedSet) -> tuple[tuple[LiftedRep, ...], ...]:
    """The reps that count from rest to rest, in order; all in one where there was no rest.

    Who rests does it where the lift begins, at the bottom or at the top. A pause as long as was
    asked for is no rest. Reps that were added by hand are in none: when they were is not known.
    """
    parts: list[list[LiftedRep]] = [[]]
    for rep in one.counted:
        if not rep.added:
            parts[-1].append(rep)
            if _rests_after(rep, one):
                parts.append([])
    return tuple(tuple(part) for part in parts if part)


def last_mini_set(one: LiftedSet) -> tuple[LiftedRep, ...]:
    """Since the last rest; all that were measured where there was none."""
    return mini_sets(one)[-1] if mini_sets(one) else ()


def is_unbroken(one: LiftedSet) -> bool:
    """Nobody rested inside of it."""
    return len(mini_sets(one)) < 2


def _rests_after(rep: LiftedRep, one: LiftedSet) -> bool:
    if _starts_at_top(one.exercise):
        paused_s, asked_s = rep.top_pause_s, one.wanted.top_pause_s or one.wanted.hold_s
    else:
        paused_s, asked_s = rep.bottom_pause_s, one.wanted.bottom_pause_s
    return paused_s is not None and paused_s >= max(_REST_S, 2 * (asked_s or 0.0))


@cache
def _starts_at_top(exercise: str) -> bool:
    return exercise in exercises.names() and exercises.load(exercise).starts_at == "top"
