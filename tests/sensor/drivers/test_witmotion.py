"""WitMotion: settings are made, read back and never saved."""

import asyncio

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sensor.drivers import Setup
from sensor.drivers.witmotion import DRIVER
from sensor.link import Advertisement, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from sensor.simulator.peripherals import Characteristic, Notification, make
from sensor.simulator.peripherals.witmotion import WitMotionPeripheral
from tests.sensor.drivers.fake_link import FakeLink
from tests.sensor.drivers.witmotion_frames import MADE_UP, REAL, decoded, samples_of

NOTIFY = "0000ffe4-0000-1000-8000-00805f9a34fb"
WRITE = "0000ffe9-0000-1000-8000-00805f9a34fb"
SERVICE = "0000ffe5-0000-1000-8000-00805f9a34fb"

UNLOCK = "ff aa 69 88 b5"
SIX_AXES = "ff aa 24 01 00"
READ_RATE = "ff aa 27 03 00"
READ_VERSION = "ff aa 27 2e 00"
AT_100_HZ = (UNLOCK, SIX_AXES, "ff aa 1f 03 00", "ff aa 03 09 00")


class Silent(WitMotionPeripheral):
    """Its firmware answers nothing."""

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        super().write(uuid, data)
        return []


class Talkative(WitMotionPeripheral):
    """Its replies are 22 bytes long and stand between data, in one notification."""

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        return [
            Notification(None, one.uuid, REAL + one.data + b"\0\0" + MADE_UP)
            for one in super().write(uuid, data)
        ]


class TakesOnly0A(WitMotionPeripheral):
    """Its 200 Hz are 0x0A, as in the datasheet."""

    def _takes_rate(self, code: int) -> bool:
        return code != 0x0B


class Forgetful(WitMotionPeripheral):
    """It takes no change before someone listens."""

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        if self.streaming:
            return super().write(uuid, data)
        self.log.append((uuid, data))
        return []


def model(kind: type[WitMotionPeripheral] = WitMotionPeripheral) -> WitMotionPeripheral:
    return kind("C0:FF:EE:00:00:01", "67")


def started(peripheral: WitMotionPeripheral, rate_hz: float = 100.0) -> tuple[FakeLink, Setup]:
    link = FakeLink(peripheral)
    return link, asyncio.run(DRIVER.start(link, rate_hz))


def sent(link: FakeLink) -> list[str]:
    return [data.hex(" ") for _, data in link.log]


def samples(count: int, scale: float = 1.0) -> SampleBlock:
    rng = np.random.default_rng(3)
    return SampleBlock(
        np.arange(count) / 100.0,
        scale * rng.uniform(-150.0, 150.0, (count, 3)),
        scale * rng.uniform(-34.0, 34.0, (count, 3)),
    )


# Recognised


def test_it_is_known_by_its_name_or_its_service() -> None:
    assert DRIVER.recognise(Advertisement("a", "WT901BLE67")) == "WitMotion WT901BLE67"
    assert DRIVER.recognise(Advertisement("a", "WT9011DCL-BT50")) == "WitMotion WT9011DCL-BT50"
    assert DRIVER.recognise(Advertisement("a", services=(SERVICE,))) == DRIVER.title
    assert DRIVER.recognise(Advertisement("a", "Thingy")) is None
    bluetooth = "0000ffe5-0000-1000-8000-00805f9b34fb"
    assert DRIVER.recognise(Advertisement("a", services=(bluetooth,))) is None
    assert DRIVER.recognise(make("witmotion").advertisement) is not None


# Start


def test_settings_are_unlocked_made_and_read_back_but_never_saved() -> None:
    link, setup = started(model())
    assert sent(link) == [*AT_100_HZ, READ_RATE, READ_VERSION]
    assert {uuid for uuid, _ in link.log} == {WRITE}
    assert setup == Setup(
        "witmotion", DRIVER.title, 100.0, 16.0, 2000.0, "4015", {"confirmed": "yes"}
    )
    assert (link.peripheral.rate_hz, link.peripheral.streaming) == (100.0, True)


