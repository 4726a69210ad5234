"""What was lifted, as advice needs it: plain values of one athlete, in order of time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class LiftedRep:
    """A rep as it stands; values as in `pipeline.events.Rep`, None where nothing is known.

    number: the number shown, None for a partial one. added: by hand, nothing of it was measured.
    """

    number: int | None
    concentric_s: float | None = None
    top_pause_s: float | None = None
    eccentric_s: float | None = None
    bottom_pause_s: float | None = None
    rom_deg: float | None = None
    mean_velocity_mps: float | None = None
    faults: tuple[str, ...] = ()
    confidence: float | None = None
    added: bool = False
    tilt_deg: float | None = None

    @property
    def partial(self) -> bool:
        """It is told, and not counted."""
        return self.number is None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a set was to be; None for what was left open. Tempo in seconds, None for X."""

    reps: int | None = None
    eccentric_s: float | None = None
    bottom_pause_s: float | None = None
    concentric_s: float | None = None
    top_pause_s: float | None = None
    hold_s: float | None = None
    velocity_loss_pct: float | None = None


@dataclass(frozen=True, slots=True)
class LiftedSet:
    """A set. time_us: its beginning, microseconds since 1970 UTC. session: which it is part of.

    variant: "" for the plain exercise. load_kg: None if nobody said. over: it is not open any more.
    mark: what the lifter said that it was, "full_lockout" or "to_failure"; "" for nothing.
    """

    time_us: int
    session: str
    exercise: str
    variant: str = ""
    load_kg: float | None = None
    reps: tuple[LiftedRep, ...] = ()
    wanted: Wanted = field(default_factory=Wanted)
    rest_before_s: float | None = None
    over: bool = True
    mark: str = ""

    @property
    def counted(self) -> tuple[LiftedRep, ...]:
        """The reps that count."""
        return tuple(rep for rep in self.reps if not rep.partial)

    @property
    def is_reference(self) -> bool:
        """It shows how far up the lifter comes, without a load: no training."""
        return self.mark == "full_lockout"

    @property
    def lift(self) -> tuple[str, str]:
        """Exercise and variant: each has a history and bests of its own."""
        return self.exercise, self.variant


@dataclass(frozen=True, slots=True)
class LiftedSession:
    """The sets of one session, in order; at least one."""

    sets: tuple[LiftedSet, ...]

    @property
    def time_us(self) -> int:
        """When it began."""
        return self.sets[0].time_us


def sessions(history: tuple[LiftedSet, ...]) -> Iterator[LiftedSession]:
    """History by sessions, in order of time."""
    for _, sets in groupby(history, lambda one: one.session):
        yield LiftedSession(tuple(sets))
