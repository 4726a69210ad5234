"""The page of a report: whole, self-contained, and with nobody's name as markup."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.history import RepRow, SetRow
from pipeline.report_page.charts import WIDTH, rom_bars, tempo_bars, velocity_bars
from pipeline.report_page.look import PHASES
from pipeline.report_page.markup import Markup, element
from pipeline.report_page.meant import Meant
from pipeline.report_page.page import page
from pipeline.report_page.svg import ticks
from pipeline.report_page.told import SetTold, tell
from pipeline.report_page.trace import Curve, Mark, Stroke, pitch_rows
from pipeline.report_page.words import NBSP, Unit
from tests.pipeline.reported import rep_row, session_row, set_row

_VOID = {"meta", "br"}


class Parsed(HTMLParser):
    """Every element with its attributes, in order; all must be closed where they should be.

    rows: of all tables, each the texts of its cells.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.texts.append(data)
        if {"th", "td"} & set(self._open):
            self.rows[-1][-1] += data.replace(NBSP, " ")

    @property
    def text(self) -> str:
        return " ".join(self.texts).replace(NBSP, " ")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def a_page(
    *reps: RepRow,
    athlete: str = "Anna",
    sets: tuple[SetRow, ...] = (),
    curve: Curve | None = None,
    unit: Unit = "kg",
    meant: Meant | None = None,
    **session: object,
) -> str:
    rows = reps or tuple(rep_row(number) for number in range(1, 9))
    told = tell(session_row(**session), athlete, sets or (set_row(),), rows, unit)
    return page(told, {told.sets[0].row.id: curve} if curve else {}, meant)


def test_the_page_says_who_when_what_and_every_rep() -> None:
    text = Parsed(a_page()).text
    for told in ("Anna", "January 2026", "hip thrust", "Set 1 · 60 kg · 8 reps", "2.0-0.2-0.9-2.2"):
        assert told in text
    rows = Parsed(a_page()).all("th")
    assert [row for row in rows if row.get("scope") == "row"] == [{"scope": "row"}] * 8


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    text = a_page(curve=CURVE)
    parsed = Parsed(text)
    tags = {tag for tag, _ in parsed.elements}
    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "a", "form", "base"})
    assert "://" not in text
    assert "@import" not in text
    assert "url(" not in text
    names = {name for _, attributes in parsed.elements for name in attributes}
    assert not [name for name in names if name.startswith("on") or name in ("src", "href")]
    (policy,) = [one["content"] for one in parsed.all("meta") if "http-equiv" in one]
    assert policy
    assert policy.startswith("default-src 'none'")


@given(st.text(), st.text(alphabet="<>&\"'/ scriptb=onld", max_size=40), st.text(max_size=20))
def test_a_name_and_a_note_stay_text(name: str, note: str, variant: str) -> None:
    def shape(athlete: str, **texts: Any) -> tuple[object, str]:
        parsed = Parsed(a_page(athlete=athlete, sets=(set_row(**texts),)))
        return [(tag, sorted(attributes)) for tag, attributes in parsed.elements], parsed.text

    # Where there is no note there is no place for one either.
    elements, text = shape(name, note=f"n{note}", variant=f"v{variant}")
    assert elements == shape("Anna", note="n", variant="v")[0]
    if name.isprintable() and name.isascii():
        assert name in text
    assert f"n{note}" in text


def test_markup_is_escaped_in_attributes_too() -> None:
    assert element("p", "<b>", Markup("<i></i>"), class_='"><script>') == (
        '<p class="&quot;&gt;&lt;script&gt;">&lt;b&gt;<i></i></p>'
    )


def test_markup_that_was_joined_with_other_text_is_text_again() -> None:
    assert element("p", Markup("<i>") + "<b>") == "<p>&lt;i&gt;&lt;b&gt;</p>"


