"""What a set and a session come to: from reps, loads and targets to their values."""

from collections.abc import Callable, Sequence
from statistics import fmean, median, stdev

from pipeline.coaching.adherence import hold_met, phase_met, share_pct
from pipeline.coaching.load_velocity import OneRepMax, one_rep_max
from pipeline.delivery.commands import Targets, tempo_parts
from pipeline.delivery.corrections import Choice
from pipeline.delivery.values import AskedFor, RepMet, RepValues, SessionValues, SetMet, SetValues


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
        target_hold_s=top_s if targets.hold_s is None else targets.hold_s,
        target_velocity_loss_pct=targets.velocity_loss_pct,
    )


def rep_met(rep: RepValues, wanted: AskedFor) -> RepMet:
    """Which of the targets a rep met; of one whose end is not known yet, what can be said."""
    return RepMet(
        eccentric_met=_flag(phase_met(rep.eccentric_s, wanted.target_eccentric_s)),
        bottom_pause_met=_flag(phase_met(rep.bottom_pause_s, wanted.target_bottom_pause_s)),
        concentric_met=_flag(phase_met(rep.concentric_s, wanted.target_concentric_s)),
        top_pause_met=_flag(phase_met(rep.top_pause_s, wanted.target_top_pause_s)),
        hold_met=_flag(hold_met(rep.top_pause_s, wanted.target_hold_s)),
    )


def set_met(reps: Sequence[RepValues], wanted: AskedFor) -> SetMet:
    """The same of all reps of a set that count."""
    met = [rep_met(rep, wanted) for rep in reps if not rep.partial]
    return SetMet(
        eccentric_met_pct=share_pct(one.eccentric_met for one in met),
        bottom_pause_met_pct=share_pct(one.bottom_pause_met for one in met),
        concentric_met_pct=share_pct(one.concentric_met for one in met),
        top_pause_met_pct=share_pct(one.top_pause_met for one in met),
        hold_met_pct=share_pct(one.hold_met for one in met),
    )


def set_values(
    reps: Sequence[RepValues],
    load_kg: float | None,
    before_s: float | None,
    note: str | None = None,
    mark: str | None = None,
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
        rom_cv_pct=_cv_pct(_known(counted, lambda rep: rep.rom_deg)),
        velocity_cv_pct=_cv_pct(velocities),
        duration_cv_pct=_cv_pct(_known(counted, lambda rep: rep.duration_s)),
        note=note,
        mark=mark,
        faults=sum(rep.faults for rep in counted),
        fault_over_arch=sum(rep.fault_over_arch for rep in counted),
        fault_sag=sum(rep.fault_sag for rep in counted),
        fault_short_lockout=sum(rep.fault_short_lockout for rep in counted),
    )


def session_values(chosen: Sequence[tuple[Choice, SetValues]], *, ended: bool) -> SessionValues:
    """All sets of an athlete so far, at least one, in order."""
    sets = [values for _, values in chosen]
    start_s = min(one.start_s for one in sets)
    end_s = max(one.end_s for one in sets)
    known_kg = [choice.load_kg for choice, _ in chosen if choice.load_kg is not None]
    volumes_kg = [one.volume_kg for one in sets if one.volume_kg is not None]
    velocities = [one.best_velocity_mps for one in sets if one.best_velocity_mps is not None]
    most = _one_rep_max(chosen)
    return SessionValues(
        sets=len(sets),
        reps=sum(one.reps for one in sets),
        reps_per_set=fmean(one.reps for one in sets),
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
        e1rm_kg=most.load_kg if most else None,
        e1rm_low_kg=most.low_kg if most else None,
        e1rm_high_kg=most.high_kg if most else None,
        faults=sum(one.faults for one in sets),
        fault_over_arch=sum(one.fault_over_arch for one in sets),
        fault_sag=sum(one.fault_sag for one in sets),
        fault_short_lockout=sum(one.fault_short_lockout for one in sets),
        ended=ended,
    )


def _one_rep_max(chosen: Sequence[tuple[Choice, SetValues]]) -> OneRepMax | None:
    """From the sets of one lift that nobody was asked to lift slowly."""
    first = chosen[0][0]
    lifted = [
        (choice.load_kg, values.best_velocity_mps)
        for choice, values in chosen
        if (choice.exercise, choice.variant) == (first.exercise, first.variant)
        and tempo_parts(choice.targets.tempo)[2] is None
        and choice.load_kg is not None
        and values.best_velocity_mps is not None
    ]
    return one_rep_max(first.exercise, lifted)


def _flag(met: bool | None) -> int | None:  # a number can be averaged by a query
    return None if met is None else int(met)


def _cv_pct(values: Sequence[float]) -> float | None:
    """Coefficient of variation, percent."""
    if len(values) < 3 or not fmean(values):
        return None
    return 100.0 * stdev(values) / fmean(values)


def _known(reps: Sequence[RepValues], value: Callable[[RepValues], float | None]) -> list[float]:
    return [known for known in map(value, reps) if known is not None]


def _middle(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _tempo_text(phases: Sequence[float | None]) -> str:
    return "-".join("0" if part is None else f"{part:.1f}" for part in phases)
