"""What the page makes of its messages: model.js, fed with what a real ledger says."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.delivery.commands import Command
from pipeline.delivery.messages import Message, device_topic, event_topic, to_payload
from tests.page.browser import browser
from tests.page.served import advice, served
from tests.pipeline.delivery.scripts import Known, Steps, ledger, newest, script, steps

JS = Path(__file__).parents[2] / "dashboards" / "live" / "js"
TOPICS = [device_topic("home", "belt", name) for name in ("state", "live", "sensor", "anna/rep")]

Json = dict[str, Any]
Said = tuple[str, str]
Model = Callable[[Sequence[Said]], Json]

# What fails is not made smaller: that takes minutes through another process.
many = settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])

# What a page would show after these messages, the same in node and in a browser.
_VIEW = """
const view = (Model, said) => {
  const model = new Model("home");
  said.forEach(([topic, text], at) => model.take(topic, text, at));
  const belt = model.device("belt");
  const plain = (one) => [one.id, one.revision, one.athlete, one.values];
  return {
    count: belt.count(), set: belt.setNumber(), open: belt.isOpen(),
    reps: belt.reps().map(({ id, revision, values }) => [id, revision, values]),
    sets: belt.sets().map(plain), sessions: belt.sessions().map(plain).sort(),
    advice: belt.advice().map(({ id, revision, values }) => [id, revision, values.text]).sort(),
    others: [...model.devices.values()].map((one) => [one.count(), one.isOpen(), one.sets()]),
    foreign: [...model.foreign], unreadable: model.unreadable,
  };
};
"""
_NODE = """
import { createInterface } from "node:readline";
import { Model } from "./js/model.js";
%s
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(view(Model, JSON.parse(line))));
}
"""
_BROWSER = """
const done = arguments[1];
%s
import("/js/model.js").then(({ Model }) => done(view(Model, arguments[0])));
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    """Runs in node, where there is one; else in a browser."""
    program = shutil.which("node")
    if program is None:
        with served("mqtt://127.0.0.1:1") as url, browser() as page:
            page.open(url)
            yield lambda said: page.driver.execute_async_script(_BROWSER % _VIEW, said)
        return
    folder = tmp_path_factory.mktemp("model")
    shutil.copytree(JS, folder / "js")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "main.js").write_text(_NODE % _VIEW)
    with subprocess.Popen(
        [program, folder / "main.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:

        def ask(said: Sequence[Said]) -> Json:
            assert node.stdin
            assert node.stdout
            node.stdin.write(json.dumps(said) + "\n")
            node.stdin.flush()
            return dict(json.loads(node.stdout.readline()))

        yield ask
        node.kill()


def event(message: Message) -> Said:
    return event_topic(message), to_payload(message).decode()


def lived(known: Known) -> tuple[list[Message], list[Said]]:
    """All that a gateway says of it: events, and the state after each step."""
    to = ledger()
    messages: list[Message] = []
    topic = device_topic("home", "belt", "state")
    states = [(topic, json.dumps(to.state()))]
    for at_s, what in known:
        new = to.command(at_s, what)[1] if isinstance(what, Command) else to.take(at_s, what)
        messages += new
        states.append((topic, json.dumps(to.state())))
    return messages, states


def shown(messages: Sequence[Message]) -> Json:
    """What a page has to show in the end, from the newest revision of each event."""
    stands = [one for one in newest(messages).values() if one.valid]
    sets = sorted(
        (one for one in stands if one.kind == "set"), key=lambda one: float(str(one.values["set"]))
    )
    reps = [one for one in stands if one.kind == "rep"]
    number = max((one.values["set"] for one in [*reps, *sets]), default=None)
    latest = [one for one in reps if one.values["set"] == number]
    latest.sort(key=lambda one: (float(str(one.values["start_s"])), one.values["rep"] or 0))
    return {
        "reps": [[one.id, one.revision, dict(one.values)] for one in latest],
        "sets": [[one.id, one.revision, one.athlete, dict(one.values)] for one in sets],
        "set": number,
        "count": max((one.values["rep"] or 0 for one in latest), default=0),
    }


def of(view: Json) -> Json:
    return {name: view[name] for name in ("reps", "sets", "set", "count")}


@given(steps, st.randoms(use_true_random=False))
@many
def test_any_order_of_the_same_events_shows_the_same(
    model: Model, thrown: Steps, chance: Random
) -> None:
    messages, _ = lived(script(thrown))
    said = [*map(event, messages), *map(event, chance.choices(messages, k=len(messages)))]
    chance.shuffle(said)
    assert of(model(said)) == shown(messages)


@given(steps, st.randoms(use_true_random=False))
@many
def test_states_in_between_change_nothing_of_it_whenever_they_come(
    model: Model, thrown: Steps, chance: Random
) -> None:
    messages, states = lived(script(thrown))
    said = [*map(event, messages), *states]
    chance.shuffle(said)
    in_order = iter(states)  # a broker keeps the order of one topic
    said = [next(in_order) if one in states else one for one in said]
    assert of(model(said)) == shown(messages)


@given(steps, st.integers(0, 60))
@many
def test_who_comes_late_sees_the_same_as_who_was_there(
    model: Model, thrown: Steps, missed: int
) -> None:
    known = script(thrown)
    messages, states = lived(known)
    before, was = lived(known[: missed + 1])
    after = messages[len(before) :]
    view = model([was[-1], *map(event, after), states[-1]])
    assert of(view) == shown(messages)
    assert view["sessions"] == model([*map(event, messages), states[-1]])["sessions"]


@given(steps)
@many
def test_what_another_version_finds_in_the_session_later_is_not_shown_beside_it(
    model: Model, thrown: Steps
) -> None:
    messages, states = lived(script(thrown))
    again = [
        replace(one, id=one.id.replace("-1-", "-2-", 1), algorithm="2", revision=one.revision + 5)
        for one in messages
        if one.kind != "advice"
    ]
    said = [*map(event, messages), states[-1]]
    assert of(model([*said, *map(event, again)])) == of(model(said)) == shown(messages)


@given(steps)
@many
def test_what_is_not_valid_is_not_shown_and_an_older_revision_does_not_bring_it_back(
    model: Model, thrown: Steps
) -> None:
    messages, _ = lived(script(thrown))
    gone = {one.id for one in newest(messages).values() if not one.valid}
    first = [one for one in messages if one.revision == 0]
    view = model([*map(event, messages), *map(event, first)])
    assert not gone & {one[0] for one in (*view["reps"], *view["sets"])}
    assert of(view) == shown(messages)


@given(steps, st.lists(st.tuples(st.sampled_from([*TOPICS, "x/y", ""]), st.text() | st.just("{}"))))
@many
def test_what_nobody_can_read_changes_nothing(
    model: Model, thrown: Steps, noise: list[Said]
) -> None:
    messages, states = lived(script(thrown))
    said = [*map(event, messages), states[-1]]
    assert of(model([*said, *noise])) == of(model(said)) == shown(messages)


EVENTS = ("rep", "set", "session", "advice")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "values", "at_s", "set", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*EVENTS, "state", "live", "sensor", "answer"]),
            st.dictionaries(
                st.sampled_from(["id", "revision", "valid", "session", "at_s", "values", "next"]),
                JSON,
            ),
        ),
        max_size=6,
    )
)
@many
def test_whatever_is_inside_the_payloads_of_one_sensor_another_is_shown(
    model: Model, thrown: list[tuple[str, Json]]
) -> None:
    said = [
        (
            device_topic("home", "cuff", f"anna/{kind}" if kind in EVENTS else kind),
            json.dumps({**content, "schema": f"hiprep/{kind}/1"}),
        )
        for kind, content in thrown
    ]
    good, states = lived(script([("lift", 2), ("close", 1)]))
    assert of(model([*said, *map(event, good), states[-1]])) == shown(good)


told = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 4), st.booleans()),
    unique_by=lambda one: one[:2],
    max_size=12,
)


def advised(rule: str, revision: int, *, valid: bool) -> Json:
    """Advice of the second set; another revision has another text."""
    return advice(
        f"{rule}{revision}", at_s=revision, rule=rule, set_number=2, revision=revision, valid=valid
    )


@given(told, st.randoms(use_true_random=False))
@many
def test_of_each_advice_the_newest_that_stands_is_shown_in_any_order(
    model: Model, thrown: list[tuple[str, int, bool]], chance: Random
) -> None:
    payloads = [advised(rule, revision, valid=valid) for rule, revision, valid in thrown]
    topic = device_topic("home", "belt", "anna/advice")
    said = [(topic, json.dumps(one)) for one in payloads]
    newest_of = {rule: (revision, valid) for rule, revision, valid in sorted(thrown)}
    chance.shuffle(said)
    assert [text for _, _, text in model(said)["advice"]] == [
        f"{rule}{revision}" for rule, (revision, valid) in sorted(newest_of.items()) if valid
    ]


def test_a_state_has_what_stands_of_the_latest_set_and_takes_back_the_rest(model: Model) -> None:
    messages, states = lived(script([("lift", 2), ("close", 1), ("lift", 2)]))
    topic, text = states[-1]
    state = json.loads(text)
    at_s = state["at_s"]
    kept, gone, later = (advised(rule, 1, valid=True) for rule in "abc")
    first = advice("of set 1", at_s=1.0, rule="d", set_number=1)
    later["at_s"] = at_s + 1.0
    names = ("id", "revision", "athlete", "values")
    standing = json.dumps({**state, "advice": [{name: kept[name] for name in names}]})
    of_anna = device_topic("home", "belt", "anna/advice")
    said = [(of_anna, json.dumps(one)) for one in (gone, later, first)]
    view = model([*map(event, messages), *said, (topic, standing)])
    assert {text for _, _, text in view["advice"]} == {"a1", "c1", "of set 1"}


def test_another_version_is_told_apart_from_what_is_no_payload_of_ours(model: Model) -> None:
    (one, *_), _ = lived(script([("lift", 2)]))
    topic, text = event(one)
    newer = json.dumps({**json.loads(text), "schema": "hiprep/rep/2"})
    other = json.dumps({**json.loads(text), "schema": "somebody/else/2"})
    view = model([(topic, newer), (topic, other)])
    assert view["foreign"] == ["hiprep/rep/2"]
    assert view["unreadable"] == 1
    assert view["reps"] == []
