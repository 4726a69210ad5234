"""The JSON Schema files: they are current, and what is sent fits them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from pipeline.delivery.coach import Coach, Pupil
from pipeline.delivery.commands import (
    COMMANDS,
    Answer,
    CommandError,
    SetTargets,
    SwapAthlete,
    answer_content,
    command_content,
    parse,
)
from pipeline.delivery.messages import EVENT_KINDS, to_payload
from pipeline.delivery.payloads import (
    NAMES,
    Live,
    Payload,
    PhaseName,
    Receipt,
    SensorHealth,
    ServiceStatus,
    content,
)
from pipeline.delivery.schemas import schemas, text
from pipeline.events import PHASES
from tests.pipeline.delivery.make_schemas import FOLDER
from tests.pipeline.delivery.scripts import given as taken
from tests.pipeline.delivery.scripts import ledger, script, steps
from tests.pipeline.delivery.test_commands import good
from tests.pipeline.delivery.test_ledger import model_events
from tests.pipeline.test_run import HEALTH

PAYLOADS: Sequence[Payload] = (
    Live("s", 12.3, "top", 1.2, 1.2, 54.0, 1, 3),
    Live("s", 1.0, "idle", 0.0, None, None, None, 0),
    SensorHealth(
        available=False,
        phase="lost",
        text="the link is lost",
        time_us=1,
        name="",
        model="",
        battery_pct=None,
        rssi_dbm=None,
        rate_hz=None,
        lost=0,
        loss_pct=None,
    ),
    ServiceStatus("gateway", online=True),
    Receipt("store", (("belt-s-1-7", 2), ("belt-s-1-9", 0))),
    HEALTH,
    replace(HEALTH, session=None, publisher=None, store=None, sensors=()),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2000) | st.floats(-5, 2000) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)


@cache
def validator(name: str) -> Any:
    return Draft202012Validator(schemas()[name])


def wrong(name: str, payload: bytes | str) -> list[str]:
    """What a payload has that its schema does not allow."""
    return [error.message for error in validator(name).iter_errors(json.loads(payload))]


def test_the_files_are_those_that_the_code_makes() -> None:
    """If not: python -m tests.pipeline.delivery.make_schemas."""
    expected = {f"{name}.json": text(schema) for name, schema in schemas().items()}
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == expected


def test_every_payload_has_a_schema_and_every_schema_is_one() -> None:
    assert set(schemas()) == {*EVENT_KINDS, *NAMES.values(), "command", "answer"}
    for schema in schemas().values():
        Draft202012Validator.check_schema(schema)


def test_what_a_model_session_sends_fits_its_schema() -> None:
    to = ledger(Coach(lambda _: Pupil()))
    seen = set()
    for at_s, event in model_events():
        for message in to.take(at_s, event):
            assert wrong(message.kind, to_payload(message)) == []
            seen.add(message.kind)
        assert wrong("state", json.dumps(to.state())) == []
    for message in to.end(200.0):
        assert wrong(message.kind, to_payload(message)) == []
    assert seen == set(EVENT_KINDS)


@given(steps)
def test_whatever_is_corrected_what_is_sent_fits_its_schema(
    thrown: list[tuple[str, int]],
) -> None:
    to = ledger(Coach(lambda _: Pupil()))
    for message in taken(to, script(thrown)):
        assert wrong(message.kind, to_payload(message)) == []
    assert wrong("state", json.dumps(to.state())) == []


def test_a_schema_asks_for_every_value_and_for_its_type() -> None:
    to = ledger()
    (message,) = [m for at_s, event in model_events()[:1] for m in to.take(at_s, event)]
    whole = json.loads(to_payload(message))
    assert wrong("set", json.dumps(whole)) != []
    for name in whole["values"]:
        short = {key: value for key, value in whole["values"].items() if key != name}
        assert wrong("rep", json.dumps({**whole, "values": short})) != []
    for name in whole.keys() - {"values"}:
        assert wrong("rep", json.dumps({**whole, name: []})) != []
    later = {**whole, "values": {**whole["values"], "new": 1}, "new": 1}
    assert wrong("rep", json.dumps(later)) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_a_device_says_fits_its_schema(payload: Payload) -> None:
    whole = content(payload)
    assert wrong(NAMES[type(payload)], json.dumps(whole)) == []
    for name in whole:
        short = {key: value for key, value in whole.items() if key != name}
        assert wrong(NAMES[type(payload)], json.dumps(short)) != []


def test_the_phases_are_those_of_the_tracker() -> None:
    assert PhaseName.__args__ == PHASES  # type: ignore[attr-defined]


@pytest.mark.parametrize("command_id", ["c-1", None])
def test_an_answer_fits_its_schema(command_id: str | None) -> None:
    answer = answer_content(Answer(command_id, ok=False, text="is no JSON"))
    assert wrong("answer", json.dumps(answer)) == []
    assert wrong("answer", json.dumps({**answer, "id": "no id"})) != []


@given(good)
def test_every_command_fits_its_schema(command: Any) -> None:
    assert wrong("command", json.dumps(command_content(command))) == []


@given(
    st.sampled_from([command_content(SetTargets("c")), command_content(SwapAthlete("c", "bo"))]),
    st.sampled_from(
        ["schema", "id", "command", "athlete", "set", "reps", "tempo", "hold_s", "load_kg"]
    ),
    anything | st.sampled_from(["next", "3-1-1-2", "c-1", "hiprep/command/1", *COMMANDS]),
)
def test_the_schema_refuses_what_the_parser_refuses(
    whole: dict[str, Any], name: str, value: Any
) -> None:
    payload = json.dumps({**whole, name: value})
    try:
        parse(payload.encode())
    except CommandError:
        assert wrong("command", payload) != []
    else:
        assert wrong("command", payload) == []
