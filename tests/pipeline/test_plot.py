import struct
from pathlib import Path

import numpy as np
import pytest

from pipeline.events import Event, Gap
from pipeline.plot import Trace, draw
from sensor.recording import open_recording
from tests.pipeline.made import rep, summary, write_recording


def size_px(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    trace = Trace()
    with open_recording(write_recording(tmp_path / "a.csv", reps=5)) as recording:
        for _ in trace.watch(recording.moments(250)):
            pass
    return trace


def test_a_trace_passes_blocks_on_and_knows_where_up_was(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.csv")
    with open_recording(path) as recording:
        moments = list(recording.moments(250))
    trace = Trace()
    assert list(trace.watch(moments)) == moments
    t_s, up = trace.between(5.05, 5.45)
    assert np.allclose(np.diff(t_s), 0.02)
    # 55 deg up, about y.
    assert np.allclose(up, (-0.819, 0.0, 0.574), atol=0.02)


def test_a_gap_breaks_the_line(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.csv")
    with open_recording(path) as recording:
        moments = list(recording.moments(250))
    trace = Trace()
    for _ in trace.watch([moments[0], moments[2]]):
        pass
    _, up = trace.between(0.0, 10.0)
    assert np.isnan(up).any(axis=1).sum() == 1


def test_the_plot_has_a_row_for_the_whole_and_one_for_each_set(
    tmp_path: Path, trace: Trace
) -> None:
    events: list[Event] = [
        Gap(2.0, 2.2),
        rep(1),
        rep(2, faults=("over_arch", "sag")),
        rep(None),
        summary(2),
    ]
    draw(tmp_path / "one.png", trace, events, "one")
    draw(tmp_path / "two.png", trace, [*events, rep(1, in_set=2), summary(1, in_set=2)], "two")
    width, height = size_px(tmp_path / "one.png")
    assert 1000 < width < 3000
    wide, high = size_px(tmp_path / "two.png")
    assert wide == width
    assert height < high < 2 * height


def test_a_long_set_is_cut_into_rows_that_can_be_read(tmp_path: Path, trace: Trace) -> None:
    long = [rep(number) for number in range(1, 41)]
    draw(tmp_path / "long.png", trace, [*long, summary(40)], "long")
    draw(tmp_path / "short.png", trace, [rep(1), rep(2), summary(2)], "short")
    assert size_px(tmp_path / "long.png")[1] > 1.5 * size_px(tmp_path / "short.png")[1]


@pytest.mark.parametrize("events", [[], [Gap(1.0, 2.0)]])
def test_nothing_found_and_nothing_there_make_a_picture_too(
    tmp_path: Path, trace: Trace, events: list[Event]
) -> None:
    draw(tmp_path / "a.png", trace, events, "none")
    draw(tmp_path / "b.png", Trace(), events, "empty")
    assert size_px(tmp_path / "a.png") == size_px(tmp_path / "b.png")
