"""What people put right in a live session, carried over to the reps of this algorithm's version.

A command names a rep by its id, which holds the version that found it. The frame at its end is
counted alike by all versions, so the rep meant is the one that begins there, or nearly there.
"""

from dataclasses import replace

from pipeline.delivery.commands import (
    AddRep,
    Command,
    DeleteRep,
    EndSet,
    MergeRep,
    PushPlan,
    Undo,
)
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import Message
from pipeline.events import Event, Rep, RepWithdrawn

_NEAR_FRAMES = 50
"""A second of the tracker's frames: no rep is as short, so no neighbour is taken for it."""


class Carried:
    """A ledger that is given a recording's commands, all of which were obeyed in their session.

    What cannot be done here is left out, and its undo with it. lost: how many of them.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.lost = 0
        self._frames: dict[str, int] = {}  # of the tracker's reps that stand
        self._head: str | None = None  # of their ids: device, session and this version
        self._added: list[str | None] = []  # by hand, in the order of the session
        self._done: list[bool] = []  # of corrections that may be taken back: was it done here?
        self._seen: set[str] = set()

    def take(self, at_s: float, event: Event) -> list[Message]:
        """What the tracker says -> what is to be told of it."""
        if isinstance(event, Rep):
            head, _, frame = event.id.rpartition("-")
            self._head, self._frames[event.id] = head, int(frame)
        elif isinstance(event, RepWithdrawn):
            self._frames.pop(event.id, None)
        return self.ledger.take(at_s, event)

    def command(self, at_s: float, command: Command) -> list[Message]:
        """What was asked for -> what is to be told then."""
        if command.id in self._seen:
            return []
        self._seen.add(command.id)
        if isinstance(command, Undo) and self._done and not self._done.pop():
            return []
        meant = self._meant(command)
        answer, messages = self.ledger.command(at_s, meant) if meant else (None, [])
        done = answer is not None and answer.ok
        if not isinstance(command, Undo | EndSet | PushPlan):
            self._done.append(done)
            self.lost += not done
        if isinstance(command, AddRep):
            count = sum(rep is not None for rep in self._added)
            self._added.append(f"{self._head}-added-{count + 1}" if done else None)
        return messages

    def _meant(self, command: Command) -> Command | None:
        """The same of this version's rep; None where it has none there."""
        if isinstance(command, AddRep) and command.after is not None:
            after = self._rep(command.after)
            return replace(command, after=after) if after else None
        if isinstance(command, DeleteRep | MergeRep):
            rep = self._rep(command.rep)
            return replace(command, rep=rep) if rep else None
        return command

    def _rep(self, rep: str) -> str | None:
        """Which rep of this version an id means."""
        if self._head is None:
            return rep
        session, _, version = self._head.rpartition("-")
        theirs, *place = rep.removeprefix(f"{session}-").split("-")
        if not rep.startswith(f"{session}-") or theirs == version:
            return rep
        match place:
            case [frame] if frame.isdecimal():
                return self._nearest(int(frame))
            case ["added", number] if number.isdecimal() and 0 < int(number) <= len(self._added):
                return self._added[int(number) - 1]
        return None

    def _nearest(self, frame: int) -> str | None:
        def apart(rep: str) -> int:
            return abs(self._frames[rep] - frame)

        nearest = min(self._frames, key=apart, default=None)
        return nearest if nearest is not None and apart(nearest) <= _NEAR_FRAMES else None
