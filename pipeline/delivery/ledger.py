"""The book-keeping of one sensor over one session: events and commands in, messages out.

Pure: the same events and commands, at the same times, give the same messages. What the tracker
said and what people put right are kept apart; after each step the whole is looked at again, and
what stands differently than it was said is said anew, with a higher revision.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import Any

from pipeline.delivery.advising import Adviser
from pipeline.delivery.coach import Coach
from pipeline.delivery.commands import Answer, Choose, Command, Effect, PushPlan, Targets
from pipeline.delivery.corrections import Added, Choice, Correction, chosen
from pipeline.delivery.entries import Entry
from pipeline.delivery.evaluation import rep_met, session_values
from pipeline.delivery.messages import Message
from pipeline.delivery.payloads import content
from pipeline.delivery.requests import Asked, RefusedError, asked
from pipeline.delivery.said import Said
from pipeline.delivery.stated import stated
from pipeline.delivery.values import SetValues, flat
from pipeline.events import Event, Rep, RepWithdrawn, SetSummary
from pipeline.tracker import ALGORITHM

_NO_TARGETS = Targets()
_ANSWERS_KEPT = 1000


class Ledger:
    """What is known of a session, and what was said of it.

    started_us: when the session began, microseconds since 1970 UTC; all ``at_s`` count from there.
    athlete, exercise, variant, load_kg, targets: until a command chooses others. Raises ValueError
    for names that an id may not have. coach: who has something to say of it; nobody without.
    algorithm: of the tracker, a part of all ids.
    """

    def __init__(
        self,
        site: str,
        device: str,
        athlete: str,
        session: str,
        exercise: str,
        started_us: int,
        variant: str = "",
        load_kg: float | None = None,
        targets: Targets = _NO_TARGETS,
        coach: Coach | None = None,
        algorithm: str = ALGORITHM,
    ) -> None:
        for name in (site, device, athlete, session, exercise):
            if not re.fullmatch("[A-Za-z0-9_-]+", name):
                raise ValueError(f"{name!r} is no name for an id: letters, digits, _ and - only")
        if not re.fullmatch("[A-Za-z0-9_]+", algorithm):
            # Ids are taken apart there.
            raise ValueError(f"{algorithm!r} is no version for an id: letters, digits and _ only")
        self._prefix = f"{device}-{session}-{algorithm}-"
        self._first = Choice(athlete, exercise, variant, load_kg, targets)
        self._sets: dict[int, Entry] = {}
        self._home: dict[str, int] = {}  # in which set a rep of the tracker is
        self._seen_s: dict[str, float] = {}  # where a rep of the tracker was seen first
        self._additions: list[Added] = []  # also those that were taken back
        self._done: list[Asked] = []  # corrections that stand, in order
        self._said = Said(site, device, session, started_us, algorithm)
        self._adviser = Adviser(coach, self._said, self._prefix) if coach else None
        self._answers: dict[str, Answer] = {}
        self._offset = 0
        self._ended = False

    # -- what comes in --------------------------------------------------------------------

    def take(self, at_s: float, event: Event) -> list[Message]:
        """What the tracker says -> what is to be told of it."""
        self._said.at_s = at_s
        match event:
            case Rep():
                return self._take_rep(event)
            case RepWithdrawn(rep) if rep in self._home:
                number = self._home[rep]
                self._sets[number].withdrawn.add(rep)
                return self._told_from(number)
            case SetSummary():
                return self._take_set(event)
        return []

    def new_tracker(self) -> None:
        """What is taken from now on comes from another tracker, which counts sets from 1 again.

        Its ids must differ from those of the one before.
        """
        self._offset = max(self._sets, default=0)

    def command(self, at_s: float, command: Command) -> tuple[Answer, list[Message]]:
        """What somebody asks for -> the answer, and what is to be told then.

        A command that was answered before gets the same answer, and does nothing.
        """
        if command.id in self._answers:
            return replace(self._answers[command.id], effect=None), []
        self._said.at_s = at_s
        exercise = self._next().exercise
        standing = [one.standing for one in self._in_order()]
        try:
            request = asked(command, standing, self._done, at_s, self._new_rep())
        except RefusedError as error:
            return self._answered(Answer(command.id, ok=False, text=str(error))), []
        self._apply(request)
        effect = Effect("end_set") if request.ends_set else None
        if self._next().exercise != exercise:
            effect = Effect("exercise", self._next().exercise)
        if isinstance(command, PushPlan):
            effect = Effect("plan", athlete=command.athlete, text=command.text)
        messages = self._told_from(0)
        text = request.text + (self._doubt(command) if isinstance(command, Choose) else "")
        return self._answered(Answer(command.id, ok=True, text=text, effect=effect)), messages

    @property
    def variant(self) -> str:
        """Of the open set, else of the next one."""
        newest = self._sets[max(self._sets)] if self._sets else None
        is_open = newest is not None and newest.open and newest.values is not None
        return newest.choice.variant if newest and is_open else self._next().variant

    @property
    def fault(self) -> str | None:
        """What is wrong with what the coach says; None if nothing is."""
        return self._adviser.fault if self._adviser else None

    def end(self, at_s: float) -> list[Message]:
        """The session is over. Corrections may still come."""
        self._said.at_s = at_s
        self._ended = True
        return self._told_sessions()

    def state(self) -> dict[str, Any]:
        """The JSON object for the topic of the state: the running set, and the session so far."""
        undo = self._done[-1].text if self._done else None
        entries, choice = self._in_order(), self._next()
        return content(stated(self._said, entries, choice, ended=self._ended, undo=undo))

    # -- one step -------------------------------------------------------------------------

    def _take_rep(self, rep: Rep) -> list[Message]:
        number = self._offset + rep.set
        home = self._sets.get(self._home.get(rep.id, number))
        known = home.reps.get(rep.id) if home else None
        if home and known and rep.id not in home.withdrawn and rep.revision <= known.revision:
            return []
        self._put(rep, number)
        return self._told_from(min(number, home.number if home else number))

    def _put(self, rep: Rep, number: int) -> None:
        """The rep into that set, out of where it was."""
        home = self._home.get(rep.id)
        if home is not None:
            self._sets[home].withdrawn.discard(rep.id)
        if home is not None and home != number:
            self._sets[home].reps.pop(rep.id, None)
        one = self._sets.get(number)
        if one is None or not (one.summary or one.alive()):
            # The tracker gives the number again where it took all reps of a set back.
            one = self._sets[number] = Entry(number, rep.start_s, self._first)
        one.reps[rep.id] = rep
        self._home[rep.id] = number
        self._seen_s.setdefault(rep.id, rep.start_s)

    def _take_set(self, summary: SetSummary) -> list[Message]:
        number = self._offset + summary.set
        one = self._sets.get(number)
        if one is None or one.summary:
            return []
        one.summary = summary
        # What was not told anew before its set was over is of the next one: the tracker found two.
        for rep in one.alive():
            if rep.revision < 2:
                self._put(rep, number + 1)
        return self._told_from(number)

    def _apply(self, request: Asked) -> None:
        if request.undoes:
            self._done.pop()
        if request.correction:
            self._done.append(request)
        if isinstance(request.correction, Added):
            self._additions.append(request.correction)
        if request.plans and self._adviser:
            self._adviser.plan(*request.plans)

    def _doubt(self, command: Choose) -> str:
        """Whether the load that was chosen was meant so; it stands as it was typed."""
        if command.load_kg is None or self._adviser is None:
            return ""
        entries, choice = [one for one in self._in_order() if one.valid()], self._next()
        if command.set == "latest":
            choice = entries.pop().choice
        doubt = self._adviser.doubt(choice, entries)
        return f". {doubt}" if doubt else ""

    def _answered(self, answer: Answer) -> Answer:
        if answer.id is not None:
            self._answers[answer.id] = answer
        if len(self._answers) > _ANSWERS_KEPT:
            del self._answers[next(iter(self._answers))]
        return answer

    # -- how it stands --------------------------------------------------------------------

    def _corrections(self) -> list[Correction]:
        return [one.correction for one in self._done if one.correction]

    def _next(self) -> Choice:
        """Who lifts what in a set that begins now."""
        return chosen(self._first, self._corrections(), inf, 0)

    def _new_rep(self) -> str:
        return f"{self._prefix}added-{len(self._additions) + 1}"

    def _in_order(self) -> list[Entry]:
        return [self._sets[number] for number in sorted(self._sets)]

    # -- what is told ---------------------------------------------------------------------

    def _told_from(self, number: int) -> list[Message]:
        """What stands differently than it was said, of this set and those after it."""
        entries = [one for one in self._in_order() if one.number >= number]
        corrections = self._corrections()
        messages: list[Message] = []
        for one in entries:
            one.choice = chosen(self._first, corrections, one.began_s, one.number)
            one.look(self._additions, corrections, self._rested_from_s(one))
            messages += self._told_set(one)
        if any(not one.open for one in entries):
            messages += self._told_sessions()
        if self._adviser:
            messages += self._adviser.told(self._in_order())
        return messages

    def _rested_from_s(self, one: Entry) -> float | None:
        """When the set before was over, of the same athlete."""
        ends_s = [
            other.values.end_s
            for other in self._sets.values()
            if other.number < one.number
            and other.values
            and other.choice.athlete == one.choice.athlete
        ]
        return max(ends_s, default=None)

    def _told_set(self, one: Entry) -> Iterator[Message]:
        wanted = one.wanted()
        for rep in one.shown:
            values = flat(rep.values, rep_met(rep.values, wanted), wanted) if rep.valid else None
            least = one.reps[rep.id].revision if rep.id in one.reps else 0
            start_s = self._seen_s.get(rep.id, rep.values.start_s)
            yield from self._said.tell("rep", rep.id, one.choice, values, start_s, least)
        if one.summary:
            values = one.flat() if one.values else None
            summary = one.summary
            yield from self._said.tell("set", summary.id, one.choice, values, summary.start_s)

    def _told_sessions(self) -> list[Message]:
        """One for each athlete: of the sets that are over."""
        over: dict[str, list[tuple[Choice, SetValues]]] = {}
        for one in self._in_order():
            if one.summary and one.values:
                over.setdefault(one.choice.athlete, []).append((one.choice, one.values))
        messages: list[Message] = []
        for athlete, sets in over.items():
            values = flat(session_values(sets, ended=self._ended))
            event_id = f"{self._prefix}session-{athlete}"
            messages += self._said.tell("session", event_id, sets[0][0], values, 0.0)
        for last in self._said.standing("session"):
            if last.athlete not in over:
                messages += self._said.tell("session", last.id, self._first, None, 0.0)
        return messages
