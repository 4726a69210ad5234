"""MbientLab MetaMotionS, RL and R. Source: MbientLab, MetaWear-SDK-Cpp and its tests.

Commands and notifications are [module, register, data ...], little-endian; 0x80 in a register
reads it. Accelerometer and gyroscope are two streams of packets of three samples each, without
time and without number: what belongs together is known by counting.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sensor.drivers.driver import Batch, Driver, Setup, nearest_rate
from sensor.link import Advertisement, Link, SensorError
from sensor.pairs import ACC, GYR, Pairs
from sensor.samples import STANDARD_GRAVITY_MPS2

_SERVICE = "326a9000-85cb-9195-d9dd-464cfbbae75a"
_COMMAND = "326a9001-85cb-9195-d9dd-464cfbbae75a"
_NOTIFY = "326a9006-85cb-9195-d9dd-464cfbbae75a"
_MODEL_NUMBER = "00002a24-0000-1000-8000-00805f9b34fb"
_FIRMWARE = "00002a26-0000-1000-8000-00805f9b34fb"
_MODELS = {"5": "MetaMotionR/RL", "8": "MetaMotionS"}

# Modules, and registers that both of them have.
_ACC, _GYR = 0x03, 0x13
_POWER, _SAMPLING, _CONFIG, _INFO = 0x01, 0x02, 0x03, 0x80

# 7.5 to 15 ms, no latency, 4 s until the link counts as lost.
_SHORT_INTERVAL = bytes.fromhex("11 09 0600 0c00 0000 9001")
_READ_BATTERY = bytes.fromhex("11 8c")
_BATTERY = (_READ_BATTERY, bytes.fromhex("11 cc"))
_BATTERY_BYTES = 5

_ODR = {25.0: 0x06, 50.0: 0x07, 100.0: 0x08, 200.0: 0x09}  # the code of all these chips
_ACC_RANGE_G = 16.0
_GYR_RANGE_DPS, _GYR_RANGE_CODE, _GYR_FILTER = 1000.0, 0x01, 0x20
_ACC_FULL_SCALE = 32768.0  # LSB at the end of the range
_GYR_FULL_SCALE = 32800.0  # 16.4 LSB per deg/s at 2000 deg/s

_PACKED = 3  # samples
_SINGLE_BYTES, _PACKED_BYTES = 8, 20


@dataclass(frozen=True, slots=True)
class _Chip:
    """Where the IMU chips differ. numbers: what they are called in the modules' answers.

    packed, single: data register of each module.
    """

    name: str
    numbers: tuple[int, int]
    acc_filter: int
    acc_range_code: int
    packed: dict[int, int]
    single: dict[int, int]


_BMI160 = _Chip("BMI160", (1, 0), 0x20, 0x0C, {_ACC: 0x1C, _GYR: 0x07}, {_ACC: 0x04, _GYR: 0x05})
_BMI270 = _Chip("BMI270", (4, 1), 0xA0, 0x03, {_ACC: 0x05, _GYR: 0x05}, {_ACC: 0x04, _GYR: 0x04})
_CHIPS = {chip.name: chip for chip in (_BMI160, _BMI270)}


class MetaMotionDriver:
    """The MetaMotion boards, and older boards of the maker with a BMI160."""

    name = "metamotion"
    title = "MbientLab MetaMotionS, RL, R"
    rates_hz: tuple[float, ...] = tuple(_ODR)
    default_rate_hz = 100.0
    gyroscope = True
    clock: Literal["none", "device"] = "none"
    counter = False
    cannot: tuple[str, ...] = (
        "packets carry neither time nor number: what is lost shows only as a lower rate",
        "accelerometer and gyroscope are paired by counting: at 100 Hz they may be 30 ms apart",
    )
    channels: tuple[str, ...] = ("notify",)

    def recognise(self, seen: Advertisement) -> str | None:
        """The model stands in no advertisement: all are MetaMotion until connected."""
        known = _SERVICE in seen.services or seen.name.lower() == "metawear"
        return "MetaMotion" if known else None

    async def start(self, link: Link, rate_hz: float) -> Setup:
        """Set both to 16 g, 1000 deg/s and one rate. SensorError if it is another kind of board.

        The board goes on sampling when a link is lost. It is halted before anything is listened
        to, so that no sample of an earlier connection comes; and it takes settings at rest only.
        """
        await _halt(link)
        await link.listen(_NOTIFY, 0)
        chip = await _chip(link)
        number, firmware = await _text(link, _MODEL_NUMBER), await _text(link, _FIRMWARE)
        rate_hz = nearest_rate(self.rates_hz, rate_hz)
        await link.write(_COMMAND, _SHORT_INTERVAL)
        await _unsubscribe(link, chip)
        odr = _ODR[rate_hz]
        await _write(link, _ACC, _CONFIG, chip.acc_filter | odr, chip.acc_range_code)
        await _write(link, _GYR, _CONFIG, _GYR_FILTER | odr, _GYR_RANGE_CODE)
        for module in (_ACC, _GYR):
            await _write(link, module, chip.packed[module], 1)
            await _write(link, module, _SAMPLING, 1, 0)
        # The gyroscope takes longer to wake.
        await _write(link, _GYR, _POWER, 1)
        await _write(link, _ACC, _POWER, 1)
        return Setup(
            driver=self.name,
            model=_MODELS.get(number, f"MbientLab model {number or 'unknown'}"),
            rate_hz=rate_hz,
            acc_range_g=_ACC_RANGE_G,
            gyr_range_dps=_GYR_RANGE_DPS,
            firmware=firmware,
            details={"chip": chip.name},
        )

    async def battery(self, link: Link) -> float | None:
        """Percent left, as the board says."""
        answer = await link.request(
            _COMMAND, _READ_BATTERY, 0, lambda data: _battery_pct(data) is not None
        )
        return _battery_pct(answer)

    async def stop(self, link: Link) -> None:
        """Halt first: that needs no answer."""
        await _halt(link)
        await _unsubscribe(link, await _chip(link))

    def decoder(self, setup: Setup) -> "MetaMotionDecoder":
        """SensorError for a setup whose chip is not known."""
        return MetaMotionDecoder(setup)


class MetaMotionDecoder:
    """Packets of both chips, single or packed -> samples of both streams together."""

    def __init__(self, setup: Setup) -> None:
        chip = _CHIPS.get(str(setup.details.get("chip")))
        if chip is None or not setup.acc_range_g or not setup.gyr_range_dps:
            raise SensorError(
                "a MetaMotion's setup needs both ranges and its chip, "
                f"{' or '.join(_CHIPS)}: take them from the original recording"
            )
        self.skipped: Counter[str] = Counter()
        self.battery_pct: float | None = None
        self._scale = {
            _ACC: setup.acc_range_g * STANDARD_GRAVITY_MPS2 / _ACC_FULL_SCALE,
            _GYR: float(np.deg2rad(setup.gyr_range_dps)) / _GYR_FULL_SCALE,
        }
        self._bytes = {
            bytes((module, registers[module])): size
            for registers, size in ((chip.single, _SINGLE_BYTES), (chip.packed, _PACKED_BYTES))
            for module in (_ACC, _GYR)
        }
        self._pairs = Pairs(setup.rate_hz, _PACKED, self.skipped)

    def feed(self, channel: int, data: bytes) -> list[Batch]:  # noqa: ARG002 -- there is only one
        """The samples that now have their partner; whatever is no data is an answer."""
        head = bytes(data[:2])
        if len(head) < 2:
            self.skipped["too short"] += 1
        elif head in _BATTERY:
            self._hear_battery(data)
        elif head in self._bytes:
            if len(data) == self._bytes[head]:
                return self._samples(data)
            self.skipped["wrong length"] += 1
        return []

    def _hear_battery(self, data: bytes) -> None:
        battery_pct = _battery_pct(data)
        if battery_pct is None:
            self.skipped["unreadable battery answer"] += 1
        else:
            self.battery_pct = battery_pct

    def _samples(self, data: bytes) -> list[Batch]:
        module = data[0]
        samples = np.frombuffer(data, "<i2", offset=2).reshape(-1, 3) * self._scale[module]
        pairs = self._pairs.add(ACC if module == _ACC else GYR, samples)
        return [] if pairs is None else [Batch(*pairs, None)]


def _battery_pct(data: bytes) -> float | None:
    """Percent, then the voltage in mV, u16; None if data is not that."""
    if data[:2] not in _BATTERY or len(data) != _BATTERY_BYTES or data[2] > 100:
        return None
    return float(data[2])


async def _chip(link: Link) -> _Chip:
    """Ask both modules what they are; each answer is awaited before the next question."""
    answers = [await _info(link, module) for module in (_ACC, _GYR)]
    if not all(answers):
        raise SensorError("the board has no gyroscope: use a MetaMotionS, RL or R")
    numbers = answers[0][0], answers[1][0]
    for chip in _CHIPS.values():
        if chip.numbers == numbers:
            if chip is _BMI160 and 0 in (answers[0][1], answers[1][1]):
                raise SensorError("the board cannot pack its data: update it in the app MetaBase")
            return chip
    raise SensorError(
        f"the board's IMU is of an unknown kind, {numbers[0]}/{numbers[1]}: "
        "use a MetaMotionS, RL or R"
    )


async def _info(link: Link, module: int) -> tuple[int, ...]:
    """Implementation and revision of a module; () if the board has none."""
    question = bytes((module, _INFO))
    answer = await link.request(_COMMAND, question, 0, lambda data: data[:2] == question)
    return tuple(answer[2:4]) if len(answer) >= 4 else ()


async def _halt(link: Link) -> None:
    for module in (_ACC, _GYR):
        await _write(link, module, _POWER, 0)
        await _write(link, module, _SAMPLING, 0, 1)


async def _unsubscribe(link: Link, chip: _Chip) -> None:
    """Single data too: another program may have asked for it."""
    for module in (_ACC, _GYR):
        await _write(link, module, chip.packed[module], 0)
        await _write(link, module, chip.single[module], 0)


async def _write(link: Link, *command: int) -> None:
    await link.write(_COMMAND, bytes(command))


async def _text(link: Link, uuid: str) -> str:
    if not link.has(uuid):
        return ""
    return (await link.read(uuid)).decode(errors="replace").strip("\0 ")


DRIVER: Driver = MetaMotionDriver()
