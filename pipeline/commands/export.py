"""``hiprep export``: a recording as imu-csv/1, for other programs."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.commands.files import new_file
from sensor.imu_csv import write_imu_csv
from sensor.recording import RecordingError, open_recording
from sensor.samples import SampleBlock


def run(args: argparse.Namespace) -> int:
    """Write the samples of a recording, at the times that its replay gives them."""
    target: Path = args.out
    if not target.name.endswith((".csv", ".csv.gz")):
        raise CommandError(f"{target} is no name for imu-csv/1: end it with .csv or .csv.gz")
    written = 0

    def counted(blocks: Iterator[SampleBlock]) -> Iterator[SampleBlock]:
        nonlocal written
        for block in blocks:
            written += len(block)
            yield block

    try:
        with (
            open_recording(args.recording) as recording,
            new_file(target, force=args.force) as part,
        ):
            write_imu_csv(part, counted(recording.blocks(1000)), recording.meta)
    except (RecordingError, ValueError) as error:
        raise CommandError(str(error)) from error
    print(f"hiprep: wrote {written} samples to {target}", file=sys.stderr)
    return 0
