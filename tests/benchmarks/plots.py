"""`python -m tests.benchmarks.plots`: three model sessions drawn as `hiprep replay --plot` does.

For a person to check: does every line stand where the curve says it should?
"""

import tempfile
from pathlib import Path

from pipeline.cli import main
from sensor.simulator import scenario, simulate, write

PLOTS = Path(__file__).parents[2] / "docs" / "plots"
SESSIONS = (("faults", None, 10_003), ("tempo", None, 10_001), ("standard", "squat", 10_002))


def draw(folder: Path) -> list[Path]:
    """One picture for each session, named after its exercise and variant."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    with tempfile.TemporaryDirectory() as scratch:
        for variant, exercise, seed in SESSIONS:
            spec = scenario(seed, variant, exercise)
            recording, _ = write(
                Path(scratch) / f"{spec.exercise}-{variant}.csv.gz", simulate(spec)
            )
            plot = folder / f"{spec.exercise}-{variant}.png"
            main(["replay", str(recording), "--exercise", spec.exercise, "--plot", str(plot)])
            drawn.append(plot)
    return drawn


if __name__ == "__main__":
    for path in draw(PLOTS):
        print(path.relative_to(Path.cwd()))
