"""The tracker: sample blocks go in, events come out. No clock, no I/O; time comes with the data.

The same samples give the same events, bit for bit, however they were cut into blocks and
wherever the tracker was stopped and carried on from its state.
"""

import re
from dataclasses import asdict, replace
from math import inf
from typing import Any

import numpy as np

from pipeline import exercises, live_faults
from pipeline.draft import Draft, Mark
from pipeline.events import Event, Gap, Rep, RepWithdrawn, Status
from pipeline.exercises import Exercise
from pipeline.orientation import GAP_BRIDGED_S, Frames, Orientation
from pipeline.posture import Posture
from pipeline.report import Published, Settings, live_rep, refined_events
from pipeline.reps import PhaseMachine
from pipeline.standing import StandingMachine
from pipeline.stretch import LOOK_BACK_S, History
from sensor.samples import Moment, SampleBlock, joined

ALGORITHM = "1"
"""Part of every id: a rep found by another algorithm is another rep."""

_STATE_VERSION = 1
_GAP_NO_REST_S = 60.0  # contract: a gap of up to 60 s is no rest
# While the lifter rests, what comes is looked at three packets at a time. Nothing is said later
# for it: a concentric takes longer, and from its first degrees on every packet counts.
_PATIENCE_S = 0.25
_ABSURD = 1e4  # m/s2 or rad/s; no sensor measures so much
_KEPT_S = LOOK_BACK_S + 15.0
_SECONDS = re.compile(r"[0-9]{1,4}(?:\.[0-9]+)?")


