"""The values of events on their way: flat, each one a number, a text, a flag or null.

Whatever a panel shows stands here as a value of its own: the stores are asked in InfluxQL, which
joins nothing. Units are in the names, as in `pipeline.events`.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from pipeline.coaching.advice import Level, When
from pipeline.events import Rep, fields_of

FAULTS = ("over_arch", "sag", "short_lockout")


@dataclass(frozen=True, slots=True)
class RepValues:
    """A rep. Times are seconds since the session began, on the clock of the sensor's stream.

    rep: the number shown; null for a partial rep and for one that does not count. final: as it
    stands after its set; before that, what is not known yet is null. added: by hand; nothing of
    it was measured. merged: of two that were one. duration_s: from start to end. faults: how many;
    each is 1 or 0 in its own field too.
    """

    set: int
    rep: int | None
    partial: bool
    final: bool
    added: bool
    merged: bool
    start_s: float
    concentric_start_s: float | None
    concentric_end_s: float | None
    eccentric_start_s: float | None
    eccentric_end_s: float | None
    end_s: float | None
    concentric_s: float | None
    top_pause_s: float | None
    eccentric_s: float | None
    bottom_pause_s: float | None
    duration_s: float | None
    rom_deg: float | None
    displacement_m: float | None
    mean_velocity_mps: float | None
    peak_velocity_mps: float | None
    velocity_loss_pct: float | None
    tilt_deg: float | None
    confidence: float | None
    faults: int
    fault_over_arch: int
    fault_sag: int
    fault_short_lockout: int


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What a set was to be: the load, and the targets. Null where nothing was said.

    target_tempo: eccentric-bottom-concentric-top; its four parts are null where it says X.
    target_hold_s: the least time at the top; that of the tempo where no other was asked for.
    """

    load_kg: float | None
    target_reps: int | None
    target_tempo: str | None
    target_eccentric_s: float | None
    target_bottom_pause_s: float | None
    target_concentric_s: float | None
    target_top_pause_s: float | None
    target_hold_s: float | None
    target_velocity_loss_pct: float | None


@dataclass(frozen=True, slots=True)
class RepMet:
    """Which targets a rep met: 1 or 0; null where there is no target, or nothing to judge yet."""

    eccentric_met: int | None
    bottom_pause_met: int | None
    concentric_met: int | None
    top_pause_met: int | None
    hold_met: int | None


@dataclass(frozen=True, slots=True)
class SetMet:
    """How many of the reps that count met each target, in percent; null where none was judged."""

    eccentric_met_pct: float | None
    bottom_pause_met_pct: float | None
    concentric_met_pct: float | None
    top_pause_met_pct: float | None
    hold_met_pct: float | None


@dataclass(frozen=True, slots=True)
class SetValues:
    """A set. reps: what counts; partials are extra. added: how many of the reps, by hand.

    tempo: medians as text, eccentric-bottom-concentric-top; the four are fields too, as the
    medians of ROM, displacement and peak velocity, and the mean of the mean velocities. Added
    reps have no say in them. rest_before_s: since the last set of the same athlete.
    time_under_tension_s: of all reps together, each from its start to its end. velocity_loss_pct:
    of the last rep. volume_kg: reps times load. faults: how many; each has a field of its own too.
    rom_cv_pct, velocity_cv_pct, duration_cv_pct: how far reps differ from each other, the standard
    deviation as a share of the mean; null for less than three. note: what somebody wrote to it.
    mark: what the lifter said of it, "full_lockout" or "to_failure".
    """

    set: int
    reps: int
    partials: int
    added: int
    start_s: float
    end_s: float
    duration_s: float
    rest_before_s: float | None
    time_under_tension_s: float
    tempo: str | None
    eccentric_s: float | None
    bottom_pause_s: float | None
    concentric_s: float | None
    top_pause_s: float | None
    rom_deg: float | None
    displacement_m: float | None
    mean_velocity_mps: float | None
    best_velocity_mps: float | None
    peak_velocity_mps: float | None
    velocity_loss_pct: float | None
    volume_kg: float | None
    confidence: float | None
    rom_cv_pct: float | None
    velocity_cv_pct: float | None
    duration_cv_pct: float | None
    note: str | None
    mark: str | None
    faults: int
    fault_over_arch: int
    fault_sag: int
    fault_short_lockout: int


