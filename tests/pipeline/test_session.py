"""Records in, events out: what was said live is what a replay says, whatever happened between."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from pipeline.events import Event, Gap, Rep, SetSummary, to_json
from pipeline.exercises import load
from pipeline.replay import published
from pipeline.session import Session
from pipeline.tracker import Tracker
from sensor import drivers
from sensor.faults import Faults
from sensor.raw_writer import RawWriter
from sensor.recording import open_recording
from sensor.records import Connected, Disconnected, End, Packet, Record, Tick
from sensor.samples import SampleBlock
from sensor.simulator import SessionSpec, SetPlan, Simulation
from sensor.simulator.packets import model_session
from tests.pipeline.recorded import final
from tests.sensor.raw_recordings import moved

SPEC = SessionSpec(
    sets=(SetPlan(reps=5), SetPlan(reps=4, faults=("", "", "over_arch", ""))),
    around=False,
    rest_s=20.0,
    seed=11,
)

Known = list[tuple[float, Event]]

every_driver = pytest.mark.parametrize("name", drivers.names())


@cache
def made(name: str) -> tuple[Simulation, tuple[Record, ...]]:
    simulation, records = model_session(name, SPEC)
    return simulation, tuple(records)


def tracker() -> Tracker:
    return Tracker(load("hip_thrust"), sensor="belt", session="s")


def live(records: tuple[Record, ...]) -> Known:
    session = Session(tracker())
    return [known for record in records for known in session.take(record)]


def replayed(path: Path, samples: int = 1) -> Known:
    with open_recording(path) as recording:
        return list(published(recording.moments(samples), tracker()))


def recorded(folder: Path, records: tuple[Record, ...]) -> Path:
    writer = RawWriter(folder / "a.hiprec", {"sensor": "belt", "session": "s"})
    for record in records:
        writer.append(record)
    return writer.close()


def dropped(records: tuple[Record, ...], start_s: float, length_s: float) -> tuple[Record, ...]:
    """The link is gone for a while; time ticks on."""
    start_us, end_us = round(start_s * 1e6), round((start_s + length_s) * 1e6)
    (setup,) = (one.setup for one in records if isinstance(one, Connected))
    away: list[Record] = [Disconnected(start_us, "the connection was lost")]
    away += [Tick(at_us) for at_us in range(start_us + 1_000_000, end_us, 1_000_000)]
    before = [one for one in records if one.at_us < start_us]
    after = [one for one in records if one.at_us >= end_us]
    return (*before, *away, Connected(end_us, setup), *after)


def reps(events: Known) -> list[Rep]:
    return final(event for _, event in events)


def sizes(events: Known) -> list[int]:
    return [event.reps for _, event in events if isinstance(event, SetSummary)]


@every_driver
def test_a_replay_says_what_was_said_live(name: str, tmp_path: Path) -> None:
    _, records = made(name)
    said = live(records)
    assert sizes(said) == [5, 4]
    assert replayed(recorded(tmp_path, records)) == said


@every_driver
def test_also_where_the_link_was_gone_in_the_middle_of_a_set(name: str, tmp_path: Path) -> None:
    simulation, records = made(name)
    third = simulation.truth["sets"][0]["reps"][2]
    broken = dropped(records, third["start_s"] - 0.2, 3.0)
    said = live(broken)
    assert replayed(recorded(tmp_path, broken)) == said
    assert any(isinstance(event, Gap) for _, event in said)
    first, second = sizes(said)
    assert 3 <= first <= 5, "the set goes on after the drop"
    assert second == 4


def test_also_where_the_sensor_stayed_away_until_the_set_was_closed(tmp_path: Path) -> None:
    simulation, records = made("witmotion")
    third = simulation.truth["sets"][0]["reps"][2]
    late = tuple(
        moved(one, one.at_us + 70_000_000) if one.at_us > third["start_s"] * 1e6 else one
        for one in records
    )
    start_us = round(third["start_s"] * 1e6)
    ticks = tuple(Tick(start_us + k * 1_000_000) for k in range(1, 70))
    setup = next(one.setup for one in records if isinstance(one, Connected))
    broken = (
        *(one for one in late if one.at_us <= start_us),
        Disconnected(start_us, "silent for 3 s"),
        *ticks,
        Connected(start_us + 70_000_000, setup),
        *(one for one in late if one.at_us > start_us),
    )
    said = live(broken)
    assert sizes(said) == [2, 3, 4]
    closed_s = next(at_s for at_s, event in said if isinstance(event, SetSummary))
    assert start_us * 1e-6 + 60 <= closed_s <= start_us * 1e-6 + 62, "a tick closed it"
    assert replayed(recorded(tmp_path, broken)) == said


def test_a_crash_costs_only_what_was_not_said_yet(tmp_path: Path) -> None:
    _, records = made("polar")
    said = live(records)
    writer = RawWriter(tmp_path / "a.hiprec", {})
    for record in records[: len(records) // 2]:
        writer.append(record)
    found = replayed(tmp_path / "a.hiprec")
    before = [known for known in said if known[0] <= records[len(records) // 2 - 1].at_us * 1e-6]
    assert found[: len(before)] == before
    assert len(sizes(found)) >= 1
    writer.close()


@every_driver
def test_blocks_of_any_size_give_the_same_events(name: str, tmp_path: Path) -> None:
    path = recorded(tmp_path, made(name)[1])
    events = [event for _, event in replayed(path)]
    for samples in (10, 1000, 10**9):
        assert [event for _, event in replayed(path, samples)] == events


@every_driver
def test_packets_give_the_reps_of_the_samples_in_them(name: str) -> None:
    simulation, records = made(name)
    direct = tracker()
    expected = [event for block in simulation.blocks(10) for event in direct.feed(block)]
    wanted = final(expected + direct.finish())
    found = reps(live(records))
    assert len(found) == len(wanted) == 9
    for one, other in zip(found, wanted, strict=True):
        assert one.faults == other.faults
        assert one.rom_deg == pytest.approx(other.rom_deg, abs=0.5)
        assert one.concentric_s == pytest.approx(other.concentric_s, abs=0.02)
        assert one.displacement_m == pytest.approx(other.displacement_m, abs=0.02)
        # Bursts and the radio's delay move all times alike, by less than two of its intervals.
        assert one.start_s == pytest.approx(other.start_s, abs=0.1)


WITH_TIME = [name for name in drivers.names() if drivers.load(name).clock == "device"]


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        *((name, Faults(drop=0.02, burst=2, seed=3)) for name in drivers.names()),
        *((name, Faults(corrupt=0.002, seed=4)) for name in drivers.names()),
        # Without a time in the packets nobody can know their order, or a repeat from new samples.
        *((name, Faults(duplicate=0.05, seed=1)) for name in WITH_TIME),
        *((name, Faults(reorder=0.02, seed=2)) for name in WITH_TIME),
    ],
)
def test_a_bad_radio_costs_no_set(name: str, faults: Faults) -> None:
    _, records = made(name)
    found = sizes(live(tuple(faults.records(records))))
    assert len(found) == 2
    assert abs(found[0] - 5) <= 1
    assert abs(found[1] - 4) <= 1


@every_driver
def test_what_is_known_of_the_radio_is_counted(name: str) -> None:
    _, records = made(name)
    session = Session(tracker())
    kept = list(Faults(drop=0.05, seed=5).records(records))
    for record in kept:
        session.take(record)
    stream = session.stream
    if drivers.load(name).clock == "none":
        assert stream.lost is None
    else:
        assert stream.lost is not None
        gone = 1 - sum(isinstance(one, Packet) for one in kept) / len(records)
        lost = stream.lost / (stream.samples + stream.lost)
        # Where a packet comes in two parts, losing one of them loses both.
        assert 0.6 * gone < lost < 2.2 * gone


def test_records_before_a_connection_are_counted_not_lost_silently() -> None:
    session = Session(tracker())
    assert session.take(Packet(0, 0, b"\x00")) == []
    assert session.stream.skipped.total() == 1


def test_a_session_of_nothing_says_nothing() -> None:
    session = Session(tracker())
    for record in (Tick(1_000_000), Disconnected(2, ""), End(3_000_000)):
        assert session.take(record) == []
    assert session.stream.rate_hz is None
    assert session.stream.lost is None


def test_a_driver_that_is_not_known_is_named() -> None:
    _, records = made("dot")
    first = records[0]
    assert isinstance(first, Connected)
    strange = replace(first, setup=replace(first.setup, driver="wii"))
    with pytest.raises(ValueError, match="wii"):
        Session(tracker()).take(strange)


def test_events_of_a_session_can_be_written() -> None:
    assert all(to_json(event)["type"] for _, event in live(made("dot")[1]))


def test_without_a_tracker_samples_are_counted_only() -> None:
    simulation, records = made("dot")
    session = Session(None)
    assert [known for record in records for known in session.take(record)] == []
    assert session.stream.samples == len(simulation.t_s)


def test_blocks_of_a_recording_hold_every_sample(tmp_path: Path) -> None:
    simulation, records = made("open_sensor")
    with open_recording(recorded(tmp_path, records)) as recording:
        blocks: list[SampleBlock] = list(recording.blocks(100))
    assert sum(map(len, blocks)) == pytest.approx(len(simulation.t_s), abs=20)
