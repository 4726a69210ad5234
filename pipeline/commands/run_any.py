"""The sensor of `hiprep run` where the settings name none: the first supported one that is near."""

import logging
from collections.abc import Callable

from pipeline.commands.run_sensors import Sensors
from pipeline.delivery.parts import Part
from pipeline.delivery.payloads import SensorBrief
from pipeline.lifters import NoLifterError, found_one
from pipeline.live import Lifter
from sensor.link import Radio, SensorError
from sensor.scan import Scan, listen_for, printable

_LOOK_S = 3.0
_HOPELESS_WAIT_S = 5.0

log = logging.getLogger(__name__)


class AnySensor:
    """Looks for a sensor, then is what `Sensors` is. make: the sensors of a lifter."""

    def __init__(self, radio: Radio, make: Callable[[Lifter], Sensors]) -> None:
        self._radio = radio
        self._make = make
        self._sensors: Sensors | None = None
        self._problem: str | None = "no sensor yet: switch one on, and wear it on the belt"

    @property
    def session(self) -> str | None:
        """The name of the one that runs."""
        return self._sensors.session if self._sensors else None

    def briefs(self) -> tuple[SensorBrief, ...]:
        """How each sensor is."""
        return self._sensors.briefs() if self._sensors else ()

    def problems(self) -> list[str]:
        """What is wrong with them."""
        if self._sensors:
            return self._sensors.problems()
        return [self._problem] if self._problem else []

    def command(self, device: str, payload: bytes) -> None:
        """What somebody asks of a sensor; before there is one, of nobody."""
        if self._sensors:
            self._sensors.command(device, payload)

    async def run(self, part: Part) -> None:
        """Until the end."""
        part.ready()
        lifter = await self._found(part)
        if lifter:
            log.info("%s is taken: `hiprep init` says who wears it", lifter.sensor)
            self._problem = None
            self._sensors = self._make(lifter)
            await self._sensors.run(part)

    async def _found(self, part: Part) -> Lifter | None:
        told = ""
        while not part.stop.is_set():
            scan = Scan()
            try:
                await listen_for(scan, self._radio, _LOOK_S)
                (lifter,) = found_one(scan.supported(), None, None)
            except (SensorError, NoLifterError) as error:
                self._problem = printable(str(error))
                if self._problem != told:
                    log.warning("%s", self._problem)
                    told = self._problem
                if isinstance(error, SensorError):
                    await part.sleep(_HOPELESS_WAIT_S)
            else:
                return lifter
        return None
