"""The reader of recordings: what it gives, and how."""

import gzip
import io
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sensor.imu_csv import write_imu_csv
from sensor.recording import RecordingError, open_recording
from sensor.samples import SampleBlock
from tests.sensor.recordings import (
    GOOD,
    HEAD,
    ROWS,
    assert_same,
    lines_of,
    read,
    saved,
    swaying,
    whole,
)

# What is good


def test_reads_values_and_header_exactly(tmp_path: Path) -> None:
    with open_recording(saved(tmp_path, ROWS)) as recording:
        assert recording.meta == {"sensor": "belt"}
        assert_same(whole(recording), GOOD)
        assert not recording.skipped
        assert recording.progress == 1.0


def test_gzip_is_known_by_its_bytes(tmp_path: Path) -> None:
    text = (HEAD + "\n".join(ROWS)).encode()
    block, skipped = read(tmp_path, gzip.compress(text))
    assert_same(block, GOOD)
    assert not skipped


def test_gzip_members_follow_each_other(tmp_path: Path) -> None:
    first, second = (HEAD + "\n".join(ROWS[:600])).encode(), "\n".join(["", *ROWS[600:]]).encode()
    block, skipped = read(tmp_path, gzip.compress(first) + gzip.compress(second) + bytes(512))
    assert_same(block, GOOD)
    assert not skipped


def test_reads_an_accelerometer_alone(tmp_path: Path) -> None:
    only = SampleBlock(GOOD.t_s, GOOD.acc, None)
    head = "# format: imu-csv/1\nt,acc_x,acc_y,acc_z\n"
    assert_same(read(tmp_path, head + "\n".join(lines_of(only)))[0], only)


def test_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    order = [4, 1, 0, 6, 3, 2, 5]
    lines = [HEAD.splitlines()[2], *ROWS]
    turned = [",".join(np.array(line.split(","))[order]) for line in lines]
    block, skipped = read(tmp_path, "# format: imu-csv/1\n" + "\n".join(turned))
    assert_same(block, GOOD)
    assert not skipped


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r\r\n"),
        lambda text: text.replace(",", ",\t"),
        lambda text: "\ufeff" + text,
        lambda text: text + "\n\n \n",
        lambda text: text.replace(",", ", "),
        lambda text: text.replace("# ", "#").replace("t,acc", " t , acc", 1),
        lambda text: text.rstrip("\n"),
    ],
    ids=["crlf", "crcrlf", "tabs", "bom", "blank end", "spaces", "tight", "no last newline"],
)
def test_spelling_does_not_matter(tmp_path: Path, change: Callable[[str], str]) -> None:
    block, skipped = read(tmp_path, change(HEAD + "".join(f"{row}\n" for row in ROWS)))
    assert_same(block, GOOD)
    assert not skipped


def test_every_way_to_write_a_number_is_exact(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows: list[str] = []
    for t in np.arange(3000) / 100:
        values = rng.normal((0, 0, 9.8, 0, 0, 0), 1)
        forms = ["%r", "%.17g", "%.3f", "%.6e", "%+.2f", "%d"]
        texts = [rng.choice(forms[: 1 + len(rows) // 500]) % float(value) for value in values]
        rows.append(",".join([repr(float(t)), *texts]))
    block, skipped = read(tmp_path, rows)
    expected = np.array([[float(text) for text in row.split(",")] for row in rows])
    assert not skipped
    assert_same(block, SampleBlock(expected[:, 0], expected[:, 1:4], expected[:, 4:]))


@pytest.mark.parametrize("spoilt", ["0.0", "0", "x"])
def test_no_value_is_minus_zero(tmp_path: Path, spoilt: str) -> None:
    rows = [f"{row.split(',')[0]},-0.00000,-0.0,9.81,-0.0,0.0,0.0" for row in ROWS]
    rows[600] = f"6.0,-0.0,-0.0,9.81,0.0,0.0,{spoilt}"
    block, _ = read(tmp_path, rows)
    assert block.gyr is not None
    assert not np.signbit(block.acc).any()
    assert not np.signbit(block.gyr).any()


# Blocks


@pytest.mark.parametrize("samples", [1, 7, 10, 500, 999, 1200, 5000])
def test_blocks_hold_what_was_asked_for(tmp_path: Path, samples: int) -> None:
    with open_recording(saved(tmp_path, ROWS)) as recording:
        blocks = list(recording.blocks(samples))
    lengths = [len(block) for block in blocks]
    assert lengths[:-1] == [samples] * (len(blocks) - 1)
    assert 0 < lengths[-1] <= samples
    gyrs = [block.gyr for block in blocks if block.gyr is not None]
    for block in blocks:
        for part in (block.t_s, block.acc, block.gyr):
            assert part is not None
            assert part.flags.c_contiguous
            assert part.dtype == np.float64
    t_s = np.concatenate([block.t_s for block in blocks])
    acc = np.concatenate([block.acc for block in blocks])
    assert_same(SampleBlock(t_s, acc, np.concatenate(gyrs)), GOOD)


def test_a_block_without_samples_is_refused(tmp_path: Path) -> None:
    with (
        open_recording(saved(tmp_path, ROWS)) as recording,
        pytest.raises(ValueError, match="at least one sample"),
    ):
        recording.blocks(0)


def test_plain_and_gzip_give_the_same_blocks(tmp_path: Path) -> None:
    """Many chunks, with bad rows at their borders too."""
    rows = lines_of(swaying(30_000))
    for number in range(7, len(rows), 7):
        rows[number] = rows[number].replace(",", ",nan,", 1) if number % 2 else rows[number - 1]
    text = (HEAD + "\n".join(rows)).encode()
    plain, zipped = read(tmp_path, text), read(tmp_path, gzip.compress(text, 1))
    assert_same(plain[0], zipped[0])
    assert plain[1] == zipped[1]
    assert plain[1].keys() == {"wrong number of fields", "time stands still"}


def test_memory_does_not_grow_with_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "long.csv.gz"
    part = swaying(10_000)
    shifted = (SampleBlock(part.t_s + 100 * n, part.acc, part.gyr) for n in range(30))
    write_imu_csv(path, shifted, {})
    tracemalloc.start()
    with open_recording(path) as recording:
        samples = sum(len(block) for block in recording.blocks(1000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert samples == 300_000
    assert peak < 5e6


def test_progress_follows_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.csv.gz"
    write_imu_csv(path, [swaying(40_000)], {})
    with open_recording(path) as recording:
        seen = [recording.progress or 0.0 for _ in recording.blocks(1000)]
    assert seen == sorted(seen)
    assert 0 < seen[0] < 0.5
    assert seen[-1] == 1.0


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_reads_standard_input(
    pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pack((HEAD + "\n".join(ROWS)).encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    with open_recording("-") as recording:
        assert recording.progress is None
        assert_same(whole(recording), GOOD)
    assert not sys.stdin.closed


def test_names_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(RecordingError, match=r"^standard input: is empty"):
        open_recording("-")
