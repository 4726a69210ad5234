"""The parts that the pictures of a report are made of. Lengths are those of the view box."""

from collections.abc import Sequence
from math import ceil, floor

from pipeline.report_page.markup import Markup, element

# Behind everything that stands on it, in light, in the dark and on paper.
LINE, SOFT = "var(--line)", "var(--soft)"


def ticks(low: float, high: float, most: int = 8) -> list[int]:
    """Round whole numbers from low to high, so many at most or a few more."""
    step = 1
    while (high - low) / step > most:
        # 1, 2, 5, 10, 20, 50, ...
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return list(range(ceil(low / step) * step, floor(high) + 1, step))


def picture(width: float, height: float, title: str, *parts: Markup) -> Markup:
    """A whole picture. title: what it shows, for who cannot see it."""
    return element(
        "svg",
        element("title", title),
        *parts,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        class_="plot",
    )


def text(
    x: float,
    y: float,
    content: str,
    *,
    size: float = 11,
    anchor: str = "start",
    fill: str | None = None,
    weight: str | None = None,
    halo: bool = False,
) -> Markup:
    """One line of text; y is its base line. halo: it may stand on lines and stays readable."""
    return element(
        "text",
        content,
        x=x,
        y=y,
        font_size=size,
        text_anchor=None if anchor == "start" else anchor,
        style=None if fill is None else f"fill:{fill}",
        font_weight=weight,
        class_="halo" if halo else None,
    )


def box(
    x: float, y: float, width: float, height: float, fill: str, *, opacity: float | None = None
) -> Markup:
    """A filled rectangle."""
    return element("rect", x=x, y=y, width=width, height=height, fill=fill, opacity=opacity)


def line(
    start: tuple[float, float],
    end: tuple[float, float],
    stroke: str = LINE,
    *,
    width: float = 1,
    dashes: str | None = None,
) -> Markup:
    """A straight line."""
    (x1, y1), (x2, y2) = start, end
    style = f"stroke:{stroke}"
    return element(
        "line", x1=x1, y1=y1, x2=x2, y2=y2, style=style, stroke_width=width, stroke_dasharray=dashes
    )


def path(points: Sequence[tuple[float, float]], stroke: str, *, width: float = 1) -> Markup:
    """A line through points."""
    return element(
        "polyline",
        points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        style=f"fill:none;stroke:{stroke}",
        stroke_width=width,
        stroke_linejoin="round",
    )
