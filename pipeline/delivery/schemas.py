"""JSON Schema (draft 2020-12) of every payload, made from the code that writes and reads them.

docs/schema holds them as files, one for each topic.
"""

import json
from typing import Any

from pipeline.delivery.commands import ANSWER_SCHEMA, COMMANDS, SCHEMA, Answer
from pipeline.delivery.fields import (
    Flat,
    Id,
    Schema,
    Variant,
    WholeNumber,
    hints,
    needed,
    object_schema,
    schema_of,
)
from pipeline.delivery.messages import EVENT_KINDS, VERSION, Kind, Message
from pipeline.delivery.payloads import NAMES
from pipeline.delivery.values import (
    AdviceValues,
    AskedFor,
    RepMet,
    RepValues,
    SessionValues,
    SetMet,
    SetValues,
)

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
VALUES: dict[Kind, Flat] = {
    "rep": Flat((RepValues, RepMet, AskedFor)),
    "set": Flat((SetValues, SetMet, AskedFor)),
    "session": Flat((SessionValues,)),
    "advice": Flat((AdviceValues,)),
}
# What a message may hold is narrower than its types: `messages.from_payload` refuses the rest.
_RULES: dict[str, Any] = {
    **dict.fromkeys(("id", "site", "device", "athlete", "session", "exercise", "algorithm"), Id),
    **dict.fromkeys(("revision", "time_us", "known_us", "seq"), WholeNumber),
    "variant": Variant,
}

_MAY_LACK = ("seq", "algorithm")  # a gateway of before says no version


def schemas() -> dict[str, Schema]:
    """The schema of each payload, by the name that its ``schema`` field has between the slashes."""
    found: dict[str, Schema] = {kind: _event(kind) for kind in EVENT_KINDS}
    found |= {name: _named(name, object_schema(kind)) for kind, name in NAMES.items()}
    found["command"] = _command()
    found["answer"] = _answer()
    return found


def text(schema: Schema) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=2) + "\n"


def _event(kind: Kind) -> Schema:
    plain = {name: _RULES.get(name, hint) for name, hint in hints(Message).items()}
    del plain["kind"], plain["values"]
    properties = {name: schema_of(hint) for name, hint in plain.items()}
    properties["values"] = object_schema(*VALUES[kind].kinds)
    described = " ".join((Message.__doc__ or "").split())
    return _named(
        kind,
        {
            "type": "object",
            "description": described,
            "properties": properties,
            "required": [name for name in properties if name not in _MAY_LACK],
        },
    )


def _named(name: str, whole: Schema) -> Schema:
    """The schema of a whole payload, which says itself of what kind and version it is."""
    title = f"hiprep/{name}/{VERSION}"
    return {
        "$schema": _DRAFT,
        "title": title,
        **whole,
        "properties": {"schema": {"const": title}, **whole["properties"]},
        "required": ["schema", *whole["required"]],
    }


def _command() -> Schema:
    """One of the commands, and nothing beside what it knows."""
    return {
        "$schema": _DRAFT,
        "title": SCHEMA,
        "oneOf": [
            {
                "type": "object",
                "description": " ".join((kind.__doc__ or "").split()),
                "properties": {
                    "schema": {"const": SCHEMA},
                    "command": {"const": name},
                    **{field: schema_of(hint) for field, hint in hints(kind).items()},
                },
                "required": ["schema", "command", *needed(kind)],
                "additionalProperties": False,
            }
            for name, kind in COMMANDS.items()
        ],
    }


def _answer() -> Schema:
    whole = object_schema(Answer)
    del whole["properties"]["effect"]
    whole["required"].remove("effect")
    named = _named("answer", whole)
    assert named["title"] == ANSWER_SCHEMA
    return named
