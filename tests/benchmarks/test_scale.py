"""The report on scale: its archive is what it says, and its tables are right sums."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.archive.found import found
from pipeline.archive.work import process
from tests.benchmarks.scale_archive import MAKES, part_of, write_archive
from tests.benchmarks.scale_paper import (
    HOURS,
    SENSORS,
    Measured,
    Said,
    archive_limits,
    archive_rows,
    cores_fed,
    figure,
    said_in_an_hour,
    sensor_limits,
    sensor_rows,
)
from tests.benchmarks.scale_runs import serial

PLAIN = Measured(
    said=Said(messages=3600, message_bytes=3_600_000, points=3600, line_bytes=1000, fields=36_000),
    gateway_cores=0.01,
    recording_bytes=5e6,
    store_points_s=1000.0,
    result_bytes=1e5,
    core_s=3.6,
    keep_s=0.01,
    recording_hours=0.5,
    efficiency=1.0,
)


def number(cell: str) -> float:
    return float(cell.replace(",", ""))


def test_copies_are_recordings_of_their_own_and_the_last_breaks_off(tmp_path: Path) -> None:
    paths = write_archive(tmp_path / "archive", 2 * len(MAKES) + 1, 1.0)
    results = [process(job) for job in found([str(tmp_path / "archive")]).jobs()]
    assert len(results) == len(paths)
    assert [result.error is None for result in results] == [True] * (len(paths) - 1) + [False]
    assert len({result.session for result in results}) == len(paths)
    assert len({rep.id for result in results for rep in result.reps}) == sum(
        len(result.reps) for result in results
    )
    for make, result in zip(MAKES, results, strict=False):
        assert result.seconds == pytest.approx(60, abs=1), make
        assert result.reps, make


def test_a_part_of_an_archive_has_the_same_recordings(tmp_path: Path) -> None:
    paths = write_archive(tmp_path / "archive", 3, 0.5)
    part = part_of(tmp_path / "part", paths[:2], deadly=True)
    names = [path.name for path in sorted(part.iterdir())]
    assert names == [paths[0].name, paths[1].name, "deadly.hiprec.gz"]


def test_work_is_no_more_than_the_time_it_took(tmp_path: Path) -> None:
    write_archive(tmp_path / "archive", 2, 0.5)
    run = serial(tmp_path / "archive", tmp_path / "out")
    assert run.totals.recordings == 2
    assert 0 < run.efficiency <= 1.05


def test_every_figure_that_is_taken_from_another_report_is_there() -> None:
    live = "one WitMotion at 100 Hz, `hiprep live`, tracked and recorded, 30 s: no terminal"
    assert 0 < figure("sensors.md", live, 1) < 100
    assert figure("sensors.md", "witmotion | 60 min", 3) > 0
    assert figure("delivery.md", "store, from the first receipt to the last", 1) > 100
    with pytest.raises(AssertionError, match="has no row"):
        figure("sensors.md", "no such thing", 1)


def test_what_is_said_in_an_hour_is_more_than_its_reps_and_less_than_its_packets() -> None:
    said = said_in_an_hour()
    # 15 % of an hour in sets of ten reps in half a minute: 18 of them.
    assert 180 < said.messages < 10 * 180
    assert said.message_bytes > said.line_bytes > 180 * 100


def test_rows_of_sensors_are_products() -> None:
    for sensors, row in zip(SENSORS, sensor_rows(PLAIN), strict=True):
        assert number(row[2]) == pytest.approx(sensors * 0.01 / 0.5)
        assert number(row[3]) == pytest.approx(sensors)
        assert number(row[6]) == pytest.approx(sensors / 1000 / 0.5)


def test_rows_of_archives_are_products() -> None:
    for hours, row in zip(HOURS, archive_rows(PLAIN), strict=True):
        assert number(row[1]) == pytest.approx(2 * hours)
        assert number(row[2]) == pytest.approx(hours / 1000)
        assert number(row[5]) == pytest.approx(hours * 0.005, rel=0.06)
    slower = replace(PLAIN, efficiency=0.5)
    assert number(next(archive_rows(slower))[2]) == pytest.approx(2.0)
    assert cores_fed(PLAIN) == pytest.approx(180)


def test_what_breaks_is_told_once_and_in_order() -> None:
    for limits, rows in (
        (sensor_limits(PLAIN), sensor_rows(PLAIN)),
        (archive_limits(PLAIN), archive_rows(PLAIN)),
    ):
        assert [limit.at for limit in limits] == sorted(limit.at for limit in limits)
        told = "; then ".join(row[-1] for row in rows if row[-1] != "nothing more").split("; then ")
        within = [limit.breaks for limit in limits if limit.at <= 1_000_000]
        assert told == within
