"""Pictures of a set: tempo, velocity and range of motion of each rep."""

from collections.abc import Iterator, Sequence
from statistics import median

from pipeline.coaching.adherence import hold_met
from pipeline.delivery.history import RepRow
from pipeline.report_page.findings import fell_out, phase_time
from pipeline.report_page.look import DARK_GREY, PHASES, PLAIN, STOP, WATCH
from pipeline.report_page.markup import Markup
from pipeline.report_page.svg import box, line, picture, text, ticks
from pipeline.report_page.told import SetTold
from pipeline.report_page.words import degrees, velocity

WIDTH = 380.0
_LEFT, _RIGHT = 30.0, 66.0
_MOST_HEIGHT = 600.0  # a picture that is higher does not fit on a page with anything beside it
_FADED = 0.4
_NOTHING = 1e-6  # of seconds, degrees, metres per second: it would be drawn as nothing


def tempo_bars(one: SetTold) -> Markup:
    """A bar for each rep, partial ones too: down, bottom, up and hold, in seconds."""
    reps = [rep for rep in one.reps if not rep.added]
    times = [[max(phase_time(rep, name) or 0.0, 0.0) for name in PHASES] for rep in reps]
    longest_s = max((sum(row) for row in times), default=0.0)
    longest_s = longest_s if longest_s > _NOTHING else 1.0
    short = [_short_s(one, rep) for rep in reps]
    per_s = (WIDTH - _LEFT - (_RIGHT if any(short) else 8.0)) / longest_s
    row_px = min(20.0, _MOST_HEIGHT / max(len(reps), 1))
    top, bottom = 26.0, 26.0 + row_px * len(reps)
    parts = [*_legend(), *_seconds(longest_s, per_s, top, bottom)]
    every = max(1, round(9 / row_px))
    for number, (rep, row) in enumerate(zip(reps, times, strict=True)):
        y = top + number * row_px
        if number % every == 0:
            label = "part" if rep.partial else f"{rep.rep}"
            parts.append(text(_LEFT - 5, y + row_px / 2 + 4, label, anchor="end", size=10))
        parts += _bar(row, y + 0.1 * row_px, 0.8 * row_px, per_s, faded=rep.partial)
        if short_s := short[number]:
            x = _LEFT + sum(row) * per_s + 4
            told = f"hold −{short_s:.1f} s"
            parts.append(text(x, y + row_px / 2 + 4, told, size=9.5, weight="600", halo=True))
    return picture(WIDTH, bottom + 16, "Tempo of each rep, seconds", *parts)


def velocity_bars(one: SetTold) -> Markup:
    """Mean velocity of each rep that counts, its loss, and the limit where there is one."""
    reps = [rep for rep in one.measured if rep.mean_velocity_mps is not None]
    values = [rep.mean_velocity_mps or 0.0 for rep in reps]
    best = max(values, default=0.0)
    limit = one.row.target_velocity_loss_pct
    lost = [rep.velocity_loss_pct or 0.0 for rep in reps]
    beyond = [limit is not None and loss > limit for loss in lost]
    frame = _Frame(best, len(values))
    parts = [*frame.bars(reps, values, [STOP if over else PLAIN for over in beyond])]
    if limit is not None and best:
        y = frame.bottom - frame.height(best * (1 - limit / 100))
        parts.append(line((_LEFT, y), (WIDTH, y), STOP, width=1.5, dashes="5 3"))
        parts.append(text(_LEFT - 4, y + 3.5, f"−{limit:.0f} %", size=9, anchor="end"))
    parts += frame.values(values)
    for number, (value, loss) in enumerate(zip(values, lost, strict=True)):
        if frame.roomy and round(loss) > 0 and frame.height(value) > 30:
            x, y = frame.middle(number), frame.bottom - 6
            parts.append(text(x, y, f"−{loss:.0f} %", size=9, anchor="middle", fill="#ffffff"))
    title = "Velocity on the way up, m/s; below it what was lost since the fastest rep"
    return frame.picture(title, parts, velocity(best))


