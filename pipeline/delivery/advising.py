"""What a coach says of a session while it goes on: each sentence once, and taken back where it
does not stand any more. Pure: the same sets and the same history give the same messages.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.coaching import rules
from pipeline.coaching.advice import Advice, Case, When, advice
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.plan import Plan
from pipeline.coaching.typed_load import asks
from pipeline.delivery.coach import Coach, History, lifted_set, question
from pipeline.delivery.corrections import Choice, Shown
from pipeline.delivery.entries import Entry
from pipeline.delivery.messages import Message
from pipeline.delivery.said import Said
from pipeline.delivery.values import AdviceValues, SetValues, flat

_MOST_ID = 120
_RULES = 100  # more than there are
# Which numbers of an advice are what it proposes: the load, the reps.
_PROPOSED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "next_set_load": (("next_kg", "load_kg"), ()),
    "next_load": (("load_kg",), ("reps",)),
    "next_band": ((), ("reps",)),
}

_OF_SESSIONS: tuple[When, ...] = ("session", "week")

_Scope = tuple[str | int, ...]
"""A part of the session that advice is of: a rep, a set, what an athlete did."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What the advice of a scope is made from: of the same comes the same."""

    athlete: str
    sets: History
    plan: Plan | None


@dataclass(frozen=True, slots=True)
class _Place:
    """What advice is said after. where: the end of its ids. now_s: when the rules are asked.

    choice: of the set, or of the first of several. start_s: where it stands in time.
    """

    when: When
    where: str
    choice: Choice
    now_s: float
    start_s: float
    set: int | None = None
    rep: int | None = None


@dataclass(frozen=True, slots=True)
class _Words:
    """An advice on its way. start_s: where it stands in time, if it was never said."""

    id: str
    choice: Choice
    start_s: float
    values: AdviceValues


_Scoped = tuple[_Scope, list[_Words] | None]
"""What is to be said of a scope; None: what was said stands."""


