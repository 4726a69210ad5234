"""Recordings of packets as samples."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sensor import drivers
from sensor.checks import RecordingError
from sensor.faults import Faults
from sensor.raw_recording import RawRecording
from sensor.raw_writer import RawWriter
from sensor.recording import open_recording
from sensor.records import Connected, Disconnected, End, Packet, Record, Tick
from sensor.samples import Moment, joined
from sensor.simulator import SessionSpec, SetPlan, Simulation
from sensor.simulator.packets import model_session

SPEC = SessionSpec(sets=(SetPlan(reps=2),), around=False, seed=1)
META = {"sensor": "belt-7", "exercise": "squat"}


@cache
def session(name: str = "dot") -> tuple[Simulation, tuple[Record, ...]]:
    simulation, records = model_session(name, SPEC)
    return simulation, tuple(records)


def recorded(folder: Path, *records: Record) -> Path:
    writer = RawWriter(folder / "a.hiprec", META)
    for record in records:
        writer.append(record)
    return writer.close()


def moments(path: Path, samples: int = 1, faults: Faults | None = None) -> list[Moment]:
    with open_recording(path, faults) as recording:
        return list(recording.moments(samples))


@pytest.mark.parametrize("name", drivers.names())
def test_it_gives_the_samples_at_their_times(name: str, tmp_path: Path) -> None:
    simulation, records = session(name)
    with open_recording(recorded(tmp_path, *records)) as recording:
        assert isinstance(recording, RawRecording)
        assert recording.meta == META
        block = joined(list(recording.blocks()))
        assert recording.stream.setup is not None
        assert recording.stream.setup.driver == name
        assert recording.progress == 1.0
        # Where the two sensors of a part are not read together, the last may have no partner.
        assert recording.skipped.total() <= 1
    assert (np.diff(block.t_s) > 0).all()
    assert (block.gyr is None) == (simulation.gyr is None)
    # A last packet that is not full was not sent.
    missing_s = (len(simulation.t_s) - len(block)) * (simulation.t_s[1] - simulation.t_s[0])
    assert 0 <= missing_s < 1.5
    length_s = simulation.t_s[-1] - simulation.t_s[0] - missing_s
    assert block.t_s[-1] - block.t_s[0] == pytest.approx(length_s, abs=0.2)


@pytest.mark.parametrize("samples", [7, 100, 10**9])
def test_blocks_of_any_size_hold_the_same_samples(samples: int, tmp_path: Path) -> None:
    path = recorded(tmp_path, *session()[1])
    one = joined([moment.block for moment in moments(path) if len(moment.block)])
    parts = [moment for moment in moments(path, samples) if len(moment.block)]
    other = joined([moment.block for moment in parts])
    assert (one.t_s == other.t_s).all()
    assert (one.acc == other.acc).all()
    assert all(len(moment.block) >= samples for moment in parts[:-1])


@pytest.mark.parametrize("samples", [1, 10**9])
def test_ticks_stay_where_they_were(samples: int, tmp_path: Path) -> None:
    records = session()[1]
    half = len(records) // 2
    at_us = records[half].at_us
    path = recorded(tmp_path, *records[:half], Tick(at_us), Tick(at_us), *records[half:])
    found = moments(path, samples)
    ticks = [index for index, moment in enumerate(found) if moment.tick]
    # What still waited for a packet came with the first of them.
    assert len(ticks) in (1, 2)
    assert found[ticks[0]].at_s == at_us * 1e-6
    before = [moment for moment in found[: ticks[0]] if len(moment.block)]
    assert before[-1].block.t_s[-1] < at_us * 1e-6 < found[-1].at_s


def test_the_end_is_the_last_moment(tmp_path: Path) -> None:
    last = moments(recorded(tmp_path, *session()[1][:-1], End(10**9)), 10**9)[-1]
    assert (last.at_s, last.tick) == (1000.0, False)


def test_faults_befall_its_packets(tmp_path: Path) -> None:
    path = recorded(tmp_path, *session()[1])
    whole = sum(len(one.block) for one in moments(path))
    faults = Faults(drop=0.3, seed=1)
    lossy = sum(len(one.block) for one in moments(path, 1, faults))
    assert 0.6 * whole < lossy < 0.8 * whole
    assert sum(len(one.block) for one in moments(path, 1, faults)) == lossy


def test_damaged_packets_and_a_damaged_file_are_counted(tmp_path: Path) -> None:
    first, *rest = session()[1]
    packets = [one for one in rest if isinstance(one, Packet)]
    short = packets[100]._replace(data=packets[100].data[:7])
    path = recorded(tmp_path, first, *packets[:100], short, *packets[101:])
    with open_recording(path) as recording:
        list(recording.blocks())
        assert recording.skipped.total() == 1
    path.write_bytes(path.read_bytes()[:-2000])
    with open_recording(path) as recording:
        list(recording.blocks())
        assert recording.skipped.total() == 2


@pytest.mark.parametrize(
    "records",
    [(), (Tick(10),), (session()[1][0], Tick(10), Disconnected(20, "gone")), session()[1][1:]],
    ids=["nothing", "ticks", "a connection", "packets of no connection"],
)
def test_without_a_sample_it_cannot_be_used(records: tuple[Record, ...], tmp_path: Path) -> None:
    path = recorded(tmp_path, *records)
    with pytest.raises(RecordingError, match="holds no samples") as caught:
        moments(path)
    assert str(caught.value).startswith(str(path))


def test_a_driver_that_is_not_known_here_is_named(tmp_path: Path) -> None:
    first, *rest = session()[1]
    assert isinstance(first, Connected)
    strange = replace(first, setup=replace(first.setup, driver="wii"))
    with pytest.raises(RecordingError, match=r"wii.*update hiprep"):
        moments(recorded(tmp_path, strange, *rest))
