"""How the numbers of reps moved from one version of the algorithm to another."""

from collections import Counter
from dataclasses import dataclass, field

from pipeline.events import Rep


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared of two reps that are the same one.

    fields: of `Rep`. decimals: what differs only beyond them is the same. serious: so much, in its
    unit, is as bad as a rep that is missed.
    """

    name: str
    unit: str
    fields: tuple[str, ...]
    decimals: int
    serious: float

    @property
    def step(self) -> float:
        """The smallest difference, in its unit."""
        return 10.0**-self.decimals


_BOUNDARIES = ("concentric_start_s", "concentric_end_s", "eccentric_start_s", "eccentric_end_s")
MEASURES = (
    Measure("boundaries", "s", _BOUNDARIES, 3, 0.5),
    Measure("top_pause", "s", ("top_pause_s",), 3, 1.0),
    Measure("bottom_pause", "s", ("bottom_pause_s",), 3, 1.0),
    Measure("rom", "deg", ("rom_deg",), 2, 20.0),
    Measure("displacement", "m", ("displacement_m",), 3, 0.1),
    Measure("mean_velocity", "m/s", ("mean_velocity_mps",), 3, 0.2),
    Measure("peak_velocity", "m/s", ("peak_velocity_mps",), 3, 0.4),
    Measure("velocity_loss", "%", ("velocity_loss_pct",), 1, 30.0),
    Measure("confidence", "", ("confidence",), 2, 1.0),
)


@dataclass(slots=True)
class Shift:
    """How one measure moved. moved: difference in steps -> how often. alone: known to one only.

    Takes as much memory for many reps as for few.
    """

    measure: Measure
    moved: Counter[int] = field(default_factory=Counter)
    alone: int = 0

    def take(self, before: Rep, after: Rep) -> None:
        """Compare two reps that are the same one."""
        for name in self.measure.fields:
            old, new = getattr(before, name), getattr(after, name)
            if old is not None and new is not None:
                self.moved[round((new - old) / self.measure.step)] += 1
            elif old is not new:
                self.alone += 1

    def add(self, other: "Shift") -> None:
        """Take what another has found of the same measure."""
        self.moved.update(other.moved)
        self.alone += other.alone

    @property
    def compared(self) -> int:
        """How many values were compared."""
        return self.moved.total() + self.alone

    @property
    def changed(self) -> int:
        """How many of them are not the same."""
        return self.compared - self.moved[0]

    @property
    def median(self) -> float:
        """Of those that moved: by how much, either way; in the unit of the measure, 0 for none."""
        left = (self.moved.total() - self.moved[0]) / 2
        for steps in sorted({abs(steps) for steps in self.moved} - {0}):
            left -= self.moved[steps] + self.moved[-steps]
            if left <= 0:
                return steps * self.measure.step
        return 0.0

    @property
    def worst(self) -> float:
        """The largest difference, after minus before; in the unit of the measure."""
        return max(self.moved, key=abs, default=0) * self.measure.step


def shifts() -> dict[str, Shift]:
    """One for each measure, by its name, with nothing compared yet."""
    return {measure.name: Shift(measure) for measure in MEASURES}
