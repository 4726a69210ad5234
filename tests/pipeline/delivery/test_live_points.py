import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.live_points import PUBLISHER, LivePoints
from pipeline.delivery.sinks import Point, Refused, SinkUnavailableError

STATE: dict[str, Any] = {
    "session": "s1",
    "started_us": 1_700_000_000_000_000,
    "next": {
        "athlete": "ben",
        "exercise": "glute_bridge",
        "variant": "banded",
        "load_kg": None,
        "targets": {"reps": 12, "tempo": "3-1-X-2", "hold_s": None, "velocity_loss_pct": None},
    },
    "running": {
        "open": True,
        "athlete": "anna",
        "exercise": "hip_thrust",
        "variant": "",
        "values": {
            "set": 4,
            "load_kg": 60,
            "target_reps": 8,
            "target_tempo": None,
            "target_hold_s": 2.0,
            "target_velocity_loss_pct": None,
        },
    },
}
LIVE: dict[str, Any] = {
    "session": "s1",
    "at_s": 12.345678,
    "phase": "top",
    "phase_s": 1.0,
    "hold_s": None,
    "pitch_deg": 55,
    "set": 1,
    "reps": 3,
}
SENSOR: dict[str, Any] = {
    "available": True,
    "phase": "streaming",
    "text": "streaming",
    "time_us": 1_700_000_012_000_000,
    "battery_pct": 80,
    "rssi_dbm": -60,
    "rate_hz": None,
    "lost": 2,
    "loss_pct": 0.1,
}


HEALTH: dict[str, Any] = {
    "ok": False,
    "problems": ["no broker", "no disk"],
    "time_us": 1_700_000_013_000_000,
    "publisher": dict.fromkeys(PUBLISHER, 3) | {"lag_s": None, "published": 7},
    "store": None,
}


class _Kept:
    """A database that keeps points in a list."""

    name = "list"

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.away = False

    def check(self) -> None:
        """It is there."""

    def write(self, points: Sequence[Point]) -> list[Refused]:
        if self.away:
            raise SinkUnavailableError("away")
        self.points += points
        return []

    def close(self) -> None:
        """Nothing to close."""


def _written(*came: tuple[str, object], away: bool = False) -> tuple[list[Point], int]:
    sink = _Kept()
    sink.away = away
    live = LivePoints(sink)
    live.start()
    for name, content in came:
        live.take(f"hiprep/v1/home/belt/{name}", json.dumps(content).encode())
    live.close(10)
    return sink.points, live.dropped


def test_a_sample_is_of_who_lifts_and_stands_where_the_session_says() -> None:
    (point,), _ = _written(("state", STATE), ("live", LIVE))
    assert point.measurement == "live"
    assert point.tags == {
        "athlete": "anna",
        "exercise": "hip_thrust",
        "variant": "standard",
        "device": "belt",
        "site": "home",
    }
    assert point.time_ns == 1_700_000_012_345_678_000
    assert point.fields == {
        "session": "s1",
        "phase": "top",
        "phase_s": 1.0,
        "pitch_deg": 55.0,
        "set": 1.0,
        "reps": 3.0,
        "set_key": "s1-4",
        "load_kg": 60.0,
        "target_reps": 8.0,
        "target_hold_s": 2.0,
    }


@pytest.mark.parametrize(
    ("running", "latest"), [(None, None), ({**STATE["running"], "open": False}, "s1-4")]
)
def test_between_sets_it_is_of_who_comes_next(running: object, latest: str | None) -> None:
    (point,), _ = _written(("state", {**STATE, "running": running}), ("live", LIVE))
    assert (point.tags["athlete"], point.tags["variant"]) == ("ben", "banded")
    assert point.fields["target_tempo"] == "3-1-X-2"
    assert (point.fields["target_reps"], point.fields["target_hold_s"]) == (12.0, 2.0)
    assert "load_kg" not in point.fields
    assert point.fields.get("set_key") == latest


@pytest.mark.parametrize(
    ("available", "running", "silent"),
    [(True, True, 0.0), (False, True, 1.0), (False, False, 0.0)],
)
def test_a_sensor_that_is_gone_is_silent_only_while_a_set_runs(
    available: bool, running: bool, silent: float
) -> None:
    state = {**STATE, "running": {**STATE["running"], "open": running}}
    (point,), _ = _written(("state", state), ("sensor", {**SENSOR, "available": available}))
    assert point.fields["silent_in_set"] == silent


def test_a_service_is_told_by_its_problems_and_queues() -> None:
    (point,), _ = _written(("health", HEALTH))
    assert (point.measurement, point.tags) == ("service", {"service": "belt", "site": "home"})
    assert point.time_ns == 1_700_000_013_000_000_000
    assert point.fields == {
        "ok": 0.0,
        "problems": 2.0,
        "text": "no broker; no disk",
        **{f"publisher_{name}": 3.0 for name in PUBLISHER if name != "lag_s"},
    }


def test_of_a_service_that_is_well_nothing_else_is_said() -> None:
    well = {**HEALTH, "ok": True, "problems": [], "publisher": None}
    (point,), _ = _written(("health", well))
    assert point.fields == {"ok": 1.0, "problems": 0.0, "text": "all is well"}


def test_the_health_of_a_sensor_is_of_no_athlete() -> None:
    (point,), _ = _written(("sensor", SENSOR))
    assert (point.measurement, point.tags) == ("sensor", {"device": "belt", "site": "home"})
    assert point.time_ns == 1_700_000_012_000_000_000
    assert point.fields["battery_pct"] == 80.0
    assert "rate_hz" not in point.fields


def test_a_sample_of_a_session_that_nobody_told_of_is_dropped() -> None:
    assert _written(("live", LIVE)) == ([], 1)
    assert _written(("state", STATE), ("live", {**LIVE, "session": "s2"})) == ([], 1)


def test_what_a_database_does_not_take_is_dropped_and_counted() -> None:
    assert _written(("state", STATE), ("live", LIVE), away=True) == ([], 1)


def test_names_that_would_break_a_line_are_dropped() -> None:
    state = {**STATE, "running": {**STATE["running"], "athlete": "anna,x=1 y=2\nrep"}}
    assert _written(("state", state), ("live", LIVE)) == ([], 1)


@given(st.sampled_from(["state", "live", "sensor", "health"]), st.binary())
def test_foreign_bytes_are_dropped(name: str, payload: bytes) -> None:
    live = LivePoints(_Kept())
    live.take(f"hiprep/v1/home/belt/{name}", payload)
    assert live.dropped == 1


@given(
    st.sampled_from([("live", LIVE), ("sensor", SENSOR), ("health", HEALTH), ("state", STATE)]),
    st.data(),
    st.none() | st.integers() | st.floats() | st.text() | st.lists(st.integers()),
)
def test_any_value_in_any_place_raises_nothing(
    came: tuple[str, dict[str, Any]], data: st.DataObject, value: object
) -> None:
    name, content = came
    key = data.draw(st.sampled_from(sorted(content)))
    live = LivePoints(_Kept())
    live.take("hiprep/v1/home/belt/state", json.dumps(STATE).encode())
    live.take(f"hiprep/v1/home/belt/{name}", json.dumps({**content, key: value}).encode())
    live._write()
