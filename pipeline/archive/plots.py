"""A picture of a set that changed: what both versions found of it, one above the other."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from pipeline.archive.compare import SetChange
from pipeline.plot import Trace, row_spans, set_row
from pipeline.replay import ARCHIVE_SAMPLES
from sensor.recording import RecordingError, open_recording

_DPI = 100
_WIDTH_IN = 17.0
_ROW_IN = 3.0
_TITLE_IN = 0.6


def draw_change(path: Path, change: SetChange, title: str) -> None:
    """Write the picture as PNG, from the recording. RecordingError if that is not there any more.

    Every row is drawn twice: as A has it, and under it as B has it.
    """
    trace = _trace(Path(change.path), change)
    sides = (("A", change.before), ("B", change.after))
    rows = [
        (name, one, [rep for rep in side.reps if rep.set == one.set], span)
        for span in row_spans(change.start_s, change.end_s)
        for name, side in sides
        for one in side.sets
        if one.start_s < span[1] and one.end_s > span[0]
    ]
    height_in = _ROW_IN * len(rows) + _TITLE_IN
    figure = Figure(figsize=(_WIDTH_IN, height_in), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    absent = "".join(f"; no set in {name}" for name, side in sides if not side.sets)
    figure.suptitle(title + absent, fontsize=13, x=0.01, ha="left")
    for axes, (name, one, reps, span) in zip(
        figure.subplots(len(rows), squeeze=False)[:, 0], rows, strict=True
    ):
        set_row(axes, trace, one, reps, (), span)
        axes.set_title(name, fontsize=13, fontweight="bold", loc="right")
    figure.savefig(path, format="png")


def _trace(path: Path, change: SetChange) -> Trace:
    if not path.exists():
        raise RecordingError(f"{path} is gone")
    trace = Trace()
    with open_recording(path) as recording:
        for _ in trace.watch(recording.moments(ARCHIVE_SAMPLES)):
            pass
    start_s, end_s = trace.span_s
    if change.start_s > end_s or change.end_s < start_s:
        raise RecordingError(f"{path} is another one by now")
    return trace
