"""What a coach knows of a session and of those who lift in it, as the rules of advice need it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from pipeline.coaching.advice import Preferences
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.phrases import Numbers
from pipeline.coaching.plan import Plan
from pipeline.coaching.typed_load import OtherUnit
from pipeline.delivery.entries import Entry
from pipeline.delivery.values import FAULTS, AskedFor, RepValues

History = tuple[LiftedSet, ...]


@dataclass(frozen=True, slots=True)
class Pupil:
    """What is known of an athlete beside this session. history: what was lifted before it.

    plan: of the settings. sent: one that was sent, and comes before that.
    """

    history: History = ()
    preferences: Preferences = field(default_factory=Preferences)
    plan: Plan | None = None
    sent: Plan | None = None


@dataclass(frozen=True, slots=True)
class Coach:
    """pupil: what is known of an athlete, by the key: through a session always the same.

    zone_s: of the local clock, seconds east of UTC.
    """

    pupil: Callable[[str], Pupil]
    zone_s: int = 0


def lifted_set(one: Entry, session: str, started_us: int) -> LiftedSet:
    """A set of which something counts. started_us: when the session began, us since 1970 UTC."""
    assert one.values
    choice = one.choice
    return LiftedSet(
        time_us=started_us + round(one.values.start_s * 1e6),
        session=session,
        exercise=choice.exercise,
        variant=choice.variant,
        load_kg=choice.load_kg,
        reps=tuple(_lifted_rep(rep.values) for rep in one.valid()),
        wanted=_wanted(one.wanted()),
        rest_before_s=one.values.rest_before_s,
        over=not one.open,
        mark=one.values.mark or "",
    )


def question(found: OtherUnit, unit: Literal["kg", "lb"]) -> str:
    """About a load that looks like another unit, for the answer to who typed it."""
    say = Numbers(unit)
    typed, usual, likely = (
        say.load("load", kg, 1) for kg in (found.typed_kg, found.usual_kg, found.likely_kg)
    )
    cure = f"if you meant {likely}, send that"
    if found.typed_as == "lb" and unit == "kg":
        cure = f"if you meant {found.typed_kg:g} lb, send {likely}"
    return f"{typed}? Your last sets had about {usual}: {cure}"


def _lifted_rep(rep: RepValues) -> LiftedRep:
    return LiftedRep(
        number=rep.rep,
        concentric_s=rep.concentric_s,
        top_pause_s=rep.top_pause_s,
        eccentric_s=rep.eccentric_s,
        bottom_pause_s=rep.bottom_pause_s,
        rom_deg=rep.rom_deg,
        mean_velocity_mps=rep.mean_velocity_mps,
        faults=tuple(name for name in FAULTS if getattr(rep, f"fault_{name}")),
        confidence=rep.confidence,
        added=rep.added,
        tilt_deg=rep.tilt_deg,
    )


def _wanted(wanted: AskedFor) -> Wanted:
    return Wanted(
        reps=wanted.target_reps,
        eccentric_s=wanted.target_eccentric_s,
        bottom_pause_s=wanted.target_bottom_pause_s,
        concentric_s=wanted.target_concentric_s,
        top_pause_s=wanted.target_top_pause_s,
        hold_s=wanted.target_hold_s,
        velocity_loss_pct=wanted.target_velocity_loss_pct,
    )
