from collections import defaultdict
from dataclasses import replace
from functools import cache
from itertools import pairwise
from statistics import median

import pytest

from pipeline.events import PHASES, Event, Gap, Rep, RepWithdrawn, SetSummary
from sensor.simulator import SessionSpec, scenario
from tests.pipeline.moved import DOWN, UP, move, rep
from tests.pipeline.recorded import (
    counted,
    cut,
    fed,
    final,
    live,
    lost,
    part,
    replayed,
    samples,
    sets,
    tracker,
    true_reps,
)

REPS = move(*rep(), *rep(), *rep(), (3.0, 0.0, 0.0)).samples
SPECS = [
    scenario(11, "standard"),
    scenario(12, "paused"),
    scenario(13, "explosive"),
    scenario(14, "partials"),
    scenario(15, "standard", exercise="squat"),
    replace(scenario(16, "standard"), gyro=False),
]
EVERY = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.exercise}-{spec.name}")


@cache
def lives(spec: SessionSpec) -> list[tuple[float, Event]]:
    return live(samples(spec), spec.exercise)


@EVERY
def test_revisions_rise_and_the_id_stays(spec: SessionSpec) -> None:
    by_id: dict[str, list[int]] = defaultdict(list)
    gone = set()
    for _, event in lives(spec):
        if isinstance(event, Rep):
            assert event.id not in gone, "what was taken back stays away"
            by_id[event.id].append(event.revision)
        elif isinstance(event, RepWithdrawn):
            assert event.id in by_id, "only what was published is taken back"
            gone.add(event.id)
    assert by_id
    for revisions in by_id.values():
        assert revisions == sorted(set(revisions))
        assert revisions[0] in (0, 2)
    seen_live = [revisions for revisions in by_id.values() if revisions[0] == 0]
    assert sum(revisions == [0, 1, 2] for revisions in seen_live) >= 0.7 * len(seen_live)


@EVERY
def test_nothing_is_said_before_it_has_happened(spec: SessionSpec) -> None:
    for at_s, event in lives(spec):
        if isinstance(event, Rep):
            known = (event.concentric_end_s, event.eccentric_start_s, event.end_s)
            assert at_s >= max(time_s for time_s in known if time_s is not None)
        elif isinstance(event, SetSummary):
            assert at_s >= event.end_s


@EVERY
def test_refined_reps_come_just_before_their_set(spec: SessionSpec) -> None:
    events = [event for _, event in lives(spec)]
    for k, event in enumerate(events):
        if isinstance(event, SetSummary):
            reps = events[k - event.reps - event.partials : k]
            assert all(isinstance(one, Rep) and one.revision == 2 for one in reps)
            assert all(isinstance(one, Rep) and one.set == event.set for one in reps)
    assert sets(events)
    assert sum(one.reps for one in sets(events)) == len(counted(events))
    assert [one.set for one in sets(events)] == list(range(1, len(sets(events)) + 1))


@EVERY
def test_every_rep_holds_together(spec: SessionSpec) -> None:
    found = final(event for _, event in lives(spec))
    shown: dict[int, int] = defaultdict(int)
    for one in found:
        assert one.exercise == spec.exercise
        assert one.concentric_s == pytest.approx(one.concentric_end_s - one.concentric_start_s)
        assert one.concentric_s > 0.0
        assert one.end_s is None or one.start_s < one.end_s
        assert 0.0 <= one.confidence <= 1.0
        assert all(character.isalnum() or character in "-_" for character in one.id)
        if one.eccentric_s is not None:
            assert one.eccentric_s > 0.0
        assert (one.rep is None) == one.partial
        if one.rep is not None:
            shown[one.set] += 1
            assert one.rep == shown[one.set]
    for before, after in pairwise(found):
        assert before.end_s is not None
        assert before.end_s <= after.start_s + 1e-9


