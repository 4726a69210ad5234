"""``hiprep import``: a recording of another program, put with one's own."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.commands.common import usable_settings
from pipeline.commands.files import new_file
from sensor.imu_csv import write_imu_csv
from sensor.recording import RecordingError, open_recording


def run(args: argparse.Namespace) -> int:
    """Check a recording, say whose it is, and put it into the folder of recordings."""
    folder = usable_settings().recordings
    told = {"athlete": args.athlete, "exercise": args.exercise, "sensor": args.sensor}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open_recording(args.recording) as recording:
            meta = recording.meta | {key: text for key, text in told.items() if text}
            meta.setdefault("session", _session(Path(args.recording)))
            stem = Path(args.recording).name.split(".")[0]
            target = folder / f"{stem}.csv.gz"
            with new_file(target, force=args.force) as part:
                write_imu_csv(part, recording.blocks(1000), meta)
    except OSError as error:
        raise CommandError(f"cannot write to {folder}: {error.strerror}") from error
    except (RecordingError, ValueError) as error:
        raise CommandError(str(error)) from error
    print(f"hiprep: {target}", file=sys.stderr)
    return 0


def _session(path: Path) -> str:
    """When it was recorded, as well as can be known."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%SZ")
