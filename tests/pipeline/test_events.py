import json
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from pipeline.events import PHASES, Event, Gap, Rep, RepWithdrawn, Status, to_json
from tests.pipeline.made import rep, summary

# Contract, section 3, and the tilt.
REP_FIELDS = """
type id set rep exercise revision partial start_s concentric_start_s concentric_end_s
eccentric_start_s eccentric_end_s end_s concentric_s top_pause_s eccentric_s bottom_pause_s
rom_deg displacement_m mean_velocity_mps peak_velocity_mps velocity_loss_pct faults confidence
tilt_deg
"""
SET_FIELDS = {"type", "set", "exercise", "reps", "start_s", "end_s", "tempo"}
TEMPO_FIELDS = ["eccentric_s", "bottom_pause_s", "concentric_s", "top_pause_s"]
EVENTS: tuple[Event, ...] = (rep(1), rep(None), RepWithdrawn("a"), summary(), Gap(1.0, 3.0))


def test_a_rep_has_the_fields_of_the_contract() -> None:
    assert list(to_json(rep(3))) == REP_FIELDS.split()
    found = to_json(rep(3, faults=("sag",)))
    assert found["type"] == "rep"
    assert (found["rep"], found["revision"], found["partial"]) == (3, 2, False)
    assert found["faults"] == ["sag"]


def test_a_set_has_the_fields_of_the_contract() -> None:
    found = to_json(summary(8, faults={"sag": 2}))
    assert set(found) >= SET_FIELDS
    assert found["type"] == "set"
    assert found["reps"] == 8
    assert list(found["tempo"]) == TEMPO_FIELDS
    assert found["faults"] == {"sag": 2}


def test_a_withdrawal_and_a_gap_are_short() -> None:
    assert to_json(RepWithdrawn("a")) == {"type": "rep_withdrawn", "id": "a"}
    gap = {"type": "gap", "start_s": 1.0, "end_s": 3.0}
    assert to_json(Gap(1.0, 3.0)) == gap


@pytest.mark.parametrize("event", EVENTS)
def test_json_holds_plain_values_and_comes_back(event: Event) -> None:
    found = to_json(event)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_times_are_rounded_to_a_millisecond_and_values_to_four_digits() -> None:
    exact = replace(rep(1), start_s=1.23456789, rom_deg=57.123456, mean_velocity_mps=0.412349)
    found = to_json(exact)
    assert (found["start_s"], found["rom_deg"], found["mean_velocity_mps"]) == (
        1.235,
        57.1235,
        0.4123,
    )
    axis = to_json(replace(summary(), axis=(0.123456, 0.0, 0.99235)))["axis"]
    assert axis == [0.1235, 0.0, 0.9923]
    tempo = replace(summary().tempo, top_pause_s=0.123456)
    assert to_json(replace(summary(), tempo=tempo))["tempo"]["top_pause_s"] == 0.123


def test_what_is_not_known_is_null() -> None:
    open_rep = replace(rep(1), end_s=None, eccentric_start_s=None, top_pause_s=None)
    assert to_json(open_rep)["end_s"] is None
    assert to_json(rep(None))["rep"] is None
    assert to_json(rep(None))["partial"] is True


@pytest.mark.parametrize("event", [*EVENTS, Status(1.0, "idle", 0.0, None, None, 0)])
def test_events_are_values(event: Event | Status) -> None:
    assert event == replace(event)
    for field in fields(event):
        with pytest.raises(FrozenInstanceError):
            setattr(event, field.name, None)
    assert PHASES == ("idle", "bottom", "concentric", "top", "eccentric")


def test_a_rep_is_told_from_its_next_revision() -> None:
    assert rep(1) != replace(rep(1), revision=3)
    assert len({rep(1), rep(2), replace(rep(1))}) == 2
    assert isinstance(rep(1), Rep)