def test_the_first_lockout_is_published_while_it_is_held() -> None:
    (at_s, first), (over_s, second), *_ = live(REPS)
    assert isinstance(first, Rep)
    assert isinstance(second, Rep)
    assert (first.revision, first.rep, first.set, first.partial) == (0, 1, 1, False)
    assert 4.75 < at_s < 5.15
    assert first.concentric_start_s == first.start_s == pytest.approx(4.03, abs=0.06)
    assert first.concentric_end_s == pytest.approx(4.77, abs=0.06)
    assert first.rom_deg == pytest.approx(55.0, abs=2.0)
    open_fields = ("eccentric_start_s", "eccentric_end_s", "end_s", "top_pause_s", "eccentric_s")
    assert all(getattr(first, name) is None for name in open_fields)
    assert (second.id, second.revision) == (first.id, 1)
    assert 6.4 < over_s < 6.8
    assert second.end_s == second.eccentric_end_s == pytest.approx(6.46, abs=0.06)


def test_final_values_of_a_movement_made_by_hand() -> None:
    events = replayed(REPS)
    assert len(counted(events)) == 3
    for k, one in enumerate(counted(events)):
        start_s = 4.0 + 3.0 * k
        assert one.concentric_start_s == pytest.approx(start_s + 0.03, abs=0.01)
        assert one.concentric_end_s == pytest.approx(start_s + 0.77, abs=0.01)
        assert one.eccentric_start_s == pytest.approx(start_s + 1.345, abs=0.01)
        assert one.eccentric_end_s == pytest.approx(start_s + 2.455, abs=0.01)
        assert one.rom_deg == pytest.approx(55.0, abs=0.3)
        assert one.displacement_m == pytest.approx(0.33, abs=0.005)
        assert one.mean_velocity_mps == pytest.approx(0.33 / 0.74, abs=0.01)
        assert one.peak_velocity_mps == pytest.approx(1.875 * 0.33 / 0.8, abs=0.02)
        assert one.top_pause_s == pytest.approx(0.575, abs=0.02)
        assert one.velocity_loss_pct == pytest.approx(0.0, abs=1.0)
        assert one.faults == ()
    *bottoms, last = [one.bottom_pause_s for one in counted(events)]
    assert bottoms == [pytest.approx(0.575, abs=0.02)] * 2
    assert last is None
    (summary,) = sets(events)
    assert summary.reps == 3
    assert (summary.start_s, summary.end_s) == (
        counted(events)[0].start_s,
        counted(events)[-1].end_s,
    )
    pauses = [one.top_pause_s for one in counted(events) if one.top_pause_s is not None]
    assert summary.tempo.top_pause_s == median(pauses)
    assert abs(summary.axis[1]) > 0.999
    assert summary.axis[1] > 0, "the pitch grows as the hips rise"
    assert summary.zero[2] > 0.999


def test_velocity_loss_is_against_the_fastest_rep_so_far() -> None:
    paces = (0.9, 0.7, 1.0)
    steps = [part for s in paces for part in [(s, *UP[1:]), (0.5, *UP[1:]), DOWN, (0.5, 0.0, 0.0)]]
    found = counted(replayed(move(*steps, (3.0, 0.0, 0.0)).samples))
    loss = [one.velocity_loss_pct for one in found]
    assert loss == [0.0, 0.0, pytest.approx(100 * (1 - 0.7 / 1.0), abs=2.0)]


@EVERY
def test_the_loss_is_said_at_once_by_what_was_said_of_the_set_so_far(spec: SessionSpec) -> None:
    fastest: dict[int, float] = defaultdict(float)
    seen = set()
    for _, event in lives(spec):
        if isinstance(event, Rep) and event.revision == 0 and not event.partial:
            velocity = event.mean_velocity_mps
            assert velocity is not None
            best = fastest[event.set] = max(velocity, fastest[event.set])
            assert event.velocity_loss_pct == pytest.approx(100 * (best - velocity) / best)
            seen.add(event.id)
    assert seen


