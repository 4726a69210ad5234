"""Model Polar sensors: their samples there and back, how they stop, and how they answer."""

import asyncio

import numpy as np
import pytest

from sensor.drivers.polar import BATTERY, CONTROL, DATA, DRIVER
from sensor.samples import STANDARD_GRAVITY_MPS2, SampleBlock
from tests.sensor.drivers.fake_link import FakeLink
from tests.sensor.drivers.polar_model import (
    Model,
    commands,
    fed,
    joined,
    moving,
    peripheral,
    sent,
    started,
)

# Streaming


def test_samples_of_a_verity_sense_come_back() -> None:
    sensor = peripheral()
    link, setup = started(sensor)
    samples = moving(sensor)
    frames = sent(link, sensor, samples)
    decoder = DRIVER.decoder(setup)
    acc_s, acc, gyr_s, gyr = joined(fed(decoder, frames))
    assert not decoder.skipped
    assert min(len(acc), len(gyr)) > len(samples) - 80
    # The gyroscope is half an interval later; both count from the same instant.
    begin_s = samples.t_s[0] - acc_s[0]
    np.testing.assert_allclose(acc_s + begin_s, samples.t_s[: len(acc)], atol=1e-6)
    assert samples.gyr is not None
    middle_s = (samples.t_s[1:] + samples.t_s[:-1])[: len(gyr)] / 2
    middle = (samples.gyr[1:] + samples.gyr[:-1])[: len(gyr)] / 2
    np.testing.assert_allclose(gyr_s + begin_s, middle_s, atol=1e-6)
    half_acc = 0.5 * 8 / 32768 * STANDARD_GRAVITY_MPS2
    half_gyr = 0.5 * np.deg2rad(1000 / 32768)
    np.testing.assert_allclose(acc, samples.acc[: len(acc)], atol=half_acc + 1e-9)
    np.testing.assert_allclose(gyr, middle, atol=half_gyr + 1e-9)


def test_samples_of_an_h10_come_back() -> None:
    sensor = peripheral("h10")
    link, setup = started(sensor, 200)
    samples = moving(sensor)
    frames = sent(link, sensor, samples)
    assert {len(data) for data in frames} == {10 + 36 * 6}
    acc_s, acc, gyr_s, _ = joined(fed(DRIVER.decoder(setup), frames))
    assert len(gyr_s) == 0
    assert len(acc) > len(samples) - 36
    np.testing.assert_allclose(np.diff(acc_s), 1 / 200, atol=1e-6)
    half_mg = 0.5e-3 * STANDARD_GRAVITY_MPS2
    np.testing.assert_allclose(acc, samples.acc[: len(acc)], atol=half_mg + 1e-9)


def test_frames_of_a_verity_sense_fit_into_a_packet_and_are_compressed() -> None:
    sensor = peripheral()
    link, _ = started(sensor)
    wild = np.random.default_rng(2).normal(0, 30, (2, 400, 3))
    frames = sent(link, sensor, SampleBlock(np.arange(400) / 104, wild[0], wild[1]))
    assert {data[0] for data in frames} == {2, 5}
    assert {data[9] for data in frames} == {0x80}
    assert max(map(len, frames)) <= 228


@pytest.mark.parametrize("model", ["verity", "h10"])
def test_what_is_beyond_the_range_is_cut_off_there(model: Model) -> None:
    sensor = peripheral(model)
    link, setup = started(sensor)
    count = 300
    huge = np.full((count, 3), (1e3, -1e3, 0.0))
    frames = sent(link, sensor, SampleBlock(np.arange(count) / sensor.rate_hz, huge, huge))
    _, acc, _, gyr = joined(fed(DRIVER.decoder(setup), frames))
    assert len(acc) > 0
    np.testing.assert_allclose(np.abs(acc[:, :2]) / STANDARD_GRAVITY_MPS2, 8, rtol=1e-3)
    np.testing.assert_allclose(np.abs(np.rad2deg(gyr[:, :2])), 1000, rtol=1e-3)


