"""What was said of each event of a session, so that it is said anew only where it has changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeline.delivery.corrections import Choice
from pipeline.delivery.messages import Kind, Message


class Said:
    """The newest message of each event. at_s: now, seconds since the session began."""

    def __init__(
        self, site: str, device: str, session: str, started_us: int, algorithm: str
    ) -> None:
        self.site, self.device, self.session = site, device, session
        self.started_us = started_us
        self.algorithm = algorithm
        self.at_s = 0.0
        self._last: dict[str, Message] = {}

    def last(self, event_id: str) -> Message | None:
        """The newest message of an event."""
        return self._last.get(event_id)

    def stands(self, event_id: str) -> bool:
        """Was the event said, and not taken back?"""
        last = self._last.get(event_id)
        return last is not None and last.valid

    def standing(self, kind: Kind) -> list[Message]:
        """The newest messages of that kind that were not taken back."""
        return [last for last in self._last.values() if last.kind == kind and last.valid]

    def tell(
        self,
        kind: Kind,
        event_id: str,
        choice: Choice,
        values: Mapping[str, Any] | None,
        start_s: float,
        least: int = 0,
    ) -> list[Message]:
        """The messages that say how an event stands; none if that was said.

        values: None if it does not count. start_s: where it stands in time, if it was never said.
        least: its revision, unless one as high was said.
        """
        last = self._last.get(event_id)
        if values is None:
            return self.take_back(event_id)
        messages: list[Message] = []
        if last and last.valid and last.athlete != choice.athlete:
            # Whoever sees only what is the former athlete's has to know, too.
            last = self._taken_back(last)
            messages.append(last)
        now = Message(
            kind=kind,
            id=event_id,
            revision=max(least, last.revision + 1) if last else least,
            valid=True,
            site=self.site,
            device=self.device,
            athlete=choice.athlete,
            session=self.session,
            exercise=choice.exercise,
            variant=choice.variant,
            time_us=last.time_us if last else self._time_us(start_s),
            known_us=self._time_us(self.at_s),
            at_s=round(self.at_s, 3),
            values=values,
            algorithm=self.algorithm,
        )
        if last and _same(last, now):
            return []
        self._last[event_id] = now
        return [*messages, now]

    def take_back(self, event_id: str) -> list[Message]:
        """The message that says that an event does not count any more; none if that was said."""
        last = self._last.get(event_id)
        return [self._taken_back(last)] if last and last.valid else []

    def _taken_back(self, last: Message) -> Message:
        """The event does not count any more; it stays where it was."""
        now = replace(
            last,
            revision=last.revision + 1,
            valid=False,
            known_us=self._time_us(self.at_s),
            at_s=round(self.at_s, 3),
            values={**last.values, "rep": None} if last.kind == "rep" else last.values,
        )
        self._last[last.id] = now
        return now

    def _time_us(self, at_s: float) -> int:
        return self.started_us + round(at_s * 1e6)


def _same(last: Message, now: Message) -> bool:
    """Do they say the same, whenever they were said?"""
    return last == replace(now, revision=last.revision, known_us=last.known_us, at_s=last.at_s)
