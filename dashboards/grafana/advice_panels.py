"""What reps and sets meant, and what is next: the words of the coaching rules."""

from typing import Any

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models.common import BigValueTextMode

from dashboards.grafana import look
from dashboards.grafana.columns import beside_words, columns, listed
from dashboards.grafana.influxql import (
    ADVICE,
    CHOSEN,
    IN_TIME,
    OF_ATHLETE,
    OF_LIFT,
    THIS_SET,
    VALID,
    InfluxQL,
    queries,
    select,
)
from dashboards.grafana.live_panels import LATELY
from dashboards.grafana.panels import (
    as_fields,
    at_most,
    in_order,
    merged,
    number,
    rows,
    sorted_by,
    told,
)

NEXT_LOAD = "next_load"
# In the order in which they stand in the panel of the week.
OF_WEEK = ("sessions_per_week", "next_session", "balance")
_NEWEST = 'last("text") AS "text", "level"'


def cue() -> Any:
    """The newest of this set: its level huge, its sentence beside it."""
    of = (ADVICE, VALID, THIS_SET, LATELY, "\"when\" = 'rep'")
    made = told(
        number(".+", colour_all=True).text_mode(BigValueTextMode.VALUE_AND_NAME),
        "Cue",
        "What to mind in the next rep: the newest cue of this set, in the colour of its level. "
        "Red is where to end the set, and stays until the next one.",
        *queries(select(_NEWEST, *of, "\"level\" = 'stop'"), select(_NEWEST, *of)),
        unit=look.COUNT,
        empty="Lift: what to mind in the next rep stands here, as long as there is something",
    )
    # Of the levels stop is the last in the alphabet. The sentence becomes the name of its level.
    chosen = [
        merged(),
        sorted_by("level", falling=True),
        at_most(1),
        as_fields("text", "level", left_out=("Time",)),
    ]
    return made.transformations(chosen).mappings([look.words(look.LEVEL_WORDS, look.LEVELS)])


def meant() -> table.Panel:
    """What was said after sets, of the session and of the week."""
    names = ("Time", "set", "level", "rule")
    query = select(
        listed("set", "level", "text", "rule"), ADVICE, IN_TIME, VALID, CHOSEN,
        "\"when\" != 'rep'", then="ORDER BY time DESC",
    )  # fmt: skip
    made = told(
        columns(rows(), *names),
        "What it meant",
        "What the coaching rules say of each set, and without a number of a set of the session or "
        "the week; the newest is on top. A rule that is to be silent goes by its name into the "
        "settings (off), of one athlete or of all.",
        InfluxQL(query),
        unit=look.COUNT,
        empty="Lift a set: what it meant stands here when it is over",
    )
    return beside_words(made, *names)


def next_load() -> table.Panel:
    """The newest proposal for each lift."""
    names = ("Time", "exercise", "variant", "load_kg", "target_reps")
    values = listed("load_kg", "target_reps")
    of_each = select(
        f'last("text") AS "text", {values}', ADVICE, VALID, OF_ATHLETE, OF_LIFT,
        f"\"rule\" = '{NEXT_LOAD}'", then='GROUP BY "exercise", "variant"',
    )  # fmt: skip
    asked = select(f'"variant", {values}, "text"', of_each, then='GROUP BY "exercise"')
    made = told(
        columns(rows(), *names),
        "Next load",
        "What is proposed for the next session of each lift, and why, whatever time is shown. You "
        "decide: pain and sleep are not known here.",
        InfluxQL(asked),
        unit=look.COUNT,
        empty="Lift sets with a load: what to lift next time stands here",
    )
    return beside_words(made, *names).override_by_name("target_reps", [look.named("Reps")])


def week() -> table.Panel:
    """The newest word of each rule of the week."""
    asked = [
        select(_NEWEST, ADVICE, "time > now() - 7d", VALID, OF_ATHLETE, f"\"rule\" = '{rule}'")
        for rule in OF_WEEK
    ]
    made = told(
        columns(rows(), "Time", "level"),
        "The week",
        "Sessions of this week against the aim, what the next session is and from which day on, "
        "and what lacks beside the hip thrust: as it stood after the last set.",
        *queries(*asked),
        unit=look.COUNT,
        empty="Lift a set: what the week has, and what is next, stands here",
    )
    made = made.transformations([merged(), in_order("Time", "level", "text")])
    return beside_words(made, "Time", "level")
