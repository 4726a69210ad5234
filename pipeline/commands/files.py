"""Files that commands write: whole, or not at all."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.display import footnotes
from sensor.imu_csv import write_imu_csv
from sensor.recording import AnyRecording
from sensor.samples import SampleBlock


@contextmanager
def new_file(target: Path, *, force: bool) -> Iterator[Path]:
    """A path to write to, that becomes the target in the end. Raises CommandError."""
    # The ending stays: it says whether the file is compressed.
    part = target.with_name(f".part-{os.getpid()}-{target.name}")
    try:
        if target.exists() and not force:
            raise CommandError(f"{target} is there already (--force overwrites it)")
        yield part
        part.replace(target)
    except OSError as error:
        raise CommandError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink()


def write_csv(
    recording: AnyRecording, target: Path, meta: Mapping[str, str], *, force: bool
) -> None:
    """Write the samples of a recording, and say what came of it.

    Raises CommandError, or RecordingError for a recording that cannot be used.
    """
    written = 0

    def counted() -> Iterator[SampleBlock]:
        nonlocal written
        for block in recording.blocks(1000):
            written += len(block)
            yield block

    with new_file(target, force=force) as part:
        try:
            write_imu_csv(part, counted(), meta)
        except ValueError as error:
            raise CommandError(str(error)) from error
    print(f"hiprep: wrote {written} samples to {target}", file=sys.stderr)
    for note in footnotes(recording.skipped):
        print(f"hiprep: {note}", file=sys.stderr)
