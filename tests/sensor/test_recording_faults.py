"""Bad recordings: rows passed over and counted, or one clear line."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from sensor.recording import RecordingError, open_recording
from sensor.samples import SampleBlock
from tests.sensor.recordings import (
    GOOD,
    HEAD,
    ROWS,
    assert_same,
    lines_of,
    read,
    refusal,
    refused,
    saved,
    swaying,
)

TEXT = (HEAD + "".join(f"{row}\n" for row in ROWS)).encode()


def without(gone: list[int]) -> SampleBlock:
    assert GOOD.gyr is not None
    t_s, acc, gyr = (np.delete(part, gone, axis=0) for part in (GOOD.t_s, GOOD.acc, GOOD.gyr))
    return SampleBlock(t_s, acc, gyr)


def scaled(acc: float = 1.0, gyr: float = 1.0, samples: int = 1200) -> list[str]:
    block = swaying(samples)
    assert block.gyr is not None
    return lines_of(SampleBlock(block.t_s, acc * block.acc, gyr * block.gyr))


# Rows passed over


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("6.0,nan,0.0,9.81,0.0,0.0,0.0", "not a number"),
        ("6.0,0.0,0.0,9.81,inf,0.0,0.0", "not a number"),
        ("6.0,0.0,0.0,9.81,0.0,1e400,0.0", "not a number"),
        ("6.0,0.0,,9.81,0.0,0.0,0.0", "not a number"),
        ("6.0,0.0,0.0,9.81,0.0,0.0,-", "not a number"),
        ("6.0,0.0,0.0,9.81,0.0,0.0,1-2.0", "not a number"),
        ("6.0,0.0,0.0,9.81,0.0,0.0,1_0.0", "not a number"),
        ("6.0,0.0,0.0,9.81,0.0,0.0,1.0.0", "not a number"),
        ("6.0,0.0,0.0,9.81,0.0,0.0,1 2.0", "not a number"),
        ("6.0,0.0,0.0,rest,0.0,0.0,0.0", "not a number"),
        ("6.0,0.0,0.0,9.81,0.0,0.0,\0", "not a number"),
        ("# t,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z", "not a number"),
        ("6.0,0.0,0.0,9.81,0.0,0.0", "wrong number of fields"),
        ("6.0,0.0,0.0,9.81,0.0,0.0,0.0,0.0", "wrong number of fields"),
        ("6.0", "wrong number of fields"),
        ("6.0,5000.0,0.0,9.81,0.0,0.0,0.0", "impossible value"),
        ("6.0,0.0,0.0,9.81,0.0,0.0,-300.0", "impossible value"),
        ("5.98,0.0,0.0,9.81,0.0,0.0,0.0", "time goes backwards"),
        ("-1.0,0.0,0.0,9.81,0.0,0.0,0.0", "time goes backwards"),
        ("700.0,0.0,0.0,9.81,0.0,0.0,0.0", "time goes backwards"),
        ("1e19,0.0,0.0,9.81,0.0,0.0,0.0", "time goes backwards"),
        (ROWS[599], "time stands still"),
        ("5.99,0.1,0.0,9.81,0.0,0.0,0.0", "time stands still"),
    ],
)
def test_a_bad_row_is_counted_and_its_neighbours_kept(
    tmp_path: Path, row: str, reason: str
) -> None:
    block, skipped = read(tmp_path, [*ROWS[:600], row, *ROWS[601:]])
    assert skipped == {reason: 1}
    assert_same(block, without([600]))


@pytest.mark.parametrize("row", [0, 1, 1198, 1199])
def test_a_bad_row_may_be_the_first_or_the_last(tmp_path: Path, row: int) -> None:
    rows = ROWS.copy()
    rows[row] = "error"
    block, skipped = read(tmp_path, rows)
    assert skipped == {"wrong number of fields": 1}
    assert_same(block, without([row]))


def test_a_row_too_short_and_one_too_long_do_not_make_up_for_each_other(tmp_path: Path) -> None:
    rows = ROWS.copy()
    rows[10] = ROWS[10].rpartition(",")[0]
    rows[11] = ROWS[11] + ",0.0"
    block, skipped = read(tmp_path, rows)
    assert skipped == {"wrong number of fields": 2}
    assert_same(block, without([10, 11]))


def test_swapped_rows_cost_one(tmp_path: Path) -> None:
    rows = ROWS.copy()
    rows[300:302] = rows[301], rows[300]
    block, skipped = read(tmp_path, rows)
    assert skipped == {"time goes backwards": 1}
    assert_same(block, without([301]))


def test_after_a_step_back_rows_count_again_when_time_has_caught_up(tmp_path: Path) -> None:
    block, skipped = read(tmp_path, ROWS[:800] + ROWS[500:])
    assert skipped == {"time goes backwards": 299, "time stands still": 1}
    assert_same(block, GOOD)


def test_every_row_twice(tmp_path: Path) -> None:
    block, skipped = read(tmp_path, [row for row in ROWS for _ in range(2)])
    assert skipped == {"time stands still": 1200}
    assert_same(block, GOOD)


def test_a_line_that_never_ends_is_passed_over(tmp_path: Path) -> None:
    block, skipped = read(tmp_path, [*ROWS[:600], "1" * 1_000_000, *ROWS[600:]])
    assert skipped == {"line too long": 1}
    assert_same(block, GOOD)


def test_a_gap_is_no_fault(tmp_path: Path) -> None:
    block, skipped = read(tmp_path, ROWS[:3] + ROWS[700:])
    assert not skipped
    assert_same(block, without(list(range(3, 700))))


def test_what_came_before_a_gzip_breaks_off_is_read(tmp_path: Path) -> None:
    rows = lines_of(swaying(20_000))
    packed = gzip.compress((HEAD + "\n".join(rows)).encode())
    for end in (len(packed) // 2, len(packed) - 3):
        block, skipped = read(tmp_path, packed[:end])
        assert skipped == {"gzip cut off, the rest is missing": 1}
        assert len(block) > 19_000 * end / len(packed)
        assert_same(block, swaying(len(block)))


@pytest.mark.parametrize("at", [0.8, 1.0])
def test_what_came_before_a_damage_of_a_gzip_is_read(tmp_path: Path, at: float) -> None:
    rows = lines_of(swaying(20_000))
    packed = gzip.compress((HEAD + "\n".join(rows)).encode())
    place = int(at * len(packed))
    block, skipped = read(tmp_path, packed[:place] + b"\xff" * 100 + packed[place:])
    assert skipped["gzip damaged, the rest is unreadable"] == 1
    assert np.array_equal(block.t_s[:15_000], swaying(15_000).t_s)
    assert np.array_equal(block.acc[:15_000], swaying(15_000).acc)


# Files refused


def test_refuses_what_cannot_be_opened(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv") == "cannot be read: No such file or directory"
    assert refusal(tmp_path) == "cannot be read: Is a directory"


def test_a_name_cannot_break_the_line(tmp_path: Path) -> None:
    with pytest.raises(RecordingError) as caught:
        open_recording(tmp_path / "two\nlines.csv")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (gzip.compress(b""), "is empty"),
        (b"\n\n", "has no format line"),
        (TEXT.split(b"\n", 1)[1], "'# format: imu-csv/1'"),
        (TEXT.replace(b"imu-csv/1", b"imu-csv/2"), "format 'imu-csv/2': only imu-csv/1"),
        (b"# format: imu-csv/1\n# sensor: x\n", "has no column line"),
        (b"# format: imu-csv/1\n" + b"# a: b\n" * 100_000, "has no column line"),
        (TEXT.replace(b"acc_y,", b"", 1), "missing: 'acc_y'"),
        (TEXT.replace(b",gyr_z", b"", 1), "missing: 'gyr_z'"),
        (TEXT.replace(b"gyr_z", b"gyr_x", 1), "missing: 'gyr_z'; twice: 'gyr_x'"),
        (TEXT.replace(b"gyr_z", b"gyr_z,mag_x", 1), "unknown: 'mag_x'"),
        (TEXT.replace(b"t,acc_x", b"time,ax", 1), "missing: 't, acc_x'; unknown: 'time, ax'"),
        (TEXT.replace(b"t,", b"t;", 1), "unknown: 't;acc_x'"),
        (b"# format: imu-csv/1\n" + b"1" * 1_000_000, "wrong columns"),
        (bytes(10_000), "is not UTF-8 text"),
        (bytes(range(256)) * 100, "is not UTF-8 text"),
        (TEXT.decode().encode("utf-16"), "is not UTF-8 text"),
        (gzip.compress(gzip.compress(TEXT)), "is not UTF-8 text"),
        (gzip.compress(TEXT)[:15], "gzip cut off, the rest is missing: get an undamaged copy"),
        (b"\x1f\x8b" + bytes(1000), "gzip damaged"),
        (HEAD.encode(), "holds no samples"),
        (HEAD.encode() + bytes(1_000_000), "cannot be used (1 line too long)"),
        (HEAD.encode() + b"a,b\n" * 1_000_000, "wrong number of fields"),
    ],
)  # fmt: skip
def test_refuses_what_is_no_recording(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason in refused(tmp_path, content)


def test_a_faulty_header_is_refused_when_opened(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="missing: 'acc_y'"):
        open_recording(saved(tmp_path, TEXT.replace(b"acc_y,", b"", 1)))


# Samples refused


def test_refuses_less_than_a_second(tmp_path: Path) -> None:
    assert "holds only 98 usable samples" in refused(tmp_path, ROWS[:98])
    assert "holds only 1 usable samples" in refused(tmp_path, ROWS[:1])
    assert len(read(tmp_path, ROWS[:100])[0]) == 100


@pytest.mark.parametrize("rate_hz", [24.6, 25, 52, 104, 400, 407])
def test_reads_every_rate_there_is(tmp_path: Path, rate_hz: float) -> None:
    block = swaying(2000, rate_hz)
    assert_same(read(tmp_path, lines_of(block))[0], block)


@pytest.mark.parametrize(
    ("rate_hz", "reason"),
    [
        (10, "its rate is 10 Hz, outside of 25 to 400 Hz: record or resample"),
        (24, "24 Hz"),
        (412, "Hz, outside"),
        (1000, "1000 Hz"),
        (0.1, "0.1 Hz, outside of 25 to 400 Hz: t looks like milliseconds, divide it by 1000"),
        (1e-4, "t looks like microseconds, divide it by 1000000"),
    ],
)
def test_refuses_a_rate_out_of_range(tmp_path: Path, rate_hz: float, reason: str) -> None:
    assert reason in refused(tmp_path, lines_of(swaying(500, rate_hz)))


def test_refuses_when_most_rows_are_bad(tmp_path: Path) -> None:
    rows = [row if number % 3 == 0 else "nan" + row for number, row in enumerate(ROWS)]
    told = refused(tmp_path, rows)
    assert told.startswith("800 of its first")
    assert "rows cannot be used (800 not a number): check that" in told


def test_refuses_a_time_that_is_none(tmp_path: Path) -> None:
    turned = HEAD.replace("t,acc_x", "acc_x,t") + "\n".join(ROWS)
    assert "time stands still" in refused(tmp_path, turned)


@pytest.mark.parametrize(
    ("factor", "reason"),
    [
        (
            1 / 9.80665,
            "median norm is 1, not about 9.8: they look like g, multiply them by 9.80665",
        ),
        (1.5 / 9.80665, "they look like g"),
        (1000 / 9.80665, "they look like mg, multiply them by 0.00980665"),
        (16384 / 9.80665, "convert them to m/s2"),
        (0.0, "gravity included"),
    ],
)
def test_refuses_accelerations_in_another_unit(tmp_path: Path, factor: float, reason: str) -> None:
    told = refused(tmp_path, scaled(acc=factor))
    assert told.startswith("acc_* cannot be m/s2")
    assert reason in told
    assert "gyr_*" not in told


@pytest.mark.parametrize("factor", [0.4, 1.33, 2.9])
def test_accepts_accelerations_that_are_not_far_off(tmp_path: Path, factor: float) -> None:
    assert len(read(tmp_path, scaled(acc=factor))[0]) == 1200


@pytest.mark.parametrize("samples", [150, 1200])
def test_refuses_angular_rates_in_degrees(tmp_path: Path, samples: int) -> None:
    told = refused(tmp_path, scaled(gyr=np.degrees(1), samples=samples))
    assert told.startswith("gyr_* cannot be rad/s")
    assert "they look like deg/s, multiply them by 0.0174533" in told


def test_degrees_are_found_when_the_motion_begins(tmp_path: Path) -> None:
    still = np.tile((0.0, 0.0, 9.81), (3000, 1))
    block = swaying(3000)
    assert block.gyr is not None
    gyr = np.vstack((np.zeros((3000, 3)), np.degrees(block.gyr)))
    t_s = np.concatenate((block.t_s, block.t_s + 30))
    rows = lines_of(SampleBlock(t_s, np.vstack((still, block.acc)), gyr))
    with (
        open_recording(saved(tmp_path, rows)) as recording,
        pytest.raises(RecordingError, match="deg/s"),
    ):
        assert sum(1 for _ in recording.blocks(1000)) >= 3


def test_both_units_wrong_are_told_at_once(tmp_path: Path) -> None:
    told = refused(tmp_path, scaled(acc=1 / 9.80665, gyr=np.degrees(1)))
    assert "they look like g," in told
    assert "they look like deg/s" in told


def test_an_offset_a_spike_and_a_fast_turn_are_not_degrees(tmp_path: Path) -> None:
    block = swaying(1200)
    assert block.gyr is not None
    gyr = block.gyr + 0.15
    gyr[::200, 0] = 90.0
    gyr[:, 2] += 6.0 * (block.t_s > 6)
    upright = np.tile((0.0, 0.0, 9.81), (1200, 1))
    assert len(read(tmp_path, lines_of(SampleBlock(block.t_s, upright, gyr)))[0]) == 1200


def test_refuses_groups_exchanged(tmp_path: Path) -> None:
    head = "# format: imu-csv/1\nt,gyr_x,gyr_y,gyr_z,acc_x,acc_y,acc_z\n"
    assert "that of gyr_* is: name the columns" in refused(tmp_path, head + "\n".join(ROWS))
