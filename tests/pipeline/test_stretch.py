import numpy as np
import pytest

from pipeline.orientation import FRAME_S, Frames, Orientation
from pipeline.stretch import History
from sensor.samples import SampleBlock
from tests.pipeline.moved import move, rep
from tests.pipeline.recorded import lost, part


def frames(*, gyro: bool = True, gap_s: float = 0.0) -> list[Frames]:
    """Two reps, in one piece or with a gap on the way up of the second."""
    whole = move(*rep(), *rep(), (2.0, 0.0, 0.0)).samples
    if not gyro:
        whole = SampleBlock(whole.t_s, whole.acc, None)
    if not gap_s:
        return [Orientation().update(whole)]
    whole = lost(whole, (7.2, 7.2 + gap_s))
    k = int(np.searchsorted(whole.t_s, 7.2))
    orientation = Orientation()
    first = orientation.update(part(whole, 0, k))
    orientation.restart()
    return [first, orientation.update(part(whole, k, len(whole)))]


def kept(*pieces: Frames) -> History:
    history = History()
    for piece in pieces:
        history.append(piece)
    return history


def blank(start: int, count: int) -> Frames:
    """`count` frames at rest, numbers `start` and on."""
    up = np.tile([0.0, 0.0, 1.0], (count, 1))
    t_s = FRAME_S * np.arange(start + 1.0, start + count + 1.0)
    still = np.zeros((count, 3))
    return Frames(t_s, 9.81 * up, still, still, up, np.zeros(count), np.zeros(count, dtype=bool))


@pytest.mark.parametrize("gyro", [True, False])
def test_a_stretch_is_a_part_of_the_stream_oriented_again(gyro: bool) -> None:
    (all_of_it,) = frames(gyro=gyro)
    history = kept(all_of_it)
    found = history.stretch(2.0, 300)
    assert found.frames.t_s[0] == pytest.approx(2.0, abs=FRAME_S)
    assert found.frames.t_s[-1] == all_of_it.t_s[299]
    assert len(found.frames) == 300 - found.first == len(found.hole)
    assert found.has_gyr == gyro
    assert not found.hole.any()
    assert (found.frames.t_s == all_of_it.t_s[found.first : 300]).all()


def test_what_came_in_pieces_is_what_came_at_once() -> None:
    (all_of_it,) = frames()
    fields = ("t_s", "acc", "gyr_raw", "gyr", "up", "acc_up_mps2", "bridged")
    history = History()
    for k in range(0, len(all_of_it), 7):
        history.append(Frames(*(getattr(all_of_it, name)[k : k + 7] for name in fields)))
    one, other = kept(all_of_it).stretch(0.0, 400), history.stretch(0.0, 400)
    assert (one.frames.up == other.frames.up).all()
    assert (one.frames.acc_up_mps2 == other.frames.acc_up_mps2).all()


def test_a_hole_is_filled_on_the_grid_and_marked() -> None:
    pieces = frames(gap_s=1.0)
    found = kept(*pieces).stretch(0.0, sum(len(piece) for piece in pieces))
    t_s = found.frames.t_s
    np.testing.assert_allclose(np.diff(t_s), FRAME_S, atol=FRAME_S / 2)
    assert found.hole.sum() == pytest.approx(50, abs=2)
    inside = (t_s > 7.23) & (t_s < 8.19)
    assert found.hole[inside].all()
    assert not found.hole[(t_s < 7.17) | (t_s > 8.25)].any()
    np.testing.assert_allclose(np.linalg.norm(found.frames.up, axis=1), 1.0)
    assert (found.frames.gyr[found.hole] == 0.0).all()
    assert (found.frames.acc_up_mps2[found.hole] == 0.0).all()
    assert found.frames.bridged[found.hole].all()
    assert np.isfinite(found.frames.acc).all()
    assert found.has_gyr


def test_old_frames_are_dropped_and_their_numbers_stay() -> None:
    history = History()
    for k in range(0, 100_000, 500):
        history.append(blank(k, 500))
        history.drop_before(history.last_s - 40.0)
    assert 2_000 <= len(history) <= 2 * 2_000 + 500
    assert history.last_s == pytest.approx(2_000.0)
    found = history.stretch(1_990.0, 100_000)
    assert found.first == pytest.approx(99_500, abs=1)
    assert found.frames.t_s[0] == pytest.approx(FRAME_S * (found.first + 1))


def test_a_state_is_small_and_its_own() -> None:
    (all_of_it,) = frames()
    history = kept(all_of_it)
    state = history.state()
    assert state["rows"].nbytes == len(history) * 64
    other = History()
    other.restore(state)
    expected = history.stretch(0.0, 300).frames.up
    state["rows"][:] = 0.0
    assert (other.stretch(0.0, 300).frames.up == expected).all()
    assert (history.stretch(0.0, 300).frames.up == expected).all()
    other.append(blank(10_000, 10))
    assert len(other) == len(history) + 10
