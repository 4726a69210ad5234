"""A model MetaMotionS or MetaMotionRL of MbientLab.

Source: MbientLab, MetaWear-SDK-Cpp: registers, the modules' answers, and its tests' vectors.
"""

from typing import Literal

import numpy as np

from sensor.link import Advertisement
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from sensor.simulator.peripherals.peripheral import Characteristic, Notification

_METAWEAR = "326a9000-85cb-9195-d9dd-464cfbbae75a"
_DEVICE_INFORMATION = "0000180a-0000-1000-8000-00805f9b34fb"
COMMAND = "326a9001-85cb-9195-d9dd-464cfbbae75a"
NOTIFY = "326a9006-85cb-9195-d9dd-464cfbbae75a"
_MODEL_NUMBER = "00002a24-0000-1000-8000-00805f9b34fb"
_SERIAL_NUMBER = "00002a25-0000-1000-8000-00805f9b34fb"
_FIRMWARE_REVISION = "00002a26-0000-1000-8000-00805f9b34fb"
_HARDWARE_REVISION = "00002a27-0000-1000-8000-00805f9b34fb"
_MANUFACTURER = "00002a29-0000-1000-8000-00805f9b34fb"

Model = Literal["s", "rl"]

# Of some modules the answer to [module, 0x80], without the question: implementation, revision and
# more; nothing where the board has no such module.
_MODULES: dict[Model, dict[int, str]] = {
    "s": {
        0x01: "00 00",
        0x03: "04 00",
        0x11: "00 09 07 00",
        0x12: "00 00",
        0x13: "01 00",
        0x14: "00 00",
        0x15: "00 02",
        0x19: "00 03 03 00 06 00 02 00 01 00",
        0xFE: "00 05 03",
    },
    "rl": {
        0x01: "00 00",
        0x03: "01 02",
        0x11: "00 03",
        0x12: "",
        0x13: "00 01",
        0x14: "",
        0x15: "00 01",
        0x19: "00 00 03 00 06 00 02 00 01 00",
        0xFE: "00 02",
    },
}
_BATTERY_PCT, _BATTERY_MV = 99, 4148

# First byte of a setting -> Hz; second byte -> counts of one g, or of one deg/s.
_ACC_HZ: dict[Model, dict[int, float]] = {
    "s": {0xA5: 12.5, 0xA6: 25.0, 0xA7: 50.0, 0xA8: 100.0, 0xA9: 200.0, 0xAA: 400.0},
    "rl": {0x25: 12.5, 0x26: 25.0, 0x27: 50.0, 0x28: 100.0, 0x29: 200.0, 0x2A: 400.0},
}
_ACC_COUNTS: dict[Model, dict[int, float]] = {
    "s": {0: 16384.0, 1: 8192.0, 2: 4096.0, 3: 2048.0},
    "rl": {0x03: 16384.0, 0x05: 8192.0, 0x08: 4096.0, 0x0C: 2048.0},
}
_GYR_HZ = {0x26: 25.0, 0x27: 50.0, 0x28: 100.0, 0x29: 200.0}
_GYR_COUNTS = {0: 16.4, 1: 32.8, 2: 65.6, 3: 131.2, 4: 262.4}


class _Module:
    """Accelerometer or gyroscope: it samples once it is set up, sampling and powered.

    single, packed: its data registers.
    """

    def __init__(
        self, number: int, single: int, packed: int, hz: dict[int, float], counts: dict[int, float]
    ) -> None:
        self.number, self.single, self.packed = number, single, packed
        self._hz, self._counts = hz, counts
        self.rate_hz: float | None = None
        self._counts_per_unit = 1.0
        self._powered = self._enabled = False
        self._subscribed: set[int] = set()
        self._full: list[bytes] = []

    def active(self) -> bool:
        """Whether it measures and somebody has subscribed."""
        return bool(self.rate_hz and self._powered and self._enabled and self._subscribed)

    def write(self, register: int, data: bytes) -> None:
        """Take a command; one that is not understood does nothing."""
        if register == 0x01 and data in (b"\0", b"\1"):
            self._powered = data == b"\1"
        elif register == 0x02 and data in (b"\1\0", b"\0\1"):  # what to set, what to clear
            self._enabled = data == b"\1\0"
        elif register == 0x03 and len(data) == 2:
            self._set_up(data[0], data[1])
        elif register in (self.single, self.packed) and data == b"\1":
            self._subscribed.add(register)
        elif register in (self.single, self.packed) and data == b"\0":
            self._subscribed.discard(register)
        if not self.active():
            self._full = []

    def _set_up(self, rate: int, scale: int) -> None:
        """Only while it is in standby."""
        if not self._powered and rate in self._hz and scale in self._counts:
            self.rate_hz, self._counts_per_unit = self._hz[rate], self._counts[scale]

    def measure(self, at_s: float, values: Floats) -> list[Notification]:
        """One sample, (3,) in g or deg/s -> what it fills."""
        counts = np.clip(np.rint(values * self._counts_per_unit), -32768, 32767)
        sample = counts.astype("<i2").tobytes()
        sent = []
        if self.single in self._subscribed:
            sent.append(bytes((self.number, self.single)) + sample)
        if self.packed in self._subscribed:
            self._full.append(sample)
            if len(self._full) == 3:
                sent.append(bytes((self.number, self.packed)) + b"".join(self._full))
                self._full = []
        return [Notification(at_s, NOTIFY, data) for data in sent]


