"""Retained topics: of each only the newest content is worth sending, and all of them after a
connection was lost, for a broker may have kept nothing.
"""

import threading


class Retained:
    """What the retained topics say, and which of them the broker is to hear anew. Any thread."""

    def __init__(self) -> None:
        self._payloads: dict[str, bytes] = {}
        self._unsaid: dict[str, None] = {}  # in the order in which they changed
        self._saying: dict[int, str] = {}  # number of the publication -> topic
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        """Is there anything that the broker does not have?"""
        return bool(self._unsaid or self._saying)

    def set(self, topic: str, payload: bytes) -> None:
        """The topic says this from now on."""
        with self._lock:
            self._payloads[topic] = payload
            self._unsaid[topic] = None

    def restart(self) -> None:
        """Everything has to be said anew."""
        with self._lock:
            self._saying.clear()
            self._unsaid = dict.fromkeys(self._payloads)

    def next(self) -> list[tuple[str, bytes]]:
        """What to send now; `sent` has to follow for each. One at a time of each topic."""
        with self._lock:
            busy = set(self._saying.values())
            ready = [topic for topic in self._unsaid if topic not in busy]
            for topic in ready:
                del self._unsaid[topic]
            return [(topic, self._payloads[topic]) for topic in ready]

    def sent(self, topic: str, number: int) -> None:
        """It was published, as this number."""
        with self._lock:
            self._saying[number] = topic

    def acked(self, number: int) -> None:
        """The broker has it."""
        with self._lock:
            self._saying.pop(number, None)
