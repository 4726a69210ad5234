"""Which messages of an outbox are under way to the broker, and which are to be sent next.

Time is an argument, in seconds on any clock that does not step back.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.delivery.messages import Message
from pipeline.delivery.outbox import Outbox

MOST = 100
FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 600.0
TRIES = 4
SWEEP_S = 600.0


@dataclass(slots=True)
class _Flight:
    """A message under way. number: of the publication; None once the broker has it."""

    message: Message
    number: int | None
    sent_s: float
    tries: int


class Window:
    """The first messages of an outbox, at most `MOST` at a time, in order; the rest waits in there.

    receipts: a message has arrived when a store says so; else when the broker does. The broker may
    still lose what it has acknowledged: without a receipt a message is sent again, after a delay
    that grows. Where a store says nothing at all, nothing more is sent: it must not pile up at the
    broker. A message that alone gets no receipt, time and again, stands aside for `SWEEP_S`.

    aside: how many of these there are.
    """

    def __init__(self, outbox: Outbox, *, receipts: bool) -> None:
        self._outbox = outbox
        self._receipts = receipts
        self._flights: dict[int, _Flight] = {}  # by seq, which rises
        self._numbers: dict[int, int] = {}  # number of the publication -> seq
        self._after_seq = 0
        self._heard_s = -1.0
        self._swept_s = 0.0
        self.aside = 0

    def __len__(self) -> int:
        return len(self._flights)

    @property
    def oldest(self) -> Message | None:
        """The first message under way."""
        return next(iter(self._flights.values())).message if self._flights else None

    def restart(self) -> None:
        """Whatever was under way may be lost: begin again with the first message that waits."""
        self._flights.clear()
        self._numbers.clear()
        self._after_seq = 0
        self.aside = 0

    def next(self, now_s: float) -> list[Message]:
        """What to send now, in order; `sent` has to follow for each. Raises OutboxError."""
        again = self._overdue(now_s) if self._receipts else []
        if self.aside and now_s - self._swept_s >= SWEEP_S:
            self._swept_s = now_s
            self._after_seq = self.aside = 0
        new: list[Message] = []
        while room := max(0, MOST - len(self._flights) - len(new)):
            page = self._outbox.waiting(self._after_seq, room)
            if not page:
                break
            self._after_seq = page[-1].seq
            new += [message for message in page if message.seq not in self._flights]
        return again + new

    def sent(self, message: Message, number: int, now_s: float) -> None:
        """It was published, as this number."""
        before = self._flights.get(message.seq)
        tries = before.tries + 1 if before else 0
        self._flights[message.seq] = _Flight(message, number, now_s, tries)
        self._numbers[number] = message.seq

    def acked(self, number: int) -> list[tuple[str, int]]:
        """The broker has it -> what has arrived with that, as (id, revision)."""
        flight = self._flights.get(self._numbers.pop(number, 0))
        if flight is None or flight.number != number:
            return []
        flight.number = None
        return (
            [] if self._receipts else self._arrived([(flight.message.id, flight.message.revision)])
        )

    def receipted(self, pairs: Iterable[tuple[str, int]], now_s: float) -> list[tuple[str, int]]:
        """A store has these -> what has arrived with that."""
        if not self._receipts:
            return []
        self._heard_s = now_s
        return self._arrived(pairs)

    def _arrived(self, pairs: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
        newest: dict[str, int] = {}
        for id_, revision in pairs:
            newest[id_] = max(revision, newest.get(id_, 0))
        for seq, flight in list(self._flights.items()):
            if flight.message.revision <= newest.get(flight.message.id, -1):
                del self._flights[seq]
        return list(newest.items())

    def _overdue(self, now_s: float) -> list[Message]:
        """What the broker has had for too long. What was passed by again and again stands aside."""
        again = []
        for seq, flight in list(self._flights.items()):
            delay_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0**flight.tries)
            if flight.number is not None or now_s - flight.sent_s < delay_s:
                continue
            if flight.tries >= TRIES and self._heard_s > flight.sent_s:
                del self._flights[seq]
                self.aside += 1
            else:
                again.append(flight.message)
        return again
