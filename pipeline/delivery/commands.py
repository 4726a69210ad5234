"""What may be asked of a device over MQTT, and what it answers. Pure: nothing is done here.

docs/mqtt.md says what each command means to those who send them.
"""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from pipeline import exercises
from pipeline.coaching import plan
from pipeline.delivery.fields import (
    FieldError,
    Id,
    Limits,
    Name,
    OneOf,
    Pattern,
    Variant,
    checked,
    hints,
    needed,
)
from pipeline.delivery.messages import VERSION

SCHEMA = f"hiprep/command/{VERSION}"
ANSWER_SCHEMA = f"hiprep/answer/{VERSION}"
MOST_BYTES = 12_288
"""Of a payload: enough for a plan, and a recording holds 16 kB in one piece."""

WhichSet = Literal["next", "latest"]

_SECONDS = r"(?:[0-9]{1,2}(?:\.5)?|X)"
TempoText = Annotated[
    str,
    Pattern(
        rf"{_SECONDS}-{_SECONDS}-{_SECONDS}-{_SECONDS}",
        "down-bottom-up-top in whole or half seconds, X for as fast as possible: 3-1-1-2",
    ),
]
RepCount = Annotated[int, Limits(1, 1000)]
HoldTime = Annotated[float, Limits(0, 600)]
Loss = Annotated[float, Limits(1, 100)]
Load = Annotated[float, Limits(0, 1000)]
NoteText = Annotated[
    str, Pattern(r"[^\x00-\x1f\x7f-\x9f]{0,200}", "one line of at most 200 characters")
]
SetMark = Literal["full_lockout", "to_failure", ""]
PlanText = Annotated[
    str,
    Pattern(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]{0,8000}", "TOML of at most 8000 characters"),
]
ExerciseName = Annotated[str, OneOf(exercises.names())]


@dataclass(frozen=True, slots=True)
class Targets:
    """What a set is to be; None for what is left open.

    tempo: four durations as text, eccentric-bottom-concentric-top. hold_s: the least time at the
    top. velocity_loss_pct: the loss at which to stop.
    """

    reps: RepCount | None = None
    tempo: TempoText | None = None
    hold_s: HoldTime | None = None
    velocity_loss_pct: Loss | None = None


@dataclass(frozen=True, slots=True)
class Choose:
    """Who lifts what from the next set on, or from the latest on; what is left out stays."""

    id: Id
    athlete: Name | None = None
    exercise: ExerciseName | None = None
    variant: Variant | None = None
    load_kg: Load | None = None
    set: WhichSet = "next"


@dataclass(frozen=True, slots=True)
class SwapAthlete:
    """Somebody else wears the sensor from the next set on, or has since the latest."""

    id: Id
    athlete: Name
    set: WhichSet = "next"


@dataclass(frozen=True, slots=True)
class SetTargets:
    """The targets from the next set on: all of them; what is left out is no target any more."""

    id: Id
    reps: RepCount | None = None
    tempo: TempoText | None = None
    hold_s: HoldTime | None = None
    velocity_loss_pct: Loss | None = None


@dataclass(frozen=True, slots=True)
class EndSet:
    """The open set is over now, without waiting for the rest after it."""

    id: Id


@dataclass(frozen=True, slots=True)
class RestartSet:
    """What was lifted of the open set does not count; a new set begins with the next rep."""

    id: Id


@dataclass(frozen=True, slots=True)
class DeleteRep:
    """The rep with the id `rep` was none."""

    id: Id
    rep: Id


@dataclass(frozen=True, slots=True)
class AddRep:
    """There was one more rep after the one with the id `after`, or at the end of the latest set."""

    id: Id
    after: Id | None = None


@dataclass(frozen=True, slots=True)
class MergeRep:
    """The rep with the id `rep` and the one after it were one."""

    id: Id
    rep: Id


@dataclass(frozen=True, slots=True)
class AddNote:
    """Words to the latest set, in place of those that were there; none take them away."""

    id: Id
    text: NoteText


@dataclass(frozen=True, slots=True)
class MarkSet:
    """What the latest set was to the lifter, in place of what was said before; "" for nothing.

    full_lockout: without a load, and every top as high as it goes: the measure for later lockouts.
    to_failure: its last rep was the last that was possible.
    """

    id: Id
    mark: SetMark