def test_status_follows_the_lifter() -> None:
    to = tracker()
    seen = {}
    for k, block in enumerate(cut(REPS, [10] * (len(REPS) // 10))):
        to.feed(block)
        seen[k / 10] = to.status()
        assert to.status().phase in PHASES
        assert to.status().phase_s >= 0.0
    assert (seen[3.0].phase, seen[3.0].set, seen[3.0].reps) == ("idle", None, 0)
    assert seen[3.0].pitch_deg is None
    assert (seen[5.1].phase, seen[5.1].set, seen[5.1].reps) == ("top", 1, 1)
    assert seen[5.1].pitch_deg == pytest.approx(55.0, abs=2.0)
    assert seen[5.1].phase_s == pytest.approx(0.35, abs=0.15)
    assert seen[6.2].phase == "eccentric"
    assert seen[6.8].phase == "bottom"
    assert seen[7.6].phase == "concentric"
    assert seen[11.2].reps == 3
    to.finish()
    assert (to.status().set, to.status().reps) == (None, 0)


def test_a_single_rep_is_taken_back_when_no_other_follows() -> None:
    alone = move(*rep(), (25.0, 0.0, 0.0)).samples
    events = live(alone)
    (at_s, withdrawn) = events[-1]
    assert isinstance(withdrawn, RepWithdrawn)
    assert 6.4 + 15.0 < at_s < 6.4 + 17.0
    assert final(event for _, event in events) == []
    kept = live(alone, min_reps=1)
    assert [type(event) for _, event in kept] == [Rep, Rep, Rep, SetSummary]


def test_ticks_close_a_set_when_no_samples_come() -> None:
    to = tracker()
    last_s = float(REPS.t_s[-1])
    fed(to, cut(REPS, [len(REPS)]))
    assert to.tick(last_s + 59.0) == []
    closed = to.tick(last_s + 60.5)
    assert [one.reps for one in sets(closed)] == [3]
    assert to.tick(last_s + 120.0) == to.finish() == []


def test_finish_closes_what_is_open_and_only_once() -> None:
    to = tracker()
    fed(to, cut(REPS, [len(REPS)]))
    assert [one.reps for one in sets(to.finish())] == [3]
    assert to.finish() == []
    assert tracker().finish() == tracker().tick(100.0) == []


def test_a_recording_that_ends_at_the_top_keeps_the_rep() -> None:
    open_end = part(REPS, 0, 1120)  # the third lockout is at 10.77 s
    found = counted(replayed(open_end))
    assert len(found) == 3
    assert (found[-1].eccentric_start_s, found[-1].top_pause_s) == (None, None)


def test_ids_name_sensor_session_algorithm_and_place() -> None:
    first = next(event for _, event in live(REPS) if isinstance(event, Rep))
    assert first.id.startswith("sensor-session-1-")
    assert int(first.id.rsplit("-", 1)[1]) == pytest.approx(4.0 * 50, abs=6)


def test_a_long_gap_is_an_event_and_a_short_one_is_not() -> None:
    events = replayed(lost(REPS, (1.0, 1.3), (6.6, 7.6)))
    (gap,) = [event for event in events if isinstance(event, Gap)]
    assert gap.start_s == pytest.approx(6.59)
    assert gap.end_s == pytest.approx(7.6)


def test_lockouts_are_published_in_time_first_reps_included() -> None:
    late = []
    for seed in range(20, 32):
        spec = scenario(seed, ("standard", "tempo", "explosive", "paused")[seed % 4])
        first_s = [
            (at_s, event.concentric_end_s)
            for at_s, event in lives(spec)
            if isinstance(event, Rep) and event.revision == 0
        ]
        for truth in true_reps(spec):
            top_s = truth["concentric_end_s"]
            late += [at_s - top_s for at_s, found_s in first_s if abs(found_s - top_s) < 0.3]
    assert len(late) > 90
    assert sorted(late)[len(late) // 2] <= 0.2
    assert sorted(late)[int(0.95 * len(late))] <= 0.35
    assert min(late) > -0.02, "none earlier than the top"
