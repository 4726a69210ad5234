"""Sessions, while tracker, broker, store and database are killed again and again."""

import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pipeline.delivery.messages import EVENT_KINDS, ROOT, PayloadError, from_payload
from tests.integration.mosquitto import Listener, listening
from tests.integration.stack import (
    Row,
    Stack,
    newest,
    points_of,
    recording,
    stack,
    store_is_there,
    told,
)

PARTS = ("tracker", "broker", "store", "database")

_EVENTS = tuple(f"{ROOT}/+/+/+/{kind}" for kind in EVENT_KINDS)
_SPEEDS = ("60", "120", "240")
_MOST_EVENTS = 40  # between a kill and the next
_LONGEST_S = 1.5
_AWAY_S = 0.5
_MOST_MORE = 5
_RAISED = 0.6  # the chance that what was killed is up again before the next kill


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    sessions: begun, of which `redone` were begun more than once. in_sets: kills while a set was
    open. events: different ones that had to arrive. lost: that are missing in the book or in the
    database. doubled: rows of the database beyond the first of an event. wrong: that are not as a
    plain replay says. left: in the outbox in the end.
    """

    kills: dict[str, int]
    in_sets: int
    sessions: int
    redone: int
    events: int
    lost: int
    doubled: int
    wrong: int
    left: int
    seconds: float

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.wrong or self.left)

    def __str__(self) -> str:
        killed = ", ".join(f"{name} {count}" for name, count in self.kills.items())
        return (
            f"{sum(self.kills.values())} kills ({killed}), {self.in_sets} of them in the middle of "
            f"a set; {self.sessions} sessions, {self.redone} begun again; {self.events} events: "
            f"{self.lost} lost, {self.doubled} doubled, {self.wrong} wrong, {self.left} left in "
            f"the outbox; {self.seconds:.0f} s"
        )


def chaos(folder: Path, kills: int, seed: int) -> Outcome:
    """The first half of the kills in turn, the rest at random."""
    began_s = time.monotonic()
    chance = random.Random(seed)
    turns = [PARTS[number % len(PARTS)] for number in range(kills // 2)]
    victims = turns + [chance.choice(PARTS) for _ in range(kills - len(turns))]
    with stack(folder) as one:
        store_is_there(one)
        lifting = _Lifting(one, folder, chance)
        with listening(one.broker.broker(), *_EVENTS) as page:
            in_sets = _kill(one, lifting, page, victims, chance)
        lifting.finish()
        return _outcome(one, lifting, victims, in_sets, time.monotonic() - began_s)


class _Lifting:
    """One session after the other; one that was killed is begun again, from its first second."""

    def __init__(self, one: Stack, folder: Path, chance: random.Random) -> None:
        self.tracker = one.tracker()
        self.sessions: list[Path] = []
        self.redone: set[Path] = set()
        self._folder = folder
        self._chance = chance
        self._killed = False

    def go_on(self) -> None:
        """If nothing runs."""
        if self.tracker.runs:
            return
        if self._killed:
            self.redone.add(self.sessions[-1])
        else:
            number = len(self.sessions)
            self.sessions.append(recording(self._folder, f"s{number}", hour=number))
        self._killed = False
        speed = self._chance.choice(_SPEEDS)
        self.tracker.start("replay", str(self.sessions[-1]), "--publish", "--speed", speed)

    def kill(self) -> None:
        self._killed = self.tracker.runs
        self.tracker.kill()

    def finish(self) -> None:
        """The last session to its end; what waits then goes with the next, and is said once."""
        self.go_on()
        for _ in range(_MOST_MORE):
            if self.tracker.ended() == 0:
                return
            self.go_on()


def _kill(
    one: Stack, lifting: _Lifting, page: Listener, victims: list[str], chance: random.Random
) -> int:
    """Kill them one after the other, and have them up again -> how many during a set."""
    down: set[str] = set()
    in_sets = 0
    for victim in victims:
        if victim in down:
            _raise(one, down)
        lifting.go_on()
        _wait_for(page, lifting, chance.randint(1, _MOST_EVENTS))
        in_sets += _in_set(page)
        _kill_part(one, lifting, victim)
        down.add(victim)
        time.sleep(chance.uniform(0.0, _AWAY_S))
        if chance.random() < _RAISED:
            _raise(one, down)
    _raise(one, down)
    return in_sets


def _wait_for(page: Listener, lifting: _Lifting, count: int) -> None:
    """So many more events, or a while: some parts may be away."""
    before, until_s = len(page.came), time.monotonic() + _LONGEST_S
    while len(page.came) < before + count and time.monotonic() < until_s:
        lifting.go_on()
        time.sleep(0.005)


def _in_set(page: Listener) -> bool:
    """Was a rep the last that was heard, of a set that is not over?"""
    if not page.came:
        return False
    try:
        last = from_payload(page.came[-1].topic, page.came[-1].payload)
    except PayloadError:
        return False
    return last.kind == "rep" and last.valid and not last.values["final"]


def _kill_part(one: Stack, lifting: _Lifting, victim: str) -> None:
    match victim:
        case "tracker":
            lifting.kill()
        case "broker":
            one.broker.kill()
        case "store":
            one.store.kill()
        case "database":
            one.influx.kill()


def _raise(one: Stack, down: set[str]) -> None:
    """The tracker is up again with the next session."""
    if "database" in down:
        one.influx.start()
    if "broker" in down:
        one.broker.start()
    if "store" in down:
        one.start_store()
    down.clear()


def _outcome(
    one: Stack, lifting: _Lifting, victims: list[str], in_sets: int, seconds: float
) -> Outcome:
    said = [message for path in lifting.sessions for message in told(path)]
    expected = newest(said)
    kept, points = one.kept(), one.points()
    wanted = {row["id"]: row for row in points_of(expected.values())}
    found: dict[str, list[Row]] = {}
    for row in points:
        found.setdefault(row["id"], []).append(row)
    there = kept.keys() & found.keys()
    wrong = [
        id_ for id_ in there if kept[id_] != expected.get(id_) or wanted.get(id_) not in found[id_]
    ]
    return Outcome(
        kills=dict(Counter(victims)),
        in_sets=in_sets,
        sessions=len(lifting.sessions),
        redone=len(lifting.redone),
        events=len(expected),
        lost=len(expected.keys() - there),
        doubled=sum(len(rows) - 1 for rows in found.values()),
        wrong=len(wrong),
        left=lifting.tracker.waiting(),
        seconds=seconds,
    )
