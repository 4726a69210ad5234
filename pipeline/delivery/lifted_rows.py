"""What was lifted, from the rows of a store to what advice is given on."""

from collections.abc import Iterable, Sequence

from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.delivery import history
from pipeline.delivery.commands import tempo_parts
from pipeline.delivery.history import HistorySource, RepRow, SetRow

# Of a set without its reps only their number is known. Nobody does more.
_MOST_REPS = 500

_Place = tuple[str, str, str, int | None]


def history_of(
    source: HistorySource,
    athlete: str | None = None,
    since_us: int = 0,
    until_us: int | None = None,
) -> dict[str, tuple[LiftedSet, ...]]:
    """Sets that began from since_us to before until_us, by athlete. Raises HistoryError."""
    wanted = history.Wanted(athlete=athlete, since_us=since_us, until_us=until_us)
    # A set that began in time is whole: its last reps may be later.
    reps = history.reps(source, history.Wanted(athlete=athlete, since_us=since_us))
    return lifted(history.sets(source, wanted), reps)


def lifted(sets: Sequence[SetRow], reps: Sequence[RepRow]) -> dict[str, tuple[LiftedSet, ...]]:
    """Each athlete's sets in order of time. Reps of no set are left out."""
    of_set: dict[_Place, list[RepRow]] = {}
    for rep in reps:
        of_set.setdefault(_place(rep), []).append(rep)
    found: dict[str, list[LiftedSet]] = {}
    for row in sorted(sets, key=_in_time):
        mine = () if row.set is None else of_set.get(_place(row), ())
        found.setdefault(row.athlete, []).append(_lifted_set(row, mine))
    return {athlete: tuple(all_of_it) for athlete, all_of_it in found.items()}


def _place(row: SetRow | RepRow) -> _Place:
    """What tells a set from all others."""
    return row.site, row.device, row.session, row.set


def _in_time(row: SetRow | RepRow) -> tuple[int, str]:
    return row.time_us, row.id


def _lifted_set(row: SetRow, reps: Iterable[RepRow]) -> LiftedSet:
    return LiftedSet(
        time_us=row.time_us,
        session=row.session,
        exercise=row.exercise,
        variant=row.variant,
        load_kg=row.load_kg,
        reps=tuple(map(_lifted_rep, sorted(reps, key=_in_time))) or _only_counted(row),
        wanted=_wanted(row),
        rest_before_s=row.rest_before_s,
        mark=row.mark,
    )


def _only_counted(row: SetRow) -> tuple[LiftedRep, ...]:
    """The reps of a set of which nothing is kept but how many there were."""
    count = min(row.reps or 0, _MOST_REPS)
    return tuple(LiftedRep(number, added=True) for number in range(1, count + 1))


def _lifted_rep(row: RepRow) -> LiftedRep:
    return LiftedRep(
        number=None if row.partial else row.rep,
        concentric_s=row.concentric_s,
        top_pause_s=row.top_pause_s,
        eccentric_s=row.eccentric_s,
        bottom_pause_s=row.bottom_pause_s,
        rom_deg=row.rom_deg,
        mean_velocity_mps=row.mean_velocity_mps,
        faults=tuple(row.faults),
        confidence=row.confidence,
        added=row.added,
        tilt_deg=row.tilt_deg,
    )


def _wanted(row: SetRow) -> Wanted:
    eccentric_s, bottom_s, concentric_s, top_s = tempo_parts(row.target_tempo)
    return Wanted(
        reps=row.target_reps,
        eccentric_s=eccentric_s,
        bottom_pause_s=bottom_s,
        concentric_s=concentric_s,
        top_pause_s=top_s,
        hold_s=row.target_hold_s,
        velocity_loss_pct=row.target_velocity_loss_pct,
    )
