"""A radio with one model lifter on the air, who lifts in real time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sensor.link import Advertisement, SensorError
from sensor.simulator.model_link import ModelLink
from sensor.simulator.packets import notifications
from sensor.simulator.peripherals import Notification, Peripheral, make
from sensor.simulator.plan import SessionSpec
from sensor.simulator.session import Simulation, simulate

MODEL = "dot"
_STILL_S = 2.0


class ModelRadio:
    """sessions: what the lifter does, one after the other, from the first connection on.

    drop_s: (start, length) of a time in which nothing comes through, in seconds of the first
    session. speed: so many seconds of it in one of ours. over: set when all has been lifted.
    """

    def __init__(
        self,
        sessions: Iterable[SessionSpec],
        *,
        drop_s: tuple[float, float] | None = None,
        speed: float = 1.0,
    ) -> None:
        self.over = asyncio.Event()
        self._peripheral = make(MODEL)
        self._sessions = sessions
        self._drop_s = drop_s
        self._speed = speed
        self._begun_s: float | None = None
        self._link: _Link | None = None
        self._lifting: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """What the model sensor advertises."""
        return self._peripheral.advertisement.name

    async def seen(self) -> AsyncIterator[Advertisement]:
        """The model sensor, again and again."""
        while True:
            if not self._dropped():
                yield self._peripheral.advertisement
            await asyncio.sleep(0.2)

    async def find(self, wanted: str) -> Advertisement:
        """Wait for the sensor of that name or address."""
        async for one in self.seen():
            if wanted.casefold() in (one.address.casefold(), one.name.casefold()):
                return one
        raise AssertionError("it is seen for ever")

    async def connect(
        self, seen: Advertisement, packet: Callable[[int, bytes], None], lost: Callable[[], None]
    ) -> "_Link":
        """Connect. The lifter begins with the first connection."""
        if self._dropped():
            raise SensorError(f"{seen.name} does not answer: bring it nearer")
        self._link = _Link(self._peripheral, packet, lost)
        if self._lifting is None:
            self._lifting = asyncio.create_task(self._lift())
        return self._link

    async def _lift(self) -> None:
        while not self._peripheral.streaming:  # noqa: ASYNC110  # it knows no events
            await asyncio.sleep(0.01)
        last = None
        for spec in self._sessions:
            last = await asyncio.to_thread(self._simulated, spec)
            # Made before: the lifting itself is to take no time.
            sent = list(notifications(self._peripheral, last, np.random.default_rng(spec.seed)))
            await self._send(sent, last_s=0.0)
            self._drop_s = None
        self.over.set()
        while last and self._peripheral.streaming:  # and then lies still, as long as it is heard
            last = replace(last, **_still(last, _STILL_S))
            sent = list(notifications(self._peripheral, last, np.random.default_rng(0)))
            await self._send(sent, last_s=float(last.t_s[0]))

    async def _send(self, sent: Sequence[Notification], last_s: float) -> None:
        """Each at its time. last_s: what the time is where they begin."""
        loop = asyncio.get_running_loop()
        self._begun_s = begun_s = loop.time()
        for one in sent:
            assert one.at_s is not None
            due_s = begun_s + (one.at_s - last_s) / self._speed
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            if self._dropped():
                self._break_off()
            elif self._link:
                self._link.deliver([one])

    def _simulated(self, spec: SessionSpec) -> Simulation:
        """What the sensor measures, as it is configured."""
        sensor = self._peripheral
        return simulate(
            replace(spec, rate_hz=sensor.rate_hz, gyro=sensor.gyro, loss_pct=0.0, disconnect=None)
        )

    def _dropped(self) -> bool:
        if self._drop_s is None or self._begun_s is None:
            return False
        now_s = (asyncio.get_running_loop().time() - self._begun_s) * self._speed
        start_s, length_s = self._drop_s
        return start_s <= now_s < start_s + length_s

    def _break_off(self) -> None:
        link, self._link = self._link, None
        if link:
            link.lose()


def _still(done: Simulation, seconds: float) -> dict[str, Any]:
    """Samples of somebody who lies as at the end of these, right after them."""
    step_s = float(done.t_s[-1] - done.t_s[-2])
    count = round(seconds / step_s)
    return {
        "t_s": done.t_s[-1] + step_s * np.arange(1, count + 1),
        "acc": np.tile(done.acc[-1], (count, 1)),
        "gyr": None if done.gyr is None else np.zeros((count, 3)),
    }


class _Link(ModelLink):
    """It passes packets on until it is lost."""

    def __init__(
        self,
        peripheral: Peripheral,
        packet: Callable[[int, bytes], None],
        lost: Callable[[], None],
    ) -> None:
        super().__init__(peripheral)
        self._packet: Callable[[int, bytes], None] | None = packet
        self._lost = lost

    def deliver(self, sent: list[Notification]) -> None:
        """What the model sensor sends arrives, if it is listened to, and is kept nowhere."""
        super().deliver(sent)
        for channel, data in self.packets:
            if self._packet:
                self._packet(channel, data)
        self.packets.clear()

    async def close(self) -> None:
        """Nothing arrives any more."""
        self._packet = None
        await super().close()

    def lose(self) -> None:
        """The link ends by itself."""
        if self._packet:
            self._packet = None
            self._lost()
