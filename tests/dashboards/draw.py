"""`python -m tests.dashboards.draw FOLDER`: what each board would show, as pictures.

For a person to look at: is it right, and can it be read? Drawn by these tests, not by Grafana.
"""

import argparse
import sys
import tempfile
import textwrap
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from tests.dashboards import kinds, kinds_traces
from tests.dashboards.frames import Json
from tests.dashboards.grafana import Event, Viewer
from tests.dashboards.parts import annotations, boards, defaults, drawn
from tests.dashboards.played import FULL, KINDS, Played, played
from tests.dashboards.shown import FAINT, TEXT

COLUMN_IN, ROW_IN, DPI = 0.75, 0.36, 80
PAGE, CARD = "#111217", "#1B1E24"

Draw = Callable[[Axes, kinds.Scene], None]

_KINDS: dict[str, Draw] = {
    "stat": kinds.stat,
    "gauge": kinds.bargauge,
    "bargauge": kinds.bargauge,
    "table": kinds.table,
    "timeseries": kinds_traces.timeseries,
    "barchart": kinds_traces.barchart,
    "state-timeline": kinds_traces.statetimeline,
    "xychart": kinds_traces.xychart,
}


def draw(who: Viewer, title: str) -> Figure:
    """The whole board."""
    rcParams["text.parse_math"] = False  # a $ is a $
    places = [one["gridPos"] for one in who.board["panels"]]
    rows = max((at["y"] + at["h"] for at in places), default=1) + 2
    figure = Figure(figsize=(24 * COLUMN_IN, rows * ROW_IN), facecolor=PAGE, dpi=DPI)
    top = f"{title} - drawn by hiprep's tests, not by Grafana - {_chosen(who)}"
    figure.text(0.004, 1 - 1.2 / rows, top, color=FAINT, fontsize=9)
    events = [
        (event, one["iconColor"]) for one in annotations(who.board) for event in _shown(who, one)
    ]
    for panel in who.board["panels"]:
        _panel(figure, rows, who, panel, events)
    return figure


def _chosen(who: Viewer) -> str:
    names = [one["name"] for one in who.board["templating"]["list"]]
    return ", ".join(f"{name}={who.value(name)}" for name in names)


def _shown(who: Viewer, annotation: Json) -> list[Event]:
    return who.events(annotation) if annotation.get("enable") else []


def _panel(
    figure: Figure, rows: int, who: Viewer, panel: Json, events: list[tuple[Event, str]]
) -> None:
    at = panel["gridPos"]
    gap = 0.06
    box = (
        (at["x"] + gap) / 24,
        1 - (at["y"] + 2 + at["h"] - gap) / rows,
        (at["w"] - 2 * gap) / 24,
        (at["h"] - 2 * gap) / rows,
    )
    if panel["type"] == "row":
        figure.text(box[0], box[1], f"▾ {panel['title']}", color=TEXT, fontsize=11)
        return
    card = figure.add_axes(box, facecolor=CARD, xticks=[], yticks=[])
    for spine in card.spines.values():
        spine.set_visible(False)
    head = 1.0 / at["h"]
    card.text(
        0.01, 1 - head / 2, panel["title"], color=TEXT, fontsize=10, va="center",
        transform=card.transAxes, clip_on=True,
    )  # fmt: skip
    found = who.shown(panel)
    columns = drawn(panel, found)
    inner = card.inset_axes(_inside(panel, head), facecolor=CARD)
    if not any(column.known for column, _ in columns):
        _empty(inner, str(defaults(panel).get("noValue") or "No data"))
        return
    _KINDS[panel["type"]](inner, kinds.Scene(panel, found, events, who.span(panel)))


def _inside(panel: Json, head: float) -> tuple[float, float, float, float]:
    """Where a panel draws, as shares of it: below its title; beside and above what axes say."""
    if panel["type"] not in ("timeseries", "barchart", "state-timeline", "xychart"):
        return 0.0, 0.0, 1.0, 1 - head
    at, named = panel["gridPos"], panel["type"] == "state-timeline"
    lying = (panel.get("options") or {}).get("orientation") == "horizontal"
    left = (1.5 if lying else 0.9 if named else 0.6) / at["w"]
    below = (1.1 if kinds_traces.has_legend(panel) else 0.6) / at["h"]
    return left, below, 1 - left - 0.15 / at["w"], 1 - head - below


def _empty(axes: Axes, text: str) -> None:
    kinds.bare(axes)
    wrapped = "\n".join(textwrap.wrap(text, 30))
    axes.text(0.5, 0.5, wrapped, color=FAINT, fontsize=12, ha="center", va="center")


def pictures(gym: Played, folder: Path, which: str, dpi: int = DPI) -> list[Path]:
    """All boards, as they are with the data `which` of KINDS."""
    made = []
    for name, board in boards().items():
        who = Viewer(gym.sources[which], board, gym.now_ms)
        other = "" if which == FULL else f"-{which}"
        file = folder / f"{name.removesuffix('.json')}{other}.png"
        whole = BytesIO()
        draw(who, f"{board['title']} ({which})").savefig(whole, facecolor=PAGE, dpi=dpi)
        # Few colours are enough, and make light files.
        Image.open(whole).convert("RGB").quantize(256, kmeans=1).save(file, optimize=True)
        made.append(file)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", choices=KINDS, help="with this data only")
    args = parser.parse_args()
    folder, kinds_drawn = args.folder, [args.only] if args.only else KINDS
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="draw") as scratch, played(Path(scratch)) as gym:
            for which in kinds_drawn:
                for file in pictures(gym, folder, which):
                    print(file)
    except pytest.skip.Exception as error:
        sys.exit(f"not drawn: {error}")


if __name__ == "__main__":
    main()
