"""A radio whose model sensors lift: a session of theirs, in no more time than it takes to count."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import merge

import numpy as np
import pytest

from pipeline.live import LiveSession
from sensor.link import Advertisement
from sensor.simulator import SessionSpec, simulate
from sensor.simulator.packets import notifications
from sensor.simulator.peripherals import Notification, Peripheral
from tests.pipeline.fake_radio import FakeRadio, _Link

_START_S = 0.5


@dataclass(eq=False)
class Clock:
    """What a live session takes for the time. A radio sets it."""

    now_us: int = 0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(LiveSession, "now_us", lambda _: self.now_us)


class PlayedRadio(FakeRadio):
    """lifting: the model sensors and what is done with each. over: called when all was sent."""

    def __init__(
        self,
        clock: Clock,
        lifting: Sequence[tuple[Peripheral, SessionSpec]],
        over: Callable[[], None],
    ) -> None:
        super().__init__([peripheral for peripheral, _ in lifting])
        self._clock = clock
        self._lifting = lifting
        self._over = over
        self._playing: asyncio.Task[None] | None = None

    async def connect(
        self, seen: Advertisement, packet: Callable[[int, bytes], None], lost: Callable[[], None]
    ) -> _Link:
        link = await super().connect(seen, packet, lost)
        if len(self.links) == len(self._lifting):
            self._playing = asyncio.create_task(self._play())
        return link

    async def _play(self) -> None:
        for link in self.links:
            while not link.peripheral.streaming:  # noqa: ASYNC110 -- it knows no events
                await asyncio.sleep(0.001)
        specs = {id(peripheral): spec for peripheral, spec in self._lifting}
        sent = [self._sent(link, specs[id(link.peripheral)]) for link in self.links]
        for at_us, number, one in merge(*sent, key=lambda each: each[:2]):
            self._clock.now_us = at_us
            self.links[number].deliver([one])
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)  # what waits is handed over
        self._over()

    def _sent(self, link: _Link, spec: SessionSpec) -> Iterator[tuple[int, int, Notification]]:
        model, number = link.peripheral, self.links.index(link)
        done = simulate(replace(spec, rate_hz=model.rate_hz, gyro=model.gyro, loss_pct=0.0))
        for one in notifications(model, done, np.random.default_rng(number)):
            assert one.at_s is not None
            yield round((one.at_s + _START_S) * 1e6), number, one
