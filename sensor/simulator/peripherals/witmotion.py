"""A model WitMotion WT901BLECL: 10 Hz when it is switched on, and locked registers."""

import numpy as np

from sensor.link import Advertisement
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from sensor.simulator.peripherals.peripheral import Characteristic, Notification

_SERVICE = "0000ffe5-0000-1000-8000-00805f9a34fb"
_NOTIFY = "0000ffe4-0000-1000-8000-00805f9a34fb"
_WRITE = "0000ffe9-0000-1000-8000-00805f9a34fb"

_SAVE, _RATE, _BANDWIDTH, _READ, _AXES, _VERSION = 0x00, 0x03, 0x1F, 0x27, 0x24, 0x2E
_VOLTS, _KEY = 0x64, 0x69
_SETTINGS = (_RATE, _BANDWIDTH, _AXES)
_FACTORY = {_RATE: 6, _BANDWIDTH: 4, _AXES: 0}
_RATES_HZ = {6: 10.0, 7: 20.0, 8: 50.0, 9: 100.0, 0x0A: 125.0, 0x0B: 200.0}
_UNLOCKED_S = 10.0
_REGISTERS_IN_REPLY = 8


class WitMotionPeripheral:
    """Streams while it is listened to.

    stubborn: it ignores a new rate, as some firmware does.
    """

    gyro = True

    def __init__(self, address: str, serial: str, *, stubborn: bool = False) -> None:
        self.advertisement = Advertisement(address, f"WT901BLE{serial}")
        self.characteristics: tuple[Characteristic, ...] = (
            Characteristic(_SERVICE, _WRITE, ("write-without-response", "write")),
            Characteristic(_SERVICE, _NOTIFY, ("notify",)),
        )
        self.rate_hz = _RATES_HZ[_FACTORY[_RATE]]
        self.streaming = False
        self.log: list[tuple[str, bytes]] = []
        self._stubborn = stubborn
        self._registers = {**_FACTORY, _VERSION: 4015, _VOLTS: 388}
        self._unlocked_s = 0.0
        self._waiting: list[bytes] = []

    def connected(self) -> None:
        """Settings hold as long as it is switched on; the key does not."""
        self.streaming = False
        self._unlocked_s = 0.0
        self._waiting.clear()

    def listen(self, uuid: str, *, on: bool) -> list[Notification]:
        """Data flow as long as notifications are on."""
        if uuid == self._notify:
            self.streaming = on
            self._waiting.clear()
        return []

    def read(self, uuid: str) -> bytes:  # noqa: ARG002 -- none can be read
        """Nothing of it can be read."""
        return b""

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        """FF AA, register, value: what it does not know it passes over without a word."""
        self.log.append((uuid, data))
        if len(data) != 5 or data[:2] != b"\xff\xaa":
            return []
        register, value = data[2], int.from_bytes(data[3:], "little")
        if register == _READ:
            return self._reply(value)
        if register == _KEY:
            self._unlocked_s = _UNLOCKED_S if value == 0xB588 else 0.0
        elif self._unlocked_s > 0:
            self._change(register, value)
        return []

    def packets(self, samples: SampleBlock) -> list[Notification]:
        """A frame for each sample; from 200 Hz on two of them in a notification."""
        if not self.streaming or not len(samples):
            return []
        self._unlocked_s -= len(samples) / self.rate_hz
        together = 2 if self.rate_hz >= 200.0 else 1
        sent = []
        for at_s, frame in zip(samples.t_s.tolist(), _frames(samples), strict=True):
            self._waiting.append(frame)
            if len(self._waiting) == together:
                sent.append(Notification(at_s, self._notify, b"".join(self._waiting)))
                self._waiting.clear()
        return sent

    @property
    def _notify(self) -> str:
        """Other batches have other UUIDs."""
        return next(one.uuid for one in self.characteristics if "notify" in one.flags)

    def _change(self, register: int, value: int) -> None:
        if register == _SAVE and value == 1:
            self._registers.update(_FACTORY)
        elif register in _SETTINGS and not (register == _RATE and not self._takes_rate(value)):
            self._registers[register] = value
        self.rate_hz = _RATES_HZ[self._registers[_RATE]]

    def _takes_rate(self, code: int) -> bool:
        return code in _RATES_HZ and not self._stubborn

    def _reply(self, register: int) -> list[Notification]:
        """That register and the seven after it."""
        if not self.streaming:
            return []
        values = (self._registers.get(register + i, 0) for i in range(_REGISTERS_IN_REPLY))
        head = bytes((0x55, 0x71)) + register.to_bytes(2, "little")
        data = head + b"".join(value.to_bytes(2, "little") for value in values)
        return [Notification(None, self._notify, data)]


def _frames(samples: SampleBlock) -> list[bytes]:
    assert samples.gyr is not None
    acc = samples.acc / (16 * STANDARD_GRAVITY_MPS2)
    gyr = np.degrees(samples.gyr) / 2000
    full_scale = np.hstack((acc, gyr, _angles(samples.acc) / np.pi))
    counts = np.clip(np.rint(full_scale * 32768), -32768, 32767).astype("<i2")
    return [b"\x55\x61" + row.tobytes() for row in counts]


def _angles(acc: Floats) -> Floats:
    """Roll, pitch and yaw (n, 3), radians, for a sensor at rest."""
    x, y, z = acc.T
    return np.stack((np.arctan2(y, z), np.arctan2(-x, np.hypot(y, z)), np.zeros(len(acc))), 1)


PERIPHERAL = WitMotionPeripheral
