"""MetaMotion: commands in order, and the model sensor end to end."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.drivers import Setup, recognise
from sensor.drivers.metamotion import DRIVER
from sensor.link import Advertisement, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2, SampleBlock
from sensor.simulator.peripherals import Notification
from sensor.simulator.peripherals.metamotion import COMMAND, NOTIFY, MetaMotionPeripheral, Model
from tests.sensor.drivers.fake_link import FakeLink
from tests.sensor.drivers.metamotion_batches import BATTERY, joined

MODELS: tuple[Model, ...] = ("s", "rl")
CHIP = {"s": "BMI270", "rl": "BMI160"}

HALT = ["03 01 00", "03 02 00 01", "13 01 00", "13 02 00 01"]
DISCOVER = ["03 80", "13 80"]
UNSUBSCRIBE = {
    "s": ["03 05 00", "03 04 00", "13 05 00", "13 04 00"],
    "rl": ["03 1c 00", "03 04 00", "13 07 00", "13 05 00"],
}
START_100_HZ = {
    "s": [
        *["03 03 a8 03", "13 03 28 01", "03 05 01", "03 02 01 00", "13 05 01", "13 02 01 00"],
        *["13 01 01", "03 01 01"],
    ],
    "rl": [
        *["03 03 28 0c", "13 03 28 01", "03 1c 01", "03 02 01 00", "13 07 01", "13 02 01 00"],
        *["13 01 01", "03 01 01"],
    ],
}


def sensor(model: Model = "s") -> MetaMotionPeripheral:
    return MetaMotionPeripheral(address="C0:FF:EE:00:00:01", serial="1", model=model)


def started(peripheral: MetaMotionPeripheral, rate_hz: float = 100.0) -> tuple[FakeLink, Setup]:
    link = FakeLink(peripheral)
    return link, asyncio.run(DRIVER.start(link, rate_hz))


def written(link: FakeLink) -> list[str]:
    assert {uuid for uuid, _ in link.log} <= {COMMAND}
    return [data.hex(" ") for _, data in link.log]


def moving(count: int, rate_hz: float = 100.0) -> SampleBlock:
    t_s = np.arange(count) / rate_hz
    phases = np.arange(3)
    acc = 9.81 + 30 * np.sin(2 * np.pi * t_s[:, None] + phases)
    gyr = 8 * np.cos(3 * np.pi * t_s[:, None] + phases)
    return SampleBlock(t_s, acc, gyr)


# Commands


@pytest.mark.parametrize("model", MODELS)
def test_start_writes_these_bytes_in_this_order(model: Model) -> None:
    link, found = started(sensor(model))
    interval = ["11 09 06 00 0c 00 00 00 90 01"]
    assert written(link) == [
        *[*HALT, *DISCOVER, *interval],
        *[*UNSUBSCRIBE[model], *START_100_HZ[model]],
    ]
    assert found == Setup(
        driver="metamotion",
        model={"s": "MetaMotionS", "rl": "MetaMotionR/RL"}[model],
        rate_hz=100.0,
        acc_range_g=16.0,
        gyr_range_dps=1000.0,
        firmware=link.peripheral.read("00002a26-0000-1000-8000-00805f9b34fb").decode(),
        details={"chip": CHIP[model]},
    )
    assert link.peripheral.streaming
    assert link.peripheral.gyro


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("asked_hz", "rate_hz", "code"),
    [
        (1.0, 25.0, "6"),
        (25.0, 25.0, "6"),
        (26.0, 50.0, "7"),
        (200.0, 200.0, "9"),
        (999, 200.0, "9"),
    ],
)
def test_the_rate_is_the_nearest_at_or_above(
    model: Model, asked_hz: float, rate_hz: float, code: str
) -> None:
    link, found = started(sensor(model), asked_hz)
    assert found.rate_hz == link.peripheral.rate_hz == rate_hz
    acc = {"s": f"03 03 a{code} 03", "rl": f"03 03 2{code} 0c"}[model]
    assert [acc, f"13 03 2{code} 01"] == [one for one in written(link) if one[3:5] == "03"]


@pytest.mark.parametrize("model", MODELS)
def test_stop_takes_everything_down(model: Model) -> None:
    peripheral = sensor(model)
    link, _ = started(peripheral)
    link.log.clear()
    asyncio.run(DRIVER.stop(link))
    assert written(link) == HALT + DISCOVER + UNSUBSCRIBE[model]
    assert not peripheral.streaming
    assert not peripheral.gyro
    assert peripheral.packets(moving(30)) == []


@pytest.mark.parametrize("model", MODELS)
def test_the_battery_is_asked_for_while_it_streams(model: Model) -> None:
    link, found = started(sensor(model))
    link.log.clear()
    assert asyncio.run(DRIVER.battery(link)) == 99.0
    assert written(link) == ["11 8c"]
    assert link.packets[-1] == (0, bytes.fromhex(BATTERY))
    decoder = DRIVER.decoder(found)
    assert [batch for packet in link.packets for batch in decoder.feed(*packet)] == []
    assert decoder.battery_pct == 99.0
    assert not decoder.skipped


class FirstHeard(FakeLink):
    """Whether samples of an earlier connection still came when it was first listened to."""

    streamed: bool | None = None

    async def listen(self, uuid: str, channel: int) -> None:
        await super().listen(uuid, channel)
        self.streamed = self.peripheral.streaming


def sends_on_reconnection(peripheral: MetaMotionPeripheral) -> bool:
    """Whether it sends as soon as it is listened to, and nothing before."""
    peripheral.connected()
    assert peripheral.packets(moving(6)) == []
    peripheral.listen(NOTIFY, on=True)
    return peripheral.streaming and bool(peripheral.packets(moving(6)))


def test_what_still_runs_after_a_lost_link_is_halted_and_set_up_anew() -> None:
    peripheral = sensor()
    started(peripheral, 200.0)
    assert sends_on_reconnection(peripheral), "it goes on sampling"
    link = FirstHeard(peripheral)
    found = asyncio.run(DRIVER.start(link, 50.0))
    assert link.streamed is False
    assert found.rate_hz == peripheral.rate_hz == 50.0
    decoder = DRIVER.decoder(found)
    link.deliver(peripheral.packets(moving(30)))
    acc, _ = joined([batch for packet in link.packets for batch in decoder.feed(*packet)])
    assert len(acc) == 30


def test_single_data_that_another_program_asked_for_is_ended() -> None:
    peripheral = sensor()
    for command in ("03 04 01", "13 04 01"):
        peripheral.write(COMMAND, bytes.fromhex(command))
    started(peripheral)
    assert {one.data[:2].hex(" ") for one in peripheral.packets(moving(30))} == {"03 05", "13 05"}


class OtherBoard(MetaMotionPeripheral):
    """It answers some questions otherwise; not at all where the answer is ""."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__(address="C0:FF:EE:00:00:02", serial="2", model="rl")
        self._other = answers

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        answers = super().write(uuid, data)
        other = self._other.get(data.hex(" "))
        if other is None:
            return answers
        return [Notification(None, NOTIFY, bytes.fromhex(other))] if other else []


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"13 80": "13 80"}, "no gyroscope: use a MetaMotionS, RL or R"),
        ({"03 80": "03 80 03 01"}, "unknown kind, 3/0: use a MetaMotionS, RL or R"),
        ({"13 80": "13 80 01 00"}, "unknown kind, 1/1: use a MetaMotionS, RL or R"),
        ({"03 80": "03 80 01 00"}, "cannot pack its data: update it"),
        ({"13 80": "13 80 00 00"}, "cannot pack its data: update it"),
        ({"03 80": ""}, "does not answer 03 80"),
        ({"13 80": ""}, "does not answer 13 80"),
    ],
)
def test_a_board_that_cannot_do_it_is_told_in_one_line(
    answers: dict[str, str], message: str
) -> None:
    peripheral = OtherBoard(answers)
    with pytest.raises(SensorError, match=message) as refusal:
        started(peripheral)
    assert "\n" not in str(refusal.value)
    assert not peripheral.streaming


