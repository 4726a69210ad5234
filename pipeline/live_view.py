"""What live sensors look like in a terminal: one lifter large, several as rows."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.display import number, words
from pipeline.events import Event, SetSummary
from pipeline.live import Watched
from pipeline.screen import PHASES, Screen
from sensor.scan import printable
from sensor.stream import Stream

_FLAT_PCT = 10.0
_RATE_OFF = _LOSS = 0.1
_JUDGED_S = 5.0
_LESS = "bring it nearer, or ask for a lower rate (rate_hz in the settings)"
_STYLES = {
    "searching": "yellow",
    "connecting": "yellow",
    "starting": "yellow",
    "streaming": "green",
    "lost": "bold red",
    "failed": "bold red",
}


class LiveView:
    """All sensors of a session; what a lifter sees of one is as in the demo."""

    def __init__(self, watched: Sequence[Watched]) -> None:
        self._watched = watched
        self._screens = {one.lifter.sensor: Screen() for one in watched}

    def take(self, one: Watched, event: Event) -> None:
        """Let an event of a sensor show from now on."""
        self._screens[one.lifter.sensor].take(event)

    def render(self) -> RenderableType:
        """The terminal at this moment."""
        if len(self._watched) > 1:
            return Group(self._rows(), "", *(note for one in self._watched for note in _notes(one)))
        (one,) = self._watched
        if one.session.tracker is None:
            return sensor_line(one)
        screen = self._screens[one.lifter.sensor]
        return Group(sensor_line(one), "", screen.render(one.session.tracker.status()))

    def summary(self) -> RenderableType:
        """The sets of all sensors, at the end."""
        parts: list[RenderableType] = []
        for one in self._watched:
            screen = self._screens[one.lifter.sensor]
            if len(self._watched) > 1:
                parts.append(Text(who(one), "bold"))
            parts.append(screen.summary() if screen.sets else Text("no sets", "dim"))
        return Group(*parts)

    def _rows(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column("who", max_width=20, no_wrap=True)
        for head in ("", "reps", "hold", "last set"):
            table.add_column(head, no_wrap=True)
        table.add_column("sensor")
        for one in self._watched:
            table.add_row(Text(who(one), "bold"), *self._lifting(one), _sensor_cell(one))
        return table

    def _lifting(self, one: Watched) -> tuple[Text, Text, str, str]:
        """Phase, reps, hold, last set."""
        if one.session.tracker is None:
            return Text(), Text(), "", ""
        status = one.session.tracker.status()
        word, style = PHASES[status.phase] if status.set is not None else ("REST", "dim")
        hold = f"{status.phase_s:.1f}" if word == "HOLD" else ""
        reps = Text(str(status.reps), "bold" if status.set is not None else "dim")
        return Text(word, style), reps, hold, _last_set(self._screens[one.lifter.sensor].sets)


def who(one: Watched) -> str:
    """Whom a sensor is worn by, else the sensor."""
    lifter = one.lifter
    return printable(lifter.shown or lifter.athlete or lifter.sensor)


def sensor_line(one: Watched) -> Text:
    """How a sensor is, in one line; what is wrong with it, and its cure, in a line each."""
    parts = [printable(one.state.text)]
    if one.state.phase == "streaming":
        parts += _measured(one, " measured")
    if one.session.tracker is not None:
        parts.insert(0, words(one.lifter.exercise))
    line = Text(" · ".join(parts), _STYLES[one.state.phase])
    for trouble in troubles(one).values():
        line.append(f"\n{trouble}", "bold red")
    return line


def troubles(one: Watched) -> dict[str, str]:
    """What is wrong with a sensor that streams, and the cure, by what it is about."""
    found = {"tracking": one.fault, "recording": one.recorder.failure if one.recorder else None}
    if one.state.phase == "streaming":
        stream = one.session.stream
        found["battery"] = _battery_trouble(one)
        found["rate"] = _loss_trouble(stream) or _rate_trouble(stream)
    return {about: printable(text) for about, text in found.items() if text}


def _battery_trouble(one: Watched) -> str | None:
    battery_pct = _battery_pct(one)
    if battery_pct is None or battery_pct >= _FLAT_PCT:
        return None
    return f"the battery is nearly flat ({battery_pct:.0f} %): charge it"


def _loss_trouble(stream: Stream) -> str | None:
    """One that is slower than it says seems to lose samples, too."""
    sent = stream.samples + (stream.lost or 0)
    if stream.setup is None or sent < _JUDGED_S * stream.setup.rate_hz:
        return None
    share = (stream.lost or 0) / sent
    return f"{100 * share:.0f} % of the samples are lost: {_LESS}" if share > _LOSS else None


def _rate_trouble(stream: Stream) -> str | None:
    if stream.setup is None or stream.rate_hz is None:
        return None
    asked_hz, rate_hz = stream.setup.rate_hz, stream.rate_hz
    if abs(rate_hz / asked_hz - 1.0) <= _RATE_OFF:
        return None
    cure = _LESS if rate_hz < asked_hz else "switch it off and on"
    return f"it streams at {rate_hz:.0f} Hz, not at {asked_hz:g} Hz: {cure}"


def _notes(one: Watched) -> list[Text]:
    """What does not fit into its row: what to do about it."""
    texts = [*troubles(one).values()]
    if one.state.phase != "streaming" and ": " in one.state.text:
        texts.append(printable(one.state.text))
    return [Text.assemble((f"{who(one)}  ", "bold"), (text, "red")) for text in texts]


def _sensor_cell(one: Watched) -> Text:
    """How a sensor is, in a word or two numbers."""
    if one.state.phase != "streaming":
        return Text(one.state.phase, _STYLES[one.state.phase])
    style = "bold red" if troubles(one) else _STYLES["streaming"]
    return Text(" · ".join(_measured(one)), style)


def _measured(one: Watched, unit_note: str = "") -> list[str]:
    stream, battery_pct = one.session.stream, _battery_pct(one)
    parts = [f"{number(stream.rate_hz, 1, ' Hz')}{unit_note}"]
    if one.session.tracker is None:
        parts.append(f"{stream.samples} samples")
    if stream.lost:
        parts.append(f"{stream.lost} lost")
    if battery_pct is not None:
        parts.append(f"{battery_pct:.0f} %" if not unit_note else f"battery {battery_pct:.0f} %")
    return parts


def _battery_pct(one: Watched) -> float | None:
    state_pct = one.state.battery_pct
    return one.session.stream.battery_pct if state_pct is None else state_pct


def _last_set(sets: Sequence[SetSummary]) -> str:
    if not sets:
        return ""
    last = sets[-1]
    return f"{last.reps} reps, loss {last.velocity_loss_pct:.0f} %"
