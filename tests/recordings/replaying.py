"""A recording of packets through the session, as `hiprep replay` does it."""

from pathlib import Path

from pipeline import exercises
from pipeline.events import Event
from pipeline.replay import published
from pipeline.tracker import Tracker
from sensor.recording import open_recording


def replayed(path: Path, samples: int = 1) -> list[tuple[float, Event]]:
    """Every event as published, with its ``at_s``."""
    with open_recording(path) as recording:
        tracker = Tracker(
            exercises.load(recording.meta["exercise"]),
            sensor=recording.meta["sensor"],
            session=recording.meta["session"],
        )
        return list(published(recording.moments(samples), tracker))
