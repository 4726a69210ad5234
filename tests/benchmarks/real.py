"""The real recordings: which is played as what, and what was looked at while building."""

import json
from dataclasses import dataclass
from pathlib import Path

from sensor.recording import open_recording
from tests.benchmarks.replaying import replay
from tests.benchmarks.scoring import Json, Score, score

RECORDINGS = Path(__file__).parents[2] / "../shared/recordings"

PLAYED_AS = {
    "squat": ("squat", "hip_thrust"),
    "bridging": ("glute_bridge", "squat"),
    "lying_other": ("hip_thrust", "glute_bridge", "squat"),
    "daily": ("hip_thrust", "squat"),
    "walk": ("hip_thrust", "squat"),
}
TRUE_EXERCISE = {"squat": "squat", "bridging": "glute_bridge"}
BUILDING_SQUATTERS = ("subject1", "subject2")
BUILDING_PERSONS = ("SA01", "SA02")
LAST_BUILDING_NUMBER = 8
NO_EXERCISE: Json = {"sets": []}


@dataclass(frozen=True, slots=True)
class Play:
    """A file, played as an exercise."""

    path: Path
    exercise: str

    @property
    def name(self) -> str:
        return self.path.name.removesuffix(".csv.gz")

    @property
    def kind(self) -> str:
        return self.name.split("-")[0]

    @property
    def held_out(self) -> bool:
        """Not looked at while the tracker was built."""
        if self.kind == "squat":
            return not any(person in self.name for person in BUILDING_SQUATTERS)
        if self.kind == "daily":
            return not any(person in self.name for person in BUILDING_PERSONS)
        if self.kind not in ("bridging", "lying_other"):
            return False
        return int(self.name.split("-")[-1]) > LAST_BUILDING_NUMBER


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it. edge_reps: true reps that the ends of the file cut off."""

    play: Play
    score: Score
    true_reps: int
    found_reps: int
    edge_reps: int
    single_cycle: bool

    @property
    def exact(self) -> bool:
        """One set for each true one, each with the right count."""
        return all(one.error == 0 for one in self.score.sets)

    @property
    def within_one(self) -> bool:
        return self.true_reps - 1 <= self.found_reps <= self.true_reps + self.edge_reps + 1

    @property
    def allowed_reps(self) -> int:
        """Reps that a recording without this exercise may give."""
        return int(self.single_cycle and self.play.exercise == "squat")


def plays(folder: Path) -> list[Play]:
    """Every real recording as every exercise that it says something about."""
    paths = sorted((folder / "real").glob("*.csv.gz"))
    return [
        Play(path, exercise) for path in paths for exercise in PLAYED_AS[path.name.split("-")[0]]
    ]


def examples(folder: Path) -> list[Play]:
    """The model recordings with exact truth, each as its own exercise."""
    return [
        Play(path, truth_of(path)["sets"][0]["exercise"])
        for path in sorted((folder / "examples").glob("*.csv.gz"))
    ]


def truth_of(path: Path) -> Json:
    text = path.with_name(path.name.replace(".csv.gz", ".truth.json")).read_text()
    truth: Json = json.loads(text)
    return truth


def run(play: Play) -> Played:
    with open_recording(play.path) as recording:
        events, duration_s = replay(recording.blocks(10), play.exercise)
    truth = truth_of(play.path)
    meant = TRUE_EXERCISE.get(play.kind, play.exercise) == play.exercise
    result = score(truth if meant else NO_EXERCISE, events, duration_s)
    return Played(
        play=play,
        score=result,
        true_reps=sum(one.true_reps or 0 for one in result.sets),
        found_reps=len(result.reps) + len(result.false),
        edge_reps=truth.get("edge_reps", 0),
        single_cycle=truth.get("single_cycle", False),
    )