def rom_bars(one: SetTold) -> Markup:
    """Range of motion of each rep that counts, and the middle of them."""
    reps = [rep for rep in one.measured if rep.rom_deg is not None]
    values = [rep.rom_deg or 0.0 for rep in reps]
    odd = fell_out(one)
    out = ["rom" in odd.get(rep.id, ()) for rep in reps]
    frame = _Frame(max(values, default=0.0), len(values), decimals=0)
    parts = [*frame.bars(reps, values, [WATCH if each else PLAIN for each in out])]
    if values:
        middle = median(values)
        y = frame.bottom - frame.height(middle)
        parts.append(line((_LEFT, y), (WIDTH, y), DARK_GREY, dashes="2 3"))
    parts += frame.values(values)
    return frame.picture("Range of motion of each rep, degrees", parts, degrees(max(values or [0])))


def _short_s(one: SetTold, rep: RepRow) -> float:
    """How much of the hold was missing; 0 where it was kept, or none was asked for."""
    asked_s = one.row.target_hold_s
    if not asked_s or rep.rep is None or hold_met(rep.top_pause_s, asked_s) is not False:
        return 0.0
    return asked_s - (rep.top_pause_s or 0.0)


def _legend() -> Iterator[Markup]:
    x = _LEFT
    for name, colour, _ in PHASES.values():
        yield box(x, 4, 10, 10, colour)
        yield text(x + 14, 13, name, size=11)
        x += 70


def _seconds(longest_s: float, per_s: float, top: float, bottom: float) -> Iterator[Markup]:
    for at_s in ticks(0.0, longest_s):
        x = _LEFT + at_s * per_s
        yield line((x, top - 3), (x, bottom + 3))
        yield text(x, bottom + 13, f"{at_s} s" if at_s else "0", size=9, anchor="middle")


def _bar(
    times: Sequence[float], y: float, height: float, per_s: float, *, faded: bool
) -> Iterator[Markup]:
    x = _LEFT
    for (_, colour, ink), time_s in zip(PHASES.values(), times, strict=True):
        width = time_s * per_s
        if width > 0:
            # A gap between two parts: grey on paper, they are told apart all the same.
            shown = max(width - 1.0, 0.5)
            yield box(x, y, shown, height, colour, opacity=_FADED if faded else None)
        if width >= 20 and height >= 10 and not faded:
            middle = x + width / 2
            shown_s = f"{time_s:.1f}"
            yield text(middle, y + height / 2 + 3.5, shown_s, size=9.5, anchor="middle", fill=ink)
        x += width


class _Frame:
    """Upright bars: room for them, their numbers below and their values on top."""

    top, bottom, height_px = 22.0, 112.0, 130.0

    def __init__(self, largest: float, count: int, decimals: int = 2) -> None:
        self._per_unit = (self.bottom - self.top) / largest if largest > _NOTHING else 0.0
        self._step = (WIDTH - _LEFT) / max(count, 1)
        self._decimals = decimals
        self._every = 1 + int(14 / self._step) if self._step < 14 else 1
        self.roomy = self._step >= 26

    def height(self, value: float) -> float:
        """Of a bar."""
        return max(value, 0.0) * self._per_unit

    def middle(self, number: int) -> float:
        """Where the bar of that number stands, from 0 on."""
        return _LEFT + (number + 0.5) * self._step

    def bars(
        self, reps: Sequence[RepRow], values: Sequence[float], colours: Sequence[str]
    ) -> Iterator[Markup]:
        """All of them."""
        width = min(0.8 * self._step, 40.0)
        for number, (rep, value, colour) in enumerate(zip(reps, values, colours, strict=True)):
            x, height = self.middle(number), self.height(value)
            yield box(x - width / 2, self.bottom - height, width, height, colour)
            if number % self._every == 0:
                yield text(x, self.bottom + 12, f"{rep.rep}", size=10, anchor="middle")

    def values(self, values: Sequence[float]) -> Iterator[Markup]:
        """Over the bars, where there is room."""
        for number, value in enumerate(values if self._step >= 20 else ()):
            x, y = self.middle(number), self.bottom - self.height(value) - 4
            shown = f"{value:.{self._decimals}f}"
            yield text(x, y, shown, size=9.5, anchor="middle", halo=True)

    def picture(self, title: str, parts: Sequence[Markup], largest: str) -> Markup:
        """With the base line; where bars are too narrow for values, the largest is said."""
        base = line((_LEFT, self.bottom), (WIDTH, self.bottom))
        rep = text(_LEFT - 5, self.bottom + 12, "rep", size=9, anchor="end")
        most = () if self._step >= 20 else (text(_LEFT, 12, f"largest {largest}", size=9.5),)
        return picture(WIDTH, self.height_px, title, base, rep, *parts, *most)
