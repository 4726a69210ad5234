"""What a lifter is told to do while a sensor is watched."""

import asyncio
import sys

from pipeline.commands.doctor import Told
from sensor.supervisor import State

_STILL_S = 2.0


class Prompt(Told):
    """Says what to do, and when, once the sensor streams. reps: what is to be lifted."""

    def __init__(self, reps: str, seconds: float, *, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self._reps = reps
        self._seconds = seconds

    def take(self, state: State) -> None:
        """The next state."""
        began = state.phase == "streaming" and self.states[-1].phase != "streaming"
        super().take(state)
        if began:
            loop = asyncio.get_running_loop()
            _say("sit at the bottom and hold still")
            loop.call_later(_STILL_S, _say, self._reps)
            loop.call_later(self._seconds - _STILL_S, _say, "back at the bottom, hold still")


def _say(text: str) -> None:
    print(f"hiprep: {text}", file=sys.stderr, flush=True)
