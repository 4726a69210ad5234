"""One set on the page: what was done, pictures, what was good, what fell out, every rep."""

from collections.abc import Iterator, Sequence

from pipeline.coach_day import Said
from pipeline.delivery.history import RepRow
from pipeline.report_page.charts import rom_bars, tempo_bars, velocity_bars
from pipeline.report_page.compared import headline
from pipeline.report_page.findings import Findings, fell_out, findings, phase_time, written_tempo
from pipeline.report_page.look import PHASES
from pipeline.report_page.markup import Markup, element
from pipeline.report_page.meant import meant_list
from pipeline.report_page.told import SetTold
from pipeline.report_page.trace import Curve, pitch_rows
from pipeline.report_page.words import (
    UNKNOWN,
    Unit,
    asked,
    degrees,
    duration,
    fault,
    lift,
    percent,
    seconds,
    velocity,
)

_WHOLE_ROWS = 20
_PHASE_TITLES = [title for title, _, _ in PHASES.values()]
_COLUMNS = ("rep", *_PHASE_TITLES, "range", "velocity", "loss", "what the sensor saw")


def set_part(
    one: SetTold, curve: Curve | None, said: Sequence[Said], unit: Unit, *, several: bool
) -> Markup:
    """All of a set. said: what it meant. several: it is named, beside other lifts."""
    number = UNKNOWN if one.row.set is None else str(one.row.set)
    which = f" · {lift(one.row.exercise, one.row.variant)}" if several else ""
    return element(
        "section",
        element(
            "div",
            element("h2", f"Set {number}{which} · {headline(one, unit)}"),
            *_note(one),
            element("dl", *_facts(one), class_="facts"),
            *_findings(findings(one)),
            *meant_list(said, "What it meant"),
            *(_pictures(one) if one.measured else ()),
            class_="together",
        ),
        *_movement(curve),
        _table(one),
    )


def _note(one: SetTold) -> Iterator[Markup]:
    if one.row.note:
        yield element("p", one.row.note, class_="note")


def _facts(one: SetTold) -> Iterator[Markup]:
    row = one.row
    tempo = f"asked: {row.target_tempo}" if row.target_tempo else "down-bottom-up-hold"
    yield _fact("tempo", written_tempo(one), tempo)
    if one.holds:
        met, of = one.holds
        yield _fact("holds kept", f"{met} of {of}", f"asked: {asked(row.target_hold_s or 0.0)}")
    else:
        yield _fact("hold", seconds(row.top_pause_s), "no hold was asked for")
    yield _fact("fastest rep", velocity(row.best_velocity_mps))
    limit = row.target_velocity_loss_pct
    last = "in the last rep" if limit is None else f"last rep; limit {percent(limit)}"
    yield _fact("velocity loss", percent(row.velocity_loss_pct), last)
    yield _fact("range of motion", degrees(row.rom_deg), "middle of all reps")
    if row.rest_before_s is not None:
        yield _fact("rest before", duration(row.rest_before_s))


def _fact(name: str, value: str, more: str = "") -> Markup:
    small = (element("small", more),) if more else ()
    return element("div", element("dt", name), element("dd", value, *small))


def _findings(found: Findings) -> Iterator[Markup]:
    parts = [
        element(
            "div",
            element("h3", title),
            element("ul", *(element("li", text) for text in texts), class_=name),
        )
        for title, name, texts in (
            ("What was good", "good", found.good),
            ("What fell out", "out", found.fell_out),
        )
        if texts
    ]
    if parts:
        yield element("div", *parts, class_="pair")
    if found.remarks:
        yield element("ul", *(element("li", text) for text in found.remarks), class_="remarks soft")


def _pictures(one: SetTold) -> Iterator[Markup]:
    limit = "" if one.row.target_velocity_loss_pct is None else " (dashed: limit)"
    right = element(
        "div",
        _figure(f"Velocity on the way up, m/s, and its loss{limit}", velocity_bars(one)),
        _figure("Range of motion, degrees", rom_bars(one)),
    )
    left = _figure("Tempo of each rep, seconds", tempo_bars(one))
    yield element("div", left, right, class_="pair")


def _movement(curve: Curve | None) -> Iterator[Markup]:
    rows = pitch_rows(curve) if curve else []
    for number, row in enumerate(rows):
        caption = "The movement: how the pelvis turned. Thin and grey: not counted"
        wide = element("div", row, class_="scroll long")
        yield _figure(caption if number == 0 else "", wide)


def _figure(caption: str, picture: Markup) -> Markup:
    titled = (element("figcaption", caption),) if caption else ()
    return element("figure", *titled, picture)


def _table(one: SetTold) -> Markup:
    odd = fell_out(one)
    head = element(
        "tr",
        *(
            element("th", name, scope="col", class_="words" if name == _COLUMNS[-1] else None)
            for name in _COLUMNS
        ),
    )
    rows = (_row(rep, odd.get(rep.id, set())) for rep in one.reps)
    table = element("table", element("thead", head), element("tbody", *rows))
    # A table that fits on a page stays whole.
    whole = " together" if len(one.reps) <= _WHOLE_ROWS else ""
    return element("div", table, class_=f"scroll{whole}")


def _row(rep: RepRow, odd: set[str]) -> Markup:
    cells = [
        *((seconds(phase_time(rep, name)), name in odd) for name in PHASES),
        (degrees(rep.rom_deg), "rom" in odd),
        (velocity(rep.mean_velocity_mps), False),
        (UNKNOWN if rep.rep is None else percent(rep.velocity_loss_pct), False),
    ]
    return element(
        "tr",
        element("th", "partial" if rep.partial else _number(rep), scope="row"),
        *(element("td", element("b", text) if out else text) for text, out in cells),
        element("td", _seen(rep), class_="words"),
        class_="partial" if rep.partial else None,
    )


def _number(rep: RepRow) -> str:
    return UNKNOWN if rep.rep is None else str(rep.rep)


def _seen(rep: RepRow) -> str:
    if rep.added:
        return "added by hand"
    told = [*map(fault, rep.faults)]
    if rep.partial:
        told.insert(0, "not counted")
    return ", ".join(told)
