"""What a model athlete lifted, as the messages of a gateway and as the file of a store."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted, sessions
from pipeline.delivery.book import Book
from pipeline.delivery.messages import Message
from pipeline.delivery.values import FAULTS
from tests.pipeline.delivery.made import message

_REP_US = 4_000_000


def kept(path: Path, history: tuple[LiftedSet, ...], athlete: str = "anna") -> None:
    """A store with all of it."""
    with Book(path) as book:
        book.keep(book.plan(list(messages(history, athlete))))


def messages(history: tuple[LiftedSet, ...], athlete: str = "anna") -> Iterator[Message]:
    """Reps, sets and sessions, as they stand in the end."""
    for session in sessions(history):
        for number, one in enumerate(session.sets, 1):
            yield from _of_set(one, number, athlete)
        yield _message(session.sets[0], f"{athlete}-{session.sets[0].session}", athlete, "session")


def as_stored(history: tuple[LiftedSet, ...]) -> tuple[LiftedSet, ...]:
    """The same, as a store can have it: targets of a tempo in half seconds, faults in order."""
    return tuple(
        replace(
            one,
            wanted=_halves(one.wanted),
            reps=tuple(replace(rep, faults=tuple(sorted(rep.faults))) for rep in one.reps),
        )
        for one in history
    )


def _of_set(one: LiftedSet, number: int, athlete: str) -> Iterator[Message]:
    id_ = f"{athlete}-{one.session}-{number}"
    for place, rep in enumerate(one.reps):
        at = replace(one, time_us=one.time_us + place * _REP_US)
        yield _message(at, f"{id_}-{place}", athlete, "rep", _rep_values(rep, number))
    yield _message(one, id_, athlete, "set", _set_values(one, number))


def _message(
    one: LiftedSet, id_: str, athlete: str, kind: str, values: dict[str, Any] | None = None
) -> Message:
    return message(
        kind=kind,
        id=f"belt-{kind}-{id_}",
        revision=2,
        device=f"belt-{athlete}",
        athlete=athlete,
        session=one.session,
        exercise=one.exercise,
        variant=one.variant,
        time_us=one.time_us,
        values=values or {},
    )


def _rep_values(rep: LiftedRep, number: int) -> dict[str, Any]:
    return {
        "set": number,
        "rep": rep.number,
        "partial": rep.partial,
        "final": True,
        "added": rep.added,
        "concentric_s": rep.concentric_s,
        "top_pause_s": rep.top_pause_s,
        "eccentric_s": rep.eccentric_s,
        "bottom_pause_s": rep.bottom_pause_s,
        "rom_deg": rep.rom_deg,
        "mean_velocity_mps": rep.mean_velocity_mps,
        "confidence": rep.confidence,
        **{f"fault_{name}": int(name in rep.faults) for name in FAULTS},
    }


def _set_values(one: LiftedSet, number: int) -> dict[str, Any]:
    return {
        "set": number,
        "reps": len(one.counted),
        "partials": len(one.reps) - len(one.counted),
        "load_kg": one.load_kg,
        "rest_before_s": one.rest_before_s,
        "duration_s": len(one.reps) * _REP_US / 1e6,
        "target_reps": one.wanted.reps,
        "target_tempo": _tempo(_halves(one.wanted)),
        "target_hold_s": one.wanted.hold_s,
        "target_velocity_loss_pct": one.wanted.velocity_loss_pct,
        "mark": one.mark or None,
    }


def _parts(wanted: Wanted) -> tuple[float | None, ...]:
    return (
        wanted.eccentric_s,
        wanted.bottom_pause_s,
        wanted.concentric_s,
        wanted.top_pause_s,
    )


def _halves(wanted: Wanted) -> Wanted:
    eccentric_s, bottom_s, concentric_s, top_s = (
        None if part is None else round(2 * part) / 2 for part in _parts(wanted)
    )
    return replace(
        wanted,
        eccentric_s=eccentric_s,
        bottom_pause_s=bottom_s,
        concentric_s=concentric_s,
        top_pause_s=top_s,
    )


def _tempo(wanted: Wanted) -> str | None:
    parts = _parts(wanted)
    if parts == (None,) * 4:
        return None
    return "-".join("X" if part is None else f"{part:g}" for part in parts)
