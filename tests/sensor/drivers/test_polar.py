"""How Polar sensors are known and started, and what is told where they refuse."""

import numpy as np
import pytest

from sensor.drivers import recognise
from sensor.drivers.polar import CONTROL, DATA, DRIVER
from sensor.link import Advertisement, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2
from sensor.simulator.peripherals import make
from sensor.simulator.peripherals.polar import PolarPeripheral
from tests.sensor.drivers.polar_model import (
    ADDRESS,
    Model,
    Odd,
    commands,
    fed,
    joined,
    moving,
    peripheral,
    sent,
    started,
)

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"

VERITY_COMMANDS = [
    "03 02",
    "03 05",
    "02 09",
    "04 02",
    "04 05",
    "02 02 00 01 68 00 01 01 10 00 02 01 08 00 04 01 03",
    "02 05 00 01 68 00 01 01 10 00 02 01 e8 03 04 01 03",
]
H10_COMMANDS = ["03 02", "01 02", "02 02 00 01 c8 00 01 01 10 00 02 01 08 00"]


def refusal(sensor: PolarPeripheral) -> str:
    with pytest.raises(SensorError) as caught:
        started(sensor)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Recognising


@pytest.mark.parametrize(
    ("name", "services", "model"),
    [
        ("Polar Sense 12345678", (), "Polar Verity Sense"),
        ("Polar Verity Sense 1234", (), "Polar Verity Sense"),
        ("Polar H10 12345678", (), "Polar H10"),
        ("My strap", (SERVICE,), "Polar sensor"),
        ("Polar H9 12345678", (), None),
        ("", (), None),
        ("Sense", ("0000180d-0000-1000-8000-00805f9b34fb",), None),
    ],
)
def test_it_knows_its_sensors(name: str, services: tuple[str, ...], model: str | None) -> None:
    assert DRIVER.recognise(Advertisement(ADDRESS, name, None, services)) == model


@pytest.mark.parametrize("model", ["verity", "h10"])
def test_the_model_sensors_are_recognised_as_what_they_are(model: Model) -> None:
    sensor = peripheral(model)
    found = recognise(sensor.advertisement)
    assert found is not None
    assert found[0].name == "polar"
    assert found[1] == started(sensor)[1].model


def test_the_model_sensor_is_a_verity_sense_unless_told_otherwise() -> None:
    assert "Sense" in make("polar").advertisement.name


# Starting


def test_a_verity_sense_is_started_in_sdk_mode() -> None:
    link, setup = started(peripheral())
    assert commands(link) == VERITY_COMMANDS
    assert link.peripheral.streaming
    assert link.peripheral.rate_hz == setup.rate_hz == 104
    assert (setup.driver, setup.model, setup.firmware) == ("polar", "Polar Verity Sense", "2.2.6")
    assert (setup.acc_range_g, setup.gyr_range_dps) == (8, 1000)
    assert setup.details == {"acc_factor": 8 / 32768, "gyr_factor": 1000 / 32768}


def test_an_h10_has_an_accelerometer_only() -> None:
    link, setup = started(peripheral("h10"), 200)
    assert commands(link) == H10_COMMANDS
    assert (setup.model, setup.firmware, setup.rate_hz) == ("Polar H10", "3.2.2", 200)
    assert (setup.acc_range_g, setup.gyr_range_dps) == (8, None)
    assert setup.details == {"acc_factor": 1}


@pytest.mark.parametrize(
    ("model", "asked_hz", "rate_hz"),
    [
        ("verity", 20, 26),
        ("verity", 50, 52),
        ("verity", DRIVER.default_rate_hz, 104),
        ("verity", 104, 104),
        ("verity", 105, 208),
        ("verity", 1000, 208),
        ("h10", DRIVER.default_rate_hz, 100),
        ("h10", 101, 200),
        ("h10", 1000, 200),
    ],
)
def test_the_rate_is_the_nearest_at_or_above(model: Model, asked_hz: float, rate_hz: float) -> None:
    sensor = peripheral(model)
    assert started(sensor, asked_hz)[1].rate_hz == rate_hz
    assert sensor.rate_hz == rate_hz


def test_nothing_is_answered_before_both_channels_are_listened_to() -> None:
    sensor = peripheral()
    for heard in ((), (CONTROL,), (DATA,)):
        sensor.connected()
        for uuid in heard:
            sensor.listen(uuid, on=True)
        assert sensor.write(CONTROL, b"\x02\x09") == []


@pytest.mark.parametrize("model", ["verity", "h10"])
def test_streams_that_still_run_are_started_anew(model: Model) -> None:
    sensor = peripheral(model)
    first = started(sensor, 50)[1]
    link, second = started(sensor, 100)
    assert second.rate_hz > first.rate_hz
    assert sensor.rate_hz == second.rate_hz
    frames = sent(link, sensor, moving(sensor))
    acc_s = joined(fed(DRIVER.decoder(second), frames))[0]
    np.testing.assert_allclose(np.diff(acc_s), 1 / second.rate_hz, atol=1e-6)


