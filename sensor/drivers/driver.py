"""What a driver is: how sensors of one make are known, started, read and stopped."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from sensor.link import Advertisement, Link
from sensor.samples import Floats


@dataclass(frozen=True, slots=True)
class Setup:
    """How a sensor was set up: what its decoder must know, and what a recording keeps.

    rate_hz: samples a second, as the sensor confirmed it or else as it was asked for.
    acc_range_g, gyr_range_dps: full scale; None where the sensor has no gyroscope, or where its
    packets carry physical units and the range is not known. details: what only this driver knows;
    plain JSON values.
    """

    driver: str
    model: str
    rate_hz: float
    acc_range_g: float | None
    gyr_range_dps: float | None
    firmware: str = ""
    details: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """Consecutive samples out of a packet; when they were taken is for a clock to say.

    acc: (n, 3) m/s2. gyr: (n, 3) rad/s. Both where they were sampled together; one of them is None
    where they come as two streams. device_s: (n,) seconds on the sensor's own clock, rising, its
    wrap undone; None for a sensor that sends no time. Arrays are C-contiguous float64, n > 0.
    """

    acc: Floats | None
    gyr: Floats | None
    device_s: Floats | None

    def __len__(self) -> int:
        samples = self.gyr if self.acc is None else self.acc
        assert samples is not None
        return len(samples)


class Decoder(Protocol):
    """Packets of one connection, in the order in which they came -> samples. Never raises.

    skipped: reason -> packets (or pieces of a byte stream) that were passed over.
    battery_pct: as last heard of in the data itself; None until then.
    """

    skipped: Counter[str]
    battery_pct: float | None

    def feed(self, channel: int, data: bytes) -> list[Batch]:
        """The samples that this packet completes."""
        ...


@runtime_checkable
class BulkDecoder(Decoder, Protocol):
    """A decoder that takes many packets of its only channel quicker than one by one."""

    def feed_all(self, packets: Sequence[bytes]) -> tuple[Batch, list[int]] | None:
        """The samples of these packets, n > 0, and how many each one completes, none of them 0.

        None if any packet is out of the ordinary: then nothing was done, and each is to be fed.
        """
        ...


class Driver(Protocol):
    """Sensors of one make.

    name: as its file. title: for people. rates_hz: what can be asked for; default_rate_hz: what
    is. gyroscope: whether any of its models has one. clock: whether packets carry the
    sensor's time. counter: whether packets carry a number. cannot: what cannot be known
    with it, in words, for people. channels: what is listened to, by name; a packet carries the
    index.
    """

    name: str
    title: str
    rates_hz: tuple[float, ...]
    default_rate_hz: float
    gyroscope: bool
    clock: Literal["none", "device"]
    counter: bool
    cannot: tuple[str, ...]
    channels: tuple[str, ...]

    def recognise(self, seen: Advertisement) -> str | None:
        """The model, for people, if this advertisement is of one; else None."""
        ...

    async def start(self, link: Link, rate_hz: float) -> Setup:
        """Identify, configure, listen and start. SensorError if it refuses.

        The rate is the nearest of rates_hz at or above rate_hz that the model has, else its
        highest; ranges are at least 8 g and 1000 deg/s wherever the sensor has them.
        """
        ...

    async def battery(self, link: Link) -> float | None:
        """Percent left; None if the sensor does not say. May be asked while it streams."""
        ...

    async def stop(self, link: Link) -> None:
        """End the stream, so that the sensor may sleep."""
        ...

    def decoder(self, setup: Setup) -> Decoder:
        """A decoder for a connection that was set up like this."""
        ...


def nearest_rate(rates_hz: tuple[float, ...], rate_hz: float) -> float:
    """The lowest of the rates at or above rate_hz; the highest if all are below."""
    return min((rate for rate in rates_hz if rate >= rate_hz), default=max(rates_hz))
