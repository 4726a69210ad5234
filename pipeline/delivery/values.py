"""The values of reps, sets and sessions on their way: flat, each one a number, a text or null.

Whatever a panel shows stands here as a value of its own: the stores are asked in InfluxQL, which
joins nothing. Units are in the names, as in `pipeline.events`.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from statistics import median
from typing import Any

from pipeline.delivery.commands import Targets, tempo_parts
from pipeline.events import Rep

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
    confidence: float | None
    faults: int
    fault_over_arch: int
    fault_sag: int
    fault_short_lockout: int


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What a set was to be: the load, and the targets. Null where nothing was said.

    target_tempo: eccentric-bottom-concentric-top; its four parts are null where it says X.
    target_hold_s: the least time at the top.
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
class SetValues:
    """A set. reps: what counts; partials are extra. added: how many of the reps, by hand.

    tempo: medians as text, eccentric-bottom-concentric-top; the four are fields too, as the
    medians of ROM, displacement and peak velocity, and the mean of the mean velocities. Added
    reps have no say in them. rest_before_s: since the last set of the same athlete.
    time_under_tension_s: of all reps together, each from its start to its end. velocity_loss_pct:
    of the last rep. volume_kg: reps times load. faults: how many; each has a field of its own too.
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
    faults: int
    fault_over_arch: int
    fault_sag: int
    fault_short_lockout: int


@dataclass(frozen=True, slots=True)
class SessionValues:
    """All sets of an athlete in one session. ended: nothing follows but corrections.

    duration_s: from the start of the first set to the end of the last. rest_s: median between
    sets. load_kg: the largest. volume_kg: of the sets whose load is known.
    """

    sets: int
    reps: int
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
    faults: int
    fault_over_arch: int
    fault_sag: int
    fault_short_lockout: int
    ended: bool


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


def asked_for(load_kg: float | None, targets: Targets) -> AskedFor:
    """Load and targets as flat values."""
    eccentric_s, bottom_s, concentric_s, top_s = tempo_parts(targets.tempo)
    return AskedFor(
        load_kg=load_kg,
        target_reps=targets.reps,
        target_tempo=targets.tempo,
        target_eccentric_s=eccentric_s,
        target_bottom_pause_s=bottom_s,
        target_concentric_s=concentric_s,
        target_top_pause_s=top_s,
        target_hold_s=targets.hold_s,
        target_velocity_loss_pct=targets.velocity_loss_pct,
    )


def set_values(
    reps: Sequence[RepValues], load_kg: float | None, before_s: float | None
) -> SetValues:
    """A set from what counts of it: at least one rep. before_s: end of the last set, or None."""
    counted = [rep for rep in reps if not rep.partial]
    start_s = min(rep.start_s for rep in reps)
    end_s = max(rep.end_s or rep.concentric_end_s or rep.start_s for rep in reps)
    velocities = _known(counted, lambda rep: rep.mean_velocity_mps)
    losses = _known(counted, lambda rep: rep.velocity_loss_pct)
    confidences = _known(counted, lambda rep: rep.confidence)
    phases = [
        _middle(_known(counted, lambda rep: rep.eccentric_s)),
        _middle(_known(counted, lambda rep: rep.bottom_pause_s)),
        _middle(_known(counted, lambda rep: rep.concentric_s)),
        _middle(_known(counted, lambda rep: rep.top_pause_s)),
    ]
    return SetValues(
        set=reps[0].set,
        reps=len(counted),
        partials=len(reps) - len(counted),
        added=sum(rep.added for rep in counted),
        start_s=start_s,
        end_s=end_s,
        duration_s=end_s - start_s,
        rest_before_s=None if before_s is None else max(0.0, start_s - before_s),
        time_under_tension_s=sum(_known(reps, lambda rep: rep.duration_s), 0.0),
        tempo=_tempo_text(phases) if any(part is not None for part in phases) else None,
        eccentric_s=phases[0],
        bottom_pause_s=phases[1],
        concentric_s=phases[2],
        top_pause_s=phases[3],
        rom_deg=_middle(_known(counted, lambda rep: rep.rom_deg)),
        displacement_m=_middle(_known(counted, lambda rep: rep.displacement_m)),
        mean_velocity_mps=sum(velocities) / len(velocities) if velocities else None,
        best_velocity_mps=max(velocities, default=None),
        peak_velocity_mps=_middle(_known(counted, lambda rep: rep.peak_velocity_mps)),
        velocity_loss_pct=losses[-1] if losses else None,
        volume_kg=None if load_kg is None else load_kg * len(counted),
        confidence=min(confidences, default=None),
        faults=sum(rep.faults for rep in counted),
        fault_over_arch=sum(rep.fault_over_arch for rep in counted),
        fault_sag=sum(rep.fault_sag for rep in counted),
        fault_short_lockout=sum(rep.fault_short_lockout for rep in counted),
    )


def session_values(
    sets: Sequence[SetValues], loads_kg: Sequence[float | None], *, ended: bool
) -> SessionValues:
    """All sets of an athlete so far, at least one, with their loads."""
    start_s = min(one.start_s for one in sets)
    end_s = max(one.end_s for one in sets)
    known_kg = [load_kg for load_kg in loads_kg if load_kg is not None]
    volumes_kg = [one.volume_kg for one in sets if one.volume_kg is not None]
    velocities = [one.best_velocity_mps for one in sets if one.best_velocity_mps is not None]
    return SessionValues(
        sets=len(sets),
        reps=sum(one.reps for one in sets),
        partials=sum(one.partials for one in sets),
        start_s=start_s,
        end_s=end_s,
        duration_s=end_s - start_s,
        rest_s=_middle([one.rest_before_s for one in sets if one.rest_before_s is not None]),
        time_under_tension_s=sum(one.time_under_tension_s for one in sets),
        load_kg=max(known_kg, default=None),
        volume_kg=sum(volumes_kg) if volumes_kg else None,
        rom_deg=_middle([one.rom_deg for one in sets if one.rom_deg is not None]),
        best_velocity_mps=max(velocities, default=None),
        faults=sum(one.faults for one in sets),
        fault_over_arch=sum(one.fault_over_arch for one in sets),
        fault_sag=sum(one.fault_sag for one in sets),
        fault_short_lockout=sum(one.fault_short_lockout for one in sets),
        ended=ended,
    )


def flat(*parts: RepValues | SetValues | SessionValues | AskedFor) -> dict[str, Any]:
    """One JSON object of all; times to 1 ms, other numbers to 4 digits, as events have them."""
    return {name: _rounded(name, value) for part in parts for name, value in asdict(part).items()}


def _known(reps: Sequence[RepValues], value: Callable[[RepValues], float | None]) -> list[float]:
    return [known for known in map(value, reps) if known is not None]


def _middle(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _tempo_text(phases: Sequence[float | None]) -> str:
    return "-".join("0" if part is None else f"{part:.1f}" for part in phases)


def _rounded(name: str, value: Any) -> Any:
    if not isinstance(value, float):
        return value
    # JSON has no other word for it, and no payload may fail for one number.
    return round(value, 3 if name.endswith("_s") else 4) if isfinite(value) else None
