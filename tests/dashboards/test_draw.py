"""Each board can be drawn; what the pictures look like is for a person to say."""

from pathlib import Path

import pytest

from tests.dashboards.draw import draw, pictures
from tests.dashboards.frames import Column, Frame
from tests.dashboards.grafana import Viewer
from tests.dashboards.parts import boards, panels, settings
from tests.dashboards.played import EMPTY, KINDS, Played
from tests.dashboards.shown import UnknownUnitError, colour, measured, words


@pytest.mark.parametrize("which", KINDS)
def test_each_board_is_drawn(gym: Played, which: str, tmp_path: Path) -> None:
    drawn = pictures(gym, tmp_path, which, dpi=20)
    assert len(drawn) == len(boards())
    assert all(file.stat().st_size > 3_000 for file in drawn)


def test_a_picture_says_who_drew_it(gym: Played) -> None:
    board = next(iter(boards().values()))
    picture = draw(Viewer(gym.sources[EMPTY], board, gym.now_ms), board["title"])
    assert any("not by Grafana" in text.get_text() for text in picture.texts)


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (12.345, "s", None, "12.3 s"),
        (0.8, "s", None, "800 ms"),
        (90.0, "s", 1, "1.5 mins"),
        (0.0, "s", None, "0 s"),
        (60.0, "masskg", None, "60 kg"),
        (4200.0, "masskg", None, "4.20 Mg"),
        (0.8, "suffix:s", 1, "0.8 s"),
        (4200.0, "suffix:kg", None, "4200 kg"),
        (0.34, "lengthm", None, "340 mm"),
        (54.0, "degree", None, "54 °"),
        (0.412, "velocityms", 2, "0.41 m/s"),
        (19.6, "percent", 0, "20%"),
        (8.0, "none", None, "8"),
        (-61.0, "dBm", None, "-61 dBm"),
    ],
)
def test_numbers_read_as_in_grafana(
    value: float, unit: str, decimals: int | None, text: str
) -> None:
    assert measured(value, unit, decimals) == text


def test_a_cell_without_a_value_has_a_dash_and_not_what_an_empty_panel_says() -> None:
    tables = [one for board in boards().values() for one in panels(board) if one["type"] == "table"]
    assert tables
    for panel in tables:
        none = Column("load_kg", "number", [None])
        assert words(None, settings(panel, none, Frame("set", [none])), none) == "–"


def test_a_unit_that_is_none_is_an_error() -> None:
    with pytest.raises(UnknownUnitError, match="kilos"):
        measured(1.0, "kilos")


def test_words_and_colours_stand_in_place_of_values() -> None:
    of = Column("phase", "string", [])
    steps = {"steps": [{"value": None, "color": "a"}, {"value": 10, "color": "b"}]}
    mapping = {
        "type": "value",
        "options": {"top": {"text": "hold", "color": "c"}, "1": {"text": "yes"}},
    }
    how = {"mappings": [mapping], "thresholds": steps, "noValue": "none yet"}
    assert [words(one, how, of) for one in ("top", 1.0, "idle", None)] == [
        "hold",
        "yes",
        "idle",
        "none yet",
    ]
    assert [colour(one, how) for one in ("top", 9.0, 10.0)] == ["c", "a", "b"]
