"""What athletes lifted, for boards to show: weeks of sessions, and a set that runs now."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Protocol, cast

from pipeline.delivery.coach import Coach, Pupil
from pipeline.delivery.commands import (
    AddNote,
    Choose,
    Command,
    MarkSet,
    SetTargets,
    command_content,
)
from pipeline.delivery.gateway import Gateway
from pipeline.delivery.history import Flat, Wanted
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.lifted_rows import history_of
from pipeline.delivery.messages import Kind, Message
from pipeline.delivery.publisher import Publisher
from pipeline.delivery.sinks import point_of
from pipeline.events import Event, Rep
from pipeline.exercises import load
from pipeline.live import Lifter, Watched
from pipeline.session import Session
from pipeline.tracker import Tracker
from sensor.records import Packet
from sensor.simulator import SessionSpec, SetPlan, Tempo
from sensor.simulator.packets import model_session
from sensor.supervisor import State
from tests.pipeline.made import rep, summary

SITE = "home"
DAY_US = 86_400_000_000
WEEKS = 12
SHORT = 48  # athletes who came once

_LASTS_S = 180.0  # a set and the rest after it
_LOST_EVERY = 97  # one packet of so many does not arrive
_STEP_US = 100_000


class Said(Protocol):
    """As much of a publisher as a gateway needs."""

    def post(self, messages: Sequence[Message]) -> None: ...
    def retain(self, topic: str, content: Mapping[str, Any]) -> None: ...
    def send_live(self, topic: str, content: Mapping[str, Any]) -> None: ...
    def answer(self, device: str, content: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class Plan:
    """A session as it was meant. most_kg: what could be lifted once. shares: of it, set by set."""

    exercise: str
    variant: str
    most_kg: float
    shares: tuple[float, ...]
    reps: int
    targets: SetTargets


HEAVY = SetTargets("", reps=5, tempo="2-0-X-1", velocity_loss_pct=20.0)
SLOW = SetTargets("", reps=10, tempo="3-1-1-2", hold_s=2.0)
LIGHT = replace(SLOW, reps=12)


NEW = Coach(lambda _: Pupil())  # knows nothing of what was before


class Kept:
    """Messages as a store keeps them: what a coach knows of the weeks before."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def rows(self, kind: Kind, wanted: Wanted) -> list[Flat]:
        """The newest state of each event of an athlete, in order of time."""
        newest = {one.id: one for one in self.messages if one.athlete == wanted.athlete}
        points = [point_of(one) for one in newest.values() if one.kind == kind and one.valid]
        points.sort(key=lambda one: one.time_ns)
        return [Flat(one.time_ns, {**one.fields, **one.tags}) for one in points]

    def coach(self, athlete: str) -> Coach:
        """One who knows what the athlete lifted so far."""
        pupil = Pupil(history_of(self, athlete).get(athlete, ()))
        return Coach(lambda name: pupil if name == athlete else Pupil())


def weeks(now_us: int) -> Kept:
    """Sessions of anna and ben over all weeks, two exercises and variants; some of many others."""
    chance, kept = Random(1), Kept()
    for week in range(WEEKS):
        ago_us = (WEEKS - week) * 7 * DAY_US - 2 * DAY_US
        grown = 1.0 + 0.02 * week
        days = {
            ("anna", 0): Plan("hip_thrust", "", 110 * grown, (0.55, 0.7, 0.8, 0.85), 5, HEAVY),
            ("anna", 2): Plan("hip_thrust", "banded", 100 * grown, (0.5, 0.5, 0.5), 10, SLOW),
            ("anna", 4): Plan("glute_bridge", "", 120 * grown, (0.6, 0.6), 12, LIGHT),
            ("ben", 1): Plan("hip_thrust", "", 150 * grown, (0.5, 0.65, 0.8), 5, HEAVY),
            ("ben", 3): Plan("glute_bridge", "", 140, (0.5, 0.6), 6, SLOW),
        }
        for (athlete, day), plan in days.items():
            device = {"anna": "belt", "ben": "cuff"}[athlete]
            at_us = now_us - ago_us + day * DAY_US
            if at_us < now_us - DAY_US // 2:
                coach = kept.coach(athlete)
                kept.messages += session(athlete, device, at_us, plan, chance, coach)
    for number in range(SHORT):
        plan = Plan("hip_thrust", "", 60.0 + number, (0.5, 0.75), 3, HEAVY)
        # Some of them on this day, within the last hour and a half.
        at_us = now_us - (number % 4) * 5 * DAY_US - (20 + number) * 60_000_000
        athlete, device = f"lifter-{number + 1:02}", f"strap-{number % 4}"
        kept.messages += session(athlete, device, at_us, plan, chance, NEW)
    return kept


def session(
    athlete: str, device: str, at_us: int, plan: Plan, chance: Random, coach: Coach
) -> list[Message]:
    """All that is said of one session."""
    name = f"s{at_us // 1_000_000}"
    ledger = Ledger(SITE, device, athlete, name, plan.exercise, at_us, plan.variant, coach=coach)
    messages: list[Message] = []
    for number, wanted in enumerate(plan.shares, 1):
        start_s = 30.0 + _LASTS_S * (number - 1)
        load_kg = 2.5 * round(wanted * plan.most_kg / 2.5)
        asked: list[Command] = [
            replace(plan.targets, id=f"t{number}"),
            Choose(f"c{number}", load_kg=load_kg),
        ]
        for command in asked:
            answer, said = ledger.command(start_s - 10.0, command)
            assert answer.ok, answer.text
            messages += said
        share = load_kg / plan.most_kg
        reps = list(_reps(f"{device}-{name}", number, start_s, share, plan, chance))
        for one in reps:
            messages += ledger.take(one.end_s or start_s, one)
        closed = replace(
            summary(plan.reps), id=f"{device}-{name}-{number}", set=number, exercise=plan.exercise,
            start_s=start_s, end_s=reps[-1].end_s or start_s,
        )  # fmt: skip
        messages += ledger.take(closed.end_s + 15.0, closed)
        note = AddNote(f"n{number}", "belt sat low")
        messages += ledger.command(closed.end_s + 20.0, note)[1] if chance.random() < 0.2 else []
    return [*messages, *ledger.end(_LASTS_S * len(plan.shares))]


