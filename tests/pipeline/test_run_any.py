import asyncio
from collections.abc import Callable

import pytest

from pipeline.commands import run_any
from pipeline.commands.run_any import AnySensor
from pipeline.commands.run_sensors import Sensors
from pipeline.delivery.parts import Part
from pipeline.live import Lifter
from pipeline.settings import Settings
from sensor.link import SensorError
from sensor.simulator.peripherals import make
from tests.pipeline.fake_radio import FakeRadio

PATIENCE_S = 10.0


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_any, "_LOOK_S", 0.05)
    monkeypatch.setattr(run_any, "_HOPELESS_WAIT_S", 0.05)


class _Taken(Sensors):
    """What would follow the sensor: it ends at once."""

    def __init__(self, radio: FakeRadio, lifter: Lifter) -> None:
        super().__init__(radio, Settings(), [lifter], None)
        self.lifter = lifter

    async def run(self, part: Part) -> None:
        part.stop.set()


def found(radio: FakeRadio, enough: Callable[[AnySensor], bool]) -> tuple[list[Lifter], AnySensor]:
    """Who is taken, until it is enough."""
    taken: list[Lifter] = []

    def take(lifter: Lifter) -> Sensors:
        taken.append(lifter)
        return _Taken(radio, lifter)

    one = AnySensor(radio, take)
    part = Part("sensors", one.run)

    async def main() -> None:
        running = asyncio.create_task(part.run())
        async with asyncio.timeout(PATIENCE_S):
            while not enough(one) and not part.stop.is_set():  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.01)
            part.stop.set()
            await running

    asyncio.run(main())
    return taken, one


def test_the_only_sensor_that_is_near_is_taken() -> None:
    taken, one = found(FakeRadio([make("dot")]), lambda _: False)
    assert [lifter.wanted for lifter in taken] == ["C0:FF:EE:00:00:01"]
    assert [brief.device for brief in one.briefs()] == ["Movella-DOT"]
    assert one.problems() == []


def test_of_two_none_is_taken_and_it_is_said_how_to_choose() -> None:
    two = [make("dot"), make("polar", address="C0:FF:EE:00:00:02")]
    taken, _ = found(FakeRadio(two), lambda one: "several" in one.problems()[0])
    assert taken == []


def test_while_there_is_none_that_is_the_problem() -> None:
    taken, one = found(FakeRadio(), lambda one: "no sensor that is known" in one.problems()[0])
    assert (taken, one.briefs(), one.session) == ([], (), None)
    one.command("belt", b"{}")  # of nobody


def test_what_is_wrong_with_bluetooth_is_said_and_tried_again() -> None:
    radio = FakeRadio([make("dot")], fault=SensorError("Bluetooth is off: switch it on"))
    taken, _ = found(radio, lambda one: one.problems() == ["Bluetooth is off: switch it on"])
    assert taken == []
