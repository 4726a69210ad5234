"""The whole page: one file, nothing in it comes from elsewhere, and no script."""

from collections.abc import Iterator, Mapping

from pipeline.report_page.compared import summary
from pipeline.report_page.lift_part import lift_part
from pipeline.report_page.markup import Markup, element, together
from pipeline.report_page.meant import Meant, meant_list
from pipeline.report_page.set_part import set_part
from pipeline.report_page.style import STYLE
from pipeline.report_page.told import Told
from pipeline.report_page.trace import Curve
from pipeline.report_page.words import (
    count,
    day_and_time,
    duration,
    in_unit,
    lift,
    load,
    percent,
    velocity,
)

_READING = (
    "Tempo is written down-bottom-up-hold, in seconds. Velocity is the mean of the way up, and its "
    "loss is counted from the fastest rep of the set so far. Range of motion is how far the pelvis "
    "turned. All of it is measured by one sensor on the pelvis: velocities are those of the "
    "pelvis, not of the bar, and nothing is known here of the back, the knees or the feet."
)
_RULES = (
    "After each sentence of what it meant stands the rule that says it. To switch one off, name it "
    'in the settings: [coaching], off = ["rule"]. Nothing of it is a diagnosis.'
)
# Whatever a name might smuggle in: nothing is fetched, and nothing runs.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(told: Told, curves: Mapping[str, Curve], meant: Meant | None = None) -> str:
    """HTML. curves: id of a set -> its movement, where a recording has it. meant: None: nothing."""
    title = f"{told.athlete} · {day_and_time(told.session.time_us)}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("title", title),
        element("style", Markup(STYLE)),
    )
    said = meant or Meant()
    main = element("main", *_main(told, curves, said))
    body = element("body", main, _footer(told, said))
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _main(told: Told, curves: Mapping[str, Curve], meant: Meant) -> Iterator[Markup]:
    lifts = " · ".join(lift(one.exercise, one.variant) for one in told.lifts)
    when = f"{day_and_time(told.session.time_us)} · {lifts}"
    yield element(
        "header", element("h1", told.athlete), element("p", when, class_="soft"), class_="together"
    )
    yield element("p", summary(told), class_="lead")
    yield element("dl", *_facts(told), class_="facts")
    if told.session.e1rm_kg is not None:
        yield _most(told)
    yield from (
        element("p", text, class_="soft")
        for text in (_left(told), _going_on(told))
        if text is not None
    )
    yield from meant_list(meant.session, "What the session meant", "h2")
    for one in told.sets:
        said = meant.sets.get(one.row.id, ())
        yield set_part(one, curves.get(one.row.id), said, told.unit, several=len(told.lifts) > 1)
    for each in told.lifts:
        yield lift_part(each, told.unit)


def _facts(told: Told) -> Iterator[Markup]:
    session = told.session
    reps = [len(one.counted) for one in told.sets]
    # Each set by itself, as a lifter writes it down.
    each = " + ".join(map(str, reps)) if 1 < len(reps) <= 8 else f"in {count(len(reps), 'set')}"
    yield _fact("reps", str(sum(reps)), each)
    yield _fact("top load", load(session.load_kg, told.unit))
    if session.volume_kg is not None:
        yield _fact("load × reps", load(session.volume_kg, told.unit))
    yield _fact("fastest rep", velocity(session.best_velocity_mps))
    if told.holds:
        met, of = told.holds
        yield _fact("holds kept", f"{met} of {of}", percent(100 * met / of))
    yield (
        _fact("rest between sets", duration(session.rest_s))
        if session.rest_s
        else _fact("from first to last rep", duration(session.duration_s))
    )


def _fact(name: str, value: str, more: str = "") -> Markup:
    small = (element("small", more),) if more else ()
    return element("div", element("dt", name), element("dd", value, *small))


def _most(told: Told) -> Markup:
    """The estimated maximum never stands without its interval."""
    session, unit = told.session, told.unit
    most = in_unit(session.e1rm_kg or 0.0, unit)
    low_kg, high_kg = session.e1rm_low_kg, session.e1rm_high_kg
    between = (
        f"in 95 of 100 cases between {in_unit(low_kg, unit):.0f} and "
        f"{in_unit(high_kg, unit):.0f} {unit}"
        if low_kg is not None and high_kg is not None
        else "how sure that is, is not known"
    )
    return element(
        "p",
        element("b", f"Estimated one-rep maximum: {most:.0f} {unit}"),
        f", {between}. It is read from how velocity fell as the load rose, "
        "and is no advice to try it.",
        class_="together",
    )


def _left(told: Told) -> str | None:
    if not told.left:
        return None
    return (
        f"{count(told.left, 'rep')} of a set that never ended "
        f"{'is' if told.left == 1 else 'are'} not shown here."
    )


def _going_on(told: Told) -> str | None:
    return None if told.session.ended else "The session was not over when this was written."


def _footer(told: Told, meant: Meant) -> Markup:
    session = told.session
    advised = meant.session or any(meant.sets.values())
    rules = (element("p", _RULES),) if advised else ()
    where = f"Session {session.session}, sensor {session.device}, {session.site}."
    return element("footer", together(element("p", _READING), *rules, element("p", where)))
