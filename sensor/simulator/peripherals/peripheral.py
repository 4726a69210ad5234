"""What a model sensor behind a radio is: it advertises, answers, and sends packets."""

from dataclasses import dataclass
from typing import Protocol

from sensor.link import Advertisement
from sensor.samples import SampleBlock


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One of its GATT table. service and uuid in full, lower case; flags as BlueZ names them:
    read, write, write-without-response, notify, indicate.
    """

    service: str
    uuid: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notification:
    """What it sends. at_s: when the last sample in it was taken; None for an answer: at once."""

    at_s: float | None
    uuid: str
    data: bytes


class Peripheral(Protocol):
    """A model sensor. It shares no code with the driver that it tests.

    rate_hz, gyro: as configured now: samples for `packets` are to be made like this. streaming:
    whether it sends samples now. log: (uuid, data) of every write, in order.
    """

    advertisement: Advertisement
    characteristics: tuple[Characteristic, ...]
    rate_hz: float
    gyro: bool
    streaming: bool
    log: list[tuple[str, bytes]]

    def connected(self) -> None:
        """A central has connected: what does not outlive a connection starts anew."""
        ...

    def listen(self, uuid: str, *, on: bool) -> list[Notification]:
        """Notifications of a characteristic are switched on or off."""
        ...

    def read(self, uuid: str) -> bytes:
        """The value of a characteristic."""
        ...

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        """Take a command -> what it answers."""
        ...

    def packets(self, samples: SampleBlock) -> list[Notification]:
        """Consecutive samples as it would send them; what fills no packet waits for the next.

        Nothing while it does not stream. t_s is its own clock, from any start.
        """
        ...
