"""A session as the report tells it, put together from rows of history. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.coaching.adherence import hold_met
from pipeline.delivery.commands import tempo_parts
from pipeline.delivery.history import RepRow, SessionRow, SetRow
from pipeline.report_page.words import Unit

EARLIER = 5
_ONE_LOAD_KG = 0.5


@dataclass(frozen=True, slots=True)
class SetTold:
    """A set and its reps in order of time, the partial ones too. id of the page: set-NUMBER."""

    row: SetRow
    reps: tuple[RepRow, ...]

    @property
    def counted(self) -> tuple[RepRow, ...]:
        """The reps that have a number."""
        return tuple(rep for rep in self.reps if rep.rep is not None)

    @property
    def measured(self) -> tuple[RepRow, ...]:
        """Those that count and were not added by hand."""
        return tuple(rep for rep in self.counted if not rep.added)

    @property
    def target_tempo(self) -> tuple[float | None, ...]:
        """Down, bottom, up, hold as asked for; None for what was left open."""
        return tempo_parts(self.row.target_tempo)

    @property
    def holds(self) -> tuple[int, int] | None:
        """How many reps were held as long as asked for, of how many; None if nothing was asked."""
        asked_s = self.row.target_hold_s
        met = [hold_met(rep.top_pause_s, asked_s) for rep in self.measured]
        judged = [one for one in met if one is not None]
        return (sum(judged), len(judged)) if judged and asked_s else None


@dataclass(frozen=True, slots=True)
class Outing:
    """What was done of one lift in one session. velocity_kg: the load of the fastest rep.

    loads: load -> the fastest rep with it, m/s.
    """

    session: str
    time_us: int
    sets: int
    reps: int
    load_kg: float | None
    best_velocity_mps: float | None
    velocity_kg: float | None
    rom_deg: float | None
    hold_met_pct: float | None
    loads: tuple[tuple[float, float], ...]

    def velocity_with(self, load_kg: float | None) -> float | None:
        """The fastest rep with that load, m/s."""
        if load_kg is None:
            return None
        near = [mps for kg, mps in self.loads if abs(kg - load_kg) < _ONE_LOAD_KG]
        return max(near, default=None)


@dataclass(frozen=True, slots=True)
class Lift:
    """One exercise and variant of the session: the last sessions with it, and this one as last."""

    exercise: str
    variant: str
    outings: tuple[Outing, ...]

    @property
    def now(self) -> Outing:
        """This session."""
        return self.outings[-1]

    @property
    def before(self) -> Outing | None:
        """The last session before this one."""
        return self.outings[-2] if len(self.outings) > 1 else None


@dataclass(frozen=True, slots=True)
class Told:
    """All that the report is made of. athlete: as shown. left: reps of a set that never ended.

    unit: of loads as they are shown.
    """

    session: SessionRow
    athlete: str
    sets: tuple[SetTold, ...]
    left: int
    lifts: tuple[Lift, ...]
    unit: Unit = "kg"

    @property
    def holds(self) -> tuple[int, int] | None:
        """As of a set, over all of them."""
        held = [one.holds for one in self.sets if one.holds]
        return (sum(met for met, _ in held), sum(of for _, of in held)) if held else None


def tell(
    session: SessionRow,
    athlete: str,
    sets: Iterable[SetRow],
    reps: Iterable[RepRow],
    unit: Unit = "kg",
) -> Told:
    """Put it together. athlete: as shown. sets, reps: of the athlete, those of other sessions too.

    Later sessions are not looked at.
    """
    all_sets = list(sets)
    mine = [one for one in all_sets if _same(one, session)]
    own_reps = [rep for rep in reps if _same(rep, session)]
    told = tuple(SetTold(one, tuple(rep for rep in own_reps if rep.set == one.set)) for one in mine)
    numbers = {one.set for one in mine}
    return Told(
        session=session,
        athlete=athlete,
        sets=told,
        left=sum(rep.set not in numbers and rep.rep is not None for rep in own_reps),
        lifts=_lifts(all_sets, mine),
        unit=unit,
    )


def _same(row: SetRow | RepRow, session: SessionRow) -> bool:
    return (row.session, row.device, row.site, row.athlete) == (
        session.session,
        session.device,
        session.site,
        session.athlete,
    )


def _lifts(sets: Sequence[SetRow], mine: Sequence[SetRow]) -> tuple[Lift, ...]:
    done = dict.fromkeys((one.exercise, one.variant) for one in mine)
    return tuple(Lift(*which, _outings(sets, mine, which)) for which in done)


def _outings(
    sets: Sequence[SetRow], mine: Sequence[SetRow], which: tuple[str, str]
) -> tuple[Outing, ...]:
    now = [one for one in mine if (one.exercise, one.variant) == which]
    began_us = min(one.time_us for one in mine)
    earlier: dict[tuple[str, str, str], list[SetRow]] = {}
    for one in sets:
        if (one.exercise, one.variant) == which and one.time_us < began_us:
            earlier.setdefault((one.site, one.device, one.session), []).append(one)
    outings = sorted(map(_outing, earlier.values()), key=lambda outing: outing.time_us)
    return (*outings[-EARLIER:], _outing(now))


def _outing(sets: Sequence[SetRow]) -> Outing:
    fast = [(one.best_velocity_mps, one.load_kg) for one in sets if one.best_velocity_mps]
    best_mps, best_kg = max(fast, key=lambda pair: pair[0], default=(None, None))
    roms = [one.rom_deg for one in sets if one.rom_deg is not None]
    held = [(one.hold_met_pct, one.reps or 0) for one in sets if one.hold_met_pct is not None]
    judged = sum(reps for _, reps in held)
    return Outing(
        session=sets[0].session,
        time_us=min(one.time_us for one in sets),
        sets=len(sets),
        reps=sum(one.reps or 0 for one in sets),
        load_kg=max((one.load_kg for one in sets if one.load_kg is not None), default=None),
        best_velocity_mps=best_mps,
        velocity_kg=best_kg,
        rom_deg=median(roms) if roms else None,
        hold_met_pct=sum(pct * reps for pct, reps in held) / judged if judged else None,
        loads=tuple((load_kg, mps) for mps, load_kg in fast if load_kg is not None),
    )