_numbers = st.none() | st.floats(-1e6, 1e6, allow_nan=False) | st.just(1e19)
_FIELDS = ("eccentric_s", "bottom_pause_s", "concentric_s", "top_pause_s", "rom_deg")
_VALUES = (*_FIELDS, "mean_velocity_mps", "velocity_loss_pct", "confidence")


@given(
    st.lists(
        st.tuples(st.booleans(), st.fixed_dictionaries(dict.fromkeys(_VALUES, _numbers))),
        min_size=1,
        max_size=6,
    ),
    st.fixed_dictionaries(
        dict.fromkeys(("load_kg", "target_hold_s", "target_velocity_loss_pct"), _numbers)
    ),
)
def test_whatever_stands_in_the_database_makes_a_page(
    rows: list[tuple[bool, dict[str, float | None]]], row: dict[str, Any]
) -> None:
    reps = [
        rep_row(None if partial else number, id=f"r{number}", **values)
        for number, (partial, values) in enumerate(rows, start=1)
    ]
    before = set_row(days=-1, **row)
    text = a_page(*reps, sets=(before, set_row(**row)), e1rm_kg=row["load_kg"])
    assert "nan" not in re.sub("[a-z]nan|nan[a-z]", "", Parsed(text).text)
    assert not re.search(r'="-?(nan|inf)', text)


def test_an_estimated_maximum_never_stands_without_its_interval() -> None:
    known = Parsed(a_page(e1rm_kg=120.4, e1rm_low_kg=104.2, e1rm_high_kg=136.6)).text
    assert "Estimated one-rep maximum: 120 kg" in known
    assert "in 95 of 100 cases between 104 and 137 kg" in known
    assert "maximum" not in Parsed(a_page()).text
    assert "how sure that is, is not known" in Parsed(a_page(e1rm_kg=120.4)).text


def test_partial_and_added_reps_are_said_to_be_such_in_the_table() -> None:
    reps = (rep_row(1), rep_row(None, rom_deg=25.0), rep_row(2, added=True, rom_deg=None))
    text = Parsed(a_page(*reps)).text
    assert "not counted" in text
    assert "added by hand" in text
    assert "Set 1 · 60 kg · 2 reps + 1 partial" in text


def test_what_fell_out_is_marked_in_its_row() -> None:
    assert "<b>45°</b>" in a_page(*(rep_row(k, rom_deg=45.0 if k == 4 else 54.0) for k in range(9)))
    assert "<b>" not in a_page()


def test_a_session_with_two_lifts_names_them_and_compares_each() -> None:
    text = Parsed(
        a_page(
            rep_row(1),
            rep_row(1, id="x", set=2),
            sets=(set_row(1), set_row(2, exercise="glute_bridge"), set_row(days=-2)),
        )
    ).text
    assert "Set 2 · glute bridge · 60 kg" in text
    assert "Against" in text
    assert "This is the first session with it" in text


def test_a_running_session_is_said_to_be_running() -> None:
    assert "was not over" in Parsed(a_page(ended=False)).text
    assert "was not over" not in Parsed(a_page()).text


# -- pictures -----------------------------------------------------------------------------------


def shapes(picture: Markup, tag: str = "rect") -> list[dict[str, float]]:
    kept = ("x", "y", "width", "height")
    return [
        {name: float(value or 0) for name, value in one.items() if name in kept}
        for one in Parsed(picture).all(tag)
    ]


def test_bars_of_the_tempo_are_as_long_as_the_phases_lasted() -> None:
    one = SetTold(set_row(), (rep_row(1), rep_row(2, concentric_s=1.8)))
    legend, bars = len(PHASES), shapes(tempo_bars(one))
    first, second = bars[legend : legend + 4], bars[legend + 4 :]
    # One pixel of each is the gap to the next.
    down, bottom, up, hold = (bar["width"] + 1 for bar in first)
    assert down / up == pytest.approx(2.0 / 0.9, rel=0.02)
    assert hold / bottom == pytest.approx(2.2 / 0.2, rel=0.1)
    assert (second[2]["width"] + 1) / up == pytest.approx(2.0, rel=0.02)
    assert [bar["x"] for bar in first] == sorted(bar["x"] for bar in first)


