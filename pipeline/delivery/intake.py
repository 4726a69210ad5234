"""Between the tracker and the outbox: events in memory until they are on the disk."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from itertools import islice

from pipeline.delivery.messages import Message, PayloadError
from pipeline.delivery.outbox import Outbox, OutboxError

HELD = 10_000
RETRY_S = 0.5

_AT_ONCE = 500

log = logging.getLogger(__name__)


class Intake:
    """Writes an outbox, and goes on trying where that fails. `add` is for any thread.

    Events that cannot be written wait in memory, at most `HELD`. trouble: why they do, one line;
    None while all is well. lost: events for which there was no room. refused: events that nobody
    could read. gone: events of which the outbox has let go.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._held: deque[Message] = deque()
        self._lock = threading.Lock()
        self._arrived: list[tuple[str, int]] = []
        self._retry_s = 0.0
        self.trouble: str | None = None
        self.lost = self.refused = self.gone = 0

    def __len__(self) -> int:
        """Events that are in memory only."""
        return len(self._held)

    @property
    def behind(self) -> bool:
        """Is there something that arrived and is in the outbox still?"""
        return bool(self._arrived)

    def add(self, messages: Sequence[Message]) -> None:
        """Events for the outbox. Returns at once."""
        with self._lock:
            taken = messages[: max(0, HELD - len(self._held))]
            self._held += taken
            self.lost += len(messages) - len(taken)

    def arrived(self, pairs: Sequence[tuple[str, int]]) -> None:
        """The outbox is to let go of these."""
        self._arrived += pairs

    def work(self, now_s: float) -> None:
        """Write what there is to write, unless that failed a moment ago."""
        if now_s < self._retry_s:
            return
        try:
            self._let_go()
            self._commit()
        except OutboxError as error:
            self.fail(error, now_s)
        else:
            if self.trouble is not None:
                log.info("the outbox can be used again")
            self.trouble = None

    def fail(self, error: OutboxError, now_s: float) -> None:
        """The outbox cannot be used now."""
        if self.trouble is None:
            log.warning("%s (new events wait in memory; trying again)", error)
        self.trouble = str(error)
        self._retry_s = now_s + RETRY_S

    def _let_go(self) -> None:
        """First, for it makes room."""
        if self._arrived:
            before = self._outbox.size()
            self._outbox.done(self._arrived)
            self.gone += before - self._outbox.size()
            self._arrived.clear()

    def _commit(self) -> None:
        """Where there is room for a few only, these: what arrives of them makes room for more."""
        at_once = _AT_ONCE
        while self._held:
            with self._lock:
                some = list(islice(self._held, at_once))
            try:
                self._put(some)
            except OutboxError:
                if len(some) == 1:
                    raise
                at_once = len(some) // 2
                continue
            with self._lock:
                for _ in some:
                    self._held.popleft()

    def _put(self, messages: Sequence[Message]) -> None:
        try:
            self._outbox.put(messages)
        except PayloadError as error:
            if len(messages) > 1:
                for message in messages:
                    self._put([message])
                return
            self.refused += 1
            log.warning("the event %r is left out, it %s: report this", messages[0].id, error)