def test_a_verity_sense_without_sdk_mode_streams_as_it_can() -> None:
    sensor = Odd(features=bytes((0x0F, 0x6E, 0x00)))
    link, setup = started(sensor)
    assert not {"02 09", "04 02", "04 05"} & set(commands(link))
    assert (setup.rate_hz, setup.acc_range_g, setup.gyr_range_dps) == (52, 8, 2000)
    samples = moving(sensor)
    acc = joined(fed(DRIVER.decoder(setup), sent(link, sensor, samples)))[1]
    np.testing.assert_allclose(
        acc, samples.acc[: len(acc)], atol=0.5e-3 * STANDARD_GRAVITY_MPS2 + 1e-9
    )


def test_a_reply_may_come_in_parts() -> None:
    parts = [
        "f0 04 02 00 01 00 05 1a 00 34 00 68 00 d0 00 a0 01",
        "f0 04 02 00 01 01 01 10 00 02 04 02 00 04 00",
        "f0 04 02 00 00 08 00 10 00 04 01 03",
    ]
    link, _ = started(Odd(answers={"04 02": parts}))
    assert commands(link) == VERITY_COMMANDS


def test_replies_to_other_commands_are_not_taken() -> None:
    stale = ["f0 03 02 00 00", "f0 04 05 05", "01 02", "f0", "f0 04 02"]
    settings = "f0 04 02 00 00 00 01 68 00 01 01 10 00 02 01 08 00 04 01 03"
    link, _ = started(Odd(answers={"04 02": [*stale, settings]}))
    assert commands(link) == VERITY_COMMANDS


# Refusals


def test_in_its_charger_it_measures_nothing() -> None:
    sensor = peripheral()
    sensor.put_into_charger()
    assert refusal(sensor) == (
        "the Polar Verity Sense refuses SDK mode with status 13, in the charger: "
        "take it off the charger"
    )


@pytest.mark.parametrize(
    ("status", "cure"),
    [
        (1, "update its firmware"),
        (6, "switch it off and on"),
        (8, "another rate"),
        (10, "another Bluetooth adapter"),
        (12, "close every other app"),
        (13, "take it off the charger"),
        (14, "delete its recordings"),
        (200, "switch it off and on"),
    ],
)
@pytest.mark.parametrize(
    ("command", "what"), [("04 05", "the gyroscope"), ("02 02", "the accelerometer")]
)
def test_each_refusal_says_its_cure(command: str, what: str, status: int, cure: str) -> None:
    told = refusal(Odd(answers={command: [f"f0 {command} {status:02x}"]}))
    assert told.startswith(f"the Polar Verity Sense refuses {what} with status {status}")
    assert cure in told.partition(": ")[2]


def test_sdk_mode_that_is_on_already_is_no_fault() -> None:
    link, setup = started(Odd(answers={"02 09": ["f0 02 09 06"]}))
    assert commands(link) == VERITY_COMMANDS
    assert setup.rate_hz == 104


def test_sdk_mode_while_another_app_streams_is_refused() -> None:
    assert "close every other app" in refusal(Odd(answers={"02 09": ["f0 02 09 0c"]}))


@pytest.mark.parametrize("factor", ["0000c07f", "0000807f", "00000000", "000080bf"])
def test_a_factor_that_cannot_be_is_refused(factor: str) -> None:
    told = refusal(Odd(answers={"02 05": [f"f0 02 05 00 00 05 01 {factor}"]}))
    assert "the gyroscope the factor" in told


@pytest.mark.parametrize(
    "settings",
    ["", "00 01 68 00", "02 01 08 00", "00 00 02 01 08 00", "00 01 a0 01 02 01 08 00"],
)
def test_settings_without_a_usable_rate_and_range_are_refused(settings: str) -> None:
    told = refusal(Odd(answers={"04 02": ["f0 04 02 00 00" + settings]}))
    assert told.startswith("the Polar Verity Sense offers no rate or range")


@pytest.mark.parametrize(
    ("features", "told"),
    [
        (b"", "does not say what it measures"),
        (b"\xf0\x05\x00", "does not say what it measures"),
        (b"\x0f\x01\x00", "offers no accelerometer"),
    ],
)
def test_a_sensor_without_an_accelerometer_is_refused(features: bytes, told: str) -> None:
    assert told in refusal(Odd(features=features))


def test_a_sensor_without_the_measurement_service_is_refused() -> None:
    sensor = peripheral()
    sensor.characteristics = ()
    assert "update its firmware" in refusal(sensor)
