import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.coaching.plan import DAYS, Plan, PlanError, PlannedLift, PlannedSession
from pipeline.coaching.plan_text import SCHEMA, dumps, from_json, from_values, loads
from pipeline.coaching.templates import TEMPLATES

TEXT = """
name = "mine"
sessions_per_week = 2
days = ["thu", "mon"]

[[sessions]]
name = "heavy"

[[sessions.lifts]]
exercise = "hip_thrust"
sets = 4
reps = [5, 8]
tempo = "2-0-X-1"
hold_s = 1
load_pct = 80
rest_s = 180

[[sessions.lifts]]
exercise = "squat"
sets = 3
reps = 8
load_kg = 60

[[sessions]]

[[sessions.lifts]]
exercise = "hip_thrust"
variant = "banded"
sets = 3
reps = [12, 15]
"""
PLAN = Plan(
    name="mine",
    sessions_per_week=2,
    days=("mon", "thu"),
    sessions=(
        PlannedSession(
            "heavy",
            (
                PlannedLift(
                    "hip_thrust",
                    4,
                    (5, 8),
                    tempo="2-0-X-1",
                    hold_s=1.0,
                    load_pct=80.0,
                    rest_s=180.0,
                ),
                PlannedLift("squat", 3, (8, 8), load_kg=60.0),
            ),
        ),
        PlannedSession("session 2", (PlannedLift("hip_thrust", 3, (12, 15), variant="banded"),)),
    ),
)


def plan_with(**values: Any) -> dict[str, Any]:
    """A plan with one lift, some of whose values are others; None for those to leave out."""
    lift = {"exercise": "hip_thrust", "sets": 3, "reps": [8, 12]} | values
    lift = {key: value for key, value in lift.items() if value is not None}
    return {"sessions_per_week": 1, "sessions": [{"lifts": [lift]}]}


def problems(content: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(PlanError) as caught:
        from_values(content)
    return caught.value.problems


def test_a_file_is_read() -> None:
    assert loads(TEXT) == PLAN


def test_what_is_written_is_read_again() -> None:
    assert loads(dumps(PLAN)) == PLAN


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_a_plan_without_contradictions_and_has_a_source(name: str) -> None:
    template = TEMPLATES[name]
    assert loads(dumps(template)) == template
    assert template.source


def test_json_has_the_same_fields() -> None:
    content = {
        "schema": SCHEMA,
        "name": "mine",
        "sessions_per_week": 2,
        "days": ["mon", "thu"],
        "sessions": [
            {
                "name": "heavy",
                "lifts": [
                    {
                        "exercise": "hip_thrust",
                        "sets": 4,
                        "reps": [5, 8],
                        "tempo": "2-0-X-1",
                        "hold_s": 1,
                        "load_pct": 80,
                        "rest_s": 180,
                    },
                    {"exercise": "squat", "sets": 3, "reps": 8, "load_kg": 60},
                ],
            },
            {
                "lifts": [
                    {"exercise": "hip_thrust", "variant": "banded", "sets": 3, "reps": [12, 15]}
                ]
            },
        ],
    }
    assert from_json(json.dumps(content)) == PLAN
    assert from_json(json.dumps(content).encode()) == PLAN


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"reps": [12, 8]}, "reps: from 12 to 8 is the wrong way round"),
        ({"reps": None}, "reps: missing"),
        ({"reps": 0}, "reps: 0 is not one whole number from 1 to 100, or two as in [8, 12]"),
        ({"reps": [1, 2, 3]}, "reps: list is not one whole number"),
        ({"sets": None}, "sets: missing"),
        ({"sets": True}, "sets: true is not a whole number from 1 to 20"),
        ({"tempo": "3-1-1"}, "tempo: '3-1-1' is not down-bottom-up-top"),
        (
            {"tempo": "3-1-1-2", "hold_s": 3},
            "hold_s: 3 s is longer than the 2 s at the top of tempo 3-1-1-2",
        ),
        ({"exercise": "hip_trust"}, "exercise: there is no 'hip_trust', probably hip_thrust"),
        ({"exercise": None}, "exercise: missing"),
        ({"variant": "Banded!"}, "variant: 'Banded!' has more than a to z, digits, _ and -"),
        ({"load_kg": 60, "load_pct": 70}, "load_pct: there is load_kg too: keep one of the two"),
        ({"load_pct": 120}, "load_pct: 120 is not a number from 1 to 100"),
        (
            {"load_pct": 95, "reps": [8, 12]},
            "reps: 8 at 95 % of what goes up once is more than anybody does",
        ),
        ({"load_kg": float("nan")}, "load_kg: nan is not a number from 0 to 1000"),
        (
            {"reps": 30, "tempo": "9-9-9-9"},
            "reps: 30 with this tempo and hold take 1080 s a set",
        ),
        ({"reps": 10, "hold_s": 100}, "reps: 10 with this tempo and hold take 1000 s a set"),
        ({"weight": 60}, "weight: unknown"),
    ],
)
def test_a_fault_is_named_with_its_place(values: dict[str, Any], problem: str) -> None:
    (found,) = problems(plan_with(**values))
    assert found.startswith(f"sessions[1].lifts[1].{problem}")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"sessions_per_week": 3, "days": ["mon", "thu"]}, "sessions_per_week: 3 do not fit"),
        ({"sessions_per_week": 8}, "sessions_per_week: 8 is not a whole number from 1 to 7"),
        ({"sessions_per_week": None}, "sessions_per_week: missing"),
        ({"days": ["monday"]}, "days: 'monday' is not a list of mon, tue"),
        ({"days": "mon"}, "days: 'mon' is not a list of mon, tue"),
        ({"days": ["mon", "mon"]}, "days: mon more than once"),
        ({"sessions": []}, "sessions: is not a list of tables"),
        ({"sessions": None}, "sessions: missing"),
        ({"sessions": [1]}, "sessions[1]: 1 where a table belongs"),
        ({"sessions": [{}]}, "sessions[1].lifts: missing"),
        ({"sessions": plan_with()["sessions"] * 51}, "sessions: has 51 entries"),
        ({"dais": ["mon"]}, "dais: unknown, probably days"),
    ],
)
def test_a_fault_of_the_whole_is_named(values: dict[str, Any], problem: str) -> None:
    content = plan_with() | values
    found = problems({key: value for key, value in content.items() if value is not None})
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_sessions_of_the_same_name_and_of_many_hours_are_refused() -> None:
    lift = {"exercise": "hip_thrust", "sets": 20, "reps": 10, "rest_s": 600}
    session = {"name": "long", "lifts": [lift]}
    assert problems({"sessions_per_week": 1, "sessions": [session, session]}) == (
        "sessions[1].lifts: take 3.4 hours; more than 3 are no session",
        "sessions[2].lifts: take 3.4 hours; more than 3 are no session",
        "sessions: 2 of them are called 'long'",
    )