class MetaMotionPeripheral:
    """It goes on sampling when a link is lost, and sends again once somebody listens.

    Both modules sample at the accelerometer's rate, and begin as soon as they are told to.
    """

    def __init__(self, *, address: str, serial: str, model: Model = "s") -> None:
        self.advertisement = Advertisement(address, "MetaWear", services=(_METAWEAR,))
        self.log: list[tuple[str, bytes]] = []
        self._values = {
            _MODEL_NUMBER: "8" if model == "s" else "5",
            _SERIAL_NUMBER: serial,
            _FIRMWARE_REVISION: "1.7.3" if model == "s" else "1.5.0",
            _HARDWARE_REVISION: "0.1",
            _MANUFACTURER: "MbientLab Inc",
        }
        self.characteristics = (
            Characteristic(_METAWEAR, COMMAND, ("write", "write-without-response")),
            Characteristic(_METAWEAR, NOTIFY, ("notify",)),
            *(Characteristic(_DEVICE_INFORMATION, uuid, ("read",)) for uuid in self._values),
        )
        self._model = model
        acc, gyr = ((0x04, 0x05), (0x04, 0x05)) if model == "s" else ((0x04, 0x1C), (0x05, 0x07))
        self._acc = _Module(0x03, *acc, _ACC_HZ[model], _ACC_COUNTS[model])
        self._gyr = _Module(0x13, *gyr, _GYR_HZ, _GYR_COUNTS)
        self.connected()

    def connected(self) -> None:
        """What it measures goes on; only that somebody listens is forgotten."""
        self._listening = False
        self._refresh()

    def listen(self, uuid: str, *, on: bool) -> list[Notification]:
        """What still runs of an earlier connection is heard at once."""
        if uuid == NOTIFY:
            self._listening = on
        self._refresh()
        return []

    def read(self, uuid: str) -> bytes:
        """What it is."""
        return self._values[uuid].encode()

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        """Silence for whatever it does not know."""
        self.log.append((uuid, data))
        if uuid != COMMAND or len(data) < 2:
            return []
        number, register = data[0], data[1]
        for module in (self._acc, self._gyr):
            if number == module.number:
                module.write(register, data[2:])
        self._refresh()
        answer = self._answer(number, register) if len(data) == 2 else None
        if answer is None or not self._listening:
            return []
        return [Notification(None, NOTIFY, data + answer)]

    def _answer(self, number: int, register: int) -> bytes | None:
        modules = _MODULES[self._model]
        if register == 0x80 and number in modules:
            return bytes.fromhex(modules[number])
        if number == 0x11 and register in (0x8C, 0xCC):
            return bytes((_BATTERY_PCT,)) + _BATTERY_MV.to_bytes(2, "little")
        return None

    def _refresh(self) -> None:
        self.rate_hz = self._acc.rate_hz or 100.0
        self.gyro = self._gyr.active()
        self.streaming = self._listening and (self._acc.active() or self.gyro)

    def packets(self, samples: SampleBlock) -> list[Notification]:
        """The accelerometer's packet comes first, then the gyroscope's of the same samples."""
        measured = [(self._acc, samples.acc / STANDARD_GRAVITY_MPS2)]
        if samples.gyr is not None:
            measured.append((self._gyr, np.rad2deg(samples.gyr)))
        sent: list[Notification] = []
        for k, at_s in enumerate(samples.t_s.tolist()):
            for module, values in measured:
                if module.active():
                    sent += module.measure(at_s, values[k])
        return sent if self._listening else []


PERIPHERAL = MetaMotionPeripheral
