import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.changes import Change
from pipeline.delivery.influx import to_line
from pipeline.delivery.sinks import TAGS, Point, point_of, points_of
from tests.pipeline.delivery.made import START_US, message

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_a_message_is_a_point_of_its_kind() -> None:
    point = point_of(message(variant="banded", values={"rep": 1, "partial": False, "tempo": "X"}))
    assert point.measurement == "rep"
    assert point.tags == {
        "athlete": "anna",
        "exercise": "hip_thrust",
        "variant": "banded",
        "device": "belt",
        "site": "home",
    }
    assert point.fields == {
        "rep": 1.0,
        "partial": False,
        "tempo": "X",
        "id": "belt-s1-1",
        "session": "s1",
        "algorithm": "1",
        "revision": 0,
        "valid": True,
        "text": "rep 1",
    }


def test_a_tag_is_never_empty() -> None:
    assert point_of(message(variant="")).tags["variant"] == "standard"


def test_numbers_have_one_type_however_json_wrote_them() -> None:
    whole, broken = (
        point_of(message(values={"rom_deg": value})).fields["rom_deg"] for value in (57, 57.0)
    )
    assert type(whole) is type(broken) is float


def test_what_a_point_cannot_hold_is_left_out() -> None:
    values = {
        "none": None,
        "list": [1, 2],
        "object": {"a": 1},
        "huge": 10**400,
        "infinite": math.inf,
        "not a name": 1,
        "": 1,
        "time": 5,
        "athlete": "somebody else",
    }
    assert point_of(message(values=values)).fields == point_of(message(values={})).fields


def test_values_cannot_pass_for_the_envelope() -> None:
    values = {"id": "other", "revision": "x", "valid": False, "session": 3}
    assert point_of(message(values=values)).fields == point_of(message(values={})).fields


def test_the_time_is_that_of_the_event_to_the_microsecond() -> None:
    assert point_of(message()).time_ns // 1000 == message().time_us


def test_two_events_of_one_moment_stay_two() -> None:
    times = {point_of(message(n, time_us=START_US)).time_ns for n in range(10)}
    assert len(times) == 10
    assert {time // 1000 for time in times} == {START_US}


def test_the_time_of_an_event_never_moves() -> None:
    states = [message(revision=n, athlete=who) for n, who in enumerate(("anna", "ben", "carla"))]
    assert len({point_of(state).time_ns for state in states}) == 1


def test_a_new_event_is_one_point() -> None:
    assert points_of(Change(None, (), message())) == [point_of(message())]


def test_a_revision_is_written_over_the_older_one() -> None:
    change = Change(message(), (), message(revision=1))
    assert points_of(change) == [point_of(message(revision=1))]


def test_a_value_that_is_known_no_more_leaves_nothing_behind() -> None:
    new = message(revision=1, values={"set": 1, "rep": None, "rom_deg": 51.0, "faults": 0})
    assert points_of(Change(message(), (), new)) == [point_of(new, anew=True)]


def test_so_does_one_that_was_known_only_in_between() -> None:
    passed = message(revision=1, values={**message().values, "hold_s": 1.0})
    new = message(revision=2)
    assert points_of(Change(message(), (passed,), new)) == [point_of(new, anew=True)]


def test_what_was_somebody_elses_stays_there_as_not_valid() -> None:
    old, new = message(), message(revision=1, athlete="ben")
    left, now = points_of(Change(old, (), new))
    assert left == point_of(replace(old, valid=False, revision=1))
    assert now == point_of(new, anew=True)
    assert (left.fields["valid"], now.fields["valid"]) == (False, True)


def test_each_place_it_passed_through_is_marked() -> None:
    ben, carla = message(revision=1, athlete="ben"), message(revision=2, athlete="carla")
    points = points_of(Change(message(), (ben,), carla))
    told = [(point.tags["athlete"], point.fields["valid"]) for point in points]
    assert told == [("anna", False), ("ben", False), ("carla", True)]


def test_what_came_back_is_valid_where_it_was_first() -> None:
    ben, anna = message(revision=1, athlete="ben"), message(revision=2)
    points = points_of(Change(message(), (ben,), anna))
    told = [(point.tags["athlete"], point.fields["valid"]) for point in points]
    assert told == [("ben", False), ("anna", True)]


@pytest.mark.parametrize("tag", TAGS)
def test_every_tag_makes_another_place(tag: str) -> None:
    moved: dict[str, Any] = {tag: "other"}
    points = points_of(Change(message(), (), message(revision=1, **moved)))
    assert [point.fields["valid"] for point in points] == [False, True]


def test_a_line_has_types_and_quotes() -> None:
    point = Point("rep", {"site": "home", "athlete": "anna"}, {
        "rep": 3.0, "small": 1e-7, "revision": 2, "valid": True, "text": 'a "b" \\ c',
    }, 1_700_000_000_000_000_123)  # fmt: skip
    assert to_line(point) == (
        "rep,athlete=anna,site=home "
        'rep=3.0,small=1e-07,revision=2i,valid=true,text="a \\"b\\" \\\\ c" '
        "1700000000000000123"
    )


@given(st.dictionaries(st.text(), json_values, max_size=8))
def test_any_values_make_a_line(values: dict[str, object]) -> None:
    line = to_line(point_of(message(values=values)))
    assert line.startswith(
        "rep,athlete=anna,device=belt,exercise=hip_thrust,site=home,variant=standard "
    )
    assert line.endswith(f" {point_of(message()).time_ns}")