class Adviser:
    """What was said in this session, and what is to be said now.

    said: where it is said. prefix: of all ids. fault: of a rule that failed, for people.
    """

    def __init__(self, coach: Coach, said: Said, prefix: str) -> None:
        self.fault: str | None = None
        self._coach = coach
        self._said = said
        self._prefix = prefix
        self._places = {rule.name: place for place, rule in enumerate(rules.every())}
        self._sent: dict[str, Plan | None] = {}
        self._lifted: dict[int, tuple[SetValues, bool, LiftedSet]] = {}
        self._looks: dict[_Scope, _Look] = {}
        self._ids: dict[_Scope, list[str]] = {}  # what stands
        self._heard: dict[_Scope, set[str]] = {}  # what was said last while a set went on

    def plan(self, athlete: str, plan: Plan | None) -> None:
        """A plan was sent for an athlete, or is taken away."""
        self._sent[athlete] = plan

    def doubt(self, choice: Choice, entries: Sequence[Entry]) -> str:
        """What to ask about the load of a choice, "" for nothing. entries: the sets before it."""
        pupil = self._coach.pupil(choice.athlete)
        if "load_check" in pupil.preferences.off:
            return ""
        before = (*pupil.history, *self._sets(entries, choice.athlete))
        meant = LiftedSet(0, "", choice.exercise, choice.variant, choice.load_kg)
        found = asks((*before, meant))
        return question(found, pupil.preferences.unit) if found else ""

    def told(self, entries: Sequence[Entry]) -> list[Message]:
        """What stands differently than it was said. entries: all sets, in order."""
        scopes = dict(self._scopes([one for one in entries if one.values]))
        messages: list[Message] = []
        for scope, ids in self._ids.items():
            words = scopes.get(scope, [])
            if words is not None:
                again = {one.id for one in words}
                for gone in ids:
                    messages += self._said.take_back(gone) if gone not in again else []
        for scope in self._ids.keys() - scopes.keys():
            del self._ids[scope], self._looks[scope]
        for scope, words in scopes.items():
            if words is None:
                continue
            self._ids[scope] = [one.id for one in words]
            for one in words:
                values = flat(one.values)
                messages += self._said.tell("advice", one.id, one.choice, values, one.start_s)
        return messages

    # -- of which parts of the session ----------------------------------------------------

    def _scopes(self, entries: Sequence[Entry]) -> Iterator[_Scoped]:
        """All that there is advice of. entries: of which something counts."""
        over: dict[str, list[Entry]] = {}
        for place, one in enumerate(entries, start=1):
            sets = self._sets(entries[:place], one.choice.athlete)
            yield from self._of_reps(one, sets)
            if not one.open:
                yield self._of_set(one, sets)
                over.setdefault(one.choice.athlete, []).append(one)
        for mine in over.values():
            yield self._of_session(mine)

    def _of_reps(self, one: Entry, sets: History) -> Iterator[_Scoped]:
        """While the set goes on, each rep is judged when it is over, with those before it.

        What was said then stands after the set, though reps are measured better there: only a
        correction puts it to the test once more, and adds nothing.
        """
        # Better measured reps come one by one, before it is said that the set is over.
        going_on = one.open and not any(
            rep.values.final and not rep.values.added for rep in one.valid()
        )
        for place, rep in enumerate(one.valid(), start=1):
            values = rep.values
            if values.partial or (values.end_s is None and not values.added):
                continue
            scope: _Scope = ("rep", one.number, rep.id)
            so_far = replace(sets[-1], reps=sets[-1].reps[:place], over=False)
            look = self._look(one, (*sets[:-1], so_far))
            if going_on:
                words = self._rep_words(one, rep, look) if self._is_new(scope, look) else None
                if words is not None:
                    self._heard[scope] = {said.id for said in words}
                yield scope, words
            elif scope in self._heard:
                yield scope, self._tested(scope, one, rep, look, sets)

    def _tested(
        self, scope: _Scope, one: Entry, rep: Shown, look: _Look, sets: History
    ) -> list[_Words] | None:
        """What was said of a rep while its set went on, looked at anew after it."""
        before = self._looks.get(scope)
        is_new = self._is_new(scope, self._look(one, sets))
        if not is_new or (before and not before.sets[-1].over):
            return None
        words = self._rep_words(one, rep, look)
        return [said for said in words if said.id in self._heard[scope]]

    def _rep_words(self, one: Entry, rep: Shown, look: _Look) -> list[_Words]:
        last = self._said.last(rep.id)
        assert last
        start_s = (last.time_us - self._said.started_us) * 1e-6
        now_s = rep.values.end_s or start_s
        where = rep.id.removeprefix(self._prefix)
        place = _Place("rep", where, one.choice, now_s, start_s, one.number, rep.values.rep)
        return self._words(look, place)

    def _of_set(self, one: Entry, sets: History) -> _Scoped:
        assert one.summary
        assert one.values
        scope: _Scope = ("set", one.number)
        look = self._look(one, sets)
        if not self._is_new(scope, look):
            return scope, None
        end_s, where = one.values.end_s, one.summary.id.removeprefix(self._prefix)
        place = _Place("set", where, one.choice, end_s, end_s, one.number)
        return scope, self._words(look, place)

    def _of_session(self, over: Sequence[Entry]) -> _Scoped:
        """What an athlete did in it, and in this week."""
        first, last = over[0], over[-1]
        assert last.values
        athlete = first.choice.athlete
        scope: _Scope = ("session", athlete)
        look = self._look(first, self._sets(over, athlete))
        if not self._is_new(scope, look):
            return scope, None
        now_s, at_s = last.values.end_s, self._said.at_s
        places = [
            _Place(when, f"{when}-{athlete}", first.choice, now_s, at_s) for when in _OF_SESSIONS
        ]
        return scope, [words for place in places for words in self._words(look, place)]

    def _sets(self, entries: Iterable[Entry], athlete: str) -> History:
        """As the rules need them: those of an athlete of which something counts."""
        return tuple(
            self._lifted_set(one) for one in entries if one.values and one.choice.athlete == athlete
        )

    def _lifted_set(self, one: Entry) -> LiftedSet:
        """What was made of an entry has values of its own each time: they say if it is the same."""
        assert one.values
        known = self._lifted.get(one.number)
        if known is None or known[0] is not one.values or known[1] != one.open:
            made = lifted_set(one, self._said.session, self._said.started_us)
            known = self._lifted[one.number] = (one.values, one.open, made)
        return known[2]

    def _look(self, one: Entry, sets: History) -> _Look:
        athlete = one.choice.athlete
        pupil = self._coach.pupil(athlete)
        sent = self._sent.get(athlete, pupil.sent)
        return _Look(athlete, sets, sent or pupil.plan)

    def _is_new(self, scope: _Scope, look: _Look) -> bool:
        """Whether anything is different from when this was looked at last."""
        before, self._looks[scope] = self._looks.get(scope), look
        return before != look

    # -- in words -------------------------------------------------------------------------

    def _words(self, look: _Look, place: _Place) -> list[_Words]:
        """What the rules say there."""
        words: dict[str, _Words] = {}
        for said in self._advice(look, place):
            whole_id = event_id = self._id(said, place.where)
            again = 1
            while event_id in words:
                again += 1
                event_id = _short(f"{whole_id}-{again}")
            exercise, variant = said.lift or (place.choice.exercise, place.choice.variant)
            choice = replace(place.choice, exercise=exercise, variant=variant)
            # Two points of a database at one moment would be one: each has its own microsecond.
            start_s = place.start_s + 1e-6 * (self._places[said.rule] + _RULES * (again - 1))
            words[event_id] = _Words(event_id, choice, start_s, _values(said, place))
        return list(words.values())

    def _id(self, said: Advice, where: str) -> str:
        lift = f"-{zlib.crc32('/'.join(said.lift).encode()):08x}" if said.lift else ""
        return _short(f"{self._prefix}advice-{said.rule}-{where}{lift}")

    def _advice(self, look: _Look, place: _Place) -> Iterator[Advice]:
        """A rule that fails says nothing: it may cost no rep."""
        pupil = self._coach.pupil(look.athlete)
        case = Case(
            history=(*pupil.history, *look.sets),
            now_us=self._said.started_us + round(place.now_s * 1e6),
            zone_s=self._coach.zone_s,
            preferences=pupil.preferences,
            plan=look.plan,
        )
        for rule in rules.every():
            try:
                yield from advice((rule,), case, place.when)
            except Exception as error:  # noqa: BLE001
                self.fault = f"the rule {rule.name} failed ({error!r}): report this"


def _values(said: Advice, place: _Place) -> AdviceValues:
    load_names, rep_names = _PROPOSED.get(said.rule, ((), ()))
    load_kg, reps = _first(said, load_names), _first(said, rep_names)
    return AdviceValues(
        set=place.set,
        rep=place.rep,
        when=place.when,
        rule=said.rule,
        level=said.level,
        text=said.text,
        load_kg=load_kg,
        target_reps=None if reps is None else round(reps),
    )


def _first(said: Advice, names: Iterable[str]) -> float | None:
    """The first of these numbers that the advice has."""
    return next((said.numbers[name] for name in names if name in said.numbers), None)


def _short(event_id: str) -> str:
    """An id of ours, however long the names in it are."""
    if len(event_id) <= _MOST_ID:
        return event_id
    return f"{event_id[: _MOST_ID - 9]}-{zlib.crc32(event_id.encode()):08x}"
