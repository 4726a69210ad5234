"""InfluxSink against a real InfluxDB."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.delivery.changes import Change
from pipeline.delivery.influx import InfluxSink
from pipeline.delivery.sinks import (
    Point,
    SinkSettingsError,
    SinkUnavailableError,
    point_of,
    points_of,
)
from pipeline.settings import InfluxSettings
from tests.integration.influx import InfluxServer, influx_server
from tests.integration.mosquitto import free_ports
from tests.pipeline.delivery.made import START_US, message


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as one:
        yield one


@pytest.fixture
def gym(server: InfluxServer) -> Iterator[InfluxServer]:
    """With an empty database."""
    server.query("CREATE DATABASE gym WITH NAME events")
    yield server
    server.query("DROP DATABASE gym")


def _sink(gym: InfluxServer) -> InfluxSink:
    sink = InfluxSink(gym.settings())
    sink.check()
    return sink


def test_a_rep_is_read_back_as_it_was_written(gym: InfluxServer) -> None:
    rep = message(variant="banded", values={"rep": 3, "rom_deg": 57.25, "tempo": 'a "b" ü \\'})
    assert _sink(gym).write([point_of(rep)]) == []
    assert gym.query("SELECT * FROM rep") == [
        {
            "time": point_of(rep).time_ns,
            **point_of(rep).tags,
            "id": rep.id,
            "session": "s1",
            "algorithm": "1",
            "revision": 0,
            "valid": True,
            "rep": 3,
            "rom_deg": 57.25,
            "tempo": 'a "b" ü \\',
            "text": "rep 3",
        }
    ]


def test_a_revision_is_one_point_with_the_newest_values(gym: InfluxServer) -> None:
    sink = _sink(gym)
    for revision in range(3):
        sink.write([point_of(message(revision=revision))])
        sink.write([point_of(message(revision=revision))])
    (row,) = gym.query("SELECT * FROM rep")
    assert (row["revision"], row["rom_deg"]) == (2, 52.0)
    assert row["time"] == point_of(message()).time_ns


def test_a_value_that_is_known_no_more_is_gone(gym: InfluxServer) -> None:
    sink = _sink(gym)
    sink.write([point_of(message(1)), point_of(message(2))])
    new = message(1, revision=1, values={"rom_deg": 51.0})
    sink.write(points_of(Change(message(1), (), new)))
    first, second = gym.query("SELECT * FROM rep")
    assert (first["rep"], first["rom_deg"]) == (None, 51.0)
    assert (second["rep"], second["rom_deg"]) == (2, 50.0)


def test_a_rep_that_moved_is_valid_in_one_place_only(gym: InfluxServer) -> None:
    sink = _sink(gym)
    anna, ben = message(), message(revision=1, athlete="ben", variant="banded")
    sink.write(points_of(Change(None, (), anna)))
    sink.write(points_of(Change(anna, (), ben)))
    told = {row["athlete"]: row["valid"] for row in gym.query("SELECT * FROM rep")}
    assert told == {"anna": False, "ben": True}
    (valid,) = gym.query("SELECT * FROM rep WHERE valid = true")
    assert (valid["athlete"], valid["id"]) == ("ben", ben.id)


def test_of_a_batch_only_the_culprits_are_refused(gym: InfluxServer) -> None:
    sink = _sink(gym)
    sink.write([point_of(message(0))])
    good = [point_of(message(number)) for number in range(1, 40)]
    typed = replace(point_of(message(100)), fields={"rom_deg": "much"})
    late = replace(point_of(message(101)), time_ns=2**63)
    refused = sink.write([*good[:3], typed, *good[3:30], late, *good[30:]])
    assert [one.point for one in refused] == [typed, late]
    assert "rom_deg" in refused[0].reason
    assert len(gym.query("SELECT * FROM rep")) == 40


def test_what_is_older_than_the_database_keeps_is_refused(gym: InfluxServer) -> None:
    gym.query("ALTER RETENTION POLICY events ON gym DURATION 1h SHARD DURATION 1h")
    (refused,) = _sink(gym).write([point_of(message())])
    assert refused.point == point_of(message())
    assert "retention" in refused.reason


def test_many_points_are_all_there(gym: InfluxServer) -> None:
    points = [point_of(message(number)) for number in range(10_000)]
    sink = _sink(gym)
    for start in range(0, len(points), 500):
        assert sink.write(points[start : start + 500]) == []
    assert gym.query("SELECT count(rom_deg) FROM rep")[0]["count"] == 10_000


def test_a_database_that_is_away_is_said_and_takes_more_when_it_is_back(tmp_path: Path) -> None:
    with influx_server(tmp_path) as server:
        server.query("CREATE DATABASE gym WITH NAME events")
        sink = _sink(server)
        sink.write([point_of(message(1))])
        server.kill()
        with pytest.raises(SinkUnavailableError, match=r"^influx\.url: .* is the database running"):
            sink.write([point_of(message(2))])
        server.start()
        sink.write([point_of(message(2))])
        assert len(server.query("SELECT * FROM rep")) == 2


def test_a_wrong_address_names_the_setting() -> None:
    sink = InfluxSink(InfluxSettings(f"http://127.0.0.1:{free_ports(1)[0]}", database="gym"))
    with pytest.raises(SinkUnavailableError, match=r"^influx\.url: .*Connection refused"):
        sink.check()


def test_so_does_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.delivery.influx._TIMEOUT_MS", 100)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(SinkUnavailableError, match=r"^influx\.url: "):
            InfluxSink(InfluxSettings(url, database="gym")).check()


def test_a_wrong_password_names_the_setting(gym: InfluxServer) -> None:
    with pytest.raises(SinkSettingsError, match=r"^influx\.password: "):
        InfluxSink(gym.settings("gym", "wrong")).check()
    with pytest.raises(SinkSettingsError, match=r"^influx\.password: .*ASCII"):
        InfluxSink(gym.settings("gym", "\u0141")).check()


def test_a_user_without_the_right_to_write_names_the_setting(gym: InfluxServer) -> None:
    gym.query("CREATE USER guest WITH PASSWORD 'guest'")
    guest = replace(gym.settings("gym", "guest"), user="guest")
    with pytest.raises(SinkSettingsError, match=r"^influx\.password: .*not authorized"):
        InfluxSink(guest).check()


def test_a_database_that_is_missing_names_the_setting_and_the_cure(gym: InfluxServer) -> None:
    with pytest.raises(SinkSettingsError, match=r"^influx\.database: .*hiprep db init"):
        InfluxSink(gym.settings("nowhere")).check()
    gym.query("CREATE DATABASE bare")
    with pytest.raises(SinkSettingsError, match=r"^influx\.database: .*hiprep db init"):
        InfluxSink(gym.settings("bare")).write([point_of(message())])


def test_https_where_there_is_none_names_the_setting(gym: InfluxServer) -> None:
    wrong = replace(gym.settings(), url=gym.url.replace("http://", "https://"))
    with pytest.raises(SinkSettingsError, match=r"^influx\.url: .*certificate"):
        InfluxSink(wrong).check()


def test_settings_for_another_version_name_the_right_ones(gym: InfluxServer) -> None:
    newer = InfluxSettings(gym.url, "token", org="home", bucket="gym")
    with pytest.raises(SinkSettingsError, match=r"^influx\.bucket: .*influx\.database"):
        InfluxSink(newer).check()


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("1.6.7", r"^influx\.url: .*1\.6\.7.*1\.8 or newer"),
        ("v2.7.11", r"^influx\.database: .*2\.7\.11.*influx\.bucket"),
    ],
)
def test_a_version_that_does_not_fit_is_said(tmp_path: Path, version: str, told: str) -> None:
    with influx_server(tmp_path, version) as server:
        server.query("CREATE DATABASE gym WITH NAME events")
        with pytest.raises(SinkSettingsError, match=told):
            InfluxSink(server.settings()).check()


def test_something_else_at_that_address_is_said(gym: InfluxServer) -> None:
    wrong = replace(gym.settings(), url=f"{gym.url}/grafana")
    with pytest.raises(SinkSettingsError, match=r"^influx\.url: .*no InfluxDB"):
        InfluxSink(wrong).check()


def test_the_time_of_a_point_is_kept_to_the_nanosecond(gym: InfluxServer) -> None:
    times = [START_US * 1000 + one for one in (0, 1, 999)]
    tags = {"athlete": "anna"}
    _sink(gym).write([Point("rep", tags, {"rep": 1.0}, time_ns) for time_ns in times])
    assert [row["time"] for row in gym.query("SELECT * FROM rep")] == times
