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
from sensor.samples import Moment, SampleBlock

_BETWEEN_LAPS_S = 1.0


def play(
    moments: Iterable[Moment], tracker: Tracker, console: Console, *, lines: bool = False
) -> bool:
    """Show a session as its moments come; False if ^C ended it.

    A terminal is redrawn with each of them, unless lines are wanted; anything else gets lines.
    """
    screen = Screen()
    whole = True
    try:
        if console.is_terminal and not lines:
            with Live(console=console, auto_refresh=False, transient=True) as live:
                for moment in moments:
                    for event in tracker.follow(moment):
                        screen.take(event)
                    live.update(screen.render(tracker.status()), refresh=True)
        else:
            for moment in moments:
                _tell(tracker.follow(moment), screen, console)
        _tell(tracker.finish(), screen, console)
    except KeyboardInterrupt:
        whole = False
    console.print(screen.summary())
    return whole


class Pace:
    """Moments when they are due, lap after lap. All wait for one clock: no delay adds up.

    speed: so many times their own pace; infinite for no wait.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._begin_s: float | None = None
        self._lap_s: float | None = None  # when a later lap begins, on the clock of the first
        self._last_s = 0.0

    def follow(self, moments: Iterable[Moment]) -> Iterator[Moment]:
        """The moments of this lap; its times go on from those of the lap before."""
        shift_s: float | None = None
        for moment in moments:
            if shift_s is None:
                shift_s = 0.0 if self._lap_s is None else self._lap_s - moment.at_s
            shifted = moment
            if shift_s:
                block = moment.block
                later = SampleBlock(block.t_s + shift_s, block.acc, block.gyr)
                shifted = Moment(moment.at_s + shift_s, later, moment.tick)
            self._last_s = shifted.at_s
            self._wait(shifted.at_s)
            yield shifted

    def next_lap(self) -> None:
        """The next one begins a second after the last moment."""
        self._lap_s = self._last_s + _BETWEEN_LAPS_S

    def _wait(self, at_s: float) -> None:
        if self._speed == inf:
            return
        due_s = at_s / self._speed
        if self._begin_s is None:
            self._begin_s = time.monotonic() - due_s
        wait_s = self._begin_s + due_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)


def _tell(events: Iterable[Event], screen: Screen, console: Console) -> None:
    for event in events:
        screen.take(event)
        # A rep is told once, when it is over.
        if not isinstance(event, Rep) or event.revision == 1:
            console.print(line(event), soft_wrap=True, highlight=False)
