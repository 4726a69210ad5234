"""``hiprep export``: a recording as imu-csv/1, for other programs."""

import argparse
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.commands.files import write_csv
from sensor.recording import RecordingError, open_recording


def run(args: argparse.Namespace) -> int:
    """Write the samples of a recording, at the times that its replay gives them."""
    target: Path = args.out
    if not target.name.endswith((".csv", ".csv.gz")):
        raise CommandError(f"{target} is no name for imu-csv/1: end it with .csv or .csv.gz")
    try:
        with open_recording(args.recording) as recording:
            write_csv(recording, target, recording.meta, force=args.force)
    except RecordingError as error:
        raise CommandError(str(error)) from error
    return 0
