"""A tracker made of dice, and commands in between: what a ledger may be given, in any order."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from pipeline.delivery.coach import Coach
from pipeline.delivery.commands import (
    AddNote,
    AddRep,
    Choose,
    Command,
    DeleteRep,
    EndSet,
    MarkSet,
    MergeRep,
    RestartSet,
    SetTargets,
    SwapAthlete,
    Undo,
)
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import Message
from pipeline.events import Event, Rep, RepWithdrawn, SetSummary
from tests.pipeline.made import rep, summary

STARTED_US = 1_700_000_000_000_000
REP_S = 4.0

Known = list[tuple[float, Event | Command]]
Steps = list[tuple[str, int]]

_EVENTS = ("lockout", "partial", "over", "close", "close_as_two", "withdraw")
_COMMANDS = (
    "delete",
    "merge",
    "add",
    "add_last",
    "restart",
    "end",
    "choose",
    "exercise",
    "latest",
    "swap",
    "swap_latest",
    "targets",
    "note",
    "mark",
    "undo",
)
# A set is mostly lifted; corrections are rare.
steps = st.lists(
    st.tuples(st.sampled_from(("lift", "lift", *_EVENTS) * 2 + _COMMANDS), st.integers(0, 40)),
    min_size=10,
    max_size=60,
)


def ledger(coach: Coach | None = None) -> Ledger:
    return Ledger("home", "belt", "anna", "s", "hip_thrust", STARTED_US, load_kg=60.0, coach=coach)


@dataclass
class Dice:
    """Steps become events as a tracker might say them, and commands about its reps."""

    known: Known = field(default_factory=list)
    at_s: float = 0.0
    sets: int = 0
    open: list[Rep] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    commands: int = 0

    def take(self, kind: str, pick: int) -> None:
        if kind in _COMMANDS:
            self._say(self._command(kind, pick))
        elif kind == "lift":
            for k in range(2 + pick % 4):
                self._lockout(pick + k, partial=False)
        elif kind in ("lockout", "partial"):
            self._lockout(pick, partial=kind == "partial")
        elif kind == "over" and self.open:
            self.open[-1] = replace(self.open[-1], revision=1)
            self._say(self.open[-1])
        elif kind == "withdraw" and self.open:
            self._say(RepWithdrawn(self.open.pop(pick % len(self.open)).id))
        elif kind.startswith("close"):
            self.close(pick, two=kind == "close_as_two")

    def close(self, pick: int, *, two: bool) -> None:
        """The set is over: one rep may prove to be none, and the rest may be two sets."""
        reps, self.open = self.open, []
        self.at_s += 20.0
        if reps and pick % 3 == 0:
            self._say(RepWithdrawn(reps.pop(pick % len(reps)).id))
        middle = len(reps) // 2 if two else 0
        for some in (reps[:middle], reps[middle:]):
            if not any(not one.partial for one in some):
                for one in some:
                    self._say(RepWithdrawn(one.id))
                continue
            self.sets += 1
            for one in some:
                moved_s = one.start_s - 0.1
                self._say(replace(one, revision=2, set=self.sets, start_s=moved_s))
            self._say(self._summary(some))

    def _lockout(self, pick: int, *, partial: bool) -> None:
        self.at_s += REP_S
        start_s = self.at_s - 1.0
        number = None if partial else sum(not one.partial for one in self.open) + 1
        new = replace(
            rep(number, revision=0),
            id=f"belt-s-1-{len(self.ids)}",
            set=self.sets + 1,
            start_s=start_s,
            concentric_start_s=start_s,
            concentric_end_s=self.at_s,
            end_s=None if pick % 4 == 0 else self.at_s + 2.0,
            mean_velocity_mps=0.2 + 0.01 * pick,
            displacement_m=0.2 + 0.01 * pick,
            faults=("sag",) if pick % 5 == 0 else (),
        )
        self.ids.append(new.id)
        self.open.append(new)
        self._say(new)

    def _summary(self, reps: Sequence[Rep]) -> SetSummary:
        return replace(
            summary(len(reps)), id=f"belt-s-1-set-{reps[0].id[9:]}", set=self.sets, exercise="squat"
        )

    def _command(self, kind: str, pick: int) -> Command:
        self.commands += 1
        self.at_s += 0.01
        command_id = f"c-{self.commands}"
        # Reps that were there, some that were added, some that never were.
        pool = [*self.ids, "belt-s-1-added-1", "belt-s-1-added-2", "nothing"]
        chosen = pool[-1 - pick % min(len(pool), 9)]
        athlete = ("anna", "bo")[pick % 2]
        commands: dict[str, Command] = {
            "delete": DeleteRep(command_id, chosen),
            "merge": MergeRep(command_id, chosen),
            "add": AddRep(command_id, chosen),
            "add_last": AddRep(command_id),
            "restart": RestartSet(command_id),
            "end": EndSet(command_id),
            "choose": Choose(command_id, load_kg=float(pick), variant=("", "banded")[pick % 2]),
            "exercise": Choose(command_id, exercise=("hip_thrust", "squat")[pick % 2]),
            "latest": Choose(command_id, load_kg=pick + 0.5, exercise="glute_bridge", set="latest"),
            "swap": SwapAthlete(command_id, athlete),
            "swap_latest": SwapAthlete(command_id, athlete, set="latest"),
            "targets": SetTargets(command_id, reps=1 + pick, tempo="3-1-X-2"),
            "note": AddNote(command_id, ("", "left foot out", "heavy")[pick % 3]),
            "mark": MarkSet(command_id, ("", "full_lockout", "to_failure")[pick % 3]),
            "undo": Undo(command_id),
        }
        return commands[kind]

    def _say(self, what: Event | Command) -> None:
        self.known.append((self.at_s, what))


def script(thrown: Steps) -> Known:
    """What a ledger is given; the last set is over in the end."""
    dice = Dice()
    for kind, pick in thrown:
        dice.take(kind, pick)
    dice.close(1, two=False)
    return dice.known


def given(to: Ledger, known: Known) -> list[Message]:
    """All messages that come of it."""
    messages: list[Message] = []
    for at_s, what in known:
        if isinstance(what, Command):
            messages += to.command(at_s, what)[1]
        else:
            messages += to.take(at_s, what)
    return messages


def newest(messages: Sequence[Message]) -> dict[str, Message]:
    return {message.id: message for message in messages}
