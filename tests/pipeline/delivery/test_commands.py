"""What may be asked of a device, and what is refused."""

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import exercises
from pipeline.delivery.commands import (
    COMMANDS,
    MOST_BYTES,
    AddNote,
    AddRep,
    Answer,
    Choose,
    Command,
    CommandError,
    DeleteRep,
    Effect,
    EndSet,
    MarkSet,
    MergeRep,
    PushPlan,
    RestartSet,
    SetTargets,
    SwapAthlete,
    Undo,
    answer_content,
    command_content,
    parse,
    refusal,
    tempo_parts,
)
from pipeline.delivery.messages import PayloadError

ids = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=60)
seconds = st.sampled_from(["0", "1", "2.5", "10", "X"])
tempos = st.tuples(seconds, seconds, seconds, seconds).map("-".join)
variants = st.text(string.ascii_lowercase + "_-", max_size=60)
loads = st.none() | st.floats(0, 1000)
reps = st.none() | st.integers(1, 1000)
holds = st.none() | st.floats(0, 600)
losses = st.none() | st.floats(1, 100)
names = st.none() | st.sampled_from(exercises.names())
which = st.sampled_from(["next", "latest"])
good = st.one_of(
    st.builds(Choose, ids, st.none() | ids, names, st.none() | variants, loads, which),
    st.builds(SwapAthlete, ids, ids, which),
    st.builds(SetTargets, ids, reps, st.none() | tempos, holds, losses),
    st.builds(EndSet, ids),
    st.builds(RestartSet, ids),
    st.builds(DeleteRep, ids, ids),
    st.builds(AddRep, ids, st.none() | ids),
    st.builds(MergeRep, ids, ids),
    st.builds(AddNote, ids, st.text(string.printable[:95] + "åß漢", max_size=200)),
    st.builds(MarkSet, ids, st.sampled_from(["full_lockout", "to_failure", ""])),
    st.builds(PushPlan, ids, ids, st.text(string.printable[:95] + "\tåß漢\n", max_size=200)),
    st.builds(Undo, ids),
)


def payload(command: Any, **fields: Any) -> bytes:
    whole = {"schema": "hiprep/command/1", "id": "c-1", "command": command, **fields}
    return json.dumps(whole).encode()


def why(data: bytes) -> str:
    with pytest.raises(CommandError) as error:
        parse(data)
    text = str(error.value)
    assert "\n" not in text
    return text


@given(good)
def test_a_command_comes_through_as_it_was_sent(command: Command) -> None:
    assert parse(json.dumps(command_content(command)).encode()) == command


def test_every_command_has_a_name_of_its_own() -> None:
    made: list[Command] = [
        Choose("a"),
        SwapAthlete("a", "b"),
        SetTargets("a"),
        EndSet("a"),
        RestartSet("a"),
    ]
    made += [DeleteRep("a", "b"), AddRep("a"), MergeRep("a", "b"), AddNote("a", "b")]
    made += [MarkSet("a", "to_failure"), PushPlan("a", "b", ""), Undo("a")]
    assert [command_content(one)["command"] for one in made] == list(COMMANDS)


def test_what_is_left_out_is_not_said() -> None:
    assert parse(payload("choose", load_kg=60)) == Choose("c-1", load_kg=60.0)
    assert parse(payload("add_rep")) == AddRep("c-1", None)
    assert parse(payload("swap_athlete", athlete="bo")).set == "next"  # type: ignore[union-attr]


