"""A tracker for a recording: as it was live, so that it says the same again."""

from math import inf

from pipeline import exercises
from pipeline.delivery.placing import id_part
from pipeline.report import Settings
from pipeline.tracker import Tracker
from sensor.raw_recording import RawRecording
from sensor.recording import AnyRecording, RecordingError


def tracker_of(
    recording: AnyRecording,
    session: str,
    *,
    exercise: str | None = None,
    set_timeout_s: float | None = None,
    min_reps: int | None = None,
) -> Tracker:
    """A tracker as it was live, unless something else is asked for.

    Its events have the same ids as those of the live session. Raises RecordingError for a header
    that cannot be used.
    """
    # Other programs may mean anything by the same words.
    ours = isinstance(recording, RawRecording) or "hiprep" in recording.meta
    meta = recording.meta if ours else {}
    try:
        chosen = exercises.load(exercise or meta.get("exercise", "hip_thrust"))
        timeout_s = set_timeout_s or float(meta.get("set_timeout_s", "15"))
        least = min_reps or int(meta.get("min_reps", "2"))
        if not 0 < timeout_s < inf or least < 1:
            raise ValueError(f"set_timeout_s {timeout_s:g}, min_reps {least}")  # noqa: TRY301
    except ValueError as error:
        raise RecordingError(f"{recording.name}: its header cannot be used: {error}") from error
    return Tracker(
        chosen,
        sensor=id_part(recording.meta.get("sensor", "sensor")),
        session=id_part(session),
        settings=Settings(set_timeout_s=timeout_s, min_reps=least),
    )
