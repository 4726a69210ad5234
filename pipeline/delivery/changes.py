"""What messages change in an event that a store has."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.delivery.messages import Message


@dataclass(frozen=True, slots=True)
class Change:
    """What messages change in one event.

    before: its state until now, None where it is new. passed: states that were replaced at once by
    later ones. new: the newest. shown: whether its version is the one that is shown.
    """

    before: Message | None
    passed: tuple[Message, ...]
    new: Message
    shown: bool = True


def changed(before: Message | None, states: Sequence[Message], *, shown: bool) -> list[Change]:
    """The change that the states of one event make; none if they are no newer."""
    newest, passed = before, []
    for state in states:
        if newest is None:
            newest = state
        elif state.revision > newest.revision:
            if newest is not before:
                passed.append(newest)
            newest = replace(state, time_us=newest.time_us)
    if newest is None or newest is before:
        return []
    return [Change(before, tuple(passed), newest, shown)]
