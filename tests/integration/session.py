"""A loop of its own for each test, with model sensors behind Bleak and the model of BlueZ."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sensor.simulator.peripherals import Peripheral
from tests.integration.bluez import Bluez
from tests.integration.bus import PrivateBus, private_bus

_PATIENCE_S = 60.0


def run(
    patch: pytest.MonkeyPatch,
    body: Callable[[Bluez, PrivateBus], Awaitable[None]],
    *peripherals: Peripheral,
) -> None:
    """Run body against these model sensors, in a loop of its own."""

    async def main(bus: PrivateBus) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            async with Bluez(bus.address, *peripherals) as bluez:
                await body(bluez, bus)
            await nothing_left(bus)

    with private_bus() as bus:
        patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        asyncio.run(main(bus))


async def nothing_left(bus: PrivateBus) -> None:
    """Bleak keeps its bus as long as it lives; with it all tasks of this loop must end."""
    bus.kill()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    while left:
        await asyncio.wait(left)
        left = asyncio.all_tasks() - {asyncio.current_task()}
