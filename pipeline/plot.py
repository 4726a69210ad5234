"""A picture of a recording on which a person can check every boundary: pitch, phases, faults.

Colours are those of Okabe and Ito, told apart by colour-blind eyes.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pipeline.display import number, tempo_text, words
from pipeline.events import Event, Gap, Rep, SetSummary
from pipeline.orientation import GAP_BRIDGED_S, Orientation, pitch_deg
from sensor.samples import Floats, Moment, SampleBlock

UP, TOP, DOWN, BOTTOM = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
FAULT, PARTIAL, REST = "#D55E00", "#999999", "#444444"

_DPI = 100
_WIDTH_IN = 17.0
_ROW_IN = 3.0
_TITLE_IN = 0.6
_MARGIN_S = 3.0
_ROW_MAX_S = 60.0  # more than that in one row and a boundary is narrower than it can be seen
_ROWS_MAX = 60  # higher than that, viewers refuse the picture


class Trace:
    """Where up pointed during a recording, 50 Hz: 20 bytes a frame, 4 MB an hour."""

    def __init__(self) -> None:
        self._orientation = Orientation()
        self._last_s: float | None = None
        self._t_s: list[Floats] = []
        self._up: list[np.ndarray] = []

    def watch(self, moments: Iterable[Moment]) -> Iterator[Moment]:
        """The same moments, remembered as they pass."""
        for moment in moments:
            if len(moment.block):
                self._add(moment.block)
            yield moment

    def between(self, start_s: float, end_s: float) -> tuple[Floats, Floats]:
        """(n,) times and (n, 3) where up points; NaN where a gap breaks the line."""
        if not self._t_s:
            return np.empty(0), np.empty((0, 3))
        if len(self._t_s) > 1:
            self._t_s, self._up = [np.concatenate(self._t_s)], [np.concatenate(self._up)]
        first, last = np.searchsorted(self._t_s[0], (start_s, end_s))
        return self._t_s[0][first:last], self._up[0][first:last].astype(np.float64)

    @property
    def span_s(self) -> tuple[float, float]:
        """First and last time; (0, 0) when there was nothing."""
        t_s, _ = self.between(-np.inf, np.inf)
        return (float(t_s[0]), float(t_s[-1])) if len(t_s) else (0.0, 0.0)

    def _add(self, block: SampleBlock) -> None:
        before_s = float(block.t_s[0]) if self._last_s is None else self._last_s
        steps_s = np.diff(block.t_s, prepend=before_s)
        starts = [0, *np.flatnonzero(steps_s > GAP_BRIDGED_S).tolist(), len(block)]
        for start, stop in pairwise(starts):
            if start == stop:
                continue
            if steps_s[start] > GAP_BRIDGED_S:
                self._orientation.restart()
                self._t_s.append(block.t_s[start : start + 1])
                self._up.append(np.full((1, 3), np.nan, np.float32))
            part = slice(start, stop)
            gyr = None if block.gyr is None else block.gyr[part]
            frames = self._orientation.update(SampleBlock(block.t_s[part], block.acc[part], gyr))
            self._t_s.append(frames.t_s)
            self._up.append(frames.up.astype(np.float32))
        self._last_s = float(block.t_s[-1])


def draw(path: str | Path, trace: Trace, events: Sequence[Event], title: str) -> None:
    """Write the picture of a recording as PNG: the whole on top, then each set in rows."""
    sets = [event for event in events if isinstance(event, SetSummary)]
    gaps = [event for event in events if isinstance(event, Gap)]
    rows = [(one, *span) for one in sets for span in row_spans(one.start_s, one.end_s)]
    shown = rows[:_ROWS_MAX]
    height_in = _ROW_IN * (1 + len(shown)) + _TITLE_IN
    figure = Figure(figsize=(_WIDTH_IN, height_in), dpi=_DPI)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        1 + len(shown),
        2,
        width_ratios=(6, 1),
        left=0.045,
        right=0.99,
        bottom=0.5 / height_in,
        top=1.0 - 1.3 * _TITLE_IN / height_in,
        hspace=0.45,
        wspace=0.09,
    )
    _overview(figure.add_subplot(grid[0, :]), trace, sets, gaps)
    left_out = f"; the first {len(shown)} of {len(rows)} rows" if len(shown) < len(rows) else ""
    figure.suptitle(
        title + left_out, fontsize=13, x=0.01, y=1.0 - 0.15 / height_in, ha="left", va="top"
    )
    for row, (summary, start_s, end_s) in enumerate(shown, start=1):
        reps = [event for event in events if isinstance(event, Rep) and event.set == summary.set]
        set_row(figure.add_subplot(grid[row, 0]), trace, summary, reps, gaps, (start_s, end_s))
        if row == 1 or shown[row - 2][0] is not summary:
            _velocities(figure.add_subplot(grid[row, 1]), reps)
    figure.savefig(path, format="png")


def row_spans(start_s: float, end_s: float) -> list[tuple[float, float]]:
    """A set with a margin, cut into equal rows that are short enough to read."""
    start_s, end_s = start_s - _MARGIN_S, end_s + _MARGIN_S
    count = int(np.ceil((end_s - start_s) / _ROW_MAX_S))
    edges = np.linspace(start_s, end_s, count + 1)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def pitch_between(
    trace: Trace, summary: SetSummary, start_s: float, end_s: float
) -> tuple[Floats, Floats]:
    """(n,) times and (n,) pelvis pitch as of a set, deg; NaN where a gap breaks the line."""
    t_s, up = trace.between(start_s, end_s)
    known = np.isfinite(up[:, 0])
    pitch = np.full(len(t_s), np.nan)
    pitch[known] = pitch_deg(up[known], np.array(summary.axis), np.array(summary.zero))
    return t_s, pitch


def _overview(axes: Axes, trace: Trace, sets: Sequence[SetSummary], gaps: Sequence[Gap]) -> None:
    start_s, end_s = trace.span_s
    t_s, up = trace.between(start_s, np.inf)
    if len(t_s):
        zero = np.array(sets[0].zero) if sets else up[np.isfinite(up[:, 0]).argmax()]
        tilt_deg = np.degrees(np.arccos(np.clip(up @ zero, -1.0, 1.0)))
        axes.plot(t_s, tilt_deg, color=REST, linewidth=0.6)
    for summary in sets:
        axes.axvspan(summary.start_s, summary.end_s, color=UP, alpha=0.15, linewidth=0)
        axes.annotate(
            f"set {summary.set}: {summary.reps}",
            (summary.start_s, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(2, 3),
            textcoords="offset points",
            fontsize=9,
            fontweight="bold",
            color=UP,
        )
    _mark_gaps(axes, gaps)
    found = "shaded: sets, with their reps" if sets else "no sets found"
    axes.set_title(f"whole recording ({found})", fontsize=10, loc="right")
    since = "the start of set 1" if sets else "the first sample"
    axes.set(xlabel="s", ylabel=f"tilt from\n{since}, deg", xlim=(start_s, max(end_s, start_s + 1)))
    axes.margins(y=0.05)


def set_row(
    axes: Axes,
    trace: Trace,
    summary: SetSummary,
    reps: Sequence[Rep],
    gaps: Sequence[Gap],
    span: tuple[float, float],
) -> None:
    """Draw the pitch between two times, with what was found of one set in it."""
    t_s, pitch = pitch_between(trace, summary, *span)
    axes.plot(t_s, pitch, color=REST, linewidth=0.8)
    axes.axvline(summary.start_s, color="black", linestyle="--", linewidth=1)
    axes.axvline(summary.end_s, color="black", linestyle="--", linewidth=1)
    for rep in reps if len(t_s) else ():
        _draw_rep(axes, rep, t_s, pitch)
    _mark_gaps(axes, gaps)
    axes.set_title(
        f"set {summary.set} · {words(summary.exercise)} · {summary.reps} reps · "
        f"tempo {tempo_text(summary.tempo)} (down-bottom-up-top) · "
        f"ROM {summary.rom_deg:.0f}°",
        fontsize=10,
        loc="left",
    )
    axes.set(xlabel="s", ylabel="pelvis pitch, deg", xlim=span)
    axes.margins(y=0.22)
    axes.grid(axis="x", alpha=0.3)
    axes.locator_params(axis="x", nbins=20)
    axes.legend(handles=_legend(), loc="lower right", ncols=7, fontsize=7, framealpha=0.9)


def _legend() -> list[Line2D | Patch]:
    lines: list[Line2D | Patch] = [
        Line2D([], [], color=color, linewidth=3, label=label)
        for color, label in ((UP, "up"), (DOWN, "down"), (BOTTOM, "bottom"), (PARTIAL, "partial"))
    ]
    return [
        *lines,
        Patch(color=TOP, alpha=0.4, label="top pause"),
        Patch(facecolor="none", edgecolor=FAULT, hatch="///", linewidth=0, label="no data"),
    ]


def _draw_rep(axes: Axes, rep: Rep, t_s: Floats, pitch: Floats) -> None:
    phases = [
        (rep.concentric_start_s, rep.concentric_end_s, UP),
        (rep.eccentric_start_s, rep.eccentric_end_s, DOWN),
        (_bottom_start_s(rep), _bottom_end_s(rep), BOTTOM),
    ]
    for start_s, end_s, color in phases:
        if start_s is not None and end_s is not None:
            _stroke(axes, t_s, pitch, (start_s, end_s), PARTIAL if rep.partial else color)
    if rep.top_pause_s and rep.eccentric_start_s is not None:
        top = (rep.concentric_end_s, rep.concentric_end_s + rep.top_pause_s)
        axes.axvspan(*top, color=PARTIAL if rep.partial else TOP, alpha=0.3, linewidth=0)
        _stroke(axes, t_s, pitch, top, PARTIAL if rep.partial else TOP)
    _label(axes, rep, t_s, pitch)


def _bottom_start_s(rep: Rep) -> float | None:
    return None if rep.bottom_pause_s is None else rep.eccentric_end_s


def _bottom_end_s(rep: Rep) -> float | None:
    if rep.bottom_pause_s is None or rep.eccentric_end_s is None:
        return None
    return rep.eccentric_end_s + rep.bottom_pause_s


def _stroke(axes: Axes, t_s: Floats, pitch: Floats, span: tuple[float, float], color: str) -> None:
    """Colour what of the line lies in the span; in rows of a long set, maybe nothing."""
    start_s, end_s = max(span[0], t_s[0]), min(span[1], t_s[-1])
    if start_s > end_s:
        return
    first, last = np.searchsorted(t_s, (start_s, end_s))
    # The boundary itself lies between two frames.
    at_s = np.concatenate(([start_s], t_s[first:last], [end_s]))
    axes.plot(at_s, np.interp(at_s, t_s, pitch), color=color, linewidth=2.4)
    axes.plot(span, np.interp(span, t_s, pitch), "|", color=color, markersize=9)


def _label(axes: Axes, rep: Rep, t_s: Floats, pitch: Floats) -> None:
    end_s = rep.concentric_end_s if rep.end_s is None else rep.end_s
    inside = pitch[slice(*np.searchsorted(t_s, (rep.start_s, end_s)))]
    if not np.isfinite(inside).any():
        return
    middle_s = rep.concentric_end_s + 0.5 * (rep.top_pause_s or 0.0)
    faults = [words(fault) for fault in rep.faults]
    name = "partial" if rep.rep is None else str(rep.rep)
    axes.annotate(
        "\n".join((*faults, name)),
        (middle_s, float(np.nanmax(inside))),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=8 if faults or rep.partial else 10,
        fontweight="bold",
        color=FAULT if faults else PARTIAL if rep.partial else "black",
    )


def _mark_gaps(axes: Axes, gaps: Sequence[Gap]) -> None:
    for gap in gaps:
        axes.axvspan(
            gap.start_s, gap.end_s, facecolor="none", edgecolor=FAULT, hatch="///", linewidth=0
        )


def _velocities(axes: Axes, reps: Sequence[Rep]) -> None:
    """Mean velocity of each counted rep, and the loss against the fastest so far."""
    counted = [rep for rep in reps if not rep.partial and rep.mean_velocity_mps is not None]
    at = np.arange(1, len(counted) + 1)
    mean_mps = np.array([rep.mean_velocity_mps for rep in counted], dtype=np.float64)
    axes.bar(at, mean_mps, color=UP, alpha=0.7)
    axes.step(at, np.maximum.accumulate(mean_mps), where="mid", color="black", linewidth=1)
    for x, rep in zip(at, counted, strict=True):
        axes.annotate(
            number(rep.velocity_loss_pct),
            (x, 0.0),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=7,
        )
    axes.set_title("mean velocity, loss in %", fontsize=10)
    axes.set(xlabel="rep", ylabel="m/s", ylim=(0, None))
    axes.locator_params(axis="x", integer=True)
