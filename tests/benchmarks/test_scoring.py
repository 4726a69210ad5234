import numpy as np
import pytest

from tests.benchmarks.figures import estimate, rms
from tests.benchmarks.goals import CONFOUNDER_FIGURES, MODEL_FIGURES
from tests.benchmarks.intervals import bootstrap, poisson_rate, wilson
from tests.benchmarks.scoring import Json, Score, final_reps, match_windows, score


def true_rep(start_s: float, **fields: object) -> Json:
    return {
        "partial": False,
        "start_s": start_s,
        "concentric_start_s": start_s,
        "concentric_end_s": start_s + 1.0,
        "eccentric_start_s": start_s + 1.5,
        "eccentric_end_s": start_s + 2.5,
        "end_s": start_s + 2.5,
        "top_pause_s": 0.5,
        "rom_deg": 55.0,
        "faults": [],
        **fields,
    }


def rep_event(name: str, start_s: float, revision: int = 2, **fields: object) -> Json:
    known = {"top_pause_s": 0.5, "confidence": 0.9, "at_s": start_s + 20.0}
    return {
        **true_rep(start_s),
        "type": "rep",
        "id": name,
        "revision": revision,
        **known,
        **fields,
    }


def set_event(start_s: float, end_s: float, reps: int) -> Json:
    return {"type": "set", "start_s": start_s, "end_s": end_s, "reps": reps, "at_s": end_s + 15}


def truth_of(*sets: list[Json]) -> Json:
    return {"kind": "standard", "sets": [{"exercise": "hip_thrust", "reps": s} for s in sets]}


def value(name: str, scores: list[Score]) -> float:
    every = (*MODEL_FIGURES, *CONFOUNDER_FIGURES)
    figure = next(one for one in every if one.name == name)
    result = estimate(figure, scores)
    assert result is not None
    return result.value


def test_a_perfect_recording_has_no_error() -> None:
    starts = [10.0, 13.0, 16.0]
    live = [rep_event(f"r{s}", s) for s in starts] + [set_event(10.0, 18.5, 3)]
    result = score(truth_of([true_rep(s) for s in starts]), live, 60.0)
    assert [one.error for one in result.sets] == [0]
    assert not result.missed
    assert not result.false
    assert value("boundaries, final: MAE", [result]) == 0
    assert value("set count exact", [result]) == 100


def test_errors_are_found_minus_true() -> None:
    live = [rep_event("a", 10.04, rom_deg=53.0)]
    result = score(truth_of([true_rep(10.0)]), live, 60.0)
    assert result.reps[0].errors["concentric_start_s"] == pytest.approx(0.04)
    assert result.reps[0].errors["rom_deg"] == pytest.approx(-2.0)
    assert value("boundaries, final: bias", [result]) == pytest.approx(40.0)


def test_every_rep_is_matched_once_and_the_whole_overlap_is_largest() -> None:
    # The second of the found overlaps both of the true ones: it is the second.
    assert match_windows([(0, 2), (2, 4)], [(0, 1.2), (1.4, 3.6)]) == [(0, 0), (1, 1)]
    assert match_windows([(0, 2)], [(0, 2), (0.1, 2)]) == [(0, 0)]


def test_a_mere_touch_is_no_match() -> None:
    assert match_windows([(0.0, 2.0)], [(1.9, 4.0)]) == []


def test_the_highest_revision_stands_and_withdrawn_reps_are_gone() -> None:
    events = [
        rep_event("a", 10.0, 0),
        rep_event("b", 13.0, 0),
        rep_event("a", 10.1, 2),
        {"type": "rep_withdrawn", "id": "b"},
    ]
    assert [(rep["id"], rep["start_s"]) for rep in final_reps(events)] == [("a", 10.1)]
    assert score(truth_of(), events, 3600.0).withdrawn == 1


def test_missing_and_invented_sets_are_misses() -> None:
    truth = truth_of([true_rep(10.0), true_rep(13.0)], [true_rep(90.0), true_rep(93.0)])
    live = [
        rep_event("a", 10.0),
        rep_event("b", 13.0),
        set_event(10.0, 15.5, 2),
        set_event(50, 60, 2),
    ]
    result = score(truth, live, 120.0)
    assert [one.error for one in result.sets] == [0, None, None]
    assert value("set count exact", [result]) == pytest.approx(100 / 3)
    assert value("set count within 1", [result]) == pytest.approx(100 / 3)
    assert value("first reps found", [result]) == 50


def test_a_set_that_is_split_counts_once() -> None:
    starts = [10.0, 13.0, 16.0, 19.0]
    live = [rep_event(f"r{s}", s) for s in starts]
    live += [set_event(10.0, 15.5, 2), set_event(16.0, 21.5, 2)]
    result = score(truth_of([true_rep(s) for s in starts]), live, 60.0)
    assert value("set count exact", [result]) == 0


def test_partial_reps_are_not_counted() -> None:
    truth = truth_of([true_rep(10.0), true_rep(13.0, partial=True), true_rep(16.0)])
    live = [
        rep_event("a", 10.0),
        rep_event("b", 13.0, partial=True),
        rep_event("c", 16.0),
        set_event(10.0, 18.5, 2),
    ]
    result = score(truth, live, 60.0)
    assert value("set count exact", [result]) == 100
    assert (result.true_partials, result.found_partials, result.matched_partials) == (1, 1, 1)
    counted = [{**event, "partial": False} if event["type"] == "rep" else event for event in live]
    assert [one.start_s for one in score(truth, counted, 60.0).false] == [13.0]


