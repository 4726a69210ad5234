import asyncio
import time
from dataclasses import dataclass, field

import numpy as np
import pytest

from pipeline.events import Event, SetSummary
from pipeline.live import Lifter, LiveSession
from pipeline.report import Settings
from sensor import drivers
from sensor.link import Advertisement, SensorError
from sensor.simulator import SessionSpec, SetPlan, simulate
from sensor.simulator.radio import MODEL, ModelRadio

SPEC = SessionSpec(sets=(SetPlan(reps=3),), around=False, seed=3)
SPEED = 20.0


@dataclass
class Heard:
    packets: list[tuple[float, int, bytes]] = field(default_factory=list)
    lost: int = 0


async def connected(radio: ModelRadio, heard: Heard) -> Advertisement:
    """Find, connect and start, as a supervisor does."""
    loop = asyncio.get_running_loop()

    def packet(channel: int, data: bytes) -> None:
        heard.packets.append((loop.time(), channel, data))

    def lost() -> None:
        heard.lost += 1

    seen = await radio.find(radio.name)
    link = await radio.connect(seen, packet, lost)
    driver = drivers.load(MODEL)
    await driver.start(link, driver.default_rate_hz)
    return seen


def lifted(radio: ModelRadio, speed: float) -> list[Event]:
    """What a live session says of it, until the lifter is done."""
    events: list[Event] = []
    settings = Settings(set_timeout_s=5.0)
    lifter = Lifter("belt", radio.name)
    session = LiveSession(
        [lifter], settings, None, lambda _, __, event: events.append(event), speed=speed
    )

    async def main() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(session.run(radio, stop))
        async with asyncio.timeout(60):
            await radio.over.wait()
        stop.set()
        await running

    asyncio.run(main())
    session.close()
    return events


@pytest.mark.parametrize("speed", [8.0, SPEED])
def test_a_live_session_counts_what_the_model_lifts_at_any_pace(speed: float) -> None:
    events = lifted(ModelRadio([SPEC], speed=speed), speed)
    (summary,) = [event for event in events if isinstance(event, SetSummary)]
    assert summary.reps == 3


def test_it_lifts_in_real_time() -> None:
    radio = ModelRadio([SPEC], speed=SPEED)
    began_s = time.monotonic()
    lifted(radio, SPEED)
    assert time.monotonic() - began_s >= 0.9 * float(simulate(SPEC).t_s[-1]) / SPEED


def test_in_a_drop_nothing_comes_and_nobody_connects() -> None:
    radio = ModelRadio([SPEC], drop_s=(2.0, 3.0), speed=SPEED)
    heard = Heard()
    refused: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        seen = await connected(radio, heard)
        async with asyncio.timeout(60):
            while not heard.lost:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            lost_s, before = loop.time(), len(heard.packets)
            try:
                await radio.connect(seen, lambda *_: None, lambda: None)
            except SensorError as error:
                refused.append(str(error))
            await connected(radio, heard)
            assert loop.time() - lost_s > 0.5 * 3.0 / SPEED
            assert len(heard.packets) < before + 20
            await radio.over.wait()

    asyncio.run(main())
    assert heard.lost == 1
    assert refused
    assert "does not answer" in refused[0]
    gaps_s = np.diff([at_s for at_s, _, _ in heard.packets])
    assert gaps_s.max() > 0.5 * 3.0 / SPEED
