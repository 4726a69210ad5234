"""Movesense: how it is started and stopped, and what it may refuse."""

import asyncio

import pytest

from sensor.drivers import Setup
from sensor.drivers.movesense import BATTERY, COMMAND, DRIVER, NOTIFY, SERVICE
from sensor.link import Advertisement, SensorError
from sensor.simulator.peripherals import Notification, make
from sensor.simulator.peripherals.movesense import MovesensePeripheral
from tests.sensor.drivers.fake_link import FakeLink
from tests.sensor.drivers.movesense_model import TWO_SAMPLES, block, model, started

HELLO = bytes.fromhex("00 01")
SUBSCRIBE_104 = b"\x01\x02/Meas/IMU6/104"
UNSUBSCRIBE = bytes.fromhex("02 02")


class SampleFirmware(MovesensePeripheral):
    """Older: no answer to a subscription, data follow; "Hello" is all that it says of itself."""

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        super().write(uuid, data)
        if data[0] == 0:
            return [Notification(None, NOTIFY, bytes((1, data[1])) + b"Hello")]
        if data[0] == 1:
            return [Notification(0.0, NOTIFY, TWO_SAMPLES)]
        return []


class Refusing(MovesensePeripheral):
    """Answers a subscription with these bytes, or not at all."""

    status: bytes | None = None

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        if data[0] != 1:
            return super().write(uuid, data)
        if self.status is None:
            return []
        return [Notification(None, NOTIFY, bytes((1, data[1])) + self.status)]


# Start and stop


def test_it_is_known_by_its_name_or_its_service_and_not_by_its_company() -> None:
    assert DRIVER.recognise(Advertisement("a", "Movesense 204730000081")) == "Movesense"
    assert DRIVER.recognise(Advertisement("a", "", services=(SERVICE,))) == "Movesense"
    assert DRIVER.recognise(Advertisement("a", "Suunto 9", manufacturer={0x009F: b""})) is None
    assert DRIVER.recognise(model().advertisement) == "Movesense"


def test_it_says_hello_and_subscribes_and_at_the_end_unsubscribes() -> None:
    peripheral = model()
    link, setup = started(peripheral)
    assert link.log == [(COMMAND, HELLO), (COMMAND, SUBSCRIBE_104)]
    assert peripheral.streaming
    assert setup == Setup(
        "movesense",
        "Movesense",
        104.0,
        None,
        None,
        "Default 2.3.1",
        {"serial": "204730000081", "product": "Movesense"},
    )
    asyncio.run(DRIVER.stop(link))
    assert link.log[2:] == [(COMMAND, UNSUBSCRIBE)]
    assert not peripheral.streaming


@pytest.mark.parametrize(
    ("asked_hz", "path"),
    [(20.0, "26"), (27.0, "52"), (104.0, "104"), (200.0, "104")],
)
def test_the_rate_is_the_next_one_that_it_has(asked_hz: float, path: str) -> None:
    peripheral = model()
    link, setup = started(peripheral, asked_hz)
    assert link.log[1] == (COMMAND, b"\x01\x02/Meas/IMU6/" + path.encode())
    assert setup.rate_hz == peripheral.rate_hz == float(path)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("94 01", "refuses /Meas/IMU6/104 with status 404: its firmware has none, update it"),
        ("fb 01", "with status 507: all its subscriptions are taken, restart it"),
        ("01 fb", "with status 507: all its subscriptions are taken, restart it"),
        ("f4 01", "with status 500: take its battery out"),
    ],
)
def test_a_refusal_names_the_status_and_the_cure(status: str, message: str) -> None:
    peripheral = model(Refusing)
    assert isinstance(peripheral, Refusing)
    peripheral.status = bytes.fromhex(status)
    with pytest.raises(SensorError, match=message):
        started(peripheral)


def test_no_answer_is_an_error() -> None:
    with pytest.raises(SensorError, match="does not answer"):
        started(model(Refusing))


def test_the_sample_firmware_begins_without_an_answer() -> None:
    link, setup = started(model(SampleFirmware))
    assert link.log == [(COMMAND, HELLO), (COMMAND, SUBSCRIBE_104)]
    assert (setup.firmware, setup.details) == ("", {})


def test_firmware_without_the_service_says_what_to_do() -> None:
    peripheral = model()
    peripheral.characteristics = peripheral.characteristics[2:]
    with pytest.raises(SensorError, match=r"update its firmware to 2\.3"):
        started(peripheral)


def test_the_battery_level_is_read_if_there_is_one() -> None:
    peripheral = model()
    link = FakeLink(peripheral)
    assert asyncio.run(DRIVER.battery(link)) == peripheral.read(BATTERY)[0]
    peripheral.characteristics = peripheral.characteristics[:2]
    assert asyncio.run(DRIVER.battery(link)) is None


# The model sensor


def test_the_model_sends_nothing_before_both_subscription_and_notifications() -> None:
    peripheral = model()
    peripheral.connected()
    assert peripheral.packets(block(8)) == []
    peripheral.write(COMMAND, SUBSCRIBE_104)
    assert peripheral.packets(block(8)) == []
    peripheral.listen(NOTIFY, on=True)
    assert len(peripheral.packets(block(8))) == 2
    peripheral.connected()
    assert not peripheral.streaming


def test_the_model_refuses_what_it_does_not_have() -> None:
    peripheral = model()

    def status(command: bytes) -> list[int]:
        answers = peripheral.write(COMMAND, command)
        return [int.from_bytes(one.data[2:], "little") for one in answers]

    assert status(b"\x01\x05/Meas/Nonsense/104") == [404]
    assert status(b"\x01\x05/Meas/IMU6/100") == [404]
    assert [status(b"\x01" + bytes((ref,)) + b"/Meas/IMU6/52")[0] for ref in range(1, 6)] == [
        200,
        200,
        200,
        200,
        507,
    ]
    assert status(b"\x02\x09") == [404]
    assert status(b"\x02\x01") == [200]
    assert status(b"\x01\x00/Meas/IMU6/52") == []
    assert make("movesense").advertisement.name == "Movesense 1"
