"""What stands on the topic `state`: the running set and the session so far, from the books."""

from collections.abc import Sequence

from pipeline.delivery.corrections import Choice
from pipeline.delivery.entries import Entry
from pipeline.delivery.payloads import (
    Next,
    State,
    StateAdvice,
    StateRep,
    StateSession,
    StateSet,
)
from pipeline.delivery.said import Said


def stated(
    said: Said, entries: Sequence[Entry], choice: Choice, *, ended: bool, undo: str | None
) -> State:
    """entries: in order. choice: of the next set. undo: what would be taken back, as text."""
    latest = next((one for one in reversed(entries) if one.values), None)
    over = [one for one in entries if one.summary and said.stands(one.summary.id)]
    return State(
        site=said.site,
        device=said.device,
        session=said.session,
        started_us=said.started_us,
        at_s=round(said.at_s, 3),
        ended=ended,
        next=Next(choice.athlete, choice.exercise, choice.variant, choice.load_kg, choice.targets),
        running=_set(said, latest) if latest else None,
        reps=_reps(said, latest) if latest else (),
        sets=tuple(_set(said, one) for one in over),
        sessions=tuple(
            StateSession(
                last.id, last.revision, last.athlete, last.exercise, last.variant, last.values
            )
            for last in said.standing("session")
        ),
        advice=_advice(said, latest),
        undo=undo,
        algorithm=said.algorithm,
    )


def _set(said: Said, one: Entry) -> StateSet:
    last = said.last(one.summary.id) if one.summary else None
    return StateSet(
        id=last.id if last else None,
        revision=last.revision if last else None,
        open=one.open,
        athlete=one.choice.athlete,
        exercise=one.choice.exercise,
        variant=one.choice.variant,
        values=one.flat(),
    )


def _reps(said: Said, one: Entry) -> tuple[StateRep, ...]:
    lasts = [said.last(rep.id) for rep in one.valid()]
    return tuple(StateRep(last.id, last.revision, last.values) for last in lasts if last)


def _advice(said: Said, latest: Entry | None) -> tuple[StateAdvice, ...]:
    """Of the latest set and of the session: what stands."""
    number = latest.number if latest else None
    return tuple(
        StateAdvice(last.id, last.revision, last.athlete, last.values)
        for last in said.standing("advice")
        if last.values["when"] in ("session", "week") or last.values["set"] == number
    )
