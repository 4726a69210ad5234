"""The plainest sensor there could be, and its driver: each packet is its number."""

from collections import Counter
from itertools import count
from typing import Literal

from sensor.drivers import Batch, Decoder, Setup
from sensor.link import Advertisement, Link, SensorError
from sensor.samples import SampleBlock
from sensor.simulator.peripherals import Characteristic, Notification

SERVICE = "7e570000-0000-4000-8000-000000000000"
CONTROL = "7e570001-0000-4000-8000-000000000000"
DATA = "7e570002-0000-4000-8000-000000000000"
BATTERY = "7e570003-0000-4000-8000-000000000000"
START, STOP, READY, PERCENT = b"\x01", b"\x00", b"\xaa", 73.0
RATE_HZ = 100.0


def address_of(number: int) -> str:
    return f"C0:FF:EE:00:00:{number:02X}"


class TickerPeripheral:
    """It sends the data only between start and stop, and its numbers go on over connections."""

    gyro = False

    def __init__(self, number: int = 1, name: str = "") -> None:
        self.advertisement = Advertisement(
            address_of(number), name or f"Ticker {number}", -50, (SERVICE,), {0xFFFF: b"tick"}
        )
        self.characteristics: tuple[Characteristic, ...] = (
            Characteristic(SERVICE, CONTROL, ("write", "notify")),
            Characteristic(SERVICE, DATA, ("notify",)),
            Characteristic(SERVICE, BATTERY, ("read",)),
        )
        self.rate_hz = RATE_HZ
        self.streaming = False
        self.log: list[tuple[str, bytes]] = []
        self.deaf = False
        self._numbers = count()

    def connected(self) -> None:
        self.streaming = False

    def listen(self, uuid: str, *, on: bool) -> list[Notification]:  # noqa: ARG002
        return []

    def read(self, uuid: str) -> bytes:  # noqa: ARG002
        return bytes((round(PERCENT),))

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        self.log.append((uuid, data))
        if self.deaf:
            return []
        self.streaming = data == START
        return [Notification(None, CONTROL, READY)]

    def packets(self, samples: SampleBlock) -> list[Notification]:
        return self.ticks(len(samples)) if self.streaming else []

    def ticks(self, how_many: int) -> list[Notification]:
        """The next so many packets, 10 ms apart."""
        return [
            Notification(place / RATE_HZ, DATA, number.to_bytes(4, "little"))
            for place, number in zip(range(how_many), self._numbers, strict=False)
        ]


class TickerDecoder:
    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        self.battery_pct: float | None = None

    def feed(self, channel: int, data: bytes) -> list[Batch]:  # noqa: ARG002
        return []


class TickerDriver:
    name = "ticker"
    title = "Ticker"
    rates_hz: tuple[float, ...] = (RATE_HZ,)
    default_rate_hz = RATE_HZ
    gyroscope = False
    clock: Literal["none", "device"] = "none"
    counter = True
    cannot: tuple[str, ...] = ()
    channels: tuple[str, ...] = ("control", "data")

    def __init__(self) -> None:
        self.battery_fails = False

    def recognise(self, seen: Advertisement) -> str | None:
        return "Ticker" if seen.name.startswith("Ticker") else None

    async def start(self, link: Link, rate_hz: float) -> Setup:  # noqa: ARG002
        for channel, uuid in enumerate((CONTROL, DATA)):
            await link.listen(uuid, channel)
        await link.request(CONTROL, START, 0, lambda data: data == READY, timeout_s=1.0)
        return Setup("ticker", "Ticker", RATE_HZ, None, None)

    async def battery(self, link: Link) -> float | None:
        if self.battery_fails:
            raise SensorError("the battery cannot be read")
        return float((await link.read(BATTERY))[0])

    async def stop(self, link: Link) -> None:
        await link.write(CONTROL, STOP)

    def decoder(self, setup: Setup) -> Decoder:  # noqa: ARG002
        return TickerDecoder()
