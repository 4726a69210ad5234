"""Between sessions that go on and a publisher that may fail and be made anew."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.delivery.intake import HELD
from pipeline.delivery.messages import Message
from pipeline.delivery.publisher import Publisher


class Outlet:
    """What a `Gateway` needs of a publisher, also while there is none. For one thread.

    Meanwhile events wait here, up to a limit, and live values and answers are dropped.

    publisher: the one there is. lost: events for which there was no room. live_dropped: live values
    for which there was no publisher.
    """

    def __init__(self) -> None:
        self.publisher: Publisher | None = None
        self.lost = self.live_dropped = 0
        self._held: list[Message] = []
        self._retained: dict[str, Mapping[str, Any]] = {}

    @property
    def held(self) -> int:
        """Events that wait here."""
        return len(self._held)

    def attach(self, publisher: Publisher) -> None:
        """Everything goes there from now on: first what is retained, and what waited."""
        self.publisher = publisher
        for topic, content in self._retained.items():
            publisher.retain(topic, content)
        publisher.post(self._held)
        self._held.clear()

    def detach(self) -> None:
        """There is none any more."""
        self.publisher = None

    def post(self, messages: Sequence[Message]) -> None:
        """Events for the outbox."""
        if self.publisher:
            self.publisher.post(messages)
            return
        taken = messages[: max(0, HELD - len(self._held))]
        self._held += taken
        self.lost += len(messages) - len(taken)

    def retain(self, topic: str, content: Mapping[str, Any]) -> None:
        """The newest content of a retained topic."""
        self._retained[topic] = content
        if self.publisher:
            self.publisher.retain(topic, content)

    def send_live(self, topic: str, content: Mapping[str, Any]) -> None:
        """Publish now or never."""
        if self.publisher:
            self.publisher.send_live(topic, content)
        else:
            self.live_dropped += 1

    def answer(self, device: str, content: Mapping[str, Any]) -> None:
        """The answer to a command."""
        if self.publisher:
            self.publisher.answer(device, content)
