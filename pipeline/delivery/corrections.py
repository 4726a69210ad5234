"""The reps of a set as they stand after what people put right. Nothing here is ever lost: what
the tracker said and what was corrected are kept apart, and this is what comes of both.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.delivery.commands import Targets
from pipeline.delivery.values import RepValues, added


@dataclass(frozen=True, slots=True)
class Deleted:
    """A rep that was none."""

    rep: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Two reps that were one: `second` is part of `first`."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Added:
    """A rep that the tracker did not see. after: one that it saw, to whose set this one belongs."""

    rep: str
    after: str
    start_s: float


@dataclass(frozen=True, slots=True)
class Voided:
    """What began in [from_s, to_s) does not count: the set was begun anew."""

    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who lifts what, for sets that begin from `from_s` on, and from set `number` on, if any.

    What is None stays as it was.
    """

    from_s: float
    number: int | None = None
    athlete: str | None = None
    exercise: str | None = None
    variant: str | None = None
    load_kg: float | None = None
    targets: Targets | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """Words to set `number`, in place of those before; "" for none."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Marked:
    """What set `number` was to the lifter, in place of what was said before; "" for nothing."""

    number: int
    mark: str


Correction = Deleted | Merged | Added | Voided | Chosen | Noted | Marked


@dataclass(frozen=True, slots=True)
class Choice:
    """Who lifts what: what a set has beside its reps."""

    athlete: str
    exercise: str
    variant: str
    load_kg: float | None
    targets: Targets


@dataclass(frozen=True, slots=True)
class Shown:
    """A rep as it stands. valid: it is one; a partial one too."""

    id: str
    valid: bool
    values: RepValues


def chosen(first: Choice, corrections: Iterable[Correction], began_s: float, number: int) -> Choice:
    """What holds for set `number`, which began at `began_s`."""
    choice = first
    for one in corrections:
        if isinstance(one, Chosen) and (
            one.from_s <= began_s or (one.number is not None and one.number <= number)
        ):
            changes = {
                name: getattr(one, name)
                for name in ("athlete", "exercise", "variant", "load_kg", "targets")
                if getattr(one, name) is not None
            }
            choice = replace(choice, **changes)
    return choice


def noted(corrections: Iterable[Correction], number: int) -> str | None:
    """The words to set `number`; None if there are none."""
    said = [one.text for one in corrections if isinstance(one, Noted) and one.number == number]
    return (said[-1] or None) if said else None


def marked(corrections: Iterable[Correction], number: int) -> str | None:
    """What set `number` was to the lifter; None if nobody said."""
    said = [one.mark for one in corrections if isinstance(one, Marked) and one.number == number]
    return (said[-1] or None) if said else None


def corrected(
    tracked: Mapping[str, RepValues],
    withdrawn: Collection[str],
    additions: Iterable[Added],
    corrections: Sequence[Correction],
    number: int,
) -> list[Shown]:
    """All reps of set `number` in order of time, those that do not count too.

    tracked: what the tracker said, also of those that it has withdrawn. additions: all that were
    ever made to this set; they count while they are among the corrections, and as long as the
    tracker leaves any rep in the set.
    """
    values = dict(tracked)
    valid = tracked.keys() - set(withdrawn)
    seen = frozenset(valid)
    for one in additions:
        values[one.rep] = added(one.start_s, number)
        if seen and one in corrections:
            valid.add(one.rep)
    for correction in corrections:
        match correction:
            case Deleted(rep):
                valid.discard(rep)
            case Voided(from_s, to_s):
                valid -= {rep for rep in valid if from_s <= values[rep].start_s < to_s}
            case Merged(first, second) if first in seen and second in seen:
                values[first] = merged(values[first], values[second])
                valid.discard(second)
    order = sorted(values, key=lambda rep: (values[rep].start_s, rep))
    return _counted([Shown(rep, rep in valid, values[rep]) for rep in order])


def merged(first: RepValues, second: RepValues) -> RepValues:
    """One rep of two that follow each other.

    It goes from the start of the first to the end of the second. Whichever went farther is where
    it turned: a rep that stuck half-way ends its way up in its second part, one that bounced at
    the top in its first.
    """
    farther = second if (second.rom_deg or 0.0) > (first.rom_deg or 0.0) else first
    down_first = (
        first.eccentric_start_s is not None
        and first.concentric_start_s is not None
        and first.eccentric_start_s < first.concentric_start_s
    )
    up_s = (second if down_first else first).concentric_start_s
    top_s = (second if down_first else farther).concentric_end_s
    down_s = (first if down_first else second).eccentric_start_s
    bottom_s = (farther if down_first else second).eccentric_end_s
    concentric_s = _between(up_s, top_s)
    rise_m = _larger(first.displacement_m, second.displacement_m)
    velocity_mps = rise_m / concentric_s if rise_m is not None and concentric_s else None
    return replace(
        first,
        partial=first.partial and second.partial,
        final=first.final and second.final,
        merged=True,
        concentric_start_s=up_s,
        concentric_end_s=top_s,
        eccentric_start_s=down_s,
        eccentric_end_s=bottom_s,
        end_s=second.end_s,
        concentric_s=concentric_s,
        top_pause_s=second.top_pause_s if down_first else _between(top_s, down_s),
        eccentric_s=_between(down_s, bottom_s),
        bottom_pause_s=_between(bottom_s, up_s) if down_first else second.bottom_pause_s,
        duration_s=_between(first.start_s, second.end_s),
        rom_deg=_larger(first.rom_deg, second.rom_deg),
        displacement_m=rise_m,
        mean_velocity_mps=velocity_mps,
        peak_velocity_mps=_larger(first.peak_velocity_mps, second.peak_velocity_mps),
        confidence=min(first.confidence or 0.0, second.confidence or 0.0),
        tilt_deg=farther.tilt_deg,
        faults=farther.faults,
        fault_over_arch=farther.fault_over_arch,
        fault_sag=farther.fault_sag,
        fault_short_lockout=farther.fault_short_lockout,
    )


def _counted(reps: Iterable[Shown]) -> list[Shown]:
    """The same with the numbers shown, and the loss against the best of those that count."""
    found: list[Shown] = []
    shown, best_mps = 0, 0.0
    for rep in reps:
        values = replace(rep.values, rep=None)
        if rep.valid and not values.partial:
            shown += 1
            # While the set goes on, as the tracker says it.
            loss_pct = None if values.final else values.velocity_loss_pct
            if values.final and values.mean_velocity_mps is not None:
                best_mps = max(best_mps, values.mean_velocity_mps)
                if best_mps > 0:
                    loss_pct = 100.0 * (best_mps - values.mean_velocity_mps) / best_mps
            values = replace(values, rep=shown, velocity_loss_pct=loss_pct)
        found.append(replace(rep, values=values))
    return found


def _between(start_s: float | None, end_s: float | None) -> float | None:
    return None if start_s is None or end_s is None else max(0.0, end_s - start_s)


def _larger(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)
