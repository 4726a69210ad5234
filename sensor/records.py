"""What happens to one sensor in a session, in order: what is recorded is what is replayed.

``at_us``: whole microseconds since the session began, on the host's steady clock. Live and replay
see the same numbers, and so come to the same samples and events.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sensor.drivers.driver import Setup


class Packet(NamedTuple):
    """One notification as it came. channel: an index into the driver's channels.

    An archive has billions: this is made quicker than a dataclass.
    """

    at_us: int
    channel: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Connected:
    """The sensor was set up: what comes from now on is of a new connection."""

    at_us: int
    setup: Setup


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is over. reason: for people."""

    at_us: int
    reason: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed without a packet."""

    at_us: int


@dataclass(frozen=True, slots=True)
class Battery:
    """What the sensor says is left, percent."""

    at_us: int
    percent: float


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was asked for in the session; what it means is not the sensor's concern.

    order: for the tracker, "" for none of its own. text: the whole, JSON.
    """

    at_us: int
    order: str
    text: str


@dataclass(frozen=True, slots=True)
class End:
    """The session was ended, not broken off."""

    at_us: int


Record = Packet | Connected | Disconnected | Tick | Battery | Note | End
