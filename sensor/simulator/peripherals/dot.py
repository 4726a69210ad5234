"""A model Movella DOT, second generation; of the payload modes it streams 21 only."""

import struct

import numpy as np

from sensor.link import Advertisement
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from sensor.simulator.peripherals.peripheral import Characteristic, Notification

_COMPANY = 0x0886
_LIVE_RATES_HZ = (1, 4, 10, 12, 15, 20, 30, 60)
_MODE = 21
_PAYLOAD_BYTES = 40

_ACC_RANGE_MPS2 = 16 * STANDARD_GRAVITY_MPS2
_GYR_RANGE_DPS = 2000.0

# What a write to the device control changes: bit of its first byte -> the bytes after it.
_FIELDS = {0: (1, 2), 1: (2, 3), 2: (3, 7), 3: (7, 24), 4: (24, 26), 5: (26, 27)}
_RATE_BIT = 4


def _uuid(short: int) -> str:
    return f"1517{short:04x}-4947-11e9-8646-d663bd873d93"


_INFO, _CONTROL, _REPORT = _uuid(0x1001), _uuid(0x1002), _uuid(0x1004)
_MEASUREMENT, _MEDIUM, _BATTERY = _uuid(0x2001), _uuid(0x2003), _uuid(0x3001)
_HEADING, _HEADING_STATUS = _uuid(0x2006), _uuid(0x2007)

_CHARACTERISTICS: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (0x1000, _INFO, ("read",)),
    (0x1000, _CONTROL, ("read", "write")),
    (0x1000, _REPORT, ("notify",)),
    (0x2000, _MEASUREMENT, ("read", "write")),
    (0x2000, _uuid(0x2002), ("notify",)),
    (0x2000, _MEDIUM, ("notify",)),
    (0x2000, _uuid(0x2004), ("notify",)),
    (0x2000, _HEADING, ("read", "write")),
    (0x2000, _HEADING_STATUS, ("read",)),
    (0x3000, _BATTERY, ("read", "notify")),
    (0x7000, _uuid(0x7001), ("write",)),
    (0x7000, _uuid(0x7002), ("notify",)),
)


class DotPeripheral:
    """It refuses nothing: what it cannot do, it does not do, and the value stays as it was.

    So a start is no start before the medium payload is listened to, and 120 Hz, which is for
    recording inside of the sensor, leaves the live rate alone.
    """

    gyro = True

    def __init__(self, *, address: str, serial: str) -> None:
        self.advertisement = Advertisement(
            address, "Movella DOT", -60, (), {_COMPANY: bytes.fromhex("d422cd000001")}
        )
        self.characteristics = tuple(
            Characteristic(_uuid(service), uuid, flags) for service, uuid, flags in _CHARACTERISTICS
        )
        self.rate_hz = 60.0
        self.log: list[tuple[str, bytes]] = []
        self._values = {
            _INFO: _info(address, serial),
            _CONTROL: bytes((0, 0, 0, 10, 0, 30, 0, 3)) + b"DOT".ljust(16, b"\0") + bytes(8),
            _HEADING: bytes(2),
            _HEADING_STATUS: bytes(1),
            _BATTERY: bytes((76, 0)),
        }
        self._store(_RATE_BIT, struct.pack("<H", 60))
        self.connected()

    def connected(self) -> None:
        """A measurement ends with its connection; the rate stays."""
        self.streaming = False
        self._notifies = False
        self._values[_MEASUREMENT] = bytes((1, 0, 0))

    def listen(self, uuid: str, *, on: bool) -> list[Notification]:
        """Samples come on the medium payload."""
        if uuid == _MEDIUM:
            self._notifies = on
            self.streaming = self.streaming and on
        return []

    def read(self, uuid: str) -> bytes:
        """As of now."""
        return self._values[uuid]

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        """It answers nothing: what it took can be read."""
        self.log.append((uuid, data))
        if uuid == _CONTROL and len(data) == len(self._values[_CONTROL]):
            self._configure(data)
        elif uuid == _MEASUREMENT and len(data) == 3 and data[0] == 1:
            self.streaming = data[1] == 1 and data[2] == _MODE and self._notifies
            self._values[_MEASUREMENT] = data
        elif uuid == _HEADING:
            self._values[_HEADING] = data
        return []

    def packets(self, samples: SampleBlock) -> list[Notification]:
        """One packet for each sample, filled up with zeros."""
        if not self.streaming:
            return []
        assert samples.gyr is not None
        acc = np.clip(samples.acc, -_ACC_RANGE_MPS2, _ACC_RANGE_MPS2)
        gyr_dps = np.clip(np.rad2deg(samples.gyr), -_GYR_RANGE_DPS, _GYR_RANGE_DPS)
        return [
            Notification(at_s, _MEDIUM, _payload(at_s, row))
            for at_s, row in zip(samples.t_s.tolist(), np.hstack((acc, gyr_dps)), strict=True)
        ]

    def _configure(self, data: bytes) -> None:
        """Only what the mask says changes, and the rate to one for streaming, at rest."""
        for bit, (begin, end) in _FIELDS.items():
            if not data[0] >> bit & 1:
                continue
            if bit == _RATE_BIT:
                (rate_hz,) = struct.unpack("<H", data[begin:end])
                if rate_hz not in _LIVE_RATES_HZ or self.streaming:
                    continue
                self.rate_hz = float(rate_hz)
            self._store(bit, data[begin:end])

    def _store(self, bit: int, value: bytes) -> None:
        begin, end = _FIELDS[bit]
        control = self._values[_CONTROL]
        self._values[_CONTROL] = control[:begin] + value + control[end:]


def _payload(at_s: float, row: Floats) -> bytes:
    time_us = round(at_s * 1e6) % 2**32
    return struct.pack("<I6f", time_us, *row.tolist()).ljust(_PAYLOAD_BYTES, b"\0")


def _info(address: str, serial: str) -> bytes:
    mac = bytes.fromhex(address.replace(":", ""))[::-1]
    built = struct.pack("<H5B", 2022, 9, 14, 11, 30, 0)
    number = struct.pack("<I", 0x0100) + serial.encode()[:8].ljust(8, b"\0")
    return mac + bytes((2, 1, 0)) + built + number + b"XS-T02"


PERIPHERAL = DotPeripheral
