"""docs/mqtt.md: every example is what hiprep sends or takes, and every value is explained."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from pipeline.delivery.commands import COMMANDS, command_content, parse
from pipeline.delivery.fields import hints
from pipeline.delivery.messages import (
    EVENT_KINDS,
    ROOT,
    Kind,
    device_topic,
    from_payload,
    receipt_topic,
)
from pipeline.delivery.payloads import NAMES
from pipeline.delivery.schemas import VALUES, schemas

PAGE = (Path(__file__).parents[3] / "docs" / "mqtt.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^On `([^`]+)`[^\n]*:\n\n```json\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
PUBLISHED = re.findall(r"^mosquitto_pub (?:[^\n]*\\\n)*[^\n]*$", PAGE, re.MULTILINE)


def fields_of(kind: Kind) -> set[str]:
    return {name for part in VALUES[kind].kinds for name in hints(part)}


def section(title: str) -> str:
    """The text below a heading, up to the next of its level."""
    level, _ = title.split(" ")
    found = re.search(
        rf"^{re.escape(title)}$(.*?)(?=^#{{2,{len(level)}}} |\Z)", PAGE, re.DOTALL | re.MULTILINE
    )
    assert found, title
    return found[1]


def test_there_is_an_example_of_every_payload() -> None:
    names = [json.loads(example)["schema"].split("/")[1] for _, example in EXAMPLES]
    assert sorted(names) == sorted(schemas().keys() - {"command"})
    assert PAGE.count("```json") == len(EXAMPLES)


@pytest.mark.parametrize(("topic", "example"), EXAMPLES)
def test_an_example_fits_its_schema_and_its_topic(topic: str, example: str) -> None:
    whole = json.loads(example)
    name = whole["schema"].split("/")[1]
    Draft202012Validator(schemas()[name]).validate(whole)
    if name in EVENT_KINDS:
        assert from_payload(topic, example.encode()).kind == name
        assert whole["values"].keys() == fields_of(name)
    elif name == "receipt":
        assert topic == receipt_topic("home", "belt-7")
    else:
        device = whole["service"] if name in ("status", "health") else "belt-7"
        assert topic == device_topic("home", device, name)


def test_an_example_holds_together() -> None:
    found: dict[str, Any] = {
        whole["schema"].split("/")[1]: whole for whole in (json.loads(text) for _, text in EXAMPLES)
    }
    rep, one, session, advice = (found[kind]["values"] for kind in EVENT_KINDS)
    assert rep["set"] == one["set"] == advice["set"]
    assert rep["load_kg"] == one["load_kg"] == session["load_kg"]
    assert one["volume_kg"] == one["reps"] * one["load_kg"]
    assert session["volume_kg"] == session["reps"] * session["load_kg"]
    assert [found["rep"]["id"], found["rep"]["revision"]] in found["receipt"]["messages"]


def test_every_command_is_shown_and_is_taken() -> None:
    shown = set()
    for line in PUBLISHED:
        words = shlex.split(line.replace("\\\n", " "))
        assert words[words.index("-t") + 1] == device_topic("home", "belt-7", "command")
        assert words[words.index("-q") + 1] == "1"
        assert "-r" not in words
        command = parse(words[words.index("-m") + 1].encode())
        shown.add(command_content(command)["command"])
    assert shown == set(COMMANDS)
    ids = re.findall(r'"id": "(c-\d+)", "command"', PAGE)
    assert len(ids) == len(set(ids)) == len(PUBLISHED)


def test_every_command_is_explained_with_its_fields() -> None:
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", section("## Commands"), re.MULTILINE)
    explained = {command: set(re.findall(r"`(\w+)`", fields)) for command, fields in rows}
    assert explained == {name: hints(kind).keys() - {"id"} for name, kind in COMMANDS.items()}


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_every_value_is_explained(kind: Kind) -> None:
    text = section(f"### {kind}")
    if kind == "set":
        text += section("### rep")[section("### rep").index("`load_kg`") :]
    assert fields_of(kind) - set(re.findall(r"`(\w+)`", text)) == set()


def test_every_topic_is_in_the_table() -> None:
    rows = re.findall(rf"^\| `({ROOT}/[^`]+)` \|", PAGE, re.MULTILINE)
    last = [row.split("/")[-1] for row in rows]
    assert sorted(last) == sorted({*EVENT_KINDS, *NAMES.values(), "command", "answer"})
    for row in rows:
        assert row.startswith(f"{ROOT}/SITE/")