class Tracker:
    """One sensor on one lifter doing one exercise."""

    def __init__(
        self,
        exercise: Exercise,
        *,
        sensor: str = "sensor",
        session: str = "session",
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self._prefix = f"{sensor}-{session}-{ALGORITHM}-"
        self._orientation = Orientation()
        self._posture = Posture()
        self._begin(exercise)
        self._history = History()
        self._published: list[Published] = []
        self._sets = 0
        self._frames = 0
        self._from_s = -np.inf  # end of the last set: what was before belongs to it
        self._last_s: float | None = None  # of what was fed
        self._seen_s = inf  # of what was looked at
        self._waiting: list[SampleBlock] = []
        self.dropped = 0
        """Samples that were passed over: impossible, or not later than the one before."""

    def feed(self, block: SampleBlock) -> list[Event]:
        """The next samples of the stream -> what became known with them."""
        if not len(block):
            return []
        times = block.t_s.tolist()
        if not _usable(block, times, -inf if self._last_s is None else self._last_s):
            block = self._good(block)
            times = block.t_s.tolist()
            if not times:
                return []
        self._last_s = times[-1]
        self._waiting.append(block)
        if not self._machine.moving and times[-1] - float(self._waiting[0].t_s[0]) < _PATIENCE_S:
            return []
        return self._catch_up()

    def _catch_up(self) -> list[Event]:
        """Look at the blocks that wait."""
        blocks, self._waiting = self._waiting, []
        if not blocks:
            return []
        block = joined(blocks)
        before, self._seen_s = self._seen_s, float(block.t_s[-1])
        events: list[Event] = []
        start = 0
        for k, t_s in enumerate(block.t_s.tolist()):
            if t_s - before > GAP_BRIDGED_S:
                events += self._advance(_cut(block, start, k))
                events += self._gap(before, t_s)
                start = k
            before = t_s
        return events + self._advance(_cut(block, start, len(block)) if start else block)

    def follow(self, moment: Moment) -> list[Event]:
        """What comes next, samples, a tick or an order -> what became known with it."""
        if moment.order:
            return self.obey(moment.order)
        return self.tick(moment.at_s) if moment.tick else self.feed(moment.block)

    def obey(self, order: str) -> list[Event]:
        """Do what somebody asks; an order that is not known does nothing.

        ``end_set``: the set is over now. ``restart_set``: what there is of it was none.
        ``exercise NAME``: from now on another one; the set before is over. ``timeout SECONDS``:
        from now on so long a rest ends a set.
        """
        word, _, name = order.partition(" ")
        if word == "restart_set":
            return self._catch_up() + self._forget_set()
        if word == "end_set":
            return self.finish()
        if word == "exercise" and name in exercises.names():
            events = self.finish()
            self._begin(exercises.load(name))
            return events
        if word == "timeout" and _SECONDS.fullmatch(name):
            events = self._catch_up()
            self.settings = replace(self.settings, set_timeout_s=float(name))
            self._machine.timeout_s = self.settings.set_timeout_s
            return events
        return []

    def tick(self, now_s: float) -> list[Event]:
        """Time passes, stream clock, though no samples come."""
        if self._last_s is None or now_s - self._last_s <= _GAP_NO_REST_S:
            return []
        return self._catch_up() + self._close(self._frames)

    def finish(self) -> list[Event]:
        """The stream is over, or the set -> what is still open, as it stands."""
        return self._catch_up() + self._close(self._frames)

    def status(self) -> Status:
        """Where the lifter is now."""
        machine = self._machine
        counted = sum(not rep.draft.partial for rep in self._published)
        t_s = self._last_s or 0.0
        return Status(
            t_s,
            machine.phase,
            max(0.0, t_s - machine.since_s),
            machine.pitch_deg,
            self._sets + 1 if self._published else None,
            counted,
        )

    def _begin(self, exercise: Exercise) -> None:
        """From now on this exercise."""
        self.exercise = exercise
        machine = PhaseMachine if exercise.posture == "lying" else StandingMachine
        self._machine = machine(exercise, self.settings.set_timeout_s)
        self._machine.upright = self._posture.upright

    def _forget_set(self) -> list[Event]:
        gone = [RepWithdrawn(rep.id) for rep in self._published if rep.revision is not None]
        self._published = []
        self._machine.leave_set()
        if self._last_s is not None:
            self._from_s = self._last_s
        return [*gone]

    # -- one step -------------------------------------------------------------------------

    def _good(self, block: SampleBlock) -> SampleBlock:
        """The block without the samples that cannot be used; they are counted."""
        t_s = block.t_s
        good = np.isfinite(t_s) & (np.abs(block.acc) < _ABSURD).all(axis=1)
        if block.gyr is not None:
            good &= (np.abs(block.gyr) < _ABSURD).all(axis=1)
        newest = -np.inf if self._last_s is None else self._last_s
        before = np.maximum.accumulate(np.concatenate(([newest], np.where(good, t_s, -np.inf))))
        good &= t_s > before[:-1]
        self.dropped += int(len(t_s) - good.sum())
        gyr = None if block.gyr is None else block.gyr[good]
        return SampleBlock(t_s[good], block.acc[good], gyr)

    def _advance(self, block: SampleBlock) -> list[Event]:
        if not len(block):
            return []
        frames = self._orientation.update(block)
        if not len(frames):
            return []
        self._history.append(frames)
        events: list[Event] = []
        start = 0
        while start < len(frames):
            # A walk counts from the end of its window on, in blocks of any size.
            stop = start + self._posture.missing
            part = frames if start == 0 and stop >= len(frames) else frames.cut(start, stop)
            start = stop
            first, self._frames = self._frames, self._frames + len(part)
            for mark in self._machine.advance(first, part):
                if mark.kind == "over":
                    self._look_back(mark.frame, part, mark.frame - first)
                events += self._note(mark)
            self._posture.watch(part)
            self._machine.upright = self._posture.upright
        if not self._published:
            self._history.drop_before(self._history.last_s - _KEPT_S)
        return events

    def _look_back(self, frame: int, frames: Frames, k: int) -> None:
        """The rep is over, `k` frames into `frames`: what was wrong with it?"""
        drafts, axis = self._machine.drafts, self._machine.axis
        if axis is not None and frames.gyr_raw is not None:
            offset_radps = frames.gyr_raw[k] - frames.gyr[k]
            live_faults.judge(self._history, frame + 1, drafts, np.array(axis), offset_radps)

    def _note(self, mark: Mark) -> list[Event]:
        if mark.kind in ("closed", "lost"):
            return self._close(mark.frame + 1)
        drafts = self._machine.drafts
        events: list[Event] = []
        if mark.kind == "lockout":
            events += self._take_back(drafts)
            number = sum(not draft.partial for draft in drafts)
            rep_id = f"{self._prefix}{drafts[-1].frame}"
            shown = None if drafts[-1].partial else number
            self._published.append(Published(rep_id, shown, None, drafts[-1]))
        newest = self._published[-1]
        if drafts[-1].sure:
            newest.revision = 0 if newest.revision is None else 1
            events.append(live_rep(self._published, self.exercise, self._sets + 1))
        return events

    def _take_back(self, drafts: list[Draft]) -> list[Event]:
        """What is a draft no longer: seen before a rep many times its size."""
        kept = {id(draft) for draft in drafts}
        bumps = [rep for rep in self._published if id(rep.draft) not in kept]
        self._published = [rep for rep in self._published if id(rep.draft) in kept]
        return [RepWithdrawn(rep.id) for rep in bumps if rep.revision is not None]

    def _gap(self, start_s: float, end_s: float) -> list[Event]:
        events: list[Event] = [Gap(start_s, end_s)]
        if end_s - start_s > _GAP_NO_REST_S:
            events += self._close(self._frames)
        self._orientation.restart()
        self._machine.interrupt()
        return events

    def _close(self, stop: int) -> list[Event]:
        """The set is over with frame `stop`: look at all of it once more."""
        if not self._published:
            return []
        machine, published = self._machine, self._published
        from_s = max(self._from_s, published[0].draft.start_s - LOOK_BACK_S)
        stretch = self._history.stretch(from_s, stop)
        events, end_s = refined_events(
            stretch,
            published,
            machine.axis,
            self._posture.upright,
            self.exercise,
            self.settings,
            self._sets,
            self._prefix,
        )
        self._sets += sum(1 for event in events if not isinstance(event, Rep | RepWithdrawn))
        self._from_s = max(self._from_s, end_s)
        self._published = []
        machine.leave_set()
        return events

    # -- state ----------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """All that is known, as a versioned value of numbers, text and arrays.

        Small outside of a set; inside one it holds the frames of the set so far.
        """
        return {
            "version": _STATE_VERSION,
            "exercise": self.exercise.name,
            "settings": asdict(self.settings),
            "prefix": self._prefix,
            "orientation": self._orientation.state(),
            "machine": self._machine.state(),
            "posture": self._posture.state(),
            "history": self._history.state(),
            "published": [(rep.id, rep.number, rep.revision) for rep in self._published],
            "sets": self._sets,
            "frames": self._frames,
            "from_s": self._from_s,
            "last_s": self._last_s,
            "seen_s": self._seen_s,
            "waiting": [(block.t_s, block.acc, block.gyr) for block in self._waiting],
            "dropped": self.dropped,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Tracker":
        """A tracker that carries on where `state` was taken.

        Raises ValueError for a state of another version.
        """
        if state.get("version") != _STATE_VERSION:
            message = f"tracker state version {state.get('version')!r}, not {_STATE_VERSION}"
            raise ValueError(message)
        tracker = cls(exercises.load(state["exercise"]), settings=Settings(**state["settings"]))
        tracker._prefix = state["prefix"]
        tracker._orientation.restore(state["orientation"])
        tracker._machine.restore(state["machine"])
        tracker._posture.restore(state["posture"])
        tracker._history.restore(state["history"])
        tracker._published = [
            Published(rep_id, number, revision, draft)
            for (rep_id, number, revision), draft in zip(
                state["published"], tracker._machine.drafts, strict=True
            )
        ]
        tracker._sets, tracker._frames = state["sets"], state["frames"]
        tracker._from_s, tracker._last_s = state["from_s"], state["last_s"]
        tracker._seen_s, tracker.dropped = state["seen_s"], state["dropped"]
        tracker._waiting = [SampleBlock(*arrays) for arrays in state["waiting"]]
        return tracker


def _usable(block: SampleBlock, times: list[float], before: float) -> bool:
    """Possible values at rising times, later than `before`?"""
    for t_s in times:
        if not before < t_s < inf:
            return False
        before = t_s
    # One sum for all; what hides in it is looked for only where it is not possible.
    total = np.vdot(block.acc, block.acc)
    if block.gyr is not None:
        total += np.vdot(block.gyr, block.gyr)
    return bool(total < _ABSURD * _ABSURD)


def _cut(block: SampleBlock, start: int, stop: int) -> SampleBlock:
    gyr = None if block.gyr is None else block.gyr[start:stop]
    return SampleBlock(block.t_s[start:stop], block.acc[start:stop], gyr)
