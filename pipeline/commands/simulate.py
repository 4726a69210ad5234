"""``hiprep simulate``: a model recording with its truth."""

import argparse
from dataclasses import replace
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.display import words
from sensor.simulator import STYLES, SessionSpec, SetPlan, Tempo, simulate, write

_AS_FAST_AS_POSSIBLE_S = 0.5


def run(args: argparse.Namespace) -> int:
    """Write a recording and the truth beside it."""
    out: Path = args.out
    truth = _truth_path(out)
    for path in (out, truth):
        if path.exists() and not args.force:
            raise CommandError(f"{path} is there already (--force overwrites it)")
    try:
        simulation = simulate(_spec(args))
        write(out, simulation)
    except ValueError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"cannot write {out}: {error.strerror}") from error
    reps = sum(len(one["reps"]) for one in simulation.truth["sets"])
    print(
        f"wrote {out} ({simulation.truth['duration']:.0f} s) and {truth.name}: "
        f"{reps} reps of {words(args.exercise)} in {args.sets} sets, seed {args.seed}"
    )
    return 0


def _truth_path(out: Path) -> Path:
    name = out.name.removesuffix(".gz")
    if not name.endswith(".csv"):
        raise CommandError(f"{out} is not named .csv or .csv.gz")
    return out.with_name(name.removesuffix(".csv") + ".truth.json")


def _spec(args: argparse.Namespace) -> SessionSpec:
    plan = SetPlan(
        reps=args.reps,
        style=args.style,
        tempo=_tempo(args),
        fatigue=None if args.fatigue is None else args.fatigue / 100,
        faults=_spread(args.faults, args.reps),
    )
    return SessionSpec(
        exercise=args.exercise,
        sets=(plan,) * args.sets,
        around=args.around,
        sensor=args.sensor,
        rate_hz=args.rate,
        gyro=args.gyro,
        mounting=args.mounting,
        loss_pct=args.loss,
        seed=args.seed,
    )


def _tempo(args: argparse.Namespace) -> Tempo | None:
    """The tempo asked for; for a hold alone, the middle of what the style does before it."""
    if args.tempo is not None:
        seconds = [_AS_FAST_AS_POSSIBLE_S if part is None else part for part in args.tempo]
        tempo = Tempo(*seconds)
    elif args.hold is not None:
        style = STYLES[args.style]
        ranges = (style.eccentric_s, style.bottom_s, style.concentric_s, style.top_s)
        tempo = Tempo(*(sum(one) / 2 for one in ranges))
    else:
        return None
    return tempo if args.hold is None else replace(tempo, top_s=args.hold)


def _spread(faults: list[str], reps: int) -> tuple[str, ...]:
    """One rep for each fault, evenly over the set and not the first two: they show what is good."""
    if len(faults) > reps - 2:
        raise CommandError(f"{len(faults)} faults need {len(faults) + 2} reps, not {reps}")
    spread = [""] * reps
    for index, fault in enumerate(faults):
        spread[2 + index * (reps - 2) // len(faults)] = fault
    return tuple(spread)
