"""Model sessions as a store has them, for tests of what is reported of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline import exercises
from pipeline.delivery.book import Book
from pipeline.delivery.commands import AddNote, Choose, Command, SetTargets
from pipeline.delivery.history import Flat, RepRow, SessionRow, SetRow
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import Message
from pipeline.events import Event, SetSummary
from pipeline.replay import published
from pipeline.tracker import Tracker
from sensor.imu_csv import write_imu_csv
from sensor.samples import as_they_come
from sensor.simulator import SessionSpec, SetPlan, Simulation, Tempo, simulate

DAY_US = 24 * 3600 * 1_000_000
STARTED_US = 1_767_634_200_000_000  # 2026-01-05 17:30 UTC
REST_S = 30.0

TARGETS = SetTargets("t", reps=8, tempo="2-0-1-2", hold_s=2.0, velocity_loss_pct=30.0)
# Three sets: two as asked for but for a few reps, a third with what else may happen.
PLANS = (
    SetPlan(
        reps=8,
        tempo=Tempo(eccentric_s=2.0, bottom_s=0.1, concentric_s=0.9, top_s=2.2),
        fatigue=0.1,
    ),
    SetPlan(
        reps=8,
        tempo=Tempo(eccentric_s=2.0, bottom_s=0.1, concentric_s=0.9, top_s=2.0),
        fatigue=0.25,
        faults=("", "", "", "over_arch", "", "", "sag", ""),
    ),
    SetPlan(
        reps=6,
        tempo=Tempo(eccentric_s=1.2, bottom_s=0.1, concentric_s=0.9, top_s=1.4),
        fatigue=0.4,
        faults=("", "", "", "", "short_lockout", ""),
        partial_after=(3,),
    ),
)


@dataclass(frozen=True)
class Lifted:
    """A model session: who, when, with what. loads_kg: for each set. note: to the last set."""

    session: str
    started_us: int = STARTED_US
    athlete: str = "anna"
    device: str = "belt"
    seed: int = 11
    plans: tuple[SetPlan, ...] = PLANS
    loads_kg: tuple[float | None, ...] = (60.0, 80.0, 100.0)
    targets: SetTargets | None = TARGETS
    variant: str = ""
    note: str = ""

    @property
    def meta(self) -> Mapping[str, str]:
        return {"hiprep": "0", "sensor": self.device, "session": self.session}

    def messages(self) -> list[Message]:
        """All that a gateway would have said of it."""
        ledger = Ledger(
            "home", self.device, self.athlete, self.session, "hip_thrust", self.started_us
        )
        loads = iter(self.loads_kg)
        commands: list[Command] = [self.targets] if self.targets else []
        commands.append(Choose("c0", variant=self.variant, load_kg=next(loads)))
        said = [one for command in commands for one in ledger.command(0.0, command)[1]]
        at_s, sets = 0.0, 0
        for at_s, event in _events(self.plans, self.seed, self.device, self.session):
            said += ledger.take(at_s, event)
            if isinstance(event, SetSummary):
                sets += 1
                if (load_kg := next(loads, None)) is not None:
                    said += ledger.command(at_s, Choose(f"c{sets}", load_kg=load_kg))[1]
        if self.note:
            said += ledger.command(at_s, AddNote("n", self.note))[1]
        return said + ledger.end(at_s)

    def record(self, path: Path) -> Path:
        """The recording of it."""
        write_imu_csv(path, _simulation(self.plans, self.seed).blocks(1000), self.meta)
        return path


def keep(path: Path, sessions: Sequence[Lifted]) -> None:
    """Put them into the file of a store."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Book(path) as book:
        for one in sessions:
            book.keep(book.plan(one.messages()))


@lru_cache
def _simulation(plans: tuple[SetPlan, ...], seed: int) -> Simulation:
    return simulate(
        SessionSpec(sets=plans, around=False, rest_s=REST_S, slip_chance=0.0, seed=seed)
    )


@lru_cache
def _events(
    plans: tuple[SetPlan, ...], seed: int, device: str, session: str
) -> tuple[tuple[float, Event], ...]:
    tracker = Tracker(exercises.load("hip_thrust"), sensor=device, session=session)
    moments = as_they_come(_simulation(plans, seed).blocks(100))
    return tuple(published(moments, tracker))


def rep_row(number: int | None, **changes: Any) -> RepRow:
    """A rep that counts: 2.0 down, 0.2 bottom, 0.9 up, 2.2 s hold, 54 deg; 5 s after another."""
    values: dict[str, object] = {
        "id": f"belt-s1-{number}",
        "session": "s1",
        "device": "belt",
        "site": "home",
        "athlete": "anna",
        "exercise": "hip_thrust",
        "set": 1,
        "rep": number,
        "partial": number is None,
        "final": True,
        "eccentric_s": 2.0,
        "bottom_pause_s": 0.2,
        "concentric_s": 0.9,
        "top_pause_s": 2.2,
        "rom_deg": 54.0,
        "mean_velocity_mps": 0.25,
        "velocity_loss_pct": 0.0,
        "confidence": 0.98,
    }
    at_us = STARTED_US + 5_000_000 * (number or 0)
    return Flat(at_us * 1000, values | changes).row(RepRow)


def set_row(number: int = 1, *, days: float = 0.0, **changes: Any) -> SetRow:
    """A set without targets. days: so long after STARTED_US; each day is a session."""
    values: dict[str, object] = {
        "id": f"belt-s{1 + days:g}-set-{number}",
        "session": f"s{1 + days:g}",
        "device": "belt",
        "site": "home",
        "athlete": "anna",
        "exercise": "hip_thrust",
        "set": number,
        "reps": 8,
        "load_kg": 60.0,
        "eccentric_s": 2.0,
        "bottom_pause_s": 0.2,
        "concentric_s": 0.9,
        "top_pause_s": 2.2,
        "rom_deg": 54.0,
        "best_velocity_mps": 0.25,
    }
    at_us = STARTED_US + round(days * DAY_US) + number * 60_000_000
    return Flat(at_us * 1000, values | changes).row(SetRow)


def session_row(**changes: Any) -> SessionRow:
    """The session of `rep_row`, and of `set_row` on day 0."""
    values: dict[str, object] = {
        "id": "belt-s1-1-session-anna",
        "session": "s1",
        "device": "belt",
        "site": "home",
        "athlete": "anna",
        "exercise": "hip_thrust",
        "sets": 1,
        "reps": 8,
        "load_kg": 60.0,
        "volume_kg": 480.0,
        "duration_s": 95.0,
        "best_velocity_mps": 0.25,
        "ended": True,
    }
    return Flat(STARTED_US * 1000, values | changes).row(SessionRow)
