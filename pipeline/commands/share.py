"""``hiprep share``: a recording for a bug report, without the name of anybody."""

import argparse
import sys
from pathlib import Path

from pipeline.commands import CommandError
from sensor.checks import RecordingError
from sensor.raw_recording import RawRecording
from sensor.recording import open_recording
from sensor.share import share


def run(args: argparse.Namespace) -> int:
    """Write one small file beside where the command runs, or where --out says."""
    try:
        with open_recording(args.recording) as recording:
            ending = "hiprec.gz" if isinstance(recording, RawRecording) else "csv.gz"
        target: Path = args.out or Path(f"hiprep-shared.{ending}")
        share(args.recording, target)
    except RecordingError as error:
        raise CommandError(str(error)) from error
    size_kb = target.stat().st_size / 1000
    print(
        f"hiprep: wrote {target}, {size_kb:.0f} kB, without names, notes and addresses",
        file=sys.stderr,
    )
    return 0
