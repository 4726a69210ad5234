"""What a command comes to, given how the sets stand: a correction, or why it cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from pipeline.coaching import plan_text
from pipeline.coaching.plan import Plan, PlanError
from pipeline.delivery.commands import (
    AddNote,
    AddRep,
    Choose,
    Command,
    DeleteRep,
    EndSet,
    MarkSet,
    MergeRep,
    PushPlan,
    RestartSet,
    SetTargets,
    SwapAthlete,
    Targets,
    Undo,
)
from pipeline.delivery.corrections import (
    Added,
    Chosen,
    Correction,
    Deleted,
    Marked,
    Merged,
    Noted,
    Shown,
    Voided,
)


class RefusedError(Exception):
    """What cannot be done as things stand; its text says why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A set as it stands; reps: all, in order of time, those that do not count too."""

    number: int
    open: bool
    reps: Sequence[Shown]

    def valid(self) -> list[Shown]:
        """The reps that stand, partial ones too."""
        return [rep for rep in self.reps if rep.valid]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command comes to. text: what was done, for people. undoes: the last correction.

    plans: whose plan is another from now on; None: there is none.
    """

    text: str
    correction: Correction | None = None
    ends_set: bool = False
    undoes: bool = False
    plans: tuple[str, Plan | None] | None = None


def asked(
    command: Command,
    sets: Sequence[Standing],
    done: Sequence[Asked],
    at_s: float,
    new_rep: str,
) -> Asked:
    """What the command comes to. sets: in order. done: corrections that stand, in order.

    new_rep: the id of a rep that would be added. Raises RefusedError.
    """
    match command:
        case DeleteRep():
            _, rep = _rep(command.rep, sets)
            return Asked(f"{_named(rep)} deleted", Deleted(rep.id))
        case MergeRep():
            return _merged(command, sets)
        case AddRep():
            return _added(command, sets, done, new_rep)
        case RestartSet():
            return _restarted(sets, at_s)
        case EndSet():
            return Asked(f"set {_open(sets).number} ended", ends_set=True)
        case Choose() | SwapAthlete() | SetTargets():
            return _chosen(command, sets, at_s)
        case AddNote() | MarkSet():
            return _labelled(command, _latest(sets).number)
        case PushPlan():
            return _planned(command)
        case Undo():
            return _undone(done)


def _merged(command: MergeRep, sets: Sequence[Standing]) -> Asked:
    one, first = _rep(command.rep, sets)
    following = [rep for rep in one.valid() if rep.values.start_s > first.values.start_s]
    if not following:
        raise RefusedError(f"no rep follows {_named(first)} in its set")
    second = following[0]
    for rep in (first, second):
        if rep.values.added:
            raise RefusedError(f"{_named(rep)} was added by hand: delete it instead")
    text = f"{_named(first)} and the one after it are one"
    return Asked(text, Merged(first.id, second.id))


def _added(command: AddRep, sets: Sequence[Standing], done: Sequence[Asked], new_rep: str) -> Asked:
    if command.after is None:
        one = _latest(sets)
        before = one.valid()[-1]
    else:
        one, before = _rep(command.after, sets)
    start_s = before.values.end_s or before.values.concentric_end_s or before.values.start_s
    following = [rep for rep in one.valid() if rep.values.start_s > before.values.start_s]
    if following:
        start_s = (start_s + following[0].values.start_s) / 2.0
    anchors = {
        earlier.correction.rep: earlier.correction.after
        for earlier in done
        if isinstance(earlier.correction, Added)
    }
    after = anchors.get(before.id, before.id)
    return Asked(f"a rep added after {_named(before)}", Added(new_rep, after, start_s))


def _restarted(sets: Sequence[Standing], at_s: float) -> Asked:
    one = _open(sets)
    earlier = [rep.values for other in sets if other.number < one.number for rep in other.reps]
    ends_s = [rep.end_s or rep.concentric_end_s or rep.start_s for rep in earlier]
    from_s = max(ends_s, default=-inf)
    return Asked(f"set {one.number} restarted", Voided(from_s, at_s), ends_set=True)


def _chosen(
    command: Choose | SwapAthlete | SetTargets, sets: Sequence[Standing], at_s: float
) -> Asked:
    if isinstance(command, SetTargets):
        return _targets(command, at_s)
    number = _latest(sets).number if command.set == "latest" else None
    if isinstance(command, SwapAthlete):
        chosen = Chosen(at_s, number, athlete=command.athlete)
    else:
        chosen = Chosen(
            at_s, number, command.athlete, command.exercise, command.variant, command.load_kg
        )
    parts = [
        chosen.athlete,
        chosen.exercise,
        chosen.variant if chosen.variant != "" else "no variant",
        None if chosen.load_kg is None else f"{chosen.load_kg:g} kg",
    ]
    said = [part for part in parts if part is not None]
    if not said:
        raise RefusedError("nothing is chosen: say athlete, exercise, variant or load_kg")
    return Asked(f"{', '.join(said)} from {_since(number)} on", chosen)


def _targets(command: SetTargets, at_s: float) -> Asked:
    targets = Targets(command.reps, command.tempo, command.hold_s, command.velocity_loss_pct)
    return Asked("targets set from the next set on", Chosen(at_s, targets=targets))


def _labelled(command: AddNote | MarkSet, number: int) -> Asked:
    if isinstance(command, AddNote):
        done_to = "noted to" if command.text else "note taken from"
        return Asked(f"{done_to} set {number}", Noted(number, command.text))
    words = command.mark.replace("_", " ")
    text = f"set {number} is marked: {words}" if words else f"mark taken from set {number}"
    return Asked(text, Marked(number, command.mark))


def _planned(command: PushPlan) -> Asked:
    who = command.athlete
    if not command.text:
        return Asked(f"the plan that was sent for {who} is taken away", plans=(who, None))
    try:
        plan = plan_text.loads(command.text)
    except PlanError as error:
        raise RefusedError(f"the plan for {who} cannot be followed: {error}") from None
    return Asked(f"the plan {plan.name} is kept for {who}", plans=(who, plan))


def _undone(done: Sequence[Asked]) -> Asked:
    if not done:
        raise RefusedError("there is nothing to take back")
    return Asked(f"taken back: {done[-1].text}", undoes=True)


def _since(number: int | None) -> str:
    return "the next set" if number is None else f"set {number}"


def _rep(rep_id: str, sets: Sequence[Standing]) -> tuple[Standing, Shown]:
    for one in sets:
        for rep in one.reps:
            if rep.id == rep_id:
                if not rep.valid:
                    raise RefusedError(f"the rep {rep_id} does not count any more")
                return one, rep
    raise RefusedError(f"there is no rep {rep_id} in this session")


def _latest(sets: Sequence[Standing]) -> Standing:
    for one in reversed(sets):
        if one.valid():
            return one
    raise RefusedError("there is no set yet")


def _open(sets: Sequence[Standing]) -> Standing:
    for one in reversed(sets):
        if one.open and one.valid():
            return one
    raise RefusedError("no set is open")


def _named(rep: Shown) -> str:
    number, in_set = rep.values.rep, rep.values.set
    return f"the partial rep of set {in_set}" if number is None else f"rep {number} of set {in_set}"
