"""What holds for a ledger whatever comes, in whatever order."""

from typing import Any

from hypothesis import given as for_all
from hypothesis import settings

from pipeline.delivery.commands import Command, Undo
from pipeline.delivery.messages import Message, event_topic, from_payload, to_payload
from tests.pipeline.delivery.scripts import Known, Steps, given, ledger, newest, script, steps

many = settings(max_examples=75)


def standing(messages: list[Message]) -> dict[str, Any]:
    """What counts in the end, whenever and however often it was said."""
    return {
        message.id: (
            message.athlete,
            message.exercise,
            message.variant,
            message.time_us,
            message.values,
        )
        for message in newest(messages).values()
        if message.valid
    }


def valid(messages: list[Message], kind: str) -> list[Message]:
    return [one for one in newest(messages).values() if one.kind == kind and one.valid]


def only_events(known: Known) -> Known:
    return [(at_s, what) for at_s, what in known if not isinstance(what, Command)]


@for_all(steps)
@many
def test_revisions_of_an_id_rise_and_its_time_stays(thrown: Steps) -> None:
    last: dict[str, Message] = {}
    to = ledger()
    for message in [*given(to, script(thrown)), *to.end(1e5)]:
        if message.id in last:
            assert message.revision > last[message.id].revision
            assert message.time_us == last[message.id].time_us
        assert message.kind == last.get(message.id, message).kind
        last[message.id] = message


@for_all(steps)
@many
def test_the_same_events_and_commands_give_the_same_messages(thrown: Steps) -> None:
    one, other = ledger(), ledger()
    known = script(thrown)
    assert given(one, known) == given(other, known)
    assert one.state() == other.state()


@for_all(steps)
@many
def test_with_all_taken_back_it_stands_as_if_nobody_had_said_anything(thrown: Steps) -> None:
    known = script(thrown)
    corrected, plain = ledger(), ledger()
    messages = given(corrected, known)
    for k in range(len(known) + 1):
        answer, more = corrected.command(1e4, Undo(f"undo-{k}"))
        messages += more
        if not answer.ok:
            break
    assert corrected.state()["undo"] is None
    assert standing(messages) == standing(given(plain, only_events(known)))


@for_all(steps)
@many
def test_a_set_counts_its_valid_reps_and_they_are_numbered_through(thrown: Steps) -> None:
    messages = given(ledger(), script(thrown))
    reps = valid(messages, "rep")
    for one in valid(messages, "set"):
        mine = [rep for rep in reps if rep.values["set"] == one.values["set"]]
        counted = [rep for rep in mine if not rep.values["partial"]]
        shown = sorted(counted, key=lambda rep: (rep.values["start_s"], rep.id))
        assert one.values["reps"] == len(counted) > 0
        assert one.values["partials"] == len(mine) - len(counted)
        assert [rep.values["rep"] for rep in shown] == list(range(1, len(shown) + 1))
        assert {rep.athlete for rep in mine} == {one.athlete}
    numbers = {one.values["set"] for one in valid(messages, "set")}
    assert {rep.values["set"] for rep in reps if not rep.values["partial"]} == numbers


@for_all(steps)
@many
def test_a_session_is_the_sum_of_its_athletes_sets(thrown: Steps) -> None:
    to = ledger()
    messages = [*given(to, script(thrown)), *to.end(1e5)]
    sets = valid(messages, "set")
    sessions = valid(messages, "session")
    assert {one.athlete for one in sessions} == {one.athlete for one in sets}
    for session in sessions:
        mine = [one.values for one in sets if one.athlete == session.athlete]
        assert session.values["sets"] == len(mine)
        assert session.values["reps"] == sum(values["reps"] for values in mine)
        assert session.values["faults"] == sum(values["faults"] for values in mine)
        assert session.values["ended"] is True


@for_all(steps)
@many
def test_every_message_survives_its_way(thrown: Steps) -> None:
    for message in given(ledger(), script(thrown)):
        assert from_payload(event_topic(message), to_payload(message)) == message


@for_all(steps)
@many
def test_the_state_shows_what_stands(thrown: Steps) -> None:
    to = ledger()
    messages = given(to, script(thrown))
    state = to.state()
    over = {one.id: one.revision for one in valid(messages, "set")}
    assert {one["id"]: one["revision"] for one in state["sets"]} == over
    stands = {one.id: one for one in valid(messages, "rep")}
    for rep in state["reps"]:
        assert stands[rep["id"]].revision == rep["revision"]
        assert stands[rep["id"]].values == rep["values"]
    if state["running"]:
        counted = [rep for rep in state["reps"] if not rep["values"]["partial"]]
        assert state["running"]["values"]["reps"] == len(counted)
