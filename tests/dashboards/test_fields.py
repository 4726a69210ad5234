"""Each field and tag of a board is one that the code writes, and the other way round."""

import pytest

from tests.dashboards.parts import boards
from tests.dashboards.played import FULL, Played
from tests.dashboards.written import names, used, written

# Written, and on no board, for a reason.
OFF_THE_BOARDS = {
    "id": "for programs: by it an event is found again",
    "revision": "for programs: which state of it this is",
    "session": "for programs: which session; set_key has it",
    "algorithm": "for programs: which version of the tracker found it; only one is shown",
    "merged": "a correction; it changes no number that is shown",
    "added": "a correction; it changes no number that is shown",
    "start_s": "where in its session; the point has its own time",
    "end_s": "where in its session; end_ms is the time",
    "concentric_start_s": "a boundary: the durations between them are shown",
    "concentric_end_s": "a boundary: the durations between them are shown",
    "eccentric_start_s": "a boundary: the durations between them are shown",
    "eccentric_end_s": "a boundary: the durations between them are shown",
    "mark": "for the coaching rules, whose sentences tell what came of it",
    "tilt_deg": "for the coaching rules: of one rep alone it may be a slip of the belt",
    "ended": "for programs: nothing follows but corrections",
}

Names = tuple[str, str]


def test_what_is_asked_for_is_written() -> None:
    known = written()
    unknown = {
        (measurement, name): places
        for measurement, fields in used(boards()).items()
        for name, places in fields.items()
        if name not in known.get(measurement, set())
    }
    assert unknown == {}


def test_what_is_written_is_shown_or_stands_in_the_list() -> None:
    shown = {name for fields in used(boards()).values() for name in fields}
    every = {name for fields in written().values() for name in fields}
    assert every - shown - OFF_THE_BOARDS.keys() == set()


def test_nothing_in_the_list_is_shown_or_unknown() -> None:
    shown = {name for fields in used(boards()).values() for name in fields}
    every = {name for fields in written().values() for name in fields}
    assert OFF_THE_BOARDS.keys() - every == set()
    assert OFF_THE_BOARDS.keys() & shown == set()


def test_the_database_has_what_the_code_is_said_to_write(gym: Played) -> None:
    for measurement, known in written().items():
        policy, name = measurement.replace('"', "").split(".")
        keys = gym.influx.query(f'SHOW FIELD KEYS ON "{FULL}" FROM "{policy}"."{name}"')
        tags = gym.influx.query(f'SHOW TAG KEYS ON "{FULL}" FROM "{policy}"."{name}"')
        there = {row["fieldKey"] for row in keys} | {row["tagKey"] for row in tags}
        assert there == known, measurement


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('SELECT "reps" FROM "events"."set"', {("set", "reps")}),
        ('SELECT max("reps") AS "reps" FROM "events"."set"', {("set", "reps")}),
        ('SELECT "a" FROM "live"."live" WHERE "b" = \'c "d"\'', {("live", "a"), ("live", "b")}),
        ('SELECT "a" FROM "live"."live" WHERE "b" =~ /^"x"$/', {("live", "a"), ("live", "b")}),
        (
            'SELECT mean("m") FROM (SELECT max("a") AS "m" FROM "live"."live" GROUP BY "tag")',
            {("live", "a"), ("live", "tag")},
        ),
        ('SHOW TAG VALUES FROM "events"."set" WITH KEY = "athlete"', {("set", "athlete")}),
    ],
)
def test_names_are_found_in_a_query(query: str, found: set[Names]) -> None:
    ours = {(measurement.split('"')[3], name) for measurement, name in names(query)}
    assert ours == found
