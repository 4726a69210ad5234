"""A link to a model sensor without a radio between."""

import asyncio
from collections.abc import Callable

from sensor.link import SensorError
from sensor.simulator.peripherals import Notification, Peripheral


class ModelLink:
    """The `sensor.link.Link` of a model sensor. packets: (channel, data) of what came so far."""

    def __init__(self, peripheral: Peripheral) -> None:
        self.peripheral = peripheral
        self.packets: list[tuple[int, bytes]] = []
        self._channels: dict[str, int] = {}
        self._waiting: list[tuple[int, Callable[[bytes], bool], asyncio.Future[bytes]]] = []
        peripheral.connected()

    @property
    def log(self) -> list[tuple[str, bytes]]:
        """(uuid, data) of every write, in order."""
        return self.peripheral.log

    def channel(self, uuid: str) -> int | None:
        """Which channel a characteristic is listened to as; None if it is not."""
        return self._channels.get(uuid)

    def has(self, uuid: str) -> bool:
        """Whether there is such a characteristic."""
        return any(one.uuid == uuid for one in self.peripheral.characteristics)

    async def read(self, uuid: str) -> bytes:
        """The value of a characteristic."""
        self._require(uuid)
        return self.peripheral.read(uuid)

    async def write(self, uuid: str, data: bytes, *, response: bool = True) -> None:
        """Let the model sensor take a command; what it answers arrives at once."""
        flag = "write" if response else "write-without-response"
        self._require(uuid, flag)
        self.deliver(self.peripheral.write(uuid, data))

    async def listen(self, uuid: str, channel: int) -> None:
        """Make its notifications packets of that channel."""
        self._require(uuid)
        self._channels[uuid] = channel
        self.deliver(self.peripheral.listen(uuid, on=True))

    async def request(
        self,
        uuid: str,
        data: bytes,
        channel: int,
        accept: Callable[[bytes], bool],
        *,
        response: bool = True,
        timeout_s: float = 2.0,
    ) -> bytes:
        """Write, and return the first answer that is accepted; SensorError if there is none."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append((channel, accept, answer))
        await self.write(uuid, data, response=response)
        if not answer.done():
            raise SensorError(f"the sensor does not answer {data.hex(' ')} within {timeout_s} s")
        return answer.result()

    async def close(self) -> None:
        """Nothing arrives any more."""
        self._channels.clear()

    def deliver(self, notifications: list[Notification]) -> None:
        """What the model sensor sends arrives, if it is listened to."""
        for one in notifications:
            channel = self._channels.get(one.uuid)
            if channel is None:
                continue
            self.packets.append((channel, one.data))
            for waiting in list(self._waiting):
                if waiting[0] == channel and waiting[1](one.data):
                    self._waiting.remove(waiting)
                    waiting[2].set_result(one.data)
                    break

    def _require(self, uuid: str, flag: str | None = None) -> None:
        found = [one for one in self.peripheral.characteristics if one.uuid == uuid]
        if not found or (flag and flag not in found[0].flags):
            raise SensorError(f"no characteristic {uuid} with {flag or 'any flag'}")
