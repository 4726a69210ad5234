"""What `hiprep run` consists of: its parts, and how they are."""

import asyncio
import logging
import platform
import time

from pipeline.commands.run_any import AnySensor
from pipeline.commands.run_page import Brokering, Paging
from pipeline.commands.run_parts import Publishing, Storing
from pipeline.commands.run_sensors import Sensors
from pipeline.delivery.embedded import EmbeddedBroker
from pipeline.delivery.health import (
    HealthTeller,
    part_health,
    part_problems,
    publisher_health,
    store_health,
)
from pipeline.delivery.metrics import Endpoint
from pipeline.delivery.outlet import Outlet
from pipeline.delivery.parts import Part
from pipeline.delivery.payloads import Health
from pipeline.lifters import asked_for
from pipeline.settings import Settings, gateway_name
from sensor.link import Radio

_HEALTH_S = 1.0

log = logging.getLogger(__name__)


class Service:
    """The parts that the settings ask for, in the order in which they end.

    radio: None where there are no sensors. broker: the embedded one, if there is one.
    """

    def __init__(
        self, radio: Radio | None, settings: Settings, broker: EmbeddedBroker | None, speed: float
    ) -> None:
        # Two of one site must not have the same name: the broker would part them.
        self.name = gateway_name(platform.node()).replace("gateway", "run", 1)
        self.parts: list[Part] = []
        self.endpoint: Endpoint | None = None
        self.teller: HealthTeller | None = None
        self._settings = settings
        self._outlet: Outlet | None = None
        self._sensors: Sensors | AnySensor | None = None
        self._storing: Storing | None = None
        if radio:
            self._sensors = self._add_sensors(radio, speed)
        if settings.mqtt and (settings.store or settings.influx):
            self._storing = Storing(settings)
            self.parts.append(Part("store", self._storing.run))
        self._broker = Part("broker", Brokering(broker).run) if broker else None
        if self._broker:
            self.parts.append(self._broker)

    async def open_page(self) -> str:
        """Give out the live page -> where it is, for this computer. Raises PageError."""
        page = self._settings.page
        assert page
        paging = Paging(self._settings, page, chosen=page.port != type(page)().port)
        server = await paging.open()
        self.parts.insert(0, Part("page", lambda part: paging.run(part, server)))
        return paging.url

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then each part ends, in order."""
        telling = asyncio.create_task(self._tell())
        running = {part: asyncio.create_task(part.run()) for part in self.parts}
        try:
            await stop.wait()
        finally:
            log.info("ending; this may take some seconds")
            # What sensors still say goes out, and what goes out is still kept.
            for part, task in running.items():
                if part is self._broker:
                    await self._last_word(telling)
                part.stop.set()
                await task
            await self._last_word(telling)

    def health(self) -> Health:
        """How it is now."""
        publisher, to_tell = publisher_health(self._outlet) if self._outlet else (None, [])
        store = self._storing.store if self._storing else None
        storing, to_keep = store_health(store.health() if store else None)
        sensors = self._sensors
        problems = [
            *part_problems(self.parts),
            *(sensors.problems() if sensors else []),
            *(f"publisher: {text}" for text in to_tell),
            *(f"store: {text}" for text in to_keep),
        ]
        return Health(
            service=self.name,
            online=True,
            ok=not problems,
            problems=tuple(problems),
            time_us=time.time_ns() // 1000,
            session=sensors.session if sensors else None,
            parts=tuple(map(part_health, self.parts)),
            publisher=publisher,
            store=storing,
            sensors=sensors.briefs() if sensors else (),
        )

    def _add_sensors(self, radio: Radio, speed: float) -> Sensors | AnySensor:
        settings = self._settings
        outlet = self._outlet = Outlet() if settings.mqtt else None
        lifters = asked_for(settings, [], None, None)
        sensors: Sensors | AnySensor
        if lifters:
            sensors = Sensors(radio, settings, lifters, outlet, speed=speed)
        else:
            sensors = AnySensor(
                radio, lambda one: Sensors(radio, settings, [one], outlet, speed=speed)
            )
        self.parts.append(Part("sensors", sensors.run))
        if outlet:
            self.parts.append(Part("publisher", Publishing(settings, outlet, sensors.command).run))
        return sensors

    async def _tell(self) -> None:
        """Show it wherever it is shown, every second."""
        while True:
            try:
                health = self.health()
                if self.endpoint:
                    self.endpoint.show(health)
                if self.teller:
                    self.teller.tell(health)
            except Exception:  # without it all goes on; the endpoint says that it is old
                log.exception("health cannot be told: report this")
            await asyncio.sleep(_HEALTH_S)

    async def _last_word(self, telling: asyncio.Task[None]) -> None:
        """While there is a broker that hears it."""
        telling.cancel()
        await asyncio.wait([telling])
        teller, self.teller = self.teller, None
        if teller:
            await asyncio.to_thread(teller.close, self.health())
