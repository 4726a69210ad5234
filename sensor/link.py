"""A connected sensor as a driver sees it, and what a radio may say has gone wrong."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class SensorError(Exception):
    """What a sensor or its radio cannot do; its text is one line that names it and the cure."""


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a sensor says of itself before anyone connects.

    name: "" if it gives none. services: full UUIDs in lower case. manufacturer: company id -> data.
    """

    address: str
    name: str = ""
    rssi_dbm: int | None = None
    services: tuple[str, ...] = ()
    manufacturer: Mapping[int, bytes] = field(default_factory=dict)


class Link(Protocol):
    """A connected sensor. UUIDs are full and in lower case.

    Every call raises SensorError once the link is gone, if the sensor refuses, or after a while
    without an answer.
    """

    def has(self, uuid: str) -> bool:
        """Whether there is such a characteristic."""
        ...

    async def read(self, uuid: str) -> bytes:
        """The value of a characteristic."""
        ...

    async def write(self, uuid: str, data: bytes, *, response: bool = True) -> None:
        """Write a characteristic; with response, it is acknowledged when this returns."""
        ...

    async def listen(self, uuid: str, channel: int) -> None:
        """Enable notifications or indications: from now on they are packets of that channel."""
        ...

    async def request(
        self,
        uuid: str,
        data: bytes,
        channel: int,
        accept: Callable[[bytes], bool],
        *,
        response: bool = True,
        timeout_s: float = 2.0,
    ) -> bytes:
        """Write, and return the first notification of a channel from then on that is accepted.

        The channel must be listened to. What is returned, like all else, is a packet as well.
        """
        ...

    async def close(self) -> None:
        """Disconnect; nothing happens if it is already gone. Never raises."""
        ...


class Radio(Protocol):
    """What finds and connects sensors. Every call raises SensorError with its cure where there is
    no adapter, no permission, or Bluetooth is off.
    """

    def seen(self) -> AsyncIterator[Advertisement]:
        """Advertisements as they come, until the caller has seen enough."""
        ...

    async def find(self, wanted: str) -> Advertisement:
        """Wait for the sensor of that name or address, in any case of letters.

        SensorError if two sensors have that name. Any number may be searched for at once; a caller
        that loses patience cancels.
        """
        ...

    async def connect(
        self,
        seen: Advertisement,
        packet: Callable[[int, bytes], None],
        lost: Callable[[], None],
    ) -> Link:
        """Connect. packet(channel, data) is called for each notification as it comes, and must be
        quick; lost() once, if the link ends by itself.
        """
        ...
