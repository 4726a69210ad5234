"""A model Nordic Thingy:52, without what it has for the air, light and sound."""

import struct

import numpy as np

from sensor.link import Advertisement, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2, SampleBlock
from sensor.simulator.peripherals.peripheral import Characteristic, Notification

_TAIL = "-9b35-4933-9b10-52ffa9740042"
_SETUP, _MOTION = f"ef680100{_TAIL}", f"ef680400{_TAIL}"
_CONNECTION, _VERSION = f"ef680104{_TAIL}", f"ef680107{_TAIL}"
_CONFIG, _RAW = f"ef680401{_TAIL}", f"ef680406{_TAIL}"
_BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
_BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"

_PROCESSOR_HZ = 200


class Thingy52Peripheral:
    """Streams raw motion data while it is listened to; settings outlive a connection."""

    gyro = True

    def __init__(self, address: str, serial: str) -> None:
        self.advertisement = Advertisement(address, f"Thingy{serial}", services=(_SETUP,))
        self.characteristics = (
            Characteristic(_SETUP, _CONNECTION, ("read", "write")),
            Characteristic(_SETUP, _VERSION, ("read",)),
            Characteristic(_MOTION, _CONFIG, ("read", "write")),
            *(
                Characteristic(_MOTION, f"ef68{short:04x}{_TAIL}", ("notify",))
                for short in range(0x0402, 0x040B)
            ),
            Characteristic(_BATTERY_SERVICE, _BATTERY, ("read", "notify")),
        )
        self.streaming = False
        self.log: list[tuple[str, bytes]] = []
        self._values = {
            _CONNECTION: struct.pack("<4H", 6, 24, 0, 320),
            _VERSION: bytes((2, 2, 0)),
            _CONFIG: struct.pack("<4HB", 1000, 500, 500, 10, 1),
            _BATTERY: bytes((87,)),
        }
        self.rate_hz = self._rate_hz()

    def connected(self) -> None:
        """Notifications are off at first."""
        self.streaming = False

    def listen(self, uuid: str, *, on: bool) -> list[Notification]:
        """Its motion sensor is on as long as someone listens."""
        if uuid == _RAW:
            self.streaming = on
        return []

    def read(self, uuid: str) -> bytes:
        """Settings, version, battery."""
        if uuid not in self._values:
            raise SensorError("read not permitted")
        return self._values[uuid]

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        """Settings within its limits; an error status for any others."""
        self.log.append((uuid, data))
        checks = {_CONFIG: _good_config, _CONNECTION: _good_connection}
        if uuid not in checks or not checks[uuid](data):
            raise SensorError("write not permitted")
        self._values[uuid] = data
        self.rate_hz = self._rate_hz()
        return []

    def packets(self, samples: SampleBlock) -> list[Notification]:
        """One notification for each sample; no magnetic field."""
        if not self.streaming:
            return []
        assert samples.gyr is not None
        # Bits are cut off, not rounded.
        acc = np.clip(samples.acc / STANDARD_GRAVITY_MPS2, -2, 2 - 1 / 1024) * 1024
        gyr = np.clip(np.degrees(samples.gyr), -1024, 1023) * 32
        counts = np.floor(np.hstack((acc, gyr, np.zeros(acc.shape)))).astype("<i2")
        return [
            Notification(at_s, _RAW, row.tobytes())
            for at_s, row in zip(samples.t_s.tolist(), counts, strict=True)
        ]

    def _rate_hz(self) -> float:
        """A whole part of what its motion processor runs at."""
        asked_hz = int.from_bytes(self._values[_CONFIG][6:8], "little")
        return _PROCESSOR_HZ / (_PROCESSOR_HZ // asked_hz)


def _good_config(data: bytes) -> bool:
    if len(data) != 9:
        return False
    fields: tuple[int, ...] = struct.unpack("<4HB", data)
    steps_ms, temperature_ms, compass_ms, rate_hz, wake = fields
    return (
        100 <= steps_ms <= 5000
        and 100 <= temperature_ms <= 5000
        and 100 <= compass_ms <= 1000
        and 5 <= rate_hz <= _PROCESSOR_HZ
        and wake <= 1
    )


def _good_connection(data: bytes) -> bool:
    if len(data) != 8:
        return False
    fields: tuple[int, ...] = struct.unpack("<4H", data)
    shortest, longest, latency, timeout = fields
    return (
        6 <= shortest <= 3200
        and 6 <= longest <= 3200
        and latency <= 499
        and 10 <= timeout <= 3200
        and timeout * 4 > (1 + latency) * longest
    )


PERIPHERAL = Thingy52Peripheral
