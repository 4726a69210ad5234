"""What another version of the algorithm changed in a recording, set by set.

Sets that overlap in time are compared with each other: one with one as a rule, one with two where
it was split. Inside them, reps that overlap the most are the same rep.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.archive.results import Result
from pipeline.archive.shifts import Shift, shifts
from pipeline.events import Rep, SetSummary

_FAULT_BADNESS = 0.25  # of a rep that is missed


@dataclass(frozen=True, slots=True)
class Side:
    """What one version found there: sets and their reps, in order of time; maybe nothing."""

    sets: tuple[SetSummary, ...]
    reps: tuple[Rep, ...]

    @property
    def counted(self) -> int:
        """Reps that count."""
        return sum(not rep.partial for rep in self.reps)


@dataclass(slots=True)
class SetChange:
    """One set as both versions have it. lost, gained: reps that count in one of them only.

    partials: partial reps that only one of them has. faults_gained, faults_lost: name -> in how
    many of the reps that both have.
    """

    recording: str
    path: str
    start_s: float
    end_s: float
    before: Side
    after: Side
    lost: list[Rep] = field(default_factory=list)
    gained: list[Rep] = field(default_factory=list)
    partials: int = 0
    faults_gained: Counter[str] = field(default_factory=Counter)
    faults_lost: Counter[str] = field(default_factory=Counter)
    shifts: dict[str, Shift] = field(default_factory=shifts)

    @property
    def equal(self) -> bool:
        """Whether both say the same."""
        return self.badness == 0 and not any(shift.alone for shift in self.shifts.values())

    @property
    def badness(self) -> float:
        """How much was changed, in reps that are missed: to put the worst first."""
        whole = len(self.lost) + len(self.gained) + self.partials
        split = abs(len(self.before.sets) - len(self.after.sets))
        faults = self.faults_gained.total() + self.faults_lost.total()
        moved = sum(min(1, abs(one.worst) / one.measure.serious) for one in self.shifts.values())
        return whole + split + _FAULT_BADNESS * faults + moved


def compare(before: Result, after: Result) -> list[SetChange]:
    """All sets of a recording, in order of time, those that are equal too."""
    return [
        _compared(SetChange(after.recording, after.path, start_s, end_s, *sides))
        for start_s, end_s, sides in _together(before, after)
    ]


def _together(before: Result, after: Result) -> Iterator[tuple[float, float, tuple[Side, Side]]]:
    """Stretches of time in which sets of both overlap, and what is in them."""
    spans = sorted(
        (*_extent(one, result), which, one.set)
        for which, result in enumerate((before, after))
        for one in result.sets
    )
    while spans:
        start_s, end_s = spans[0][:2]
        count = 0
        numbers: tuple[set[int], set[int]] = (set(), set())
        while count < len(spans) and (count == 0 or spans[count][0] < end_s):
            _, its_end_s, which, number = spans[count]
            end_s = max(end_s, its_end_s)
            numbers[which].add(number)
            count += 1
        del spans[:count]
        yield start_s, end_s, (_side(before, numbers[0]), _side(after, numbers[1]))


def _extent(one: SetSummary, result: Result) -> tuple[float, float]:
    """From when to when it lasts, with partial reps before and after it."""
    reps = [rep for rep in result.reps if rep.set == one.set]
    start_s = min([one.start_s, *(rep.start_s for rep in reps)])
    return start_s, max([one.end_s, *map(_end_s, reps)])


def _side(result: Result, numbers: set[int]) -> Side:
    return Side(
        tuple(one for one in result.sets if one.set in numbers),
        tuple(rep for rep in result.reps if rep.set in numbers),
    )


def _compared(change: SetChange) -> SetChange:
    """The same, with what is in it compared."""
    reps = change.before.reps, change.after.reps
    pairs = _pairs(*reps)
    for before, after in pairs:
        if before.partial == after.partial:
            for shift in change.shifts.values():
                shift.take(before, after)
            change.faults_gained.update({*after.faults} - {*before.faults})
            change.faults_lost.update({*before.faults} - {*after.faults})
        else:
            _single(change, before, change.lost)
            _single(change, after, change.gained)
    for side, singles in enumerate((change.lost, change.gained)):
        paired = {pair[side].id for pair in pairs}
        for rep in reps[side]:
            if rep.id not in paired:
                _single(change, rep, singles)
    return change


def _single(change: SetChange, rep: Rep, counted: list[Rep]) -> None:
    """Note a rep that the other version does not have as such."""
    if rep.partial:
        change.partials += 1
    else:
        counted.append(rep)


def _pairs(before: Sequence[Rep], after: Sequence[Rep]) -> list[tuple[Rep, Rep]]:
    """Those that are the same rep: of all that overlap, first those that do so the longest."""
    overlaps = []
    first = 0
    for i, old in enumerate(before):
        while first < len(after) and _end_s(after[first]) <= old.start_s:
            first += 1
        for j in range(first, len(after)):
            new = after[j]
            if new.start_s >= _end_s(old):
                break
            both_s = min(_end_s(old), _end_s(new)) - max(old.start_s, new.start_s)
            overlaps.append((-both_s, i, j))
    free = set(range(len(before))), set(range(len(after)))
    pairs = []
    for _, i, j in sorted(overlaps):
        if i in free[0] and j in free[1]:
            free[0].discard(i)
            free[1].discard(j)
            pairs.append((i, j))
    return [(before[i], after[j]) for i, j in sorted(pairs)]


def _end_s(rep: Rep) -> float:
    return rep.concentric_end_s if rep.end_s is None else rep.end_s


@dataclass(slots=True)
class Tally:
    """All that was compared, added up; as much memory for many recordings as for few.

    both: recordings that were compared. sets, reps: in A and in B. sets_changed: where both have
    one; a set that was split is one. faults_gained, faults_lost: of reps that both have.
    """

    both: int = 0
    recordings_equal: int = 0
    sets: list[int] = field(default_factory=lambda: [0, 0])
    sets_equal: int = 0
    sets_changed: int = 0
    sets_lost: int = 0
    sets_gained: int = 0
    reps: list[int] = field(default_factory=lambda: [0, 0])
    reps_lost: int = 0
    reps_gained: int = 0
    partials: int = 0
    faults_gained: Counter[str] = field(default_factory=Counter)
    faults_lost: Counter[str] = field(default_factory=Counter)
    shifts: dict[str, Shift] = field(default_factory=shifts)

    def add(self, changes: Iterable[SetChange]) -> None:
        """One recording more."""
        self.both += 1
        equal = True
        for change in changes:
            self._add(change)
            equal &= change.equal
        self.recordings_equal += equal

    def _add(self, change: SetChange) -> None:
        sides = change.before, change.after
        for index, side in enumerate(sides):
            self.sets[index] += len(side.sets)
            self.reps[index] += side.counted
        if change.equal:
            self.sets_equal += 1
        elif not change.after.reps:
            self.sets_lost += 1
        elif not change.before.reps:
            self.sets_gained += 1
        else:
            self.sets_changed += 1
        self.reps_lost += len(change.lost)
        self.reps_gained += len(change.gained)
        self.partials += change.partials
        self.faults_gained.update(change.faults_gained)
        self.faults_lost.update(change.faults_lost)
        for name, shift in self.shifts.items():
            shift.add(change.shifts[name])
