"""The screen of a lifter a few steps away: large, few words."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.display import session_view
from pipeline.events import Event, Rep, RepWithdrawn, SetSummary, Status

PHASES = {
    "idle": ("READY", "dim"),
    "bottom": ("BOTTOM", "magenta"),
    "concentric": ("UP", "bright_blue"),
    "top": ("HOLD", "bright_yellow"),
    "eccentric": ("DOWN", "bright_green"),
}
_BAR_WIDTH = 50
_ROM_UNTIL_KNOWN_DEG = 60.0

# Five rows of three cells each; a cell is four columns wide and two rows high.
_GLYPHS = {
    "0": "###|# #|# #|# #|###",
    "1": "  #|  #|  #|  #|  #",
    "2": "###|  #|###|#  |###",
    "3": "###|  #|###|  #|###",
    "4": "# #|# #|###|  #|  #",
    "5": "###|#  |###|  #|###",
    "6": "###|#  |###|# #|###",
    "7": "###|  #|  #|  #|  #",
    "8": "###|# #|###|# #|###",
    "9": "###|# #|###|  #|###",
    ".": " | | | |#",
}


class Screen:
    """What a lifter sees: the count, the hold, the phase, the last rep, the sets so far.

    sets: those that are over.
    """

    def __init__(self) -> None:
        self.sets: list[SetSummary] = []
        self._last: Rep | None = None

    def take(self, event: Event) -> None:
        """Let an event show from now on."""
        match event:
            case Rep():
                self._last = event
            case RepWithdrawn() if self._last and self._last.id == event.id:
                self._last = None
            case SetSummary():
                self.sets.append(event)
                self._last = None

    def render(self, status: Status) -> RenderableType:
        """The screen at this moment."""
        resting = status.set is None and self._last is None
        holding = status.phase == "top" and not resting
        reps = self.sets[-1].reps if resting and self.sets else status.reps
        word, style = ("REST" if self.sets else "READY", "dim") if resting else PHASES[status.phase]
        big = Table.grid(padding=(0, 8, 0, 0))
        big.add_row(Text("REPS", "bold"), Text("HOLD s", "bold" if holding else "dim"))
        big.add_row(
            Text(block_digits(str(reps)), "dim" if resting else ""),
            Text(block_digits(f"{self._held_s(status):.1f}"), style if holding else "dim"),
        )
        phase = Text.assemble((f"{word:<8}", f"bold {style}"), (self._bar(status), style))
        return Group(big, "", phase, "", self._last_rep(), "", self.summary())

    def summary(self) -> RenderableType:
        """The sets so far, one row each."""
        return session_view(self.sets) if self.sets else Text()

    def _held_s(self, status: Status) -> float:
        rep = self._last
        if status.phase == "top":
            return status.phase_s
        if rep and rep.top_pause_s is None and status.phase == "eccentric":
            return max(0.0, status.t_s - status.phase_s - rep.concentric_end_s)
        return rep.top_pause_s or 0.0 if rep else 0.0

    def _bar(self, status: Status) -> str:
        """How high the hips are, of the last rep's range."""
        rom_deg = self._last.rom_deg if self._last else _ROM_UNTIL_KNOWN_DEG
        part = min(1.0, max(0.0, (status.pitch_deg or 0.0) / rom_deg))
        filled = round(part * _BAR_WIDTH)
        return "█" * filled + "░" * (_BAR_WIDTH - filled)

    def _last_rep(self) -> Text:
        rep = self._last
        if rep is None:
            return Text()
        phases = {"down": rep.eccentric_s, "up": rep.concentric_s, "hold": rep.top_pause_s}
        known = (f"{name} {took_s:.1f}" for name, took_s in phases.items() if took_s is not None)
        return Text("LAST REP  " + "   ".join(known), "bold")


def block_digits(text: str) -> str:
    """Digits and points, ten rows high."""
    rows = ["  ".join(_row(glyph, i) for glyph in text) for i in range(5)]
    return "\n".join(row for row in rows for _ in range(2))


def _row(digit: str, row: int) -> str:
    return "".join(cell * 4 for cell in _GLYPHS[digit].split("|")[row]).replace("#", "█")
