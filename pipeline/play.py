"""A session in the terminal: at its own pace, quicker, or as fast as it goes."""

import time
from collections.abc import Iterable, Iterator
from math import inf

from rich.console import Console
from rich.live import Live

from pipeline.display import line
from pipeline.events import Event, Rep
from pipeline.screen import Screen
from pipeline.tracker import Tracker
from sensor.samples import Moment


def play(moments: Iterable[Moment], tracker: Tracker, console: Console, *, speed: float) -> bool:
    """Show a session at so many times its own pace; False if ^C ended it.

    A terminal is redrawn with every block; anything else, and what has no pace, gets lines.
    """
    screen = Screen()
    whole = True
    moments = paced(moments, speed)
    try:
        if speed == inf or not console.is_terminal:
            for moment in moments:
                _tell(tracker.follow(moment), screen, console)
        else:
            with Live(console=console, auto_refresh=False, transient=True) as live:
                for moment in moments:
                    for event in tracker.follow(moment):
                        screen.take(event)
                    live.update(screen.render(tracker.status()), refresh=True)
        _tell(tracker.finish(), screen, console)
    except KeyboardInterrupt:
        whole = False
    console.print(screen.summary())
    return whole


def paced(moments: Iterable[Moment], speed: float) -> Iterator[Moment]:
    """Each moment when it is due. All wait for one clock: no delay adds up."""
    begin_s: float | None = None
    for moment in moments:
        due_s = moment.at_s / speed
        if begin_s is None:
            begin_s = time.monotonic() - due_s
        wait_s = begin_s + due_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        yield moment


def _tell(events: Iterable[Event], screen: Screen, console: Console) -> None:
    for event in events:
        screen.take(event)
        # A rep is told once, when it is over.
        if not isinstance(event, Rep) or event.revision == 1:
            console.print(line(event), soft_wrap=True, highlight=False)
