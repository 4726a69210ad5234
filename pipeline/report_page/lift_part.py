"""One lift against the last sessions with it."""

from pipeline.report_page.compared import since_last
from pipeline.report_page.markup import Markup, element
from pipeline.report_page.told import Lift, Outing
from pipeline.report_page.trend import trends
from pipeline.report_page.words import Unit, day, degrees, lift, load, percent, velocity

_COLUMNS = ("day", "sets", "reps", "top load", "fastest rep", "with", "range", "holds kept")


def lift_part(one: Lift, unit: Unit) -> Markup:
    """A comparison; where there is nothing to compare with, that is said."""
    title = element("h2", f"{lift(one.exercise, one.variant)}: the last sessions".capitalize())
    if one.before is None:
        first = "This is the first session with it: from the next one on there is a comparison."
        return element("section", title, element("p", first), class_="together")
    said = (element("li", text) for text in since_last(one, unit))
    sentences = element("ul", *said, class_="remarks")
    pictures = (element("figure", picture) for picture in trends(one, unit))
    return element(
        "section",
        element(
            "div",
            title,
            element("h3", f"Against {day(one.before.time_us)}"),
            sentences,
            class_="together",
        ),
        element("div", *pictures, class_="three"),
        _table(one, unit),
    )


def _table(one: Lift, unit: Unit) -> Markup:
    head = element("tr", *(element("th", name, scope="col") for name in _COLUMNS))
    earlier = len(one.outings) - 1
    before = f"the {earlier} before it" if earlier > 1 else "the one before it"
    return element(
        "div",
        element(
            "table",
            element("caption", f"This session and {before}"),
            element("thead", head),
            element("tbody", *(_row(each, unit, now=each is one.now) for each in one.outings)),
        ),
        class_="scroll together",
    )


def _row(one: Outing, unit: Unit, *, now: bool) -> Markup:
    return element(
        "tr",
        element("th", f"{day(one.time_us)}{' (this one)' if now else ''}", scope="row"),
        *(
            element("td", text)
            for text in (
                str(one.sets),
                str(one.reps),
                load(one.load_kg, unit),
                velocity(one.best_velocity_mps),
                load(one.velocity_kg, unit),
                degrees(one.rom_deg),
                percent(one.hold_met_pct),
            )
        ),
        class_="now" if now else None,
    )
