"""How accurate the tracker is: writes docs/accuracy.md.

    python -m tests.benchmarks.accuracy [--quick] [--recordings DIR]

While building: ``--real-only``, ``--model-only N [--seed-start S]`` and ``--worst`` print to the
terminal and write nothing.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import model, real
from tests.benchmarks.model_report import model_mistakes, model_section
from tests.benchmarks.real_report import examples_section, real_mistakes, real_section
from tests.benchmarks.replaying import run_all

REPORT = Path(__file__).parents[2] / "docs" / "accuracy.md"
REPORT_SEED = 30_000
RECORDINGS_OF_A_VARIANT = 25
QUICK_RECORDINGS_OF_A_VARIANT = 3

INTRODUCTION = f"""# How accurate

Written by `make accuracy`. No recording of a real hip thrust with a worn sensor is public: what
is said of hip thrusts here rests on model recordings, whose lifter, sensor and radio are those of
`hiprep simulate`. It is no validation on people. The real recordings below are of other movements.

Intervals are 95 %: Wilson for shares and F1, Poisson for rates, else a bootstrap over whole
recordings. Errors are measured minus true; final values are those after the set's end.

Seeds 0 to {REPORT_SEED - 1:,} are for building; the model recordings reported here have seeds from
{REPORT_SEED:,} on. None of those was looked at by itself; the totals of this report were.

What makes the model easier than people may be: skin and belt move the sensor by 1-3 deg over
120 deg of posture, so by about 0.5 deg within a rep; stretching on the floor rises by less for each
degree than any hip thrust; a lifter who stands up or lies down does it as this model does.
"""


def model_part(recordings: int, seed_start: int, *, worst: bool) -> str:
    runs = run_all(model.run, model.cases(recordings, seed_start))
    if worst:
        return "\n".join(model_mistakes(runs))
    return model_section(runs)


def real_part(folder: Path, *, worst: bool) -> str:
    if not (folder / "real").is_dir():
        return (
            "The recordings are not part of the project. Put them into `../shared/recordings`, or "
            "say where they are: `python -m tests.benchmarks.accuracy --recordings DIR`.\n"
        )
    played = run_all(real.run, real.plays(folder))
    examples = run_all(real.run, real.examples(folder))
    if worst:
        return "\n".join(real_mistakes([*played, *examples]))
    return (
        real_section(played)
        + "\n### Examples (model recordings, exact truth)\n\n"
        + ("Mean absolute error of each field.\n\n" + examples_section(examples))
    )


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.accuracy")
    parser.add_argument("--quick", action="store_true", help="few recordings; writes nothing")
    parser.add_argument("--recordings", type=Path, default=real.RECORDINGS, metavar="DIR")
    parser.add_argument("--real-only", action="store_true")
    parser.add_argument("--model-only", type=int, metavar="N", help="N recordings of a variant")
    parser.add_argument("--seed-start", type=int, default=0, metavar="S")
    parser.add_argument("--worst", action="store_true", help="print the mistakes instead")
    options = parser.parse_args(argv)
    worst = options.worst
    if options.real_only:
        print(real_part(options.recordings, worst=worst))
        return
    if options.model_only:
        print(model_part(options.model_only, options.seed_start, worst=worst))
        return
    building = options.quick or worst
    recordings = QUICK_RECORDINGS_OF_A_VARIANT if building else RECORDINGS_OF_A_VARIANT
    seed_start = options.seed_start if building else REPORT_SEED
    parts = [
        "## Model recordings\n",
        model_part(recordings, seed_start, worst=worst),
        "## Real recordings\n",
        real_part(options.recordings, worst=worst),
    ]
    text = "\n".join(parts if building else [INTRODUCTION, *parts])
    print(text)
    if not building:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