def test_bars_are_as_high_as_the_reps_were_fast_and_far() -> None:
    one = SetTold(
        set_row(), (rep_row(1), rep_row(2, mean_velocity_mps=0.125, rom_deg=27.0), rep_row(3))
    )
    for picture in (velocity_bars(one), rom_bars(one)):
        heights = [bar["height"] for bar in shapes(picture)]
        assert heights == pytest.approx([90.0, 45.0, 90.0])


def test_a_hold_that_was_short_is_said_beside_its_bar() -> None:
    one = SetTold(set_row(target_hold_s=3.0), (rep_row(1), rep_row(2, top_pause_s=3.1)))
    assert [text for text in Parsed(tempo_bars(one)).texts if "hold" in text] == [
        "hold",
        "hold −0.8 s",
    ]


@pytest.mark.parametrize("count", [1, 12, 60, 500])
def test_pictures_of_any_number_of_reps_stay_within_a_page(count: int) -> None:
    one = SetTold(set_row(), tuple(rep_row(number) for number in range(1, count + 1)))
    for picture in (tempo_bars(one), velocity_bars(one), rom_bars(one)):
        height = float((Parsed(picture).all("svg")[0]["viewbox"] or "").split()[3])
        assert height < 700
        for bar in shapes(picture):
            assert bar["x"] >= 0
            assert bar["x"] + bar["width"] <= WIDTH
            assert bar["y"] + bar["height"] <= height


CURVE = Curve(
    t_s=[0.02 * k for k in range(500)],
    pitch_deg=[50.0 * (k % 100) / 100 for k in range(500)],
    strokes=(Stroke(1.0, 2.0, "concentric"), Stroke(2.0, 2.5, "")),
    marks=(Mark(1.5, "1"), Mark(2.2, "part")),
)


def test_the_movement_has_its_phases_and_the_numbers_of_the_reps() -> None:
    parsed = Parsed(a_page(curve=CURVE))
    assert "The movement" in parsed.text
    (row,) = pitch_rows(CURVE)
    lines = Parsed(row).all("polyline")
    colours = [re.sub(".*stroke:", "", line["style"] or "") for line in lines]
    assert PHASES["concentric"][1] in colours
    assert {"1", "part"} <= set(Parsed(row).texts)


def test_a_gap_breaks_the_line_of_the_movement() -> None:
    gap = replace(CURVE, pitch_deg=[*CURVE.pitch_deg[:250], nan, *CURVE.pitch_deg[251:]])
    whole, broken = (len(Parsed(pitch_rows(one)[0]).all("polyline")) for one in (CURVE, gap))
    assert broken == whole + 1
    assert "nan" not in pitch_rows(gap)[0]


def test_a_long_set_is_cut_into_rows_of_a_minute_at_most() -> None:
    slow = replace(CURVE, t_s=[0.3 * k for k in range(500)], strokes=(Stroke(0.0, 149.0, "top"),))
    assert len(pitch_rows(slow)) == 3
    assert all(PHASES["top"][1] in row for row in pitch_rows(slow))


def test_of_nothing_there_is_no_picture() -> None:
    assert pitch_rows(Curve([], [], (), ())) == []
    assert pitch_rows(Curve([1.0, 2.0], [nan, nan], (), ())) == []


@given(st.floats(-1e6, 1e6), st.floats(0.0, 1e19))
def test_an_axis_has_few_round_numbers_all_of_them_on_it(low: float, span: float) -> None:
    found = ticks(low, low + span)
    assert len(found) <= 9
    assert all(low - 1e-9 <= one <= low + span for one in found)
    steps = {after - before for before, after in pairwise(found)}
    assert len(steps) <= 1
    assert all(str(step).rstrip("0") in ("1", "2", "5") for step in steps)
