"""What stands on the topics of a device and of a service: frozen plain values, JSON as they are.

Events have their own envelope (`pipeline.delivery.messages`), so have commands and answers
(`pipeline.delivery.commands`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from pipeline.delivery.commands import Targets
from pipeline.delivery.fields import Flat, Id, Variant, WholeNumber
from pipeline.delivery.messages import FIRST_ALGORITHM, VERSION
from pipeline.delivery.values import (
    AdviceValues,
    AskedFor,
    RepMet,
    RepValues,
    SessionValues,
    SetMet,
    SetValues,
)

PhaseName = Literal["idle", "bottom", "concentric", "top", "eccentric"]
SensorPhase = Literal["searching", "connecting", "starting", "streaming", "lost", "failed"]


@dataclass(frozen=True, slots=True)
class Next:
    """Who lifts what in the set that comes next, and its targets; null for what is open."""

    athlete: Id
    exercise: Id
    variant: Variant
    load_kg: float | None
    targets: Targets


@dataclass(frozen=True, slots=True)
class StateRep:
    """A rep that counts or is partial, as in its newest message."""

    id: Id
    revision: WholeNumber
    values: Annotated[Mapping[str, Any], Flat((RepValues, RepMet, AskedFor))]


@dataclass(frozen=True, slots=True)
class StateSet:
    """A set. id, revision: as in its newest message; null while it is open. values: as of now."""

    id: Id | None
    revision: WholeNumber | None
    open: bool
    athlete: Id
    exercise: Id
    variant: Variant
    values: Annotated[Mapping[str, Any], Flat((SetValues, SetMet, AskedFor))]


@dataclass(frozen=True, slots=True)
class StateSession:
    """What an athlete did in this session so far, as in its newest message."""

    id: Id
    revision: WholeNumber
    athlete: Id
    exercise: Id
    variant: Variant
    values: Annotated[Mapping[str, Any], Flat((SessionValues,))]


@dataclass(frozen=True, slots=True)
class StateAdvice:
    """What is said to a lifter, as in its newest message."""

    id: Id
    revision: WholeNumber
    athlete: Id
    values: Annotated[Mapping[str, Any], Flat((AdviceValues,))]


@dataclass(frozen=True, slots=True)
class State:
    """All that a page needs which is opened in the middle of a session. Retained.

    started_us: when the session began, microseconds since 1970 UTC. at_s: until when it is known
    here, seconds since then. running: the open set, else the latest one; null before the first.
    reps: of that set. sets: the sets that are over, in order. advice: what stands of that set, and
    of the session. undo: what the command `undo` would
    take back, as text; null for nothing. algorithm: the version of the tracker; events of another
    one are of the same session processed again.
    """

    site: Id
    device: Id
    session: Id
    started_us: WholeNumber
    at_s: float
    ended: bool
    next: Next
    running: StateSet | None
    reps: tuple[StateRep, ...]
    sets: tuple[StateSet, ...]
    sessions: tuple[StateSession, ...]
    advice: tuple[StateAdvice, ...]
    undo: str | None
    algorithm: Id = FIRST_ALGORITHM


@dataclass(frozen=True, slots=True)
class Live:
    """Where the lifter is now. QoS 0, 10 to 20 times a second; one that is lost is not missed.

    at_s: seconds since the session began. pitch_deg: null until the axis is known. phase_s: how
    long the phase has lasted. hold_s: how long the top has been held, null elsewhere. set: null
    outside of one. reps: the number shown.
    """

    session: Id
    at_s: float
    phase: PhaseName
    phase_s: float
    hold_s: float | None
    pitch_deg: float | None
    set: int | None
    reps: int


@dataclass(frozen=True, slots=True)
class SensorHealth:
    """How a sensor is. Retained; apart from the service that listens to it.

    available: it streams. text: one line for people. time_us: when that was so. lost: samples
    that never came, of this session. loss_pct: the same as a share. null: not known.
    """

    available: bool
    phase: SensorPhase
    text: str
    time_us: WholeNumber
    name: str
    model: str
    battery_pct: float | None
    rssi_dbm: int | None
    rate_hz: float | None
    lost: int
    loss_pct: float | None


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """Whether a service is there. Retained; with `online` false it is also its last will."""

    service: Id
    online: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a store has, for good: pairs of id and revision; older revisions with them."""

    store: Id
    messages: tuple[tuple[Id, WholeNumber], ...]


@dataclass(frozen=True, slots=True)
class PartHealth:
    """A part of `hiprep run`. problem: why it does not work. restarts: how often it began anew."""

    name: Id
    working: bool
    problem: str | None
    restarts: WholeNumber


@dataclass(frozen=True, slots=True)
class PublisherHealth:
    """How events get to the broker. waiting: in the outbox. held: not on the disk yet.

    under_way: sent and not arrived. aside: sent in vain, to be tried again later. lag_s: since when
    the first one under way has been known; null without one. The rest counts since the part was
    begun. lost: there was no room for them. refused: nobody could read them. foreign: what came and
    was none of ours.
    """

    connected: bool
    waiting: WholeNumber
    held: WholeNumber
    under_way: WholeNumber
    aside: WholeNumber
    lag_s: float | None
    published: WholeNumber
    arrived: WholeNumber
    lost: WholeNumber
    refused: WholeNumber
    foreign: WholeNumber
    live: WholeNumber
    live_dropped: WholeNumber


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How a store is. waiting: came and are not kept yet. lag_s: of the latest event, from when it
    was known until it was kept; null before the first. The rest counts since the part was begun.
    refused: points, by a database.
    """

    connected: bool
    waiting: WholeNumber
    lag_s: float | None
    kept: WholeNumber
    known: WholeNumber
    malformed: WholeNumber
    refused: WholeNumber
    live_dropped: WholeNumber


@dataclass(frozen=True, slots=True)
class SensorBrief:
    """A sensor in short, as it is in this session; more is on its topic `sensor`."""

    device: Id
    phase: SensorPhase
    samples: WholeNumber
    lost: WholeNumber
    battery_pct: float | None
    rate_hz: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """How a `hiprep run` is. Retained; with `online` false it is also its last will.

    ok: all that it is to do works. problems: what does not, a line each. time_us: when that was so.
    session: of the sensors; null between two. publisher, store: null where there is none, or it
    does not run.
    """

    service: Id
    online: bool
    ok: bool
    problems: tuple[str, ...]
    time_us: WholeNumber
    session: Id | None
    parts: tuple[PartHealth, ...]
    publisher: PublisherHealth | None
    store: StoreHealth | None
    sensors: tuple[SensorBrief, ...]


Payload = State | Live | SensorHealth | ServiceStatus | Receipt | Health

NAMES: dict[type[Payload], str] = {
    State: "state",
    Live: "live",
    SensorHealth: "sensor",
    ServiceStatus: "status",
    Receipt: "receipt",
    Health: "health",
}


def content(payload: Payload) -> dict[str, Any]:
    """The JSON object of a payload, with its ``schema``."""
    whole: dict[str, Any] = _plain(asdict(payload))
    return {"schema": f"hiprep/{NAMES[type(payload)]}/{VERSION}", **whole}


def _plain(value: Any) -> Any:
    """The same with lists where there are tuples, as JSON has them."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value
