"""This session against the last one with the same lift, in sentences that name their numbers."""

from collections.abc import Callable, Iterator

from pipeline.report_page.told import Lift, Outing, SetTold, Told
from pipeline.report_page.words import (
    Unit,
    count,
    day,
    degrees,
    duration,
    lift,
    load,
    percent,
    velocity,
)

_SAME_MPS = 0.025  # what a mean velocity is off by (docs/accuracy.md)
_SAME_DEG = 2.0


def summary(told: Told) -> str:
    """The session in one sentence."""
    session = told.session
    reps = sum(len(one.counted) for one in told.sets)
    lifts = " and ".join(lift(one.exercise, one.variant) for one in told.lifts)
    parts = [f"{count(len(told.sets), 'set')} of {lifts}", count(reps, "rep")]
    if session.load_kg:
        parts.append(f"up to {load(session.load_kg, told.unit)}")
    if session.volume_kg:
        parts.append(f"{load(session.volume_kg, told.unit)} moved in all")
    if session.duration_s:
        parts.append(f"in {duration(session.duration_s)}")
    return f"{', '.join(parts)}."


def since_last(one: Lift, unit: Unit) -> list[str]:
    """What is different from the last session, and what is not."""
    before = one.before
    return [*_differences(one.now, before, unit)] if before else []


def _differences(now: Outing, before: Outing, unit: Unit) -> Iterator[str]:
    if now.load_kg is not None and before.load_kg is not None:
        more = now.load_kg - before.load_kg
        change = f"{load(abs(more), unit)} {'more' if more > 0 else 'less'} than" if more else "as"
        yield f"Top load {load(now.load_kg, unit)}, {change} on {day(before.time_us)}."
    yield f"{count(now.reps, 'rep')} in {count(now.sets, 'set')}, {_reps(now.reps - before.reps)}."
    # At different loads the velocities say nothing of each other.
    for load_kg in sorted(dict(now.loads), reverse=True):
        mps, then_mps = now.velocity_with(load_kg), before.velocity_with(load_kg)
        if mps is not None and then_mps is not None:
            faster = _change(
                round(mps, 2) - round(then_mps, 2), _SAME_MPS, ("faster", "slower"), velocity
            )
            yield f"Fastest rep with {load(load_kg, unit)}: {velocity(mps)}, {faster}."
            break
    if now.rom_deg is not None and before.rom_deg is not None:
        larger = _change(
            round(now.rom_deg) - round(before.rom_deg), _SAME_DEG, ("more", "less"), degrees
        )
        yield f"Range of motion {degrees(now.rom_deg)}, {larger}."
    if now.hold_met_pct is not None and before.hold_met_pct is not None:
        held, then = percent(now.hold_met_pct), percent(before.hold_met_pct)
        yield f"Holds kept in {held} of the reps, {then} before."


def _reps(more: int) -> str:
    if not more:
        return "as many as then"
    return f"{count(abs(more), 'rep')} {'more' if more > 0 else 'fewer'}"


def _change(by: float, same: float, words: tuple[str, str], shown: Callable[[float], str]) -> str:
    return f"{shown(abs(by))} {words[by < 0]}" if abs(by) > same else "about the same"


def headline(one: SetTold, unit: Unit) -> str:
    """``60 kg · 8 of 8 reps``."""
    row = one.row
    done = str(len(one.counted))
    reps = f"{done} of {row.target_reps} reps" if row.target_reps else count(int(done), "rep")
    partials = sum(rep.partial for rep in one.reps)
    extra = f" + {count(partials, 'partial')}" if partials else ""
    weight = "load not given" if row.load_kg is None else load(row.load_kg, unit)
    return f"{weight} · {reps}{extra}"
