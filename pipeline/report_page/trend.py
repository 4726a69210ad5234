"""Pictures of a lift over the last sessions, this one at the right."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.report_page.look import PLAIN, SKY
from pipeline.report_page.markup import Markup
from pipeline.report_page.svg import box, line, picture, text
from pipeline.report_page.told import Lift, Outing
from pipeline.report_page.words import Unit, in_unit, short_day

_WIDTH, _HEIGHT = 230.0, 118.0
_TOP, _BOTTOM = 36.0, 98.0


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is compared. decimals: of its values; unit: in its title."""

    title: str
    value: Callable[[Outing], float | None]
    decimals: int = 0


_OTHERS = (
    Measure("reps", lambda one: float(one.reps)),
    Measure("fastest rep, m/s", lambda one: one.best_velocity_mps, 2),
    Measure("range of motion, °", lambda one: one.rom_deg),
    Measure("holds kept, %", lambda one: one.hold_met_pct),
)


def measures(unit: Unit) -> tuple[Measure, ...]:
    """What is compared, the load in this unit."""

    def load(one: Outing) -> float | None:
        return None if one.load_kg is None else in_unit(one.load_kg, unit)

    return (Measure(f"top load, {unit}", load, 1), *_OTHERS)


def trends(lift: Lift, unit: Unit) -> list[Markup]:
    """A picture for each measure of which there are two values."""
    known = [
        measure
        for measure in measures(unit)
        if sum(measure.value(outing) is not None for outing in lift.outings) > 1
    ]
    return [_trend(lift, measure) for measure in known]


def shown(value: float, measure: Measure) -> str:
    """A value with its decimals; a load without those it does not need."""
    return f"{round(value, 1):g}" if measure.decimals == 1 else f"{value:.{measure.decimals}f}"


def _trend(lift: Lift, measure: Measure) -> Markup:
    heading = text(0, 12, measure.title, size=11.5, weight="600")
    base = line((0, _BOTTOM), (_WIDTH, _BOTTOM))
    title = f"{measure.title} in the last sessions, this one at the right"
    return picture(_WIDTH, _HEIGHT, title, heading, base, *_bars(lift, measure))


def _bars(lift: Lift, measure: Measure) -> Iterator[Markup]:
    values = [measure.value(outing) for outing in lift.outings]
    largest = max((value for value in values if value is not None), default=0.0)
    step = _WIDTH / len(values)
    width = min(0.72 * step, 34.0)
    for number, (outing, value) in enumerate(zip(lift.outings, values, strict=True)):
        x = (number + 0.5) * step
        now = outing is lift.now
        weight = "700" if now else None
        day = short_day(outing.time_us)
        yield text(x, _BOTTOM + 13, day, size=9.5, anchor="middle", weight=weight)
        if value is None:
            yield text(x, _BOTTOM - 5, "–", anchor="middle")
            continue
        height = max(value, 0.0) / largest * (_BOTTOM - _TOP) if largest > 0 else 0.0
        yield box(x - width / 2, _BOTTOM - height, width, height, PLAIN if now else SKY)
        label = shown(value, measure)
        yield text(x, _BOTTOM - height - 5, label, size=10.5, anchor="middle", weight=weight)
