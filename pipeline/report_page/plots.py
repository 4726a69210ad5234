"""The pictures of a report as figures of their own, for a chat or a slide.

Matplotlib takes long to import: this is imported when a picture is to be drawn.
"""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from pipeline.report_page.compared import headline
from pipeline.report_page.findings import phase_time
from pipeline.report_page.look import DARK_GREY, PHASES, PLAIN, SKY, STOP
from pipeline.report_page.told import Lift, SetTold, Told
from pipeline.report_page.trend import measures, shown
from pipeline.report_page.words import day_and_time, lift, short_day

_DPI = 130
_WIDTH_IN = 9.0
_ROW_IN = 2.7
_ROWS_MAX = 40  # higher than that, viewers refuse the picture


def figures(told: Told) -> dict[str, Figure]:
    """Each by its name: tempo, velocity, rom; comparison, where there is one."""
    drawn = {
        "tempo": _by_set(told, "Tempo: down, bottom, up, hold", _tempo),
        "velocity": _by_set(told, "Velocity on the way up, and its loss", _velocity),
        "rom": _by_set(told, "Range of motion", _rom),
    }
    compared = [one for one in told.lifts if one.before]
    if compared:
        drawn["comparison"] = _comparison(told, compared)
    return drawn


def _by_set(told: Told, title: str, draw: Callable[[Axes, SetTold], None]) -> Figure:
    sets = [one for one in told.sets if one.measured][:_ROWS_MAX]
    figure = _figure(told, title, max(len(sets), 1))
    for number, one in enumerate(sets, start=1):
        axes = figure.add_subplot(len(sets), 1, number)
        what = _plain(headline(one, told.unit))
        axes.set_title(f"set {one.row.set} · {what}", fontsize=10, loc="left")
        draw(axes, one)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _figure(told: Told, title: str, rows: int) -> Figure:
    figure = Figure(figsize=(_WIDTH_IN, 0.7 + _ROW_IN * rows), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    when = day_and_time(told.session.time_us)
    figure.suptitle(f"{title}\n{_plain(told.athlete)} · {when}", fontsize=11, x=0.01, ha="left")
    return figure


def _tempo(axes: Axes, one: SetTold) -> None:
    reps = one.measured
    at = range(len(reps))
    from_s = [0.0] * len(reps)
    for name, (label, colour, _) in PHASES.items():
        times = [phase_time(rep, name) or 0.0 for rep in reps]
        axes.bar(at, times, 0.7, from_s, color=colour, edgecolor="white", label=label)
        from_s = [before + time_s for before, time_s in zip(from_s, times, strict=True)]
    axes.legend(fontsize=8, ncols=4, loc="upper right", framealpha=0.9)
    axes.margins(y=0.25)
    _numbered(axes, one, "s")


def _velocity(axes: Axes, one: SetTold) -> None:
    reps = one.measured
    values = [rep.mean_velocity_mps or 0.0 for rep in reps]
    limit = one.row.target_velocity_loss_pct
    losses = [rep.velocity_loss_pct or 0.0 for rep in reps]
    over = [limit is not None and loss > limit for loss in losses]
    axes.bar(range(len(reps)), values, 0.7, color=[STOP if each else PLAIN for each in over])
    if limit is not None:
        line_mps = max(values, default=0.0) * (1 - limit / 100)
        axes.axhline(line_mps, color=STOP, linestyle="--", linewidth=1)
    for at, (value, loss) in enumerate(zip(values, losses, strict=True)):
        lost = f"\n−{loss:.0f} %" if round(loss) > 0 else ""
        _value(axes, at, value, f"{value:.2f}{lost}")
    axes.margins(y=0.3)
    _numbered(axes, one, "m/s")


def _rom(axes: Axes, one: SetTold) -> None:
    values = [rep.rom_deg or 0.0 for rep in one.measured]
    axes.bar(range(len(values)), values, 0.7, color=PLAIN)
    if one.row.rom_deg is not None:
        axes.axhline(one.row.rom_deg, color=DARK_GREY, linestyle=":", linewidth=1)
    for at, value in enumerate(values):
        _value(axes, at, value, f"{value:.0f}")
    axes.margins(y=0.2)
    _numbered(axes, one, "deg")


def _value(axes: Axes, at: float, value: float, label: str) -> None:
    axes.annotate(
        label,
        (at, value),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=7,
    )


def _numbered(axes: Axes, one: SetTold, unit: str) -> None:
    numbers = [rep.rep for rep in one.measured]
    every = 1 + len(numbers) // 40
    axes.set_xticks(range(0, len(numbers), every), [f"{each}" for each in numbers[::every]])
    axes.set(xlabel="rep", ylabel=unit)


def _comparison(told: Told, lifts: Sequence[Lift]) -> Figure:
    shown_lifts, compared = lifts[:_ROWS_MAX], measures(told.unit)
    figure = _figure(told, "Against the last sessions", len(shown_lifts))
    for row, one in enumerate(shown_lifts):
        for column, measure in enumerate(compared):
            place = row * len(compared) + column + 1
            axes = figure.add_subplot(len(shown_lifts), len(compared), place)
            values = [measure.value(outing) for outing in one.outings]
            colours = [PLAIN if outing is one.now else SKY for outing in one.outings]
            axes.bar(range(len(values)), [value or 0.0 for value in values], color=colours)
            for at, value in enumerate(values):
                if value is not None:
                    _value(axes, at, value, shown(value, measure))
            days = [short_day(outing.time_us) for outing in one.outings]
            axes.set_xticks(range(len(days)), days, rotation=90, fontsize=7)
            axes.set_title(measure.title, fontsize=8)
            axes.set_yticks([])
            axes.margins(y=0.15)
            axes.spines[["top", "right", "left"]].set_visible(False)
            if column == 0:
                axes.set_ylabel(_plain(lift(one.exercise, one.variant)), fontsize=8)
    return figure


def _plain(text: str) -> str:
    """Matplotlib takes what is between two dollar signs for a formula."""
    return text.replace("$", r"\$")
