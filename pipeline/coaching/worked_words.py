"""What was worked with in a session, and what its reps lacked, in words."""

from pipeline.coaching.phrases import Numbers
from pipeline.coaching.worked import (
    FEW_FAULTS_PCT,
    FULL_ROM_PCT,
    KEPT_HOLDS_PCT,
    Quality,
    Worked,
)


def all_sets(last: Worked, say: Numbers) -> str:
    """``1 set``, ``both sets``, ``all 3 sets``: of which all did the same."""
    if len(last.sets) == 2:
        return "both sets"
    count = say.say("sets", len(last.sets))
    return "1 set" if len(last.sets) == 1 else f"all {count} sets"


def whole_range(quality: Quality) -> str:
    """``full range of motion``, or ``usual`` where nobody saved what a full one is."""
    return f"{'full' if quality.full else 'usual'} range of motion"


def missing(quality: Quality, say: Numbers) -> str:
    """What speaks against more load."""
    parts = []
    if quality.rom_pct is not None and quality.rom_pct < FULL_ROM_PCT:
        rom_pct = say.say("rom_pct", quality.rom_pct, 1)
        parts.append(f"range ({rom_pct} % of your {whole_range(quality)})")
    if quality.holds_pct is not None and quality.holds_pct < KEPT_HOLDS_PCT:
        holds_pct = say.say("holds_pct", quality.holds_pct, 1)
        parts.append(f"the hold ({holds_pct} % were long enough)")
    if quality.faults_pct is not None and quality.faults_pct > FEW_FAULTS_PCT:
        faults_pct = say.say("faults_pct", quality.faults_pct, 1)
        parts.append(f"clean reps ({faults_pct} % had a fault)")
    return ", ".join(parts)
