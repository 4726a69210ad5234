"""Model sensors that stream behind the model of BlueZ, in a process of their own.

What is measured is then ours alone: the sensors' side takes none of our time.
"""

import asyncio
import random
import time
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from sensor.samples import SampleBlock
from sensor.simulator.peripherals import make
from sensor.simulator.plan import SessionSpec
from tests.benchmarks.sessions import SET, recorded
from tests.integration.bluez import Bluez

_SESSION = SessionSpec(sets=(SET,) * 8, rest_s=20.0, around=False, seed=2)
_APART = 700
_READY_S = 30.0


@dataclass(frozen=True, slots=True)
class Model:
    """A model sensor in the air: its driver, how it is set up, and its number among all."""

    driver: str
    rate_hz: float
    number: int = 1

    @property
    def address(self) -> str:
        return f"C0:FF:EE:00:00:{self.number:02X}"


class Air:
    """The model sensors, on the bus of that address. Use it in `with`."""

    def __init__(self, bus_address: str, *models: Model) -> None:
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_main, args=(bus_address, models, theirs))

    def __enter__(self) -> Self:
        self._process.start()
        self._answer()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def ask(self, what: str) -> Any:
        """vanish, appear -> when, monotonic ns; silence -> what was sent; streaming -> whether."""
        return await asyncio.to_thread(self._ask, what)

    def stop(self) -> None:
        if self._process.is_alive():
            self._ask("stop")
            self._process.join()

    def _ask(self, what: str) -> Any:
        self._ours.send(what)
        return self._answer()

    def _answer(self) -> Any:
        if not self._ours.poll(_READY_S):
            raise RuntimeError("the model sensors do not answer")
        return self._ours.recv()


def _main(bus_address: str, models: tuple[Model, ...], pipe: Connection) -> None:
    asyncio.run(_serve(bus_address, models, pipe))


async def _serve(bus_address: str, models: tuple[Model, ...], pipe: Connection) -> None:
    sensors = [make(one.driver, address=one.address, serial=str(one.number)) for one in models]
    rates_hz = {one.rate_hz for one in models}
    samples = {rate_hz: recorded(replace(_SESSION, rate_hz=rate_hz)) for rate_hz in rates_hz}
    async with Bluez(bus_address, *sensors) as bluez:
        talking = asyncio.Event()
        talking.set()
        streams = [
            asyncio.create_task(_stream(bluez, one, samples[one.rate_hz], talking))
            for one in models
        ]
        pipe.send("ready")
        while (what := await asyncio.to_thread(pipe.recv)) != "stop":
            pipe.send(await _do(what, bluez, talking))
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
    pipe.send("stopped")


async def _do(what: str, bluez: Bluez, talking: asyncio.Event) -> Any:
    if what == "streaming":
        return all(device.peripheral.streaming for device in bluez.devices.values())
    if what == "silence":
        talking.clear()
        await asyncio.sleep(0.1)
        return {
            address: [data for _, data in device.sent] for address, device in bluez.devices.items()
        }
    for address, device in bluez.devices.items():
        if what == "vanish":
            await bluez.vanish(address)
        device.advertises = what == "appear"
    return time.monotonic_ns()  # one clock for all processes of a computer


async def _stream(bluez: Bluez, model: Model, samples: SampleBlock, talking: asyncio.Event) -> None:
    """Whatever falls due is sent in bursts, as connection intervals of 30 to 50 ms make them."""
    chance = random.Random(model.number)
    loop = asyncio.get_running_loop()
    peripheral = bluez.devices[model.address].peripheral
    place = model.number * _APART
    begin_s = loop.time() - place / model.rate_hz
    while True:
        await asyncio.sleep(chance.uniform(0.03, 0.05))
        due = int((loop.time() - begin_s) * model.rate_hz)
        block = _cut(samples, place, due)
        place = due
        sent = peripheral.packets(block)
        if talking.is_set():
            await bluez.send(model.address, *sent)


def _cut(samples: SampleBlock, start: int, stop: int) -> SampleBlock:
    assert samples.gyr is not None
    part = slice(start, stop)
    return SampleBlock(samples.t_s[part], samples.acc[part], samples.gyr[part])