@pytest.mark.parametrize(
    ("seen", "model"),
    [
        (sensor().advertisement, "MetaMotion"),
        (replace(sensor().advertisement, name="left hip"), "MetaMotion"),
        (Advertisement("C0:FF:EE:00:00:03", "MetaWear"), "MetaMotion"),
        (Advertisement("C0:FF:EE:00:00:03", "MetaBoot"), None),
        (Advertisement("C0:FF:EE:00:00:03"), None),
    ],
)
def test_a_board_is_known_by_its_service_or_its_first_name(
    seen: Advertisement, model: str | None
) -> None:
    assert DRIVER.recognise(seen) == model
    assert recognise(seen) == (None if model is None else (DRIVER, model))


# The model sensor


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("rate_hz", DRIVER.rates_hz)
def test_what_the_sensor_measures_comes_out_within_its_resolution(
    model: Model, rate_hz: float
) -> None:
    peripheral = sensor(model)
    link, found = started(peripheral, rate_hz)
    block = moving(600, rate_hz)
    link.deliver(peripheral.packets(block))
    decoder = DRIVER.decoder(found)
    acc, gyr = joined([batch for packet in link.packets for batch in decoder.feed(*packet)])
    assert block.gyr is not None
    assert acc == pytest.approx(block.acc, abs=0.5001 * STANDARD_GRAVITY_MPS2 / 2048)
    assert gyr == pytest.approx(block.gyr, abs=0.5001 * np.deg2rad(1 / 32.8))
    assert not decoder.skipped


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_packets_are_the_same_however_the_samples_come(sizes: list[int]) -> None:
    block = moving(sum(sizes))
    assert block.gyr is not None
    whole, cut = sensor(), sensor()
    for peripheral in (whole, cut):
        started(peripheral)
    sent = []
    for end, size in zip(np.cumsum(sizes).tolist(), sizes, strict=True):
        part = slice(end - size, end)
        sent += cut.packets(SampleBlock(block.t_s[part], block.acc[part], block.gyr[part]))
    assert sent == whole.packets(block)