@dataclass(frozen=True, slots=True)
class SessionValues:
    """All sets of an athlete in one session. ended: nothing follows but corrections.

    reps_per_set: mean. duration_s: from the start of the first set to the end of the last. rest_s:
    median between sets. load_kg: the largest. volume_kg: of the sets whose load is known. e1rm_kg:
    the load that could be lifted once, from the sets of the exercise and variant of the first set
    that were lifted as fast as possible; in 95 of 100 cases it is from e1rm_low_kg to e1rm_high_kg.
    """

    sets: int
    reps: int
    reps_per_set: float
    partials: int
    start_s: float
    end_s: float
    duration_s: float
    rest_s: float | None
    time_under_tension_s: float
    load_kg: float | None
    volume_kg: float | None
    rom_deg: float | None
    best_velocity_mps: float | None
    e1rm_kg: float | None
    e1rm_low_kg: float | None
    e1rm_high_kg: float | None
    faults: int
    fault_over_arch: int
    fault_sag: int
    fault_short_lockout: int
    ended: bool


@dataclass(frozen=True, slots=True)
class AdviceValues:
    """One sentence to the lifter, by a rule of `pipeline.coaching`.

    set, rep: after which it is said; null for what is said of more than one, such as a session.
    level: "stop" means that the set is to end now. load_kg, target_reps: what is proposed for the
    next set or session; null where nothing is.
    """

    set: int | None
    rep: int | None
    when: When
    rule: str
    level: Level
    text: str
    load_kg: float | None
    target_reps: int | None


def measured(rep: Rep, number: int) -> RepValues:
    """What the tracker says of a rep in set `number`."""
    return RepValues(
        set=number,
        rep=rep.rep,
        partial=rep.partial,
        final=rep.revision >= 2,
        added=False,
        merged=False,
        start_s=rep.start_s,
        concentric_start_s=rep.concentric_start_s,
        concentric_end_s=rep.concentric_end_s,
        eccentric_start_s=rep.eccentric_start_s,
        eccentric_end_s=rep.eccentric_end_s,
        end_s=rep.end_s,
        concentric_s=rep.concentric_s,
        top_pause_s=rep.top_pause_s,
        eccentric_s=rep.eccentric_s,
        bottom_pause_s=rep.bottom_pause_s,
        duration_s=None if rep.end_s is None else rep.end_s - rep.start_s,
        rom_deg=rep.rom_deg,
        displacement_m=rep.displacement_m,
        mean_velocity_mps=rep.mean_velocity_mps,
        peak_velocity_mps=rep.peak_velocity_mps,
        velocity_loss_pct=rep.velocity_loss_pct,
        tilt_deg=rep.tilt_deg,
        confidence=rep.confidence,
        faults=len(rep.faults),
        fault_over_arch=int("over_arch" in rep.faults),
        fault_sag=int("sag" in rep.faults),
        fault_short_lockout=int("short_lockout" in rep.faults),
    )


def added(start_s: float, number: int) -> RepValues:
    """A rep of which nothing is known but that it was, at about `start_s`."""
    unknown = dict.fromkeys(RepValues.__dataclass_fields__)
    zero = dict.fromkeys(("faults", *(f"fault_{name}" for name in FAULTS)), 0)
    flags = {"partial": False, "final": True, "added": True, "merged": False}
    known: dict[str, Any] = {**unknown, **zero, **flags, "set": number, "start_s": start_s}
    return RepValues(**known)


def flat(
    *parts: RepValues | RepMet | SetValues | SetMet | SessionValues | AskedFor | AdviceValues,
) -> dict[str, Any]:
    """One JSON object of all; times to 1 ms, other numbers to 4 digits, as events have them."""
    return {
        name: _rounded(name, value) for part in parts for name, value in fields_of(part).items()
    }


def _rounded(name: str, value: Any) -> Any:
    if not isinstance(value, float):
        return value
    # JSON has no other word for it, and no payload may fail for one number.
    return round(value, 3 if name.endswith("_s") else 4) if isfinite(value) else None
