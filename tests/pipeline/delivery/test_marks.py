import pytest

from pipeline.delivery.marks import marks
from tests.pipeline.delivery.made import message


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"rep": 3}, "rep 3"),
        ({"rep": 3, "fault_over_arch": 1, "fault_sag": 0}, "rep 3: over-arched"),
        ({"rep": 4, "fault_sag": 1, "fault_short_lockout": 1}, "rep 4: sagged, lockout short"),
        ({"rep": None, "partial": True}, "partial rep"),
        ({"rep": "3"}, "rep ?"),
    ],
)
def test_a_rep_is_told_with_its_faults(values: dict[str, object], text: str) -> None:
    assert marks(message(values=values))["text"] == text


def test_a_set_is_told_with_its_load_if_it_has_one() -> None:
    assert marks(message(kind="set", values={"reps": 8, "load_kg": 62.5}))["text"] == (
        "8 reps with 62.5 kg"
    )
    assert marks(message(kind="set", values={"reps": 8, "load_kg": None}))["text"] == "8 reps"


def test_advice_is_told_by_its_sentence() -> None:
    values = {"set": 2, "rep": None, "when": "set", "text": "Hold: 5 of 8 reps were long enough."}
    found = marks(message(kind="advice", values=values))
    assert found == {"text": "Hold: 5 of 8 reps were long enough.", "set_key": "s1-2"}
    of_session = marks(message(kind="advice", values={**values, "set": None, "text": None}))
    assert of_session == {"text": ""}


def test_what_it_lasted_is_added_to_the_time_that_never_moves() -> None:
    rep = message(time_us=1_700_000_003_000_000, values={"start_s": 3.25, "end_s": 5.0})
    assert marks(rep)["end_ms"] == 1_700_000_003_000 + 1750
    session = message(kind="session", time_us=10**15, values={"start_s": 30.0, "end_s": 90.0})
    assert marks(session)["end_ms"] == 10**12 + 90_000


def test_a_rep_and_its_set_have_one_key() -> None:
    rep, whole = message(values={"set": 2}), message(kind="set", values={"set": 2.0})
    assert marks(rep)["set_key"] == marks(whole)["set_key"] == "s1-2"
    assert "set_key" not in marks(message(kind="session", values={"set": 2}))


@pytest.mark.parametrize("value", [None, "8", True, [1], {"a": 1}, 1e300])
def test_what_cannot_be_told_is_not_there(value: object) -> None:
    found = marks(message(values={"set": value, "start_s": value, "end_s": 3.0}))
    assert found.keys() == {"text"}
