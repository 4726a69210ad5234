"""A live session and the broker, side by side in one loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from rich.console import Console

from pipeline.commands.coached import coach_of, keep_plan
from pipeline.commands.publishing import left_behind, publisher_of, waited
from pipeline.delivery.gateway import Gateway
from pipeline.delivery.messages import NOBODY
from pipeline.delivery.publisher import Publisher
from pipeline.events import Event
from pipeline.live import LiveSession, Watched
from pipeline.settings import Settings

_STEP_S = 0.1
_CLOSE_S = 3.0


@asynccontextmanager
async def publishing(
    settings: Settings, session: LiveSession, console: Console
) -> AsyncIterator[Callable[[Watched, float, Event], None]]:
    """What to call with each event. What the broker asks is done; trouble with it is shown."""
    loop = asyncio.get_running_loop()
    with publisher_of(settings) as publisher:
        started_us = round(session.started.timestamp() * 1e6)
        worn = {one.lifter.athlete or NOBODY for one in session.watched}
        coach = coach_of(settings, started_us, worn, _teller(console))
        gateway = Gateway(
            publisher,
            settings.site,
            session.name,
            started_us,
            session.watched,
            coach=coach,
            keep_plan=keep_plan,
        )

        def asked(device: str, payload: bytes) -> None:
            gateway.command(device, payload, session.now_us())

        def hand_over(device: str, payload: bytes) -> None:
            loop.call_soon_threadsafe(asked, device, payload)

        publisher.on_command(hand_over)
        publisher.start()
        stepping = asyncio.create_task(_step(gateway, publisher, session, console))
        try:
            yield gateway.take
        finally:
            stepping.cancel()
            await asyncio.wait([stepping])
            gateway.end(session.now_us())
            await asyncio.to_thread(waited, publisher, _CLOSE_S)
            for text in left_behind(publisher.health()):
                console.print(text, soft_wrap=True)


def _teller(console: Console) -> Callable[[str], None]:
    return lambda problem: console.print(problem, soft_wrap=True)


async def _step(
    gateway: Gateway, publisher: Publisher, session: LiveSession, console: Console
) -> None:
    told = None
    while True:
        gateway.step(session.now_us())
        health = publisher.health()
        problem = health["disk"] or health["problem"] or next(iter(gateway.problems()), None)
        if problem != told:
            told = problem
            if problem and not console.is_terminal:
                console.print(problem, soft_wrap=True)
        await asyncio.sleep(_STEP_S)
