"""The movement of a session for its report: from the recording, where there is one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.delivery.history import RepRow
from pipeline.delivery.placing import PlacingError, digest, id_part
from pipeline.events import Event, Rep, SetSummary
from pipeline.plot import Trace, pitch_between
from pipeline.recorded import tracker_of
from pipeline.replay import ARCHIVE_SAMPLES, FinalOrder, published
from pipeline.report_page.told import Told
from pipeline.report_page.trace import Curve, Mark, Stroke
from sensor.recording import AnyRecording, RecordingError, open_recording

_RECORDING = re.compile(r"\.(hiprec|csv)(\.gz)?$")
_MARGIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Movement:
    """curves: id of a set -> its movement. trace, events: for the plot of the whole."""

    curves: Mapping[str, Curve]
    trace: Trace
    events: list[Event]


def recording_of(told: Told, folder: Path) -> Path | None:
    """The recording of that session and sensor in the folder and those below; None for none."""
    wanted = (told.session.session, told.session.device)
    for path in sorted(folder.rglob("*"), reverse=True):
        if not _RECORDING.search(path.name) or not path.is_file():
            continue
        try:
            with open_recording(path) as recording:
                meta = recording.meta
        except RecordingError:
            continue
        if (id_part(meta.get("session", "")), id_part(meta.get("sensor", ""))) == wanted:
            return path
    return None


def movement(told: Told, path: Path) -> Movement:
    """The same session tracked again. Raises RecordingError, also where it is another session."""
    session = told.session.session
    trace, order = Trace(), FinalOrder()
    events: list[Event] = []
    with open_recording(path) as recording:
        _check(recording, path, session)
        tracker = tracker_of(recording, session)
        for _, event in published(trace.watch(recording.moments(ARCHIVE_SAMPLES)), tracker):
            events += order.add(event)
    # Only what is the athlete's own: others may have worn the sensor in the same session.
    rows = {rep.id: rep for one in told.sets for rep in one.reps}
    sets = {one.row.id for one in told.sets}
    summaries = [one for one in events if isinstance(one, SetSummary) and one.id in sets]
    numbers = {one.set for one in summaries}
    events = [
        event for event in events if not isinstance(event, Rep | SetSummary) or event.set in numbers
    ]
    if not summaries:
        raise RecordingError(f"{path}: has no set of session {session} of {told.athlete}")
    curves = {one.id: _curve(trace, one, events, rows) for one in summaries}
    return Movement(curves, trace, events)


def _check(recording: AnyRecording, path: Path, session: str) -> None:
    named = recording.meta.get("session")
    if named is not None and id_part(named) == session:
        return
    try:
        content = digest(path)  # what it is called when it was published without a name
    except PlacingError as error:
        raise RecordingError(str(error)) from error
    if not session.startswith(content):
        raise RecordingError(f"{path}: is of session {named or content}, not of {session}")


def _curve(
    trace: Trace, summary: SetSummary, events: list[Event], rows: Mapping[str, RepRow]
) -> Curve:
    t_s, pitch_deg = pitch_between(
        trace, summary, summary.start_s - _MARGIN_S, summary.end_s + _MARGIN_S
    )
    strokes: list[Stroke] = []
    marks: list[Mark] = []
    for event in events:
        if isinstance(event, Rep) and event.set == summary.set:
            row = rows.get(event.id)
            counts = row is not None and row.rep is not None
            strokes += _strokes(event, counts=counts)
            label = f"{row.rep}" if row and counts else "part" if row and row.partial else "×"
            marks.append(Mark(event.concentric_end_s + 0.5 * (event.top_pause_s or 0.0), label))
    return Curve(t_s.tolist(), pitch_deg.tolist(), tuple(strokes), tuple(marks))


def _strokes(rep: Rep, *, counts: bool) -> list[Stroke]:
    """Its phases one after the other; those that are not known are left out."""
    top_s, down_s, bottom_s = rep.concentric_end_s, rep.eccentric_start_s, rep.eccentric_end_s
    spans = [
        (rep.concentric_start_s, top_s, "concentric"),
        (top_s, top_s + (rep.top_pause_s or 0.0), "top"),
        (down_s, bottom_s, "eccentric"),
        (bottom_s, None if bottom_s is None else bottom_s + (rep.bottom_pause_s or 0.0), "bottom"),
    ]
    return [
        Stroke(start_s, end_s, phase if counts else "")
        for start_s, end_s, phase in spans
        if start_s is not None and end_s is not None
    ]