def test_a_counted_rep_that_is_reported_partial_is_missed() -> None:
    result = score(truth_of([true_rep(10.0)]), [rep_event("a", 10.0, partial=True)], 60.0)
    assert len(result.missed) == 1
    assert not result.reps


def test_live_boundaries_are_those_first_shown() -> None:
    unknown = {"eccentric_start_s": None, "eccentric_end_s": None, "end_s": None}
    live = [
        rep_event("a", 10.0, 0, concentric_end_s=11.1, at_s=11.3, **unknown),
        rep_event("a", 10.0, 1, eccentric_end_s=12.4, at_s=12.7),
        rep_event("a", 10.0, 2),
    ]
    result = score(truth_of([true_rep(10.0)]), live, 60.0).reps[0]
    assert result.live_errors["concentric_end_s"] == pytest.approx(0.1)
    assert result.live_errors["eccentric_end_s"] == pytest.approx(-0.1)
    assert result.errors["eccentric_end_s"] == 0
    assert result.latency_s == pytest.approx(0.3)


def test_a_rep_never_shown_live_is_as_late_as_its_set() -> None:
    result = score(truth_of([true_rep(10.0)]), [rep_event("a", 10.0, at_s=40.0)], 60.0)
    assert not result.reps[0].live_errors
    assert value("first reps' live event: p95", [result]) == pytest.approx(29_000)


def test_faults_too_close_to_call_are_left_out() -> None:
    truth = truth_of(
        [
            true_rep(10.0, faults=["sag"]),
            true_rep(13.0, faults=["sag?"]),
            true_rep(16.0),
            true_rep(19.0, faults=["sag"]),
        ]
    )
    live = [
        rep_event("a", 10.0, faults=["sag"]),
        rep_event("b", 13.0, faults=["sag"]),
        rep_event("c", 16.0, faults=["sag"]),
    ]
    result = score(truth, live, 60.0)
    assert value("`sag`: precision", [result]) == pytest.approx(1 / 2)
    assert value("`sag`: recall", [result]) == pytest.approx(1 / 2)
    assert value("`sag`: F1", [result]) == pytest.approx(1 / 2)
    assert value("faults on good reps", [result]) == 100


def test_live_faults_are_those_said_last_before_the_set_was_over() -> None:
    truth = truth_of([true_rep(10.0, faults=["sag"]), true_rep(13.0), true_rep(16.0)])
    live = [
        rep_event("a", 10.0, 0),
        rep_event("a", 10.0, 1, faults=["sag"]),
        rep_event("b", 13.0, 1, faults=["sag"]),
        rep_event("a", 10.0, 2),
        rep_event("b", 13.0, 2),
        rep_event("c", 16.0, 2, faults=["sag"]),
    ]
    result = score(truth, live, 60.0)
    assert value("`sag`, live: precision", [result]) == pytest.approx(1 / 2)
    assert value("`sag`, live: recall", [result]) == 1
    assert value("`sag`: recall", [result]) == 0
    assert value("faults on good reps, live", [result]) == pytest.approx(50)


def test_pauses_are_found_or_not_by_their_length() -> None:
    truth = truth_of([true_rep(10.0), true_rep(13.0, top_pause_s=0.1), true_rep(16.0)])
    live = [
        rep_event("a", 10.0, top_pause_s=0.56),
        rep_event("b", 13.0, top_pause_s=0.4),
        rep_event("c", 16.0, top_pause_s=0.2),
    ]
    result = score(truth, live, 60.0)
    assert value("top pause >= 0.3 s: F1", [result]) == pytest.approx(0.5)
    assert value("top pause >= 0.3 s: MAE", [result]) == pytest.approx((60 + 300) / 2)


def test_holds_are_compared_with_the_top_pause() -> None:
    truth = truth_of([{"hold_start_s": 11.2, "hold_end_s": 11.5}])
    result = score(truth, [rep_event("a", 10.0)], 60.0)
    assert result.reps[0].errors["hold_start_s"] == pytest.approx(-0.2)
    assert result.reps[0].errors["hold_end_s"] == pytest.approx(0.0)


def test_false_reps_are_counted_per_hour() -> None:
    live = [rep_event("a", 10.0), rep_event("b", 13.0), set_event(10.0, 15.5, 2)]
    results = [score(truth_of(), live, 1800.0), score(truth_of(), [], 1800.0)]
    assert value("false reps, final", results) == pytest.approx(2.0)


def test_nothing_measured_is_no_figure() -> None:
    empty = score(truth_of(), [], 60.0)
    assert estimate(MODEL_FIGURES[0], [empty]) is None


def test_intervals_hold_the_value_and_narrow_with_more_of_it() -> None:
    draw = np.random.default_rng(3)
    few = [draw.normal(size=8) for _ in range(10)]
    many = [draw.normal(size=8) for _ in range(200)]
    low, high = bootstrap(many, rms)
    assert low < rms(np.concatenate(many)) < high
    wide = bootstrap(few, rms)
    assert high - low < wide[1] - wide[0]


def test_shares_and_rates_have_the_published_intervals() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(10, 10)[0] == pytest.approx(0.7225, abs=1e-4)
    assert poisson_rate(0, 1.0) == pytest.approx((0.0, 3.6889), abs=1e-4)
    assert poisson_rate(10, 2.0) == pytest.approx((4.7954 / 2, 18.3904 / 2), abs=1e-4)