def _reps(
    prefix: str, number: int, start_s: float, share: float, plan: Plan, chance: Random
) -> Iterator[Rep]:
    """Reps of one set; the heavier, the slower, and slower towards the end."""
    first_mps = 0.25 + 0.9 * (1.0 - share) + chance.gauss(0.0, 0.01)
    counted = 0
    for index in range(plan.reps + 1):
        partial = index == plan.reps // 2
        counted += not partial
        loss = 0.18 * index / plan.reps
        velocity = first_mps * (1.0 - loss)
        faults = chance.choices(
            [(), ("over_arch",), ("sag",), ("short_lockout",)], weights=[12, 1, 1, 1]
        )[0]
        slow = plan.targets.tempo == SLOW.tempo
        down_s, bottom_s = (3.0, 1.0) if slow else (1.4, 0.2)
        up_s = (0.34 / velocity) * (1.5 if slow else 1.0)
        top_s = chance.uniform(1.5, 2.6) if slow else chance.uniform(0.7, 1.3)
        down_s, bottom_s = (value * chance.uniform(0.85, 1.2) for value in (down_s, bottom_s))
        at_s = start_s
        yield replace(
            rep(None if partial else counted, in_set=number, faults=faults),
            id=f"{prefix}-{number}-{index}",
            exercise=plan.exercise,
            start_s=at_s,
            concentric_start_s=at_s,
            concentric_end_s=at_s + up_s,
            eccentric_start_s=at_s + up_s + top_s,
            eccentric_end_s=at_s + up_s + top_s + down_s,
            end_s=at_s + up_s + top_s + down_s,
            concentric_s=up_s,
            top_pause_s=top_s,
            eccentric_s=down_s,
            bottom_pause_s=bottom_s,
            rom_deg=57.0 + chance.gauss(0.0, 1.5),
            displacement_m=0.34 + chance.gauss(0.0, 0.01),
            mean_velocity_mps=velocity,
            peak_velocity_mps=1.6 * velocity,
            velocity_loss_pct=100.0 * loss,
            confidence=chance.uniform(0.85, 0.99),
        )
        start_s = at_s + up_s + top_s + down_s + bottom_s


_TEMPO = Tempo(eccentric_s=1.6, bottom_s=0.5, concentric_s=0.8, top_s=1.6)
_REST_US = 42_000_000  # the first of these sets is over
_GONE_US = (30_000_000, 32_000_000)  # the link, in the rest
_WELL = State("streaming", "streaming", 0, rssi_dbm=-61, battery_pct=64.0)
_LOST = State("lost", "lost: searching for it again", 30_000_000, rssi_dbm=-61, battery_pct=64.0)
_RUNNING = SessionSpec(
    sets=(
        SetPlan(reps=5, tempo=_TEMPO, faults=("", "", "over_arch")),
        SetPlan(reps=12, tempo=_TEMPO, fatigue=0.5, faults=("", "", "sag", "", "short_lockout")),
    ),
    around=False,
    rest_s=18.0,
    seed=11,
)


def lift(
    said: Said,
    now_us: int,
    device: str = "belt",
    athlete: str = "anna",
    reps: int = 8,
    coach: Coach = NEW,
) -> None:
    """A session of a model sensor through a gateway, up to the middle of its second set: now.

    reps: of that set so far.
    """
    made, records = model_session("dot", _RUNNING)
    last = made.truth["sets"][1]["reps"][reps - 1]
    # Shortly before the top of the next rep is left: then there is a hold to be seen.
    until_us = round(last["end_s"] * 1e6) + 2_600_000
    started_us = now_us - until_us
    name = f"s{started_us // 1_000_000}"

    def tell(watched: Watched, at_s: float, event: Event) -> None:
        gateway.take(watched, at_s, event)

    one = Watched(
        Lifter(device, "AA", athlete=athlete),
        Session(Tracker(load("hip_thrust"), sensor=device, session=name)),
        None,
        tell,
    )
    one.note(_WELL)
    gateway = Gateway(cast(Publisher, said), SITE, name, started_us, [one], coach=coach)
    asked: list[Command] = [
        Choose("c1", load_kg=80.0),
        SetTargets("c2", reps=10, tempo="2-0-1-2", hold_s=1.5, velocity_loss_pct=20.0),
    ]
    for command in asked:
        gateway.command(device, _asked(command), 0)
    in_rest: list[Command] = [AddNote("c3", "bar slid a little"), MarkSet("c4", "to_failure")]
    next_us, commands = 0, [_asked(command) for command in in_rest]
    for number, record in enumerate(records):
        if record.at_us > until_us:
            break
        if isinstance(record, Packet) and number > 100 and number % _LOST_EVERY == 0:
            continue
        one.take(record)
        if record.at_us > _REST_US and commands:
            gateway.command(device, commands.pop(), record.at_us)
        gone = _GONE_US[0] < record.at_us < _GONE_US[1]
        if gone != (one.state.phase == "lost"):
            one.note(_LOST if gone else _WELL)
        if record.at_us >= next_us:
            gateway.step(record.at_us)
            next_us = record.at_us + _STEP_US


def _asked(command: Command) -> bytes:
    return json.dumps(command_content(command)).encode()