@pytest.mark.parametrize(
    ("asked_hz", "commands", "rate_hz"),
    [
        (10.0, ("ff aa 1f 04 00", "ff aa 03 08 00"), 50.0),
        (50.0, ("ff aa 1f 04 00", "ff aa 03 08 00"), 50.0),
        (52.0, ("ff aa 1f 03 00", "ff aa 03 09 00"), 100.0),
        (104.0, ("ff aa 1f 02 00", "ff aa 03 0b 00"), 200.0),
        (400.0, ("ff aa 1f 02 00", "ff aa 03 0b 00"), 200.0),
    ],
)
def test_each_rate_has_its_bandwidth(
    asked_hz: float, commands: tuple[str, ...], rate_hz: float
) -> None:
    link, setup = started(model(), asked_hz)
    assert sent(link)[2:4] == list(commands)
    assert setup.rate_hz == link.peripheral.rate_hz == rate_hz


def test_200_hz_is_asked_for_in_both_ways() -> None:
    link, setup = started(model(TakesOnly0A), 200.0)
    assert sent(link)[3:9] == [
        *("ff aa 03 0b 00", READ_RATE),
        *(UNLOCK, SIX_AXES, "ff aa 1f 02 00", "ff aa 03 0a 00"),
    ]
    assert (setup.rate_hz, setup.details["confirmed"]) == (200.0, "yes")


def test_settings_that_were_made_too_early_are_made_again() -> None:
    link, setup = started(model(Forgetful))
    assert sent(link) == [*AT_100_HZ, READ_RATE, *AT_100_HZ, READ_RATE, READ_VERSION]
    assert setup.rate_hz == link.peripheral.rate_hz == 100.0


def test_a_rate_that_it_does_not_take_is_not_claimed() -> None:
    link, setup = started(WitMotionPeripheral("C0:FF:EE:00:00:01", "67", stubborn=True))
    assert setup.rate_hz == link.peripheral.rate_hz == 10.0
    assert setup.details == {"confirmed": "yes"}


def test_a_silent_sensor_is_started_all_the_same() -> None:
    link, setup = started(model(Silent))
    assert sent(link) == [*AT_100_HZ, READ_RATE]
    assert (setup.rate_hz, setup.firmware) == (100.0, "")
    assert setup.details == {"confirmed": "no"}
    assert link.peripheral.streaming


def test_a_longer_reply_is_found_between_data() -> None:
    link, setup = started(model(Talkative))
    assert (setup.rate_hz, setup.details["confirmed"]) == (100.0, "yes")
    batches, decoder = decoded(*(data for _, data in link.packets))
    assert_array_equal(samples_of(batches), samples_of(decoded(REAL, MADE_UP, REAL, MADE_UP)[0]))
    assert not decoder.skipped


@pytest.mark.parametrize(
    ("notify", "write", "flag"),
    [
        (NOTIFY, WRITE, "write"),
        (NOTIFY.replace("9a", "9b"), WRITE.replace("9a", "9b"), "write"),
        (NOTIFY.replace("ffe4", "fff1"), WRITE.replace("ffe9", "fff2"), "write-without-response"),
        (
            "0000fff1-0000-1000-8000-00805f9b34fb",
            "0000fff2-0000-1000-8000-00805f9b34fb",
            "write-without-response",
        ),
        (
            "49535343-1e4d-4bd9-ba61-23c647249616",
            "49535343-8841-43f4-a8d4-ecbe34729bb3",
            "write",
        ),
        (NOTIFY.replace("ffe4", "ffe1"), NOTIFY.replace("ffe4", "ffe1"), "write-without-response"),
    ],
)
def test_other_batches_have_other_characteristics(notify: str, write: str, flag: str) -> None:
    peripheral = model()
    flags = {notify: ("notify",), write: (flag,)} if notify != write else {write: (flag, "notify")}
    peripheral.characteristics = tuple(
        Characteristic(SERVICE, uuid, of) for uuid, of in flags.items()
    )
    link, setup = started(peripheral)
    assert {uuid for uuid, _ in link.log} == {write}
    assert (setup.rate_hz, setup.details["confirmed"]) == (100.0, "yes")
    assert peripheral.streaming