def test_every_fault_is_named_at_once() -> None:
    content = plan_with(reps=[12, 8], tempo="slow", exercise="hip_trust", sets=0)
    found = problems(content | {"days": ["someday"]})
    places = [problem.split(": ")[0] for problem in found]
    lift = "sessions[1].lifts[1]"
    assert places == [
        "days",
        f"{lift}.exercise",
        f"{lift}.sets",
        f"{lift}.reps",
        f"{lift}.tempo",
    ]


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ("{", "is no JSON"),
        ("[]", "is no JSON object"),
        ('{"schema": "hiprep/plan/2"}', "schema: must be hiprep/plan/1, not 'hiprep/plan/2'"),
        ('{"schema": "hiprep/plan/1", "sessions_per_week": NaN}', "is no JSON"),
        (b"\xff\xfe\xfa", "is no JSON"),
    ],
)
def test_what_is_no_plan_at_all_is_refused(payload: str | bytes, problem: str) -> None:
    with pytest.raises(PlanError) as caught:
        from_json(payload)
    assert caught.value.problems == (problem,)


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(PlanError, match="is not TOML"):
        loads("name = ")


def test_a_planned_lift_says_what_a_set_is_to_be() -> None:
    wanted = PlannedLift("hip_thrust", 3, (8, 12), tempo="3-1-X-2").wanted
    assert (wanted.reps, wanted.eccentric_s, wanted.bottom_pause_s) == (12, 3.0, 1.0)
    assert (wanted.concentric_s, wanted.top_pause_s, wanted.hold_s) == (None, 2.0, 2.0)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["name", "sessions_per_week", "days", "sessions", "lifts", "exercise", "sets", "reps", "tempo"]
)


@given(
    st.dictionaries(
        KEYS, plain | st.lists(st.dictionaries(KEYS, plain | st.just([{"sets": 1}])), max_size=2)
    )
)
def test_whatever_is_pushed_is_a_plan_or_is_blamed(content: dict[str, Any]) -> None:
    try:
        blamed: tuple[str, ...] = () if from_values(content).sessions else ("no sessions",)
    except PlanError as error:
        blamed = error.problems or ("blamed for nothing",)
    assert not {"no sessions", "blamed for nothing"} & set(blamed)
    assert all("\n" not in problem for problem in blamed)


lifts = st.builds(
    PlannedLift,
    exercise=st.sampled_from(["hip_thrust", "squat", "glute_bridge"]),
    sets=st.integers(1, 4),
    reps=st.tuples(st.integers(1, 8), st.integers(8, 12)),
    variant=st.sampled_from(["", "banded", "left"]),
    tempo=st.none() | st.sampled_from(["3-1-X-2", "2-0-1-2", "1-0.5-1-4"]),
    hold_s=st.none() | st.floats(0, 2),
    load_kg=st.none() | st.floats(0, 300),
    rest_s=st.none() | st.floats(0, 300),
)
names = st.text(min_size=1, max_size=12).filter(lambda text: text.strip() != "")


@given(
    st.builds(
        Plan,
        name=names,
        sessions_per_week=st.integers(1, 7),
        sessions=st.lists(
            st.builds(PlannedSession, names, st.lists(lifts, min_size=1, max_size=3).map(tuple)),
            min_size=1,
            max_size=3,
            unique_by=lambda session: session.name,
        ).map(tuple),
        days=st.sampled_from([(), DAYS]),
        source=st.text(max_size=12).filter(lambda text: text == "" or text.strip() != ""),
    )
)
def test_a_plan_comes_back_from_its_text(plan: Plan) -> None:
    assert loads(dumps(plan)) == plan
