"""The live page in a browser while a model lifts in real time: how late, how smooth, how large."""

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sensor.simulator import SetPlan, Tempo
from tests.integration.mosquitto import until
from tests.page.browser import PHONE, Browser, Counted, browser
from tests.page.played import playing
from tests.page.served import told

ROUTES = ("lift", "setup", "after", "history", "coach", "settings")
_SETS = (
    SetPlan(reps=8, tempo=Tempo(1.2, 0.4, 0.9, 1.0), fatigue=0.2),
    SetPlan(reps=6, tempo=Tempo(2.0, 0.5, 1.0, 2.0), fatigue=0.2),
    SetPlan(reps=10, tempo=Tempo(0.8, 0.2, 0.7, 0.6), fatigue=0.3),
)
_A_SET_S = 50.0  # with the rest after it, about
_LOOKS = 5
_FRAMES_S = 10.0
_EARLY_S = 0.3
_NEAR_S = 3.0  # a number that comes later belongs to another rep

_COUNT_FRAMES = """
window.frames_drawn = 0;
const canvas = document.querySelector('.trace canvas');
const clear = CanvasRenderingContext2D.prototype.clearRect;
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
  if (this.canvas === canvas) window.frames_drawn += 1;
  return clear.apply(this, box);
};
window.frames_since = performance.now();
"""
_FRAMES = "return [window.frames_drawn, (performance.now() - window.frames_since) / 1000]"
_SIZES = """
const of = (kind) => performance.getEntriesByType(kind);
const all = [...of('navigation'), ...of('resource')];
return all.map((one) => [one.name.split('#')[0], one.encodedBodySize]);
"""
_PAINT = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@dataclass(frozen=True, slots=True)
class Opened:
    """late_s: of each rep that was shown. heap_mb, nodes: of the page, from time to time."""

    minutes: float
    late_s: list[float]
    true_reps: int
    frames_hz: float
    heap_mb: list[float]
    nodes: list[float]


def opened(folder: Path, minutes: float) -> Opened:
    """Open it for so long, while sets are lifted."""
    count = max(1, round(minutes * 60.0 / _A_SET_S))
    sets = tuple(_SETS[number % len(_SETS)] for number in range(count))
    with playing(folder, *sets, speed=1.0) as played, browser(PHONE) as phone:
        phone.open(played.url)
        phone.run("localStorage.setItem('hiprep', JSON.stringify({ follow: false }))")
        phone.driver.refresh()
        until(lambda: phone.link == "searching")
        phone.watch()
        played.radio.go.set()
        began_s = time.monotonic()
        reps = [rep for one in played.sets for rep in one]
        until(lambda: played.radio.has_come(reps[0]["start_s"]))
        looks = [_look(phone)]
        frames_hz = _frames_hz(phone)
        last_s = reps[-1]["end_s"]
        for number in range(1, _LOOKS + 1):
            at_s = last_s * number / _LOOKS
            while not played.radio.has_come(at_s):
                time.sleep(0.2)
            looks.append(_look(phone))
        tops = [played.radio.wall_s(rep["concentric_end_s"]) for rep in reps]
        shown = phone.counted()
        lasted_min = (time.monotonic() - began_s) / 60.0
    late_s = _late(tops, shown)
    return Opened(lasted_min, late_s, len(tops), frames_hz, *map(list, zip(*looks, strict=True)))


def _late(tops: list[float], counted: list[Counted]) -> list[float]:
    """How long after each top the next new number came."""
    before = [0, *(count for count, _, _ in counted)]
    shown = [at_s for last, (count, _, at_s) in zip(before, counted, strict=False) if count != last]
    found = []
    for top_s in tops:
        after = [at_s for at_s in shown if -_EARLY_S <= at_s - top_s < _NEAR_S]
        if after:
            found.append(after[0] - top_s)
            shown.remove(after[0])
    return found


def _look(phone: Browser) -> tuple[float, float]:
    """Heap in MB and nodes, after garbage was collected."""
    phone.cdp("Performance.enable")
    phone.cdp("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in phone.cdp("Performance.getMetrics")["metrics"]}
    return found["JSHeapUsedSize"] / 1e6, float(found["Nodes"])


def _frames_hz(phone: Browser) -> float:
    """How often the trace is drawn, in a set."""
    phone.run(_COUNT_FRAMES)
    time.sleep(_FRAMES_S)
    drawn, lasted_s = phone.run(_FRAMES)
    return float(drawn / lasted_s)


def weight_kb() -> tuple[float, float]:
    """Of all files that the first view needs, and of those of all views."""
    with tempfile.TemporaryDirectory() as scratch, told(Path(scratch)) as (teller, url):
        teller.streams()
        with browser(PHONE) as phone:
            phone.open(url)
            until(lambda: phone.link in ("ok", "silent"))
            first = dict(phone.run(_SIZES))
            for route in ROUTES:
                phone.go(route)
            return sum(first.values()) / 1e3, sum(dict(phone.run(_SIZES)).values()) / 1e3


def first_paint_s() -> float:
    """Until the first text or picture is there; nothing is cached."""
    found: list[float] = []
    with tempfile.TemporaryDirectory() as scratch, told(Path(scratch)) as (teller, url):
        teller.streams()
        with browser(PHONE) as phone:
            for _ in range(5):
                phone.cdp("Network.enable")
                phone.cdp("Network.clearBrowserCache")
                phone.open(url)
                until(lambda: phone.run(_PAINT))
                found.append(phone.run(_PAINT) / 1e3)
    return statistics.median(found)
