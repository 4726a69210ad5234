"""What was good in a set, and what fell out, in sentences that name their numbers. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.coaching.adherence import hold_met, phase_met
from pipeline.delivery.history import RepRow
from pipeline.report_page.look import PHASES
from pipeline.report_page.odd import Odd, odd_reps
from pipeline.report_page.told import SetTold
from pipeline.report_page.words import (
    NBSP,
    asked,
    count,
    degrees,
    fault_in_full,
    listed,
    of_reps,
    percent,
    tempo,
)

_EVEN_CV_PCT = 5.0
_SURE = 0.8


@dataclass(frozen=True, slots=True)
class Findings:
    """Sentences. remarks: what has to be known to read the numbers, neither good nor bad."""

    good: tuple[str, ...]
    fell_out: tuple[str, ...]
    remarks: tuple[str, ...]


def findings(one: SetTold) -> Findings:
    """All that can be said of a set."""
    good: list[str] = []
    bad: list[str] = []
    for part in (_reps, _holds, _tempo, _faults, _loss):
        for fine, text in part(one):
            (good if fine else bad).append(text)
    good += _even(one)
    bad += (odd.text for odd in _odd(one))
    return Findings(tuple(good), tuple(bad), tuple(_remarks(one)))


def fell_out(one: SetTold) -> dict[str, set[str]]:
    """Keys: ids of reps. In what each of them fell out: eccentric, bottom, concentric, top, rom."""
    found: dict[str, set[str]] = {}
    for phase, asked_s in _asked(one).items():
        for rep, _ in _missed(one, phase, asked_s):
            found.setdefault(rep.id, set()).add(phase)
    for odd in _odd(one):
        for rep in odd.reps:
            found.setdefault(rep.id, set()).add(odd.trait)
    return found


def _asked(one: SetTold) -> dict[str, float]:
    """What each phase was to last; at the top, at least."""
    found = {
        phase: asked_s
        for phase, asked_s in zip(PHASES, one.target_tempo, strict=True)
        if asked_s is not None
    }
    found.pop("top", None)
    return found | ({"top": one.row.target_hold_s} if one.row.target_hold_s else {})


def _missed(one: SetTold, phase: str, asked_s: float) -> list[tuple[RepRow, float]]:
    """The reps in which it lasted otherwise, and how long."""
    met = hold_met if phase == "top" else phase_met
    times = [(rep, phase_time(rep, phase)) for rep in one.measured]
    return [
        (rep, time_s)
        for rep, time_s in times
        if time_s is not None and met(time_s, asked_s) is False
    ]


def _reps(one: SetTold) -> Iterator[tuple[bool, str]]:
    done, wanted = len(one.counted), one.row.target_reps
    if not wanted:
        return
    if done >= wanted:
        more = f", {done - wanted} more than asked for" if done > wanted else ""
        yield True, f"{done} of {wanted} reps{more}."
    else:
        yield False, f"{done} of {wanted} reps: {wanted - done} fewer than asked for."


def _holds(one: SetTold) -> Iterator[tuple[bool, str]]:
    asked_s = one.row.target_hold_s
    if not one.holds or not asked_s:
        return
    if wrong := _missed(one, "top", asked_s):
        yield False, _off("top", asked_s, wrong, one)
    else:
        yield True, f"The hold of {asked(asked_s)} was kept in {_all(one.holds[1])}."


def _tempo(one: SetTold) -> Iterator[tuple[bool, str]]:
    """The parts that were asked for. The top is a hold, which has its own sentence."""
    wanted = {phase: asked_s for phase, asked_s in _asked(one).items() if phase != "top"}
    known = [
        phase for phase in wanted if any(phase_time(rep, phase) is not None for rep in one.measured)
    ]
    off = {phase: wrong for phase in known if (wrong := _missed(one, phase, wanted[phase]))}
    for phase, wrong in off.items():
        yield False, _off(phase, wanted[phase], wrong, one)
    if known and not off:
        yield True, f"The tempo {one.row.target_tempo} was kept in {_all(len(one.measured))}."


def _off(phase: str, asked_s: float, wrong: Sequence[tuple[RepRow, float]], one: SetTold) -> str:
    name = {
        "eccentric": "The way down",
        "bottom": "The pause at the bottom",
        "concentric": "The way up",
        "top": "The hold at the top",
    }[phase]
    times = sorted(time_s for _, time_s in wrong)
    low, high = f"{times[0]:.1f}", f"{times[-1]:.1f}"
    took = low if low == high else f"{low} to {high}"
    every = len(wrong) == len(one.measured) > 2
    where = "every rep" if every else of_reps(_numbers([rep for rep, _ in wrong])).lower()
    return f"{name} was to last {asked(asked_s)}: {took}{NBSP}s in {where}."


def _faults(one: SetTold) -> Iterator[tuple[bool, str]]:
    names = dict.fromkeys(name for rep in one.counted for name in rep.faults)
    for name in names:
        reps = [rep for rep in one.counted if name in rep.faults]
        yield False, f"{of_reps(_numbers(reps))}: {fault_in_full(name)}."
    if not names and one.measured:
        yield True, f"The sensor saw no fault in {count(len(one.measured), 'rep')}."


def _loss(one: SetTold) -> Iterator[tuple[bool, str]]:
    limit = one.row.target_velocity_loss_pct
    losses = [
        (rep, rep.velocity_loss_pct) for rep in one.measured if rep.velocity_loss_pct is not None
    ]
    if limit is None or not losses:
        return
    over = [(rep, loss) for rep, loss in losses if loss > limit]
    if not over:
        most = max(loss for _, loss in losses)
        yield True, f"Velocity fell by {percent(most)} at most; the limit was {percent(limit)}."
        return
    first, loss = over[0]
    after = len(one.counted) - (first.rep or 0)
    followed = f"; {count(after, 'rep')} followed" if after > 0 else ""
    text = f"Velocity had fallen by {percent(loss)} in rep {first.rep}, past the limit of "
    yield False, f"{text}{percent(limit)}{followed}."


def _even(one: SetTold) -> Iterator[str]:
    roms = [rep.rom_deg for rep in one.measured if rep.rom_deg is not None]
    spread = one.row.rom_cv_pct
    if spread is not None and spread <= _EVEN_CV_PCT and len(roms) > 2:
        low, high = degrees(min(roms)), degrees(max(roms))
        same = f"{low} in each rep" if low == high else f"{low} to {high}"
        yield f"The range of motion stayed alike: {same}."
    spread = one.row.duration_cv_pct
    if spread is not None and spread <= _EVEN_CV_PCT:
        yield f"The reps took about equally long: they differ by {percent(spread)}."


def _odd(one: SetTold) -> list[Odd]:
    """What has no sentence of its own by a target."""
    judged = _asked(one)
    return [odd for odd in odd_reps(one.measured) if odd.trait not in judged]


def _remarks(one: SetTold) -> Iterator[str]:
    partial = [rep for rep in one.reps if rep.partial]
    if partial:
        usual = one.row.rom_deg
        far = [
            f"{degrees(rep.rom_deg)} of {degrees(usual)}"
            for rep in partial
            if rep.rom_deg is not None and usual is not None
        ]
        told = f" ({listed(far)})" if far else ""
        yield f"{count(len(partial), 'partial rep')}{told}: shown, not counted."
    by_hand = [rep for rep in one.counted if rep.added]
    if by_hand:
        were = "were" if len(by_hand) > 1 else "was"
        yield f"{of_reps(_numbers(by_hand))} {were} added by hand: nothing of it was measured."
    unsure = [rep for rep in one.measured if rep.confidence is not None and rep.confidence < _SURE]
    if unsure:
        sure = listed(percent(100 * (rep.confidence or 0.0)) for rep in unsure)
        yield f"{of_reps(_numbers(unsure))}: seen with less certainty than usual ({sure})."
    if any(not rep.final for rep in one.counted):
        yield "Some reps are as they were seen live: their last, better values never came."


def written_tempo(one: SetTold) -> str:
    """The medians of the set as tempo text."""
    row = one.row
    return tempo((row.eccentric_s, row.bottom_pause_s, row.concentric_s, row.top_pause_s))


def phase_time(rep: RepRow, phase: str) -> float | None:
    """How long a phase of `PHASES` lasted, seconds."""
    return {
        "eccentric": rep.eccentric_s,
        "bottom": rep.bottom_pause_s,
        "concentric": rep.concentric_s,
        "top": rep.top_pause_s,
    }[phase]


def _numbers(reps: Sequence[RepRow]) -> list[int]:
    return [rep.rep for rep in reps if rep.rep is not None]


def _all(number: int) -> str:
    return f"all {number} reps" if number > 1 else "the one rep"