def test_a_sensor_without_known_characteristics_is_refused() -> None:
    peripheral = model()
    peripheral.characteristics = (Characteristic(SERVICE, NOTIFY, ("notify",)),)
    with pytest.raises(SensorError, match="none of the known characteristics: only models with"):
        started(peripheral)


# Battery and stop


@pytest.mark.parametrize(
    ("centivolts", "percent"),
    [
        *((420, 100), (396, 100), (395, 90), (393, 90), (392, 75), (387, 75), (386, 60)),
        *((382, 60), (381, 50), (379, 50), (378, 40), (377, 40), (376, 30), (373, 30)),
        *((372, 20), (370, 20), (369, 15), (368, 15), (367, 10), (350, 10), (349, 5)),
        *((340, 5), (339, 0), (0, 0)),
    ],
)
def test_the_battery_is_asked_for_while_it_streams(centivolts: int, percent: float) -> None:
    peripheral = model()
    link, setup = started(peripheral)
    peripheral._registers[0x64] = centivolts
    assert asyncio.run(DRIVER.battery(link)) == percent
    assert sent(link)[-1] == "ff aa 27 64 00"
    decoder = DRIVER.decoder(setup)
    assert not any(decoder.feed(*packet) for packet in link.packets)
    assert decoder.battery_pct == percent
    assert not decoder.skipped


def test_the_battery_of_a_silent_sensor_is_not_known() -> None:
    link, _ = started(model(Silent))
    assert asyncio.run(DRIVER.battery(link)) is None


def test_it_is_stopped_without_a_word() -> None:
    link, _ = started(model())
    before = sent(link)
    asyncio.run(DRIVER.stop(link))
    assert sent(link) == before


# The model sensor


def streamed(peripheral: WitMotionPeripheral, block: SampleBlock, rate_hz: float) -> Floats:
    link, setup = started(peripheral, rate_hz)
    link.packets.clear()
    link.deliver(peripheral.packets(block))
    decoder = DRIVER.decoder(setup)
    batches = [batch for packet in link.packets for batch in decoder.feed(*packet)]
    assert not decoder.skipped
    return samples_of(batches)


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 200.0])
def test_what_the_model_sensor_measures_is_decoded_within_half_a_count(rate_hz: float) -> None:
    block = samples(200)
    assert block.gyr is not None
    found = streamed(model(), block, rate_hz)
    acc_count = 16 * STANDARD_GRAVITY_MPS2 / 32768
    assert_allclose(found[:, :3], block.acc, atol=0.5001 * acc_count)
    assert_allclose(found[:, 3:], block.gyr, atol=0.5001 * np.radians(2000 / 32768))


def test_the_model_sensor_clips_at_its_range() -> None:
    found = streamed(model(), samples(50, scale=10.0), 100.0)
    assert_allclose(np.abs(found[:, :3]).max(), 16 * STANDARD_GRAVITY_MPS2)
    assert_allclose(np.degrees(np.abs(found[:, 3:]).max()), 2000.0)


def test_at_200_hz_two_frames_share_a_notification() -> None:
    peripheral = model()
    started(peripheral, 200.0)
    first = peripheral.packets(samples(3))
    assert [len(one.data) for one in first] == [40]
    assert [one.at_s for one in first] == [0.01]
    assert len(peripheral.packets(samples(1))) == 1


def test_the_model_sensor_takes_changes_for_10_s_after_it_was_unlocked() -> None:
    peripheral = model()
    peripheral.listen(NOTIFY, on=True)
    change = bytes.fromhex("ff aa 03 09 00")
    peripheral.write(WRITE, change)
    assert peripheral.rate_hz == 10.0
    peripheral.write(WRITE, bytes.fromhex(UNLOCK))
    peripheral.packets(samples(100))
    peripheral.write(WRITE, change)
    assert peripheral.rate_hz == 10.0
    peripheral.write(WRITE, bytes.fromhex(UNLOCK))
    peripheral.packets(samples(99))
    peripheral.write(WRITE, change)
    assert peripheral.rate_hz == 100.0
    peripheral.connected()
    assert (peripheral.rate_hz, peripheral.streaming) == (100.0, False)
    assert peripheral.packets(samples(5)) == []