def test_after_a_lost_frame_the_others_keep_their_times() -> None:
    sensor = peripheral("h10")
    link, setup = started(sensor)
    slow = moving(sensor)
    # A sample clock that is off by 3 %, which only the first frame cannot know.
    samples = SampleBlock(slow.t_s * 1.03, slow.acc, None)
    frames = sent(link, sensor, samples)
    lost = 5
    acc_s = joined(fed(DRIVER.decoder(setup), frames[:lost] + frames[lost + 1 :]))[0]
    kept_s = np.delete(samples.t_s, np.s_[36 * lost : 36 * (lost + 1)])[: len(acc_s)]
    expected_s = kept_s - samples.t_s[35]
    np.testing.assert_allclose(acc_s[36:], expected_s[36:], atol=1e-6)


def test_streams_that_the_sensor_stops_are_counted() -> None:
    sensor = peripheral()
    link, setup = started(sensor)
    decoder = DRIVER.decoder(setup)
    for channel, data in link.packets:
        assert decoder.feed(channel, data) == []
    assert not decoder.skipped
    link.packets.clear()
    link.deliver(sensor.put_into_charger())
    assert link.packets == [(0, b"\x01\x02\x05")]
    assert decoder.feed(*link.packets[0]) == []
    assert decoder.skipped == {"the sensor stopped its streams": 1}
    assert sensor.packets(moving(sensor)) == []


# Stopping and battery


@pytest.mark.parametrize(
    ("model", "expected"), [("verity", ["03 02", "03 05", "03 09"]), ("h10", ["03 02"])]
)
def test_it_stops_what_it_started(model: Model, expected: list[str]) -> None:
    sensor = peripheral(model)
    link, _ = started(sensor)
    sensor.log.clear()
    asyncio.run(DRIVER.stop(link))
    assert commands(link) == expected
    assert not sensor.streaming
    asyncio.run(DRIVER.stop(link))  # nothing is left to stop, which is no fault


def test_the_battery_is_read() -> None:
    sensor = peripheral()
    link, _ = started(sensor)
    assert asyncio.run(DRIVER.battery(link)) == sensor.read(BATTERY)[0]


def test_a_sensor_without_a_battery_service_says_nothing_of_it() -> None:
    sensor = peripheral()
    sensor.characteristics = tuple(one for one in sensor.characteristics if one.uuid != BATTERY)
    assert asyncio.run(DRIVER.battery(FakeLink(sensor))) is None


# The model sensor


@pytest.mark.parametrize(
    ("model", "command", "answer"),
    [
        ("verity", "01 02", "f0 01 02 00 00 00 01 34 00 01 01 10 00 02 01 08 00 04 01 03"),
        ("verity", "01 05", "f0 01 05 00 00 00 01 34 00 01 01 10 00 02 01 d0 07 04 01 03"),
        ("h10", "04 02", "f0 04 02 01"),
        ("h10", "02 05", "f0 02 05 02"),
        ("h10", "02 09", "f0 02 09 02"),
        ("verity", "07 02", "f0 07 02 01"),
        ("verity", "01 00", "f0 01 00 02"),
        ("verity", "03 02", "f0 03 02 06"),
        ("verity", "03 09", "f0 03 09 06"),
        ("verity", "02 02 00 01 34", "f0 02 02 04"),
        ("verity", "02 02 00 01 34 00 01 01 10 00 02 01 08 00", "f0 02 02 05"),
        ("verity", "02 02 00 01 34 00 01 01 18 00 02 01 08 00 04 01 03", "f0 02 02 07"),
        ("verity", "02 02 00 01 68 00 01 01 10 00 02 01 08 00 04 01 03", "f0 02 02 08"),
        ("verity", "02 02 00 01 34 00 01 01 10 00 02 01 10 00 04 01 03", "f0 02 02 09"),
        ("verity", "02 02 00 01 34 00 01 01 10 00 02 01 08 00 04 01 01", "f0 02 02 0b"),
        ("verity", "02 02 00 01 34 00 01 01 10 00 02 01 08 00 04 01 03", "f0 02 02 00 00"),
    ],
)
def test_the_model_sensor_answers_as_the_real_one(model: Model, command: str, answer: str) -> None:
    sensor = peripheral(model)
    for uuid in (CONTROL, DATA):
        sensor.listen(uuid, on=True)
    (reply,) = sensor.write(CONTROL, bytes.fromhex(command))
    assert reply.data == bytes.fromhex(answer)


def test_the_model_sensor_changes_its_mode_only_while_nothing_streams() -> None:
    sensor = peripheral()
    started(sensor)
    (reply,) = sensor.write(CONTROL, b"\x03\x09")
    assert reply.data == bytes.fromhex("f0 03 09 0c")
