"""One replayed recording against its truth: which rep is which, and how far off. Pure functions.

Events are those of ``hiprep replay --live --json`` (contract, section 3), each with its ``at_s``;
truths are truth files (section 4). Errors are signed: found minus true.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

Json = dict[str, Any]
Window = tuple[float, float]

BOUNDARIES = ("concentric_start_s", "concentric_end_s", "eccentric_start_s", "eccentric_end_s")
MEASURES = (
    "start_s",
    "end_s",
    *BOUNDARIES,
    "concentric_s",
    "top_pause_s",
    "eccentric_s",
    "bottom_pause_s",
    "rom_deg",
    "displacement_m",
    "mean_velocity_mps",
    "peak_velocity_mps",
    "velocity_loss_pct",
)
SAME_REP_OVERLAP = 0.3
"""Least share of the shorter window that two windows of one rep have in common."""


@dataclass(frozen=True, slots=True)
class SetScore:
    """Reps counted in a set: None where there is no such set."""

    true_reps: int | None
    found_reps: int | None

    @property
    def error(self) -> int | None:
        if self.true_reps is None or self.found_reps is None:
            return None
        return self.found_reps - self.true_reps


@dataclass(frozen=True, slots=True)
class RepScore:
    """A true rep that was found.

    errors: final minus true, by field. live_errors: the same for the boundaries as they were
    first shown, before the set was over. latency_s: from the true lockout to the first
    publication. first: the set's first rep. true, found: the fields compared. live_faults: as
    they were said last before the set was over.
    """

    start_s: float
    first: bool
    errors: dict[str, float]
    live_errors: dict[str, float]
    latency_s: float | None
    true_top_pause_s: float | None
    found_top_pause_s: float | None
    true_faults: tuple[str, ...]
    found_faults: tuple[str, ...]
    live_faults: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class MissedRep:
    """A true rep that was not found, or not counted."""

    start_s: float
    first: bool
    true_top_pause_s: float | None
    true_faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FalseRep:
    """A counted rep that is none."""

    start_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Score:
    """All that is measured of one recording; ``withdrawn`` were live reps taken back."""

    duration_s: float
    sets: tuple[SetScore, ...]
    reps: tuple[RepScore, ...]
    missed: tuple[MissedRep, ...]
    false: tuple[FalseRep, ...]
    true_partials: int
    found_partials: int
    matched_partials: int
    withdrawn: int


def final_reps(events: Iterable[Json]) -> list[Json]:
    """The reps as they stand in the end: the highest revision of each, none taken back."""
    latest: dict[str, Json] = {}
    for event in events:
        if event["type"] == "rep":
            known = latest.get(event["id"])
            if known is None or event["revision"] >= known["revision"]:
                latest[event["id"]] = event
        elif event["type"] == "rep_withdrawn":
            latest.pop(event["id"], None)
    return sorted(latest.values(), key=lambda rep: float(rep["start_s"]))


def match_windows(true: Sequence[Window], found: Sequence[Window]) -> list[tuple[int, int]]:
    """Pairs (true index, found index), one to one, with the largest overlap in all."""
    if not true or not found:
        return []
    overlap = np.array([[_overlap_s(a, b) for b in found] for a in true])
    shorter = np.array([[min(a[1] - a[0], b[1] - b[0]) for b in found] for a in true])
    overlap[overlap < SAME_REP_OVERLAP * np.maximum(shorter, 1e-9)] = 0.0
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if overlap[i, j] > 0]


def score(truth: Json, live: Sequence[Json], duration_s: float) -> Score:
    """Score one recording. live: every event in the order in which it was published."""
    true = [(rep, k == 0) for one in truth["sets"] for k, rep in enumerate(one["reps"])]
    holds = any("hold_start_s" in rep for rep, _ in true)
    found = final_reps(live)
    window = _hold_window if holds else _rep_window
    pairs = match_windows([_true_window(rep) for rep, _ in true], [window(r) for r in found])
    partner = dict(pairs)
    reps, missed, counted, partials = [], [], set(), 0
    for i, (rep, first) in enumerate(true):
        match = found[partner[i]] if i in partner else None
        if rep.get("partial", False):
            partials += match is not None and match["partial"]
        elif match is None or match["partial"]:
            missed.append(MissedRep(_true_window(rep)[0], first, *_pause_and_faults(rep)))
        else:
            counted.add(partner[i])
            reps.append(_score_rep(rep, first, match, live))
    return Score(
        duration_s=duration_s,
        sets=tuple(_score_sets(truth, live)),
        reps=tuple(reps),
        missed=tuple(missed),
        false=tuple(
            FalseRep(rep["start_s"], rep["confidence"])
            for j, rep in enumerate(found)
            if j not in counted and not rep["partial"]
        ),
        true_partials=sum(bool(rep.get("partial", False)) for rep, _ in true),
        found_partials=sum(bool(rep["partial"]) for rep in found),
        matched_partials=partials,
        withdrawn=sum(event["type"] == "rep_withdrawn" for event in live),
    )


def _score_sets(truth: Json, live: Sequence[Json]) -> list[SetScore]:
    true = [one["reps"] for one in truth["sets"] if one["reps"]]
    true_reps = [sum(not rep.get("partial", False) for rep in reps) for reps in true]
    found = [event for event in live if event["type"] == "set"]
    spans = [(_true_window(reps[0])[0], _true_window(reps[-1])[1]) for reps in true]
    pairs = match_windows(spans, [(one["start_s"], one["end_s"]) for one in found])
    scores = [SetScore(true_reps[i], found[j]["reps"]) for i, j in pairs]
    matched, used = {i for i, _ in pairs}, {j for _, j in pairs}
    scores += [SetScore(n, None) for i, n in enumerate(true_reps) if i not in matched]
    scores += [SetScore(None, one["reps"]) for j, one in enumerate(found) if j not in used]
    return scores


def _score_rep(true: Json, first: bool, found: Json, live: Sequence[Json]) -> RepScore:
    revisions = [e for e in live if e["type"] == "rep" and e["id"] == found["id"]]
    before = [rep for rep in revisions if rep["revision"] < 2]
    at_s = min((rep["at_s"] for rep in revisions if "at_s" in rep), default=None)
    lockout_s = true.get("concentric_end_s")
    pause_s, faults = _pause_and_faults(true)
    errors = _errors(true, found, MEASURES)
    if "hold_start_s" in true:
        errors |= _hold_errors(true, found)
    return RepScore(
        start_s=_true_window(true)[0],
        first=first,
        errors=errors,
        live_errors=_errors(true, _first_shown(before), BOUNDARIES),
        latency_s=None if at_s is None or lockout_s is None else at_s - lockout_s,
        true_top_pause_s=pause_s,
        found_top_pause_s=found["top_pause_s"],
        true_faults=faults,
        found_faults=tuple(found["faults"]),
        live_faults=tuple(before[-1]["faults"]) if before else (),
        confidence=found["confidence"],
    )


def _first_shown(revisions: Sequence[Json]) -> Json:
    """Each boundary as it was first published."""
    shown: Json = {}
    for rep in revisions:
        for name in BOUNDARIES:
            if shown.get(name) is None:
                shown[name] = rep[name]
    return shown


def _errors(true: Json, found: Json, names: Iterable[str]) -> dict[str, float]:
    both = [n for n in names if true.get(n) is not None and found.get(n) is not None]
    return {name: float(found[name]) - float(true[name]) for name in both}


def _hold_errors(true: Json, found: Json) -> dict[str, float]:
    start_s, end_s = _hold_window(found)
    errors = {
        "hold_start_s": start_s - true["hold_start_s"],
        "hold_end_s": end_s - true["hold_end_s"],
    }
    return errors | {"hold_s": errors["hold_end_s"] - errors["hold_start_s"]}


def _pause_and_faults(true: Json) -> tuple[float | None, tuple[str, ...]]:
    return true.get("top_pause_s"), tuple(true.get("faults", ()))


def _true_window(rep: Json) -> Window:
    if "hold_start_s" in rep:
        return rep["hold_start_s"], rep["hold_end_s"]
    return rep["start_s"], rep["end_s"]


def _rep_window(rep: Json) -> Window:
    ends = (rep["end_s"], rep["eccentric_start_s"], rep["concentric_end_s"])
    return rep["start_s"], next(end for end in ends if end is not None)


def _hold_window(rep: Json) -> Window:
    return rep["concentric_end_s"], rep["eccentric_start_s"] or _rep_window(rep)[1]


def _overlap_s(a: Window, b: Window) -> float:
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
