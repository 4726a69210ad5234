"""A set in the books of a ledger: as it came, and what was made of it last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.delivery.corrections import (
    Added,
    Choice,
    Correction,
    Shown,
    corrected,
    marked,
    noted,
)
from pipeline.delivery.evaluation import asked_for, set_met, set_values
from pipeline.delivery.requests import Standing
from pipeline.delivery.values import AskedFor, SetValues, flat, measured
from pipeline.events import Rep, SetSummary


@dataclass(slots=True)
class Entry:
    """A set as it came. began_s: start of its first rep, as first seen. summary: once it is over.

    choice, shown, values: what was made of it last; values is None where nothing counts.
    """

    number: int
    began_s: float
    choice: Choice
    reps: dict[str, Rep] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    summary: SetSummary | None = None
    shown: list[Shown] = field(default_factory=list)
    values: SetValues | None = None

    @property
    def open(self) -> bool:
        """It is not over yet."""
        return self.summary is None

    @property
    def standing(self) -> Standing:
        """How it stands for those who ask something of it."""
        return Standing(self.number, self.open, self.shown)

    def alive(self) -> list[Rep]:
        """What the tracker says of it and did not take back."""
        return [rep for rep in self.reps.values() if rep.id not in self.withdrawn]

    def valid(self) -> list[Shown]:
        """The reps that stand, partial ones too, in order of time."""
        return [rep for rep in self.shown if rep.valid]

    def look(
        self,
        additions: Iterable[Added],
        corrections: Sequence[Correction],
        before_s: float | None,
    ) -> None:
        """Make of it what the corrections say, with the choice that it has.

        additions: all that there ever were. before_s: end of the athlete's last set, or None.
        """
        tracked = {rep.id: measured(rep, self.number) for rep in self.reps.values()}
        mine = [add for add in additions if add.after in self.reps]
        self.shown = corrected(tracked, self.withdrawn, mine, corrections, self.number)
        valid = [rep.values for rep in self.valid()]
        counts = any(not rep.partial for rep in valid)
        note, mark = noted(corrections, self.number), marked(corrections, self.number)
        load_kg = self.choice.load_kg
        self.values = set_values(valid, load_kg, before_s, note, mark) if counts else None

    def wanted(self) -> AskedFor:
        """Its load and targets."""
        return asked_for(self.choice.load_kg, self.choice.targets)

    def flat(self) -> dict[str, Any]:
        """The values of a message of it. Something of it counts."""
        assert self.values
        wanted = self.wanted()
        return flat(self.values, set_met([rep.values for rep in self.valid()], wanted), wanted)
