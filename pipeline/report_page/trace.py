"""The movement itself: pelvis pitch over a set, with the phases that were found in it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, isfinite

from pipeline.report_page.look import GREY, PHASES
from pipeline.report_page.markup import Markup
from pipeline.report_page.svg import SOFT, line, path, picture, text, ticks

_WIDTH, _HEIGHT = 760.0, 170.0
_LEFT, _TOP, _BOTTOM = 34.0, 24.0, 146.0
_ROW_S = 60.0
_STEP_PX = 0.8  # points that are closer look the same
_ROWS_MAX = 20


@dataclass(frozen=True, slots=True)
class Stroke:
    """A stretch of the line in a colour of its own. phase: one of PHASES, "" if it counts not."""

    start_s: float
    end_s: float
    phase: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands over a rep: its number, or why it has none."""

    at_s: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Pelvis pitch of a set. t_s rises; pitch_deg is NaN where a gap breaks the line."""

    t_s: Sequence[float]
    pitch_deg: Sequence[float]
    strokes: tuple[Stroke, ...]
    marks: tuple[Mark, ...]


def pitch_rows(curve: Curve) -> list[Markup]:
    """Pictures of equal length, none of more than a minute."""
    known = [value for value in curve.pitch_deg if isfinite(value)]
    if len(known) < 2:
        return []
    start_s, end_s = curve.t_s[0], curve.t_s[-1]
    rows = max(1, min(_ROWS_MAX, ceil((end_s - start_s) / _ROW_S)))
    length_s = (end_s - start_s) / rows
    scale = (min(known), max(known))
    return [
        _row(curve, (start_s + row * length_s, start_s + (row + 1) * length_s), scale)
        for row in range(rows)
    ]


def _row(curve: Curve, span: tuple[float, float], scale: tuple[float, float]) -> Markup:
    place = _Place(span, scale)
    parts = [*_axes(place)]
    parts += _line(curve, place, span, SOFT, 1.0)
    for stroke in curve.strokes:
        shown = (max(stroke.start_s, span[0]), min(stroke.end_s, span[1]))
        if shown[0] < shown[1]:
            colour = PHASES[stroke.phase][1] if stroke.phase else GREY
            parts += _line(curve, place, shown, colour, 3.0 if stroke.phase else 1.5)
    for mark in curve.marks:
        if span[0] <= mark.at_s < span[1]:
            x = place.x(mark.at_s)
            weight = "700" if mark.label.isdigit() else None
            parts.append(text(x, 14, mark.label, size=11, anchor="middle", weight=weight))
    return picture(_WIDTH, _HEIGHT, "Pitch of the pelvis over time, with its phases", *parts)


class _Place:
    """From seconds and degrees to the view box."""

    def __init__(self, span: tuple[float, float], scale: tuple[float, float]) -> None:
        self.start_s, self.end_s = span
        self.low, self.high = scale
        self._per_s = (_WIDTH - _LEFT) / max(span[1] - span[0], 1e-9)
        self._per_deg = (_BOTTOM - _TOP) / max(scale[1] - scale[0], 1e-9)

    def x(self, t_s: float) -> float:
        """Of a time."""
        return _LEFT + (t_s - self.start_s) * self._per_s

    def y(self, pitch_deg: float) -> float:
        """Of a pitch."""
        return _BOTTOM - (pitch_deg - self.low) * self._per_deg


def _axes(place: _Place) -> Iterator[Markup]:
    for pitch_deg in ticks(place.low, place.high, 5):
        y = place.y(pitch_deg)
        yield line((_LEFT, y), (_WIDTH, y), width=0.5)
        yield text(_LEFT - 4, y + 3.5, f"{pitch_deg}°", size=9.5, anchor="end")
    for at_s in ticks(place.start_s, place.end_s, 12):
        x = place.x(at_s)
        yield line((x, _BOTTOM), (x, _BOTTOM + 4))
        yield text(min(x, _WIDTH - 14), _BOTTOM + 16, f"{at_s} s", size=9.5, anchor="middle")


def _line(
    curve: Curve, place: _Place, span: tuple[float, float], colour: str, width: float
) -> Iterator[Markup]:
    """What of the curve lies in the span; the boundaries themselves lie between two samples."""
    first = max(bisect_right(curve.t_s, span[0]) - 1, 0)
    last = min(bisect_left(curve.t_s, span[1]) + 1, len(curve.t_s))
    samples = [*zip(curve.t_s[first:last], curve.pitch_deg[first:last], strict=True)]
    points: list[tuple[float, float]] = []
    for (t_s, pitch), (then_s, then) in pairwise(samples):
        if not (isfinite(pitch) and isfinite(then)):
            yield from _drawn(points, colour, width)
            points = []
            continue
        ends = [
            (min(max(at, span[0]), span[1]), pitch + (then - pitch) * _share(at, t_s, then_s, span))
            for at in (t_s, then_s)
        ]
        for at_s, value in ends:
            point = (place.x(at_s), place.y(value))
            if not points or point[0] - points[-1][0] >= _STEP_PX or at_s >= span[1]:
                points.append(point)
    yield from _drawn(points, colour, width)


def _share(at_s: float, t_s: float, then_s: float, span: tuple[float, float]) -> float:
    """How far between two samples, 0 to 1, a time is once it is kept within the span."""
    within_s = min(max(at_s, span[0]), span[1])
    return (within_s - t_s) / (then_s - t_s) if then_s > t_s else 0.0


def _drawn(points: Sequence[tuple[float, float]], colour: str, width: float) -> Iterator[Markup]:
    if len(points) > 1:
        yield path(points, colour, width=width)