def test_a_number_is_a_number_however_it_is_written() -> None:
    found = parse(payload("set_targets", reps=8.0, hold_s=2))
    assert isinstance(found, SetTargets)
    assert (found.reps, found.hold_s) == (8, 2.0)
    assert isinstance(found.reps, int)
    assert isinstance(found.hold_s, float)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b'{"a": NaN}', "is no JSON"),
        (b"[" * 4000, "is no JSON"),
        (b"1" * 4090, "is no JSON"),
        (b"[]", "is no JSON object"),
        (b'{"id": "c-1"}', "schema must be hiprep/command/1, not None"),
        (b" " * (MOST_BYTES + 1), "is longer than 12288 bytes"),
        (payload("jump"), "not 'jump'"),
        (payload("undo", schema="hiprep/command/2"), "not 'hiprep/command/2'"),
        (payload(["undo"]), "command must be one of choose, swap_athlete"),
        (payload("delete_rep"), "delete_rep lacks rep"),
        (payload("undo", id="no id"), "id must be 1 to 120 letters, digits, _ and -, not 'no id'"),
        (payload("undo", id=7), "id must be"),
        (payload("note", text="two\nlines"), "text must be one line"),
        (payload("note", text="x" * 201), "text must be one line"),
        (payload("note", text="\ud800"), "text must be a text of whole letters"),
        (payload("mark", mark="hard"), "mark must be one of full_lockout, to_failure, "),
        (payload("plan", athlete="anna", text="x" * 8001), "TOML of at most 8000 characters"),
        (payload("plan", athlete="anna", text="\x00"), "text must be TOML"),
        (payload("plan", text=""), "plan lacks athlete"),
        (payload("choose", load=60), "choose knows no 'load', only id, athlete, exercise"),
        (payload("choose", load_kg="60"), "load_kg must be a number from 0 to 1000, not '60'"),
        (payload("choose", load_kg=-1), "load_kg must be a number from 0 to 1000, not -1"),
        (payload("choose", load_kg=True), "load_kg must be a number from 0 to 1000, not True"),
        (payload("choose", exercise="bench"), "exercise must be one of deadlift, glute_bridge"),
        (payload("choose", athlete="a/b"), "athlete must be 1 to 60 letters, digits, _ and -"),
        (payload("choose", athlete="a\n"), "athlete must be 1 to 60 letters, digits, _ and -"),
        (payload("choose", variant="Banded"), "variant must be up to 60 of a to z"),
        (payload("choose", set="last"), "set must be one of next, latest, not 'last'"),
        (payload("choose", set=["next"]), "set must be one of next, latest"),
        (payload("set_targets", reps=0), "reps must be a whole number from 1 to 1000, not 0"),
        (payload("set_targets", reps=8.5), "reps must be a whole number from 1 to 1000, not 8.5"),
        (payload("set_targets", reps=10**400), "reps must be a whole number from 1 to 1000"),
        (payload("set_targets", tempo="3-1-1"), "tempo must be down-bottom-up-top"),
        (payload("set_targets", tempo="3-1-1-2.3"), "tempo must be down-bottom-up-top"),
        (payload("set_targets", hold_s=601), "hold_s must be a number from 0 to 600, not 601"),
        (
            payload("set_targets").replace(b'"set_targets"', b'"set_targets", "hold_s": 1e999'),
            "hold_s must be a number from 0 to 600, not inf",
        ),
    ],
)
def test_what_is_no_command_is_refused_with_a_reason(data: bytes, text: str) -> None:
    assert text in why(data)


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_fail_as_commands_do(data: bytes) -> None:
    why(data)


def test_a_refusal_names_the_command_where_that_can_be_read() -> None:
    with pytest.raises(CommandError) as error:
        parse(payload("jump"))
    answer = refusal(error.value)
    assert (answer.id, answer.ok, answer.text) == ("c-1", False, str(error.value))
    with pytest.raises(CommandError) as error:
        parse(payload("undo", id="\u202e"))
    assert refusal(error.value).id is None
    assert str(error.value).isascii()


def test_long_values_are_not_repeated_at_length() -> None:
    assert len(why(payload("choose", athlete="/" * 4000))) < 200
    assert len(why(payload("choose", **{"x" * 3000: 1}))) < 200


def test_an_answer_says_nothing_of_what_it_effects() -> None:
    answer = Answer("c-1", ok=True, text="set 1 ended", effect=Effect("end_set"))
    assert answer_content(answer) == {
        "schema": "hiprep/answer/1",
        "id": "c-1",
        "ok": True,
        "text": "set 1 ended",
    }


def test_a_tempo_is_four_durations() -> None:
    assert tempo_parts("3-0.5-X-10") == (3.0, 0.5, None, 10.0)
    assert tempo_parts(None) == (None, None, None, None)


def test_a_command_error_is_no_payload_error() -> None:
    # Whoever catches the one must not swallow the other.
    assert not issubclass(CommandError, PayloadError)