def test_a_packet_holds_three_samples_and_is_sent_with_the_last() -> None:
    peripheral = sensor("rl")
    started(peripheral)
    block = moving(7)
    sent = peripheral.packets(block)
    assert [one.data[:2].hex(" ") for one in sent] == ["03 1c", "13 07"] * 2
    assert {len(one.data) for one in sent} == {20}
    assert [one.at_s for one in sent] == [block.t_s[2], block.t_s[2], block.t_s[5], block.t_s[5]]


def test_values_beyond_the_range_clip() -> None:
    peripheral = sensor()
    link, found = started(peripheral)
    far = np.full((3, 3), 1e4) * [1, -1, 1]
    link.deliver(peripheral.packets(SampleBlock(np.arange(3) / 100, far, far)))
    decoder = DRIVER.decoder(found)
    acc, gyr = joined([batch for packet in link.packets for batch in decoder.feed(*packet)])
    assert np.abs(acc) == pytest.approx(16 * STANDARD_GRAVITY_MPS2, rel=1e-3)
    assert np.rad2deg(np.abs(gyr)) == pytest.approx(1000, rel=2e-3)
    assert np.array_equal(np.sign(acc), np.sign(far))


@pytest.mark.parametrize("lost", ["03 05", "13 05"])
def test_after_a_lost_packet_the_two_streams_come_together_again(lost: str) -> None:
    peripheral = sensor()
    _, found = started(peripheral)
    block = moving(900)
    sent = [one.data for one in peripheral.packets(block)]
    gone = next(k for k in range(200, 203) if sent[k].startswith(bytes.fromhex(lost)))
    del sent[gone]
    decoder = DRIVER.decoder(found)
    acc, gyr = joined([batch for packet in sent for batch in decoder.feed(0, packet)])
    assert block.gyr is not None
    assert len(acc) == 897
    assert acc[-300:] == pytest.approx(block.acc[-300:], abs=0.01)
    assert gyr[-300:] == pytest.approx(block.gyr[-300:], abs=0.001)
    assert list(decoder.skipped.values()) == [1]


@pytest.mark.parametrize("left_out", ["03 03 a8 03", "03 05 01", "03 02 01 00", "03 01 01"])
def test_the_model_sensor_sends_only_what_is_set_up_subscribed_and_started(left_out: str) -> None:
    peripheral = sensor()
    peripheral.listen(NOTIFY, on=True)
    for command in START_100_HZ["s"]:
        if command != left_out:
            assert peripheral.write(COMMAND, bytes.fromhex(command)) == []
    assert {one.data[0] for one in peripheral.packets(moving(9))} == {0x13}
    peripheral.write(COMMAND, bytes.fromhex("13 01 00"))
    assert not peripheral.streaming


@pytest.mark.parametrize("command", ["", "03", "03 83 00", "42 80", "03 03 ff 03", "11 09 06 00"])
def test_the_model_sensor_is_silent_on_what_it_does_not_know(command: str) -> None:
    peripheral = sensor()
    peripheral.listen(NOTIFY, on=True)
    assert peripheral.write(COMMAND, bytes.fromhex(command)) == []
    assert peripheral.log == [(COMMAND, bytes.fromhex(command))]
    assert peripheral.rate_hz == 100.0


def test_the_model_sensor_takes_no_settings_while_it_runs() -> None:
    peripheral = sensor()
    started(peripheral)
    peripheral.write(COMMAND, bytes.fromhex("03 03 a7 03"))
    assert peripheral.rate_hz == 100.0
