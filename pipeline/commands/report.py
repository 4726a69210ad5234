"""``hiprep report``: one page about a session, for whoever lifted it."""

import argparse
import sys
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from pipeline.commands import CommandError
from pipeline.commands.athlete_case import athlete_case
from pipeline.commands.common import athlete_key, usable_settings
from pipeline.commands.files import new_file
from pipeline.commands.history_source import history_source
from pipeline.delivery import history
from pipeline.delivery.history import HistoryError, HistorySource, Row, SessionRow, Wanted
from pipeline.delivery.placing import id_part
from pipeline.report_page.meant import Meant, as_said, by_rules
from pipeline.report_page.page import page
from pipeline.report_page.told import Told, tell
from pipeline.settings import Settings, SettingsError
from pipeline.settings_coaching import preferences_of
from pipeline.toml_table import meant
from sensor.recording import RecordingError
from sensor.scan import printable

LATEST = "latest"
_NAMED = 5
"""So many sessions are named where one is not found."""


def run(args: argparse.Namespace) -> int:
    """Write the page, and plots beside it."""
    settings = usable_settings()
    try:
        with history_source(settings) as source:
            told = _told(source, settings, args)
            meant = _meant(source, settings, told)
    except (HistoryError, SettingsError) as error:
        raise CommandError(str(error)) from error
    folder: Path = args.out
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"cannot write to {folder}: {error.strerror or error}") from error
    stem = f"hiprep-{id_part(told.session.session)}-{id_part(told.session.athlete)}"
    _write(told, meant, settings, folder / stem, args.recording)
    return 0


def _told(source: HistorySource, settings: Settings, args: argparse.Namespace) -> Told:
    athlete = athlete_key(settings, args.athlete) if args.athlete else None
    session = _session(source, args.session, athlete)
    sets = history.sets(source, Wanted(athlete=session.athlete))
    reps = history.reps(source, Wanted(athlete=session.athlete, since_us=session.time_us))
    entry = settings.athletes.get(session.athlete)
    name = printable(entry.name if entry else session.athlete)
    unit = preferences_of(settings, session.athlete).unit
    told = tell(session, name, sets, reps, unit)
    if not any(one.counted for one in told.sets):
        raise CommandError(
            f"session {session.session} of {session.athlete} has no reps: there is nothing to "
            "report (hiprep history sets shows what there is)"
        )
    return told


def _session(source: HistorySource, asked: str, athlete: str | None) -> SessionRow:
    """The one that is meant. asked: its name, or latest."""
    everybody = history.sessions(source, Wanted())
    rows = [row for row in everybody if athlete in (None, row.athlete)]
    if not rows:
        _nobody(athlete, everybody)
    name = rows[-1].session if asked == LATEST else asked
    found = [row for row in rows if name in (row.session, row.id)]
    if not found:
        _no_session(asked, athlete, rows)
    whose = dict.fromkeys(row.athlete for row in found)
    if len(whose) > 1:
        raise CommandError(
            f"session {name} is of {' and '.join(whose)}: say which with --athlete NAME"
        )
    return found[-1]


def _nobody(athlete: str | None, rows: Sequence[SessionRow]) -> NoReturn:
    if not rows:
        raise CommandError("no session yet: hiprep run or hiprep live --publish makes one")
    known = sorted({row.athlete for row in rows})
    near = meant(athlete or "", known) or f"; there are {', '.join(known[:20])}"
    raise CommandError(f"no session of {printable(athlete or '')}{near}")


def _no_session(asked: str, athlete: str | None, rows: Sequence[SessionRow]) -> NoReturn:
    names = list(dict.fromkeys(row.session for row in reversed(rows)))
    near = meant(asked.upper(), names) or meant(asked, names)
    whose = f" of {athlete}" if athlete else ""
    raise CommandError(
        f"there is no session {printable(asked)}{whose}{near}; the last ones: "
        f"{', '.join(names[:_NAMED])}"
    )


def _meant(source: HistorySource, settings: Settings, told: Told) -> Meant:
    """What was said when it was lifted; else what the rules say of it now."""
    session, rows = told.session, [one.row for one in told.sets]
    wanted = Wanted(athlete=session.athlete, since_us=session.time_us)
    advised = history.advice(source, wanted)
    own = [one for one in advised if _place(one) == _place(session)]
    if own:
        return as_said(own, rows)
    ended = datetime.fromtimestamp(max(one.time_us for one in rows) / 1e6, UTC).astimezone()
    return by_rules(athlete_case(source, settings, session.athlete, ended), rows)


def _place(row: Row) -> tuple[str, str, str]:
    return row.site, row.device, row.session


def _write(told: Told, meant: Meant, settings: Settings, stem: Path, given: Path | None) -> None:
    # Matplotlib takes longer to import than all the rest takes.
    from pipeline.commands.report_movement import movement, recording_of  # noqa: PLC0415
    from pipeline.plot import draw  # noqa: PLC0415
    from pipeline.report_page.plots import figures  # noqa: PLC0415

    recording = given or recording_of(told, settings.recordings)
    moved = None
    try:
        moved = movement(told, recording) if recording else None
    except RecordingError as error:
        if given:
            raise CommandError(str(error)) from error
        print(f"hiprep: without the movement: {error}", file=sys.stderr)
    text = page(told, moved.curves if moved else {}, meant)
    target = stem.with_name(f"{stem.name}.html")
    # A report that is written again replaces the one before.
    with new_file(target, force=True) as part:
        part.write_text(text, encoding="utf-8")
    with warnings.catch_warnings():
        # A name may have letters that no font here has: they are drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        for name, figure in figures(told).items():
            with new_file(stem.with_name(f"{stem.name}-{name}.png"), force=True) as part:
                figure.savefig(part, format="png")
        if moved and recording:
            with new_file(stem.with_name(f"{stem.name}-pitch.png"), force=True) as part:
                draw(part, moved.trace, moved.events, recording.name)
    print(f"wrote {target} and its pictures beside it, {stem.name}-*.png")
