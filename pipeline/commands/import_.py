"""``hiprep import``: a recording of another program, put with one's own."""

import argparse
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pipeline import exercises
from pipeline.commands import CommandError
from pipeline.commands.common import usable_settings
from pipeline.commands.files import write_csv
from pipeline.lifters import NoLifterError, refuse_as_athlete
from pipeline.settings import DEFAULT_EXERCISE
from sensor.raw_recording import RawRecording
from sensor.recording import RecordingError, open_recording


def run(args: argparse.Namespace) -> int:
    """Check a recording, say whose it is, and put it into the folder of recordings."""
    if args.recording == "-":
        raise CommandError("import takes a file: its name and its date are kept")
    folder = usable_settings().recordings
    told = {"athlete": args.athlete, "exercise": args.exercise, "sensor": args.sensor}
    source = Path(args.recording)
    try:
        refuse_as_athlete(args.athlete)
        with open_recording(source) as recording:
            if isinstance(recording, RawRecording):
                raise CommandError(f"{source} needs no import: copy it to {folder}")
            meta = recording.meta | {key: text for key, text in told.items() if text}
            if meta.setdefault("exercise", DEFAULT_EXERCISE) not in exercises.names():
                known = ", ".join(exercises.names())
                raise CommandError(f"{source}: say what was done: --exercise, one of {known}")
            meta.setdefault("session", _session(source))
            # From now on it is one of ours: what it says of the exercise is replayed as such.
            meta["hiprep"] = version("hiprep")
            folder.mkdir(parents=True, exist_ok=True)
            stem = source.name.removesuffix(".gz").removesuffix(".csv")
            write_csv(recording, folder / f"{stem}.csv.gz", meta, force=args.force)
    except (NoLifterError, RecordingError) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"cannot write to {folder}: {error.strerror or error}") from error
    return 0


def _session(path: Path) -> str:
    """When it was recorded, as well as can be known."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%SZ")
