"""What a field of a payload may hold, said once: for what checks it and for its JSON Schema."""

import re
from dataclasses import MISSING, dataclass, fields, is_dataclass
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

Schema = dict[str, Any]


class FieldError(ValueError):
    """A value that a field may not hold; its text says what it must be."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A number from `low` to `high`, both included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text that `regex` matches as a whole. said: the same for people."""

    regex: str
    said: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these texts."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flat:
    """A JSON object with the fields of all of these dataclasses."""

    kinds: tuple[type, ...]


Rule = Limits | Pattern | OneOf

Id = Annotated[str, Pattern("[A-Za-z0-9_-]{1,120}", "1 to 120 letters, digits, _ and -")]
Name = Annotated[str, Pattern("[A-Za-z0-9_-]{1,60}", "1 to 60 letters, digits, _ and -")]
Variant = Annotated[str, Pattern("[a-z0-9_-]{0,60}", "up to 60 of a to z, digits, _ and -")]
WholeNumber = Annotated[int, Limits(0, 2**62 - 1)]

_TYPES = {int: "integer", float: "number", str: "string", bool: "boolean", NoneType: "null"}


def hints(kind: type) -> dict[str, Any]:
    """Each field of a dataclass and what it may hold."""
    found = get_type_hints(kind, include_extras=True)
    return {field.name: found[field.name] for field in fields(kind)}


def needed(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass that have no default."""
    return tuple(
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    )


def checked(value: object, hint: Any) -> Any:
    """The value of a plain field, a whole number as int and any other as float.

    Raises FieldError where it is none of what `hint` allows.
    """
    kinds, rule = _plain(hint)
    if value is None and NoneType in kinds:
        return None
    if bool in kinds:
        if type(value) is not bool:
            raise FieldError("must be true or false")
        return value
    if str in kinds:
        return _text(value, rule)
    return _number(value, rule, whole=int in kinds)


def schema_of(hint: Any) -> Schema:
    """JSON Schema (draft 2020-12) of a field; a dataclass is an object of all of its fields."""
    if get_origin(hint) is Annotated and isinstance(get_args(hint)[1], Flat):
        return object_schema(*get_args(hint)[1].kinds)
    if is_dataclass(hint) and isinstance(hint, type):
        return object_schema(hint)
    if get_origin(hint) is tuple:
        return _array(get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        parts = [part for part in get_args(hint) if part is not NoneType]
        if is_dataclass(parts[0]) or get_origin(parts[0]) is tuple:
            return {"oneOf": [schema_of(parts[0]), {"type": "null"}]}
    kinds, rule = _plain(hint)
    names = [_TYPES[kind] for kind in kinds]
    found: Schema = {"type": names[0] if len(names) == 1 else names}
    match rule:
        case Limits():
            found |= {"minimum": rule.low, "maximum": rule.high}
        case Pattern():
            found["pattern"] = f"^(?:{rule.regex})$"
        case OneOf():
            found["enum"] = [*rule.names, *([None] if NoneType in kinds else [])]
    return found


def object_schema(*kinds: type) -> Schema:
    """JSON Schema of an object with all fields of these dataclasses; it may have others, too."""
    properties = {name: schema_of(hint) for kind in kinds for name, hint in hints(kind).items()}
    return {
        "type": "object",
        "description": " ".join(" ".join((kind.__doc__ or "").split()) for kind in kinds),
        "properties": properties,
        "required": [*properties],
    }


def _array(parts: tuple[Any, ...]) -> Schema:
    if parts[-1] is Ellipsis:
        return {"type": "array", "items": schema_of(parts[0])}
    size = len(parts)
    listed = [schema_of(part) for part in parts]
    return {"type": "array", "prefixItems": listed, "minItems": size, "maxItems": size}


def _plain(hint: Any) -> tuple[list[type], Rule | None]:
    """The types that a field without parts may have, and the rule for its value."""
    rule: Rule | None = None
    if get_origin(hint) is Annotated:
        hint, rule = get_args(hint)
    if get_origin(hint) is Literal:
        return [str], OneOf(get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        kinds: list[type] = []
        for part in get_args(hint):
            part_kinds, part_rule = _plain(part)
            kinds += part_kinds
            rule = rule or part_rule
        return kinds, rule
    return [hint], rule


def _text(value: object, rule: Rule | None) -> str:
    match rule:
        case OneOf():
            if value not in rule.names:
                raise FieldError(f"must be one of {', '.join(rule.names)}")
        case Pattern():
            if not isinstance(value, str) or not re.fullmatch(rule.regex, value):
                raise FieldError(f"must be {rule.said}")
    if not isinstance(value, str):
        raise FieldError("must be a text")
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a letter: JSON can say it, a file cannot hold it
        raise FieldError("must be a text of whole letters") from None
    return value


def _number(value: object, rule: Rule | None, *, whole: bool) -> int | float:
    said = "must be a whole number" if whole else "must be a number"
    if isinstance(rule, Limits):
        said += f" from {rule.low:g} to {rule.high:g}"
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise FieldError(said)
    # As in JSON Schema, 8.0 is a whole number.
    if isinstance(value, float) and (not isfinite(value) or (whole and value != int(value))):
        raise FieldError(said)
    if isinstance(rule, Limits) and not rule.low <= value <= rule.high:
        raise FieldError(said)
    return int(value) if whole else float(value)