@dataclass(frozen=True, slots=True)
class PushPlan:
    """A plan for an athlete, as TOML, in place of any other; "" takes it away."""

    id: Id
    athlete: Name
    text: PlanText


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back the last correction or choice that still stands."""

    id: Id


Command = (
    Choose
    | SwapAthlete
    | SetTargets
    | EndSet
    | RestartSet
    | DeleteRep
    | AddRep
    | MergeRep
    | AddNote
    | MarkSet
    | PushPlan
    | Undo
)
COMMANDS: dict[str, type[Command]] = {
    "choose": Choose,
    "swap_athlete": SwapAthlete,
    "set_targets": SetTargets,
    "end_set": EndSet,
    "restart_set": RestartSet,
    "delete_rep": DeleteRep,
    "add_rep": AddRep,
    "merge_rep": MergeRep,
    "note": AddNote,
    "mark": MarkSet,
    "plan": PushPlan,
    "undo": Undo,
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What the caller has to do: the ledger tracks nothing itself.

    end_set: the tracker's open set ends now. exercise: from the next set on, the tracker is to
    look for `exercise`. plan: `text` is to be kept for `athlete`, "" for none.
    """

    kind: Literal["end_set", "exercise", "plan"]
    exercise: str = ""
    athlete: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command. id: of the command, null if it had none. text: for people."""

    id: Id | None
    ok: bool
    text: str
    effect: Effect | None = None


class CommandError(ValueError):
    """A payload that is no command; its text says why. id: of the command, if it can be read."""

    def __init__(self, text: str, command_id: str | None = None) -> None:
        super().__init__(text)
        self.id = command_id


def parse(payload: bytes) -> Command:
    """The command of a payload. Raises CommandError for anything else."""
    content = _content(payload)
    command_id = _readable_id(content)
    schema, name = content.pop("schema", None), content.pop("command", None)
    if schema != SCHEMA:
        raise CommandError(f"schema must be {SCHEMA}, not {_short(schema)}", command_id)
    if not isinstance(name, str) or name not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise CommandError(f"command must be one of {known}, not {_short(name)}", command_id)
    kind = COMMANDS[name]
    allowed = hints(kind)
    unknown = sorted(content.keys() - allowed.keys())
    if unknown:
        fields = ", ".join(allowed)
        raise CommandError(f"{name} knows no {_short(unknown[0])}, only {fields}", command_id)
    missing = [field for field in needed(kind) if field not in content]
    if missing:
        raise CommandError(f"{name} lacks {', '.join(missing)}", command_id)
    values = {}
    for field, value in content.items():
        try:
            values[field] = checked(value, allowed[field])
        except FieldError as error:
            raise CommandError(f"{field} {error}, not {_short(value)}", command_id) from None
    return kind(**values)


def refusal(error: CommandError) -> Answer:
    """The answer to what is no command."""
    return Answer(error.id, ok=False, text=str(error))


def answer_content(answer: Answer) -> dict[str, Any]:
    """The JSON object for the topic of answers; the effect is nobody's business out there."""
    content = asdict(answer)
    del content["effect"]
    return {"schema": ANSWER_SCHEMA, **content}


def command_content(command: Command) -> dict[str, Any]:
    """The JSON object that `parse` makes this command of."""
    name = next(name for name, kind in COMMANDS.items() if isinstance(command, kind))
    return {"schema": SCHEMA, "command": name, **asdict(command)}


def tempo_parts(tempo: str | None) -> tuple[float | None, ...]:
    """Seconds of eccentric, bottom, concentric, top; None where it is X, or nothing is said."""
    return plan.tempo_parts(tempo) or (None,) * 4


def _content(payload: bytes) -> dict[str, Any]:
    if len(payload) > MOST_BYTES:
        raise CommandError(f"is longer than {MOST_BYTES} bytes")
    try:
        content = json.loads(payload, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise CommandError("is no JSON") from None
    if not isinstance(content, dict):
        raise CommandError("is no JSON object")
    return content


def _readable_id(content: dict[str, Any]) -> str | None:
    try:
        return str(checked(content.get("id"), Id))
    except FieldError:
        return None


def _short(value: object) -> str:
    """A value from outside, for a line of text: plain letters, and not many."""
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _no_number(text: str) -> None:
    raise ValueError(text)
