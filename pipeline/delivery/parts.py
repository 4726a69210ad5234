"""Parts of a service, side by side in one loop: one that fails is begun anew, the others go on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0

_STEADY_S = 60.0

log = logging.getLogger(__name__)

Body = Callable[["Part"], Awaitable[None]]


class PartError(Exception):
    """Why a part does not work, one line for people that says the cure."""


class Part:
    """Something that goes on until `stop` is set.

    body: does it. It has to say `ready` when it works, and to return in order soon after `stop`. It
    is called anew, after a pause that grows, whenever it raises.

    working: whether it does. problem: why it failed, None once it is ready again. restarts: how
    often it was begun anew.
    """

    def __init__(self, name: str, body: Body) -> None:
        self.name = name
        self.stop = asyncio.Event()
        self.working = False
        self.problem: str | None = None
        self.restarts = 0
        self._body = body

    def ready(self) -> None:
        """It works from now on."""
        if self.problem is not None:
            log.info("%s: works again", self.name)
        self.working, self.problem = True, None

    async def run(self) -> None:
        """Keep it going until the end."""
        failures = 0
        while not self.stop.is_set():
            began_s = asyncio.get_running_loop().time()
            try:
                await self._body(self)
            except Exception as error:  # noqa: BLE001 -- no fault of one part may end the others
                lasted_s = asyncio.get_running_loop().time() - began_s
                failures = 0 if self.working and lasted_s > _STEADY_S else failures
                await self._failed(error, pause_s(failures))
                failures += 1
            finally:
                self.working = False

    async def sleep(self, duration_s: float) -> None:
        """So long, or until the part is to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(duration_s):
                await self.stop.wait()

    async def _failed(self, error: Exception, pause: float) -> None:
        self.working = False
        known = isinstance(error, PartError)
        self.problem = str(error) if known else f"failed ({error!r}): report this"
        trace = None if known else error
        text = "%s: %s (again in %.0f s)"
        log.error(text, self.name, self.problem, pause, exc_info=trace)
        await self.sleep(pause)
        self.restarts += not self.stop.is_set()


def pause_s(failures: int) -> float:
    """How long to wait before the next attempt."""
    return float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(failures, 16)))
